/* A comparison as a table with a row per group. */
#include "study/comparison_table.h"
#include <string.h>

enum { SHOWN_OTHERS = 5 }; /* of comparison_others, to readers */

/* ---- building ---- */

struct builder {
    struct table_builder t;
    const struct comparison *x;
    const size_t *group; /* of each row */
};

/* A row for each group in their order. */
static struct builder new_builder(struct arena *a, const struct comparison *x)
{
    return (struct builder){.t = {.a = a, .rows = x->grouping.groups}, .x = x, .group = x->order};
}

static const char **add_column(struct builder *b, const char *head, bool left, bool fixed)
{
    return table_add_column(&b->t, head, left, fixed);
}

/* The last column. */
static void mark_needed(struct table_builder *b)
{
    b->column[b->columns - 1].needed = true;
}

/* ---- columns ---- */

static void add_status(struct builder *b, int status)
{
    const char **cell = add_column(b, status_names[status], false, false);
    for (size_t r = 0; r < b->t.rows; r++)
        cell[r] = arena_printf(b->t.a, "%zu", b->x->grouping.group[b->group[r]].status[status]);
}

static void add_counts(struct builder *b, bool raw)
{
    const struct grouping *g = &b->x->grouping;
    for (int s = STATUS_DIVERGED; s < STATUSES_OF_STUDIES; s++) {
        size_t all = 0;
        for (size_t r = 0; r < b->t.rows; r++)
            all += g->group[b->group[r]].status[s];
        if (all > 0 || raw)
            add_status(b, s);
    }
}

static void add_rank(struct builder *b, bool raw)
{
    const char **cell = add_column(b, raw ? "rank" : "#", false, true);
    for (size_t r = 0; r < b->t.rows; r++)
        cell[r] = b->x->rank[b->group[r]] > 0 ? arena_printf(b->t.a, "%zu", b->x->rank[b->group[r]])
                  : raw                       ? NULL
                                              : "–";
}

static void add_n(struct builder *b, bool raw)
{
    const char **cell = add_column(b, "n", false, false);
    mark_needed(&b->t);
    for (size_t r = 0; r < b->t.rows; r++)
        cell[r] = arena_printf(b->t.a, "%zu",
                               raw ? b->x->grouping.group[b->group[r]].status[STATUS_COMPLETED]
                                   : b->x->sample[b->group[r]].n);
}

/* Of the measure that ranks. */
static void add_interval(struct builder *b, const char *head)
{
    const char **cell = add_column(b, head, false, false);
    mark_needed(&b->t);
    for (size_t r = 0; r < b->t.rows; r++)
        cell[r] = comparison_interval(b->t.a, &b->x->sample[b->group[r]],
                                      measure_is_share(&b->x->measure));
}

/* Of how many runs the figures of each row are. For programs. */
static void add_raw_n(struct builder *b, const char *name, const struct stats_sample *s)
{
    const char **cell = add_column(b, arena_printf(b->t.a, "%s.n", name), false, false);
    for (size_t r = 0; r < b->t.rows; r++)
        cell[r] = arena_printf(b->t.a, "%zu", s[r].n);
}

static void add_measure(struct builder *b, const struct measure *m, bool raw, bool with_interval)
{
    const struct grouping *g = &b->x->grouping;
    bool share = measure_is_share(m);
    size_t values = 0;
    struct stats_sample *s = arena_alloc(b->t.a, (b->t.rows + 1) * sizeof *s),
                        *all = arena_alloc(b->t.a, (g->groups + 1) * sizeof *all);
    group_samples(g, m, all);
    for (size_t r = 0; r < b->t.rows; r++) {
        s[r] = all[b->group[r]];
        values += s[r].n;
    }
    if (raw) {
        comparison_add_sample(&b->t, measure_name(b->t.a, m), s);
        add_raw_n(b, measure_name(b->t.a, m), s);
    }
    if (raw || (values == 0 && !with_interval))
        return;
    const char **cell = add_column(b, comparison_head(b->t.a, m), false, false);
    if (with_interval)
        mark_needed(&b->t);
    for (size_t r = 0; r < b->t.rows; r++)
        cell[r] = comparison_figure(b->t.a, &s[r], share);
    if (with_interval)
        add_interval(b, "95 % interval");
}

static const struct stats_sample *part_of(const struct reached *r, int i)
{
    return i == 0 ? &r->epochs : i == 1 ? &r->steps : &r->seconds;
}

static void add_target(struct builder *b, bool raw)
{
    static const char *const part[] = {"epochs", "steps", "seconds"};
    const char **cell = add_column(b, "reached", false, false);
    for (size_t r = 0; r < b->t.rows; r++) {
        const struct reached *t = &b->x->reached[b->group[r]];
        cell[r] = raw ? arena_printf(b->t.a, "%zu", t->epochs.n)
                      : arena_printf(b->t.a, "%zu of %zu", t->epochs.n, t->runs);
    }
    for (int i = 0; i < 3; i++) {
        struct stats_sample *s = arena_alloc(b->t.a, (b->t.rows + 1) * sizeof *s);
        for (size_t r = 0; r < b->t.rows; r++)
            s[r] = *part_of(&b->x->reached[b->group[r]], i);
        if (raw) {
            comparison_add_sample(&b->t, arena_printf(b->t.a, "target.%s", part[i]), s);
            continue;
        }
        cell = add_column(b, part[i], false, false);
        for (size_t r = 0; r < b->t.rows; r++)
            cell[r] = comparison_figure(b->t.a, &s[r], false);
    }
}

/* The best in bold: the ranking figure of those of the first rank. */
static void mark_best(const struct builder *b, struct table *t)
{
    const char *head = comparison_head(b->t.a, &b->x->measure);
    bool *bold = arena_alloc(b->t.a, t->rows * t->columns + 1);
    for (size_t r = 0; r < t->rows; r++)
        for (size_t c = 0; c < t->columns; c++)
            bold[r * t->columns + c] =
                b->x->rank[b->group[r]] == 1 && strcmp(t->column[c].head, head) == 0;
    t->bold = bold;
}

void comparison_table(struct arena *a, const struct comparison *x, bool raw, struct table *ret)
{
    struct builder b = new_builder(a, x);
    add_rank(&b, raw);
    comparison_add_keys(&b.t, &x->grouping, b.group, raw);
    add_n(&b, raw);
    add_counts(&b, raw);
    add_measure(&b, &x->measure, raw, true);
    if (x->has_target && !raw)
        add_target(&b, raw);
    for (size_t i = 0; i < (raw ? (size_t)COMPARISON_OTHERS : (size_t)SHOWN_OTHERS); i++)
        if (!measure_is_same(&comparison_others[i], &x->measure))
            add_measure(&b, &comparison_others[i], raw, false);
    if (x->has_target && raw)
        add_target(&b, raw);
    table_finish(&b.t, ret);
    mark_best(&b, ret);
}

/* Whether the measure that ranks is among these columns. */
static bool shows_ranking(const struct builder *b, char *const *column, size_t n)
{
    struct measure m;
    struct error err;
    for (size_t i = 0; i < n; i++)
        if (measure_parse(column[i], &m, &err) && measure_is_same(&m, &b->x->measure))
            return true;
    return false;
}

/* Its bounds are columns of their own, unless they stand beside its mean. */
static void add_raw_interval(struct builder *b, bool shown)
{
    const char *name = measure_name(b->t.a, &b->x->measure);
    if (shown)
        return;
    for (int high = 0; high < 2; high++) {
        const char **cell =
            add_column(b, arena_printf(b->t.a, high ? "%s.high" : "%s.low", name), false, false);
        for (size_t r = 0; r < b->t.rows; r++) {
            const struct stats_sample *s = &b->x->sample[b->group[r]];
            cell[r] = comparison_raw(b->t.a, high ? s->high : s->low);
        }
    }
}

/* shown: the measure that ranks is a column too; else the interval says of what it is. */
static void add_chosen_interval(struct builder *b, bool shown, bool raw)
{
    if (raw)
        add_raw_interval(b, shown);
    else
        add_interval(b, shown ? "95 % interval"
                              : arena_printf(b->t.a, "95 %% of %s",
                                             comparison_head(b->t.a, &b->x->measure)));
}

static bool add_chosen(struct builder *b, const char *name, bool shown, bool raw, struct error *err)
{
    static const char *const of_target[] = {"reached", "epochs", "steps", "seconds"};
    struct measure m;
    for (int s = STATUS_COMPLETED; s < STATUSES_OF_STUDIES; s++)
        if (strcmp(name, status_names[s]) == 0) {
            add_status(b, s);
            return true;
        }
    for (size_t i = 0; i < sizeof of_target / sizeof of_target[0]; i++)
        if (strcmp(name, of_target[i]) == 0)
            return b->x->has_target ||
                   error_set(err, ERR_USAGE, "the column '%s' is of a --target", name);
    if (strcmp(name, "n") == 0) {
        add_n(b, raw);
    } else if (strcmp(name, "interval") == 0) {
        add_chosen_interval(b, shown, raw);
    } else if (measure_parse(name, &m, err)) {
        add_measure(b, &m, raw, false);
    } else {
        return error_set(err, ERR_USAGE,
                         "'%s' is no column: there are rank, n, interval, a status such as "
                         "diverged, and figures such as test_accuracy or best.valid_accuracy",
                         name);
    }
    return true;
}

static bool check_columns_once(char *const *column, size_t n, struct error *err)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            struct measure x, y;
            struct error none;
            bool same = strcmp(column[i], column[k]) == 0 ||
                        (measure_parse(column[i], &x, &none) &&
                         measure_parse(column[k], &y, &none) && measure_is_same(&x, &y));
            if (same)
                return error_set(err, ERR_USAGE, "the column '%s' is named twice: once is enough",
                                 column[i]);
        }
    return true;
}

bool comparison_chosen(struct arena *a, const struct comparison *x,
                       const struct comparison_options *o, bool raw, struct table *ret,
                       struct error *err)
{
    char *const *column = o->column;
    size_t n = o->columns;
    if (!check_columns_once(column, n, err))
        return false;
    struct builder b = new_builder(a, x);
    bool shown = shows_ranking(&b, column, n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(column[i], "rank") == 0)
            add_rank(&b, raw);
    comparison_add_keys(&b.t, &x->grouping, b.group, raw);
    for (size_t i = 0; i < n; i++)
        if (strcmp(column[i], "rank") != 0 && !add_chosen(&b, column[i], shown, raw, err))
            return false;
    if (x->has_target)
        add_target(&b, raw);
    table_finish(&b.t, ret);
    mark_best(&b, ret);
    return true;
}

/* " Intervals of up to 3 runs by ...", as far as there are any. */
static const char *pooled_caption(struct arena *a, const struct comparison *x)
{
    const struct group *wild = comparison_wild(x);
    size_t small = 0;
    for (size_t i = 0; i < x->grouping.groups; i++)
        small += x->sample[i].n > 0 && x->sample[i].n <= POOLED_MOST;
    if (small == 0 || x->pooled.freedom == 0)
        return "";
    const char *text = arena_printf(
        a,
        " Intervals of up to %d runs: by the deviation pooled over %zu group%s, %.3g (%zu degree%s of freedom).",
        POOLED_MOST, x->pooled.samples, x->pooled.samples == 1 ? "" : "s",
        (measure_is_share(&x->measure) ? 100 : 1) * x->pooled.sd, x->pooled.freedom,
        x->pooled.freedom == 1 ? "" : "s");
    return wild ? arena_printf(a, "%s More than half of its square is that of one group: %s.", text,
                               wild->label)
                : text;
}

const char *comparison_caption(struct arena *a, const struct comparison *x)
{
    size_t ranked = 0;
    for (size_t i = 0; i < x->grouping.groups; i++)
        ranked += x->rank[i] > 0;
    return arena_printf(a, "Mean ± sample deviation over n completed runs; ranked by %s.%s%s",
                        measure_name(a, &x->measure),
                        ranked > 0 ? " In bold: the first rank, whose 95 % intervals overlap the "
                                     "best one's, which is no test."
                                   : "",
                        pooled_caption(a, x));
}
