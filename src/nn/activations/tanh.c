#include "nn/activations/activation.h"
#include "num/math.h"

ACTIVATION_OF_Y(tanh, "hyperbolic tangent", "y = tanh(x)", NULL, math_tanhf(x), 1.0f - y * y)
