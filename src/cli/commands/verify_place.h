/* The folder in which verify trains a second time, which goes when it is done. */
#ifndef DESCENT_CLI_VERIFY_PLACE_H
#define DESCENT_CLI_VERIFY_PLACE_H

#include "util/error.h"
#include "util/mem.h"

struct verify_place {
    const char *path; /* in the arena; NULL: none */
    int lock;         /* of a file in it, held as long as it is needed */
};

/* Makes PREFIX and six characters, and removes what killed ones left by such names. ERR_SYSTEM
 * without a remedy. */
MUST_CHECK bool verify_place_make(struct arena *a, const char *prefix, struct verify_place *ret,
                                  struct error *err);
/* With all that is in it, and lets the lock go. */
void verify_place_remove(const struct verify_place *p);
/* With all that is in it; says where it cannot. */
void verify_remove_folder(const char *path);

#endif
