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
static size_t shared_path(const char *const *folder, size_t rows)
{
    const char *first = rows > 0 ? folder[0] : "";
    size_t n = strlen(first);
    for (size_t r = 0; r < rows;)
        if (n > 0 && (first[n - 1] != '/' || strncmp(first, folder[r], n) != 0))
            n--;
        else
            r++;
    return n;
}

static void add_folders(struct table_builder *b, const struct collected_run *const *run, bool raw)
{
    const char **cell = table_add_column(b, "folder", true, !raw);
    for (size_t r = 0; r < b->rows; r++)
        cell[r] = run[r]->folder;
}

/* A run that has no figures here: it cannot be read, or they stand in another row. */
struct bare_run {
    const char *folder, *status;
};

static size_t list_bare(struct arena *a, const struct collection *c, struct bare_run **ret)
{
    size_t n = 0;
    *ret = arena_alloc(a, (c->damaged + c->copies + 1) * sizeof **ret);
    for (size_t i = 0; i < c->copies; i++)
        (*ret)[n++] =
            (struct bare_run){c->copy[i].folder, arena_printf(a, "same as %s", c->copy[i].of)};
    for (size_t i = 0; i < c->damaged; i++)
        (*ret)[n++] = (struct bare_run){c->damage[i].folder, "damaged"};
    return n;
}

/* Below the others. */
static void append_bare(struct arena *a, const struct bare_run *bare, size_t n, bool raw,
                        struct table *t)
{
    size_t bytes = t->rows * t->columns * sizeof *t->cell;
    const char **cell = arena_alloc(a, bytes + (n * t->columns + 1) * sizeof *cell);
    memcpy(cell, t->cell, bytes);
    for (size_t r = 0; r < n; r++)
        for (size_t k = 0; k < t->columns; k++) {
            const char *head = t->column[k].head, *rest = raw ? NULL : "–";
            cell[(t->rows + r) * t->columns + k] = strcmp(head, "folder") == 0   ? bare[r].folder
                                                   : strcmp(head, "status") == 0 ? bare[r].status
                                                                                 : rest;
        }
    t->cell = cell;
    t->rows += n;
}

/* To readers, paths lack what all share. */
static void shorten_folders(struct arena *a, struct table *t)
{
    const char **folder = arena_alloc(a, (t->rows + 1) * sizeof *folder);
    for (size_t k = 0; k < t->columns; k++) {
        if (strcmp(t->column[k].head, "folder") != 0)
            continue;
        for (size_t r = 0; r < t->rows; r++)
            folder[r] = t->cell[r * t->columns + k];
        size_t shared = shared_path(folder, t->rows);
        for (size_t r = 0; r < t->rows; r++)
            t->cell[r * t->columns + k] += shared;
    }
}

static void add_seeds(struct table_builder *b, const struct collected_run *const *run, bool raw)
{
    const char **cell = table_add_column(b, "seed", false, raw);
    for (size_t r = 0; r < b->rows; r++)
        cell[r] = arena_printf(b->a, "%lld", (long long)run[r]->seed);
}

/* Where not all are completed, or in any case. */
static void add_run_status(struct table_builder *b, const struct collected_run *const *run,
                           bool any)
{
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

/* To readers the columns of the name and of the results come first: a narrow page leaves out the
 * last columns. */
static void add_run_columns(struct table_builder *b, const struct comparison *x,
                            const struct collected_run *const *run, const size_t *group,
                            bool has_bare)
{
    add_folders(b, run, false);
    add_run_status(b, run, has_bare);
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

void comparison_runs(struct arena *a, const struct comparison *x, const struct collection *c,
                     bool raw, struct table *ret)
{
    struct table_builder b = {.a = a};
    struct bare_run *bare;
    size_t n = list_bare(a, c, &bare);
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
    if (raw)
        add_raw_run_columns(&b, x, run, group);
    else
        add_run_columns(&b, x, run, group, n > 0);
    table_finish(&b, ret);
    append_bare(a, bare, n, raw, ret);
    if (!raw)
        shorten_folders(a, ret);
}
