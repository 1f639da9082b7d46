/* The cyclic redundancy check of Castagnoli, Bräuer and Herrmann (1993) as in RFC 3720: reflected,
 * the register starts with ones and ends inverted. zlib has the other one: packed_crc32. */
#ifndef DESCENT_INSPECT_CRC32C_H
#define DESCENT_INSPECT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* `crc`: of the bytes before these, 0 where there are none. */
uint32_t crc32c_add(uint32_t crc, const void *bytes, size_t n);

#endif
