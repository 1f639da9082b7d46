/* Adan: Nesterov's momentum from differences of gradients. Xie et al. 2022, algorithm 1
 * (arXiv:2208.06677), with beta for the paper's 1 - beta and corrected as in the authors' code.
 *     d = g - (last g), 0 at the first update
 *     m = beta1 m + (1 - beta1) g
 *     v = beta2 v + (1 - beta2) d
 *     n = beta3 n + (1 - beta3) (g + beta2 d)^2
 *     u = (m^ + beta2 v^) / (sqrt(n^) + eps)         each hat: over 1 - its beta^t
 *     w = (w - lr u) / (1 + lr weight_decay)         no_prox: w (1 - lr weight_decay) - lr u */
#include "num/math.h"
#include "optim/optim.h"
#include <math.h>

struct adan {
    struct optim_common common;
    double lr, betas[2], beta3, eps;
    bool no_prox;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { M, V, N, LAST };

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *x),
                  (options, now, x))
{
    const struct adan *o = options;
    float *restrict w = x->w, *restrict m = x->slot[M], *restrict v = x->slot[V],
                    *restrict n = x->slot[N], *restrict last = x->slot[LAST];
    const float *restrict g = x->g;
    double t = (double)now->t, b1 = now->momentum, b2 = o->betas[1], b3 = o->beta3,
           decay = now->lr * x->decay;
    float beta1 = (float)b1, one_beta1 = (float)(1 - b1), beta2 = (float)b2,
          one_beta2 = (float)(1 - b2), beta3 = (float)b3, one_beta3 = (float)(1 - b3);
    float of_m = (float)(now->lr / (1 - math_pow(b1, t))),
          of_v = (float)(now->lr * b2 / (1 - math_pow(b2, t))),
          root = (float)(1 / sqrt(1 - math_pow(b3, t)));
    float before = o->no_prox ? (float)(1 - decay) : 1,
          after = o->no_prox ? 1 : (float)(1 / (1 + decay));
    float eps = optim_eps(o->eps), known = now->t > 1;
    /* Six arrays are more than a compiler compares at run time, whatever `restrict` says. */
    VECTORIZED_FOR(size_t i = 0; i < x->n; i++)
    {
        float gi = g[i], d = known * (gi - last[i]), sum = gi + beta2 * d;
        m[i] = beta1 * m[i] + one_beta1 * gi;
        v[i] = beta2 * v[i] + one_beta2 * d;
        n[i] = beta3 * n[i] + one_beta3 * sum * sum;
        last[i] = gi;
        w[i] = (w[i] * before - (of_m * m[i] + of_v * v[i]) / (sqrtf(n[i]) * root + eps)) * after;
    }
}

static double shrink(const void *options, const struct optim_now *now, const struct optim_view *v)
{
    double decay = now->lr * v->decay;
    return ((const struct adan *)options)->no_prox ? 1 - decay : 1 / (1 + decay);
}

static const struct param params[] = {
    P_REAL(struct adan, lr, "0.001", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct adan, betas, "[0.98, 0.92]", FROM_BELOW(0, 1),
           "decay of the gradients' mean and of their differences'", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct adan, beta3, "0.99", FROM_BELOW(0, 1), "decay of the second moment"),
    P_REAL(struct adan, eps, "1e-8", AT_LEAST(0), "added to the denominator"),
    P_BOOL(struct adan, no_prox, "false",
           "decay as AdamW does, not by the proximal step of the paper"),
    OPTIM_DECAY(struct adan, "0", "decoupled weight decay"),
    P_END};

const struct optim_kind optim_adan = {
    .base =
        {
            .name = "adan",
            .title = "Adan: Nesterov momentum of gradient differences",
            .equation =
                "d = g - last g    (0 at the first update)\n"
                "m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * d\n"
                "n = beta3 * n + (1 - beta3) * (g + beta2 * d)^2\n"
                "u = (m / (1 - beta1^t) + beta2 * v / (1 - beta2^t)) / (sqrt(n / (1 - beta3^t)) + eps)\n"
                "w = (w - lr * u) / (1 + lr * weight_decay)",
            .source = "Xie et al. 2022, algorithm 1, arXiv:2208.06677",
            .note =
                "The betas are 1 minus the paper's, as everyone writes them; the corrections are those of the authors' code. "
                "Takes learning rates five to ten times Adam's.",
            .params = params,
            .options_size = sizeof(struct adan),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_AROUND,
    .decoupled = optim_always,
    .shrink = shrink,
    .slots = {{.name = "exp_avg", .fades = true},
              {.name = "exp_avg_diff", .fades = true},
              {.name = "exp_avg_sq"},
              {.name = "pre_grad"}},
    .step = step,
    .elementwise = optim_always,
};
