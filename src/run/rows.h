/* The rows of a table that a checkpoint counts on, read with every cell. */
#ifndef DESCENT_RUN_ROWS_H
#define DESCENT_RUN_ROWS_H

#include "util/error.h"
#include <stddef.h>
#include <stdint.h>

/* What a row begins with, and what it holds. */
struct rows_want {
    const char *what; /* the first column's name: "epoch", "step" */
    const char *header;
    size_t cells; /* a row's */
    size_t full;  /* the first ones, which are never empty */
    /* The numbers in the first column: first, first + every ... last. every 0: they rise, and those
     * above `last` do not count. */
    int64_t first, every, last;
};

/* ret_kept: the bytes of the header and of those rows. ERR_DATA names the row that is missing,
 * doubled, out of order, cut or unreadable, and what to do. text ends with a NUL, which is not one
 * of its n bytes. */
MUST_CHECK bool rows_check(const struct rows_want *w, const char *path, const char *text, size_t n,
                           size_t *ret_kept, struct error *err);
/* Reads the row at `line`: NULL where it is one, with its number and what follows it; otherwise
 * what is wrong with it. value: cells - full numbers, NAN where a cell is empty; may be NULL. */
const char *rows_read(const struct rows_want *w, const char *line, const char *end,
                      int64_t *ret_number, double *value, const char **ret_next);
/* What to do about a table that is not what it should be. */
extern const char rows_remedy[];

#endif
