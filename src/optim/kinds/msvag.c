/* M-SVAG: momentum with each weight's step shrunk by the variance of its gradient. Balles and Hennig
 * 2018, algorithm 2 (arXiv:1705.07774).
 *     m = beta m + (1 - beta) g,  v = beta v + (1 - beta) g^2;  m^ and v^: over 1 - beta^t
 *     rho = (1 - beta) (1 + beta^t) / ((1 + beta) (1 - beta^t))
 *     s = (v^ - m^^2) / (1 - rho)                  0 at the first update, where rho is 1
 *     w = w - lr m^^2 / (m^^2 + rho s) m^
 * s is never taken as negative, which rounding could make it. */
#include "num/math.h"
#include "optim/optim.h"

struct msvag {
    struct optim_common common;
    double lr, beta;
    double weight_decay;
    uint32_t decay_exempt;
};

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *x),
                  (options, now, x))
{
    float *restrict w = x->w, *restrict m = x->slot[0], *restrict v = x->slot[1];
    const float *restrict g = x->g;
    double b = now->momentum, power = math_pow(b, (double)now->t);
    double rho = (1 - b) * (1 + power) / ((1 + b) * (1 - power));
    float beta = (float)b, one_beta = (float)(1 - b), mean = (float)(1 / (1 - power));
    float noise = (float)(now->t > 1 && rho < 1 ? rho / (1 - rho) : 0);
    float lr = (float)now->lr, decay = (float)x->decay;
    (void)options;
    for (size_t i = 0; i < x->n; i++) {
        float gi = g[i] + decay * w[i];
        m[i] = beta * m[i] + one_beta * gi;
        v[i] = beta * v[i] + one_beta * gi * gi;
        float mi = m[i] * mean, square = mi * mi, spread = v[i] * mean - square;
        float whole = square + noise * (spread > 0 ? spread : 0);
        w[i] -= whole > 0 ? lr * (square / whole) * mi : 0;
    }
}

static const struct param params[] = {
    P_REAL(struct msvag, lr, "0.01", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_REAL(struct msvag, beta, "0.9", FROM_BELOW(0, 1), "decay of both moments",
           .role = PARAM_ROLE_MOMENTUM),
    OPTIM_DECAY(struct msvag, "0", "L2 penalty added to the gradient"), P_END};

const struct optim_kind optim_msvag = {
    .base =
        {
            .name = "msvag",
            .title = "M-SVAG: momentum adapted to each gradient's variance",
            .equation = "m = beta * m + (1 - beta) * g;  v = beta * v + (1 - beta) * g^2\n"
                        "M = m / (1 - beta^t);  V = v / (1 - beta^t)\n"
                        "rho = (1 - beta) * (1 + beta^t) / ((1 + beta) * (1 - beta^t))\n"
                        "s = (V - M^2) / (1 - rho)    (0 at the first update)\n"
                        "w = w - lr * M^2 / (M^2 + rho * s) * M",
            .source = "Balles and Hennig 2018, algorithm 2, arXiv:1705.07774",
            .note =
                "Learning rates are SGD's. Where a gradient is all noise the weight stands still.",
            .params = params,
            .options_size = sizeof(struct msvag),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_AROUND,
    .slots = {{.name = "exp_avg", .fades = true}, {.name = "exp_avg_sq"}},
    .step = step,
    .elementwise = optim_always,
};
