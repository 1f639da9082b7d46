/* Long lines, broken at spaces for a terminal's width. */
#ifndef DESCENT_UTIL_FOLD_H
#define DESCENT_UTIL_FOLD_H

#include "util/strbuf.h"

/* Lines of at most `page` columns. What a longer one has left stands below its second column, where
 * two spaces come before one, else two columns further in than the line. What stands in quotes is
 * one word, but a command is not: 'descent ...'. Brackets break where the line has no better place,
 * and a word that is too long not at all. */
void fold_lines(const char *text, size_t page, struct strbuf *out);
/* One line of n bytes, which begins where so many columns are taken already. */
void fold_line(const char *line, size_t n, size_t page, size_t column, size_t indent,
               struct strbuf *out);
/* A member's name, KEY=VALUE,KEY=VALUE, breaks behind a comma. */
void fold_name(const char *name, size_t page, size_t column, size_t indent, struct strbuf *out);

#endif
