/* A flat ravine along the diagonal. */
#include "func/func.h"

static double value(const void *options, double x, double y)
{
    (void)options;
    return 0.26 * (x * x + y * y) - 0.48 * x * y;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    ret[0] = 0.52 * x - 0.48 * y;
    ret[1] = 0.52 * y - 0.48 * x;
}

const struct func_kind func_matyas = {
    .base =
        {
            .name = "matyas",
            .title = "Matyas' function",
            .equation = "f = 0.26 (x^2 + y^2) - 0.48 x y",
            .source =
                "Jamil and Yang 2013, \"A literature survey of benchmark functions for global optimisation problems\", "
                "number 71, arXiv:1308.4008",
            .note = "A quadratic with curvatures 0.04 and 1 along the diagonals.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-10, 10, -10, 10},
    .start = {-9, 2},
    .minimum = {{0, 0}},
    .minima = 1,
};
