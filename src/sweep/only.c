/* Members by name: the list that `--only` takes. */
#include "sweep/internal.h"
#include <stdlib.h>
#include <string.h>

static int by_folder(const void *a, const void *b)
{
    return strcmp((*(const struct sweep_member *const *)a)->folder,
                  (*(const struct sweep_member *const *)b)->folder);
}

bool sweep_find_members(const struct sweep *s, const char *text, size_t **ret, size_t *ret_n,
                        struct error *err)
{
    struct arena *a = s->arena;
    const struct sweep_member **v = mem_array(s->members + 1, sizeof *v);
    size_t *found = arena_alloc(a, (strlen(text) / 2 + 1) * sizeof *found), n = 0;
    bool ok = true;
    for (size_t i = 0; i < s->members; i++)
        v[i] = &s->member[i];
    qsort(v, s->members, sizeof *v, by_folder);
    for (size_t line = 1; ok && *text; line++) {
        size_t length = strcspn(text, "\n");
        struct sweep_member named = {.folder = arena_strndup(a, text, length)};
        const struct sweep_member *wanted = &named;
        const struct sweep_member *const *m = bsearch(&wanted, v, s->members, sizeof *v, by_folder);
        if (m)
            found[n++] = (size_t)(*m - s->member);
        else if (length > 0)
            ok = error_set(err, ERR_USAGE, "line %zu: this sweep has no member '%s'", line,
                           named.folder);
        text += length + (text[length] == '\n');
    }
    mem_free(v);
    *ret = found;
    *ret_n = n;
    return ok;
}
