/* Other programs, run to their end without a shell. */
#ifndef DESCENT_UTIL_COMMAND_H
#define DESCENT_UTIL_COMMAND_H

#include "util/error.h"
#include "util/strbuf.h"

/* Runs argv[0] (from PATH) with these words and, as its environment, these "NAME=VALUE", both
 * NULL-ended, nothing on its stdin; appends what it printed to out. ERR_SYSTEM where it cannot be
 * started, was killed, or ended with another code than 0; the message has what it said on stderr,
 * and *ret_started tells whether it ran at all: what it did before it failed then stays. */
MUST_CHECK bool command_run(const char *const *argv, const char *const *environment,
                            bool *ret_started, struct strbuf *out, struct error *err);

#endif
