/* descent lr-range: the learning-rate range test of Smith 2015 (arXiv:1506.01186), section 3.3. One
 * short training with a rate that grows from update to update; the range is where the loss
 * falls. */
#include "cli/cli.h"
#include "figure/figure.h"
#include "util/file.h"
#include <stdio.h>

enum {
    OPTION_FROM,
    OPTION_TO,
    OPTION_STEPS,
    OPTION_CSV,
    OPTION_APPEARANCE,
    OPTION_TEXT = OPTION_APPEARANCE + CLI_APPEARANCES
};
static const struct cli_option lr_range_options[] = {
    {0, "from", "LR", "first learning rate", CLI_REAL(ABOVE(0), "1e-6")},
    {0, "to", "LR", "last one", CLI_REAL(ABOVE(0), "10")},
    {0, "steps", "N", "updates in between; default: an epoch's, 100 to 1000",
     CLI_INT(20, 100000, NULL)},
    {0, "csv", "FILE.csv", "write learning rate, loss and smoothed loss", CLI_PATH},
    CLI_FIGURE_OPTIONS,
    CLI_TEXT_OPTIONS,
    {0}};

struct test {
    struct arena arena;
    double from, to;
    int64_t steps;
    size_t n; /* updates done */
    double *lr, *loss, *smooth;
    double average, weight, least; /* the running average while it goes, its bias, its lowest */
    double lowest;                 /* of the centred average, in the end */
    struct figure_appearance appearance;
    const char *figure; /* its path */
};

static bool on_step(void *context, const struct step_row *row, struct error *err)
{
    (void)err;
    struct test *t = context;
    double keep = 1 - fmin(0.5, 25 / (double)t->steps);
    t->average = keep * t->average + (1 - keep) * row->batch_loss;
    t->weight = keep * t->weight + (1 - keep);
    t->smooth[t->n] = t->average / t->weight;
    t->least = t->n == 0 ? t->smooth[0] : fmin(t->least, t->smooth[t->n]);
    t->lr[t->n] = row->lr;
    t->loss[t->n] = row->batch_loss;
    t->n++;
    return true;
}

/* The rest of the range is past what can be trained with. */
static enum train_wish on_wish(void *context, int64_t step, double loss)
{
    (void)loss;
    const struct test *t = context;
    bool blown = step > t->steps / 10 && t->smooth[t->n - 1] > fmax(4 * t->least, 2 * t->smooth[0]);
    return cli_stopped() != 0 || blown ? TRAIN_STOP : TRAIN_GO_ON;
}

/* The running average lags behind: a centred one takes its place, as wide in decades whatever the
 * number of updates. */
static void smooth(struct test *t)
{
    size_t half = (size_t)t->steps / 60 + 1;
    t->lowest = (double)INFINITY;
    for (size_t i = 0; i < t->n; i++) {
        size_t reach = i < half ? i : half;
        reach = t->n - 1 - i < reach ? t->n - 1 - i : reach;
        double sum = 0;
        for (size_t k = i - reach; k <= i + reach; k++)
            sum += t->loss[k];
        t->smooth[i] = sum / (double)(2 * reach + 1);
        t->lowest = fmin(t->lowest, t->smooth[i]);
    }
}

/* The loss that is left when this share of the fall from the start to the lowest has been made. */
static double loss_at(const struct test *t, double share)
{
    double high = t->smooth[t->n / 20];
    return high - share * (high - t->lowest);
}

/* The fall: from where it has made a tenth for good to where it first makes nine tenths; the same
 * lr twice where one update makes it all. Noise before it may lie as low as its first tenth. */
static void find_fall(const struct test *t, double *ret_low, double *ret_high)
{
    size_t end = 0, from;
    while (end + 1 < t->n && t->smooth[end] > loss_at(t, 0.9))
        end++;
    for (from = end; from > 0 && t->smooth[from - 1] <= loss_at(t, 0.1);)
        from--;
    *ret_low = t->lr[from];
    *ret_high = t->lr[end];
}

static bool write_csv(const struct test *t, const char *path, struct error *err)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, "lr,batch_loss,smoothed_loss\n");
    for (size_t i = 0; i < t->n; i++)
        strbuf_addf(&b, "%.9g,%.9g,%.9g\n", t->lr[i], t->loss[i], t->smooth[i]);
    bool ok = file_write(path, b.text, b.length, err);
    strbuf_fini(&b);
    return ok;
}

static bool draw(const struct spec *s, struct test *t, double low, double high,
                 const struct cli_arguments *args, struct error *err)
{
    /* the blown-up end would flatten the rest */
    size_t n = t->n;
    double top = 1.3 * t->smooth[0];
    while (n > 1 && t->smooth[n - 1] > top)
        n--;
    double *raw = arena_alloc(&t->arena, n * sizeof *raw);
    for (size_t i = 0; i < n; i++)
        raw[i] = t->loss[i] < top ? t->loss[i] : (double)NAN;
    bool falls = low < high;
    struct curve curves[] = {
        {.label = "minibatch loss", .x = t->lr, .y = raw, .n = n, .faint = true, .style = 0},
        {.label = "averaged", .x = t->lr, .y = t->smooth, .n = n, .style = 0},
        {.label = "a tenth and nine tenths of the fall", .guide = true}};
    char from[32], to[32];
    snprintf(from, sizeof from, "%.2g", low);
    snprintf(to, sizeof to, "%.2g", high);
    struct mark marks[] = {{low, from}, {high, to}};
    struct axes panel = {.x_label = "learning rate",
                         .y_label = "cross entropy",
                         .x_log = true,
                         .curve = curves,
                         .curves = falls ? 3 : 2,
                         .mark = marks,
                         .marks = falls ? 2 : 0};
    struct strbuf spec;
    strbuf_init(&spec);
    spec_write(s, &spec);
    struct figure_text text;
    struct figure f = figure_column(s->name, &panel, 1, spec.text, &text);
    f.appearance = t->appearance;
    bool ok = cli_draw(args, OPTION_TEXT, &f, t->figure, err);
    strbuf_fini(&spec);
    return ok;
}

/* How far from the end of the fall the best constant or decaying rate was found, on five data sets
 * and models (docs/measured.md). */
enum { BELOW = 10, ABOVE_IT = 3 };

static void add_suggestion(const struct spec *s, double low, double high, struct strbuf *out)
{
    bool no_momentum = !(optim_base_momentum(&s->optimizer) > 0);
    strbuf_addf(out, "falls from lr %.2g (a tenth of its fall made) to lr %.2g (nine tenths)\n",
                low, high);
    strbuf_addf(out, "suggested  scheduler: {name: cyclic, base_lr: %.2g, max_lr: %.2g%s}\n", low,
                high, no_momentum ? ", cycle_momentum: false" : "");
    strbuf_addf(out, "           or sweep a constant or decaying lr from %.2g to %.2g\n",
                high / BELOW, high * ABOVE_IT);
}

static void print_result(const struct test *t, const struct spec *s, double low, double high,
                         bool diverged)
{
    struct strbuf b;
    char first[METRIC_LOSS_TEXT], lowest[METRIC_LOSS_TEXT];
    strbuf_init(&b);
    strbuf_addf(&b, "%zu updates from lr %.3g to %.3g%s\n", t->n, t->lr[0], t->lr[t->n - 1],
                diverged                  ? ", where it diverged"
                : t->n < (size_t)t->steps ? ", where the loss had grown out of range"
                                          : "");
    strbuf_addf(&b, "loss       %s at the start, %s at its lowest\n",
                metric_show_loss(first, t->smooth[0]), metric_show_loss(lowest, t->lowest));
    if (low < high)
        add_suggestion(s, low, high, &b);
    else
        strbuf_addf(&b,
                    "no fall stands out of the noise: more --steps%s or a larger train.batch_size "
                    "shows one\n",
                    diverged ? ", a lower --to" : "");
    cli_say("%s", b.text);
    strbuf_fini(&b);
}

/* So early an end shows no fall: where it began too high, or where it came to too high an lr in too
 * few updates. */
static int fail_early(const struct test *t, bool diverged)
{
    struct error err;
    bool at_once = t->n == 0 || t->lr[t->n - 1] < 10 * t->from;
    const char *remedy = at_once ? "begin lower, with --from"
                                 : "end lower, with --to, or take more --steps on the way";
    error_set(&err, ERR_DIVERGED, "%s after %zu update%s: %s",
              diverged ? "diverged" : "the loss had grown out of range", t->n, t->n == 1 ? "" : "s",
              remedy);
    return cli_fail(&err);
}

static int report(struct test *t, const struct spec *s, const struct cli_arguments *args,
                  bool diverged)
{
    enum { FEWEST = 10 }; /* updates in which a fall can be seen */
    struct error err;
    const char *csv = args->value[OPTION_CSV];
    if (t->n < FEWEST)
        return fail_early(t, diverged);
    smooth(t);
    double low, high;
    find_fall(t, &low, &high);
    print_result(t, s, low, high, diverged);
    if (csv && !write_csv(t, csv, &err))
        return cli_fail(&err);
    if (args->no_plots)
        return 0;
    return draw(s, t, low, high, args, &err) ? 0 : cli_fail(&err);
}

static int run_test(struct test *t, const struct spec *s, const struct cli_arguments *args)
{
    struct data *d = NULL;
    struct train *train = NULL;
    struct error err = {0};
    bool finished;
    struct train_events events = {.context = t, .step = on_step, .wish = on_wish};
    t->lr = arena_alloc(&t->arena, (size_t)t->steps * sizeof(double));
    t->loss = arena_alloc(&t->arena, (size_t)t->steps * sizeof(double));
    t->smooth = arena_alloc(&t->arena, (size_t)t->steps * sizeof(double));
    int code = 0;
    if (!train_check_ahead(s, &err) || !data_load(&s->dataset, (uint64_t)s->seed, &d, &err) ||
        !train_new(s, d, &train, &err))
        code = cli_fail_spec(s, &err);
    else if (!train_run(train, &events, &finished, &err) && err.code != ERR_DIVERGED)
        code = cli_fail(&err);
    else if (cli_stopped() != 0)
        code = 128 + cli_stopped();
    else
        code = report(t, s, args, err.code == ERR_DIVERGED);
    train_free(train);
    data_free(d);
    return code;
}

/* Updates in an epoch of the spec as it stands, in bounds that give a readable curve. */
static int64_t default_steps(const struct spec *s)
{
    struct data_sizes n;
    struct error err;
    if (!data_sizes(&s->dataset, &n, &err))
        return 1000; /* loading will say why */
    int64_t steps = (int64_t)n.train / (s->train.batch_size * s->train.accumulate);
    return steps < 100 ? 100 : steps > 1000 ? 1000 : steps;
}

/* The spec with its schedule, length and measurements replaced by those of the test. */
static bool load_test_spec(struct test *t, const struct cli_arguments *args, struct spec *ret,
                           int *ret_code)
{
    struct arena *a = &t->arena;
    struct cli_arguments with = *args;
    size_t n = 0;
    with.word = arena_alloc(a, (args->words + 12) * sizeof *with.word);
    for (; n < args->words; n++)
        with.word[n] = args->word[n];
    with.word[n++] = arena_printf(a, "optimizer.lr=%.17g", t->from);
    with.word[n++] =
        arena_printf(a, "scheduler={name: lambda, interval: step, expr: \"%.17g ** (t / %lld)\"}",
                     t->to / t->from, (long long)(t->steps - 1));
    with.word[n++] = arena_printf(a, "train.steps=%lld", (long long)t->steps);
    static const char *const fixed[] = {"train.epochs=null",
                                        "train.early_stopping=null",
                                        "evaluate.train=none",
                                        "evaluate.test=never",
                                        "checkpoint.best=null",
                                        "average=null",
                                        "expect={}"};
    for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        with.word[n++] = arena_strdup(a, fixed[i]);
    with.words = n;
    return cli_load_spec(a, &with, ret, ret_code);
}

static bool reads_lr(const struct spec *s)
{
    struct error err;
    if (optim_reads(&s->optimizer, PARAM_ROLE_LR))
        return true;
    error_set(&err, ERR_USAGE,
              "no line of 'update' reads lr, so that there is no range of it to find: an update "
              "such as 'w = w - lr * g' does");
    error_blame(&err, "optimizer.update");
    cli_fail_spec(s, &err);
    return false;
}

static int with_options(const struct cli_command *c, struct test *t,
                        const struct cli_arguments *args)
{
    struct spec spec;
    int code = ERR_USAGE;
    if (!cli_load_spec(&t->arena, args, &spec, &code))
        return code;
    if (!reads_lr(&spec))
        return ERR_USAGE;
    t->from = args->typed[OPTION_FROM].real;
    t->to = args->typed[OPTION_TO].real;
    t->steps = args->value[OPTION_STEPS] ? args->typed[OPTION_STEPS].integer : default_steps(&spec);
    if (t->to <= t->from)
        return cli_usage(c, "'--to' must be above '--from'");
    return load_test_spec(t, args, &spec, &code) ? run_test(t, &spec, args) : code;
}

static int main_lr_range(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    static const char *const unused[] = {"scheduler",    "train.epochs",
                                         "train.steps",  "train.early_stopping",
                                         "evaluate",     "checkpoint",
                                         "average",      "expect",
                                         "log",          "plots",
                                         "sweep",        "trace",
                                         "optimizer.lr", NULL};
    if (!cli_check_overrides(c, &args, unused, false))
        return ERR_USAGE;
    struct test t = {0};
    arena_init(&t.arena);
    int code = ERR_USAGE;
    if (cli_appearance(c, &args, OPTION_APPEARANCE, &t.appearance) &&
        (t.figure = cli_figure_path(c, &t.arena, &args, &t.appearance, "lr-range")))
        code = with_options(c, &t, &args);
    arena_fini(&t.arena);
    return code;
}

const struct cli_command cmd_lr_range = {
    .name = "lr-range",
    .asks = "which spec?",
    .usage = "lr-range SPEC [KEY=VALUE ...]",
    .summary = "the learning-rate range test: where to look for lr",
    .options = lr_range_options,
    .main = main_lr_range,
};
