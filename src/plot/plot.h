/* Figures of runs and of groups of runs. */
#ifndef DESCENT_PLOT_PLOT_H
#define DESCENT_PLOT_PLOT_H

#include "figure/figure.h"
#include "num/smooth.h"
#include "run/curves.h"
#include "study/comparison.h"

/* Options that not every kind of figure takes, as bits. */
enum plot_takes {
    PLOT_TAKES_METRIC = 1 << 0,
    PLOT_TAKES_METRICS = 1 << 1, /* several of them */
    PLOT_TAKES_X = 1 << 2,
    PLOT_TAKES_GROUP_BY = 1 << 3,
    PLOT_TAKES_OVER = 1 << 4,
    PLOT_TAKES_PANELS = 1 << 5,
    PLOT_TAKES_BAND = 1 << 6,
    PLOT_TAKES_SMOOTH = 1 << 7,
    PLOT_TAKES_LOG = 1 << 8,
    PLOT_TAKES_RANGE = 1 << 9,
    PLOT_TAKES_X_RANGE = 1 << 10,
    PLOT_TAKES_TARGET = 1 << 11
};
/* Where a figure has the values of its metric. */
enum plot_values { PLOT_VALUES_ALONG_Y, PLOT_VALUES_ALONG_X, PLOT_VALUES_AS_COLOURS };

struct plot;
/* Makes a kind's panels. ERR_USAGE where the runs do not have what the options name. */
typedef bool plot_maker(struct plot *p, const struct collection *c, struct error *err);

/* A kind of figure: a file in kinds/ that ends with it, and a word in this folder's meson.build. */
struct plot_kind {
    const char *name; /* as it is typed; of the file that it is drawn to */
    plot_maker *make; /* NULL: a figure that each run draws of itself, by this name */
    unsigned takes;   /* of enum plot_takes */
    enum plot_values values;
    bool wants_rows;      /* it is drawn from more than run.json */
    bool smooths_unasked; /* without the option too */
};
#define KIND(name) extern const struct plot_kind plot_##name;
#include "plot/list.inc"
#undef KIND
extern const struct plot_kind *const plot_kinds[]; /* NULL-ended */
extern const char *const plot_kind_names[];        /* theirs, in the same order; NULL-ended */
extern const char *const plot_x_names[];           /* of enum run_axis */
enum plot_band { PLOT_MINMAX, PLOT_SD, PLOT_INTERVAL, PLOT_QUARTILES, PLOT_RUNS, PLOT_NONE };
extern const char *const plot_band_names[];

enum { PLOT_METRICS = 6 };
struct plot_options {
    const struct plot_kind *kind;
    struct measure metric[PLOT_METRICS]; /* none: the kind's own */
    size_t metrics;
    enum run_axis x;
    char **by; /* keys that make a curve, or a row of a strip plot; none: all that differ */
    size_t n_by;
    char *
        *over; /* keys along the axes: two of a heat map (x, y), one of the others; none: chosen */
    size_t n_over;
    char **panels; /* keys with a panel for each of their values */
    size_t n_panels;
    enum plot_band band;
    size_t smooth; /* points of a running mean; 0: none */
    enum smooth_window window;
    const char *log;               /* "x", "y", "xy", "none"; NULL: the kind's own */
    const double *range, *x_range; /* of values, of x; NULL: as the data are */
    struct target target;
    bool has_target;
    const char *title;
    struct figure_appearance appearance;
    bool tells;                     /* says on stderr what a figure averages over unasked */
    const struct collection *first; /* their groups have the first styles of a strip, as in a figure
                                       of their own; NULL: none of them comes first */
};

/* What the runs look like, in the arena; not for a kind that each run draws of itself. ERR_USAGE
 * where they do not have what the options name. */
MUST_CHECK bool plot_make(struct arena *a, const struct collection *c, const struct plot_options *o,
                          struct figure *ret, struct error *err);
/* Hands the figure, with each run's spec in it, to `take`; whatever kind it is. It lives as long as
 * that call. */
typedef bool plot_handler(void *context, const struct figure *f, struct error *err);
/* ERR_USAGE as plot_make; false where take returns false. */
MUST_CHECK bool plot_take(struct arena *a, const struct collection *c, const struct plot_options *o,
                          plot_handler *take, void *context, struct error *err);

/* ---- parts, each a pure function of the collection, except that they read epochs.csv ---- */

struct plot {
    struct arena *a;
    const struct plot_options *o;
    struct axes *panel;
    size_t panels, columns;
    bool shared_legend;
    bool beyond_first;  /* accuracies begin behind the first epoch */
    char **key, **over; /* that make a curve; along the axes */
    size_t keys, overs;
};
/* The one run; NULL with ERR_USAGE where there are more. */
const struct collected_run *plot_only_run(const struct plot_kind *kind, const struct collection *c,
                                          struct error *err);
/* The figure of a kind that each run draws of itself. */
MUST_CHECK bool plot_own(struct arena *a, const struct collection *c, const struct plot_options *o,
                         plot_handler *take, void *context, struct error *err);

/* What makes a curve: the keys of the options, else all that differ but those along axes and of
 * panels. Full names. */
MUST_CHECK bool plot_curve_keys(struct plot *p, const struct collection *c, struct error *err);
/* The label with what became of runs that are not drawn: "adam (1 diverged)". */
const char *plot_label(struct arena *a, const struct group *g);
/* What a group's first key has, beside an axis; "none": nothing, as a scheduler of null. */
const char *plot_value_label(const struct group *g);
/* "validation accuracy", "training loss", ... */
const char *plot_metric_label(struct arena *a, const struct measure *m);
/* "97 %" */
const char *plot_goal(struct arena *a, const struct target *t);
/* "updates to a validation accuracy of 97 %" */
const char *plot_target_label(struct arena *a, const struct target *t);
/* The ends of the options' band around a sample's mean; NaN: none. An interval by a pooled
 * deviation is to be taken before. */
void plot_band(const struct plot *p, const struct stats_sample *s, double *ret_low,
               double *ret_high);
/* Whether the options make this axis ('x' or 'y') logarithmic; otherwise: where they say
 * nothing. */
bool plot_log(const struct plot_options *o, char axis, bool otherwise);
/* Running means as the options have them, in the arena; and the label that says so. */
const double *plot_smoothed(struct plot *p, const double *v, size_t n);
/* The label, and over how many points the mean is. */
const char *plot_smooth_label(struct plot *p, const char *label);
enum {
    PLOT_SMOOTH = 12
}; /* points of a mean from which a dense curve has no peaks worth keeping */
/* The metric that the options name, else what runs are compared by. */
struct measure plot_measure(const struct plot *p, const struct collection *c);
/* Chooses the wanted number of keys along the axes, p->over: those of the options, else of those
 * that differ `first` ones, then numbers, then what there is. ERR_USAGE where they are too few. */
MUST_CHECK bool plot_choose_over(struct plot *p, const struct collection *c,
                                 const char *const *first, size_t wanted, struct error *err);
/* A dotted key as an axis has it: its last word, spelt out. */
const char *plot_key_label(struct arena *a, const char *key);
/* Whether a key's values, all of them positive, span at least this factor: they need a logarithmic
 * axis. Not those that the runs' sweep draws evenly along a linear axis. */
bool plot_key_spans(struct plot *p, const struct collection *c, const char *key, const double *v,
                    size_t n, double factor);
/* Says on stderr how many of a key's n values a logarithmic axis leaves out, if any. */
void plot_tell_left_out(const char *key, const double *v, size_t n);
/* Whether they are few and whole, from 1 on: counts, which get ticks of their own (32, 64, 256). */
bool plot_counts(const double *v, size_t n);
/* With some room beside the first and the last; NULL where there is nothing to be shown. */
const double *plot_range(struct arena *a, const double *v, size_t n, bool log);
/* Widens a range by a share of its width, so that nothing is on the frame; a single value gets
 * room too. */
void plot_widen(double range[2], bool log, double share);
/* One range for the values of all panels of a metric, in place, unless one was chosen. */
void plot_share_range(struct plot *p, size_t from, size_t stride);

#endif
