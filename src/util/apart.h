/* Texts of several lines, such as equations, by the lines that tell them apart. */
#ifndef DESCENT_UTIL_APART_H
#define DESCENT_UTIL_APART_H

#include "util/mem.h"

/* Of each of n texts the lines by which some two of them first differ, "; " between them and "…" for
 * lines left out; of long lines the parts that differ: "… …sqrt(v) + 0.01)". */
void text_apart(struct arena *a, const char *const *text, size_t n, const char **ret);
/* The text without so many bytes at its ends, but for some context, between whole characters. */
const char *text_without_ends(struct arena *a, const char *text, size_t start, size_t end);

#endif
