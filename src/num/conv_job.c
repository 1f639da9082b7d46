#include "num/conv_job.h"
#include "num/conv_behind.h"
#include "num/conv_beside.h"
#include "num/conv_lists.h"
#include "num/conv_rows.h"
#include "num/conv_scatter.h"
#include "num/tensor.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

size_t conv_work(const struct conv *c)
{
    return larger(conv_lists_work(c), c->kernel[0] * c->kernel[1] *
                                          larger(c->in.channels * tensor_pad(c->out.channels),
                                                 c->out.channels * tensor_pad(c->in.channels)));
}

size_t conv_work_thread(const struct conv *c)
{
    struct conv_bordered x = conv_input_of(c, true), dy = conv_gradient_of(c);
    return conv_behind_work_thread(c) +
           larger(larger(larger(conv_lists_work_thread(c), conv_scatter_work_thread(c)),
                         conv_beside_work(c)),
                  larger(conv_border_floats(&x), conv_border_floats(&dy)) +
                      c->in.width * TENSOR_UNIT);
}

struct conv_job conv_job_of(const struct conv_batch *b)
{
    return (struct conv_job){.b = b,
                             .c = b->shape,
                             .packed = b->work,
                             .each = b->work + conv_work(b->shape),
                             .part_floats = conv_work_thread(b->shape)};
}

float *conv_room_of(const struct conv_job *j, size_t part, float **ret_others)
{
    float *room = j->each + part * j->part_floats;
    *ret_others = room + conv_behind_work_thread(j->c);
    return room;
}

void conv_share_images(const struct conv_job *j, size_t part, const struct conv_bordered *b,
                       void (*one)(const struct conv_job *j, size_t i, float *room, float *buffer),
                       void (*beside)(const struct conv_job *j, size_t first, size_t n, float *room,
                                      float *buffer))
{
    float *buffer, *room = conv_room_of(j, part, &buffer);
    size_t first, count, n = conv_beside(j->c);
    team_share(j->b->team, part, j->b->images, 1, &first, &count);
    if (n == 1)
        conv_clear_border(b, buffer);
    for (size_t i = first, end = first + count; i < end; i += n)
        if (n == 1)
            one(j, i, room, buffer);
        else
            beside(j, i, n < end - i ? n : end - i, room, buffer);
}

const float *conv_gradient_image(const struct conv_job *j, size_t i, float *room)
{
    return conv_behind_gradient(j->b, i, 0, j->c->out.channels, room);
}
