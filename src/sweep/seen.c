/* Which settings a search has drawn already: a hash table of their labels. */
#include "sweep/internal.h"
#include "util/hash.h"
#include <string.h>

struct sweep_seen {
    size_t keys, slots;
    const struct sweep_setting **slot;
};

struct sweep_seen *sweep_seen_new(struct arena *a, size_t settings, size_t keys)
{
    struct sweep_seen *s = arena_alloc(a, sizeof *s);
    s->keys = keys;
    for (s->slots = 16; s->slots < 2 * settings;)
        s->slots *= 2;
    s->slot = arena_alloc(a, s->slots * sizeof *s->slot);
    return s;
}

static bool is_same(const struct sweep_seen *s, const struct sweep_setting *a,
                    const struct sweep_setting *b)
{
    for (size_t i = 0; i < s->keys; i++)
        if (strcmp(a[i].label, b[i].label) != 0)
            return false;
    return true;
}

bool sweep_seen_add(struct sweep_seen *s, const struct sweep_setting *v)
{
    uint64_t h = hash_of_nothing;
    for (size_t i = 0; i < s->keys; i++)
        h = hash_add(hash_add_text(h, v[i].label), '/');
    size_t at = hash_slot(h, s->slots);
    for (; s->slot[at]; at = (at + 1) & (s->slots - 1))
        if (is_same(s, s->slot[at], v))
            return false;
    s->slot[at] = v;
    return true;
}
