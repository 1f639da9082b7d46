/* What the passes of a convolution share: its rooms. Within num only. */
#ifndef DESCENT_NUM_CONV_JOB_H
#define DESCENT_NUM_CONV_JOB_H

#include "num/conv.h"
#include "num/conv_rows.h"

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
/* The part's share of the images: by `beside` as many as conv_beside() puts beside each other, or
 * one by one; then in a buffer whose border is clear. */
void conv_share_images(const struct conv_job *j, size_t part, const struct conv_bordered *b,
                       void (*one)(const struct conv_job *j, size_t i, float *room, float *buffer),
                       void (*beside)(const struct conv_job *j, size_t first, size_t n, float *room,
                                      float *buffer));
/* All of the gradient of image i's output. */
const float *conv_gradient_image(const struct conv_job *j, size_t i, float *room);

#endif
