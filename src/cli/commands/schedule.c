/* descent schedule: what the schedulers will do, without training. */
#include "cli/cli.h"
#include "figure/figure.h"
#include "run/curves.h"
#include "study/table.h"
#include "train/train.h"
#include <stdio.h>

static const struct cli_option schedule_options[] = {CLI_FIGURE_OPTIONS, CLI_TEXT_OPTIONS, {0}};

enum { LR, MOMENTUM, DECAY, BATCH_SIZE, NOISE, COLUMNS };
enum { POINTS = 2400, ROWS = 30 }; /* about: in the figure, in the table */

/* The run played through: values at some updates, and at the first one of some epochs. */
struct played {
    int64_t epochs, steps, accumulate;
    size_t images; /* of the training set */
    size_t n, rows;
    double *x, end; /* positions in epochs; of the run's end */
    double *v[COLUMNS];
    struct row {
        int64_t epoch, step;
        struct sched_now now;
    } * row;
};

/* Smith and Le 2018 (arXiv:1710.06451): g = lr (N / B - 1) / (1 - momentum), B images to an update.
 * No update has more than the training set. */
static double noise_scale(const struct played *p, const struct sched_now *now)
{
    double m = isnan(now->momentum) ? 0 : now->momentum;
    double update = (double)now->batch_size * (double)p->accumulate;
    return now->lr * fmax((double)p->images / update - 1, 0) / (1 - m);
}

static void add_point(struct played *p, const struct sched_now *now, double x)
{
    p->x[p->n] = x;
    p->v[LR][p->n] = now->lr;
    p->v[MOMENTUM][p->n] = now->momentum;
    p->v[DECAY][p->n] = now->decay;
    p->v[BATCH_SIZE][p->n] = (double)now->batch_size;
    p->v[NOISE][p->n] = noise_scale(p, now);
    p->n++;
}

static bool moves_within_epochs(const struct spec *s)
{
    for (size_t i = 0; i < s->scheduler.n; i++)
        if (((const struct sched_common *)s->scheduler.v[i].options)->interval == SCHED_STEP)
            return true;
    return false;
}

/* At least one, or the run would never end. */
static int64_t updates_of(const struct sched *s, int64_t epoch, int64_t step)
{
    int64_t n = sched_epoch_updates(s, epoch, step);
    return n > 0 ? n : 1;
}

/* How many of an epoch's updates the run makes: the last epoch may be cut short. */
static int64_t updates_done(int64_t total, int64_t step, int64_t updates)
{
    int64_t left = total - step;
    return left < 1 ? 1 : left < updates ? left : updates;
}

/* 1, 2, 5, 10, 20, ...: the first with which there are at most so many rows. */
static int64_t stride_of(int64_t epochs, int64_t rows)
{
    int64_t ten = 1;
    while (epochs / (5 * ten) > rows)
        ten *= 10;
    return epochs / ten <= rows ? ten : epochs / (2 * ten) <= rows ? 2 * ten : 5 * ten;
}

/* The next epoch that is shown or drawn; every one where their updates have to be counted. */
static int64_t next_epoch(const struct played *p, bool counts, int64_t epoch, int64_t shown,
                          int64_t drawn)
{
    int64_t row = (epoch / shown + 1) * shown, point = (epoch / drawn + 1) * drawn,
            next = row < point ? row : point;
    next = counts ? epoch + 1 : next;
    return epoch + 1 < p->epochs && next >= p->epochs ? p->epochs - 1 : next;
}

static void play(struct arena *a, const struct spec *s, const struct sched *sched, size_t images,
                 struct played *p)
{
    enum { DRAWN = 100000 }; /* epochs in the figure: of longer runs not every one */
    int64_t total = sched_total_steps(sched), step = 0, epochs = sched_total_epochs(sched);
    int64_t each = moves_within_epochs(s) ? POINTS / epochs + 2 : 1, drawn = epochs / DRAWN + 1,
            shown = stride_of(epochs, ROWS);
    size_t room = (size_t)((epochs / drawn + 2) * (each + 1) + 1);
    bool counts = sched_moves_batch(sched);
    *p = (struct played){
        .epochs = epochs, .steps = total, .accumulate = s->train.accumulate, .images = images};
    p->x = arena_alloc(a, room * sizeof *p->x);
    for (int c = 0; c < COLUMNS; c++)
        p->v[c] = arena_alloc(a, room * sizeof(double));
    p->row = arena_alloc(a, (size_t)(epochs / shown + 2) * sizeof *p->row);
    for (int64_t e = 0, next; e < epochs; e = next) {
        int64_t updates = updates_of(sched, e, step), done = updates_done(total, step, updates),
                points = done < each ? done : each;
        if (e % shown == 0 || e + 1 == epochs)
            p->row[p->rows++] = (struct row){e, step, sched_settings(sched, e, step)};
        for (int64_t k = 0; k < points && (e % drawn == 0 || e + 1 == epochs); k++) {
            int64_t i = k * done / points;
            struct sched_now now = sched_settings(sched, e, step + i);
            add_point(p, &now, (double)e + (double)i / (double)updates);
        }
        next = next_epoch(p, counts, e, shown, drawn);
        step += updates * (next - e);
        p->end = (double)e + (double)done / (double)updates;
    }
    struct sched_now last = sched_settings(sched, epochs - 1, total - 1);
    add_point(p, &last, p->end);
}

/* ---- the table ---- */

static const char *number(struct arena *a, double v)
{
    return isnan(v) ? "" : arena_printf(a, "%.6g", v);
}

/* Of runs with weight decay alone. */
static bool decays(const struct played *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->v[DECAY][i] > 0)
            return true;
    return false;
}

/* Every epoch, or every 2nd, 5th, 10th, ... and the last. */
static void print_rows(const struct played *p, struct arena *a)
{
    const struct table_column column[] = {
        {"epoch", false, true, false},        {"update", false, false, false},
        {"lr", false, false, false},          {"momentum", false, false, false},
        {"batch size", false, false, false},  {"noise scale", false, false, false},
        {"weight decay", false, false, false}};
    size_t columns = sizeof column / sizeof column[0] - !decays(p);
    struct table t = {.columns = columns, .rows = p->rows, .column = column};
    t.cell = arena_alloc(a, (p->rows + 1) * columns * sizeof *t.cell);
    for (size_t i = 0; i < p->rows; i++) {
        const struct row *r = &p->row[i];
        const char **cell = t.cell + i * columns;
        cell[0] = arena_printf(a, "%lld", (long long)r->epoch + 1);
        cell[1] = arena_printf(a, "%lld", (long long)r->step + 1);
        cell[2] = number(a, r->now.lr);
        cell[3] = number(a, r->now.momentum);
        cell[4] = number(a, (double)r->now.batch_size);
        cell[5] = number(a, noise_scale(p, &r->now));
        if (decays(p))
            cell[6] = number(a, r->now.decay);
    }
    struct strbuf out;
    strbuf_init(&out);
    table_write_text_within(&t, cli_table_page(), &out);
    cli_say("%s\n%lld epoch%s, %lld update%s; each row is an epoch's first update\n", out.text,
            (long long)p->epochs, p->epochs == 1 ? "" : "s", (long long)p->steps,
            p->steps == 1 ? "" : "s");
    strbuf_fini(&out);
}

/* ---- the figure ---- */

static bool varies(const struct played *p, int c)
{
    for (size_t i = 1; i < p->n; i++)
        if (p->v[c][i] < p->v[c][0] || p->v[c][i] > p->v[c][0])
            return true;
    return false;
}

static bool draw(const struct spec *s, const struct played *p, const struct cli_arguments *args,
                 const struct figure_appearance *appearance, const char *path, struct error *err)
{
    static const char *const labels[COLUMNS] = {"learning rate", "momentum", "weight decay",
                                                "batch size", "noise scale"};
    static const int style[COLUMNS] = {0, 1, 4, 2, 3};
    struct curve curve[COLUMNS];
    struct axes panel[COLUMNS];
    struct strbuf spec;
    size_t panels = 0;
    for (int c = 0; c < COLUMNS; c++) {
        if (c != LR && c != NOISE && (isnan(p->v[c][0]) || !varies(p, c)))
            continue;
        curve[panels] =
            (struct curve){.x = p->x, .y = p->v[c], .n = p->n, .style = style[c], .steps = true};
        panel[panels] = (struct axes){.x_label = "epoch",
                                      .y_label = labels[c],
                                      .x_whole = p->end >= 1,
                                      .y_log = run_wants_log(p->v[c], p->n),
                                      .curve = &curve[panels],
                                      .curves = 1};
        panels++;
    }
    strbuf_init(&spec);
    spec_write(s, &spec);
    struct figure_text text;
    struct figure f = figure_column(s->name, panel, panels, spec.text, &text);
    f.appearance = *appearance;
    bool ok = cli_draw(args, CLI_APPEARANCES, &f, path, err);
    strbuf_fini(&spec);
    return ok;
}

static int show(const struct cli_command *c, struct arena *a, const struct spec *s,
                const struct cli_arguments *args)
{
    struct figure_appearance appearance;
    struct error err = {0};
    struct data_sizes sizes;
    if (!cli_appearance(c, args, 0, &appearance))
        return ERR_USAGE;
    const char *path = cli_figure_path(c, a, args, &appearance, "schedule");
    if (!path)
        return ERR_USAGE;
    if (!train_check_ahead(s, &err) || !data_sizes(&s->dataset, &sizes, &err))
        return cli_fail_spec(s, &err);
    struct sched_base base = spec_sched_base(s, sizes.train);
    struct sched *sched = sched_new(&s->scheduler, &base, &err);
    if (!sched)
        return cli_fail_spec(s, &err);
    struct played p;
    play(a, s, sched, sizes.train, &p);
    print_rows(&p, a);
    if (sched_observes(sched))
        cli_say("a plateau cuts nothing here: what it does depends on training\n");
    sched_free(sched);
    if (args->no_plots)
        return 0;
    if (args->value[CLI_APPEARANCES] || args->value[CLI_APPEARANCES + 1])
        printf("\n");
    return draw(s, &p, args, &appearance, path, &err) ? 0 : cli_fail(&err);
}

static int main_schedule(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    struct spec spec;
    int code = ERR_USAGE;
    if (!cli_parse(c, argc, argv, &args))
        return code;
    static const char *const unused[] = {"checkpoint", "log",   "plots", "expect",
                                         "evaluate",   "sweep", "trace", NULL};
    if (!cli_check_overrides(c, &args, unused, false))
        return ERR_USAGE;
    arena_init(&a);
    if (cli_load_spec(&a, &args, &spec, &code))
        code = show(c, &a, &spec, &args);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_schedule = {
    .name = "schedule",
    .asks = "which spec?",
    .usage = "schedule SPEC [KEY=VALUE ...]",
    .summary = "draw and print what the schedulers will do",
    .options = schedule_options,
    .main = main_schedule,
};
