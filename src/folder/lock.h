/* Who works in a folder: FOLDER/.lock, held by record locks, which die with their process. */
#ifndef DESCENT_FOLDER_LOCK_H
#define DESCENT_FOLDER_LOCK_H

#include "util/error.h"
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Bytes of the file that are locked together: alone, or beside others that share them. */
struct lock_range {
    bool shared;
    off_t from, n; /* n 0: to the end */
};

struct lock {
    int fd; /* -1: not held */
    char path[4096];
    long holder;        /* where another process has it: its number, or 0 where it is not known */
    bool made;          /* the folder, by this process */
    struct stat folder; /* as it was locked; st_ino 0: not known */
};

struct lock_wanted {
    const struct lock_range *range;
    size_t n;
    double wait; /* seconds */
    bool inner;  /* of a sweep's member: the folder around it is there, or was moved */
};

/* Makes the folder where it is not there and takes all ranges of its lock, or waits for them.
 * False: err is set and nothing is held; l->holder tells of the other process, *ret_held that there
 * is one. A lock that is a link, or no plain file, is ERR_SYSTEM: nothing is made through it. */
MUST_CHECK bool lock_take(struct lock *l, const char *folder, const struct lock_wanted *wanted,
                          bool *ret_held, struct error *err);
/* Waits for one more byte of a lock that is held, or gives it back. False: *stop came to be a
 * signal while another process had it. */
bool lock_byte(struct lock *l, off_t byte, bool on, const volatile sig_atomic_t *stop);
/* Whether the folder is still where it was when it was locked; true where that cannot be told. */
bool lock_in_place(const struct lock *l);
/* The last holder removes the file; and a folder that was made for it where nothing came to lie in
 * it, whichever process made it. */
void lock_release(struct lock *l);
/* Whether some other process holds the folder's lock, by what can be seen from this machine. */
bool lock_is_held(const char *folder);

#endif
