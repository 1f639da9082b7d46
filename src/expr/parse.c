/* Tokens to a program, by recursive descent: one function a level of precedence. Types are found on
 * the way. */
#include "expr/internal.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct parser {
    struct arena *arena;
    const char *text;
    const struct expr_names *names;
    struct expr_error *err;
    struct token token; /* the next one */
    struct op *op;
    size_t n;
    unsigned depth;
    size_t beside_text; /* where stands what a text is compared with; 0: nowhere */
};

static bool advance(struct parser *p)
{
    return lex(p->text, p->token.offset + p->token.length, false, &p->token, p->err);
}

static struct op *emit(struct parser *p, enum op_code code)
{
    struct op *o = &p->op[p->n++];
    o->code = code;
    return o;
}

/* "'+'", "'epoch'", "a text": what an error calls a token. */
static const char *shown(const struct parser *p, const struct token *t, char ret[48])
{
    if (t->kind == TOKEN_TEXT)
        return "a text";
    snprintf(ret, 48, "'%.*s'", t->length > 40 ? 40 : (int)t->length, p->text + t->offset);
    return ret;
}

static bool fail_at(struct parser *p, const struct token *t, const char *message)
{
    return expr_fail(p->err, t->offset, t->length, NULL, "%s", message);
}

/* ---- types ---- */

/* Null is no type error in arithmetic: it is nan there, which the right side of `and` may have
 * excluded. */
static bool takes(struct parser *p, enum expr_type type, const struct token *op)
{
    char name[48];
    return type != EXPR_TEXT ||
           expr_fail(p->err, op->offset, op->length, NULL,
                     "%s takes no text: a text is compared by == or !=", shown(p, op, name));
}

static bool emit_comparison(struct parser *p, const struct token *op, enum expr_type left,
                            enum expr_type right, bool joins)
{
    bool equality = op->kind == TOKEN_EQUAL || op->kind == TOKEN_NOT_EQUAL;
    bool null = left == EXPR_NULL || right == EXPR_NULL;
    if (!equality && (!takes(p, left, op) || !takes(p, right, op)))
        return false;
    if (left != right && !null)
        return fail_at(p, op, EXPR_NUMBER_IS_NO_TEXT);
    bool constant = equality && null, text = equality && left == EXPR_TEXT;
    bool wants_same = op->kind == TOKEN_EQUAL;
    struct op *o = emit(p, constant ? OP_CONSTANT
                           : text   ? (wants_same ? OP_SAME_TEXT : OP_OTHER_TEXT)
                                    : OP_COMPARE);
    if (constant)
        o->u.number = (left == right) == wants_same;
    else
        o->u.binary = expr_infix[op->kind].function;
    o->joins = joins;
    o->keeps = expr_infix[p->token.kind].level == LEVEL_COMPARISON;
    return true;
}

/* ---- what is not there ---- */

static bool is_name(const struct parser *p, const struct token *t, const char *name)
{
    return strlen(name) == t->length && memcmp(p->text + t->offset, name, t->length) == 0;
}

static const struct function *find_function(const struct parser *p, const struct token *t)
{
    for (const struct function *f = expr_functions; f->name; f++)
        if (is_name(p, t, f->name))
            return f;
    return NULL;
}

static bool find_name(const struct parser *p, const struct token *t, size_t *ret)
{
    for (size_t i = 0; i < p->names->n; i++)
        if (is_name(p, t, p->names->v[i].name)) {
            *ret = i;
            return true;
        }
    return false;
}

bool expr_is_own(const char *name)
{
    for (const struct lex_word *w = lex_words; w->word; w++)
        if (strcmp(w->word, name) == 0)
            return true;
    for (const struct function *f = expr_functions; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return true;
    return false;
}

/* The nearest of all names; where there is none, the first few, which are the caller's or
 * functions, are given. */
static bool unknown(struct parser *p, const struct token *t, const char *noun,
                    const char *const *names, size_t all, size_t first)
{
    const char *wrong = arena_strndup(p->arena, p->text + t->offset, t->length);
    const char *near = p->names->suggest ? p->names->suggest(wrong, names, all) : NULL;
    const char *hint = near ? arena_printf(p->arena, "did you mean '%s'?", near) : NULL;
    if (!near && first > 0 && first <= 12) {
        hint = first == 1 ? "there is" : "there are";
        for (size_t i = 0; i < first; i++)
            hint = arena_printf(p->arena, "%s %s", hint, names[i]);
    }
    return expr_fail(p->err, t->offset, t->length, hint, "unknown %s '%.60s'", noun, wrong);
}

static bool unknown_function(struct parser *p, const struct token *t)
{
    const char *names[16];
    size_t n = 0, ignored;
    char name[48];
    if (find_name(p, t, &ignored))
        return expr_fail(p->err, t->offset, t->length, NULL, "%s is no function",
                         shown(p, t, name));
    for (; n < 16 && expr_functions[n].name; n++)
        names[n] = expr_functions[n].name;
    return unknown(p, t, "function", names, n, n);
}

static bool unknown_name(struct parser *p, const struct token *t)
{
    const struct function *f = find_function(p, t);
    if (f)
        return expr_fail(p->err, t->offset, t->length, NULL, EXPR_NO_ARGUMENTS, f->name);
    if (p->beside_text > 0 && p->beside_text == t->offset)
        return expr_fail(p->err, t->offset, t->length,
                         arena_printf(p->arena, "a text stands in quotes: '%.*s'", (int)t->length,
                                      p->text + t->offset),
                         "unknown name '%.*s'", t->length > 60 ? 60 : (int)t->length,
                         p->text + t->offset);
    size_t own = p->names->n, n = own;
    while (lex_words[n - own].word)
        n++;
    const char **names = arena_alloc(p->arena, n * sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = i < own ? p->names->v[i].name : lex_words[i - own].word;
    return unknown(p, t, "name", names, n, own);
}

/* ---- values ---- */

static bool expression(struct parser *p, enum expr_type *ret);
static bool unary(struct parser *p, enum expr_type *ret);

static bool wrong_count(struct parser *p, const struct token *name, const struct function *f,
                        unsigned n)
{
    unsigned want = f->unary ? 1 : f->binary ? 2 : 3;
    return expr_fail(p->err, name->offset, name->length, NULL, "'%s' takes %s%u argument%s, not %u",
                     f->name, f->binary ? "at least " : "", want, want == 1 ? "" : "s", n);
}

/* At the ')' that ends what `open` began. */
static bool close(struct parser *p, const struct token *open)
{
    char name[48];
    if (p->token.kind == TOKEN_CLOSE)
        return advance(p);
    if (p->token.kind == TOKEN_END)
        return fail_at(p, open, EXPR_NOT_CLOSED);
    return expr_fail(p->err, p->token.offset, p->token.length, NULL, EXPR_NO_OPERATOR_OR_CLOSE,
                     shown(p, &p->token, name));
}

static bool finish_call(struct parser *p, const struct token *name, const struct function *f,
                        const enum expr_type type[3], unsigned n, enum expr_type *ret)
{
    *ret = EXPR_NUMBER;
    if (n != (f->unary ? 1 : f->binary ? (n < 2 ? 2 : n) : 3))
        return wrong_count(p, name, f, n);
    if (f->unary)
        emit(p, OP_UNARY)->u.unary = f->unary;
    if (f->unary || f->binary)
        return true;
    emit(p, OP_IF);
    if ((type[1] == EXPR_TEXT) != (type[2] == EXPR_TEXT))
        return fail_at(p, name, "the two results of 'if' must be both numbers or both texts");
    *ret = type[1] == type[2] ? type[1] : EXPR_NUMBER;
    return true;
}

/* f(a, b, ...): a function of two is applied as its arguments come, so that any number of them
 * needs two places. */
static bool call(struct parser *p, const struct token *name, enum expr_type *ret)
{
    struct token open = p->token;
    const struct function *f = find_function(p, name);
    enum expr_type type[3] = {EXPR_NUMBER, EXPR_NUMBER, EXPR_NUMBER}, argument;
    unsigned n = 0;
    if (!f)
        return unknown_function(p, name);
    if (!advance(p))
        return false;
    for (bool more = p->token.kind != TOKEN_CLOSE; more; n++) {
        if (!expression(p, &argument))
            return false;
        if ((f->unary || f->binary || n == 0) && !takes(p, argument, name))
            return false;
        if (f->binary && n > 0)
            emit(p, OP_BINARY)->u.binary = f->binary;
        if (n < 3)
            type[n] = argument;
        more = p->token.kind == TOKEN_COMMA;
        if (more && !advance(p))
            return false;
    }
    return close(p, &open) && finish_call(p, name, f, type, n, ret);
}

static bool value_of_name(struct parser *p, enum expr_type *ret)
{
    struct token name = p->token;
    size_t i;
    if (!advance(p))
        return false;
    if (p->token.kind == TOKEN_OPEN)
        return call(p, &name, ret);
    if (!find_name(p, &name, &i))
        return unknown_name(p, &name);
    *ret = p->names->v[i].type;
    if (*ret == EXPR_NULL)
        emit(p, OP_NUMBER)->u.number = (double)NAN;
    else
        emit(p, OP_NAME)->u.name = i;
    return true;
}

static bool no_value(struct parser *p)
{
    char name[48];
    const struct token *t = &p->token;
    if (t->kind == TOKEN_END && strspn(p->text, " \t\r\n") == t->offset)
        return fail_at(p, t, "the expression is empty");
    if (t->kind == TOKEN_END)
        return fail_at(p, t, "the expression ends where a value is expected");
    return expr_fail(p->err, t->offset, t->length, NULL, EXPR_NO_VALUE, shown(p, t, name));
}

static bool primary(struct parser *p, enum expr_type *ret)
{
    struct token t = p->token;
    *ret = EXPR_NUMBER;
    switch ((int)t.kind) {
    case TOKEN_NUMBER:
        emit(p, OP_NUMBER)->u.number = t.number;
        return advance(p);
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        emit(p, OP_NUMBER)->u.number = t.kind == TOKEN_TRUE;
        return advance(p);
    case TOKEN_NULL:
        *ret = EXPR_NULL;
        emit(p, OP_NUMBER)->u.number = (double)NAN;
        return advance(p);
    case TOKEN_TEXT:
        *ret = EXPR_TEXT;
        emit(p, OP_TEXT)->u.text = arena_strndup(p->arena, p->text + t.offset + 1, t.length - 2);
        return advance(p);
    case TOKEN_NAME:
        return value_of_name(p, ret);
    case TOKEN_OPEN:
        return advance(p) && expression(p, ret) && close(p, &t);
    default:
        return no_value(p);
    }
}

/* ---- operators, the tightest first ---- */

/* a ** b: tighter than a sign on its left, looser than one on its right; from the right. */
static bool power(struct parser *p, enum expr_type *ret)
{
    enum expr_type right = EXPR_NUMBER;
    if (!primary(p, ret))
        return false;
    struct token op = p->token;
    if (op.kind != TOKEN_POWER)
        return true;
    if (!takes(p, *ret, &op) || !advance(p) || !unary(p, &right) || !takes(p, right, &op))
        return false;
    *ret = EXPR_NUMBER;
    emit(p, OP_BINARY)->u.binary = expr_infix[op.kind].function;
    return true;
}

/* Every way into a deeper level leads through here: a bracket, an argument, an exponent. */
static bool unary(struct parser *p, enum expr_type *ret)
{
    struct token sign = p->token;
    size_t minuses = 0;
    if (p->depth == EXPR_MAX_DEPTH)
        return expr_fail(p->err, sign.offset, sign.length, NULL, EXPR_TOO_DEEP, EXPR_MAX_DEPTH);
    p->depth++;
    while (p->token.kind == TOKEN_MINUS || p->token.kind == TOKEN_PLUS) {
        minuses += p->token.kind == TOKEN_MINUS;
        if (!advance(p))
            return false;
    }
    bool is_signed = sign.offset != p->token.offset;
    if (!power(p, ret) || (is_signed && !takes(p, *ret, &sign)))
        return false;
    *ret = is_signed ? EXPR_NUMBER : *ret;
    for (; minuses > 0; minuses--)
        emit(p, OP_UNARY)->u.unary = expr_negate;
    p->depth--;
    return true;
}

static bool from_the_left(struct parser *p, enum level level,
                          bool (*operand)(struct parser *, enum expr_type *), enum expr_type *ret)
{
    enum expr_type right;
    if (!operand(p, ret))
        return false;
    while (expr_infix[p->token.kind].level == level) {
        struct token op = p->token;
        if (!takes(p, *ret, &op) || !advance(p) || !operand(p, &right) || !takes(p, right, &op))
            return false;
        *ret = EXPR_NUMBER;
        emit(p, OP_BINARY)->u.binary = expr_infix[op.kind].function;
    }
    return true;
}

static bool product(struct parser *p, enum expr_type *ret)
{
    return from_the_left(p, LEVEL_PRODUCT, unary, ret);
}

static bool sum(struct parser *p, enum expr_type *ret)
{
    return from_the_left(p, LEVEL_SUM, product, ret);
}

static bool comparison(struct parser *p, enum expr_type *ret)
{
    enum expr_type right;
    if (!sum(p, ret))
        return false;
    bool joins = false;
    for (enum expr_type left = *ret; expr_infix[p->token.kind].level == LEVEL_COMPARISON;
         left = right) {
        struct token op = p->token;
        if (!advance(p))
            return false;
        p->beside_text = left == EXPR_NUMBER ? 0 : p->token.offset;
        if (!sum(p, &right) || !emit_comparison(p, &op, left, right, joins))
            return false;
        p->beside_text = 0;
        joins = true;
        *ret = EXPR_NUMBER;
    }
    return true;
}

static bool negation(struct parser *p, enum expr_type *ret)
{
    struct token op = p->token;
    size_t nots = 0;
    for (; p->token.kind == TOKEN_NOT; nots++)
        if (!advance(p))
            return false;
    if (!comparison(p, ret))
        return false;
    if (nots > 0 && !takes(p, *ret, &op))
        return false;
    for (size_t i = 0; i < nots; i++)
        emit(p, OP_UNARY)->u.unary = expr_not;
    *ret = nots > 0 ? EXPR_NUMBER : *ret;
    return true;
}

static bool conjunction(struct parser *p, enum expr_type *ret)
{
    return from_the_left(p, LEVEL_AND, negation, ret);
}

static bool expression(struct parser *p, enum expr_type *ret)
{
    return from_the_left(p, LEVEL_OR, conjunction, ret);
}

/* ---- the whole ---- */

static bool check_goal(struct parser *p, enum expr_goal goal, enum expr_type type)
{
    struct token all = {.offset = strspn(p->text, " \t\r\n")};
    all.length = p->token.offset - all.offset;
    while (all.length > 0 && strchr(" \t\r\n", p->text[all.offset + all.length - 1]))
        all.length--;
    if (type == EXPR_TEXT)
        return fail_at(p, &all,
                       goal == EXPR_AS_NUMBER ? "the value is a text, not a number"
                                              : "a text is no condition: compare it by == or !=");
    if (goal == EXPR_AS_NUMBER && type == EXPR_NULL)
        return fail_at(p, &all, "the value is null, not a number");
    for (int i = 0; goal == EXPR_AS_CONDITION && i < 2; i++) /* not not x: 1 or 0 */
        emit(p, OP_UNARY)->u.unary = expr_not;
    return true;
}

static bool whole(struct parser *p, enum expr_goal goal)
{
    enum expr_type type;
    char name[48];
    if (!advance(p) || !expression(p, &type))
        return false;
    if (p->token.kind == TOKEN_CLOSE)
        return fail_at(p, &p->token, EXPR_CLOSES_NOTHING);
    if (p->token.kind != TOKEN_END)
        return expr_fail(p->err, p->token.offset, p->token.length, NULL, EXPR_NO_OPERATOR,
                         shown(p, &p->token, name));
    return check_goal(p, goal, type);
}

struct expr *expr_compile(struct arena *a, const char *text, const struct expr_names *names,
                          enum expr_goal goal, struct expr_error *err)
{
    struct parser p = {.arena = a, .text = text, .names = names, .err = err};
    size_t length = strlen(text);
    if (length > EXPR_MAX_LENGTH) {
        expr_fail(err, EXPR_MAX_LENGTH, length - EXPR_MAX_LENGTH, NULL,
                  "an expression has at most %d bytes", EXPR_MAX_LENGTH);
        return NULL;
    }
    p.op =
        arena_alloc(a, (length + 2) * sizeof *p.op); /* at most one a byte, and two for the goal */
    if (!whole(&p, goal))
        return NULL;
    assert(p.n <= length + 2);
    struct expr *e = arena_alloc(a, sizeof *e);
    *e = (struct expr){.n = p.n, .op = p.op};
    return e;
}
