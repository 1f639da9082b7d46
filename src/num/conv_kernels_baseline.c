#include "num/conv_make.h"

MAKE_CONV_KERNELS(baseline, UP_TO_6, 4, 4, 6)
