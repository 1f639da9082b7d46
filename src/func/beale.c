/* Flat plains with sharp walls in the corners. */
#include "func/func.h"

static double value(const void *options, double x, double y)
{
    (void)options;
    double a = 1.5 - x + x * y, b = 2.25 - x + x * y * y, c = 2.625 - x + x * y * y * y;
    return a * a + b * b + c * c;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    double a = 1.5 - x + x * y, b = 2.25 - x + x * y * y, c = 2.625 - x + x * y * y * y;
    ret[0] = 2 * (a * (y - 1) + b * (y * y - 1) + c * (y * y * y - 1));
    ret[1] = 2 * x * (a + 2 * b * y + 3 * c * y * y);
}

const struct func_kind func_beale = {
    .base =
        {
            .name = "beale",
            .title = "Beale's function",
            .equation = "f = (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2",
            .source =
                "Beale 1958, \"On an iterative method for finding a local minimum of a function of more than one "
                "variable\", Princeton Statistical Techniques Research Group, report 25",
            .note =
                "Gradients of thousands in the corners, of almost nothing on the plain around the minimum.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-4.5, 4.5, -4.5, 4.5},
    .start = {1, 1.5},
    .minimum = {{3, 0.5}},
    .minima = 1,
};
