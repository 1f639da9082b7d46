/* A digest of bits, for results that are the same on every machine. */
#ifndef DESCENT_TESTS_DIGEST_H
#define DESCENT_TESTS_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_BEGIN 0xCBF29CE484222325u

/* FNV-1a, 64 bits, of n bytes after those that made `digest`. */
static inline uint64_t digest_add(uint64_t digest, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        digest = (digest ^ p[i]) * 0x100000001B3u;
    return digest;
}

#endif
