#include "config/diag.h"
#include "expr/vocabulary.h"
#include "study/comparison.h"
#include "util/apart.h"
#include "util/path.h"
#include "util/text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- which keys tell runs apart ---- */

/* Another length is another experiment, though a run may be made longer. */
static bool is_ignored(const char *key)
{
    return strcmp(key, "seed") == 0 || spec_keeps_result(key);
}

/* Data that differ are told by a key only where nothing else tells the runs apart. */
static bool is_data(const char *key)
{
    return strcmp(key, COLLECT_DATA) == 0;
}

/* The name of the nearest section around the first n bytes of a key, which become the section's:
 * "scheduler.0.name" of "scheduler.0.gamma", "optimizer.name" of "optimizer.groups.0.lr", the list
 * "scheduler" of "scheduler.1.name" where it has its entries' names. c->keys where there is none.
 */
static size_t name_key(const struct collection *c, size_t key, size_t *n)
{
    const char *path = c->key[key];
    for (; *n > 0; (*n)--)
        for (size_t i = 0; path[*n] == '.' && i < c->keys; i++)
            if (i != key && strncmp(c->key[i], path, *n) == 0 &&
                (strcmp(c->key[i] + *n, ".name") == 0 ||
                 (c->list[i] != LIST_NONE && c->key[i][*n] == '\0')))
                return i;
    return c->keys;
}

/* Whether the key has several values among runs of the same name. */
static bool differs_within(struct arena *a, const struct collection *c, size_t key, size_t name)
{
    struct seen {
        const struct collected_value *name, *value;
    } *seen = arena_alloc(a, (c->runs + 1) * sizeof *seen);
    size_t n = 0;
    for (size_t i = 0; i < c->runs; i++) {
        const struct collected_value *of = c->run[i].value[name], *value = c->run[i].value[key];
        size_t k = 0;
        while (k < n && seen[k].name != of)
            k++;
        if (k < n && seen[k].value != value)
            return true;
        if (k == n)
            seen[n++] = (struct seen){of, value};
    }
    return false;
}

/* Whether no name of a section around the key says its value already: such names are shown, or are
 * said by a name around them. */
static bool tells_apart(struct arena *a, const struct collection *c, size_t key)
{
    for (size_t n = strlen(c->key[key]), name; (name = name_key(c, key, &n)) < c->keys; n--)
        if (!differs_within(a, c, key, name))
            return false;
    return true;
}

/* scheduler (null in some) says no more than scheduler.0.name (absent from them), and init no more
 * than init.name, which has its words too. A key with several other values is shown beside what is
 * below it in other runs: layers.1 is relu, tanh or a mapping. */
static bool is_told_below(const struct collection *c, const bool *shown, size_t key)
{
    size_t n = strlen(c->key[key]), name = c->keys;
    const struct collected_value *one = NULL;
    bool below = false;
    for (size_t i = 0; i < c->keys; i++)
        if (shown[i] && strncmp(c->key[i], c->key[key], n) == 0 && c->key[i][n] == '.') {
            below = true;
            name = strcmp(c->key[i] + n, ".name") == 0 ? i : name;
        }
    for (size_t i = 0; below && i < c->runs; i++) {
        const struct collected_value *v = c->run[i].value[key];
        if (!v || (name < c->keys && c->run[i].value[name] == v))
            continue;
        if (one && one != v)
            return false;
        one = v;
    }
    return below;
}

static bool has_shown_name(const struct collection *c, const bool *shown, size_t key)
{
    const char *dot = strrchr(c->key[key], '.');
    size_t n = strlen(c->key[key]), name = name_key(c, key, &n);
    bool is_name = c->list[key] != LIST_NONE || (dot && strcmp(dot, ".name") == 0);
    return (is_name && shown[key]) || (name < c->keys && shown[name]);
}

static size_t choose_keys(struct arena *a, const struct collection *c, size_t *ret)
{
    bool *shown = arena_alloc(a, c->keys + 1);
    size_t n = 0;
    for (size_t k = 0; k < c->keys; k++)
        shown[k] = !is_ignored(c->key[k]) && !is_data(c->key[k]) && collect_differs(c, k) &&
                   tells_apart(a, c, k);
    /* What has a name first, with its settings: "adam, lr 0.001, batch_size 32". */
    for (int named = 1; named >= 0; named--)
        for (size_t k = 0; k < c->keys; k++)
            if (shown[k] && !is_told_below(c, shown, k) &&
                has_shown_name(c, shown, k) == (named == 1))
                ret[n++] = k;
    return n;
}

/* ---- short names ---- */

/* What remains of "scheduler.0.name" is "scheduler". */
static const char *without_name(struct arena *a, const char *key)
{
    char *s = arena_strdup(a, key), *dot = strrchr(s, '.');
    if (dot && strcmp(dot, ".name") == 0) {
        *dot = '\0';
        dot = strrchr(s, '.');
        if (dot && strcmp(dot, ".0") == 0)
            *dot = '\0';
    }
    return s;
}

static void name_keys(struct arena *a, const struct collection *c, const size_t *key,
                      struct grouping *g)
{
    const struct vocabulary all = collect_vocabulary(c);
    const char **path = arena_alloc(a, (g->keys + 1) * sizeof *path);
    for (size_t i = 0; i < g->keys; i++)
        path[i] = without_name(a, g->key[i]);
    for (size_t i = 0; i < g->keys; i++) {
        g->name[i] = path[i];
        for (const char *p = path[i] + strlen(path[i]); p > path[i]; p--) {
            bool clash = isdigit((unsigned char)*p) || p[-1] != '.' ||
                         strcmp(p, "seed") == 0; /* which is the run's */
            for (size_t k = 0; k < g->keys && !clash; k++)
                clash = k != i && vocabulary_is_end(path[k], p);
            if (!clash && !vocabulary_is_overruled(&all, p, key[i])) {
                g->name[i] = p;
                break;
            }
        }
    }
}

/* "scheduler.1.name": that there is no second one goes without saying. */
static bool is_of_a_later_entry(const char *key)
{
    const char *dot = strrchr(key, '.'), *digit = dot;
    while (digit && digit > key && isdigit((unsigned char)digit[-1]))
        digit--;
    return digit < dot && digit > key && digit[-1] == '.' && *digit != '0';
}

/* "adam, lr 0.005, batch_size 32"; key: the grouping's, in the collection. */
static const char *make_label(struct arena *a, const struct collection *c, const size_t *key,
                              const struct grouping *g, const struct group *group)
{
    struct strbuf b;
    strbuf_init(&b);
    for (size_t k = 0; k < g->keys; k++) {
        const struct collected_value *v = group->value[k];
        bool is_list = c->list[key[k]] != LIST_NONE,
             is_name = is_list || vocabulary_is_end(g->key[k], "name");
        if (!v && (!is_name || is_of_a_later_entry(g->key[k])))
            continue; /* a key of another kind of thing */
        if (b.length > 0)
            strbuf_add(&b, ", ");
        if (!v || (is_list && !collect_is_of_list(c, key[k], v)))
            strbuf_addf(&b, "no %s", g->name[k]);
        else if (is_name)
            strbuf_add(&b, group->shown[k]);
        else
            strbuf_addf(&b, "%s %s", g->name[k], group->shown[k]);
    }
    if (b.length == 0 && g->keys > 0) /* it has none of them */
        strbuf_addf(&b, "no %s", g->name[0]);
    const char *label = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return label;
}

/* ---- values that can be read ---- */

enum { LONG_VALUE = 32, LONG_LINES = 60 };

static size_t common_start(const char *x, const char *y)
{
    size_t n = 0;
    while (x[n] && x[n] == y[n])
        n++;
    return n;
}

static size_t common_end(const char *x, const char *y)
{
    size_t n = strlen(x), m = strlen(y), k = 0;
    while (k < n && k < m && x[n - k - 1] == y[m - k - 1])
        k++;
    return k;
}

/* Values of several lines, some too long for a table's row: by the lines that tell them apart. */
static bool show_lines(struct arena *a, struct grouping *g, size_t k)
{
    const char **text = arena_alloc(a, (g->groups + 1) * sizeof *text);
    bool lines = false, fit = true;
    for (size_t i = 0; i < g->groups; i++) {
        const struct collected_value *v = g->group[i].value[k];
        text[i] = v && v->type != EXPR_NULL ? v->text : "–";
        lines |= text_one_line(a, text[i]) != text[i];
        fit &= strlen(text[i]) <= LONG_LINES;
    }
    if (!lines || fit || g->groups < 2)
        return false;
    const char **shown = arena_alloc(a, (g->groups + 1) * sizeof *shown);
    text_apart(a, text, g->groups, shown);
    for (size_t i = 0; i < g->groups; i++)
        g->group[i].shown[k] = shown[i];
    return true;
}

/* Long values of a key are told apart by their differing parts: "…mber-1-of-man…". */
static void show_values(struct arena *a, struct grouping *g)
{
    for (size_t i = 0; i < g->groups; i++)
        g->group[i].shown = arena_alloc(a, (g->keys + 1) * sizeof *g->group[i].shown);
    for (size_t k = 0; k < g->keys; k++) {
        const char *first = NULL;
        size_t start = 0, end = 0;
        bool all_long = true;
        for (size_t i = 0; i < g->groups; i++) {
            const struct collected_value *v = g->group[i].value[k];
            g->group[i].shown[k] = v ? text_one_line(a, v->text) : "–";
            if (!v || v->type == EXPR_NULL)
                continue;
            size_t s = first ? common_start(first, v->text) : strlen(v->text),
                   e = first ? common_end(first, v->text) : s;
            start = first && start < s ? start : s;
            end = first && end < e ? end : e;
            first = first ? first : v->text;
            all_long &= strlen(v->text) > LONG_VALUE;
        }
        if (show_lines(a, g, k))
            continue;
        for (size_t i = 0; i < g->groups && first && all_long && g->groups > 1; i++) {
            const struct collected_value *v = g->group[i].value[k];
            if (v && v->type != EXPR_NULL)
                g->group[i].shown[k] = text_one_line(a, text_without_ends(a, v->text, start, end));
        }
    }
}

/* ---- groups ---- */

struct keyed_run {
    const struct collected_run *run;
    size_t index;
    const size_t *key; /* to sort by, n of them */
    size_t n;
};

static int compare_values(const struct collected_value *x, const struct collected_value *y)
{
    if (x == y)
        return 0;
    if (!x || !y)
        return x ? 1 : -1;
    if (x->type != y->type)
        return x->type < y->type ? 1 : -1; /* null, texts, numbers */
    if (x->type == EXPR_NUMBER)
        return x->number < y->number ? -1 : x->number > y->number;
    return strcmp(x->text, y->text);
}

static int compare_keys(const struct keyed_run *x, const struct keyed_run *y)
{
    for (size_t k = 0; k < x->n; k++) {
        int order = compare_values(x->run->value[x->key[k]], y->run->value[x->key[k]]);
        if (order)
            return order;
    }
    return 0;
}

static int compare_runs(const void *p, const void *q)
{
    const struct keyed_run *x = p, *y = q;
    int order = compare_keys(x, y);
    return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

/* The runs sorted by the keys, those alike as collected. */
static struct keyed_run *sort_runs(const struct collection *c, const size_t *key, size_t keys)
{
    struct keyed_run *run = mem_array(c->runs, sizeof *run);
    for (size_t i = 0; i < c->runs; i++)
        run[i] = (struct keyed_run){&c->run[i], i, key, keys};
    if (c->runs > 1)
        qsort(run, c->runs, sizeof *run, compare_runs);
    return run;
}

/* Whether runs that are alike in the keys were trained on different data. */
static bool mixes_data(const struct collection *c, const size_t *key, size_t keys, size_t data)
{
    struct keyed_run *run = sort_runs(c, key, keys);
    const struct collected_value *of = NULL;
    bool mixes = false;
    for (size_t i = 0; i < c->runs && !mixes; i++) {
        const struct collected_value *v = run[i].run->value[data];
        if (i > 0 && compare_keys(&run[i - 1], &run[i]) != 0)
            of = NULL;
        mixes = v && of && v != of;
        of = v ? v : of;
    }
    mem_free(run);
    return mixes;
}

/* Whether runs have the same value of one key exactly where they have the same of the other, but
 * for runs without data. */
static bool is_one_to_one(struct arena *a, const struct collection *c, size_t key, size_t data)
{
    struct seen {
        const struct collected_value *value, *data;
    } *seen = arena_alloc(a, (c->runs + 1) * sizeof *seen);
    size_t n = 0;
    for (size_t i = 0; i < c->runs; i++) {
        struct seen s = {c->run[i].value[key], c->run[i].value[data]};
        size_t k = 0;
        while (k < n && seen[k].value != s.value && seen[k].data != s.data)
            k++;
        if (s.data && k < n && (seen[k].value != s.value || seen[k].data != s.data))
            return false;
        if (s.data && k == n)
            seen[n++] = s;
    }
    return true;
}

/* Different data are different experiments, wherever they lie: told by their folder, or else by
 * their digest. */
static size_t add_data_key(struct arena *a, const struct collection *c, size_t *key, size_t n)
{
    size_t data = collect_key_index(c, COLLECT_DATA), dir = collect_key_index(c, "dataset.dir");
    if (data < c->keys && mixes_data(c, key, n, data))
        key[n++] = dir < c->keys && is_one_to_one(a, c, dir, data) ? dir : data;
    return n;
}

static void add_group(struct arena *a, const struct keyed_run *run, size_t n, struct grouping *g)
{
    struct group *group = &g->group[g->groups++];
    *group = (struct group){.n = n};
    group->run = arena_alloc(a, n * sizeof *group->run);
    group->value = arena_alloc(a, (g->keys + 1) * sizeof *group->value);
    for (size_t i = 0; i < n; i++) {
        group->run[i] = run[i].run;
        group->status[run[i].run->status]++;
    }
    for (size_t k = 0; k < g->keys; k++)
        group->value[k] = run[0].run->value[run[0].key[k]];
}

/* What runs that are all alike are called. */
static const char *shared_name(const struct collection *c)
{
    for (size_t k = 0; k < c->keys; k++)
        if (strcmp(c->key[k], "name") == 0 && !collect_differs(c, k) && c->run[0].value[k])
            return c->run[0].value[k]->text;
    return "all";
}

/* A key that is named twice makes one column. */
static bool check_once(char *const *by, const size_t *key, size_t n, struct error *err)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            if (key[i] == key[k])
                return strcmp(by[i], by[k]) == 0
                           ? error_set(err, ERR_USAGE, "'%s' is named twice: once is enough", by[i])
                           : error_set(err, ERR_USAGE, "'%s' and '%s' are one key: name it once",
                                       by[k], by[i]);
    return true;
}

bool group_runs(struct arena *a, const struct collection *c, char *const *by, size_t n_by,
                struct grouping *ret, struct error *err)
{
    size_t *key = arena_alloc(a, (c->keys + n_by + 1) * sizeof *key);
    struct grouping g = {.keys = n_by};
    for (size_t i = 0; i < n_by; i++)
        if (!collect_find_key(c, by[i], &key[i], err))
            return false;
    if (!check_once(by, key, n_by, err))
        return false;
    if (n_by == 0)
        g.keys = add_data_key(a, c, key, choose_keys(a, c, key));
    g.key = arena_alloc(a, (g.keys + 1) * sizeof *g.key);
    g.name = arena_alloc(a, (g.keys + 1) * sizeof *g.name);
    g.group = arena_alloc(a, (c->runs + 1) * sizeof *g.group);
    for (size_t i = 0; i < g.keys; i++)
        g.key[i] = c->key[key[i]];
    name_keys(a, c, key, &g);
    struct keyed_run *run = sort_runs(c, key, g.keys);
    for (size_t from = 0, to; from < c->runs; from = to) {
        for (to = from + 1; to < c->runs && compare_keys(&run[from], &run[to]) == 0;)
            to++;
        add_group(a, &run[from], to - from, &g);
    }
    mem_free(run);
    show_values(a, &g);
    for (size_t i = 0; i < g.groups; i++)
        g.group[i].label = g.keys > 0 ? make_label(a, c, key, &g, &g.group[i])
                                      : path_base(g.group[i].run[0]->folder);
    if (g.keys == 0 && g.groups == 1 && c->runs > 1)
        g.group[0].label = shared_name(c);
    *ret = g;
    return true;
}

/* Data that were not read yet are no others. */
static bool is_other(const struct collected_value *x, const struct collected_value *y,
                     const char *key)
{
    return x != y && !(is_data(key) && (!x || !y));
}

static bool mixes(const struct grouping *g, size_t key, const char *name)
{
    for (size_t i = 0; i < g->groups; i++)
        for (size_t r = 1; r < g->group[i].n; r++)
            if (is_other(g->group[i].run[r]->value[key], g->group[i].run[0]->value[key], name))
                return true;
    return false;
}

const char *group_mixes(struct arena *a, const struct grouping *g, const struct collection *c)
{
    enum { NAMED = 4 };
    bool *mixed = arena_alloc(a, (c->keys + 1) * sizeof *mixed);
    const char *text = NULL;
    size_t n = 0;
    for (size_t k = 0; k < c->keys; k++)
        mixed[k] = !is_ignored(c->key[k]) && !spec_splits_data(c->key[k]) && mixes(g, k, c->key[k]);
    for (size_t k = 0; k < c->keys; k++)
        if (mixed[k] && tells_apart(a, c, k) && !is_told_below(c, mixed, k) && n++ < NAMED)
            text = text ? arena_printf(a, "%s, %s", text, c->key[k]) : c->key[k];
    return n > NAMED ? arena_printf(a, "%s and %zu more", text, n - NAMED) : text;
}

struct collection group_part(struct arena *a, const struct collection *c, const struct group *g)
{
    struct collection part = {.keys = c->keys, .key = c->key, .list = c->list, .runs = g->n};
    part.run = arena_alloc(a, (g->n + 1) * sizeof *part.run);
    for (size_t i = 0; i < g->n; i++)
        part.run[i] = *g->run[i];
    return part;
}

bool group_by(struct arena *a, const struct collection *c, char *const *key, size_t n,
              struct grouping *ret, struct error *err)
{
    if (n > 0)
        return group_runs(a, c, key, n, ret, err);
    struct group *all = arena_alloc(a, sizeof *all);
    *all = (struct group){.label = "", .n = c->runs};
    all->run = arena_alloc(a, (c->runs + 1) * sizeof *all->run);
    for (size_t i = 0; i < c->runs; i++) {
        all->run[i] = &c->run[i];
        all->status[c->run[i].status]++;
    }
    *ret = (struct grouping){.groups = 1, .group = all};
    return true;
}

bool group_settings(struct arena *a, const struct collection *c, char *const *but, size_t n,
                    struct grouping *ret, struct error *err)
{
    struct grouping all;
    if (!group_runs(a, c, NULL, 0, &all, err))
        return false;
    char **key = arena_alloc(a, (all.keys + 1) * sizeof *key);
    size_t keys = 0;
    for (size_t k = 0; k < all.keys; k++) {
        bool kept = !spec_splits_data(all.key[k]);
        for (size_t i = 0, at; i < n && !kept; i++)
            kept = collect_find_key(c, but[i], &at, err) && strcmp(c->key[at], all.key[k]) == 0;
        if (kept)
            key[keys++] = arena_strdup(a, all.key[k]);
    }
    return group_by(a, c, key, keys, ret, err);
}

const struct group *group_find(const struct grouping *g, const struct group *like)
{
    for (size_t i = 0; i < g->groups; i++) {
        size_t k = 0;
        while (k < g->keys && g->group[i].value[k] == like->value[k])
            k++;
        if (k == g->keys)
            return &g->group[i];
    }
    return NULL;
}
