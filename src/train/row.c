/* The row of an epoch: what was gathered in it, whether it is the best, whether it is the last. */
#include "train/internal.h"
#include <math.h>

void train_fill_row(const struct train *t, struct epoch_row *row)
{
    const struct train_tally *y = &t->tally;
    *row = (struct epoch_row){.epoch = t->clock.epoch, .step = t->clock.step};
    double *v = row->value;
    for (int m = 0; m < METRICS; m++)
        v[m] = (double)NAN;
    v[METRIC_LR] = t->now.lr;
    v[METRIC_MOMENTUM] = t->now.momentum;
    v[METRIC_BATCH_SIZE] = (double)t->now.batch_size;
    if (y->updates == 0)
        return;
    v[METRIC_BATCH_LOSS] = y->loss_sum / (double)y->samples;
    v[METRIC_LAST_BATCH_LOSS] = y->last_loss;
    v[METRIC_GRAD_NORM] = y->norm_sum / (double)y->updates;
}

double train_row_metric(void *context, const char *name)
{
    const struct epoch_row *row = context;
    enum metric m = metric_find(name);
    return m == METRICS ? (double)NAN : row->value[m];
}

/* Whether `now` beats `best` by more than delta; anything beats nothing. */
static bool better(enum metric m, double now, double best, double delta)
{
    if (isnan(now))
        return false;
    return isnan(best) || (metric_rises(m) ? now > best + delta : now < best - delta);
}

void train_keep_best(struct train *t, struct epoch_row *row)
{
    const char *name = t->spec->checkpoint.best;
    enum metric m = name ? metric_find(name) : METRICS;
    if (m == METRICS || row->epoch == 0)
        return;
    row->best = better(m, row->value[m], t->best.epoch < 0 ? (double)NAN : t->best.value[m], 0);
    if (!row->best)
        return;
    train_set_best(t, row);
}

bool train_stops_early(struct train *t, const struct epoch_row *row)
{
    const struct early_stopping *e = &t->spec->train.early_stopping;
    if (!e->on)
        return false;
    double now = row->value[e->monitor];
    if (better((enum metric)e->monitor, now, t->early_best, e->min_delta)) {
        t->early_best = now;
        t->early_bad = 0;
        return false;
    }
    return ++t->early_bad >= e->patience;
}
