/* Philox4x32-10: ten rounds of two 32 x 32 -> 64 bit products, keys raised by Weyl constants. */
#include "num/random.h"
#include "num/math.h"
#include "util/processor.h"
#include <math.h>
#include <string.h>

enum { ROUNDS = 10, LANES = 16 };
static const uint32_t multiplier[2] = {0xD2511F53u, 0xCD9E8D57u};
static const uint32_t weyl[2] = {0x9E3779B9u, 0xBB67AE85u};

void rng_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t ret[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t p0 = (uint64_t)multiplier[0] * c0, p1 = (uint64_t)multiplier[1] * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += weyl[0];
        k1 += weyl[1];
    }
    ret[0] = c0, ret[1] = c1, ret[2] = c2, ret[3] = c3;
}

struct rng rng_stream(uint64_t seed, enum rng_purpose purpose, uint64_t index, uint32_t part)
{
    return (struct rng){
        .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
        .counter = {0, (uint32_t)purpose << 24 | part, (uint32_t)index, (uint32_t)(index >> 32)},
        .used = 4,
    };
}

uint32_t rng_u32(struct rng *r)
{
    if (r->used == 4) {
        rng_philox(r->counter, r->key, r->block);
        r->counter[0]++;
        r->used = 0;
    }
    return r->block[r->used++];
}

uint64_t rng_u64(struct rng *r)
{
    uint64_t low = rng_u32(r);
    return low | (uint64_t)rng_u32(r) << 32;
}

double rng_uniform(struct rng *r)
{
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

/* The high word of a product of 64-bit numbers. */
static uint64_t high_word(uint64_t a, uint64_t b, uint64_t *ret_low)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (uint32_t)middle;
    *ret_low = a * b;
    return a1 * b1 + (middle >> 32) + (other >> 32);
}

/* Multiply and reject (Lemire 2019, "Fast random integer generation in an interval"). */
uint64_t rng_below(struct rng *r, uint64_t n)
{
    uint64_t low, high = high_word(rng_u64(r), n, &low);
    if (low < n)
        for (uint64_t reject = (0 - n) % n; low < reject;)
            high = high_word(rng_u64(r), n, &low);
    return high;
}

double rng_normal(struct rng *r)
{
    double u = 1 - rng_uniform(r), v = rng_uniform(r);
    return sqrt(-2 * math_log(u)) * math_cos(6.283185307179586476925 * v);
}

void rng_shuffle(struct rng *r, uint32_t *v, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)rng_below(r, i);
        uint32_t t = v[i - 1];
        v[i - 1] = v[j];
        v[j] = t;
    }
}

/* LANES consecutive blocks at once. Words lie in 64-bit lanes, whose products are one instruction
 * each. */
static void philox_lanes(const struct rng *r, uint32_t first, uint32_t *restrict out)
{
    uint64_t c0[LANES], c1[LANES], c2[LANES], c3[LANES];
    const uint64_t low = 0xFFFFFFFFu;
    for (uint32_t l = 0; l < LANES; l++) {
        c0[l] = first + l;
        c1[l] = r->counter[1];
        c2[l] = r->counter[2];
        c3[l] = r->counter[3];
    }
    uint32_t k0 = r->key[0], k1 = r->key[1];
    for (int round = 0; round < ROUNDS; round++) {
        for (int l = 0; l < LANES; l++) {
            uint64_t p0 = (c0[l] & low) * multiplier[0], p1 = (c2[l] & low) * multiplier[1];
            c0[l] = (p1 >> 32) ^ c1[l] ^ k0;
            c1[l] = p1 & low;
            c2[l] = (p0 >> 32) ^ c3[l] ^ k1;
            c3[l] = p0 & low;
        }
        k0 += weyl[0];
        k1 += weyl[1];
    }
    for (int l = 0; l < LANES; l++) {
        out[4 * l] = (uint32_t)c0[l];
        out[4 * l + 1] = (uint32_t)c1[l];
        out[4 * l + 2] = (uint32_t)c2[l];
        out[4 * l + 3] = (uint32_t)c3[l];
    }
}

VECTORIZED(rng_fill, (const struct rng *fresh, uint32_t *out, size_t n), (fresh, out, n))
{
    uint32_t block = 0;
    for (; n >= 4 * LANES; n -= 4 * LANES, out += 4 * LANES, block += LANES)
        philox_lanes(fresh, block, out);
    uint32_t rest[4 * LANES];
    philox_lanes(fresh, block, rest);
    memcpy(out, rest, n * sizeof *out);
}
