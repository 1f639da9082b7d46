/* What the text says twice, or stores for nothing, is not done. */
#include "optim/equations/simplify.h"
#include "optim/equations/code.h"
#include <string.h>

/* ---- numbers that are made twice ---- */

/* Another register of the same number that is never computed, or itself. */
static void join_literals(struct arena *a, const struct eq_program *p, uint32_t *same)
{
    bool *computed = arena_alloc(a, p->numbers * sizeof *computed);
    for (size_t o = 0; o < p->ops; o++)
        if (!p->op[o].out.is_tensor)
            computed[p->op[o].out.at] = true;
    for (uint32_t i = EQ_GIVEN; i < p->numbers; i++)
        for (uint32_t k = EQ_GIVEN; k < i && same[i] == i && !computed[i]; k++)
            if (!computed[k] && memcmp(&p->number[i], &p->number[k], sizeof *p->number) == 0)
                same[i] = k;
}

/* Whether it is the number 0 as the text says it. */
static bool is_zero(const struct eq_program *p, const struct eq_operand *x)
{
    static const double zero = 0;
    bool is =
        !x->is_tensor && x->at >= EQ_GIVEN && memcmp(&p->number[x->at], &zero, sizeof zero) == 0;
    for (size_t i = 0; i < p->ops && is; i++)
        is = p->op[i].out.is_tensor || p->op[i].out.at != x->at;
    return is;
}

static bool same_arguments(const struct eq_op *a, const struct eq_op *b)
{
    bool same = a->function == b->function;
    for (uint32_t k = 0; k < a->takes && same; k++)
        same = a->in[k].is_tensor == b->in[k].is_tensor && a->in[k].at == b->in[k].at;
    return same;
}

/* Whether a tensor that o reads is written by operations [first, end). */
static bool changed(const struct eq_program *p, const struct eq_op *o, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        for (uint32_t k = 0; k < o->takes; k++)
            if (p->op[i].out.is_tensor && o->in[k].is_tensor && p->op[i].out.at == o->in[k].at)
                return true;
    return false;
}

/* A number that an operation before has made already takes no operation. */
void eq_join_numbers(struct arena *a, struct eq_program *p)
{
    uint32_t *same = arena_alloc(a, (p->numbers + 1) * sizeof *same);
    size_t n = 0;
    for (uint32_t i = 0; i < p->numbers; i++)
        same[i] = i;
    join_literals(a, p, same);
    for (size_t i = 0; i < p->ops; i++) {
        struct eq_op o = p->op[i];
        bool found = false;
        for (uint32_t k = 0; k < o.takes; k++)
            if (!o.in[k].is_tensor)
                o.in[k].at = same[o.in[k].at];
        for (size_t k = 0; k < n && !found && !o.out.is_tensor; k++)
            if (!p->op[k].out.is_tensor && same_arguments(&o, &p->op[k]) &&
                !changed(p, &o, k + 1, n)) {
                same[o.out.at] = p->op[k].out.at;
                found = true;
            }
        if (!found)
            p->op[n++] = o;
    }
    p->ops = n;
}

/* ---- tensors ---- */

bool eq_is_temporary(const struct eq_program *p, const struct eq_operand *x)
{
    return x->is_tensor && x->at >= EQ_STATE + p->states;
}

static bool is(const struct eq_operand *x, uint32_t tensor)
{
    return x->is_tensor && x->at == tensor;
}

static bool reads(const struct eq_op *o, uint32_t tensor)
{
    bool any = false;
    for (uint32_t k = 0; k < o->takes; k++)
        any |= is(&o->in[k], tensor);
    return any;
}

/* Operations [first, end) that read one tensor read another. */
static void read_instead(struct eq_program *p, uint32_t one, uint32_t other, size_t first,
                         size_t end)
{
    for (size_t i = first; i < end; i++)
        for (uint32_t k = 0; k < p->op[i].takes; k++)
            if (is(&p->op[i].in[k], one))
                p->op[i].in[k].at = other;
}

/* The first operation from `first` on that writes the tensor, or their number. */
static size_t next_write(const struct eq_program *p, uint32_t tensor, size_t first)
{
    while (first < p->ops && !is(&p->op[first].out, tensor))
        first++;
    return first;
}

/* The first operation from `first` on that reads the tensor, or their number. */
static size_t next_read(const struct eq_program *p, uint32_t tensor, size_t first)
{
    while (first < p->ops && !reads(&p->op[first], tensor))
        first++;
    return first;
}

static void take_out(struct eq_program *p, size_t i)
{
    memmove(&p->op[i], &p->op[i + 1], (p->ops - i - 1) * sizeof *p->op);
    p->ops--;
}

void eq_read_no_signs(struct eq_program *p)
{
    for (size_t i = 0; i < p->ops; i++) {
        struct eq_op *o = &p->op[i];
        if (o->function->what < EQ_LESS || o->function->what > EQ_NOT_EQUAL_LAST)
            continue;
        for (uint32_t k = 0; k < 2; k++) {
            size_t s = eq_is_temporary(p, &o->in[k]) ? next_write(p, o->in[k].at, 0) : p->ops;
            if (s == p->ops || p->op[s].function->what != EQ_SIGN || !is_zero(p, &o->in[1 - k]) ||
                changed(p, &p->op[s], s + 1, i))
                continue;
            o->in[k] = p->op[s].in[0];
        }
    }
}

/* What is written to w or a state and written again in the same pass is a temporary. */
static void write_once(struct eq_program *p)
{
    for (size_t i = 0; i < p->ops; i++) {
        struct eq_operand *out = &p->op[i].out;
        if (!out->is_tensor || eq_is_temporary(p, out))
            continue;
        size_t again = next_write(p, out->at, i + 1);
        if (again == p->ops || p->op[again].pass != p->op[i].pass)
            continue;
        read_instead(p, out->at, (uint32_t)p->tensors, i + 1, again + 1);
        out->at = (uint32_t)p->tensors++;
    }
}

/* Not what instructions take as it is: a tensor times a number, or a comparison to choose by. */
static bool is_worth_keeping(const struct eq_op *o)
{
    uint32_t what = o->function->what;
    bool compares = what >= EQ_LESS && what <= EQ_NOT_EQUAL_LAST;
    return !compares && (what != EQ_MULTIPLY || (o->in[0].is_tensor && o->in[1].is_tensor));
}

static void join_tensors(struct eq_program *p)
{
    for (size_t i = 0; i < p->ops; i++) {
        const struct eq_op *o = &p->op[i];
        for (size_t k = 0; k < i; k++) {
            const struct eq_op *first = &p->op[k];
            if (!eq_is_temporary(p, &o->out) || !eq_is_temporary(p, &first->out) ||
                o->pass != first->pass || !same_arguments(o, first) || !is_worth_keeping(o) ||
                changed(p, o, k + 1, i))
                continue;
            read_instead(p, o->out.at, first->out.at, i + 1, p->ops);
            take_out(p, i--);
            break;
        }
    }
}

/* Whether operation i can make its temporary in the tensor that operation `copy` copies it to. */
static bool may_make_there(const struct eq_program *p, size_t i, size_t copy)
{
    uint32_t made = p->op[i].out.at, there = p->op[copy].out.at;
    size_t again = next_write(p, there, copy + 1);
    if (!eq_is_elementwise(&p->op[i]) || p->op[i].pass != p->op[copy].pass)
        return false;
    return next_write(p, there, i) == copy && next_read(p, there, i + 1) >= copy &&
           (again == p->ops || next_read(p, made, again + 1) == p->ops);
}

static void make_in_place(struct eq_program *p)
{
    for (size_t i = 0; i < p->ops; i++) {
        const struct eq_op *o = &p->op[i];
        if (o->function->what != EQ_LOAD_M || eq_is_temporary(p, &o->out) ||
            !eq_is_temporary(p, &o->in[0]))
            continue;
        uint32_t made = o->in[0].at, there = o->out.at;
        size_t maker = next_write(p, made, 0);
        if (!may_make_there(p, maker, i))
            continue;
        p->op[maker].out.at = there;
        read_instead(p, made, there, maker + 1, p->ops);
        take_out(p, i--);
    }
}

static void drop_unread(struct eq_program *p)
{
    for (size_t i = p->ops; i-- > 0;)
        if (eq_is_temporary(p, &p->op[i].out) && next_read(p, p->op[i].out.at, i + 1) == p->ops)
            take_out(p, i);
}

void eq_simplify_tensors(struct eq_program *p)
{
    write_once(p);
    join_tensors(p);
    make_in_place(p);
    drop_unread(p);
}
