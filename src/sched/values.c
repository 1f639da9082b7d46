/* What the schedules give at a time: factors multiply, batch sizes round, and what they cannot take
 * falls on lr. */
#include "sched/internal.h"
#include <math.h>

/* A schedule of the batch size is drawn as one of lr, so that bounds given as learning rates mean
 * the same in both. */
double sched_base_value(const struct sched *s, enum sched_target target)
{
    double lr = s->base.lr;
    const double v[SCHED_TARGETS] = {lr, lr > 0 ? lr : 1, s->base.momentum, s->base.decay};
    return v[target];
}

static struct sched_time time_of(const struct sched *s, const struct entry *e, int64_t epoch,
                                 int64_t step)
{
    return (struct sched_time){
        .t = e->common->interval == SCHED_STEP ? (double)step : (double)epoch,
        .T = e->T,
        .epoch = (double)epoch,
        .step = (double)step,
        .epochs = (double)s->epochs,
    };
}

double sched_entry_value(const struct sched *s, const struct entry *e, int64_t epoch, int64_t step)
{
    struct sched_time now = time_of(s, e, epoch, step);
    double b = sched_base_value(s, (enum sched_target)e->common->apply_to);
    return e->kind->value(e->options, &now, b, e->states ? e->state : NULL);
}

/* The first entry's value as it is, so that a lone schedule rounds nowhere; the others as factors
 * upon it. */
double sched_value(const struct sched *s, enum sched_target target, int64_t epoch, int64_t step)
{
    double b = sched_base_value(s, target), value = b;
    bool first = true;
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entry[i];
        if ((enum sched_target)e->common->apply_to != target)
            continue;
        double v = sched_entry_value(s, e, epoch, step);
        value = first ? v : b > 0 ? value * (v / b) : 0;
        first = false;
    }
    return value;
}

int64_t sched_largest_batch(const struct sched *s)
{
    int64_t most = s->base.train_size;
    for (size_t i = 0; i < s->n; i++) {
        const struct sched_common *c = s->entry[i].common;
        if (c->apply_to == SCHED_BATCH_SIZE && c->max_batch_size != PARAM_NULL_INT &&
            c->max_batch_size < most)
            most = c->max_batch_size;
    }
    return most > s->base.batch_size ? most : s->base.batch_size;
}

/* The factor of a schedule on the batch size is inverted; ret_left: what the largest batch could
 * not take. A half that the factor's own rounding missed still counts as one, so that the size does
 * not depend on lr. */
int64_t sched_batch_for(const struct sched *s, double v, double *ret_left)
{
    const double slack = 1 + 1e-12;
    double most = (double)sched_largest_batch(s);
    double wanted = v > 0 ? (double)s->base.batch_size * (sched_base_value(s, SCHED_BATCH_SIZE) / v)
                          : (double)INFINITY;
    *ret_left = 1;
    if (wanted > most * slack) {
        *ret_left = most / wanted;
        return (int64_t)most;
    }
    return wanted < 1 ? 1 : (int64_t)floor(wanted * slack + 0.5);
}

int64_t sched_batch_size(const struct sched *s, int64_t epoch, int64_t step)
{
    double left;
    return sched_batch_for(s, sched_value(s, SCHED_BATCH_SIZE, epoch, step), &left);
}

bool sched_entry_moves_momentum(const struct entry *e)
{
    return e->kind->moves_momentum && e->kind->moves_momentum(e->options);
}

/* One entry at most moves the momentum itself, and then no other does (check_momentum). */
static double momentum_of(const struct sched *s, int64_t epoch, int64_t step)
{
    double v = sched_value(s, SCHED_MOMENTUM, epoch, step);
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entry[i];
        if (!sched_entry_moves_momentum(e))
            continue;
        struct sched_time now = time_of(s, e, epoch, step);
        double own = e->kind->momentum(e->options, &now);
        if (!isnan(own))
            v = own;
    }
    return v;
}

size_t sched_plateau_on_batch(const struct sched *s)
{
    size_t i = 0;
    while (i < s->n &&
           !(s->entry[i].kind->observe && s->entry[i].common->apply_to == SCHED_BATCH_SIZE))
        i++;
    return i;
}

bool sched_moves(const struct sched *s, enum sched_target target)
{
    for (size_t i = 0; i < s->n; i++)
        if ((enum sched_target)s->entry[i].common->apply_to == target)
            return true;
    return false;
}

bool sched_moves_batch(const struct sched *s)
{
    return sched_moves(s, SCHED_BATCH_SIZE);
}

struct sched_now sched_settings(const struct sched *s, int64_t epoch, int64_t step)
{
    struct sched_now now = {.lr = sched_value(s, SCHED_LR, epoch, step),
                            .momentum = momentum_of(s, epoch, step),
                            .decay = sched_value(s, SCHED_WEIGHT_DECAY, epoch, step),
                            .batch_size = s->base.batch_size};
    if (sched_moves_batch(s)) {
        double left;
        double v = sched_value(s, SCHED_BATCH_SIZE, epoch, step);
        now.batch_size = sched_batch_for(s, v, &left);
        now.lr *= left;
    }
    return now;
}
