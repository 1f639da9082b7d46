#include "num/tensor.h"
#include <string.h>

bool tensor_is_matrix(enum tensor_role role)
{
    return role == TENSOR_HIDDEN || role == TENSOR_OUTPUT;
}

size_t tensor_stored(const struct tensor_shape *s)
{
    return s->cols * s->ld;
}

size_t tensor_dims(const struct tensor_shape *s, enum tensor_role role, size_t ret[4])
{
    size_t n = 0;
    ret[n++] = s->rows;
    if (tensor_is_matrix(role))
        ret[n++] = s->high > 0 ? s->cols / (s->high * s->wide) : s->cols;
    if (s->high > 0) {
        ret[n++] = s->high;
        ret[n++] = s->wide;
    }
    return n;
}

/* Where the stored column c is in the world. In the world a kernel's columns are ordered (in, high,
 * wide); a scale over images, whose in is 1, keeps its order. */
static size_t column_of(const struct tensor_shape *s, size_t c)
{
    if (s->high == 0)
        return c;
    size_t taps = s->high * s->wide, in = s->cols / taps;
    return c % in * taps + c / in;
}

void tensor_pack(const struct tensor_shape *s, const float *stored, float *ret_canonical)
{
    for (size_t c = 0; c < s->cols; c++) {
        size_t at = column_of(s, c);
        for (size_t r = 0; r < s->rows; r++)
            ret_canonical[r * s->cols + at] = stored[c * s->ld + r];
    }
}

void tensor_unpack(const struct tensor_shape *s, const float *canonical, float *ret_stored)
{
    for (size_t c = 0; c < s->cols; c++) {
        size_t at = column_of(s, c);
        for (size_t r = 0; r < s->ld; r++)
            ret_stored[c * s->ld + r] = r < s->rows ? canonical[r * s->cols + at] : 0.0f;
    }
}

void tensor_clear_ends(float *x, size_t n, size_t written, size_t ld)
{
    for (size_t i = 0; i < n && written < ld; i++)
        memset(x + i * ld + written, 0, (ld - written) * sizeof *x);
}
