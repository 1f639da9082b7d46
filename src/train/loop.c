/* The training loop. */
#include "num/vec.h"
#include "train/internal.h"
#include "util/clock.h"
#include <math.h>

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

/* The gradient where the loss is highest nearby, of the same minibatches with the same dropout, in
 * place of the gradient here; the position stays that of after them. Returns the sum of the losses
 * there. */
static double sharp_gradient(struct train *t, size_t batch, size_t total,
                             const struct train_clock *began)
{
    struct train_clock done = t->clock;
    double last_loss = t->tally.last_loss;
    train_sam_climb(t);
    t->clock = *began;
    double loss = gradient(t, batch, total);
    t->clock = done;
    t->tally.last_loss = last_loss;
    train_sam_return(t);
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
        return train_diverged(t, "loss", err);
    if (t->before && !isfinite(sharp_gradient(t, batch, total, &first)))
        return train_diverged(t, "loss nearby (sam)", err);
    double norm = clip(t);
    end_part(t, TRAIN_CLIP);
    if (!isfinite(norm))
        return train_diverged(t, "gradient", err);
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

static bool finish_row(struct train *t, struct epoch_row *row, const struct train_events *events,
                       struct error *err)
{
    int test = t->spec->evaluate.test;
    if (test == EVALUATE_EVERY || (test == EVALUATE_END && row->last))
        train_measure(t, row, true);
    if (!train_check_row(t, row, err))
        return false;
    train_keep_best(t, row);
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
    if (!train_check_state(t, err))
        return false;
    train_fill_row(t, &row);
    row.train_seconds = seconds;
    row.samples = t->trained_here;
    train_measure(t, &row, false);
    sched_observe(t->sched, train_row_metric, &row);
    t->stopped_early = train_stops_early(t, &row);
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

/* Whether the schedules allow the next update. Where they do not, what was trained is kept. */
static bool may_update(struct train *t, const struct train_events *events, struct error *err)
{
    struct error second;
    const struct sched_position at = {t->clock.epoch, t->clock.step, t->clock.cursor};
    if (sched_check_next(t->sched, &at, err))
        return true;
    if (events->checkpoint && !events->checkpoint(events->context, &second))
        *err = second;
    return false;
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
        if (total == 0 && t->clock.cursor > 0)
            break;
        if (!may_update(t, events, err))
            return false;
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
    train_fill_row(t, &row);
    train_measure(t, &row, false);
    return train_check_state(t, err) && finish_row(t, &row, events, err);
}

bool train_test_end(struct train *t, struct epoch_row *row, struct error *err)
{
    train_measure(t, row, true);
    return train_check_row(t, row, err);
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
