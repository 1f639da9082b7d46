/* The training loop. */
#include "num/vec.h"
#include "train/internal.h"
#include "util/clock.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- one update ---- */

/* Images of the next minibatch of this size, 0 at the epoch's end. */
static size_t next_minibatch(const struct train *t, size_t cursor, size_t batch)
{
    size_t left = t->data->train.n - cursor;
    if (left < batch)
        return t->spec->train.drop_last ? 0 : left;
    return batch;
}

/* Images of the minibatches that make up the next update, none where the epoch is over. */
static size_t next_update(const struct train *t, size_t batch)
{
    size_t total = 0, more = 1;
    for (int64_t i = 0; i < t->spec->train.accumulate && more > 0; i++) {
        more = next_minibatch(t, (size_t)t->clock.cursor + total, batch);
        total += more;
    }
    return total;
}

/* The time since the part before goes to this one (TRAIN_PARTS: to none), where somebody asked. */
static void end_part(struct train *t, enum train_part part)
{
    if (!t->seconds)
        return;
    double now = clock_monotonic();
    if (part != TRAIN_PARTS)
        t->seconds[part] += now - t->part_began;
    t->part_began = now;
}

/* The gradient of the mean loss over `total` images, minibatch by minibatch; returns the sum of
 * their losses. */
static double gradient(struct train *t, size_t batch, size_t total)
{
    double sum = 0;
    for (size_t done = 0; done < total;) {
        size_t n = next_minibatch(t, (size_t)t->clock.cursor, batch);
        train_gather(t, (struct data_batch){.split = &t->data->train,
                                            .idx = t->order + t->clock.cursor,
                                            .n = n,
                                            .epoch = (uint64_t)t->clock.epoch + 1});
        end_part(t, TRAIN_INPUT);
        double loss = model_train(t->model, n, (uint64_t)t->clock.minibatch,
                                  t->spec->train.label_smoothing, 1 / (double)total, done > 0);
        end_part(t, TRAIN_PARTS); /* the model tells of its own */
        t->tally.last_loss = loss / (double)n;
        t->clock.minibatch++;
        t->clock.cursor += (int64_t)n;
        done += n;
        sum += loss;
    }
    return sum;
}

/* w = w + rho g / (|g| + 1e-12), over all weights: Foret et al. 2020, equation 2, p = 2. */
static void climb(struct train *t)
{
    float *w = model_params(t->model);
    const float *g = model_grads(t->model);
    size_t n = t->plan->param_floats;
    float by = (float)(t->spec->train.sam.rho / (sqrt(vec_sum_squares(g, n)) + 1e-12));
    for (size_t i = 0; i < n; i++)
        w[i] += by * g[i];
}

/* The gradient where the loss is highest nearby, of the same minibatches with the same dropout, in
 * place of the gradient here. Weights and batch-norm statistics are those of before again. Returns
 * the sum of the losses there. */
static double sharp_gradient(struct train *t, size_t batch, size_t total,
                             const struct train_clock *began)
{
    struct train_clock done = t->clock;
    double last_loss = t->tally.last_loss;
    size_t params = t->plan->param_floats * sizeof(float),
           buffers = t->plan->buffer_floats * sizeof(float);
    memcpy(t->before, model_params(t->model), params);
    if (buffers > 0)
        memcpy(t->before + t->plan->param_floats, model_buffers(t->model), buffers);
    climb(t);
    t->clock = *began;
    double loss = gradient(t, batch, total);
    t->clock = done;
    t->tally.last_loss = last_loss;
    memcpy(model_params(t->model), t->before, params);
    if (buffers > 0)
        memcpy(model_buffers(t->model), t->before + t->plan->param_floats, buffers);
    return loss;
}

/* Global L2 norm before clipping; then clip_value, then clip_norm as PyTorch: scale = min(1, max /
 * (norm + 1e-6)). */
static double clip(struct train *t)
{
    float *g = model_grads(t->model);
    size_t n = t->plan->param_floats;
    const struct train_config *c = &t->spec->train;
    double norm = sqrt(vec_sum_squares_shared(t->team, g, n));
    if (isfinite(c->clip_value))
        vec_clamp(g, (float)-c->clip_value, (float)c->clip_value, n);
    if (isfinite(c->clip_norm)) {
        double clipped =
            isfinite(c->clip_value) ? sqrt(vec_sum_squares_shared(t->team, g, n)) : norm;
        double scale = c->clip_norm / (clipped + 1e-6);
        if (scale < 1)
            vec_scale(g, (float)scale, n);
    }
    return norm;
}

static bool diverged(const struct train *t, const char *what, struct error *err)
{
    return error_set(err, ERR_DIVERGED,
                     "diverged in epoch %lld at update %lld: the %s is not finite",
                     (long long)t->clock.epoch + 1, (long long)t->clock.step + 1, what);
}

/* The same of the epoch that has just been trained: it gets no row. */
static bool diverged_after(struct train *t, const char *what, const char *name, struct error *err)
{
    char whole[TRAIN_CULPRIT + 32];
    snprintf(whole, sizeof whole, what, name);
    if (t->clock.step == 0)
        return error_set(err, ERR_DIVERGED,
                         "diverged before the first update: the %s is not finite", whole);
    t->clock.epoch--;
    t->clock.step--;
    return diverged(t, whole, err);
}

static bool check_row(struct train *t, const struct epoch_row *row, struct error *err)
{
    char name[TRAIN_CULPRIT];
    return train_row_is_finite(row, name) ||
           diverged_after(t, "loss in evaluation (%s)", name, err);
}

static bool check_state(struct train *t, struct error *err)
{
    char name[TRAIN_CULPRIT];
    return train_is_finite(t, name) || diverged_after(t, "value of %s", name, err);
}

static void count(struct train *t, size_t images, double loss, double norm)
{
    t->tally.loss_sum += loss;
    t->tally.norm_sum += norm;
    t->tally.samples += (int64_t)images;
    t->tally.updates++;
    t->trained_here += (int64_t)images;
}

static bool update(struct train *t, size_t total, struct step_row *ret, struct error *err)
{
    size_t batch = (size_t)t->now.batch_size;
    struct train_clock first = t->clock;
    end_part(t, TRAIN_PARTS);
    double loss = gradient(t, batch, total);
    if (!isfinite(loss))
        return diverged(t, "loss", err);
    if (t->before && !isfinite(sharp_gradient(t, batch, total, &first)))
        return diverged(t, "loss nearby (sam)", err);
    double norm = clip(t);
    end_part(t, TRAIN_CLIP);
    if (!isfinite(norm))
        return diverged(t, "gradient", err);
    optim_step(t->optim, t->now.lr, t->now.momentum, t->now.decay);
    t->clock.step++;
    train_average_update(t);
    end_part(t, TRAIN_OPTIMIZER);
    count(t, total, loss, norm);
    *ret = (struct step_row){.step = t->clock.step,
                             .epoch = t->clock.epoch + 1,
                             .lr = t->now.lr,
                             .batch_size = t->now.batch_size,
                             .batch_loss = loss / (double)total,
                             .grad_norm = norm};
    return true;
}

/* ---- one epoch ---- */

static void start_epoch(struct train *t)
{
    if (t->clock.cursor == 0) {
        t->tally = (struct train_tally){0};
        t->clock.order_batch = sched_settings(t->sched, t->clock.epoch, t->clock.step).batch_size;
    }
    train_order(t, t->clock.epoch, t->clock.order_batch, t->order);
    t->trained_here = 0;
    t->epoch_began = clock_monotonic();
}

static void fill_row(const struct train *t, struct epoch_row *row)
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

static double row_metric(void *context, const char *name)
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

static void keep_best(struct train *t, struct epoch_row *row)
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

static bool stops_early(struct train *t, const struct epoch_row *row)
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

static bool finish_row(struct train *t, struct epoch_row *row, const struct train_events *events,
                       struct error *err)
{
    int test = t->spec->evaluate.test;
    if (test == EVALUATE_EVERY || (test == EVALUATE_END && row->last))
        train_measure(t, row, true);
    if (!check_row(t, row, err))
        return false;
    keep_best(t, row);
    t->row = *row;
    return !events->epoch || events->epoch(events->context, row, err);
}

/* Whether the epoch would have had another update. */
static bool is_cut(const struct train *t)
{
    struct sched_now next = sched_settings(t->sched, t->clock.epoch, t->clock.step);
    return next_update(t, (size_t)next.batch_size) > 0;
}

static bool finish_epoch(struct train *t, const struct train_events *events, struct error *err)
{
    struct epoch_row row;
    double seconds = clock_monotonic() - t->epoch_began;
    bool cut = is_cut(t);
    if (cut && events->cut && !events->cut(events->context, err))
        return false;
    t->clock.partial = cut;
    t->clock.epoch++;
    t->clock.cursor = 0;
    train_average_epoch(t);
    if (!check_state(t, err))
        return false;
    fill_row(t, &row);
    row.train_seconds = seconds;
    row.samples = t->trained_here;
    train_measure(t, &row, false);
    sched_observe(t->sched, row_metric, &row);
    t->stopped_early = stops_early(t, &row);
    t->finished = t->stopped_early || train_at_end(t);
    row.last = t->finished;
    return finish_row(t, &row, events, err);
}

/* Tells of an update that was made. ret_stopped: somebody wished to stop. */
static bool tell_update(const struct train_events *events, const struct step_row *row,
                        bool *ret_stopped, struct error *err)
{
    if (events->step && !events->step(events->context, row, err))
        return false;
    enum train_wish wish =
        events->wish ? events->wish(events->context, row->step, row->batch_loss) : TRAIN_GO_ON;
    *ret_stopped = wish == TRAIN_STOP;
    return wish == TRAIN_GO_ON || !events->checkpoint || events->checkpoint(events->context, err);
}

/* From the present position to the epoch's end, or to where somebody wished to stop. */
static bool epoch(struct train *t, const struct train_events *events, bool *ret_stopped,
                  struct error *err)
{
    struct step_row row = {0};
    start_epoch(t);
    while (!train_out_of_steps(t)) {
        struct sched_now now = sched_settings(t->sched, t->clock.epoch, t->clock.step);
        size_t total = next_update(t, (size_t)now.batch_size);
        if (total == 0)
            break;
        t->now = now;
        if (!update(t, total, &row, err) || !tell_update(events, &row, ret_stopped, err))
            return false;
        if (*ret_stopped)
            return true;
    }
    return finish_epoch(t, events, err);
}

static bool before_training(struct train *t, const struct train_events *events, struct error *err)
{
    struct epoch_row row;
    fill_row(t, &row);
    train_measure(t, &row, false);
    return check_state(t, err) && finish_row(t, &row, events, err);
}

bool train_test_end(struct train *t, struct epoch_row *row, struct error *err)
{
    train_measure(t, row, true);
    return check_row(t, row, err);
}

bool train_run(struct train *t, const struct train_events *events, bool *ret_finished,
               struct error *err)
{
    bool stopped = false;
    *ret_finished = false;
    if (t->clock.step == 0 && !before_training(t, events, err))
        return false;
    while (!t->finished && !stopped)
        if (!epoch(t, events, &stopped, err))
            return false;
    *ret_finished = t->finished;
    return true;
}
