/* When and where: passes over the weights, what is made in the register, and the rooms of
 * temporaries. */
#include "optim/equations/code.h"
#include "optim/equations/program.h"
#include "optim/equations/simplify.h"

static bool walks_tensor(const struct eq_op *o)
{
    bool any = false;
    for (uint32_t i = 0; i < o->takes; i++)
        any |= o->in[i].is_tensor;
    return any || o->out.is_tensor;
}

static bool reduces(const struct eq_op *o)
{
    return o->function->reduce && walks_tensor(o);
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

/* The first pass that reads a temporary, and whether it is read at all. */
static bool first_reader(const struct eq_program *p, const struct eq_operand *x, uint32_t *ret)
{
    bool read = false;
    for (size_t i = 0; i < p->ops; i++)
        for (uint32_t k = 0; k < p->op[i].takes; k++)
            if (p->op[i].in[k].is_tensor && p->op[i].in[k].at == x->at) {
                *ret = read && *ret < p->op[i].pass ? *ret : p->op[i].pass;
                read = true;
            }
    return read;
}

/* Whether operation i may as well be done in a later pass: nothing that it reads is written in
 * between, and it does not make two temporaries last instead of one. */
static bool may_wait(const struct eq_program *p, size_t i, uint32_t pass)
{
    const struct eq_op *o = &p->op[i];
    size_t temporaries = 0;
    for (uint32_t k = 0; k < o->takes; k++) {
        temporaries += eq_is_temporary(p, &o->in[k]);
        for (size_t j = i + 1; j < p->ops; j++) {
            const struct eq_op *other = &p->op[j];
            if (o->in[k].is_tensor && other->out.is_tensor && other->out.at == o->in[k].at &&
                other->pass < pass)
                return false;
            for (uint32_t in = 0; in < other->takes; in++)
                if (eq_is_temporary(p, &o->in[k]) && other->in[in].is_tensor &&
                    other->in[in].at == o->in[k].at)
                    return false;
        }
    }
    return temporaries <= 1;
}

/* What only later passes read is made there, and needs no memory from pass to pass. */
static void put_off(struct eq_program *p)
{
    for (size_t i = p->ops; i-- > 0;) {
        struct eq_op *o = &p->op[i];
        uint32_t pass = o->pass;
        if (eq_is_elementwise(o) && eq_is_temporary(p, &o->out) &&
            first_reader(p, &o->out, &pass) && pass > o->pass && may_wait(p, i, pass))
            o->pass = pass;
    }
}

/* ---- the order: by pass, numbers first; both in their own order ---- */

static void sort(struct arena *a, struct eq_program *p)
{
    struct eq_op *sorted = arena_alloc(a, (p->ops + 1) * sizeof *sorted);
    size_t n = 0;
    p->pass = arena_alloc(a, p->passes * sizeof *p->pass);
    for (size_t s = 0; s < p->passes; s++) {
        size_t reductions = 0;
        p->pass[s].first = n;
        for (int tensors = 0; tensors < 2; tensors++) {
            for (size_t i = 0; i < p->ops; i++)
                if (p->op[i].pass == s && walks_tensor(&p->op[i]) == (tensors == 1)) {
                    sorted[n++] = p->op[i];
                    reductions += reduces(&p->op[i]);
                }
            if (tensors == 0)
                p->pass[s].tensors = n;
        }
        p->pass[s].end = n;
        p->reductions = reductions > p->reductions ? reductions : p->reductions;
    }
    p->op = sorted;
}

/* ---- what is made in the register, just before it is wanted ---- */

struct makers {
    size_t *maker, *uses; /* of temporaries, by register */
    size_t *written;      /* of views: the last operation so far that wrote it, + 1 */
    uint32_t *reads;      /* of operations: views that their parts read, a bit each */
    unsigned *depth;      /* of operations: of their parts */
};
enum { DEEPEST = 32 };

/* What is at work here: no part of the operation m reads what is written between it and now. */
static bool can_wait(const struct eq_program *p, const struct makers *k, size_t m)
{
    for (uint32_t view = 0; view < EQ_STATE + p->states; view++)
        if ((k->reads[m] >> view & 1) && k->written[view] > m)
            return false;
    return true;
}

static struct eq_node *find_nodes(struct arena *a, const struct eq_program *p)
{
    struct eq_node *node = arena_alloc(a, (p->ops + 1) * sizeof *node);
    struct makers k = {.maker = arena_alloc(a, (p->tensors + 1) * sizeof *k.maker),
                       .uses = arena_alloc(a, (p->tensors + 1) * sizeof *k.uses),
                       .written = arena_alloc(a, (p->tensors + 1) * sizeof *k.written),
                       .reads = arena_alloc(a, (p->ops + 1) * sizeof *k.reads),
                       .depth = arena_alloc(a, (p->ops + 1) * sizeof *k.depth)};
    for (size_t i = 0; i < p->ops; i++)
        for (uint32_t in = 0; in < p->op[i].takes; in++)
            if (p->op[i].in[in].is_tensor)
                k.uses[p->op[i].in[in].at]++;
    for (size_t i = 0; i < p->ops; i++) {
        const struct eq_op *o = &p->op[i];
        node[i] = (struct eq_node){.child = {EQ_NO_CHILD, EQ_NO_CHILD, EQ_NO_CHILD}, .root = i};
        node[i].dead = eq_is_temporary(p, &o->out) && k.uses[o->out.at] == 0;
        for (uint32_t in = 0; in < o->takes; in++) {
            const struct eq_operand *x = &o->in[in];
            if (!x->is_tensor)
                continue;
            if (!eq_is_temporary(p, x)) {
                k.reads[i] |= UINT32_C(1) << x->at;
                continue;
            }
            size_t m = k.maker[x->at];
            if (!eq_is_elementwise(o) || k.uses[x->at] != 1 || p->op[m].pass != o->pass ||
                k.depth[m] >= DEEPEST || !can_wait(p, &k, m))
                continue;
            node[i].child[in] = m;
            node[m].root = i;
            k.reads[i] |= k.reads[m];
            k.depth[i] = k.depth[m] + 1 > k.depth[i] ? k.depth[m] + 1 : k.depth[i];
        }
        if (eq_is_temporary(p, &o->out))
            k.maker[o->out.at] = i;
        else if (o->out.is_tensor)
            k.written[o->out.at] = i + 1;
    }
    for (size_t i = p->ops; i-- > 0;)
        node[i].root = node[i].root == i ? i : node[node[i].root].root;
    return node;
}

/* ---- rooms ---- */

/* The segment of each operation: where a reduction follows, a block is finished first. */
static uint32_t *find_segments(struct arena *a, const struct eq_program *p)
{
    uint32_t *segment = arena_alloc(a, (p->ops + 1) * sizeof *segment), now = 0;
    for (size_t i = 0; i < p->ops; i++) {
        bool after = i > 0 && reduces(&p->op[i - 1]) && !reduces(&p->op[i]);
        now += after || (i > 0 && p->op[i].pass != p->op[i - 1].pass);
        segment[i] = now;
    }
    return segment;
}

/* The room that what operation i makes needs, and the last operation that reads it. */
static enum eq_room room_of(const struct eq_program *p, const struct eq_node *node,
                            const uint32_t *segment, size_t i, size_t *ret_last)
{
    enum eq_room room = EQ_IN_TILE;
    *ret_last = i;
    for (size_t k = i + 1; k < p->ops; k++)
        for (uint32_t in = 0; in < p->op[k].takes; in++) {
            const struct eq_operand *x = &p->op[k].in[in];
            size_t reader = node[k].root;
            if (!x->is_tensor || x->at != p->op[i].out.at)
                continue;
            *ret_last = reader > *ret_last ? reader : *ret_last;
            if (p->op[reader].pass != p->op[i].pass)
                room = EQ_IN_WHOLE;
            else if (room == EQ_IN_TILE && (reduces(&p->op[k]) || segment[reader] != segment[i]))
                room = EQ_IN_BLOCK;
        }
    return room;
}

/* A slot of a block or a tile is free again after the last operation that reads it. */
static void find_rooms(struct arena *a, struct eq_program *p, const struct eq_node *node)
{
    size_t *busy[2], *const slots[2] = {&p->blocks, &p->tiles};
    const uint32_t *segment = find_segments(a, p);
    for (int k = 0; k < 2; k++)
        busy[k] = arena_alloc(a, (p->ops + 1) * sizeof *busy[k]);
    p->tensor = arena_alloc(a, p->tensors * sizeof *p->tensor);
    for (uint32_t i = 0; i < EQ_STATE + p->states; i++)
        p->tensor[i] = (struct eq_tensor){.room = EQ_IN_VIEW, .at = i};
    for (size_t i = 0; i < p->ops; i++) {
        const struct eq_operand *out = &p->op[i].out;
        size_t last, slot = 0;
        if (!eq_is_temporary(p, out) || node[i].root != i || node[i].dead)
            continue;
        struct eq_tensor t = {.room = room_of(p, node, segment, i, &last)};
        if (t.room == EQ_IN_WHOLE) {
            t.at = (uint32_t)p->wholes++;
        } else {
            int kind = t.room == EQ_IN_TILE;
            while (slot < *slots[kind] && busy[kind][slot] > i)
                slot++;
            *slots[kind] = slot == *slots[kind] ? slot + 1 : *slots[kind];
            busy[kind][slot] = last;
            t.at = (uint32_t)slot;
        }
        p->tensor[out->at] = t;
    }
}

/* The numbers that tensors meet, each once a pass. */
static void find_spreads(struct arena *a, struct eq_program *p)
{
    p->spread = arena_alloc(a, (3 * p->ops + 1) * sizeof *p->spread);
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
    eq_join_numbers(a, p);
    eq_read_no_signs(p);
    find_passes(a, p);
    eq_simplify_tensors(p);
    put_off(p);
    sort(a, p);
    const struct eq_node *node = find_nodes(a, p);
    find_rooms(a, p, node);
    find_spreads(a, p);
    eq_make_code(a, p, node);
    eq_lay_out(p);
}
