/* A function of one's own: an expression of x and y. */
#include "expr/expr.h"
#include "func/func.h"
#include <math.h>

struct formula {
    const char *text;           /* as written */
    const struct expr *program; /* both in the binder's arena */
};

struct expression {
    struct formula f;
};

static const struct expr_name names[] = {
    {"x", EXPR_NUMBER}, {"y", EXPR_NUMBER}, {"pi", EXPR_NUMBER}};
enum { NAMES = sizeof names / sizeof names[0] };

static bool read_formula(struct binder *b, const struct param *p, const struct node *value,
                         void *field)
{
    const struct expr_names known = {.n = NAMES, .v = names, .suggest = suggest};
    struct formula *f = field;
    struct expr_error e;
    if (value->kind != NODE_SCALAR || node_is_null(value))
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    f->text = arena_strdup(b->arena, value->text);
    f->program = expr_compile(b->arena, f->text, &known, EXPR_AS_NUMBER, &e);
    if (f->program)
        return true;
    return diags_add(b->diags, node_place_within(value, e.offset, e.length),
                     e.suggestion[0] ? e.suggestion : NULL, "'%s': %s", p->name, e.message);
}

static void write_formula(const void *field, struct strbuf *out)
{
    const struct formula *f = field;
    write_text(out, f->text ? f->text : "");
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
                                       .json = "\"type\": [\"string\", \"number\"]",
                                       .read = read_formula,
                                       .write = write_formula,
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
