/* The small expression language of schedules and of conditions on runs.
 *
 * Numbers (doubles), names that the caller gives (dotted ones too: optimizer.lr,
 * scheduler.0.gamma), texts in '...' or "..." (without escapes), true (1), false (0), null, and,
 * loosest first, with Python's precedence and associativity:
 *
 *     or    and    not    < <= > >= == !=    + -    * / // %    unary + -    **
 *
 * exp log sqrt cos sin floor abs take one argument, min and max two or more, if(c, a, b) three.
 * What is true is 1, what is not 0; 0, nan and null count as false. Comparisons chain as in Python:
 * 0 < x < 1 is 0 < x and x < 1. // and % round down, as in Python; where Python raises an exception
 * (1 / 0, log(-1)) there is IEEE's infinity or nan. A text can only be compared, with another text
 * or null, by == and !=. null equals null alone; in arithmetic it is nan. */
#ifndef DESCENT_EXPR_EXPR_H
#define DESCENT_EXPR_EXPR_H

#include "util/mem.h"
#include <stdbool.h>
#include <stddef.h>

enum { EXPR_MAX_LENGTH = 4096, EXPR_MAX_DEPTH = 200 };

enum expr_type { EXPR_NUMBER, EXPR_TEXT, EXPR_NULL };

struct expr_name {
    const char *name; /* none of the language's own words */
    enum expr_type type;
};

struct expr_names {
    size_t n;
    const struct expr_name *v;
    /* The nearest of n names to a wrong one, or NULL. The pointer may be NULL: no suggestions. */
    const char *(*suggest)(const char *wrong, const char *const *names, size_t n);
};

union expr_value {
    double number;
    const char *text;
};

/* What the whole has to be. A condition may also be null; its value is 1 or 0. */
enum expr_goal { EXPR_AS_NUMBER, EXPR_AS_CONDITION };

/* Where in the text (in bytes; the text's end has length 0) and what; suggestion may be "". */
struct expr_error {
    size_t offset, length;
    char message[160], suggestion[160];
};

struct expr;

/* Whether it is a word or a function of the language. */
bool expr_is_own(const char *name);

/* In the arena, text and names not needed afterwards; NULL on error. All types are known here, so
 * that evaluating cannot fail. */
struct expr *expr_compile(struct arena *a, const char *text, const struct expr_names *names,
                          enum expr_goal goal, struct expr_error *err);
/* Whether it is a name that none is given for. */
bool expr_error_is_of_name(const struct expr_error *e);
/* The names that occur in a condition, in the arena; those before an error, where there is one. */
size_t expr_names_in(struct arena *a, const char *text, const char *const **ret);
/* values: in the order of the names; those of null names are not read. Allocates nothing; pure. */
double expr_eval(const struct expr *e, const union expr_value *values);
/* Whether the name with this index occurs. */
bool expr_uses(const struct expr *e, size_t name);

#endif
