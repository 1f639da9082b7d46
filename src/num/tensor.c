#include "num/tensor.h"

bool tensor_is_matrix(enum tensor_role role)
{
    return role == TENSOR_HIDDEN || role == TENSOR_OUTPUT;
}

size_t tensor_stored(const struct tensor_shape *s)
{
    return s->cols * s->ld;
}

void tensor_pack(const struct tensor_shape *s, const float *stored, float *ret_canonical)
{
    for (size_t r = 0; r < s->rows; r++)
        for (size_t c = 0; c < s->cols; c++)
            ret_canonical[r * s->cols + c] = stored[c * s->ld + r];
}

void tensor_unpack(const struct tensor_shape *s, const float *canonical, float *ret_stored)
{
    for (size_t c = 0; c < s->cols; c++)
        for (size_t r = 0; r < s->ld; r++)
            ret_stored[c * s->ld + r] = r < s->rows ? canonical[r * s->cols + c] : 0.0f;
}
