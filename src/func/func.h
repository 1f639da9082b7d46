/* Functions of two variables on which optimizers are watched: one file each, a const descriptor at
 * its end, a word in meson.build. */
#ifndef DESCENT_FUNC_FUNC_H
#define DESCENT_FUNC_FUNC_H

#include "config/param.h"

#define FUNC_MAX_POINTS 4

struct func_point {
    double x, y;
};

struct func_kind {
    struct kind base;
    double (*value)(const void *options, double x, double y);
    /* The exact gradient. Where there is none (a kink, a tip) a finite subgradient, and zero at a
     * minimum. */
    void (*gradient)(const void *options, double x, double y, double ret[2]);
    /* Of a quadratic whose curvatures are 1 and this; NULL: it is none. */
    double (*condition)(const void *options);
    double domain[4]; /* what is shown: x from, to, y from, to */
    double start[2];
    struct func_point
        minimum[FUNC_MAX_POINTS]; /* all global minima, none where it falls without end */
    size_t minima;
    double least; /* the value at each of them; NAN without one */
    struct func_point
        saddle[FUNC_MAX_POINTS]; /* what takes the place of a minimum in a function that has none */
    size_t saddles;
};

extern const struct registry func_registry;

/* The value and the gradient of a chosen function. */
double func_value(const struct chosen *f, double x, double y);
/* The values over a domain (x from, to, y from, to), at the middles of columns * rows cells: rows
 * from the top, which is the largest y. */
void func_field(const struct chosen *f, const double domain[4], size_t columns, size_t rows,
                double *ret);
/* ret: d/dx and d/dy at (x, y). */
void func_gradient(const struct chosen *f, double x, double y, double ret[2]);
/* Its descriptor. */
const struct func_kind *func_chosen_kind(const struct chosen *f);

#endif
