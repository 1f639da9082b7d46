/* Initial weights. Values are drawn in the order in which the world sees a tensor: row-major (out,
 * in). */
#include "nn/internal.h"
#include "num/random.h"
#include <math.h>

static void uniform(struct rng *r, double bound, float *w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        w[i] = (float)(bound * (2 * rng_uniform(r) - 1));
}

static void normal(struct rng *r, double std, float *w, size_t n)
{
    for (size_t i = 0; i < n; i++)
        w[i] = (float)(std * rng_normal(r));
}

#define FILL(name)                                                                                 \
    static void name(const void *o, struct rng *r, double fan_in, double fan_out, float *w,        \
                     size_t n)

FILL(fill_pytorch)
{
    (void)o, (void)fan_out;
    uniform(r, 1 / sqrt(fan_in), w, n);
}
FILL(fill_lecun_uniform)
{
    (void)o, (void)fan_out;
    uniform(r, sqrt(3 / fan_in), w, n);
}
FILL(fill_xavier_uniform)
{
    (void)o;
    uniform(r, sqrt(6 / (fan_in + fan_out)), w, n);
}
FILL(fill_xavier_normal)
{
    (void)o;
    normal(r, sqrt(2 / (fan_in + fan_out)), w, n);
}
FILL(fill_kaiming_uniform)
{
    (void)o, (void)fan_out;
    uniform(r, sqrt(6 / fan_in), w, n);
}
FILL(fill_kaiming_normal)
{
    (void)o, (void)fan_out;
    normal(r, sqrt(2 / fan_in), w, n);
}

struct with_std {
    double bias; /* as init_common has it */
    double std;
};
FILL(fill_normal)
{
    (void)fan_in, (void)fan_out;
    normal(r, ((const struct with_std *)o)->std, w, n);
}
FILL(fill_truncated_normal)
{
    double std = ((const struct with_std *)o)->std, x;
    (void)fan_in, (void)fan_out;
    for (size_t i = 0; i < n; i++) {
        do
            x = rng_normal(r);
        while (fabs(x) > 2);
        w[i] = (float)(std * x);
    }
}
FILL(fill_zeros)
{
    (void)o, (void)r, (void)fan_in, (void)fan_out;
    for (size_t i = 0; i < n; i++)
        w[i] = 0;
}

#define BIAS(type) P_REAL(struct type, bias, "0", ANY_REAL, "what biases start with")
static const struct param common_params[] = {BIAS(init_common), P_END};
static const struct param normal_params[] = {
    P_REAL(struct with_std, std, "0.01", ABOVE(0), "standard deviation"), BIAS(with_std), P_END};
static const struct param truncated_params[] = {
    P_REAL(struct with_std, std, "0.03", ABOVE(0),
           "standard deviation before the cut at two of them"),
    BIAS(with_std), P_END};

#define INIT(n, type, t, e, s, ...)                                                                \
    static const struct init_kind init_##n = {.base = {.name = #n,                                 \
                                                       .title = t,                                 \
                                                       .equation = e,                              \
                                                       .source = s,                                \
                                                       .options_size = sizeof(struct type)},       \
                                              .fill = fill_##n,                                    \
                                              __VA_ARGS__}
INIT(pytorch, init_common, "PyTorch's default of linear layers, biases too",
     "U(-1/sqrt(fan_in), 1/sqrt(fan_in))", "torch.nn.Linear", .biases_too = true);
INIT(lecun_uniform, init_common, "LeCun uniform, which Caffe calls xavier", "U(+-sqrt(3 / fan_in))",
     "LeCun et al. 1998, \"Efficient BackProp\"; Caffe's include/caffe/filler.hpp",
     .base.params = common_params);
INIT(xavier_uniform, init_common, "Xavier (Glorot) uniform", "U(+-sqrt(6 / (fan_in + fan_out)))",
     "Glorot and Bengio 2010", .base.params = common_params);
INIT(xavier_normal, init_common, "Xavier (Glorot) normal", "N(0, 2 / (fan_in + fan_out))",
     "Glorot and Bengio 2010", .base.params = common_params);
INIT(kaiming_uniform, init_common, "Kaiming (He) uniform", "U(+-sqrt(6 / fan_in))",
     "He et al. 2015, arXiv:1502.01852", .base.params = common_params);
INIT(kaiming_normal, init_common, "Kaiming (He) normal", "N(0, 2 / fan_in)",
     "He et al. 2015, arXiv:1502.01852", .base.params = common_params);
INIT(zeros, init_common, "zeros", "0", NULL, .base.params = common_params);
INIT(normal, with_std, "normal", "N(0, std^2)", NULL, .base.params = normal_params);
INIT(truncated_normal, with_std, "normal, cut at two standard deviations",
     "N(0, std^2) within +-2 std", NULL, .base.params = truncated_params);

static const struct kind *const kinds[] = {&init_pytorch.base,         &init_lecun_uniform.base,
                                           &init_xavier_uniform.base,  &init_xavier_normal.base,
                                           &init_kaiming_uniform.base, &init_kaiming_normal.base,
                                           &init_normal.base,          &init_truncated_normal.base,
                                           &init_zeros.base,           NULL};
const struct registry init_registry = {.noun = "init", .plural = "inits", .kinds = kinds};

double init_bias(const struct chosen *init)
{
    return init->kind->params ? ((const struct init_common *)init->options)->bias : 0;
}
