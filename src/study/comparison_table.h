/* A comparison as tables and as JSON. */
#ifndef DESCENT_STUDY_COMPARISON_TABLE_H
#define DESCENT_STUDY_COMPARISON_TABLE_H

#include "study/comparison.h"
#include "study/table.h"
#include "util/json.h"

/* A row per group. raw: every figure with all its digits in a column of its own, for programs; else
 * for readers: accuracies in per cent, mean ± sample standard deviation, only columns that say
 * something. */
void comparison_table(struct arena *a, const struct comparison *x, bool raw, struct table *ret);
/* A row per group with o's columns behind its keys: rank, n, interval, a status (diverged, ...), a
 * figure as --metric names them, and with a target reached, epochs, steps, seconds. ERR_USAGE. */
MUST_CHECK bool comparison_chosen(struct arena *a, const struct comparison *x,
                                  const struct comparison_options *o, bool raw, struct table *ret,
                                  struct error *err);
/* A row per run, in the order of the groups; below them those that are the same as another, and
 * those that cannot be read, with nothing but that. */
void comparison_runs(struct arena *a, const struct comparison *x, const struct collection *c,
                     bool raw, struct table *ret);
/* What a table of the groups shows, for a caption. */
const char *comparison_caption(struct arena *a, const struct comparison *x);
/* A row per group but the reference. */
void comparison_pairs(struct arena *a, const struct comparison *x, bool raw, struct table *ret);
/* The same of the way to the target, for readers. */
void comparison_races(struct arena *a, const struct comparison *x, struct table *ret);
struct comparison_matrix {
    struct table table;
    size_t
        out_of_reach; /* for so many pairs of groups p cannot come down to 0.05, whatever the figures */
    struct paired_family family;
    size_t lost;     /* pairs of runs left out, as one of them diverged or failed */
    size_t unpaired; /* so many have no pairs of runs */
    const char *why; /* the first of these, and the reason */
};
struct comparison_matrix_form {
    enum paired_test test; /* as asked */
    bool raw;
};
/* All pairs of groups. For readers a row and a column each: above the diagonal the row's mean minus
 * the column's over pairs of runs, below it p by Holm over all of them; raw: a row for each pair.
 * The errors of paired_choose. */
MUST_CHECK bool comparison_matrix(struct arena *a, const struct comparison *x,
                                  const struct collection *c, struct comparison_matrix_form form,
                                  struct comparison_matrix *ret, struct error *err);
/* "sign flips", "Wilcoxon" or "corrected t"; not of PAIRED_CHOSEN. */
const char *paired_test_name(enum paired_test test);
/* The test that all pairs were put to; NULL where there is none with a p. */
const char *comparison_test(const struct comparison *x);
/* Owned by the caller. */
struct json *comparison_json(struct arena *a, const struct comparison *x);

/* A row per group of what else differs: the best value of o's key, the metric there, and between
 * which of the values tried around it no run was lost and the mean stays close: an accuracy within
 * a point, anything else within a tenth. The best first. */
MUST_CHECK bool comparison_sensitivity(struct arena *a, const struct collection *c,
                                       const struct comparison_options *o, bool raw,
                                       struct table *ret, struct error *err);

struct comparison_profiles {
    struct table table;
    size_t untried, cells; /* solvers on problems without a run that ended, of all */
    size_t beyond;         /* comparison_beyond */
};
/* Performance profiles: the values of o's keys `problem` are the problems, what else differs (or o
 * groups by) the solvers. The cost is the mean over runs of what it took to o's target; without one
 * the final error rate or loss. Not solved: where a run of the solver did not get there, or it has
 * none. ERR_USAGE for fewer than two problems. */
MUST_CHECK bool comparison_profile(struct arena *a, const struct collection *c,
                                   const struct comparison_options *o, bool raw,
                                   struct comparison_profiles *ret, struct error *err);

/* The costs that profiles are made of: cost[solver * problems + problem], infinite where it is not
 * solved. tried, in the same order: some run of it has ended, well or not. The same errors. */
struct comparison_costs {
    struct grouping solvers;
    size_t problems, untried;
    double *cost, *least; /* least[problem]: of all solvers */
    double within;        /* how far apart equal ones may lie, beside what nine digits leave open */
    bool *tried;
};
/* The costs of each group by o's keys on each problem. */
MUST_CHECK bool comparison_costs(struct arena *a, const struct collection *c,
                                 const struct comparison_options *o, struct comparison_costs *ret,
                                 struct error *err);

/* A cost over the least of its problem, 1 where they are alike; infinite where it is not solved, or
 * the least is 0. */
double comparison_ratio(const struct comparison_costs *x, size_t solver, size_t problem);
/* How many are solved and infinite all the same, as the least is 0. */
size_t comparison_beyond(const struct comparison_costs *x);

/* What was tried, of each group by o's keys (default: optimizer). */
struct comparison_trials {
    struct grouping grouping;
    struct measure measure;
    struct comparison_trial {
        size_t trials, lost; /* settings; of which some run diverged or failed */
        size_t pruned; /* of which none did, and some run was given up: by the figures it had */
        double *value; /* of each, the worst first */
    } * of;            /* each group */
};
/* ERR_USAGE where the metric is of the test set. */
MUST_CHECK bool comparison_trials(struct arena *a, const struct collection *c,
                                  const struct comparison_options *o, struct comparison_trials *ret,
                                  struct error *err);
/* A row per group by o's keys (default: optimizer): the expected best of k of its settings tried at
 * random, with the deviation of that best; k no more than were tried. A setting is the mean of its
 * seeds; one of which runs diverged or failed counts as the worst figure of all, a pruned run as
 * the figure it had. ERR_USAGE for a
 * figure of the test set. */
MUST_CHECK bool comparison_budget(struct arena *a, const struct collection *c,
                                  const struct comparison_options *o, bool raw, struct table *ret,
                                  struct error *err);

/* ---- parts of tables ---- */

/* A column for each key; group: which one stands in each row. */
void comparison_add_keys(struct table_builder *b, const struct grouping *g, const size_t *group,
                         bool raw);
/* The columns of comparison_races; group: which one stands in each row, not the reference. */
void comparison_add_races(struct table_builder *b, const struct comparison *x, const size_t *group,
                          bool raw);
/* The groups but the reference, in their order. */
const size_t *comparison_paired_groups(struct arena *a, const struct comparison *x, size_t *ret_n);
/* What follows the measure that ranks; the first ones are for readers too. */
enum { COMPARISON_OTHERS = 8 };
extern const struct measure comparison_others[COMPARISON_OTHERS];
/* NAME.mean, NAME.sd, NAME.low, NAME.high; s: of each row. For programs. */
void comparison_add_sample(struct table_builder *b, const char *name, const struct stats_sample *s);
/* Nine digits; NULL where it is no number. For programs. */
const char *comparison_raw(struct arena *a, double v);
/* "97.20 ± 0.14": a share in per cent. */
const char *comparison_figure(struct arena *a, const struct stats_sample *s, bool share);
/* "97.06 to 97.34" */
const char *comparison_interval(struct arena *a, const struct stats_sample *s, bool share);
/* A p-value, or that there is none. */
const char *comparison_p(struct arena *a, double p, bool raw);
/* "valid %" */
const char *comparison_head(struct arena *a, const struct measure *m);

#endif
