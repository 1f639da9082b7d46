/* What the parts of util/file.h share; for nobody else. */
#ifndef DESCENT_UTIL_FILE_INTERNAL_H
#define DESCENT_UTIL_FILE_INTERNAL_H

#include "util/file.h"
#include <sys/types.h>

/* "cannot VERB PATH: " and errno's reason; ERR_SYSTEM, false. */
bool file_fail(struct error *err, const char *verb, const char *path);
/* What a path names, in words for a message: "a folder". */
const char *file_kind(mode_t mode);
/* open(2) that signals and stale names do not disturb; -1 and errno. */
int file_descriptor(const char *path, int flags);
/* file_check_links; ret_kept: whether the path leads below the folder of a run or a sweep. */
MUST_CHECK bool file_links(const char *path, bool *ret_kept, struct error *err);

#endif
