/* Operations, one after the other, as the parser of equations reads what they are of. */
#include "optim/equations/parser.h"
#include <math.h>

uint32_t eq_add_number(struct eq_parser *q, double value)
{
    struct eq_program *p = q->p;
    p->number = arena_room(q->arena, p->number, p->numbers, &q->number_room, sizeof *p->number);
    p->number[p->numbers] = value;
    return (uint32_t)p->numbers++;
}

struct eq_operand eq_operand_of(const struct eq_value *v)
{
    return (struct eq_operand){v->type == VALUE_TENSOR, v->at};
}

/* What is computed begins as 0 and is never known here. */
static void note_too_large(struct eq_parser *q, const struct eq_value *v)
{
    bool is = v->type == VALUE_NUMBER && !isfinite((float)q->p->number[v->at]);
    if (is && q->too_large.length == 0)
        q->too_large = v->token;
}

struct eq_value eq_apply(struct eq_parser *q, const struct eq_function *f, const struct eq_value *v)
{
    struct eq_program *p = q->p;
    bool tensor = false;
    p->op = arena_room(q->arena, p->op, p->ops, &q->op_room, sizeof *p->op);
    struct eq_op *o = &p->op[p->ops++];
    *o = (struct eq_op){.function = f, .takes = f->takes};
    for (unsigned i = 0; i < f->takes; i++) {
        o->in[i] = eq_operand_of(&v[i]);
        tensor |= v[i].type == VALUE_TENSOR;
    }
    bool meets = tensor || f->what == EQ_LOAD_M; /* what is copied goes to a tensor */
    for (unsigned i = 0; i < f->takes && meets; i++)
        note_too_large(q, &v[i]);
    struct eq_value ret = {.type = tensor && !f->reduce ? VALUE_TENSOR : VALUE_NUMBER,
                           .token = v[0].token};
    ret.at = ret.type == VALUE_TENSOR ? (uint32_t)p->tensors++ : eq_add_number(q, 0);
    o->out = eq_operand_of(&ret);
    return ret;
}

bool eq_takes_value(struct eq_parser *q, const struct eq_value *v, const struct token *op)
{
    return v->type == VALUE_NUMBER || v->type == VALUE_TENSOR ||
           expr_fail(q->err, op->offset, op->length, NULL,
                     "%s takes no text: the role is compared by == or !=", eq_shown(q, op));
}

struct eq_value eq_number(struct eq_parser *q, double x, const struct token *t)
{
    return (struct eq_value){.type = VALUE_NUMBER, .at = eq_add_number(q, x), .token = *t};
}
