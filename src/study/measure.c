/* What runs are compared by, and the keys they are told apart by. */
#include "config/diag.h"
#include "study/comparison.h"
#include "util/text.h"
#include <string.h>

bool measure_parse(const char *text, struct measure *ret, struct error *err)
{
    const char *name = text;
    *ret = (struct measure){0};
    if (strncmp(text, "best.", 5) == 0) {
        ret->best = true;
        name += 5;
    } else if (strncmp(text, "final.", 6) == 0) {
        name += 6;
    }
    ret->metric = metric_find(name);
    if (ret->metric != METRICS)
        return true;
    const char *near = suggest(name, metric_names, METRICS);
    return error_set(
        err, ERR_USAGE,
        near ? "'%s' is not a column of epochs.csv; did you mean '%s'?"
             : "'%s' is not a column of epochs.csv; there are valid_accuracy, test_accuracy, "
               "train_loss, lr and more",
        name, near);
}

double measure_value(const struct measure *m, const struct collected_run *r)
{
    return m->best ? r->best[m->metric] : r->final[m->metric];
}

bool measure_is_same(const struct measure *x, const struct measure *y)
{
    return x->metric == y->metric && x->best == y->best;
}

bool measure_is_share(const struct measure *m)
{
    return metric_rises(m->metric);
}

const char *measure_name(struct arena *a, const struct measure *m)
{
    return arena_printf(a, "%s%s", m->best ? "best." : "", metric_names[m->metric]);
}

/* ---- keys by name ---- */

size_t collect_key_index(const struct collection *c, const char *key)
{
    size_t i = 0;
    while (i < c->keys && strcmp(c->key[i], key) != 0)
        i++;
    return i;
}

bool collect_differs(const struct collection *c, size_t key)
{
    for (size_t i = 1; i < c->runs; i++)
        if (c->run[i].value[key] != c->run[0].value[key])
            return true;
    return false;
}

static bool differs(const void *context, size_t key)
{
    return collect_differs(context, key);
}

static bool names_list(const void *context, size_t key)
{
    const struct collection *c = context;
    return key < c->keys && c->list[key] != LIST_NONE;
}

struct vocabulary collect_vocabulary(const struct collection *c)
{
    return (struct vocabulary){
        .n = c->keys, .key = c->key, .differs = differs, .names_list = names_list, .context = c};
}

struct vocabulary collect_all_names(const struct collection *c)
{
    return (struct vocabulary){.n = c->names,
                               .key = c->key,
                               .lists = c->names - c->keys,
                               .differs = differs,
                               .names_list = names_list,
                               .context = c};
}

static bool is_within(const char *key, const char *section)
{
    size_t n = strlen(section);
    return strncmp(key, section, n) == 0 && (key[n] == '.' || key[n] == '\0');
}

/* A key of the section that is called so, one that differs before others; c->keys: there is
 * none. */
static size_t key_within(const struct collection *c, const char *section)
{
    size_t at = c->keys;
    for (size_t i = 0; i < c->keys; i++)
        if (is_within(c->key[i], section) && (at == c->keys || collect_differs(c, i))) {
            at = i;
            if (collect_differs(c, i))
                break;
        }
    return at;
}

/* "optimizer" is a name too, of "optimizer.name". */
static bool no_key(const struct collection *c, const char *name, struct error *err)
{
    struct arena a;
    arena_init(&a);
    const char **known = arena_alloc(&a, (2 * c->keys + 1) * sizeof *known);
    size_t n = 0;
    for (size_t i = 0; i < c->keys; i++) {
        known[n++] = c->key[i];
        if (text_ends(c->key[i], ".name"))
            known[n++] = arena_strndup(&a, c->key[i], strlen(c->key[i]) - strlen(".name"));
    }
    const char *near = suggest(name, known, n);
    error_set(err, ERR_USAGE,
              near ? "no spec here has a key '%s'; did you mean '%s'?"
                   : "no spec here has a key '%s'",
              name, near);
    arena_fini(&a);
    return false;
}

static bool find(const struct collection *c, const struct vocabulary *v, const char *name,
                 size_t *ret, struct error *err)
{
    char all[512];
    enum vocabulary_answer found = vocabulary_find(v, name, ret);
    size_t within = found == VOCABULARY_ONE ? key_within(c, name) : c->keys;
    if (within < c->keys && !is_within(c->key[*ret], name))
        return error_set(err, ERR_USAGE, "'%s' may be %s or a key of the section, such as %s", name,
                         c->key[*ret], c->key[within]);
    if (found == VOCABULARY_ONE)
        return true;
    if (found == VOCABULARY_MANY) {
        vocabulary_list(v, name, all, sizeof all);
        return error_set(err, ERR_USAGE, "'%s' may be %s", name, all);
    }
    return no_key(c, name, err);
}

bool collect_find_key(const struct collection *c, const char *name, size_t *ret, struct error *err)
{
    const struct vocabulary v = collect_vocabulary(c);
    return find(c, &v, name, ret, err);
}

bool collect_find_name(const struct collection *c, const char *name, size_t *ret, struct error *err)
{
    const struct vocabulary v = collect_all_names(c);
    return find(c, &v, name, ret, err);
}

/* ---- what decides ---- */

static bool has_value(const struct collection *c, const struct measure *m)
{
    for (size_t i = 0; i < c->runs; i++)
        if (c->run[i].status == STATUS_COMPLETED && isfinite(measure_value(m, &c->run[i])))
            return true;
    return false;
}

/* Whether some run's spec asks for a validation set, whatever became of the run. */
static bool holds_out(const struct collection *c)
{
    size_t count, folds;
    struct error err;
    if (!collect_find_key(c, "dataset.validation", &count, &err) ||
        !collect_find_key(c, "dataset.folds", &folds, &err))
        return true;
    for (size_t i = 0; i < c->runs; i++) {
        const struct collected_value *n = c->run[i].value[count], *f = c->run[i].value[folds];
        bool none = n && n->type == EXPR_NUMBER && n->number <= 0;
        if (!none || (f && f->type == EXPR_NUMBER))
            return true;
    }
    return c->runs == 0;
}

struct measure comparison_default_measure(const struct collection *c)
{
    static const enum metric wanted[] = {METRIC_VALID_ACCURACY, METRIC_TEST_ACCURACY,
                                         METRIC_TRAIN_ACCURACY};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        struct measure m = {wanted[i], false};
        if (has_value(c, &m))
            return m;
    }
    return (struct measure){holds_out(c) ? METRIC_VALID_ACCURACY : METRIC_TEST_ACCURACY, false};
}

static bool has_completed(const struct collection *c)
{
    for (size_t i = 0; i < c->runs; i++)
        if (c->run[i].status == STATUS_COMPLETED)
            return true;
    return false;
}

bool comparison_chooser(const struct collection *c, const char *metric, const char *what,
                        struct measure *ret, struct error *err)
{
    *ret = (struct measure){METRIC_VALID_ACCURACY, false};
    if (metric && !measure_parse(metric, ret, err))
        return false;
    if (metric_is_test(ret->metric))
        return error_set(err, ERR_USAGE,
                         "%s chooses, and what was chosen by test figures has none that count: "
                         "choose by --metric valid_accuracy, say",
                         what);
    if (!metric && has_completed(c) && !has_value(c, ret))
        return error_set(err, ERR_USAGE,
                         "%s chooses, and there is no validation set to choose by (test figures "
                         "choose nothing): set dataset.validation, or choose by --metric "
                         "train_accuracy, say",
                         what);
    return true;
}
