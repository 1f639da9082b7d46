/* The saddle: down along one axis, up along the other. */
#include "func/func.h"

static double value(const void *options, double x, double y)
{
    (void)options;
    return x * x - y * y;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    ret[0] = 2 * x;
    ret[1] = -2 * y;
}

const struct func_kind func_saddle = {
    .base =
        {
            .name = "saddle",
            .title = "saddle",
            .equation = "f = x^2 - y^2",
            .source = "the normal form of a nondegenerate saddle point (Morse 1925)",
            .note =
                "No minimum: the question is how soon a path that starts near the ridge leaves the saddle.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-1.5, 1.5, -1.5, 1.5},
    .start = {-1.2, 0.001},
    .least = (double)NAN,
    .saddle = {{0, 0}},
    .saddles = 1,
};
