/* What a piece of a sequence of schedules says in vain. */
#include "spec/spec.h"
#include <string.h>

static bool is(const struct node *map, const char *key, const char *text)
{
    const struct node *value = node_get(map, key);
    return value && value->kind == NODE_SCALAR && strcmp(value->text, text) == 0;
}

/* A resolved spec has all keys of every piece, and so the default of `interval`, which nobody gave. */
static const struct node *in_piece(const struct node *piece)
{
    return is(piece, "interval", "epoch") && !node_get(piece, "max_batch_size")
               ? node_get(piece, "interval")
               : NULL;
}

static const struct node *in_schedule(const struct node *schedule)
{
    const struct node *pieces = node_get(schedule, "schedules"), *found = NULL;
    if (!pieces || !is(schedule, "name", "sequential"))
        return NULL;
    bool list = pieces->kind == NODE_LIST, steps = is(schedule, "interval", "step");
    for (size_t i = 0; i < (list ? pieces->n : 1) && !found; i++) {
        const struct node *piece = list ? pieces->item[i] : pieces;
        found = steps ? in_piece(piece) : NULL;
        found = found ? found : in_schedule(piece);
    }
    return found;
}

const struct node *spec_ignored_interval(const struct spec *s)
{
    const struct node *all = node_get(s->root, "scheduler"), *found = NULL;
    if (!all || all->kind != NODE_LIST)
        return all ? in_schedule(all) : NULL;
    for (size_t i = 0; i < all->n && !found; i++)
        found = in_schedule(all->item[i]);
    return found;
}
