/* What the parser of equations is made of: it goes over the text once, and operations come of it as
 * it reads. */
#ifndef DESCENT_OPTIM_EQUATIONS_PARSER_H
#define DESCENT_OPTIM_EQUATIONS_PARSER_H

#include "expr/lex.h"
#include "optim/equations/program.h"

/* What a part of an expression is: a text (the role or a word it is compared with), or a value. */
struct eq_value {
    enum { VALUE_NUMBER, VALUE_TENSOR, VALUE_ROLE, VALUE_WORD } type;
    uint32_t at;        /* the register; of a word the role */
    struct token token; /* where it begins */
};

struct eq_name {
    const char *name;
    struct eq_value value;
    bool constant; /* may not be assigned */
    bool kept;     /* w or a state: assigning it writes there */
    bool assigned;
    bool read;
};

/* Operations and numbers that the text may have, all in all. */
enum { EQ_LARGEST = 4096 };

struct eq_parser {
    struct arena *arena;
    char *text; /* comments and ends of lines blanked out within a statement */
    const struct eq_names *known;
    struct expr_error *err;
    struct token token; /* the next one */
    size_t end;         /* of the statement */
    struct eq_program *p;
    size_t op_room, number_room, names;
    struct eq_name *name;
    size_t state_first; /* of the names */
    struct token
        too_large; /* a number that meets a tensor and that no float holds; no length: none */
    unsigned depth;
};

/* ---- what is wrong, in words ---- */

/* Sets the error at this token; false. */
bool eq_fail(struct eq_parser *q, const struct token *t, const char *suggestion,
             const char *message);
/* The token as a message shows it. */
const char *eq_shown(const struct eq_parser *q, const struct token *t);
/* Whether the token is this name. */
bool eq_is_name(const struct eq_parser *q, const struct token *t, const char *name);
/* Says that there is no such name, or function, and what may be meant; false. */
bool eq_unknown(struct eq_parser *q, const struct token *t, bool function);

/* ---- operations ---- */

/* A number register that begins with this value. */
uint32_t eq_add_number(struct eq_parser *q, double value);
/* The register that a value lies in. */
struct eq_operand eq_operand_of(const struct eq_value *v);
/* f of up to three values: a number where all are, or where f is a reduction; else a tensor. */
struct eq_value eq_apply(struct eq_parser *q, const struct eq_function *f,
                         const struct eq_value *v);
/* Whether an operator, or a function, can take the value: a text it cannot. */
bool eq_takes_value(struct eq_parser *q, const struct eq_value *v, const struct token *op);
/* A number that stands in the text. */
struct eq_value eq_number(struct eq_parser *q, double x, const struct token *t);

/* ---- names ---- */

/* The names that there are before the first line; room: of the list. */
void eq_begin_names(struct eq_parser *q, size_t *room);
/* One more. */
struct eq_name *eq_add_name(struct eq_parser *q, size_t *room, const char *name, struct eq_value v,
                            bool constant);
/* The name that the token is, or NULL. */
struct eq_name *eq_find_name(const struct eq_parser *q, const struct token *t);

/* ---- expressions ---- */

/* The next token of the statement. */
bool eq_advance(struct eq_parser *q);
/* Reads one from the next token on, as far as it goes. */
bool eq_expression(struct eq_parser *q, struct eq_value *ret);

#endif
