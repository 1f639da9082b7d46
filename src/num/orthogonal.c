#include "num/orthogonal.h"
#include "num/math.h"
#include "util/processor.h"
#include <float.h>
#include <math.h>
#include <string.h>

size_t orthogonal_work(size_t n)
{
    return n * n + 3 * n;
}

/* Eight lanes, whatever the processor's are. */
static inline double dot(const double *x, const double *y, size_t n)
{
    double lane[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; k++)
            lane[k] += x[i + k] * y[i + k];
    for (size_t k = 0; i + k < n; k++)
        lane[k] += x[i + k] * y[i + k];
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static inline void add_times(double *restrict x, double a, const double *restrict y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] += a * y[i];
}

static inline void scale(double *x, double a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] *= a;
}

/* ---- eigenvectors ---- */

/* Column k of the lower triangle becomes (d[k], e[k], 0, ...); its reflection 1 - v v' (|v|^2 = 2)
 * is kept as row k of v, from element k + 1 on. p: room for n. */
static VECTORIZED(tridiagonal, (size_t n, double *a, double *v, double *d, double *e, double *p),
                  (n, a, v, d, e, p))
{
    memset(v, 0, n * n * sizeof *v);
    for (size_t k = 0; k < n; k++) {
        d[k] = a[k * n + k];
        e[k] = k + 2 == n ? a[(n - 1) * n + k] : 0;
        if (k + 2 >= n)
            continue;
        double *u = v + k * n + k + 1, *sub = a + (k + 1) * n + k + 1;
        size_t m = n - k - 1;
        for (size_t i = 0; i < m; i++)
            u[i] = a[(k + 1 + i) * n + k];
        double norm = sqrt(dot(u, u, m));
        if (!(norm > 0))
            continue;
        e[k] = u[0] > 0 ? -norm : norm;
        u[0] -= e[k];
        scale(u, sqrt(2 / dot(u, u, m)), m);
        for (size_t i = 0; i < m; i++)
            p[i] = dot(sub + i * n, u, m);
        add_times(p, -0.5 * dot(u, p, m), u, m);
        for (size_t i = 0; i < m; i++) {
            add_times(sub + i * n, -u[i], p, m);
            add_times(sub + i * n, -p[i], u, m);
        }
    }
}

static inline void rotate(double *restrict x, double *restrict y, double c, double s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double xi = x[i], yi = y[i];
        x[i] = c * xi - s * yi;
        y[i] = s * xi + c * yi;
    }
}

/* One QL step on rows first to last, whose coupling e[last] is 0. */
static inline void step(size_t n, size_t first, size_t last, double *d, double *e, double *z)
{
    double half = (d[first + 1] - d[first]) / (2 * e[first]), r = math_hypot(half, 1);
    double g = d[last] - d[first] + e[first] / (half + (half < 0 ? -r : r)), s = 1, c = 1, p = 0;
    for (size_t i = last; i-- > first;) {
        double f = s * e[i], b = c * e[i];
        e[i + 1] = r = math_hypot(f, g);
        if (!(r > 0)) { /* the matrix has come apart here */
            d[i + 1] -= p;
            e[last] = 0;
            return;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        rotate(z + i * n, z + (i + 1) * n, c, s, n);
    }
    d[first] -= p;
    e[first] = g;
    e[last] = 0;
}

static inline size_t end_of_block(size_t n, size_t first, const double *d, const double *e)
{
    size_t last = first;
    while (last + 1 < n && fabs(e[last]) > DBL_EPSILON * (fabs(d[last]) + fabs(d[last + 1])))
        last++;
    return last;
}

static VECTORIZED(diagonal, (size_t n, double *d, double *e, double *z), (n, d, e, z))
{
    for (size_t i = 0; i < n * n; i++)
        z[i] = i % (n + 1) == 0;
    for (size_t first = 0; first < n; first++)
        for (int tries = 0; tries < 60; tries++) {
            size_t last = end_of_block(n, first, d, e);
            if (last == first)
                break;
            step(n, first, last, d, e, z);
        }
}

static VECTORIZED(reflect, (size_t n, const double *v, double *z), (n, v, z))
{
    for (size_t row = 0; row < n; row++)
        for (size_t k = n; k-- > 0;) {
            const double *u = v + k * n;
            add_times(z + row * n + k, -dot(u + k, z + row * n + k, n - k), u + k, n - k);
        }
}

/* Rows in order of their values; of equal ones the first first. */
static void sort(size_t n, double *values, double *z, double *room)
{
    for (size_t i = 0; i < n; i++) {
        size_t best = i;
        for (size_t k = i + 1; k < n; k++)
            best = values[k] > values[best] ? k : best;
        double value = values[best];
        memcpy(room, z + best * n, n * sizeof *z);
        memmove(z + (i + 1) * n, z + i * n, (best - i) * n * sizeof *z);
        memmove(values + i + 1, values + i, (best - i) * sizeof *values);
        memcpy(z + i * n, room, n * sizeof *z);
        values[i] = value;
    }
}

void orthogonal_eigen(size_t n, double *a, double *z, double *values, double *work)
{
    double *v = work, *e = work + n * n, *room = e + n;
    tridiagonal(n, a, v, values, e, room);
    diagonal(n, values, e, z);
    reflect(n, v, z);
    sort(n, values, z, room);
}

/* ---- orthonormal rows ---- */

/* Takes what the kept rows have of it from row j, and makes its length 1; whether more than `least`
 * of it was left. */
static inline int fit(size_t n, double *q, const double *kept, size_t j, double least)
{
    double *x = q + j * n, left = 0;
    for (int twice = 0; twice < 2; twice++)
        for (size_t i = 0; i < n; i++)
            if (kept[i] > 0 && i != j)
                add_times(x, -dot(q + i * n, x, n), q + i * n, n);
    left = sqrt(dot(x, x, n));
    if (!(left > least))
        return 0;
    scale(x, 1 / left, n);
    return 1;
}

static inline size_t furthest(size_t n, const double *q, const double *kept, double *share)
{
    size_t best = 0;
    memset(share, 0, n * sizeof *share);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; kept[i] > 0 && k < n; k++)
            share[k] += q[i * n + k] * q[i * n + k];
    for (size_t k = 0; k < n; k++)
        best = share[k] < share[best] - 1e-6 ? k : best;
    return best;
}

VECTORIZED(orthogonal_rows,
           (size_t n, double *q, const double *instead, double least, double *work),
           (n, q, instead, least, work))
{
    double *kept = work, *share = work + n;
    memset(kept, 0, n * sizeof *kept);
    for (size_t j = 0; j < n; j++)
        kept[j] = fit(n, q, kept, j, least);
    for (size_t j = 0; j < n; j++) {
        if (kept[j] > 0)
            continue;
        if (instead) {
            memcpy(q + j * n, instead + j * n, n * sizeof *q);
            kept[j] = fit(n, q, kept, j, 1e-3);
        }
        if (kept[j] > 0)
            continue;
        size_t unit = furthest(n, q, kept, share);
        for (size_t k = 0; k < n; k++)
            q[j * n + k] = k == unit;
        fit(n, q, kept, j, 0);
        kept[j] = 1;
    }
}
