#include "study/comparison_table.h"
#include <string.h>

/* What follows the measure that ranks. */
static const struct measure others[] = {
    {METRIC_TRAIN_ACCURACY, false}, {METRIC_VALID_ACCURACY, false}, {METRIC_TEST_ACCURACY, false},
    {METRIC_VALID_ACCURACY, true},  {METRIC_TEST_ACCURACY, true},   {METRIC_TRAIN_LOSS, false},
    {METRIC_VALID_LOSS, false},     {METRIC_TEST_LOSS, false}};
enum { OTHERS = sizeof others / sizeof others[0], SHOWN_OTHERS = 5 };

/* ---- building ---- */

struct builder {
    struct table_builder t;
    const struct comparison *x;
    const size_t *group; /* of each row */
};

/* A row for each group in their order, or for each but the reference. */
static struct builder new_builder(struct arena *a, const struct comparison *x, bool pairs)
{
    size_t *group = arena_alloc(a, (x->grouping.groups + 1) * sizeof *group);
    struct builder b = {.t.a = a, .x = x, .group = group};
    for (size_t i = 0; i < x->grouping.groups; i++)
        if (!pairs || x->order[i] != x->reference)
            group[b.t.rows++] = x->order[i];
    return b;
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

/* ---- numbers ---- */

static const char *raw_number(struct arena *a, double v)
{
    return isfinite(v) ? arena_printf(a, "%.9g", v) : NULL;
}

/* Mean ± deviation in the measure's unit; decimals by the size of the number. */
const char *comparison_figure(struct arena *a, const struct stats_sample *s, bool share)
{
    if (s->n == 0)
        return "–";
    double scale = share ? 100 : 1, size = fabs(s->mean * scale);
    int decimals = share          ? 2
                   : size >= 1000 ? 0
                   : size >= 100  ? 1
                   : size >= 10   ? 2
                   : size >= 1    ? 3
                                  : 4;
    bool tiny = !share && size > 0 && size < 0.01;
    if (tiny || size >= 1e7)
        return s->n > 1 ? arena_printf(a, "%.3g ± %.2g", s->mean, s->sd)
                        : arena_printf(a, "%.3g", s->mean);
    return s->n > 1
               ? arena_printf(a, "%.*f ± %.*f", decimals, scale * s->mean, decimals, scale * s->sd)
               : arena_printf(a, "%.*f", decimals, scale * s->mean);
}

static const char *interval(struct arena *a, const struct stats_sample *s, bool share)
{
    double scale = share ? 100 : 1;
    if (!isfinite(s->low))
        return "–";
    return share ? arena_printf(a, "%.2f to %.2f", scale * s->low, scale * s->high)
                 : arena_printf(a, "%.4g to %.4g", s->low, s->high);
}

const char *comparison_head(struct arena *a, const struct measure *m)
{
    if (!metric_rises(m->metric))
        return measure_name(a, m);
    enum split split = metric_info[m->metric].split;
    const char *of = !m->best ? "" : split == SPLIT_VALID ? "best " : "its ";
    return arena_printf(a, "%s%s %%", of, split_info[split].name);
}

static bool same_measure(const struct measure *x, const struct measure *y)
{
    return x->metric == y->metric && x->best == y->best;
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

static void add_raw_sample(struct builder *b, const char *name, const struct stats_sample *s)
{
    static const char *const part[] = {"mean", "sd", "low", "high"};
    for (int i = 0; i < 4; i++) {
        const char **cell =
            add_column(b, arena_printf(b->t.a, "%s.%s", name, part[i]), false, false);
        for (size_t r = 0; r < b->t.rows; r++)
            cell[r] = raw_number(b->t.a, i == 0   ? s[r].mean
                                         : i == 1 ? s[r].sd
                                         : i == 2 ? s[r].low
                                                  : s[r].high);
    }
}

/* Of the measure that ranks. */
static void add_interval(struct builder *b, const char *head)
{
    const char **cell = add_column(b, head, false, false);
    mark_needed(&b->t);
    for (size_t r = 0; r < b->t.rows; r++)
        cell[r] = interval(b->t.a, &b->x->sample[b->group[r]], measure_is_share(&b->x->measure));
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
    if (raw)
        add_raw_sample(b, measure_name(b->t.a, m), s);
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
            add_raw_sample(b, arena_printf(b->t.a, "target.%s", part[i]), s);
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
    struct builder b = new_builder(a, x, false);
    add_rank(&b, raw);
    comparison_add_keys(&b.t, &x->grouping, b.group, raw);
    add_n(&b, raw);
    add_counts(&b, raw);
    add_measure(&b, &x->measure, raw, true);
    if (x->has_target && !raw)
        add_target(&b, raw);
    for (size_t i = 0; i < (raw ? (size_t)OTHERS : (size_t)SHOWN_OTHERS); i++)
        if (!same_measure(&others[i], &x->measure))
            add_measure(&b, &others[i], raw, false);
    if (x->has_target && raw)
        add_target(&b, raw);
    table_finish(&b.t, ret);
    mark_best(&b, ret);
}

/* Whose interval it is is said where the figure itself does not stand beside it. */
static const char *interval_head(struct builder *b, char *const *column, size_t n)
{
    const struct measure *of = &b->x->measure;
    struct measure m;
    struct error err;
    for (size_t i = 0; i < n; i++)
        if (measure_parse(column[i], &m, &err) && same_measure(&m, of))
            return "95 % interval";
    return arena_printf(b->t.a, "95 %% of %s", comparison_head(b->t.a, of));
}

static bool add_chosen(struct builder *b, const char *name, const char *interval_name, bool raw,
                       struct error *err)
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
        if (!raw)
            add_interval(b, interval_name);
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
                         measure_parse(column[k], &y, &none) && same_measure(&x, &y));
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
    struct builder b = new_builder(a, x, false);
    for (size_t i = 0; i < n; i++)
        if (strcmp(column[i], "rank") == 0)
            add_rank(&b, raw);
    comparison_add_keys(&b.t, &x->grouping, b.group, raw);
    for (size_t i = 0; i < n; i++)
        if (strcmp(column[i], "rank") != 0 &&
            !add_chosen(&b, column[i], interval_head(&b, column, n), raw, err))
            return false;
    if (x->has_target)
        add_target(&b, raw);
    table_finish(&b.t, ret);
    mark_best(&b, ret);
    return true;
}

/* ---- a row per run ---- */

static const char *run_figure(struct arena *a, double v, bool share, bool raw)
{
    struct stats_sample s = {.n = isfinite(v) ? 1 : 0, .mean = v};
    return raw ? raw_number(a, v) : comparison_figure(a, &s, share);
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
    for (size_t i = 0; i <= OTHERS; i++) {
        const struct measure *m = i == 0 ? &x->measure : &others[i - 1];
        size_t values = 0;
        for (size_t r = 0; r < b->rows; r++)
            values += isfinite(measure_value(m, run[r])) ? 1 : 0;
        bool shown = raw || i == 0 || (values > 0 && m->metric == METRIC_TEST_ACCURACY && !m->best);
        if (!shown || (i > 0 && same_measure(m, &x->measure)))
            continue;
        const char **cell = table_add_column(
            b, raw ? measure_name(b->a, m) : comparison_head(b->a, m), false, false);
        if (i == 0)
            mark_needed(b);
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
    return arena_printf(
        a,
        "Mean ± sample deviation over n completed runs; ranked by %s. In bold: the "
        "first rank, whose 95 %% intervals overlap the best one's, which is no test.%s",
        measure_name(a, &x->measure), pooled_caption(a, x));
}

const char *paired_test_name(const struct paired *d)
{
    return d->exact_flips ? "sign flips" : "Wilcoxon";
}

const char *comparison_test(const struct comparison *x)
{
    const char *name = NULL;
    for (size_t i = 0; i < x->grouping.groups; i++) {
        if (i == x->reference || isnan(x->paired[i].p))
            continue;
        if (name && strcmp(name, paired_test_name(&x->paired[i])) != 0)
            return NULL;
        name = paired_test_name(&x->paired[i]);
    }
    return name;
}

void comparison_pairs(struct arena *a, const struct comparison *x, bool raw, struct table *ret)
{
    struct builder b = new_builder(a, x, true);
    bool share = measure_is_share(&x->measure);
    comparison_add_keys(&b.t, &x->grouping, b.group, raw);
    struct stats_sample *s = arena_alloc(a, (b.t.rows + 1) * sizeof *s);
    const char **n = add_column(&b, "pairs", false, false);
    for (size_t r = 0; r < b.t.rows; r++) {
        s[r] = x->paired[b.group[r]].difference;
        n[r] = arena_printf(a, "%zu", s[r].n);
    }
    if (raw) {
        add_raw_sample(&b, "difference", s);
    } else {
        const char **mean = add_column(&b, share ? "difference %" : "difference", false, false);
        const char **range = add_column(&b, "95 % interval", false, false);
        for (size_t r = 0; r < b.t.rows; r++) {
            mean[r] = comparison_figure(a, &s[r], share);
            range[r] = interval(a, &s[r], share);
        }
    }
    const char **p = add_column(&b, "p", false, false),
               **least = add_column(&b, raw ? "p_least" : "least p", false, false),
               **holm = add_column(&b, raw ? "p_holm" : "p (Holm)", false, false);
    const char **test = raw || !comparison_test(x) ? add_column(&b, "test", true, false) : NULL;
    for (size_t r = 0; r < b.t.rows; r++) {
        const struct paired *d = &x->paired[b.group[r]];
        double adjusted = x->adjusted[b.group[r]];
        least[r] =
            isnan(d->least) ? (raw ? NULL : "–") : arena_printf(a, raw ? "%.9g" : "%.2g", d->least);
        p[r] = isnan(d->p) ? (raw ? NULL : "–") : arena_printf(a, raw ? "%.9g" : "%.2g", d->p);
        holm[r] =
            isnan(adjusted) ? (raw ? NULL : "–") : arena_printf(a, raw ? "%.9g" : "%.2g", adjusted);
        if (test)
            test[r] = isnan(d->p) ? (raw ? NULL : "–") : paired_test_name(d);
    }
    const char **lost = raw ? add_column(&b, "pairs_lost", false, false) : NULL;
    for (size_t r = 0; lost && r < b.t.rows; r++)
        lost[r] = arena_printf(a, "%zu", x->paired[b.group[r]].lost);
    if (raw && x->race)
        comparison_add_races(&b.t, x, b.group, true);
    table_finish(&b.t, ret);
}

/* ---- JSON ---- */

static struct json *json_of(const struct stats_sample *s)
{
    struct json *j = js_new_object(), *ci = js_new_array();
    js_append(ci, js_new_real(s->low));
    js_append(ci, js_new_real(s->high));
    js_set(j, "n", js_new_integer((int64_t)s->n));
    js_set(j, "mean", js_new_real(s->mean));
    js_set(j, "sd", js_new_real(s->sd));
    js_set(j, "ci95", ci);
    js_set(j, "min", js_new_real(s->least));
    js_set(j, "max", js_new_real(s->most));
    return j;
}

static struct json *json_value(const struct collected_value *v)
{
    if (!v || v->type == EXPR_NULL)
        return js_new_null();
    if (v->type == EXPR_TEXT)
        return js_new_string(v->text);
    if (strcmp(v->text, "true") == 0 || strcmp(v->text, "false") == 0)
        return js_new_bool(v->text[0] == 't');
    bool whole =
        fabs(v->number) < 9e15 && !(v->number < floor(v->number) || v->number > floor(v->number));
    return whole ? js_new_integer((int64_t)v->number) : js_new_real(v->number);
}

/* other[m]: of all groups, by the measure others[m]. */
static struct json *json_metrics(struct arena *a, const struct comparison *x,
                                 struct stats_sample *const *other, size_t group)
{
    struct json *j = js_new_object();
    js_set(j, measure_name(a, &x->measure), json_of(&x->sample[group]));
    for (size_t i = 0; i < OTHERS; i++)
        if (!same_measure(&others[i], &x->measure) && other[i][group].n > 0)
            js_set(j, measure_name(a, &others[i]), json_of(&other[i][group]));
    return j;
}

static struct json *json_race(const struct comparison *x, const struct race *r)
{
    struct json *j = js_new_object();
    js_set(j, "unit", js_new_string(profile_cost_names[x->cost]));
    js_set(j, "pairs", js_new_integer((int64_t)r->pairs));
    js_set(j, "sooner", js_new_integer((int64_t)r->sooner));
    js_set(j, "later", js_new_integer((int64_t)r->later));
    js_set(j, "level", js_new_integer((int64_t)r->level));
    js_set(j, "neither", js_new_integer((int64_t)r->neither));
    js_set(j, "untold", js_new_integer((int64_t)r->untold));
    js_set(j, "median_difference",
           isinf(r->median) ? js_new_string(r->median > 0 ? "never" : "only it")
                            : js_new_real(r->median));
    js_set(j, "test", js_new_string("Wilcoxon"));
    js_set(j, "p", js_new_real(r->p));
    js_set(j, "p_least", js_new_real(r->least));
    js_set(j, "p_holm", js_new_real(r->adjusted));
    return j;
}

static struct json *json_group(struct arena *a, const struct comparison *x,
                               struct stats_sample *const *other, size_t i)
{
    const struct group *g = &x->grouping.group[i];
    struct json *j = js_new_object(), *keys = js_new_object(), *status = js_new_object(),
                *folders = js_new_array();
    for (size_t k = 0; k < x->grouping.keys; k++)
        js_set(keys, x->grouping.key[k], json_value(g->value[k]));
    for (int s = STATUS_COMPLETED; s < STATUSES_OF_STUDIES; s++)
        if (g->status[s] > 0)
            js_set(status, status_names[s], js_new_integer((int64_t)g->status[s]));
    for (size_t r = 0; r < g->n; r++)
        js_append(folders, js_new_string(g->run[r]->folder));
    js_set(j, "label", js_new_string(g->label));
    js_set(j, "rank", x->rank[i] > 0 ? js_new_integer((int64_t)x->rank[i]) : js_new_null());
    js_set(j, "keys", keys);
    js_set(j, "status", status);
    js_set(j, "metrics", json_metrics(a, x, other, i));
    if (x->has_target) {
        struct json *t = js_new_object();
        js_set(t, "runs", js_new_integer((int64_t)x->reached[i].runs));
        js_set(t, "epochs", json_of(&x->reached[i].epochs));
        js_set(t, "steps", json_of(&x->reached[i].steps));
        js_set(t, "seconds", json_of(&x->reached[i].seconds));
        if (x->race && i != x->reference)
            js_set(t, "paired", json_race(x, &x->race[i]));
        js_set(j, "target", t);
    }
    if (x->has_pairs && i != x->reference) {
        struct json *p = js_new_object();
        js_set(p, "difference", json_of(&x->paired[i].difference));
        js_set(p, "pairs_lost", js_new_integer((int64_t)x->paired[i].lost));
        js_set(p, "test", js_new_string(paired_test_name(&x->paired[i])));
        js_set(p, "p", js_new_real(x->paired[i].p));
        js_set(p, "p_least", js_new_real(x->paired[i].least));
        js_set(p, "p_holm", js_new_real(x->adjusted[i]));
        js_set(j, "paired", p);
    }
    js_set(j, "folders", folders);
    return j;
}

static struct json *json_pooled(const struct stats_pooled *p)
{
    struct json *j = js_new_object();
    js_set(j, "sd", js_new_real(p->sd));
    js_set(j, "degrees_of_freedom", js_new_integer((int64_t)p->freedom));
    js_set(j, "groups", js_new_integer((int64_t)p->samples));
    return j;
}

struct json *comparison_json(struct arena *a, const struct comparison *x)
{
    struct json *j = js_new_object(), *groups = js_new_array();
    js_set(j, "metric", js_new_string(measure_name(a, &x->measure)));
    if (x->pooled.freedom > 0)
        js_set(j, "pooled", json_pooled(&x->pooled));
    if (x->has_target) {
        js_set(j, "target_metric", js_new_string(metric_names[x->target.metric]));
        js_set(j, "target_value", js_new_real(x->target.value));
    }
    if (x->has_pairs && x->grouping.groups > 0)
        js_set(j, "paired_with", js_new_string(x->grouping.group[x->reference].label));
    struct stats_sample *other[OTHERS];
    for (size_t i = 0; i < OTHERS; i++) {
        other[i] = arena_alloc(a, (x->grouping.groups + 1) * sizeof *other[i]);
        group_samples(&x->grouping, &others[i], other[i]);
    }
    for (size_t i = 0; i < x->grouping.groups; i++)
        js_append(groups, json_group(a, x, other, x->order[i]));
    js_set(j, "groups", groups);
    return j;
}
