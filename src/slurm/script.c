/* The two scripts of a submission, as text: Slurm's sbatch reads the lines that begin with #SBATCH,
 * up to the first command; the shell reads the rest. The former are given on the command line too,
 * where nothing of the user's environment overrides them. What a user chose stands in the former
 * only where its letters are safe, in the latter in single quotes. */
#include "slurm/internal.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

enum { LONGEST_JOB_NAME = 60, WARNING = 120, SUMMARY_TIME = 600 };

/* For the shell, whatever it holds. */
static void add_quoted(struct strbuf *b, const char *text)
{
    strbuf_add_char(b, '\'');
    for (; *text; text++)
        if (*text == '\'')
            strbuf_add(b, "'\\''");
        else
            strbuf_add_char(b, *text);
    strbuf_add_char(b, '\'');
}

static void add_job_name(struct strbuf *b, const char *name, const char *end)
{
    strbuf_add(b, "#SBATCH --job-name=");
    for (size_t i = 0; i < LONGEST_JOB_NAME && name[i]; i++)
        strbuf_add_char(b,
                        isalnum((unsigned char)name[i]) || strchr("._+-", name[i]) ? name[i] : '_');
    strbuf_addf(b, "%s\n", end);
}

static void add_word(struct strbuf *b, const char *option, const char *value)
{
    if (value)
        strbuf_addf(b, "#SBATCH --%s=%s\n", option, value);
}

/* Slurm counts a job's time in whole minutes. */
static void add_time(struct strbuf *b, double seconds)
{
    if (!isnan(seconds))
        strbuf_addf(b, "#SBATCH --time=%.0f\n", ceil(seconds / 60));
}

static void add_settings(struct strbuf *b, const struct slurm_settings *s, double time)
{
    add_word(b, "account", s->account);
    add_word(b, "partition", s->partition);
    add_word(b, "qos", s->qos);
    add_word(b, "constraint", s->constraint);
    add_word(b, "mem", s->memory);
    add_time(b, time);
}

/* The log is opened by the shell: Slurm would take a % in its path for a pattern. */
static void add_beginning(struct strbuf *b, const struct slurm_job *j, const char *log,
                          const char *without)
{
    strbuf_add(b, "#SBATCH --output=/dev/null\n\ncd ");
    add_quoted(b, j->directory);
    strbuf_add(b, " || exit 4\nfolder=");
    add_quoted(b, j->folder);
    strbuf_add(b, "\nnotes=");
    add_quoted(b, j->notes);
    strbuf_addf(b, "\n[ -d \"$notes\" ] %s\nexec >>\"$notes/%s.log\" 2>&1 </dev/null\n", without,
                log);
}

/* Whose notes have another nonce, or another array: a job that was never noted, in a folder that
 * may be another submission's by now. */
static void add_guard(struct strbuf *b, const struct slurm_job *j)
{
    strbuf_addf(b,
                "grep -q '\"nonce\": \"%s\"' \"$notes/jobs.json\" &&\n"
                "    grep -q \"\\\"array\\\": \\\"${SLURM_ARRAY_JOB_ID-[0-9]*}\\\"\" "
                "\"$notes/jobs.json\" || {\n"
                "    echo \"job ${SLURM_ARRAY_JOB_ID-} is not noted in $notes: nothing is "
                "trained\"\n    exit 4\n}\n",
                j->nonce);
}

static void add_comment(struct strbuf *b, const struct slurm_job *j, const char *what)
{
    strbuf_addf(b, "#SBATCH --comment=descent-%s-%s\n", j->nonce, what);
}

/* How long before the end a task is told: Slurm may be a minute early with that. */
static int warning_of(double time)
{
    return isnan(time) || time / 4 > WARNING ? WARNING : (int)(time / 4);
}

/* Slurm tells the batch script alone (B:), and all processes of a job that is cancelled: SIGUSR1 is
 * passed on, SIGTERM reaches descent by itself. A trap cuts `wait` short; 127 is its answer where
 * it has told the child's end before. Requeued by the job itself, for few clusters do that of an
 * exit code. */
static const char waiting[] = " &\n"
                              "child=$!\n"
                              "trap 'told=yes; kill -s USR1 \"$child\"' USR1\n"
                              "code=127 told=yes\n"
                              "while [ -n \"$told\" ]; do\n"
                              "    told=\n"
                              "    wait \"$child\"\n"
                              "    now=$?\n"
                              "    [ \"$now\" -eq 127 ] || code=$now\n"
                              "done\n"
                              "if [ \"$code\" -eq 75 ]; then # there is more to do\n"
                              "    scontrol requeue \"$SLURM_JOB_ID\"\n"
                              "fi\n"
                              "exit \"$code\"\n";

void slurm_array_script(const struct slurm_job *j, struct strbuf *b)
{
    strbuf_add(b,
               "#!/bin/sh\n# Members of a sweep, written by 'descent sweep --launcher slurm'.\n");
    add_job_name(b, j->name, "");
    strbuf_addf(b, "#SBATCH --array=0-%zu", j->tasks - 1);
    if (j->at_once > 0)
        strbuf_addf(b, "%%%zu", j->at_once);
    strbuf_addf(b, "\n#SBATCH --ntasks=1\n#SBATCH --cpus-per-task=%zu\n", j->threads * j->jobs);
    add_settings(b, j->settings, j->settings->time);
    strbuf_addf(b, "#SBATCH --requeue\n#SBATCH --signal=B:USR1@%d\n",
                warning_of(j->settings->time));
    for (const char *const *o = j->settings->options; o && *o; o++)
        strbuf_addf(b, "#SBATCH %s\n", *o);
    add_comment(b, j, "array");
    add_beginning(b, j, "$SLURM_ARRAY_TASK_ID", "|| exit 4");
    add_guard(b, j);
    strbuf_add(b,
               "\n# SIGUSR1 asks for a checkpoint and exit code 75. It comes to this shell, some\n"
               "# time before the limit or from 'scancel --batch --signal=USR1 JOB'. SIGTERM\n"
               "# comes to descent by itself.\ntrap '' USR1 TERM\n");
    add_quoted(b, j->program);
    strbuf_addf(
        b,
        " sweep --only \"$notes/members\" --shard \"$((SLURM_ARRAY_TASK_ID + 1))/%zu\" -j %zu%s%s -- \"$folder\"",
        j->tasks, j->jobs, j->retry_failed ? " --retry-failed" : "",
        j->no_plots ? " --no-plots" : "");
    strbuf_add(b, waiting);
}

/* Slurm lets the summary go while a task that has been requeued is between two of its lives. */
static const char once_more[] =
    "\n# The user's variables change what these commands do.\n"
    "for name in $(env | sed -nE 's/^((SBATCH|SQUEUE)_[A-Z_]*)=.*/\\1/p'); do\n"
    "    unset \"$name\"\n"
    "done\n"
    "\n# A task that comes back has not ended: once more, after it.\n"
    "array=$(sed -n 's/.*\"array\": \"\\([0-9]*\\)\".*/\\1/p' \"$notes/jobs.json\")\n"
    "tries=0\n"
    "until queue=$(squeue --noheader --array --me --format=%F); do\n"
    "    tries=$((tries + 1))\n"
    "    if [ \"$tries\" -ge 20 ]; then\n"
    "        echo 'the queue cannot be read: the tables are not made'\n"
    "        exit 4\n"
    "    fi\n"
    "    sleep 15\n"
    "done\n"
    "if [ -n \"$array\" ] && printf '%s\\n' \"$queue\" | grep -Eq \"^$array([^0-9]|\\$)\"; then\n"
    "    sbatch --parsable --dependency=\"afterany:$array\" \"$notes/summary.sh\"\n"
    "    exit\n"
    "fi\n";

void slurm_summary_script(const struct slurm_job *j, struct strbuf *b)
{
    double time = j->settings->time;
    strbuf_add(b, "#!/bin/sh\n# The tables of a sweep, when its members have ended.\n");
    add_job_name(b, j->name, "-summary");
    strbuf_add(b, "#SBATCH --ntasks=1\n");
    add_settings(b, j->settings, isnan(time) ? time : fmin(time, SUMMARY_TIME));
    add_comment(b, j, "summary");
    add_beginning(b, j, "summary", "|| exit 0 # it is done and cleared away");
    strbuf_add(b, once_more);
    strbuf_add(b, "\nexec ");
    add_quoted(b, j->program);
    strbuf_add(b, " sweep --summary -q -- \"$folder\"\n");
}

const char *const *slurm_script_words(const char *script, struct arena *a)
{
    static const char mark[] = "#SBATCH ";
    size_t n = 0;
    for (const char *p = script; (p = strstr(p, mark)); p++)
        n++;
    const char **v = arena_alloc(a, (n + 1) * sizeof *v);
    n = 0;
    for (const char *p = script; *p; p += strcspn(p, "\n"), p += *p == '\n')
        if (strncmp(p, mark, strlen(mark)) == 0)
            v[n++] = arena_strndup(a, p + strlen(mark), strcspn(p, "\n") - strlen(mark));
    return v;
}
