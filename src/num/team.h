/* Threads that share the work of one step: started once, asleep in between. */
#ifndef DESCENT_NUM_TEAM_H
#define DESCENT_NUM_TEAM_H

#include "util/error.h"
#include <stdbool.h>
#include <stddef.h>

/* A team of n threads, the caller among them. *ret is NULL for n = 1, and everything below takes
 * that. ERR_SYSTEM: they cannot be started. */
struct team;
/* Starts n - 1 threads, which wait. */
MUST_CHECK bool team_new(size_t n, struct team **ret, struct error *err);
/* Ends its threads. Takes NULL. */
void team_free(struct team *t);
/* Threads, the caller among them; 1 of NULL. */
size_t team_size(const struct team *t);
/* f(context, part) for every part of team_size, side by side; returns when all are done. One caller
 * at a time. */
void team_run(struct team *t, void (*f)(void *context, size_t part), void *context);
/* The part's share of n things, in whole units: [first, first + count). */
void team_share(const struct team *t, size_t part, size_t n, size_t unit, size_t *ret_first,
                size_t *ret_count);

#endif
