/* From operations to the machine's instructions; the last part of eq_plan. */
#ifndef DESCENT_OPTIM_EQUATIONS_CODE_H
#define DESCENT_OPTIM_EQUATIONS_CODE_H

#include "optim/equations/program.h"

/* What becomes of an operation, and of its arguments. */
struct eq_node {
    size_t child[3]; /* the operation that makes it in the register just before; EQ_NO_CHILD */
    size_t root;     /* the operation that it is a part of: itself, or a later one */
    bool dead;       /* nobody wants its result */
};
#define EQ_NO_CHILD SIZE_MAX

/* Whether it is elementwise: of tensors, and no reduction. */
bool eq_is_elementwise(const struct eq_op *o);
/* The instructions of all passes; the rooms of the tensors are known. */
void eq_make_code(struct arena *a, struct eq_program *p, const struct eq_node *node);
/* The place of a tensor, or of a number that tensors meet, in eq_work.at. */
size_t eq_place(const struct eq_program *p, const struct eq_operand *x);
/* All places. */
size_t eq_places(const struct eq_program *p);
/* Those that move on with each tile: they come first. */
size_t eq_moving(const struct eq_program *p);

#endif
