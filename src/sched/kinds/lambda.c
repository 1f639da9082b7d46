/* Any function of time that a line can hold: b expr(t). */
#include "sched/kinds/lambda.h"
#include <string.h>

/* ---- names ---- */

static const struct expr_name names[] = {{"t", EXPR_NUMBER},      {"T", EXPR_NUMBER},
                                         {"epoch", EXPR_NUMBER},  {"step", EXPR_NUMBER},
                                         {"epochs", EXPR_NUMBER}, {"pi", EXPR_NUMBER}};
enum { NAMES = sizeof names / sizeof names[0] };

double time_formula_value(const struct formula *f, const struct sched_time *now)
{
    const union expr_value values[NAMES] = {{now->t},    {now->T},      {now->epoch},
                                            {now->step}, {now->epochs}, {3.14159265358979323846}};
    return f->program ? expr_eval(f->program, values) : (double)NAN;
}

bool time_formula_uses(const struct formula *f, const char *name)
{
    for (size_t i = 0; f->program && i < NAMES; i++)
        if (strcmp(names[i].name, name) == 0)
            return expr_uses(f->program, i);
    return false;
}

unsigned time_formula_needs_length(const struct formula *f)
{
    return (time_formula_uses(f, "T") ? SCHED_NEEDS_T : 0U) |
           (time_formula_uses(f, "epochs") ? SCHED_NEEDS_EPOCHS : 0U);
}

bool time_formula_read(struct binder *b, const struct param *p, const struct node *value,
                       void *field)
{
    const struct expr_names known = {.n = NAMES, .v = names, .suggest = suggest};
    return formula_read(b, p, value, &known, field);
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
    return b * time_formula_value(&o->expr, now);
}

static unsigned needs_length(const void *options)
{
    const struct lambda *o = options;
    return time_formula_needs_length(&o->expr);
}

static const struct param params[] = {{.name = "expr",
                                       .type = PARAM_CUSTOM,
                                       .offset = offsetof(struct lambda, expr),
                                       .shape = FORMULA_SHAPE,
                                       .json = FORMULA_JSON,
                                       .read = time_formula_read,
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
