/* The page in parts, each a NULL-ended list of texts (written by pack; private to playground). */
#ifndef DESCENT_PLAYGROUND_PAGE_H
#define DESCENT_PLAYGROUND_PAGE_H

#include <stdbool.h>

extern const char *const page_before[], *const page_module[], *const page_between[],
                                                                  *const page_after[];
extern const bool page_computes; /* whether there is a module */

#endif
