/* Equations to operations, by recursive descent: a line `name = expression` after another. */
#include "expr/operators.h"
#include "optim/equations/parser.h"
#include <string.h>

/* What is named keeps its value when that name is assigned: w or a state gets what an operation
 * made, or a copy. */
static void store(struct eq_parser *q, struct eq_name *n, struct eq_value v, size_t ops_before)
{
    struct eq_op *last = q->p->ops > ops_before ? &q->p->op[q->p->ops - 1] : NULL;
    bool fresh = last && v.type == VALUE_TENSOR && last->out.is_tensor && last->out.at == v.at;
    if (!fresh && (n->kept || v.type == VALUE_TENSOR)) {
        v = eq_apply(q, eq_operator("copy"), &v);
        last = &q->p->op[q->p->ops - 1];
    }
    n->assigned = true;
    if (!n->kept) {
        n->value = v;
        return;
    }
    last->out = eq_operand_of(&n->value);
}

static bool may_assign(struct eq_parser *q, const struct token *t, const struct eq_name *n)
{
    if (n && n->constant)
        return expr_fail(q->err, t->offset, t->length,
                         "give the result a name of its own; what is kept belongs under 'state'",
                         "'%s' is given and cannot be assigned", n->name);
    const char *name = arena_strndup(q->arena, q->text + t->offset, t->length);
    const char *taken = n ? NULL : eq_taken(name);
    return !taken || expr_fail(q->err, t->offset, t->length, NULL, "'%s' %s", name, taken);
}

/* The innermost bracket of a statement that stays open; `end`: none does. */
static size_t left_open(const char *s, size_t from, size_t end)
{
    size_t closed = 0;
    for (size_t i = end; i-- > from;) {
        closed += s[i] == ')';
        if (s[i] == '(' && closed-- == 0)
            return i;
    }
    return end;
}

size_t eq_statement_end(char *s, size_t from, bool *ret_open)
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
    *ret_open = open > 0;
    return i;
}

/* "m = g w = w - lr * m": the lines were joined, as YAML's > does. */
static bool begins_equation(const struct eq_parser *q, const struct token *t)
{
    const char *s = q->text + t->offset + t->length;
    s += strspn(s, " \t");
    return t->kind == TOKEN_NAME && s[0] == '=' && s[1] != '=';
}

/* "lr g" */
static bool no_operator(struct eq_parser *q, const struct token *t)
{
    const char *is = eq_shown(q, t),
               *hint = begins_equation(q, t)
                           ? "each equation has a line of its own: 'update: |' keeps the lines"
                       : eq_is_name(q, t, "if") || eq_is_name(q, t, "else")
                           ? "a choice is if(condition, a, b)"
                       : t->kind == TOKEN_NAME || t->kind == TOKEN_NUMBER || t->kind == TOKEN_OPEN
                           ? "a product is written with '*'"
                           : NULL;
    return expr_fail(q->err, t->offset, t->length, hint, EXPR_NO_OPERATOR, is);
}

/* "2m = g": an error then. */
static bool begins_with_a_digit(struct eq_parser *q, size_t at)
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

/* Reads the name that a line assigns; TOKEN_END: the line is empty. */
static bool assigned_name(struct eq_parser *q, struct token *ret)
{
    q->token.offset += strspn(q->text + q->token.offset, " \t\r");
    if (q->token.offset < q->end && q->text[q->token.offset] == '=')
        return expr_fail(q->err, q->token.offset, 1, NULL,
                         "a line is 'name = expression': there is no name before this '='");
    if (begins_with_a_digit(q, q->token.offset) || !eq_advance(q))
        return false;
    struct token name = *ret = q->token;
    if (name.kind == TOKEN_END)
        return true;
    if ((name.kind >= TOKEN_TRUE && name.kind <= TOKEN_NULL) ||
        (name.kind >= TOKEN_NOT && name.kind <= TOKEN_AND))
        return expr_fail(q->err, name.offset, name.length, NULL,
                         "'%.*s' is a word of the language: take another name", (int)name.length,
                         q->text + name.offset);
    if (name.kind != TOKEN_NAME || memchr(q->text + name.offset, '.', name.length))
        return eq_fail(q, &name, "such as 'm = beta * m + (1 - beta) * g'",
                       "a line is 'name = expression'");
    return true;
}

/* The '=' behind the name. */
static bool assignment(struct eq_parser *q, const struct token *name, struct token *ret)
{
    size_t at = name->offset + name->length;
    at += strspn(q->text + at, " \t\r");
    const char *s = q->text + at;
    int shown = name->length > 40 ? 40 : (int)name->length;
    if (*s && strchr("+-*/", *s) && s[1] == '=')
        return expr_fail(q->err, at, 2, NULL, "there is no '%.2s': write '%.*s = %.*s %c ...'", s,
                         shown, q->text + name->offset, shown, q->text + name->offset, *s);
    if (*s != '=' || s[1] == '=')
        return eq_fail(q, name,
                       *s == '='                  ? "did you mean '=', not '=='?"
                       : *s == ':' && s[1] == '=' ? "did you mean '=', not ':='?"
                                                  : "such as 'w = w - lr * g'",
                       "a line is 'name = expression': there is no '=' after this name");
    *ret = (struct token){.offset = at, .length = 1};
    return true;
}

/* What the line assigns, to its end. */
static bool assigned_value(struct eq_parser *q, struct eq_value *ret)
{
    if (!eq_advance(q) || !eq_expression(q, ret))
        return false;
    if (q->token.kind == TOKEN_CLOSE)
        return eq_fail(q, &q->token, NULL, EXPR_CLOSES_NOTHING);
    if (q->token.kind != TOKEN_END)
        return no_operator(q, &q->token);
    return ret->type < VALUE_ROLE ||
           eq_fail(q, &ret->token, NULL, "a text cannot be kept: compare it by == or !=");
}

static bool statement(struct eq_parser *q, size_t *names_room)
{
    struct token name, is;
    struct eq_value v;
    size_t before = q->p->ops;
    if (!assigned_name(q, &name))
        return false;
    if (name.kind == TOKEN_END)
        return true;
    if (!assignment(q, &name, &is))
        return false;
    struct eq_name *n = eq_find_name(q, &name);
    if (!may_assign(q, &name, n))
        return false;
    q->token = is;
    if (!assigned_value(q, &v))
        return false;
    if (!n) {
        const char *text = arena_strndup(q->arena, q->text + name.offset, name.length);
        n = eq_add_name(q, names_room, text, v, false);
    }
    store(q, n, v, before);
    return q->too_large.length == 0 ||
           eq_fail(q, &q->too_large, NULL,
                   "this number is beyond 3.4e38 and meets a tensor, which is float32");
}

/* The plan looks at pairs of operations. */
static bool is_small(struct eq_parser *q, size_t statement)
{
    statement += strspn(q->text + statement, " \t\r\n");
    return q->p->ops + q->p->numbers <= EQ_LARGEST ||
           expr_fail(q->err, statement, 1, NULL,
                     "the equations have more than %d operations and numbers, all in all",
                     EQ_LARGEST);
}

/* The last name that a line assigns and none reads, which may be meant for w. */
static const char *hint_of_weights(const struct eq_parser *q)
{
    for (size_t i = q->names; i-- > q->state_first + q->p->states;)
        if (!q->name[i].read)
            return arena_printf(q->arena, "did you mean 'w', not '%.40s'?", q->name[i].name);
    return NULL;
}

/* An optimizer moves w, which stands before g and the states. */
static bool moves_weights(struct eq_parser *q)
{
    return q->name[q->state_first - 2].assigned ||
           expr_fail(q->err, 0, 0, hint_of_weights(q),
                     "no line assigns w: nothing would be trained");
}

/* First stand the names that are given, then constants, w and g, and states. */
static void note_uses(struct eq_parser *q)
{
    size_t n = q->known->constants, states = q->p->states, first = q->state_first - 2 - n;
    bool *reads = arena_alloc(q->arena, (n + 1) * sizeof *reads);
    bool *assigns = arena_alloc(q->arena, (states + 1) * sizeof *assigns);
    for (size_t i = 0; i < n; i++)
        reads[i] = q->name[first + i].read;
    for (size_t i = 0; i < states; i++)
        assigns[i] = q->name[q->state_first + i].assigned;
    q->p->reads_lr = q->name[EQ_LR].read;
    q->p->reads_momentum = q->name[EQ_MOMENTUM].read;
    q->p->reads_decay = q->name[EQ_WEIGHT_DECAY].read;
    q->p->reads = reads;
    q->p->assigns = assigns;
}

struct eq_program *eq_compile(struct arena *a, const char *text, const struct eq_names *names,
                              struct expr_error *err)
{
    size_t room = 0, length = strlen(text);
    struct eq_parser q = {.arena = a, .known = names, .err = err};
    if (length > 16 * EXPR_MAX_LENGTH) {
        expr_fail(err, 0, 0, NULL, "the equations have at most %d bytes", 16 * EXPR_MAX_LENGTH);
        return NULL;
    }
    q.text = arena_strdup(a, text);
    q.p = arena_alloc(a, sizeof *q.p);
    eq_begin_names(&q, &room);
    for (size_t at = 0; at < length; at = q.end + 1) {
        bool open = false;
        q.end = eq_statement_end(q.text, at, &open);
        q.token = (struct token){.offset = at};
        if (open) {
            expr_fail(err, left_open(q.text, at, q.end), 1, NULL, EXPR_NOT_CLOSED);
            return NULL;
        }
        if (!statement(&q, &room) || !is_small(&q, at))
            return NULL;
    }
    if (!moves_weights(&q))
        return NULL;
    note_uses(&q);
    eq_plan(a, q.p);
    return q.p;
}
