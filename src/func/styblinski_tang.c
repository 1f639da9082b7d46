/* Four basins, one of them the deepest. */
#include "func/func.h"

#define LOWEST (-2.903534027771177) /* root of 4 x^3 - 32 x + 5 */

static double value(const void *options, double x, double y)
{
    (void)options;
    double u = x * x, v = y * y;
    return 0.5 * (u * u - 16 * u + 5 * x + v * v - 16 * v + 5 * y);
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    ret[0] = 0.5 * (4 * x * x * x - 32 * x + 5);
    ret[1] = 0.5 * (4 * y * y * y - 32 * y + 5);
}

const struct func_kind func_styblinski_tang = {
    .base =
        {
            .name = "styblinski_tang",
            .title = "Styblinski and Tang's function",
            .equation = "f = (x^4 - 16 x^2 + 5 x + y^4 - 16 y^2 + 5 y) / 2",
            .source =
                "Styblinski and Tang 1990, \"Experiments in nonconvex optimization\", Neural Networks 3",
            .note = "Momentum may carry a path out of the shallower basins.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-5, 5, -5, 5},
    .start = {0.5, 4.5},
    .minimum = {{LOWEST, LOWEST}},
    .minima = 1,
    .least = -78.33233140754283,
};
