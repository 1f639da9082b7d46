/* Group normalisation (Wu and He 2018, arXiv:1803.08494): each image's channels in groups, each
 * group by its own mean and biased variance; a scale and a shift a channel; eps 1e-5. */
#include "nn/internal.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

struct options {
    int64_t groups;
};

static const double eps = 1e-5;

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    size_t groups = (size_t)((const struct options *)options)->groups;
    char text[64];
    if (s->in.channels % groups != 0)
        return error_set(err, ERR_USAGE, "%zu groups do not divide the channels of %s evenly",
                         groups, shape_text(s->in, s->image, text));
    s->out = s->in;
    s->out_ld = s->in_ld;
    s->weight = s->bias = s->norm = true;
    s->weights = (struct tensor_shape){.rows = s->in.channels, .cols = 1};
    s->saved = 2 * s->in_ld;
    s->kept = 5 * s->in_ld;
    snprintf(s->detail, sizeof s->detail, "%zu group%s", groups, groups == 1 ? "" : "s");
    return true;
}

/* Sums of x - from over the pixels of an image, or of its squares, channel by channel. */
static void channel_sums(const float *x, size_t pixels, size_t ld, const double *restrict from,
                         bool squares, double *restrict sum)
{
    memset(sum, 0, ld * sizeof *sum);
    for (size_t p = 0; p < pixels; p++) {
        const float *restrict row = x + p * ld;
        if (squares)
            for (size_t j = 0; j < ld; j++) {
                double d = (double)row[j] - from[j];
                sum[j] += d * d;
            }
        else
            for (size_t j = 0; j < ld; j++)
                sum[j] += (double)row[j];
    }
}

/* Every channel's sum becomes its group's, over `count`; 0 past the channels. */
static void over_groups(double *sum, size_t channels, size_t ld, size_t groups, double count)
{
    size_t each = channels / groups;
    for (size_t g = 0; g < groups; g++) {
        double total = 0;
        for (size_t j = 0; j < each; j++)
            total += sum[g * each + j];
        for (size_t j = 0; j < each; j++)
            sum[g * each + j] = total / count;
    }
    for (size_t j = channels; j < ld; j++)
        sum[j] = 0;
}

static VECTORIZED(forward, (const struct layer_call *c), (c))
{
    size_t pixels = image_pixels(c->shape->in), ld = c->in_ld,
           groups = (size_t)((const struct options *)c->options)->groups;
    const size_t each = c->in / groups * pixels;
    double count = (double)each, *mean = c->scratch, *square = mean + ld;
    for (size_t i = 0; i < c->images; i++) {
        const float *x = c->x + i * pixels * ld;
        float *restrict m = c->saved ? c->saved + i * 2 * ld : c->kept, *restrict inverse = m + ld;
        channel_sums(x, pixels, ld, NULL, false, mean);
        over_groups(mean, c->in, ld, groups, count);
        channel_sums(x, pixels, ld, mean, true, square);
        over_groups(square, c->in, ld, groups, count);
        for (size_t j = 0; j < ld; j++) {
            m[j] = (float)mean[j];
            inverse[j] = (float)(1 / sqrt(square[j] + eps));
        }
        const float *restrict weight = c->weight, *restrict bias = c->bias;
        for (size_t p = 0; p < pixels; p++) {
            const float *restrict row = x + p * ld;
            float *restrict y = c->y + (i * pixels + p) * ld;
            for (size_t j = 0; j < ld; j++)
                y[j] = (row[j] - m[j]) * inverse[j] * weight[j] + bias[j];
        }
    }
}

/* Of one image: sums of dy and of dy x^ a channel. */
static void image_sums(const struct layer_call *c, size_t i, double *restrict db,
                       double *restrict dw)
{
    size_t pixels = image_pixels(c->shape->in), ld = c->in_ld;
    const float *restrict m = c->saved + i * 2 * ld, *restrict inverse = m + ld;
    memset(db, 0, ld * sizeof *db);
    memset(dw, 0, ld * sizeof *dw);
    for (size_t p = 0; p < pixels; p++) {
        const float *restrict x = c->x + (i * pixels + p) * ld, *restrict dy =
                                                                    c->dy + (i * pixels + p) * ld;
        for (size_t j = 0; j < ld; j++) {
            db[j] += (double)dy[j];
            dw[j] += (double)(dy[j] * ((x[j] - m[j]) * inverse[j]));
        }
    }
}

/* dx = (w dy - mean of w dy - x^ mean of w dy x^) / deviation, means over the group, in place. */
static void input_gradient(const struct layer_call *c, size_t i, double *db, double *dw)
{
    size_t pixels = image_pixels(c->shape->in), ld = c->in_ld,
           groups = (size_t)((const struct options *)c->options)->groups;
    const size_t each = c->in / groups * pixels;
    double count = (double)each;
    const float *restrict m = c->saved + i * 2 * ld, *restrict inverse = m + ld;
    float *restrict a = c->kept + 2 * ld, *restrict shift = a + ld, *restrict slope = shift + ld;
    for (size_t j = 0; j < ld; j++) {
        db[j] *= (double)c->weight[j];
        dw[j] *= (double)c->weight[j];
    }
    over_groups(db, c->in, ld, groups, count);
    over_groups(dw, c->in, ld, groups, count);
    for (size_t j = 0; j < ld; j++) {
        a[j] = c->weight[j] * inverse[j];
        shift[j] = (float)db[j] * inverse[j];
        slope[j] = (float)dw[j] * inverse[j] * inverse[j];
    }
    for (size_t p = 0; p < pixels; p++) {
        const float *restrict x = c->x + (i * pixels + p) * ld;
        float *restrict d = c->dx + (i * pixels + p) * ld;
        for (size_t j = 0; j < ld; j++)
            d[j] = a[j] * d[j] - shift[j] - (x[j] - m[j]) * slope[j];
    }
}

static VECTORIZED(backward, (const struct layer_call *c), (c))
{
    size_t ld = c->in_ld;
    double *db = c->scratch, *dw = db + ld, *all_db = dw + ld, *all_dw = all_db + ld;
    memset(all_db, 0, 2 * ld * sizeof *all_db);
    for (size_t i = 0; i < c->images; i++) {
        image_sums(c, i, db, dw);
        for (size_t j = 0; j < ld; j++) {
            all_db[j] += db[j];
            all_dw[j] += dw[j];
        }
        if (c->dx)
            input_gradient(c, i, db, dw);
    }
    for (size_t j = 0; j < ld; j++) {
        c->dweight[j] = (float)all_dw[j] + (c->accumulate ? c->dweight[j] : 0);
        c->dbias[j] = (float)all_db[j] + (c->accumulate ? c->dbias[j] : 0);
    }
}

static const struct param params[] = {P_INT(struct options, groups, NULL, FROM_TO(1, 1000000),
                                            "groups of channels, as many channels in each"),
                                      P_END};

const struct layer_kind layer_group_norm = {
    .base = {.name = "group_norm",
             .title = "group normalisation: each image's channels in groups",
             .equation = "y = weight * (x - mean) / sqrt(var + 1e-5) + bias",
             .source = "Wu and He 2018, arXiv:1803.08494",
             .params = params,
             .options_size = sizeof(struct options)},
    .shape = shape,
    .elementwise = true,
    .wants_x = true,
    .forward = forward,
    .backward = backward,
};
