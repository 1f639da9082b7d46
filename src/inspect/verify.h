/* Two run folders of one spec: are they the same, byte for byte? */
#ifndef DESCENT_INSPECT_VERIFY_H
#define DESCENT_INSPECT_VERIFY_H

#include "util/error.h"
#include "util/strbuf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct verification {
    struct strbuf
        text; /* a line or two for each thing compared: identical, or where it differs first */
    size_t differences;
    bool log_changed; /* steps.csv is compared in the rows that were recorded */
};
/* Nothing compared yet. */
void verification_init(struct verification *v);
/* Frees its text. */
void verification_fini(struct verification *v);

/* With which log.steps the run, whose spec says `every`, makes all rows that it recorded: resuming
 * may change that key. 1 where other rows stand there, 0 where none do; `every` where no
 * certificate tells that rows are as the run left them. ret_changed: only the rows that were
 * recorded can be compared. */
int64_t verify_log_steps(const char *recorded, int64_t every, bool *ret_changed);
/* Compares how they ended, the digests of their data and weights, epochs.csv, steps.csv and the
 * tensors of last.safetensors where both have it. False where one of them cannot be read: ERR_DATA.
 */
MUST_CHECK bool verify_folders(const char *recorded, const char *again, struct verification *v,
                               struct error *err);
/* One table: name is that of the file in both folders; true where it is in neither. */
MUST_CHECK bool verify_table(const char *recorded, const char *again, const char *name,
                             struct verification *v, struct error *err);
/* Two safetensors files; name: what to call them. */
MUST_CHECK bool verify_tensors(const char *recorded, const char *again, const char *name,
                               struct verification *v, struct error *err);

#endif
