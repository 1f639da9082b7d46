/* Where a run stands, and what else may be asked of it. */
#include "train/internal.h"

bool train_out_of_steps(const struct train *t)
{
    return t->spec->train.steps != PARAM_NULL_INT && t->clock.step >= t->spec->train.steps;
}

bool train_at_end(const struct train *t)
{
    return train_out_of_steps(t) ||
           (t->spec->train.steps == PARAM_NULL_INT && t->clock.epoch >= t->spec->train.epochs);
}

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

int64_t train_cursor_now(const struct train *t)
{
    return t->clock.cursor;
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

bool train_is_by_blas(const struct train *t)
{
    return t->matmul.kernel == GEMM_NONE;
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

void train_set_best(struct train *t, const struct epoch_row *row)
{
    t->best = row ? *row : (struct epoch_row){.epoch = -1};
    if (row && t->spec->evaluate.test ==
                   EVALUATE_END) /* only an end has a test, and a longer run has another end */
        metric_forget_tests(t->best.value);
}

void train_order(struct train *t, int64_t epoch, int64_t batch, uint32_t *order)
{
    const struct data_pass pass = {(enum data_sampler)t->spec->train.sampler,
                                   (uint64_t)t->spec->seed, (uint64_t)epoch, (size_t)batch};
    data_order(&t->data->train, pass, order, t->scratch);
}
