/* The keys that a mapping may have. Within config only. */
#ifndef DESCENT_CONFIG_ROWS_H
#define DESCENT_CONFIG_ROWS_H

#include "config/param.h"

enum { MAX_ROWS = 64 };

/* A table's; of a kind its own, then the registry's common ones that it has not replaced. */
struct rows {
    size_t n;
    const struct param *v[MAX_ROWS];
    const struct registry *registry; /* of a kind's; NULL: a table's */
    const struct kind *kind;
};

/* The row of this name, or NULL. */
const struct param *rows_find(const struct rows *rows, const char *name);
/* Adds the rows of a table whose names the list does not have yet. */
void rows_add(struct rows *rows, const struct param *table);
/* Those of a kind. */
struct rows rows_of(const struct registry *r, const struct kind *k);

#endif
