/* Tokens, operators and the program that an expression becomes. */
#ifndef DESCENT_EXPR_INTERNAL_H
#define DESCENT_EXPR_INTERNAL_H

#include "expr/expr.h"

/* ---- lex.c ---- */

enum token_kind {
    TOKEN_END,
    TOKEN_NUMBER,
    TOKEN_TEXT,
    TOKEN_NAME,
    TOKEN_TRUE,
    TOKEN_FALSE,
    TOKEN_NULL,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_NOT,
    TOKEN_OR,
    TOKEN_AND,
    TOKEN_LESS,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_EQUAL,
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_PLUS,
    TOKEN_MINUS,
    TOKEN_TIMES,
    TOKEN_DIVIDE,
    TOKEN_FLOOR_DIVIDE,
    TOKEN_MODULO,
    TOKEN_POWER,
    TOKENS
};

struct token {
    enum token_kind kind;
    size_t offset, length;
    double number;
};

/* The token at or after `offset`. */
bool lex(const char *text, size_t offset, struct token *ret, struct expr_error *err);

/* Returns false, always. suggestion may be NULL. */
bool expr_fail(struct expr_error *err, size_t offset, size_t length, const char *suggestion,
               const char *fmt, ...) PRINTF_LIKE(5, 6);

/* ---- operators.c ---- */

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

double expr_negate(double a);
double expr_not(double a);
bool expr_truth(double a);

/* ---- parse.c to eval.c ---- */

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
