/* Trained models that a command looks at: the weights of run folders and checkpoints, with spec and
 * data. */
#ifndef DESCENT_CLI_SUBJECT_H
#define DESCENT_CLI_SUBJECT_H

#include "cli/cli.h"
#include "explore/landscape.h"

struct subject {
    const char *word, *name; /* as it was given; without folders before it */
    const char *folder;      /* of a run, or NULL: a checkpoint alone */
    const char *weights;     /* the checkpoint */
    struct spec spec;
    struct data *data;
    bool borrowed; /* the data are another subject's */
    struct train *train;
};

/* Opens a finished run's folder (`which` of its checkpoints: "last", "best") or a checkpoint's
 * file: spec, data, a training at its beginning; `weights` is not loaded yet. initial: its initial
 * weights are wanted, too. other: NULL, or a subject whose data serve where they are the same.
 * Prints what is wrong and returns the exit code; 0: s is open. Either way s is to be closed. */
int subject_open(struct arena *a, struct subject *s, const char *word, const char *which,
                 bool initial, struct subject *other);
/* Frees what subject_open took. */
void subject_close(struct subject *s);
/* ERR_USAGE where their models have not the same tensors. */
MUST_CHECK bool subject_same_models(const struct subject *a, const struct subject *b,
                                    struct error *err);

/* The weights along a training. */
struct subject_path {
    struct landscape_point *point; /* landscape_point_fini each; the array in the arena */
    int64_t *step;                 /* updates done */
    size_t n;
};
/* The initial weights of a run's folder, its numbered checkpoints (200 of them, evenly, where there
 * are more), and where those stop short of it `weights`. ERR_USAGE where it keeps less than 3,
 * ERR_DATA. w is zero, and to be freed either way. */
MUST_CHECK bool subject_read_path(struct arena *a, struct subject *s, struct subject_path *w,
                                  struct error *err);

#endif
