#include "nn/activations/activation.h"
#include "num/math.h"

static float logistic(float x)
{
    return 1.0f / (1.0f + math_expf(-x));
}

ACTIVATION(silu, "sigmoid linear unit (swish)", "y = x / (1 + exp(-x))",
           "Elfwing et al. 2017, arXiv:1702.03118", x *logistic(x),
           logistic(x) * (1.0f + x * (1.0f - logistic(x))))
