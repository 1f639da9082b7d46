/* Fromage: each tensor turns by an angle. Bernstein et al. 2020, algorithm 1 (arXiv:2002.03432).
 *     w = (w - lr |w| / |g| g) / sqrt(1 + lr^2)      |w| / |g| is 1 where either is 0 */
#include "num/vec.h"
#include "optim/optim.h"
#include <math.h>

struct fromage {
    struct optim_common common;
    double lr;
};

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    float *restrict w = v->w;
    const float *restrict g = v->g;
    double of_w = sqrt(vec_sum_squares(w, v->n)), of_g = sqrt(vec_sum_squares(g, v->n));
    double whole = 1 / sqrt(1 + now->lr * now->lr);
    float size = (float)(now->lr * (of_w > 0 && of_g > 0 ? of_w / of_g : 1));
    float shrink = (float)whole;
    (void)options;
    for (size_t i = 0; i < v->n; i++)
        w[i] = (w[i] - size * g[i]) * shrink;
}

static const struct param params[] = {
    P_REAL(struct fromage, lr, "0.01", AT_LEAST(0),
           "learning rate: how far a tensor moves, as a share of its norm", .role = PARAM_ROLE_LR),
    P_END};

const struct optim_kind optim_fromage = {
    .base =
        {
            .name = "fromage",
            .title = "Fromage: every tensor moves by a share of its norm",
            .equation = "w = (w - lr * |w| / |g| * g) / sqrt(1 + lr^2)    for each tensor;\n"
                        "|w| / |g| is 1 where either is 0",
            .source = "Bernstein et al. 2020, algorithm 1, arXiv:2002.03432",
            .note =
                "The division keeps norms from growing; it shrinks the weights even where the gradient is 0. "
                "Its one number hardly needs a search: 0.01 is the authors'.",
            .params = params,
            .options_size = sizeof(struct fromage),
        },
    .family = OPTIM_ADAPTIVE,
    .time = "2 passes: a tensor's norms first",
    .step = step,
};
