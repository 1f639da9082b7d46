/* What the passes of a convolution share: its rooms. Within num only. */
#ifndef DESCENT_NUM_CONV_JOB_H
#define DESCENT_NUM_CONV_JOB_H

#include "num/conv.h"

struct conv_job {
    const struct conv_batch *b;
    const struct conv *c;
    float *packed, *each; /* each: conv_work_thread floats of every thread */
    size_t part_floats;
};

/* A batch's. */
struct conv_job conv_job_of(const struct conv_batch *b);
/* A thread's room for an image's output or its gradient, and its other floats. */
float *conv_room_of(const struct conv_job *j, size_t part, float **ret_others);
/* All of the gradient of image i's output. */
const float *conv_gradient_image(const struct conv_job *j, size_t i, float *room);

#endif
