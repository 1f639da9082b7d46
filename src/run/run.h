/* One run folder: everything that training leaves on disk, and resuming from it. */
#ifndef DESCENT_RUN_RUN_H
#define DESCENT_RUN_RUN_H

#include "folder/paths.h"
#include "folder/status.h"
#include "spec/spec.h"
#include "train/train.h"
#include <signal.h>

struct run_options {
    const char *folder; /* owned by the caller */
    bool force;         /* start over whatever is there */
    bool never_resume;  /* refuse a folder that holds a run */
    bool rename;        /* a finished run takes the spec's name and description */
    bool no_plots;
    bool member; /* of a sweep: where training could not begin, that is left in run.json too (status
                  * failed), and what is said is what the sweep can do */
    double wait; /* seconds to wait for another process that writes to the folder */
    int64_t until;      /* stop after this epoch, with a checkpoint; 0 = go to the end */
    int64_t until_step; /* or after this update, within its epoch; 0 = do not */
    struct data *data;  /* borrowed, loaded by run_share_data; NULL = loads its own */
    /* Called now and then with the updates done and all there are. May be NULL. */
    void (*progress)(void *context, int64_t done, int64_t total);
    void *context;
    /* The last signal received, 0 = none; read after every update. May be NULL. */
    volatile sig_atomic_t *signal;
};

struct run_result {
    int exit_code;     /* as the interface's table */
    bool was_finished; /* nothing was trained: the run was complete already */
    bool busy;         /* on failure: another process writes to the folder */
    bool lengthened;   /* a member's new length changes what it becomes, for the sweep to say */
    struct epoch_row last, best; /* best.epoch < 0: none */
    char message[1024];          /* why a finished run ended with that code, or "" */
    bool drew;                   /* the folder's figures, of which accuracy.png is one */
    bool at_chance;              /* run_is_chance of `last` */
};

/* Whether none of the row's accuracies is better than that of one answer to all images of the
 * split, the commonest label: its interval (Wilson 1927, 95 %) reaches down to that. */
bool run_is_chance(const struct data *d, const struct spec *spec, const struct epoch_row *row);

/* Trains the spec in its folder, or resumes what is there. False: err holds the reason (its
 * code is the exit code), and the folder what had been reached. ERR_USAGE names the
 * spec's key to blame. */
MUST_CHECK bool run_execute(const struct spec *spec, const struct run_options *options,
                            struct run_result *ret, struct error *err);

/* Whether the run in the folder is the spec's, but for what resuming may change, and no longer.
 * ERR_DATA names the keys that differ, or the spec.yaml that was edited, or the length. */
MUST_CHECK bool run_check_owner(const struct spec *spec, const char *folder, struct error *err);
/* Whether what run.json tells of the folder lies within the spec's length. ERR_USAGE, without a
 * remedy, where more was trained already. */
MUST_CHECK bool run_admit_length(const struct spec *spec, const char *folder, struct error *err);

/* Whether these are the data that the folder's run was trained on, by the digests in run.json.
 * ERR_DATA names the files that are not; true where nothing was trained. */
MUST_CHECK bool run_same_data(const struct spec *spec, const char *folder, struct data *d,
                              struct error *err);
/* Whether model.init_from, where it is still there, is the file that the folder's run began with.
 * ERR_DATA with both digests; true where nothing was trained, or none is recorded. */
MUST_CHECK bool run_same_init(const struct spec *spec, const char *folder, struct error *err);
/* The same by the digests of the DATA_FILES files alone. */
MUST_CHECK bool run_same_digests(const struct spec *spec, const char *folder,
                                 const char (*sha256)[65], struct error *err);

/* ---- many runs ---- */

/* What tells whether two specs can share their data: equal texts can. Appends it. */
void run_data_key(const struct spec *spec, struct strbuf *out);
/* Loads the spec's data with all that is derived from it once, for processes that are forked
 * afterwards. */
MUST_CHECK bool run_share_data(const struct spec *spec, struct data **ret, struct error *err);
/* Takes NULL. */
void run_free_data(struct data *d);

/* ---- what a folder holds ---- */

/* run.json in short; STATUS_NONE: there is none. */
struct run_summary {
    enum status status;
    int exit_code;
    int64_t epoch, step;
    double seconds;
    bool has_final;
    struct epoch_row final, best;
    char message[1024];
    char host[64], written[24]; /* where and when run.json was written last; "": not told */
    char sources[65];           /* digest of what the build was made of */
};
/* ERR_DATA where run.json is not valid, or an ended run's metrics are not those of epochs.csv. */
MUST_CHECK bool run_read_summary(const char *folder, struct run_summary *ret, struct error *err);
/* Whether a run that says `running` is of a process of this machine that is no more. */
bool run_has_died(const char *folder, const struct run_summary *r);
/* run_read_summary of one that may have no end yet, as it is now: `interrupted` where run.json says
 * `running` of a process of this machine that is no more, and as far as its newest sound
 * checkpoint; seconds is NaN where that is further than run.json says. */
MUST_CHECK bool run_read_progress(const char *folder, struct run_summary *ret, struct error *err);
/* Whether this word of run.json, its "matmul", tells of the BLAS. NULL: no. */
bool run_is_by_blas(const char *matmul);
struct json;
/* run.json by the same checks, and spec.yaml against it; owned by the caller (js_free). ERR_DATA
 * where there is none. */
MUST_CHECK bool run_read_manifest(const char *folder, struct json **ret, struct error *err);
/* Whether an ended run's metrics in run.json, and where a completed one stands, are those of
 * epochs.csv, to its nine digits. ERR_DATA names the one that is not; and epochs.csv itself where
 * that is not the certified one. */
MUST_CHECK bool run_check_metrics(const char *folder, const struct json *j, struct error *err);
/* Whether a file of an ended run is the one that its certificate names, if it names one.
 * ERR_DATA with both digests and what to do. */
MUST_CHECK bool run_check_certificate(const char *folder, const struct json *j, const char *file,
                                      struct error *err);
/* The same of its spec.yaml, which may have been edited; j may be NULL. */
MUST_CHECK bool run_check_spec(const char *folder, const struct json *j, struct error *err);
/* The text of the spec.yaml that a run has left, in the arena: the certified one, where there is a
 * certificate, and a run's spec at that. ERR_DATA, with what to do; also where run.json is damaged. */
MUST_CHECK bool run_spec_text(struct arena *a, const char *folder, const char **ret,
                              struct error *err);
/* The same of one that was edited since: of some things resume takes over what it says, and verify
 * shows what it would have come to. */
MUST_CHECK bool run_edited_spec_text(struct arena *a, const char *folder, const char **ret,
                                     struct error *err);
/* The certified one as a spec. ERR_DATA too where this version does not understand it. */
MUST_CHECK bool run_read_spec(struct arena *a, const char *folder, struct spec *ret,
                              struct error *err);
/* The text of a run's spec.yaml as a tree with a seed. ERR_DATA with the line and what to do. */
MUST_CHECK bool run_parse_recorded(struct arena *a, const char *folder, const char *text,
                                   const struct node **ret, struct error *err);
/* Whether a checkpoint in the folder is its run's: of the folder's spec, and the last one of a
 * completed run with the weights that run.json names. ERR_DATA. */
MUST_CHECK bool run_check_weights(const char *folder, const char *path, struct error *err);
/* Ends a run that stopped short: its status, and what an ended run does not need goes. Waits so
 * many seconds for the folder's lock. */
MUST_CHECK bool run_prune(const char *folder, bool keep_last, double wait, struct error *err);

/* What training has reached: a finished run its end; another one its newest sound checkpoint, at
 * which it would resume, or what run.json says where there is none. */
void run_reached(const char *folder, int64_t *ret_epoch, int64_t *ret_step);
/* How long a run was to be from a position on. */
struct run_length {
    int64_t epoch, step;   /* whole epochs and updates done by then; 0 of the first one */
    bool within;           /* some of these updates are the next epoch's */
    int64_t cursor;        /* within: so many images of that epoch; 0: a record without it */
    int64_t epochs, steps; /* its length as the spec tells it; PARAM_NULL_INT: not by this */
};
/* Of a run that was made longer or shorter under a schedule or average that depends on the length:
 * each length in turn, in the arena; 0 of any other run. */
size_t run_read_lengths(struct arena *a, const char *folder, const struct run_length **ret);
/* The same in words, in the arena: "begun with 3 epochs, 6 epochs from epoch 3 on"; NULL: it was
 * not. */
const char *run_extensions(struct arena *a, const char *folder);

/* ---- tables on disk ---- */

/* epochs.csv read back. rows in the arena. ERR_DATA for what is not such a table. */
MUST_CHECK bool run_read_epochs(struct arena *a, const char *folder, struct epoch_row **ret,
                                size_t *ret_n, struct error *err);
/* What timing.csv has of each of n rows, in the arena; NaN where it has none. */
struct run_time {
    double train, evaluate; /* seconds of that epoch */
};
/* ERR_DATA where timing.csv is no such table. */
MUST_CHECK bool run_read_times(struct arena *a, const char *folder, const struct epoch_row *row,
                               size_t n, struct run_time **ret, struct error *err);
/* Whether timing.csv has a row for each epoch up to this one, and no other. ERR_DATA. */
MUST_CHECK bool run_check_times(const char *folder, int64_t epoch, struct error *err);
/* A column of steps.csv against the number of updates; n = 0 where there is no such file, or no
 * such column. In the arena. */
struct run_steps {
    size_t n;
    double *step, *value;
};
/* ERR_DATA where steps.csv is no such table. */
MUST_CHECK bool run_read_steps(struct arena *a, const char *folder, enum metric m,
                               struct run_steps *ret, struct error *err);
/* What happened, and where in epochs: the learning rate fell, the batch grew (unless they do all
 * the time), the optimizer changed, the best epoch (below 1: none). In the arena; returns how
 * many. */
struct run_event {
    double epoch;
    const char *label;
};
/* row: n rows of epochs.csv. */
size_t run_events(struct arena *a, const char *folder, const struct epoch_row *row, size_t n,
                  int64_t best, const struct run_event **ret);
/* What epochs.csv tells as figures: calls take with "loss", "accuracy" and "schedule", each with
 * what it looks like, which lives as long as the call. False where take returns false. */
struct figure;
typedef bool run_figure_handler(void *context, const char *name, const struct figure *f,
                                struct error *err);
/* ERR_DATA where the folder's tables cannot be read. */
MUST_CHECK bool run_figures(const struct spec *spec, const char *folder, run_figure_handler *take,
                            void *context, struct error *err);
/* Draws them as loss.png, accuracy.png and schedule.png; diverged: after so many updates, -1: as
 * run.json tells. */
MUST_CHECK bool run_draw(const struct spec *spec, const char *folder, int64_t diverged,
                         struct error *err);

/* What this build is: version, commit, compiler, BLAS: one line each. */
void run_describe_build(struct strbuf *out);
/* The same digest of this build. */
const char *run_sources(void);
/* Adds a line for whatever of this build and its BLAS is not what the folder's run.json records. */
void run_build_changes(const char *folder, struct strbuf *out);

#endif
