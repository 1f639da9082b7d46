/* The experiment: every value of a spec, bound, checked, and written back. */
#ifndef DESCENT_SPEC_SPEC_H
#define DESCENT_SPEC_SPEC_H

#include "config/param.h"
#include "data/data.h"
#include "func/func.h"
#include "nn/nn.h"
#include "optim/optim.h"
#include "sched/sched.h"
#include "spec/average.h"
#include "spec/metric.h"

/* train.early_stopping; the rest counts where it is on. */
struct early_stopping {
    int monitor; /* enum metric */
    int64_t patience;
    double min_delta;
    bool on;
};

/* train.sam; rho 0: none. */
struct sam_config {
    double rho;
};

struct train_config {
    int64_t epochs, steps; /* one of them PARAM_NULL_INT */
    int64_t batch_size;
    int sampler; /* enum data_sampler */
    bool drop_last;
    double label_smoothing, clip_norm, clip_value; /* clips: NAN = none */
    int64_t accumulate;
    struct early_stopping early_stopping;
    struct sam_config sam;
};

#define EVALUATE_FULL INT64_MAX
enum evaluate_test { EVALUATE_END, EVALUATE_EVERY, EVALUATE_NEVER };
struct evaluate_config {
    int64_t train; /* images: EVALUATE_FULL, 0 = none, or the first N */
    int test;      /* enum evaluate_test */
    int64_t batch_size;
};

struct checkpoint_config {
    int64_t every, every_steps, keep;
    double every_seconds;
    const char *best; /* a metric's name, or NULL */
    bool last;        /* a finished run keeps its last one */
};

struct log_config {
    int64_t steps;
};

/* One `expect:` entry: value OP a, or |value - a| <= b for "+-". */
struct expectation {
    const char *metric, *text; /* metric "weights": text is "sha256:" and 64 digits */
    char op;                   /* '<' '>' 'l' (<=) 'g' (>=) '~' (+-) '#' (of weights) */
    double a, b;
    bool percent; /* as the text has it; a and b are fractions */
};
struct expectations {
    size_t n;
    struct expectation *v;
};

/* trace: one function, and optimizers with schedules of their own on it. */
struct trace_entry {
    struct chosen optimizer;
    struct chosen_list scheduler;
    struct place place;
};
struct trace_entries {
    size_t n;
    struct trace_entry *v;
};
struct trace_map {
    struct reals lr, momentum; /* none: no map */
};
struct trace_config {
    struct chosen function;
    double start[2];
    int64_t steps;
    double noise;
    struct reals domain; /* x from, to, y from, to */
    struct trace_entries optimizers;
    struct trace_map map;
};

struct spec {
    const char *name, *description;
    int64_t seed, threads;
    struct data_config dataset;
    struct chosen model;
    struct train_config train;
    struct chosen optimizer;
    struct chosen_list scheduler;
    struct chosen average;
    struct evaluate_config evaluate;
    struct checkpoint_config checkpoint;
    struct log_config log;
    bool plots;
    struct expectations expect;
    const struct node *sweep;   /* NULL: none; read by the modules above */
    struct trace_config *trace; /* NULL: none */

    const struct node *root; /* the tree it was bound from, for places */
    struct arena *arena;     /* borrowed; everything above lives in it */
};

/* A name is a folder's. */
#define SPEC_NAME_JSON                                                                             \
    "\"maxLength\": 255, \"pattern\": \"^[^./\\\\u0000-\\\\u001F\\\\u007F-\\\\u009F][^/\\\\u0000-\\\\u001F\\\\u007F-\\\\u009F]*$\""
/* The default of `seed`, as the key tables have defaults. */
#define SPEC_SEED "123"
extern const struct param spec_params[];
extern const struct param trace_params[]; /* of struct trace_config */
/* Of a trace alone; whether this tree is one; and how the row `trace` is read (a struct
 * trace_config *). */
extern const struct param spec_trace_only_params[];
/* Whether the tree has a `trace` and no `optimizer`. */
bool spec_only_traces(const struct node *root);
/* The `read` of the row `trace`. */
bool spec_read_trace(struct binder *b, const struct param *p, const struct node *value,
                     void *field);

/* Loads PATH (with what it extends), applies overrides, binds and checks. All in the arena. False:
 * diagnostics were added (d->code says the exit code). */
MUST_CHECK bool spec_load(struct arena *a, const char *path, char *const *overrides, size_t n,
                          struct diags *d, struct spec *ret);
struct spec_text {
    const char *name,
        *text; /* name: of its file, for messages; its stem is the spec's default name */
    char *const *override; /* KEY=VALUE */
    size_t overrides;
};
/* The same of a text that a run left, such as the spec recorded in a checkpoint: what its schedules
 * come to is checked where it trains. */
MUST_CHECK bool spec_parse(struct arena *a, const struct spec_text *x, struct diags *d,
                           struct spec *ret);
/* KEY=VALUE ... into a tree: names before what lies below them, whatever their order. */
bool spec_override(struct arena *a, struct node *root, char *const *overrides, size_t n,
                   struct diags *d);
/* Binds a tree; stem: the name where the spec has none. */
MUST_CHECK bool spec_bind(struct arena *a, const struct node *root, const char *stem,
                          struct diags *d, struct spec *ret);
/* The same of what a run trained with: see spec_parse. */
MUST_CHECK bool spec_bind_begun(struct arena *a, const struct node *root, const char *stem,
                                struct diags *d, struct spec *ret);

/* The same for what asks for a trace, or takes any spec: one that has a section `trace` and no
 * `optimizer` is a trace alone, of name, description, seed and that section. All else of it is
 * zero; optimizer.kind NULL tells. */
MUST_CHECK bool spec_load_any(struct arena *a, const char *path, char *const *overrides, size_t n,
                              struct diags *d, struct spec *ret);
/* The same of a text. */
MUST_CHECK bool spec_parse_any(struct arena *a, const struct spec_text *x, struct diags *d,
                               struct spec *ret);

/* The resolved spec: every value written out; binds back to the same. Of a trace alone,
 * spec_write_trace's. */
void spec_write(const struct spec *s, struct strbuf *out);
/* Whether the text is what spec_write makes of it: a run has left it. */
bool spec_is_resolved(const char *text);
/* What a trace depends on, as a spec that only traces. */
void spec_write_trace(const struct spec *s, struct strbuf *out);

/* The resolved spec that an earlier version wrote, with the defaults of keys that have come since;
 * the text itself where it is not a spec. */
const char *spec_completed(struct arena *a, const char *text);

/* What differs between two resolved specs: calls f with each dotted key ("optimizer.lr") and both
 * texts (NULL where absent). */
void spec_differences(struct arena *a, const char *one, const char *other,
                      void (*f)(void *context, const char *key, const char *one, const char *other),
                      void *context);
/* A line of such a difference for a reader. */
void spec_add_difference(struct arena *a, const char *key, const char *one, const char *other,
                         struct strbuf *out);
/* Whether this key cannot change what a run comes to (name, threads, plots, ...): runs that differ
 * in nothing else are one experiment. */
bool spec_keeps_result(const char *key);
/* Whether runs that differ in this key alone are repetitions on other splits of the data, or folds:
 * none of its values is the best. */
bool spec_splits_data(const char *key);
/* Whether resuming may change this key: those that keep the result, and the run's length. */
bool spec_may_change(const char *key);
/* Whether the program makes the data set of this name itself, from dataset.seed. */
bool spec_makes_data(const char *name);

/* The first `interval: epoch` that somebody has given to a piece of a sequence which counts steps:
 * it has no effect; NULL: none. */
const struct node *spec_ignored_interval(const struct spec *s);

/* A training set's size where it is not known: that of MNIST. */
enum { SPEC_TYPICAL_IMAGES = 54000 };
/* Base values and length for the schedules. */
struct sched_base spec_sched_base(const struct spec *s, size_t train_size);

/* The same for one optimizer of a trace: a step is an epoch of one sample. */
struct sched_base spec_trace_base(const struct trace_entry *e, int64_t steps);
/* What a trace's optimizer moves: two weights, a tensor without memory yet. */
enum { SPEC_TRACE_STORED = 16 }; /* floats of a padded vector (num/tensor.h) */
extern const struct optim_tensor spec_trace_point;

/* Images that are evaluated at once: the spec's batch, or fewer where no split has as many. */
size_t spec_evaluation_batch(const struct spec *s, size_t train, size_t valid, size_t test);

/* NULL-ended list of all registries, for `descent list`. */
extern const struct registry *const spec_registries[];

#endif
