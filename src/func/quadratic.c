/* The quadratic bowl: curvature 1 along one axis, `condition` along the other, the axes turned by
 * an angle.
 *     f = (u^2 + condition v^2) / 2,   (u, v) = (x, y) turned by -angle
 * What it tells about momentum: Goh 2017, "Why momentum really works"
 * (distill.pub/2017/momentum). */
#include "func/func.h"
#include "num/math.h"

struct quadratic {
    double condition, angle;
};

static void turn(const struct quadratic *o, double *ret_cos, double *ret_sin)
{
    double radians = o->angle * 3.14159265358979323846 / 180;
    *ret_cos = math_cos(radians);
    *ret_sin = math_sin(radians);
}

static double value(const void *options, double x, double y)
{
    const struct quadratic *o = options;
    double c, s;
    turn(o, &c, &s);
    double u = c * x + s * y, v = c * y - s * x;
    return 0.5 * (u * u + o->condition * v * v);
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    const struct quadratic *o = options;
    double c, s;
    turn(o, &c, &s);
    double u = c * x + s * y, v = o->condition * (c * y - s * x);
    ret[0] = c * u - s * v;
    ret[1] = s * u + c * v;
}

static double condition(const void *options)
{
    return ((const struct quadratic *)options)->condition;
}

static const struct param params[] = {
    P_REAL(struct quadratic, condition, "10", FROM_TO(1, 1e12),
           "ratio of the two curvatures; the smaller one is 1"),
    P_REAL(struct quadratic, angle, "0", FROM_TO(-360, 360),
           "turn of the bowl; momentum does not notice, Adam does", .unit = "degrees"),
    P_END};

const struct func_kind func_quadratic = {
    .base =
        {
            .name = "quadratic",
            .title = "quadratic bowl",
            .equation = "f = (u^2 + condition * v^2) / 2,   (u, v) = (x, y) turned by -angle",
            .source =
                "Goh 2017, \"Why momentum really works\", distill.pub/2017/momentum, doi:10.23915/distill.00006",
            .note =
                "Gradient descent needs lr < 2 / condition; its best is lr = 2 / (1 + condition). With momentum the best is "
                "lr = (2 / (1 + sqrt(condition)))^2, momentum = ((sqrt(condition) - 1) / (sqrt(condition) + 1))^2, and the "
                "error then shrinks by the square root of the momentum with each step.",
            .params = params,
            .options_size = sizeof(struct quadratic),
        },
    .value = value,
    .gradient = gradient,
    .condition = condition,
    .domain = {-10, 10, -4, 4},
    .start = {-9, 2.5},
    .minimum = {{0, 0}},
    .minima = 1,
};
