/* The files of a run's folder and of a sweep's. */
#ifndef DESCENT_FOLDER_PATHS_H
#define DESCENT_FOLDER_PATHS_H

#include "config/node.h"
#include "util/error.h"
#include "util/folder_names.h"
#include "util/mem.h"
#include <stdbool.h>
#include <stdint.h>

#define FOLDER_EPOCHS "epochs.csv"
#define FOLDER_STEPS "steps.csv"
#define FOLDER_TIMING "timing.csv"
#define FOLDER_VERIFIED "verified.json" /* what `verify` said, where it was asked */
#define FOLDER_CHECKPOINT(name) FOLDER_CHECKPOINTS "/" name ".safetensors" /* of a literal */
#define FOLDER_BEST FOLDER_CHECKPOINT("best")
#define FOLDER_LAST FOLDER_CHECKPOINT("last")
#define FOLDER_PREVIOUS FOLDER_CHECKPOINT("previous")
/* of a sweep */
#define FOLDER_MEMBERS "members.csv"
#define FOLDER_SUMMARY "summary.csv"
#define FOLDER_TUNING "tune.yaml" /* what was asked of --tune */
#define FOLDER_TUNED "tuned"      /* the reruns, a sweep of their own */

/* Bytes of a spec.yaml or sweep.yaml: no more is recorded, nor read back. */
enum { FOLDER_RECORD_MOST = NODE_RECORDED_MOST };
/* Bytes of a table that is read back. */
#define FOLDER_TABLE_MOST ((size_t)1 << 32)

/* FOLDER/NAME, in the arena. */
const char *folder_path(struct arena *a, const char *folder, const char *name);
/* Whether FOLDER/NAME exists. */
bool folder_has(const char *folder, const char *name);
/* The checkpoint of a name, "last", in the folder of a run; in the arena. */
const char *folder_checkpoint(struct arena *a, const char *folder, const char *name);
/* The name of the numbered checkpoint of a step, "step-120", in the arena. */
const char *folder_step_name(struct arena *a, int64_t step);
/* Whether a file among the checkpoints is a numbered one, "step-120.safetensors", as a run calls it. */
bool folder_is_numbered(const char *file_name, int64_t *ret_step);
/* Steps of the numbered checkpoints of a run's folder, ascending, in the arena. */
int64_t *folder_numbered(struct arena *a, const char *folder, size_t *ret_n);
/* The text of its spec.yaml, in the arena. ERR_SYSTEM where it cannot be read. */
MUST_CHECK bool folder_spec_text(struct arena *a, const char *folder, const char **ret,
                                 struct error *err);
/* The same of a sweep's sweep.yaml. */
MUST_CHECK bool folder_sweep_text(struct arena *a, const char *folder, const char **ret,
                                  struct error *err);
/* Writes the folder's spec.yaml. Atomic. ERR_SYSTEM. */
MUST_CHECK bool folder_write_spec(const char *folder, const char *text, struct error *err);

#endif
