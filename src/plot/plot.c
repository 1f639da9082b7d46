#include "plot/plot.h"
#include "figure/figure.h"
#include <stdlib.h>
#include <string.h>

const char *const plot_kind_names[] = {"curves", "heatmap", "sensitivity", "strip",    "target",
                                       "pair",   "loss",    "accuracy",    "schedule", NULL};
const char *const plot_x_names[] = {"epoch", "step", "seconds", NULL};
const char *const plot_band_names[] = {"minmax", "sd", "none", NULL};

static bool is_among(const struct collection *c, const char *key, char *const *list, size_t n)
{
    size_t at;
    struct error err;
    for (size_t i = 0; i < n; i++)
        if (collect_find_key(c, list[i], &at, &err) && strcmp(c->key[at], key) == 0)
            return true;
    return false;
}

bool plot_curve_keys(struct plot *p, const struct collection *c, struct error *err)
{
    struct grouping all;
    size_t at;
    for (size_t i = 0; i < p->o->n_panels; i++)
        if (!collect_find_key(c, p->o->panels[i], &at, err))
            return false;
    if (p->o->n_by > 0) {
        p->key = p->o->by;
        p->keys = p->o->n_by;
        return true;
    }
    if (!group_runs(p->a, c, NULL, 0, &all, err))
        return false;
    p->key = arena_alloc(p->a, (all.keys + 1) * sizeof *p->key);
    for (size_t k = 0; k < all.keys; k++)
        if (!is_among(c, all.key[k], p->o->panels, p->o->n_panels) &&
            !is_among(c, all.key[k], p->over, p->overs))
            p->key[p->keys++] = arena_strdup(p->a, all.key[k]);
    return true;
}

const char *plot_label(struct arena *a, const struct group *g)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, g->label);
    for (int s = STATUS_DIVERGED; s < STATUSES_OF_STUDIES; s++)
        if (g->status[s] > 0)
            strbuf_addf(&b, "%s%zu %s", strchr(b.text, '(') ? ", " : " (", g->status[s],
                        status_names[s]);
    strbuf_add(&b, b.length > strlen(g->label) ? ")" : "");
    const char *label = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return label;
}

const char *plot_metric_label(struct arena *a, const struct measure *m)
{
    const char *label = metric_info[m->metric].label;
    return m->best ? arena_printf(a, "%s of the best epoch", label) : label;
}

bool plot_log(const struct plot_options *o, char axis, bool otherwise)
{
    return o->log ? strchr(o->log, axis) != NULL && strcmp(o->log, "none") != 0 : otherwise;
}

/* ---- one scale for small multiples ---- */

static void stretch(double range[2], double v, bool log)
{
    if (!isfinite(v) || (log && v <= 0))
        return;
    range[0] = fmin(range[0], v);
    range[1] = fmax(range[1], v);
}

void plot_widen(double range[2], bool log, double share)
{
    if (log) {
        double factor = range[1] > range[0] ? pow(range[1] / range[0], share) : 2;
        range[0] /= factor;
        range[1] *= factor;
        return;
    }
    double room =
        range[1] > range[0] ? share * (range[1] - range[0]) : fmax(0.05 * fabs(range[0]), 1e-6);
    range[0] -= room;
    range[1] += room;
}

void plot_share_range(struct plot *p, size_t from, size_t stride)
{
    double *range = arena_alloc(p->a, 2 * sizeof *range);
    range[0] = HUGE_VAL;
    range[1] = -HUGE_VAL;
    bool log = p->panel[from].y_log;
    for (size_t i = from; i < p->panels; i += stride)
        for (size_t k = 0; k < p->panel[i].curves; k++) {
            const struct curve *c = &p->panel[i].curve[k];
            for (size_t j = 0; j < c->n; j++) {
                stretch(range, c->y[j], log);
                if (c->low && c->high) {
                    stretch(range, c->low[j], log);
                    stretch(range, c->high[j], log);
                }
            }
        }
    if (!(range[0] < range[1]))
        return;
    plot_widen(range, log, 0.04);
    if (p->panel[from].y_percent)
        range[1] = fmin(range[1], 1);
    for (size_t i = from; i < p->panels; i += stride)
        p->panel[i].y_range = range;
}

/* ---- the figure ---- */

static bool add_specs(struct arena *a, const struct collection *c, struct figure *f,
                      struct error *err)
{
    struct figure_text *text = arena_alloc(a, (c->runs + 1) * sizeof *text);
    for (size_t i = 0; i < c->runs; i++) {
        text[i].keyword =
            c->runs == 1 ? "descent.spec" : arena_printf(a, "descent.spec.%zu", i + 1);
        if (!collect_spec_text(a, &c->run[i], &text[i].text, err))
            return false;
    }
    f->text = text;
    f->texts = c->runs;
    return true;
}

enum {
    ROWS = 22,
    ROW_HEIGHT = 38
}; /* more rows than that make a figure of usual height too dense */

bool plot_make(struct arena *a, const struct collection *c, const struct plot_options *o,
               struct figure *ret, struct error *err)
{
    static plot_maker *const maker[PLOT_LOSS] = {plot_curves, plot_heatmap, plot_sensitivity,
                                                 plot_strip,  plot_target,  plot_pair};
    struct plot p = {.a = a, .o = o};
    if (!maker[o->kind](&p, c, err))
        return false;
    for (size_t i = 0; i < p.panels; i++) {
        bool swapped = o->kind == PLOT_STRIP; /* its values lie along x */
        if (o->range && swapped)
            p.panel[i].x_range = o->range;
        else if (o->range)
            p.panel[i].y_range = o->range;
        if (o->x_range && !swapped)
            p.panel[i].x_range = o->x_range;
    }
    size_t rows = 0, above = p.columns > 0 ? (p.panels + p.columns - 1) / p.columns : 1;
    for (size_t i = 0; i < p.panels; i++)
        rows = p.panel[i].rows > rows ? p.panel[i].rows : rows;
    *ret = (struct figure){
        .title = o->title,
        .panel = p.panel,
        .panels = p.panels,
        .columns = p.columns,
        .height = rows > ROWS ? (unsigned)fmin(32000, (double)above *
                                                          (180.0 + ROW_HEIGHT * (double)rows))
                              : 0,
        .shared_legend = p.shared_legend,
        .look = o->look};
    return true;
}

bool plot_take(struct arena *a, const struct collection *c, const struct plot_options *o,
               plot_taker *take, void *context, struct error *err)
{
    struct figure f;
    if (o->kind >= PLOT_LOSS)
        return plot_own(a, c, o, take, context, err);
    return plot_make(a, c, o, &f, err) && add_specs(a, c, &f, err) && take(context, &f, err);
}
