/* A run folder as others left it: its manifest, the digests of its files. */
#ifndef DESCENT_FOLDER_FOLDER_H
#define DESCENT_FOLDER_FOLDER_H

#include "checkpoint/safetensors.h"
#include "folder/paths.h"
#include "folder/status.h"
#include "spec/spec.h"
#include "util/error.h"
#include "util/json.h"

/* Whether it is the folder of a run, whole or damaged: it has a run.json, or a spec.yaml that a run
 * has left and not somebody who called his spec so. */
bool folder_holds_run(const char *folder);
/* What it says became of the run; STATUS_NONE where it says nothing valid, and for NULL. */
enum status manifest_status(const struct json *j);
/* run.json, checked, owned by the caller (js_free). ERR_DATA where it is not there or not valid, with
 * what to do; ERR_SYSTEM where file_is_withheld. */
MUST_CHECK bool folder_manifest(const char *folder, struct json **ret, struct error *err);
/* The same where nothing depends on it: neither its values nor their types are checked; NULL where
 * it cannot be read. */
struct json *folder_manifest_unchecked(const char *folder);
/* What to do about a run.json that is not what it should be, to stand behind the reason. In the
 * arena. */
const char *folder_manifest_remedy(struct arena *a, const char *folder);
/* A text below up to three keys (the last ones NULL), in the arena; NULL where it is not there. */
const char *folder_manifest_text(struct arena *a, const char *folder, const char *key,
                                 const char *key2, const char *key3);
/* What happened to the optimizer after *ret_step updates, in the arena, or NULL. */
const char *folder_manifest_event(struct arena *a, const char *folder, int64_t *ret_step);
/* Writes the folder's run.json. Atomic. ERR_SYSTEM. */
MUST_CHECK bool folder_write_manifest(const char *folder, const struct json *j, struct error *err);
/* The digests below dataset.sha256, by the files of the data set. */
extern const char *const folder_digest_names[DATA_FILES];
/* SHA-256 of a file of the folder. ERR_SYSTEM. */
MUST_CHECK bool folder_digest(const char *folder, const char *name, char ret_hex[65],
                              struct error *err);
/* SHA-256 of a checkpoint's weights and running statistics, as run.json records it. */
void folder_weights_digest(const struct st_file *f, char ret_hex[65]);

/* What `verify` said of the run as it stands there. */
enum verified { VERIFIED_NOT, VERIFIED_SAME, VERIFIED_DIFFERS, VERIFIEDS };
extern const char *const verified_names[VERIFIEDS]; /* "", "yes", "no" */
/* Notes it in verified.json, with the digests that run.json has now. ERR_SYSTEM, ERR_DATA. */
MUST_CHECK bool folder_note_verified(const char *folder, bool same, struct error *err);
/* Removes such a note, where the run could not be verified now. */
void folder_forget_verified(const char *folder);
/* Of the run whose run.json this is: a note on other weights or epochs is none. */
enum verified folder_read_verified(const char *folder, const struct json *manifest);

#endif
