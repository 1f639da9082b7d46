/* A model at work: forward, loss, backward. All memory is planned in model_new. */
#include "nn/internal.h"
#include "num/random.h"
#include "util/mem.h"
#include "util/progress.h"
#include <math.h>
#include <string.h>

struct model {
    const struct model_plan *plan;
    struct matmul matmul;
    float *params, *grads, *buffers;
    float *input;
    struct sparse_row *row; /* or NULL: the input is dense */
    float row_scale, row_shift;
    uint8_t *labels;
    float **y, **saved; /* per layer: output and what backward needs */
    float *block;       /* they all lie in here */
    float *delta[2];    /* gradients of the activations */
    double *scratch;
    size_t bytes, rows;
    uint64_t seed;
    double *seconds; /* NULL: not timed */
};

/* What a pass is for. */
struct pass {
    const float *params;
    float *buffers;
    size_t n;
    uint64_t minibatch;
    bool training, dropping;
    double average;
};

/* ---- memory ---- */

static size_t saved_floats(const struct plan_step *s, size_t rows)
{
    return s->shape.norm ? 5 * s->in_ld : s->shape.saves ? rows * s->in_ld : 0;
}

static void *take(struct model *m, size_t count, size_t size)
{
    m->bytes += count * size;
    return mem_array(count, size);
}

/* Untouched, all but its padding: with sparse rows it is never needed. */
static float *take_input(struct model *m)
{
    size_t n = m->rows * m->plan->input_ld;
    float *input = mem_unset(n, sizeof *input);
    m->bytes += n * sizeof *input;
    for (size_t i = 0; m->plan->input_ld > m->plan->features && i < m->rows; i++)
        memset(input + i * m->plan->input_ld + m->plan->features, 0,
               (m->plan->input_ld - m->plan->features) * sizeof *input);
    return input;
}

static void plan_outputs(struct model *m)
{
    const struct model_plan *p = m->plan;
    size_t floats = 0, widest = p->input_ld;
    for (size_t i = 0; i < p->layers; i++) {
        floats += (p->step[i].kind->passes ? 0 : m->rows * p->step[i].out_ld) +
                  saved_floats(&p->step[i], m->rows);
        widest = p->step[i].out_ld > widest ? p->step[i].out_ld : widest;
    }
    m->block = take(m, floats, sizeof(float));
    m->scratch = take(m, 4 * widest, sizeof(double));
    float *at = m->block;
    for (size_t i = 0; i < p->layers; i++) {
        m->saved[i] = at;
        at += saved_floats(&p->step[i], m->rows);
        m->y[i] = p->step[i].kind->passes ? (i ? m->y[i - 1] : m->input) : at;
        at += p->step[i].kind->passes ? 0 : m->rows * p->step[i].out_ld;
    }
}

/* Gradients of activations are only wanted behind the first trained layer. */
static size_t widest_delta(const struct model_plan *p)
{
    size_t widest = 16;
    for (size_t i = 0; i < p->layers; i++) {
        widest = p->step[i].needs_dx && p->step[i].in_ld > widest ? p->step[i].in_ld : widest;
        widest =
            p->step[i].shape.weight && p->step[i].out_ld > widest ? p->step[i].out_ld : widest;
    }
    return widest;
}

struct model *model_new(const struct model_plan *p, size_t max_train_batch,
                        size_t max_eval_batch, uint64_t seed)
{
    struct model *m = mem_new(sizeof *m);
    m->matmul.kernel = gemm_best();
    m->plan = p;
    m->seed = seed;
    m->rows = max_train_batch > max_eval_batch ? max_train_batch : max_eval_batch;
    m->params = take(m, p->param_floats, sizeof(float));
    m->grads = take(m, p->param_floats, sizeof(float));
    m->buffers = take(m, p->buffer_floats, sizeof(float));
    m->input = take_input(m);
    m->labels = take(m, m->rows, 1);
    m->y = take(m, p->layers, sizeof *m->y);
    m->saved = take(m, p->layers, sizeof *m->saved);
    plan_outputs(m);
    for (int i = 0; i < 2; i++)
        m->delta[i] = take(m, max_train_batch * widest_delta(p), sizeof(float));
    return m;
}

void model_free(struct model *m)
{
    if (!m)
        return;
    void *const blocks[] = {m->row,      m->params,   m->grads, m->buffers, m->input,
                            m->labels,   m->y,        m->saved, m->block,   m->scratch,
                            m->delta[0], m->delta[1], m};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
        mem_free(blocks[i]);
}

void model_use_matmul(struct model *m, const struct matmul *how)
{
    m->matmul = *how;
}

size_t model_bytes(const struct model *m)
{
    return m->bytes;
}

void model_time(struct model *m, double *seconds)
{
    m->seconds = seconds;
}

double model_flops(const struct model_plan *p, bool training)
{
    double flops = 0;
    for (size_t i = 0; i < p->layers; i++) {
        const struct plan_step *s = &p->step[i];
        double product = 2 * (double)s->shape.in * (double)s->shape.out;
        if (s->kind->takes_rows)
            flops += product * (training ? 2 + (s->needs_dx ? 1 : 0) : 1);
    }
    return flops;
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

/* The first layer that does something. */
static const struct plan_step *first_step(const struct model_plan *p)
{
    for (size_t i = 0; i < p->layers; i++)
        if (!p->step[i].kind->passes)
            return &p->step[i];
    return NULL;
}

bool model_takes_rows(const struct model_plan *p)
{
    const struct plan_step *s = first_step(p);
    return s && s->kind->takes_rows;
}

void model_use_rows(struct model *m, float scale, float shift)
{
    m->row = take(m, m->rows, sizeof *m->row);
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

/* ---- initial weights ---- */

static void init_tensor(struct model *m, size_t i, const struct chosen *init, uint64_t seed)
{
    const struct model_tensor *t = &m->plan->param[i];
    const struct init_kind *k = (const struct init_kind *)init->kind;
    size_t n = t->shape.rows * t->shape.cols;
    float *w = mem_array(n, sizeof *w);
    struct rng r = rng_stream(seed, RNG_INIT, i, 0);
    if (t->role == TENSOR_NORM)
        for (size_t j = 0; j < n; j++)
            w[j] = strstr(t->name, ".weight") ? 1.0f : 0.0f;
    else if (t->role != TENSOR_BIAS || k->biases_too)
        k->fill(init->options, &r, (double)t->fan_in, (double)t->shape.rows, w, n);
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
            buffers[t->offset + j] =
                strstr(t->name, "running_var") && j < t->shape.rows ? 1.0f : 0.0f;
    }
}

/* ---- forward and backward ---- */

static struct layer_call call_of(const struct model *m, size_t i, const struct pass *p)
{
    const struct plan_step *s = &m->plan->step[i];
    const struct model_tensor *param = m->plan->param, *buffer = m->plan->buffer;
    return (struct layer_call){
        .how = &m->matmul,
        .options = s->options,
        .n = p->n,
        .in = s->shape.in,
        .out = s->shape.out,
        .in_ld = s->in_ld,
        .out_ld = s->out_ld,
        .x = i ? m->y[i - 1] : m->input,
        .y = m->y[i],
        .weight = s->weight < 0 ? NULL : p->params + param[s->weight].offset,
        .bias = s->bias < 0 ? NULL : p->params + param[s->bias].offset,
        .dweight = s->weight < 0 ? NULL : m->grads + param[s->weight].offset,
        .dbias = s->bias < 0 ? NULL : m->grads + param[s->bias].offset,
        .mean = s->mean < 0 ? NULL : p->buffers + buffer[s->mean].offset,
        .var = s->var < 0 ? NULL : p->buffers + buffer[s->var].offset,
        .saved = m->saved[i],
        .rows = s == first_step(m->plan) ? m->row : NULL,
        .row_scale = m->row_scale,
        .row_shift = m->row_shift,
        .scratch = m->scratch,
        .training = p->training,
        .dropping = p->dropping,
        .average = p->average,
        .seed = m->seed,
        .minibatch = p->minibatch,
        .number = s->number,
    };
}

static void run_layer(const struct model *m, size_t i, const struct layer_call *c,
                      void (*f)(const struct layer_call *c))
{
    if (!m->seconds) {
        f(c);
        return;
    }
    double began = progress_now();
    f(c);
    m->seconds[m->plan->step[i].kind->takes_rows ? MODEL_PRODUCTS : MODEL_ELEMENTWISE] +=
        progress_now() - began;
}

static void forward(const struct model *m, const struct pass *p)
{
    for (size_t i = 0; i < m->plan->layers; i++) {
        struct layer_call c = call_of(m, i, p);
        if (!m->plan->step[i].kind->passes)
            run_layer(m, i, &c, m->plan->step[i].kind->forward);
    }
}

static const float *logits_of(const struct model *m, size_t *ret_ld)
{
    const struct model_plan *p = m->plan;
    *ret_ld = p->layers ? p->step[p->layers - 1].out_ld : p->input_ld;
    return p->layers ? m->y[p->layers - 1] : m->input;
}

/* Cross entropy -log softmax(z)[target] with label smoothing s over K classes:
 * (1 - s) (-log p_target) + s / K sum_k (-log p_k). Where dz is given: its gradient times scale. */
static double cross_entropy(const float *z, size_t classes, size_t target, double smoothing,
                            float scale, float *dz)
{
    float most = z[0], share = (float)(smoothing / (double)classes);
    double sum = 0, linear = 0;
    for (size_t k = 1; k < classes; k++)
        most = z[k] > most ? z[k] : most;
    for (size_t k = 0; k < classes; k++) {
        float e = expf(z[k] - most);
        sum += (double)e;
        linear += (double)(z[k] - most);
        if (dz)
            dz[k] = e;
    }
    float inverse = (float)(1 / sum);
    for (size_t k = 0; dz && k < classes; k++) {
        float wanted = share + (k == target ? (float)(1 - smoothing) : 0.0f);
        dz[k] = (dz[k] * inverse - wanted) * scale;
    }
    double log_sum = log(sum), loss = log_sum - (double)(z[target] - most);
    if (smoothing > 0)
        loss = (1 - smoothing) * loss + smoothing * (log_sum - linear / (double)classes);
    return loss;
}

static VECTORIZED_TO(double, loss_of,
                     (const struct model *m, size_t n, double smoothing, double scale,
                      float *delta),
                     (m, n, smoothing, scale, delta))
{
    size_t ld;
    const float *z = logits_of(m, &ld);
    double loss = 0, began = m->seconds ? progress_now() : 0;
    for (size_t i = 0; i < n; i++) {
        float *dz = delta ? delta + i * ld : NULL;
        loss += cross_entropy(z + i * ld, m->plan->classes, m->labels[i], smoothing,
                              (float)scale, dz);
        for (size_t k = m->plan->classes; dz && k < ld; k++)
            dz[k] = 0;
    }
    if (m->seconds)
        m->seconds[MODEL_LOSS] += progress_now() - began;
    return loss;
}

static void backward(const struct model *m, const struct pass *p, bool accumulate)
{
    int now = 0; /* which delta holds the gradient of this layer's output */
    for (size_t i = m->plan->layers; i-- > 0;) {
        const struct plan_step *s = &m->plan->step[i];
        struct layer_call c = call_of(m, i, p);
        if (s->kind->passes)
            continue;
        c.dy = m->delta[now];
        c.dx = s->needs_dx ? m->delta[s->kind->elementwise ? now : !now] : NULL;
        c.accumulate = accumulate;
        if (c.dx || s->shape.weight)
            run_layer(m, i, &c, s->kind->backward);
        now = s->kind->elementwise ? now : !now;
    }
}

double model_train(struct model *m, size_t n, uint64_t minibatch, double smoothing,
                   double scale, bool accumulate)
{
    struct pass p = {.params = m->params,
                     .buffers = m->buffers,
                     .n = n,
                     .minibatch = minibatch,
                     .training = true,
                     .dropping = true,
                     .average = 0.1};
    forward(m, &p);
    double loss = loss_of(m, n, smoothing, scale, m->delta[0]);
    backward(m, &p, accumulate);
    return loss;
}

double model_train_loss(struct model *m, size_t n, uint64_t minibatch, double smoothing)
{
    struct pass p = {.params = m->params,
                     .buffers = m->buffers,
                     .n = n,
                     .minibatch = minibatch,
                     .training = true,
                     .dropping = true};
    forward(m, &p);
    return loss_of(m, n, smoothing, 0, NULL);
}

void model_norm_add(struct model *m, const float *params, float *buffers, size_t n,
                    size_t batch_number)
{
    struct pass p = {.params = params ? params : m->params,
                     .buffers = buffers,
                     .n = n,
                     .training = true,
                     .average = 1 / (double)(batch_number + 1)};
    forward(m, &p);
}

/* ---- evaluation ---- */

static size_t arg_max(const float *z, size_t n)
{
    size_t best = 0;
    for (size_t k = 1; k < n; k++)
        if (z[k] > z[best])
            best = k;
    return best;
}

void model_evaluate(struct model *m, const float *params, const float *buffers, size_t n,
                    double *ret_loss, size_t *ret_right, uint8_t *ret_predicted)
{
    size_t ld;
    /* evaluation mode reads the statistics only */
    union {
        const float *in;
        float *out;
    } stats = {.in = buffers ? buffers : m->buffers};
    struct pass p = {.params = params ? params : m->params, .buffers = stats.out, .n = n};
    forward(m, &p);
    const float *z = logits_of(m, &ld);
    *ret_loss = loss_of(m, n, 0, 0, NULL);
    *ret_right = 0;
    for (size_t i = 0; i < n; i++) {
        size_t best = arg_max(z + i * ld, m->plan->classes);
        *ret_right += best == m->labels[i];
        if (ret_predicted)
            ret_predicted[i] = (uint8_t)best;
    }
}

const float *model_logits(const struct model *m, size_t *ret_ld)
{
    return logits_of(m, ret_ld);
}
