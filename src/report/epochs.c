/* The table of a run's epochs. */
#include "report/html.h"
#include "run/run.h"
#include <math.h>

enum { ROWS_MOST = 500, COLUMNS_MOST = METRICS + 3 };

/* Whether it has values, and not the same in every row: what a schedule leaves alone is in the
 * spec. */
static bool has_values(const struct html_epochs *r, enum metric m)
{
    double first = r->row[0].value[m];
    bool any = false, same = isfinite(first) && metric_is_scheduled(m);
    for (size_t i = 0; i < r->rows; i++) {
        double v = r->row[i].value[m];
        any |= isfinite(v);
        same &= !(v < first || v > first);
    }
    return any && !same;
}

static const char *metric_cell(struct arena *a, enum metric m, double v)
{
    if (!isfinite(v))
        return "";
    return metric_rises(m) ? arena_printf(a, "%.2f", 100 * v) : arena_printf(a, "%.5g", v);
}

/* Its words apart, so that a head can be broken: "train loss". */
static const char *metric_head(struct arena *a, enum metric m)
{
    char *s = arena_printf(a, metric_rises(m) ? "%s %%" : "%s", metric_names[m]);
    for (char *c = s; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    return s;
}

/* Which rows to show: all, or so many evenly spread ones with the best and the last. */
static size_t choose_rows(const struct html_epochs *r, size_t *ret)
{
    size_t every = (r->rows + ROWS_MOST - 1) / ROWS_MOST, n = 0;
    for (size_t i = 0; i < r->rows; i++)
        if (i % every == 0 || i + 1 == r->rows || r->row[i].epoch == r->best)
            ret[n++] = i;
    return n;
}

void html_epochs(struct page *p, const struct html_epochs *r)
{
    struct arena *a = p->a;
    size_t *at = arena_alloc(a, (r->rows + 1) * sizeof *at), n = choose_rows(r, at);
    struct table_column column[COLUMNS_MOST] = {{"epoch", false, true, false},
                                                {"updates", false, true, false}};
    const char **cell = arena_alloc(a, (n * COLUMNS_MOST + 1) * sizeof *cell);
    bool *bold = arena_alloc(a, n + 1);
    enum metric shown[METRICS];
    struct table t = {.columns = 2, .rows = n, .column = column, .cell = cell};
    size_t metrics = 0;
    for (int m = 0; m < METRICS; m++)
        if (has_values(r, (enum metric)m)) {
            shown[metrics++] = (enum metric)m;
            column[t.columns++].head = metric_head(a, (enum metric)m);
        }
    column[t.columns++].head = "training s";
    for (size_t i = 0; i < n; i++) {
        const struct epoch_row *row = &r->row[at[i]];
        const char **c = &cell[i * t.columns];
        bold[i] = row->epoch == r->best;
        *c++ = arena_printf(a, "%lld", (long long)row->epoch);
        *c++ = arena_printf(a, "%lld", (long long)row->step);
        for (size_t k = 0; k < metrics; k++)
            *c++ = metric_cell(a, shown[k], row->value[shown[k]]);
        *c = isfinite(r->time[at[i]]) ? arena_printf(a, "%.2f", r->time[at[i]]) : "";
    }
    html_add(p, "<details class=\"epochs\"><summary>");
    const char *rows = show_count(a, (int64_t)r->rows);
    html_text(p, n == r->rows
                     ? arena_printf(a, "The table of epochs: %s row%s", rows, n == 1 ? "" : "s")
                     : arena_printf(a, "The table of epochs: %s of its %s rows",
                                    show_count(a, (int64_t)n), rows));
    html_add(p, "</summary>\n");
    html_table(p, "epochs", &t,
               r->best >= 0
                   ? "After each epoch; in bold, the best one; seconds of training alone so far"
                   : "After each epoch; seconds of training alone so far",
               (struct html_rows){0, n, bold});
    html_add(p, "</details>\n");
}
