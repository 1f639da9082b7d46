#include "nn/activations/activation.h"

ACTIVATION(relu, "rectified linear unit", "y = max(x, 0)", "Nair and Hinton 2010",
           x > 0 ? x : 0.0f, x > 0 ? 1.0f : 0.0f)
