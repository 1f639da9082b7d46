/* Figures of one run. */
#include "config/diag.h"
#include "plot/plot.h"
#include <string.h>

static const struct collected_run *only_run(const struct collection *c, const char *what,
                                            struct error *err)
{
    if (c->runs == 1)
        return &c->run[0];
    error_set(err, ERR_USAGE,
              "a figure of kind '%s' is of one run, not of %zu; '--where' chooses", what,
              c->runs);
    return NULL;
}

const struct mark *plot_marks(struct plot *p, const struct collected_run *r, size_t *ret_n,
                              struct error *err)
{
    const struct run_mark *mark;
    struct epoch_row *row;
    double *time;
    size_t n;
    *ret_n = 0;
    if (!run_read_epochs(p->a, r->folder, &row, &n, err) ||
        !collect_times(p->a, r, row, n, &time, err))
        return NULL;
    size_t marks = run_marks(p->a, r->folder, row, n, r->best_epoch, &mark);
    struct mark *to = arena_alloc(p->a, (marks + 1) * sizeof *to);
    for (size_t i = 0; i < marks; i++) {
        double x = mark[i].epoch;
        for (size_t k = 1; k < n && p->o->x != PLOT_EPOCH; k++)
            if (mark[i].epoch > (double)row[k - 1].epoch &&
                mark[i].epoch <= (double)row[k].epoch) {
                double share = mark[i].epoch - (double)row[k - 1].epoch;
                double from = p->o->x == PLOT_STEP ? (double)row[k - 1].step : time[k - 1];
                double end = p->o->x == PLOT_STEP ? (double)row[k].step : time[k];
                x = from + share * (end - from);
            }
        to[i] = (struct mark){x, mark[i].label};
    }
    *ret_n = marks;
    return to;
}

/* ---- the lecture's pair: minibatch loss with its running average, accuracies ---- */

static struct curve whole(const double *x, const double *y, size_t n)
{
    return (struct curve){.x = x, .y = y, .n = n};
}

static bool add_losses(struct plot *p, const struct collected_run *r,
                       const struct epoch_row *row, size_t n, struct error *err)
{
    struct run_steps s;
    if (!run_read_steps(p->a, r->folder, METRIC_BATCH_LOSS, &s, err))
        return false;
    if (s.n == 0)
        return error_set(
            err, ERR_USAGE,
            "%s has no losses of minibatches; a run with 'log: {steps: 1}' keeps them",
            r->folder);
    if (p->o->x == PLOT_EPOCH)
        run_steps_to_epochs(row, n, &s);
    /* An epoch, unless another width was asked for. */
    size_t width = p->o->smooth ? p->o->smooth : n > 1 && s.n / (n - 1) > 1 ? s.n / (n - 1) : 1;
    struct curve *curve = arena_alloc(p->a, 2 * sizeof *curve);
    curve[0] = whole(s.step, s.value, s.n);
    curve[0].faint = true;
    curve[0].name = "each minibatch";
    curve[1] = whole(s.step, plot_smoothed(p->a, s.value, s.n, width), s.n);
    curve[1].label = arena_printf(p->a, "mean of %zu minibatches", width);
    figure_thin(p->a, &curve[0], false);
    figure_thin(p->a, &curve[1], width > 12);
    p->panel[p->panels++] = (struct axes){.y_label = "minibatch loss",
                                          .y_log = plot_log(p->o, 'y', true),
                                          .curve = curve,
                                          .curves = 2};
    return true;
}

static void add_accuracies(struct plot *p, const struct epoch_row *row, size_t n)
{
    struct curve *curve = arena_alloc(p->a, SPLITS * sizeof *curve);
    struct axes x = {.y_label = "accuracy", .y_percent = true, .curve = curve};
    size_t from = n > 2 ? 1 : 0; /* the untrained model's would flatten the rest */
    for (int i = 0; i < SPLITS; i++) {
        double *at = arena_alloc(p->a, (n + 1) * sizeof *at),
               *y = arena_alloc(p->a, (n + 1) * sizeof *y);
        bool any = false;
        for (size_t k = from; k < n; k++) {
            at[k - from] = p->o->x == PLOT_EPOCH ? (double)row[k].epoch : (double)row[k].step;
            y[k - from] = row[k].value[split_info[i].accuracy];
            any |= isfinite(y[k - from]);
        }
        if (!any)
            continue;
        curve[x.curves] = whole(at, y, n - from);
        curve[x.curves].label = split_info[i].images;
        curve[x.curves++].style = i;
    }
    p->panel[p->panels++] = x;
}

bool plot_pair(struct plot *p, const struct collection *c, struct error *err)
{
    const struct collected_run *r = only_run(c, "pair", err);
    struct epoch_row *row;
    size_t n, marks = 0;
    if (!r)
        return false;
    if (p->o->x == PLOT_SECONDS || p->o->metrics > 0)
        return error_set(err, ERR_USAGE,
                         "the pair's metrics are fixed, against epochs or updates");
    p->panel = arena_alloc(p->a, 2 * sizeof *p->panel);
    p->columns = 2;
    if (!run_read_epochs(p->a, r->folder, &row, &n, err) || !add_losses(p, r, row, n, err))
        return false;
    add_accuracies(p, row, n);
    const struct mark *mark = plot_marks(p, r, &marks, err);
    double *range = arena_alloc(p->a, 2 * sizeof *range);
    range[1] = n == 0                  ? 1
               : p->o->x == PLOT_EPOCH ? (double)row[n - 1].epoch
                                       : (double)row[n - 1].step;
    for (size_t i = 0; i < p->panels; i++) {
        if (range[1] > 0 && !plot_log(p->o, 'x', false))
            p->panel[i].x_range = range;
        p->panel[i].x_label = p->o->x == PLOT_EPOCH ? "epoch" : "updates";
        p->panel[i].x_whole = true;
        p->panel[i].x_log = plot_log(p->o, 'x', false);
        p->panel[i].mark = mark;
        p->panel[i].marks = marks;
    }
    return mark != NULL;
}

/* ---- what a run draws of itself ---- */

struct choice {
    const struct plot_options *o;
    plot_taker *take;
    void *context;
};

static bool take_one(void *context, const char *name, const struct figure *f, struct error *err)
{
    struct choice *choice = context;
    if (strcmp(name, plot_kind_names[choice->o->kind]) != 0)
        return true;
    struct figure own = *f;
    own.look = choice->o->look;
    return choice->take(choice->context, &own, err);
}

bool plot_own(struct arena *a, const struct collection *c, const struct plot_options *o,
              plot_taker *take, void *context, struct error *err)
{
    const struct collected_run *r = only_run(c, plot_kind_names[o->kind], err);
    struct choice choice = {o, take, context};
    struct spec spec;
    struct diags d;
    const char *text;
    diags_init(&d, a);
    if (!r || !collect_spec_text(a, r, &text, err))
        return false;
    if (!spec_parse(a, r->folder, text, NULL, 0, &d, &spec))
        return error_set(err, ERR_DATA, "%s/spec.yaml: %s", r->folder,
                         d.n > 0 ? d.item[0].message : "not a spec");
    return run_figures(&spec, r->folder, take_one, &choice, err);
}
