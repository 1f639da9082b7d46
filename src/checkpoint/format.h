/* What readers and writers of safetensors share. Within checkpoint only. */
#ifndef DESCENT_CHECKPOINT_FORMAT_H
#define DESCENT_CHECKPOINT_FORMAT_H

#include "checkpoint/safetensors.h"
#include "util/strbuf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The limit of the format's own readers: a larger header is an attack or a damaged length. */
#define ST_MAX_HEADER 100000000u
#define ST_METADATA "__metadata__"
#define ST_DIGEST "descent.digest" /* SHA-256 of the data section */
#define ST_HEADER_DIGEST                                                                           \
    "descent.header" /* SHA-256 of the header's JSON as it is without this member */

/* A type of numbers. */
struct st_dtype {
    const char *name;
    unsigned bits; /* some types are smaller than a byte */
};
/* By its name in the header, or NULL. */
const struct st_dtype *st_dtype_find(const char *name);
/* product(shape) * bits / 8; false where that overflows or ends within a byte. */
bool st_dtype_bytes(const struct st_dtype *d, const uint64_t *dim, size_t dims, uint64_t *ret);

/* The header's JSON, appended to out. False for a name that is there twice, or that JSON cannot
 * hold: not a file this module could read again. */
bool st_header_json(const struct st_tensor *tensors, size_t n, const struct st_meta *meta,
                    size_t metas, struct strbuf *out);

#endif
