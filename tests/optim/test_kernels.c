/* What optimizers make of a convolution's kernel, (out, in, high, wide): all but Adafactor and SOAP
 * what they make of the matrix out x (in * high * wide) with the same numbers; Adafactor what
 * PyTorch's does, by its equation in double precision. */
#include "check_main.h"
#include "num/random.h"
#include "optim/optim.h"
#include "util/mem.h"
#include <math.h>
#include <string.h>

enum { OUT = 20, IN = 3, HIGH = 5, WIDE = 4, COLS = IN * HIGH * WIDE, LD = 32, STEPS = 4 };

static const struct tensor_shape kernel = {OUT, COLS, LD, HIGH, WIDE},
                                 matrix = {OUT, COLS, LD, 0, 0};

static void gradient(size_t step, float *ret)
{
    struct rng r = rng_stream(5, RNG_TEST, step, 0);
    for (size_t i = 0; i < OUT * COLS; i++)
        ret[i] = (float)rng_normal(&r);
}

/* The weights, as the world sees them, after some updates. */
static void train(const struct chosen *config, const struct tensor_shape *shape,
                  enum tensor_role role, float *ret)
{
    float *w = mem_array(tensor_stored(shape), sizeof *w),
          *g = mem_array(tensor_stored(shape), sizeof *g), flat[OUT * COLS];
    gradient(100, flat);
    tensor_unpack(shape, flat, w);
    struct optim_tensor t = {.name = "0.weight", .w = w, .g = g, .shape = *shape, .role = role};
    struct optim *o = optim_new(config, &t, 1);
    for (size_t step = 0; step < STEPS; step++) {
        gradient(step, flat);
        tensor_unpack(shape, flat, g);
        optim_step(o, optim_base_lr(config), optim_base_momentum(config), optim_base_decay(config));
    }
    tensor_pack(shape, optim_evaluated(o, 0), ret);
    optim_free(o);
    mem_free(w);
    mem_free(g);
}

START_TEST(kernels_are_matrices)
{
    struct arena a;
    struct diags diags;
    static float one[OUT * COLS], other[OUT * COLS];
    arena_init(&a);
    diags_init(&diags, &a);
    for (size_t k = 0; optim_registry.kinds[k]; k++) {
        const struct kind *kind = optim_registry.kinds[k];
        struct chosen config;
        ck_assert(kind_parse(&a, &optim_registry, kind->example ? kind->example : kind->name,
                             &diags, &config));
        /* where the first gradients leave soap's basis open, the order of the columns counts */
        if (strcmp(kind->name, "adafactor") == 0 || strcmp(kind->name, "soap") == 0)
            continue;
        train(&config, &kernel, TENSOR_HIDDEN, one);
        train(&config, &matrix, TENSOR_HIDDEN, other);
        for (size_t i = 0; i < OUT * COLS; i++)
            ck_assert_msg(fabsf(one[i] - other[i]) < 2e-5f,
                          "%s: element %zu is %g of a kernel, %g of a matrix", kind->name, i,
                          (double)one[i], (double)other[i]);
    }
    arena_fini(&a);
}
END_TEST

/* One update of PyTorch's Adafactor with its defaults, w and g ordered (batch, high, wide). */
static void adafactor(size_t t, size_t batch, const float *g, double *w, double *R, double *C)
{
    size_t n = batch * HIGH * WIDE;
    double q = pow((double)t, -0.8), size = 0, rms = 0, *u = mem_array(n, sizeof *u);
    for (size_t i = 0; i < n; i++)
        size += w[i] * w[i] / (double)n;
    for (size_t b = 0; b < batch; b++) {
        double row[HIGH] = {0}, column[WIDE] = {0}, mean = 0;
        for (size_t i = 0; i < HIGH * WIDE; i++) {
            double square = (double)g[b * HIGH * WIDE + i] * (double)g[b * HIGH * WIDE + i];
            row[i / WIDE] += square / WIDE;
            column[i % WIDE] += square / HIGH;
        }
        for (size_t y = 0; y < HIGH; y++) {
            R[b * HIGH + y] += q * (row[y] - R[b * HIGH + y]);
            mean += R[b * HIGH + y] / HIGH;
        }
        for (size_t x = 0; x < WIDE; x++)
            C[b * WIDE + x] += q * (column[x] - C[b * WIDE + x]);
        for (size_t i = 0; i < HIGH * WIDE; i++) {
            double V = R[b * HIGH + i / WIDE] * C[b * WIDE + i % WIDE] / mean;
            u[b * HIGH * WIDE + i] = (double)g[b * HIGH * WIDE + i] / sqrt(V);
            rms += pow(u[b * HIGH * WIDE + i], 2) / (double)n;
        }
    }
    double alpha = fmax(1e-3, sqrt(size)) * fmin(0.01, 1 / sqrt((double)t));
    for (size_t i = 0; i < n; i++)
        w[i] -= alpha / fmax(1, sqrt(rms)) * u[i];
    mem_free(u);
}

static void check_adafactor(const struct tensor_shape *shape, enum tensor_role role, size_t batch)
{
    struct arena a;
    static float got[OUT * COLS], g[OUT * COLS];
    static double w[OUT * COLS], R[OUT * COLS], C[OUT * COLS];
    arena_init(&a);
    struct chosen config =
        kind_defaults(&a, &optim_registry, registry_find(&optim_registry, "adafactor"));
    memset(R, 0, sizeof R);
    memset(C, 0, sizeof C);
    gradient(100, g);
    for (size_t i = 0; i < OUT * COLS; i++)
        w[i] = (double)g[i];
    for (size_t t = 1; t <= STEPS; t++) {
        gradient(t - 1, g);
        adafactor(t, batch, g, w, R, C);
    }
    train(&config, shape, role, got);
    for (size_t i = 0; i < batch * HIGH * WIDE; i++)
        ck_assert_double_eq_tol((double)got[i], w[i], 1e-5);
    arena_fini(&a);
}

START_TEST(adafactor_factors_the_last_two)
{
    const struct tensor_shape scale = {OUT, HIGH * WIDE, LD, HIGH, WIDE};
    check_adafactor(&kernel, TENSOR_HIDDEN, OUT * IN);
    check_adafactor(&scale, TENSOR_NORM, OUT);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernels");
    TCase *t = tcase_create("kernels");
    tcase_add_test(t, kernels_are_matrices);
    tcase_add_test(t, adafactor_factors_the_last_two);
    suite_add_tcase(suite, t);
    return check_main(suite);
}
