/* A run folder as others left it: its manifest, the digests of its files. */
#ifndef DESCENT_FOLDER_FOLDER_H
#define DESCENT_FOLDER_FOLDER_H

#include "checkpoint/safetensors.h"
#include "util/error.h"
#include "util/json.h"

/* Whether it holds a spec.yaml or a run.json. */
bool folder_holds_run(const char *folder);
/* Whether it is what run.json may hold: types, ranges, a known status with an exit code of its own.
 * ERR_DATA names the key. Keys that are not known are left alone. */
MUST_CHECK bool manifest_check(const struct json *j, struct error *err);
/* run.json, checked, owned by the caller (js_free). ERR_DATA where it is not there or not valid. */
MUST_CHECK bool folder_manifest(const char *folder, struct json **ret, struct error *err);
/* SHA-256 of a file of the folder. ERR_SYSTEM. */
MUST_CHECK bool folder_digest(const char *folder, const char *name, char ret_hex[65],
                              struct error *err);
/* SHA-256 of a checkpoint's weights and running statistics, as run.json records it. */
void folder_weights_digest(const struct st_file *f, char ret_hex[65]);

#endif
