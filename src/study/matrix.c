/* Every group against every other, in pairs of runs. */
#include "num/paired.h"
#include "study/comparison_table.h"

struct matrix {
    size_t n;             /* groups, in the order in which they are shown */
    struct paired *pair;  /* [i * n + j], i < j: i minus j */
    double *holm, *least; /* of the same, over all of them; NaN elsewhere */
};

static bool choose_test(const struct comparison *x, const struct collection *c, const size_t *twin,
                        enum paired_test asked, struct paired_family *ret, struct error *err)
{
    for (size_t i = 0; i < x->grouping.groups; i++)
        for (size_t j = i + 1; j < x->grouping.groups; j++)
            paired_count(ret, &x->grouping.group[x->order[i]], &x->grouping.group[x->order[j]], c,
                         twin, &x->measure);
    return paired_choose(asked, &x->measure, ret, err);
}

static struct matrix pair_all(struct arena *a, const struct comparison *x,
                              const struct collection *c, const size_t *twin, enum paired_test test)
{
    struct matrix m = {.n = x->grouping.groups};
    size_t all = m.n * m.n + 1;
    m.pair = arena_alloc(a, all * sizeof *m.pair);
    m.holm = arena_alloc(a, all * sizeof *m.holm);
    m.least = arena_alloc(a, all * sizeof *m.least);
    for (size_t i = 0; i < m.n; i++)
        for (size_t j = 0; j < m.n; j++) {
            size_t at = i * m.n + j;
            m.holm[at] = m.least[at] = (double)NAN;
            if (j <= i)
                continue;
            m.pair[at] = group_paired(&x->grouping.group[x->order[i]],
                                      &x->grouping.group[x->order[j]], c, twin, &x->measure, test);
            m.holm[at] = m.pair[at].p;
            m.least[at] = m.pair[at].least;
        }
    stats_holm(m.holm, m.n * m.n);
    stats_holm(m.least, m.n * m.n);
    return m;
}

/* A row for each pair. */
static void make_list(struct arena *a, const struct comparison *x, const struct matrix *m,
                      struct table *ret)
{
    static const char *const head[] = {
        "difference.mean", "difference.sd", "difference.low", "difference.high", "p",
        "p_least",         "p_holm"};
    enum { FIGURES = sizeof head / sizeof head[0] };
    struct table_builder b = {.a = a, .rows = m->n > 0 ? m->n * (m->n - 1) / 2 : 0};
    const char **one = table_add_column(&b, "one", true, true),
               **other = table_add_column(&b, "other", true, true),
               **pairs = table_add_column(&b, "pairs", false, false), **cell[FIGURES];
    for (size_t k = 0; k < FIGURES; k++)
        cell[k] = table_add_column(&b, head[k], false, false);
    const char **test = table_add_column(&b, "test", true, false);
    for (size_t i = 0, r = 0; i < m->n; i++)
        for (size_t j = i + 1; j < m->n; j++, r++) {
            const struct paired *p = &m->pair[i * m->n + j];
            const double v[FIGURES] = {p->difference.mean,
                                       p->difference.sd,
                                       p->difference.low,
                                       p->difference.high,
                                       p->p,
                                       p->least,
                                       m->holm[i * m->n + j]};
            one[r] = x->grouping.group[x->order[i]].label;
            other[r] = x->grouping.group[x->order[j]].label;
            pairs[r] = arena_printf(a, "%zu", p->difference.n);
            test[r] = isnan(p->p) ? NULL : paired_test_name(p->test);
            for (size_t k = 0; k < FIGURES; k++)
                cell[k][r] = isfinite(v[k]) ? arena_printf(a, "%.9g", v[k]) : NULL;
        }
    table_finish(&b, ret);
}

/* A row and a column for each group. */
static void make_square(struct arena *a, const struct comparison *x, const struct matrix *m,
                        struct table *ret)
{
    bool share = measure_is_share(&x->measure);
    struct table_builder b = {.a = a, .rows = m->n};
    const char **number = table_add_column(&b, "no.", false, true);
    comparison_add_keys(&b, &x->grouping, x->order, false);
    for (size_t i = 0; i < m->n; i++)
        number[i] = arena_printf(a, "%zu", i + 1);
    for (size_t j = 0; j < m->n; j++) {
        const char **cell = table_add_column(&b, arena_printf(a, "%zu", j + 1), false, false);
        for (size_t i = 0; i < m->n; i++) {
            size_t at = i < j ? i * m->n + j : j * m->n + i;
            double mean = m->pair[at].difference.mean;
            cell[i] = i == j || m->pair[at].difference.n == 0 ? "–"
                      : i > j
                          ? arena_printf(a, "p %.2g", m->holm[at])
                          : arena_printf(a, share ? "%+.2f" : "%+.3g", share ? 100 * mean : mean);
        }
    }
    table_finish(&b, ret);
}

static void explain_gaps(struct arena *a, const struct comparison *x, const struct collection *c,
                         const struct matrix *m, struct comparison_matrix *ret)
{
    for (size_t i = 0; i < m->n; i++)
        for (size_t j = i + 1; j < m->n; j++) {
            const struct group *one = &x->grouping.group[x->order[i]],
                               *other = &x->grouping.group[x->order[j]];
            if (m->pair[i * m->n + j].difference.n > 0 || ret->unpaired++ > 0)
                continue;
            ret->why = arena_printf(a, "%s and %s: %s", one->label, other->label,
                                    group_unpaired(a, c, &x->grouping, one, other, &x->measure));
        }
}

bool comparison_matrix(struct arena *a, const struct comparison *x, const struct collection *c,
                       struct comparison_matrix_form form, struct comparison_matrix *ret,
                       struct error *err)
{
    struct paired_family family = {0};
    const size_t *twin = group_twins(a, c, &x->grouping);
    if (!choose_test(x, c, twin, form.test, &family, err))
        return false;
    struct matrix m = pair_all(a, x, c, twin, family.test);
    *ret = (struct comparison_matrix){.family = family};
    for (size_t i = 0; i < m.n * m.n; i++) {
        ret->out_of_reach += !isnan(m.least[i]) && m.least[i] > 0.05;
        ret->lost += m.pair[i].lost;
    }
    explain_gaps(a, x, c, &m, ret);
    (form.raw ? make_list : make_square)(a, x, &m, &ret->table);
    return true;
}
