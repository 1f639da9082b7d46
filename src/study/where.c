/* Conditions on runs. */
#include "config/diag.h"
#include "study/collect.h"
#include "util/strbuf.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The names a condition may use: fixed ones of results, then keys, then the ends of keys. */
struct known {
    struct arena *a;
    const struct collection *c;
    struct expr_name *name;
    size_t n;
    size_t *key; /* the collection's key behind name[fixed + i]; behind its last one, metrics */
    struct meaning *meaning; /* of ends: hundreds of schedulers share one */
    size_t meanings;
};
struct meaning {
    const char *name;
    size_t key;
    bool any;
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

static bool means(struct known *v, const char *name, size_t key)
{
    const struct vocabulary keys = collect_vocabulary(v->c);
    for (size_t i = 0; i < v->meanings; i++)
        if (strcmp(v->meaning[i].name, name) == 0)
            return v->meaning[i].any && v->meaning[i].key == key;
    struct meaning *m = &v->meaning[v->meanings++];
    m->name = name;
    m->any = vocabulary_find(&keys, name, &m->key) == VOCABULARY_ONE;
    return m->any && m->key == key;
}

/* Whether the key goes by its whole path, which no other has. */
static bool is_its_name(const struct collection *c, size_t key)
{
    const struct vocabulary keys = collect_vocabulary(c);
    size_t found;
    return vocabulary_find(&keys, c->key[key], &found) == VOCABULARY_ONE && found == key;
}

static void add_key(struct known *v, const char *name, size_t key)
{
    v->key[v->n - FIXED] = key;
    v->name[v->n++].name = name;
}

/* "optimizer" for optimizer.name, "scheduler" for scheduler.0.name, "init" for model.init.name. */
static void add_section(struct known *v, size_t key)
{
    const char *path = v->c->key[key];
    size_t n = strlen(path);
    if (n < 6 || strcmp(path + n - 5, ".name") != 0)
        return;
    char *name = arena_strndup(v->a, path, n - 5), *dot = strrchr(name, '.');
    if (dot && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1))
        *dot = '\0';
    for (const char *end = name; end; end = strchr(end, '.') ? strchr(end, '.') + 1 : NULL)
        if (!is_word(end) && means(v, end, key))
            add_key(v, end, key);
}

/* Every end of the key's path that means it: "lr" of optimizer.lr; of scheduler.0.gamma also
 * "scheduler.gamma". */
static void add_ends(struct known *v, const char *path, size_t key)
{
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.'))
        if (!is_word(dot + 1) && means(v, dot + 1, key))
            add_key(v, dot + 1, key);
    const char *index = strstr(path, ".0.");
    if (!index)
        return;
    const char *start = path;
    for (const char *dot = strchr(path, '.'); dot && dot < index; dot = strchr(dot + 1, '.'))
        start = dot + 1;
    const char *name = arena_printf(v->a, "%.*s%s", (int)(index - start), start, index + 2);
    if (means(v, name, key))
        add_key(v, name, key);
}

/* "valid_accuracy" for final.valid_accuracy, where no setting is called so. */
static void add_metric(struct known *v, size_t m)
{
    const struct vocabulary keys = collect_vocabulary(v->c);
    size_t key;
    if (!is_word(metric_names[m]) &&
        vocabulary_find(&keys, metric_names[m], &key) == VOCABULARY_NONE)
        add_key(v, metric_names[m], v->c->keys + m);
}

static void make_known(struct known *v)
{
    size_t room = FIXED + METRICS;
    for (size_t i = 0; i < v->c->keys; i++)
        for (const char *s = v->c->key[i]; *s; s++)
            room += *s == '.' || s == v->c->key[i] ? 3 : 0;
    v->name = arena_alloc(v->a, room * sizeof *v->name);
    v->key = arena_alloc(v->a, room * sizeof *v->key);
    v->meaning = arena_alloc(v->a, room * sizeof *v->meaning);
    for (size_t i = 0; i < FACTS; i++)
        v->name[v->n++].name = facts[i];
    for (int m = 0; m < METRICS; m++)
        v->name[v->n++].name = arena_printf(v->a, "final.%s", metric_names[m]);
    for (int m = 0; m < METRICS; m++)
        v->name[v->n++].name = arena_printf(v->a, "best.%s", metric_names[m]);
    for (size_t i = 0; i < v->c->keys; i++)
        if (!is_word(v->c->key[i]) && is_its_name(v->c, i))
            add_key(v, v->c->key[i], i);
    for (size_t i = 0; i < v->c->keys; i++)
        add_ends(v, v->c->key[i], i);
    for (size_t i = 0; i < v->c->keys; i++)
        add_section(v, i);
    for (size_t m = 0; m < METRICS; m++)
        add_metric(v, m);
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
        size_t key = v->key[i - FIXED];
        if (key >= v->c->keys) {
            v->name[i].type = EXPR_NUMBER;
            value[i].number = r->final[key - v->c->keys];
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
    const struct vocabulary keys = collect_vocabulary(c);
    char name[64], all[96];
    size_t key;
    if (strncmp(e->message, "unknown name", 12) != 0 || e->length >= sizeof name)
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
    make_known(&v);
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
