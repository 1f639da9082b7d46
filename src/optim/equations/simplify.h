/* Operations that need not be done; parts of eq_plan. No value changes. */
#ifndef DESCENT_OPTIM_EQUATIONS_SIMPLIFY_H
#define DESCENT_OPTIM_EQUATIONS_SIMPLIFY_H

#include "optim/equations/program.h"

/* Whether it is a tensor that lasts no longer than the update. */
bool eq_is_temporary(const struct eq_program *p, const struct eq_operand *x);
/* A number that an operation before has made already takes no operation. */
void eq_join_numbers(struct arena *a, struct eq_program *p);
/* sign(x) compared with 0 is x compared with 0. */
void eq_read_no_signs(struct eq_program *p);
/* Once the passes are known: w and states are written once a pass, what is made twice is made once,
 * and what is copied to a state is made there. */
void eq_simplify_tensors(struct eq_program *p);

#endif
