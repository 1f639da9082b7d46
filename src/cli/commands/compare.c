/* descent compare: one row per group of seeds. */
#include "cli/commands/compare.h"
#include "cli/cli.h"
#include "cli/damage.h"
#include "study/comparison_table.h"
#include "util/file.h"
#include "util/log.h"
#include "util/path.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    METRIC,
    GROUP_BY,
    WHERE,
    BEST_PER,
    SORT,
    TARGET,
    PAIRS,
    BASELINE,
    MATRIX,
    AGAINST,
    TEST,
    RUNS,
    COLUMNS,
    SENSITIVITY,
    PROFILE,
    BUDGET,
    COST,
    FORMAT
};
enum format { TABLE, CSV, MARKDOWN, LATEX, JSON };
static const char *const formats[] = {"table", "csv", "markdown", "latex", "json", NULL};
static const char *const test_names[] = {"permutation", "wilcoxon", NULL};
static const struct cli_option compare_options[] = {
    {0, "metric", "METRIC",
     "what ranks: a column of epochs.csv at the end, or best.COLUMN at the best epoch", CLI_TEXT},
    {0, "group-by", "KEY[,KEY]", "groups by these keys; default: all that differ but the seed",
     CLI_TEXT},
    {0, "where", "EXPR", "only runs for which it holds: \"optimizer == 'adam' and lr < 0.1\"",
     CLI_TEXT},
    {0, "best-per", "KEY[,KEY]",
     "only the settings that are best, by the metric, for each value of the keys", CLI_TEXT},
    {0, "sort", "KEY", "rows by rank (default), a metric, a key, or n", CLI_TEXT},
    {0, "target", "METRIC=VALUE", "how long until it was reached: valid_accuracy=0.97", CLI_TEXT},
    {0, "pairs", NULL,
     "differences between runs that share all other settings and the seed, against the best group; "
     "with --target of the updates to it too",
     CLI_FLAG},
    {0, "baseline", "KEY=VALUE[,KEY=VALUE]", "the group that the pairs are against", CLI_TEXT},
    {0, "matrix", NULL, "all pairs of groups: differences, and p-values below them", CLI_FLAG},
    {0, "against", "published:NAME[,published:NAME]",
     "beside these runs, results that come with the program ('descent list published')", CLI_TEXT},
    {0, "test", "permutation|wilcoxon",
     "of the pairs, which it asks for; default: sign flips where no group has more than 20, else Wilcoxon's, over "
     "folds the corrected t-test; sign flips are exact, up to 40 pairs",
     CLI_CHOICE(test_names, NULL)},
    {0, "runs", NULL, "a row for every run, not for every group", CLI_FLAG},
    {0, "columns", "NAME[,NAME]",
     "which columns: rank, n, interval, diverged, ..., and figures as --metric names them",
     CLI_TEXT},
    {0, "sensitivity", "KEY", "instead: the best value of a key, and how far around it is as good",
     CLI_TEXT},
    {0, "profile", "KEY[,KEY]",
     "instead: performance profiles over the problems that these keys tell apart", CLI_TEXT},
    {0, "budget", NULL,
     "instead: the expected best of k random trials, for each optimizer (or by --group-by)",
     CLI_FLAG},
    {0, "cost", "steps|epochs|seconds",
     "what --profile and --pairs count to --target; a profile without one: the final error",
     CLI_CHOICE(profile_cost_names, "steps")},
    {0, "format", "FORMAT",
     "table, csv, markdown, latex or json; default: by -o's ending; with --pairs, csv is of the pairs",
     CLI_CHOICE(formats, NULL)},
    {0}};

static void write_one(const struct table *t, enum format format, struct strbuf *out)
{
    static void (*const write[])(const struct table *, struct strbuf *) = {
        [CSV] = table_write_csv, [MARKDOWN] = table_write_markdown, [LATEX] = table_write_latex};
    if (format == TABLE)
        table_write_text_within(t, cli_table_page(), out);
    else
        write[format](t, out);
}

/* Of the same pairs, how long each took to the target. */
static void add_races(struct arena *a, const struct comparison *x, enum format format,
                      struct strbuf *out)
{
    struct table t;
    comparison_races(a, x, &t);
    strbuf_addf(out, "\n%s%s to %s %s %.9g, of %s; p by Wilcoxon\n\n", format == LATEX ? "% " : "",
                profile_cost_names[x->cost], metric_names[x->target.metric],
                metric_rises(x->target.metric) ? "≥" : "≤", x->target.value,
                x->family.test == PAIRED_RESAMPLED ? "all pairs of runs" : "the same pairs");
    write_one(&t, format, out);
    if (format == TABLE)
        compare_add_meaning_of_races(x, out);
}

/* Lines of notes below a table, as its format has them: comments in LaTeX. */
static void write_notes(const char *text, enum format format, struct strbuf *out)
{
    if (format == MARKDOWN && *text)
        table_write_markdown_notes(text, out);
    for (size_t n; format == LATEX && *text; text += n) {
        n = strcspn(text, "\n") + 1;
        strbuf_addf(out, "%% %.*s", (int)n, text);
    }
    if (format == TABLE)
        strbuf_add(out, text);
}

/* To readers below the table, else on stderr. */
static void tell_unpaired(struct arena *a, const struct comparison *x, const struct collection *c,
                          enum format format, struct strbuf *out)
{
    struct strbuf why;
    strbuf_init(&why);
    compare_add_unpaired(a, x, c, format == TABLE ? out : &why);
    if (why.length > 0)
        log_warn("%.*s", (int)why.length - 1, why.text);
    strbuf_fini(&why);
}

/* Programs' formats have no notes. */
static void warn_of_dependence(struct arena *a, const struct comparison *x,
                               const struct paired_family *f, enum format format)
{
    bool is_warning;
    const char *text = paired_dependence(a, f, &x->measure, &is_warning);
    if (format != CSV && format != JSON)
        return;
    if (is_warning)
        log_warn("%s", text);
    else if (text && x->race)
        log_warn("the p-values to the target take the pairs as independent, and are too small: the "
                 "pairs are over %s",
                 paired_over(f));
}

static void add_pairs(struct arena *a, const struct comparison *x, const struct collection *c,
                      enum format format, bool chosen, struct strbuf *out)
{
    struct table t;
    const struct group *best = &x->grouping.group[x->reference];
    comparison_pairs(a, x, format == CSV, &t);
    const char *comment = format == LATEX ? "% " : "", *what = measure_name(a, &x->measure),
               *which = chosen ? "baseline" : "best group";
    bool fits = strlen(what) + strlen(best->label) < 30; /* into 80 columns */
    const char *test = comparison_test(x);
    if (format != CSV)
        strbuf_addf(
            out, "\n%s%s minus that of the %s%s%s(%s),\n%sall else and the seed the same%s%s\n\n",
            comment, what, which, fits ? " " : "\n", fits ? "" : comment, best->label, comment,
            test ? "; p by " : "", test ? test : "");
    write_one(&t, format, out);
    tell_unpaired(a, x, c, format, out);
    warn_of_dependence(a, x, &x->family, format);
    struct strbuf notes;
    strbuf_init(&notes);
    compare_add_reach(x, &notes);
    compare_add_dependence(a, &x->family, &x->measure, &notes);
    if (!chosen)
        strbuf_add(&notes,
                   "that group is the best by these very figures, which makes p too small:\n"
                   "--baseline KEY=VALUE names one beforehand\n");
    write_notes(notes.text, format, out);
    strbuf_fini(&notes);
    if (format != CSV && x->race)
        add_races(a, x, format, out);
}

static void write_as_json(struct arena *a, const struct comparison *x, const struct collection *c,
                          struct strbuf *out)
{
    struct json *j = comparison_json(a, x), *copies = js_new_array();
    for (size_t i = 0; i < c->copies; i++) {
        struct json *copy = js_new_object();
        js_set(copy, "folder", js_new_string(c->copy[i].folder));
        js_set(copy, "same_as", js_new_string(c->copy[i].of));
        js_set(copy, "weights_differ", js_new_bool(c->copy[i].differs));
        js_append(copies, copy);
    }
    js_set(j, "copies", copies);
    js_write(j, out, 2);
    strbuf_add(out, "\n");
    js_free(j);
}

static void write_other(const struct table *t, enum format format, struct strbuf *out)
{
    if (format != JSON) {
        write_one(t, format, out);
        return;
    }
    struct json *j = table_json(t);
    js_write(j, out, 2);
    strbuf_add(out, "\n");
    js_free(j);
}

/* What is shown of a comparison. */
struct view {
    enum format format;
    bool runs, matrix;
    const struct comparison_options *o;
};

/* One block where no columns were asked for. */
static void write_groups(struct arena *a, const struct comparison *x, const struct view *v,
                         const struct table *t, struct strbuf *out)
{
    struct table fitting;
    const char *left = NULL;
    if (v->format == LATEX && !v->runs) {
        table_write_latex_float(t, comparison_caption(a, x), out);
        return;
    }
    if (v->format == TABLE && v->o->columns == 0)
        table_fit(a, t, cli_table_page(), &fitting, &left);
    write_one(left ? &fitting : t, v->format, out);
    if (left)
        strbuf_addf(out,
                    v->runs ? "\nmore columns as --format csv: %s\n"
                            : "\nmore columns with --columns, or all as --format csv:\n%s\n",
                    left);
}

static const char *and_more(struct arena *a, size_t n)
{
    return n > 0 ? arena_printf(a, "; nor of %zu more", n) : "";
}

static void add_meaning_of_matrix(struct arena *a, const struct comparison *x,
                                  const struct comparison_matrix *m, struct strbuf *out)
{
    size_t n = x->grouping.groups, all = n > 0 ? n * (n - 1) / 2 : 0, tests = all - m->unpaired;
    strbuf_addf(out,
                "%s: row minus column, all else and the seed the same;\n"
                "below the diagonal p by %s, by Holm over %s%zu pairs of groups\n",
                measure_name(a, &x->measure), paired_test_name(m->family.test),
                tests < all ? "those " : "all ", tests);
    if (m->unpaired > 0)
        strbuf_addf(out, "no pairs of %s%s\n", m->why, and_more(a, m->unpaired - 1));
    compare_add_lost(m->lost, out);
    compare_add_dependence(a, &m->family, &x->measure, out);
    if (m->out_of_reach > 0)
        strbuf_addf(out,
                    "warning: for %zu of them p cannot come down to 0.05, whatever the figures:\n"
                    "that takes %d pairs of runs\n",
                    m->out_of_reach, compare_pairs_needed(m->out_of_reach));
}

static bool add_matrix(struct arena *a, const struct comparison *x, const struct collection *c,
                       const struct view *v, struct strbuf *out, struct error *err)
{
    struct comparison_matrix m;
    struct strbuf notes;
    struct comparison_matrix_form form = {v->o->test, v->format == CSV || v->format == JSON};
    if (!comparison_matrix(a, x, c, form, &m, err))
        return false;
    write_other(&m.table, v->format, out);
    if (m.unpaired > 0 && v->format != TABLE)
        log_warn("no pairs of %s%s", m.why, and_more(a, m.unpaired - 1));
    warn_of_dependence(a, x, &m.family, v->format);
    strbuf_init(&notes);
    add_meaning_of_matrix(a, x, &m, &notes);
    strbuf_add(out, v->format == TABLE ? "\n" : "");
    write_notes(notes.text, v->format, out);
    strbuf_fini(&notes);
    if (v->format == TABLE)
        compare_add_notes(a, x, c, true, out);
    return true;
}

static bool write_all(struct arena *a, const struct comparison *x, const struct collection *c,
                      const struct view *v, struct strbuf *out, struct error *err)
{
    struct table t;
    bool pairs = x->has_pairs && x->grouping.groups > 0,
         raw = v->format == CSV || v->format == JSON;
    if (v->matrix)
        return add_matrix(a, x, c, v, out, err);
    if (v->format == JSON && !v->runs) {
        write_as_json(a, x, c, out);
        if (pairs) {
            tell_unpaired(a, x, c, JSON, out);
            warn_of_dependence(a, x, &x->family, JSON);
        }
        return true;
    }
    if (v->runs)
        comparison_runs(a, x, c, raw, &t);
    else if (v->o->columns == 0)
        comparison_table(a, x, raw, &t);
    else if (!comparison_chosen(a, x, v->o, raw, &t, err))
        return false;
    if (v->format == JSON)
        write_other(&t, v->format, out);
    else if (v->format != CSV || !pairs)
        write_groups(a, x, v, &t, out);
    if (v->format == MARKDOWN && !v->runs) {
        struct strbuf notes;
        strbuf_init(&notes);
        compare_add_meaning(x, &notes);
        write_notes(notes.text, MARKDOWN, out);
        strbuf_fini(&notes);
    }
    if (pairs)
        add_pairs(a, x, c, v->format, v->o->baseline != NULL, out);
    if (v->format == TABLE)
        compare_add_notes(a, x, c, v->runs, out);
    if (v->format == TABLE && !v->runs && v->o->n_by == 0)
        compare_add_settings(a, x, c, out);
    return true;
}

static bool add_sensitivity(struct arena *a, const struct collection *c,
                            const struct comparison_options *o, enum format format,
                            struct strbuf *out, struct error *err)
{
    struct table t;
    if (!comparison_sensitivity(a, c, o, format == CSV || format == JSON, &t, err))
        return false;
    write_other(&t, format, out);
    if (format == TABLE)
        compare_add_folded(
            out, "\nmean ± sample deviation over n completed runs at the best; within: the values "
                 "around it whose means are that close; lost: of the values tried, those with a "
                 "run that diverged or failed\n");
    return true;
}

static bool add_profile(struct arena *a, const struct collection *c,
                        const struct comparison_options *o, enum format format, struct strbuf *out,
                        struct error *err)
{
    struct comparison_profiles t;
    if (!comparison_profile(a, c, o, format == CSV || format == JSON, &t, err))
        return false;
    write_other(&t.table, format, out);
    if (format != TABLE)
        return true;
    strbuf_add(out, "\nshare of the problems solved within a multiple of the least cost; cost: ");
    if (o->target)
        strbuf_addf(out, "\n%s to %s, mean over runs, all of which must reach it\n",
                    profile_cost_names[o->cost], o->target);
    else
        strbuf_add(out, "\nthe final error rate, or loss, mean over runs\n");
    if (t.untried > 0)
        compare_add_folded(
            out,
            "%zu of %zu, each solver on each problem, have no run that ended, and count as "
            "not solved\n",
            t.untried, t.cells);
    if (t.beyond > 0)
        strbuf_addf(out,
                    "%zu of %zu were solved at no multiple of the least cost, which is 0 there\n",
                    t.beyond, t.cells);
    return true;
}

static bool add_budget(struct arena *a, const struct collection *c,
                       const struct comparison_options *o, enum format format, struct strbuf *out,
                       struct error *err)
{
    struct table t;
    if (!comparison_budget(a, c, o, format == CSV || format == JSON, &t, err))
        return false;
    write_other(&t, format, out);
    if (format == TABLE)
        compare_add_folded(
            out,
            "\nexpected best %s of k of these settings tried at random, ± its deviation "
            "(Dodge et al. 2019); a setting is the mean of its runs, "
            "one that lost runs counts as the worst figure of all, a pruned run as what it "
            "had when it was given up\n",
            o->metric ? o->metric : "valid_accuracy");
    struct measure m;
    if (comparison_chooser(c, o->metric, "--budget", &m, err) && comparison_across_text(a, c, &m))
        log_warn("%s", comparison_across_text(a, c, &m));
    return true;
}

/* What the command was asked. */
struct request {
    struct arena *a;
    const struct cli_arguments *args;
    struct comparison_options *o;
    enum format format;
};

static bool add_all(const struct request *q, struct collection *c, struct strbuf *out,
                    struct error *err)
{
    struct arena *a = q->a;
    const struct cli_arguments *args = q->args;
    struct comparison_options *o = q->o;
    enum format format = q->format;
    struct comparison x;
    size_t n;
    char **per = cli_words(a, args->value[BEST_PER], &n);
    const char *unfinished = collect_unfinished_text(a, c);
    if (n > 0 && !comparison_keep_best(a, c, o, per, n, err))
        return false;
    if (args->value[SENSITIVITY] || args->value[BUDGET] || args->value[PROFILE]) {
        if (!(args->value[SENSITIVITY] ? add_sensitivity
              : args->value[BUDGET]    ? add_budget
                                       : add_profile)(a, c, o, format, out, err))
            return false;
        if (unfinished && format == TABLE)
            strbuf_addf(out, "%s\n", unfinished);
        return true;
    }
    if (!comparison_make(a, c, o, &x, err))
        return false;
    if (format != TABLE && comparison_across_text(a, c, &x.measure))
        log_warn("%s", comparison_across_text(a, c, &x.measure));
    if (format != TABLE && comparison_lacking_text(a, c, &x.measure))
        log_warn("%s", comparison_lacking_text(a, c, &x.measure));
    if (o->pairs && x.grouping.groups < 2)
        log_warn("there is one group, and so there are no pairs: '--group-by KEY' makes groups of "
                 "the values of a key");
    struct view v = {.format = format,
                     .runs = args->value[RUNS] != NULL,
                     .matrix = args->value[MATRIX] != NULL,
                     .o = o};
    if (!write_all(a, &x, c, &v, out, err))
        return false;
    if (n > 0 && format == TABLE)
        strbuf_addf(out, "the best by %s for each value of %s\n", measure_name(a, &x.measure),
                    args->value[BEST_PER]);
    if (n > 0 && unfinished && format == TABLE)
        strbuf_addf(out, "when these were chosen, %s\n", unfinished);
    return true;
}

/* What was asked to be told apart stays apart. */
static void leave_copies_out(struct arena *a, const struct cli_arguments *args,
                             struct collection *c)
{
    static const int from[] = {GROUP_BY, BEST_PER, SENSITIVITY, PROFILE};
    const char *all = "";
    size_t n;
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++)
        if (args->value[from[i]])
            all = arena_printf(a, "%s,%s", all, args->value[from[i]]);
    char **word = cli_words(a, all, &n);
    collect_once(a, c, (const char *const *)word, n);
}

/* Beside the table, where it is not one for readers. */
static void say_what_was_skipped(struct arena *a, const struct collection *c, enum format format)
{
    const char *copies = collect_copies_text(a, c), *alike = collect_alike_text(a, c);
    if (c->skipped > 0)
        log_info("%zu without a run skipped: %s%s", c->skipped, c->first_skipped,
                 c->skipped > 1 ? ", ..." : "");
    if (copies && format != TABLE)
        log_info("%s", copies);
    if (alike)
        log_info("%s", alike);
    if (collect_twins_text(a, c))
        log_warn("%s", collect_twins_text(a, c));
}

static int compare(const struct request *q)
{
    struct arena *a = q->a;
    const struct cli_arguments *args = q->args;
    enum format format = q->format;
    struct error err = {0};
    struct collection c;
    struct strbuf out;
    const char *where = args->value[WHERE];
    size_t n;
    char **against = cli_words(a, args->value[AGAINST], &n);
    bool rows = q->o->target || q->o->problems > 0;
    const struct collect_sources sources = {args->word, args->words, against, n};
    if (!collect_runs_against(a, &sources, &c, &err) ||
        (rows && !collect_need_rows(a, &c, true, &err)))
        return cli_fail(&err);
    int damage = cli_tell_damage(&c);
    if (where && !collect_filter(a, &c, where, &err))
        return cli_fail(&err);
    leave_copies_out(a, args, &c);
    say_what_was_skipped(a, &c, format);
    strbuf_init(&out);
    bool ok = add_all(q, &c, &out, &err);
    if (ok && args->out)
        ok = file_write(args->out, out.text, out.length, &err);
    else if (ok && format == TABLE)
        cli_say("%s", out.text);
    else if (ok)
        fputs(out.text, stdout);
    strbuf_fini(&out);
    return ok ? damage : cli_fail(&err);
}

/* What --format says, else the ending of -o: a table where that says nothing. */
static bool choose_format(const struct cli_command *c, const struct cli_arguments *args,
                          enum format *ret)
{
    static const char *const endings[] = {
        [TABLE] = ".txt", [CSV] = ".csv", [MARKDOWN] = ".md", [LATEX] = ".tex", [JSON] = ".json"};
    const char *ending = args->out ? path_ending(args->out) : "";
    enum format named = TABLE;
    while (named <= JSON && strcasecmp(ending, endings[named]) != 0)
        named++;
    bool known = named <= JSON;
    *ret = args->value[FORMAT] ? (enum format)args->typed[FORMAT].choice : known ? named : TABLE;
    if (args->value[FORMAT] || known || !ending[0])
        return true;
    cli_usage(c,
              "a table is written as .csv, .md, .tex, .json or .txt, not as '%s'; '--format' says "
              "which under any name",
              ending);
    return false;
}

static bool has_any(const struct cli_arguments *args, const int *option, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (args->value[option[i]])
            return true;
    return false;
}

/* What nothing but the plain comparison shows. */
static bool is_plain(const struct cli_arguments *args)
{
    static const int plain[] = {PAIRS, BASELINE, TEST, MATRIX, SORT, RUNS, COLUMNS};
    return has_any(args, plain, sizeof plain / sizeof plain[0]);
}

/* Those of all pairs of groups are the matrix's. */
static bool asks_for_pairs(const struct cli_arguments *args)
{
    return args->value[PAIRS] || args->value[BASELINE] ||
           (args->value[TEST] && !args->value[MATRIX]);
}

/* Why the options are not all of the table that was asked for, or NULL. */
static const char *unfit(const struct cli_arguments *args, enum format format)
{
    static const int beside_matrix[] = {PAIRS, BASELINE, RUNS, COLUMNS, TARGET};
    const char *const *value = args->value;
    int others = (value[SENSITIVITY] != NULL) + (value[PROFILE] != NULL) + (value[BUDGET] != NULL);
    bool pairs = asks_for_pairs(args);
    if (others > 1)
        return "'--sensitivity', '--profile' or '--budget': one table at a time";
    if (others > 0 && is_plain(args))
        return "'--pairs', '--baseline', '--test', '--matrix', '--sort', '--runs' and '--columns' "
               "belong to the plain comparison";
    if (value[TARGET] && others > 0 && !value[PROFILE])
        return "'--target' belongs to the plain comparison and '--profile'";
    if (value[TARGET] && value[PROFILE] && value[METRIC] && !value[BEST_PER])
        return "'--profile' counts to the '--target' or by '--metric': give one of them";
    if (value[MATRIX] &&
        has_any(args, beside_matrix, sizeof beside_matrix / sizeof beside_matrix[0]))
        return "'--matrix' is a table of its own, of all pairs: without '--pairs', '--baseline', "
               "'--runs', '--columns' and '--target'";
    if (value[RUNS] && (value[COLUMNS] || value[TARGET] || pairs || value[TEST]))
        return "'--runs' is a table of its own: without '--columns', '--pairs' and '--target'";
    if (value[COLUMNS] && format == JSON)
        return "JSON has all columns: without '--columns'";
    if (value[COLUMNS] && format == CSV && pairs)
        return "with '--pairs' a CSV is of the pairs: without '--columns'";
    if (value[COST] && !(value[TARGET] && (value[PROFILE] || pairs)))
        return "'--cost' belongs to '--profile' or '--pairs', with a '--target'";
    return NULL;
}

static int main_compare(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    enum format format;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    if (args.words == 0)
        return args.value[AGAINST]
                   ? cli_usage(c,
                               "which folders are to stand beside it? 'descent compare FOLDER "
                               "--against %s'",
                               args.value[AGAINST])
                   : cli_usage(c, "which folders?");
    if (!choose_format(c, &args, &format))
        return ERR_USAGE;
    const char *why = unfit(&args, format);
    if (why)
        return cli_usage(c, "%s", why);
    struct comparison_options o = {.metric = args.value[METRIC],
                                   .sort = args.value[SORT],
                                   .target = args.value[TARGET],
                                   .baseline = args.value[BASELINE],
                                   .key = args.value[SENSITIVITY],
                                   .asks = "--profile",
                                   .cost = (enum profile_cost)args.typed[COST].choice};
    o.pairs = asks_for_pairs(&args);
    o.test = !args.value[TEST]              ? PAIRED_CHOSEN
             : args.typed[TEST].choice == 0 ? PAIRED_PERMUTATION
                                            : PAIRED_WILCOXON;
    arena_init(&a);
    o.by = cli_words(&a, args.value[GROUP_BY], &o.n_by);
    o.column = cli_words(&a, args.value[COLUMNS], &o.columns);
    o.problem = cli_words(&a, args.value[PROFILE], &o.problems);
    int code = compare(&(struct request){&a, &args, &o, format});
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_compare = {
    .name = "compare",
    .of_folders = true,
    .usage = "compare FOLDER...",
    .summary = "one row per group of seeds: mean, deviation, rank",
    .options = compare_options,
    .main = main_compare,
};
