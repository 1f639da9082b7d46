/* A comparison as a table with a row per run. */
#include "study/comparison_table.h"
#include <string.h>

static const char *run_figure(struct arena *a, double v, bool share, bool raw)
{
    struct stats_sample s = {.n = isfinite(v) ? 1 : 0, .mean = v};
    return raw ? comparison_raw(a, v) : comparison_figure(a, &s, share);
}

/* Where `verify` was asked of any. */
static void add_verified(struct table_builder *b, const struct collected_run *const *run, bool raw)
{
    bool any = raw;
    for (size_t r = 0; r < b->rows; r++)
        any |= run[r]->verified != VERIFIED_NOT;
    const char **cell = any ? table_add_column(b, "verified", true, false) : NULL;
    for (size_t r = 0; cell && r < b->rows; r++)
        cell[r] = run[r]->verified == VERIFIED_NOT && !raw ? "–" : verified_names[run[r]->verified];
}

/* Bytes of the path of the innermost folder that holds them all. */
static size_t shared_path(const struct collected_run *const *run, size_t rows)
{
    const char *first = rows > 0 ? run[0]->folder : "";
    size_t n = strlen(first);
    for (size_t r = 0; r < rows;)
        if (n > 0 && (first[n - 1] != '/' || strncmp(first, run[r]->folder, n) != 0))
            n--;
        else
            r++;
    return n;
}

static void add_folders(struct table_builder *b, const struct collected_run *const *run, bool raw)
{
    const char **cell = table_add_column(b, "folder", true, !raw);
    size_t shared = raw ? 0 : shared_path(run, b->rows);
    for (size_t r = 0; r < b->rows; r++)
        cell[r] = run[r]->folder + shared;
}

static void add_seeds(struct table_builder *b, const struct collected_run *const *run, bool raw)
{
    const char **cell = table_add_column(b, "seed", false, raw);
    for (size_t r = 0; r < b->rows; r++)
        cell[r] = arena_printf(b->a, "%lld", (long long)run[r]->seed);
}

/* To readers, where not all are completed. */
static void add_run_status(struct table_builder *b, const struct collected_run *const *run,
                           bool raw)
{
    bool any = raw;
    for (size_t r = 0; r < b->rows; r++)
        any |= run[r]->status != STATUS_COMPLETED;
    const char **cell = any ? table_add_column(b, "status", true, false) : NULL;
    for (size_t r = 0; cell && r < b->rows; r++)
        cell[r] = status_names[run[r]->status];
}

static void add_epochs(struct table_builder *b, const struct collected_run *const *run)
{
    const char **cell = table_add_column(b, "epoch", false, false);
    for (size_t r = 0; r < b->rows; r++)
        cell[r] = arena_printf(b->a, "%lld", (long long)run[r]->epoch);
}

static void add_figures(struct table_builder *b, const struct comparison *x,
                        const struct collected_run *const *run, bool raw)
{
    for (size_t i = 0; i <= COMPARISON_OTHERS; i++) {
        const struct measure *m = i == 0 ? &x->measure : &comparison_others[i - 1];
        size_t values = 0;
        for (size_t r = 0; r < b->rows; r++)
            values += isfinite(measure_value(m, run[r])) ? 1 : 0;
        bool shown = raw || i == 0 || (values > 0 && m->metric == METRIC_TEST_ACCURACY && !m->best);
        if (!shown || (i > 0 && measure_is_same(m, &x->measure)))
            continue;
        const char **cell = table_add_column(
            b, raw ? measure_name(b->a, m) : comparison_head(b->a, m), false, false);
        if (i == 0)
            b->column[b->columns - 1].needed = true;
        for (size_t r = 0; r < b->rows; r++)
            cell[r] = run_figure(b->a, measure_value(m, run[r]), measure_is_share(m), raw);
    }
}

/* What was asked of each, in columns that may be left out. */
static void add_settings(struct table_builder *b, const struct grouping *g, const size_t *group)
{
    size_t first = b->columns;
    if (g->keys > 0)
        comparison_add_keys(b, g, group, false);
    for (size_t c = first; c < b->columns; c++)
        b->column[c].fixed = false;
}

/* To readers the columns of the name and of the results come first: a narrow page leaves out the last
 * columns. */
static void add_run_columns(struct table_builder *b, const struct comparison *x,
                            const struct collected_run *const *run, const size_t *group)
{
    add_folders(b, run, false);
    add_run_status(b, run, false);
    add_figures(b, x, run, false);
    add_verified(b, run, false);
    add_settings(b, &x->grouping, group);
    add_seeds(b, run, false);
    add_epochs(b, run);
}

static void add_raw_run_columns(struct table_builder *b, const struct comparison *x,
                                const struct collected_run *const *run, const size_t *group)
{
    if (x->grouping.keys > 0)
        comparison_add_keys(b, &x->grouping, group, true);
    add_seeds(b, run, true);
    add_run_status(b, run, true);
    add_verified(b, run, true);
    add_figures(b, x, run, true);
    add_epochs(b, run);
    add_folders(b, run, true);
}

void comparison_runs(struct arena *a, const struct comparison *x, bool raw, struct table *ret)
{
    struct table_builder b = {.a = a};
    const struct grouping *g = &x->grouping;
    for (size_t i = 0; i < g->groups; i++)
        b.rows += g->group[i].n;
    size_t *group = arena_alloc(a, (b.rows + 1) * sizeof *group), at = 0;
    const struct collected_run **run = arena_alloc(a, (b.rows + 1) * sizeof *run);
    for (size_t i = 0; i < g->groups; i++)
        for (size_t k = 0; k < g->group[x->order[i]].n; k++, at++) {
            group[at] = x->order[i];
            run[at] = g->group[x->order[i]].run[k];
        }
    (raw ? add_raw_run_columns : add_run_columns)(&b, x, run, group);
    table_finish(&b, ret);
}
