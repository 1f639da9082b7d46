/* Layer normalisation (Ba, Kiros and Hinton 2016, arXiv:1607.06450): each image by its own mean and
 * biased variance over all its numbers; a scale and a shift for each of them; eps 1e-5. */
#include "nn/internal.h"
#include <math.h>
#include <string.h>

static const double eps = 1e-5;

static bool shape(const void *options, struct layer_shape *s, struct error *err)
{
    (void)options, (void)err;
    s->out = s->in;
    s->weight = s->bias = s->norm = true;
    s->weights = (struct tensor_shape){.rows = s->in.channels, .cols = image_pixels(s->in)};
    if (s->image) {
        s->weights.high = s->in.height;
        s->weights.wide = s->in.width;
    }
    s->saved = 2;
    s->scratch = 2 * image_pixels(s->in) * ((s->in.channels + 31) / 16 * 16);
    return true;
}

/* Sum of x - from, or of its squares, over an image; each row of pixels on its own first. */
static double image_sum(const struct layer_call *c, const float *x, double from, bool squares)
{
    size_t pixels = image_pixels(c->shape->in);
    double sum = 0;
    for (size_t p = 0; p < pixels; p++) {
        double lane[16] = {0};
        for (size_t j = 0; j < c->in; j++) {
            double d = (double)x[p * c->in_ld + j] - from;
            lane[j % 16] += squares ? d * d : d;
        }
        for (int l = 0; l < 16; l++)
            sum += lane[l];
    }
    return sum;
}

static void forward(const struct layer_call *c)
{
    size_t pixels = image_pixels(c->shape->in);
    double count = (double)(pixels * c->in);
    for (size_t i = 0; i < c->images; i++) {
        const float *x = c->x + i * pixels * c->in_ld;
        double mean = image_sum(c, x, 0, false) / count, var = image_sum(c, x, mean, true) / count;
        float m = (float)mean, inverse = (float)(1 / sqrt(var + eps));
        if (c->saved) {
            c->saved[2 * i] = m;
            c->saved[2 * i + 1] = inverse;
        }
        for (size_t p = 0; p < pixels; p++) {
            const float *w = c->weight + p * c->out_ld, *b = c->bias + p * c->out_ld;
            float *y = c->y + (i * pixels + p) * c->out_ld;
            for (size_t j = 0; j < c->in; j++)
                y[j] = (x[p * c->in_ld + j] - m) * inverse * w[j] + b[j];
            memset(y + c->in, 0, (c->out_ld - c->in) * sizeof *y);
        }
    }
}

/* dx = (w dy - mean of w dy - x^ mean of w dy x^) / deviation, of one image. */
static void input_gradient(const struct layer_call *c, size_t i, double mean, double slope)
{
    size_t pixels = image_pixels(c->shape->in);
    float m = c->saved[2 * i], inverse = c->saved[2 * i + 1];
    float of_mean = (float)mean, of_slope = (float)slope;
    for (size_t p = 0; p < pixels; p++) {
        const float *x = c->x + (i * pixels + p) * c->in_ld,
                    *dy = c->dy + (i * pixels + p) * c->out_ld, *w = c->weight + p * c->out_ld;
        float *dx = c->dx + (i * pixels + p) * c->in_ld;
        for (size_t j = 0; j < c->in; j++)
            dx[j] = inverse * (w[j] * dy[j] - of_mean - (x[j] - m) * inverse * of_slope);
        memset(dx + c->in, 0, (c->in_ld - c->in) * sizeof *dx);
    }
}

static void backward(const struct layer_call *c)
{
    size_t pixels = image_pixels(c->shape->in), n = pixels * c->out_ld;
    double *db = c->scratch, *dw = db + n, count = (double)(pixels * c->in);
    memset(db, 0, 2 * n * sizeof *db);
    for (size_t i = 0; i < c->images; i++) {
        float m = c->saved[2 * i], inverse = c->saved[2 * i + 1];
        double sum = 0, slope = 0;
        for (size_t p = 0; p < pixels; p++) {
            const float *x = c->x + (i * pixels + p) * c->in_ld,
                        *dy = c->dy + (i * pixels + p) * c->out_ld;
            for (size_t j = 0; j < c->in; j++) {
                double d = (double)dy[j], of_x = (double)(d * (double)((x[j] - m) * inverse)),
                       w = (double)c->weight[p * c->out_ld + j];
                db[p * c->out_ld + j] += d;
                dw[p * c->out_ld + j] += of_x;
                sum += w * d;
                slope += w * of_x;
            }
        }
        if (c->dx)
            input_gradient(c, i, sum / count, slope / count);
    }
    for (size_t j = 0; j < n; j++) {
        c->dweight[j] = (float)dw[j] + (c->accumulate ? c->dweight[j] : 0);
        c->dbias[j] = (float)db[j] + (c->accumulate ? c->dbias[j] : 0);
    }
}

const struct layer_kind layer_layer_norm = {
    .base = {.name = "layer_norm",
             .title = "layer normalisation: each image over all its numbers",
             .equation = "y = weight * (x - mean) / sqrt(var + 1e-5) + bias",
             .source = "Ba, Kiros and Hinton 2016, arXiv:1607.06450"},
    .shape = shape,
    .wants_x = true,
    .forward = forward,
    .backward = backward,
};
