/* A folder of runs as TensorBoard wants it. */
#include "export/export.h"
#include "inspect/events.h"
#include "util/file.h"
#include "util/path.h"
#include <string.h>

/* The settings in which the runs differ; a run of another kind has not all of them. */
static size_t settings_of(const struct collection *c, const struct collected_run *r,
                          struct events_setting *ret)
{
    size_t n = 0;
    for (size_t k = 0; k < c->keys; k++) {
        const struct collected_value *v = r->value[k];
        if (!v || strcmp(c->key[k], "name") == 0 || !collect_differs(c, k))
            continue;
        ret[n++] = (struct events_setting){
            .key = c->key[k], .text = v->type == EXPR_NUMBER ? NULL : v->text, .number = v->number};
    }
    return n;
}

bool export_tensorboard(struct arena *a, const struct collection *c, const char *folder,
                        struct error *err)
{
    struct events_setting *setting = arena_alloc(a, (c->keys + 1) * sizeof *setting);
    for (size_t i = 0; i < c->runs; i++) {
        const struct collected_run *r = &c->run[i];
        size_t n = settings_of(c, r, setting);
        const char *to = arena_printf(a, "%s/%s", folder, path_base(r->folder));
        if (!file_make_folder(to, err) ||
            !events_write(arena_printf(a, "%s/events.out.tfevents.descent", to), r->folder, setting,
                          n, err))
            return false;
    }
    return true;
}
