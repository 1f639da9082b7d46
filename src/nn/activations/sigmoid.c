#include "nn/activations/activation.h"
#include "num/math.h"

ACTIVATION_OF_Y(sigmoid, "logistic sigmoid", "y = 1 / (1 + exp(-x))", NULL,
                1.0f / (1.0f + math_expf(-x)), y *(1.0f - y))
