/* A factor for each step in time, all of them multiplied: b prod expr(i), i = 1..t. */
#include "sched/kinds/lambda.h"

/* The product up to some time: the next one asked for is mostly one factor away. It is always
 * multiplied in the order of i, so that what it holds never shows in a value. */
struct memo {
    bool valid;
    double t, T, epochs;
    double product;
};

struct factors {
    struct formula formula; /* first: time_formula_read and formula_write take it for the field */
    struct memo *memo;      /* in the arena; options are const, what it points to is not */
};

struct multiplicative {
    struct sched_common common;
    struct factors expr;
};

/* The other clock's reading at an earlier time is not known here. */
static const char *check(const void *options, const char **ret_key)
{
    const struct multiplicative *o = options;
    bool steps = o->common.interval == SCHED_STEP;
    *ret_key = "expr";
    if (!time_formula_uses(&o->expr.formula, steps ? "epoch" : "step"))
        return NULL;
    return steps ? "with interval: step the factors have no 'epoch'; 't' and 'step' count updates"
                 : "with interval: epoch the factors have no 'step'; 't' and 'epoch' count epochs";
}

/* Time i. Within a sequence that counts steps the interval may have been left at epoch: then
 * `epoch` has no value. */
static struct sched_time time_of(const struct multiplicative *o, const struct sched_time *now,
                                 double i)
{
    bool epochs = o->common.interval == SCHED_EPOCH && now->epoch == now->t;
    bool steps = o->common.interval == SCHED_STEP;
    return (struct sched_time){.t = i,
                               .T = now->T,
                               .epoch = epochs ? i : (double)NAN,
                               .step = steps ? i : (double)NAN,
                               .epochs = now->epochs};
}

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    const struct multiplicative *o = options;
    struct memo *m = o->expr.memo;
    if (!m)
        return (double)NAN;
    if (!m->valid || m->T != now->T || m->epochs != now->epochs || m->t > now->t)
        *m = (struct memo){.valid = true, .T = now->T, .epochs = now->epochs, .product = 1};
    while (m->t < now->t) {
        struct sched_time then = time_of(o, now, ++m->t);
        m->product *= time_formula_value(&o->expr.formula, &then);
    }
    return b * m->product;
}

static unsigned needs_length(const void *options)
{
    const struct multiplicative *o = options;
    return time_formula_needs_length(&o->expr.formula);
}

static bool read(struct binder *b, const struct param *p, const struct node *node, void *field)
{
    struct factors *f = field;
    f->memo = arena_alloc(b->arena, sizeof *f->memo);
    return time_formula_read(b, p, node, &f->formula);
}

static const struct param params[] = {
    {.name = "expr",
     .type = PARAM_CUSTOM,
     .offset = offsetof(struct multiplicative, expr),
     .shape = FORMULA_SHAPE,
     .json = FORMULA_JSON,
     .read = read,
     .write = formula_write,
     .help = "factor by which the value at t differs from that at t - 1"},
    P_END};

const struct sched_kind sched_multiplicative = {
    .base =
        {
            .name = "multiplicative",
            .title = "a product of one factor for each interval",
            .equation = "b * expr(1) * expr(2) * ... * expr(t)",
            .source = "PyTorch's MultiplicativeLR",
            .note = FORMULA_LANGUAGE,
            .params = params,
            .options_size = sizeof(struct multiplicative),
            .check = check,
        },
    .value = value,
    .needs_length = needs_length,
};
