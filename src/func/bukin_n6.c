/* A ridge turned upside down: a sharp crease along a parabola, its gradient without bound beside
 * it. */
#include "func/func.h"

static double sign(double v)
{
    return v > 0 ? 1 : v < 0 ? -1 : 0;
}

static double value(const void *options, double x, double y)
{
    (void)options;
    return 100 * sqrt(fabs(y - 0.01 * x * x)) + 0.01 * fabs(x + 10);
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    double u = y - 0.01 * x * x, steep = fabs(u) > 0 ? 50 * sign(u) / sqrt(fabs(u)) : 0;
    ret[0] = -0.02 * x * steep + 0.01 * sign(x + 10);
    ret[1] = steep;
}

const struct func_kind func_bukin_n6 = {
    .base =
        {
            .name = "bukin_n6",
            .title = "Bukin's function number 6",
            .equation = "f = 100 sqrt(|y - 0.01 x^2|) + 0.01 |x + 10|",
            .source =
                "Jamil and Yang 2013, \"A literature survey of benchmark functions for global optimisation problems\", "
                "number 28, arXiv:1308.4008",
            .note =
                "Its minimum lies in a crease where there is no gradient, and beside which it is as large as one likes.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-15, -5, -3, 3},
    .start = {-7, 2.5},
    .minimum = {{-10, 1}},
    .minima = 1,
};
