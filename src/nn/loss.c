/* The loss: cross entropy of the softmax of a model's last values. */
#include "nn/model.h"
#include "num/math.h"
#include "util/progress.h"

enum { LANES = 16 };

/* Cross entropy -log softmax(z)[target] with label smoothing s over K classes:
 * (1 - s) (-log p_target) + s / K sum_k (-log p_k). Where dz is given: its gradient times scale. */
static double cross_entropy(const float *z, size_t classes, size_t target, double smoothing,
                            float scale, float *dz)
{
    float most = z[0], share = (float)(smoothing / (double)classes);
    double sum = 0, linear = 0;
    for (size_t k = 1; k < classes; k++)
        most = z[k] > most ? z[k] : most;
    for (size_t from = 0; from < classes; from += LANES) { /* rows are padded to whole lanes */
        float e[LANES];
        for (size_t k = 0; k < LANES; k++)
            e[k] = math_expf(z[from + k] - most);
        for (size_t k = 0; k < LANES && from + k < classes; k++) {
            sum += (double)e[k];
            linear += (double)(z[from + k] - most);
            if (dz)
                dz[from + k] = e[k];
        }
    }
    float inverse = (float)(1 / sum);
    for (size_t k = 0; dz && k < classes; k++) {
        float wanted = share + (k == target ? (float)(1 - smoothing) : 0.0f);
        dz[k] = (dz[k] * inverse - wanted) * scale;
    }
    double log_sum = math_log(sum), loss = log_sum - (double)(z[target] - most);
    if (smoothing > 0)
        loss = (1 - smoothing) * loss + smoothing * (log_sum - linear / (double)classes);
    return loss;
}

VECTORIZED_TO(double, model_loss,
              (const struct model *m, size_t n, double smoothing, double scale, float *delta),
              (m, n, smoothing, scale, delta))
{
    size_t ld;
    const float *z = model_logits(m, &ld);
    double loss = 0, began = m->seconds ? progress_now() : 0;
    for (size_t i = 0; i < n; i++) {
        float *dz = delta ? delta + i * ld : NULL;
        loss +=
            cross_entropy(z + i * ld, m->plan->classes, m->labels[i], smoothing, (float)scale, dz);
        for (size_t k = m->plan->classes; dz && k < ld; k++)
            dz[k] = 0;
    }
    if (m->seconds)
        m->seconds[MODEL_LOSS] += progress_now() - began;
    return loss;
}
