/* Twins on their way to a target, as a table. */
#include "study/comparison_table.h"

struct races {
    struct table_builder b;
    const struct race **race; /* of each row */
    bool raw;
};

static const char *count_text(const struct races *t, size_t n)
{
    return arena_printf(t->b.a, "%zu", n);
}

/* Less is sooner. In programs' tables an infinite one is the number that it is. */
static const char *difference_text(const struct races *t, double d)
{
    if (isnan(d))
        return t->raw ? NULL : "–";
    if (isinf(d) && !t->raw)
        return d > 0 ? "never" : "only it";
    return arena_printf(t->b.a, t->raw ? "%.9g" : d > 0 || d < 0 ? "%+.4g" : "%.4g", d);
}

static void add_counts(struct races *t)
{
    size_t left = 0, untold = 0;
    for (size_t r = 0; r < t->b.rows; r++) {
        left += t->race[r]->neither;
        untold += t->race[r]->untold;
    }
    const char *before = t->raw ? "target." : "";
    struct table_builder *b = &t->b;
    const char **pairs = table_add_column(b, arena_printf(b->a, "%spairs", before), false, false),
               **sooner = table_add_column(b, arena_printf(b->a, "%ssooner", before), false, false),
               **later = table_add_column(b, arena_printf(b->a, "%slater", before), false, false),
               **neither =
                   t->raw || left > 0
                       ? table_add_column(b, arena_printf(b->a, "%sneither", before), false, false)
                       : NULL,
               **lost =
                   t->raw || untold > 0
                       ? table_add_column(b, arena_printf(b->a, "%suntold", before), false, false)
                       : NULL;
    for (size_t r = 0; r < b->rows; r++) {
        pairs[r] = count_text(t, t->race[r]->pairs);
        sooner[r] = count_text(t, t->race[r]->sooner);
        later[r] = count_text(t, t->race[r]->later);
        if (neither)
            neither[r] = count_text(t, t->race[r]->neither);
        if (lost)
            lost[r] = count_text(t, t->race[r]->untold);
    }
}

static void add_test(struct races *t)
{
    struct table_builder *b = &t->b;
    const char **median = table_add_column(b, t->raw ? "target.difference.median" : "median", false,
                                           false),
               **p = table_add_column(b, t->raw ? "target.p" : "p", false, false),
               **least = table_add_column(b, t->raw ? "target.p_least" : "least p", false, false),
               **holm = table_add_column(b, t->raw ? "target.p_holm" : "p (Holm)", false, false);
    for (size_t r = 0; r < b->rows; r++) {
        median[r] = difference_text(t, t->race[r]->median);
        p[r] = comparison_p(b->a, t->race[r]->p, t->raw);
        least[r] = comparison_p(b->a, t->race[r]->least, t->raw);
        holm[r] = comparison_p(b->a, t->race[r]->adjusted, t->raw);
    }
}

void comparison_add_races(struct table_builder *b, const struct comparison *x, const size_t *group,
                          bool raw)
{
    struct races t = {.b = *b, .raw = raw};
    t.race = arena_alloc(b->a, (b->rows + 1) * sizeof *t.race);
    for (size_t r = 0; r < b->rows; r++)
        t.race[r] = &x->race[group[r]];
    add_counts(&t);
    add_test(&t);
    *b = t.b;
}

void comparison_races(struct arena *a, const struct comparison *x, struct table *ret)
{
    struct table_builder b = {.a = a};
    const size_t *group = comparison_paired_groups(a, x, &b.rows);
    comparison_add_keys(&b, &x->grouping, group, false);
    comparison_add_races(&b, x, group, false);
    table_finish(&b, ret);
}
