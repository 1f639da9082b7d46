/* A bowl with a local minimum near every whole point. */
#include "func/func.h"
#include "num/math.h"

#define TAU 6.28318530717958647692

static double value(const void *options, double x, double y)
{
    (void)options;
    return 20 + x * x - 10 * math_cos(TAU * x) + y * y - 10 * math_cos(TAU * y);
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    ret[0] = 2 * x + 10 * TAU * math_sin(TAU * x);
    ret[1] = 2 * y + 10 * TAU * math_sin(TAU * y);
}

const struct func_kind func_rastrigin = {
    .base =
        {
            .name = "rastrigin",
            .title = "Rastrigin's function",
            .equation = "f = 20 + x^2 - 10 cos(2 pi x) + y^2 - 10 cos(2 pi y)",
            .source =
                "Rastrigin 1974, \"Systems of extremal control\"; Muhlenbein, Schomisch and Born 1991, Parallel Computing 17",
            .note = "What follows its own gradient ends in the nearest dent.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-5.12, 5.12, -5.12, 5.12},
    .start = {-3.4, 2.6},
    .minimum = {{0, 0}},
    .minima = 1,
};
