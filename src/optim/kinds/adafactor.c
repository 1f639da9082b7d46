/* Adafactor: the second moment of a matrix kept as its row and column means. Shazeer and Stern
 * 2018, algorithms 4 and 5 (arXiv:1804.04235), as PyTorch has it.
 *     q = t^beta2_decay;  rho = min(lr, 1 / sqrt(t));  alpha = max(eps2, RMS(w)) rho
 *     matrix   R = R + q (row means of g^2 - R),  C = C + q (column means of g^2 - C)
 *              V = R C' / max(mean R, eps1)
 *     vector   V = V + q (g^2 - V)
 *     U = g / sqrt(max(V, eps1^2))
 *     w = (1 - lr weight_decay) w - alpha U / max(1, RMS(U) / d) */
#include "num/math.h"
#include "num/vec.h"
#include "optim/optim.h"
#include <math.h>
#include <string.h>

struct adafactor {
    struct optim_common common;
    double lr, beta2_decay, eps[2], d;
    double weight_decay;
    uint32_t decay_exempt;
};

enum { ROW_VAR, COL_VAR, VARIANCE };

/* What is factored: matrices, kernels and scales over images, the latter two in their last two
 * dimensions. */
static bool of_matrix(enum tensor_role role, const struct tensor_shape *s)
{
    return tensor_is_matrix(role) || s->high > 0;
}

static bool of_vector(enum tensor_role role, const struct tensor_shape *s)
{
    return !of_matrix(role, s);
}

/* Channels of the input that a kernel has. */
static size_t inputs(const struct tensor_shape *s)
{
    return s->cols / (s->high * s->wide);
}

static size_t rows(const struct tensor_shape *s)
{
    return s->high > 0 ? s->rows * inputs(s) * s->high : s->rows;
}

static size_t cols(const struct tensor_shape *s)
{
    return s->high > 0 ? s->rows * inputs(s) * s->wide : s->cols;
}

static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    (void)options;
    (void)role;
    return tensor_stored(s);
}

/* U of a matrix, whose element (r, c) lies at c ld + r. */
static void direction_of_matrix(const struct optim_view *v, float q, float eps1, float *restrict u)
{
    const struct tensor_shape s = v->shape;
    const float *restrict g = v->g;
    float *restrict R = v->slot[ROW_VAR], *restrict C = v->slot[COL_VAR];
    float of_row = q / (float)s.cols, floor = eps1 * eps1;
    for (size_t r = 0; r < s.rows; r++)
        R[r] *= 1 - q;
    for (size_t c = 0; c < s.cols; c++) {
        const float *restrict gc = g + c * s.ld;
        for (size_t r = 0; r < s.rows; r++)
            R[r] += of_row * gc[r] * gc[r];
        C[c] += q * ((float)(vec_sum_squares(gc, s.rows) / (double)s.rows) - C[c]);
    }
    double mean = vec_sum(R, s.rows) / (double)s.rows;
    for (size_t c = 0; c < s.cols; c++) {
        float column = (float)((double)C[c] / fmax(mean, (double)eps1));
        for (size_t r = 0; r < s.rows; r++) {
            float V = R[r] * column;
            u[c * s.ld + r] = g[c * s.ld + r] / sqrtf(V > floor ? V : floor);
        }
        for (size_t r = s.rows; r < s.ld; r++)
            u[c * s.ld + r] = 0;
    }
}

static double square(float x)
{
    return (double)x * (double)x;
}

/* Element (y, x) of slice (out, in) of a kernel, or of a scale over images. */
static size_t element(const struct tensor_shape *s, size_t out, size_t in, size_t y, size_t x)
{
    return ((y * s->wide + x) * inputs(s) + in) * s->ld + out;
}

/* U of one slice, high x wide. */
static void direction_of_slice(const struct optim_view *v, size_t out, size_t in, float q,
                               float eps1, float *restrict u)
{
    const struct tensor_shape *s = &v->shape;
    const float *restrict g = v->g;
    size_t slice = out * inputs(s) + in;
    float *restrict R = v->slot[ROW_VAR] + slice * s->high,
                    *restrict C = v->slot[COL_VAR] + slice * s->wide, floor = eps1 * eps1;
    double mean = 0;
    for (size_t y = 0; y < s->high; y++) {
        double sum = 0;
        for (size_t x = 0; x < s->wide; x++)
            sum += square(g[element(s, out, in, y, x)]);
        R[y] += q * ((float)(sum / (double)s->wide) - R[y]);
        mean += (double)R[y] / (double)s->high;
    }
    for (size_t x = 0; x < s->wide; x++) {
        double sum = 0;
        for (size_t y = 0; y < s->high; y++)
            sum += square(g[element(s, out, in, y, x)]);
        C[x] += q * ((float)(sum / (double)s->high) - C[x]);
    }
    for (size_t x = 0; x < s->wide; x++) {
        float column = (float)((double)C[x] / fmax(mean, (double)eps1));
        for (size_t y = 0; y < s->high; y++) {
            size_t at = element(s, out, in, y, x);
            float V = R[y] * column;
            u[at] = g[at] / sqrtf(V > floor ? V : floor);
        }
    }
}

static void direction_of_kernel(const struct optim_view *v, float q, float eps1, float *u)
{
    memset(u, 0, v->n * sizeof *u);
    for (size_t out = 0; out < v->shape.rows; out++)
        for (size_t in = 0; in < inputs(&v->shape); in++)
            direction_of_slice(v, out, in, q, eps1, u);
}

static void direction_of_vector(const struct optim_view *v, float q, float eps1, float *restrict u)
{
    const float *restrict g = v->g;
    float *restrict V = v->slot[VARIANCE], floor = eps1 * eps1;
    for (size_t i = 0; i < v->n; i++) {
        V[i] += q * (g[i] * g[i] - V[i]);
        u[i] = g[i] / sqrtf(V[i] > floor ? V[i] : floor);
    }
}

static VECTORIZED(step,
                  (const void *options, const struct optim_now *now, const struct optim_view *v),
                  (options, now, v))
{
    const struct adafactor *o = options;
    float *restrict w = v->w, *restrict u = now->scratch;
    double t = (double)now->t, n = (double)(v->shape.rows * v->shape.cols);
    double alpha = fmax(o->eps[1], sqrt(vec_sum_squares(w, v->n) / n)) * fmin(now->lr, 1 / sqrt(t));
    float q = (float)math_pow(t, o->beta2_decay), eps1 = (float)fmax(o->eps[0], 1e-18);
    if (v->shape.high > 0)
        direction_of_kernel(v, q, eps1, u);
    else if (tensor_is_matrix(v->role))
        direction_of_matrix(v, q, eps1, u);
    else
        direction_of_vector(v, q, eps1, u);
    float size = (float)(alpha / fmax(1, sqrt(vec_sum_squares(u, v->n) / n) / o->d));
    float shrink = (float)(1 - now->lr * v->decay);
    for (size_t i = 0; i < v->n; i++)
        w[i] = w[i] * shrink - size * u[i];
}

static const struct param params[] = {
    P_REAL(struct adafactor, lr, "0.01", AT_LEAST(0),
           "learning rate, relative to the size of each tensor", .role = PARAM_ROLE_LR),
    P_REAL(struct adafactor, beta2_decay, "-0.8", BETWEEN(-1e3, 0),
           "the second moment forgets as t to this power"),
    P_PAIR(struct adafactor, eps, "[1.1920928955078125e-07, 0.001]", AT_LEAST(0),
           "least second moment (the float's epsilon), and least size of a tensor"),
    P_REAL(struct adafactor, d, "1", ABOVE(0), "largest root mean square of a tensor's direction"),
    OPTIM_DECAY(struct adafactor, "0", "decoupled weight decay"),
    P_END};

const struct optim_kind optim_adafactor = {
    .base =
        {
            .name = "adafactor",
            .title = "Adafactor: second moments of rows and columns",
            .equation =
                "q = t^beta2_decay;  alpha = max(eps2, RMS(w)) * min(lr, 1 / sqrt(t))\n"
                "R = R + q * (row means of g^2 - R);  C = C + q * (column means of g^2 - C)\n"
                "V = R * C' / max(mean(R), eps1)    (a vector keeps V itself)\n"
                "U = g / sqrt(max(V, eps1^2))\n"
                "w = (1 - lr * weight_decay) * w - alpha * U / max(1, RMS(U) / d)",
            .source = "Shazeer and Stern 2018, algorithms 4 and 5, arXiv:1804.04235",
            .note =
                "A matrix of n x m keeps n + m numbers. PyTorch's form: no first moment, lr relative to the weights. Of a convolution's kernel, each (out, in) keeps its height + width numbers; of the scales and biases of a layer_norm over images, each channel.",
            .params = params,
            .options_size = sizeof(struct adafactor),
        },
    .family = OPTIM_ADAPTIVE,
    .time = "2 passes: means of rows and columns first",
    .slots = {{.name = "row_var", .size = rows, .has = of_matrix},
              {.name = "col_var", .size = cols, .has = of_matrix},
              {.name = "variance", .has = of_vector}},
    .step = step,
    .scratch = scratch,
};
