#include "nn/activations/activation.h"
#include "num/math.h"

ACTIVATION(softplus, "softplus, linear beyond 20", "y = log(1 + exp(x))",
           "PyTorch's Softplus: beta 1, threshold 20", x > 20.0f ? x : math_log1pf(math_expf(x)),
           x > 20.0f ? 1.0f : 1.0f / (1.0f + math_expf(-x)))
