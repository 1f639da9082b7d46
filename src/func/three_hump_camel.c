/* Three basins in a row, the middle one the deepest. */
#include "func/func.h"

static double value(const void *options, double x, double y)
{
    (void)options;
    double u = x * x;
    return 2 * u - 1.05 * u * u + u * u * u / 6 + x * y + y * y;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    double u = x * x;
    ret[0] = 4 * x - 4.2 * u * x + u * u * x + y;
    ret[1] = x + 2 * y;
}

const struct func_kind func_three_hump_camel = {
    .base =
        {
            .name = "three_hump_camel",
            .title = "three-hump camel",
            .equation = "f = 2 x^2 - 1.05 x^4 + x^6 / 6 + x y + y^2",
            .source =
                "Branin 1972, IBM Journal of Research and Development 16; Jamil and Yang 2013, number 29, arXiv:1308.4008",
            .note = "Two local minima of value 0.2986 near (-1.75, 0.87) and (1.75, -0.87).",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-2.5, 2.5, -2.5, 2.5},
    .start = {-1.9, -1.5},
    .minimum = {{0, 0}},
    .minima = 1,
};
