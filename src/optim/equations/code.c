/* Expressions as instructions for a machine of one register and a little memory: an argument that
 * is made just before stays in the register; of two, one is put aside. */
#include "optim/equations/code.h"

/* Where an argument is, in the order in which those of a sum or a product stand. */
enum kind { IN_A, MEMORY, PRODUCT, NUMBER };
#define NOWHERE SIZE_MAX

struct argument {
    enum kind kind;
    bool made;            /* it is in the register only once it is made */
    size_t place, number; /* number: of a product, what the memory is multiplied by */
};

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

static bool is_made(const struct maker *k, size_t op, unsigned in)
{
    return k->node[op].child[in] != EQ_NO_CHILD;
}

static size_t place_of(const struct maker *k, size_t op, unsigned in)
{
    return eq_place(k->p, &k->p->op[op].in[in]);
}

/* An argument that is not made: memory or a number. */
static enum kind kind_of(const struct maker *k, size_t op, unsigned in)
{
    return k->p->op[op].in[in].is_tensor ? MEMORY : NUMBER;
}

/* Whether the argument is made by `what` of two that are not; which of them come first, and whether
 * the other is a number. */
static bool is_simple(const struct maker *k, size_t op, unsigned in, uint32_t what,
                      struct argument *ret, bool *ret_number)
{
    size_t made = k->node[op].child[in];
    if (made == EQ_NO_CHILD || k->p->op[made].function->what != what || is_made(k, made, 0) ||
        is_made(k, made, 1))
        return false;
    unsigned first = kind_of(k, made, 0) == NUMBER;
    ret->place = place_of(k, made, first);
    ret->number = place_of(k, made, 1 - first);
    *ret_number = first == 1 || kind_of(k, made, 1) == NUMBER;
    return true;
}

static struct argument argument_of(const struct maker *k, size_t op, unsigned in, bool products)
{
    struct argument ret = {.kind = IN_A, .made = is_made(k, op, in)};
    bool number;
    if (products && is_simple(k, op, in, EQ_MULTIPLY, &ret, &number) && number)
        return (struct argument){.kind = PRODUCT, .place = ret.place, .number = ret.number};
    if (!ret.made)
        ret = (struct argument){.kind = kind_of(k, op, in), .place = place_of(k, op, in)};
    return ret;
}

/* ---- instructions ---- */

enum { CODES_AT_ONCE = 256 };

static struct eq_code *next_code(struct maker *k)
{
    struct eq_program *p = k->p;
    p->code = arena_room(k->arena, p->code, p->codes, &k->code_room, sizeof *p->code);
    return &p->code[p->codes++];
}

/* What the second of two instructions takes beside the register: memory, a number. */
static void taken(const struct eq_code *c, uint32_t first, size_t *ret_memory, size_t *ret_number)
{
    uint32_t form = c->what - first;
    *ret_memory = form == EQ_MA || form == EQ_PA ? c->x : c->y;
    *ret_number = form == EQ_PA ? c->z : form == EQ_AP ? c->u : c->y;
}

static const struct {
    uint32_t last, first, form, both; /* now: the first form of it, and the form; EQ_AN of others */
} known[] = {{EQ_MULTIPLY + EQ_AN, EQ_ADD, EQ_AP, EQ_TWO_A},
             {EQ_MULTIPLY + EQ_AN, EQ_SUBTRACT, EQ_MA, EQ_FROM_A},
             {EQ_MULTIPLY + EQ_AN, EQ_SUBTRACT, EQ_PA, EQ_FROM_A_P},
             {EQ_MULTIPLY + EQ_AM, EQ_SUBTRACT, EQ_MA, EQ_FROM_PRODUCT},
             {EQ_DIVIDE + EQ_AM, EQ_SUBTRACT, EQ_MA, EQ_FROM_QUOTIENT},
             {EQ_SQUARE_P, EQ_ADD, EQ_AP, EQ_TWO_SQUARE},
             {EQ_ROOT, EQ_ADD, EQ_AN, EQ_ROOT_PLUS},
             {EQ_ROOT_OF_A, EQ_ADD, EQ_AN, EQ_ROOT_OF_A_PLUS},
             {EQ_ROOT_OF_P, EQ_ADD, EQ_AN, EQ_ROOT_OF_P_PLUS},
             {EQ_SIZE_M, EQ_ADD, EQ_AN, EQ_SIZE_PLUS},
             {EQ_LEAST_OWN, EQ_MOST_OWN - EQ_AN, EQ_AN, EQ_LEAST_MOST},
             {EQ_MOST_OWN, EQ_LEAST_OWN - EQ_AN, EQ_AN, EQ_MOST_LEAST},
             /* of one argument */
             {EQ_LOAD_M, EQ_ROOT - EQ_AN, EQ_AN, EQ_ROOT_M},
             {EQ_LOAD_M, EQ_SIZE - EQ_AN, EQ_AN, EQ_SIZE_M},
             {EQ_MULTIPLY + EQ_AN, EQ_ROOT - EQ_AN, EQ_AN, EQ_ROOT_OF_A},
             {EQ_MULTIPLY + EQ_MN, EQ_ROOT - EQ_AN, EQ_AN, EQ_ROOT_OF_P}};

/* The square of what lies in memory, and that times a number. */
static bool join_square(struct eq_code *last, const struct eq_code *c)
{
    bool square = last->what == EQ_MULTIPLY + EQ_MM && last->x == last->y;
    if (last->what == EQ_LOAD_M && c->what == EQ_SQUARE) {
        last->what = EQ_MULTIPLY + EQ_MM;
        last->y = last->x;
        return true;
    }
    if (!square || c->what != EQ_MULTIPLY + EQ_AN)
        return false;
    last->what = EQ_SQUARE_P;
    last->y = c->y;
    return true;
}

/* What is chosen where a comparison does not hold, and the choice of a number where it does. */
static bool join_choice(struct eq_code *last, const struct eq_code *c)
{
    if (last->what != EQ_LOAD_M || c->what < EQ_WHERE_LESS ||
        (c->what - EQ_WHERE_LESS) % EQ_WHERE_FORMS != EQ_WHERE_N)
        return false;
    uint32_t memory = last->x;
    *last = *c;
    last->what += (uint32_t)EQ_WHERE_NM - (uint32_t)EQ_WHERE_N;
    last->z = memory;
    return true;
}

/* One instruction for the last and this one, where there is one. */
static bool join(struct maker *k, const struct eq_code *c)
{
    struct eq_program *p = k->p;
    size_t memory, number;
    if (p->codes <= k->target)
        return false;
    struct eq_code *last = &p->code[p->codes - 1];
    if (last->to > 0)
        return false;
    if (join_square(last, c) || join_choice(last, c))
        return true;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (last->what == known[i].last && c->what == known[i].first + known[i].form) {
            taken(c, known[i].first, &memory, &number);
            last->what = known[i].both;
            last->z = (uint32_t)memory;
            last->u = (uint32_t)number;
            return true;
        }
    return false;
}

static struct eq_code *put(struct maker *k, struct eq_code c)
{
    struct eq_program *p = k->p;
    c.what = c.what == EQ_LEAST + EQ_AN  ? EQ_LEAST_OWN
             : c.what == EQ_MOST + EQ_AN ? EQ_MOST_OWN
                                         : c.what;
    k->in_a = NOWHERE;
    if (join(k, &c))
        return &p->code[p->codes - 1];
    if (p->codes % CODES_AT_ONCE == CODES_AT_ONCE - 1)
        *next_code(k) = (struct eq_code){.what = EQ_REST};
    struct eq_code *made = next_code(k);
    *made = c;
    return made;
}

/* What is in a into memory too: by the instruction that makes it; behind branches, whose ends the
 * machine knows, it says so itself. */
static void keep(struct maker *k, size_t place)
{
    struct eq_program *p = k->p;
    struct eq_code *last = p->codes > k->target ? &p->code[p->codes - 1] : NULL;
    if (last && last->to == 0 && last->what != EQ_REST)
        last->to = (uint32_t)place + 1;
    else
        put(k, (struct eq_code){.what = EQ_STORE, .to = (uint32_t)place + 1});
    k->in_a = place;
}

static void load(struct maker *k, enum kind kind, size_t place)
{
    if (kind == NUMBER)
        put(k, (struct eq_code){.what = EQ_LOAD_N, .x = (uint32_t)place});
    else if (k->in_a != place)
        put(k, (struct eq_code){.what = EQ_LOAD_M, .x = (uint32_t)place});
}

/* A tile for what is in a; given back in the opposite order. */
static size_t put_aside(struct maker *k)
{
    struct eq_program *p = k->p;
    size_t slot = k->tiles + k->aside++;
    p->tiles = slot >= p->tiles ? slot + 1 : p->tiles;
    keep(k, first_tile(p) + slot);
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
    if (is_made(k, op, in)) {
        make(k, k->node[op].child[in], mask);
        return;
    }
    load(k, kind_of(k, op, in), place_of(k, op, in));
    if (mask)
        put(k, (struct eq_code){.what = EQ_TRUTH});
}

/* Argument 1, put aside, then argument 0, then the operation. */
static void make_both(struct maker *k, size_t op, bool mask)
{
    uint32_t what = k->p->op[op].function->what;
    make_argument(k, op, 1, mask);
    size_t place = put_aside(k);
    make_argument(k, op, 0, mask);
    put(k, (struct eq_code){.what = what + EQ_AM, .y = (uint32_t)place});
    k->aside--;
}

/* a + b c and a - b c of tensors in one instruction. */
static bool make_with_product(struct maker *k, size_t op)
{
    uint32_t what = k->p->op[op].function->what;
    struct argument product = {.made = true};
    bool number = false;
    unsigned in = 1;
    if (what != EQ_ADD && what != EQ_SUBTRACT)
        return false;
    if (!is_simple(k, op, 1, EQ_MULTIPLY, &product, &number) || number) {
        in = 0;
        if (what == EQ_SUBTRACT || !is_simple(k, op, 0, EQ_MULTIPLY, &product, &number) || number)
            return false;
    }
    if (k->in_a == product.place || k->in_a == product.number)
        return false;
    make_argument(k, op, 1 - in, false);
    put(k, (struct eq_code){.what = what == EQ_ADD ? EQ_PLUS_MM : EQ_MINUS_MM,
                            .x = (uint32_t)product.place,
                            .y = (uint32_t)product.number});
    return true;
}

static uint32_t form_of(enum kind x, enum kind y)
{
    static const uint32_t forms[4][4] = {[IN_A] = {0, EQ_AM, EQ_AP, EQ_AN},
                                         [MEMORY] = {EQ_MA, EQ_MM, EQ_MP, EQ_MN},
                                         [PRODUCT] = {EQ_PA, EQ_PM, EQ_PP, EQ_PN},
                                         [NUMBER] = {EQ_NA, EQ_NM, EQ_NP, 0}};
    return forms[x][y];
}

/* An argument that is in the register already need not be read; a product of it with a number only
 * where one instruction takes that. */
static void use_a(struct maker *k, uint32_t what, struct argument *x, struct argument *y)
{
    struct argument *product =
        what == EQ_SUBTRACT && x->kind != NUMBER                                            ? y
        : what == EQ_ADD && x->kind == y->kind && x->kind == PRODUCT && x->place == k->in_a ? x
        : what == EQ_ADD && x->kind == PRODUCT                                              ? y
                                                                                            : NULL;
    bool both = x->kind == MEMORY && y->kind == MEMORY && x->place == y->place;
    if (product && product->kind == PRODUCT && product->place == k->in_a) {
        put(k, (struct eq_code){.what = EQ_MULTIPLY + EQ_AN, .y = (uint32_t)product->number});
        *product = (struct argument){.kind = IN_A};
    } else if (x->kind == MEMORY && x->place == k->in_a && !both) {
        *x = (struct argument){.kind = IN_A};
    } else if (y->kind == MEMORY && y->place == k->in_a && !both) {
        *y = (struct argument){.kind = IN_A};
    }
}

static void make_binary(struct maker *k, size_t op)
{
    uint32_t what = k->p->op[op].function->what;
    bool products = what <= EQ_MOST_LAST;
    struct argument x = argument_of(k, op, 0, products), y = argument_of(k, op, 1, products);
    if (make_with_product(k, op))
        return;
    if (x.kind == IN_A && y.kind == IN_A) {
        make_both(k, op, false);
        return;
    }
    if (x.made || y.made)
        make(k, k->node[op].child[x.made ? 0 : 1], false);
    else
        use_a(k, what, &x, &y);
    if ((what == EQ_ADD || what == EQ_MULTIPLY) && x.kind > y.kind) {
        struct argument first = y;
        y = x;
        x = first;
    }
    put(k, (struct eq_code){.what = what + form_of(x.kind, y.kind),
                            .x = (uint32_t)x.place,
                            .y = (uint32_t)y.place,
                            .z = (uint32_t)x.number,
                            .u = (uint32_t)y.number});
}

/* One of two for all weights: the other is not made. */
static void make_one_branch(struct maker *k, size_t op)
{
    struct eq_program *p = k->p;
    size_t in_a = k->in_a, skip, begin, end;
    put(k, (struct eq_code){.what = EQ_SKIP_UNLESS, .y = p->op[op].in[0].at});
    skip = p->codes - 1;
    k->in_a = in_a;
    make_argument(k, op, 1, false);
    put(k, (struct eq_code){.what = EQ_SKIP});
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

/* Memory, a number, their product or their sum: what an instruction puts where a comparison
 * holds. */
static bool find_value(const struct maker *k, size_t op, uint32_t *ret_form, struct argument *ret)
{
    bool number = true;
    if (!is_made(k, op, 1)) {
        *ret_form = kind_of(k, op, 1) == NUMBER ? EQ_WHERE_N : EQ_WHERE_M;
        ret->place = ret->number = place_of(k, op, 1);
        return true;
    }
    *ret_form = EQ_WHERE_P;
    if (is_simple(k, op, 1, EQ_MULTIPLY, ret, &number))
        return number;
    *ret_form = EQ_WHERE_S;
    return is_simple(k, op, 1, EQ_ADD, ret, &number) && number;
}

/* if(memory compared with a number, value, other): other is made first. */
static bool make_where(struct maker *k, size_t op)
{
    size_t compared = k->node[op].child[0];
    struct argument value = {.made = true};
    uint32_t form;
    if (compared == EQ_NO_CHILD || !compares(k->p->op[compared].function->what) ||
        is_made(k, compared, 0) || is_made(k, compared, 1) || kind_of(k, compared, 0) != MEMORY ||
        kind_of(k, compared, 1) != NUMBER || !find_value(k, op, &form, &value))
        return false;
    uint32_t which = (k->p->op[compared].function->what - EQ_LESS) / (EQ_LESS_EQUAL - EQ_LESS);
    make_argument(k, op, 2, false);
    put(k, (struct eq_code){.what = EQ_WHERE_LESS + which * (uint32_t)EQ_WHERE_FORMS + form,
                            .x = (uint32_t)place_of(k, compared, 0),
                            .y = (uint32_t)place_of(k, compared, 1),
                            .z = (uint32_t)value.place,
                            .u = (uint32_t)value.number});
    return true;
}

static void make_choice(struct maker *k, size_t op)
{
    size_t place[2], aside = k->aside;
    bool number[2];
    if (!is_made(k, op, 0) && kind_of(k, op, 0) == NUMBER) {
        make_one_branch(k, op);
        return;
    }
    if (make_where(k, op))
        return;
    for (unsigned i = 0; i < 2; i++) {
        number[i] = !is_made(k, op, i + 1) && kind_of(k, op, i + 1) == NUMBER;
        if (is_made(k, op, i + 1)) {
            make(k, k->node[op].child[i + 1], false);
            place[i] = put_aside(k);
        } else {
            place[i] = place_of(k, op, i + 1);
        }
    }
    make_argument(k, op, 0, true);
    put(k, (struct eq_code){.what = !number[0] ? (!number[1] ? EQ_CHOOSE_MM : EQ_CHOOSE_MN)
                                               : (!number[1] ? EQ_CHOOSE_NM : EQ_CHOOSE_NN),
                            .x = (uint32_t)place[0],
                            .y = (uint32_t)place[1]});
    k->aside = aside;
}

static void make_call(struct maker *k, size_t op)
{
    const struct eq_op *o = &k->p->op[op];
    size_t aside = k->aside, place = 0;
    if (o->takes == 2 && !is_made(k, op, 1) && kind_of(k, op, 1) == MEMORY) {
        place = place_of(k, op, 1);
    } else if (o->takes == 2) {
        make_argument(k, op, 1, false);
        place = put_aside(k);
    }
    make_argument(k, op, 0, false);
    put(k, (struct eq_code){
               .what = o->function->what, .y = (uint32_t)place, .loop = o->function->loop});
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
            put(k, (struct eq_code){.what = what});
    }
    if (mask && !makes_mask(o))
        put(k, (struct eq_code){.what = EQ_TRUTH});
    else if (!mask && makes_mask(o))
        put(k, (struct eq_code){.what = EQ_BOOL});
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

static bool reads(const struct eq_code *c, uint32_t place)
{
    if (c->what == EQ_SKIP || c->what == EQ_SKIP_UNLESS)
        return false;
    return c->x == place || c->y == place || c->z == place || c->u == place;
}

/* Ends a segment. What was put into a tile and then always found in the register need not be
 * there. */
static void end_segment(struct maker *k)
{
    struct eq_program *p = k->p;
    size_t first = p->segment[p->segments - 1].code;
    put(k, (struct eq_code){.what = EQ_END});
    for (struct eq_code *c = p->code + first, *end = p->code + p->codes; c < end; c++) {
        const struct eq_code *reader = c + 1;
        while (c->to > first_tile(p) && reader < end && !reads(reader, c->to - 1))
            reader++;
        if (reader == end && c->what != EQ_STORE)
            c->to = 0;
    }
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
            end_segment(k);
            begin_segment(k);
            s = &p->segment[p->segments - 1];
        }
        make(k, i, false);
        keep(k, eq_place(p, &p->op[i].out));
        if (p->tensor[p->op[i].out.at].room != EQ_IN_TILE)
            note_write(k, s, eq_place(p, &p->op[i].out));
    }
    end_segment(k);
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
