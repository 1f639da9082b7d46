/* A funnel full of dents, with a tip that is not smooth. */
#include "func/func.h"
#include "num/math.h"

#define TAU 6.28318530717958647692

static double value(const void *options, double x, double y)
{
    (void)options;
    double r = sqrt(0.5 * (x * x + y * y)),
           waves = math_exp(0.5 * (math_cos(TAU * x) + math_cos(TAU * y)));
    return 20 - 20 * math_exp(-0.2 * r) + math_exp(1.0) - waves;
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    double r = sqrt(0.5 * (x * x + y * y)),
           waves = math_exp(0.5 * (math_cos(TAU * x) + math_cos(TAU * y)));
    double funnel =
        r > 0 ? 2 * math_exp(-0.2 * r) / r : 0; /* 20 * 0.2 / 2; at the tip 0 is a subgradient */
    ret[0] = funnel * x + 0.5 * TAU * waves * math_sin(TAU * x);
    ret[1] = funnel * y + 0.5 * TAU * waves * math_sin(TAU * y);
}

const struct func_kind func_ackley = {
    .base =
        {
            .name = "ackley",
            .title = "Ackley's function",
            .equation =
                "f = 20 - 20 exp(-0.2 sqrt((x^2 + y^2) / 2)) + e - exp((cos(2 pi x) + cos(2 pi y)) / 2)",
            .source =
                "Ackley 1987, \"A connectionist machine for genetic hillclimbing\"; two-dimensional form: Jamil and Yang "
                "2013, number 1, arXiv:1308.4008",
            .note = "Not smooth at its minimum, which is the tip of a cone.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-5, 5, -5, 5},
    .start = {-3.7, 2.4},
    .minimum = {{0, 0}},
    .minima = 1,
};
