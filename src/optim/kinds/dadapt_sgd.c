/* D-Adaptation for SGD with momentum. Defazio and Mishchenko 2023, algorithm 4 (arXiv:2301.07733), as
 * the authors' code has it, over all weights together. With |g1| the norm of the first gradient:
 *     a = d lr / |g1|
 *     r = r + a <g, s>,  s = s + a g
 *     d = max(d, min(2 r / |s|, d growth))
 *     w = momentum w + (1 - momentum) (w0 - s) */
#include "optim/kinds/distance.h"

struct dadapt_sgd {
    struct optim_common common;
    double lr, momentum, d0, growth;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { D, NUMERATOR, G0_NORM }; /* scalars */
enum { S, X0 };                 /* slots */

static void start(const void *options, double *scalar, struct optim_view *views, size_t count)
{
    scalar[D] = ((const struct dadapt_sgd *)options)->d0;
    distance_start(views, count, X0);
}

/* The norm of the first gradient, without its decay, that is not 0. */
static double first_norm(const struct optim_view *views, size_t count)
{
    double square = 0;
    for (size_t i = 0; i < count; i++)
        square += vec_sum_squares(views[i].g, views[i].n);
    return sqrt(square);
}

/* Adds to s; returns <g, s> of before, and adds |s|^2. */
static double gather(const struct optim_view *x, float a, float *sum, double *square)
{
    float *restrict s = x->slot[S];
    const float *restrict g = distance_gradient(x, sum);
    double dot = vec_dot(g, s, x->n);
    for (size_t i = 0; i < x->n; i++)
        s[i] += a * g[i];
    *square += vec_sum_squares(s, x->n);
    return dot;
}

static VECTORIZED(step_all,
                  (const void *options, const struct optim_now *now, struct optim_view *views,
                   size_t count),
                  (options, now, views, count))
{
    const struct dadapt_sgd *o = options;
    double *k = now->scalar, square = 0, dot = 0;
    if (!(k[G0_NORM] > 0))
        k[G0_NORM] = first_norm(views, count);
    if (!(k[G0_NORM] > 0))
        return;
    double a = k[D] * now->lr / k[G0_NORM];
    for (size_t i = 0; i < count; i++)
        dot += gather(&views[i], (float)(a * views[i].lr_factor), now->scratch, &square);
    k[NUMERATOR] += a * dot;
    if (now->lr > 0 && square > 0) {
        double found = 2 * k[NUMERATOR] / sqrt(square);
        k[D] = fmax(k[D], isnan(o->growth) ? found : fmin(found, k[D] * o->growth));
    }
    float mu = (float)now->momentum, one_mu = (float)(1 - now->momentum);
    for (size_t t = 0; t < count; t++) {
        if (!(views[t].lr_factor > 0))
            continue; /* mu w + (1 - mu) w rounds to something else */
        float *restrict w = views[t].w, *restrict s = views[t].slot[S],
                        *restrict x0 = views[t].slot[X0];
        for (size_t i = 0; i < views[t].n; i++)
            w[i] = mu * w[i] + one_mu * (x0[i] - s[i]);
    }
}

static const struct param params[] = {
    P_REAL(struct dadapt_sgd, lr, "1", AT_LEAST(0),
           "factor of the learning rate that is found; schedules move it", .role = PARAM_ROLE_LR),
    P_REAL(struct dadapt_sgd, momentum, "0", FROM_BELOW(0, 1),
           "share of the last weights in the average", .role = PARAM_ROLE_MOMENTUM),
    P_REAL(struct dadapt_sgd, d0, "1e-6", AT_LEAST(1e-15), "first guess of the distance"),
    P_REAL(struct dadapt_sgd, growth, "null", AT_LEAST(1),
           "largest growth of d in an update; null: any", .nullable = true),
    OPTIM_DECAY(struct dadapt_sgd, "0", "L2 penalty added to the gradient"),
    P_END};

const struct optim_kind optim_dadapt_sgd = {
    .base =
        {
            .name = "dadapt_sgd",
            .title = "D-Adaptation: SGD without a learning rate to find",
            .equation = "a = d * lr / |first g|    over all weights\n"
                        "r = r + a * <g, s>;  s = s + a * g\n"
                        "d = max(d, 2 * r / |s|)\n"
                        "w = momentum * w + (1 - momentum) * (w0 - s)",
            .source = "Defazio and Mishchenko 2023, algorithm 4, arXiv:2301.07733",
            .note =
                "Leave lr at 1 and give it the schedule that SGD would have. The first g is without its weight decay in |first g| "
                "alone, as in the authors' code. One d for all: a group's factor of lr is in its s, and so in r and |s|; the "
                "authors' code takes the factors 0 and 1 alone. With lookahead w0 and s count the fast steps: "
                "the next update keeps of the slow weights the share momentum, with momentum 0 nothing.",
            .params = params,
            .options_size = sizeof(struct dadapt_sgd),
        },
    .family = OPTIM_NO_LR,
    .time = "2 passes: sums over all weights first",
    .slots = {{.name = "s"}, {.name = "x0"}},
    .scalars = {{.name = "d"}, {.name = "numerator_weighted"}, {.name = "g0_norm"}},
    .start = start,
    .step_all = step_all,
    .scratch = distance_scratch,
};
