/* Conditions on runs. */
#include "config/diag.h"
#include "study/collect.h"
#include "util/strbuf.h"
#include <ctype.h>
#include <string.h>

/* The names a condition may use: fixed ones of what came out, then keys, then the ends of keys. */
struct vocabulary {
    struct arena *a;
    const struct collection *c;
    struct expr_name *name;
    size_t n;
    size_t *key; /* the collection's key behind name[fixed + i] */
};

static const char *const facts[] = {"status", "epoch", "step", "seconds"};
enum { FACTS = sizeof facts / sizeof facts[0], FIXED = FACTS + 2 * METRICS };

/* The words of the language, and what no key is called. */
static bool is_word(const char *s)
{
    static const char *const word[] = {
        "and", "or",    "not", "true", "false", "null", "exp",    "log",   "sqrt", "cos",
        "sin", "floor", "abs", "min",  "max",   "if",   "status", "epoch", "step", "seconds"};
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (strcmp(word[i], s) == 0)
            return true;
    return !isalpha((unsigned char)s[0]) && s[0] != '_';
}

static bool means(const struct collection *c, const char *name, size_t key)
{
    size_t found;
    struct error err;
    return collect_find_key(c, name, &found, &err) && found == key;
}

static void add_key(struct vocabulary *v, const char *name, size_t key)
{
    v->key[v->n - FIXED] = key;
    v->name[v->n++].name = name;
}

/* "optimizer" for optimizer.name, "scheduler" for scheduler.0.name, "init" for model.init.name. */
static void add_section(struct vocabulary *v, size_t key)
{
    const char *path = v->c->key[key];
    size_t n = strlen(path);
    if (n < 6 || strcmp(path + n - 5, ".name") != 0)
        return;
    char *name = arena_strndup(v->a, path, n - 5), *dot = strrchr(name, '.');
    if (dot && dot[1] && strspn(dot + 1, "0123456789") == strlen(dot + 1))
        *dot = '\0';
    for (const char *end = name; end; end = strchr(end, '.') ? strchr(end, '.') + 1 : NULL)
        if (!is_word(end) && means(v->c, end, key))
            add_key(v, end, key);
}

static void make_vocabulary(struct vocabulary *v)
{
    size_t room = FIXED;
    for (size_t i = 0; i < v->c->keys; i++)
        for (const char *s = v->c->key[i]; *s; s++)
            room += *s == '.' || s == v->c->key[i] ? 2 : 0;
    v->name = arena_alloc(v->a, room * sizeof *v->name);
    v->key = arena_alloc(v->a, room * sizeof *v->key);
    for (size_t i = 0; i < FACTS; i++)
        v->name[v->n++].name = facts[i];
    for (int m = 0; m < METRICS; m++)
        v->name[v->n++].name = arena_printf(v->a, "final.%s", metric_names[m]);
    for (int m = 0; m < METRICS; m++)
        v->name[v->n++].name = arena_printf(v->a, "best.%s", metric_names[m]);
    for (size_t i = 0; i < v->c->keys; i++)
        if (!is_word(v->c->key[i]) && means(v->c, v->c->key[i], i))
            add_key(v, v->c->key[i], i);
    for (size_t i = 0; i < v->c->keys; i++)
        for (const char *dot = strchr(v->c->key[i], '.'); dot; dot = strchr(dot + 1, '.'))
            if (!is_word(dot + 1) && means(v->c, dot + 1, i))
                add_key(v, dot + 1, i);
    for (size_t i = 0; i < v->c->keys; i++)
        add_section(v, i);
}

/* The run's values in the order of the names; their types are this run's own. */
static void fill(const struct vocabulary *v, const struct collected_run *r,
                 union expr_value *value)
{
    const double number[] = {0, (double)r->epoch, (double)r->step, r->seconds};
    value[0].text = collect_status_names[r->status];
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
        const struct collected_value *x = r->value[v->key[i - FIXED]];
        v->name[i].type = x ? x->type : EXPR_NULL;
        if (x && x->type == EXPR_TEXT)
            value[i].text = x->text;
        else
            value[i].number = x ? x->number : 0;
    }
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
    struct place at = {.source = &source,
                       .line = 1,
                       .column = 1,
                       .width = (unsigned)(e->length ? e->length : 1)};
    for (size_t i = 0; i < e->offset; i++)
        at.column += ((unsigned char)condition[i] & 0xC0) != 0x80;
    diags_add(&d, at, e->suggestion[0] ? e->suggestion : NULL, "%s", e->message);
    diags_write(&d, &b);
    if (b.length > 0 && b.text[b.length - 1] == '\n')
        b.text[b.length - 1] = '\0';
    error_set(err, ERR_USAGE, "wrong condition\n%s", b.text);
    strbuf_fini(&b);
    arena_fini(&a);
    return false;
}

bool collect_filter(struct arena *a, struct collection *c, const char *condition,
                    struct error *err)
{
    struct vocabulary v = {.a = a, .c = c};
    struct expr_error e = {0};
    size_t kept = 0;
    bool ok = true;
    make_vocabulary(&v);
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
        return wrong(condition, &e, err);
    c->runs = kept;
    return kept > 0 || error_set(err, ERR_USAGE, "no run has %s", condition);
}
