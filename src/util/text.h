/* Text for people to read: what is read from files and command lines shows its control characters
 * in place of sending them to a terminal. */
#ifndef DESCENT_UTIL_TEXT_H
#define DESCENT_UTIL_TEXT_H

#include "util/error.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

/* fprintf of what comes from files or the command line: control characters other than '\n' and '\t'
 * (those of two bytes, U+0080 ... U+009F, too) and bytes that are no UTF-8 are printed as \x1b. On a
 * terminal its lines are folded (util/fold.h): it begins one, and has whole lines or short parts. */
void text_print(FILE *to, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same of a list. */
void text_vprint(FILE *to, const char *fmt, va_list list) PRINTF_LIKE(2, 0);
/* n bytes as those print them. */
void text_show(struct strbuf *out, const char *s, size_t n);
/* The text as those print it, line breaks and tabs as \n and \t too: as wide as its columns. */
const char *text_in_line(struct arena *a, const char *text);
/* The text where it has one line; of several, such as equations, "; " between them. */
const char *text_one_line(struct arena *a, const char *text);
/* A path that may hold a newline or a tab, which messages are laid out with: where its parts come
 * in what is printed from now on, those of the parts are shown as \n and \t. */
void text_note_name(const char *path);
/* A path as one types it after a command: quoted where the shell would take it apart, as $'a\\nb'
 * where it holds a newline or a tab. Valid until the fourth call after this one of the same thread;
 * of names longer than a path may be, as it is. */
const char *text_word(const char *path);
/* Bytes of the first character of n bytes; 0 where they begin with no UTF-8, or n is 0. */
size_t text_utf8(const char *text, size_t n);
/* Is all of it UTF-8? */
bool text_is_utf8(const char *text);
/* Bytes of the first character of a text that is not empty; *ret_columns: how many columns a
 * terminal gives it, two of a wide one (Chinese, Japanese, Korean, pictures), none of an accent
 * that combines. */
size_t text_step(const char *s, size_t *ret_columns);
/* Columns of the whole text. */
size_t text_columns(const char *s);
/* Bytes of its first characters that fit into so many columns. */
size_t text_bytes_within(const char *s, size_t columns);
/* The bracket that a text ends in, with the space before it: " (3 diverged)"; "" where it has none,
 * or is nothing else. */
const char *text_bracketed_end(const char *text);
/* Does it end in `end`? */
bool text_ends(const char *text, const char *end);
/* How many lines it ends. */
size_t text_lines(const char *text);

#endif
