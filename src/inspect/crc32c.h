/* Cyclic redundancy checks of 32 bits, reflected: the register starts with ones and ends
 * inverted. */
#ifndef DESCENT_INSPECT_CRC32_H
#define DESCENT_INSPECT_CRC32_H

#include <stddef.h>
#include <stdint.h>

#define CRC32_IEEE 0xedb88320u /* of ISO 3309: zip, gzip, PNG */
#define CRC32_C 0x82f63b78u    /* Castagnoli, Bräuer and Herrmann 1993: RFC 3720 */

/* `crc`: of the bytes before these, 0 where there are none. */
uint32_t crc32_add(uint32_t polynomial, uint32_t crc, const void *bytes, size_t n);

#endif
