#include "num/conv_make.h"

#if PROCESSOR_HAS_LEVELS
MAKE_CONV_KERNELS(avx2_narrow, UP_TO_12, 8, 1, 12)
#endif
