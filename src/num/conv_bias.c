/* The gradient of a convolution's bias: its output's, summed. */
#include "num/conv_behind.h"
#include "num/tensor.h"
#include "util/processor.h"
#include <string.h>

static VECTORIZED(add_pixels,
                  (const float *restrict dy, size_t pixels, size_t ld, size_t n,
                   double *restrict sum),
                  (dy, pixels, ld, n, sum))
{
    for (size_t i = 0; i < pixels; i++, dy += ld)
        for (size_t j = 0; j < n; j++)
            sum[j] += (double)dy[j];
}

struct job {
    const struct conv_batch *b;
    float *each;
    size_t part_floats;
};

/* Each thread has some of the channels. */
static void bias_share(void *context, size_t part)
{
    const struct job *j = context;
    const struct conv_batch *b = j->b;
    const struct conv *c = b->shape;
    size_t first, count;
    float *room = j->each + part * j->part_floats;
    team_share(b->team, part, tensor_pad(c->out.channels), TENSOR_UNIT, &first, &count);
    for (size_t i = 0; count > 0 && i < b->images; i++)
        add_pixels(conv_behind_gradient(b, i, first, count, room) + first, image_pixels(c->out),
                   c->out_ld, count, b->sums + first);
}

void conv_behind_begin_bias(const struct conv_batch *b)
{
    if (b->db)
        memset(b->sums, 0, b->shape->out_ld * sizeof *b->sums);
}

void conv_behind_end_bias(const struct conv_batch *b)
{
    for (size_t j = 0; b->db && j < b->shape->out_ld; j++)
        b->db[j] = (float)(b->sums[j] + (b->accumulate ? (double)b->db[j] : 0));
}

void conv_behind_bias_gradient(const struct conv_batch *b, float *each, size_t part_floats)
{
    struct job j = {.b = b, .each = each, .part_floats = part_floats};
    conv_behind_begin_bias(b);
    team_run(b->team, bias_share, &j);
    conv_behind_end_bias(b);
}
