/* SHA-256 as FIPS 180-4 states it; on x86 processors that have them, by their SHA instructions. */
#include "util/sha256.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotr(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}

static void blocks_portable(uint32_t h[8], const uint8_t *p, size_t blocks)
{
    for (; blocks > 0; blocks--, p += 64) {
        uint32_t w[64], v[8];
        for (int t = 0; t < 16; t++)
            w[t] = (uint32_t)p[4 * t] << 24 | (uint32_t)p[4 * t + 1] << 16 |
                   (uint32_t)p[4 * t + 2] << 8 | p[4 * t + 3];
        for (int t = 16; t < 64; t++) {
            uint32_t s0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ w[t - 15] >> 3;
            uint32_t s1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ w[t - 2] >> 10;
            w[t] = w[t - 16] + s0 + w[t - 7] + s1;
        }
        memcpy(v, h, sizeof v);
        for (int t = 0; t < 64; t++) {
            uint32_t S1 = rotr(v[4], 6) ^ rotr(v[4], 11) ^ rotr(v[4], 25),
                     ch = (v[4] & v[5]) ^ (~v[4] & v[6]);
            uint32_t S0 = rotr(v[0], 2) ^ rotr(v[0], 13) ^ rotr(v[0], 22);
            uint32_t maj = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]),
                     t1 = v[7] + S1 + ch + K[t] + w[t];
            memmove(v + 1, v, 7 * sizeof v[0]);
            v[4] += t1;
            v[0] = t1 + S0 + maj;
        }
        for (int i = 0; i < 8; i++)
            h[i] += v[i];
    }
}

#if defined(__x86_64__)
/* Rounds in groups of four; the state lies as the instructions want it: ABEF and CDGH. */
__attribute__((target("sha,sse4.1"))) static void blocks_x86(uint32_t h[8], const uint8_t *p,
                                                             size_t blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    __m128i abcd = _mm_loadu_si128((const __m128i *)(const void *)h),
            efgh = _mm_loadu_si128((const __m128i *)(const void *)(h + 4));
    abcd = _mm_shuffle_epi32(abcd, 0xb1);
    efgh = _mm_shuffle_epi32(efgh, 0x1b);
    __m128i abef = _mm_alignr_epi8(abcd, efgh, 8), cdgh = _mm_blend_epi16(efgh, abcd, 0xf0);
    for (; blocks > 0; blocks--, p += 64) {
        __m128i abef0 = abef, cdgh0 = cdgh, w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i)),
                                    swap);
        for (int t = 0; t < 16; t++) {
            __m128i k = _mm_loadu_si128((const __m128i *)(const void *)(K + 4 * t));
            __m128i wk = _mm_add_epi32(w[t & 3], k);
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e));
            __m128i next = _mm_sha256msg1_epu32(w[t & 3], w[(t + 1) & 3]);
            next = _mm_add_epi32(next, _mm_alignr_epi8(w[(t + 3) & 3], w[(t + 2) & 3], 4));
            w[t & 3] = _mm_sha256msg2_epu32(next, w[(t + 3) & 3]);
        }
        abef = _mm_add_epi32(abef, abef0);
        cdgh = _mm_add_epi32(cdgh, cdgh0);
    }
    abcd = _mm_shuffle_epi32(abef, 0x1b);
    efgh = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)h, _mm_blend_epi16(abcd, efgh, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(h + 4), _mm_alignr_epi8(efgh, abcd, 8));
}

static bool find_sha(void)
{
    unsigned a, b, c, d;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & (1u << 29)))
        return false;
    return __get_cpuid(1, &a, &b, &c, &d) && (c & (1u << 19));
}

/* Asked once: a virtual machine answers cpuid more slowly than a small file is hashed. */
static bool has_sha(void)
{
    static atomic_int known; /* 0: not known yet, else 1 and the answer */
    int now = atomic_load_explicit(&known, memory_order_relaxed);
    if (now == 0) {
        now = 1 + find_sha();
        atomic_store_explicit(&known, now, memory_order_relaxed);
    }
    return now == 2;
}
#endif

static void blocks_of(uint32_t h[8], const uint8_t *p, size_t blocks)
{
#if defined(__x86_64__)
    if (has_sha()) {
        blocks_x86(h, p, blocks);
        return;
    }
#endif
    blocks_portable(h, p, blocks);
}

void sha256_init(struct sha256 *s)
{
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(s->h, start, sizeof start);
    s->bytes = 0;
}

void sha256_add(struct sha256 *s, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    size_t filled = (size_t)(s->bytes % 64);
    s->bytes += n;
    if (filled > 0) {
        size_t part = n < 64 - filled ? n : 64 - filled;
        memcpy(s->block + filled, p, part);
        p += part;
        n -= part;
        if (filled + part == 64)
            blocks_of(s->h, s->block, 1);
        else
            return;
    }
    blocks_of(s->h, p, n / 64);
    if (n % 64 > 0)
        memcpy(s->block, p + n / 64 * 64, n % 64);
}

void sha256_finish(struct sha256 *s, char ret_hex[65])
{
    uint64_t bits = 8 * s->bytes;
    uint8_t tail[72] = {0x80};
    size_t pad = 1 + (119 - (size_t)(s->bytes % 64)) % 64;
    for (int i = 0; i < 8; i++)
        tail[pad + (size_t)i] = (uint8_t)(bits >> (56 - 8 * i));
    sha256_add(s, tail, pad + 8);
    for (size_t i = 0; i < 8; i++)
        snprintf(ret_hex + 8 * i, 9, "%08x", (unsigned)s->h[i]);
}

void sha256_of(const void *bytes, size_t n, char ret_hex[65])
{
    struct sha256 s;
    sha256_init(&s);
    sha256_add(&s, bytes, n);
    sha256_finish(&s, ret_hex);
}
