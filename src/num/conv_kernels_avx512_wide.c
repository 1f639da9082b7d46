#include "num/conv_make.h"

#if PROCESSOR_HAS_LEVELS
MAKE_CONV_KERNELS(avx512_wide, UP_TO_14, 16, 2, 14)
#endif
