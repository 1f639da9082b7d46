/* `skip`: a condition on a member's resolved values, by their dotted keys. */
#include "expr/expr.h"
#include "sweep/internal.h"
#include <string.h>

/* A name that some member did not have: null there. If no member has it, it is a mistake. */
struct absent {
    const char *name;
    struct expr_error error;
    bool known;
};

struct sweep_skip {
    struct arena *a;
    const struct node *condition;
    struct absent *absent; /* in the arena */
    size_t absents, room;
    struct expr_error error; /* the first other one */
    bool has_error;
};

/* The leaves of a tree as names and values. */
struct leaves {
    struct arena *a;
    struct expr_name *name;
    union expr_value *value;
    size_t n, capacity;
};

struct sweep_skip *sweep_skip_new(struct arena *a, const struct node *condition)
{
    struct sweep_skip *k = arena_alloc(a, sizeof *k);
    *k = (struct sweep_skip){.a = a, .condition = condition};
    return k;
}

static void add_leaf(struct leaves *l, const char *name, enum expr_type type,
                     union expr_value value)
{
    if (l->n == l->capacity) {
        size_t more = 2 * l->capacity + 128;
        l->name = mem_grow(l->name, l->n * sizeof *l->name, more * sizeof *l->name);
        l->value = mem_grow(l->value, l->n * sizeof *l->value, more * sizeof *l->value);
        l->capacity = more;
    }
    l->name[l->n] = (struct expr_name){.name = name, .type = type};
    l->value[l->n++] = value;
}

static void add_scalar(struct leaves *l, const char *name, const struct node *n)
{
    double real;
    bool truth;
    if (node_is_null(n))
        add_leaf(l, name, EXPR_NULL, (union expr_value){0});
    else if (node_as_bool(n, &truth))
        add_leaf(l, name, EXPR_NUMBER, (union expr_value){.number = truth});
    else if (node_as_real(n, &real))
        add_leaf(l, name, EXPR_NUMBER, (union expr_value){.number = real});
    else
        add_leaf(l, name, EXPR_TEXT, (union expr_value){.text = n->text});
}

/* A lone entry of a list goes by the list's name as well, as scheduler.gamma does for
 * scheduler.0.gamma. */
static void add_leaves(struct leaves *l, const char *path, const struct node *n)
{
    if (n->kind == NODE_SCALAR) {
        add_scalar(l, path, n);
        if (strcmp(path, "optimizer") == 0 ||
            strcmp(path, "model") == 0) /* a bare name has no keys of its own */
            add_scalar(l, arena_printf(l->a, "%s.name", path), n);
        return;
    }
    for (size_t i = 0; i < n->n; i++) {
        const char *dot = path[0] ? "." : "";
        if (n->kind == NODE_MAP)
            add_leaves(l, arena_printf(l->a, "%s%s%s", path, dot, n->key[i]), n->item[i]);
        else
            add_leaves(l, arena_printf(l->a, "%s%s%zu", path, dot, i), n->item[i]);
    }
    if (n->kind == NODE_LIST && n->n == 1)
        add_leaves(l, path, n->item[0]);
    if (n->n == 0)
        add_leaf(l, path, EXPR_NULL, (union expr_value){0});
}

static bool note_absent(struct sweep_skip *k, const struct expr_error *e)
{
    if (strncmp(e->message, "unknown name", 12) != 0)
        return false;
    if (k->absents == k->room) {
        struct absent *more = arena_alloc(k->a, (2 * k->room + 8) * sizeof *more);
        if (k->absents > 0)
            memcpy(more, k->absent, k->absents * sizeof *more);
        k->absent = more;
        k->room = 2 * k->room + 8;
    }
    k->absent[k->absents++] = (struct absent){
        .name = arena_strndup(k->a, k->condition->text + e->offset, e->length), .error = *e};
    return true;
}

static void add_absent(struct sweep_skip *k, struct leaves *l, bool resolved)
{
    size_t own = l->n;
    for (size_t i = 0; i < k->absents; i++) {
        bool has = false;
        for (size_t j = 0; j < own && !has; j++)
            has = strcmp(l->name[j].name, k->absent[i].name) == 0;
        if (!has)
            add_leaf(l, k->absent[i].name, EXPR_NULL, (union expr_value){0});
        k->absent[i].known |= has && resolved;
    }
}

static bool evaluate(struct sweep_skip *k, struct leaves *l, bool resolved)
{
    struct expr_error e;
    size_t own = l->n;
    for (;;) {
        l->n = own;
        add_absent(k, l, resolved);
        struct expr_names names = {.n = l->n, .v = l->name, .suggest = suggest};
        const struct expr *x =
            expr_compile(l->a, k->condition->text, &names, EXPR_AS_CONDITION, &e);
        if (x)
            return expr_eval(x, l->value) != 0;
        if (!note_absent(k, &e))
            break;
    }
    if (resolved && !k->has_error) {
        k->error = e;
        k->has_error = true;
    }
    return false;
}

bool sweep_skips(struct sweep_skip *k, const struct node *wrong, const char *resolved)
{
    if (k->condition->kind != NODE_SCALAR)
        return false;
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a);
    struct leaves l = {.a = &a};
    struct source source = {.path = "spec", .text = resolved, .length = strlen(resolved)};
    const struct node *tree = wrong ? wrong : node_parse(&a, &source, &d);
    if (tree)
        add_leaves(&l, "", tree);
    bool skips = evaluate(k, &l, !wrong);
    mem_free(l.name);
    mem_free(l.value);
    arena_fini(&a);
    return skips;
}

/* The caret goes below the part of the condition, where it stands on the line as it is. */
static void point(const struct sweep_skip *k, const struct expr_error *e, struct diags *d)
{
    struct place at = k->condition->place;
    if (!strchr(k->condition->text, '\n')) {
        at.column += (unsigned)e->offset + (k->condition->quoted ? 1 : 0);
        at.width = e->length ? (unsigned)e->length : 1;
    }
    diags_add(d, at, e->suggestion[0] ? e->suggestion : NULL, "%s", e->message);
}

bool sweep_skip_finish(struct sweep_skip *k, struct diags *d)
{
    bool ok = true;
    if (k->condition->kind != NODE_SCALAR)
        return diags_add(d, k->condition->place, NULL,
                         "'skip' must be a condition, such as \"optimizer.lr > 1\"");
    for (size_t i = 0; i < k->absents; i++)
        if (!k->absent[i].known) {
            point(k, &k->absent[i].error, d);
            ok = false;
        }
    if (k->has_error) {
        point(k, &k->error, d);
        ok = false;
    }
    return ok;
}
