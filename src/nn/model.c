/* A model at work: forward, loss, backward. All memory is planned in model_new. */
#include "nn/internal.h"
#include "num/math.h"
#include "num/random.h"
#include "util/mem.h"
#include "util/progress.h"
#include <math.h>
#include <string.h>

/* A pass's arena, and where each value lies in it for the largest batch. */
struct room {
    struct memory memory;
    float *base;
};

struct model {
    const struct model_plan *plan;
    struct matmul matmul;
    float *params, *grads, *buffers;
    float *input, *logits;
    float *cut; /* what the tiles of an evaluation leave behind; NULL: it is not made in tiles */
    struct sparse_row *row; /* or NULL: the input is dense */
    float row_scale, row_shift;
    uint8_t *labels;
    struct arena arena;
    struct room train, tile,
        whole; /* evaluation: steps before the cut in tiles, the others whole */
    size_t cut_step, tile_images;
    float *block;   /* the rooms' */
    float **kept;   /* per layer: what it keeps besides */
    float *keeping; /* they all lie in here */
    float *work;
    double *scratch;
    size_t bytes, rows;
    uint64_t seed;
    double *seconds; /* NULL: not timed */
};

/* What a pass is for, and which part of it this is. */
struct pass {
    const float *params;
    float *buffers;
    size_t n;
    uint64_t minibatch;
    bool training, dropping;
    double average;
    const struct room *room;
    size_t first, last; /* steps */
    size_t image;       /* the part's first image */
};

/* ---- memory ---- */

static void *take(struct model *m, size_t count, size_t size)
{
    m->bytes += count * size;
    return mem_array(count, size);
}

static size_t input_floats(const struct model_plan *p)
{
    return p->value[0].floats;
}

/* Untouched, all but its padding: with sparse rows it is never needed. */
static float *take_input(struct model *m)
{
    const struct model_plan *p = m->plan;
    size_t n = m->rows * input_floats(p), ld = p->input_ld,
           used = p->input_image ? p->input.channels : p->features;
    float *input = mem_unset(n, sizeof *input);
    m->bytes += n * sizeof *input;
    for (size_t i = 0; ld > used && i < n; i += ld)
        memset(input + i + used, 0, (ld - used) * sizeof *input);
    return input;
}

/* The value that is all that later steps need of those before step i, or -1. */
static int only_value_at(const struct model_plan *p, size_t i)
{
    int found = -1;
    for (size_t k = i; k < p->layers; k++)
        for (int other = 0; other < 2; other++) {
            int v = other ? p->step[k].other : p->step[k].in;
            bool before = v == 0;
            for (size_t j = 0; v > 0 && j < i; j++)
                before |= p->step[j].out == v;
            if (v < 0 || !before)
                continue;
            if (found >= 0 && found != v)
                return -1;
            found = v;
        }
    return found;
}

/* The first step after which there are no images any more: those before it go in tiles that fit the
 * cache, those from it on in whole batches, whose weights are many. 0: no images. */
static size_t find_cut(const struct model_plan *p)
{
    size_t cut = 0;
    for (size_t i = 0; i < p->layers; i++)
        if (image_pixels(p->step[i].shape.in) > 1)
            cut = i + 1;
    while (cut > 0 && cut < p->layers && only_value_at(p, cut) < 0)
        cut++;
    return cut < p->layers ? cut : 0;
}

enum { TILE_FLOATS = 160 * 1024 };

/* Images of a tile: as many as the threads' caches hold of what lives at once. */
static size_t tile_size(struct memory *m, size_t most, size_t threads)
{
    memory_lay_out(m, 1);
    size_t each = m->floats > 0 ? TILE_FLOATS / m->floats : most,
           n = (each > 0 ? each : 1) * threads;
    return n < most ? n : most;
}

/* What the largest batches want, before anything is taken. */
struct needs {
    size_t train, evaluation, arena, kept, scratch, work, cut;
    double bytes;
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void plan_rooms(struct model *m, const struct model_plan *p, size_t train, size_t evaluation,
                       size_t threads, struct needs *ret)
{
    struct needs n = {.train = train, .evaluation = evaluation};
    size_t rows = larger(train, evaluation), widest = p->input_ld, work = 0, each = 0;
    memory_train(p, &m->arena, &m->train.memory);
    memory_lay_out(&m->train.memory, train);
    m->cut_step = find_cut(p);
    memory_forward(p, 0, m->cut_step, &m->arena, &m->tile.memory);
    memory_forward(p, m->cut_step, p->layers, &m->arena, &m->whole.memory);
    m->tile_images = tile_size(&m->tile.memory, evaluation, threads);
    memory_lay_out(&m->tile.memory, m->tile_images);
    memory_lay_out(&m->whole.memory, evaluation);
    n.arena = larger(m->train.memory.floats, larger(m->tile.memory.floats, m->whole.memory.floats));
    for (size_t i = 0; i < p->layers; i++) {
        const struct layer_shape *s = &p->step[i].shape;
        widest = larger(widest, p->step[i].out_ld);
        n.scratch = larger(n.scratch, s->scratch);
        n.kept += s->kept;
        work = larger(work, s->work);
        each = larger(each, s->work_thread);
    }
    n.scratch = larger(n.scratch, 4 * widest);
    n.work = work + threads * each;
    n.cut = m->cut_step > 0 ? evaluation * p->value[only_value_at(p, m->cut_step)].floats : 0;
    n.bytes = sizeof(float) * (2.0 * (double)p->param_floats + (double)p->buffer_floats +
                               (double)n.arena + (double)n.kept + (double)n.work + (double)n.cut +
                               (double)rows * (double)input_floats(p) +
                               (double)rows * (double)p->step[p->layers - 1].out_ld) +
              sizeof(double) * (double)n.scratch + (double)rows;
    *ret = n;
}

double model_bytes_wanted(const struct model_plan *p, size_t max_train_batch, size_t max_eval_batch,
                          size_t threads)
{
    struct model *m = mem_new(sizeof *m);
    struct needs n;
    arena_init(&m->arena);
    plan_rooms(m, p, max_train_batch, max_eval_batch, threads, &n);
    arena_fini(&m->arena);
    mem_free(m);
    return n.bytes;
}

static void take_rooms(struct model *m, const struct needs *n)
{
    const struct model_plan *p = m->plan;
    m->block = take(m, n->arena, sizeof(float));
    m->train.base = m->tile.base = m->whole.base = m->block;
    m->keeping = take(m, n->kept, sizeof(float));
    m->scratch = take(m, n->scratch, sizeof(double));
    m->work = take(m, n->work, sizeof(float));
    m->cut = n->cut > 0 ? take(m, n->cut, sizeof(float)) : NULL;
    float *at = m->keeping;
    for (size_t i = 0; i < p->layers; i++) {
        m->kept[i] = at;
        at += p->step[i].shape.kept;
    }
}

struct model *model_new(const struct model_plan *p, size_t max_train_batch, size_t max_eval_batch,
                        size_t threads, uint64_t seed)
{
    struct model *m = mem_new(sizeof *m);
    struct needs n;
    arena_init(&m->arena);
    m->matmul.kernel = gemm_best();
    m->plan = p;
    m->seed = seed;
    m->rows = larger(max_train_batch, max_eval_batch);
    plan_rooms(m, p, max_train_batch, max_eval_batch, threads, &n);
    m->params = take(m, p->param_floats, sizeof(float));
    m->grads = take(m, p->param_floats, sizeof(float));
    m->buffers = take(m, p->buffer_floats, sizeof(float));
    m->input = take_input(m);
    m->logits = take(m, m->rows * p->step[p->layers - 1].out_ld, sizeof(float));
    m->labels = take(m, m->rows, 1);
    m->kept = take(m, p->layers, sizeof *m->kept);
    take_rooms(m, &n);
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
    m->seconds = seconds;
}

double model_flops(const struct model_plan *p, bool training)
{
    double flops = 0;
    for (size_t i = 0; i < p->layers; i++) {
        const struct plan_step *s = &p->step[i];
        if (s->kind->is_product)
            flops += 2 * s->shape.products * (training ? 2 + (s->needs_dx ? 1 : 0) : 1);
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
        if (!p->step[i].shape.passes)
            return &p->step[i];
    return NULL;
}

bool model_takes_rows(const struct model_plan *p)
{
    const struct plan_step *s = first_step(p);
    return s && s->kind->takes_rows && !p->input_image;
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

/* ---- forward and backward ---- */

/* Where a value lies for the images of this part. */
static float *value_at(const struct model *m, const struct pass *p, int v)
{
    const struct room *r = p->room;
    if (r->memory.value[v] >= 0)
        return r->base + r->memory.piece[r->memory.value[v]].at;
    size_t from = p->image * m->plan->value[v].floats;
    if (v == 0)
        return m->input + from;
    return (v == m->plan->step[m->plan->layers - 1].out ? m->logits : m->cut) + from;
}

static float *piece_at(const struct room *r, int piece)
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
    double began = progress_now();
    call(m->plan->step[i].kind, c, f);
    m->seconds[m->plan->step[i].kind->is_product ? MODEL_PRODUCTS : MODEL_ELEMENTWISE] +=
        progress_now() - began;
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

static const float *logits_of(const struct model *m, size_t *ret_ld)
{
    *ret_ld = m->plan->step[m->plan->layers - 1].out_ld;
    return m->logits;
}

enum { LANES = 16 };

/* Cross entropy -log softmax(z)[target] with label smoothing s over K classes:
 * (1 - s) (-log p_target) + s / K sum_k (-log p_k). Where dz is given: its gradient times scale. */
static double cross_entropy(const float *z, size_t classes, size_t target, double smoothing,
                            float scale, float *dz)
{
    float most = z[0], share = (float)(smoothing / (double)classes);
    double sum = 0, linear = 0;
    for (size_t k = 1; k < classes; k++)
        most = z[k] > most ? z[k] : most;
    for (size_t from = 0; from < classes; from += LANES) { /* rows are padded to whole lanes */
        float e[LANES];
        for (size_t k = 0; k < LANES; k++)
            e[k] = math_expf(z[from + k] - most);
        for (size_t k = 0; k < LANES && from + k < classes; k++) {
            sum += (double)e[k];
            linear += (double)(z[from + k] - most);
            if (dz)
                dz[from + k] = e[k];
        }
    }
    float inverse = (float)(1 / sum);
    for (size_t k = 0; dz && k < classes; k++) {
        float wanted = share + (k == target ? (float)(1 - smoothing) : 0.0f);
        dz[k] = (dz[k] * inverse - wanted) * scale;
    }
    double log_sum = math_log(sum), loss = log_sum - (double)(z[target] - most);
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
        loss +=
            cross_entropy(z + i * ld, m->plan->classes, m->labels[i], smoothing, (float)scale, dz);
        for (size_t k = m->plan->classes; dz && k < ld; k++)
            dz[k] = 0;
    }
    if (m->seconds)
        m->seconds[MODEL_LOSS] += progress_now() - began;
    return loss;
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
    double began = m->seconds && n > 0 ? progress_now() : 0;
    if (n > 0 && copy)
        memcpy(sum, copy, n * sizeof *sum);
    if (n > 0) {
        struct shared_sum s = {n < worth_sharing ? NULL : m->matmul.team, sum, x, n};
        team_run(s.team, add_part, &s);
    }
    if (m->seconds && n > 0)
        m->seconds[MODEL_ELEMENTWISE] += progress_now() - began;
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
    forward(m, &p);
    double loss = loss_of(m, n, smoothing, scale, loss_gradient(m));
    backward(m, &p, accumulate);
    return loss;
}

double model_train_loss(struct model *m, size_t n, uint64_t minibatch, double smoothing)
{
    struct pass p = training_pass(m, n);
    p.minibatch = minibatch;
    p.dropping = true;
    forward(m, &p);
    return loss_of(m, n, smoothing, 0, NULL);
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
    const float *z = logits_of(m, &ld);
    struct model_score score = {.loss = loss_of(m, n, 0, 0, NULL)};
    for (size_t i = 0; i < n; i++) {
        size_t best = arg_max(z + i * ld, m->plan->classes);
        score.right += best == m->labels[i];
        if (ret_predicted)
            ret_predicted[i] = (uint8_t)best;
    }
    return score;
}

const float *model_logits(const struct model *m, size_t *ret_ld)
{
    return logits_of(m, ret_ld);
}
