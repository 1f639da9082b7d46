/* One run folder (interface.md, section 5): everything that training leaves on disk, and going on from it. */
#ifndef DESCENT_RUN_RUN_H
#define DESCENT_RUN_RUN_H

#include "spec/spec.h"
#include "train/train.h"
#include <signal.h>

struct run_options {
    const char *folder;     /* owned by the caller */
    bool force;             /* start afresh whatever is there */
    bool never_resume;      /* refuse a folder that holds a run */
    bool no_plots;
    /* The last signal received, 0 = none; read after every update. May be NULL. */
    volatile sig_atomic_t *signal;
};

struct run_result {
    int exit_code;          /* as the interface's table */
    bool was_finished;      /* nothing was trained: the run was complete already */
    struct epoch_row last, best; /* best.epoch < 0: none */
    char message[1024];     /* why a finished run ended with that code, or "" */
    char figure[4096];      /* one that was drawn, or "" */
};

/* Trains the spec in its folder, or goes on with what is there. False: err holds the reason (its code is the exit code), and the folder
 * what had been reached. ret_key: for ERR_USAGE the spec's key to blame, or "". */
MUST_CHECK bool run_execute(const struct spec *spec, const struct run_options *options, struct run_result *ret,
                            char ret_key[64], struct error *err);

/* ---- tables on disk ---- */

/* epochs.csv read back. rows in the arena. ERR_DATA for what is not such a table. */
MUST_CHECK bool run_read_epochs(struct arena *a, const char *folder, struct epoch_row **ret, size_t *ret_n, struct error *err);
/* Draws loss.png, accuracy.png and schedule.png from epochs.csv. */
MUST_CHECK bool run_draw(const struct spec *spec, const char *folder, struct error *err);

/* What this build is: version, commit, compiler, BLAS: one line each. */
void run_describe_build(struct strbuf *out);

#endif
