/* Texts that are too long for a column. */
#ifndef DESCENT_STUDY_CUT_H
#define DESCENT_STUDY_CUT_H

#include "util/strbuf.h"
#include <stdbool.h>
#include <stddef.h>

/* Appends the text in at most `width` columns: where it is longer, its first `start` columns, an
 * ellipsis and its end. Returns the columns it takes. */
size_t cut_add(struct strbuf *out, const char *text, size_t width, size_t start);
/* How much of their start n texts keep, less than `width`, so that as many as can be are told
 * apart; the most with which that is so. Whether all are. */
bool cut_start(const char *const *text, size_t n, size_t width, size_t *ret);

#endif
