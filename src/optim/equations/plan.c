/* When and where: passes over the weights, joined loops, and the rooms of temporaries. */
#include "optim/equations/program.h"
#include <string.h>

static bool walks_tensor(const struct eq_op *o)
{
    bool any = false;
    for (uint32_t i = 0; i < o->takes; i++)
        any |= o->in[i].is_tensor;
    return any || o->out.is_tensor;
}

static bool reduces(const struct eq_op *o)
{
    return !o->function->loop && walks_tensor(o);
}

/* ---- passes: a reduction's number is there after its pass ---- */

static void find_passes(struct arena *a, struct eq_program *p)
{
    uint32_t *ready = arena_alloc(a, (p->numbers + 1) * sizeof *ready), now = 0, last = 0;
    for (size_t i = 0; i < p->ops; i++) {
        struct eq_op *o = &p->op[i];
        o->pass = walks_tensor(o) ? now : 0;
        for (uint32_t k = 0; k < o->takes; k++)
            if (!o->in[k].is_tensor && ready[o->in[k].at] > o->pass)
                o->pass = ready[o->in[k].at];
        if (walks_tensor(o))
            now = o->pass;
        if (!o->out.is_tensor)
            ready[o->out.at] = o->pass + (reduces(o) ? 1 : 0);
        last = o->pass > last ? o->pass : last;
    }
    p->passes = last + 1;
}

/* ---- joining ---- */

static size_t uses(const struct eq_program *p, uint32_t tensor)
{
    size_t n = 0;
    for (size_t i = 0; i < p->ops; i++)
        for (uint32_t k = 0; k < p->op[i].takes; k++)
            n += p->op[i].in[k].is_tensor && p->op[i].in[k].at == tensor;
    return n;
}

static bool is_temporary(const struct eq_program *p, const struct eq_operand *x)
{
    return x->is_tensor && x->at >= EQ_STATE + p->states;
}

/* The operation before number i that makes x, if it can be done at i: what it reads is not written
 * in between, and nothing else wants its result. */
static struct eq_op *maker(struct eq_program *p, size_t i, const struct eq_operand *x)
{
    size_t m = i;
    if (!is_temporary(p, x) || uses(p, x->at) != 1)
        return NULL;
    while (m-- > 0 && !(p->op[m].out.is_tensor && p->op[m].out.at == x->at))
        ;
    struct eq_op *o = &p->op[m];
    if (m >= i || o->pass != p->op[i].pass || !o->function || !o->function->loop)
        return NULL;
    for (size_t k = m + 1; k < i; k++)
        for (uint32_t j = 0; j < o->takes; j++)
            if (p->op[k].out.is_tensor && o->in[j].is_tensor && p->op[k].out.at == o->in[j].at)
                return NULL;
    return o;
}

/* Operation o takes this loop, of the makers' inputs first and then `last`. */
static void join(struct eq_op *o, eq_loop *loop, struct eq_op *one, struct eq_op *two,
                 const struct eq_operand *last)
{
    struct eq_operand in[4];
    uint32_t n = 0;
    struct eq_op *const made[2] = {one, two};
    for (int i = 0; i < 2; i++) {
        for (uint32_t k = 0; made[i] && k < made[i]->takes; k++)
            in[n++] = made[i]->in[k];
        if (made[i])
            *made[i] = (struct eq_op){0};
    }
    if (last)
        in[n++] = *last;
    memcpy(o->in, in, n * sizeof *in);
    o->takes = n;
    o->loop = loop;
}

/* Whether it is this operation, done by this loop. */
static bool is(const struct eq_op *o, const char *sign, eq_loop *loop)
{
    const struct eq_function *f = eq_operator(sign);
    return o && o->function == f && o->loop == (loop ? loop : f->loop);
}

static bool is_root(const struct eq_op *o)
{
    return o && o->function == eq_function_find("sqrt", 4, 1);
}

static bool join_unary(struct eq_op *o, struct eq_op *made)
{
    if (!is_root(o) || !is(made, "*", NULL))
        return false;
    join(o, eq_root_of_product, made, NULL, NULL);
    return true;
}

/* Sums of products, and roots to which something is added. */
static bool join_sum(struct eq_op *o, struct eq_op *left, struct eq_op *right)
{
    eq_loop *products = eq_two_products(o->function);
    bool plus = is(o, "+", NULL);
    if (is(left, "*", NULL) && is(right, "*", NULL) && products)
        join(o, products, left, right, NULL);
    else if (plus && is(left, "*", NULL) && is(right, "*", eq_square_times))
        join(o, eq_product_and_square, left, right, NULL);
    else if (plus && is_root(left) && (left->takes == 1 || left->loop == eq_root_of_product))
        join(o, left->takes == 1 ? eq_root_plus : eq_root_of_product_plus, left, NULL, &o->in[1]);
    else
        return false;
    return true;
}

/* One of o's arguments with what makes it; the makers of all of them are given. */
static bool join_chain(struct eq_op *o, struct eq_op *const made[3])
{
    for (unsigned place = 0; place < o->takes; place++) {
        struct eq_op *m = made[place];
        eq_loop *loop = m ? eq_chained(m->function, m->loop, o->function, place) : NULL;
        if (!loop)
            continue;
        struct eq_operand others[3];
        uint32_t n = 0;
        for (unsigned k = 0; k < o->takes; k++)
            if (k != place)
                others[n++] = o->in[k];
        join(o, loop, m, NULL, NULL);
        for (uint32_t k = 0; k < n; k++)
            o->in[o->takes++] = others[k];
        return true;
    }
    return false;
}

static void join_at(struct eq_program *p, size_t i)
{
    struct eq_op *o = &p->op[i];
    if (!o->out.is_tensor || o->loop != o->function->loop || o->takes > 3)
        return;
    struct eq_op *all[3] = {NULL};
    for (uint32_t k = 0; k < o->takes; k++)
        all[k] = maker(p, i, &o->in[k]);
    if (join_chain(o, all) || o->takes > 2)
        return;
    struct eq_op *made[2] = {maker(p, i, &o->in[0]), o->takes == 2 ? maker(p, i, &o->in[1]) : NULL};
    if (o->takes == 1 ? join_unary(o, made[0]) : join_sum(o, made[0], made[1]))
        return;
    if (o->takes == 2 && is(o, "*", NULL) && is(made[1], "**2", NULL)) {
        struct eq_operand factor = o->in[0], base = made[1]->in[0];
        join(o, eq_square_times, made[1], NULL, NULL);
        o->in[0] = factor;
        o->in[1] = base;
        o->takes = 2;
        return;
    }
    for (unsigned place = 0; o->takes == 2 && place < 2; place++) {
        bool plain = made[place] && made[place]->loop == made[place]->function->loop;
        eq_loop *loop = plain ? eq_joined(made[place]->function, o->function, place) : NULL;
        if (loop && made[place]->takes == 2) {
            struct eq_operand other = o->in[1 - place];
            join(o, loop, made[place], NULL, &other);
            return;
        }
    }
}

static void join_all(struct eq_program *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->ops; i++)
        join_at(p, i);
    for (size_t i = 0; i < p->ops; i++)
        if (p->op[i].function)
            p->op[n++] = p->op[i];
    p->ops = n;
}

/* ---- the order: by pass, numbers first; both in their own order ---- */

static void sort(struct arena *a, struct eq_program *p)
{
    struct eq_op *sorted = arena_alloc(a, (p->ops + 1) * sizeof *sorted);
    size_t n = 0;
    p->pass = arena_alloc(a, p->passes * sizeof *p->pass);
    for (size_t s = 0; s < p->passes; s++) {
        p->pass[s].first = n;
        for (int tensors = 0; tensors < 2; tensors++) {
            for (size_t i = 0; i < p->ops; i++)
                if (p->op[i].pass == s && walks_tensor(&p->op[i]) == (tensors == 1)) {
                    sorted[n++] = p->op[i];
                    p->pass[s].reductions += reduces(&p->op[i]);
                }
            if (tensors == 0)
                p->pass[s].tensors = n;
        }
        p->pass[s].end = n;
        p->reductions =
            p->pass[s].reductions > p->reductions ? p->pass[s].reductions : p->reductions;
    }
    p->op = sorted;
}

/* ---- rooms ---- */

/* The last operation that reads the tensor; SIZE_MAX: none. */
static size_t last_use(const struct eq_program *p, uint32_t tensor)
{
    for (size_t i = p->ops; i-- > 0;)
        for (uint32_t k = 0; k < p->op[i].takes; k++)
            if (p->op[i].in[k].is_tensor && p->op[i].in[k].at == tensor)
                return i;
    return SIZE_MAX;
}

/* A block's slot is free again after the last operation that reads it. */
static void find_rooms(struct arena *a, struct eq_program *p)
{
    size_t *busy_until = arena_alloc(a, (p->ops + 1) * sizeof *busy_until);
    p->tensor = arena_alloc(a, p->tensors * sizeof *p->tensor);
    for (uint32_t i = 0; i < EQ_STATE + p->states; i++)
        p->tensor[i] = (struct eq_tensor){.room = EQ_IN_VIEW, .at = i};
    for (size_t i = 0; i < p->ops; i++) {
        const struct eq_operand *out = &p->op[i].out;
        if (!is_temporary(p, out))
            continue;
        size_t last = last_use(p, out->at);
        if (last != SIZE_MAX && p->op[last].pass != p->op[i].pass) {
            p->tensor[out->at] =
                (struct eq_tensor){.room = EQ_IN_WHOLE, .at = (uint32_t)p->wholes++};
            continue;
        }
        size_t slot = 0;
        while (slot < p->blocks && busy_until[slot] > i)
            slot++;
        p->blocks = slot == p->blocks ? slot + 1 : p->blocks;
        busy_until[slot] = last == SIZE_MAX ? i + 1 : last;
        p->tensor[out->at] = (struct eq_tensor){
            .room = EQ_IN_BLOCK, .at = (uint32_t)slot, .uses = (uint32_t)uses(p, out->at)};
    }
}

/* The numbers that tensors meet, each once a pass. */
static void find_spreads(struct arena *a, struct eq_program *p)
{
    p->spread = arena_alloc(a, (4 * p->ops + 1) * sizeof *p->spread);
    p->spread_slot = arena_alloc(a, (p->numbers + 1) * sizeof *p->spread_slot);
    for (size_t i = 0; i < p->numbers; i++)
        p->spread_slot[i] = UINT32_MAX;
    for (size_t s = 0; s < p->passes; s++) {
        p->pass[s].spread_first = p->spreads;
        for (size_t i = p->pass[s].tensors; i < p->pass[s].end; i++)
            for (uint32_t k = 0; k < p->op[i].takes; k++) {
                uint32_t at = p->op[i].in[k].at;
                if (p->op[i].in[k].is_tensor)
                    continue;
                if (p->spread_slot[at] == UINT32_MAX)
                    p->spread_slot[at] = (uint32_t)p->spread_slots++;
                size_t there = p->pass[s].spread_first;
                while (there < p->spreads && p->spread[there] != at)
                    there++;
                if (there == p->spreads)
                    p->spread[p->spreads++] = at;
            }
        p->pass[s].spread_end = p->spreads;
    }
}

void eq_plan(struct arena *a, struct eq_program *p)
{
    find_passes(a, p);
    join_all(p);
    sort(a, p);
    find_rooms(a, p);
    find_spreads(a, p);
}
