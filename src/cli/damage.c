#include "cli/damage.h"
#include "sweep/sweep.h"
#include "util/log.h"
#include "util/mem.h"
#include <string.h>

/* The folder that a run's lies in. */
static const char *folder_around(struct arena *a, const char *folder)
{
    const char *slash = strrchr(folder, '/');
    return slash ? arena_strndup(a, folder, (size_t)(slash - folder)) : ".";
}

/* Members have specs of their own: those of a sweep whose sweep.yaml is damaged are shown. Runs of
 * one sweep follow each other. */
static int tell_sweeps(const struct collection *c)
{
    struct arena a;
    struct error err;
    const char *before = "";
    int code = 0;
    arena_init(&a);
    for (size_t i = 0; i < c->runs; i++) {
        const char *around = folder_around(&a, c->run[i].folder);
        if (c->run[i].published || strcmp(around, before) == 0)
            continue;
        before = around;
        if (!sweep_is_folder(around) || sweep_check_folder(around, &err))
            continue;
        log_warn("%s; its members are shown by their own specs", err.message);
        code = ERR_DATA;
    }
    arena_fini(&a);
    return code;
}

int cli_tell_damage(const struct collection *c)
{
    size_t all = c->runs + c->damaged + c->copies;
    for (size_t i = 0; i < c->damaged; i++)
        log_warn("left out: %s", c->damage[i].why);
    if (c->damaged > 1)
        log_warn("%zu of %zu runs cannot be read; the others are shown", c->damaged, all);
    int sweeps = tell_sweeps(c);
    return c->damaged > 0 ? ERR_DATA : sweeps;
}
