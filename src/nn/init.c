/* A model's first numbers. */
#include "nn/model.h"

static void init_tensor(struct model *m, size_t i, const struct chosen *init, uint64_t seed)
{
    const struct model_tensor *t = &m->plan->param[i];
    init = t->init ? t->init : init;
    const struct init_kind *k = (const struct init_kind *)init->kind;
    size_t n = t->shape.rows * t->shape.cols;
    float *w = mem_array(n, sizeof *w);
    struct rng r = rng_stream(seed, RNG_INIT, i, 0);
    bool drawn = t->role != TENSOR_NORM && (t->role != TENSOR_BIAS || k->biases_too);
    double constant = t->role == TENSOR_NORM ? t->initial : init_bias(init);
    if (drawn)
        k->fill(init->options, &r, (double)t->fan_in, (double)t->fan_out, w, n);
    for (size_t j = 0; !drawn && j < n; j++)
        w[j] = (float)constant;
    tensor_unpack(&t->shape, w, m->params + t->offset);
    mem_free(w);
}

void model_init(struct model *m, const struct chosen *init, uint64_t seed)
{
    for (size_t i = 0; i < m->plan->params; i++)
        init_tensor(m, i, init, seed);
    model_norm_begin(m, m->buffers);
}

void model_norm_begin(struct model *m, float *buffers)
{
    for (size_t i = 0; i < m->plan->buffers; i++) {
        const struct model_tensor *t = &m->plan->buffer[i];
        for (size_t j = 0; j < t->stored; j++)
            buffers[t->offset + j] = j < t->shape.rows ? (float)t->initial : 0.0f;
    }
}
