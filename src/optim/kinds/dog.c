/* DoG: distance over gradients. Ivgi, Hinder and Carmon 2023, algorithm 1 (arXiv:2302.12022), over
 * all weights together.
 *     r = max(r, |w - w0|), at first reps_rel (1 + |w0|)
 *     G = G + |g|^2, at first eps
 *     w = w - lr r / sqrt(G) g */
#include "optim/kinds/distance.h"

struct dog {
    struct optim_common common;
    double lr, reps_rel, eps;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { DISTANCE, SUM }; /* scalars */
enum { FIRST };         /* slots */

static void start(const void *options, double *scalar, struct optim_view *views, size_t count)
{
    const struct dog *o = options;
    double square = 0;
    distance_start(views, count, FIRST);
    for (size_t i = 0; i < count; i++)
        square += vec_sum_squares(views[i].w, views[i].n);
    scalar[DISTANCE] = o->reps_rel * (1 + sqrt(square));
    scalar[SUM] = o->eps;
}

static VECTORIZED(step_all,
                  (const void *options, const struct optim_now *now, struct optim_view *views,
                   size_t count),
                  (options, now, views, count))
{
    double far = 0, *s = now->scalar;
    (void)options;
    for (size_t i = 0; i < count; i++) {
        far += distance_squared(&views[i], FIRST, now->scratch);
        s[SUM] += vec_sum_squares(distance_gradient(&views[i], now->scratch), views[i].n);
    }
    s[DISTANCE] = fmax(s[DISTANCE], sqrt(far));
    float rate = s[SUM] > 0 ? (float)(now->lr * s[DISTANCE] / sqrt(s[SUM])) : 0;
    distance_descend(views, count, rate);
}

static const struct param params[] = {
    P_REAL(struct dog, lr, "1", AT_LEAST(0),
           "factor of the learning rate that is found; schedules move it", .role = PARAM_ROLE_LR),
    P_REAL(struct dog, reps_rel, "1e-6", AT_LEAST(1e-8),
           "first distance, as a share of 1 + the norm of the first weights"),
    P_REAL(struct dog, eps, "1e-8", AT_LEAST(0), "added to the sum of squared gradients"),
    OPTIM_DECAY(struct dog, "0", "L2 penalty added to the gradient"), P_END};

const struct optim_kind optim_dog = {
    .base =
        {
            .name = "dog",
            .title = "DoG: the step size is distance over gradients",
            .equation = "r = max(r, |w - w0|)    over all weights, at first reps_rel * (1 + |w0|)\n"
                        "G = G + |g|^2\n"
                        "w = w - lr * r / sqrt(G + eps) * g",
            .source = "Ivgi, Hinder and Carmon 2023, arXiv:2302.12022",
            .note =
                "Leave lr at 1. The authors evaluate an average of the weights: average: {name: ema} comes close to theirs. "
                "The first hundreds of updates may move hardly at all.",
            .params = params,
            .options_size = sizeof(struct dog),
        },
    .family = OPTIM_NO_LR,
    .time = "2 passes: the norms of all weights first",
    .slots = {{.name = "init_buffer"}},
    .scalars = {{.name = "rbar"}, {.name = "G"}},
    .start = start,
    .step_all = step_all,
    .scratch = distance_scratch,
};
