/* The driver: plans the state that a kind declares, and calls it once per update. */
#include "optim/optim.h"
#include "num/vec.h"
#include "optim/wrappers.h"
#include "util/mem.h"
#include <math.h>
#include <string.h>

struct optim {
    const struct optim_kind *kind;
    const void *options;
    struct optim_common common;
    struct optim_slot slots[OPTIM_MAX_SLOTS + 2]; /* the kind's, and lookahead's */
    struct optim_view *view;
    size_t (*slot_floats)[OPTIM_MAX_SLOTS + 1]; /* per tensor; 0: none */
    bool *exempt;
    double *decay_factor;
    size_t count, weights, floats; /* weights: stored ones */
    float *block, *scratch;
    size_t kind_scratch, scratch_floats; /* of each of the team's threads: the kind's, all */
    struct team *team;                   /* or NULL */
    struct matmul matmul;
    size_t *part; /* which of its threads takes a tensor */
    double scalar[OPTIM_MAX_SCALARS];
    size_t scalars;
    int evaluate_slot; /* -1: the weights themselves */
    size_t slow_slot;  /* lookahead's, where that is on */
    uint64_t t;
    double last_lr; /* of update t */
};

static size_t slot_size(const struct optim_slot *slot, const void *options,
                        const struct optim_view *v)
{
    if ((slot->used && !slot->used(options)) || (slot->has && !slot->has(v->role, &v->shape)))
        return 0;
    return slot->size ? slot->size(&v->shape) : v->n;
}

static uint32_t exempt_mask(const struct chosen *c)
{
    const struct param *p = kind_param_of_role(&optim_registry, c->kind, PARAM_ROLE_EXEMPT);
    return p ? *(const uint32_t *)(const void *)((const char *)c->options + p->offset) : 0;
}

bool optim_is_exempt(uint32_t mask, enum tensor_role role)
{
    return (role == TENSOR_BIAS && (mask & 1)) || (role == TENSOR_NORM && (mask & 2));
}

float optim_eps(double eps)
{
    return eps < 1e-37 ? 1e-37f : (float)eps;
}

static void fill(float *x, double value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)value;
}

/* One block for all slots of all tensors. */
static void plan(struct optim *o)
{
    size_t at = 0;
    for (size_t i = 0; i < o->count; i++)
        for (size_t s = 0; o->slots[s].name; s++) {
            o->slot_floats[i][s] = slot_size(&o->slots[s], o->options, &o->view[i]);
            o->floats += tensor_pad(o->slot_floats[i][s]);
        }
    o->block = mem_array(o->floats, sizeof(float));
    for (size_t i = 0; i < o->count; i++)
        for (size_t s = 0; o->slots[s].name; s++) {
            size_t n = o->slot_floats[i][s];
            if (n == 0)
                continue;
            o->view[i].slot[s] = o->block + at;
            fill(o->block + at, o->slots[s].initial, n);
            at += tensor_pad(n);
        }
}

static bool is_cautious_from_outside(const struct optim *o)
{
    return o->common.cautious && o->kind->cautious != CAUTIOUS_OWN;
}

/* What one thread wants for this tensor: the kind, and what lies around it. */
struct room {
    size_t kind, around;
};

static struct room room_for(const struct optim *o, const struct optim_view *v)
{
    return (struct room){o->kind->scratch ? o->kind->scratch(o->options, &v->shape, v->role) : 0,
                         is_cautious_from_outside(o) ? cautious_scratch(v) : 0};
}

static struct room larger(struct room a, struct room b)
{
    return (struct room){a.kind > b.kind ? a.kind : b.kind,
                         a.around > b.around ? a.around : b.around};
}

/* As much for each thread as the neediest tensor wants. */
static void plan_scratch(struct optim *o)
{
    struct room most = {0};
    for (size_t i = 0; i < o->count; i++)
        most = larger(most, room_for(o, &o->view[i]));
    mem_free(o->scratch);
    o->kind_scratch = tensor_pad(most.kind);
    o->scratch_floats = o->kind_scratch + tensor_pad(most.around);
    o->scratch = o->scratch_floats > 0
                     ? mem_array(team_size(o->team) * o->scratch_floats, sizeof(float))
                     : NULL;
}

/* The kind's slots, and lookahead's slow weights behind them. */
static void plan_slots(struct optim *o)
{
    const struct optim_slot *own =
        o->kind->slots_of ? o->kind->slots_of(o->options) : o->kind->slots;
    size_t n = 0;
    for (; own[n].name; n++)
        o->slots[n] = own[n];
    o->slow_slot = n;
    if (o->common.lookahead.on)
        o->slots[n] = (struct optim_slot){.name = "slow"};
}

static void start_lookahead(struct optim *o)
{
    for (size_t i = 0; o->common.lookahead.on && i < o->count; i++)
        memcpy(o->view[i].slot[o->slow_slot], o->view[i].w, o->view[i].n * sizeof(float));
}

static void step_lookahead(struct optim *o)
{
    if (!o->common.lookahead.on || o->t % (uint64_t)o->common.lookahead.steps != 0)
        return;
    for (size_t i = 0; i < o->count; i++)
        lookahead_step(o->common.lookahead.alpha, o->view[i].w, o->view[i].slot[o->slow_slot],
                       o->view[i].n);
}

double optim_bytes_wanted(const struct chosen *config, const struct optim_tensor *tensors,
                          size_t count, size_t threads)
{
    struct optim o = {.kind = (const struct optim_kind *)config->kind,
                      .options = config->options,
                      .common = *optim_common(config->options)};
    struct room most = {0};
    double floats = 0;
    plan_slots(&o);
    for (size_t i = 0; i < count; i++) {
        const struct optim_view v = {.n = tensor_stored(&tensors[i].shape),
                                     .shape = tensors[i].shape,
                                     .role = tensors[i].role};
        for (size_t s = 0; o.slots[s].name; s++)
            floats += (double)tensor_pad(slot_size(&o.slots[s], o.options, &v));
        most = larger(most, room_for(&o, &v));
    }
    floats += (double)threads * (double)(tensor_pad(most.kind) + tensor_pad(most.around));
    return floats * sizeof(float);
}

struct optim *optim_new(const struct chosen *config, const struct optim_tensor *tensors,
                        size_t count)
{
    struct optim *o = mem_new(sizeof *o);
    o->kind = (const struct optim_kind *)config->kind;
    o->options = config->options;
    o->common = *optim_common(o->options);
    plan_slots(o);
    o->matmul.kernel = gemm_best();
    o->count = count;
    o->view = mem_array(count, sizeof *o->view);
    o->slot_floats = mem_array(count, sizeof *o->slot_floats);
    o->exempt = mem_array(count, sizeof *o->exempt);
    o->decay_factor = mem_array(count, sizeof *o->decay_factor);
    for (size_t i = 0; i < count; i++) {
        const struct optim_tensor *t = &tensors[i];
        const struct optim_group *group = optim_find_group(config, t);
        o->view[i] = (struct optim_view){.w = t->w,
                                         .g = t->g,
                                         .n = tensor_stored(&t->shape),
                                         .shape = t->shape,
                                         .role = t->role,
                                         .lr_factor = group ? group->lr : 1};
        o->weights += o->view[i].n;
        o->decay_factor[i] = group ? group->weight_decay : 1;
        o->exempt[i] = optim_is_exempt(exempt_mask(config), t->role);
    }
    plan(o);
    plan_scratch(o);
    for (; o->kind->scalars[o->scalars].name; o->scalars++)
        o->scalar[o->scalars] = o->kind->scalars[o->scalars].initial;
    o->evaluate_slot = -1;
    for (int s = 0; o->kind->evaluate_slot && o->slots[s].name; s++)
        if (strcmp(o->slots[s].name, o->kind->evaluate_slot) == 0)
            o->evaluate_slot = s;
    if (o->kind->start)
        o->kind->start(o->options, o->scalar, o->view, count);
    start_lookahead(o);
    return o;
}

void optim_free(struct optim *o)
{
    if (!o)
        return;
    mem_free(o->view);
    mem_free(o->slot_floats);
    mem_free(o->exempt);
    mem_free(o->decay_factor);
    mem_free(o->block);
    mem_free(o->scratch);
    mem_free(o->part);
    mem_free(o);
}

/* Below this an update is over before another thread is awake. */
static const size_t worth_sharing = 200000; /* weights */

static size_t largest_left(const struct optim *o, const bool *taken)
{
    size_t best = o->count;
    for (size_t i = 0; i < o->count; i++)
        if (!taken[i] && (best == o->count || o->view[i].n > o->view[best].n))
            best = i;
    return best;
}

/* The largest tensors first, each to whoever has the least to do. */
static void share_out(struct optim *o)
{
    size_t parts = team_size(o->team), *load = mem_array(parts, sizeof *load);
    bool *taken = mem_array(o->count, sizeof *taken);
    for (size_t i; (i = largest_left(o, taken)) < o->count; taken[i] = true) {
        size_t least = 0;
        for (size_t p = 1; p < parts; p++)
            least = load[p] < load[least] ? p : least;
        o->part[i] = least;
        load[least] += o->view[i].n;
    }
    mem_free(taken);
    mem_free(load);
}

void optim_use_matmul(struct optim *o, const struct matmul *backend)
{
    o->matmul = *backend;
    if (backend->kernel == GEMM_NONE)
        o->matmul.team = NULL; /* BLAS's bits depend on it */
    o->team = o->kind->step && o->weights >= worth_sharing ? backend->team : NULL;
    plan_scratch(o);
    mem_free(o->part);
    o->part = mem_array(o->count, sizeof *o->part);
    share_out(o);
}

/* The number that a row of this role names (of a pair the first), NAN where the kind has none. */
static double number_of_role(const struct chosen *c, enum param_role role)
{
    const struct param *p = kind_param_of_role(&optim_registry, c->kind, role);
    return p ? *(const double *)(const void *)((const char *)c->options + p->offset) : (double)NAN;
}

bool optim_reads(const struct chosen *config, enum param_role role)
{
    const struct optim_kind *o = (const struct optim_kind *)config->kind;
    return !o->reads || o->reads(config->options, role);
}

double optim_base_lr(const struct chosen *config)
{
    return number_of_role(config, PARAM_ROLE_LR);
}

double optim_base_momentum(const struct chosen *config)
{
    return number_of_role(config, PARAM_ROLE_MOMENTUM);
}

const char *optim_refuses_no_momentum(const struct chosen *config)
{
    const struct param *p = kind_param_of_role(&optim_registry, config->kind, PARAM_ROLE_MOMENTUM);
    const char *said = NULL, *key[1];
    if (!p)
        return NULL;
    char *options = mem_array(config->kind->options_size, 1);
    memcpy(options, config->options, config->kind->options_size);
    *(double *)(void *)(options + p->offset) = 0;
    if (config->kind->check)
        said = config->kind->check(options, key);
    if (!said)
        said = optim_registry.check(config->kind, options, key);
    mem_free(options);
    return said;
}

double optim_base_decay(const struct chosen *config)
{
    return number_of_role(config, PARAM_ROLE_DECAY);
}

bool optim_brings_average(const struct chosen *config)
{
    return ((const struct optim_kind *)config->kind)->evaluate_slot != NULL;
}

struct shared_step {
    const struct optim *o;
    struct optim_now now;
};

/* The part's columns of a tensor whose floats follow `before` others; ret->n 0: none. Padding,
 * which a step looks at by columns, stays whole. */
static void columns_of(const struct optim *o, const struct optim_view *v, size_t before,
                       size_t part, struct optim_view *ret)
{
    size_t first, count, ld = v->shape.ld;
    team_share(o->team, part, o->weights, 1, &first, &count);
    size_t end = first + count > before ? first + count - before : 0;
    first = first > before ? (first - before + ld - 1) / ld * ld : 0;
    end = (end + ld - 1) / ld * ld;
    end = end < v->n ? end : v->n;
    first = first < end ? first : end;
    *ret = *v;
    ret->n = end - first;
    ret->w += first;
    ret->g += first;
    for (size_t s = 0; o->slots[s].name; s++)
        if (ret->slot[s])
            ret->slot[s] += first;
}

/* A large tensor alone may be most of the model: where a step allows it, columns are shared out. */
static bool shares_columns(const struct optim *o)
{
    return o->team && !o->common.cautious && o->kind->elementwise &&
           o->kind->elementwise(o->options);
}

/* What a penalty alone moves comes ever nearer to 0: weights of units that never answer. Below
 * 2^-126 a float costs Intel's processors some hundred cycles wherever it is multiplied: trainings
 * became several times slower within a few epochs. So what lies below 2^-100 becomes 0. With a
 * penalty that is done after every update, as what is left of a momentum makes the weight tiny
 * again at the next; without, few weights ever come there, and every fourth time will do. Momenta
 * themselves stop at a few times 2^-149, where 0.9 of a number is rounded up to it again. */
enum { TINY_EVERY = 4 };

static void drop_tiny(const struct optim *o, const struct optim_now *now,
                      const struct optim_view *v)
{
    bool due = now->t % TINY_EVERY == 0;
    if (due || v->decay > 0)
        vec_drop_tiny(v->w, v->n);
    for (size_t s = 0; due && o->slots[s].name; s++)
        if (o->slots[s].fades && v->slot[s])
            vec_drop_subnormal(v->slot[s], v->n);
}

/* Some columns after the other, which stay in the second cache until their weights were looked at
 * again. */
static void step_columns(const struct optim *o, const struct optim_now *now, struct optim_view v)
{
    enum { BLOCK = 32768 }; /* floats */
    size_t left = v.n, ld = v.shape.ld, block = BLOCK > ld ? BLOCK / ld * ld : ld;
    while (left > 0) {
        v.n = block < left ? block : left;
        o->kind->step(o->options, now, &v);
        drop_tiny(o, now, &v);
        left -= v.n;
        v.w += v.n;
        v.g += v.n;
        for (size_t s = 0; o->slots[s].name; s++)
            if (v.slot[s])
                v.slot[s] += v.n;
    }
}

static void step_tensor(const struct optim *o, const struct optim_now *now,
                        const struct optim_view *v)
{
    if (is_cautious_from_outside(o))
        cautious_step(o->kind, o->options, now, v, now->scratch + o->kind_scratch);
    else if (o->kind->elementwise && o->kind->elementwise(o->options)) {
        step_columns(o, now, *v);
        return;
    } else
        o->kind->step(o->options, now, v);
    drop_tiny(o, now, v);
}

static void step_part(void *context, size_t part)
{
    const struct shared_step *s = context;
    const struct optim *o = s->o;
    struct optim_now now = s->now;
    bool columns = shares_columns(o);
    size_t before = 0;
    now.scratch = o->scratch ? o->scratch + part * o->scratch_floats : NULL;
    for (size_t i = 0; i < o->count; before += o->view[i++].n) {
        struct optim_view v = o->view[i];
        if (columns)
            columns_of(o, &o->view[i], before, part, &v);
        else if (o->team && o->part[i] != part)
            continue;
        now.lr = s->now.lr * v.lr_factor;
        if (v.n > 0 && v.lr_factor > 0)
            step_tensor(o, &now, &v);
    }
}

void optim_step(struct optim *o, double lr, double momentum, double decay)
{
    struct optim_now now = {.t = ++o->t,
                            .lr = lr,
                            .last_lr = o->last_lr,
                            .momentum = momentum,
                            .scalar = o->scalar,
                            .scratch = o->scratch,
                            .matmul = &o->matmul};
    for (size_t i = 0; i < o->count; i++)
        o->view[i].decay = isnan(decay) || o->exempt[i] ? 0 : decay * o->decay_factor[i];
    if (o->kind->before)
        o->kind->before(o->options, &now);
    if (o->kind->step_all) {
        o->kind->step_all(o->options, &now, o->view, o->count);
        for (size_t i = 0; i < o->count; i++)
            drop_tiny(o, &now, &o->view[i]);
    } else {
        struct shared_step shared = {o, now};
        team_run(o->team, step_part, &shared);
    }
    o->last_lr = lr;
    step_lookahead(o);
}

uint64_t optim_updates(const struct optim *o)
{
    return o->t;
}

void optim_set_updates(struct optim *o, uint64_t t, double last_lr)
{
    o->t = t;
    o->last_lr = last_lr;
}

bool optim_state(struct optim *o, size_t tensor, size_t slot, struct optim_state *ret)
{
    const struct optim_slot *s = &o->slots[slot];
    if (!s->name)
        return false;
    size_t n = o->slot_floats[tensor][slot];
    *ret =
        (struct optim_state){.name = s->name,
                             .data = n > 0 ? o->view[tensor].slot[slot] : NULL,
                             .shape = s->size ? (struct tensor_shape){.rows = n, .cols = 1, .ld = n}
                                              : o->view[tensor].shape,
                             .like_weights = s->size == NULL};
    return true;
}

size_t optim_scalar_count(const struct optim *o)
{
    return o->scalars;
}

double *optim_scalar(struct optim *o, size_t i, const char **ret_name)
{
    *ret_name = o->kind->scalars[i].name;
    return &o->scalar[i];
}

const float *optim_evaluated(struct optim *o, size_t tensor)
{
    return o->evaluate_slot < 0 ? o->view[tensor].w : o->view[tensor].slot[o->evaluate_slot];
}

bool optim_evaluates_other(const struct optim *o)
{
    return o->evaluate_slot >= 0;
}

const char *optim_event(const struct optim *o, uint64_t *ret_update)
{
    return o->kind->event ? o->kind->event(o->scalar, ret_update) : NULL;
}
