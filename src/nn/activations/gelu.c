#include "nn/activations/activation.h"
#include "num/math.h"

static const float root_half = 0.70710678f; /* 1 / sqrt(2) */
static const float density = 0.39894228f;   /* 1 / sqrt(2 pi) */

ACTIVATION(gelu, "Gaussian error linear unit, exact", "y = x (1 + erf(x / sqrt(2))) / 2",
           "Hendrycks and Gimpel 2016, arXiv:1606.08415",
           0.5f * x * (1.0f + math_erff(x * root_half)),
           0.5f * (1.0f + math_erff(x * root_half)) + x * density * math_expf(-0.5f * x * x))
