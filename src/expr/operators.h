/* The operators and functions of the expression language: names, precedence, what they do to
 * doubles. */
#ifndef DESCENT_EXPR_OPERATORS_H
#define DESCENT_EXPR_OPERATORS_H

#include "expr/lex.h"

enum level {
    LEVEL_NONE,
    LEVEL_OR,
    LEVEL_AND,
    LEVEL_COMPARISON,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_POWER
};

typedef double unary_function(double);
typedef double binary_function(double, double);

struct infix {
    enum level level;
    binary_function *function;
};
/* By token; LEVEL_NONE where it stands between no two values. */
extern const struct infix expr_infix[TOKENS];

struct function {
    const char *name;
    unary_function *unary;   /* one argument */
    binary_function *binary; /* two or more, from the left; neither: if */
};
extern const struct function expr_functions[]; /* ended by a NULL name */

/* Python's a % b: the remainder has the divisor's sign, a zero too. */
double expr_modulo(double a, double b);
/* Python's a // b: the quotient rounded down, by the exact remainder. */
double expr_floor_divide(double a, double b);
/* -a. */
double expr_negate(double a);
/* 1 where a does not count as true, else 0. */
double expr_not(double a);
/* Whether a counts as true: neither 0 nor NaN. */
bool expr_truth(double a);

#endif
