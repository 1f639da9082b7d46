/* What cells of a comparison's tables say, and which rows and columns there are. */
#include "study/comparison_table.h"

const struct measure comparison_others[COMPARISON_OTHERS] = {
    {METRIC_TRAIN_ACCURACY, false}, {METRIC_VALID_ACCURACY, false}, {METRIC_TEST_ACCURACY, false},
    {METRIC_VALID_ACCURACY, true},  {METRIC_TEST_ACCURACY, true},   {METRIC_TRAIN_LOSS, false},
    {METRIC_VALID_LOSS, false},     {METRIC_TEST_LOSS, false}};

/* ---- numbers ---- */

const char *comparison_raw(struct arena *a, double v)
{
    return isfinite(v) ? arena_printf(a, "%.9g", v) : NULL;
}

/* By the size of the mean; -1: too small or too large for decimals. */
static int decimals_of(const struct stats_sample *s, bool share)
{
    double size = fabs(s->mean);
    if (share)
        return 2;
    if ((size > 0 && size < 0.01) || size >= 1e7)
        return -1;
    return size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
}

const char *comparison_figure(struct arena *a, const struct stats_sample *s, bool share)
{
    if (s->n == 0)
        return "–";
    double scale = share ? 100 : 1;
    int decimals = decimals_of(s, share);
    if (decimals < 0)
        return s->n > 1 ? arena_printf(a, "%.3g ± %.2g", s->mean, s->sd)
                        : arena_printf(a, "%.3g", s->mean);
    return s->n > 1
               ? arena_printf(a, "%.*f ± %.*f", decimals, scale * s->mean, decimals, scale * s->sd)
               : arena_printf(a, "%.*f", decimals, scale * s->mean);
}

const char *comparison_interval(struct arena *a, const struct stats_sample *s, bool share)
{
    double scale = share ? 100 : 1;
    int decimals = decimals_of(s, share);
    if (!isfinite(s->low))
        return "–";
    return decimals < 0 ? arena_printf(a, "%.3g to %.3g", s->low, s->high)
                        : arena_printf(a, "%.*f to %.*f", decimals, scale * s->low, decimals,
                                       scale * s->high);
}

const char *comparison_head(struct arena *a, const struct measure *m)
{
    if (!metric_rises(m->metric))
        return measure_name(a, m);
    enum split split = metric_info[m->metric].split;
    const char *of = !m->best ? "" : split == SPLIT_VALID ? "best " : "its ";
    return arena_printf(a, "%s%s %%", of, split_info[split].name);
}

const char *comparison_p(struct arena *a, double p, bool raw)
{
    if (isnan(p))
        return raw ? NULL : "–";
    return arena_printf(a, raw ? "%.9g" : "%.2g", p);
}

void comparison_add_sample(struct table_builder *b, const char *name, const struct stats_sample *s)
{
    static const char *const part[] = {"mean", "sd", "low", "high"};
    for (int i = 0; i < 4; i++) {
        const char **cell =
            table_add_column(b, arena_printf(b->a, "%s.%s", name, part[i]), false, false);
        for (size_t r = 0; r < b->rows; r++)
            cell[r] = comparison_raw(b->a, i == 0   ? s[r].mean
                                           : i == 1 ? s[r].sd
                                           : i == 2 ? s[r].low
                                                    : s[r].high);
    }
}

const size_t *comparison_paired_groups(struct arena *a, const struct comparison *x, size_t *ret_n)
{
    size_t *group = arena_alloc(a, (x->grouping.groups + 1) * sizeof *group);
    *ret_n = 0;
    for (size_t i = 0; i < x->grouping.groups; i++)
        if (x->order[i] != x->reference)
            group[(*ret_n)++] = x->order[i];
    return group;
}
