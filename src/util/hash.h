/* FNV-1a (Fowler, Noll and Vo), 64 bits: quick, and no digest; what it finds equal is compared where
 * that matters. */
#ifndef DESCENT_UTIL_HASH_H
#define DESCENT_UTIL_HASH_H

#include <stddef.h>
#include <stdint.h>

static const uint64_t hash_of_nothing = UINT64_C(14695981039346656037);

/* What a hash becomes by one more byte, or number. */
static inline uint64_t hash_add(uint64_t hash, uint64_t byte)
{
    return (hash ^ byte) * UINT64_C(1099511628211);
}

/* By a text, without its end. */
static inline uint64_t hash_add_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = hash_add(hash, (unsigned char)*text);
    return hash;
}

/* Where it begins to look in a table of so many slots, a power of two. */
static inline size_t hash_slot(uint64_t hash, size_t slots)
{
    return (size_t)(hash ^ hash >> 32) & (slots - 1);
}

#endif
