/* The types of numbers in a safetensors file, and those as float32. */
#include "checkpoint/format.h"
#include <string.h>

static const struct st_dtype dtypes[] = {
    {"BOOL", 8},        {"U8", 8},      {"I8", 8},      {"I16", 16},        {"U16", 16},
    {"I32", 32},        {"U32", 32},    {"I64", 64},    {"U64", 64},        {"F16", 16},
    {"BF16", 16},       {"F32", 32},    {"F64", 64},    {"C64", 64},        {"F4", 4},
    {"F6_E2M3", 6},     {"F6_E3M2", 6}, {"F8_E4M3", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2", 8},
    {"F8_E5M2FNUZ", 8}, {"F8_E8M0", 8},
};

const struct st_dtype *st_dtype_find(const char *name)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++)
        if (strcmp(dtypes[i].name, name) == 0)
            return &dtypes[i];
    return NULL;
}

bool st_dtype_bytes(const struct st_dtype *d, const uint64_t *dim, size_t dims, uint64_t *ret)
{
    uint64_t count = d->bits;
    for (size_t i = 0; i < dims; i++)
        if (__builtin_mul_overflow(count, dim[i], &count))
            return false;
    *ret = count / 8;
    return count % 8 == 0;
}

/* ---- as float32 ---- */

bool st_is_real(const struct st_tensor *t)
{
    return strcmp(t->dtype, "F32") == 0 || strcmp(t->dtype, "F64") == 0 ||
           strcmp(t->dtype, "F16") == 0 || strcmp(t->dtype, "BF16") == 0;
}

static uint64_t little_endian(const unsigned char *bytes, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)bytes[i] << 8 * i;
    return v;
}

static float float_of_bits(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* IEEE 754 binary16: 1 bit of sign, 5 of exponent, 10 of fraction. */
static float half(uint32_t bits)
{
    uint32_t sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31, fraction = bits & 0x3ffu;
    if (exponent == 0) { /* a multiple of 2^-24 */
        float v = (float)fraction * 0x1p-24f;
        return sign ? -v : v;
    }
    uint32_t wide = exponent == 31 ? 255 : exponent + 127 - 15;
    return float_of_bits(sign | wide << 23 | fraction << 13);
}

static float real_of(const unsigned char *bytes, size_t size, bool brain)
{
    uint64_t bits = little_endian(bytes, size);
    if (size == 8) {
        double v;
        memcpy(&v, &bits, sizeof v);
        return (float)v;
    }
    if (size == 4)
        return float_of_bits((uint32_t)bits);
    return brain ? float_of_bits((uint32_t)bits << 16) : half((uint32_t)bits);
}

void st_to_floats(const struct st_tensor *t, float *to)
{
    size_t size = st_dtype_find(t->dtype)->bits / 8;
    bool brain = strcmp(t->dtype, "BF16") == 0;
    for (size_t i = 0; i < t->bytes / size; i++)
        to[i] = real_of((const unsigned char *)t->data + i * size, size, brain);
}
