/* UTF-8 of strings that came from outside (private to figure). */
#ifndef DESCENT_FIGURE_DRAW_TEXT_H
#define DESCENT_FIGURE_DRAW_TEXT_H

#include "util/strbuf.h"
#include <stdbool.h>
#include <stddef.h>

/* The length (1-4) of the UTF-8 sequence at s; 0 where there is none: overlong forms,
 * surrogates, values beyond U+10FFFF, cut sequences. s is NUL-terminated and not at its end. */
size_t text_sequence(const char *s);
/* The character of a sequence of n bytes; U+FFFD for n = 0. */
unsigned text_character(const char *s, size_t n);
/* Is the whole string UTF-8? */
bool text_valid(const char *s);
/* Adds s to `to`; every byte that belongs to no sequence becomes U+FFFD. With `one_line`,
 * control characters (newlines too) become spaces, as a drawn line needs it. NULL adds nothing.
 */
void text_clean(struct strbuf *to, const char *s, bool one_line);

#endif
