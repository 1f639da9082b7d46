/* Four global minima around a hill. */
#include "func/func.h"

static double value(const void *options, double x, double y)
{
    (void)options;
    double a = x * x + y - 11, b = x + y * y - 7;
    return a * a + b * b;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    double a = x * x + y - 11, b = x + y * y - 7;
    ret[0] = 4 * x * a + 2 * b;
    ret[1] = 2 * a + 4 * y * b;
}

const struct func_kind func_himmelblau = {
    .base =
        {
            .name = "himmelblau",
            .title = "Himmelblau's function",
            .equation = "f = (x^2 + y - 11)^2 + (x + y^2 - 7)^2",
            .source = "Himmelblau 1972, \"Applied nonlinear programming\"",
            .note = "Four global minima of value 0, one of them at whole numbers.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-5, 5, -5, 5},
    .start = {-0.5, -1},
    .minimum = {{3, 2},
                {-2.805118086952745, 3.131312518250573},
                {-3.779310253377747, -3.283185991286170},
                {3.584428340330492, -1.848126526964404}},
    .minima = 4,
};
