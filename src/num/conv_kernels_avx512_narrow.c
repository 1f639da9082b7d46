#include "num/conv_make.h"

/* With a sanitizer's checks the compiler takes minutes for these. */
#if PROCESSOR_HAS_LEVELS && !defined DESCENT_CONV_UP_TO_V3
MAKE_CONV_KERNELS(avx512_narrow, UP_TO_16, 16, 1, 16)
#endif
