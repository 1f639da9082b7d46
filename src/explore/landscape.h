/* Slices of the loss over the space of weights: around a trained model along random directions,
 * between two models, and in the plane in which training moved most. */
#ifndef DESCENT_EXPLORE_LANDSCAPE_H
#define DESCENT_EXPLORE_LANDSCAPE_H

#include "figure/figure.h"
#include "train/train.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <stdint.h>

enum landscape_kind {
    LANDSCAPE_PLANE,      /* two random directions */
    LANDSCAPE_LINE,       /* one */
    LANDSCAPE_BETWEEN,    /* the straight line from one model to another */
    LANDSCAPE_TRAJECTORY, /* the first two principal directions of the run's checkpoints */
};
extern const char *const landscape_kind_names[]; /* NULL-ended */

enum landscape_norm {
    LANDSCAPE_SAVED, /* running statistics as they were saved; on the line between two models interpolated like the weights */
    LANDSCAPE_REFRESHED, /* computed again for the weights of each point */
};
extern const char *const landscape_norm_names[]; /* NULL-ended */

struct landscape_options {
    enum landscape_kind kind;
    enum landscape_norm norm;
    bool split[SPLITS];
    size_t limit;  /* the first so many images of each split; SIZE_MAX: all */
    size_t points; /* along a direction (between: from end to end) */
    double
        span; /* to both sides in units of the direction; between: beyond the ends; trajectory: share of its size around it */
    uint64_t seed; /* of the random directions */
    /* Called now and then; may be NULL. */
    void (*progress)(void *context, size_t done, size_t total);
    void *context;
};

/* A model as one point: blocks as the plan lays them out, owned. */
struct landscape_point {
    float *params, *buffers;
};

/* Loss and accuracy at the points of a line, a grid or a path; NAN where the loss is not finite. */
struct landscape_values {
    size_t n;
    double *loss[SPLITS], *accuracy[SPLITS]; /* NULL: not a split that was asked for */
};

struct landscape {
    struct landscape_options options;
    size_t images[SPLITS];        /* evaluated, per split */
    size_t columns, rows;         /* rows 1: a line */
    double *x, *y;                /* of the columns and the rows */
    struct landscape_values grid; /* [row * columns + column] */
    size_t n;      /* points of the path (0: no trajectory), the last one the trained weights */
    int64_t *step; /* of each */
    double *path_x, *path_y;
    double share[2]; /* of the variance, of each direction */
    struct landscape_values path,
        place; /* at the checkpoints themselves; at their places in the plane */
};

/* Takes the weights that training t would evaluate. */
struct landscape_point landscape_take_point(struct train *t);
/* Frees its weights and statistics. */
void landscape_point_fini(struct landscape_point *p);

/* Random direction `number` (from 1) for the weights `params`: N(0, 1) from the counter-based
 * generator, then each output unit's row of a weight matrix scaled to the norm of the weights' row;
 * 0 for biases and batch norm (Li et al. 2018, arXiv:1712.09913, section 4, with the filters of
 * fully connected layers). ret: a block like params. */
void landscape_direction(const struct model_plan *p, const float *params, uint64_t seed,
                         uint32_t number, float *ret);

/* What is evaluated: a training's model, on these data. */
struct landscape_model {
    struct train *train;
    const struct data *data;
};
/* The checkpoints of a run, in order, and their updates. */
struct landscape_path {
    const struct landscape_point *point;
    const int64_t *step;
    size_t n;
};

/* ERR_USAGE where a split that was asked for is empty. */
MUST_CHECK bool landscape_check(const struct landscape_options *o, const struct data *d,
                                struct error *err);
/* Around the weights of `at`, along random directions. Arrays in the arena. */
void landscape_around(struct arena *a, struct landscape_model m, const struct landscape_point *at,
                      const struct landscape_options *o, struct landscape *ret);
/* On the line from one to the other (Goodfellow, Vinyals and Saxe 2015, arXiv:1412.6544). The ends
 * are exact. */
void landscape_between(struct arena *a, struct landscape_model m,
                       const struct landscape_point *from, const struct landscape_point *to,
                       const struct landscape_options *o, struct landscape *ret);
/* In the plane through the path's last point along the first two principal directions of all (Li et
 * al. 2018, section 7). ERR_USAGE where the points do not span a plane. */
MUST_CHECK bool landscape_trajectory(struct arena *a, struct landscape_model m,
                                     const struct landscape_path *path,
                                     const struct landscape_options *o, struct landscape *ret,
                                     struct error *err);

/* ---- what of it is kept ---- */

/* alpha[,beta] (pc1,pc2 of a trajectory) and loss and accuracy of each split; empty where the loss
 * is not finite. */
void landscape_write_csv(const struct landscape *l, struct strbuf *out);
/* The path: step,pc1,pc2, loss and accuracy of each split, and those at the point's place in the
 * plane. */
void landscape_write_path(const struct landscape *l, struct strbuf *out);
/* The settings, a line each: what the figure carries besides specs and values. */
void landscape_write_settings(const struct landscape *l, struct strbuf *out);

struct landscape_texts {
    const char *title;
    const char *from,
        *to; /* what lies at 0 and 1 of a line, to NULL: nothing; the beginning of a trajectory */
    const char *spec[2]; /* resolved; [1] NULL: only one */
};
/* Draws it; the figure carries the specs, the settings, and the values. */
MUST_CHECK bool landscape_draw(const struct landscape *l, const struct landscape_texts *x,
                               const struct figure_appearance *appearance, const char *path,
                               struct error *err);

/* The highest rise of the loss on the line between the ends above the straight line between their
 * losses ("error barrier", Frankle et al. 2020, arXiv:1912.05671). */
double landscape_barrier(const struct landscape *l, int split);
/* The index of the point whose coordinates are exactly (x, 0). */
size_t landscape_index(const struct landscape *l, double x);

#endif
