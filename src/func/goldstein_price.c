/* Values over five decades on a small square. */
#include "func/func.h"

/* f = (1 + p^2 q) (30 + r^2 s), and the derivatives of the factors' parts */
struct parts {
    double p, q, qx, qy, r, s, sx, sy;
};

static struct parts parts_at(double x, double y)
{
    return (struct parts){
        .p = x + y + 1,
        .q = 19 - 14 * x + 3 * x * x - 14 * y + 6 * x * y + 3 * y * y,
        .qx = -14 + 6 * x + 6 * y,
        .qy = -14 + 6 * x + 6 * y,
        .r = 2 * x - 3 * y,
        .s = 18 - 32 * x + 12 * x * x + 48 * y - 36 * x * y + 27 * y * y,
        .sx = -32 + 24 * x - 36 * y,
        .sy = 48 - 36 * x + 54 * y,
    };
}

static double value(const void *options, double x, double y)
{
    (void)options;
    struct parts k = parts_at(x, y);
    return (1 + k.p * k.p * k.q) * (30 + k.r * k.r * k.s);
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    (void)options;
    struct parts k = parts_at(x, y);
    double a = 1 + k.p * k.p * k.q, b = 30 + k.r * k.r * k.s;
    double ax = 2 * k.p * k.q + k.p * k.p * k.qx, ay = 2 * k.p * k.q + k.p * k.p * k.qy;
    double bx = 4 * k.r * k.s + k.r * k.r * k.sx, by = -6 * k.r * k.s + k.r * k.r * k.sy;
    ret[0] = ax * b + a * bx;
    ret[1] = ay * b + a * by;
}

const struct func_kind func_goldstein_price = {
    .base =
        {
            .name = "goldstein_price",
            .title = "Goldstein and Price's function",
            .equation = "f = (1 + (x + y + 1)^2 (19 - 14 x + 3 x^2 - 14 y + 6 x y + 3 y^2))\n"
                        "    * (30 + (2 x - 3 y)^2 (18 - 32 x + 12 x^2 + 48 y - 36 x y + 27 y^2))",
            .source =
                "Goldstein and Price 1971, \"On descent from local minima\", Mathematics of Computation 25",
            .note =
                "Values from 3 to a million in the shown square; three local minima besides the global one.",
        },
    .value = value,
    .gradient = gradient,
    .domain = {-2, 2, -2, 2},
    .start = {-1, 0.5},
    .minimum = {{0, -1}},
    .minima = 1,
    .least = 3,
};
