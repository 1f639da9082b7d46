/* Whether a run's numbers are finite: one that is not ends it. */
#include "num/tensor.h"
#include "num/vec.h"
#include "train/internal.h"
#include <math.h>
#include <stdio.h>

/* One block, named tensor by tensor once something is wrong in it. */
static bool block_is_finite(const char *prefix, const float *block, size_t floats,
                            const struct model_tensor *tensor, size_t tensors,
                            char ret_name[TRAIN_CULPRIT])
{
    if (!block || vec_all_finite(block, floats))
        return true;
    for (size_t i = 0; i < tensors; i++)
        if (!vec_all_finite(block + tensor[i].offset, tensor[i].stored)) {
            snprintf(ret_name, TRAIN_CULPRIT, "%s.%s", prefix, tensor[i].name);
            return false;
        }
    snprintf(ret_name, TRAIN_CULPRIT, "%s", prefix);
    return false;
}

static bool weights_are_finite(const struct train *t, const char *prefix, const float *params,
                               const float *buffers, char ret_name[TRAIN_CULPRIT])
{
    const struct model_plan *p = t->plan;
    return block_is_finite(prefix, params, p->param_floats, p->param, p->params, ret_name) &&
           block_is_finite(prefix, buffers, p->buffer_floats, p->buffer, p->buffers, ret_name);
}

static bool optimizer_is_finite(struct train *t, char ret_name[TRAIN_CULPRIT])
{
    const char *name;
    struct optim_state state;
    for (size_t i = 0; i < t->plan->params; i++)
        for (size_t s = 0; optim_state(t->optim, i, s, &state); s++)
            if (state.data && !vec_all_finite(state.data, tensor_stored(&state.shape))) {
                snprintf(ret_name, TRAIN_CULPRIT, "optimizer.%s.%s", t->plan->param[i].name,
                         state.name);
                return false;
            }
    for (size_t i = 0; i < optim_scalar_count(t->optim); i++)
        if (!isfinite(*optim_scalar(t->optim, i, &name))) {
            snprintf(ret_name, TRAIN_CULPRIT, "optimizer.%s", name);
            return false;
        }
    return true;
}

bool train_is_finite(struct train *t, char ret_name[TRAIN_CULPRIT])
{
    return weights_are_finite(t, "model", model_params(t->model), model_buffers(t->model),
                              ret_name) &&
           weights_are_finite(t, "average", t->average, t->average_buffers, ret_name) &&
           optimizer_is_finite(t, ret_name);
}

/* A split without images has neither figure; a loss that is NaN beside an accuracy was evaluated. */
bool train_row_is_finite(const struct epoch_row *row, char ret_name[TRAIN_CULPRIT])
{
    for (int i = 0; i < SPLITS; i++) {
        const struct split_info *s = &split_info[i];
        double loss = row->value[s->loss];
        if (isinf(loss) || (isnan(loss) && !isnan(row->value[s->accuracy]))) {
            snprintf(ret_name, TRAIN_CULPRIT, "%s", metric_names[s->loss]);
            return false;
        }
    }
    return true;
}
