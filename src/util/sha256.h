/* SHA-256 (FIPS 180-4). */
#ifndef DESCENT_UTIL_SHA256_H
#define DESCENT_UTIL_SHA256_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
    uint32_t h[8];
    uint64_t bytes;
    uint8_t block[64];
};
/* Of no bytes yet. */
void sha256_init(struct sha256 *s);
/* Adds n bytes. */
void sha256_add(struct sha256 *s, const void *bytes, size_t n);
/* ret_hex: 64 lower-case hexadecimal digits and a NUL. */
void sha256_finish(struct sha256 *s, char ret_hex[65]);
/* The digest of n bytes at once. */
void sha256_of(const void *bytes, size_t n, char ret_hex[65]);

#endif
