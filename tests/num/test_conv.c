/* Convolutions drawn at random against the definition, bit for bit: chains of fused multiply-adds
 * in the order that num/conv.h fixes, one at a time, taps outside the image left out. And against
 * the same with a team of threads. */
#include "check_main.h"
#include "num/conv.h"
#include "num/random.h"
#include "util/mem.h"
#include <math.h>
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
    bool bias, start, accumulate, relu, pools;
    struct max_pool pool;
    struct image_shape y;                    /* what follows the convolution */
    float *x, *w, *b, *dy, *old_dx, *old_dw; /* dy: of the convolution's output */
    float *dy_behind;                        /* of what follows it */
};

/* A pool that the output allows, with overlapping windows or gaps between them. */
static void draw_pool(struct trial *t, struct rng *r)
{
    const struct conv *c = &t->c;
    t->y = c->out;
    t->pool = (struct max_pool){.in = c->out, .ld = c->out_ld};
    for (int axis = 0; axis < 2; axis++) {
        size_t side = axis == 0 ? c->out.height : c->out.width, size = in(r, 1, 3),
               padding = in(r, 0, size / 2), stride = in(r, 1, 3);
        if (side + 2 * padding < size)
            return;
        t->pool.windows.size[axis] = size;
        t->pool.windows.stride[axis] = stride;
        t->pool.windows.padding[axis] = padding;
        *(axis == 0 ? &t->pool.out.height : &t->pool.out.width) =
            (side + 2 * padding - size) / stride + 1;
    }
    t->pool.out.channels = c->out.channels;
    t->y = t->pool.out;
    t->pools = true;
}

static void draw(struct trial *t, struct rng *r)
{
    struct conv *c = &t->c;
    static const size_t channels[] = {1, 2, 3, 5, 16, 17, 20, 31, 32, 33, 40, 48, 64};
    bool small = in(r, 0, 2) == 0; /* images that are taken side by side */
    c->in = (struct image_shape){channels[in(r, 0, 12)], in(r, 1, 11), in(r, 1, small ? 6 : 17)};
    c->in_ld = c->in.channels <= 3 && in(r, 0, 2) ? c->in.channels
                                                  : padded(c->in.channels) + 16 * in(r, 0, 1);
    c->out.channels = channels[in(r, 0, 12)];
    c->out_ld = padded(c->out.channels) + 16 * in(r, 0, 1);
    for (int axis = 0; axis < 2; axis++) {
        size_t side = axis == 0 ? c->in.height : c->in.width, out;
        do {
            c->kernel[axis] = in(r, 0, 5) ? in(r, 1, 5) : in(r, 6, 7);
            c->stride[axis] = small || in(r, 0, 1) ? 1 : in(r, 1, 4);
            c->padding[axis] = in(r, 0, 5);
        } while (side + 2 * c->padding[axis] < c->kernel[axis]);
        out = (side + 2 * c->padding[axis] - c->kernel[axis]) / c->stride[axis] + 1;
        *(axis == 0 ? &c->out.height : &c->out.width) = out;
    }
    t->n = in(r, 0, 3) ? in(r, 1, 4) : in(r, 5, small ? 60 : 20);
    t->bias = in(r, 0, 1);
    t->start = in(r, 0, 1);
    t->accumulate = in(r, 0, 1);
    t->relu = in(r, 0, 1);
    t->pools = false;
    t->y = c->out;
    if (in(r, 0, 1))
        draw_pool(t, r);
    size_t rows = c->kernel[0] * c->kernel[1] * c->in.channels;
    t->dy_behind = pixels(t->n * image_pixels(t->y), c->out.channels, c->out_ld, r);
    t->x = pixels(t->n * image_pixels(c->in), c->in.channels, c->in_ld, r);
    t->dy = pixels(t->n * image_pixels(c->out), c->out.channels, c->out_ld, r);
    if (in(r, 0, 1)) /* mostly 0 */
        for (size_t i = 0; i < t->n * image_pixels(t->y) * c->out_ld; i++)
            t->dy_behind[i] = rng_uniform(r) < 0.2 ? t->dy_behind[i] : 0;
    t->w = pixels(rows, c->out.channels, c->out_ld, r);
    t->b = pixels(1, c->out.channels, c->out_ld, r);
    t->old_dx = pixels(t->n * image_pixels(c->in), c->in.channels, c->in_ld, r);
    t->old_dw = pixels(rows, c->out.channels, c->out_ld, r);
}

/* Pixel (y, x) of the input under tap (ky, kx) of output `at` (image, oy, ox), or NULL outside. */
static const float *under(const struct trial *t, const float *x, const size_t at[3], size_t ky,
                          size_t kx)
{
    size_t image = at[0], oy = at[1], ox = at[2];
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
            const float *x = under(t, t->x, (size_t[]){i, oy, ox}, ky, kx);
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
        const float *at = under(t, dx, (size_t[]){i, oy, ox}, ky, kx),
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
        const float *x = under(t, t->x, (size_t[]){i, oy, ox}, ky, kx),
                    *dy = t->dy + ((i * c->out.height + oy) * c->out.width + ox) * c->out_ld;
        EACH(k, x ? c->in.channels : 0) EACH(o, c->out.channels)
        {
            float *sum = dw + ((ky * c->kernel[1] + kx) * c->in.channels + k) * c->out_ld + o;
            *sum = fmaf(x[k], dy[o], *sum);
        }
    }
}

/* What follows: y from the convolution's output, and dy from dy_behind. */
static void define_behind(struct trial *t, float *full, float *y)
{
    const struct conv *c = &t->c;
    size_t ld = c->out_ld, n = t->n * image_pixels(c->out) * ld;
    memset(t->dy, 0, n * sizeof *t->dy);
    EACH(i, n) full[i] = t->relu && full[i] <= 0 ? 0 : full[i];
    EACH(i, t->n) EACH(py, t->y.height) EACH(px, t->y.width) EACH(o, c->out.channels)
    {
        size_t to = ((i * t->y.height + py) * t->y.width + px) * ld + o, y0 = py, y1 = py + 1,
               x0 = px, x1 = px + 1, best = 0;
        bool any = false;
        if (t->pools) {
            image_window(&t->pool.windows, 0, py, c->out.height, &y0, &y1);
            image_window(&t->pool.windows, 1, px, c->out.width, &x0, &x1);
        }
        for (size_t v = y0; v < y1; v++)
            for (size_t u = x0; u < x1; u++) {
                size_t at = ((i * c->out.height + v) * c->out.width + u) * ld + o;
                best = !any || full[at] > full[best] ? at : best;
                any = true;
            }
        y[to] = full[best];
        t->dy[best] += t->relu && full[best] <= 0 ? 0 : t->dy_behind[to];
    }
}

static void define_bias_gradient(const struct trial *t, float *db)
{
    const struct conv *c = &t->c;
    EACH(o, c->out.channels)
    {
        double sum = 0;
        EACH(i, t->n * image_pixels(c->out)) sum += (double)t->dy[i * c->out_ld + o];
        db[o] = (float)(sum + (double)db[o]);
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
    size_t ys = t->n * image_pixels(t->y) * c->out_ld, xs = t->n * image_pixels(c->in) * c->in_ld,
           ws = c->kernel[0] * c->kernel[1] * c->in.channels * c->out_ld;
    size_t full = t->n * image_pixels(c->out) * c->out_ld, most = full > xs ? full : xs;
    most = ys > most ? ys : most;
    most = (ws > most ? ws : most) + GUARD;
    float *got = mem_array(most, sizeof *got), *wanted = mem_array(most, sizeof *wanted);
    float *work = mem_array(conv_work(c) + team_size(team) * conv_work_thread(c), sizeof *work);
    float *y = mem_array(ys + GUARD, sizeof *y), *output = mem_array(full, sizeof *output);
    uint16_t *from = mem_array(ys, sizeof *from);
    double *sums = mem_array(c->out_ld, sizeof *sums);
    float *db = mem_array(c->out_ld, sizeof *db);
    struct conv_batch b = {.team = team,
                           .behind = {.relu = t->relu, .pool = t->pools ? &t->pool : NULL},
                           .from = from,
                           .sums = sums,
                           .shape = c,
                           .images = t->n,
                           .x = t->x,
                           .w = t->w,
                           .bias = t->bias ? t->b : NULL,
                           .y = y,
                           .dy = t->dy_behind,
                           .accumulate = t->accumulate,
                           .work = work};
    memset(work, 0x7e, (conv_work(c) + team_size(team) * conv_work_thread(c)) * sizeof *work);
    memset(y, 0x7e, (ys + GUARD) * sizeof *y);
    conv_forward(&b);
    define_forward(t, output);
    define_behind(t, output, wanted);
    same(t, "y", y, wanted, ys);
    unwritten(y + ys);

    memset(got, 0x7e, most * sizeof *got);
    memset(wanted, 0, most * sizeof *wanted);
    if (t->start)
        memcpy(wanted, t->old_dx, xs * sizeof *wanted);
    if (t->start && t->accumulate) /* in place */
        memcpy(got, t->old_dx, xs * sizeof *got);
    b.start = !t->start ? NULL : t->accumulate ? got : t->old_dx;
    b.dx = got;
    conv_input_gradient(&b);
    define_input_gradient(t, wanted);
    same(t, "dx", got, wanted, xs);
    unwritten(got + xs);

    memset(wanted, 0, most * sizeof *wanted);
    memcpy(got, t->old_dw, ws * sizeof *got);
    if (t->accumulate)
        memcpy(wanted, t->old_dw, ws * sizeof *got);
    memcpy(db, t->old_dw, c->out_ld * sizeof *db);
    b.dw = got;
    b.db = t->bias ? db : NULL;
    conv_weight_gradient(&b);
    define_weight_gradient(t, wanted);
    same(t, "dw", got, wanted, ws);

    memset(wanted, 0, most * sizeof *wanted);
    if (t->accumulate || !b.db)
        memcpy(wanted, t->old_dw, c->out_ld * sizeof *got);
    if (b.db)
        define_bias_gradient(t, wanted);
    same(t, "db", db, wanted, c->out_ld);
    void *const blocks[] = {got, wanted, work, y, output, from, sums, db};
    EACH(i, sizeof blocks / sizeof *blocks)
    mem_free(blocks[i]);
}

static void tear_down(struct trial *t)
{
    float *const blocks[] = {t->x, t->w, t->b, t->dy, t->old_dx, t->old_dw, t->dy_behind};
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

/* As PyTorch's: every window with NaN gives NaN, with and without the ReLU before it. */
START_TEST(a_pool_passes_nan_on)
{
    static const size_t channels[] = {1, 3, 7, 33};
    enum { SIDE = 5, WINDOW = 3, OUT = SIDE - WINDOW + 1 };
    size_t n = channels[_i % 4], ld = n <= 3 ? n : padded(n);
    struct max_pool p = {{n, SIDE, SIDE}, {n, OUT, OUT}, ld, {{WINDOW, WINDOW}, {1, 1}, {0, 0}}};
    struct rng r = rng_stream(12, RNG_TEST, (uint64_t)_i, 0);
    float *x = pixels((size_t)SIDE * SIDE, n, ld, &r),
          *y = mem_array(OUT * OUT * ld + GUARD, sizeof *y);
    for (size_t at = 0; at < (size_t)SIDE * SIDE; at++) {
        size_t k = at % n;
        float old = x[at * ld + k];
        x[at * ld + k] = (float)NAN;
        max_pool_forward(&p, x, _i >= 4, y, NULL);
        for (size_t i = 0; i < (size_t)OUT * OUT; i++) {
            bool within = at / SIDE - i / OUT < WINDOW && at % SIDE - i % OUT < WINDOW;
            ck_assert_int_eq(isnan(y[i * ld + k]) != 0, within);
        }
        x[at * ld + k] = old;
    }
    mem_free(x);
    mem_free(y);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("conv");
    TCase *t = tcase_create("conv");
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, as_defined, 0, 10);
    tcase_add_loop_test(t, a_pool_passes_nan_on, 0, 8);
    suite_add_tcase(suite, t);
    return check_main(suite);
}
