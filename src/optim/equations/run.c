/* One update of one tensor by a program: pass after pass, in each block after block. */
#include "expr/operators.h"
#include "optim/equations/program.h"
#include <math.h>
#include <string.h>

/* An operation of a pass, once it is known where everything lies: block by block the pointers move on,
 * those of numbers by nothing. */
struct ready {
    eq_loop *loop; /* NULL: nothing is to be done */
    const struct eq_op *op;
    float *out; /* NULL: a reduction */
    const float *in[4];
    size_t step[4];     /* EQ_WIDTH, of a number 0 */
    bool moves, clears; /* out by blocks; its padding must be cleared */
    bool still[4];      /* the same block's room again and again */
    uint32_t takes;
};

/* Scratch memory, in this order. */
struct scratch {
    double *number;      /* all registers */
    struct ready *ready; /* the pass's operations */
    double *lane;        /* eight for each reduction of a pass */
    float *spread, *block, *whole;
    size_t stored;           /* floats of a whole one */
    uint32_t keep[EQ_WIDTH]; /* of the last EQ_WIDTH floats of a column: what is no padding */
};

static size_t ready_floats(const struct eq_program *p)
{
    return tensor_pad(p->ops * sizeof(struct ready) / sizeof(float));
}

static struct scratch lay_out(const struct eq_program *p, float *at, size_t stored)
{
    struct scratch s = {.stored = tensor_pad(stored)};
    s.number = (double *)(void *)at;
    at += tensor_pad(2 * p->numbers);
    s.ready = (struct ready *)(void *)at;
    at += ready_floats(p);
    s.lane = (double *)(void *)at;
    at += 16 * p->reductions;
    s.spread = at;
    at += EQ_WIDTH * p->spread_slots;
    s.block = at;
    s.whole = at + EQ_BLOCK * p->blocks;
    return s;
}

size_t eq_scratch(const struct eq_program *p, size_t stored)
{
    return tensor_pad(2 * p->numbers) + ready_floats(p) + 16 * p->reductions +
           EQ_WIDTH * p->spread_slots + EQ_BLOCK * p->blocks + tensor_pad(stored) * p->wholes;
}

/* ---- numbers ---- */

static void give_numbers(const struct eq_program *p, const struct eq_run *r, double *number)
{
    memcpy(number, p->number, p->numbers * sizeof *number);
    number[EQ_LR] = r->lr;
    number[EQ_MOMENTUM] = r->momentum;
    number[EQ_WEIGHT_DECAY] = r->weight_decay;
    number[EQ_T] = (double)r->t;
    number[EQ_ROWS] = (double)r->shape.rows;
    number[EQ_COLS] = (double)r->shape.cols;
    number[EQ_ROLE] = (double)r->role;
}

static void compute_number(const struct eq_op *o, double *number)
{
    double in[4] = {0};
    for (uint32_t i = 0; i < o->takes; i++)
        in[i] = number[o->in[i].at];
    number[o->out.at] = o->function->number(in);
}

/* ---- the padding behind each column of a stored tensor: not part of it ---- */

static bool is_padded(const struct tensor_shape *s)
{
    return s->rows < s->ld;
}

static void clear_any(const struct tensor_shape *s, float *x, size_t from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((from + i) % s->ld >= s->rows)
            x[i] = 0;
}

static void find_padding(const struct tensor_shape *s, struct scratch *ret)
{
    for (size_t k = 0; k < EQ_WIDTH; k++)
        ret->keep[k] = k + s->ld < s->rows + EQ_WIDTH ? UINT32_MAX : 0;
}

/* x[0..n) stands for the stored floats from `from` on. */
static void clear_padding(const struct tensor_shape *s, const struct scratch *to, float *x,
                          size_t from, size_t n)
{
    if (s->ld % EQ_WIDTH > 0 || s->ld - s->rows > EQ_WIDTH)
        clear_any(s, x, from, n);
    else
        eq_clear_ends(x, n, s->ld - from % s->ld, s->ld, to->keep);
}

/* What is no padding, run by run. */
static void reduce_real(const struct tensor_shape *s, const struct eq_op *o, double *lane,
                        const struct eq_input *in, size_t from, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t row = (from + i) % s->ld;
        size_t here = row < s->rows ? s->rows - row : s->ld - row;
        here = here < n - i ? here : n - i;
        const struct eq_input part = {in[0].x + i, EQ_WIDTH};
        if (row < s->rows)
            o->function->reduce(lane, &part, here);
        i += here;
    }
}

/* ---- blocks ---- */

static float *place(const struct eq_program *p, const struct eq_run *r, const struct scratch *s,
                    uint32_t tensor, size_t from)
{
    const struct eq_tensor *t = &p->tensor[tensor];
    if (t->room == EQ_IN_BLOCK)
        return s->block + EQ_BLOCK * t->at;
    if (t->room == EQ_IN_WHOLE)
        return s->whole + s->stored * t->at + from;
    return (t->at == EQ_W ? r->w : r->state[t->at - EQ_STATE]) + from;
}

static struct eq_input input(const struct eq_program *p, const struct eq_run *r,
                             const struct scratch *s, const struct eq_operand *x, size_t from)
{
    if (!x->is_tensor)
        return (struct eq_input){s->spread + EQ_WIDTH * p->spread_slot[x->at], 0};
    if (x->at == EQ_G)
        return (struct eq_input){r->g + from, EQ_WIDTH};
    return (struct eq_input){place(p, r, s, x->at, from), EQ_WIDTH};
}

/* n elements of a tensor from `from` on. */
struct block {
    size_t from, n;
};

/* Into the first of s->lane. */
static void reduce(const struct eq_program *p, const struct eq_run *r, const struct scratch *s,
                   const struct eq_op *o, const struct eq_input *in, struct block b)
{
    double *lane = s->lane;
    size_t from = b.from, n = b.n;
    if (!is_padded(&r->shape)) {
        o->function->reduce(lane, in, n);
        return;
    }
    if (o->function->is_extreme) {
        reduce_real(&r->shape, o, lane, in, from, n);
        return;
    }
    for (uint32_t i = 0; i < o->takes;
         i++) /* views are zero there already; spreads are read only */
        if (o->in[i].is_tensor && p->tensor[o->in[i].at].room != EQ_IN_VIEW)
            clear_padding(&r->shape, s, place(p, r, s, o->in[i].at, from), from, n);
    o->function->reduce(lane, in, n);
}

/* What is left of a tensor behind the last whole EQ_WIDTH floats. */
static void run_rest(eq_loop *loop, float *out, const struct eq_input *in, uint32_t takes, size_t n)
{
    float copy[4][EQ_WIDTH] = {{0}}, made[EQ_WIDTH];
    struct eq_input rest[4] = {{0}};
    for (uint32_t i = 0; i < takes; i++) {
        memcpy(copy[i], in[i].x, n * sizeof(float));
        rest[i] = (struct eq_input){copy[i], EQ_WIDTH};
    }
    loop(made, rest, EQ_WIDTH);
    memcpy(out, made, n * sizeof(float));
}

/* ---- what a pass does, ready to run ---- */

static struct ready make_ready(const struct eq_program *p, const struct eq_run *r,
                               const struct scratch *s, const struct eq_op *o)
{
    struct ready k = {.op = o, .loop = o->loop, .takes = o->takes};
    for (uint32_t i = 0; i < o->takes; i++) {
        const struct eq_input in = input(p, r, s, &o->in[i], 0);
        k.in[i] = in.x;
        k.step[i] = in.step;
        k.still[i] = !o->in[i].is_tensor || p->tensor[o->in[i].at].room == EQ_IN_BLOCK;
    }
    if (!o->out.is_tensor)
        return k;
    k.out = place(p, r, s, o->out.at, 0);
    k.moves = p->tensor[o->out.at].room != EQ_IN_BLOCK;
    k.clears = p->tensor[o->out.at].room == EQ_IN_VIEW && is_padded(&r->shape);
    return k;
}

/* ---- if(condition, a, b) where the condition is a number: one of the two for all weights ---- */

/* The operation among `count` that makes a temporary which only one operation reads, or NULL. */
static struct ready *only_maker(const struct eq_program *p, struct ready *first, size_t count,
                                const struct eq_operand *x)
{
    if (!x->is_tensor || p->tensor[x->at].room != EQ_IN_BLOCK || p->tensor[x->at].uses != 1)
        return NULL;
    for (size_t i = count; i-- > 0;)
        if (first[i].out && first[i].op->out.at == x->at)
            return &first[i];
    return NULL;
}

/* Whether a float of the tensor that lies at `at` is read or written by what is done after `from`. */
static bool touched(const struct ready *from, const struct ready *end, const float *at)
{
    for (const struct ready *k = from + 1; k < end; k++) {
        bool is = k->out == at;
        for (uint32_t i = 0; i < k->takes; i++)
            is |= k->in[i] == at;
        if (is && (k->loop || !k->out))
            return true;
    }
    return false;
}

/* What is not chosen need not be made; what is chosen is made where it is wanted, or else copied. */
static void choose_once(const struct eq_program *p, const struct scratch *s, struct ready *k)
{
    const struct eq_op *o = k->op;
    size_t before = (size_t)(k - s->ready);
    uint32_t chosen = expr_truth(s->number[o->in[0].at]) ? 1 : 2;
    struct ready *made = only_maker(p, s->ready, before, &o->in[chosen]),
                 *other = only_maker(p, s->ready, before, &o->in[3 - chosen]);
    if (other)
        other->loop = NULL;
    k->loop = NULL;
    if (made && made->loop && !touched(made, k, k->out)) {
        made->out = k->out;
        made->moves = k->moves;
        made->clears = k->clears;
        return;
    }
    if (k->in[chosen] == k->out && k->still[chosen] != k->moves)
        return; /* there already */
    k->loop = eq_operator("copy")->loop;
    k->in[0] = k->in[chosen];
    k->step[0] = k->step[chosen];
    k->still[0] = k->still[chosen];
    k->takes = 1;
}

static void make_all_ready(const struct eq_program *p, const struct eq_run *r,
                           const struct scratch *s, const struct eq_pass *pass)
{
    struct ready *k = s->ready;
    for (const struct eq_op *o = p->op + pass->tensors; o < p->op + pass->end; o++, k++) {
        *k = make_ready(p, r, s, o);
        if (eq_chooses(o->loop) && !o->in[0].is_tensor)
            choose_once(p, s, k);
    }
}

static void run_loop(const struct ready *k, float *out, struct eq_input *in, size_t n)
{
    size_t whole = n / EQ_WIDTH * EQ_WIDTH;
    k->loop(out, in, whole);
    if (whole == n)
        return;
    for (uint32_t i = 0; i < k->takes; i++)
        in[i].x += whole / EQ_WIDTH * in[i].step;
    run_rest(k->loop, out + whole, in, k->takes, n - whole);
}

static void run_block(const struct eq_program *p, const struct eq_run *r, const struct scratch *s,
                      size_t count, struct block b)
{
    struct scratch left = *s; /* its lanes: those of the reductions to come */
    for (const struct ready *k = s->ready; k < s->ready + count; k++) {
        struct eq_input in[4];
        if (k->out && !k->loop)
            continue;
        for (uint32_t i = 0; i < k->takes; i++)
            in[i] = (struct eq_input){k->still[i] ? k->in[i] : k->in[i] + b.from, k->step[i]};
        if (!k->out) {
            reduce(p, r, &left, k->op, in, b);
            left.lane += 8;
            continue;
        }
        float *out = k->moves ? k->out + b.from : k->out;
        run_loop(k, out, in, b.n);
        if (k->clears)
            clear_padding(&r->shape, s, out, b.from, b.n);
    }
}

/* ---- passes ---- */

static void begin_pass(const struct eq_program *p, const struct eq_pass *pass,
                       const struct scratch *s)
{
    size_t reduction = 0;
    for (const struct eq_op *o = p->op + pass->first; o < p->op + pass->tensors; o++)
        compute_number(o, s->number);
    for (size_t i = pass->spread_first; i < pass->spread_end; i++) {
        float *at = s->spread + EQ_WIDTH * p->spread_slot[p->spread[i]];
        float value = (float)s->number[p->spread[i]];
        for (size_t k = 0; k < EQ_WIDTH; k++)
            at[k] = value;
    }
    for (const struct eq_op *o = p->op + pass->tensors; o < p->op + pass->end; o++)
        if (!o->out.is_tensor) {
            for (size_t k = 0; k < 8; k++)
                s->lane[8 * reduction + k] = o->function->begins;
            reduction++;
        }
}

static void end_pass(const struct eq_program *p, const struct eq_pass *pass, const struct eq_run *r,
                     const struct scratch *s)
{
    const double *lane = s->lane;
    double count = (double)r->shape.rows * (double)r->shape.cols;
    for (const struct eq_op *o = p->op + pass->tensors; o < p->op + pass->end; o++)
        if (!o->out.is_tensor) {
            s->number[o->out.at] = o->function->finish(lane, count);
            lane += 8;
        }
}

void eq_update(const struct eq_program *p, const struct eq_run *r)
{
    size_t stored = r->n;
    struct scratch s = lay_out(p, r->scratch, stored);
    find_padding(&r->shape, &s);
    give_numbers(p, r, s.number);
    for (const struct eq_pass *pass = p->pass; pass < p->pass + p->passes; pass++) {
        size_t count = pass->end - pass->tensors;
        begin_pass(p, pass, &s);
        make_all_ready(p, r, &s, pass);
        for (size_t from = 0; from < stored; from += EQ_BLOCK)
            run_block(p, r, &s, count,
                      (struct block){from, stored - from < EQ_BLOCK ? stored - from : EQ_BLOCK});
        end_pass(p, pass, r, &s);
    }
}
