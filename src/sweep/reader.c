/* What reading the section `sweep` begins with: factors, their keys, rows that are trees. */
#include "sweep/axes.h"
#include <string.h>

struct sweep_factor *axes_add_factor(struct axes_reader *r, size_t n)
{
    struct sweep *s = r->s;
    s->factor = arena_room(r->a, s->factor, s->factors, &r->factor_room, sizeof *s->factor);
    struct sweep_factor *f = &s->factor[s->factors++];
    *f = (struct sweep_factor){.n = n, .v = arena_alloc(r->a, (n + 1) * sizeof *f->v)};
    return f;
}

size_t axes_add_key(struct axes_reader *r, const char *path, struct place at, size_t first_key)
{
    struct sweep *s = r->s;
    for (size_t i = 0; i < s->keys; i++)
        if (strcmp(s->key[i].path, path) == 0) {
            if (i < first_key)
                AXES_FAIL(r, at, "'%s' has values from another axis already", path);
            return i;
        }
    if (strcmp(path, "sweep") == 0 || strncmp(path, "sweep.", 6) == 0 ||
        strcmp(path, "extends") == 0)
        AXES_FAIL(r, at, "'%s' is not a setting of a run", path);
    s->key = arena_room(r->a, s->key, s->keys, &r->key_room, sizeof *s->key);
    s->key[s->keys] = (struct sweep_key){.path = path, .is_seed = strcmp(path, "seed") == 0};
    return s->keys++;
}

void axes_write_node(const void *field, struct strbuf *out)
{
    const struct node *n = *(const struct node *const *)field;
    struct arena a;
    arena_init(&a);
    strbuf_add(out, n ? sweep_canonical(&a, n) : "null");
    arena_fini(&a);
}
