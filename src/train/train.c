/* The training loop. */
#include "num/blas.h"
#include "num/vec.h"
#include "train/internal.h"
#include "util/progress.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- set-up ---- */

static bool schedules_move_batch(const struct spec *s)
{
    for (size_t i = 0; i < s->scheduler.n; i++)
        if (((const struct sched_common *)s->scheduler.v[i].options)->apply_to ==
            SCHED_BATCH_SIZE)
            return true;
    return false;
}

/* n: images of the training set, 0 where that is not known. Where schedules move the batch size,
 * sched_check says it of every size that they give. */
static bool check_batches(const struct train *t, size_t n, struct error *err)
{
    const struct train_config *c = &t->spec->train;
    size_t batch = (size_t)c->batch_size;
    if (schedules_move_batch(t->spec))
        return true;
    if (n > 0 && c->drop_last && batch > n)
        return error_set_at(
            err, ERR_USAGE, "train.batch_size",
            "a batch of %zu images is larger than the training set of %zu: with 'drop_last' no update would ever be made",
            batch, n);
    bool single = batch == 1 || (!c->drop_last && n % batch == 1);
    if (t->plan->has_batch_norm && t->plan->norm_pixels <= 1 && single)
        return error_set_at(
            err, ERR_USAGE, "train.batch_size",
            "batch norm cannot train on a batch of one image%s",
            batch == 1 ? "" : ", which the epoch's last batch would be; set 'drop_last: true'");
    return true;
}

static bool check_evaluation(const struct train *t, size_t n, struct error *err)
{
    int64_t images = t->spec->evaluate.train;
    return n == 0 || images == EVALUATE_FULL || (uint64_t)images <= n ||
           error_set_at(err, ERR_USAGE, "evaluate.train",
                        "'evaluate.train' is %lld, but there are %zu training images",
                        (long long)images, n);
}

static size_t largest_batch(const struct train *t)
{
    size_t n = t->data->train.n, batch = (size_t)t->spec->train.batch_size;
    for (size_t i = 0; i < t->spec->scheduler.n; i++) {
        const struct sched_common *c = t->spec->scheduler.v[i].options;
        if (c->apply_to == SCHED_BATCH_SIZE)
            batch = c->max_batch_size == PARAM_NULL_INT || (size_t)c->max_batch_size > n
                        ? n
                        : (size_t)c->max_batch_size;
        if (c->apply_to == SCHED_BATCH_SIZE && batch < (size_t)t->spec->train.batch_size)
            batch = (size_t)t->spec->train.batch_size;
    }
    return batch < n ? batch : n;
}

/* Sparse input pays below this share of pixels that are not zero. */
static const double sparse_below = 1.0 / 3;
enum { SPARSE_AUTO, SPARSE_ON, SPARSE_OFF };
enum { MATMUL_AUTO, MATMUL_BLAS };

static int sparse_wish(const struct spec *s)
{
    return ((const struct model_common *)s->model.options)->sparse_input;
}

static bool check_input(const struct train *t, struct error *err)
{
    return sparse_wish(t->spec) != SPARSE_ON || model_takes_rows(t->plan) ||
           error_set_at(err, ERR_USAGE, "model.sparse_input",
                        "sparse input is for models whose first layer is linear");
}

/* Whether the first layer is to skip zero pixels; the data then have what it needs. */
static void choose_input(struct train *t)
{
    int wish = sparse_wish(t->spec);
    t->sparse = wish == SPARSE_ON || (wish == SPARSE_AUTO && model_takes_rows(t->plan) &&
                                      data_density(t->data) < sparse_below);
    if (t->sparse)
        data_make_rows(t->data);
}

static struct optim *optim_of(struct train *t)
{
    struct optim_tensor *v = mem_array(t->plan->params, sizeof *v);
    for (size_t i = 0; i < t->plan->params; i++) {
        const struct model_tensor *p = &t->plan->param[i];
        v[i] = (struct optim_tensor){.name = p->name,
                                     .w = model_params(t->model) + p->offset,
                                     .g = model_grads(t->model) + p->offset,
                                     .shape = p->shape,
                                     .role = p->role};
    }
    struct optim *o = optim_new(&t->spec->optimizer, v, t->plan->params);
    mem_free(v);
    return o;
}

static void plan_averages(struct train *t)
{
    bool average = t->spec->average.kind != NULL;
    bool other = optim_evaluates_other(t->optim);
    if (average)
        t->average = mem_array(t->plan->param_floats, sizeof(float));
    else if (other)
        t->evaluated = mem_array(t->plan->param_floats, sizeof(float));
    bool swa = average && strcmp(t->spec->average.kind->name, "swa") == 0;
    if (t->plan->buffer_floats > 0 &&
        (swa || (other && !average && optim_refreshes_norm(t->optim))))
        t->average_buffers = mem_array(t->plan->buffer_floats, sizeof(float));
}

/* The first epoch's order, over which statistics for weights of no epoch are taken. */
static void plan_refresh(struct train *t)
{
    if (!t->plan->has_batch_norm)
        return;
    t->first_order = mem_array(t->data->train.n, sizeof *t->first_order);
    int64_t batch = sched_at(t->sched, 0, 0).batch_size;
    data_order((enum data_sampler)t->spec->train.sampler, &t->data->train, t->data->classes,
               (uint64_t)t->spec->seed, 0, (size_t)batch, t->first_order, t->scratch);
}

static bool make_schedule(struct train *t, size_t n, struct error *err)
{
    struct sched_base base = spec_sched_base(t->spec, n > 0 ? n : SPEC_TYPICAL_IMAGES);
    base.lone_fails = t->plan->has_batch_norm;
    t->sched = sched_new(&t->spec->scheduler, &base, err);
    return t->sched && sched_check(t->sched, n > 0, err);
}

/* All that the spec and the sizes of its data decide, before memory is taken. */
static bool plan(struct train *t, const struct data_sizes *n, struct error *err)
{
    bool ok = model_plan_new(&t->spec->model, n->image, n->classes, &t->plan, err) &&
              check_batches(t, n->train, err) && check_evaluation(t, n->train, err) &&
              check_input(t, err) && make_schedule(t, n->train, err);
    return ok;
}

static bool plan_for_data(struct train *t, struct error *err)
{
    const struct data *d = t->data;
    struct data_sizes n = {.train = d->train.n, .image = d->image, .classes = d->classes};
    if (!plan(t, &n, err))
        return false;
    choose_input(t);
    return true;
}

/* Before any of it is taken: what the model and its batches want, against what the machine has. */
static bool check_memory(const struct train *t, struct error *err)
{
    size_t batch = largest_batch(t), evaluation = (size_t)t->spec->evaluate.batch_size;
    double wanted = model_bytes_wanted(t->plan, batch, evaluation, (size_t)t->spec->threads),
           there = mem_limit();
    bool smaller = model_bytes_wanted(t->plan, 1, evaluation, 1) > 0.9 * wanted;
    return wanted <= there ||
           error_set_at(
               err, ERR_SYSTEM, smaller ? "evaluate.batch_size" : "train.batch_size",
               "the model and batches of %zu images in training and %zu in evaluation take "
               "%.1f GB, but the machine has %.1f GB: take a smaller batch",
               batch, evaluation, wanted / 1e9, there / 1e9);
}

static bool build(struct train *t, struct error *err)
{
    const struct spec *s = t->spec;
    const struct model_common *m = s->model.options;
    if (!team_new((size_t)s->threads, &t->team, err))
        return error_blame(err, "threads");
    if (!check_memory(t, err))
        return false;
    t->model = model_new(t->plan, largest_batch(t), (size_t)s->evaluate.batch_size,
                         (size_t)s->threads, (uint64_t)s->seed);
    t->matmul = (struct matmul){.team = t->team,
                                .kernel = m->matmul == MATMUL_BLAS ? GEMM_NONE : gemm_best()};
    model_use_matmul(t->model, &t->matmul);
    if (t->sparse)
        model_use_rows(t->model, t->data->scale, t->data->shift);
    model_init(t->model, &m->init, (uint64_t)s->seed);
    if (m->init_from &&
        !train_load_weights(t, m->init_from, m->init_weights == INIT_AVERAGE, err))
        return false;
    t->optim = optim_of(t);
    optim_use_matmul(t->optim, &t->matmul);
    plan_averages(t);
    t->order = mem_array(t->data->train.n, sizeof *t->order);
    t->scratch = mem_array(t->data->train.n, sizeof *t->scratch);
    plan_refresh(t);
    t->now = sched_at(t->sched, 0, 0);
    t->best.epoch = -1;
    t->early_best = (double)NAN;
    return true;
}

static struct train *begin(const struct spec *spec, struct data *data)
{
    struct train *t = mem_new(sizeof *t);
    blas_use_one_thread();
    t->spec = spec;
    t->data = data;
    return t;
}

bool train_new(const struct spec *spec, struct data *data, struct train **ret,
               struct error *err)
{
    struct train *t = begin(spec, data);
    if (!plan_for_data(t, err) || !build(t, err)) {
        train_free(t);
        return false;
    }
    *ret = t;
    return true;
}

bool train_check(const struct spec *spec, struct data *data, struct error *err)
{
    struct train *t = begin(spec, data);
    bool ok = plan_for_data(t, err);
    train_free(t);
    return ok;
}

bool train_check_ahead(const struct spec *spec, struct error *err)
{
    struct data_sizes n;
    if (!data_sizes(&spec->dataset, &n, err) && err->code == ERR_USAGE)
        return false;
    struct train *t = begin(spec, NULL);
    bool ok = plan(t, &n, err);
    train_free(t);
    return ok;
}

void train_free(struct train *t)
{
    if (!t)
        return;
    team_free(t->team);
    sched_free(t->sched);
    optim_free(t->optim);
    model_free(t->model);
    model_plan_free(t->plan);
    mem_free(t->order);
    mem_free(t->scratch);
    mem_free(t->first_order);
    mem_free(t->average);
    mem_free(t->average_buffers);
    mem_free(t->evaluated);
    mem_free(t);
}

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

/* Time since `since` goes to a part; returns now. Nothing where nobody asked. */
static double lap(const struct train *t, double since, enum train_part part)
{
    if (!t->seconds)
        return 0;
    double now = progress_now();
    if (part != TRAIN_PARTS)
        t->seconds[part] += now - since;
    return now;
}

/* The gradient of the mean loss over `total` images, minibatch by minibatch; returns the sum of
 * their losses. */
static double gradient(struct train *t, size_t batch, size_t total)
{
    double sum = 0;
    for (size_t done = 0; done < total;) {
        size_t n = next_minibatch(t, (size_t)t->clock.cursor, batch);
        double began = lap(t, 0, TRAIN_PARTS);
        train_gather(t, &t->data->train, t->order + t->clock.cursor, 0, n);
        lap(t, began, TRAIN_INPUT);
        double loss = model_train(t->model, n, (uint64_t)t->clock.minibatch,
                                  t->spec->train.label_smoothing, 1 / (double)total, done > 0);
        t->tally.last_loss = loss / (double)n;
        t->clock.minibatch++;
        t->clock.cursor += (int64_t)n;
        done += n;
        sum += loss;
    }
    return sum;
}

/* Global L2 norm before clipping; then clip_value, then clip_norm as PyTorch: scale = min(1, max /
 * (norm + 1e-6)). */
static double clip(struct train *t)
{
    float *g = model_grads(t->model);
    size_t n = t->plan->param_floats;
    const struct train_config *c = &t->spec->train;
    double norm = sqrt(vec_sum_squares(g, n));
    if (isfinite(c->clip_value))
        vec_clamp(g, (float)-c->clip_value, (float)c->clip_value, n);
    if (isfinite(c->clip_norm)) {
        double clipped = isfinite(c->clip_value) ? sqrt(vec_sum_squares(g, n)) : norm;
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
static bool diverged_after(struct train *t, const char *what, const char *name,
                           struct error *err)
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

static bool update(struct train *t, size_t total, struct step_row *row, struct error *err)
{
    size_t batch = (size_t)t->now.batch_size;
    double loss = gradient(t, batch, total);
    if (!isfinite(loss))
        return diverged(t, "loss", err);
    double began = lap(t, 0, TRAIN_PARTS), norm = clip(t);
    began = lap(t, began, TRAIN_CLIP);
    if (!isfinite(norm))
        return diverged(t, "gradient", err);
    optim_step(t->optim, t->now.lr, t->now.momentum, t->now.decay);
    t->clock.step++;
    train_average_update(t);
    lap(t, began, TRAIN_OPTIMIZER);
    t->tally.loss_sum += loss;
    t->tally.norm_sum += norm;
    t->tally.samples += (int64_t)total;
    t->tally.updates++;
    t->trained_here += (int64_t)total;
    *row = (struct step_row){.step = t->clock.step,
                             .epoch = t->clock.epoch + 1,
                             .lr = t->now.lr,
                             .batch_size = t->now.batch_size,
                             .batch_loss = loss / (double)total,
                             .grad_norm = norm};
    return true;
}

/* ---- one epoch ---- */

static bool out_of_steps(const struct train *t)
{
    return t->spec->train.steps != PARAM_NULL_INT && t->clock.step >= t->spec->train.steps;
}

bool train_at_end(const struct train *t)
{
    return out_of_steps(t) ||
           (t->spec->train.steps == PARAM_NULL_INT && t->clock.epoch >= t->spec->train.epochs);
}

static void start_epoch(struct train *t)
{
    if (t->clock.cursor == 0) {
        t->tally = (struct train_tally){0};
        t->clock.order_batch = sched_at(t->sched, t->clock.epoch, t->clock.step).batch_size;
    }
    data_order((enum data_sampler)t->spec->train.sampler, &t->data->train, t->data->classes,
               (uint64_t)t->spec->seed, (uint64_t)t->clock.epoch, (size_t)t->clock.order_batch,
               t->order, t->scratch);
    t->trained_here = 0;
    t->epoch_began = progress_now();
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

void train_set_best(struct train *t, const struct epoch_row *row)
{
    t->best = row ? *row : (struct epoch_row){.epoch = -1};
    if (row && t->spec->evaluate.test ==
                   EVALUATE_END) /* only an end has a test, and a longer run has another end */
        metric_forget_tests(t->best.value);
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

static bool finish_row(struct train *t, struct epoch_row *row,
                       const struct train_events *events, struct error *err)
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

static bool finish_epoch(struct train *t, const struct train_events *events, struct error *err)
{
    struct epoch_row row;
    double seconds = progress_now() - t->epoch_began;
    t->clock.partial =
        next_update(t, (size_t)sched_at(t->sched, t->clock.epoch, t->clock.step).batch_size) >
        0;
    t->clock.epoch++;
    t->clock.cursor = 0;
    train_average_epoch(t);
    if (!check_state(t, err))
        return false;
    fill_row(t, &row);
    row.train_seconds = seconds;
    row.samples = t->trained_here;
    train_measure(t, &row, false);
    if (!check_row(t, &row, err))
        return false;
    sched_observe(t->sched, row_metric, &row);
    t->stopped_early = stops_early(t, &row);
    t->finished = t->stopped_early || train_at_end(t);
    row.last = t->finished;
    return finish_row(t, &row, events, err);
}

/* From the present position to the epoch's end. ret_stopped: an event wished to stop within it. */
static bool epoch(struct train *t, const struct train_events *events, bool *ret_stopped,
                  struct error *err)
{
    start_epoch(t);
    while (!out_of_steps(t)) {
        struct sched_now now = sched_at(t->sched, t->clock.epoch, t->clock.step);
        size_t total = next_update(t, (size_t)now.batch_size);
        if (total == 0)
            break;
        t->now = now;
        struct step_row row = {0};
        if (!update(t, total, &row, err) ||
            (events->step && !events->step(events->context, &row, err)))
            return false;
        enum train_wish wish = events->wish
                                   ? events->wish(events->context, row.step, row.batch_loss)
                                   : TRAIN_GO_ON;
        if (wish != TRAIN_GO_ON && events->checkpoint &&
            !events->checkpoint(events->context, err))
            return false;
        *ret_stopped = wish == TRAIN_STOP;
        if (*ret_stopped)
            return true;
    }
    return finish_epoch(t, events, err);
}

static bool before_training(struct train *t, const struct train_events *events,
                            struct error *err)
{
    struct epoch_row row;
    fill_row(t, &row);
    train_measure(t, &row, false);
    return check_state(t, err) && finish_row(t, &row, events, err);
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

/* ---- questions ---- */

int64_t train_epoch_now(const struct train *t)
{
    return t->clock.epoch;
}

int64_t train_step_now(const struct train *t)
{
    return t->clock.step;
}

int64_t train_total_steps(const struct train *t)
{
    return sched_total_steps(t->sched);
}

bool train_is_finished(const struct train *t)
{
    return t->finished;
}

bool train_is_within_epoch(const struct train *t)
{
    return t->clock.cursor > 0;
}

bool train_ends_within_epoch(const struct train *t)
{
    return t->clock.partial != 0;
}

const struct model_plan *train_plan(const struct train *t)
{
    return t->plan;
}

void train_time(struct train *t, double *seconds)
{
    t->seconds = seconds;
    model_time(t->model, seconds ? seconds + TRAIN_PRODUCTS : NULL);
}

bool train_is_sparse(const struct train *t)
{
    return t->sparse;
}

const char *train_matmul(const struct train *t)
{
    return matmul_name(t->matmul.kernel);
}

const char *train_event(const struct train *t, int64_t *ret_step)
{
    uint64_t update;
    const char *event = optim_event(t->optim, &update);
    *ret_step = event ? (int64_t)update : -1;
    return event;
}

const struct epoch_row *train_best(const struct train *t)
{
    return t->best.epoch >= 0 ? &t->best : NULL;
}

size_t train_bytes(const struct train *t)
{
    return model_bytes(t->model) + optim_state_bytes(t->optim);
}
