#include "study/flatten.h"
#include "util/hash.h"
#include <string.h>

static size_t slot_of(const char *s, size_t slots)
{
    return hash_slot(hash_add_text(hash_of_nothing, s), slots);
}

static void grow(struct flattener *t)
{
    struct collected_value **old = t->slot;
    size_t size = t->slots;
    t->slots = size ? 2 * size : 1024;
    t->slot = mem_array(t->slots, sizeof(struct collected_value *));
    for (size_t i = 0; i < size; i++)
        if (old[i]) {
            size_t at = slot_of(old[i]->text, t->slots);
            while (t->slot[at])
                at = (at + 1) & (t->slots - 1);
            t->slot[at] = old[i];
        }
    mem_free(old);
}

static const struct collected_value *intern(struct flattener *t, const char *text,
                                            enum expr_type type, double number)
{
    if (2 * t->values >= t->slots)
        grow(t);
    size_t at = slot_of(text, t->slots);
    for (; t->slot[at]; at = (at + 1) & (t->slots - 1))
        if (t->slot[at]->type == type && strcmp(t->slot[at]->text, text) == 0)
            return t->slot[at];
    t->slot[at] = arena_alloc(t->a, sizeof **t->slot);
    *t->slot[at] = (struct collected_value){arena_strdup(t->a, text), type, number};
    t->values++;
    return t->slot[at];
}

/* Specs name their keys in the same order: the next one is mostly where it was in the spec
 * before. */
static size_t key_index(struct flattener *f, const char *key)
{
    if (f->at < f->keys && strcmp(f->key[f->at], key) == 0)
        return f->at++;
    for (size_t i = 0; i < f->keys; i++)
        if (strcmp(f->key[i], key) == 0) {
            f->at = i + 1;
            return i;
        }
    if (f->keys == f->key_room) {
        size_t room = 2 * f->key_room + 128;
        f->key = mem_grow(f->key, f->key_room * sizeof *f->key, room * sizeof *f->key);
        f->row = mem_grow(f->row, f->key_room * sizeof *f->row, room * sizeof *f->row);
        f->key_room = room;
    }
    f->key[f->keys] = arena_strdup(f->a, key);
    f->at = f->keys + 1;
    return f->keys++;
}

const struct collected_value *flattener_value(struct flattener *f, const char *text,
                                              const struct node *n)
{
    double number = (double)NAN;
    bool truth;
    enum expr_type type = EXPR_TEXT;
    if (n && node_is_null(n)) {
        type = EXPR_NULL;
        text = "null";
    } else if (n && node_as_bool(n, &truth)) {
        type = EXPR_NUMBER;
        number = truth;
    } else if (n && node_as_real(n, &number)) {
        type = EXPR_NUMBER;
    }
    return intern(f, text, type, number);
}

static void add_value(struct flattener *f, const char *key, const char *text, const struct node *n)
{
    size_t i = key_index(f, key);
    f->row[i] = flattener_value(f, text, n);
}

static void add_list(struct flattener *f, const char *key, const struct node *n)
{
    struct strbuf b;
    strbuf_init(&b);
    node_write_list(n, &b);
    add_value(f, key, b.text, NULL);
    strbuf_fini(&b);
}

static void add_leaf(void *context, const char *key, const struct node *n)
{
    if (n->kind == NODE_SCALAR)
        add_value(context, key, n->text, n);
    else
        add_list(context, key, n);
}

void flattener_init(struct flattener *f, struct arena *a)
{
    *f = (struct flattener){.a = a};
}

void flattener_read(struct flattener *f, struct arena *scratch, const struct node *root)
{
    f->at = 0;
    for (size_t i = 0; i < f->keys; i++)
        f->row[i] = NULL;
    node_each_leaf(scratch, root, true, add_leaf, f);
}

void flattener_add(struct flattener *f, const char *key, const char *text)
{
    add_value(f, key, text, NULL);
}

void flattener_fini(struct flattener *f)
{
    mem_free(f->key);
    mem_free(f->row);
    mem_free(f->slot);
}
