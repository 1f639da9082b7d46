/* What conditions and orders may name beside the keys, as `skip` does: lists of several entries by
 * the names of all ("scheduler" is warmup+cosine), and entries of lists of values ("hidden.0"). */
#include "study/flatten.h"
#include "util/text.h"
#include <string.h>

/* "[75, 45]" has two entries; what is no list has none. */
static size_t entries_of(const struct collected_value *v)
{
    if (!v || v->type != EXPR_TEXT || v->text[0] != '[' || v->text[1] == ']')
        return 0;
    size_t n = 1;
    for (const char *s = v->text; (s = strstr(s, ", ")); s += 2)
        n++;
    return n;
}

static const struct collected_value *entry_of(struct flattener *f, const struct collected_value *v,
                                              size_t i)
{
    if (i >= entries_of(v))
        return NULL;
    const char *s = v->text + 1;
    for (; i > 0; i--)
        s = strstr(s, ", ") + 2;
    const char *end = strstr(s, ", ");
    size_t n = end ? (size_t)(end - s) : strlen(s) - 1; /* the bracket */
    const struct node entry = {.kind = NODE_SCALAR, .text = arena_strndup(f->a, s, n)};
    return flattener_value(f, entry.text, &entry);
}

static const struct collected_value *value_of(const struct collection *c,
                                              const struct collected_run *r, struct arena *a,
                                              const char *list, size_t entry, const char *rest)
{
    size_t key = collect_key_index(c, arena_printf(a, "%s.%zu%s", list, entry, rest));
    return key < c->keys ? r->value[key] : NULL;
}

/* NULL where an entry has no name. */
static const struct collected_value *names_of(struct flattener *f, const struct collection *c,
                                              const struct collected_run *r, const char *list)
{
    const struct collected_value *name = value_of(c, r, f->a, list, 0, ".name"), *next;
    const char *text = name ? name->text : NULL;
    size_t n = 1;
    for (; name && (next = value_of(c, r, f->a, list, n, ".name")); n++)
        text = arena_printf(f->a, "%s+%s", text, next->text);
    if (!name || value_of(c, r, f->a, list, n, ""))
        return NULL;
    return n == 1 ? name : flattener_value(f, text, NULL);
}

/* A name beside the keys. */
struct other_name {
    const char *name;
    size_t of;    /* the key of a list of values; c->keys: names of entries */
    size_t entry; /* of that list */
};

struct other_names {
    struct arena *a;
    struct other_name *v;
    size_t n, room;
};

static void add(struct other_names *x, const char *name, size_t of, size_t entry)
{
    x->v = arena_room(x->a, x->v, x->n, &x->room, sizeof *x->v);
    x->v[x->n++] = (struct other_name){name, of, entry};
}

static void find_names(struct other_names *x, const struct collection *c)
{
    static const char second[] = ".1.name";
    for (size_t k = 0; k < c->keys; k++) {
        size_t n = strlen(c->key[k]), most = 0;
        if (text_ends(c->key[k], second))
            add(x, arena_strndup(x->a, c->key[k], n - strlen(second)), c->keys, 0);
        for (size_t i = 0; i < c->runs; i++) {
            size_t entries = entries_of(c->run[i].value[k]);
            most = entries > most ? entries : most;
        }
        for (size_t e = 0; e < most; e++)
            add(x, arena_printf(x->a, "%s.%zu", c->key[k], e), k, e);
    }
}

void collect_add_names(struct flattener *f, struct collection *c)
{
    struct other_names x = {.a = f->a};
    find_names(&x, c);
    c->names = c->keys + x.n;
    if (x.n == 0)
        return;
    const char **key = arena_alloc(f->a, c->names * sizeof *key);
    memcpy(key, c->key, c->keys * sizeof *key);
    for (size_t i = 0; i < x.n; i++)
        key[c->keys + i] = x.v[i].name;
    for (size_t r = 0; r < c->runs; r++) {
        struct collected_run *run = &c->run[r];
        const struct collected_value **value = arena_alloc(f->a, c->names * sizeof *value);
        memcpy(value, run->value, c->keys * sizeof *value);
        for (size_t i = 0; i < x.n; i++) {
            const struct other_name *name = &x.v[i];
            size_t own = collect_key_index(c, name->name);
            if (own < c->keys && value[own]) /* null, or an entry beside mappings */
                value[c->keys + i] = value[own];
            else
                value[c->keys + i] = name->of < c->keys ? entry_of(f, value[name->of], name->entry)
                                                        : names_of(f, c, run, name->name);
        }
        run->value = value;
    }
    c->key = key;
}
