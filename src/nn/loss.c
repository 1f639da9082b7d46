/* The loss: cross entropy of the softmax of a model's last values. */
#include "nn/model.h"
#include "num/math.h"
#include "util/progress.h"

enum { LANES = 16, ROWS = 64 };

/* A row's values less the largest, y_k = z_k - max z: the sum of their exponentials, the target's, and
 * their sum, which smoothing alone wants. */
struct rows {
    double exponentials[ROWS], target[ROWS], linear[ROWS];
};

/* Where dz is given, it gets the exponentials. */
static inline __attribute__((always_inline)) double sum_exponentials(const float *z, size_t classes,
                                                                     float most, float *dz)
{
    double sum = 0;
    for (size_t from = 0; from < classes; from += LANES) { /* rows are padded to whole lanes */
        float e[LANES];
        for (size_t k = 0; k < LANES; k++)
            e[k] = math_expf(z[from + k] - most);
        for (size_t k = 0; k < LANES && from + k < classes; k++) {
            sum += (double)e[k];
            if (dz)
                dz[from + k] = e[k];
        }
    }
    return sum;
}

/* The gradient times scale, in the place of the exponentials, and 0 in padding. */
static inline __attribute__((always_inline)) void give_gradient(double sum, size_t classes,
                                                                size_t ld, size_t target,
                                                                double smoothing, float scale,
                                                                float *dz)
{
    float inverse = (float)(1 / sum), share = (float)(smoothing / (double)classes);
    for (size_t k = 0; k < classes; k++) {
        float wanted = share + (k == target ? (float)(1 - smoothing) : 0.0f);
        dz[k] = (dz[k] * inverse - wanted) * scale;
    }
    for (size_t k = classes; k < ld; k++)
        dz[k] = 0;
}

static inline __attribute__((always_inline)) void sum_row(const float *z, size_t classes,
                                                          size_t target, double smoothing,
                                                          float *dz, struct rows *ret, size_t i)
{
    float most = z[0];
    for (size_t k = 1; k < classes; k++)
        most = z[k] > most ? z[k] : most;
    ret->exponentials[i] = sum_exponentials(z, classes, most, dz);
    ret->target[i] = (double)(z[target] - most);
    ret->linear[i] = 0;
    for (size_t k = 0; smoothing > 0 && k < classes; k++)
        ret->linear[i] += (double)(z[k] - most);
}

/* Cross entropy -log softmax(z)[target] with label smoothing s over K classes:
 * (1 - s) (-log p_target) + s / K sum_k (-log p_k); of n rows, in their order. */
static inline __attribute__((always_inline)) double
add_losses(const struct rows *r, size_t n, size_t classes, double smoothing, double loss)
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
    double loss = 0, began = m->seconds ? progress_now() : 0;
    struct rows rows;
    for (size_t i = 0; i < ROWS; i++)
        rows.exponentials[i] = 1;
    for (size_t first = 0; first < n; first += ROWS) {
        size_t count = n - first < ROWS ? n - first : ROWS;
        for (size_t i = 0; i < count; i++) {
            size_t target = m->labels[first + i];
            float *dz = delta ? delta + (first + i) * ld : NULL;
            sum_row(z + (first + i) * ld, classes, target, smoothing, dz, &rows, i);
            if (dz)
                give_gradient(rows.exponentials[i], classes, ld, target, smoothing, (float)scale,
                              dz);
        }
        loss = add_losses(&rows, count, classes, smoothing, loss);
    }
    if (m->seconds)
        m->seconds[MODEL_LOSS] += progress_now() - began;
    return loss;
}
