/* What adam and adamw share. */
#ifndef DESCENT_OPTIM_KINDS_ADAM_H
#define DESCENT_OPTIM_KINDS_ADAM_H

#include "optim/optim.h"

enum eps_mode { EPS_OUTSIDE, EPS_HAT };
extern const char *const eps_modes[];

struct adam {
    struct optim_common common;
    double lr, betas[2], eps;
    bool amsgrad, bias_correction;
    int eps_mode;
    double weight_decay;
    uint32_t decay_exempt;
};

/* The step of adam, and of adamw (decoupled: the weights decay by themselves). */
void adam_step(const void *options, const struct optim_now *now, const struct optim_view *v,
               bool decoupled);
/* Whether the options ask for AMSGrad, which has a slot more. */
bool adam_is_amsgrad(const void *options);

#define ADAM_PARAMS(decay_, decay_help)                                                                                    \
    P_REAL(struct adam, lr, "0.001", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),                                 \
        P_PAIR(struct adam, betas, "[0.9, 0.999]", FROM_BELOW(0, 1),                                                       \
               "decay of the first and second moment", .role = PARAM_ROLE_MOMENTUM),                                       \
        P_REAL(struct adam, eps, "1e-8", AT_LEAST(0), "added to the denominator"),                                         \
        P_BOOL(struct adam, amsgrad, "false",                                                                              \
               "divide by the largest second moment so far (Reddi et al. 2018)"),                                          \
        P_BOOL(struct adam, bias_correction, "true", "divide the moments by 1 - beta^t"),                                  \
        P_CHOICE(                                                                                                          \
            struct adam, eps_mode, "outside", eps_modes,                                                                   \
            "outside: eps beside the corrected root (the paper's algorithm 1); hat: beside the plain one (Keras, Caffe)"), \
        OPTIM_DECAY(struct adam, decay_, decay_help)

#define ADAM_SLOTS                                                                                 \
    {                                                                                              \
        {.name = "exp_avg", .fades = true}, {.name = "exp_avg_sq"},                                \
        {                                                                                          \
            .name = "max_exp_avg_sq", .used = adam_is_amsgrad                                      \
        }                                                                                          \
    }

#endif
