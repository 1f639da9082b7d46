/* The lecture's pair: the minibatch loss with its running average, accuracies. */
#include "plot/plot.h"

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

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    const struct collected_run *r = plot_only_run(p->o->kind, c, err);
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

const struct plot_kind plot_pair = {
    .name = "pair",
    .make = make,
    .takes =
        PLOT_TAKES_X | PLOT_TAKES_SMOOTH | PLOT_TAKES_LOG | PLOT_TAKES_RANGE | PLOT_TAKES_X_RANGE,
    .smooths_unasked = true,
};
