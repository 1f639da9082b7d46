/* What lives where in one pass: values until nobody looks at them any more, gradients of values
 * from their first reader's way back to their maker's. */
#include "nn/internal.h"
#include "util/mem.h"
#include <stdlib.h>

static int later(int a, int b)
{
    return a > b ? a : b;
}

static int add_piece(struct memory *m, size_t floats, int first, int last)
{
    m->piece[m->pieces] = (struct piece){.floats = floats, .first = first, .last = last};
    return (int)m->pieces++;
}

static void use(struct memory *m, int piece, int moment)
{
    if (piece >= 0)
        m->piece[piece].last = later(m->piece[piece].last, moment);
}

static void begin(const struct model_plan *p, size_t most, struct arena *a, struct memory *ret)
{
    *ret = (struct memory){0};
    ret->piece = arena_alloc(a, (most + 1) * sizeof *ret->piece);
    ret->value = arena_alloc(a, (p->values + 1) * sizeof *ret->value);
    ret->saved = arena_alloc(a, (p->layers + 1) * sizeof *ret->saved);
    for (size_t i = 0; i < p->values; i++)
        ret->value[i] = -1;
    for (size_t i = 0; i < p->layers; i++)
        ret->saved[i] = -1;
}

static bool goes_back(const struct plan_step *s)
{
    return s->needs_dx || s->shape.weight;
}

void memory_forward(const struct model_plan *p, size_t first, size_t last, struct arena *a,
                    struct memory *ret)
{
    begin(p, p->layers, a, ret);
    for (size_t i = first; i < last; i++)
        if (!p->step[i].shape.passes)
            ret->value[p->step[i].out] =
                add_piece(ret, p->value[p->step[i].out].floats, (int)i, (int)i);
    for (size_t i = first; i < p->layers; i++) {
        const struct plan_step *s = &p->step[i];
        for (int k = 0; k < 2; k++) {
            int v = k ? s->other : s->in;
            if (v < 0 || s->shape.passes)
                continue;
            if (i >= last)
                ret->value[v] = -1;
            else
                use(ret, ret->value[v], (int)i);
        }
    }
    ret->value[p->step[p->layers - 1].out] = -1;
}

/* ---- the way back ---- */

/* Which piece holds the gradient of each value, and how many values hold a piece. */
struct gradients {
    const struct model_plan *plan;
    struct memory *m;
    int *of, *holders;
};

static int new_gradient(struct gradients *g, int value, int moment)
{
    int piece = add_piece(g->m, g->plan->value[value].floats, moment, moment);
    g->holders[piece] = 0;
    return piece;
}

static void hold(struct gradients *g, int value, int piece)
{
    g->of[value] = piece;
    g->holders[piece]++;
}

static void release(struct gradients *g, int value, int moment)
{
    int piece = g->of[value];
    use(g->m, piece, moment);
    g->holders[piece]--;
    g->of[value] = -1;
}

/* The gradient that comes to `value` goes to one piece of its own. */
static int own_sum(struct gradients *g, int value, int moment, int *ret_copy)
{
    int old = g->of[value];
    *ret_copy = -1;
    use(g->m, old, moment);
    if (g->holders[old] == 1)
        return old;
    release(g, value, moment);
    hold(g, value, new_gradient(g, value, moment));
    *ret_copy = old;
    return g->of[value];
}

/* A sum hands its gradient to both, as it is. */
static void back_of_sum(struct gradients *g, const struct plan_step *s, struct way_back *b,
                        int moment)
{
    int values[] = {s->in, s->other};
    for (int k = 0; k < 2; k++) {
        if (!g->plan->value[values[k]].trained)
            continue;
        if (g->of[values[k]] < 0)
            hold(g, values[k], b->dy);
        else
            b->sum = own_sum(g, values[k], moment, &b->copy);
    }
    if (b->sum >= 0)
        b->dx = b->dy;
}

static void back_of_layer(struct gradients *g, const struct plan_step *s, struct way_back *b,
                          int moment)
{
    bool in_place = s->kind->elementwise && g->holders[b->dy] == 1;
    if (g->of[s->in] < 0) {
        b->dx = in_place ? b->dy : new_gradient(g, s->in, moment);
        hold(g, s->in, b->dx);
    } else if (s->kind->adds) {
        b->start = g->of[s->in];
        b->dx = own_sum(g, s->in, moment, &b->copy);
        b->copy = -1; /* the kind reads it where it is */
    } else {
        b->dx = in_place ? b->dy : new_gradient(g, s->in, moment);
        b->sum = own_sum(g, s->in, moment, &b->copy);
    }
}

static void plan_back(struct gradients *g)
{
    const struct model_plan *p = g->plan;
    int layers = (int)p->layers;
    hold(g, p->step[layers - 1].out, new_gradient(g, p->step[layers - 1].out, layers));
    for (int i = layers - 1; i >= 0; i--) {
        const struct plan_step *s = &p->step[i];
        struct way_back *b = &g->m->back[i];
        int moment = 2 * layers - i;
        *b = (struct way_back){-1, -1, -1, -1, -1};
        if (s->shape.passes || !p->value[s->out].trained)
            continue;
        b->dy = g->of[s->out];
        use(g->m, b->dy, moment);
        if (s->other >= 0)
            back_of_sum(g, s, b, moment);
        else if (s->needs_dx)
            back_of_layer(g, s, b, moment);
        release(g, s->out, moment);
    }
}

void memory_train(const struct model_plan *p, struct arena *a, struct memory *ret)
{
    size_t most = 5 * p->layers + 2;
    int layers = (int)p->layers;
    begin(p, most, a, ret);
    for (int i = 0; i < layers; i++) {
        const struct plan_step *s = &p->step[i];
        if (s->shape.passes)
            continue;
        ret->value[s->out] = add_piece(ret, p->value[s->out].floats, i, i);
        use(ret, ret->value[s->in], i);
        if (s->other >= 0)
            use(ret, ret->value[s->other], i);
        if (s->shape.saved > 0)
            ret->saved[i] = add_piece(ret, s->shape.saved, i, 2 * layers - i);
        if (goes_back(s) && s->kind->wants_x)
            use(ret, ret->value[s->in], 2 * layers - i);
        if (goes_back(s) && (s->kind->wants_y || s->behind.relu))
            use(ret, ret->value[s->out], 2 * layers - i);
    }
    struct gradients g = {.plan = p, .m = ret};
    g.of = arena_alloc(a, (p->values + 1) * sizeof *g.of);
    g.holders = arena_alloc(a, (most + 1) * sizeof *g.holders);
    ret->back = arena_alloc(a, (p->layers + 1) * sizeof *ret->back);
    for (size_t i = 0; i < p->values; i++)
        g.of[i] = -1;
    plan_back(&g);
    int out = p->step[layers - 1].out; /* the logits have a place of their own */
    ret->piece[ret->value[out]].floats = 0;
    ret->value[out] = -1;
}

/* ---- places ---- */

static size_t size_of(const struct piece *p, size_t n)
{
    return tensor_pad(p->floats * n);
}

static int by_size(const void *a, const void *b)
{
    const struct piece *x = *(const struct piece *const *)a, *y = *(const struct piece *const *)b;
    if (x->floats != y->floats)
        return x->floats > y->floats ? -1 : 1;
    return x->first != y->first ? (x->first < y->first ? -1 : 1) : x < y ? -1 : x > y;
}

/* The largest first, each at the lowest place where nothing lies that is in use at the same time;
 * `placed` is kept in order of places. */
void memory_lay_out(struct memory *m, size_t n)
{
    struct piece **order = mem_array(m->pieces + 1, sizeof *order),
                 **placed = mem_array(m->pieces + 1, sizeof *placed);
    size_t count = 0;
    m->floats = 0;
    for (size_t i = 0; i < m->pieces; i++)
        order[i] = &m->piece[i];
    qsort(order, m->pieces, sizeof *order, by_size);
    for (size_t i = 0; i < m->pieces && order[i]->floats > 0; i++) {
        struct piece *p = order[i];
        size_t at = 0, size = size_of(p, n);
        for (size_t k = 0; k < count; k++) {
            const struct piece *q = placed[k];
            if (q->last < p->first || q->first > p->last)
                continue;
            if (q->at >= at + size)
                break;
            at = q->at + size_of(q, n) > at ? q->at + size_of(q, n) : at;
        }
        p->at = at;
        m->floats = at + size > m->floats ? at + size : m->floats;
        size_t k = count++;
        for (; k > 0 && placed[k - 1]->at > at; k--)
            placed[k] = placed[k - 1];
        placed[k] = p;
    }
    mem_free(order);
    mem_free(placed);
}
