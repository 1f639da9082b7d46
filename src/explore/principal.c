/* Principal component analysis by way of the n x n matrix of inner products: the vectors have many
 * more elements than there are vectors (Jolliffe 2002, "Principal Component Analysis", section
 * 3.5). */
#include "explore/principal.h"
#include "num/orthogonal.h"
#include "num/vec.h"
#include "util/mem.h"
#include <math.h>

/* Inner products of the vectors less their mean: of the matrix of plain ones, the means of rows and
 * columns are taken off. */
static void centred_products(const float *const *row, size_t n, size_t length, double *ret)
{
    double all = 0, *mean = mem_array(n, sizeof *mean);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k <= i; k++)
            ret[i * n + k] = ret[k * n + i] = vec_dot(row[i], row[k], length);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++)
            mean[i] += ret[i * n + k] / (double)n;
        all += mean[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            ret[i * n + k] += all - mean[i] - mean[k];
    mem_free(mean);
}

/* sum_i v_i (row_i - mean) / its length. The v_i of an eigenvector of centred products add up to 0:
 * the mean falls out. */
static void combine(const float *const *row, size_t n, size_t length, const double *v, float *ret)
{
    double *sum = mem_array(length, sizeof *sum), square = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < length; j++)
            sum[j] += v[i] * (double)row[i][j];
    for (size_t j = 0; j < length; j++)
        square += sum[j] * sum[j];
    for (size_t j = 0; j < length; j++)
        ret[j] = (float)(sum[j] / sqrt(square));
    mem_free(sum);
}

static void choose_sign(const float *const *row, size_t n, size_t length, float *direction,
                        double wanted)
{
    double along = vec_dot(row[0], direction, length) - vec_dot(row[n - 1], direction, length);
    if (along * wanted < 0)
        vec_scale(direction, -1, length);
}

bool principal_directions(const float *const *row, size_t n, size_t length,
                          float *const ret_direction[2], struct principal *ret)
{
    double *a = mem_array(n * n, sizeof *a), *value = mem_array(n, sizeof *value),
           *vector = mem_array(n * n, sizeof *vector),
           *work = mem_array(orthogonal_work(n), sizeof *work);
    *ret = (struct principal){0};
    centred_products(row, n, length, a);
    for (size_t i = 0; i < n; i++)
        ret->total += a[i * n + i];
    orthogonal_eigen(n, a, vector, value, work);
    bool plane = n > 2 && value[0] > 0 && value[1] > 1e-12 * value[0];
    for (size_t k = 0; plane && k < 2; k++) {
        ret->variance[k] = value[k];
        combine(row, n, length, vector + k * n, ret_direction[k]);
        choose_sign(row, n, length, ret_direction[k], k == 0 ? -1 : 1);
    }
    mem_free(a);
    mem_free(value);
    mem_free(vector);
    mem_free(work);
    return plane;
}
