/* The synthetic digits: strokes of the ten figures under a random affine map and a smooth
 * distortion, drawn with a pen of random width. Image i is a pure function of (seed, i). */
#include "data/internal.h"
#include "num/math.h"
#include "util/mem.h"
#include "util/processor.h"
#include <math.h>
#include <pthread.h>

enum { SIDE = 28, PIXELS = SIDE * SIDE, MAX_POINTS = 16, WAVES = 3, PIECES = 4 };
static const double two_pi = 6.283185307179586476925;

struct point {
    double x, y;
};
/* Corners of a stroke, drawn as a smooth curve through them (or straight from corner to corner). */
struct stroke {
    bool straight;
    int n;
    struct point p[MAX_POINTS];
};
struct glyph {
    int strokes;
    struct stroke s[3];
};

/* Two ways to write each figure; x to the right, y down, both in 0 ... 1. */
static const struct glyph glyphs[10][2] = {
    {{1,
      {{false,
        9,
        {{.5, .05},
         {.25, .15},
         {.15, .5},
         {.25, .85},
         {.5, .95},
         {.75, .85},
         {.85, .5},
         {.75, .15},
         {.5, .05}}}}},
     {1,
      {{false,
        9,
        {{.6, .05},
         {.3, .2},
         {.2, .55},
         {.3, .9},
         {.5, .95},
         {.7, .8},
         {.8, .45},
         {.75, .15},
         {.5, .08}}}}}},
    {{1, {{true, 2, {{.5, .05}, {.5, .95}}}}},
     {2, {{true, 3, {{.3, .25}, {.55, .05}, {.55, .95}}}, {true, 2, {{.35, .95}, {.75, .95}}}}}},
    {{1,
      {{false,
        8,
        {{.2, .25},
         {.35, .07},
         {.65, .07},
         {.8, .28},
         {.65, .52},
         {.35, .78},
         {.18, .95},
         {.85, .93}}}}},
     {1,
      {{false,
        9,
        {{.2, .2},
         {.5, .05},
         {.78, .25},
         {.6, .6},
         {.3, .9},
         {.2, .85},
         {.35, .78},
         {.6, .9},
         {.85, .9}}}}}},
    {{1,
      {{false,
        9,
        {{.2, .15},
         {.5, .05},
         {.75, .2},
         {.65, .42},
         {.45, .48},
         {.72, .56},
         {.8, .78},
         {.55, .95},
         {.18, .85}}}}},
     {2,
      {{true, 3, {{.2, .08}, {.8, .08}, {.48, .42}}},
       {false, 5, {{.48, .42}, {.78, .52}, {.8, .8}, {.5, .95}, {.2, .85}}}}}},
    {{2, {{true, 3, {{.65, .05}, {.15, .65}, {.88, .65}}}, {true, 2, {{.65, .05}, {.65, .95}}}}},
     {2,
      {{false, 4, {{.25, .08}, {.18, .45}, {.4, .55}, {.8, .5}}},
       {true, 2, {{.78, .05}, {.72, .95}}}}}},
    {{2,
      {{true, 3, {{.8, .07}, {.3, .07}, {.25, .45}}},
       {false, 5, {{.25, .45}, {.6, .38}, {.82, .62}, {.65, .92}, {.2, .88}}}}},
     {1,
      {{false,
        8,
        {{.8, .1},
         {.4, .08},
         {.3, .3},
         {.35, .45},
         {.65, .5},
         {.75, .75},
         {.5, .95},
         {.2, .85}}}}}},
    {{1,
      {{false,
        10,
        {{.7, .07},
         {.4, .2},
         {.2, .55},
         {.25, .85},
         {.5, .95},
         {.75, .85},
         {.75, .62},
         {.5, .5},
         {.28, .6},
         {.22, .72}}}}},
     {1,
      {{false,
        9,
        {{.45, .03},
         {.25, .4},
         {.2, .8},
         {.45, .97},
         {.75, .85},
         {.7, .6},
         {.45, .55},
         {.28, .7},
         {.22, .78}}}}}},
    {{1, {{true, 3, {{.15, .08}, {.85, .08}, {.4, .95}}}}},
     {2, {{true, 3, {{.15, .1}, {.82, .07}, {.45, .95}}}, {true, 2, {{.35, .5}, {.78, .48}}}}}},
    {{1,
      {{false,
        11,
        {{.5, .48},
         {.25, .28},
         {.35, .08},
         {.65, .08},
         {.75, .28},
         {.5, .48},
         {.2, .72},
         {.3, .94},
         {.7, .94},
         {.8, .72},
         {.5, .48}}}}},
     {1,
      {{false,
        10,
        {{.72, .12},
         {.4, .05},
         {.3, .25},
         {.55, .48},
         {.75, .75},
         {.5, .96},
         {.25, .8},
         {.45, .5},
         {.75, .25},
         {.72, .12}}}}}},
    {{1,
      {{false,
        10,
        {{.75, .3},
         {.6, .08},
         {.3, .1},
         {.2, .35},
         {.4, .52},
         {.7, .42},
         {.76, .2},
         {.76, .5},
         {.7, .75},
         {.6, .95}}}}},
     {2,
      {{false, 7, {{.75, .3}, {.5, .05}, {.22, .25}, {.35, .5}, {.65, .45}, {.75, .25}, {.75, .2}}},
       {true, 2, {{.77, .2}, {.72, .95}}}}}},
};

/* One writing: an affine map and a few smooth waves. */
struct hand {
    double a[2][2], shift[2];
    double wave[WAVES][2][4]; /* for x and y: amplitude, frequencies, phase */
    double radius, ink;
};

static double between(struct rng *r, double low, double high)
{
    return low + (high - low) * rng_uniform(r);
}

static struct hand draw_hand(struct rng *r)
{
    struct hand h;
    double angle = 0.22 * rng_normal(r), shear = 0.22 * rng_normal(r), c = math_cos(angle),
           s = math_sin(angle);
    double width = between(r, 11, 18), height = between(r, 15, 21);
    h.a[0][0] = c * width;
    h.a[0][1] = (c * shear - s) * height;
    h.a[1][0] = s * width;
    h.a[1][1] = (s * shear + c) * height;
    h.shift[0] = SIDE / 2.0 + between(r, -2.5, 2.5);
    h.shift[1] = SIDE / 2.0 + between(r, -2.5, 2.5);
    for (int w = 0; w < WAVES; w++)
        for (int k = 0; k < 2; k++) {
            h.wave[w][k][0] = 0.035 * rng_normal(r);
            h.wave[w][k][1] = between(r, 0.3, 1.3);
            h.wave[w][k][2] = between(r, 0.3, 1.3);
            h.wave[w][k][3] = between(r, 0, two_pi);
        }
    h.radius = between(r, 0.6, 1.5);
    h.ink = between(r, 0.75, 1);
    return h;
}

static struct point place(const struct hand *h, struct point p)
{
    double v[2] = {p.x - 0.5, p.y - 0.5};
    for (int w = 0; w < WAVES; w++)
        for (int k = 0; k < 2; k++) {
            const double *a = h->wave[w][k];
            v[k] += a[0] * math_sin(two_pi * (a[1] * p.x + a[2] * p.y) + a[3]);
        }
    return (struct point){h->a[0][0] * v[0] + h->a[0][1] * v[1] + h->shift[0],
                          h->a[1][0] * v[0] + h->a[1][1] * v[1] + h->shift[1]};
}

static int clamp(double v)
{
    return v < 0 ? 0 : v > SIDE - 1 ? SIDE - 1 : (int)v;
}

static double within_one(double v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* A pen of this radius goes from a to b: full ink inside, fading over one pixel. A pixel keeps the
 * most it gets. */
static VECTORIZED(draw_segment,
                  (float canvas[PIXELS], struct point a, struct point b, double radius),
                  (canvas, a, b, radius))
{
    double dx = b.x - a.x, dy = b.y - a.y, squared = dx * dx + dy * dy, reach = radius + 1;
    double length = squared > 0 ? squared : 1;
    int x0 = clamp(floor(fmin(a.x, b.x) - reach)), x1 = clamp(ceil(fmax(a.x, b.x) + reach));
    int y0 = clamp(floor(fmin(a.y, b.y) - reach)), y1 = clamp(ceil(fmax(a.y, b.y) + reach));
    for (int y = y0; y <= y1; y++) {
        float *row = canvas + y * SIDE;
        double py = y + 0.5 - a.y;
        for (int x = x0; x <= x1; x++) {
            double px = x + 0.5 - a.x, t = within_one((px * dx + py * dy) / length);
            double ex = px - t * dx, ey = py - t * dy;
            float ink = (float)within_one(radius + 0.5 - sqrt(ex * ex + ey * ey));
            row[x] = ink > row[x] ? ink : row[x];
        }
    }
}

/* A point of the curve through p[i] and p[i + 1] (Catmull and Rom 1974), or of the straight
 * line. */
static struct point on_stroke(const struct stroke *s, int i, double t)
{
    struct point p1 = s->p[i], p2 = s->p[i + 1], p0 = i > 0 ? s->p[i - 1] : p1,
                 p3 = i + 2 < s->n ? s->p[i + 2] : p2;
    if (s->straight)
        return (struct point){p1.x + t * (p2.x - p1.x), p1.y + t * (p2.y - p1.y)};
    double a = -0.5 * t + t * t - 0.5 * t * t * t, b = 1 - 2.5 * t * t + 1.5 * t * t * t;
    double c = 0.5 * t + 2 * t * t - 1.5 * t * t * t, d = -0.5 * t * t + 0.5 * t * t * t;
    return (struct point){a * p0.x + b * p1.x + c * p2.x + d * p3.x,
                          a * p0.y + b * p1.y + c * p2.y + d * p3.y};
}

static void draw_stroke(float canvas[PIXELS], const struct stroke *s, const struct hand *h)
{
    struct point from = place(h, s->p[0]);
    for (int i = 0; i + 1 < s->n; i++)
        for (int k = 1; k <= PIECES; k++) {
            struct point to = place(h, on_stroke(s, i, k / (double)PIECES));
            draw_segment(canvas, from, to, h->radius);
            from = to;
        }
}

uint8_t digits_label(uint64_t seed, uint32_t i)
{
    struct rng r = rng_stream(seed, RNG_DIGITS, i, 0);
    return (uint8_t)rng_below(&r, 10);
}

void digits_draw(uint64_t seed, uint32_t i, uint8_t ret_pixels[784])
{
    struct rng r = rng_stream(seed, RNG_DIGITS, i, 0);
    size_t label = (size_t)rng_below(&r, 10), way = (size_t)rng_below(&r, 2);
    const struct glyph *g = &glyphs[label][way];
    struct hand h = draw_hand(&r);
    float canvas[PIXELS] = {0};
    for (int s = 0; s < g->strokes; s++)
        draw_stroke(canvas, &g->s[s], &h);
    for (int p = 0; p < PIXELS; p++)
        ret_pixels[p] = (uint8_t)(255 * h.ink * (double)canvas[p] + 0.5);
}

/* ---- a whole set, half by half ---- */

struct part {
    uint64_t seed;
    uint32_t first, n;
    uint8_t *pixels, *labels;
};

static void *draw_part(void *context)
{
    const struct part *p = context;
    for (uint32_t i = 0; i < p->n; i++) {
        digits_draw(p->seed, p->first + i, p->pixels + (size_t)i * PIXELS);
        p->labels[i] = digits_label(p->seed, p->first + i);
    }
    return NULL;
}

/* Images first ... first+n of the synthetic digits, drawn by two threads. Pixels and labels are
 * owned by the caller. */
static void make_digits(uint64_t seed, uint32_t first, uint32_t n, struct idx *ret_images,
                        struct idx *ret_labels)
{
    *ret_images = (struct idx){
        .dims = 3, .dim = {n, SIDE, SIDE}, .item = PIXELS, .bytes = mem_array(n, PIXELS)};
    *ret_labels = (struct idx){.dims = 1, .dim = {n}, .item = 1, .bytes = mem_array(n, 1)};
    uint32_t half = n / 2;
    struct part part[2] = {{seed, first, half, ret_images->bytes, ret_labels->bytes},
                           {seed, first + half, n - half, ret_images->bytes + (size_t)half * PIXELS,
                            ret_labels->bytes + half}};
    pthread_t other;
    bool threaded = pthread_create(&other, NULL, draw_part, &part[0]) == 0;
    draw_part(&part[1]);
    if (threaded)
        pthread_join(other, NULL);
    else
        draw_part(&part[0]);
}

/* ---- the kind ---- */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Only as many digits as the limits ask for, where the validation set lies next to the training
 * set. */
static void count_digits(const struct data_config *c, size_t *ret_train, size_t *ret_test)
{
    double train = (double)c->train_limit;
    train = c->validation < 1 ? floor(train / (1 - c->validation) + 0.5) : train + c->validation;
    bool few = c->train_limit != PARAM_NULL_INT && train < DIGITS_TRAIN && !data_has_folds(c);
    *ret_train = few ? (size_t)train : DIGITS_TRAIN;
    *ret_test =
        c->test_limit != PARAM_NULL_INT ? least(DIGITS_TEST, (size_t)c->test_limit) : DIGITS_TEST;
}

static bool read_digits(const struct data_config *c, struct data_files *ret, struct error *err)
{
    size_t train, test;
    (void)err;
    count_digits(c, &train, &test);
    make_digits((uint64_t)c->seed, 0, (uint32_t)train, &ret->file[TRAIN_IMAGES],
                &ret->file[TRAIN_LABELS]);
    make_digits((uint64_t)c->seed, DIGITS_TRAIN, (uint32_t)test, &ret->file[TEST_IMAGES],
                &ret->file[TEST_LABELS]);
    return true;
}

/* All there could be: a validation set is a tenth of it, whatever the limits. */
static size_t all_digits(const struct data_config *c)
{
    (void)c;
    return DIGITS_TRAIN;
}

/* The labels alone, without their images. */
static void make_labels(uint64_t seed, uint32_t first, uint32_t n, struct idx *ret)
{
    *ret = (struct idx){.dims = 1, .dim = {n}, .item = 1, .bytes = mem_array(n, 1)};
    for (uint32_t i = 0; i < n; i++)
        ret->bytes[i] = digits_label(seed, first + i);
}

/* Where fewer classes are asked for than there are figures. */
static bool check_few_classes(const struct data_config *c, size_t train, size_t test,
                              struct error *err)
{
    struct data_files s = {0};
    struct idx *one = &s.file[TRAIN_LABELS], *two = &s.file[TEST_LABELS];
    make_labels((uint64_t)c->seed, 0, (uint32_t)train, one);
    make_labels((uint64_t)c->seed, DIGITS_TRAIN, (uint32_t)test, two);
    bool ok = data_check_labels(c, &s, TRAIN_LABELS, (size_t)c->classes, err) &&
              data_check_labels(c, &s, TEST_LABELS, (size_t)c->classes, err);
    idx_fini(one);
    idx_fini(two);
    return ok;
}

static bool measure_digits(const struct data_config *c, struct data_sizes *ret, struct error *err)
{
    count_digits(c, &ret->train, &ret->test);
    if (c->classes != PARAM_NULL_INT && c->classes < 10 &&
        !check_few_classes(c, ret->train, ret->test, err))
        return false;
    ret->image = (struct image_shape){1, DIGITS_SIDE, DIGITS_SIDE};
    ret->classes = ret->classes > 0 ? ret->classes : 10;
    return true;
}

const struct data_kind data_digits = {
    .base = {.name = "digits",
             .title = "synthetic digits: strokes of the ten figures, distorted; no files",
             .note = "Image i is a function of (dataset.seed, i). 60,000 training and 10,000 test "
                     "images of 28 x 28 pixels."},
    .made = true,
    .count = all_digits,
    .measure = measure_digits,
    .read = read_digits,
};
