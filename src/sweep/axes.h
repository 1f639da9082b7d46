/* Reading the section `sweep`: what its parts share. */
#ifndef DESCENT_SWEEP_AXES_H
#define DESCENT_SWEEP_AXES_H

#include "sweep/internal.h"

struct axes_reader {
    struct sweep *s;
    struct arena *a;
    struct diags *d;
    size_t factor_room, key_room;
    bool ok;
};

#define AXES_FAIL(r, place, ...) ((r)->ok = diags_add((r)->d, place, NULL, __VA_ARGS__))

/* ---- reader.c ---- */

/* Another factor, of n choices. */
struct sweep_factor *axes_add_factor(struct axes_reader *r, size_t n);
/* The number of a key. `first_key`: where this factor's own keys begin; a key of an earlier factor
 * is an error. */
size_t axes_add_key(struct axes_reader *r, const char *path, struct place at, size_t first_key);

/* A row of the section that is kept as a tree, for its part to read. */
#define AXES_TREE(T, f, fallback_, shape_, ...)                                                    \
    {                                                                                              \
        .name = #f, .type = PARAM_CUSTOM, .offset = offsetof(T, f), .fallback = fallback_,         \
        .shape = shape_, .read = bind_tree, .write = axes_write_node, .nullable = true,            \
        .help = __VA_ARGS__                                                                        \
    }
/* write of such a row. */
void axes_write_node(const void *field, struct strbuf *out);

/* ---- random.c ---- */

/* The keys of `random`. */
extern const struct param axes_random_params[];
/* Reads it: as many trials as it asks for, no two of them the same. */
void axes_read_random(struct axes_reader *r, const struct node *section);

#endif
