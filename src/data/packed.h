/* Bytes, plain or compressed. */
#ifndef DESCENT_DATA_PACKED_H
#define DESCENT_DATA_PACKED_H

#include "util/error.h"
#include <stddef.h>
#include <stdint.h>

/* A file, plain or gzip, as the bytes that it holds. */
struct packed;
/* Opens it and reads its first bytes. NULL and ERR_DATA where it cannot be read. The path is not
 * copied. */
struct packed *packed_open(const char *path, struct error *err);
/* Takes NULL. */
void packed_close(struct packed *p);
/* Up to n bytes, fewer only at the end. ERR_DATA where the file is cut short, damaged, or has bytes
 * after the end of its compressed data. */
MUST_CHECK bool packed_read(struct packed *p, uint8_t *to, size_t n, size_t *ret,
                            struct error *err);
/* A whole file, plain or gzip, and a NUL after it; owned by the caller. ERR_DATA, also where it
 * holds more than most. */
MUST_CHECK bool packed_read_all(const char *path, size_t most, uint8_t **ret, size_t *ret_n,
                                struct error *err);
/* How many bytes such a file holds; of a plain one without reading it. */
MUST_CHECK bool packed_length(const char *path, size_t *ret, struct error *err);

/* A block of n bytes that is deflated without a header, as zip files have it, into exactly `size`
 * bytes. ERR_DATA where it is damaged or of another size; `name` for the message. */
MUST_CHECK bool packed_inflate(const char *name, const uint8_t *from, size_t n, uint8_t *to,
                               size_t size, struct error *err);
/* The checksum of zip and gzip; `crc`: of the bytes before these, 0 where there are none. */
uint32_t packed_crc32(uint32_t crc, const void *bytes, size_t n);

#endif
