/* Specs as rows of one table: dotted keys, values that are each kept once. */
#ifndef DESCENT_STUDY_FLATTEN_H
#define DESCENT_STUDY_FLATTEN_H

#include "config/node.h"
#include "study/collect.h"

struct flattener {
    struct arena *a;
    size_t keys, key_room, at; /* at: where the next key probably stands */
    const char **key;
    const struct collected_value **row; /* of the spec read last, one per key so far */
    struct collected_value **slot;      /* hash table of values */
    size_t values, slots;
};
/* Without keys; the arena takes keys and values. */
void flattener_init(struct flattener *f, struct arena *a);
/* Fills f->row; new keys are added at the end. Names on the way go to the scratch arena. */
void flattener_read(struct flattener *f, struct arena *scratch, const struct node *root);
/* The one object of this value; of a scalar node, or a text. */
const struct collected_value *flattener_value(struct flattener *f, const char *text,
                                              const struct node *n);
/* One more text in the row. */
void flattener_add(struct flattener *f, const char *key, const char *text);
/* Gives lists of several entries that differ in what these are a value of their own: the names of
 * all, "warmup+cosine". */
void collect_add_lists(struct flattener *f, struct collection *c);
/* Adds what conditions and orders may name beside the keys (c->names). */
void collect_add_names(struct flattener *f, struct collection *c);
/* Frees its tables; the arena's texts stay. */
void flattener_fini(struct flattener *f);

#endif
