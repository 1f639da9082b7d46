/* The work on a sweep while sweep_execute runs (private to sweep). */
#ifndef DESCENT_SWEEP_WORK_H
#define DESCENT_SWEEP_WORK_H

#include "sweep/internal.h"
#include "util/progress.h"

enum { WORK_SHARED = 4 }; /* data sets kept at once */
/* A data set that some members share; data NULL: it cannot be loaded, which each of them will
 * record. */
struct work_shared {
    char *key;
    struct data *data;
    size_t used; /* when */
};

struct work {
    const struct sweep *s;
    const struct sweep_options *o;
    struct sweep_state *state;
    struct rung_order *order;
    bool *tried; /* in this phase */
    bool *busy;  /* in another process's hands */
    bool *mine;  /* this call is about it */
    struct work_shared shared[WORK_SHARED];
    size_t clock;
    const struct work_data_set *known; /* the data sets that were looked at */
    struct pool *pool;
    struct lock lock;
    struct sweep_result *result;
    struct progress progress;
    double began, tables_written;
    struct pace pace;
    double all;      /* runs to train, of rungs in whole ones */
    double gained;   /* by members that have ended since this began, in whole runs */
    double *share;   /* of each member that has ended without being through */
    int stop_signal; /* why no more members are started, or 0 */
    bool fail_fast, out_of_time;
};

/* ---- work.c: which members ---- */

/* This call's members: all; those named in a list; of either, a shard. */
MUST_CHECK bool work_find_mine(struct work *w, struct error *err);
/* Is this call about the member? */
bool work_is_mine(const struct work *w, size_t member);
/* How many members this call has. */
size_t work_count_mine(const struct work *w);
/* How many of them are done. */
size_t work_count_done(const struct work *w);
/* Does the member's folder hold what a kill between a run's last words and its tidying leaves? */
bool work_has_leftovers(const struct work *w, size_t member);
/* Is there something to do for it? */
bool work_is_due(const struct work *w, size_t member);

/* ---- data.c: their data ---- */

/* Digests of the data sets that members name: they do not depend on how the images are split. */
struct work_data_set {
    const char *dir;    /* NULL: made, not read */
    char (*sha256)[65]; /* DATA_FILES, in the sweep's arena; NULL: cannot be loaded */
    const char *key;
    const struct work_data_set *next;
};
/* The spec's data, kept for other members; NULL: they cannot be loaded. */
struct data *work_data(struct work *w, const struct spec *spec);
/* Members that were begun resume with the data that they began with, and ended ones count only with
 * theirs. */
MUST_CHECK bool work_check_data(struct work *w, struct error *err);
/* False where the data of no member can be read: one message then, in place of one for each. Behind
 * work_check_data. */
MUST_CHECK bool work_can_read_some(struct work *w, struct error *err);
/* Frees what is kept. */
void work_free_data(struct work *w);

/* ---- cluster.c: their way to Slurm ---- */

/* Submits what is due and in no task's hands. */
MUST_CHECK bool work_submit(struct work *w, struct error *err);

#endif
