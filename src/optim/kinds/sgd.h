/* What sgd, momentum and nesterov share: one update, three sets of defaults. */
#ifndef DESCENT_OPTIM_KINDS_SGD_H
#define DESCENT_OPTIM_KINDS_SGD_H

#include "optim/optim.h"

enum momentum_form { LR_OUTSIDE, LR_INSIDE };
extern const char *const momentum_forms[];

struct sgd {
    struct optim_common common;
    double lr, momentum, dampening;
    bool nesterov;
    int momentum_form;
    double weight_decay;
    uint32_t decay_exempt;
};

/* The step of sgd, momentum and nesterov. */
void sgd_step(const void *options, const struct optim_now *now, const struct optim_view *v);
/* Whether the options ask for momentum, which has a slot. */
bool sgd_has_momentum(const void *options);
/* Whether momentum alone makes the step, or none. */
bool sgd_is_heavy_ball(const void *options);
/* The kind's check: NULL, or why the options contradict each other, and the key to blame. */
const char *sgd_check(const void *options, const char **ret_key);

#define SGD_PARAMS(momentum_, nesterov_)                                                                        \
    P_REAL(struct sgd, lr, "0.1", AT_LEAST(0), "learning rate", .role = PARAM_ROLE_LR),                         \
        P_REAL(struct sgd, momentum, momentum_, FROM_BELOW(0, 1),                                               \
               "share of the last velocity kept", .role = PARAM_ROLE_MOMENTUM),                                 \
        P_REAL(struct sgd, dampening, "0", FROM_TO(0, 1),                                                       \
               "share of the gradient kept out of the velocity"),                                               \
        P_BOOL(struct sgd, nesterov, nesterov_, "look ahead along the velocity"),                               \
        P_CHOICE(                                                                                               \
            struct sgd, momentum_form, "lr_outside", momentum_forms,                                            \
            "where lr multiplies: the velocity (PyTorch), or the gradient going into it (Caffe, the lecture)"), \
        OPTIM_DECAY(struct sgd, "0", "L2 penalty added to the gradient")

#define SGD_SLOTS                                                                                  \
    {                                                                                              \
        {                                                                                          \
            .name = "momentum_buffer", .used = sgd_has_momentum, .fades = true                     \
        }                                                                                          \
    }

#endif
