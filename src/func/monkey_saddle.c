/* A saddle with three ways down, flat to second order. */
#include "func/func.h"

static double value(const void *options, double x, double y)
{
    (void)options;
    return x * x * x - 3 * x * y * y;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    ret[0] = 3 * x * x - 3 * y * y;
    ret[1] = -6 * x * y;
}

const struct func_kind func_monkey_saddle = {
    .base =
        {
            .name = "monkey_saddle",
            .title = "monkey saddle",
            .equation = "f = x^3 - 3 x y^2",
            .source = "Hilbert and Cohn-Vossen 1932, \"Anschauliche Geometrie\"",
            .note =
                "No minimum. Gradient and curvature both vanish at the saddle point: two legs and a tail.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-1.5, 1.5, -1.5, 1.5},
    .start = {1.1, 0.05},
    .least = (double)NAN,
    .saddle = {{0, 0}},
    .saddles = 1,
};
