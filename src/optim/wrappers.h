/* What goes around any optimizer's step: the keys cautious and lookahead. */
#ifndef DESCENT_OPTIM_WRAPPERS_H
#define DESCENT_OPTIM_WRAPPERS_H

#include "optim/optim.h"

/* Floats that a cautious step of one tensor wants. */
size_t cautious_scratch(const struct optim_view *v);
/* One step of one tensor. With u the kind's step without weight decay and g the gradient as it sees
 * it (L2 penalty included):
 *     w = w - n / (number of u g > 0, plus 1) u where u g > 0
 * over n weights. Liang et al. 2024, algorithms 1 and 2 (arXiv:2411.16085). Of CAUTIOUS_CHANGE: u is
 * how the kind's step changes the weights, decay and all, g the gradient as it comes. */
void cautious_step(const struct optim_kind *kind, const void *options, const struct optim_now *now,
                   const struct optim_view *v, float *room);
/* For a kind that does it by itself: the same to a direction u of one tensor, which the kind then
 * subtracts; g as above. */
void cautious_mask(const struct optim_view *v, const float *g, float *u);
/* Or to a step, which is added to the weights times `shrink`. */
void cautious_apply(const struct optim_view *v, float shrink, const float *step, const float *g);

/* slow = slow + alpha (w - slow);  w = slow. Zhang et al. 2019, algorithm 1 (arXiv:1907.08610). */
void lookahead_step(double alpha, float *w, float *slow, size_t n);

#endif
