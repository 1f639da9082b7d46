/* Runs in groups that differ in nothing but the seed, and what the groups' figures say. */
#ifndef DESCENT_STUDY_COMPARISON_H
#define DESCENT_STUDY_COMPARISON_H

#include "num/sample.h"
#include "study/collect.h"

struct group {
    const struct collected_value **value; /* of each key shown; NULL: it has no such key */
    const char **shown; /* the values for readers: what all long ones share is cut; "–" for none */
    const char *label;  /* "adam, lr 0.005, batch_size 32" */
    size_t n;
    const struct collected_run **run;   /* in the order in which they were collected */
    size_t status[STATUSES_OF_STUDIES]; /* how many of each */
};

struct grouping {
    size_t keys;
    const char **key;  /* full */
    const char **name; /* short: the shortest end that no other one shown has */
    size_t groups;
    struct group *group; /* sorted by their values, numbers by size */
};

/* By the keys in `by` (n_by > 0), or by all that the runs' specs do not share, except the seed and
 * what cannot change the result; the run's length counts as a difference, and so do the data: where
 * nothing else tells them apart, by dataset.dir or, where that does not either, by COLLECT_DATA. Of
 * a section with a name, keys at any depth are shown only where they tell groups of the same name
 * apart. ERR_USAGE for an unknown key. */
MUST_CHECK bool group_runs(struct arena *a, const struct collection *c, char *const *by,
                           size_t n_by, struct grouping *ret, struct error *err);
/* Runs of a group as a collection of its own. */
struct collection group_part(struct arena *a, const struct collection *c, const struct group *g);
/* Groups by exactly these keys: without any, one group of all, with an empty label. */
MUST_CHECK bool group_by(struct arena *a, const struct collection *c, char *const *key, size_t n,
                         struct grouping *ret, struct error *err);
/* By all keys that differ but those whose runs repeat one thing on other images, folds and split
 * seeds: one of these is not chosen, nor tried. Of such keys those named count all the same. */
bool group_settings(struct arena *a, const struct collection *c, char *const *but, size_t n,
                    struct grouping *ret, struct error *err);
/* The group of the same values, or NULL. */
const struct group *group_find(const struct grouping *g, const struct group *like);
/* The keys in which runs of one group differ though they matter (they were grouped by others), "a,
 * b and 2 more", or NULL. Not what a deviation may be over: split seeds and folds. */
const char *group_mixes(struct arena *a, const struct grouping *g, const struct collection *c);
struct deviation {
    bool seeds;   /* the runs' */
    bool splits;  /* which images are held out, by a seed */
    bool folds;   /* the same by a fold */
    bool coupled; /* the run's seed splits too */
};
/* What varies within groups, and so what ± is over. */
struct deviation group_deviation(const struct grouping *g, const struct collection *c);
/* A sentence in lines of at most 80 columns, without a line's end; NULL where nothing varies. */
const char *group_deviation_text(const struct deviation *d);
/* The same of what overlaps: that intervals are too narrow. NULL where nothing does. */
const char *group_overlap_text(const struct deviation *d);
/* Which images a run holds out. */
struct held_out {
    const struct collected_value *fold;
    bool drawn, own_seed; /* by its dataset.split_seed, else by the run's seed */
    double seed;
};
/* Of a run of the collection. */
struct held_out held_out_of(const struct collection *c, const struct collected_run *r);
/* Whether none of two is drawn, or both with one seed. */
bool held_out_same_draw(const struct held_out *x, const struct held_out *y);
/* How many it holds out, over those that are left before a train_limit. NaN: not known. */
double held_out_ratio(const struct collection *c, const struct collected_run *r);
/* The completed runs' figures. */
struct stats_sample group_sample(const struct group *g, const struct measure *m);

/* The same of all groups of a table. Of up to POOLED_MOST runs the interval is by the deviation
 * pooled over the groups of several runs of which none diverged; those of accuracies end at 0 and
 * 1. */
enum { POOLED_MOST = 3 };
/* One of several samples takes its interval so. share: of fractions. */
void group_take_interval(struct stats_sample *s, const struct stats_pooled *pooled, bool share);
/* ret: a sample of each group. Returns what was pooled. */
struct stats_pooled group_samples(const struct grouping *g, const struct measure *m,
                                  struct stats_sample *ret);
/* Whether runs of it diverged or failed: such a group leads none of which all went well. */
bool group_lost(const struct group *g);
/* Whether x, with this sample, is chosen over y: by the rule of stats_leads, and of those that are
 * equal the first in the sweep's order, as `sweep --tune` does. */
bool group_leads(const struct group *x, const struct stats_sample *its, const struct group *y,
                 const struct stats_sample *other, bool rises);
/* order: groups as they lead. A group ties with the best one of the rank above it where their
 * intervals overlap; else, or where one of the two lost runs, it begins a rank of its own, 1 + the
 * number of ranked groups above it. So ranks never fall as means do. Fewer than two runs have no
 * rank: 0; nor have those without an interval. */
void group_ranks(const struct stats_sample *s, const bool *lost, size_t n, bool rises,
                 size_t *ret_rank, size_t *ret_order);

/* How far runs went until a column first reached a value. */
struct target {
    enum metric metric;
    double value;
};
/* "valid_accuracy=0.97". ERR_USAGE. */
MUST_CHECK bool target_parse(const char *text, struct target *ret, struct error *err);
enum profile_cost { PROFILE_EPOCHS, PROFILE_STEPS, PROFILE_SECONDS };
enum { PROFILE_COSTS = PROFILE_SECONDS + 1 };
extern const char *const profile_cost_names[];
/* One run, in each of these; seconds of training alone. NaN: not known. */
struct reach {
    double at[PROFILE_COSTS];   /* where it was reached; NaN: not as far as the run went */
    double last[PROFILE_COSTS]; /* how far that is; infinite: it diverged and never will */
    bool counts;                /* completed or diverged: others tell nothing yet */
};
/* ERR_DATA, and ERR_USAGE where the run is a published one that keeps no curve of that column. */
MUST_CHECK bool run_reach(const struct collected_run *r, const struct target *t, struct reach *ret,
                          struct error *err);
struct reached {
    size_t runs; /* completed and diverged ones, of which epochs.n reached it */
    struct stats_sample epochs, steps, seconds; /* seconds of training alone */
};
/* Reads the runs' epochs.csv. ERR_DATA. */
MUST_CHECK bool group_reached(const struct group *g, const struct target *t, struct reached *ret,
                              struct error *err);

/* Twins on their way to a target. A run that never got there took longer than its twin that did,
 * whatever the numbers, unless it was given up before the twin was there: that pair is untold. */
struct race {
    size_t pairs;                /* sooner + later + level + neither */
    size_t sooner, later, level; /* than the reference's runs */
    size_t one_sided;            /* of those sooner or later: one run alone got there */
    size_t neither, untold;      /* neither got there: a difference of 0; not among the pairs */
    double median;               /* of the differences; infinite: one side never got there; NaN:
                                     without a pair of which one run did */
    double p, adjusted;          /* by Wilcoxon's test: never is the largest rank; by Holm */
    double least;                /* as of struct paired */
};

/* Which runs belong together: those that share every setting, and the seed, but for the keys of
 * the grouping (of a key that names a section, all keys of the section) have the same number. Of
 * each run of c. */
const size_t *group_twins(struct arena *a, const struct collection *c, const struct grouping *g);
/* Why no run of one group has a twin in the other, without a line's end: "they differ in lr too".
 * Of two without a pair. */
const char *group_unpaired(struct arena *a, const struct collection *c, const struct grouping *g,
                           const struct group *one, const struct group *other,
                           const struct measure *m);
enum paired_test { PAIRED_CHOSEN, PAIRED_PERMUTATION, PAIRED_WILCOXON, PAIRED_RESAMPLED };
enum { PAIRED_FLIPS = 20 };
/* Differences of a figure between twins. */
struct paired {
    struct stats_sample difference; /* one minus other */
    double p;                       /* two-sided */
    double least;                   /* p if all pairs differed one way; NaN without any */
    size_t lost;                    /* pairs left out, as a run in them diverged or failed */
    enum paired_test test;
};
/* What is known of a family of comparisons that is adjusted together. */
struct paired_family {
    enum paired_test test; /* the one that all are put to */
    size_t most;           /* pairs of any two groups */
    bool folds, splits;    /* pairs hold out other images than other pairs: by dataset.fold, by a
                              seed; so they are not independent */
    bool uncorrectable;    /* how many images are held out is not known everywhere */
};
/* Counts in the pairs of two groups. */
void paired_count(struct paired_family *f, const struct group *one, const struct group *other,
                  const struct collection *c, const size_t *twin, const struct measure *m);
/* The family's test, as asked or chosen: where the pairs are not independent and the figures are of
 * the images held out PAIRED_RESAMPLED, else sign flips up to PAIRED_FLIPS pairs, beyond that
 * Wilcoxon's. ERR_USAGE where there are too many for sign flips. */
MUST_CHECK bool paired_choose(enum paired_test asked, const struct measure *m,
                              struct paired_family *f, struct error *err);
/* What is to be known of pairs that are not independent, without a line's end: a warning where
 * nothing corrects for it (is_warning); NULL where they are. */
const char *paired_dependence(struct arena *a, const struct paired_family *f,
                              const struct measure *m, bool *is_warning);
/* "folds" or "validation splits"; NULL: the pairs are independent. */
const char *paired_over(const struct paired_family *f);
/* twin: of group_twins. By PAIRED_RESAMPLED those that hold out the same images are one pair, of
 * their mean. */
struct paired group_paired(const struct group *one, const struct group *other,
                           const struct collection *c, const size_t *twin, const struct measure *m,
                           enum paired_test test);

/* ---- all of it ---- */

struct comparison_options {
    char **by; /* keys to group by; 0 of them: what differs */
    size_t n_by;
    const char *metric, *sort, *target; /* NULL: the default, none */
    bool pairs;
    const char *baseline; /* "optimizer=adam,lr=0.01": what the others are paired with; NULL: the
                             best group of several runs, by a figure that may choose */
    enum paired_test test;
    char **column; /* of comparison_chosen */
    size_t columns;
    const char *key; /* of comparison_sensitivity: the one whose values are compared */
    char **problem;  /* of comparison_costs: the keys that make problems */
    size_t problems;
    const char *asks;       /* the option that names them */
    enum profile_cost cost; /* what comparison_costs, and pairs on the way to the target, count */
};
struct comparison {
    struct grouping grouping;
    struct measure measure;
    size_t *order;               /* groups as they are to be shown */
    struct stats_sample *sample; /* of each group: the measure's */
    struct stats_pooled pooled;  /* by which small groups have their intervals */
    size_t *rank;                /* 0: none */
    bool has_target;
    struct target target;
    struct reach *reach;     /* of each run of the collection */
    struct reached *reached; /* of each group */
    bool has_pairs;
    size_t reference; /* the group that the others are paired with */
    struct paired_family family;
    struct paired *paired;
    double *adjusted;       /* p-values by Holm */
    double *reachable;      /* the least that these can be of so many pairs */
    enum profile_cost cost; /* of the race */
    struct race *race;      /* of each group to the target; NULL: no target or no pairs */
};
/* Ranks by the final validation accuracy where no metric is named, without a validation set by that
 * of the test set. ERR_USAGE for what an option does not have, ERR_DATA. */
MUST_CHECK bool comparison_make(struct arena *a, const struct collection *c,
                                const struct comparison_options *o, struct comparison *ret,
                                struct error *err);

/* That accuracy: by it runs are compared where no metric is named. Where no run has completed,
 * their specs say whether there is a validation set. */
struct measure comparison_default_measure(const struct collection *c);
/* What makes figures of one table incomparable, without a line's end: other data, or other images
 * held out for the measure; NULL where nothing does. */
const char *comparison_across_text(struct arena *a, const struct collection *c,
                                   const struct measure *m);
/* That completed runs have no such figure, without a line's end; NULL where all have. */
const char *comparison_lacking_text(struct arena *a, const struct collection *c,
                                    const struct measure *m);
/* That accuracies of other images than the measure's are of more or fewer runs than its n, without
 * a line's end; NULL where that is so of none. */
const char *comparison_uneven_text(struct arena *a, const struct comparison *x);
/* Fills in the pairs of a comparison: each group against the reference. ERR_USAGE where that cannot
 * be chosen or is not there. */
MUST_CHECK bool comparison_pair(struct arena *a, const struct collection *c,
                                const struct comparison_options *o, struct comparison *x,
                                struct error *err);
/* The group that more than half of the pooled variance comes from, by more than chance (Cochran
 * 1941, 5 %), where any interval is by that, or NULL: the others' intervals are then its doing. */
const struct group *comparison_wild(const struct comparison *x);
/* Fills in how long runs and groups took to the target. The errors of run_reach. */
MUST_CHECK bool comparison_reach(struct arena *a, const struct collection *c, struct comparison *x,
                                 struct error *err);
/* Whether that cost of the runs can be known: published results keep no seconds. ERR_USAGE. */
MUST_CHECK bool comparison_check_cost(const struct collection *c, enum profile_cost cost,
                                      struct error *err);
/* Fills in the race of each group against the reference of the pairs. */
void comparison_race(struct arena *a, const struct collection *c, enum profile_cost cost,
                     struct comparison *x);
/* What a choice may be made by: the metric that was named, else the final validation accuracy.
 * ERR_USAGE for a figure of the test set, or where none is named and runs have no validation set.
 * what: "--sensitivity", for the message. */
MUST_CHECK bool comparison_chooser(const struct collection *c, const char *metric, const char *what,
                                   struct measure *ret, struct error *err);
/* Full names of keys. */
struct comparison_keys {
    char **key;
    size_t n;
};
/* The keys that groups are made of but for those given: o's, else all that differ. */
MUST_CHECK bool comparison_other_keys(struct arena *a, const struct collection *c,
                                      const struct comparison_options *o,
                                      struct comparison_keys but, struct comparison_keys *ret,
                                      struct error *err);
/* Of the settings with the same values of the keys `per` keeps the runs of the best, by o's metric;
 * by the rule of group_leads. o then groups by all that differed before. ERR_USAGE for a metric of the test set. */
MUST_CHECK bool comparison_keep_best(struct arena *a, struct collection *c,
                                     struct comparison_options *o, char *const *per, size_t n_per,
                                     struct error *err);

#endif
