#include "nn/activations/activation.h"

ACTIVATION(leaky_relu, "leaky rectified linear unit, slope 0.01", "y = x where x > 0, else 0.01 x",
           "Maas et al. 2013", x > 0 ? x : 0.01f * x, x > 0 ? 1.0f : 0.01f)
