/* A curved valley with an almost flat floor: found soon, followed slowly. */
#include "func/func.h"

static double value(const void *options, double x, double y)
{
    (void)options;
    double a = 1 - x, b = y - x * x;
    return a * a + 100 * b * b;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    double a = 1 - x, b = y - x * x;
    ret[0] = -2 * a - 400 * x * b;
    ret[1] = 200 * b;
}

const struct func_kind func_rosenbrock = {
    .base =
        {
            .name = "rosenbrock",
            .title = "Rosenbrock's valley",
            .equation = "f = (1 - x)^2 + 100 (y - x^2)^2",
            .source =
                "Rosenbrock 1960, \"An automatic method for finding the greatest or least value of a function\", "
                "The Computer Journal 3",
            .note = "The floor of the valley is hundreds of times flatter than its walls.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-2, 2, -1, 3},
    .start = {-0.5, 1.5},
    .minimum = {{1, 1}},
    .minima = 1,
};
