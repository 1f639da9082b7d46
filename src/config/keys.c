/* A tree as a list of dotted keys. */
#include "config/node.h"
#include <string.h>

struct walk {
    struct arena *arena;
    bool whole_lists;
    node_leaf *f;
    void *context;
};

static bool is_leaf(const struct walk *w, const struct node *n)
{
    if (n->kind == NODE_SCALAR || n->n == 0)
        return true;
    for (size_t i = 0; i < n->n; i++)
        if (n->item[i]->kind != NODE_SCALAR)
            return false;
    return w->whole_lists && n->kind == NODE_LIST;
}

/* "optimizer" and "lr" -> "optimizer.lr". */
static const char *below(struct arena *a, const char *key, const char *name)
{
    size_t n = strlen(key), more = strlen(name);
    char *s = arena_alloc(a, n + more + 2);
    memcpy(s, key, n + 1);
    if (n > 0)
        s[n++] = '.';
    memcpy(s + n, name, more + 1);
    return s;
}

static void walk(const struct walk *w, const char *key, const struct node *n)
{
    if (is_leaf(w, n)) {
        w->f(w->context, key, n);
        return;
    }
    for (size_t i = 0; i < n->n; i++) {
        const char *name = n->kind == NODE_MAP ? n->key[i] : arena_printf(w->arena, "%zu", i);
        walk(w, below(w->arena, key, name), n->item[i]);
    }
}

void node_each_leaf(struct arena *a, const struct node *root, bool whole_lists, node_leaf *f,
                    void *context)
{
    const struct walk w = {a, whole_lists, f, context};
    walk(&w, "", root);
}

void node_write_list(const struct node *n, struct strbuf *out)
{
    strbuf_add_char(out, n->kind == NODE_MAP ? '{' : '[');
    for (size_t i = 0; i < n->n; i++)
        strbuf_addf(out, "%s%s", i ? ", " : "", n->item[i]->text);
    strbuf_add_char(out, n->kind == NODE_MAP ? '}' : ']');
}
