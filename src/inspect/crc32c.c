#include "inspect/crc32c.h"

uint32_t crc32c_add(uint32_t crc, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    uint32_t table[16]; /* a nibble at a time */
    for (uint32_t i = 0; i < 16; i++) {
        table[i] = i;
        for (int k = 0; k < 4; k++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0x82f63b78u : 0);
    }
    crc = ~crc;
    for (size_t i = 0; i < n; i++) {
        crc ^= b[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return ~crc;
}
