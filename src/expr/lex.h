/* Tokens of the expression language, for every parser of it. */
#ifndef DESCENT_EXPR_LEX_H
#define DESCENT_EXPR_LEX_H

#include "expr/expr.h"
#include <stdbool.h>

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

/* The language's own words, ended by NULL. */
struct lex_word {
    const char *word;
    enum token_kind kind;
};
extern const struct lex_word lex_words[];

struct token {
    enum token_kind kind;
    size_t offset, length;
    double number;
};

/* The token at or after `offset`. power_by_caret: ^ means what ** means; else it is refused. False
 * and an error with its place where nothing of the language stands there. */
bool lex(const char *text, size_t offset, bool power_by_caret, struct token *ret,
         struct expr_error *err);

/* What every parser of the language says of a token; %s: the token as a message shows it, or the
 * function. */
#define EXPR_NOT_CLOSED "this '(' is not closed"
#define EXPR_CLOSES_NOTHING "this ')' closes nothing"
#define EXPR_NO_OPERATOR "an operator is expected here, not %s"
#define EXPR_NO_OPERATOR_OR_CLOSE "an operator or ')' is expected here, not %s"
#define EXPR_NO_VALUE "a value is expected here, not %s"
#define EXPR_NO_ARGUMENTS "'%s' is a function: its arguments are missing"
#define EXPR_TOO_DEEP "nested deeper than %d levels"
#define EXPR_NUMBER_IS_NO_TEXT "a number is never equal to a text"

/* Returns false, always. suggestion may be NULL. */
bool expr_fail(struct expr_error *err, size_t offset, size_t length, const char *suggestion,
               const char *fmt, ...) PRINTF_LIKE(5, 6);

#endif
