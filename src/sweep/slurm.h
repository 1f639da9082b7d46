/* Members as tasks of a Slurm job array, and what the queue still has of them. */
#ifndef DESCENT_SWEEP_SLURM_H
#define DESCENT_SWEEP_SLURM_H

#include "sweep/sweep.h"

/* Sets one setting as the spec's section would; given: what the user wrote, "--time=3x", for the
 * diagnostics. */
MUST_CHECK bool slurm_set(struct slurm_settings *s, const char *key, const char *text,
                          const char *given, struct arena *a, struct diags *d);

/* One submission: an array, the summary that comes after it, and the folder FOLDER/.slurm/N with
 * the scripts, the list of members, the logs and the numbers of the jobs. */
struct slurm_submission {
    const char *array, *summary; /* job numbers; "": it was not submitted */
    size_t tasks;                /* task k has members k, k + tasks, ... of the list */
    size_t running, waiting;     /* tasks in the queue */
    bool summary_waits;
};

/* All that were made for a sweep's folder, and which members they still have. */
struct slurm_queue {
    size_t n; /* 0: none, or it is all over and cleared away */
    struct slurm_submission *v;
    bool *live;            /* of each member: a task in the queue has it */
    size_t tasks, members; /* sums: tasks in the queue, members that are live */
};
/* Asks squeue where there is a submission. Everything in the arena. ERR_SYSTEM: squeue does not
 * answer. */
MUST_CHECK bool slurm_read_queue(const struct sweep *s, const char *folder, struct arena *a,
                                 struct slurm_queue *ret, struct error *err);
/* Whether something was submitted for this folder and not yet cleared away. */
bool slurm_has_submissions(const char *folder);
/* Removes scripts, lists and logs, of one submission or (NULL) of all: for a sweep that is done.
 * What cannot be removed stays. */
void slurm_forget(const char *folder, const char *notes);

#endif
