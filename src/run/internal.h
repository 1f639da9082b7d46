/* Shared by the files of this module. */
#ifndef DESCENT_RUN_INTERNAL_H
#define DESCENT_RUN_INTERNAL_H

#include "folder/lock.h"
#include "run/run.h"
#include "util/progress.h"
#include <stdio.h>

/* A run folder that is being written to. */
struct run {
    const struct spec *spec;
    const struct run_options *options;
    const char *folder;
    char *spec_text; /* the resolved spec */
    struct data *data;
    struct train *train;
    struct strbuf epochs, timing; /* the tables so far */
    FILE *steps;                  /* steps.csv, or NULL */
    struct lock lock;
    struct spec old; /* what spec.yaml held before */
    bool has_old;
    struct progress progress;
    struct epoch_row last;
    bool every_steps_due;
    bool best_changed;      /* since the last checkpoint: what is the best epoch's */
    bool ended;             /* run.json said so: it is taken further */
    bool refused;           /* what the folder holds stays as it is */
    bool paused;            /* stands where options->until has it stop */
    bool past_partial_end;  /* goes on past the end of a run that ended within an epoch */
    double last_checkpoint; /* monotonic seconds */
    double started_wall;    /* seconds since 1970 */
    double earlier_seconds; /* spent by earlier processes */
    struct arena arena;
};

/* FOLDER/name in the run's arena. */
const char *run_path(struct run *r, const char *name);
/* Training as it is before its first update, in place of what there may be. */
MUST_CHECK bool run_train_anew(struct run *r, char ret_key[64], struct error *err);

/* ---- admit.c: whether this run may begin, or go on, in the folder ---- */
/* Not in a sweep's folder. */
MUST_CHECK bool run_admit_no_sweep(struct run *r, struct error *err);
/* Not in a folder that is something else's. Under the lock: a process that begins there writes file
 * after file. */
MUST_CHECK bool run_admit_folder(struct run *r, struct error *err);
/* Not where another experiment lies. */
MUST_CHECK bool run_admit_spec(struct run *r, struct error *err);
/* Not with other data than what is there was trained on. */
MUST_CHECK bool run_admit_data(struct run *r, struct error *err);
/* A finished run is reported only with the data that it was trained on: loads them. */
MUST_CHECK bool run_admit_finished(struct run *r, struct error *err);
/* Not where training stands beyond the end that the spec asks for. */
MUST_CHECK bool run_admit_position(struct run *r, struct error *err);

/* ---- table.c: the CSV files ---- */
void run_tables_start(struct run *r);
/* Keeps what lies before the checkpoint's position; clear_tests: drop test figures that only an end
 * has. */
MUST_CHECK bool run_tables_resume(struct run *r, int64_t epoch, int64_t step, bool clear_tests,
                                  struct error *err);
MUST_CHECK bool run_tables_epoch(struct run *r, const struct epoch_row *row, struct error *err);
MUST_CHECK bool run_tables_step(struct run *r, const struct step_row *row, struct error *err);
MUST_CHECK bool run_tables_flush(struct run *r, struct error *err);
/* The best of n rows by `checkpoint.best`: of equal ones the first, and not the untrained weights'.
 * NULL: none. */
const struct epoch_row *run_tables_best(const struct spec *s, const struct epoch_row *row,
                                        size_t n);
/* The row as it reads back from epochs.csv: what is concluded from it is the same before and after
 * a resume. */
struct epoch_row run_tables_rounded(const struct epoch_row *row);

/* ---- checkpoints.c ---- */
/* After an epoch (row) or, row NULL, between updates. */
MUST_CHECK bool run_checkpoint_epoch(struct run *r, const struct epoch_row *row,
                                     struct error *err);
MUST_CHECK bool run_checkpoint_now(struct run *r, bool numbered, struct error *err);
/* Loads the newest sound checkpoint; *ret_found false where there is none at all. Damaged ones are
 * named in a warning. ERR_DATA where there are only damaged ones. */
MUST_CHECK bool run_checkpoint_load(struct run *r, bool *ret_found, struct error *err);
/* The spec that the newest sound checkpoint was trained with, in the arena, or NULL. */
const char *run_checkpoint_spec(struct run *r);
/* The best epoch of n rows of epochs.csv by a changed `checkpoint.best`, with its weights where
 * they are still there. */
MUST_CHECK bool run_checkpoint_choose_best(struct run *r, const struct epoch_row *row, size_t n,
                                           struct error *err);
void run_checkpoint_tidy(
    struct run *
        r); /* a finished run needs no predecessor, none numbered beyond `keep`, maybe not the last */
/* A run that diverged keeps the last checkpoint that its spec asked for, not one that an
 * interruption left after it: the folder does not tell whether there was one. */
void run_checkpoint_settle(struct run *r);
void run_checkpoint_forget(struct run *r); /* removes all of them */

/* ---- summary.c ---- */
/* An ended run that is taken further is an interrupted one. */
MUST_CHECK bool run_reopen(const char *folder, struct error *err);

/* ---- manifest.c: run.json ---- */
extern const char *const run_digest_names[DATA_FILES]; /* below dataset.sha256 */
MUST_CHECK bool run_manifest_write(struct run *r, const char *status, int exit_code,
                                   const char *message, struct error *err);
/* Of an ended run: its name, and the digest of its spec in the certificate. */
MUST_CHECK bool run_manifest_rename(const char *folder, const char *name, const char *spec_text,
                                    struct error *err);
/* status in the arena, or NULL where there is no manifest. */
const char *run_manifest_read(struct arena *a, const char *folder, int *ret_exit_code,
                              double *ret_seconds);
/* What happened to the optimizer after *ret_step updates, in the arena, or NULL. */
const char *run_manifest_event(struct arena *a, const char *folder, int64_t *ret_step);
/* A text below up to three keys (the last ones NULL), in the arena; NULL where it is not there. */
const char *run_manifest_text(struct arena *a, const char *folder, const char *key,
                              const char *key2, const char *key3);

#endif
