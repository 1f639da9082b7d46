/* Paths of any length. */
#ifndef DESCENT_UTIL_PATH_H
#define DESCENT_UTIL_PATH_H

#include "util/error.h"

/* Owned by the caller (mem_free), never cut: FOLDER/NAME, a copy, or as printf has it. */
char *path_join(const char *folder, const char *name);
char *path_copy(const char *path);
char *path_new(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
