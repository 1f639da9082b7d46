/* Six basins, two of them the deepest. */
#include "func/func.h"

#define LOWEST_X 0.08984201310031806
#define LOWEST_Y 0.7126564030207396

static double value(const void *options, double x, double y)
{
    (void)options;
    double u = x * x, v = y * y;
    return (4 - 2.1 * u + u * u / 3) * u + x * y + (4 * v - 4) * v;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    double u = x * x;
    ret[0] = 8 * x - 8.4 * u * x + 2 * u * u * x + y;
    ret[1] = x - 8 * y + 16 * y * y * y;
}

const struct func_kind func_six_hump_camel = {
    .base =
        {
            .name = "six_hump_camel",
            .title = "six-hump camel",
            .equation = "f = (4 - 2.1 x^2 + x^4 / 3) x^2 + x y + (4 y^2 - 4) y^2",
            .source =
                "Dixon and Szego 1978, \"Towards global optimisation 2\"; Jamil and Yang 2013, number 30, arXiv:1308.4008",
            .note = "Two global minima opposite each other, four local ones.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-2, 2, -1.25, 1.25},
    .start = {-1.8, 0.2},
    .minimum = {{LOWEST_X, -LOWEST_Y}, {-LOWEST_X, LOWEST_Y}},
    .minima = 2,
    .least = -1.031628453489877,
};
