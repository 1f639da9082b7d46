/* A function of one's own: an expression of x and y. */
#include "expr/formula.h"
#include "func/func.h"
#include <math.h>

struct expression {
    struct formula f;
};

static const struct expr_name names[] = {
    {"x", EXPR_NUMBER}, {"y", EXPR_NUMBER}, {"pi", EXPR_NUMBER}};
enum { NAMES = sizeof names / sizeof names[0] };

static bool read(struct binder *b, const struct param *p, const struct node *node, void *field)
{
    const struct expr_names known = {.n = NAMES, .v = names, .suggest = suggest};
    return formula_read(b, p, node, &known, field);
}

static double value(const void *options, double x, double y)
{
    const struct expression *o = options;
    const union expr_value values[NAMES] = {{x}, {y}, {3.14159265358979323846}};
    return o->f.program ? expr_eval(o->f.program, values) : (double)NAN;
}

/* Central differences of fourth order: (f(-2h) - 8 f(-h) + 8 f(h) - f(2h)) / 12 h. */
static double slope(const void *options, double x, double y, double hx, double hy)
{
    double far = value(options, x + 2 * hx, y + 2 * hy) - value(options, x - 2 * hx, y - 2 * hy),
           near = value(options, x + hx, y + hy) - value(options, x - hx, y - hy);
    return (8 * near - far) / (12 * (hx + hy));
}

static double step_at(double x)
{
    return 0x1p-10 * fmax(1, fabs(x));
}

static void gradient(const void *options, double x, double y, double ret[2])
{
    ret[0] = slope(options, x, y, step_at(x), 0);
    ret[1] = slope(options, x, y, 0, step_at(y));
}

static const struct param params[] = {{.name = "f",
                                       .type = PARAM_CUSTOM,
                                       .offset = offsetof(struct expression, f),
                                       .shape = "an expression such as \"x ** 2 + 3 * y ** 2\"",
                                       .json = FORMULA_JSON,
                                       .read = read,
                                       .write = formula_write,
                                       .help = "the function of x and y"},
                                      P_END};

const struct func_kind func_expression = {
    .base =
        {
            .name = "expression",
            .title = "an expression of x and y",
            .equation = "f(x, y)",
            .source = "yours",
            .note =
                "Operators and functions are those of the schedule lambda, the names x, y and pi. The gradient is by "
                "central differences of fourth order, about eleven digits of it right.",
            .example = "{name: expression, f: \"x ** 2 + 3 * y ** 2\"}",
            .params = params,
            .options_size = sizeof(struct expression),
        },
    .value = value,
    .gradient = gradient,
    .domain = {-5, 5, -5, 5},
    .start = {-4, 3},
    .least = (double)NAN,
};
