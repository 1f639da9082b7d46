/* descent run */
#include "cli/cli.h"
#include "train/train.h"
#include "util/log.h"
#include "util/path.h"
#include "util/text.h"
#include <math.h>
#include <stdio.h>

enum { OPTION_RESUME, OPTION_FORCE };
static const char *const resume_names[] = {"auto", "never", NULL};
static const struct cli_option run_options[] = {
    {0, "resume", "auto|never", "resume what the folder holds, or refuse",
     CLI_CHOICE(resume_names, "auto")},
    {0, "force", NULL, "start over, whatever the folder holds", CLI_FLAG},
    {0}};

/* What to type next, where a run came to nothing. */
static void advise(const struct spec *s, const struct run_options *o, bool diverged, bool at_chance)
{
    struct sched_peak peak = sched_peak(&s->scheduler);
    double lr = peak.key ? peak.lr : optim_base_lr(&s->optimizer);
    char key[48] = "optimizer.lr";
    if (peak.key && s->scheduler.n > 1)
        snprintf(key, sizeof key, "scheduler.%zu.%s", peak.entry, peak.key);
    else if (peak.key)
        snprintf(key, sizeof key, "scheduler.%s", peak.key);
    if (diverged)
        text_print(stderr,
                   "descent: try a smaller %s than %g, train.clip_norm=1 or a warm-up; "
                   "where lr can be:\n    descent lr-range %s/spec.yaml\n",
                   key, lr, text_word(o->folder));
    else if (at_chance)
        log_info("this is no better than chance, with %s %g; where lr can be:\n"
                 "    descent lr-range %s/spec.yaml",
                 key, lr, text_word(o->folder));
}

static int report(const struct run_options *o, const struct run_result *r)
{
    if (r->was_finished)
        log_info("%s is finished already; 'descent run %s/spec.yaml -o %s --force' trains it again",
                 o->folder, text_word(o->folder), text_word(o->folder));
    if (r->was_finished && r->exit_code != 0)
        text_print(stderr, "descent: %s\n", r->message);
    if (r->exit_code >= 128 || r->exit_code == 75) {
        log_info("stopped after a checkpoint; the same command resumes");
        return r->exit_code;
    }
    cli_print_metrics(&r->last);
    double best = r->best.value[METRIC_VALID_ACCURACY];
    if (r->best.epoch > 0 && !isnan(best))
        printf("best epoch %lld: validation accuracy %.2f %%\n", (long long)r->best.epoch,
               100 * best);
    else if (r->best.epoch > 0)
        printf("best epoch %lld\n", (long long)r->best.epoch);
    if (r->drew)
        cli_say("figure %s/accuracy.png\n", o->folder);
    cli_say("folder %s\n", o->folder);
    return r->exit_code;
}

int cli_train(const struct spec *s, struct run_options *o)
{
    struct run_result result;
    struct error err = {0};
    o->signal = cli_signals();
    if (!run_execute(s, o, &result, &err)) {
        if (err.code == ERR_EXPECT)
            report(o, &result);
        int code = cli_fail_spec(s, &err);
        advise(s, o, err.code == ERR_DIVERGED, false);
        return code;
    }
    int code = report(o, &result);
    advise(s, o, code == ERR_DIVERGED, code == 0 && result.at_chance);
    return code;
}

static int main_run(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    struct spec spec;
    int code = ERR_USAGE;
    if (!cli_parse(c, argc, argv, &args))
        return code;
    if (cli_explain_out(c, args.out, NULL))
        return code;
    arena_init(&a);
    if (cli_load_spec(&a, &args, &spec, &code)) {
        struct run_options o = {.folder = args.out ? path_bare(&a, args.out)
                                                   : arena_printf(&a, "results/%s", spec.name),
                                .force = args.value[OPTION_FORCE] != NULL,
                                .never_resume = args.typed[OPTION_RESUME].choice == 1,
                                .no_plots = args.no_plots};
        struct diags d;
        diags_init(&d, &a);
        if (spec.sweep)
            code = cli_usage(c, "%s is a sweep; 'descent sweep %s' trains its members",
                             args.word[0], text_word(args.word[0]));
        else if (!train_check_all(&spec, 0, 0, &d))
            code = cli_fail_diags(&d, "the spec");
        else {
            cli_warn_around_runs(args.out, spec.name);
            code = cli_train(&spec, &o);
        }
    }
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_run = {
    .name = "run",
    .asks = "which spec?",
    .usage = "run SPEC [KEY=VALUE ...]",
    .summary = "train one spec into one run folder",
    .options = run_options,
    .main = main_run,
};
