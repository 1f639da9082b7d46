/* DoWG: distance over weighted gradients. Khaled, Mishchenko and Jin 2023, algorithm 1
 * (arXiv:2305.16284), over all weights together, eps as in the authors' code.
 *     R = max(R, |w - w0|^2), at first eps
 *     V = V + R |g|^2
 *     w = w - lr R / (sqrt(V) + eps) g */
#include "optim/kinds/distance.h"

struct dowg {
    struct optim_common common;
    double lr, eps;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { SQUARE, SUM }; /* scalars */
enum { FIRST };       /* slots */

static void start(const void *options, double *scalar, struct optim_view *views, size_t count)
{
    scalar[SQUARE] = ((const struct dowg *)options)->eps;
    distance_start(views, count, FIRST);
}

static VECTORIZED(step_all,
                  (const void *options, const struct optim_now *now, struct optim_view *views,
                   size_t count),
                  (options, now, views, count))
{
    const struct dowg *o = options;
    double far = 0, square = 0, *s = now->scalar;
    for (size_t i = 0; i < count; i++) {
        far += distance_squared(&views[i], FIRST, now->scratch);
        square += vec_sum_squares(distance_gradient(&views[i], now->scratch), views[i].n);
    }
    s[SQUARE] = fmax(s[SQUARE], far);
    s[SUM] += s[SQUARE] * square;
    float rate = (float)(now->lr * s[SQUARE] / (sqrt(s[SUM]) + o->eps));
    distance_descend(views, count, rate);
}

static const struct param params[] = {
    P_REAL(struct dowg, lr, "1", AT_LEAST(0),
           "factor of the learning rate that is found; schedules move it", .role = PARAM_ROLE_LR),
    P_REAL(struct dowg, eps, "1e-4", AT_LEAST(1e-16),
           "square of the first distance, and added to the denominator"),
    OPTIM_DECAY(struct dowg, "0", "L2 penalty added to the gradient"), P_END};

const struct optim_kind optim_dowg = {
    .base =
        {
            .name = "dowg",
            .title = "DoWG: distance over weighted gradients",
            .equation = "R = max(R, |w - w0|^2)    over all weights, at first eps\n"
                        "V = V + R * |g|^2\n"
                        "w = w - lr * R / (sqrt(V) + eps) * g",
            .source = "Khaled, Mishchenko and Jin 2023, algorithm 1, arXiv:2305.16284",
            .note = "Leave lr at 1. As DoG, with late gradients counting for more.",
            .params = params,
            .options_size = sizeof(struct dowg),
        },
    .family = OPTIM_NO_LR,
    .time = "2 passes: the norms of all weights first",
    .slots = {{.name = "init_buffer"}},
    .scalars = {{.name = "distance_squared"}, {.name = "sum"}},
    .start = start,
    .step_all = step_all,
    .scratch = distance_scratch,
};
