#include "util/processor.h"

const char *processor_level(void)
{
#if PROCESSOR_IS_CHOSEN
    __builtin_cpu_init();
    return __builtin_cpu_supports("x86-64-v4")   ? "x86-64-v4"
           : __builtin_cpu_supports("x86-64-v3") ? "x86-64-v3"
                                                 : "baseline";
#elif defined(__AVX512F__)
    return "x86-64-v4";
#elif defined(__AVX2__)
    return "x86-64-v3";
#else
    return "baseline";
#endif
}
