/* descent compare: one row per group of seeds. */
#include "cli/cli.h"
#include "study/comparison_table.h"
#include "util/file.h"
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
    TEST,
    SENSITIVITY,
    PROFILE,
    COST,
    FORMAT
};
static const struct cli_option compare_options[] = {
    {0, "metric", "METRIC",
     "what ranks: a column of epochs.csv at the end, or best.COLUMN at the best epoch"},
    {0, "group-by", "KEY[,KEY]", "groups by these keys; default: all that differ but the seed"},
    {0, "where", "EXPR", "only runs for which it holds: \"optimizer == 'adam' and lr < 0.1\""},
    {0, "best-per", "KEY[,KEY]",
     "only the settings that are best, by the metric, for each value of the keys"},
    {0, "sort", "KEY", "rows by rank (default), a metric, a key, or n"},
    {0, "target", "METRIC=VALUE", "how long until it was reached: valid_accuracy=0.97"},
    {0, "pairs", NULL, "differences between runs of the same seed, against the best group"},
    {0, "test", "permutation|wilcoxon",
     "of the pairs; default: sign flips up to 20 pairs, beyond that Wilcoxon's"},
    {0, "sensitivity", "KEY",
     "instead: the best value of a key, and how far around it is as good"},
    {0, "profile", "KEY[,KEY]",
     "instead: performance profiles over the problems that these keys tell apart"},
    {0, "cost", "steps|epochs|seconds",
     "of a profile, to --target; default: steps; without one, the final error"},
    {0, "format", "FORMAT",
     "table, csv, markdown, latex or json; default: by -o's ending; with --pairs, csv is of the pairs"},
    {0}};

enum format { TABLE, CSV, MARKDOWN, LATEX, JSON };
static const char *const formats[] = {"table", "csv", "markdown", "latex", "json", NULL};

static void write_one(const struct table *t, enum format format, struct strbuf *out)
{
    static void (*const write[])(const struct table *, struct strbuf *) = {
        table_write_text, table_write_csv, table_write_markdown, table_write_latex};
    write[format](t, out);
}

/* What the table does not say by itself. */
/* Runs that were lengthened under a schedule or average that depends on the length. */
static void add_extended(const struct collection *c, struct strbuf *out)
{
    size_t n = 0, first = 0;
    for (size_t i = 0; i < c->runs; i++)
        if (c->run[i].extended && n++ == 0)
            first = i;
    if (n == 0)
        return;
    strbuf_addf(
        out,
        "%zu run%s lengthened on the way, under a schedule or average that depends on the "
        "length: %s",
        n, n == 1 ? " was" : "s were", c->run[first].folder);
    if (n > 1)
        strbuf_addf(out, " and %zu more", n - 1);
    strbuf_add(out, "\n");
}

static void add_notes(const struct comparison *x, const struct collection *c,
                      struct strbuf *out)
{
    size_t status[COLLECT_STATUSES] = {0}, left = 0;
    for (size_t i = 0; i < c->runs; i++)
        status[c->run[i].status]++;
    for (int s = COLLECT_DIVERGED; s < COLLECT_STATUSES; s++)
        left += status[s];
    strbuf_addf(out, "\n%zu run%s in %zu group%s", c->runs, c->runs == 1 ? "" : "s",
                x->grouping.groups, x->grouping.groups == 1 ? "" : "s");
    if (left > 0)
        strbuf_addf(out, ", %zu completed", status[COLLECT_COMPLETED]);
    strbuf_add(
        out,
        "\nmean ± sample deviation over n completed runs\n# ties with the best of its rank where their intervals overlap\n");
    const char *mixed = group_mixes(&x->grouping, c);
    if (mixed)
        strbuf_addf(out, "groups mix runs that differ in %s too\n", mixed);
    add_extended(c, out);
}

static void add_pairs(struct arena *a, const struct comparison *x, enum format format,
                      struct strbuf *out)
{
    struct table t;
    const struct group *best = &x->grouping.group[x->reference];
    comparison_pairs(a, x, format == CSV, &t);
    const char *comment = format == LATEX ? "% " : "", *what = measure_name(a, &x->measure);
    bool fits = strlen(what) + strlen(best->label) < 30; /* into 80 columns */
    if (format != CSV)
        strbuf_addf(out, "\n%s%s minus that of the best group%s%s(%s), same seeds\n\n", comment,
                    what, fits ? " " : "\n", fits ? "" : comment, best->label);
    write_one(&t, format, out);
}

static void write_all(struct arena *a, const struct comparison *x, const struct collection *c,
                      enum format format, struct strbuf *out)
{
    struct table t;
    bool pairs = x->has_pairs && x->grouping.groups > 0;
    if (format == JSON) {
        struct json *j = comparison_json(a, x);
        js_write(j, out, 2);
        strbuf_add(out, "\n");
        js_free(j);
        return;
    }
    if (format != CSV || !pairs) {
        comparison_table(a, x, format == CSV, &t);
        write_one(&t, format, out);
    }
    if (pairs)
        add_pairs(a, x, format, out);
    if (format == TABLE)
        add_notes(x, c, out);
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

static bool add_sensitivity(struct arena *a, const struct collection *c,
                            const struct comparison_options *o, const char *key,
                            enum format format, struct strbuf *out, struct error *err)
{
    struct table t;
    if (!comparison_sensitivity(a, c, o, key, format == CSV || format == JSON, &t, err))
        return false;
    write_other(&t, format, out);
    if (format == TABLE)
        strbuf_add(
            out,
            "\nmean ± sample deviation over n completed runs at the best; within: the values around\n"
            "it whose means are that close; lost: of the values tried, those with a run that diverged or failed\n");
    return true;
}

static bool add_profile(struct arena *a, const struct collection *c,
                        const struct comparison_options *o, const struct cli_arguments *args,
                        enum profile_cost cost, enum format format, struct strbuf *out,
                        struct error *err)
{
    struct table t;
    size_t n;
    char **problem = cli_words(a, args->value[PROFILE], &n);
    if (!comparison_profile(a, c, o, problem, n, cost, format == CSV || format == JSON, &t,
                            err))
        return false;
    write_other(&t, format, out);
    if (format != TABLE)
        return true;
    strbuf_add(out,
               "\nshare of the problems solved at so many times the least cost of all; cost: ");
    if (o->target)
        strbuf_addf(out, "\n%s to %s, mean over runs, all of which must reach it\n",
                    profile_cost_names[cost], o->target);
    else
        strbuf_add(out, "\nthe final error rate, or loss, mean over runs\n");
    return true;
}

static bool add_all(struct arena *a, const struct cli_arguments *args, struct collection *c,
                    struct comparison_options *o, enum profile_cost cost, enum format format,
                    struct strbuf *out, struct error *err)
{
    struct comparison x;
    size_t n;
    char **per = cli_words(a, args->value[BEST_PER], &n);
    if (n > 0 && !comparison_keep_best(a, c, o, per, n, err))
        return false;
    if (args->value[SENSITIVITY])
        return add_sensitivity(a, c, o, args->value[SENSITIVITY], format, out, err);
    if (args->value[PROFILE])
        return add_profile(a, c, o, args, cost, format, out, err);
    if (!comparison_make(a, c, o, &x, err))
        return false;
    write_all(a, &x, c, format, out);
    if (n > 0 && format == TABLE)
        strbuf_addf(out, "the best by %s for each value of %s\n", measure_name(a, &x.measure),
                    args->value[BEST_PER]);
    return true;
}

static int compare(struct arena *a, const struct cli_arguments *args,
                   struct comparison_options *o, enum profile_cost cost, enum format format)
{
    struct error err = {0};
    struct collection c;
    struct strbuf out;
    const char *where = args->value[WHERE];
    if (!collect_runs(a, args->word, args->words, &c, &err) ||
        (where && !collect_filter(a, &c, where, &err)))
        return cli_fail(&err);
    strbuf_init(&out);
    bool ok = add_all(a, args, &c, o, cost, format, &out, &err);
    if (ok && args->out)
        ok = file_write(args->out, out.text, out.length, &err);
    else if (ok)
        fputs(out.text, stdout);
    strbuf_fini(&out);
    return ok ? 0 : cli_fail(&err);
}

/* By the ending of the file's name: a table where it has none of these. */
static enum format format_of(const char *path)
{
    static const char *const ending[] = {
        [CSV] = ".csv", [MARKDOWN] = ".md", [LATEX] = ".tex", [JSON] = ".json"};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path,
               *dot = strrchr(name, '.');
    for (enum format f = CSV; dot && f <= JSON; f++)
        if (strcasecmp(dot, ending[f]) == 0)
            return f;
    return TABLE;
}

static int main_compare(const struct cli_command *c, int argc, char **argv)
{
    static const char *const tests[] = {"permutation", "wilcoxon", NULL};
    struct cli_arguments args;
    struct arena a;
    int format = TABLE, test = 0, cost = PROFILE_STEPS;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    if (args.words == 0)
        return cli_usage(c, "which folders?");
    if (args.out)
        format = (int)format_of(args.out);
    if (!cli_choose(c, "format", args.value[FORMAT], formats, &format) ||
        !cli_choose(c, "test", args.value[TEST], tests, &test) ||
        !cli_choose(c, "cost", args.value[COST], profile_cost_names, &cost))
        return ERR_USAGE;
    if (args.value[SENSITIVITY] && args.value[PROFILE])
        return cli_usage(c, "'--sensitivity' or '--profile': one table at a time");
    if ((args.value[SENSITIVITY] || args.value[PROFILE]) &&
        (args.value[PAIRS] || args.value[TEST] || args.value[SORT]))
        return cli_usage(c, "'--pairs', '--test' and '--sort' belong to the plain comparison");
    if (args.value[COST] && !(args.value[PROFILE] && args.value[TARGET]))
        return cli_usage(c, "'--cost' belongs to '--profile' with a '--target'");
    struct comparison_options o = {.metric = args.value[METRIC],
                                   .sort = args.value[SORT],
                                   .target = args.value[TARGET],
                                   .pairs = args.value[PAIRS] || args.value[TEST]};
    o.test = !args.value[TEST] ? PAIRED_CHOSEN
             : test == 0       ? PAIRED_PERMUTATION
                               : PAIRED_WILCOXON;
    arena_init(&a);
    o.by = cli_words(&a, args.value[GROUP_BY], &o.n_by);
    int code = compare(&a, &args, &o, (enum profile_cost)cost, (enum format)format);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_compare = {
    .name = "compare",
    .usage = "compare FOLDER...",
    .summary = "one row per group of seeds: mean, deviation, rank",
    .options = compare_options,
    .main = main_compare,
};
