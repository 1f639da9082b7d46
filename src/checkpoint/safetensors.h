/* safetensors files: written atomically with a digest, read with every rule of the format
 * checked. */
#ifndef DESCENT_CHECKPOINT_SAFETENSORS_H
#define DESCENT_CHECKPOINT_SAFETENSORS_H

#include "util/error.h"
#include "util/mem.h"
#include <stddef.h>
#include <stdint.h>

#define ST_MAX_DIMS 8
/* What `descent.format` says of checkpoints as this version writes and reads them. */
#define ST_FORMAT "1"

/* One tensor to write, or as read. */
struct st_tensor {
    const char *name;
    const char *dtype; /* "F32", "I64", ... */
    size_t dims;
    uint64_t dim[ST_MAX_DIMS];
    const void *data; /* row-major bytes; in a read file 1-byte aligned, inside the file's block */
    size_t bytes;
};
struct st_meta {
    const char *key, *value;
};

struct st_content {
    const struct st_tensor *tensor;
    size_t n;
    const struct st_meta *meta;
    size_t metas;
    bool digest;
};
/* Writes tensors in the given order and metadata sorted by key; where digest is true with two more:
 * `descent.digest`, the SHA-256 of the data section, and `descent.header`, that of the header's
 * JSON as it is without this member (no spaces, metadata first and sorted, tensors in the order of
 * their data). Byte-stable: same input, same bytes. ERR_SYSTEM; the old file stays. */
MUST_CHECK bool st_write(const char *path, const struct st_content *x, struct error *err);

struct st_file {
    size_t n, metas;
    struct st_tensor *tensor; /* in the order of the header */
    struct st_meta *meta;
    char digest[65]; /* of the data section, computed */
    char *block;     /* the whole file */
    size_t length;
    struct arena arena;
};
/* Reads and checks all: header length, UTF-8 JSON, no duplicates, offsets that tile the data,
 * sizes, end; either digest where it is there; and that a checkpoint's format is ST_FORMAT.
 * ERR_DATA with the path and the reason; ERR_SYSTEM where file_is_withheld. */
MUST_CHECK bool st_read(const char *path, struct st_file *ret, struct error *err);
/* The same of n bytes, which stay the caller's; name: for messages. */
MUST_CHECK bool st_parse(const char *name, const char *bytes, size_t n, struct st_file *ret,
                         struct error *err);
/* Whether it can be read but for the format, which another version wrote: st_read refuses it. */
bool st_is_of_other_format(const char *path);
/* Frees the block and the arena. */
void st_fini(struct st_file *f);
/* F32, F64, F16 or BF16. */
bool st_is_real(const struct st_tensor *t);
/* All its numbers as floats, in the order of the file; F64 rounded to nearest. st_is_real. */
void st_to_floats(const struct st_tensor *t, float *to);
/* The tensor of this name, or NULL. */
const struct st_tensor *st_find(const struct st_file *f, const char *name);
const char *st_meta(const struct st_file *f, const char *key); /* NULL where absent */

#endif
