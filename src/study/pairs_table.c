/* Twins' differences as a table: a row per group but the reference. */
#include "study/comparison_table.h"
#include <string.h>

const char *paired_test_name(enum paired_test test)
{
    static const char *const name[] = {[PAIRED_PERMUTATION] = "sign flips",
                                       [PAIRED_WILCOXON] = "Wilcoxon",
                                       [PAIRED_RESAMPLED] = "corrected t"};
    return name[test];
}

const char *comparison_test(const struct comparison *x)
{
    for (size_t i = 0; i < x->grouping.groups; i++)
        if (i != x->reference && !isnan(x->paired[i].p))
            return paired_test_name(x->family.test);
    return NULL;
}

static void add_difference(struct table_builder *b, const struct comparison *x, const size_t *group,
                           bool raw)
{
    bool share = measure_is_share(&x->measure);
    struct stats_sample *s = arena_alloc(b->a, (b->rows + 1) * sizeof *s);
    const char **n = table_add_column(b, "pairs", false, false);
    for (size_t r = 0; r < b->rows; r++) {
        s[r] = x->paired[group[r]].difference;
        n[r] = arena_printf(b->a, "%zu", s[r].n);
    }
    if (raw) {
        comparison_add_sample(b, "difference", s);
        return;
    }
    const char **mean = table_add_column(b, share ? "difference %" : "difference", false, false),
               **range = table_add_column(b, "95 % interval", false, false);
    for (size_t r = 0; r < b->rows; r++) {
        mean[r] = comparison_figure(b->a, &s[r], share);
        range[r] = comparison_interval(b->a, &s[r], share);
    }
}

static void add_test(struct table_builder *b, const struct comparison *x, const size_t *group,
                     bool raw)
{
    const char **p = table_add_column(b, "p", false, false),
               **least = raw || x->family.test != PAIRED_RESAMPLED
                             ? table_add_column(b, raw ? "p_least" : "least p", false, false)
                             : NULL, /* a t-test has none */
                   **holm = table_add_column(b, raw ? "p_holm" : "p (Holm)", false, false);
    const char **test =
        raw || !comparison_test(x) ? table_add_column(b, "test", true, false) : NULL;
    for (size_t r = 0; r < b->rows; r++) {
        const struct paired *d = &x->paired[group[r]];
        p[r] = comparison_p(b->a, d->p, raw);
        if (least)
            least[r] = comparison_p(b->a, d->least, raw);
        holm[r] = comparison_p(b->a, x->adjusted[group[r]], raw);
        if (test)
            test[r] = isnan(d->p) ? (raw ? NULL : "–") : paired_test_name(d->test);
    }
    const char **lost = raw ? table_add_column(b, "pairs_lost", false, false) : NULL;
    for (size_t r = 0; lost && r < b->rows; r++)
        lost[r] = arena_printf(b->a, "%zu", x->paired[group[r]].lost);
}

void comparison_pairs(struct arena *a, const struct comparison *x, bool raw, struct table *ret)
{
    struct table_builder b = {.a = a};
    const size_t *group = comparison_paired_groups(a, x, &b.rows);
    comparison_add_keys(&b, &x->grouping, group, raw);
    add_difference(&b, x, group, raw);
    add_test(&b, x, group, raw);
    if (raw && x->race)
        comparison_add_races(&b, x, group, true);
    table_finish(&b, ret);
}
