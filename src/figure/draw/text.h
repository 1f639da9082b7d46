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
/* The length of the longest beginning of whole characters with at most `room` bytes. */
size_t text_prefix(const char *s, size_t room);
/* Is the whole string UTF-8? */
bool text_valid(const char *s);
/* Does it belong to a script that is written from right to left (Hebrew, Arabic, Syriac, ...)?
 * Drawn in the order in which it stands, it would read backwards. */
bool text_runs_left(unsigned character);
/* Adds s, as text_clean has it, to XML; what XML has no character for becomes U+FFFD. */
void text_escape(struct strbuf *to, const char *s);
/* Adds s to `to`; every byte that belongs to no sequence becomes U+FFFD. With `one_line`,
 * control characters (newlines too) become spaces, as a drawn line needs it. NULL adds nothing.
 */
void text_clean(struct strbuf *to, const char *s, bool one_line);

#endif
