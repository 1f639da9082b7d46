/* The loss: cross entropy of the softmax of a model's last values. */
#include "nn/model.h"
#include "num/math.h"
#include "util/clock.h"

enum { LANES = 16, ROWS = 64 };

struct row {
    const float *z;
    float *dz; /* its gradient, or NULL */
    size_t classes, target;
};

/* A row's values less the largest, y_k = z_k - max z: the sum of their exponentials, the target's,
 * and their sum, which smoothing alone wants. */
struct sums {
    double exponentials[ROWS], target[ROWS], linear[ROWS];
};

/* Where there is a dz, it gets the exponentials. */
static inline __attribute__((always_inline)) double sum_exponentials(const struct row *r,
                                                                     float most)
{
    double sum = 0;
    for (size_t from = 0; from < r->classes; from += LANES) { /* rows are padded to whole lanes */
        float e[LANES];
        for (size_t k = 0; k < LANES; k++)
            e[k] = math_expf(r->z[from + k] - most);
        for (size_t k = 0; k < LANES && from + k < r->classes; k++) {
            sum += (double)e[k];
            if (r->dz)
                r->dz[from + k] = e[k];
        }
    }
    return sum;
}

static inline __attribute__((always_inline)) void sum_row(const struct row *r, double smoothing,
                                                          struct sums *ret, size_t i)
{
    float most = r->z[0];
    for (size_t k = 1; k < r->classes; k++)
        most = r->z[k] > most ? r->z[k] : most;
    ret->exponentials[i] = sum_exponentials(r, most);
    ret->target[i] = (double)(r->z[r->target] - most);
    ret->linear[i] = 0;
    for (size_t k = 0; smoothing > 0 && k < r->classes; k++)
        ret->linear[i] += (double)(r->z[k] - most);
}

/* The gradient times scale, in the place of the exponentials, of which `sum` is the sum; 0 in
 * padding. */
static inline __attribute__((always_inline)) void
give_gradient(const struct row *r, double sum, size_t ld, double smoothing, float scale)
{
    float inverse = (float)(1 / sum), share = (float)(smoothing / (double)r->classes);
    for (size_t k = 0; k < r->classes; k++) {
        float wanted = share + (k == r->target ? (float)(1 - smoothing) : 0.0f);
        r->dz[k] = (r->dz[k] * inverse - wanted) * scale;
    }
    for (size_t k = r->classes; k < ld; k++)
        r->dz[k] = 0;
}

/* Cross entropy -log softmax(z)[target] with label smoothing s over K classes:
 * (1 - s) (-log p_target) + s / K sum_k (-log p_k); of n rows, in their order. */
static inline __attribute__((always_inline)) double
add_losses(const struct sums *r, size_t n, size_t classes, double smoothing, double loss)
{
    double log_sum[ROWS];
    for (size_t i = 0; i < ROWS; i++) { /* a sum is 1 or more, or not finite */
        double sum = r->exponentials[i], of = sum < 0x1p1000 ? sum : 1;
        log_sum[i] = sum < 0x1p1000 ? math_log_normal(of) : sum;
    }
    for (size_t i = 0; i < n; i++) {
        double one = log_sum[i] - r->target[i];
        loss += smoothing > 0 ? (1 - smoothing) * one +
                                    smoothing * (log_sum[i] - r->linear[i] / (double)classes)
                              : one;
    }
    return loss;
}

VECTORIZED_TO(double, model_loss,
              (const struct model *m, size_t n, double smoothing, double scale, float *delta),
              (m, n, smoothing, scale, delta))
{
    size_t ld, classes = m->plan->classes;
    const float *z = model_logits(m, &ld);
    double loss = 0, began = m->seconds ? clock_monotonic() : 0;
    struct sums sums;
    for (size_t i = 0; i < ROWS; i++)
        sums.exponentials[i] = 1;
    for (size_t first = 0; first < n; first += ROWS) {
        size_t count = n - first < ROWS ? n - first : ROWS;
        for (size_t i = 0; i < count; i++) {
            size_t at = (first + i) * ld;
            const struct row r = {z + at, delta ? delta + at : NULL, classes, m->labels[first + i]};
            sum_row(&r, smoothing, &sums, i);
            if (r.dz)
                give_gradient(&r, sums.exponentials[i], ld, smoothing, (float)scale);
        }
        loss = add_losses(&sums, count, classes, smoothing, loss);
    }
    if (m->seconds)
        m->seconds[MODEL_LOSS] += clock_monotonic() - began;
    return loss;
}
