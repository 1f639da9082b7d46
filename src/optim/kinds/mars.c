/* MARS: AdamW on gradients with their variance reduced. Yuan et al. 2024, algorithms 1 and 2
 * (arXiv:2411.10438), the approximate form: the gradient of before stands for that of the old
 * weights on the new minibatch.
 *     c = g + gamma beta1 / (1 - beta1) (g - last g);  c = c / max(1, |c|)      for each tensor
 *     m = beta1 m + (1 - beta1) c,  v = beta2 v + (1 - beta2) c^2
 *     w = w - lr (m^ / (sqrt(v^) + eps) + weight_decay w)
 * Vectors take AdamW (lr_1d, betas_1d) unless optimize_1d. */
#include "num/vec.h"
#include "optim/kinds/adam.h"
#include <math.h>

struct mars {
    struct optim_common common;
    double lr, betas[2], eps, gamma;
    bool optimize_1d;
    double lr_1d, betas_1d[2];
    double weight_decay;
    uint32_t decay_exempt;
};

enum { M, V, LAST };

static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    (void)options;
    (void)role;
    return tensor_stored(s);
}

/* c of one tensor, into scratch. */
static VECTORIZED(correct,
                  (const struct mars *o, const struct optim_now *now, const struct optim_view *x),
                  (o, now, x))
{
    float *restrict c = now->scratch, *restrict last = x->slot[LAST];
    const float *restrict g = x->g;
    float share = (float)(o->gamma * now->momentum / (1 - now->momentum));
    for (size_t i = 0; i < x->n; i++) {
        c[i] = g[i] + share * (g[i] - last[i]);
        last[i] = g[i];
    }
    double norm = sqrt(vec_sum_squares(c, x->n));
    if (norm > 1)
        vec_scale(c, (float)(1 / norm), x->n);
}

static bool is_plain(const struct mars *o, const struct optim_view *x)
{
    return !tensor_is_matrix(x->role) && !o->optimize_1d;
}

/* A schedule moves lr_1d as it moves lr. */
static double lr_of(const struct mars *o, const struct optim_now *now, const struct optim_view *x)
{
    if (!is_plain(o, x))
        return now->lr;
    return o->lr_1d * (o->lr > 0 ? now->lr / o->lr : x->lr_factor);
}

static double shrink(const void *options, const struct optim_now *now, const struct optim_view *x)
{
    return 1 - lr_of(options, now, x) * x->decay;
}

static void step(const void *options, const struct optim_now *now, const struct optim_view *x)
{
    const struct mars *o = options;
    bool plain = is_plain(o, x);
    struct adam adamw = {.betas = {o->betas[0], plain ? o->betas_1d[1] : o->betas[1]},
                         .eps = o->eps,
                         .bias_correction = true};
    struct optim_now as_adamw = *now;
    struct optim_view view = *x;
    view.slot[2] = NULL; /* not amsgrad's */
    as_adamw.lr = lr_of(o, now, x);
    if (plain) {
        as_adamw.momentum = o->betas_1d[0];
    } else {
        correct(o, now, x);
        view.g = now->scratch;
    }
    adam_step(&adamw, &as_adamw, &view, true);
}

static const struct param params[] = {
    P_REAL(struct mars, lr, "0.003", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),
    P_PAIR(struct mars, betas, "[0.95, 0.99]", FROM_BELOW(0, 1),
           "decay of the first and second moment", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct mars, eps, "1e-8", AT_LEAST(0), "added to the denominator"),
    P_REAL(struct mars, gamma, "0.025", AT_LEAST(0), "strength of the correction; 0: AdamW"),
    P_BOOL(struct mars, optimize_1d, "false", "biases and norms the same way"),
    P_REAL(struct mars, lr_1d, "0.003", AT_LEAST(0), "learning rate of AdamW for vectors"),
    P_PAIR(struct mars, betas_1d, "[0.9, 0.95]", FROM_BELOW(0, 1), "their moments"),
    OPTIM_DECAY(struct mars, "0", "decoupled weight decay"),
    P_END};

const struct optim_kind optim_mars = {
    .base =
        {
            .name = "mars",
            .title = "MARS: AdamW with variance-reduced gradients",
            .equation = "c = g + gamma * beta1 / (1 - beta1) * (g - last g);  c = c / max(1, |c|)\n"
                        "m = beta1 * m + (1 - beta1) * c;  v = beta2 * v + (1 - beta2) * c^2\n"
                        "u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)\n"
                        "w = w - lr * (u + weight_decay * w)    (vectors: AdamW)",
            .source = "Yuan et al. 2024, algorithms 1 and 2, arXiv:2411.10438",
            .note =
                "The approximate form, which needs no second gradient. The first update takes last g as 0, as the "
                "authors' code does. There the vectors have a weight decay of their own; here decay_exempt spares them.",
            .params = params,
            .options_size = sizeof(struct mars),
        },
    .family = OPTIM_ADAPTIVE,
    .cautious = CAUTIOUS_AROUND,
    .decoupled = optim_always,
    .shrink = shrink,
    .time = "2 passes: a tensor's norm first",
    .slots = {{.name = "exp_avg", .fades = true}, {.name = "exp_avg_sq"}, {.name = "last_grad"}},
    .step = step,
    .scratch = scratch,
};
