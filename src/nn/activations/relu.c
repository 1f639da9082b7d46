#include "nn/activations/activation.h"

ACTIVATION_OF_Y(relu, "rectified linear unit", "y = max(x, 0)", "Nair and Hinton 2010",
                x > 0 ? x : 0.0f, y > 0 ? 1.0f : 0.0f)
