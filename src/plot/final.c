/* Figures of what runs came to: against keys of their specs, or one row per group. */
#include "figure/figure.h"
#include "plot/plot.h"
#include <stdlib.h>
#include <string.h>

static struct measure measure_for(const struct plot *p, const struct collection *c)
{
    struct measure m = {METRIC_VALID_ACCURACY, false};
    if (p->o->metrics > 0)
        return p->o->metric[0];
    for (size_t i = 0; i < c->runs; i++)
        if (isfinite(c->run[i].final[METRIC_VALID_ACCURACY]))
            return m;
    m.metric = METRIC_TEST_ACCURACY;
    return m;
}

/* ---- keys along axes ---- */

static bool is_numeric(const struct collection *c, size_t key)
{
    for (size_t i = 0; i < c->runs; i++)
        if (!c->run[i].value[key] || c->run[i].value[key]->type != EXPR_NUMBER)
            return false;
    return true;
}

/* The wanted number of differing keys: first this one, then numbers, then what there is. */
static bool choose_over(struct plot *p, const struct collection *c, const char *const *first,
                        size_t wanted, struct error *err)
{
    struct grouping all;
    size_t at;
    p->over = arena_alloc(p->a, (wanted + 1) * sizeof *p->over);
    if (p->o->n_over > 0 && p->o->n_over != wanted)
        return error_set(err, ERR_USAGE, "a figure of this kind lies over %zu key%s, not %zu",
                         wanted, wanted == 1 ? "" : "s", p->o->n_over);
    if (!group_runs(p->a, c, NULL, 0, &all, err))
        return false;
    for (size_t i = 0; i < p->o->n_over; i++) {
        if (!collect_find_key(c, p->o->over[i], &at, err))
            return false;
        p->over[p->overs++] = arena_strdup(p->a, c->key[at]);
    }
    for (int pass = 0; pass < 3; pass++)
        for (size_t k = 0; k < all.keys && p->overs < wanted; k++) {
            if (!collect_find_key(c, all.key[k], &at, err))
                return false;
            bool taken = false, is_first = false;
            for (size_t i = 0; i < p->overs; i++)
                taken |= strcmp(p->over[i], all.key[k]) == 0;
            for (size_t i = 0; first[i]; i++)
                is_first |= strcmp(first[i], all.key[k]) == 0;
            if (!taken && (pass == 2 || (pass == 1 ? is_numeric(c, at) : is_first)))
                p->over[p->overs++] = arena_strdup(p->a, all.key[k]);
        }
    if (p->overs < wanted)
        return error_set(
            err, ERR_USAGE,
            "this figure needs %zu key%s that differ%s between the runs; there %s %zu", wanted,
            wanted == 1 ? "" : "s", wanted == 1 ? "s" : "", p->overs == 1 ? "is" : "are",
            p->overs);
    return true;
}

/* A key's last part, blanks for underscores: "batch size"; the learning rate by its name. */
static const char *key_label(struct arena *a, const char *key)
{
    char *s = arena_strdup(a, key), *dot = strrchr(s, '.');
    if (dot && strcmp(dot, ".name") == 0)
        *dot = '\0';
    dot = strrchr(s, '.');
    s = dot ? dot + 1 : s;
    if (strcmp(s, "lr") == 0)
        return "learning rate";
    for (char *c = s; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    return s;
}

/* Numbers over a factor of so much or more, none of them 0 or less, want a logarithmic axis. */
static bool spans(const double *v, size_t n, double factor)
{
    double low = HUGE_VAL, high = 0;
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, v[i]);
        high = fmax(high, v[i]);
    }
    return n > 1 && low > 0 && high >= factor * low;
}

/* With some room beside the first and the last; NULL where there is nothing to be shown. */
static const double *range_of(struct arena *a, const double *v, size_t n, bool log)
{
    double *range = arena_alloc(a, 2 * sizeof *range);
    range[0] = HUGE_VAL;
    range[1] = -HUGE_VAL;
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i]) && (!log || v[i] > 0)) {
            range[0] = fmin(range[0], v[i]);
            range[1] = fmax(range[1], v[i]);
        }
    if (range[0] > range[1])
        return NULL;
    plot_widen(range, log, 0.03);
    return range;
}

/* ---- heat map ---- */

static const char *cell_note(struct arena *a, const struct group *g)
{
    struct strbuf b;
    strbuf_init(&b);
    for (int s = STATUS_DIVERGED; s < STATUSES_OF_STUDIES; s++)
        if (g->status[s] == g->n)
            strbuf_add(&b, status_names[s]);
        else if (g->status[s] > 0)
            strbuf_addf(&b, "%s%zu %s", b.length ? ", " : "", g->status[s], status_names[s]);
    const char *note = b.length ? arena_strdup(a, b.text) : NULL;
    strbuf_fini(&b);
    return note;
}

static bool add_heat(struct plot *p, const struct collection *c, const struct grouping *x,
                     const struct grouping *y, const struct measure *m, const char *title,
                     struct error *err)
{
    struct grouping cells;
    struct arena *a = p->a;
    char *by[] = {p->over[0], p->over[1]};
    if (!group_runs(a, c, by, 2, &cells, err))
        return false;
    size_t n = x->groups * y->groups;
    double *value = arena_alloc(a, n * sizeof *value),
           *along = arena_alloc(a, x->groups * sizeof *along);
    const char **note = arena_alloc(a, n * sizeof *note),
               **row = arena_alloc(a, y->groups * sizeof *row);
    const char **column = arena_alloc(a, x->groups * sizeof *column);
    struct heat_map *h = arena_alloc(a, sizeof *h);
    *h = (struct heat_map){.columns = x->groups,
                           .rows = y->groups,
                           .column = column,
                           .row = row,
                           .value = value,
                           .note = note,
                           .best = n,
                           .label = plot_metric_label(a, m),
                           .range = p->o->range,
                           .log = plot_log(p->o, 'y', !measure_is_share(m))};
    struct stats_sample best = stats_of(NULL, 0);
    bool numbers = true, best_lost = false, chooses = !metric_is_test(m->metric);
    for (size_t i = 0; i < x->groups; i++) {
        const struct collected_value *v = x->group[i].value[0];
        column[i] = x->group[i].shown[0];
        numbers &= v && v->type == EXPR_NUMBER;
        along[i] = v ? v->number : (double)NAN;
    }
    h->x = numbers ? along : NULL;
    for (size_t i = 0; i < y->groups; i++)
        row[i] = y->group[i].shown[0];
    for (size_t i = 0; i < n; i++) {
        struct collected_value const *pair[2] = {x->group[i % x->groups].value[0],
                                                 y->group[i / x->groups].value[0]};
        struct group like = {.value = pair};
        const struct group *g = group_find(&cells, &like);
        struct stats_sample s = g ? group_sample(g, m) : stats_of(NULL, 0);
        bool lost = g && group_lost(g);
        value[i] = s.mean;
        note[i] = g ? cell_note(a, g) : NULL;
        if (chooses && stats_leads(&s, lost, &best, best_lost, metric_rises(m->metric))) {
            h->best = i;
            best = s;
            best_lost = lost;
        }
    }
    p->panel[p->panels++] = (struct axes){.title = title,
                                          .x_label = key_label(a, p->over[0]),
                                          .y_label = key_label(a, p->over[1]),
                                          .y_percent = measure_is_share(m),
                                          .heat = h};
    return true;
}

/* All panels have the same colours for the same values. */
static void share_colours(struct plot *p)
{
    double *range = arena_alloc(p->a, 2 * sizeof *range);
    struct heat_map *h = arena_alloc(p->a, (p->panels + 1) * sizeof *h);
    range[0] = HUGE_VAL;
    range[1] = -HUGE_VAL;
    for (size_t i = 0; i < p->panels; i++) {
        h[i] = *p->panel[i].heat;
        for (size_t k = 0; k < h[i].rows * h[i].columns; k++)
            if (isfinite(h[i].value[k]) && (!h[i].log || h[i].value[k] > 0)) {
                range[0] = fmin(range[0], h[i].value[k]);
                range[1] = fmax(range[1], h[i].value[k]);
            }
    }
    for (size_t i = 0; i < p->panels && range[0] < range[1]; i++) {
        h[i].range = range;
        p->panel[i].heat = &h[i];
    }
}

bool plot_heatmap(struct plot *p, const struct collection *c, struct error *err)
{
    static const char *const first[] = {"optimizer.lr", "train.batch_size", NULL};
    struct grouping x, y, parts;
    struct measure m = measure_for(p, c);
    if (!choose_over(p, c, first, 2, err))
        return false;
    /* As the axes are mostly read: the learning rate along x. */
    if (p->o->n_over == 0 && strcmp(p->over[1], "optimizer.lr") == 0) {
        char *other = p->over[0];
        p->over[0] = p->over[1];
        p->over[1] = other;
    }
    if (!plot_curve_keys(p, c, err))
        return false;
    char **by = p->o->n_panels > 0 ? p->o->panels : p->key;
    size_t n = p->o->n_panels > 0 ? p->o->n_panels : p->keys;
    if (!group_runs(p->a, c, &p->over[0], 1, &x, err) ||
        !group_runs(p->a, c, &p->over[1], 1, &y, err) || !group_by(p->a, c, by, n, &parts, err))
        return false;
    p->panel = arena_alloc(p->a, (parts.groups + 1) * sizeof *p->panel);
    for (size_t i = 0; i < parts.groups; i++) {
        struct collection part = group_part(p->a, c, &parts.group[i]);
        struct grouping own_x, own_y;
        if (!group_runs(p->a, &part, &p->over[0], 1, &own_x, err) ||
            !group_runs(p->a, &part, &p->over[1], 1, &own_y, err) ||
            !add_heat(p, &part, &own_x, &own_y, &m,
                      parts.groups > 1 ? parts.group[i].label : NULL, err))
            return false;
    }
    p->columns = parts.groups > 4 ? 3 : parts.groups > 1 ? 2 : 1;
    if (parts.groups > 1 && !p->o->range)
        share_colours(p);
    return true;
}

/* ---- a figure against one number ---- */

/* A curve's points, from left to right: a value of each group of equal x. */
struct points {
    size_t n;
    double *x, *y, *low, *high;
};

static struct points new_points(struct arena *a, size_t n)
{
    struct points p = {.n = n};
    p.x = arena_alloc(a, (n + 1) * sizeof(double));
    p.y = arena_alloc(a, (n + 1) * sizeof(double));
    p.low = arena_alloc(a, (n + 1) * sizeof(double));
    p.high = arena_alloc(a, (n + 1) * sizeof(double));
    return p;
}

/* What a group of equal x comes to. */
typedef bool valuer(struct plot *p, const struct collection *c, const struct group *g,
                    struct stats_sample *ret, struct error *err);

static bool value_of_measure(struct plot *p, const struct collection *c, const struct group *g,
                             struct stats_sample *ret, struct error *err)
{
    struct measure m = measure_for(p, c);
    (void)err;
    *ret = group_sample(g, &m);
    return true;
}

/* Updates to the target by the best of the settings that all reached it: tuned at every x (Shallue
 * et al. 2019). */
static bool value_of_target(struct plot *p, const struct collection *c, const struct group *g,
                            struct stats_sample *ret, struct error *err)
{
    struct collection part = group_part(p->a, c, g);
    struct grouping settings;
    *ret = stats_of(NULL, 0);
    if (!group_runs(p->a, &part, NULL, 0, &settings, err))
        return false;
    for (size_t i = 0; i < settings.groups; i++) {
        struct reached r;
        if (!group_reached(&settings.group[i], &p->o->target, &r, err))
            return false;
        if (r.runs > 0 && r.epochs.n == r.runs && (ret->n == 0 || r.steps.mean < ret->mean))
            *ret = r.steps;
    }
    return true;
}

static bool points_of(struct plot *p, const struct collection *c, const struct group *g,
                      valuer *value, struct points *ret, struct error *err)
{
    struct collection part = group_part(p->a, c, g);
    struct grouping x;
    if (!group_runs(p->a, &part, p->over, 1, &x, err))
        return false;
    *ret = new_points(p->a, x.groups);
    for (size_t i = 0; i < x.groups; i++) {
        struct stats_sample s;
        const struct collected_value *v = x.group[i].value[0];
        if (!value(p, c, &x.group[i], &s, err))
            return false;
        bool sd = p->o->band == PLOT_SD, none = p->o->band == PLOT_NONE || s.n < 2;
        ret->x[i] = v && v->type == EXPR_NUMBER ? v->number : (double)NAN;
        ret->y[i] = s.mean;
        ret->low[i] = none ? (double)NAN : sd ? s.mean - s.sd : s.least;
        ret->high[i] = none ? (double)NAN : sd ? s.mean + s.sd : s.most;
    }
    return true;
}

/* Twice the batch, half the updates: through the first curve's first point. */
static void add_scaling(struct arena *a, struct curve *curve, size_t *n, const double *at,
                        size_t points)
{
    size_t from = 0;
    while (*n > 0 && from < curve[0].n && !isfinite(curve[0].y[from]))
        from++;
    if (*n == 0 || from == curve[0].n || points < 2)
        return;
    double *x = arena_alloc(a, 2 * sizeof *x), *y = arena_alloc(a, 2 * sizeof *y);
    x[0] = curve[0].x[from];
    x[1] = at[points - 1];
    y[0] = curve[0].y[from];
    y[1] = y[0] * x[0] / x[1];
    curve[(*n)++] = (struct curve){
        .label = "perfect scaling", .x = x, .y = y, .n = 2, .guide = true, .style = 0};
}

static bool against(struct plot *p, const struct collection *c, valuer *value, struct axes x,
                    bool scaling, struct error *err)
{
    struct grouping all, parts, xs;
    if (!plot_curve_keys(p, c, err) || !group_by(p->a, c, p->key, p->keys, &all, err) ||
        !group_by(p->a, c, p->o->panels, p->o->n_panels, &parts, err) ||
        !group_runs(p->a, c, p->over, 1, &xs, err))
        return false;
    double *at = arena_alloc(p->a, (xs.groups + 1) * sizeof *at);
    for (size_t i = 0; i < xs.groups; i++) {
        if (!xs.group[i].value[0] || xs.group[i].value[0]->type != EXPR_NUMBER)
            return error_set(err, ERR_USAGE, "%s is not a number in all runs", p->over[0]);
        at[i] = xs.group[i].value[0]->number;
    }
    x.x_label = key_label(p->a, p->over[0]);
    x.x_log = plot_log(p->o, 'x', spans(at, xs.groups, scaling ? 2 : 8));
    x.x_range = range_of(p->a, at, xs.groups, x.x_log);
    p->panel = arena_alloc(p->a, (parts.groups + 1) * sizeof *p->panel);
    for (size_t i = 0; i < parts.groups; i++) {
        struct collection part = group_part(p->a, c, &parts.group[i]);
        struct grouping here;
        struct curve *curve = arena_alloc(p->a, (all.groups + 2) * sizeof *curve);
        size_t n = 0;
        if (!group_by(p->a, &part, p->key, p->keys, &here, err))
            return false;
        for (size_t k = 0; k < all.groups; k++) {
            const struct group *g = group_find(&here, &all.group[k]);
            struct points v = {0};
            if (g && !points_of(p, c, g, value, &v, err))
                return false;
            const char *label = plot_label(p->a, &all.group[k]);
            curve[n] = (struct curve){
                .label = label[0] || scaling ? (label[0] ? label : "measured") : NULL,
                .x = v.x,
                .y = v.y,
                .n = v.n,
                .low = v.low,
                .high = v.high,
                .style = (int)k};
            n++;
        }
        if (scaling)
            add_scaling(p->a, curve, &n, at, xs.groups);
        p->panel[p->panels] = x;
        p->panel[p->panels].title = parts.groups > 1 ? parts.group[i].label : NULL;
        p->panel[p->panels].curve = curve;
        p->panel[p->panels++].curves = n;
    }
    p->columns = parts.groups > 4 ? 3 : parts.groups > 1 ? 2 : 1;
    p->shared_legend = all.groups > 1 || scaling;
    if (parts.groups > 1)
        plot_share_range(p, 0, 1);
    return true;
}

bool plot_sensitivity(struct plot *p, const struct collection *c, struct error *err)
{
    static const char *const first[] = {"optimizer.lr", NULL};
    struct measure m = measure_for(p, c);
    struct axes x = {.y_label = plot_metric_label(p->a, &m),
                     .y_percent = measure_is_share(&m),
                     .y_log = plot_log(p->o, 'y', !measure_is_share(&m))};
    return choose_over(p, c, first, 1, err) && against(p, c, value_of_measure, x, false, err);
}

bool plot_target(struct plot *p, const struct collection *c, struct error *err)
{
    static const char *const first[] = {"train.batch_size", NULL};
    if (!p->o->has_target)
        return error_set(err, ERR_USAGE, "which target? --target valid_accuracy=0.97, say");
    struct axes x = {.y_label =
                         arena_printf(p->a, "updates to %s %g",
                                      metric_names[p->o->target.metric], p->o->target.value),
                     .y_log = plot_log(p->o, 'y', true)};
    return choose_over(p, c, first, 1, err) && against(p, c, value_of_target, x, true, err);
}

/* ---- strip plot ---- */

struct strip_row {
    const struct group *group;
    struct stats_sample sample;
    size_t index;
    bool rises;
};

/* The one that leads last: it is the highest row. */
static int compare_rows(const void *a, const void *b)
{
    const struct strip_row *x = a, *y = b;
    bool p = group_lost(x->group), q = group_lost(y->group);
    if (stats_leads(&x->sample, p, &y->sample, q, x->rises))
        return 1;
    if (stats_leads(&y->sample, q, &x->sample, p, x->rises))
        return -1;
    return x->index < y->index ? 1 : -1;
}

/* The colour is that of the first key's value: of the optimizer, where that differs. */
static int style_of(const struct grouping *g, const struct group *group)
{
    int style = 0;
    for (size_t i = 0; i < g->groups && g->keys > 0; i++) {
        const struct group *other = &g->group[i];
        if (other->value[0] == group->value[0])
            break;
        style += i + 1 == g->groups || other->value[0] != g->group[i + 1].value[0];
    }
    return style;
}

/* Each run a dot, beside one another; the mean a dot on the line of its 95 % interval. */
static void add_row(struct plot *p, const struct strip_row *r, const struct measure *m,
                    int style, double y, struct axes *x, struct curve *curve)
{
    const struct group *g = r->group;
    const char *label = plot_label(p->a, g);
    double *v = arena_alloc(p->a, 2 * (g->n + 1) * sizeof *v), *at = v + g->n;
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++)
        if (g->run[i]->status == STATUS_COMPLETED && isfinite(measure_of(m, g->run[i])))
            v[n++] = measure_of(m, g->run[i]);
    for (size_t i = 0; i < n; i++)
        at[i] = y + (n > 1 ? 0.36 * ((double)i / (double)(n - 1) - 0.5) : 0);
    double *mean = arena_alloc(p->a, 6 * sizeof *mean);
    mean[0] = r->sample.n > 1 ? r->sample.low : r->sample.mean;
    mean[1] = r->sample.n > 1 ? r->sample.high : r->sample.mean;
    mean[2] = r->sample.mean;
    mean[3] = mean[4] = mean[5] = y;
    curve[x->curves++] = (struct curve){
        .name = label, .x = v, .y = at, .n = n, .points = true, .faint = true, .style = style};
    curve[x->curves++] = (struct curve){.name = arena_printf(p->a, "%s, 95 %% interval", label),
                                        .x = mean,
                                        .y = mean + 3,
                                        .n = 2,
                                        .bare = true,
                                        .style = style};
    curve[x->curves++] = (struct curve){.name = arena_printf(p->a, "%s, mean", label),
                                        .x = mean + 2,
                                        .y = mean + 3,
                                        .n = 1,
                                        .points = true,
                                        .style = style};
}

/* All runs and all intervals, but no more than 100 %. */
static const double *strip_range(struct arena *a, const struct measure *m,
                                 const struct strip_row *row, size_t rows, bool log)
{
    double *v = arena_alloc(a, (4 * rows + 1) * sizeof *v);
    for (size_t i = 0; i < rows; i++) {
        const struct stats_sample *s = &row[i].sample;
        v[4 * i] = measure_is_share(m) ? fmax(s->low, 0) : s->low;
        v[4 * i + 1] = measure_is_share(m) ? fmin(s->high, 1) : s->high;
        v[4 * i + 2] = s->least;
        v[4 * i + 3] = s->most;
        if (s->n < 2)
            v[4 * i] = v[4 * i + 1] = s->mean;
    }
    return range_of(a, v, 4 * rows, log);
}

/* The rows of some of the runs, the best on top, in the styles that they have among all. */
static bool add_strip(struct plot *p, const struct collection *c, const struct grouping *all,
                      const struct measure *m, const char *title, struct error *err)
{
    struct grouping g;
    if (!group_by(p->a, c, p->key, p->keys, &g, err))
        return false;
    struct strip_row *row = arena_alloc(p->a, (g.groups + 1) * sizeof *row);
    const char **name = arena_alloc(p->a, (g.groups + 1) * sizeof *name);
    struct curve *curve = arena_alloc(p->a, (3 * g.groups + 1) * sizeof *curve);
    struct stats_sample *sample = arena_alloc(p->a, (g.groups + 1) * sizeof *sample);
    group_samples(&g, m, sample);
    for (size_t i = 0; i < g.groups; i++)
        row[i] = (struct strip_row){&g.group[i], sample[i], i, metric_rises(m->metric)};
    if (g.groups > 1)
        qsort(row, g.groups, sizeof *row, compare_rows);
    struct axes x = {.title = title,
                     .x_label = plot_metric_label(p->a, m),
                     .x_percent = measure_is_share(m),
                     .rows = g.groups,
                     .row = name,
                     .x_log = plot_log(p->o, 'x', !measure_is_share(m))};
    for (size_t i = 0; i < g.groups; i++) {
        name[i] = plot_label(p->a, row[i].group);
        add_row(p, &row[i], m, style_of(all, row[i].group), (double)i + 1, &x, curve);
    }
    x.x_range = strip_range(p->a, m, row, g.groups, x.x_log);
    x.curve = curve;
    p->panel[p->panels++] = x;
    return true;
}

/* Each panel has a range of its own: one problem's accuracies are not another's. */
bool plot_strip(struct plot *p, const struct collection *c, struct error *err)
{
    struct grouping all, parts;
    struct measure m = measure_for(p, c);
    if (!plot_curve_keys(p, c, err) || !group_by(p->a, c, p->key, p->keys, &all, err) ||
        !group_by(p->a, c, p->o->panels, p->o->n_panels, &parts, err))
        return false;
    p->panel = arena_alloc(p->a, (parts.groups + 1) * sizeof *p->panel);
    for (size_t i = 0; i < parts.groups; i++) {
        struct collection part = group_part(p->a, c, &parts.group[i]);
        if (!add_strip(p, &part, &all, &m, parts.groups > 1 ? parts.group[i].label : NULL, err))
            return false;
    }
    p->columns = parts.groups > 4 ? 3 : parts.groups > 1 ? 2 : 1;
    return true;
}
