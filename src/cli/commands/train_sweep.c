/* Training what is missing of a sweep: a line for each member, then what came of them. */
#include "cli/commands/train_sweep.h"
#include "cli/cli.h"
#include "util/log.h"
#include "util/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

size_t cli_cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (size_t)n : 1;
}

static void print_share(const char *name, double v)
{
    if (!isnan(v))
        printf("  %s %6.2f %%", name, 100 * v);
}

static void report(void *context, const struct sweep *s, size_t member, const struct sweep_state *x,
                   size_t done, size_t of)
{
    const struct run_summary *r = &x->run;
    int width = snprintf(NULL, 0, "%zu", of);
    (void)context;
    if (log_level() == LOG_QUIET) {
        if (r->status == STATUS_FAILED || (r->status == STATUS_INTERRUPTED && r->message[0]))
            text_print(stderr, "descent: %s %s: %s\n", s->member[member].folder,
                       status_names[r->status], r->message);
        return;
    }
    bool paused = s->brackets > 0 && r->status == STATUS_INTERRUPTED &&
                  !r->message[0]; /* at a rung, or stopped before it */
    printf("%*zu/%zu  %-11s", width, done, of,
           paused                     ? "paused"
           : r->status == STATUS_NONE ? "busy"
                                      : status_names[r->status]);
    if (r->has_final && r->status != STATUS_FAILED) {
        print_share("valid", r->final.value[METRIC_VALID_ACCURACY]);
        print_share("test", r->final.value[METRIC_TEST_ACCURACY]);
    }
    cli_say("  %s", s->member[member].folder);
    if (r->status == STATUS_INTERRUPTED)
        printf(" (epoch %lld)", (long long)r->epoch);
    if (r->status != STATUS_COMPLETED && r->message[0])
        cli_say(": %s", r->message);
    cli_say(r->exit_code == ERR_EXPECT ? ": %s\n" : "\n", r->message);
    fflush(stdout);
}

static void print_count(size_t n, const char *what, const char **comma)
{
    if (n == 0)
        return;
    printf("%s%zu %s", *comma, n, what);
    *comma = ", ";
}

static void print_result(const struct sweep_result *r, const struct sweep_options *o)
{
    const char *comma = "";
    print_count(r->completed, "completed", &comma);
    print_count(r->pruned, "pruned", &comma);
    print_count(r->diverged, "diverged", &comma);
    print_count(r->failed, "failed", &comma);
    print_count(r->unfinished, "unfinished", &comma);
    print_count(r->unmet, "with an expectation not met", &comma);
    printf("\n");
    if (!o->only && (o->shards <= 1 || r->unfinished == 0))
        cli_say("table %s/summary.csv\n", o->folder);
    cli_say("folder %s\n", o->folder);
    if (r->unfinished > 0)
        log_info("the same command resumes");
    if (r->failed > 0)
        log_info("'--retry-failed' trains again what failed");
}

int cli_train_sweep(const struct sweep *s, struct sweep_options *o, struct diags *d)
{
    struct sweep_result result;
    struct error err = {0};
    o->signal = cli_signals();
    o->report = report;
    if (!sweep_execute(s, o, &result, d, &err))
        return d->n > 0 ? cli_fail_diags(d, "the members") : cli_fail(&err);
    bool stopped = result.exit_code == 75 || result.exit_code > 128;
    if (result.trained == 0 && result.unfinished == 0 && !o->summary && !stopped)
        log_info("nothing was left to do");
    print_result(&result, o);
    return result.exit_code;
}
