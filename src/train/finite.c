/* Whether a run's numbers are finite: one that is not ends it. */
#include "num/tensor.h"
#include "num/vec.h"
#include "train/internal.h"
#include <math.h>
#include <stdio.h>

enum { CULPRIT = 160 };

/* One block, named tensor by tensor once something is wrong in it. */
static bool block_is_finite(const char *prefix, const float *block, size_t floats,
                            const struct model_tensor *tensor, size_t tensors,
                            char ret_name[CULPRIT])
{
    if (!block || vec_all_finite(block, floats))
        return true;
    for (size_t i = 0; i < tensors; i++)
        if (!vec_all_finite(block + tensor[i].offset, tensor[i].stored)) {
            snprintf(ret_name, CULPRIT, "%s.%s", prefix, tensor[i].name);
            return false;
        }
    snprintf(ret_name, CULPRIT, "%s", prefix);
    return false;
}

static bool weights_are_finite(const struct train *t, const char *prefix, const float *params,
                               const float *buffers, char ret_name[CULPRIT])
{
    const struct model_plan *p = t->plan;
    return block_is_finite(prefix, params, p->param_floats, p->param, p->params, ret_name) &&
           block_is_finite(prefix, buffers, p->buffer_floats, p->buffer, p->buffers, ret_name);
}

static bool optimizer_is_finite(struct train *t, char ret_name[CULPRIT])
{
    const char *name;
    struct optim_state state;
    for (size_t i = 0; i < t->plan->params; i++)
        for (size_t s = 0; optim_state(t->optim, i, s, &state); s++)
            if (state.data && !vec_all_finite(state.data, tensor_stored(&state.shape))) {
                snprintf(ret_name, CULPRIT, "optimizer.%s.%s", t->plan->param[i].name, state.name);
                return false;
            }
    for (size_t i = 0; i < optim_scalar_count(t->optim); i++)
        if (!isfinite(*optim_scalar(t->optim, i, &name))) {
            snprintf(ret_name, CULPRIT, "optimizer.%s", name);
            return false;
        }
    return true;
}

/* Whether all numbers of the run are finite; ret_name is the tensor's or number's, as a checkpoint
 * has it. */
static bool is_finite(struct train *t, char ret_name[CULPRIT])
{
    return weights_are_finite(t, "model", model_params(t->model), model_buffers(t->model),
                              ret_name) &&
           weights_are_finite(t, "average", t->average, t->average_buffers, ret_name) &&
           optimizer_is_finite(t, ret_name);
}

/* All losses of this row; ret_name is the column's. A split without images has neither figure; a
 * loss that is NaN beside an accuracy was evaluated. */
static bool row_is_finite(const struct epoch_row *row, char ret_name[CULPRIT])
{
    for (int i = 0; i < SPLITS; i++) {
        const struct split_info *s = &split_info[i];
        double loss = row->value[s->loss];
        if (isinf(loss) || (isnan(loss) && !isnan(row->value[s->accuracy]))) {
            snprintf(ret_name, CULPRIT, "%s", metric_names[s->loss]);
            return false;
        }
    }
    return true;
}

/* ---- what is said of it ---- */

bool train_diverged(const struct train *t, const char *what, struct error *err)
{
    return error_set(err, ERR_DIVERGED,
                     "diverged in epoch %lld at update %lld: the %s is not finite",
                     (long long)t->clock.epoch + 1, (long long)t->clock.step + 1, what);
}

/* Of the epoch that has just been trained: it gets no row. */
static bool diverged_after(struct train *t, const char *what, const char *name, struct error *err)
{
    char whole[CULPRIT + 32];
    snprintf(whole, sizeof whole, what, name);
    if (t->clock.step == 0)
        return error_set(err, ERR_DIVERGED,
                         "diverged before the first update: the %s is not finite", whole);
    t->clock.epoch--;
    t->clock.step--;
    return train_diverged(t, whole, err);
}

bool train_check_row(struct train *t, const struct epoch_row *row, struct error *err)
{
    char name[CULPRIT];
    return row_is_finite(row, name) || diverged_after(t, "loss in evaluation (%s)", name, err);
}

bool train_check_state(struct train *t, struct error *err)
{
    char name[CULPRIT];
    return is_finite(t, name) || diverged_after(t, "value of %s", name, err);
}
