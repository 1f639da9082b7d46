/* Text for people to read: what is read from files and command lines shows its control characters
 * in place of sending them to a terminal. */
#ifndef DESCENT_UTIL_TEXT_H
#define DESCENT_UTIL_TEXT_H

#include "util/error.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <stdarg.h>
#include <stdio.h>

/* fprintf of what comes from files or the command line: control characters other than '\n' and '\t'
 * (those of two bytes, U+0080 ... U+009F, too) and bytes that are no UTF-8 are printed as \x1b. */
void text_print(FILE *to, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same of a list. */
void text_vprint(FILE *to, const char *fmt, va_list list) PRINTF_LIKE(2, 0);
/* The text where it has one line; of several, such as equations, "; " between them. */
const char *text_one_line(struct arena *a, const char *text);
/* Whether a name holds what text_print leaves as it is and a name may not bring along: a newline or a
 * tab. */
bool text_breaks(const char *name);
/* The name with \n and \t in their place, in the arena. */
const char *text_unbroken(struct arena *a, const char *name);
/* A path as one types it after a command: quoted where the shell would take it apart. Valid until the fourth call
 * after this one of the same thread; of names longer than a path may be, as it is. */
const char *text_word(const char *path);
/* Bytes of the first character of a text that is not empty; *ret_columns: how many columns a terminal
 * gives it, two of a wide one (Chinese, Japanese, Korean, pictures), none of an accent that combines. */
size_t text_step(const char *s, size_t *ret_columns);
/* Columns of the whole text. */
size_t text_columns(const char *s);
/* Bytes of its first characters that fit into so many columns. */
size_t text_bytes_within(const char *s, size_t columns);
/* Does it end in `end`? */
bool text_ends(const char *text, const char *end);
/* How many lines it ends. */
size_t text_lines(const char *text);

#endif
