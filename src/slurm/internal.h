/* Shared by the files of this module. */
#ifndef DESCENT_SLURM_INTERNAL_H
#define DESCENT_SLURM_INTERNAL_H

#include "slurm/slurm.h"
#include "util/strbuf.h"

/* ---- call.c: Slurm's commands ---- */

/* Runs one of them once, without the variables by which a user's environment would change what it
 * does. *ret_started: whether it ran at all. */
MUST_CHECK bool slurm_call(const char *const *argv, bool *ret_started, struct strbuf *out,
                           struct error *err);
/* The same, again and again for over a minute while it fails. */
MUST_CHECK bool slurm_insist(const char *const *argv, struct strbuf *out, struct error *err);
/* Whether a failure may pass: Slurm is busy, or has said nothing. */
bool slurm_may_pass(const struct error *err);
/* Waits before attempt `tries` (from 1) of a command, and says so; false: that was enough. */
bool slurm_wait(size_t tries, const char *command, const struct error *why);

/* ---- script.c ---- */

struct slurm_job {
    const struct slurm_settings *settings;
    const char *name;           /* of the sweep */
    const char *program;        /* path of descent */
    const char *directory;      /* to work in: paths are relative to it */
    const char *folder, *notes; /* the sweep's; the submission's */
    const char *nonce;          /* of the submission */
    size_t tasks, at_once, threads, jobs;
    bool retry_failed, no_plots;
};
/* Appends the script of the job array that trains the members. */
void slurm_array_script(const struct slurm_job *j, struct strbuf *out);
/* Appends the script of the job that writes the summary after it. */
void slurm_summary_script(const struct slurm_job *j, struct strbuf *out);
/* The words of a script's #SBATCH lines, NULL-ended: on the command line nothing overrides them. */
const char *const *slurm_script_words(const char *script, struct arena *a);

/* ---- queue.c ---- */

/* The number of the first job in the queue whose comment has this nonce, of arrays or else of
 * summaries; NULL: there is none. ERR_SYSTEM where the queue cannot be read. */
MUST_CHECK bool slurm_find_job(struct arena *a, const char *nonce, bool array, const char **ret,
                               struct error *err);
/* The number of the folder for the next submission: larger than any there. */
size_t slurm_next_number(const char *folder);
/* scancel, with patience. numbers: with commas. */
MUST_CHECK bool slurm_drop_jobs(const char *numbers, struct arena *a, struct error *err);
/* `scontrol release`, with patience. */
MUST_CHECK bool slurm_let_go(const char *array, struct error *err);
/* Writes jobs.json of a submission. */
MUST_CHECK bool slurm_write_notes(const char *notes, const struct slurm_submission *b,
                                  struct arena *a, struct error *err);

#endif
