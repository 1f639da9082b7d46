/* descent sweep */
#include "cli/cli.h"
#include "cli/commands/launch.h"
#include "cli/commands/status.h"
#include "cli/commands/train_sweep.h"
#include "cli/commands/tune.h"
#include "util/duration.h"
#include "util/file.h"
#include "util/log.h"
#include "util/path.h"
#include "util/text.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_JOBS,
    OPTION_LIST,
    OPTION_RETRY,
    OPTION_FAST,
    OPTION_SHARD,
    OPTION_LIMIT,
    OPTION_ONLY,
    OPTION_SUMMARY,
    OPTION_CANCEL,
    OPTION_TUNE,
    OPTION_PER,
    OPTION_METRIC,
    OPTION_RERUNS,
    OPTION_LAUNCH
};
static const struct cli_option sweep_options[] = {
    {'j', "jobs", "N", "members at once; default: the number of cores", CLI_INT(1, 1024, NULL)},
    {0, "list", NULL, "print the members and stop", CLI_FLAG},
    {0, "retry-failed", NULL, "train members again that failed", CLI_FLAG},
    {0, "fail-fast", NULL, "stop when one fails", CLI_FLAG},
    {0, "shard", "I/N", "only every N-th member, from the I-th", CLI_TEXT},
    {0, "time-limit", "TIME", "checkpoint and stop after this many seconds, or 1h30m", CLI_TEXT},
    {0, "only", "FILE", "only the members that it names, a line each", CLI_PATH},
    {0, "summary", NULL, "make the tables again, train nothing", CLI_FLAG},
    {0, "cancel", NULL, "take the folder's jobs out of Slurm's queue and stop", CLI_FLAG},
    {0, "tune", NULL, "then rerun the best by validation with fresh seeds: tuned/, tuned.csv",
     CLI_FLAG},
    {0, "per", "KEY[,KEY]", "with --tune: what has a best of its own; default: optimizer",
     CLI_TEXT},
    {0, "metric", "NAME", "with --tune: choose by valid_accuracy (the default) or valid_loss",
     CLI_TEXT},
    {0, "reruns", "N", "with --tune: how many", CLI_INT(1, 100000, "10")},
    CLI_LAUNCH_ROWS,
    {0}};

/* ---- options ---- */

static bool read_count(const char *text, size_t *ret)
{
    char *end;
    if (!isdigit((unsigned char)text[0]))
        return false;
    unsigned long v = strtoul(text, &end, 10);
    *ret = v;
    return *end == '\0' && v >= 1 && v <= 100000;
}

static bool read_shard(const char *text, size_t *ret_shard, size_t *ret_shards)
{
    char first[16];
    size_t n = strcspn(text, "/");
    if (text[n] != '/' || n >= sizeof first)
        return false;
    memcpy(first, text, n);
    first[n] = '\0';
    if (!read_count(first, ret_shard) || !read_count(text + n + 1, ret_shards) ||
        *ret_shard > *ret_shards || *ret_shards > 100000)
        return false;
    (*ret_shard)--;
    return true;
}

static bool read_options(const struct cli_command *c, const struct cli_arguments *args,
                         struct sweep_options *o)
{
    const char *shard = args->value[OPTION_SHARD], *limit = args->value[OPTION_LIMIT];
    *o = (struct sweep_options){.jobs = cli_cores(),
                                .shards = 1,
                                .no_plots = args->no_plots,
                                .retry_failed = args->value[OPTION_RETRY] != NULL,
                                .fail_fast = args->value[OPTION_FAST] != NULL,
                                .only = args->value[OPTION_ONLY],
                                .summary = args->value[OPTION_SUMMARY] != NULL};
    if (args->value[OPTION_JOBS])
        o->jobs = (size_t)args->typed[OPTION_JOBS].integer;
    if (shard && !read_shard(shard, &o->shard, &o->shards))
        cli_usage(c, "'--shard' is I/N with 1 <= I <= N, not '%s'", shard);
    else if (o->only && args->value[OPTION_LIST])
        cli_usage(
            c, "'--list' names all members, or those of a '--shard': it does not go with '--only'");
    else if (limit && !duration_read(limit, &o->time_limit, NULL))
        cli_usage(c, "'--time-limit' is a number of seconds, or like 1h30m, not '%s'", limit);
    else
        return true;
    return false;
}

/* Whether it is among the words of "a,b". */
static bool names_seed(const char *keys)
{
    for (const char *p = strstr(keys, "seed"); p; p = strstr(p + 1, "seed"))
        if ((p == keys || p[-1] == ',') && (p[4] == '\0' || p[4] == ','))
            return true;
    return false;
}

static bool read_tuning(const struct cli_command *c, const struct cli_arguments *args,
                        struct sweep_tuning *t)
{
    const char *per = args->value[OPTION_PER], *metric = args->value[OPTION_METRIC],
               *reruns = args->value[OPTION_RERUNS];
    bool on = args->value[OPTION_TUNE] != NULL;
    *t = (struct sweep_tuning){.per = per ? per : "optimizer",
                               .reruns = (size_t)args->typed[OPTION_RERUNS].integer,
                               .metric = metric ? (int)metric_find(metric) : METRIC_VALID_ACCURACY};
    if (!on && (per || metric || reruns))
        cli_usage(c, "'--%s' belongs to '--tune'", per ? "per" : metric ? "metric" : "reruns");
    else if (on &&
             (args->value[OPTION_SHARD] || args->value[OPTION_ONLY] || args->value[OPTION_SUMMARY]))
        cli_usage(
            c,
            "a choice is made among all members: '--tune' does not go with '--%s'; tune when all are done",
            args->value[OPTION_SHARD]  ? "shard"
            : args->value[OPTION_ONLY] ? "only"
                                       : "summary");
    else if (!sweep_tunes_by(t->metric))
        cli_usage(c, "a choice is made by valid_accuracy or valid_loss, not by '%s'", metric);
    else if (names_seed(t->per))
        cli_usage(c, "'--per seed': the reruns have fresh seeds, and so there are no groups of it");
    else
        return true;
    return false;
}

/* ---- the command ---- */

static int list(const struct sweep *s, const struct sweep_options *o)
{
    size_t n = 0;
    for (size_t i = o->shard; i < s->members; i += o->shards, n++) {
        cli_say_member(s->member[i].folder, 0);
        printf("\n");
    }
    log_info("%zu member%s", n, n == 1 ? "" : "s");
    if (s->skipped > 0)
        log_info("%zu skipped", s->skipped);
    return 0;
}

/* What says something only of members that are trained here. */
static const char *local_option(const struct cli_arguments *args)
{
    static const int local[] = {OPTION_FAST, OPTION_SHARD,   OPTION_LIMIT,
                                OPTION_ONLY, OPTION_SUMMARY, OPTION_TUNE};
    for (size_t i = 0; i < sizeof local / sizeof local[0]; i++)
        if (args->value[local[i]])
            return sweep_options[local[i]].name;
    return NULL;
}

/* Here or on a cluster. What has been submitted continues there unless the user says otherwise. */
static int launch(const struct cli_command *c, const struct cli_arguments *args,
                  const struct sweep *s, struct sweep_options *o, const struct sweep_tuning *tuning,
                  struct diags *d)
{
    const char *const *value = args->value + OPTION_LAUNCH, *local = local_option(args);
    enum cli_launcher launcher;
    if (!cli_read_launch(c, value, &launcher))
        return ERR_USAGE;
    if (launcher == LAUNCH_DEFAULT && !local && slurm_has_submissions(o->folder))
        return cli_status_of_sweep(s->arena, o->folder);
    if (launcher != LAUNCH_SLURM)
        return args->value[OPTION_TUNE] ? cli_tune_sweep(s, o, tuning, d, s->arena)
                                        : cli_train_sweep(s, o, d);
    if (args->value[OPTION_TUNE])
        return cli_usage(
            c,
            "a choice is made among all members, when they have ended: '--launcher slurm' without "
            "'--tune' first, then the same command with '--tune' in its place");
    if (local)
        return cli_usage(c, "'--%s' does not go with '--launcher slurm'", local);
    if (s->brackets > 0)
        return cli_usage(
            c,
            "a rung is decided among all its members, and the tasks of an array know only their own: 'halving' does "
            "not go with '--launcher slurm'; a single job with 'descent sweep -j N' does it");
    return cli_submit_sweep(s, o, value, args->value[OPTION_JOBS] != NULL, d);
}

static bool read_names(struct arena *a, struct sweep_options *o, struct error *err)
{
    char *text;
    size_t n;
    if (!file_exists(o->only))
        return error_set(err, ERR_USAGE, "--only: there is no file %s", o->only);
    if (!file_read_given(o->only, 1 << 28, &text, &n, err))
        return false;
    o->names = arena_strdup(a, text);
    mem_free(text);
    return true;
}

/* What a task of an array is given: its own members alone are looked at, where their names tell
 * them. */
static bool load(struct arena *a, const char *spec, const struct cli_arguments *args,
                 const struct sweep_options *o, struct diags *d, struct sweep *ret)
{
    bool found = false;
    if (spec != args->word[0] && o->only && args->words == 1 && !args->out &&
        !sweep_load_only(a, spec, o, d, ret, &found))
        return false;
    return found || sweep_load(a, spec, args->word + 1, args->words - 1, d, ret);
}

static int sweep_words(const struct cli_command *c, const struct cli_arguments *args,
                       struct sweep_options *o, const struct sweep_tuning *tuning, struct arena *a)
{
    struct sweep s;
    struct diags d;
    struct error err;
    const char *spec = args->word[0], *folder = NULL;
    diags_init(&d, a);
    if (sweep_is_folder(spec)) {
        folder = spec;
        spec = folder_path(a, folder, FOLDER_SWEEP);
    }
    if ((!folder && cli_explain_spec(a, args)) || cli_explain_out(c, args->out, NULL))
        return ERR_USAGE;
    if (figure_format_from_name(spec) != FIGURE_BY_NAME)
        return cli_usage(c, "%s is a figure; 'descent extract %s -o FOLDER' takes out its specs",
                         spec, text_word(spec));
    if (args->value[OPTION_CANCEL])
        return folder ? cli_cancel_sweep(folder, a)
                      : cli_usage(c, "'--cancel' needs a sweep's folder, not a spec");
    if (o->only && !read_names(a, o, &err))
        return cli_fail(&err);
    if (!load(a, spec, args, o, &d, &s))
        return cli_fail_sweep(a, folder, spec, &d);
    if (s.brackets > 0 && (o->shards > 1 || o->only))
        return cli_usage(
            c, "a rung is decided among all its members: 'halving' does not go with '--%s'",
            o->only ? "only" : "shard");
    if (args->value[OPTION_LIST])
        return sweep_check(&s, &d) ? list(&s, o) : cli_fail_diags(&d, spec);
    o->folder = args->out ? path_bare(a, args->out)
                : folder  ? folder
                          : arena_printf(a, "results/%s", s.name);
    if (o->summary && !sweep_is_folder(o->folder)) {
        error_set(&err, ERR_DATA,
                  "there is no sweep in %s: '--summary' makes the tables of one that was trained",
                  o->folder);
        return cli_fail(&err);
    }
    cli_warn_around_runs(args->out, s.name);
    return launch(c, args, &s, o, tuning, &d);
}

/* `-j4` as `-j=4` */
static void join_jobs(int argc, char **argv, struct arena *a)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strncmp(argv[i], "-j", 2) == 0 && isdigit((unsigned char)argv[i][2]))
            argv[i] = arena_printf(a, "-j=%s", argv[i] + 2);
}

static int main_sweep(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct sweep_options o;
    struct sweep_tuning tuning;
    struct arena a;
    int code = ERR_USAGE;
    arena_init(&a);
    join_jobs(argc, argv, &a);
    if (cli_parse(c, argc, argv, &args) && read_options(c, &args, &o) &&
        read_tuning(c, &args, &tuning))
        code = sweep_words(c, &args, &o, &tuning, &a);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_sweep = {
    .name = "sweep",
    .asks = "which spec?",
    .usage = "sweep SPEC [KEY=VALUE ...]",
    .summary = "expand the spec's `sweep:` and train every member",
    .options = sweep_options,
    .main = main_sweep,
};
