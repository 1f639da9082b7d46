/* Figures of one run. */
#include "config/diag.h"
#include "plot/plot.h"
#include <string.h>

static const struct collected_run *only_run(const struct collection *c, const char *what,
                                            struct error *err)
{
    if (c->runs == 1)
        return &c->run[0];
    error_set(err, ERR_USAGE, "a figure of kind '%s' is of one run, not of %zu; '--where' chooses",
              what, c->runs);
    return NULL;
}

/* ---- the lecture's pair: minibatch loss with its running average, accuracies ---- */

static bool add_losses(struct plot *p, struct run_history *h, struct run_steps *s,
                       struct error *err)
{
    struct curve *curve = arena_alloc(p->a, 2 * sizeof *curve);
    if (!run_minibatches(p->a, h, p->o->x, s, &curve[0], err))
        return false;
    if (s->n == 0)
        return error_set(err, ERR_USAGE,
                         "%s has no losses of minibatches; a run with 'log: {steps: 1}' keeps them",
                         h->folder);
    /* An epoch, unless the options name another width. */
    struct plot_options own = *p->o;
    struct plot with = *p;
    if (own.smooth == 0)
        own.smooth = h->n > 1 && s->n / (h->n - 1) > 1 ? s->n / (h->n - 1) : 1;
    with.o = &own;
    curve[1] = (struct curve){
        .x = s->step,
        .y = plot_smoothed(&with, s->value, s->n),
        .n = s->n,
        .style = RUN_MINIBATCHES,
        .solid = true,
        .label = arena_printf(p->a, "%s mean of %zu", smooth_window_names[own.window], own.smooth)};
    figure_thin(p->a, &curve[1], own.smooth > PLOT_SMOOTH);
    p->panel[p->panels++] = (struct axes){.y_label = "minibatch loss",
                                          .y_log = plot_log(p->o, 'y', true),
                                          .curve = curve,
                                          .curves = 2};
    return true;
}

static void add_accuracies(struct plot *p, const struct run_history *h)
{
    struct curve *curve = arena_alloc(p->a, SPLITS * sizeof *curve);
    struct axes x = {.y_label = "accuracy", .y_percent = true, .curve = curve};
    x.curves = run_split_curves(p->a, h, p->o->x, true, curve);
    p->panel[p->panels++] = x;
}

bool plot_pair(struct plot *p, const struct collection *c, struct error *err)
{
    const struct collected_run *r = only_run(c, "pair", err);
    struct run_history h;
    struct run_steps steps;
    if (!r)
        return false;
    if (p->o->x == RUN_SECONDS)
        return error_set(err, ERR_USAGE, "a pair is drawn against epochs or updates");
    p->panel = arena_alloc(p->a, 2 * sizeof *p->panel);
    p->columns = 2;
    if (!run_history_read(p->a, r->folder, &h, err))
        return false;
    struct plot_options *own = arena_alloc(p->a, sizeof *own);
    *own = *p->o;
    p->o = own;
    if (own->x == RUN_EPOCHS)
        own->x = run_axis_known(&h);
    if (!add_losses(p, &h, &steps, err))
        return false;
    add_accuracies(p, &h);
    const double *range = run_axis_range(p->a, &h, own->x, &steps);
    for (size_t i = 0; i < p->panels; i++) {
        struct axes *x = &p->panel[i];
        x->x_log = plot_log(p->o, 'x', false);
        x->x_range = x->x_log ? NULL : range;
        x->x_label = run_axis_labels[own->x];
        x->x_whole = true;
        x->marks = run_event_marks(p->a, &h, own->x, r->best_epoch, &x->mark);
    }
    return true;
}

/* ---- what a run draws of itself ---- */

struct choice {
    const struct plot_options *o;
    plot_handler *take;
    void *context;
};

static bool take_one(void *context, const char *name, const struct figure *f, struct error *err)
{
    struct choice *choice = context;
    if (strcmp(name, plot_kind_names[choice->o->kind]) != 0)
        return true;
    struct figure own = *f;
    own.appearance = choice->o->appearance;
    return choice->take(choice->context, &own, err);
}

bool plot_own(struct arena *a, const struct collection *c, const struct plot_options *o,
              plot_handler *take, void *context, struct error *err)
{
    const struct collected_run *r = only_run(c, plot_kind_names[o->kind], err);
    struct choice choice = {o, take, context};
    struct spec spec;
    return r && run_read_spec(a, r->folder, &spec, err) &&
           run_figures(&spec, r->folder, take_one, &choice, err);
}
