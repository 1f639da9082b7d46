/* descent plot: figures of runs, sweeps and mixtures of them. */
#include "plot/plot.h"
#include "cli/cli.h"
#include "cli/damage.h"
#include "config/node.h"
#include "folder/folder.h"
#include "plot/names.h"
#include "util/file.h"
#include "util/log.h"
#include "util/path.h"
#include <stdlib.h>
#include <string.h>

enum {
    KIND,
    METRIC,
    X,
    GROUP_BY,
    WHERE,
    OVER,
    PANELS,
    BAND,
    SMOOTH,
    WINDOW,
    LOG,
    RANGE,
    X_RANGE,
    TARGET,
    APPEARANCE,
    TEXT = APPEARANCE + CLI_APPEARANCES
};
static const char *const logs[] = {"x", "y", "xy", "none", NULL};
static const struct cli_option plot_options[] = {
    {0, "kind", "KIND", PLOT_KINDS_TEXT, CLI_CHOICE(plot_kind_names, "curves")},
    {0, "metric", "METRIC[,METRIC]",
     "columns of epochs.csv, for other kinds than curves one; default: validation accuracy, of "
     "curves a loss too",
     CLI_TEXT},
    {0, "x", "epoch|step|seconds", "what curves and pair are drawn against",
     CLI_CHOICE(plot_x_names, "epoch")},
    {0, "group-by", "KEY[,KEY]",
     "a curve for each of their values; default: all that differ but the seed", CLI_TEXT},
    {0, "where", "EXPR", "only runs for which it holds: \"optimizer == 'adam' and lr < 0.1\"",
     CLI_TEXT},
    {0, "over", "KEY[,KEY]",
     "along the axes of a heat map (x, y) or below sensitivity and target; the problems of profile "
     "and ranks (default: seeds); the keys of search",
     CLI_TEXT},
    {0, "panels", "KEY[,KEY]",
     "of curves, heatmap, sensitivity, strip, box, violin and target: a panel for each of their "
     "values",
     CLI_TEXT},
    {0, "band", "minmax|sd|interval|quartiles|runs|none",
     "of curves, sensitivity and target, around the mean over seeds: all, the deviation, 95 % of "
     "the mean by Student's t, half the runs; or each run; of budget: the deviation, or none",
     CLI_CHOICE(plot_band_names, "minmax")},
    {0, "smooth", "N",
     "of curves and pair: running mean over N points, the raw curve pale behind it",
     CLI_INT(1, 1000000, NULL)},
    {0, "window", "centred|trailing|exponential",
     "of --smooth: around each point, up to it, or up to it with weights that decay",
     CLI_CHOICE(smooth_window_names, "centred")},
    {0, "log", "x|y|xy|none",
     "logarithmic axes; x: the values of strip, box and violin; y: those of heatmap",
     CLI_CHOICE(logs, NULL)},
    {0, "range", "A:B", "of the metric's values", CLI_TEXT},
    {0, "x-range", "A:B", "of what they are drawn against", CLI_TEXT},
    {0, "target", "METRIC=VALUE",
     "of target: updates until it is reached; of profile and ranks: these in place of the metric",
     CLI_TEXT},
    CLI_FIGURE_OPTIONS,
    CLI_TEXT_OPTIONS,
    {0}};

/* Options that not every kind takes. */
static const struct {
    int option;
    enum plot_takes as;
} limited[] = {{METRIC, PLOT_TAKES_METRIC},     {X, PLOT_TAKES_X},
               {GROUP_BY, PLOT_TAKES_GROUP_BY}, {OVER, PLOT_TAKES_OVER},
               {PANELS, PLOT_TAKES_PANELS},     {BAND, PLOT_TAKES_BAND},
               {SMOOTH, PLOT_TAKES_SMOOTH},     {WINDOW, PLOT_TAKES_SMOOTH},
               {LOG, PLOT_TAKES_LOG},           {RANGE, PLOT_TAKES_RANGE},
               {X_RANGE, PLOT_TAKES_X_RANGE},   {TARGET, PLOT_TAKES_TARGET}};
enum { LIMITED = sizeof limited / sizeof limited[0] };

/* Whether the kind takes all options that were given. */
static bool check_kind(const struct cli_command *c, const struct cli_arguments *args)
{
    struct cli_belonging belonging[LIMITED + 1] = {0};
    for (size_t i = 0; i < LIMITED; i++) {
        belonging[i].option = limited[i].option;
        for (int k = 0; plot_kinds[k]; k++)
            if (plot_kinds[k]->takes & limited[i].as)
                belonging[i].forms |= UINT32_C(1) << k;
    }
    const struct cli_forms kinds = {"--kind ", plot_kind_names, belonging};
    return cli_check_forms(c, args, &kinds, args->typed[KIND].choice);
}

/* Rows and the cells of a heat map stand side by side: no scale leads from one to the next. */
static bool check_log(const struct cli_command *c, const struct plot_options *o)
{
    const char *kind = o->kind->name;
    if (!o->log)
        return true;
    if (o->kind->values == PLOT_VALUES_ALONG_X && strcmp(o->log, "y") == 0)
        cli_usage(c,
                  "'--kind %s' has no scale along y: its values lie along x ('--log x'; of a loss "
                  "without being asked)",
                  kind);
    else if (o->kind->values == PLOT_VALUES_AS_COLOURS && strcmp(o->log, "x") == 0)
        cli_usage(c,
                  "'--kind %s' has no scale along x: its values are colours ('--log y'; of a loss "
                  "without being asked)",
                  kind);
    else
        return true;
    return false;
}

/* Whether nothing was asked for that the figure would leave out. */
static bool check_options(const struct cli_command *c, const struct cli_arguments *args,
                          const struct plot_options *o)
{
    if (!check_kind(c, args) || !check_log(c, o))
        return false;
    if (args->value[WINDOW] && o->smooth == 0 && !o->kind->smooths_unasked)
        cli_usage(c, "'--window' belongs to '--smooth'");
    else if (o->metrics > 1 && !(o->kind->takes & PLOT_TAKES_METRICS))
        cli_usage(c, "a figure of kind '%s' is of one metric", o->kind->name);
    else if (o->metrics > 0 && o->has_target)
        cli_usage(c,
                  "'--metric' and '--target' exclude each other: '--kind %s' goes by one of them",
                  o->kind->name);
    else
        return true;
    return false;
}

static bool parse_range(const struct cli_command *c, struct arena *a,
                        const struct cli_arguments *args, int option, const double **ret)
{
    const char *text = args->value[option];
    char *end;
    if (!text)
        return true;
    double *range = arena_alloc(a, 2 * sizeof *range);
    range[0] = strtod(text, &end);
    bool ok = end != text && *end == ':';
    const char *second = end + 1;
    range[1] = ok ? strtod(second, &end) : 0;
    ok = ok && end != second && *end == '\0' && isfinite(range[0]) && isfinite(range[1]) &&
         range[0] < range[1];
    if (!ok) {
        cli_usage(c, "'--%s' is LOW:HIGH with LOW below HIGH, such as 0.9:1, not '%s'",
                  plot_options[option].name, text);
        return false;
    }
    *ret = range;
    return true;
}

static bool parse_metrics(const struct cli_command *c, struct arena *a, const char *text,
                          struct plot_options *o)
{
    struct error err;
    size_t n;
    char **word = cli_words(a, text, &n);
    if (n > PLOT_METRICS) {
        cli_usage(c, "'--metric' draws %d at most", PLOT_METRICS);
        return false;
    }
    for (; o->metrics < n; o->metrics++)
        if (!measure_parse(word[o->metrics], &o->metric[o->metrics], &err)) {
            cli_usage(c, "%s", err.message);
            return false;
        }
    return true;
}

static bool parse_options(const struct cli_command *c, struct arena *a,
                          const struct cli_arguments *args, struct plot_options *o)
{
    struct error err;
    const union cli_value *v = args->typed;
    *o = (struct plot_options){.kind = plot_kinds[v[KIND].choice],
                               .x = (enum run_axis)v[X].choice,
                               .band = (enum plot_band)v[BAND].choice,
                               .smooth = args->value[SMOOTH] ? (size_t)v[SMOOTH].integer : 0,
                               .window = (enum smooth_window)v[WINDOW].choice,
                               .log = args->value[LOG],
                               .tells = true};
    o->by = cli_words(a, args->value[GROUP_BY], &o->n_by);
    o->over = cli_words(a, args->value[OVER], &o->n_over);
    o->panels = cli_words(a, args->value[PANELS], &o->n_panels);
    o->has_target = args->value[TARGET] != NULL;
    if (o->has_target && !target_parse(args->value[TARGET], &o->target, &err)) {
        cli_usage(c, "%s", err.message);
        return false;
    }
    if (!cli_appearance(c, args, APPEARANCE, &o->appearance) ||
        (args->out && !cli_is_figure_name(c, args->out, &o->appearance)))
        return false;
    return parse_metrics(c, a, args->value[METRIC], o) && check_options(c, args, o) &&
           parse_range(c, a, args, RANGE, &o->range) &&
           parse_range(c, a, args, X_RANGE, &o->x_range);
}

/* In the one folder that is drawn, else beside the first. */
static const char *default_path(struct arena *a, const struct cli_arguments *args,
                                const struct plot_options *o)
{
    const char *kind = o->kind->name, *ending = figure_ending(&o->appearance);
    const char *folder = path_bare(a, args->word[0]);
    if (args->words == 1)
        return arena_printf(a, "%s/%s%s", folder, kind, ending);
    return arena_printf(a, "%.*s%s%s", (int)(path_base(folder) - folder), folder, kind, ending);
}

/* What its spec calls the sweep in a folder; NULL: there is none. */
static const char *sweep_name(struct arena *a, const char *folder)
{
    struct diags d;
    const char *path = folder_path(a, folder, FOLDER_SWEEP);
    diags_init(&d, a);
    const struct node *root = file_exists(path) ? node_load(a, path, NODE_RECORDED_MOST, &d) : NULL,
                      *name = root ? node_find(root, "name") : NULL;
    return name && name->kind == NODE_SCALAR && !node_is_null(name) ? name->text : NULL;
}

/* The name of the one run, or of the sweep, as the figures that they leave have it; else of the
 * folder. NULL: of several. */
static const char *title_of(struct arena *a, const struct cli_arguments *args,
                            const struct collection *c)
{
    struct spec spec;
    struct error err;
    if (c->runs == 1 && run_read_spec(a, c->run[0].folder, &spec, &err))
        return spec.name;
    if (args->words > 1)
        return NULL;
    const char *folder = path_base(path_bare(a, args->word[0])),
               *name = sweep_name(a, args->word[0]);
    return name ? name : strcmp(folder, ".") != 0 ? folder : NULL;
}

struct drawing {
    const struct cli_arguments *args;
    const char *path;
};

static bool draw_it(void *context, const struct figure *f, struct error *err)
{
    const struct drawing *d = context;
    return cli_draw(d->args, TEXT, f, d->path, err);
}

/* What was asked to be told apart stays apart. */
static void leave_copies_out(struct arena *a, const struct plot_options *o, struct collection *c)
{
    const char **key = arena_alloc(a, (o->n_by + o->n_panels + o->n_over + 1) * sizeof *key);
    size_t n = 0;
    for (size_t i = 0; i < o->n_by; i++)
        key[n++] = o->by[i];
    for (size_t i = 0; i < o->n_panels; i++)
        key[n++] = o->panels[i];
    for (size_t i = 0; i < o->n_over; i++)
        key[n++] = o->over[i];
    collect_once(a, c, key, n);
    const char *copies = collect_copies_text(a, c), *alike = collect_alike_text(a, c);
    if (copies)
        log_info("%s", copies);
    if (alike)
        log_info("%s", alike);
    if (collect_twins_text(a, c))
        log_warn("%s", collect_twins_text(a, c));
    if (c->skipped > 0)
        log_info("%zu without a run skipped: %s%s", c->skipped, c->first_skipped,
                 c->skipped > 1 ? ", ..." : "");
    const char *unfinished = collect_unfinished_text(a, c);
    if (unfinished)
        log_info("%s", unfinished);
}

static int draw(struct arena *a, const struct cli_arguments *args, struct plot_options *o)
{
    struct error err = {0};
    struct collection c;
    const char *where = args->value[WHERE];
    if (!collect_runs(a, args->word, args->words, &c, &err) ||
        (o->kind->wants_rows &&
         !collect_need_rows(a, &c, o->x == RUN_SECONDS || o->has_target, &err)))
        return cli_fail(&err);
    int damage = cli_tell_damage(&c);
    if (where && !collect_filter(a, &c, where, &err))
        return cli_fail(&err);
    leave_copies_out(a, o, &c);
    struct drawing d = {args, args->out ? args->out : default_path(a, args, o)};
    o->title = title_of(a, args, &c);
    return plot_take(a, &c, o, draw_it, &d, &err) ? damage : cli_fail(&err);
}

static int main_plot(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct plot_options o;
    struct arena a;
    int code = ERR_USAGE;
    if (!cli_parse(c, argc, argv, &args))
        return code;
    arena_init(&a);
    if (parse_options(c, &a, &args, &o))
        code = draw(&a, &args, &o);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_plot = {
    .name = "plot",
    .asks = "which folders?",
    .of_folders = true,
    .usage = "plot FOLDER...",
    .summary = "draw runs, a sweep, a comparison",
    .options = plot_options,
    .main = main_plot,
};
