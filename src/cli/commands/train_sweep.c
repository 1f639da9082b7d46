/* Training what is missing of a sweep: a line for each member, then what came of them. */
#include "cli/commands/train_sweep.h"
#include "cli/cli.h"
#include "folder/folder.h"
#include "util/log.h"
#include "util/strbuf.h"
#include "util/terminal.h"
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

/* Members that failed, to be named again at the end: the first of them. */
enum { FAILED_SHOWN = 5, SHARE = 16 /* columns of one figure */ };
struct failures {
    size_t n, member[FAILED_SHOWN];
    bool damaged[FAILED_SHOWN];
    const char *message[FAILED_SHOWN]; /* in the sweep's arena */
};

static void add_share(struct strbuf *b, const char *name, double v)
{
    if (!isnan(v))
        strbuf_addf(b, "  %s %6.2f %%", name, 100 * v);
}

/* What a failure is called stands out, on a terminal. */
static const char *colour_of(enum status status)
{
    static const char red[] = "\033[1;31m", yellow[] = "\033[33m";
    if (!terminal_colours(STDOUT_FILENO))
        return NULL;
    return status == STATUS_FAILED ? red : status == STATUS_DIVERGED ? yellow : NULL;
}

/* "12/90  completed    valid  97.10 %  test  96.80 %  NAME": where a terminal has no room for the
 * name it goes before the test's accuracy. */
static void print_member(const struct sweep *s, size_t member, const struct run_summary *r,
                         const char *count, const char *status)
{
    const char *colour = colour_of(r->status), *name = s->member[member].folder;
    struct strbuf shares;
    strbuf_init(&shares);
    if (r->has_final && r->status != STATUS_FAILED) {
        add_share(&shares, "valid", r->final.value[METRIC_VALID_ACCURACY]);
        add_share(&shares, "test", r->final.value[METRIC_TEST_ACCURACY]);
    }
    printf("%s  %s%-11s%s", count, colour ? colour : "", status, colour ? "\033[0m" : "");
    size_t used = strlen(count) + 2 + 11, page = terminal_page(STDOUT_FILENO);
    if (shares.length > SHARE && used + shares.length + 2 + text_columns(name) >= page)
        shares.text[shares.length = SHARE] = '\0';
    fputs(shares.text, stdout);
    cli_say_member(name, used + shares.length);
    strbuf_fini(&shares);
}

/* Behind the name, or below it where there is no room. */
static void print_message(const char *message)
{
    if (isatty(STDOUT_FILENO)) {
        fputs("\n    ", stdout);
        cli_print_wrapped(message, 4, 4);
    } else {
        cli_say(": %s\n", message);
    }
}

/* Of one that is damaged, the remedy is at its end. */
static const char *message_of(const struct sweep_state *x)
{
    return x->damage ? x->damage : x->run.message;
}

static void note_failure(const struct sweep *s, struct failures *f, size_t member,
                         const struct sweep_state *x)
{
    if (f->n < FAILED_SHOWN) {
        f->member[f->n] = member;
        f->damaged[f->n] = x->damage != NULL;
        f->message[f->n] = arena_strdup(s->arena, message_of(x));
    }
    f->n++;
}

static void report(void *context, const struct sweep *s, size_t member, const struct sweep_state *x,
                   size_t done, size_t of)
{
    const struct run_summary *r = &x->run;
    char count[64];
    if (r->status == STATUS_FAILED)
        note_failure(s, context, member, x);
    if (log_level() == LOG_QUIET) {
        if (r->status == STATUS_FAILED || (r->status == STATUS_INTERRUPTED && r->message[0]))
            text_print(stderr, "descent: %s %s: %s\n", s->member[member].folder,
                       x->damage ? "damaged" : status_names[r->status], message_of(x));
        return;
    }
    if (x->damage) { /* nothing was trained: it is named at the end */
        log_warn("%s", x->damage);
        return;
    }
    bool paused = s->brackets > 0 && r->status == STATUS_INTERRUPTED &&
                  !r->message[0]; /* at a rung, or stopped before it */
    snprintf(count, sizeof count, "%*zu/%zu", snprintf(NULL, 0, "%zu", of), done, of);
    print_member(s, member, r, count,
                 paused                     ? "paused"
                 : r->status == STATUS_NONE ? "busy"
                                            : status_names[r->status]);
    if (r->status == STATUS_INTERRUPTED)
        printf(" (epoch %lld)", (long long)r->epoch);
    if ((r->status != STATUS_COMPLETED && r->message[0]) || r->exit_code == ERR_EXPECT)
        print_message(r->message);
    else
        printf("\n");
    fflush(stdout);
}

/* Far up by now, among many. */
static void print_failures(const struct sweep *s, const struct failures *f)
{
    for (size_t i = 0; i < f->n && i < FAILED_SHOWN; i++) {
        const char *colour = colour_of(STATUS_FAILED), *what = f->damaged[i] ? "damaged" : "failed";
        printf("%s%s%s", colour ? colour : "", what, colour ? "\033[0m" : "");
        cli_say_member(s->member[f->member[i]].folder, strlen(what));
        if (f->damaged[i]) /* why stands on stderr */
            printf("\n");
        else
            print_message(f->message[i]);
    }
    if (f->n > FAILED_SHOWN)
        printf("... and %zu more\n", f->n - FAILED_SHOWN);
}

static void print_count(size_t n, const char *what, const char **comma)
{
    if (n == 0)
        return;
    printf("%s%zu %s", *comma, n, what);
    *comma = ", ";
}

/* What to type once the reasons are mended; `waits`: halving decides no further without them. */
static void tell_retry(const struct sweep_options *o, bool waits)
{
    const char *wait = waits ? "; halving waits for that" : "", *word = text_word(o->folder);
    bool narrow = cli_page() < 80; /* the command stays whole */
    if (o->retry_failed)
        log_info("what failed has failed again: mend what is named there, then the same command%s",
                 wait);
    else
        log_info("'descent sweep %s --retry-failed'%strains again what failed%s", word,
                 narrow ? "\n" : " ", wait);
}

static void print_result(const struct sweep *s, const struct sweep_result *r,
                         const struct sweep_options *o)
{
    bool halves = s->brackets > 0;
    const char *comma = "";
    print_count(r->completed, "completed", &comma);
    print_count(r->pruned, "pruned", &comma);
    print_count(r->diverged, "diverged", &comma);
    print_count(r->failed, "failed", &comma);
    print_count(r->damaged, "damaged", &comma);
    print_count(r->unfinished, "unfinished", &comma);
    print_count(r->unmet, "with an expectation not met", &comma);
    printf("\n");
    if (r->tables)
        cli_say("table %s/" FOLDER_SUMMARY "\n", o->folder);
    cli_draw_sweep(s, o, r);
    cli_say("folder %s\n", o->folder);
    if (r->failed > 0)
        tell_retry(o, halves && r->unfinished > 0);
    if (r->unfinished > 0 && o->summary)
        log_info("'descent resume %s' trains the rest", text_word(o->folder));
    else if (r->unfinished > 0 && !(halves && r->failed > 0))
        log_info("the same command resumes");
}

int cli_train_sweep(const struct sweep *s, const struct sweep_options *options, struct diags *d)
{
    struct sweep_result result;
    struct failures failures = {0};
    struct error err = {0};
    struct sweep_options o = *options;
    o.signal = cli_signals();
    o.report = report;
    o.context = &failures;
    if (!sweep_execute(s, &o, &result, d, &err))
        return d->n > 0 ? cli_fail_diags(d, "the members") : cli_fail(&err);
    bool stopped = result.exit_code == 75 || result.exit_code > 128;
    if (result.trained == 0 && result.unfinished + result.damaged == 0 && !o.summary && !stopped)
        log_info("nothing was left to do");
    if (log_level() != LOG_QUIET)
        print_failures(s, &failures);
    print_result(s, &result, &o);
    return result.exit_code;
}
