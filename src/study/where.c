/* Conditions on runs. */
#include "config/diag.h"
#include "study/collect.h"
#include "util/strbuf.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The names a condition may use: fixed ones of results, then those of settings, as they are and as
 * the condition has them. */
struct known {
    struct arena *a;
    const struct collection *c;
    struct expr_name *name;
    size_t n, room;
    size_t *key; /* the collection's key behind each name; behind its last one, metrics */
    size_t key_room;
};

static const char *const facts[] = {"status", "epoch", "step", "seconds"};
enum { FACTS = sizeof facts / sizeof facts[0], FIXED = FACTS + 2 * METRICS };

/* What the language or this file has a meaning for, and what no key is called. */
static bool is_word(const char *s)
{
    for (size_t i = 0; i < FACTS; i++)
        if (strcmp(facts[i], s) == 0)
            return true;
    return expr_is_own(s) || (!isalpha((unsigned char)s[0]) && s[0] != '_');
}

static void add_name(struct known *v, const char *name, size_t key)
{
    v->name = arena_room(v->a, v->name, v->n, &v->room, sizeof *v->name);
    v->key = arena_room(v->a, v->key, v->n, &v->key_room, sizeof *v->key);
    v->key[v->n] = key;
    v->name[v->n++].name = name;
}

/* A setting, or what only an epoch's row is called; false: neither. */
static bool add_meant(struct known *v, const char *name)
{
    const struct vocabulary all = collect_all_names(v->c);
    size_t key;
    enum vocabulary_answer answer =
        is_word(name) ? VOCABULARY_NONE : vocabulary_find(&all, name, &key);
    enum metric m = metric_find(name);
    if (answer == VOCABULARY_ONE)
        add_name(v, name, key);
    else if (answer == VOCABULARY_NONE && m != METRICS)
        add_name(v, name, v->c->names + m);
    else
        return false;
    return true;
}

/* Names that one who mistyped may have meant: keys, and outside of lists their last words and what
 * has a name. */
static void add_likely(struct known *v)
{
    for (size_t i = 0; i < v->c->keys; i++) {
        const char *key = v->c->key[i], *dot = strrchr(key, '.');
        if (!is_word(key))
            add_name(v, key, i);
        if (!dot || key[strcspn(key, "0123456789")])
            continue;
        add_meant(v, strcmp(dot, ".name") == 0 ? arena_strndup(v->a, key, (size_t)(dot - key))
                                               : dot + 1);
    }
    for (size_t m = 0; m < METRICS; m++)
        add_meant(v, metric_names[m]);
}

static bool is_given(const struct known *v, const char *name)
{
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->name[i].name, name) == 0)
            return true;
    return false;
}

static void make_known(struct known *v, const char *condition)
{
    const char *const *used;
    size_t n = expr_names_in(v->a, condition, &used);
    bool all = true;
    for (size_t i = 0; i < FACTS; i++)
        add_name(v, facts[i], 0);
    for (int m = 0; m < METRICS; m++)
        add_name(v, arena_printf(v->a, "final.%s", metric_names[m]), 0);
    for (int m = 0; m < METRICS; m++)
        add_name(v, arena_printf(v->a, "best.%s", metric_names[m]), 0);
    for (size_t i = 0; i < n; i++)
        all &= is_given(v, used[i]) || add_meant(v, used[i]);
    if (!all)
        add_likely(v);
}

/* The run's values in the order of the names; their types are this run's own. */
static void fill(const struct known *v, const struct collected_run *r, union expr_value *value)
{
    const double number[] = {0, (double)r->epoch, (double)r->step, r->seconds};
    value[0].text = status_names[r->status];
    v->name[0].type = EXPR_TEXT;
    for (size_t i = 1; i < FACTS; i++) {
        v->name[i].type = EXPR_NUMBER;
        value[i].number = number[i];
    }
    for (size_t m = 0; m < METRICS; m++) {
        v->name[FACTS + m].type = v->name[FACTS + METRICS + m].type = EXPR_NUMBER;
        value[FACTS + m].number = r->final[m];
        value[FACTS + METRICS + m].number = r->best[m];
    }
    for (size_t i = FIXED; i < v->n; i++) {
        size_t key = v->key[i];
        if (key >= v->c->names) {
            v->name[i].type = EXPR_NUMBER;
            value[i].number = r->final[key - v->c->names];
            continue;
        }
        const struct collected_value *x = r->value[key];
        v->name[i].type = x ? x->type : EXPR_NULL;
        if (x && x->type == EXPR_TEXT)
            value[i].text = x->text;
        else
            value[i].number = x ? x->number : 0;
    }
}

/* A name that is unknown because it is the end of several keys. */
static void say_which(const struct collection *c, const char *condition, struct expr_error *e)
{
    const struct vocabulary keys = collect_all_names(c);
    char name[64], all[96];
    size_t key;
    if (!expr_error_is_of_name(e) || e->length >= sizeof name)
        return;
    memcpy(name, condition + e->offset, e->length);
    name[e->length] = '\0';
    if (vocabulary_find(&keys, name, &key) != VOCABULARY_MANY)
        return;
    vocabulary_list(&keys, name, all, sizeof all);
    snprintf(e->message, sizeof e->message, "'%.40s' may be %s", name, all);
    e->suggestion[0] = '\0';
}

static bool wrong(const char *condition, const struct expr_error *e, struct error *err)
{
    struct arena a;
    struct diags d;
    struct strbuf b;
    arena_init(&a);
    diags_init(&d, &a);
    strbuf_init(&b);
    struct source source = {.path = "--where", .text = condition, .length = strlen(condition)};
    const struct node whole = {.text = condition,
                               .place = {.source = &source, .line = 1, .column = 1}};
    struct place at = node_place_within(&whole, e->offset, e->length);
    diags_add(&d, at, e->suggestion[0] ? e->suggestion : NULL, "%s", e->message);
    diags_write(&d, &b);
    if (b.length > 0 && b.text[b.length - 1] == '\n')
        b.text[b.length - 1] = '\0';
    error_set(err, ERR_USAGE, "wrong condition\n%s", b.text);
    strbuf_fini(&b);
    arena_fini(&a);
    return false;
}

bool collect_filter(struct arena *a, struct collection *c, const char *condition, struct error *err)
{
    struct known v = {.a = a, .c = c};
    struct expr_error e = {0};
    size_t kept = 0;
    bool ok = true;
    make_known(&v, condition);
    union expr_value *value = arena_alloc(a, (v.n + 1) * sizeof *value);
    const struct expr_names names = {.n = v.n, .v = v.name, .suggest = suggest};
    for (size_t i = 0; ok && i < c->runs; i++) {
        struct arena scratch;
        arena_init(&scratch);
        fill(&v, &c->run[i], value);
        const struct expr *x = expr_compile(&scratch, condition, &names, EXPR_AS_CONDITION, &e);
        ok = x != NULL;
        double holds = ok ? expr_eval(x, value) : 0;
        if (holds > 0 || holds < 0)
            c->run[kept++] = c->run[i];
        arena_fini(&scratch);
    }
    if (!ok)
        say_which(c, condition, &e);
    if (!ok)
        return wrong(condition, &e, err);
    c->runs = kept;
    return kept > 0 || error_set(err, ERR_USAGE, "no run has %s", condition);
}
