#include "num/conv_make.h"

#if PROCESSOR_HAS_LEVELS
MAKE_CONV_KERNELS(avx512_narrow, UP_TO_14, 16, 1, 14)
#endif
