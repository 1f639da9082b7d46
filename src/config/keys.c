/* A tree as a list of dotted keys. */
#include "config/node.h"

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

static void walk(const struct walk *w, const char *key, const struct node *n)
{
    if (is_leaf(w, n)) {
        w->f(w->context, key, n);
        return;
    }
    const char *dot = key[0] ? "." : "";
    for (size_t i = 0; i < n->n; i++)
        walk(w,
             n->kind == NODE_MAP ? arena_printf(w->arena, "%s%s%s", key, dot, n->key[i])
                                 : arena_printf(w->arena, "%s%s%zu", key, dot, i),
             n->item[i]);
}

void node_each_leaf(struct arena *a, const struct node *root, bool whole_lists, node_leaf *f,
                    void *context)
{
    const struct walk w = {a, whole_lists, f, context};
    walk(&w, "", root);
}
