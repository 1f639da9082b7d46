/* Steps that convolutions and batch norms do besides their own: what is between them never leaves
 * the cache. */
#include "nn/internal.h"
#include "nn/layers/pool.h"
#include "util/mem.h"

extern const struct layer_kind layer_batch_norm, layer_conv, layer_relu, layer_max_pool;

size_t plan_readers(const struct model_plan *p, int value)
{
    size_t n = 0;
    for (size_t i = 0; i < p->layers; i++)
        if (!p->step[i].shape.passes)
            n += (size_t)(p->step[i].in == value) + (size_t)(p->step[i].other == value);
    return n;
}

/* Whether step i is of this kind and the only one that looks at the value. */
static bool follows(const struct model_plan *p, size_t i, const struct layer_kind *k, int value)
{
    return i < p->layers && p->step[i].kind == k && p->step[i].in == value &&
           plan_readers(p, value) == 1;
}

/* Step s hands on the value that the step before it makes now. */
static void pass_on(struct plan_step *before, struct plan_step *s)
{
    before->out = s->out;
    s->in = s->out;
    s->shape.passes = true;
}

static void fuse_pool(struct model_plan *p, struct plan_step *conv, struct plan_step *s)
{
    struct max_pool *pool = arena_alloc(&p->arena, sizeof *pool);
    *pool = max_pool_make(s->options, &s->shape);
    conv->behind.pool = pool;
    conv->shape.saved = s->shape.saved;
    pass_on(conv, s);
}

void plan_fuse(struct model_plan *p)
{
    for (size_t i = 0; i < p->layers; i++) {
        struct plan_step *s = &p->step[i];
        size_t next = i + 1;
        if (s->kind != &layer_conv && s->kind != &layer_batch_norm)
            continue;
        if (follows(p, next, &layer_relu, s->out)) {
            s->behind.relu = true;
            pass_on(s, &p->step[next++]);
        }
        if (s->kind == &layer_conv && follows(p, next, &layer_max_pool, s->out))
            fuse_pool(p, s, &p->step[next]);
    }
}
