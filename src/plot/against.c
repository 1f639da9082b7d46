/* A figure against one number: how sensitive it is, how much a target takes. */
#include "plot/against.h"
#include "figure/figure.h"
#include <string.h>

/* A curve's points, from left to right: a value of each group of equal x; and again, by what became
 * of the runs. */
struct points {
    size_t n, of[PLOT_LOST + 1];
    double *x, *y, *low, *high;
    struct stats_sample *sample;
    bool *whole;
    double *own_x[PLOT_LOST + 1], *own_y[PLOT_LOST + 1];
    const char **note[PLOT_LOST + 1];
};

static double *numbers(struct arena *a, size_t n)
{
    return arena_alloc(a, (n + 1) * sizeof(double));
}

static struct points new_points(struct arena *a, size_t n)
{
    struct points p = {.x = numbers(a, n),
                       .y = numbers(a, n),
                       .low = numbers(a, n),
                       .high = numbers(a, n),
                       .sample = arena_alloc(a, (n + 1) * sizeof *p.sample),
                       .whole = arena_alloc(a, n + 1)};
    for (int k = 0; k <= PLOT_LOST; k++) {
        p.own_x[k] = numbers(a, n);
        p.own_y[k] = numbers(a, n);
        p.note[k] = arena_alloc(a, (n + 1) * sizeof(char *));
    }
    return p;
}

static void add_point(struct points *to, double x, const struct plot_point *v)
{
    const struct stats_sample *s = &v->sample;
    size_t i = to->n++, *own = &to->of[v->outcome];
    to->x[i] = x;
    to->y[i] = s->mean;
    to->sample[i] = *s;
    to->whole[i] = v->whole;
    to->own_x[v->outcome][*own] = x;
    to->own_y[v->outcome][*own] = s->mean;
    to->note[v->outcome][(*own)++] = v->note;
}

static bool points_of(struct plot *p, const struct collection *c, const struct group *g,
                      plot_valuer *value, struct points *ret, struct error *err)
{
    struct collection part = group_part(p->a, c, g);
    struct grouping x;
    if (!group_runs(p->a, &part, p->over, 1, &x, err))
        return false;
    *ret = new_points(p->a, x.groups);
    for (size_t i = 0; i < x.groups; i++) {
        struct plot_point v;
        const struct collected_value *at = x.group[i].value[0];
        if (!value(p, c, &x.group[i], &v, err))
            return false;
        add_point(ret, at && at->type == EXPR_NUMBER ? at->number : (double)NAN, &v);
    }
    return true;
}

/* The bands of n curves: intervals are by what all points of a panel have in common. */
static void add_bands(struct plot *p, const struct points *v, size_t n, bool share)
{
    size_t points = 0, whole = 0;
    for (size_t k = 0; k < n; k++)
        points += v[k].n;
    struct stats_sample *s = arena_alloc(p->a, (points + 1) * sizeof *s);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < v[k].n; i++)
            if (v[k].whole[i])
                s[whole++] = v[k].sample[i];
    struct stats_pooled pooled = stats_pool(s, whole);
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < v[k].n; i++) {
            group_take_interval(&v[k].sample[i], &pooled, share);
            plot_band(p, &v[k].sample[i], &v[k].low[i], &v[k].high[i]);
        }
}

/* ---- curves ---- */

/* Axes whose curves are being made. */
struct sheet {
    struct axes *axes;
    struct curve *curve;
};

static void put(const struct sheet *to, struct curve c)
{
    to->curve[to->axes->curves++] = c;
}

static void add_curve(const struct plot_against *what, const char *label, const struct points *v,
                      int style, const struct sheet *to)
{
    bool only = what->target && !label[0];
    put(to, (struct curve){.label = only       ? "measured"
                                    : label[0] ? label
                                               : NULL,
                           .x = v->x,
                           .y = v->y,
                           .n = v->n,
                           .low = v->low,
                           .high = v->high,
                           .style = style});
}

/* The points of which some runs are missing, and on the edge where what is worst lies those without
 * any: over all curves, so that none hides them. */
static void add_outcomes(struct plot *p, const struct plot_against *what, const char *label,
                         const struct points *v, int style, const struct sheet *to)
{
    const char *name = label[0] ? label : "all runs";
    for (int k = PLOT_PARTIAL; k <= PLOT_LOST; k++)
        if (v->of[k] > 0)
            put(to,
                (struct curve){.name = arena_printf(p->a, "%s, %s", name,
                                                    k == PLOT_LOST ? what->lost : what->partial),
                               .x = v->own_x[k],
                               .y = v->own_y[k],
                               .n = v->of[k],
                               .points = true,
                               .note = v->note[k],
                               .symbol = k == PLOT_LOST ? SYMBOL_CROSS : SYMBOL_OPEN,
                               .edge = k == PLOT_PARTIAL              ? 0
                                       : what->rises && !what->target ? -1 - style
                                                                      : 1 + style,
                               .style = style});
}

/* Entries for those points in the first panel's legend, if any panel has some. */
static void explain(struct plot *p, const struct plot_against *what, struct curve *first)
{
    static const int symbol[] = {SYMBOL_OF_STYLE, SYMBOL_RING, SYMBOL_CROSS};
    const char *const text[] = {NULL, what->partial, what->lost};
    for (int k = PLOT_PARTIAL; k <= PLOT_LOST; k++) {
        bool any = false;
        int wanted = k == PLOT_LOST ? SYMBOL_CROSS : SYMBOL_OPEN;
        for (size_t i = 0; i < p->panels; i++)
            for (size_t j = 0; j < p->panel[i].curves; j++)
                any |= p->panel[i].curve[j].symbol == wanted;
        if (any)
            first[p->panel[0].curves++] =
                (struct curve){.label = text[k], .points = true, .symbol = symbol[k], .style = 6};
    }
}

/* The first point of a curve, from left to right; n: there is none. */
static size_t first_point(const struct curve *c)
{
    size_t i = 0;
    while (i < c->n && !isfinite(c->y[i]))
        i++;
    return i;
}

/* Twice the batch, half the updates: through the first point of the first curve that has one before
 * the last x. */
static void add_scaling(struct arena *a, const struct plot_against *what, const struct sheet *to)
{
    for (size_t k = 0; k < to->axes->curves && what->n > 1; k++) {
        const struct curve *curve = &to->curve[k];
        size_t from = first_point(curve);
        if (from == curve->n || curve->x[from] >= what->at[what->n - 1])
            continue;
        double *x = arena_alloc(a, 2 * sizeof *x), *y = arena_alloc(a, 2 * sizeof *y);
        x[0] = curve->x[from];
        x[1] = what->at[what->n - 1];
        y[0] = curve->y[from];
        y[1] = y[0] * x[0] / x[1];
        put(to, (struct curve){
                    .label = "perfect scaling", .x = x, .y = y, .n = 2, .guide = true, .style = 0});
        return;
    }
}

/* ---- the figure ---- */

static bool find_values(struct plot *p, const struct collection *c, struct plot_against *what,
                        struct axes *x, struct error *err)
{
    struct grouping xs;
    if (!group_runs(p->a, c, p->over, 1, &xs, err))
        return false;
    double *at = numbers(p->a, xs.groups);
    for (size_t i = 0; i < xs.groups; i++) {
        if (!xs.group[i].value[0] || xs.group[i].value[0]->type != EXPR_NUMBER)
            return error_set(err, ERR_USAGE,
                             "this figure is drawn against a number, and %s is none in all runs; "
                             "name another key with --over, or draw '--kind strip'",
                             p->over[0]);
        at[i] = xs.group[i].value[0]->number;
    }
    what->at = at;
    what->n = xs.groups;
    x->x_label = plot_key_label(p->a, p->over[0]);
    x->x_log =
        plot_log(p->o, 'x', plot_key_spans(p, c, p->over[0], at, xs.groups, what->target ? 2 : 8));
    if (x->x_log)
        plot_tell_left_out(p->over[0], at, xs.groups);
    x->x_range = plot_range(p->a, at, xs.groups, x->x_log);
    if (plot_counts(at, xs.groups)) {
        x->x_tick = at;
        x->x_ticks = xs.groups;
    }
    return true;
}

static bool add_panel(struct plot *p, const struct collection *part, const struct grouping *all,
                      const struct plot_against *what, const struct sheet *to, struct error *err)
{
    struct grouping here;
    if (!group_by(p->a, part, p->key, p->keys, &here, err))
        return false;
    to->axes->curve = to->curve;
    struct points *v = arena_alloc(p->a, (all->groups + 1) * sizeof *v);
    for (size_t k = 0; k < all->groups; k++) {
        const struct group *g = group_find(&here, &all->group[k]);
        v[k] = (struct points){0};
        if (g && !points_of(p, part, g, what->value, &v[k], err))
            return false;
        add_curve(what, plot_label(p->a, &all->group[k]), &v[k], (int)k, to);
    }
    add_bands(p, v, all->groups, to->axes->y_percent);
    for (size_t k = 0; k < all->groups; k++)
        add_outcomes(p, what, plot_label(p->a, &all->group[k]), &v[k], (int)k, to);
    if (what->target && strcmp(p->over[0], "train.batch_size") == 0)
        add_scaling(p->a, what, to);
    return true;
}

bool plot_against(struct plot *p, const struct collection *c, struct plot_against *what,
                  struct axes x, struct error *err)
{
    struct grouping all, parts;
    struct curve *first = NULL;
    if (!plot_curve_keys(p, c, err) || !group_by(p->a, c, p->key, p->keys, &all, err) ||
        !group_by(p->a, c, p->o->panels, p->o->n_panels, &parts, err) ||
        !find_values(p, c, what, &x, err))
        return false;
    p->panel = arena_alloc(p->a, (parts.groups + 1) * sizeof *p->panel);
    for (size_t i = 0; i < parts.groups; i++) {
        struct collection part = group_part(p->a, c, &parts.group[i]);
        struct curve *curve = arena_alloc(p->a, (3 * all.groups + 4) * sizeof *curve);
        const struct sheet to = {&p->panel[p->panels], curve};
        first = first ? first : curve;
        p->panel[p->panels] = x;
        p->panel[p->panels].title = parts.groups > 1 ? parts.group[i].label : NULL;
        if (!add_panel(p, &part, &all, what, &to, err))
            return false;
        p->panels++;
    }
    explain(p, what, first);
    p->columns = parts.groups > 4 ? 3 : parts.groups > 1 ? 2 : 1;
    p->shared_legend = all.groups > 1 || what->target;
    if (parts.groups > 1)
        plot_share_range(p, 0, 1);
    return true;
}
