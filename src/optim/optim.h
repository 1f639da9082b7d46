/* Optimizers: one file each, a const descriptor at its end, a word in meson.build. */
#ifndef DESCENT_OPTIM_OPTIM_H
#define DESCENT_OPTIM_OPTIM_H

#include "config/param.h"
#include "num/matmul.h"
#include "num/tensor.h"
#include "util/processor.h"
#include <stddef.h>
#include <stdint.h>

#define OPTIM_MAX_SLOTS 16
#define OPTIM_MAX_SCALARS 8

/* One tensor as an optimizer sees it: n stored floats each (padding included: zero weight and
 * gradient), not overlapping. See num/tensor.h for rows, cols, ld. */
struct optim_view {
    float *restrict w;
    const float *restrict g;
    float *slot[OPTIM_MAX_SLOTS + 1]; /* this kind's state, in the order of its slots */
    size_t n;                         /* of an elementwise step perhaps some columns only */
    struct tensor_shape shape;        /* of the whole tensor */
    enum tensor_role role;
    double decay; /* weight decay of this tensor now: the schedule's, or 0 where exempt */
    /* Its group's: now.lr has it for `step`, not for `before` and `step_all`. Of 0 the tensor is
     * not trained and keeps its bits: `step` is not called, `step_all` sees to it. */
    double lr_factor;
};

/* Factors of some tensors: roles, or names with '*'. */
struct optim_group {
    size_t n;
    const char **tensor;
    double lr, weight_decay;
};
struct optim_groups {
    size_t n;
    struct optim_group *v;
};
struct optim_lookahead {
    bool on;
    int64_t steps;
    double alpha;
};
/* Keys that every optimizer has: what each options struct begins with. */
struct optim_common {
    struct optim_groups groups;
    struct optim_lookahead lookahead;
    bool cautious;
};
static inline const struct optim_common *optim_common(const void *options)
{
    return options;
}
/* The key `groups`. */
extern const struct param optim_group_params[];
/* The `read` of the row: fills a struct optim_groups. */
bool optim_read_groups(struct binder *b, const struct param *p, const struct node *value,
                       void *field);
/* The `write` of the row. */
void optim_write_groups(const void *field, struct strbuf *out);

/* What holds for this update; t counts updates from 1. lr, momentum (or beta1) and weight decay
 * come from the schedules. last_lr: that of the update before, without a group's factor; 0 at the
 * first. scalar: the kind's own numbers, saved with the checkpoint. scratch: as much as the kind
 * asked for, for the duration of one call. matmul: for matrix products; step must not use it, whose
 * tensors a team may share already. */
struct optim_now {
    uint64_t t;
    double lr, last_lr, momentum;
    double *scalar;
    float *scratch;
    const struct matmul *matmul;
};

struct optim_slot {
    const char
        *name; /* checkpoint name, PyTorch's where PyTorch has this state; NULL ends the list */
    double initial; /* every element's first value (padding too) */
    /* Number of floats for a tensor of this shape; NULL: as many as the weights, stored alike. */
    size_t (*size)(const struct tensor_shape *s);
    /* Which tensors have it (NULL: all), and whether these options need it at all (NULL:
     * always). */
    bool (*has)(enum tensor_role role, const struct tensor_shape *s);
    bool (*used)(const void *options);
    /* A mean of gradients that only its size leaves: without a gradient it fades, and what is below
     * 2^-126 may be 0. Not where an update takes its sign or divides by it. */
    bool fades;
};

struct optim_scalar {
    const char *name; /* NULL ends the list */
    double initial;
};

/* How lists group them. */
enum optim_family {
    OPTIM_LECTURE,
    OPTIM_ADAPTIVE,
    OPTIM_NO_LR,
    OPTIM_SECOND_ORDER,
    OPTIM_SIGN,
    OPTIM_AVERAGING,
    OPTIM_OWN,
    OPTIM_FAMILIES
};
extern const char *const optim_family_names[OPTIM_FAMILIES];

/* How a step is masked where it is cautious. */
enum optim_cautious {
    CAUTIOUS_NEVER,  /* no momentum, or one of weights and not of gradients */
    CAUTIOUS_AROUND, /* from outside: the weights enter `step` by their decay alone */
    CAUTIOUS_CHANGE, /* from outside, by how `step` changes the weights, decay and all */
    CAUTIOUS_OWN     /* the kind calls cautious_mask (optim/wrappers.h) */
};

struct optim_kind {
    struct kind base;
    enum optim_family family;
    const char *time; /* of an update, in words; NULL: one pass over the weights */
    /* Of CAUTIOUS_AROUND: decoupled, whether the decay is AdamW's (NULL: L2); shrink, what the
     * weights are then multiplied by (NULL: 1 - lr decay). */
    enum optim_cautious cautious;
    bool (*decoupled)(const void *options);
    double (*shrink)(const void *options, const struct optim_now *now, const struct optim_view *v);
    struct optim_slot slots[OPTIM_MAX_SLOTS + 1];
    /* The slots of these options (ended by a NULL name), where they are not the kind's own; else
     * NULL. */
    const struct optim_slot *(*slots_of)(const void *options);
    struct optim_scalar scalars[OPTIM_MAX_SCALARS + 1];
    /* Once, before the first update, after the slots got their initial values (rprop's step,
     * prodigy's w0); may be NULL. */
    void (*start)(const void *options, double *scalar, struct optim_view *views, size_t count);
    /* The update: exactly one of the two. `step` sees one tensor; scalars are read-only there and
     * `before` (may be NULL), called once per update ahead of all step calls, changes them.
     * `step_all` sees every tensor and may change scalars. */
    void (*before)(const void *options, const struct optim_now *now);
    void (*step)(const void *options, const struct optim_now *now, const struct optim_view *v);
    void (*step_all)(const void *options, const struct optim_now *now, struct optim_view *views,
                     size_t count);
    /* Whether `step` makes each weight of its own numbers alone, so that it can be given some
     * columns of a tensor; NULL: never. */
    bool (*elementwise)(const void *options);
    /* Whether an update reads the lr, momentum or weight decay; NULL: what the kind has. */
    bool (*reads)(const void *options, enum param_role role);
    /* Whether these options make it the heavy ball and nothing else, whose best rate on a quadratic
     * is known; NULL: never. */
    bool (*heavy_ball)(const void *options);
    /* Slot whose content is evaluated and exported instead of w (asgd, schedule-free), or NULL.
     * Batch-norm statistics are computed for it where it is not w. */
    const char *evaluate_slot;
    /* An event worth drawing (SWATS switched): text and update once it has happened, else NULL;
     * read from the scalars. May be NULL. */
    const char *(*event)(const double *scalar, uint64_t *ret_update);
    /* Floats of scratch memory that a tensor of this shape wants, or NULL. */
    size_t (*scratch)(const void *options, const struct tensor_shape *s, enum tensor_role role);
};

extern const struct registry optim_registry;

/* For `decoupled` and `elementwise`. */
bool optim_always(const void *options);

/* ---- driver: owns the state of all tensors of one run ---- */

struct optim_tensor {
    const char *name; /* "1.weight" */
    float *w;
    const float *g;
    struct tensor_shape shape;
    enum tensor_role role;
    const char *layer; /* "linear": the kind of its layer, or NULL */
};

struct optim;

/* The first entry of `groups` that a tensor belongs to, or NULL. */
const struct optim_group *optim_find_group(const struct chosen *config,
                                           const struct optim_tensor *t);
/* Whether each name in `groups` matches a tensor of the model that no earlier entry has, and some
 * tensor keeps a learning rate: ERR_USAGE, and the key to blame. */
MUST_CHECK bool optim_check_groups(const struct chosen *config, const struct optim_tensor *tensors,
                                   size_t count, struct error *err);

/* Bytes of its state and of the room in which it works; the tensors' memory is not looked at. */
double optim_bytes_wanted(const struct chosen *config, const struct optim_tensor *tensors,
                          size_t count, size_t threads);
/* Plans and allocates all state in one block; borrows the tensors' memory. Never fails for bound
 * options. */
struct optim *optim_new(const struct chosen *config, const struct optim_tensor *tensors,
                        size_t count);
/* Takes NULL. */
void optim_free(struct optim *o);
/* From now on matrix products are made this way, and the work on a large model is shared out to its
 * team (borrowed); until then by the best kernel, on one thread. The bits are those of one
 * thread. */
void optim_use_matmul(struct optim *o, const struct matmul *backend);
/* Base values of the spec, which schedules multiply; momentum and decay are NAN where the kind has
 * none. */
double optim_base_lr(const struct chosen *config);
/* Momentum or beta1. */
double optim_base_momentum(const struct chosen *config);
/* What its check says of a momentum of 0, to which a schedule may bring it; NULL: nothing. */
const char *optim_refuses_no_momentum(const struct chosen *config);
/* Weight decay. */
double optim_base_decay(const struct chosen *config);
/* Whether an update reads the lr, momentum or weight decay that the kind has. */
bool optim_reads(const struct chosen *config, enum param_role role);
/* Whether what is evaluated is an average that this kind keeps itself (asgd, schedule-free). */
bool optim_brings_average(const struct chosen *config);
/* One update with lr, momentum and weight decay as given (NAN ones are ignored). Allocates
 * nothing. */
void optim_step(struct optim *o, double lr, double momentum, double decay);
/* Updates done: t of the last one. */
uint64_t optim_updates(const struct optim *o);
/* For a resume: t, and the lr of that update. */
void optim_set_updates(struct optim *o, uint64_t t, double last_lr);

/* What a slot of a tensor holds. */
struct optim_state {
    const char *name;
    float *data;               /* NULL: this tensor has none */
    struct tensor_shape shape; /* the weights', or a vector of `rows` floats */
    bool like_weights;
};
/* The state, for checkpoints. False past the end of the tensor's slots. */
bool optim_state(struct optim *o, size_t tensor, size_t slot, struct optim_state *ret);
/* Scalars of the state, of all tensors together. */
size_t optim_scalar_count(const struct optim *o);
/* Scalar i, to be read or set, and its name in a checkpoint. */
double *optim_scalar(struct optim *o, size_t i, const char **ret_name);
/* The weights to evaluate of tensor i: w itself, or the kind's evaluate_slot. */
const float *optim_evaluated(struct optim *o, size_t tensor);
/* Whether those are other weights than w. */
bool optim_evaluates_other(const struct optim *o);
/* What happened on the way (SWATS switched), and after which update; NULL: nothing. */
const char *optim_event(const struct optim *o, uint64_t *ret_update);

/* Weight-decay rows that every kind with L2 or decoupled decay puts into its table. */
extern const char *const optim_roles[]; /* "bias", "norm" , NULL: bits 0 and 1 of an exempt mask */
bool optim_is_exempt(uint32_t mask, enum tensor_role role);
/* eps as a float that is never 0: no 0 / 0 where no gradient has come yet (and in the padding). */
float optim_eps(double eps);
#define OPTIM_DECAY(T, d, help_)                                                                   \
    P_REAL(T, weight_decay, d, AT_LEAST(0), help_, .role = PARAM_ROLE_DECAY),                      \
        P_CHOICES(T, decay_exempt, "[]", optim_roles, "tensors without weight decay",              \
                  .role = PARAM_ROLE_EXEMPT)

#endif
