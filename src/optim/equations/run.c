/* One update of one tensor by a program: pass after pass, in each block after block. */
#include "expr/operators.h"
#include "optim/equations/code.h"
#include "optim/equations/program.h"
#include <string.h>

/* Scratch memory, in this order. */
struct scratch {
    double *number; /* all registers */
    double *lane;   /* eight for each reduction of a pass */
    float **at;     /* the machine's places now, */
    float **base;   /* and those that move, of the whole tensor */
    float *registers, *spread, *tile, *block, *rest, *whole;
    size_t stored;          /* floats of a whole one */
    size_t moving;          /* places: eq_moving */
    struct eq_ready *ready; /* the machine's instructions, */
    float ***still_operand; /* and those of their operands that stay where they are */
    eq_machine *machine;
    size_t tile_floats;
    uint32_t spoiled; /* views whose padding a pass leaves in need of clearing, a bit each */
    bool rest_tells;  /* them instead: zeros lie behind what is left in its tile */
};
/* Below, clearing the padding costs less than finding out whether it stays 0. */
enum { MANY_COLUMNS = 8 };
/* Blocks after which the padding of what was written is cleared: they are in the second cache. */
enum { CLEARED = 4 };

static size_t pointers(size_t n)
{
    return tensor_pad(n * sizeof(float *) / sizeof(float));
}

/* So many floats more; where they begin. */
static size_t room(size_t *end, size_t floats)
{
    size_t begin = *end;
    *end += floats;
    return begin;
}

void eq_lay_out(struct eq_program *p)
{
    struct eq_layout *l = &p->layout;
    size_t end = 0;
    l->moving = eq_moving(p);
    l->places = eq_places(p);
    l->number = room(&end, tensor_pad(2 * p->numbers));
    l->lane = room(&end, 16 * p->reductions);
    l->at = room(&end, pointers(l->places));
    l->base = room(&end, pointers(l->moving));
    l->ready = room(&end, tensor_pad(p->codes * sizeof(struct eq_ready) / sizeof(float)));
    l->still_operand = room(&end, pointers(EQ_OPERANDS * p->codes));
    l->registers = room(&end, EQ_MOST_TILE);
    l->spread = room(&end, EQ_WIDTH * p->spread_slots);
    l->tile = room(&end, EQ_MOST_TILE * p->tiles);
    l->rest = room(&end, EQ_MOST_TILE * l->moving);
    l->block = room(&end, EQ_BLOCK * p->blocks);
    l->whole = end;
}

static void find_scratch(const struct eq_program *p, float *at, size_t stored, struct scratch *ret)
{
    const struct eq_layout *l = &p->layout;
    ret->stored = tensor_pad(stored);
    ret->spoiled = 0;
    ret->moving = l->moving;
    ret->machine = eq_machine_now(&ret->tile_floats);
    ret->number = (double *)(void *)(at + l->number);
    ret->lane = (double *)(void *)(at + l->lane);
    ret->at = (float **)(void *)(at + l->at);
    ret->base = (float **)(void *)(at + l->base);
    ret->ready = (struct eq_ready *)(void *)(at + l->ready);
    ret->still_operand = (float ***)(void *)(at + l->still_operand);
    ret->registers = at + l->registers;
    ret->spread = at + l->spread;
    ret->tile = at + l->tile;
    ret->rest = at + l->rest;
    ret->block = at + l->block;
    ret->whole = at + l->whole;
}

size_t eq_scratch(const struct eq_program *p, size_t stored)
{
    return p->layout.whole + tensor_pad(stored) * p->wholes;
}

/* Where everything lies; the machine never writes to g, which no operation makes. */
static void find_places(const struct eq_program *p, const struct eq_run *r, const struct scratch *s)
{
    union {
        const float *in;
        float *out;
    } g = {.in = r->g};
    size_t n = 0;
    s->base[n++] = r->w;
    s->base[n++] = g.out;
    for (size_t i = 0; i < p->states; i++)
        s->base[n++] = r->state[i];
    for (size_t i = 0; i < p->wholes; i++)
        s->base[n++] = s->whole + s->stored * i;
    for (size_t i = 0; i < p->blocks; i++)
        s->base[n++] = s->block + EQ_BLOCK * i;
    for (size_t i = 0; i < p->spread_slots; i++)
        s->at[n++] = s->spread + EQ_WIDTH * i;
    for (size_t i = 0; i < p->tiles; i++)
        s->at[n++] = s->tile + EQ_MOST_TILE * i;
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

/* x[0..n) stands for the stored floats from `from` on. */
static void clear_padding(const struct tensor_shape *s, float *x, size_t from, size_t n)
{
    size_t padding = s->ld - s->rows;
    uint32_t keep[EQ_WIDTH]; /* of the last floats of a column: what is no padding */
    if (s->ld % EQ_WIDTH > 0 || padding > EQ_WIDTH) {
        clear_any(s, x, from, n);
        return;
    }
    for (size_t k = 0; k < EQ_WIDTH; k++)
        keep[k] = k < EQ_WIDTH - padding ? UINT32_MAX : 0;
    eq_clear_ends(x, n, s->ld - from % s->ld, s->ld, keep);
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

/* n elements of a tensor from `from` on. */
struct block {
    size_t from, n;
};

static float *in_block(const struct eq_program *p, const struct scratch *s, size_t place,
                       size_t from)
{
    size_t blocks = s->moving - p->blocks;
    return s->base[place] + (place < blocks ? from : 0);
}

/* Into eight lanes. */
static void reduce(const struct eq_program *p, const struct eq_run *r, const struct scratch *s,
                   const struct eq_op *o, double *lane, struct block b)
{
    struct eq_input in[2] = {{0}};
    for (uint32_t i = 0; i < o->takes; i++) {
        size_t place = eq_place(p, &o->in[i]);
        in[i] = o->in[i].is_tensor ? (struct eq_input){in_block(p, s, place, b.from), EQ_WIDTH}
                                   : (struct eq_input){s->at[place], 0};
    }
    if (is_padded(&r->shape) && o->function->is_extreme) {
        reduce_real(&r->shape, o, lane, in, b.from, b.n);
        return;
    }
    for (uint32_t i = 0; i < o->takes && is_padded(&r->shape); i++)
        if (o->in[i].is_tensor && p->tensor[o->in[i].at].room != EQ_IN_VIEW) /* zero already */
            clear_padding(&r->shape, in_block(p, s, eq_place(p, &o->in[i]), b.from), b.from, b.n);
    o->function->reduce(lane, in, b.n);
}

/* The machine, over the first n floats of all places. */
static void run_machine(const struct eq_program *p, const struct scratch *s,
                        const struct eq_segment *segment, size_t n)
{
    s->machine(&(struct eq_work){.code = p->code + segment->code,
                                 .at = s->at,
                                 .still = p->layout.places - p->tiles,
                                 .n = n,
                                 .number = s->number,
                                 .ready = s->ready,
                                 .still_operand = s->still_operand,
                                 .registers = s->registers});
}

/* What is left of a tensor behind its last whole tile, in copies. The blocks of a pass without
 * reductions are longer than what reductions read, which it does not use. */
static void run_rest(const struct eq_program *p, const struct scratch *s,
                     const struct eq_segment *segment, size_t n, size_t left)
{
    for (size_t i = 0; i < s->moving; i++) {
        float *copy = s->rest + EQ_MOST_TILE * i;
        if (n <= EQ_BLOCK || i < s->moving - p->blocks)
            memcpy(copy, s->at[i] + n - left, left * sizeof *copy);
        memset(copy + left, 0, (s->tile_floats - left) * sizeof *copy);
        s->at[i] = copy;
    }
    run_machine(p, s, segment, s->tile_floats);
}

static bool is_not_zero(const float *x)
{
    uint32_t bits;
    memcpy(&bits, x, sizeof bits);
    return bits != 0;
}

static bool is_spoiled(const struct eq_program *p, const struct scratch *s, uint32_t place)
{
    if (place >= EQ_STATE + p->states)
        return false;
    return s->rest_tells ? is_not_zero(s->at[place] + s->tile_floats - 1) : s->spoiled >> place & 1;
}

static void run_segment(const struct eq_program *p, const struct eq_run *r, const struct scratch *s,
                        const struct eq_segment *segment, struct block b)
{
    size_t left = b.n % s->tile_floats;
    for (size_t i = 0; i < s->moving; i++)
        s->at[i] = in_block(p, s, i, b.from);
    if (b.n > left)
        run_machine(p, s, segment, b.n - left);
    if (left > 0)
        run_rest(p, s, segment, b.n, left);
    for (size_t i = segment->writes_first; i < segment->writes_end; i++) {
        uint32_t place = p->write[i];
        float *x = in_block(p, s, place, b.from);
        if (left > 0)
            memcpy(x + b.n - left, s->at[place], left * sizeof *x);
        if (is_spoiled(p, s, place))
            clear_padding(&r->shape, x, b.from, b.n);
    }
}

static void run_block(const struct eq_program *p, const struct eq_run *r, const struct scratch *s,
                      const struct eq_pass *pass, struct block b)
{
    double *lane = s->lane;
    for (size_t i = pass->segment_first; i < pass->segment_end; i++) {
        const struct eq_segment *segment = &p->segment[i];
        if (p->code[segment->code].what != EQ_END)
            run_segment(p, r, s, segment, b);
        for (size_t k = 0; k < segment->reduce_count; k++, lane += 8)
            reduce(p, r, s, &p->op[p->reduce[segment->reduce_first + k]], lane, b);
    }
}

/* ---- passes ---- */

static size_t segments_of(const struct eq_pass *pass)
{
    return pass->segment_end - pass->segment_first;
}

/* What holds for all reductions of a pass, in their order. */
static size_t reductions_of(const struct eq_program *p, const struct eq_pass *pass,
                            size_t *ret_first)
{
    const struct eq_segment *last = &p->segment[pass->segment_end - 1];
    *ret_first = p->segment[pass->segment_first].reduce_first;
    return last->reduce_first + last->reduce_count - *ret_first;
}

static void begin_pass(const struct eq_program *p, const struct eq_pass *pass,
                       const struct scratch *s)
{
    size_t first, reductions = reductions_of(p, pass, &first);
    for (const struct eq_op *o = p->op + pass->first; o < p->op + pass->tensors; o++)
        compute_number(o, s->number);
    for (size_t i = pass->spread_first; i < pass->spread_end; i++) {
        float *at = s->spread + EQ_WIDTH * p->spread_slot[p->spread[i]];
        float value = (float)s->number[p->spread[i]];
        for (size_t k = 0; k < EQ_WIDTH; k++)
            at[k] = value;
    }
    for (size_t i = 0; i < reductions; i++)
        for (size_t k = 0; k < 8; k++)
            s->lane[8 * i + k] = p->op[p->reduce[first + i]].function->begins;
}

static void end_pass(const struct eq_program *p, const struct eq_pass *pass, const struct eq_run *r,
                     const struct scratch *s)
{
    size_t first, reductions = reductions_of(p, pass, &first);
    double count = (double)r->shape.rows * (double)r->shape.cols;
    for (size_t i = 0; i < reductions; i++) {
        const struct eq_op *o = &p->op[p->reduce[first + i]];
        s->number[o->out.at] = o->function->finish(s->lane + 8 * i, count);
    }
}

/* Views whose padding must be cleared: not where the equations make 0 of zeros, which a tile of
 * them tells for all columns. Views begin a pass with zeros behind their columns; within its only
 * segment nothing is cleared, so the padding meets what the tile does. Between two it differs. */
static uint32_t find_spoiled(const struct eq_program *p, const struct eq_run *r,
                             const struct scratch *s, const struct eq_pass *pass)
{
    const struct eq_segment *only = &p->segment[pass->segment_first];
    uint32_t spoiled = 0;
    if (!is_padded(&r->shape) || s->rest_tells)
        return 0;
    if (r->n < MANY_COLUMNS * r->shape.ld || p->wholes > 0 || segments_of(pass) > 1)
        return UINT32_MAX;
    memset(s->rest, 0, s->tile_floats * s->moving * sizeof *s->rest);
    for (size_t i = 0; i < s->moving; i++)
        s->at[i] = s->rest + s->tile_floats * i;
    run_machine(p, s, only, s->tile_floats);
    for (size_t k = only->writes_first; k < only->writes_end; k++) {
        uint32_t place = p->write[k];
        if (place < EQ_STATE + p->states && is_not_zero(s->at[place]))
            spoiled |= UINT32_C(1) << place;
    }
    return spoiled;
}

/* Whether the tile of what is left holds zeros for the padding too: where it is done before any
 * padding must be clear. */
static bool does_rest_tell(const struct eq_program *p, const struct eq_run *r,
                           const struct scratch *s, const struct eq_pass *pass, size_t block)
{
    return is_padded(&r->shape) && p->wholes == 0 && segments_of(pass) == 1 && r->n <= block &&
           r->n % s->tile_floats > 0;
}

void eq_update(const struct eq_program *p, const struct eq_run *r)
{
    struct scratch s;
    size_t first;
    find_scratch(p, r->scratch, r->n, &s);
    find_places(p, r, &s);
    give_numbers(p, r, s.number);
    for (const struct eq_pass *pass = p->pass; pass < p->pass + p->passes; pass++) {
        begin_pass(p, pass, &s);
        size_t block = reductions_of(p, pass, &first) > 0 ? EQ_BLOCK : CLEARED * EQ_BLOCK;
        s.rest_tells = does_rest_tell(p, r, &s, pass, block);
        s.spoiled = find_spoiled(p, r, &s, pass);
        if (block > EQ_BLOCK && !s.spoiled)
            block = r->n;
        for (size_t from = 0; from < r->n; from += block)
            run_block(p, r, &s, pass,
                      (struct block){from, r->n - from < block ? r->n - from : block});
        end_pass(p, pass, r, &s);
    }
}
