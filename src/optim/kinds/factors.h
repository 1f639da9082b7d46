/* What Shampoo and SOAP share: the two factors of a matrix's second moment, L = mean of G G' (rows
 * x rows) and R = mean of G' G (cols x cols), and products with what is made of them. A side of
 * more than FACTORS_MOST has none. Square matrices are kept without padding and worked on with. */
#ifndef DESCENT_OPTIM_KINDS_FACTORS_H
#define DESCENT_OPTIM_KINDS_FACTORS_H

#include "num/orthogonal.h"
#include "optim/optim.h"
#include <math.h>

enum { FACTORS_MOST = 10000 };

static inline size_t factors_side(size_t n)
{
    return n <= FACTORS_MOST ? n : 0;
}

static inline bool factors_of_matrix(enum tensor_role role, const struct tensor_shape *s)
{
    (void)s;
    return tensor_is_matrix(role);
}

static inline size_t factors_left_size(const struct tensor_shape *s)
{
    return factors_side(s->rows) * s->rows;
}

static inline size_t factors_right_size(const struct tensor_shape *s)
{
    return factors_side(s->cols) * s->cols;
}

/* ---- scratch: three matrices stored like the weights, three padded squares of the longer side,
 * and what eigenvectors of it want ---- */

static inline size_t factors_longer(const struct tensor_shape *s)
{
    size_t rows = factors_side(s->rows), cols = factors_side(s->cols);
    return rows > cols ? rows : cols;
}

static inline size_t factors_eigen_room(size_t n) /* doubles */
{
    return 2 * n * n + n + orthogonal_work(n);
}

static inline size_t factors_scratch(const struct tensor_shape *s, enum tensor_role role)
{
    size_t n = factors_longer(s);
    if (!tensor_is_matrix(role))
        return 0;
    return 3 * tensor_stored(s) + 3 * n * tensor_pad(n) + 2 * factors_eigen_room(n);
}

/* A matrix and where it is worked on. */
struct factors_room {
    const struct matmul *matmul;
    const struct optim_view *v;
    float *like[3], *square[3];
    double *eigen;
};

/* Everything is a multiple of 16 floats. */
static inline struct factors_room factors_room(const struct optim_now *now,
                                               const struct optim_view *v, float *scratch)
{
    size_t n = factors_longer(&v->shape);
    struct factors_room r = {.matmul = now->matmul, .v = v};
    for (int i = 0; i < 3; i++) {
        r.like[i] = scratch + (size_t)i * v->n;
        r.square[i] = scratch + 3 * v->n + (size_t)i * n * tensor_pad(n);
    }
    r.eigen = (double *)(void *)(scratch + 3 * v->n + 3 * n * tensor_pad(n));
    return r;
}

static inline void factors_pad(size_t n, const float *a, float *ret_padded)
{
    size_t ld = tensor_pad(n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < ld; k++)
            ret_padded[i * ld + k] = k < n ? a[i * n + k] : 0;
}

/* ---- L and R ---- */

/* factor = keep factor + share (G G' or G' G). In memory lies S = G': G G' = S' S. */
static inline void factors_gather(const struct factors_room *room, bool left, float keep,
                                  float share, float *factor)
{
    const struct optim_view *v = room->v;
    size_t n = left ? v->shape.rows : v->shape.cols, ld = tensor_pad(n);
    matmul(room->matmul, &(struct product){.transpose_a = left,
                                           .transpose_b = !left,
                                           .m = n,
                                           .n = n,
                                           .k = left ? v->shape.cols : v->shape.rows,
                                           .a = v->g,
                                           .lda = v->shape.ld,
                                           .b = v->g,
                                           .ldb = v->shape.ld,
                                           .c = room->square[0],
                                           .ldc = ld});
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++)
            factor[i * n + k] = keep * factor[i * n + k] + share * room->square[0][i * ld + k];
}

/* Eigenvectors of factor as rows of room->eigen, largest value first; the values behind them. */
static inline double *factors_eigen(size_t n, const float *factor, const struct factors_room *room)
{
    double *z = room->eigen, *a = z + n * n, *values = a + n * n;
    for (size_t i = 0; i < n * n; i++)
        a[i] = (double)factor[i];
    orthogonal_eigen(n, a, z, values, values + n);
    return values;
}

/* A product A X B: A and B padded squares, transposed where asked; NULL: the unit matrix. */
struct factors_product {
    const float *a, *x, *b;
    bool transpose_a, transpose_b;
};

/* out = A X B with X, out rows x cols as the weights lie. room->like[2] is used. */
static inline void factors_multiply(const struct factors_room *room,
                                    const struct factors_product *p, float *out)
{
    const struct optim_view *v = room->v;
    const float *a = p->a, *b = p->b;
    size_t rows = v->shape.rows, cols = v->shape.cols, ld = v->shape.ld;
    float *half = room->like[2];
    if (a) /* X' A' */
        matmul(room->matmul, &(struct product){.transpose_b = !p->transpose_a,
                                               .m = cols,
                                               .n = rows,
                                               .k = rows,
                                               .a = p->x,
                                               .lda = ld,
                                               .b = a,
                                               .ldb = tensor_pad(rows),
                                               .c = half,
                                               .ldc = ld});
    else
        for (size_t i = 0; i < v->n; i++)
            half[i] = p->x[i];
    for (size_t i = 0; a && i < cols; i++) /* what is past the rows of a product */
        for (size_t k = rows; k < ld; k++)
            half[i * ld + k] = 0;
    if (b)
        matmul(room->matmul, &(struct product){.transpose_a = !p->transpose_b,
                                               .m = cols,
                                               .n = rows,
                                               .k = cols,
                                               .a = b,
                                               .lda = tensor_pad(cols),
                                               .b = half,
                                               .ldb = ld,
                                               .c = out,
                                               .ldc = ld});
    else
        for (size_t i = 0; i < v->n; i++)
            out[i] = half[i];
    for (size_t i = 0; b && i < cols; i++)
        for (size_t k = rows; k < ld; k++)
            out[i * ld + k] = 0;
}

#endif
