/* Tables of texts in the formats people paste: plain text, CSV, Markdown, LaTeX. */
#ifndef DESCENT_ANALYSIS_TABLE_H
#define DESCENT_ANALYSIS_TABLE_H

#include "util/mem.h"
#include "util/strbuf.h"
#include <stdbool.h>
#include <stddef.h>

struct table_column {
    const char *head;
    bool left;  /* texts stand left, numbers right */
    bool fixed; /* stands in front of every block, where a plain table is too wide for one */
};
struct table {
    size_t columns, rows;
    const struct table_column *column;
    const char **cell; /* cell[row * columns + column], UTF-8; NULL: empty */
};

enum { TABLE_WIDTH = 80 };
/* No line longer than TABLE_WIDTH characters: what does not fit stands in further blocks below, each behind the fixed
 * columns; long texts in those are cut. */
void table_write_text(const struct table *t, struct strbuf *out);
void table_write_csv(const struct table *t, struct strbuf *out);      /* RFC 4180, lines end with \n */
void table_write_markdown(const struct table *t, struct strbuf *out); /* GitHub's pipes */
void table_write_latex(const struct table *t, struct strbuf *out);    /* a tabular with booktabs' rules */

#endif
