#include "inspect/element.h"
#include <assert.h>
#include <math.h>
#include <string.h>

static uint64_t word(const void *data, uint64_t i, unsigned bytes)
{
    const unsigned char *b = (const unsigned char *)data + i * bytes;
    uint64_t v = 0;
    for (unsigned k = 0; k < bytes; k++)
        v |= (uint64_t)b[k] << 8 * k;
    return v;
}

/* A binary float of `exponent` and `mantissa` bits, with infinities and NaN as IEEE 754 has
 * them. */
static double small_float(uint64_t v, int exponent, int mantissa)
{
    int largest = (1 << exponent) - 1, bias = largest >> 1;
    int e = (int)(v >> mantissa) & largest;
    double m = (double)(v & (((uint64_t)1 << mantissa) - 1)),
           sign = v >> (exponent + mantissa) & 1 ? -1 : 1;
    if (e == largest)
        return m > 0 ? (double)NAN : sign * (double)INFINITY;
    return sign * (e == 0 ? ldexp(m, 1 - bias - mantissa)
                          : ldexp(m + ldexp(1, mantissa), e - bias - mantissa));
}

static double f16(uint64_t v)
{
    return small_float(v, 5, 10);
}

static double bf16(uint64_t v)
{
    return small_float(v, 8, 7);
}

static double f8_e5m2(uint64_t v)
{
    return small_float(v, 5, 2);
}

static double f32(uint64_t v)
{
    uint32_t bits = (uint32_t)v;
    float x;
    memcpy(&x, &bits, sizeof x);
    return (double)x;
}

static double f64(uint64_t v)
{
    double x;
    memcpy(&x, &v, sizeof x);
    return x;
}

static double u64(uint64_t v)
{
    return (double)v;
}

static double i8(uint64_t v)
{
    return (double)(int8_t)v;
}

static double i16(uint64_t v)
{
    return (double)(int16_t)v;
}

static double i32(uint64_t v)
{
    return (double)(int32_t)v;
}

static double i64(uint64_t v)
{
    return (double)(int64_t)v;
}

static const struct type {
    const char *name;
    unsigned bytes;
    double (*value)(uint64_t bits);
} types[] = {{"F32", 4, f32},  {"F64", 8, f64},        {"F16", 2, f16}, {"BF16", 2, bf16},
             {"BOOL", 1, u64}, {"U8", 1, u64},         {"I8", 1, i8},   {"I16", 2, i16},
             {"U16", 2, u64},  {"I32", 4, i32},        {"U32", 4, u64}, {"I64", 8, i64},
             {"U64", 8, u64},  {"F8_E5M2", 1, f8_e5m2}};

static const struct type *find(const char *dtype)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, dtype) == 0)
            return &types[i];
    return NULL;
}

bool element_known(const char *dtype)
{
    return find(dtype) != NULL;
}

double element_value(const struct st_tensor *t, uint64_t i)
{
    const struct type *type = find(t->dtype);
    assert(type);
    return type->value(word(t->data, i, type->bytes));
}

uint64_t element_count(const struct st_tensor *t)
{
    uint64_t n = 1;
    for (size_t i = 0; i < t->dims; i++)
        n *= t->dim[i];
    return n;
}
