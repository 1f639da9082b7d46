/* A bowl that leans: condition number 9, its axes along the diagonals. */
#include "func/func.h"

static double value(const void *options, double x, double y)
{
    (void)options;
    double a = x + 2 * y - 7, b = 2 * x + y - 5;
    return a * a + b * b;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    double a = x + 2 * y - 7, b = 2 * x + y - 5;
    ret[0] = 2 * a + 4 * b;
    ret[1] = 4 * a + 2 * b;
}

const struct func_kind func_booth = {
    .base =
        {
            .name = "booth",
            .title = "Booth's function",
            .equation = "f = (x + 2 y - 7)^2 + (2 x + y - 5)^2",
            .source =
                "Jamil and Yang 2013, \"A literature survey of benchmark functions for global optimisation problems\", "
                "number 17, arXiv:1308.4008",
            .note = "A quadratic of condition number 9 whose axes are the diagonals.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-10, 10, -10, 10},
    .start = {-8, -6},
    .minimum = {{1, 3}},
    .minima = 1,
};
