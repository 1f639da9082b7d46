/* descent schedule: what the schedulers will do, without training. */
#include "cli/cli.h"
#include "figure/figure.h"
#include "run/curves.h"
#include "train/train.h"
#include <stdio.h>

static const struct cli_option schedule_options[] = {CLI_FIGURE_OPTIONS, CLI_TEXT_OPTIONS, {0}};

enum { LR, MOMENTUM, BATCH_SIZE, NOISE, COLUMNS };
enum { POINTS = 2400 }; /* about, in the figure */

/* The run played through: values at some updates, and where each epoch begins. */
struct played {
    size_t n, epochs;
    double *x; /* position in epochs */
    double *v[COLUMNS];
    int64_t *first_step; /* of each epoch */
    struct sched_now *first;
    int64_t steps;
};

/* Smith and Le 2018 (arXiv:1711.00489): g = lr (N / B - 1) / (1 - momentum). No batch holds more
 * than the training set. */
static double noise_scale(const struct sched_now *now, size_t n)
{
    double m = isnan(now->momentum) ? 0 : now->momentum;
    return now->lr * fmax((double)n / (double)now->batch_size - 1, 0) / (1 - m);
}

static void add_point(struct played *p, const struct sched_now *now, double x, size_t n)
{
    p->x[p->n] = x;
    p->v[LR][p->n] = now->lr;
    p->v[MOMENTUM][p->n] = now->momentum;
    p->v[BATCH_SIZE][p->n] = (double)now->batch_size;
    p->v[NOISE][p->n] = noise_scale(now, n);
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

static void play(struct arena *a, const struct spec *s, const struct sched *sched, size_t n,
                 struct played *p)
{
    int64_t total = sched_total_steps(sched), step = 0, epochs = 0;
    do
        step += updates_of(sched, epochs++, step);
    while (step < total);
    int64_t each = moves_within_epochs(s) ? POINTS / epochs + 2 : 1;
    size_t room = (size_t)(epochs * (each + 1) + 1);
    *p = (struct played){.epochs = (size_t)epochs, .steps = total};
    p->x = arena_alloc(a, room * sizeof *p->x);
    for (int c = 0; c < COLUMNS; c++)
        p->v[c] = arena_alloc(a, room * sizeof(double));
    p->first_step = arena_alloc(a, (size_t)epochs * sizeof *p->first_step);
    p->first = arena_alloc(a, (size_t)epochs * sizeof *p->first);
    step = 0;
    for (int64_t e = 0; e < epochs; e++) {
        int64_t updates = updates_of(sched, e, step), points = updates < each ? updates : each;
        if (step + updates > total)
            points = 1;
        p->first_step[e] = step;
        p->first[e] = sched_settings(sched, e, step);
        for (int64_t k = 0; k < points; k++) {
            int64_t i = k * updates / points;
            struct sched_now now = sched_settings(sched, e, step + i);
            add_point(p, &now, (double)e + (double)i / (double)updates, n);
        }
        step += updates;
    }
    struct sched_now last = sched_settings(sched, epochs - 1, total - 1);
    add_point(p, &last, (double)epochs, n);
}

/* At most some thirty rows: every epoch, or every 2nd, 5th, 10th, ... and the last. */
static void print_rows(const struct played *p, size_t n)
{
    static const size_t strides[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000};
    size_t k = 0;
    while (k + 1 < sizeof strides / sizeof strides[0] && p->epochs / strides[k] > 30)
        k++;
    printf("%8s %10s %12s %10s %10s %12s\n", "epoch", "update", "lr", "momentum", "batch size",
           "noise scale");
    for (size_t e = 0; e < p->epochs; e++) {
        if (e % strides[k] != 0 && e + 1 != p->epochs)
            continue;
        const struct sched_now *now = &p->first[e];
        char momentum[32] = "";
        if (!isnan(now->momentum))
            snprintf(momentum, sizeof momentum, "%.6g", now->momentum);
        printf("%8zu %10lld %12.6g %10s %10lld %12.6g\n", e + 1, (long long)p->first_step[e] + 1,
               now->lr, momentum, (long long)now->batch_size, noise_scale(now, n));
    }
    printf("\n%zu epoch%s, %lld update%s; each row is an epoch's first update\n", p->epochs,
           p->epochs == 1 ? "" : "s", (long long)p->steps, p->steps == 1 ? "" : "s");
}

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
    static const char *const labels[COLUMNS] = {"learning rate", "momentum", "batch size",
                                                "noise scale"};
    struct curve curve[COLUMNS];
    struct axes panel[COLUMNS];
    struct strbuf spec;
    size_t panels = 0;
    for (int c = 0; c < COLUMNS; c++) {
        if ((c == MOMENTUM || c == BATCH_SIZE) && (isnan(p->v[c][0]) || !varies(p, c)))
            continue;
        curve[panels] =
            (struct curve){.x = p->x, .y = p->v[c], .n = p->n, .style = c, .steps = true};
        panel[panels] = (struct axes){.x_label = "epoch",
                                      .y_label = labels[c],
                                      .x_whole = true,
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
    size_t n = sizes.train;
    struct sched_base base = spec_sched_base(s, n);
    struct sched *sched = sched_new(&s->scheduler, &base, &err);
    if (!sched)
        return cli_fail_spec(s, &err);
    struct played p;
    play(a, s, sched, n, &p);
    print_rows(&p, n);
    if (sched_observes(sched))
        printf("a plateau cuts nothing here: what it does depends on training\n");
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
