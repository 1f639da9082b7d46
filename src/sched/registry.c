/* The registry, from the words in this folder's meson.build. */
#include "sched/sched.h"

#define KIND(name) extern const struct sched_kind sched_##name;
#include "sched/list.inc"
#undef KIND

#define KIND(name) &sched_##name.base,
static const struct kind *const kinds[] = {
#include "sched/list.inc"
    NULL};
#undef KIND

const char *const sched_intervals[] = {"epoch", "step", NULL};
static const char *const targets[] = {"lr", "batch_size", "momentum", "weight_decay", NULL};

const struct param sched_common_params[] = {
    P_CHOICE(struct sched_common, interval, "epoch", sched_intervals,
             "unit of the schedule's time"),
    P_CHOICE(struct sched_common, apply_to, "lr", targets,
             "what it moves; on batch_size the factor is inverted"),
    P_INT(struct sched_common, max_batch_size, "null", AT_LEAST(1),
          "largest batch; what is left of the factor falls on lr; null: the training set",
          .unit = "images", .nullable = true),
    P_END};

const struct registry sched_registry = {
    .noun = "scheduler", .plural = "schedulers", .kinds = kinds, .common = sched_common_params};
