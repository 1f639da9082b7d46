/* A model: its memory, all taken in model_new, and what others see of it. */
#include "nn/model.h"
#include <string.h>

/* Room for a batch of images, its padding 0; not read where rows are sparse. */
static float *take_input(struct model *m)
{
    const struct model_plan *p = m->plan;
    size_t n = m->rows * model_input_floats(p), ld = p->input_ld,
           used = p->input_image ? p->input.channels : p->features;
    float *input = mem_unset(n, sizeof *input);
    m->bytes += n * sizeof *input;
    for (size_t i = 0; ld > used && i < n; i += ld)
        memset(input + i + used, 0, (ld - used) * sizeof *input);
    return input;
}

struct model *model_new(const struct model_plan *p, size_t max_train_batch, size_t max_eval_batch,
                        size_t threads, uint64_t seed)
{
    struct model *m = mem_new(sizeof *m);
    struct model_needs n;
    arena_init(&m->arena);
    m->matmul.kernel = gemm_best();
    m->plan = p;
    m->seed = seed;
    m->rows = max_train_batch > max_eval_batch ? max_train_batch : max_eval_batch;
    model_plan_rooms(m, p, max_train_batch, max_eval_batch, threads, &n);
    m->params = model_take(m, p->param_floats, sizeof(float));
    m->grads = model_take(m, p->param_floats, sizeof(float));
    m->buffers = model_take(m, p->buffer_floats, sizeof(float));
    m->input = take_input(m);
    m->logits = model_take(m, m->rows * p->step[p->layers - 1].out_ld, sizeof(float));
    m->labels = model_take(m, m->rows, 1);
    m->kept = model_take(m, p->layers, sizeof *m->kept);
    model_take_rooms(m, &n);
    return m;
}

void model_free(struct model *m)
{
    if (!m)
        return;
    void *const blocks[] = {m->row,  m->params,  m->grads,  m->buffers, m->input,
                            m->cut,  m->labels,  m->logits, m->block,   m->kept,
                            m->work, m->keeping, m->scratch};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        mem_free(blocks[i]);
    arena_fini(&m->arena);
    mem_free(m);
}

void model_use_matmul(struct model *m, const struct matmul *matmul)
{
    m->matmul = *matmul;
}

void model_time(struct model *m, double *seconds)
{
    m->clock = seconds;
}

float *model_params(struct model *m)
{
    return m->params;
}

float *model_grads(struct model *m)
{
    return m->grads;
}

float *model_buffers(struct model *m)
{
    return m->buffers;
}

float *model_input(struct model *m)
{
    return m->input;
}

void model_use_rows(struct model *m, float scale, float shift)
{
    m->row = model_take(m, m->rows, sizeof *m->row);
    m->row_scale = scale;
    m->row_shift = shift;
}

struct sparse_row *model_rows(struct model *m)
{
    return m->row;
}

uint8_t *model_labels(struct model *m)
{
    return m->labels;
}

const float *model_logits(const struct model *m, size_t *ret_ld)
{
    *ret_ld = m->plan->step[m->plan->layers - 1].out_ld;
    return m->logits;
}
