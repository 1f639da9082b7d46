/* Numbers as people write them. */
#ifndef DESCENT_UTIL_DECIMAL_H
#define DESCENT_UTIL_DECIMAL_H

#include <stdbool.h>
#include <string.h>

/* Whether the number v that was read of a text is 0 only because no double is as small: 1e-400. */
static inline bool decimal_vanishes(const char *text, double v)
{
    return !(v < 0 || v > 0) && strcspn(text, "123456789") < strcspn(text, "eE");
}

#endif
