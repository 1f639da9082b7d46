#include "plot/plot.h"
#include "figure/figure.h"

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

/* Whether a chosen range, if there is one, has its place on the scale: a logarithmic one has no
 * 0. */
static bool fits(const double *range, bool log, const char *option, struct error *err)
{
    if (!range || !log || range[0] > 0)
        return true;
    return error_set(err, ERR_USAGE,
                     "'--%s %g:%g' begins at %g, and that axis is logarithmic: begin above 0, or "
                     "draw linear axes with '--log none'",
                     option, range[0], range[1], range[0]);
}

/* Gives the panels the chosen ranges. */
static bool set_ranges(struct plot *p, struct error *err)
{
    const struct plot_options *o = p->o;
    bool swapped = o->kind->values == PLOT_VALUES_ALONG_X;
    for (size_t i = 0; i < p->panels; i++) {
        struct axes *x = &p->panel[i];
        bool log = x->heat ? x->heat->log : swapped ? x->x_log : x->y_log;
        if (!fits(o->range, log, "range", err) || !fits(o->x_range, x->x_log, "x-range", err))
            return false;
        if (o->range && swapped)
            x->x_range = o->range;
        else if (o->range)
            x->y_range = o->range;
        if (o->x_range && !swapped)
            x->x_range = o->x_range;
    }
    return true;
}

bool plot_make(struct arena *a, const struct collection *c, const struct plot_options *o,
               struct figure *ret, struct error *err)
{
    struct plot p = {.a = a, .o = o};
    if (!o->kind->make(&p, c, err) || !set_ranges(&p, err))
        return false;
    size_t rows = 0, above = p.columns > 0 ? (p.panels + p.columns - 1) / p.columns : 1;
    for (size_t i = 0; i < p.panels; i++)
        rows = p.panel[i].rows > rows ? p.panel[i].rows : rows;
    *ret = (struct figure){
        .title = o->title,
        .panel = p.panel,
        .panels = p.panels,
        .columns = p.columns,
        .height = rows > ROWS
                      ? (unsigned)fmin(32000, (double)above * (180.0 + ROW_HEIGHT * (double)rows))
                      : 0,
        .shared_legend = p.shared_legend,
        .appearance = o->appearance};
    return true;
}

bool plot_take(struct arena *a, const struct collection *c, const struct plot_options *o,
               plot_handler *take, void *context, struct error *err)
{
    struct figure f;
    if (!o->kind->make)
        return plot_own(a, c, o, take, context, err);
    return plot_make(a, c, o, &f, err) && add_specs(a, c, &f, err) && take(context, &f, err);
}
