/* Expressions as instructions for a machine of one register and a little memory: an argument that is
 * made just before stays in the register; of two, one is put aside. */
#include "optim/equations/code.h"
#include <string.h>

enum kind { MEMORY, NUMBER, MADE };
#define NOWHERE SIZE_MAX

struct maker {
    struct arena *arena;
    struct eq_program *p;
    const struct eq_node *node;
    size_t code_room, write_room;
    size_t in_a;   /* the place whose content is in a too, or NOWHERE */
    size_t aside;  /* tiles that are in use for what is put aside */
    size_t tiles;  /* those of named temporaries */
    size_t target; /* a skip ends here: what follows is not joined with what is before */
};

bool eq_is_elementwise(const struct eq_op *o)
{
    bool tensors = o->out.is_tensor;
    for (uint32_t i = 0; i < o->takes; i++)
        tensors |= o->in[i].is_tensor;
    return tensors && !o->function->reduce;
}

/* ---- places: views, whole temporaries, blocks, numbers, tiles ---- */

static size_t first_tile(const struct eq_program *p)
{
    return eq_moving(p) + p->spread_slots;
}

size_t eq_moving(const struct eq_program *p)
{
    return EQ_STATE + p->states + p->wholes + p->blocks;
}

size_t eq_places(const struct eq_program *p)
{
    return first_tile(p) + p->tiles;
}

size_t eq_place(const struct eq_program *p, const struct eq_operand *x)
{
    size_t views = EQ_STATE + p->states;
    if (!x->is_tensor)
        return eq_moving(p) + p->spread_slot[x->at];
    const struct eq_tensor *t = &p->tensor[x->at];
    return t->at + (t->room == EQ_IN_VIEW    ? 0
                    : t->room == EQ_IN_WHOLE ? views
                    : t->room == EQ_IN_BLOCK ? views + p->wholes
                                             : first_tile(p));
}

static enum kind kind_of(const struct maker *k, size_t op, unsigned in)
{
    return k->node[op].child[in] != EQ_NO_CHILD ? MADE
           : k->p->op[op].in[in].is_tensor      ? MEMORY
                                                : NUMBER;
}

static size_t place_of(const struct maker *k, size_t op, unsigned in)
{
    return eq_place(k->p, &k->p->op[op].in[in]);
}

/* ---- instructions ---- */

enum { CODES_AT_ONCE = 256 };

static struct eq_code *next_code(struct maker *k)
{
    struct eq_program *p = k->p;
    p->code = arena_room(k->arena, p->code, p->codes, &k->code_room, sizeof *p->code);
    return &p->code[p->codes++];
}

/* The form of x y for y x, where both are the same. */
static uint32_t turned(uint32_t what, size_t *x, size_t *y)
{
    size_t old = *x;
    for (uint32_t f = EQ_ADD; f <= EQ_MULTIPLY; f += EQ_MULTIPLY - EQ_ADD) {
        if (what == f + EQ_MA || what == f + EQ_NA)
            return what - EQ_MA + EQ_AM;
        if (what != f + EQ_NM)
            continue;
        *x = *y;
        *y = old;
        return f + EQ_MN;
    }
    return what;
}

/* One instruction for the last and this one, where there is one. */
static bool join(struct maker *k, uint32_t what, size_t x, size_t y)
{
    static const struct {
        uint32_t last, now, both;
    } known[] = {{EQ_MULTIPLY + EQ_MN, EQ_PLUS_MN, EQ_TWO_M},
                 {EQ_MULTIPLY + EQ_AN, EQ_PLUS_MN, EQ_TWO_A},
                 {EQ_MULTIPLY + EQ_AN, EQ_SUBTRACT + EQ_MA, EQ_FROM_M},
                 {EQ_LOAD_M, EQ_PLUS_MN, EQ_SUM},
                 {EQ_LOAD_M, EQ_MINUS_MN, EQ_DIFFERENCE},
                 {EQ_MULTIPLY + EQ_MN, EQ_ROOT, EQ_ROOT_OF},
                 {EQ_ROOT_OF, EQ_ADD + EQ_AN, EQ_ROOT_OF_PLUS},
                 {EQ_ROOT, EQ_ADD + EQ_AN, EQ_ROOT_PLUS},
                 {EQ_TWO_M, EQ_STORE, EQ_TWO_M_STORE},
                 {EQ_TWO_A, EQ_STORE, EQ_TWO_A_STORE},
                 {EQ_FROM_M, EQ_STORE, EQ_FROM_M_STORE},
                 {EQ_SUM, EQ_STORE, EQ_SUM_STORE},
                 {EQ_DIFFERENCE, EQ_STORE, EQ_DIFFERENCE_STORE}};
    struct eq_program *p = k->p;
    if (p->codes <= k->target)
        return false;
    struct eq_code *last = &p->code[p->codes - 1];
    if (last->what == EQ_LOAD_M && what == EQ_SQUARE) {
        last->what = EQ_MULTIPLY + EQ_MM;
        last->y = last->x;
        return true;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (last->what == known[i].last && what == known[i].now) {
            last->what = known[i].both;
            if (what == EQ_STORE) {
                last->to = (uint32_t)x;
            } else {
                last->z = (uint32_t)x;
                last->u = (uint32_t)y;
            }
            return true;
        }
    return false;
}

static struct eq_code *put(struct maker *k, uint32_t what, size_t x, size_t y)
{
    struct eq_program *p = k->p;
    what = what == EQ_LEAST + EQ_AN  ? EQ_LEAST_OWN
           : what == EQ_MOST + EQ_AN ? EQ_MOST_OWN
                                     : turned(what, &x, &y);
    if (join(k, what, x, y)) {
        k->in_a = what == EQ_STORE ? x : NOWHERE;
        return &p->code[p->codes - 1];
    }
    if (p->codes % CODES_AT_ONCE == CODES_AT_ONCE - 1)
        *next_code(k) = (struct eq_code){.what = EQ_REST};
    struct eq_code *c = next_code(k);
    *c = (struct eq_code){.what = what, .x = (uint32_t)x, .y = (uint32_t)y};
    if (what == EQ_STORE)
        k->in_a = x;
    else
        k->in_a = NOWHERE;
    return c;
}

static void load(struct maker *k, enum kind kind, size_t place)
{
    if (kind == NUMBER)
        put(k, EQ_LOAD_N, place, 0);
    else if (k->in_a != place)
        put(k, EQ_LOAD_M, place, 0);
}

/* A tile for what is in a; given back in the opposite order. */
static size_t put_aside(struct maker *k)
{
    struct eq_program *p = k->p;
    size_t slot = k->tiles + k->aside++;
    p->tiles = slot >= p->tiles ? slot + 1 : p->tiles;
    put(k, EQ_STORE, first_tile(p) + slot, 0);
    return first_tile(p) + slot;
}

/* ---- expressions: into a ---- */

static void make(struct maker *k, size_t op, bool mask);

static bool compares(uint32_t what)
{
    return what >= EQ_LESS && what <= EQ_NOT_EQUAL_LAST;
}

static bool makes_mask(const struct eq_op *o)
{
    uint32_t what = o->function->what;
    return compares(what) || what == EQ_BOTH || what == EQ_EITHER || what == EQ_NOT;
}

/* An argument into a: a number, or whether it is true. */
static void make_argument(struct maker *k, size_t op, unsigned in, bool mask)
{
    enum kind kind = kind_of(k, op, in);
    if (kind == MADE) {
        make(k, k->node[op].child[in], mask);
        return;
    }
    load(k, kind, place_of(k, op, in));
    if (mask)
        put(k, EQ_TRUTH, 0, 0);
}

/* Argument 1, put aside, then argument 0, then the operation. */
static void make_both(struct maker *k, size_t op, bool mask)
{
    uint32_t what = k->p->op[op].function->what;
    make_argument(k, op, 1, mask);
    size_t place = put_aside(k);
    make_argument(k, op, 0, mask);
    put(k, what + EQ_AM, place, 0);
    k->aside--;
}

/* Whether argument `in` is a product of two that lie in memory, one of them perhaps a number; its
 * places. */
static bool is_product(const struct maker *k, size_t op, unsigned in, size_t ret[2],
                       bool *ret_number)
{
    size_t made = k->node[op].child[in];
    if (made == EQ_NO_CHILD || k->p->op[made].function->what != EQ_MULTIPLY)
        return false;
    enum kind x = kind_of(k, made, 0), y = kind_of(k, made, 1);
    if (x == MADE || y == MADE)
        return false;
    unsigned first = x == NUMBER;
    ret[0] = place_of(k, made, first);
    ret[1] = place_of(k, made, 1 - first);
    *ret_number = x == NUMBER || y == NUMBER;
    return k->in_a == NOWHERE || (k->in_a != ret[0] && k->in_a != ret[1]);
}

/* a + b c and a - b c in one instruction. */
static bool make_with_product(struct maker *k, size_t op)
{
    uint32_t what = k->p->op[op].function->what;
    size_t place[2];
    bool number;
    unsigned in = 1;
    if (what != EQ_ADD && what != EQ_SUBTRACT)
        return false;
    if (!is_product(k, op, 1, place, &number)) {
        in = 0;
        if (what == EQ_SUBTRACT || !is_product(k, op, 0, place, &number))
            return false;
    }
    make_argument(k, op, 1 - in, false);
    put(k,
        what == EQ_ADD ? (number ? EQ_PLUS_MN : EQ_PLUS_MM) : (number ? EQ_MINUS_MN : EQ_MINUS_MM),
        place[0], place[1]);
    return true;
}

static void make_binary(struct maker *k, size_t op)
{
    uint32_t what = k->p->op[op].function->what;
    enum kind kx = kind_of(k, op, 0), ky = kind_of(k, op, 1);
    if (make_with_product(k, op))
        return;
    if (kx == MADE && ky == MADE) {
        make_both(k, op, false);
        return;
    }
    size_t x = kx == MADE ? 0 : place_of(k, op, 0), y = ky == MADE ? 0 : place_of(k, op, 1);
    if (kx == MADE) {
        make(k, k->node[op].child[0], false);
        put(k, what + (ky == NUMBER ? EQ_AN : EQ_AM), y, 0);
    } else if (ky == MADE) {
        make(k, k->node[op].child[1], false);
        put(k, what + (kx == NUMBER ? EQ_NA : EQ_MA), x, 0);
    } else if (kx == MEMORY && k->in_a == x) {
        put(k, what + (ky == NUMBER ? EQ_AN : EQ_AM), y, 0);
    } else if (ky == MEMORY && k->in_a == y) {
        put(k, what + (kx == NUMBER ? EQ_NA : EQ_MA), x, 0);
    } else {
        put(k, what + (kx == NUMBER ? EQ_NM : ky == NUMBER ? EQ_MN : EQ_MM), x, y);
    }
}

/* One of two for all weights: the other is not made. */
static void make_one_branch(struct maker *k, size_t op)
{
    struct eq_program *p = k->p;
    size_t in_a = k->in_a, skip, begin, end;
    put(k, EQ_SKIP_UNLESS, 0, p->op[op].in[0].at);
    skip = p->codes - 1;
    k->in_a = in_a;
    make_argument(k, op, 1, false);
    put(k, EQ_SKIP, 0, 0);
    begin = p->codes;
    end = begin - 1;
    k->target = begin;
    p->code[skip].x = (uint32_t)(begin - skip - 1);
    k->in_a = in_a;
    make_argument(k, op, 2, false);
    k->target = p->codes;
    p->code[end].x = (uint32_t)(p->codes - end - 1);
    k->in_a = NOWHERE;
}

static void make_choice(struct maker *k, size_t op)
{
    size_t place[2], aside = k->aside;
    enum kind kind[2];
    if (kind_of(k, op, 0) == NUMBER) {
        make_one_branch(k, op);
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        kind[i] = kind_of(k, op, i + 1);
        if (kind[i] == MADE) {
            make(k, k->node[op].child[i + 1], false);
            place[i] = put_aside(k);
        } else {
            place[i] = place_of(k, op, i + 1);
        }
    }
    make_argument(k, op, 0, true);
    put(k,
        kind[0] != NUMBER ? (kind[1] != NUMBER ? EQ_CHOOSE_MM : EQ_CHOOSE_MN)
                          : (kind[1] != NUMBER ? EQ_CHOOSE_NM : EQ_CHOOSE_NN),
        place[0], place[1]);
    k->aside = aside;
}

static void make_call(struct maker *k, size_t op)
{
    const struct eq_op *o = &k->p->op[op];
    size_t aside = k->aside, place = 0;
    if (o->takes == 2 && kind_of(k, op, 1) == MEMORY) {
        place = place_of(k, op, 1);
    } else if (o->takes == 2) {
        make_argument(k, op, 1, false);
        place = put_aside(k);
    }
    make_argument(k, op, 0, false);
    put(k, o->function->what, 0, place)->loop = o->function->loop;
    k->aside = aside;
}

/* What the operation makes: a number, or whether it is true. */
static void make(struct maker *k, size_t op, bool mask)
{
    const struct eq_op *o = &k->p->op[op];
    uint32_t what = o->function->what;
    if (o->function->loop) {
        make_call(k, op);
    } else if (what == EQ_CHOOSE_MM) {
        make_choice(k, op);
    } else if (what == EQ_BOTH || what == EQ_EITHER) {
        make_both(k, op, true);
    } else if (o->takes == 2) {
        make_binary(k, op);
    } else {
        make_argument(k, op, 0, what == EQ_NOT);
        if (what != EQ_LOAD_M)
            put(k, what, 0, 0);
    }
    if (mask && !makes_mask(o))
        put(k, EQ_TRUTH, 0, 0);
    else if (!mask && makes_mask(o))
        put(k, EQ_BOOL, 0, 0);
}

/* ---- segments ---- */

static void note_write(struct maker *k, struct eq_segment *s, size_t place)
{
    struct eq_program *p = k->p;
    for (size_t i = s->writes_first; i < p->writes; i++)
        if (p->write[i] == place)
            return;
    p->write = arena_room(k->arena, p->write, p->writes, &k->write_room, sizeof *p->write);
    p->write[p->writes++] = (uint32_t)place;
    s->writes_end = p->writes;
}

static void begin_segment(struct maker *k)
{
    struct eq_program *p = k->p;
    p->segment[p->segments++] = (struct eq_segment){.code = p->codes,
                                                    .writes_first = p->writes,
                                                    .writes_end = p->writes,
                                                    .reduce_first = p->reduces};
    k->target = p->codes;
    k->in_a = NOWHERE;
}

static void make_pass(struct maker *k, struct eq_pass *pass)
{
    struct eq_program *p = k->p;
    pass->segment_first = p->segments;
    begin_segment(k);
    for (size_t i = pass->tensors; i < pass->end; i++) {
        struct eq_segment *s = &p->segment[p->segments - 1];
        if (!eq_is_elementwise(&p->op[i])) {
            p->reduce[p->reduces++] = (uint32_t)i;
            s->reduce_count++;
            continue;
        }
        if (k->node[i].root != i || k->node[i].dead)
            continue;
        if (s->reduce_count > 0) {
            put(k, EQ_END, 0, 0);
            begin_segment(k);
            s = &p->segment[p->segments - 1];
        }
        make(k, i, false);
        put(k, EQ_STORE, eq_place(p, &p->op[i].out), 0);
        if (p->tensor[p->op[i].out.at].room != EQ_IN_TILE)
            note_write(k, s, eq_place(p, &p->op[i].out));
    }
    put(k, EQ_END, 0, 0);
    pass->segment_end = p->segments;
}

void eq_make_code(struct arena *a, struct eq_program *p, const struct eq_node *node)
{
    struct maker k = {.arena = a, .p = p, .node = node, .tiles = p->tiles};
    p->segment = arena_alloc(a, (p->ops + p->passes + 1) * sizeof *p->segment);
    p->reduce = arena_alloc(a, (p->ops + 1) * sizeof *p->reduce);
    for (size_t s = 0; s < p->passes; s++)
        make_pass(&k, &p->pass[s]);
}
