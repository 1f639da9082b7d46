/* Three global minima of the same depth, with Dixon and Szego's constants. */
#include "func/func.h"
#include "num/math.h"

#define PI 3.14159265358979323846

static double value(const void *options, double x, double y)
{
    (void)options;
    double a = y - 5.1 / (4 * PI * PI) * x * x + 5 / PI * x - 6;
    return a * a + 10 * (1 - 1 / (8 * PI)) * math_cos(x) + 10;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    double a = y - 5.1 / (4 * PI * PI) * x * x + 5 / PI * x - 6;
    ret[0] = 2 * a * (5 / PI - 2 * 5.1 / (4 * PI * PI) * x) - 10 * (1 - 1 / (8 * PI)) * math_sin(x);
    ret[1] = 2 * a;
}

const struct func_kind func_branin = {
    .base =
        {
            .name = "branin",
            .title = "Branin's function",
            .equation =
                "f = (y - 5.1 / (4 pi^2) x^2 + 5 / pi x - 6)^2 + 10 (1 - 1 / (8 pi)) cos(x) + 10",
            .source =
                "Branin 1972, IBM Journal of Research and Development 16; constants of Dixon and Szego 1978, \"Towards "
                "global optimisation 2\"",
            .note = "Three global minima: where a path ends tells its start.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-5, 10, 0, 15},
    .start = {2, 13},
    .minimum = {{-PI, 12.275}, {PI, 2.275}, {3 * PI, 2.475}},
    .minima = 3,
    .least = 10 / (8 * PI),
};
