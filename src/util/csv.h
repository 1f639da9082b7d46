/* Tables as RFC 4180 has them, cell by cell. */
#ifndef DESCENT_UTIL_CSV_H
#define DESCENT_UTIL_CSV_H

#include "util/strbuf.h"
#include <stdbool.h>

/* Reads the cell at *at into ret_cell, quotes taken off, and moves *at past it and what ends it.
 * True while the row continues behind it; false after the row's last cell (at the text's end:
 * too). */
bool csv_cell(const char **at, struct strbuf *ret_cell);

/* What is wrong with the quotes of the cell at `at`, for tables that others have written; NULL:
 * nothing. */
const char *csv_fault(const char *at);

/* Adds the text as a cell: between quotes where it has a comma, a quote or the end of a line. */
void csv_add_text(struct strbuf *to, const char *text);
/* Adds the number with nine digits, which hold a float32; NaN is an empty cell. */
void csv_add_number(struct strbuf *to, double v);

#endif
