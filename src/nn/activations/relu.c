#include "nn/activations/activation.h"

/* A NaN passes both ways, as in PyTorch. */
ACTIVATION_OF_Y(relu, "rectified linear unit", "y = max(x, 0)", "Nair and Hinton 2010",
                x <= 0 ? 0.0f : x, y <= 0 ? 0.0f : 1.0f)
