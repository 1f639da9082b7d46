/* A model's passes: forward and backward in training, forward in tiles in evaluation. */
#include "nn/model.h"
#include "util/clock.h"
#include <string.h>

/* What a pass is for, and which part of it this is. */
struct pass {
    const float *params;
    float *buffers;
    size_t n;
    uint64_t minibatch;
    bool training, dropping;
    double average;
    const struct model_room *room;
    size_t first, last; /* steps */
    size_t image;       /* the part's first image */
};

/* ---- forward and backward ---- */

/* Where a value lies for the images of this part. */
static float *value_at(const struct model *m, const struct pass *p, int v)
{
    const struct model_room *r = p->room;
    if (r->memory.value[v] >= 0)
        return r->base + r->memory.piece[r->memory.value[v]].at;
    size_t from = p->image * m->plan->value[v].floats;
    if (v == 0)
        return m->input + from;
    return (v == m->plan->step[m->plan->layers - 1].out ? m->logits : m->cut) + from;
}

static float *piece_at(const struct model_room *r, int piece)
{
    return piece < 0 ? NULL : r->base + r->memory.piece[piece].at;
}

static struct layer_call call_of(const struct model *m, size_t i, const struct pass *p)
{
    const struct plan_step *s = &m->plan->step[i];
    const struct model_tensor *param = m->plan->param, *buffer = m->plan->buffer;
    return (struct layer_call){
        .backend = &m->matmul,
        .options = s->options,
        .shape = &s->shape,
        .behind = &s->behind,
        .images = p->n,
        .n = p->n * image_pixels(s->shape.in),
        .in = s->shape.in.channels,
        .out = s->shape.out.channels,
        .in_ld = s->in_ld,
        .out_ld = s->out_ld,
        .x = value_at(m, p, s->in),
        .other = s->other < 0 ? NULL : value_at(m, p, s->other),
        .y = value_at(m, p, s->out),
        .weight = s->weight < 0 ? NULL : p->params + param[s->weight].offset,
        .bias = s->bias < 0 ? NULL : p->params + param[s->bias].offset,
        .dweight = s->weight < 0 ? NULL : m->grads + param[s->weight].offset,
        .dbias = s->bias < 0 ? NULL : m->grads + param[s->bias].offset,
        .mean = s->mean < 0 ? NULL : p->buffers + buffer[s->mean].offset,
        .var = s->var < 0 ? NULL : p->buffers + buffer[s->var].offset,
        .saved = piece_at(p->room, p->room->memory.saved[i]),
        .kept = m->kept[i],
        .work = m->work,
        .rows = s == plan_first_step(m->plan) ? m->row : NULL,
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

struct shared_call {
    const struct layer_call *c;
    void (*f)(const struct layer_call *c);
};

/* The same of some of the images. */
static void call_part(void *context, size_t part)
{
    const struct shared_call *s = context;
    struct layer_call c = *s->c;
    size_t first;
    team_share(c.backend->team, part, s->c->images, 1, &first, &c.images);
    size_t in = first * image_pixels(c.shape->in) * c.in_ld,
           out = first * image_pixels(c.shape->out) * c.out_ld;
    c.n = c.images * image_pixels(c.shape->in);
    c.x += in;
    c.y += out;
    c.other = c.other ? c.other + in : NULL;
    c.dx = c.dx ? c.dx + in : NULL;
    c.dy = c.dy ? c.dy + out : NULL;
    s->f(&c);
}

/* Below this a layer is done before another thread is awake. */
static const size_t worth_sharing = 100000; /* floats */

static void call(const struct layer_kind *kind, const struct layer_call *c,
                 void (*f)(const struct layer_call *c))
{
    struct shared_call s = {c, f};
    if (kind->by_images && c->n * c->in_ld >= worth_sharing && c->backend->team)
        team_run(c->backend->team, call_part, &s);
    else
        f(c);
}

static void run_layer(const struct model *m, size_t i, const struct layer_call *c,
                      void (*f)(const struct layer_call *c))
{
    if (!m->seconds) {
        call(m->plan->step[i].kind, c, f);
        return;
    }
    double began = clock_monotonic();
    call(m->plan->step[i].kind, c, f);
    m->seconds[m->plan->step[i].kind->is_product ? MODEL_PRODUCTS : MODEL_ELEMENTWISE] +=
        clock_monotonic() - began;
}

static void forward(const struct model *m, const struct pass *p)
{
    for (size_t i = p->first; i < p->last; i++) {
        if (m->plan->step[i].shape.passes)
            continue;
        struct layer_call c = call_of(m, i, p);
        run_layer(m, i, &c, m->plan->step[i].kind->forward);
    }
}

static VECTORIZED(add_to, (float *restrict sum, const float *restrict x, size_t n), (sum, x, n))
{
    for (size_t i = 0; i < n; i++)
        sum[i] += x[i];
}

struct shared_sum {
    struct team *team;
    float *sum;
    const float *x;
    size_t n;
};

static void add_part(void *context, size_t part)
{
    const struct shared_sum *s = context;
    size_t first, count;
    team_share(s->team, part, s->n, TENSOR_UNIT, &first, &count);
    add_to(s->sum + first, s->x + first, count);
}

/* What else comes to the gradient of the layer's input. */
static void add_ways(const struct model *m, const struct pass *p, const struct way_back *b)
{
    float *sum = piece_at(p->room, b->sum), *copy = piece_at(p->room, b->copy),
          *x = piece_at(p->room, b->dx);
    size_t n = b->sum < 0 ? 0 : p->n * p->room->memory.piece[b->sum].floats;
    double began = m->seconds && n > 0 ? clock_monotonic() : 0;
    if (n > 0 && copy)
        memcpy(sum, copy, n * sizeof *sum);
    if (n > 0) {
        struct shared_sum s = {n < worth_sharing ? NULL : m->matmul.team, sum, x, n};
        team_run(s.team, add_part, &s);
    }
    if (m->seconds && n > 0)
        m->seconds[MODEL_ELEMENTWISE] += clock_monotonic() - began;
}

static void backward(const struct model *m, const struct pass *p, bool accumulate)
{
    for (size_t i = m->plan->layers; i-- > 0;) {
        const struct plan_step *s = &m->plan->step[i];
        const struct way_back *b = &p->room->memory.back[i];
        if (b->dy < 0)
            continue;
        struct layer_call c = call_of(m, i, p);
        c.dy = piece_at(p->room, b->dy);
        c.dx = piece_at(p->room, b->dx);
        c.start = piece_at(p->room, b->start);
        c.accumulate = accumulate;
        if (s->kind->elementwise && c.dx && c.dx != c.dy) {
            memcpy(c.dx, c.dy, p->n * m->plan->value[s->out].floats * sizeof *c.dx);
            c.dy = c.dx;
        }
        if (s->kind->backward)
            run_layer(m, i, &c, s->kind->backward);
        add_ways(m, p, b);
    }
}

/* A pass in training mode over all steps. */
static struct pass training_pass(const struct model *m, size_t n)
{
    return (struct pass){.params = m->params,
                         .buffers = m->buffers,
                         .n = n,
                         .training = true,
                         .room = &m->train,
                         .last = m->plan->layers};
}

/* Where the loss leaves its gradient. */
static float *loss_gradient(const struct model *m)
{
    const struct memory *r = &m->train.memory;
    for (size_t i = m->plan->layers; i-- > 0;)
        if (r->back[i].dy >= 0)
            return piece_at(&m->train, r->back[i].dy);
    return NULL;
}

double model_train(struct model *m, size_t n, uint64_t minibatch, double smoothing, double scale,
                   bool accumulate)
{
    struct pass p = training_pass(m, n);
    p.minibatch = minibatch;
    p.dropping = true;
    p.average = 0.1;
    m->seconds = m->clock;
    forward(m, &p);
    double loss = model_loss(m, n, smoothing, scale, loss_gradient(m));
    backward(m, &p, accumulate);
    m->seconds = NULL;
    return loss;
}

double model_train_loss(struct model *m, size_t n, uint64_t minibatch, double smoothing)
{
    struct pass p = training_pass(m, n);
    p.minibatch = minibatch;
    p.dropping = true;
    forward(m, &p);
    return model_loss(m, n, smoothing, 0, NULL);
}

void model_norm_add(struct model *m, const float *params, float *buffers, size_t n,
                    size_t batch_number)
{
    struct pass p = training_pass(m, n);
    p.params = params ? params : m->params;
    p.buffers = buffers;
    p.average = 1 / (double)(batch_number + 1);
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

struct model_score model_evaluate(struct model *m, const float *params, const float *buffers,
                                  size_t n, uint8_t *ret_predicted)
{
    size_t ld;
    /* evaluation mode reads the statistics only */
    union {
        const float *in;
        float *out;
    } stats = {.in = buffers ? buffers : m->buffers};
    struct pass p = {.params = params ? params : m->params, .buffers = stats.out};
    p.room = &m->tile;
    p.last = m->cut_step;
    for (size_t done = 0; m->cut_step > 0 && done < n; done += m->tile_images) {
        p.image = done;
        p.n = n - done < m->tile_images ? n - done : m->tile_images;
        forward(m, &p);
    }
    p.room = &m->whole;
    p.image = 0;
    p.n = n;
    p.first = m->cut_step;
    p.last = m->plan->layers;
    forward(m, &p);
    const float *z = model_logits(m, &ld);
    struct model_score score = {.loss = model_loss(m, n, 0, 0, NULL)};
    for (size_t i = 0; i < n; i++) {
        size_t best = arg_max(z + i * ld, m->plan->classes);
        score.right += best == m->labels[i];
        if (ret_predicted)
            ret_predicted[i] = (uint8_t)best;
    }
    return score;
}
