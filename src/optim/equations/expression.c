/* Expressions of equations, by recursive descent. */
#include "expr/operators.h"
#include "optim/equations/parser.h"
#include <stdio.h>
#include <string.h>

static const char *const roles[] = {"hidden", "output", "bias", "norm"}; /* enum tensor_role */

/* ---- tokens ---- */

bool eq_advance(struct eq_parser *q)
{
    char after = q->text[q->end]; /* a statement ends at its line's end */
    q->text[q->end] = '\0';
    bool ok = lex(q->text, q->token.offset + q->token.length, true, &q->token, q->err);
    q->text[q->end] = after;
    return ok;
}

/* ---- values ---- */

static bool unary(struct eq_parser *q, struct eq_value *ret);

static bool close(struct eq_parser *q, const struct token *open)
{
    if (q->token.kind == TOKEN_CLOSE)
        return eq_advance(q);
    if (q->token.kind == TOKEN_END ||
        memchr(q->text + open->offset, '\n', q->token.offset - open->offset))
        return eq_fail(q, open, NULL, EXPR_NOT_CLOSED);
    return expr_fail(q->err, q->token.offset, q->token.length, NULL, EXPR_NO_OPERATOR_OR_CLOSE,
                     eq_shown(q, &q->token));
}

/* "'max' takes 1 or 2 arguments, not 3" */
static bool wrong_count(struct eq_parser *q, const struct token *t, unsigned n)
{
    const char *counts = NULL;
    bool one = false;
    for (const struct eq_function *f = eq_functions; f->name; f++)
        if (eq_is_name(q, t, f->name)) {
            one = !counts && f->takes == 1;
            counts = counts ? "1 or 2" : arena_printf(q->arena, "%u", f->takes);
        }
    if (!counts)
        return eq_unknown(q, t, true);
    char hint[sizeof q->err->suggestion];
    const char *name = q->text + t->offset;
    const int letters = (int)t->length;
    if (one)
        snprintf(hint, sizeof hint, "it is %.*s(x)", letters, name);
    else if (strcmp(counts, "1 or 2") == 0)
        snprintf(hint, sizeof hint, "%.*s(a, b) is of two, %.*s(x) over a tensor", letters, name,
                 letters, name);
    else
        snprintf(hint, sizeof hint, "it is %.*s(%sa, b)", letters, name,
                 strcmp(counts, "2") == 0 ? "" : "condition, ");
    return expr_fail(q->err, t->offset, t->length, hint, "%s takes %s argument%s, not %u",
                     eq_shown(q, t), counts, one ? "" : "s", n);
}

static bool call(struct eq_parser *q, const struct token *name, struct eq_value *ret)
{
    struct token open = q->token;
    struct eq_value v[3];
    unsigned n = 0;
    if (!eq_advance(q))
        return false;
    for (bool more = q->token.kind != TOKEN_CLOSE; more; n++) {
        struct eq_value argument;
        if (!eq_expression(q, &argument) || !eq_takes_value(q, &argument, name))
            return false;
        if (n < 3)
            v[n] = argument;
        more = q->token.kind == TOKEN_COMMA;
        if (more && !eq_advance(q))
            return false;
    }
    if (!close(q, &open))
        return false;
    const struct eq_function *f = eq_function_find(q->text + name->offset, name->length, n);
    if (!f)
        return wrong_count(q, name, n);
    *ret = eq_apply(q, f, v);
    ret->token = *name;
    return true;
}

static bool value_of_name(struct eq_parser *q, struct eq_value *ret)
{
    struct token name = q->token;
    if (!eq_advance(q))
        return false;
    if (q->token.kind == TOKEN_OPEN)
        return call(q, &name, ret);
    struct eq_name *n = eq_find_name(q, &name);
    if (!n) {
        for (const struct eq_function *f = eq_functions; f->name; f++)
            if (eq_is_name(q, &name, f->name))
                return expr_fail(q->err, name.offset, name.length, NULL, EXPR_NO_ARGUMENTS,
                                 f->name);
        return eq_unknown(q, &name, false);
    }
    n->read = true;
    *ret = n->value;
    ret->token = name;
    return true;
}

/* 'hidden': only what the role can be. */
static bool word(struct eq_parser *q, struct eq_value *ret)
{
    struct token t = q->token;
    for (uint32_t i = 0; i < 4; i++)
        if (strlen(roles[i]) + 2 == t.length &&
            memcmp(q->text + t.offset + 1, roles[i], t.length - 2) == 0) {
            *ret = (struct eq_value){.type = VALUE_WORD, .at = i, .token = t};
            return eq_advance(q);
        }
    return expr_fail(q->err, t.offset, t.length, NULL,
                     "%s is no role: there are 'hidden', 'output', 'bias' and 'norm'",
                     eq_shown(q, &t));
}

static bool primary(struct eq_parser *q, struct eq_value *ret)
{
    struct token t = q->token;
    switch ((int)t.kind) {
    case TOKEN_NUMBER:
        *ret = eq_number(q, t.number, &t);
        return eq_advance(q);
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        *ret = eq_number(q, t.kind == TOKEN_TRUE, &t);
        return eq_advance(q);
    case TOKEN_TEXT:
        return word(q, ret);
    case TOKEN_NAME:
        return value_of_name(q, ret);
    case TOKEN_OPEN:
        return eq_advance(q) && eq_expression(q, ret) && close(q, &t);
    case TOKEN_END:
        return eq_fail(q, &t, NULL, "the line ends where a value is expected");
    default:
        return expr_fail(q->err, t.offset, t.length, NULL, EXPR_NO_VALUE, eq_shown(q, &t));
    }
}

/* ---- operators, the tightest first ---- */

/* A whole exponent of 2, 3 or 4 is that many factors: x^2 is x x, rounded once. */
static const struct eq_function *power_of(const struct eq_parser *q,
                                          const struct eq_value *exponent, size_t numbers_before)
{
    if (exponent->type != VALUE_NUMBER || exponent->at < numbers_before ||
        exponent->token.kind != TOKEN_NUMBER || q->p->numbers != exponent->at + 1)
        return NULL;
    double e = q->p->number[exponent->at];
    return e == 2   ? eq_operator("**2")
           : e == 3 ? eq_operator("**3")
           : e == 4 ? eq_operator("**4")
                    : NULL;
}

/* a ^ b: tighter than a sign on its left, looser than one on its right; from the right. */
static bool power(struct eq_parser *q, struct eq_value *ret)
{
    struct eq_value v[2];
    if (!primary(q, ret))
        return false;
    struct token op = q->token;
    if (op.kind != TOKEN_POWER)
        return true;
    size_t before = q->p->numbers;
    v[0] = *ret;
    if (!eq_takes_value(q, &v[0], &op) || !eq_advance(q) || !unary(q, &v[1]) ||
        !eq_takes_value(q, &v[1], &op))
        return false;
    const struct eq_function *whole = power_of(q, &v[1], before);
    *ret = eq_apply(q, whole && v[0].type == VALUE_TENSOR ? whole : eq_operator("**"), v);
    return true;
}

/* Every way into a deeper level leads through here: a bracket, an argument, an exponent. */
static bool unary(struct eq_parser *q, struct eq_value *ret)
{
    struct token sign = q->token;
    size_t minuses = 0;
    if (q->depth == EXPR_MAX_DEPTH)
        return expr_fail(q->err, sign.offset, sign.length, NULL, EXPR_TOO_DEEP, EXPR_MAX_DEPTH);
    q->depth++;
    while (q->token.kind == TOKEN_MINUS || q->token.kind == TOKEN_PLUS) {
        minuses += q->token.kind == TOKEN_MINUS;
        if (!eq_advance(q))
            return false;
    }
    bool is_signed = sign.offset != q->token.offset;
    if (!power(q, ret) || (is_signed && !eq_takes_value(q, ret, &sign)))
        return false;
    for (; minuses > 0; minuses--)
        *ret = eq_apply(q, eq_operator("-1"), ret);
    q->depth--;
    return true;
}

static const char *sign_of(enum token_kind kind)
{
    switch ((int)kind) {
    case TOKEN_PLUS:
        return "+";
    case TOKEN_MINUS:
        return "-";
    case TOKEN_TIMES:
        return "*";
    case TOKEN_DIVIDE:
        return "/";
    case TOKEN_FLOOR_DIVIDE:
        return "//";
    case TOKEN_MODULO:
        return "%";
    case TOKEN_LESS:
        return "<";
    case TOKEN_LESS_EQUAL:
        return "<=";
    case TOKEN_GREATER:
        return ">";
    case TOKEN_GREATER_EQUAL:
        return ">=";
    case TOKEN_EQUAL:
        return "==";
    case TOKEN_NOT_EQUAL:
        return "!=";
    case TOKEN_AND:
        return "and";
    default:
        return "or";
    }
}

/* A tensor divided by a number is multiplied by what contains no tensor, 1 / number: that is taken
 * in double and rounded once. */
static struct eq_value times_reciprocal(struct eq_parser *q, const struct eq_value *v)
{
    struct eq_value part[2] = {eq_number(q, 1, &v[1].token), v[1]}, product[2] = {v[0]};
    product[1] = eq_apply(q, eq_operator("/"), part);
    return eq_apply(q, eq_operator("*"), product);
}

static bool from_the_left(struct eq_parser *q, enum level level,
                          bool (*next)(struct eq_parser *, struct eq_value *), struct eq_value *ret)
{
    struct eq_value v[2];
    if (!next(q, ret))
        return false;
    while (expr_infix[q->token.kind].level == level) {
        struct token op = q->token;
        v[0] = *ret;
        if (!eq_takes_value(q, &v[0], &op) || !eq_advance(q) || !next(q, &v[1]) ||
            !eq_takes_value(q, &v[1], &op))
            return false;
        *ret = op.kind == TOKEN_DIVIDE && v[0].type == VALUE_TENSOR && v[1].type == VALUE_NUMBER
                   ? times_reciprocal(q, v)
                   : eq_apply(q, eq_operator(sign_of(op.kind)), v);
    }
    return true;
}

static bool product(struct eq_parser *q, struct eq_value *ret)
{
    return from_the_left(q, LEVEL_PRODUCT, unary, ret);
}

static bool sum(struct eq_parser *q, struct eq_value *ret)
{
    return from_the_left(q, LEVEL_SUM, product, ret);
}

/* The role's number, or a word's; the two are compared as numbers. */
static void as_number(struct eq_parser *q, struct eq_value *v)
{
    if (v->type == VALUE_WORD)
        v->at = eq_add_number(q, (double)v->at);
    v->type = VALUE_NUMBER;
}

static bool compare(struct eq_parser *q, const struct token *op, struct eq_value *v,
                    struct eq_value *ret)
{
    bool left = v[0].type >= VALUE_ROLE, right = v[1].type >= VALUE_ROLE;
    if ((left || right) && op->kind != TOKEN_EQUAL && op->kind != TOKEN_NOT_EQUAL)
        return eq_takes_value(q, left ? &v[0] : &v[1], op);
    if (left != right)
        return eq_fail(q, op, NULL, EXPR_NUMBER_IS_NO_TEXT);
    for (int i = 0; left && i < 2; i++)
        as_number(q, &v[i]);
    *ret = eq_apply(q, eq_operator(sign_of(op->kind)), v);
    return true;
}

/* 0 < x < 1 is 0 < x and x < 1. */
static bool comparison(struct eq_parser *q, struct eq_value *ret)
{
    struct eq_value v[2], link, both[2];
    if (!sum(q, &v[0]))
        return false;
    *ret = v[0];
    for (bool first = true; expr_infix[q->token.kind].level == LEVEL_COMPARISON; first = false) {
        struct token op = q->token;
        if (!eq_advance(q) || !sum(q, &v[1]))
            return false;
        struct eq_value next = v[1];
        if (!compare(q, &op, v, &link))
            return false;
        both[0] = *ret;
        both[1] = link;
        *ret = first ? link : eq_apply(q, eq_operator("and"), both);
        v[0] = next;
    }
    return true;
}

static bool negation(struct eq_parser *q, struct eq_value *ret)
{
    struct token op = q->token;
    size_t nots = 0;
    for (; q->token.kind == TOKEN_NOT; nots++)
        if (!eq_advance(q))
            return false;
    if (!comparison(q, ret) || (nots > 0 && !eq_takes_value(q, ret, &op)))
        return false;
    for (; nots > 0; nots--)
        *ret = eq_apply(q, eq_operator("not"), ret);
    return true;
}

static bool conjunction(struct eq_parser *q, struct eq_value *ret)
{
    return from_the_left(q, LEVEL_AND, negation, ret);
}

bool eq_expression(struct eq_parser *q, struct eq_value *ret)
{
    return from_the_left(q, LEVEL_OR, conjunction, ret);
}
