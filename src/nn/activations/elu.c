#include "nn/activations/activation.h"
#include "num/math.h"

ACTIVATION(elu, "exponential linear unit, alpha 1", "y = x where x > 0, else exp(x) - 1",
           "Clevert et al. 2015, arXiv:1511.07289", x > 0 ? x : math_expm1f(x),
           x > 0 ? 1.0f : y + 1.0f)
