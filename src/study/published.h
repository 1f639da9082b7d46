/* Results that come with the program: baselines that others compare with, each run held by the
 * digests of its weights and of its epochs.csv. Made by scripts/publish from run folders. */
#ifndef DESCENT_STUDY_PUBLISHED_H
#define DESCENT_STUDY_PUBLISHED_H

#include "folder/folder.h"
#include "study/collect.h"

#define PUBLISHED_PREFIX "published:"

/* The texts of results/published/NAME.yaml and results/published/NAME.csv, in pieces, each
 * NULL-ended. */
struct published {
    const char *name;
    const char *const *spec, *const *runs;
};
extern const struct published published_all[]; /* ended by a NULL name; by name */

/* One run: what it adds to the spec that all of them share, and what it came to. */
struct published_run {
    char **override; /* KEY=VALUE, the seed among them */
    size_t overrides;
    struct collected_run run; /* without `value` */
    const char *epochs;       /* SHA-256 of epochs.csv */
};
struct published_set {
    const char *name, *title, *source, *command; /* command: what trained them */
    int64_t results;                             /* the version of the arithmetic */
    char sha256[DATA_FILES][65];                 /* of the data files; "": not told */
    const char *spec;                            /* what they share, as YAML */
    size_t runs;
    struct published_run *run;
};
/* word: "published:NAME". All in the arena. ERR_USAGE for a name that there is not. */
MUST_CHECK bool published_read(struct arena *a, const char *word, struct published_set *ret,
                               struct error *err);

#endif
