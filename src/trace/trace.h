/* Optimizers on a function of two variables: the paths they take, as numbers and as pictures. */
#ifndef DESCENT_TRACE_TRACE_H
#define DESCENT_TRACE_TRACE_H

#include "figure/figure.h"
#include "spec/spec.h"
#include "util/strbuf.h"

/* One optimizer's way: points 0 (the start) to n - 1. All in the trace's arena. */
struct trace_path {
    const char *label; /* tells it from the others: "sgd, lr 0.1, momentum 0.9" */
    double *x,
        *y; /* what the optimizer would answer after so many updates: its average, where it evaluates one */
    double *value;     /* of the function there, exact */
    double *grad_norm; /* length of the gradient there, without noise */
    size_t n;
    bool diverged; /* the next point is not finite any more */
    const char
        *event; /* what happened on the way (SWATS switched), after event_step updates; or NULL */
    uint64_t event_step;
};

struct trace {
    const struct trace_config *config;
    const struct func_kind *function;
    struct trace_path *path;
    size_t n; /* as many as config->optimizers */
};

/* Follows every optimizer. State and weights are float32, as in training; the function and its
 * gradient are computed in double precision at the float32 point. The noise of a step is the same
 * for all of them. */
void trace_run(struct arena *a, const struct trace_config *config, uint64_t seed,
               struct trace *ret);
/* One optimizer alone; fixed: its lr and so on instead of what its schedules say, or NULL. */
void trace_follow(struct arena *a, const struct trace_config *config,
                  const struct trace_entry *entry, uint64_t seed, const struct sched_now *fixed,
                  struct trace_path *ret);
/* Labels that differ, of the settings that are not the defaults, and lr. */
void trace_label(struct arena *a, const struct trace_config *config, struct trace_path *path);

/* The function's name and its options that are not the defaults. */
const char *trace_function_label(struct arena *a, const struct trace_config *config);

/* How far point i is from the nearest minimum, infinite where there is none. */
double trace_distance(const struct trace *t, const struct trace_path *p, size_t i);
/* The first step from which on the path stays within `radius` of one; -1: none. */
int64_t trace_arrival(const struct trace *t, const struct trace_path *p, double radius);

/* The first optimizer at each lr (column) with each momentum (row) of the map: by which factor the
 * distance to the minimum shrinks with a step, over the second half of the way: 0 where it arrived
 * before, NaN where it does not shrink. */
struct trace_rates {
    const struct trace_map *map;
    double *rate; /* rate[row * columns + column], in the arena */
    size_t best;  /* the cell of the smallest one; rows * columns: none */
    size_t
        theory; /* the cell nearest to the best lr and momentum by theory; rows * columns: there is no theory of it */
    double theory_lr, theory_momentum, theory_rate;
};
/* Runs the first optimizer with all of them. */
void trace_measure_rates(struct arena *a, const struct trace *t, uint64_t seed,
                         struct trace_rates *ret);
/* lr,momentum,rate */
void trace_write_rates(const struct trace_rates *r, struct strbuf *out);
/* The map of these rates. Atomic. ERR_SYSTEM. */
MUST_CHECK bool trace_draw_rates(const struct trace *t, const struct trace_rates *r,
                                 const struct spec *s, const struct figure_appearance *appearance,
                                 const char *path, struct error *err);

/* optimizer,step,x,y,value,grad_norm: a row per point. */
void trace_write_csv(const struct trace *t, struct strbuf *out);
/* Where each ended, for people: labels that leave too little room on the page stand on lines of
 * their own. */
void trace_write_table(const struct trace *t, size_t page, struct strbuf *out);

/* The figure, with the resolved spec in it: paths over contours, value against step. In the
 * arena. */
struct figure trace_figure(struct arena *a, const struct trace *t, const struct spec *s,
                           const struct figure_appearance *appearance);
/* How many pictures there are after 0, `every`, 2 every, ... steps and the last. */
size_t trace_frames(const struct trace *t, int64_t every);
/* These pictures, of half the size, as FOLDER/frame-00001.png and so on. */
MUST_CHECK bool trace_draw_frames(const struct trace *t, const struct spec *s,
                                  const struct figure_appearance *appearance, const char *folder,
                                  int64_t every, struct error *err);
/* The same as one animated PNG. What does not animate it shows the last picture. Atomic. */
MUST_CHECK bool trace_animate(const struct trace *t, const struct spec *s,
                              const struct figure_appearance *appearance, const char *path,
                              int64_t every, struct error *err);

#endif
