/* Principal component analysis by way of the n x n matrix of inner products: the vectors have many
 * more elements than there are vectors (Jolliffe 2002, "Principal Component Analysis", section
 * 3.5). */
#include "explore/principal.h"
#include "num/vec.h"
#include "util/mem.h"
#include <math.h>

/* ---- eigenvalues ---- */

/* Turns rows and columns p and q so that a[p][q] becomes 0 (Golub and Van Loan, "Matrix
 * Computations", section 8.5.2). */
static void rotate(double *a, double *v, size_t n, size_t p, size_t q)
{
    double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
    double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    double c = 1 / sqrt(t * t + 1), s = t * c;
    for (size_t k = 0; k < n; k++) {
        double kp = a[k * n + p], kq = a[k * n + q];
        a[k * n + p] = c * kp - s * kq;
        a[k * n + q] = s * kp + c * kq;
    }
    for (size_t k = 0; k < n; k++) {
        double pk = a[p * n + k], qk = a[q * n + k], vp = v[p * n + k], vq = v[q * n + k];
        a[p * n + k] = c * pk - s * qk;
        a[q * n + k] = s * pk + c * qk;
        v[p * n + k] = c * vp - s * vq;
        v[q * n + k] = s * vp + c * vq;
    }
}

static double off_diagonal(const double *a, size_t n)
{
    double sum = 0;
    for (size_t p = 0; p < n; p++)
        for (size_t q = 0; q < n; q++)
            sum += p == q ? 0 : a[p * n + q] * a[p * n + q];
    return sqrt(sum);
}

static double diagonal(const double *a, size_t n)
{
    double sum = 0;
    for (size_t p = 0; p < n; p++)
        sum += fabs(a[p * n + p]);
    return sum;
}

static void sort_descending(double *value, double *vector, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            if (!(value[k] > value[i]))
                continue;
            double t = value[i];
            value[i] = value[k];
            value[k] = t;
            for (size_t j = 0; j < n; j++) {
                t = vector[i * n + j];
                vector[i * n + j] = vector[k * n + j];
                vector[k * n + j] = t;
            }
        }
}

void principal_eigen(double *a, size_t n, double *ret_value, double *ret_vector)
{
    enum { SWEEPS = 60 };
    double scale = diagonal(a, n);
    for (size_t p = 0; p < n; p++)
        for (size_t q = 0; q < n; q++)
            ret_vector[p * n + q] = p == q;
    for (int sweep = 0; sweep < SWEEPS && off_diagonal(a, n) > 1e-15 * scale; sweep++)
        for (size_t p = 0; p + 1 < n; p++)
            for (size_t q = p + 1; q < n; q++)
                if (fabs(a[p * n + q]) > 1e-18 * scale)
                    rotate(a, ret_vector, n, p, q);
    for (size_t p = 0; p < n; p++)
        ret_value[p] = a[p * n + p];
    sort_descending(ret_value, ret_vector, n);
}

/* ---- directions ---- */

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
           *vector = mem_array(n * n, sizeof *vector);
    *ret = (struct principal){0};
    centred_products(row, n, length, a);
    for (size_t i = 0; i < n; i++)
        ret->total += a[i * n + i];
    principal_eigen(a, n, value, vector);
    bool plane = n > 2 && value[0] > 0 && value[1] > 1e-12 * value[0];
    for (size_t k = 0; plane && k < 2; k++) {
        ret->variance[k] = value[k];
        combine(row, n, length, vector + k * n, ret_direction[k]);
        choose_sign(row, n, length, ret_direction[k], k == 0 ? -1 : 1);
    }
    mem_free(a);
    mem_free(value);
    mem_free(vector);
    return plane;
}
