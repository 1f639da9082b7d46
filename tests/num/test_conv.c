/* Convolutions drawn at random against the definition, bit for bit: chains of fused multiply-adds in
 * the order that num/conv.h fixes, one at a time, taps outside the image left out. And against the
 * same with a team of threads. */
#include "check_main.h"
#include "num/conv.h"
#include "num/random.h"
#include "util/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GUARD = 64 };

static size_t in(struct rng *r, size_t from, size_t to)
{
    return from + (size_t)rng_below(r, to - from + 1);
}

static size_t padded(size_t n)
{
    return (n + 15) / 16 * 16;
}

/* n pixels of ld floats, what is past the channels 0. */
static float *pixels(size_t n, size_t channels, size_t ld, struct rng *r)
{
    float *v = mem_array(n * ld + GUARD, sizeof *v);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < channels; k++)
            v[i * ld + k] = (float)(rng_uniform(r) - 0.5);
    return v;
}

struct trial {
    struct conv c;
    size_t n;
    bool bias, start, accumulate;
    float *x, *w, *b, *dy, *old_dx, *old_dw;
};

static void draw(struct trial *t, struct rng *r)
{
    struct conv *c = &t->c;
    static const size_t channels[] = {1, 2, 3, 5, 16, 17, 20, 31, 32, 33, 40, 48, 64};
    c->in = (struct image_shape){channels[in(r, 0, 12)], in(r, 1, 11), in(r, 1, 17)};
    c->in_ld = c->in.channels <= 3 && in(r, 0, 2) ? c->in.channels
                                                  : padded(c->in.channels) + 16 * in(r, 0, 1);
    c->out.channels = channels[in(r, 0, 12)];
    c->out_ld = padded(c->out.channels) + 16 * in(r, 0, 1);
    for (int axis = 0; axis < 2; axis++) {
        size_t side = axis == 0 ? c->in.height : c->in.width, out;
        do {
            c->kernel[axis] = in(r, 0, 5) ? in(r, 1, 5) : in(r, 6, 7);
            c->stride[axis] = in(r, 0, 1) ? 1 : in(r, 1, 4);
            c->padding[axis] = in(r, 0, 5);
        } while (side + 2 * c->padding[axis] < c->kernel[axis]);
        out = (side + 2 * c->padding[axis] - c->kernel[axis]) / c->stride[axis] + 1;
        *(axis == 0 ? &c->out.height : &c->out.width) = out;
    }
    t->n = in(r, 0, 3) ? in(r, 1, 4) : in(r, 5, 20);
    t->bias = in(r, 0, 1);
    t->start = in(r, 0, 1);
    t->accumulate = in(r, 0, 1);
    size_t rows = c->kernel[0] * c->kernel[1] * c->in.channels;
    t->x = pixels(t->n * image_pixels(c->in), c->in.channels, c->in_ld, r);
    t->dy = pixels(t->n * image_pixels(c->out), c->out.channels, c->out_ld, r);
    if (in(r, 0, 1)) /* as a pool leaves it: mostly 0 */
        for (size_t i = 0; i < t->n * image_pixels(c->out) * c->out_ld; i++)
            t->dy[i] = rng_uniform(r) < 0.2 ? t->dy[i] : 0;
    t->w = pixels(rows, c->out.channels, c->out_ld, r);
    t->b = pixels(1, c->out.channels, c->out_ld, r);
    t->old_dx = pixels(t->n * image_pixels(c->in), c->in.channels, c->in_ld, r);
    t->old_dw = pixels(rows, c->out.channels, c->out_ld, r);
}

/* Pixel (y, x) of the input under tap (ky, kx) of output (oy, ox), or NULL outside. */
static const float *under(const struct trial *t, const float *x, size_t image, size_t oy, size_t ox,
                          size_t ky, size_t kx)
{
    const struct conv *c = &t->c;
    long y = (long)(oy * c->stride[0] + ky) - (long)c->padding[0],
         z = (long)(ox * c->stride[1] + kx) - (long)c->padding[1];
    if (y < 0 || z < 0 || y >= (long)c->in.height || z >= (long)c->in.width)
        return NULL;
    return x + ((image * c->in.height + (size_t)y) * c->in.width + (size_t)z) * c->in_ld;
}

static const float *weight(const struct trial *t, size_t ky, size_t kx, size_t k)
{
    return t->w + ((ky * t->c.kernel[1] + kx) * t->c.in.channels + k) * t->c.out_ld;
}

#define EACH(i, n) for (size_t i = 0; i < (n); i++)

static void define_forward(const struct trial *t, float *y)
{
    const struct conv *c = &t->c;
    EACH(i, t->n) EACH(oy, c->out.height) EACH(ox, c->out.width) EACH(o, c->out.channels)
    {
        float sum = t->bias ? t->b[o] : 0;
        EACH(ky, c->kernel[0]) EACH(kx, c->kernel[1])
        {
            const float *x = under(t, t->x, i, oy, ox, ky, kx);
            EACH(k, x ? c->in.channels : 0)
            sum = fmaf(x[k], weight(t, ky, kx, k)[o], sum);
        }
        y[((i * c->out.height + oy) * c->out.width + ox) * c->out_ld + o] = sum;
    }
}

static void define_input_gradient(const struct trial *t, float *dx)
{
    const struct conv *c = &t->c;
    /* outputs in order, so that each input's chain is over (row, column, channel) */
    EACH(i, t->n)
    EACH(oy, c->out.height) EACH(ox, c->out.width) EACH(ky, c->kernel[0]) EACH(kx, c->kernel[1])
    {
        const float *at = under(t, dx, i, oy, ox, ky, kx),
                    *dy = t->dy + ((i * c->out.height + oy) * c->out.width + ox) * c->out_ld;
        EACH(k, at ? c->in.channels : 0) EACH(o, c->out.channels)
        {
            float *sum = dx + (at - dx) + k;
            *sum = fmaf(dy[o], weight(t, ky, kx, k)[o], *sum);
        }
    }
}

static void define_weight_gradient(const struct trial *t, float *dw)
{
    const struct conv *c = &t->c;
    EACH(i, t->n)
    EACH(oy, c->out.height) EACH(ox, c->out.width) EACH(ky, c->kernel[0]) EACH(kx, c->kernel[1])
    {
        const float *x = under(t, t->x, i, oy, ox, ky, kx),
                    *dy = t->dy + ((i * c->out.height + oy) * c->out.width + ox) * c->out_ld;
        EACH(k, x ? c->in.channels : 0) EACH(o, c->out.channels)
        {
            float *sum = dw + ((ky * c->kernel[1] + kx) * c->in.channels + k) * c->out_ld + o;
            *sum = fmaf(x[k], dy[o], *sum);
        }
    }
}

static void same(const struct trial *t, const char *what, const float *one, const float *other,
                 size_t n)
{
    const struct conv *c = &t->c;
    EACH(i, n)
    ck_assert_msg(
        memcmp(one + i, other + i, sizeof *one) == 0 ||
            (!(one[i] > 0) && !(one[i] < 0) && !(other[i] > 0) && !(other[i] < 0)),
        "%s[%zu] of %zu: %.9g, defined as %.9g; %zu x %zu x %zu (ld %zu) -> %zu (ld %zu), "
        "%zu x %zu, stride %zu %zu, padding %zu %zu",
        what, i, n, (double)one[i], (double)other[i], c->in.channels, c->in.height, c->in.width,
        c->in_ld, c->out.channels, c->out_ld, c->kernel[0], c->kernel[1], c->stride[0],
        c->stride[1], c->padding[0], c->padding[1]);
}

static void unwritten(const float *guard)
{
    float clean[GUARD];
    memset(clean, 0x7e, sizeof clean);
    ck_assert_mem_eq(guard, clean, sizeof clean);
}

/* All three products by the kernels; garbage where they are to write. */
static void check_trial(struct trial *t, struct team *team)
{
    const struct conv *c = &t->c;
    size_t ys = t->n * image_pixels(c->out) * c->out_ld, xs = t->n * image_pixels(c->in) * c->in_ld,
           ws = c->kernel[0] * c->kernel[1] * c->in.channels * c->out_ld;
    size_t most = ys > xs ? ys : xs;
    most = (ws > most ? ws : most) + GUARD;
    float *got = mem_array(most, sizeof *got), *wanted = mem_array(most, sizeof *wanted);
    float *work = mem_array(conv_work(c) + team_size(team) * conv_work_thread(c), sizeof *work);
    memset(got, 0x7e, most * sizeof *got);
    conv_forward(team, c, t->n, t->x, t->w, t->bias ? t->b : NULL, got, work);
    define_forward(t, wanted);
    same(t, "y", got, wanted, ys);
    unwritten(got + ys);

    memset(got, 0x7e, most * sizeof *got);
    memset(wanted, 0, most * sizeof *wanted);
    if (t->start)
        memcpy(wanted, t->old_dx, xs * sizeof *wanted);
    if (t->start && t->accumulate) /* in place */
        memcpy(got, t->old_dx, xs * sizeof *got);
    conv_input_gradient(team, c, t->n, t->dy, t->w,
                        !t->start       ? NULL
                        : t->accumulate ? got
                                        : t->old_dx,
                        got, work);
    define_input_gradient(t, wanted);
    same(t, "dx", got, wanted, xs);
    unwritten(got + xs);

    memset(wanted, 0, most * sizeof *wanted);
    memcpy(got, t->old_dw, ws * sizeof *got);
    if (t->accumulate)
        memcpy(wanted, t->old_dw, ws * sizeof *got);
    conv_weight_gradient(team, c, t->n, t->x, t->dy, t->accumulate, got, work);
    define_weight_gradient(t, wanted);
    same(t, "dw", got, wanted, ws);
    mem_free(got);
    mem_free(wanted);
    mem_free(work);
}

static void tear_down(struct trial *t)
{
    float *const blocks[] = {t->x, t->w, t->b, t->dy, t->old_dx, t->old_dw};
    EACH(i, sizeof blocks / sizeof *blocks)
    mem_free(blocks[i]);
}

START_TEST(as_defined)
{
    struct rng r = rng_stream(11, RNG_TEST, (uint64_t)_i, 0);
    for (int k = 0; k < 30; k++) {
        struct trial t;
        struct error err;
        struct team *team;
        draw(&t, &r);
        ck_assert(team_new((size_t)(k % 3 + 1), &team, &err));
        check_trial(&t, team);
        team_free(team);
        tear_down(&t);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conv");
    TCase *t = tcase_create("conv");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, as_defined, 0, 10);
    suite_add_tcase(suite, t);
    return check_main(suite);
}
