/* Members by name: the list that `--only` takes. */
#include "sweep/internal.h"
#include <string.h>

bool sweep_find_members(const struct sweep *s, const char *text, size_t **ret, size_t *ret_n,
                        struct error *err)
{
    struct arena *a = s->arena;
    struct sweep_names names = sweep_names_new(s);
    size_t *found = arena_alloc(a, (strlen(text) / 2 + 1) * sizeof *found), n = 0;
    bool ok = true;
    for (size_t line = 1; ok && *text; line++) {
        size_t length = strcspn(text, "\n");
        const char *name = arena_strndup(a, text, length);
        size_t m = sweep_names_find(&names, name);
        if (m != SIZE_MAX)
            found[n++] = m;
        else if (length > 0)
            ok = error_set(err, ERR_USAGE, "line %zu: this sweep has no member '%s'", line, name);
        text += length + (text[length] == '\n');
    }
    sweep_names_free(&names);
    *ret = found;
    *ret_n = n;
    return ok;
}
