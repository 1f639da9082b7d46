/* Paths of any length. */
#ifndef DESCENT_UTIL_PATH_H
#define DESCENT_UTIL_PATH_H

#include "util/error.h"

/* Owned by the caller (mem_free), never cut: FOLDER/NAME, a copy, or as printf has it. */
char *path_join(const char *folder, const char *name);
/* A copy of the path. */
char *path_copy(const char *path);
/* A path as printf has it. */
char *path_new(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* The ending of its last name, ".png", where that begins with a letter: not of "v1.2", nor of
 * ".hidden"; "" where it has none. */
const char *path_ending(const char *path);

#endif
