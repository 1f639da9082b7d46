/* Shared by the files of this module. */
#ifndef DESCENT_RUN_INTERNAL_H
#define DESCENT_RUN_INTERNAL_H

#include "folder/lock.h"
#include "run/live.h"
#include "run/run.h"
#include "util/file.h"
#include "util/progress.h"
#include "util/sha256.h"
#include "util/strbuf.h"
#include <stdio.h>
#include <sys/stat.h>

enum run_table { TABLE_EPOCHS, TABLE_TIMING, TABLE_STEPS, TABLES };

/* A table that grows. */
struct run_table_state {
    int fd; /* stands where the next row goes; -1: not kept */
    size_t used;
    char pending[8192]; /* the first `used` bytes are not in the file yet */
    bool unsynced;      /* the file holds what may not be on disk yet */
    struct strbuf kept; /* what a resume takes over, until it begins; empty: nothing */
    bool cut;           /* the file holds more than that */
};

/* What a checkpoint counts on. */
struct run_counted {
    const char *path; /* the checkpoint's; NULL: there is none */
    int64_t epoch, step;
    const char *epochs, *steps; /* digests of the tables up to it; NULL: it carries none */
};

/* Checkpoints whose names stay the same. */
enum { FIXED_CHECKPOINTS = 5 };

/* A run folder that is being written to. */
struct run {
    const struct spec *spec;
    const struct run_options *options;
    const char *folder;
    char *spec_text; /* the resolved spec */
    struct data *data;
    struct train *train;
    bool blank; /* it was made to be loaded into, and nothing has been */
    struct run_table_state table[TABLES];
    struct sha256 epochs;  /* of epochs.csv as it grows */
    struct sha256 counted; /* of the same without test figures that only an end has */
    struct sha256 steps;   /* of steps.csv */
    bool is_new_name;      /* the folder holds names that may not be on disk yet */
    struct run_counted from;
    const struct run_length *length; /* of a run of another length at first, in the arena */
    size_t lengths;
    struct lock lock;
    char owner[FILE_RANDOM_DIGITS + 1]; /* of this process, in run.json */
    const char *manifest_path;
    const char *checkpoints, *checkpoint[FIXED_CHECKPOINTS]; /* paths, once they are wanted */
    struct stat manifest; /* run.json as this process wrote it; st_ino 0: not yet */
    struct stat own_last; /* last.safetensors, likewise */
    struct stat loaded;   /* the file of r->from, as it lay there before it was read */
    char init_sha256[65]; /* of model.init_from as the run began with it; "": none, or not known */
    bool disowned;        /* it is another process's by now */
    bool moved;           /* it is not where it was */
    bool lengthened;      /* its new length changes what it becomes */
    struct spec old;      /* what spec.yaml held before */
    bool has_old;
    struct spec trained; /* the loaded checkpoint's */
    bool has_trained;
    struct progress progress;
    struct live live;
    struct epoch_row last;
    bool every_steps_due;
    bool best_changed;      /* since the last checkpoint: what is the best epoch's */
    bool ended;             /* run.json said so: it is taken further */
    bool refused;           /* what the folder holds stays as it is */
    bool paused;            /* stands where options->until has it stop */
    bool past_partial_end;  /* resumes past the end of a run that ended within an epoch */
    double last_checkpoint; /* monotonic seconds */
    double last_manifest;   /* the same, 0: none yet */
    double started;         /* the same, of this process */
    double started_wall;    /* seconds since 1970 */
    double earlier_seconds; /* spent by earlier processes */
    struct arena arena;
};

/* FOLDER/name in the run's arena. */
const char *run_path(struct run *r, const char *name);
/* Training as it is before its first update, in place of what there may be; to_load: for a state
 * that is loaded into it, without model.init_from. */
MUST_CHECK bool run_train_again(struct run *r, bool to_load, struct error *err);

/* ---- admit.c: whether this run may begin, or resume, in the folder ---- */
/* The remedy where a folder holds something else. */
const char *run_elsewhere(const struct run *r);
/* Adds the remedy to what run_admit_length said. False. */
bool run_say_length(const struct run *r, struct error *err);
/* Not in a sweep's folder. */
MUST_CHECK bool run_admit_no_sweep(struct run *r, struct error *err);
/* Not in a folder that is something else's. Under the lock: a process that begins there writes file
 * after file. */
MUST_CHECK bool run_admit_folder(struct run *r, struct error *err);
/* Not where another experiment lies. */
MUST_CHECK bool run_admit_spec(struct run *r, struct error *err);
/* Not with other data than what is there was trained on. */
MUST_CHECK bool run_admit_data(struct run *r, struct error *err);
/* Whether it began with the file that model.init_from names now; notes its digest for run.json. */
MUST_CHECK bool run_admit_init(struct run *r, struct error *err);
/* A finished run is reported only with the data that it was trained on: loads them. */
MUST_CHECK bool run_admit_finished(struct run *r, struct error *err);
/* Not where training stands beyond the end that the spec asks for. */
MUST_CHECK bool run_admit_position(struct run *r, struct error *err);

/* ---- owner.c: whose folder it is, where locks protect nothing; whether it is in its place ---- */
/* run.json carries a number of this process from its next writing on. */
void run_owner_begin(struct run *r);
/* run.json has been written. */
void run_owner_note(struct run *r);
/* ERR_SYSTEM, r->moved: the folder is no more where it was when it was locked. Whatever failed in
 * it then failed for that. */
MUST_CHECK bool run_owner_in_place(struct run *r, struct error *err);
/* Before every write: run.json is still this process's. ERR_SYSTEM, r->disowned: another one has
 * begun there; r->moved: the folder is no more where it was. */
MUST_CHECK bool run_owner_check(struct run *r, struct error *err);

/* ---- table.c: the CSV files ---- */
void run_tables_init(struct run *r);
/* Closes the tables; what is pending is lost. */
void run_tables_fini(struct run *r);
/* The first line of a table, with its end. */
const char *run_table_header(enum run_table t);
/* Whether the folder's tables hold what the checkpoint counts on; nothing is written. ERR_DATA
 * names the file, the row and what to do. Without this call the tables begin again. */
MUST_CHECK bool run_tables_check(struct run *r, const struct run_counted *c, struct error *err);
/* Whether a table of an ended run is, as a whole, the one that its certificate names. */
MUST_CHECK bool run_table_certified(struct run *r, enum run_table t, struct error *err);
/* run_tables_check of one table. */
MUST_CHECK bool run_table_check(struct run *r, enum run_table t, const struct run_counted *c,
                                struct error *err);
/* The rows of epochs.csv that were found, until the tables begin. In the arena. */
MUST_CHECK bool run_tables_rows(struct run *r, struct epoch_row **ret, size_t *ret_n,
                                struct error *err);
/* Of those, the last one's test figures, where the run ends with it: run_tables_begin writes
 * them. */
void run_table_test_end(struct run *r, const struct epoch_row *row);
/* Cuts off what lies behind them and opens the tables; clear_tests: drop test figures that only an
 * end has. */
MUST_CHECK bool run_tables_begin(struct run *r, bool clear_tests, struct error *err);
/* Adds a row to epochs.csv and timing.csv. */
MUST_CHECK bool run_tables_epoch(struct run *r, const struct epoch_row *row, struct error *err);
/* Adds a row to steps.csv. */
MUST_CHECK bool run_tables_step(struct run *r, const struct step_row *row, struct error *err);
/* Writes the rows that are pending. ERR_SYSTEM. */
MUST_CHECK bool run_tables_flush(struct run *r, struct error *err);
/* All rows so far are on disk. */
MUST_CHECK bool run_tables_sync(struct run *r, struct error *err);
/* SHA-256 of epochs.csv, of what of it a checkpoint counts on, and of steps.csv. */
void run_tables_digests(const struct run *r, char ret_epochs[65], char ret_counted[65],
                        char ret_steps[65]);
/* The best of n rows by `checkpoint.best`: of equal ones the first, and not the untrained weights'.
 * NULL: none. */
const struct epoch_row *run_tables_best(const struct spec *s, const struct epoch_row *row,
                                        size_t n);
/* The number as it reads back from epochs.csv. */
double run_tables_number(double v);
/* The row as it reads back from epochs.csv: what is concluded from it is the same before and after
 * a resume. */
struct epoch_row run_tables_rounded(const struct epoch_row *row);

/* ---- checkpoints.c ---- */
/* After an epoch (row) or, row NULL, between updates. */
MUST_CHECK bool run_checkpoint_epoch(struct run *r, const struct epoch_row *row, struct error *err);
/* Between updates; numbered: by `every_steps`, under its own name. */
MUST_CHECK bool run_checkpoint_now(struct run *r, bool numbered, struct error *err);
/* Whether there is a file of a checkpoint to resume from, sound or not. */
bool run_checkpoint_is_there(struct run *r);
/* Loads the newest sound checkpoint, with what it counts on in r->from; *ret_found false where
 * there is none at all. Damaged ones are named in a warning. ERR_DATA where there are only damaged
 * ones.
 */
MUST_CHECK bool run_checkpoint_load(struct run *r, bool *ret_found, struct error *err);
/* Gives the loaded one the names that a kill may have kept from it. */
MUST_CHECK bool run_checkpoint_restore(struct run *r, struct error *err);
/* The spec that the newest sound checkpoint was trained with, in the arena, or NULL. */
const char *run_checkpoint_spec(struct run *r);
/* The best epoch of n rows of epochs.csv by a changed `checkpoint.best`, with its weights where
 * they are still there. */
MUST_CHECK bool run_checkpoint_choose_best(struct run *r, const struct epoch_row *row, size_t n,
                                           struct error *err);
/* A finished run needs no predecessor, none numbered beyond `keep`, maybe not the last; c: what the
 * folder's own spec says. */
void run_checkpoint_tidy(struct run *r, const struct checkpoint_config *c);
/* A run that diverged keeps the last checkpoint that its spec asked for, not one that an
 * interruption left after it: the folder does not tell whether there was one. */
void run_checkpoint_settle(struct run *r);
/* Where the run is about to end within an epoch: what a longer one resumes from. */
MUST_CHECK bool run_checkpoint_cut(struct run *r, struct error *err);
void run_checkpoint_forget(struct run *r); /* removes all of them */

/* ---- lengths.c: a run that is made longer or shorter on the way ---- */
struct json;
/* Whether the spec's length, which old had otherwise, makes this another run than one asked for at
 * once; it then stands in r->length. */
bool run_length_changed(struct run *r, const struct spec *old);
/* What the schedules come to from where the run got its present length; after the above. */
MUST_CHECK bool run_length_check(struct run *r, struct error *err);
/* What a checkpoint tells of it; NULL: nothing. */
void run_lengths_take(struct run *r, const char *text);
/* As run.json and checkpoints have it: `lengths` and `extended`. The caller's. */
struct json *run_lengths_json(const struct run_length *v, size_t n);
/* Only the positions from which the run had another length, with the new length. */
struct json *run_extended_json(const struct run_length *v, size_t n);

/* ---- manifest.c: run.json ---- */
MUST_CHECK bool run_manifest_write(struct run *r, enum status status, int exit_code,
                                   const char *message, struct error *err);
/* Of an ended run: its name, and the digest of its spec in the certificate. */
MUST_CHECK bool run_manifest_rename(const char *folder, const char *name, const char *spec_text,
                                    struct error *err);

/* ---- recorded.c: spec.yaml read back ---- */
/* What to do about one that is gone or no spec, to stand behind the reason. In the arena. */
const char *run_spec_remedy(struct arena *a, const char *folder);
/* Says what is wrong with it: ERR_DATA, with the line and what to do. False. */
bool run_refuse_spec(const char *folder, const struct diags *d, struct error *err);

/* ---- what a spec expects ---- */

/* 0, or ERR_EXPECT: err says what was not met. */
int run_check_expectations(const struct run *r, struct error *err);

/* ---- a run that has ended ---- */

/* Whether it has ended and has all that the spec asks for. */
bool run_asks_nothing(struct run *r);
/* Its figures, as it left them; name and description may be new, and what a kill left is done. was:
 * what its run.json says. */
MUST_CHECK bool run_report_finished(struct run *r, const struct run_summary *was,
                                    struct run_result *ret, struct error *err);
/* One line where early stopping ended it before its length. */
void run_tell_early_stop(const struct run *r, int64_t epoch, int64_t step);

#endif
