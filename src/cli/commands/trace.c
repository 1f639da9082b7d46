/* descent trace: optimizers on a function of two variables. */
#include "trace/trace.h"
#include "cli/cli.h"
#include "inspect/carried.h"
#include "playground/playground.h"
#include "util/file.h"
#include "util/path.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>

enum {
    OPTION_ANIMATE,
    OPTION_FRAMES,
    OPTION_EVERY,
    OPTION_APPEARANCE,
    OPTION_TEXT = OPTION_APPEARANCE + CLI_APPEARANCES
};
static const struct cli_option trace_options[] = {
    {0, "animate", NULL, "the figure is an animated PNG, of half the size: the paths grow",
     CLI_FLAG},
    {0, "frames", "FOLDER", "also draw the paths as they grow, a picture each", CLI_PATH},
    {0, "every", "N",
     "of --animate and --frames: steps from frame to frame; default: a hundredth of all",
     CLI_INT(1, 1e15, NULL)},
    CLI_FIGURE_OPTIONS,
    CLI_TEXT_OPTIONS,
    {0}};

/* Prints the best of the rates and writes all into a table beside the figure: FIGURE-rates.csv. */
static bool show_rates(struct arena *a, const struct spec *s, const struct trace *t,
                       const char *figure, struct trace_rates *ret, struct error *err)
{
    struct trace_rates r;
    struct strbuf b;
    const char *csv = cli_beside(a, figure, "-rates.csv");
    size_t cells = t->config->map.lr.n * t->config->map.momentum.n, columns = t->config->map.lr.n;
    trace_measure_rates(a, t, (uint64_t)s->seed, &r);
    if (r.best < cells)
        cli_say("best rate %.4g at lr %.4g, momentum %.4g\n", r.rate[r.best],
                r.map->lr.v[r.best % columns], r.map->momentum.v[r.best / columns]);
    if (r.theory < cells)
        cli_say("by theory %.4g at lr %.4g, momentum %.4g\n", r.theory_rate, r.theory_lr,
                r.theory_momentum);
    strbuf_init(&b);
    trace_write_rates(&r, &b);
    bool ok = cli_write_points(csv, &b, err);
    strbuf_fini(&b);
    *ret = r;
    return ok;
}

/* The map of rates goes beside the figure, in its format: FIGURE-rates.png. */
static const char *rates_path(struct arena *a, const struct figure_appearance *appearance,
                              const char *figure)
{
    const char *ending = figure_ending(appearance), *dot = strrchr(figure, '.');
    if (appearance->format == FIGURE_BY_NAME && dot &&
        figure_format_from_name(figure) != FIGURE_BY_NAME)
        ending = dot;
    return cli_beside(a, figure, arena_printf(a, "-rates%s", ending));
}

static bool is_page(const char *out)
{
    return out && text_ends(out, ".html") && !file_is_folder(out);
}

/* -o FIGURE.png (.svg, .pdf, .html) names the figure, and the table goes beside it; -o FOLDER takes
 * both. */
static bool choose_paths(struct arena *a, const struct cli_arguments *args,
                         const struct figure_appearance *appearance, const char **ret_figure,
                         const char **ret_csv, struct error *err)
{
    const char *out = args->out, *ending = figure_ending(appearance);
    if (is_page(out)) {
        *ret_figure = out;
        *ret_csv = cli_beside(a, out, ".csv");
        return true;
    }
    if (!out) {
        *ret_figure = cli_here(a, args->word[0], arena_printf(a, "-trace%s", ending));
        *ret_csv = cli_here(a, args->word[0], "-trace.csv");
        return true;
    }
    if (figure_format_from_name(out) != FIGURE_BY_NAME && !file_is_folder(out)) {
        *ret_figure = out;
        *ret_csv = cli_beside(a, out, ".csv");
        return true;
    }
    *ret_figure = arena_printf(a, "%s/trace%s", out, ending);
    *ret_csv = arena_printf(a, "%s/trace.csv", out);
    return file_make_folder(out, err);
}

/* One that is there, or without an ending in letters: r.gif is a figure of a form that we do not
 * write, v1.2 is a folder. */
static bool names_a_folder(const char *out)
{
    return file_is_folder(out) || !path_ending(out)[0];
}

static void print_table(const struct trace *t)
{
    struct strbuf b;
    strbuf_init(&b);
    trace_write_table(t, cli_table_page(), &b);
    printf("%s from (%g, %g), %lld step%s\n\n", t->function->base.name, t->config->start[0],
           t->config->start[1], (long long)t->config->steps, t->config->steps == 1 ? "" : "s");
    cli_say("%s", b.text);
    printf("\n");
    strbuf_fini(&b);
}

static bool write_csv(const struct trace *t, const char *path, struct error *err)
{
    struct strbuf b;
    strbuf_init(&b);
    trace_write_csv(t, &b);
    bool ok = cli_write_points(path, &b, err);
    strbuf_fini(&b);
    return ok;
}

/* The steps between frames. */
static int64_t frame_stride(const struct cli_arguments *args, const struct trace *t)
{
    return args->value[OPTION_EVERY] ? args->typed[OPTION_EVERY].integer
                                     : (t->config->steps + 99) / 100;
}

/* An animation is a PNG, and no page. */
static bool can_animate(const struct cli_command *c, const struct cli_arguments *args,
                        const struct figure_appearance *appearance)
{
    enum figure_format named = args->out ? figure_format_from_name(args->out) : FIGURE_BY_NAME;
    enum figure_format format = appearance->format != FIGURE_BY_NAME ? appearance->format : named;
    if (!args->value[OPTION_ANIMATE])
        return true;
    if (is_page(args->out) || (format != FIGURE_BY_NAME && format != FIGURE_PNG))
        cli_usage(c, "--animate writes an animated PNG: -o FILE.png");
    else if (args->value[OPTION_TEXT] || args->value[OPTION_TEXT + 1])
        cli_usage(c, "--animate and --%s exclude each other",
                  args->value[OPTION_TEXT] ? "text" : "ascii");
    else
        return true;
    return false;
}

static bool check_options(const struct cli_command *c, const struct cli_arguments *args,
                          struct figure_appearance *ret)
{
    if (args->value[OPTION_EVERY] && !args->value[OPTION_ANIMATE] && !args->value[OPTION_FRAMES]) {
        cli_usage(c, "'--every' belongs to '--animate' or '--frames'");
        return false;
    }
    return cli_appearance(c, args, OPTION_APPEARANCE, ret) && can_animate(c, args, ret) &&
           (!args->out || is_page(args->out) || names_a_folder(args->out) ||
            cli_is_figure_name(c, args->out, ret));
}

/* The page, the animation, or the figure. */
static bool draw(const struct spec *s, const struct trace *t, const struct cli_arguments *args,
                 const struct figure_appearance *appearance, const char *path, struct error *err)
{
    if (!is_page(path) && !args->value[OPTION_ANIMATE]) {
        struct arena a;
        arena_init(&a);
        struct figure f = trace_figure(&a, t, s, appearance);
        bool ok = cli_draw(args, OPTION_TEXT, &f, path, err);
        arena_fini(&a);
        return ok;
    }
    if (!(is_page(path) ? playground_write(t, s, path, err)
                        : trace_animate(t, s, appearance, path, frame_stride(args, t), err)))
        return false;
    cli_say("%s %s\n", is_page(path) ? "page" : "figure", path);
    return true;
}

static int show(const struct cli_command *c, struct arena *a, const struct spec *s,
                const struct cli_arguments *args)
{
    struct trace t;
    struct trace_rates rates = {0};
    struct figure_appearance appearance;
    struct error err;
    const char *figure, *csv, *frames = args->value[OPTION_FRAMES];
    if (!check_options(c, args, &appearance))
        return ERR_USAGE;
    trace_run(a, s->trace, (uint64_t)s->seed, &t);
    int64_t every = frame_stride(args, &t);
    print_table(&t);
    if (!choose_paths(a, args, &appearance, &figure, &csv, &err) || !write_csv(&t, csv, &err))
        return cli_fail(&err);
    bool rated = s->trace->map.lr.n > 0;
    if (rated && !show_rates(a, s, &t, figure, &rates, &err))
        return cli_fail(&err);
    if (args->no_plots)
        return 0;
    const char *map = rates_path(a, &appearance, figure);
    if (rated && !trace_draw_rates(&t, &rates, s, &appearance, map, &err))
        return cli_fail(&err);
    if (rated)
        cli_say("figure %s\n", map);
    if (!draw(s, &t, args, &appearance, figure, &err))
        return cli_fail(&err);
    if (frames && !trace_draw_frames(&t, s, &appearance, frames, every, &err))
        return cli_fail(&err);
    if (frames)
        cli_say("frames %s (%zu)\n", frames, trace_frames(&t, every));
    return 0;
}

/* A spec, or a figure that carries one; it must have the section. */
static bool load(struct arena *a, const struct cli_arguments *args, struct spec *ret, int *ret_code)
{
    struct diags d;
    diags_init(&d, a);
    if (!cli_load_spec_any(a, args, ret, ret_code))
        return false;
    if (ret->trace)
        return true;
    diags_add(&d, node_place(ret->root, "trace"), NULL, "this spec has no section 'trace'");
    *ret_code = cli_fail_diags(&d, args->word[0]);
    return false;
}

static int main_trace(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    struct spec spec;
    int code;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    static const char *const used[] = {"name", "description", "seed", "trace", NULL};
    if (!cli_check_overrides(c, &args, used, true))
        return ERR_USAGE;
    arena_init(&a);
    if (load(&a, &args, &spec, &code))
        code = show(c, &a, &spec, &args);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_trace = {
    .name = "trace",
    .asks = "which spec?",
    .usage = "trace SPEC [KEY=VALUE ...]",
    .summary = "optimizers on two-dimensional functions: paths over contours, or a page",
    .options = trace_options,
    .main = main_trace,
};
