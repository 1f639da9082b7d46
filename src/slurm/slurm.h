/* Names of work as the tasks of a Slurm job array: what is asked for, what was submitted, what of
 * it is in the queue. It knows nothing of what the names stand for. */
#ifndef DESCENT_SLURM_SLURM_H
#define DESCENT_SLURM_SLURM_H

#include "config/param.h"
#include "util/error.h"
#include "util/mem.h"

/* ---- settings.c ---- */

/* What a cluster is asked for, for each task. */
struct slurm_settings {
    const char *account, *partition, *qos, *constraint, *memory; /* NULL: as the cluster has it */
    double time;   /* seconds; NAN: the partition's limit */
    int64_t tasks; /* at most; PARAM_NULL_INT: one for each name, if the cluster takes as many */
    const char *const *options; /* more words for sbatch, NULL-ended; NULL: none */
};
extern const struct param slurm_params[]; /* of struct slurm_settings */

/* Sets one setting as the spec's section would; given: what the user wrote, "--time=3x", for the
 * diagnostics. */
MUST_CHECK bool slurm_set(struct slurm_settings *s, const char *key, const char *text,
                          const char *given, struct arena *a, struct diags *d);

/* ---- submit.c ---- */

/* What is submitted: the names, and how each task is to work on its own. Borrowed. */
struct slurm_work {
    const char *const *name; /* folders relative to `folder` */
    size_t names, threads;   /* threads: of one name */
    const char *title;       /* of the jobs */
    const char *folder;      /* FOLDER/.slurm/N is the submission's */
    bool retry_failed, no_plots;
};

/* One call that submits. */
struct slurm_launch {
    struct slurm_settings settings;
    const char *program; /* path of this one */
    size_t at_once;      /* tasks; 0: as many as the cluster runs */
    size_t jobs;         /* names at once in a task, at least 1 */
    bool dry_run;        /* write the scripts to strings, touch nothing */
    size_t most_tasks;   /* in an array: what Slurm allows */
    /* What came of it; texts in the arena. */
    size_t members, tasks;               /* submitted; 0: nothing was left to submit */
    size_t queued;                       /* members that jobs in the queue have already */
    const char *queued_in;               /* numbers of those jobs */
    const char *array, *summary, *notes; /* numbers of the jobs, and the folder of the scripts */
    const char *array_script, *summary_script;
    const char *summary_error; /* why there is no summary job, or NULL */
};

/* Fills in l->most_tasks: MaxArraySize and MaxJobCount. ERR_SYSTEM where Slurm does not answer, but
 * for a dry run, which takes the usual ones. */
MUST_CHECK bool slurm_ask_limits(struct slurm_launch *l, struct error *err);
/* Submits the names, or only writes the scripts; fills in what came of it. The array is submitted
 * held, noted in FOLDER/.slurm/N, and then let go: what was not noted never trains. */
MUST_CHECK bool slurm_submit(struct slurm_launch *l, const struct slurm_work *w, struct arena *a,
                             struct error *err);

/* ---- queue.c ---- */

enum slurm_life { SLURM_GONE, SLURM_WAITS, SLURM_RUNS };

/* One submission: an array, the summary that comes after it, and the folder FOLDER/.slurm/N with
 * the scripts, the list of names, the logs and the numbers of the jobs. */
struct slurm_submission {
    size_t number;               /* N */
    const char *array, *summary; /* job numbers; "": not noted */
    const char *nonce;           /* in the comment of its jobs; "": an older version's */
    bool released;               /* the array was let go */
    size_t tasks;                /* task k has the names k, k + tasks, ... */
    size_t names;
    const char *const *name;
    enum slurm_life *life;   /* of each name: whether a task in the queue has it */
    size_t running, waiting; /* tasks in the queue */
    const char *summaries;   /* numbers of its summary's jobs in the queue, with commas; "": none */
    const char *reasons;     /* why tasks wait, by Slurm's words: "Resources, JobHeldUser" */
    const char *strays;      /* its jobs that are not noted, with commas; "": none */
};

/* All that were made for a folder. */
struct slurm_queue {
    size_t n; /* 0: none, or it is all over and cleared away */
    struct slurm_submission *v;
    size_t tasks; /* in the queue */
};
/* Asks squeue where there is a submission; patient: again and again while it does not answer.
 * Everything in the arena. ERR_SYSTEM: squeue does not answer. */
MUST_CHECK bool slurm_read_queue(const char *folder, bool patient, struct arena *a,
                                 struct slurm_queue *ret, struct error *err);
/* Makes good what a call that was cut short has left: its jobs that were not noted are cancelled,
 * its noted array is let go. Reads the queue again where that changed it. */
MUST_CHECK bool slurm_settle(const char *folder, struct arena *a, struct slurm_queue *q,
                             struct error *err);
/* Cancels all its jobs that are in the queue; ret: their numbers, with commas, or "". */
MUST_CHECK bool slurm_cancel(const struct slurm_queue *q, struct arena *a, const char **ret,
                             struct error *err);
/* Whether something was submitted for this folder and not yet cleared away. */
bool slurm_has_submissions(const char *folder);
/* Removes scripts, lists and logs, of one submission or (NULL) of all: for a sweep that is done.
 * What cannot be removed stays. */
void slurm_forget(const char *folder, const char *notes);

#endif
