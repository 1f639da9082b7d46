/* Errors are values: a code that is the exit code, and a message that can be printed as it is. */
#ifndef DESCENT_UTIL_ERROR_H
#define DESCENT_UTIL_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

/* The codes are the exit codes of the interface (docs: README, "Exit codes"). */
enum error_code {
    ERR_NONE = 0,
    ERR_DIFFERS = 1,  /* a member failed, verify found a difference */
    ERR_USAGE = 2,    /* command line or spec */
    ERR_DATA = 3,     /* data or checkpoint unreadable */
    ERR_SYSTEM = 4,   /* disk, memory, permission */
    ERR_DIVERGED = 5, /* a number of the run is no longer finite */
    ERR_EXPECT = 6,   /* an `expect:` not met */
};

/* Fixed storage: setting an error never allocates. */
struct error {
    enum error_code code;
    char message[4096];
    char key[64]; /* the spec's key to blame: "scheduler.1"; "": none */
};

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define MUST_CHECK __attribute__((warn_unused_result))

/* Sets code and message (cut to fit, the end then "..."); returns false, so that `return
 * error_set(...)` reads well. */
bool error_set(struct error *err, enum error_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same, and the key to blame. */
bool error_set_key(struct error *err, enum error_code code, const char *key, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* Names the key to blame, where whoever set the error has not named one; returns false. */
bool error_blame(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts text before the message of an error that is already set; returns false. */
bool error_prefix(struct error *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
