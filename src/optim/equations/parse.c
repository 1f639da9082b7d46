/* Equations to operations, by recursive descent: a line `name = expression` after another. */
#include "expr/lex.h"
#include "expr/operators.h"
#include "optim/equations/program.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What a part of an expression is: a text (the role or a word it is compared with), or a value. */
struct value {
    enum { NUMBER, TENSOR, ROLE, WORD } type;
    uint32_t at;        /* the register; of a word the role */
    struct token token; /* where it begins */
};

struct name {
    const char *name;
    struct value value;
    bool constant; /* may not be assigned */
    bool kept;     /* w or a state: assigning it writes there */
    bool assigned;
};

struct parser {
    struct arena *arena;
    char *text; /* comments and ends of lines blanked out within a statement */
    const struct eq_names *known;
    struct expr_error *err;
    struct token token; /* the next one */
    size_t end;         /* of the statement */
    struct eq_program *p;
    size_t op_room, number_room, names;
    struct name *name;
    size_t state_first; /* of the names */
    unsigned depth;
    bool owned; /* the last operation's result is a temporary that nothing else names */
};

static const struct {
    const char *name;
    uint32_t at;
} given[] = {{"lr", EQ_LR},
             {"momentum", EQ_MOMENTUM},
             {"weight_decay", EQ_WEIGHT_DECAY},
             {"t", EQ_T},
             {"rows", EQ_ROWS},
             {"cols", EQ_COLS},
             {"role", EQ_ROLE},
             {"pi", EQ_PI}};
static const char *const roles[] = {"hidden", "output", "bias", "norm"}; /* enum tensor_role */
static const char *const words[] = {"and", "or", "not", "true", "false", "null"};
enum { GIVEN = sizeof given / sizeof given[0], WORDS = sizeof words / sizeof words[0] };

const char *eq_taken(const char *name)
{
    for (size_t i = 0; i < GIVEN; i++)
        if (strcmp(given[i].name, name) == 0)
            return "is one of the language's own names: take another";
    if (strcmp(name, "w") == 0 || strcmp(name, "g") == 0)
        return "is one of the language's own names: take another";
    for (size_t i = 0; i < WORDS; i++)
        if (strcmp(words[i], name) == 0)
            return "is a word of the language: take another name";
    for (const struct eq_function *f = eq_functions; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return "is a function: take another name";
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (name[0] == '\0' || name[n] != '\0' || (name[0] >= '0' && name[0] <= '9'))
        return "is no name: letters, digits and _, a letter first";
    return NULL;
}

/* ---- errors ---- */

static bool fail(struct parser *q, const struct token *t, const char *suggestion,
                 const char *message)
{
    return expr_fail(q->err, t->offset, t->length, suggestion, "%s", message);
}

static const char *shown(const struct parser *q, const struct token *t)
{
    if (t->kind == TOKEN_END)
        return "the end of the line";
    if (t->kind == TOKEN_TEXT) { /* of any bytes: a message has plain ones, and few */
        char *text = arena_strndup(q->arena, q->text + t->offset, t->length <= 40 ? t->length : 40);
        for (char *c = text; *c; c++)
            *c = *c < ' ' || *c > '~' ? '?' : *c;
        return t->length <= 40 ? text : arena_printf(q->arena, "%s...'", text);
    }
    return arena_printf(q->arena, "'%.*s'", t->length > 40 ? 40 : (int)t->length,
                        q->text + t->offset);
}

static bool is_name(const struct parser *q, const struct token *t, const char *name)
{
    return strlen(name) == t->length && memcmp(q->text + t->offset, name, t->length) == 0;
}

/* What other languages call it, and how it is written here. */
static const struct {
    const char *name, *here;
} elsewhere[] = {{"where", "a choice is if(condition, a, b)"},
                 {"clip", "limits are min(max(x, low), high)"},
                 {"clamp", "limits are min(max(x, low), high)"},
                 {"square", "a square is x^2"},
                 {"rsqrt", "it is 1 / sqrt(x)"},
                 {"maximum", "it is max(a, b)"},
                 {"minimum", "it is min(a, b)"},
                 {"epoch", "updates are counted by t, from 1"},
                 {"step", "updates are counted by t, from 1"},
                 {"i", "updates are counted by t, from 1"},
                 {"k", "updates are counted by t, from 1"},
                 {"grad", "the gradient is g"},
                 {"gradient", "the gradient is g"},
                 {"param", "the weights are w"},
                 {"params", "the weights are w"},
                 {"theta", "the weights are w"},
                 {"p", "the weights are w"},
                 {"eta", "the learning rate is lr"},
                 {"wd", "it is weight_decay"},
                 {"var", "it is mean(x^2) - mean(x)^2"},
                 {"std", "it is sqrt(mean(x^2) - mean(x)^2)"},
                 {"numel", "it is rows * cols"},
                 {"size", "it is rows * cols"},
                 {"ln", "the natural logarithm is log(x)"},
                 {"else", "a choice is if(condition, a, b)"},
                 {"hidden", "roles stand in quotes: 'hidden'"},
                 {"output", "roles stand in quotes: 'output'"},
                 {"bias", "roles stand in quotes: 'bias'"},
                 {"norm", "roles stand in quotes: 'norm'"}};

static const char *hint_of(const struct parser *q, const struct token *t)
{
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (is_name(q, t, elsewhere[i].name))
            return elsewhere[i].here;
    return NULL;
}

/* "optimizer.lr" where lr is known; x.abs() where abs is a function. */
static const char *hint_of_dotted(struct parser *q, const char *const *names, size_t n,
                                  const char *wrong, bool function)
{
    const char *dot = strrchr(wrong, '.');
    for (size_t i = 0; dot && i < n; i++)
        if (strcmp(names[i], dot + 1) == 0)
            return function ? arena_printf(q->arena, "did you mean '%s(%.*s)'?", dot + 1,
                                           (int)(dot - wrong), wrong)
                            : arena_printf(q->arena, "did you mean '%s'?", dot + 1);
    return !dot       ? NULL
           : function ? "a function stands before its argument: sqrt(g)"
                      : "names have no dots here";
}

static bool unknown(struct parser *q, const struct token *t, bool function)
{
    const char *names[64 + 32];
    size_t n = 0;
    for (size_t i = 0; !function && i < q->names && n < 64; i++)
        names[n++] = q->name[i].name;
    for (const struct eq_function *f = eq_functions; f->name && n < 64 + 32; f++)
        names[n++] = f->name;
    const char *wrong = arena_strndup(q->arena, q->text + t->offset, t->length);
    const char *near = q->known->suggest ? q->known->suggest(wrong, names, n) : NULL;
    const char *dotted = hint_of_dotted(q, names, n, wrong, function);
    const char *hint = hint_of(q, t) ? hint_of(q, t)
                       : dotted      ? dotted
                       : near        ? arena_printf(q->arena, "did you mean '%s'?", near)
                       : function    ? "'descent list optimizer equations' names those there are"
                                     : "constants stand under 'with', what is kept under 'state'";
    return expr_fail(q->err, t->offset, t->length, hint, "unknown %s '%.60s'",
                     function ? "function" : "name", wrong);
}

/* ---- tokens ---- */

static bool advance(struct parser *q)
{
    char after = q->text[q->end]; /* a statement ends at its line's end */
    q->text[q->end] = '\0';
    bool ok = lex(q->text, q->token.offset + q->token.length, true, &q->token, q->err);
    q->text[q->end] = after;
    return ok;
}

/* ---- operations ---- */

static uint32_t add_number(struct parser *q, double value)
{
    struct eq_program *p = q->p;
    p->number = arena_room(q->arena, p->number, p->numbers, &q->number_room, sizeof *p->number);
    p->number[p->numbers] = value;
    return (uint32_t)p->numbers++;
}

static struct eq_operand operand(const struct value *v)
{
    return (struct eq_operand){v->type == TENSOR, v->at};
}

/* f of up to three values: a number where all are, or where f is a reduction; else a tensor. */
static struct value apply(struct parser *q, const struct eq_function *f, const struct value *v)
{
    struct eq_program *p = q->p;
    bool tensor = false;
    p->op = arena_room(q->arena, p->op, p->ops, &q->op_room, sizeof *p->op);
    struct eq_op *o = &p->op[p->ops++];
    *o = (struct eq_op){.function = f, .takes = f->takes};
    for (unsigned i = 0; i < f->takes; i++) {
        o->in[i] = operand(&v[i]);
        tensor |= v[i].type == TENSOR;
    }
    struct value ret = {.type = tensor && !f->reduce ? TENSOR : NUMBER, .token = v[0].token};
    ret.at = ret.type == TENSOR ? (uint32_t)p->tensors++ : add_number(q, 0);
    o->out = operand(&ret);
    return ret;
}

static bool takes_value(struct parser *q, const struct value *v, const struct token *op)
{
    return v->type == NUMBER || v->type == TENSOR ||
           expr_fail(q->err, op->offset, op->length, NULL,
                     "%s takes no text: the role is compared by == or !=", shown(q, op));
}

static struct value number(struct parser *q, double x, const struct token *t)
{
    return (struct value){.type = NUMBER, .at = add_number(q, x), .token = *t};
}

/* ---- values ---- */

static bool expression(struct parser *q, struct value *ret);
static bool unary(struct parser *q, struct value *ret);

static bool close(struct parser *q, const struct token *open)
{
    if (q->token.kind == TOKEN_CLOSE)
        return advance(q);
    if (q->token.kind == TOKEN_END ||
        memchr(q->text + open->offset, '\n', q->token.offset - open->offset))
        return fail(q, open, NULL, "this '(' is not closed");
    return expr_fail(q->err, q->token.offset, q->token.length, NULL,
                     "an operator or ')' is expected here, not %s", shown(q, &q->token));
}

/* "'max' takes 1 or 2 arguments, not 3" */
static bool wrong_count(struct parser *q, const struct token *t, unsigned n)
{
    const char *counts = NULL;
    bool one = false;
    for (const struct eq_function *f = eq_functions; f->name; f++)
        if (is_name(q, t, f->name)) {
            one = !counts && f->takes == 1;
            counts = counts ? "1 or 2" : arena_printf(q->arena, "%u", f->takes);
        }
    if (!counts)
        return unknown(q, t, true);
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
                     shown(q, t), counts, one ? "" : "s", n);
}

static bool call(struct parser *q, const struct token *name, struct value *ret)
{
    struct token open = q->token;
    struct value v[3];
    unsigned n = 0;
    if (!advance(q))
        return false;
    for (bool more = q->token.kind != TOKEN_CLOSE; more; n++) {
        struct value argument;
        if (!expression(q, &argument) || !takes_value(q, &argument, name))
            return false;
        if (n < 3)
            v[n] = argument;
        more = q->token.kind == TOKEN_COMMA;
        if (more && !advance(q))
            return false;
    }
    if (!close(q, &open))
        return false;
    const struct eq_function *f = eq_function_find(q->text + name->offset, name->length, n);
    if (!f)
        return wrong_count(q, name, n);
    *ret = apply(q, f, v);
    ret->token = *name;
    return true;
}

static struct name *find(const struct parser *q, const struct token *t)
{
    for (size_t i = 0; i < q->names; i++)
        if (is_name(q, t, q->name[i].name))
            return &q->name[i];
    return NULL;
}

static bool value_of_name(struct parser *q, struct value *ret)
{
    struct token name = q->token;
    if (!advance(q))
        return false;
    if (q->token.kind == TOKEN_OPEN)
        return call(q, &name, ret);
    const struct name *n = find(q, &name);
    if (!n) {
        for (const struct eq_function *f = eq_functions; f->name; f++)
            if (is_name(q, &name, f->name))
                return expr_fail(q->err, name.offset, name.length, NULL,
                                 "'%s' is a function: its arguments are missing", f->name);
        return unknown(q, &name, false);
    }
    *ret = n->value;
    ret->token = name;
    return true;
}

/* 'hidden': only what the role can be. */
static bool word(struct parser *q, struct value *ret)
{
    struct token t = q->token;
    for (uint32_t i = 0; i < 4; i++)
        if (strlen(roles[i]) + 2 == t.length &&
            memcmp(q->text + t.offset + 1, roles[i], t.length - 2) == 0) {
            *ret = (struct value){.type = WORD, .at = i, .token = t};
            return advance(q);
        }
    return expr_fail(q->err, t.offset, t.length, NULL,
                     "%s is no role: there are 'hidden', 'output', 'bias' and 'norm'",
                     shown(q, &t));
}

static bool primary(struct parser *q, struct value *ret)
{
    struct token t = q->token;
    switch ((int)t.kind) {
    case TOKEN_NUMBER:
        *ret = number(q, t.number, &t);
        return advance(q);
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        *ret = number(q, t.kind == TOKEN_TRUE, &t);
        return advance(q);
    case TOKEN_TEXT:
        return word(q, ret);
    case TOKEN_NAME:
        return value_of_name(q, ret);
    case TOKEN_OPEN:
        return advance(q) && expression(q, ret) && close(q, &t);
    case TOKEN_END:
        return fail(q, &t, NULL, "the line ends where a value is expected");
    default:
        return expr_fail(q->err, t.offset, t.length, NULL, "a value is expected here, not %s",
                         shown(q, &t));
    }
}

/* ---- operators, the tightest first ---- */

/* A whole exponent of 2, 3 or 4 is that many factors: x^2 is x x, rounded once. */
static const struct eq_function *power_of(const struct parser *q, const struct value *exponent,
                                          size_t numbers_before)
{
    if (exponent->type != NUMBER || exponent->at < numbers_before ||
        exponent->token.kind != TOKEN_NUMBER || q->p->numbers != exponent->at + 1)
        return NULL;
    double e = q->p->number[exponent->at];
    return e == 2   ? eq_operator("**2")
           : e == 3 ? eq_operator("**3")
           : e == 4 ? eq_operator("**4")
                    : NULL;
}

/* a ^ b: tighter than a sign on its left, looser than one on its right; from the right. */
static bool power(struct parser *q, struct value *ret)
{
    struct value v[2];
    if (!primary(q, ret))
        return false;
    struct token op = q->token;
    if (op.kind != TOKEN_POWER)
        return true;
    size_t before = q->p->numbers;
    v[0] = *ret;
    if (!takes_value(q, &v[0], &op) || !advance(q) || !unary(q, &v[1]) ||
        !takes_value(q, &v[1], &op))
        return false;
    const struct eq_function *whole = power_of(q, &v[1], before);
    *ret = apply(q, whole && v[0].type == TENSOR ? whole : eq_operator("**"), v);
    return true;
}

/* Every way into a deeper level leads through here: a bracket, an argument, an exponent. */
static bool unary(struct parser *q, struct value *ret)
{
    struct token sign = q->token;
    size_t minuses = 0;
    if (q->depth == EXPR_MAX_DEPTH)
        return expr_fail(q->err, sign.offset, sign.length, NULL, "nested deeper than %d levels",
                         EXPR_MAX_DEPTH);
    q->depth++;
    while (q->token.kind == TOKEN_MINUS || q->token.kind == TOKEN_PLUS) {
        minuses += q->token.kind == TOKEN_MINUS;
        if (!advance(q))
            return false;
    }
    bool is_signed = sign.offset != q->token.offset;
    if (!power(q, ret) || (is_signed && !takes_value(q, ret, &sign)))
        return false;
    for (; minuses > 0; minuses--)
        *ret = apply(q, eq_operator("-1"), ret);
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
static struct value times_reciprocal(struct parser *q, const struct value *v)
{
    struct value part[2] = {number(q, 1, &v[1].token), v[1]}, product[2] = {v[0]};
    product[1] = apply(q, eq_operator("/"), part);
    return apply(q, eq_operator("*"), product);
}

static bool from_the_left(struct parser *q, enum level level,
                          bool (*next)(struct parser *, struct value *), struct value *ret)
{
    struct value v[2];
    if (!next(q, ret))
        return false;
    while (expr_infix[q->token.kind].level == level) {
        struct token op = q->token;
        v[0] = *ret;
        if (!takes_value(q, &v[0], &op) || !advance(q) || !next(q, &v[1]) ||
            !takes_value(q, &v[1], &op))
            return false;
        *ret = op.kind == TOKEN_DIVIDE && v[0].type == TENSOR && v[1].type == NUMBER
                   ? times_reciprocal(q, v)
                   : apply(q, eq_operator(sign_of(op.kind)), v);
    }
    return true;
}

static bool product(struct parser *q, struct value *ret)
{
    return from_the_left(q, LEVEL_PRODUCT, unary, ret);
}

static bool sum(struct parser *q, struct value *ret)
{
    return from_the_left(q, LEVEL_SUM, product, ret);
}

/* The role's number, or a word's; the two are compared as numbers. */
static void as_number(struct parser *q, struct value *v)
{
    if (v->type == WORD)
        v->at = add_number(q, (double)v->at);
    v->type = NUMBER;
}

static bool compare(struct parser *q, const struct token *op, struct value *v, struct value *ret)
{
    bool left = v[0].type >= ROLE, right = v[1].type >= ROLE;
    if ((left || right) && op->kind != TOKEN_EQUAL && op->kind != TOKEN_NOT_EQUAL)
        return takes_value(q, left ? &v[0] : &v[1], op);
    if (left != right)
        return fail(q, op, NULL, "a number is never equal to a text");
    for (int i = 0; left && i < 2; i++)
        as_number(q, &v[i]);
    *ret = apply(q, eq_operator(sign_of(op->kind)), v);
    return true;
}

/* 0 < x < 1 is 0 < x and x < 1. */
static bool comparison(struct parser *q, struct value *ret)
{
    struct value v[2], link, both[2];
    if (!sum(q, &v[0]))
        return false;
    *ret = v[0];
    for (bool first = true; expr_infix[q->token.kind].level == LEVEL_COMPARISON; first = false) {
        struct token op = q->token;
        if (!advance(q) || !sum(q, &v[1]))
            return false;
        struct value next = v[1];
        if (!compare(q, &op, v, &link))
            return false;
        both[0] = *ret;
        both[1] = link;
        *ret = first ? link : apply(q, eq_operator("and"), both);
        v[0] = next;
    }
    return true;
}

static bool negation(struct parser *q, struct value *ret)
{
    struct token op = q->token;
    size_t nots = 0;
    for (; q->token.kind == TOKEN_NOT; nots++)
        if (!advance(q))
            return false;
    if (!comparison(q, ret) || (nots > 0 && !takes_value(q, ret, &op)))
        return false;
    for (; nots > 0; nots--)
        *ret = apply(q, eq_operator("not"), ret);
    return true;
}

static bool conjunction(struct parser *q, struct value *ret)
{
    return from_the_left(q, LEVEL_AND, negation, ret);
}

static bool expression(struct parser *q, struct value *ret)
{
    return from_the_left(q, LEVEL_OR, conjunction, ret);
}

/* ---- statements ---- */

/* What is named keeps its value when that name is assigned: w or a state gets what an operation
 * made, or a copy. */
static void store(struct parser *q, struct name *n, struct value v, size_t ops_before)
{
    struct eq_op *last = q->p->ops > ops_before ? &q->p->op[q->p->ops - 1] : NULL;
    bool fresh = last && v.type == TENSOR && last->out.is_tensor && last->out.at == v.at;
    if (!fresh && (n->kept || v.type == TENSOR)) {
        v = apply(q, eq_operator("copy"), &v);
        last = &q->p->op[q->p->ops - 1];
    }
    n->assigned = true;
    if (!n->kept) {
        n->value = v;
        return;
    }
    last->out = operand(&n->value);
}

static bool may_assign(struct parser *q, const struct token *t, const struct name *n)
{
    if (n && n->constant)
        return expr_fail(q->err, t->offset, t->length,
                         "give the result a name of its own; what is kept belongs under 'state'",
                         "'%s' is given and cannot be assigned", n->name);
    const char *name = arena_strndup(q->arena, q->text + t->offset, t->length);
    const char *taken = n ? NULL : eq_taken(name);
    return !taken || expr_fail(q->err, t->offset, t->length, NULL, "'%s' %s", name, taken);
}

static struct name *add_name(struct parser *q, size_t *room, const char *name, struct value v,
                             bool constant)
{
    q->name = arena_room(q->arena, q->name, q->names, room, sizeof *q->name);
    q->name[q->names] = (struct name){.name = name, .value = v, .constant = constant};
    return &q->name[q->names++];
}

/* A statement continues over line ends within brackets. Blanks out comments and such line ends. */
static size_t end_of(char *s, size_t from)
{
    size_t open = 0, i = from;
    for (; s[i] && (s[i] != '\n' || open > 0); i++) {
        if (s[i] == '#')
            while (s[i] && s[i] != '\n')
                s[i++] = ' ';
        if (s[i] == '\0' || (s[i] == '\n' && open == 0))
            break;
        open += s[i] == '(';
        open -= s[i] == ')' && open > 0;
    }
    return i;
}

/* "lr g" */
static bool no_operator(struct parser *q, const struct token *t)
{
    const char *is = shown(q, t),
               *hint = is_name(q, t, "if") || is_name(q, t, "else")
                           ? "a choice is if(condition, a, b)"
                       : t->kind == TOKEN_NAME || t->kind == TOKEN_NUMBER || t->kind == TOKEN_OPEN
                           ? "a product is written with '*'"
                           : NULL;
    return expr_fail(q->err, t->offset, t->length, hint, "an operator is expected here, not %s",
                     is);
}

/* "2m = g": an error then. */
static bool begins_with_a_digit(struct parser *q, size_t at)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const char *s = q->text + at;
    size_t n = strspn(s, letters), is = n + strspn(s + n, " \t");
    if (s[0] < '0' || s[0] > '9' || s[is] != '=' || s[is + 1] == '=')
        return false;
    expr_fail(q->err, at, n, NULL, "'%.*s' is no name: a name begins with a letter",
              n > 40 ? 40 : (int)n, s);
    return true;
}

static bool statement(struct parser *q, size_t *names_room)
{
    struct token name, is;
    struct value v;
    size_t before = q->p->ops;
    q->token.offset += strspn(q->text + q->token.offset, " \t\r");
    if (q->token.offset < q->end && q->text[q->token.offset] == '=')
        return expr_fail(q->err, q->token.offset, 1, NULL,
                         "a line is 'name = expression': there is no name before this '='");
    if (begins_with_a_digit(q, q->token.offset) || !advance(q))
        return false;
    name = q->token;
    if (name.kind == TOKEN_END)
        return true;
    if ((name.kind >= TOKEN_TRUE && name.kind <= TOKEN_NULL) ||
        (name.kind >= TOKEN_NOT && name.kind <= TOKEN_AND))
        return expr_fail(q->err, name.offset, name.length, NULL,
                         "'%.*s' is a word of the language: take another name", (int)name.length,
                         q->text + name.offset);
    if (name.kind != TOKEN_NAME || memchr(q->text + name.offset, '.', name.length))
        return fail(q, &name, "such as 'm = beta * m + (1 - beta) * g'",
                    "a line is 'name = expression'");
    is = (struct token){.offset = name.offset + name.length, .length = 1};
    is.offset += strspn(q->text + is.offset, " \t\r");
    if (q->text[is.offset] && strchr("+-*/", q->text[is.offset]) && q->text[is.offset + 1] == '=')
        return expr_fail(
            q->err, is.offset, 2, NULL, "there is no '%.2s': write '%.*s = %.*s %c ...'",
            q->text + is.offset, name.length > 40 ? 40 : (int)name.length, q->text + name.offset,
            name.length > 40 ? 40 : (int)name.length, q->text + name.offset, q->text[is.offset]);
    if (q->text[is.offset] != '=' || q->text[is.offset + 1] == '=')
        return fail(q, &name,
                    q->text[is.offset] == '=' ? "did you mean '=', not '=='?"
                                              : "such as 'w = w - lr * g'",
                    "a line is 'name = expression': there is no '=' after this name");
    struct name *n = find(q, &name);
    if (!may_assign(q, &name, n))
        return false;
    q->token = is;
    if (!advance(q) || !expression(q, &v))
        return false;
    if (q->token.kind == TOKEN_CLOSE)
        return fail(q, &q->token, NULL, "this ')' closes nothing");
    if (q->token.kind != TOKEN_END)
        return no_operator(q, &q->token);
    if (v.type >= ROLE)
        return fail(q, &v.token, NULL, "a text cannot be kept: compare it by == or !=");
    if (!n) {
        const char *text = arena_strndup(q->arena, q->text + name.offset, name.length);
        n = add_name(q, names_room, text, v, false);
    }
    store(q, n, v, before);
    return true;
}

static void begin(struct parser *q, size_t *room)
{
    struct eq_program *p = q->p;
    for (size_t i = 0; i < EQ_GIVEN; i++)
        add_number(q, i == EQ_PI ? 3.14159265358979323846 : 0);
    for (size_t i = 0; i < GIVEN; i++)
        add_name(q, room, given[i].name,
                 (struct value){.type = given[i].at == EQ_ROLE ? ROLE : NUMBER, .at = given[i].at},
                 true);
    for (size_t i = 0; i < q->known->constants; i++)
        add_name(q, room, q->known->constant[i].name,
                 (struct value){.type = NUMBER, .at = add_number(q, q->known->constant[i].value)},
                 true);
    add_name(q, room, "w", (struct value){.type = TENSOR, .at = EQ_W}, false)->kept = true;
    add_name(q, room, "g", (struct value){.type = TENSOR, .at = EQ_G}, false);
    q->state_first = q->names;
    p->states = q->known->states;
    for (size_t i = 0; i < p->states; i++)
        add_name(q, room, q->known->state[i],
                 (struct value){.type = TENSOR, .at = (uint32_t)(EQ_STATE + i)}, false)
            ->kept = true;
    p->tensors = EQ_STATE + p->states;
}

/* Nothing is kept that never changes, and an optimizer moves w. */
static bool all_assigned(struct parser *q)
{
    struct token all = {.offset = 0, .length = 0};
    for (size_t i = q->state_first - 2; i < q->state_first + q->p->states; i++) {
        const struct name *n = &q->name[i];
        if (n->assigned || i == q->state_first - 1)
            continue;
        if (i == q->state_first - 2)
            return fail(q, &all, NULL, "no line assigns w: nothing would be trained");
        return expr_fail(q->err, 0, 0, NULL,
                         "no line assigns the state '%s': a constant belongs under 'with'",
                         n->name);
    }
    return true;
}

struct eq_program *eq_compile(struct arena *a, const char *text, const struct eq_names *names,
                              struct expr_error *err)
{
    size_t room = 0, length = strlen(text);
    struct parser q = {.arena = a, .known = names, .err = err};
    if (length > 16 * EXPR_MAX_LENGTH) {
        expr_fail(err, 0, 0, NULL, "the equations have at most %d bytes", 16 * EXPR_MAX_LENGTH);
        return NULL;
    }
    q.text = arena_strdup(a, text);
    q.p = arena_alloc(a, sizeof *q.p);
    begin(&q, &room);
    for (size_t at = 0; at < length; at = q.end + 1) {
        q.end = end_of(q.text, at);
        q.token = (struct token){.offset = at};
        if (!statement(&q, &room))
            return NULL;
    }
    if (!all_assigned(&q))
        return NULL;
    eq_plan(a, q.p);
    return q.p;
}
