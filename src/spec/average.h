/* average: what the evaluated weights are an average of. */
#ifndef DESCENT_SPEC_AVERAGE_H
#define DESCENT_SPEC_AVERAGE_H

#include "config/param.h"

struct average_kind {
    struct kind base;
    /* The share of the newest weights in an average that n others are in already (n > 0). */
    double (*share)(const void *options, int64_t n);
    /* Whether weights after `step` of the run's `total` updates are averaged; NULL: all are. What
     * it says depends on the run's length. */
    bool (*takes)(const void *options, int64_t step, int64_t total);
    bool by_epoch;       /* weights are taken after each epoch, not after each update */
    bool own_statistics; /* batch-norm statistics of the average are taken by a pass of their own */
};
extern const struct registry average_registry;

#endif
