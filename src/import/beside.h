/* A folder that is written beside its name, and has it once it is whole. */
#ifndef DESCENT_IMPORT_BESIDE_H
#define DESCENT_IMPORT_BESIDE_H

#include "util/error.h"

#define BESIDE_CLASSES "classes.txt"

struct beside {
    char *path; /* NAME.0123456789ab.tmp, owned; NULL: it has its name, or there is none */
    int lock;   /* of a file in it, held as long as it is written; -1: none */
};
/* Removes what killed imports to the same path left, but nothing that another one writes and
 * nothing that does not look like theirs, and makes a new folder. ERR_SYSTEM. beside_fini in any
 * case, of one that is {.lock = -1} before. */
MUST_CHECK bool beside_make(struct beside *b, const char *path, struct error *err);
/* Gives it the name, which is free or an empty folder's. ERR_SYSTEM. */
MUST_CHECK bool beside_rename(struct beside *b, const char *path, struct error *err);
/* Removes it where it has no name. */
void beside_fini(struct beside *b);

#endif
