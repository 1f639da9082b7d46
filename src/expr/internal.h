/* The program that an expression becomes. */
#ifndef DESCENT_EXPR_INTERNAL_H
#define DESCENT_EXPR_INTERNAL_H

#include "expr/operators.h"

/* In postfix order; what comes off the stack, and what goes onto it. */
enum op_code {
    OP_NUMBER,     /* -> number */
    OP_TEXT,       /* -> text */
    OP_NAME,       /* -> its value */
    OP_UNARY,      /* a -> f(a) */
    OP_BINARY,     /* a b -> f(a, b) */
    OP_COMPARE,    /* a b -> f(a, b) */
    OP_SAME_TEXT,  /* a b -> 1 or 0 */
    OP_OTHER_TEXT, /* a b -> 1 or 0 */
    OP_CONSTANT,   /* a b -> number: a comparison decided by the types */
    OP_IF,         /* c a b -> a or b */
};

/* A chain a < b < c: what holds so far lies below a link's operands (joins), the right one is
 * needed again (keeps). */
struct op {
    enum op_code code;
    bool joins, keeps;
    union {
        double number;
        const char *text;
        size_t name;
        unary_function *unary;
        binary_function *binary;
    } u;
};

struct expr {
    size_t n;
    struct op *op;
};

/* Each level of nesting leaves at most 8 values waiting: one each for or, and, + and *, two for a
 * comparison in a chain, two for the arguments of if (or one for **). */
enum { STACK = 8 * (EXPR_MAX_DEPTH + 1) };

#endif
