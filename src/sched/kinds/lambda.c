/* Any function of time that a line can hold: b expr(t). */
#include "sched/kinds/lambda.h"
#include <string.h>

/* ---- names ---- */

static const struct expr_name names[] = {{"t", EXPR_NUMBER},      {"T", EXPR_NUMBER},
                                         {"epoch", EXPR_NUMBER},  {"step", EXPR_NUMBER},
                                         {"epochs", EXPR_NUMBER}, {"pi", EXPR_NUMBER}};
enum { NAMES = sizeof names / sizeof names[0] };

double formula_value(const struct formula *f, const struct sched_time *now)
{
    const union expr_value values[NAMES] = {{now->t},    {now->T},      {now->epoch},
                                            {now->step}, {now->epochs}, {3.14159265358979323846}};
    return f->program ? expr_eval(f->program, values) : (double)NAN;
}

bool formula_uses(const struct formula *f, const char *name)
{
    for (size_t i = 0; f->program && i < NAMES; i++)
        if (strcmp(names[i].name, name) == 0)
            return expr_uses(f->program, i);
    return false;
}

bool formula_needs_length(const struct formula *f, int interval)
{
    return formula_uses(f, "T") || (interval == SCHED_EPOCH && formula_uses(f, "epochs"));
}

/* {name: lambda, expr: min(1, t)}: the scalar ends at the comma. */
static bool is_cut_by_comma(const struct node *scalar)
{
    const char *end = scalar->quoted ? NULL : node_source_byte(scalar, strlen(scalar->text));
    return end && end[strspn(end, " ")] == ',';
}

/* ---- the row ---- */

bool formula_read(struct binder *b, const struct param *p, const struct node *value, void *field)
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
    const char *hint = e.suggestion[0] ? e.suggestion : NULL;
    if (!hint && is_cut_by_comma(value))
        hint = "with a comma in it, an expression needs quotes";
    return diags_add(b->diags, node_place_within(value, e.offset, e.length), hint, "'%s': %s",
                     p->name, e.message);
}

void formula_write(const void *field, struct strbuf *out)
{
    const struct formula *f = field;
    write_text(out, f->text ? f->text : "");
}

/* ---- the schedule ---- */

struct lambda {
    struct sched_common common;
    struct formula expr;
};

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct lambda *o = options;
    return b * formula_value(&o->expr, now);
}

static bool needs_length(const void *options)
{
    const struct lambda *o = options;
    return formula_needs_length(&o->expr, o->common.interval);
}

static const struct param params[] = {{.name = "expr",
                                       .type = PARAM_CUSTOM,
                                       .offset = offsetof(struct lambda, expr),
                                       .shape = FORMULA_SHAPE,
                                       .json = FORMULA_JSON,
                                       .read = formula_read,
                                       .write = formula_write,
                                       .help = "factor of the base value at time t"},
                                      P_END};

const struct sched_kind sched_lambda = {
    .base =
        {
            .name = "lambda",
            .title = "any expression of time",
            .equation = "b * expr(t)",
            .source = "PyTorch's LambdaLR",
            .note = FORMULA_LANGUAGE,
            .params = params,
            .options_size = sizeof(struct lambda),
        },
    .value = value,
    .needs_length = needs_length,
};
