/* Finished runs, read from their folders: what they were asked and what resulted. */
#ifndef DESCENT_STUDY_COLLECT_H
#define DESCENT_STUDY_COLLECT_H

#include "expr/expr.h"
#include "expr/vocabulary.h"
#include "folder/folder.h"
#include "run/run.h"
#include "spec/spec.h"
#include "util/error.h"
#include "util/mem.h"

/* Studies do not tell apart what has no end yet: that is STATUS_OPEN, the last that they count. */
enum { STATUSES_OF_STUDIES = STATUS_OPEN + 1 };

/* A value of a spec. Equal ones are the same object. */
struct collected_value {
    const char *text;
    enum expr_type type; /* true and false are numbers; a list is a text: "[75, 45]" */
    double number;
};

/* A sweep whose members are among the runs. */
struct collected_sweep {
    const char *folder;
    size_t pending; /* members that have no folder yet */
};

struct collected_run {
    const char *folder;
    const char *sweep; /* the folder of the sweep that it was found in; NULL: none */
    enum status status;
    int64_t seed, epoch, step, best_epoch; /* best_epoch -1: none */
    int64_t trained, held_out;             /* images of these; 0: none, or not known */
    bool extended;                         /* on the way, which made another run of it */
    double seconds;                        /* wall clock, all processes */
    double final[METRICS], best[METRICS];  /* of run.json; NaN where there is none */
    const char *weights; /* digest of the final weights; NULL: none was recorded */
    const char *init;    /* of the file that they began with, likewise */
    enum verified verified;
    const char *published; /* the published results that it is of; NULL: it is of a folder */
    struct epoch_row *row; /* of a published one: what it keeps of epochs.csv, NaN elsewhere */
    size_t rows;
    size_t place; /* the how manyth: as collected, members of a sweep in the spec's order */
    const struct collected_value *
        *value; /* of each key of the collection; NULL: this spec has no such key */
};

/* A key beside the specs': the digest of the data files' digests in run.json. No value: no data was
 * read yet. */
#define COLLECT_DATA "dataset.sha256"

/* A run that was left out, as it is the same as another. */
struct collected_copy {
    const char *folder, *of;
    bool differs;    /* both recorded their final weights, and these are not the same */
    bool other_best; /* other best epochs, by another checkpoint.best */
};

/* A run that was left out, as a file of it is damaged. */
struct collected_damage {
    const char *folder;
    const char *why; /* with the file's path */
};

/* What a key's values are: the names of a list's entries in some runs (beside null or []), or in
 * each. */
enum list_kind { LIST_NONE, LIST_SOMEWHERE, LIST_EVERYWHERE };

struct collection {
    size_t keys;
    const char **key;     /* dotted: "optimizer.lr", "scheduler.0.gamma" */
    enum list_kind *list; /* of each key */
    /* Behind the keys, of which tables are made, stand names for conditions and orders alone:
     * "scheduler" of several, "model.hidden.0". Runs have values of them too. */
    size_t names;
    size_t runs;
    struct collected_run *run;
    size_t sweeps;
    const struct collected_sweep *sweep;
    size_t skipped;            /* files and folders without a run that were named beside runs */
    const char *first_skipped; /* NULL: none */
    size_t copies;             /* found by collect_once */
    const struct collected_copy *copy;
    const char *const *apart; /* keys that were asked to tell runs apart, by collect_once */
    size_t n_apart;
    size_t damaged;
    const struct collected_damage *damage;
};

/* Reads run folders and folders of run folders (sweeps), each folder once. What holds no run is
 * skipped where another of those named holds one; what holds a damaged one is left out (damage).
 * Everything in the arena. ERR_DATA: nothing is there by a name, no run in any of them, or none
 * that can be read. */
MUST_CHECK bool collect_runs(struct arena *a, char *const *folder, size_t n, struct collection *ret,
                             struct error *err);
/* Sets the runs' places, for collect_runs. */
void collect_place(struct collection *c);
/* Folders as above, and words "published:NAME". */
struct collect_sources {
    char *const *folder;
    size_t folders;
    char *const *published;
    size_t n_published;
};
/* The same, and behind them the runs of published results. ERR_USAGE for a name that does not
 * exist. */
MUST_CHECK bool collect_runs_against(struct arena *a, const struct collect_sources *s,
                                     struct collection *ret, struct error *err);

/* ERR_DATA: none of n > 0 runs can be read, and why. */
bool collect_none_left(const struct collected_damage *damage, size_t n, struct error *err);
/* Whether the value of the key are the names of a list's entries: no setting of its own. */
bool collect_is_of_list(const struct collection *c, size_t key, const struct collected_value *v);
/* Leaves out the runs whose rows cannot be read, for those who want them: epochs.csv, and
 * timing.csv too where `times` is set. ERR_DATA: none is left. */
MUST_CHECK bool collect_need_rows(struct arena *a, struct collection *c, bool times,
                                  struct error *err);

/* Keeps the runs for which the condition holds. Its names: keys, their ends as collect_find_name
 * takes them (`lr`), status, epoch, step, seconds, final.METRIC, best.METRIC. ERR_USAGE with the
 * place in the expression, or where no run is left. */
MUST_CHECK bool collect_filter(struct arena *a, struct collection *c, const char *condition,
                               struct error *err);

/* What names of settings mean here. */
struct vocabulary collect_vocabulary(const struct collection *c);
/* The same, with the names behind the keys. */
struct vocabulary collect_all_names(const struct collection *c);

/* Leaves one of the runs that are one run: their specs differ at most in keys that cannot change
 * the result, and their data have the same digests. Of those that ended the first that has a
 * best epoch stays, else the first of them, else the first.
 * What differs in one of the keys named (as collect_find_key takes them; others are passed over)
 * stays apart: it was asked for. The names have to stay as long as the collection. */
void collect_once(struct arena *a, struct collection *c, const char *const *apart, size_t n);
/* "2 runs count once: copy/a is the run of a, ...", without a line's end; NULL where none was left
 * out. */
const char *collect_copies_text(struct arena *a, const struct collection *c);
/* A warning of ended runs that have the same settings, the same seed and the same values of the
 * keys that collect_once was given, and yet are several: of another length at first, or begun with
 * another content of the same file. NULL where there are none. */
const char *collect_twins_text(struct arena *a, const struct collection *c);
/* "1 run has the final weights and figures of another run with other settings: ...", without a
 * line's end: of a key that takes no effect where it stands, or of settings that say the same; NULL
 * where there is none. */
const char *collect_alike_text(struct arena *a, const struct collection *c);
/* What is to be known of "best" figures whose epochs were chosen by something else than the
 * validation accuracy, or in several ways; without a line's end, NULL where there is nothing. */
const char *collect_best_text(struct arena *a, const struct collection *c);
/* "not finished: 3 runs begun, 2 members of a sweep not begun, 1 run pruned; 'descent resume FOLDER'
 * trains what is left", without a line's end; NULL where all have ended. What somebody trains now
 * is not to be resumed. */
const char *collect_unfinished_text(struct arena *a, const struct collection *c);

/* Whether the runs do not all have the same value. */
bool collect_differs(const struct collection *c, size_t key);
/* The key of exactly this name; c->keys where there is none. */
size_t collect_key_index(const struct collection *c, const char *key);
/* The key with this name, or with this end where only one has it, or only one of those that differ
 * between the runs; "optimizer" is optimizer.name. ERR_USAGE. */
MUST_CHECK bool collect_find_key(const struct collection *c, const char *name, size_t *ret,
                                 struct error *err);
/* The same among all names. */
MUST_CHECK bool collect_find_name(const struct collection *c, const char *name, size_t *ret,
                                  struct error *err);

/* A figure of a run: a column of the last row (valid_accuracy, final.valid_accuracy) or of the best
 * (best.valid_accuracy). */
struct measure {
    enum metric metric;
    bool best;
};
/* "valid_loss", "best.test_accuracy", "final.train_loss". ERR_USAGE names the nearest column. */
MUST_CHECK bool measure_parse(const char *text, struct measure *ret, struct error *err);
/* A run's figure; NaN where it has none. */
double measure_value(const struct measure *m, const struct collected_run *r);
bool measure_is_share(const struct measure *m); /* an accuracy */
/* Whether they are the same column of the same row. */
bool measure_is_same(const struct measure *x, const struct measure *y);
/* As measure_parse takes it. */
const char *measure_name(struct arena *a, const struct measure *m);
/* The resolved spec as it stands in the run's folder, in the arena. */
MUST_CHECK bool collect_spec_text(struct arena *a, const struct collected_run *r, const char **ret,
                                  struct error *err);
/* Training seconds up to the end of each of n epochs' rows; NaN where timing.csv does not say. */
MUST_CHECK bool collect_times(struct arena *a, const struct collected_run *r,
                              const struct epoch_row *row, size_t n, double **ret,
                              struct error *err);

#endif
