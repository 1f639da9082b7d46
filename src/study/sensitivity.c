/* How much depends on one setting: its best value, and how far one may stray from it. */
#include "study/comparison.h"
#include "study/comparison_table.h"
#include <stdlib.h>

struct sensitivity {
    size_t values, lost;              /* tried; of which some run diverged or failed */
    const struct collected_value *at; /* the best; NULL: none was completed */
    struct stats_sample best;
    bool best_lost;                           /* at the best too */
    const struct collected_value *low, *high; /* as good, all values between them too */
};

/* An accuracy within a point of the best, anything else within a tenth of it. */
static bool is_close(const struct measure *m, double v, double best)
{
    double apart = measure_is_share(m) ? 0.01 : 0.1 * fabs(best);
    return fabs(v - best) <= apart + 2 * STATS_NINE_DIGITS * fmax(fabs(v), fabs(best));
}

static bool as_good(const struct group *g, const struct measure *m, double best)
{
    struct stats_sample s = group_sample(g, m);
    return s.n > 0 && !group_lost(g) && is_close(m, s.mean, best);
}

static struct sensitivity sensitivity_of(const struct grouping *x, const struct measure *m)
{
    struct sensitivity t = {.values = x->groups};
    size_t at = 0;
    for (size_t i = 0; i < x->groups; i++) {
        const struct group *g = &x->group[i];
        struct stats_sample s = group_sample(g, m);
        bool lost = group_lost(g);
        t.lost += lost;
        if (i > 0 && !group_leads(g, &s, &x->group[at], &t.best, metric_rises(m->metric)))
            continue;
        t.best = s;
        t.best_lost = lost;
        at = i;
    }
    if (t.best.n == 0)
        return t;
    size_t low = at, high = at;
    while (low > 0 && as_good(&x->group[low - 1], m, t.best.mean))
        low--;
    while (high + 1 < x->groups && as_good(&x->group[high + 1], m, t.best.mean))
        high++;
    t.at = x->group[at].value[0];
    t.low = x->group[low].value[0];
    t.high = x->group[high].value[0];
    return t;
}

struct placed {
    size_t group;
    const struct sensitivity *s;
    bool rises;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    const struct sensitivity *p = x->s, *q = y->s;
    if (stats_leads(&p->best, p->best_lost, &q->best, q->best_lost, x->rises))
        return -1;
    if (stats_leads(&q->best, q->best_lost, &p->best, p->best_lost, x->rises))
        return 1;
    return x->group < y->group ? -1 : x->group > y->group;
}

static const char *text_of(const struct collected_value *v, bool raw)
{
    return v ? v->text : raw ? NULL : "–";
}

static const char *factor_of(struct arena *a, const struct sensitivity *s, bool raw)
{
    bool numbers = s->low && s->high && s->low->type == EXPR_NUMBER &&
                   s->high->type == EXPR_NUMBER && s->low->number > 0;
    return numbers ? arena_printf(a, "%.4g", s->high->number / s->low->number) : raw ? NULL : "–";
}

static void add_figures(struct table_builder *b, const struct sensitivity *s,
                        const struct placed *row, const struct measure *m, const char *name,
                        bool raw)
{
    bool share = measure_is_share(m);
    struct arena *a = b->a;
    const char **best =
        table_add_column(b, raw ? "best" : arena_printf(a, "best %s", name), false, false);
    const char **n = table_add_column(b, "n", false, false);
    const char **mean = table_add_column(b, raw ? "mean" : comparison_head(a, m), false, false);
    const char **low = table_add_column(b,
                                        raw     ? "within.low"
                                        : share ? "within a point"
                                                : "within 10 %",
                                        false, false);
    const char **high = raw ? table_add_column(b, "within.high", false, false) : low;
    const char **factor = table_add_column(b, "factor", false, false),
               **lost = table_add_column(b, "lost", false, false);
    const char **tried = raw ? table_add_column(b, "tried", false, false) : lost;
    for (size_t r = 0; r < b->rows; r++) {
        const struct sensitivity *x = &s[row[r].group];
        best[r] = text_of(x->at, raw);
        n[r] = arena_printf(a, "%zu", x->best.n);
        mean[r] = !raw        ? comparison_figure(a, &x->best, share)
                  : x->best.n ? arena_printf(a, "%.9g", x->best.mean)
                              : NULL;
        low[r] = text_of(x->low, raw);
        high[r] = raw ? text_of(x->high, raw)
                  : x->low && x->low != x->high
                      ? arena_printf(a, "%s to %s", x->low->text, text_of(x->high, raw))
                      : low[r];
        factor[r] = factor_of(a, x, raw);
        tried[r] = arena_printf(a, "%zu", x->values);
        lost[r] = arena_printf(a, raw ? "%zu" : "%zu of %zu", x->lost, x->values);
    }
}

bool comparison_sensitivity(struct arena *a, const struct collection *c,
                            const struct comparison_options *o, bool raw, struct table *ret,
                            struct error *err)
{
    struct grouping parts, names;
    struct measure m;
    struct comparison_keys by;
    char *key = arena_strdup(a, o->key), *path;
    size_t at;
    if (!comparison_chooser(c, o->metric, "--sensitivity", &m, err) ||
        !collect_find_key(c, key, &at, err) ||
        !comparison_other_keys(a, c, o, (struct comparison_keys){&key, 1}, &by, err) ||
        !group_by(a, c, by.key, by.n, &parts, err))
        return false;
    path = arena_strdup(a, c->key[at]);
    if (!group_runs(a, c, &path, 1, &names, err))
        return false;
    struct sensitivity *s = arena_alloc(a, (parts.groups + 1) * sizeof *s);
    struct placed *row = arena_alloc(a, (parts.groups + 1) * sizeof *row);
    size_t *group = arena_alloc(a, (parts.groups + 1) * sizeof *group);
    for (size_t i = 0; i < parts.groups; i++) {
        struct collection part = group_part(a, c, &parts.group[i]);
        struct grouping x;
        if (!group_runs(a, &part, &path, 1, &x, err))
            return false;
        s[i] = sensitivity_of(&x, &m);
        row[i] = (struct placed){i, &s[i], metric_rises(m.metric)};
    }
    if (parts.groups > 1)
        qsort(row, parts.groups, sizeof *row, compare_placed);
    for (size_t i = 0; i < parts.groups; i++)
        group[i] = row[i].group;
    struct table_builder b = {.a = a, .rows = parts.groups};
    if (by.n > 0)
        comparison_add_keys(&b, &parts, group, raw);
    add_figures(&b, s, row, &m, names.name[0], raw);
    table_finish(&b, ret);
    return true;
}
