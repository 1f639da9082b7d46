/* Running a program on a stack of fixed size. */
#include "expr/internal.h"
#include <string.h>

static double compare(const struct op *o, union expr_value a, union expr_value b)
{
    if (o->code == OP_CONSTANT)
        return o->u.number;
    if (o->code == OP_COMPARE)
        return o->u.binary(a.number, b.number);
    return (strcmp(a.text, b.text) == 0) == (o->code == OP_SAME_TEXT);
}

/* One link of a chain; returns the stack's new top. */
static union expr_value *link(const struct op *o, union expr_value *top)
{
    union expr_value right = top[-1];
    double holds = compare(o, top[-2], right);
    top -= 2;
    if (o->joins) {
        top--;
        holds = holds * top->number;
    }
    (top++)->number = holds;
    if (o->keeps)
        *top++ = right;
    return top;
}

double expr_eval(const struct expr *e, const union expr_value *values)
{
    union expr_value stack[STACK] = {0}, *top = stack; /* one past the last value */
    for (const struct op *o = e->op; o < e->op + e->n; o++) {
        switch (o->code) {
        case OP_NUMBER:
            (top++)->number = o->u.number;
            break;
        case OP_TEXT:
            (top++)->text = o->u.text;
            break;
        case OP_NAME:
            *top++ = values[o->u.name];
            break;
        case OP_UNARY:
            top[-1].number = o->u.unary(top[-1].number);
            break;
        case OP_BINARY:
            top--;
            top[-1].number = o->u.binary(top[-1].number, top->number);
            break;
        case OP_COMPARE:
        case OP_SAME_TEXT:
        case OP_OTHER_TEXT:
        case OP_CONSTANT:
            top = link(o, top);
            break;
        case OP_IF:
            top -= 2;
            top[-1] = expr_truth(top[-1].number) ? top[0] : top[1];
            break;
        }
    }
    return stack[0].number;
}

bool expr_uses(const struct expr *e, size_t name)
{
    for (size_t i = 0; i < e->n; i++)
        if (e->op[i].code == OP_NAME && e->op[i].u.name == name)
            return true;
    return false;
}
