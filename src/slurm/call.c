/* Slurm's commands: in an environment of their own, and with patience. */
#include "slurm/internal.h"
#include "util/command.h"
#include "util/log.h"
#include "util/mem.h"
#include <ctype.h>
#include <string.h>
#include <time.h>

extern char **environ;

/* ---- the environment ---- */

static bool has_beginning(const char *text, const char *const *list)
{
    for (; *list; list++)
        if (strncmp(text, *list, strlen(*list)) == 0)
            return true;
    return false;
}

/* Which cluster that is, and who is charged where the spec does not say; everything else would be
 * another job than the spec's. Words of the command line go before any of it. */
static bool is_passed_on(const char *variable)
{
    static const char *const slurms[] = {"SBATCH_", "SQUEUE_", "SCANCEL_", "SCONTROL_",
                                         "SLURM_",  "SALLOC_", "SRUN_",    NULL};
    static const char *const kept[] = {
        "SLURM_CONF=",         "SLURM_JWT=", "SBATCH_ACCOUNT=", "SBATCH_PARTITION=", "SBATCH_QOS=",
        "SBATCH_RESERVATION=", NULL};
    return !has_beginning(variable, slurms) || has_beginning(variable, kept);
}

static const char *const *clean_environment(struct arena *a)
{
    size_t n = 0, kept = 0;
    while (environ[n])
        n++;
    const char **v = arena_alloc(a, (n + 1) * sizeof *v);
    for (size_t i = 0; i < n; i++)
        if (is_passed_on(environ[i]))
            v[kept++] = environ[i];
    return v;
}

bool slurm_call(const char *const *argv, bool *ret_started, struct strbuf *out, struct error *err)
{
    struct arena a;
    arena_init(&a);
    bool ok = command_run(argv, clean_environment(&a), ret_started, out, err);
    arena_fini(&a);
    return ok;
}

/* ---- patience ---- */

/* Seconds before the second attempt and later ones: 75 in all. */
static const unsigned char pauses[] = {1, 2, 4, 8, 15, 15, 15, 15};
enum { PAUSES = sizeof pauses / sizeof pauses[0] };

bool slurm_wait(size_t tries, const char *command, const struct error *why)
{
    if (tries < 1 || tries > PAUSES)
        return false;
    log_warn("%s: '%s' is tried again in %d s", why->message, command, pauses[tries - 1]);
    struct timespec left = {.tv_sec = pauses[tries - 1]};
    nanosleep(&left, NULL);
    return true;
}

static bool holds(const char *text, const char *words)
{
    size_t n = strlen(words);
    for (; *text; text++) {
        size_t i = 0;
        while (i < n && tolower((unsigned char)text[i]) == words[i])
            i++;
        if (i == n)
            return true;
    }
    return false;
}

bool slurm_may_pass(const struct error *err)
{
    static const char *const words[] = {"busy",
                                        "timed out",
                                        "temporarily",
                                        "unable to contact",
                                        "connect failure",
                                        "connection",
                                        "try again",
                                        "standby",
                                        "zero bytes",
                                        "does not say why",
                                        "killed by signal",
                                        NULL};
    for (size_t i = 0; words[i]; i++)
        if (holds(err->message, words[i]))
            return true;
    return false;
}

/* There is no cluster to be asked. */
static bool is_for_good(const struct error *err)
{
    return holds(err->message, "fatal") || holds(err->message, "configuration");
}

bool slurm_insist(const char *const *argv, struct strbuf *out, struct error *err)
{
    for (size_t tries = 1;; tries++) {
        bool started;
        if (slurm_call(argv, &started, out, err))
            return true;
        if (!started || is_for_good(err) || !slurm_wait(tries, argv[0], err))
            return false;
    }
}
