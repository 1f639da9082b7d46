/* The figures that a run draws of itself: loss.png, accuracy.png, schedule.png. */
#include "run/curves.h"
#include "run/internal.h"
#include "util/path.h"

struct drawing {
    struct arena arena;
    const char *title, *spec_text;
    const struct chosen_list *scheduler;
    run_figure_handler *take;
    void *context;
    struct run_history history;
    enum run_axis axis;
    int64_t best; /* epoch */
    const struct mark *mark;
    size_t marks;
};

static bool hand_over(struct drawing *d, const char *name, struct axes *panel, size_t panels,
                      struct error *err)
{
    struct figure_text text;
    struct figure f = figure_column(d->title, panel, panels, d->spec_text, &text);
    return d->take(d->context, name, &f, err);
}

static struct axes axes_of(const struct drawing *d, const char *label, struct curve *curve)
{
    return (struct axes){.x_label = run_axis_labels[d->axis],
                         .y_label = label,
                         .x_whole = true,
                         .mark = d->mark,
                         .marks = d->marks,
                         .curve = curve};
}

static void find_marks(struct drawing *d)
{
    d->marks = run_event_marks(&d->arena, &d->history, d->axis, d->best, &d->mark);
}

static bool draw_loss(struct drawing *d, struct error *err)
{
    struct curve curve[SPLITS + 2];
    struct axes x = axes_of(d, "cross entropy", curve);
    struct run_steps steps;
    x.y_log = true;
    if (!run_minibatches(&d->arena, &d->history, d->axis, &steps, &curve[0], err))
        return false;
    find_marks(d);
    x.mark = d->mark;
    x.marks = d->marks;
    x.curves = steps.n > 0;
    struct run_series mean = run_series(&d->arena, &d->history, d->axis, METRIC_BATCH_LOSS);
    if (run_series_has_values(&mean))
        curve[x.curves++] = (struct curve){.label = "minibatches (training mode)",
                                           .x = mean.x,
                                           .y = mean.y,
                                           .n = mean.n,
                                           .style = RUN_MINIBATCHES};
    if (x.curves == 1 && steps.n > 0) { /* not one epoch came to its end */
        curve[0].label = "minibatches (training mode)";
        curve[0].faint = false;
    }
    x.curves += run_split_curves(&d->arena, &d->history, d->axis, false, curve + x.curves);
    x.x_range = run_axis_range(&d->arena, &d->history, d->axis, &steps);
    return hand_over(d, "loss", &x, 1, err);
}

static bool draw_accuracy(struct drawing *d, struct error *err)
{
    struct curve curve[SPLITS];
    struct axes x = axes_of(d, "accuracy", curve);
    x.y_percent = true;
    x.curves = run_split_curves(&d->arena, &d->history, d->axis, true, curve);
    if (d->history.diverged >= 0)
        x.x_range = run_axis_range(&d->arena, &d->history, d->axis, NULL);
    return hand_over(d, "accuracy", &x, 1, err);
}

/* ---- schedule ---- */

static bool varies(const struct run_series *s)
{
    for (size_t i = 1; i < s->n; i++)
        if (s->y[i] < s->y[0] || s->y[i] > s->y[0])
            return true;
    return false;
}

/* A row's value held during its epoch: from the end of the one before to its own end. */
static struct run_series during_epochs(struct drawing *d, enum metric m)
{
    struct run_series s = run_series(&d->arena, &d->history, RUN_EPOCHS, m);
    s = run_series_trained(s); /* the epoch to come has its values too */
    if (!run_series_has_values(&s))
        return s;
    for (size_t i = 0; i < s.n; i++)
        s.x[i] -= 1;
    s.x[s.n] = s.x[s.n - 1] + 1;
    s.y[s.n] = s.y[s.n - 1];
    s.n++;
    return s;
}

/* Whether what moves the learning rate or the momentum does so at every update, not by epochs. */
static bool moves_in_epochs(const struct chosen_list *scheduler)
{
    bool any = false;
    for (size_t i = 0; i < scheduler->n; i++) {
        const struct sched_common *o = scheduler->v[i].options;
        if (o->apply_to != SCHED_LR && o->apply_to != SCHED_MOMENTUM)
            continue;
        if (o->interval != SCHED_STEP)
            return false;
        any = true;
    }
    return any;
}

/* A row has the value of its epoch's last update: true where it is held during the epoch, false
 * where the epoch had others, of which no row tells. */
static bool schedule_series(struct drawing *d, enum metric m, struct run_series *ret)
{
    bool held = m == METRIC_BATCH_SIZE || d->history.n < 2 || !moves_in_epochs(d->scheduler);
    *ret = held ? during_epochs(d, m) : run_series(&d->arena, &d->history, RUN_EPOCHS, m);
    return held;
}

static bool draw_schedule(struct drawing *d, struct error *err)
{
    static const enum metric what[] = {METRIC_LR, METRIC_MOMENTUM, METRIC_BATCH_SIZE};
    struct curve curve[3];
    struct axes x[3] = {0};
    size_t panels = 0;
    for (int i = 0; i < 3; i++) {
        struct run_series s;
        bool held = schedule_series(d, what[i], &s);
        if (!run_series_has_values(&s) || (i > 0 && !varies(&s)))
            continue;
        curve[panels] = (struct curve){
            .x = s.x, .y = s.y, .n = s.n, .style = i, .steps = held, .points = !held};
        x[panels] = (struct axes){.x_label = held ? run_axis_labels[RUN_EPOCHS]
                                                  : "epoch (value of its last update)",
                                  .y_label = metric_info[what[i]].label,
                                  .x_whole = true,
                                  .y_log = run_wants_log(s.y, s.n),
                                  .curve = &curve[panels],
                                  .curves = 1};
        panels++;
    }
    return hand_over(d, "schedule", x, panels, err);
}

/* ---- all of them ---- */

static bool figures(const struct spec *spec, const char *folder, int64_t diverged,
                    run_figure_handler *take, void *context, struct error *err)
{
    struct drawing d = {.take = take, .context = context};
    struct strbuf text;
    arena_init(&d.arena);
    strbuf_init(&text);
    spec_write(spec, &text);
    d.spec_text = text.text;
    d.title = spec->name;
    d.scheduler = &spec->scheduler;
    bool ok = run_history_read(&d.arena, folder, &d.history, err);
    if (ok) {
        if (diverged >= 0)
            d.history.diverged = diverged;
        const struct epoch_row *best = run_tables_best(spec, d.history.row, d.history.n);
        d.best = best ? best->epoch : 0;
        d.axis = run_axis_known(&d.history);
        ok = draw_loss(&d, err) && draw_accuracy(&d, err) && draw_schedule(&d, err);
    }
    strbuf_fini(&text);
    arena_fini(&d.arena);
    return ok;
}

bool run_figures(const struct spec *spec, const char *folder, run_figure_handler *take,
                 void *context, struct error *err)
{
    return figures(spec, folder, -1, take, context, err);
}

static bool write_png(void *context, const char *name, const struct figure *f, struct error *err)
{
    const char *folder = *(const char **)context;
    char *path = path_new("%s/%s.png", folder, name);
    bool ok = figure_write_png(f, path, err);
    mem_free(path);
    return ok;
}

bool run_draw(const struct spec *spec, const char *folder, int64_t diverged, struct error *err)
{
    return figures(spec, folder, diverged, write_png, &folder, err);
}
