/* Paths of any length. */
#ifndef DESCENT_UTIL_PATH_H
#define DESCENT_UTIL_PATH_H

#include "util/error.h"
#include <stddef.h>

struct arena;

/* Owned by the caller (mem_free), never cut: FOLDER/NAME, a copy, or as printf has it. */
char *path_join(const char *folder, const char *name);
/* A copy of the path. */
char *path_copy(const char *path);
/* A path as printf has it. */
char *path_new(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* Its last name: all behind the last slash; borrowed. */
const char *path_base(const char *path);
/* Its last name without ending, in the arena: "b" of "a/b.yaml", all of ".hidden". */
char *path_stem(struct arena *a, const char *path);
/* How long it is without the slashes at its end, of which "/" keeps one. */
size_t path_bare_length(const char *path);
/* A copy without them, in the arena. */
char *path_bare(struct arena *a, const char *path);
/* The ending of its last name, ".png", where that begins with a letter: not of "v1.2", nor of
 * ".hidden"; "" where it has none. */
const char *path_ending(const char *path);
/* Whether its ending is that of arrays or tables, of which data sets are imported. */
bool path_is_table(const char *path);

#endif
