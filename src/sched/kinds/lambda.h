/* An expression of time as a key of a schedule: lambda's, and multiplicative's. */
#ifndef DESCENT_SCHED_KINDS_LAMBDA_H
#define DESCENT_SCHED_KINDS_LAMBDA_H

#include "expr/formula.h"
#include "sched/sched.h"

/* Its value at this time; nan where it was never given. */
double time_formula_value(const struct formula *f, const struct sched_time *now);
/* Whether one of the names t, T, epoch, step, epochs, pi occurs. */
bool time_formula_uses(const struct formula *f, const char *name);

/* Which lengths it looks at: SCHED_NEEDS_... */
unsigned time_formula_needs_length(const struct formula *f);

/* read of a row whose field is a formula. */
bool time_formula_read(struct binder *b, const struct param *p, const struct node *value,
                       void *field);
#define FORMULA_SHAPE "an expression such as \"0.95 ** t\""
#define FORMULA_LANGUAGE                                                                                               \
    "The expression has the names t T epoch step epochs pi; + - * / // % **, < <= > >= == != (which chain) and the "   \
    "words and, or, not, all as in Python (what holds is 1, what does not 0); exp log sqrt cos sin floor min max abs " \
    "and if(condition, a, b)."

#endif
