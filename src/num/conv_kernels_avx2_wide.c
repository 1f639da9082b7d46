#include "num/conv_make.h"

#if PROCESSOR_HAS_LEVELS
MAKE_CONV_KERNELS(avx2_wide, UP_TO_6, 8, 2, 6)
#endif
