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

/* Each thread has some of the channels. */
static void bias_share(void *context, size_t part)
{
    const struct conv_batch *b = context;
    const struct conv *c = b->shape;
    size_t first, count;
    float *room = b->work + conv_work(c) + part * conv_work_thread(c);
    team_share(b->team, part, tensor_pad(c->out.channels), TENSOR_UNIT, &first, &count);
    for (size_t i = 0; count > 0 && i < b->images; i++)
        add_pixels(conv_behind_gradient(b, i, first, count, room) + first, image_pixels(c->out),
                   c->out_ld, count, b->sums + first);
}

void conv_bias_gradient(const struct conv_batch *b)
{
    size_t ld = b->shape->out_ld;
    struct conv_batch batch = *b;
    memset(b->sums, 0, ld * sizeof *b->sums);
    team_run(b->team, bias_share, &batch);
    for (size_t j = 0; j < ld; j++)
        b->db[j] = (float)(b->sums[j] + (b->accumulate ? (double)b->db[j] : 0));
}
