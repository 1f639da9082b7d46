/* Tables of texts in the formats people paste: plain text, CSV, Markdown, LaTeX. */
#ifndef DESCENT_STUDY_TABLE_H
#define DESCENT_STUDY_TABLE_H

#include "util/json.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <stdbool.h>
#include <stddef.h>

struct table_column {
    const char *head;
    bool left;   /* texts stand left, numbers right */
    bool fixed;  /* stands in front of every block, where a plain table is too wide for one */
    bool needed; /* the table is made for it: the last to go where a page is narrow */
};
struct table {
    size_t columns, rows;
    const struct table_column *column;
    const char **cell; /* cell[row * columns + column], UTF-8; NULL: empty */
    const bool *bold;  /* of each cell, in Markdown and LaTeX; NULL: none */
};

/* A table that grows by columns; all in the arena. Set a and rows first. */
struct table_builder {
    struct arena *a;
    size_t room, columns, rows;
    struct table_column *column;
    const char ***cell; /* cell[column][row] */
};
/* A new column; its cells are to be filled. */
const char **table_add_column(struct table_builder *b, const char *head, bool left, bool fixed);
/* The cells row by row, in the builder's arena. */
void table_finish(const struct table_builder *b, struct table *ret);

enum { TABLE_WIDTH = 80 };
/* No line longer than `page` characters: what does not fit stands in further blocks below,
 * each behind the fixed columns; long texts in those are cut where they can still be told apart.
 * Fixed columns that would leave no room flow as well, all but the first; names in that which only
 * differ further on stand on lines of their own. */
void table_write_text_within(const struct table *t, size_t page, struct strbuf *out);
/* The same within TABLE_WIDTH. */
void table_write_text(const struct table *t, struct strbuf *out);
/* The columns that stand in the first block of that text, the needed ones in any case, and behind
 * them the fixed ones that found no room there; *ret_left: the heads of the others, "a, b", or
 * NULL. */
void table_fit(struct arena *a, const struct table *t, size_t page, struct table *ret,
               const char **ret_left);
void table_write_csv(const struct table *t, struct strbuf *out); /* RFC 4180, lines end with \n */
void table_write_markdown(const struct table *t, struct strbuf *out); /* GitHub's pipes */
/* Lines of text below it, as a paragraph. */
void table_write_markdown_notes(const char *text, struct strbuf *out);
void table_write_latex(const struct table *t,
                       struct strbuf *out); /* a tabular with booktabs' rules */
/* The same in a float with a caption. */
void table_write_latex_float(const struct table *t, const char *caption, struct strbuf *out);

/* An array with an object per row; what reads as a number is one, an empty cell null. Owned by the
 * caller. */
struct json *table_json(const struct table *t);

#endif
