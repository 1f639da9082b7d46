/* `skip`: a condition on a member's resolved values, by the names that conditions on runs have. */
#include "expr/expr.h"
#include "expr/vocabulary.h"
#include "sweep/internal.h"
#include <stdio.h>
#include <string.h>

/* A name that some member did not have: null there. */
struct absent {
    const char *name;
    struct expr_error error;
};

/* A name in the condition. If no member has it, it is a mistake. */
struct used {
    const char *name;
    bool known; /* some member has it */
};

struct sweep_skip {
    const struct sweep *s;
    struct arena *a;
    const struct node *condition;
    struct absent *absent; /* in the arena */
    size_t absents, room;
    struct used *used; /* likewise */
    size_t uses;
    struct expr_error error; /* the first other one */
    bool has_error;
};

/* The leaves of a tree as names and values; those that stand for others follow the rest. */
struct leaves {
    const struct sweep *s;
    struct arena *a;
    struct expr_name *name;
    union expr_value *value;
    size_t n, capacity, keys; /* keys: those of the tree; names for whole lists follow them */
};

static const char *name_at(const struct sweep_skip *k, const struct expr_error *e)
{
    return arena_strndup(k->a, k->condition->text + e->offset, e->length);
}

static void find_used(struct sweep_skip *k)
{
    const char *const *name;
    k->uses = expr_names_in(k->a, k->condition->text, &name);
    k->used = arena_alloc(k->a, (k->uses + 1) * sizeof *k->used);
    for (size_t i = 0; i < k->uses; i++)
        k->used[i].name = name[i];
}

struct sweep_skip *sweep_skip_new(const struct sweep *s, const struct node *condition)
{
    struct sweep_skip *k = arena_alloc(s->arena, sizeof *k);
    *k = (struct sweep_skip){.s = s, .a = s->arena, .condition = condition};
    if (condition->kind == NODE_SCALAR)
        find_used(k);
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

/* As a collection of runs has it: "[75, 45]". */
static void add_list(struct leaves *l, const char *key, const struct node *n)
{
    struct strbuf b;
    strbuf_init(&b);
    node_write_list(n, &b);
    add_leaf(l, key, EXPR_TEXT, (union expr_value){.text = arena_strdup(l->a, b.text)});
    strbuf_fini(&b);
}

static void add_value(void *context, const char *key, const struct node *n)
{
    struct leaves *l = context;
    if (n->kind != NODE_SCALAR) {
        add_list(l, key, n);
        return;
    }
    add_scalar(l, key, n);
    if (strcmp(key, "optimizer") == 0 || strcmp(key, "model") == 0)
        add_scalar(l, arena_printf(l->a, "%s.name", key), n); /* a bare name has no keys */
}

/* "warmup+cosine", where each entry has a name; else NULL. */
static const char *names_of(struct arena *a, const struct node *list)
{
    const char *text = NULL;
    for (size_t i = 0; i < list->n; i++) {
        const struct node *entry = list->item[i],
                          *name = entry->kind == NODE_MAP ? node_get(entry, "name") : NULL;
        if (!name || name->kind != NODE_SCALAR)
            return NULL;
        text = arena_printf(a, "%s%s%s", text ? text : "", text ? "+" : "", name->text);
    }
    return text;
}

static bool has_values(const struct node *list)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->item[i]->kind != NODE_SCALAR)
            return false;
    return list->n > 0;
}

/* Lists of values, and lists of several that have names, as all of them: one that is alone goes by
 * its own. */
static void add_lists(struct leaves *l, const char *key, const struct node *n)
{
    const char *names = n->kind == NODE_LIST && n->n > 1 ? names_of(l->a, n) : NULL;
    if (names)
        add_leaf(l, key, EXPR_TEXT, (union expr_value){.text = names});
    if (n->kind == NODE_LIST && has_values(n))
        add_list(l, key, n);
    for (size_t i = 0; i < n->n; i++) {
        const char *name = n->kind == NODE_MAP ? n->key[i] : arena_printf(l->a, "%zu", i);
        add_lists(l, arena_printf(l->a, "%s%s%s", key, key[0] ? "." : "", name), n->item[i]);
    }
}

/* Whether an axis sets it: of several keys with the same end, that one is meant. */
static bool is_of_an_axis(const void *context, size_t key)
{
    const struct leaves *l = context;
    const char *name = l->name[key].name;
    for (size_t i = 0; i < l->s->keys; i++) {
        size_t n = strlen(l->s->key[i].path);
        if (strncmp(name, l->s->key[i].path, n) == 0 && (name[n] == '\0' || name[n] == '.'))
            return true;
    }
    return false;
}

/* The name that the error calls unknown, by the end of a key. False, and why, where it is the end
 * of several. */
static bool resolve(struct leaves *l, size_t own, const char *name, struct expr_error *e,
                    bool *ret_found)
{
    const char **key = arena_alloc(l->a, (own + 1) * sizeof *key);
    char all[96];
    size_t at;
    for (size_t i = 0; i < own; i++)
        key[i] = l->name[i].name;
    const struct vocabulary v = {
        .n = own, .key = key, .lists = own - l->keys, .differs = is_of_an_axis, .context = l};
    enum vocabulary_answer answer = vocabulary_find(&v, name, &at);
    *ret_found = answer == VOCABULARY_ONE;
    if (answer == VOCABULARY_ONE)
        add_leaf(l, name, l->name[at].type, l->value[at]);
    if (answer != VOCABULARY_MANY)
        return true;
    vocabulary_list(&v, name, all, sizeof all);
    snprintf(e->message, sizeof e->message, "'%.40s' may be %s", name, all);
    e->suggestion[0] = '\0';
    return false;
}

static bool note_absent(struct sweep_skip *k, const struct expr_error *e)
{
    k->absent = arena_room(k->a, k->absent, k->absents, &k->room, sizeof *k->absent);
    struct absent *x = &k->absent[k->absents++];
    *x = (struct absent){.name = name_at(k, e), .error = *e};
    if (metric_find(x->name) != METRICS)
        snprintf(x->error.message, sizeof x->error.message,
                 "'%s' is not known before the members are trained", x->name);
    return true;
}

static bool has_leaf(const struct leaves *l, size_t own, const char *name)
{
    for (size_t i = 0; i < own; i++)
        if (strcmp(l->name[i].name, name) == 0)
            return true;
    return false;
}

/* The names that some member did not have, as this one has them. */
static bool add_absent(const struct sweep_skip *k, struct leaves *l, struct expr_error *e)
{
    size_t own = l->n;
    for (size_t i = 0; i < k->absents; i++) {
        bool has = false;
        if (has_leaf(l, own, k->absent[i].name))
            continue;
        *e = k->absent[i].error;
        if (!resolve(l, own, k->absent[i].name, e, &has))
            return false;
        if (!has)
            add_leaf(l, k->absent[i].name, EXPR_NULL, (union expr_value){0});
    }
    return true;
}

/* The names that this member has, or has several of, which is an error of its own. */
static void note_known(struct sweep_skip *k, struct leaves *l)
{
    size_t own = l->n;
    struct expr_error ignored;
    for (size_t i = 0; i < k->uses; i++) {
        bool has = false;
        if (!k->used[i].known)
            k->used[i].known = has_leaf(l, own, k->used[i].name) ||
                               !resolve(l, own, k->used[i].name, &ignored, &has) || has;
    }
    l->n = own;
}

static bool is_known(const struct sweep_skip *k, const char *name)
{
    for (size_t i = 0; i < k->uses; i++)
        if (strcmp(k->used[i].name, name) == 0)
            return k->used[i].known;
    return false;
}

static bool evaluate(struct sweep_skip *k, struct leaves *l, bool resolved)
{
    struct expr_error e;
    size_t own = l->n;
    if (resolved)
        note_known(k, l);
    for (;;) {
        l->n = own;
        if (!add_absent(k, l, &e))
            break;
        struct expr_names names = {.n = l->n, .v = l->name, .suggest = suggest};
        const struct expr *x =
            expr_compile(l->a, k->condition->text, &names, EXPR_AS_CONDITION, &e);
        if (x)
            return expr_eval(x, l->value) != 0;
        if (!expr_error_is_of_name(&e) || !note_absent(k, &e))
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
    struct leaves l = {.s = k->s, .a = &a};
    struct source source = {.path = "spec", .text = resolved, .length = strlen(resolved)};
    const struct node *tree = wrong ? wrong : node_parse(&a, &source, &d);
    if (tree) {
        node_each_leaf(&a, tree, false, add_value, &l);
        l.keys = l.n;
        add_lists(&l, "", tree);
    }
    bool skips = evaluate(k, &l, !wrong);
    mem_free(l.name);
    mem_free(l.value);
    arena_fini(&a);
    return skips;
}

static void point(const struct sweep_skip *k, const struct expr_error *e, struct diags *d)
{
    diags_add(d, node_place_within(k->condition, e->offset, e->length),
              e->suggestion[0] ? e->suggestion : NULL, "%s", e->message);
}

bool sweep_skip_finish(struct sweep_skip *k, struct diags *d)
{
    bool ok = true;
    if (k->condition->kind != NODE_SCALAR)
        return diags_add(d, k->condition->place, NULL,
                         "'skip' must be a condition, such as \"optimizer.lr > 1\"");
    for (size_t i = 0; i < k->absents && !k->s->partial; i++) /* others may have it */
        if (!is_known(k, k->absent[i].name)) {
            point(k, &k->absent[i].error, d);
            ok = false;
        }
    if (k->has_error) {
        point(k, &k->error, d);
        ok = false;
    }
    return ok;
}
