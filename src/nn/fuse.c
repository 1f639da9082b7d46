/* Steps that convolutions do besides their own: what is between them never leaves the cache. */
#include "nn/internal.h"
#include "nn/layers/pool.h"
#include "util/mem.h"

extern const struct layer_kind layer_conv, layer_relu, layer_max_pool;

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

/* Step i hands on the value that the convolution makes now. */
static void pass_on(struct plan_step *conv, struct plan_step *s)
{
    conv->out = s->out;
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
        struct plan_step *conv = &p->step[i];
        size_t next = i + 1;
        if (conv->kind != &layer_conv)
            continue;
        if (follows(p, next, &layer_relu, conv->out)) {
            conv->behind.relu = true;
            pass_on(conv, &p->step[next++]);
            if (!follows(p, next, &layer_max_pool, conv->out))
                continue;
            fuse_pool(p, conv, &p->step[next]);
        } else if (follows(p, next, &layer_max_pool, conv->out)) {
            fuse_pool(p, conv, &p->step[next]);
        }
    }
}
