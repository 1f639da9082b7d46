/* descent resume */
#include "cli/commands/sweep.h"
#include "util/file.h"

static int resume_sweep(const struct cli_arguments *args, struct arena *a)
{
    struct sweep s;
    struct diags d;
    struct sweep_tuning tuning;
    struct error err;
    bool tunes;
    struct sweep_options o = {
        .folder = args->word[0], .jobs = cli_cores(), .shards = 1, .no_plots = args->no_plots};
    const char *path = arena_printf(a, "%s/sweep.yaml", o.folder);
    diags_init(&d, a);
    if (!sweep_load(a, path, args->word + 1, args->words - 1, &d, &s))
        return cli_fail_diags(&d, path);
    if (!sweep_read_tuning(a, o.folder, &tuning, &tunes, &err))
        return cli_fail(&err);
    return tunes ? cli_tune_sweep(&s, &o, &tuning, &d, a) : cli_train_sweep(&s, &o, &d);
}

static int main_resume(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    struct spec spec;
    struct diags d;
    struct error err;
    char *text;
    size_t n;
    int code = ERR_USAGE;
    if (!cli_parse(c, argc, argv, &args))
        return code;
    if (args.words == 0)
        return cli_usage(c, "which folder?");
    arena_init(&a);
    diags_init(&d, &a);
    const char *path = arena_printf(&a, "%s/spec.yaml", args.word[0]);
    if (sweep_is_folder(args.word[0])) {
        code = resume_sweep(&args, &a);
    } else if (!file_exists(path)) {
        error_set(&err, ERR_DATA, "%s holds no run: there is no %s", args.word[0], path);
        code = cli_fail(&err);
    } else if (!file_read(path, 1 << 22, &text, &n, &err)) {
        code = cli_fail(&err);
    } else {
        if (!spec_parse(&a, path, arena_strdup(&a, text), args.word + 1, args.words - 1, &d,
                        &spec)) {
            code = cli_fail_diags(&d, path);
        } else if (spec.sweep) {
            code = cli_usage(c, "%s is a run, and 'sweep' no setting of it", args.word[0]);
        } else {
            struct run_options o = {
                .folder = args.word[0], .no_plots = args.no_plots, .rename = true};
            code = cli_train(&spec, &o);
        }
        mem_free(text);
    }
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_resume = {
    .name = "resume",
    .usage = "resume FOLDER [KEY=VALUE ...]",
    .no_out = "it goes on in the folder itself",
    .summary = "go on with a run, or with all that is unfinished in a sweep",
    .main = main_resume,
};
