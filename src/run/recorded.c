/* What a run's spec.yaml is, and what to do where it is not. */
#include "folder/folder.h"
#include "run/internal.h"
#include "util/text.h"
#include <string.h>

const char *run_spec_remedy(struct arena *a, const char *folder)
{
    return arena_printf(a,
                        "; put it back as it was, or %s'descent run SPEC -o %s' with the run's own "
                        "spec writes it again",
                        folder_has(folder, FOLDER_SPEC) ? "remove it and " : "", text_word(folder));
}

static const struct node *parse(struct arena *a, const char *path, const char *text,
                                struct diags *d)
{
    struct source *source = arena_alloc(a, sizeof *source);
    *source = (struct source){.path = path, .text = text, .length = strlen(text)};
    return node_parse_sections(a, source, d);
}

bool run_refuse_spec(const char *folder, const struct diags *d, struct error *err)
{
    struct arena a;
    arena_init(&a);
    const char *why = d->n > 0 ? d->item[0].message : "this is no spec";
    unsigned line = d->n > 0 ? d->item[0].place.line : 0;
    const char *path = folder_path(&a, folder, FOLDER_SPEC),
               *at = line > 0 ? arena_printf(&a, "%s:%u", path, line) : path;
    error_set(err, ERR_DATA, "%s: %s%s", at, why, run_spec_remedy(&a, folder));
    arena_fini(&a);
    return false;
}

bool run_parse_recorded(struct arena *a, const char *folder, const char *text,
                        const struct node **ret, struct error *err)
{
    struct diags d;
    int64_t number;
    diags_init(&d, a);
    *ret = parse(a, folder_path(a, folder, FOLDER_SPEC), text, &d);
    const struct node *seed = *ret ? node_get(*ret, "seed") : NULL;
    if (*ret && (!seed || !node_as_int(seed, &number)))
        diags_add(&d, (struct place){0}, NULL,
                  "a run's own spec has a 'seed', and this one has none: it was cut or replaced");
    return d.n == 0 || run_refuse_spec(folder, &d, err);
}
