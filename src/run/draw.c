/* The curves of a run: loss.png, accuracy.png, schedule.png. */
#include "figure/figure.h"
#include "run/internal.h"
#include "util/path.h"
#include <math.h>
#include <stdio.h>

struct series {
    double *x, *y;
    size_t n;
};

static struct series column(struct arena *a, const struct epoch_row *rows, size_t n,
                            enum metric m, size_t from)
{
    struct series s = {.n = n > from ? n - from : 0};
    s.x = arena_alloc(a, (n + 1) * sizeof(double));
    s.y = arena_alloc(a, (n + 1) * sizeof(double));
    for (size_t i = 0; i < s.n; i++) {
        s.x[i] = (double)rows[i + from].epoch;
        s.y[i] = rows[i + from].value[m];
    }
    return s;
}

static bool has_values(const struct series *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!isnan(s->y[i]))
            return true;
    return false;
}

static void add_curve(struct axes *x, struct curve *curves, const char *label, struct series s,
                      int style, bool steps)
{
    if (!has_values(&s))
        return;
    curves[x->curves++] = (struct curve){
        .label = label, .x = s.x, .y = s.y, .n = s.n, .style = style, .steps = steps};
    x->curve = curves;
}

struct drawing {
    struct arena arena;
    const char *folder, *title, *spec_text;
    run_figure_taker *take;
    void *context;
    struct epoch_row *rows;
    size_t n;
    struct mark *mark;
    size_t marks;
};

static void find_marks(struct drawing *d, const struct spec *s)
{
    const struct run_mark *mark;
    const struct epoch_row *best = run_tables_best(s, d->rows, d->n);
    d->marks = run_marks(&d->arena, d->folder, d->rows, d->n, best ? best->epoch : 0, &mark);
    d->mark = arena_alloc(&d->arena, (d->marks + 1) * sizeof *d->mark);
    for (size_t i = 0; i < d->marks; i++)
        d->mark[i] = (struct mark){mark[i].epoch, mark[i].label};
}

static bool hand_over(struct drawing *d, const char *name, struct axes *panel, size_t panels,
                      struct error *err)
{
    struct figure_text text[] = {{"descent.spec", d->spec_text}};
    struct figure f = {.title = d->title,
                       .panel = panel,
                       .panels = panels,
                       .columns = 1,
                       .text = text,
                       .texts = 1};
    return d->take(d->context, name, &f, err);
}

static bool draw_loss(struct drawing *d, struct error *err)
{
    struct curve curves[4];
    struct axes x = {.x_label = "epoch",
                     .y_label = "cross entropy",
                     .x_whole = true,
                     .y_log = true,
                     .mark = d->mark,
                     .marks = d->marks};
    struct run_steps raw;
    if (!run_read_steps(&d->arena, d->folder, METRIC_BATCH_LOSS, &raw, err))
        return false;
    run_steps_to_epochs(d->rows, d->n, &raw);
    if (raw.n > 0) {
        struct curve c = {.x = raw.step,
                          .y = raw.value,
                          .n = raw.n,
                          .faint = true,
                          .style = 0,
                          .name = "each minibatch"};
        figure_thin(&d->arena, &c, false);
        curves[x.curves++] = c;
        x.curve = curves;
    }
    add_curve(&x, curves, "minibatches (training mode)",
              column(&d->arena, d->rows, d->n, METRIC_BATCH_LOSS, 1), 0, false);
    for (int i = SPLIT_TRAIN; i <= SPLIT_VALID; i++)
        add_curve(&x, curves, split_info[i].images,
                  column(&d->arena, d->rows, d->n, split_info[i].loss, 0), i + 1, false);
    return hand_over(d, "loss", &x, 1, err);
}

static bool draw_accuracy(struct drawing *d, struct error *err)
{
    struct curve curves[4];
    struct axes x = {.x_label = "epoch",
                     .y_label = "accuracy",
                     .x_whole = true,
                     .y_percent = true,
                     .mark = d->mark,
                     .marks = d->marks};
    size_t from = d->n > 2 ? 1 : 0; /* the untrained model's 10 % would flatten the rest */
    for (int i = 0; i < SPLITS; i++)
        add_curve(&x, curves, split_info[i].images,
                  column(&d->arena, d->rows, d->n, split_info[i].accuracy, from), i + 1, false);
    return hand_over(d, "accuracy", &x, 1, err);
}

static bool varies(const struct series *s)
{
    for (size_t i = 1; i < s->n; i++)
        if (s->y[i] < s->y[0] || s->y[i] > s->y[0])
            return true;
    return false;
}

/* A row's value held during its epoch: from the end of the one before to its own end. */
static void during_epochs(struct series *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->x[i] -= 1;
    s->x[s->n] = s->x[s->n - 1] + 1;
    s->y[s->n] = s->y[s->n - 1];
    s->n++;
}

static bool draw_schedule(struct drawing *d, struct error *err)
{
    static const enum metric what[] = {METRIC_LR, METRIC_BATCH_SIZE, METRIC_MOMENTUM};
    struct curve curves[3];
    struct axes x[3] = {0};
    size_t panels = 0;
    for (size_t i = 0; i < 3; i++) {
        struct series s = column(&d->arena, d->rows, d->n, what[i], d->n > 1 ? 1 : 0);
        if (!has_values(&s) || (i > 0 && !varies(&s)))
            continue;
        during_epochs(&s);
        x[panels] = (struct axes){.x_label = "epoch",
                                  .y_label = metric_info[what[i]].label,
                                  .x_whole = true,
                                  .y_log = i == 0 && varies(&s)};
        add_curve(&x[panels], &curves[panels], NULL, s, (int)i, true);
        panels++;
    }
    return hand_over(d, "schedule", x, panels, err);
}

bool run_figures(const struct spec *spec, const char *folder, run_figure_taker *take,
                 void *context, struct error *err)
{
    struct drawing d = {.folder = folder, .take = take, .context = context};
    struct strbuf text;
    arena_init(&d.arena);
    strbuf_init(&text);
    spec_write(spec, &text);
    d.spec_text = text.text;
    d.title = spec->name;
    bool ok = run_read_epochs(&d.arena, folder, &d.rows, &d.n, err);
    if (ok) {
        find_marks(&d, spec);
        ok = draw_loss(&d, err) && draw_accuracy(&d, err) && draw_schedule(&d, err);
    }
    strbuf_fini(&text);
    arena_fini(&d.arena);
    return ok;
}

static bool write_png(void *context, const char *name, const struct figure *f,
                      struct error *err)
{
    const char *folder = *(const char **)context;
    char *path = path_new("%s/%s.png", folder, name);
    bool ok = figure_write_png(f, path, err);
    mem_free(path);
    return ok;
}

bool run_draw(const struct spec *spec, const char *folder, struct error *err)
{
    return run_figures(spec, folder, write_png, &folder, err);
}
