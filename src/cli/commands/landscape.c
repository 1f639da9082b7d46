/* descent landscape: slices of the loss around trained weights, between two models, and along a
 * training's path. */
#include "explore/landscape.h"
#include "cli/subject.h"
#include "util/file.h"
#include "util/path.h"
#include "util/progress.h"
#include "util/text.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KIND, SPLIT, WEIGHTS, POINTS, SPAN, SEED, LIMIT, NORM, APPEARANCE };
static const char default_limit[] = "5000";
static const struct cli_option landscape_options[] = {
    {0, "kind", "KIND",
     "plane, line, between or trajectory; default: plane, "
     "of two folders between",
     CLI_CHOICE(landscape_kind_names, NULL)},
    {0, "split", "SPLIT[,SPLIT]", "train, valid, test; default: train, of lines train,test",
     CLI_CHOICES(split_names)},
    {0, "weights", "last|best", "which checkpoint of a run folder",
     CLI_CHOICE(cli_weights_names, "last")},
    {0, "points", "N", "points along a direction; default: 51 of a line, else 31",
     CLI_INT(3, 100001, NULL)},
    {0, "span", "X",
     "how far to both sides; default: 1 norm of the weights, "
     "between 0.5 beyond the ends, trajectory 0.15 around",
     CLI_TEXT},
    {0, "seed", "N", "of the random directions; default: the run's",
     CLI_INT(0, 9223372036854775807.0, NULL)},
    {0,
     "limit",
     "N|all",
     "the first N images of a split",
     {.type = PARAM_TEXT, .fallback = default_limit}},
    {0, "norm", "saved|refreshed",
     "batch norm's running statistics: as saved (between two "
     "interpolated, beyond an end that end's), or again at each point from the training "
     "images; default: refreshed for trajectory, else saved",
     CLI_CHOICE(landscape_norm_names, NULL)},
    CLI_FIGURE_OPTIONS,
    {0}};

/* ---- options ---- */

static bool choose_splits(const struct cli_command *c, const struct cli_arguments *args,
                          struct landscape_options *o)
{
    bool line = o->kind == LANDSCAPE_LINE || o->kind == LANDSCAPE_BETWEEN;
    size_t n = 0;
    for (size_t k = 0; k < SPLITS; k++) {
        bool by_default = k == SPLIT_TRAIN || (line && k == SPLIT_TEST);
        o->split[k] = args->value[SPLIT] ? args->typed[SPLIT].choices >> k & 1 : by_default;
        n += o->split[k];
    }
    if (n == 1 || (n > 1 && line))
        return true;
    cli_usage(c,
              n == 0 ? "'--split' is train, valid or test" : "'--split': a plane shows one split");
    return false;
}

static bool parse_span(const struct cli_command *c, const char *text, struct landscape_options *o)
{
    char *end;
    double most = o->kind == LANDSCAPE_BETWEEN ? 10 : 1000;
    o->span = o->kind == LANDSCAPE_BETWEEN ? 0.5 : o->kind == LANDSCAPE_TRAJECTORY ? 0.15 : 1;
    if (!text)
        return true;
    o->span = strtod(text, &end);
    bool zero = o->kind == LANDSCAPE_BETWEEN;
    if (end != text && *end == '\0' && isfinite(o->span) && (zero ? o->span >= 0 : o->span > 0) &&
        o->span <= most)
        return true;
    cli_usage(c, "'--span' is a number %s and at most %g, not '%s'", zero ? "from 0" : "above 0",
              most, text);
    return false;
}

static bool parse_points(const struct cli_command *c, const struct cli_arguments *args,
                         struct landscape_options *o)
{
    bool line = o->kind == LANDSCAPE_LINE || o->kind == LANDSCAPE_BETWEEN;
    bool centred = o->kind == LANDSCAPE_PLANE || o->kind == LANDSCAPE_LINE;
    long long points = o->kind == LANDSCAPE_LINE ? 51 : 31;
    if (args->value[POINTS])
        points = args->typed[POINTS].integer;
    if (!line && points > 1001) {
        cli_usage(c, "'--points' is at most 1001 in two directions");
        return false;
    }
    if (centred && points % 2 == 0) {
        cli_usage(c, "'--points' is odd, so that one of them is the weights themselves");
        return false;
    }
    o->points = (size_t)points;
    return true;
}

static bool parse_limit(const struct cli_command *c, const char *text, struct landscape_options *o)
{
    char *end;
    o->limit = SIZE_MAX;
    if (strcmp(text, "all") == 0)
        return true;
    long long limit = strtoll(text, &end, 10);
    if (end == text || *end || limit < 1) {
        cli_usage(c, "'--limit' is a number of images, or all, not '%s'", text);
        return false;
    }
    o->limit = (size_t)limit;
    return true;
}

static bool parse_options(const struct cli_command *c, const struct cli_arguments *args,
                          struct landscape_options *o)
{
    int kind = args->words > 1 ? LANDSCAPE_BETWEEN : LANDSCAPE_PLANE;
    if (args->value[KIND])
        kind = args->typed[KIND].choice;
    if (args->words > 1 && kind != LANDSCAPE_BETWEEN) {
        cli_usage(c, "'--kind %s' is of one folder", landscape_kind_names[kind]);
        return false;
    }
    o->kind = (enum landscape_kind)kind;
    int norm = kind == LANDSCAPE_TRAJECTORY ? LANDSCAPE_REFRESHED : LANDSCAPE_SAVED;
    if (args->value[NORM])
        norm = args->typed[NORM].choice;
    o->norm = (enum landscape_norm)norm;
    o->seed = args->value[SEED] ? (uint64_t)args->typed[SEED].integer : UINT64_MAX;
    return choose_splits(c, args, o) && parse_points(c, args, o) &&
           parse_span(c, args->value[SPAN], o) &&
           parse_limit(c, args->value[LIMIT] ? args->value[LIMIT] : default_limit, o);
}

/* ---- measuring ---- */

static void show_progress(void *context, size_t done, size_t total)
{
    progress_draw(context, (int64_t)done, (int64_t)total, "points");
}

/* The weights of `from` around which, or from which; of a line between also `to`. */
static bool measure(struct arena *a, struct subject *from, struct subject *to,
                    const struct landscape_options *o, struct landscape *l, struct error *err)
{
    struct landscape_point p = {0}, q = {0};
    struct subject_path w = {0};
    const struct landscape_model m = {from->train, from->data};
    if (!landscape_check(o, from->data, err))
        return false;
    bool ok = true;
    if (o->kind == LANDSCAPE_TRAJECTORY) {
        ok = subject_read_path(a, from, &w, err) &&
             landscape_trajectory(a, m, &(struct landscape_path){w.point, w.step, w.n}, o, l, err);
        for (size_t i = 0; i < w.n; i++)
            landscape_point_fini(&w.point[i]);
        return ok;
    }
    if (o->kind == LANDSCAPE_BETWEEN && from == to)
        p = landscape_take_point(from->train); /* the initial weights */
    ok = train_load_evaluated(from->train, from->weights, err) &&
         (from == to || !to || train_load_evaluated(to->train, to->weights, err));
    if (ok && !p.params)
        p = landscape_take_point(from->train);
    if (ok && to) {
        q = landscape_take_point(to->train);
        landscape_between(a, m, &p, &q, o, l);
    } else if (ok) {
        landscape_around(a, m, &p, o, l);
    }
    landscape_point_fini(&p);
    landscape_point_fini(&q);
    return ok;
}

/* ---- results ---- */

enum { NAMED = 26 }; /* columns that the name of an end has */

static void print_values(const struct landscape *l, const char *what, size_t at)
{
    bool whole = text_columns(what) <= NAMED;
    size_t bytes = whole ? strlen(what) : text_bytes_within(what, NAMED - 1);
    int room = whole ? (int)(NAMED - text_columns(what)) : 0;
    struct strbuf b;
    strbuf_init(&b);
    for (int k = 0; k < SPLITS; k++)
        if (l->options.split[k])
            strbuf_addf(&b, "%.*s%s%*s %-6s loss %-12.9g accuracy %.2f %%\n", (int)bytes, what,
                        whole ? "" : "…", room, "", split_names[k], l->grid.loss[k][at],
                        100 * l->grid.accuracy[k][at]);
    cli_say("%s", b.text);
    strbuf_fini(&b);
}

/* What tells a long name from the other: from the word on in which they differ. */
static const char *short_name(struct arena *a, const char *name, const char *other)
{
    size_t same = 0;
    while (name[same] && name[same] == other[same])
        same++;
    while (same > 0 && !strchr(",/", name[same - 1]))
        same--;
    bool is_long = text_columns(name) > NAMED || text_columns(other) > NAMED;
    return is_long && same > 0 ? arena_printf(a, "…%s", name + same) : name;
}

static void print_landscape(const struct landscape *l, const struct landscape_texts *x)
{
    for (int k = 0; k < SPLITS; k++)
        if (l->options.split[k])
            printf("%-6s %zu image%s\n", split_names[k], l->images[k],
                   l->images[k] == 1 ? "" : "s");
    if (l->n > 0) {
        cli_say("path   %zu points, updates %" PRId64 " to %" PRId64 "\n", l->n, l->step[0],
                l->step[l->n - 1]);
        cli_say("plane  %.2f %% of the path's variance: %.2f and %.2f\n",
                100 * (l->share[0] + l->share[1]), 100 * l->share[0], 100 * l->share[1]);
        return;
    }
    print_values(l, x->from, landscape_index(l, 0));
    if (!x->to)
        return;
    print_values(l, x->to, landscape_index(l, 1));
    for (int k = 0; k < SPLITS; k++)
        if (l->options.split[k])
            cli_say("%-26s %-6s %.6g\n", "barrier between them", split_names[k],
                    landscape_barrier(l, k));
}

static const char *text_of(struct arena *a, const struct spec *s)
{
    struct strbuf b;
    strbuf_init(&b);
    spec_write(s, &b);
    const char *text = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return text;
}

static struct landscape_texts texts_of(struct arena *a, const struct subject *from,
                                       const struct subject *to, enum landscape_kind kind)
{
    static const char *const what[] = {"around the trained weights", "around the trained weights",
                                       "", "the path of training"};
    struct landscape_texts x = {.from = "trained weights", .spec = {text_of(a, &from->spec)}};
    x.title = arena_printf(a, "%s: %s", from->spec.name, what[kind]);
    if (kind == LANDSCAPE_TRAJECTORY)
        x.from = "initial weights";
    if (!to)
        return x;
    x.from = from == to ? "initial weights" : short_name(a, from->name, to->name);
    x.to = from == to ? "trained weights" : short_name(a, to->name, from->name);
    x.title = from == to
                  ? arena_printf(a, "%s: from the initial to the trained weights", from->spec.name)
                  : arena_printf(a, "between %s and %s", from->name, to->name);
    if (from != to)
        x.spec[1] = text_of(a, &to->spec);
    if (x.spec[1] && strcmp(x.spec[0], x.spec[1]) == 0)
        x.spec[1] = NULL;
    return x;
}

/* Without the ending: in the folder that is shown, beside a file; of two folders beside the first.
 * -o FIGURE.png (.svg, .pdf), or -o FOLDER. */
static bool choose_path(struct arena *a, const struct cli_arguments *args, const struct subject *s,
                        enum landscape_kind kind, const char **ret, struct error *err)
{
    const char *name = arena_printf(a, "landscape-%s", landscape_kind_names[kind]),
               *out = args->out;
    *ret = name;
    if (out && figure_format_from_name(out) != FIGURE_BY_NAME && !file_is_folder(out)) {
        *ret = cli_beside(a, out, "");
    } else if (out) {
        *ret = arena_printf(a, "%s/%s", out, name);
        return file_make_folder(out, err);
    } else if (s->folder && args->words == 1) {
        *ret = arena_printf(a, "%s/%s", s->folder, name);
    } else if (!s->folder) {
        *ret = cli_beside(a, s->word, arena_printf(a, "-%s", name));
    } else {
        const char *word = path_bare(a, s->word);
        *ret = arena_printf(a, "%.*s%s", (int)(path_base(word) - word), word, name);
    }
    return true;
}

static bool write_points(const char *path, const struct landscape *l,
                         void (*f)(const struct landscape *l, struct strbuf *out),
                         struct error *err)
{
    struct strbuf b;
    strbuf_init(&b);
    f(l, &b);
    bool ok = cli_write_points(path, &b, err);
    strbuf_fini(&b);
    return ok;
}

/* Where results go, and what they look like. */
struct target {
    const char *stem;
    const struct figure_appearance *appearance;
};

static bool write_files(struct arena *a, const struct cli_arguments *args,
                        const struct landscape *l, const struct landscape_texts *x,
                        struct target to, struct error *err)
{
    const char *stem = to.stem;
    bool named = args->out && figure_format_from_name(args->out) != FIGURE_BY_NAME &&
                 !file_is_folder(args->out);
    const char *figure =
        named ? args->out : arena_printf(a, "%s%s", stem, figure_ending(to.appearance));
    if (!write_points(arena_printf(a, "%s.csv", stem), l, landscape_write_csv, err) ||
        (l->n > 0 &&
         !write_points(arena_printf(a, "%s-path.csv", stem), l, landscape_write_path, err)))
        return false;
    if (args->no_plots)
        return true;
    if (!landscape_draw(l, x, to.appearance, figure, err))
        return false;
    cli_say("figure %s\n", figure);
    return true;
}

static int show(struct arena *a, const struct cli_arguments *args, struct subject *from,
                struct subject *to, struct landscape_options *o,
                const struct figure_appearance *appearance)
{
    struct landscape l;
    struct progress progress;
    struct error err = {0};
    const char *stem;
    if (o->seed == UINT64_MAX)
        o->seed = (uint64_t)from->spec.seed;
    if ((to && !subject_same_models(from, to, &err)) ||
        !choose_path(a, args, from, o->kind, &stem, &err))
        return cli_fail(&err);
    progress_begin(&progress, 0);
    struct landscape_options watched = *o;
    watched.progress = show_progress;
    watched.context = &progress;
    bool ok = measure(a, from, to, &watched, &l, &err);
    progress_clear(&progress);
    if (!ok)
        return cli_fail(&err);
    struct landscape_texts x = texts_of(a, from, to, o->kind);
    print_landscape(&l, &x);
    return write_files(a, args, &l, &x, (struct target){stem, appearance}, &err) ? 0
                                                                                 : cli_fail(&err);
}

static int main_landscape(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct landscape_options o = {0};
    struct figure_appearance appearance;
    struct subject s[2] = {0};
    struct arena a;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    if (args.words > 2)
        return cli_usage(c, "one folder, or two");
    if (!parse_options(c, &args, &o) || !cli_appearance(c, &args, APPEARANCE, &appearance) ||
        (args.out && path_ending(args.out)[0] && !cli_is_figure_name(c, args.out, &appearance)))
        return ERR_USAGE;
    if (o.kind == LANDSCAPE_TRAJECTORY && !file_is_folder(args.word[0]))
        return cli_usage(c, "'--kind trajectory' is of a run folder, not of '%s'", args.word[0]);
    arena_init(&a);
    bool initial =
        o.kind == LANDSCAPE_TRAJECTORY || (o.kind == LANDSCAPE_BETWEEN && args.words == 1);
    int code = subject_open(&a, &s[0], args.word[0], cli_weights_names[args.typed[WEIGHTS].choice],
                            initial, NULL);
    if (code == 0 && args.words == 2)
        code = subject_open(&a, &s[1], args.word[1], cli_weights_names[args.typed[WEIGHTS].choice],
                            false, &s[0]);
    if (code == 0)
        code = show(&a, &args, &s[0],
                    args.words == 2               ? &s[1]
                    : o.kind == LANDSCAPE_BETWEEN ? &s[0]
                                                  : NULL,
                    &o, &appearance);
    subject_close(&s[1]);
    subject_close(&s[0]);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_landscape = {
    .name = "landscape",
    .asks = "which folder?",
    .of_folders = true,
    .of_one = true,
    .usage = "landscape FOLDER [FOLDER] [--kind plane|line|between|trajectory]",
    .summary = "slices of the loss around or between trained weights",
    .options = landscape_options,
    .main = main_landscape,
};
