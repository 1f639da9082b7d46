#include "num/conv_kernels.h"
#include "util/processor.h"

/* Of one processor. */
struct pair {
    const struct conv_kernels *wide, *narrow;
};

static struct pair pair_now(void)
{
#if PROCESSOR_HAS_LEVELS
#ifndef DESCENT_CONV_UP_TO_V3
    if (processor_now() == PROCESSOR_V4)
        return (struct pair){&conv_kernels_avx512_wide, &conv_kernels_avx512_narrow};
#endif
    if (processor_now() >= PROCESSOR_V3)
        return (struct pair){&conv_kernels_avx2_wide, &conv_kernels_avx2_narrow};
#endif
    return (struct pair){&conv_kernels_baseline, &conv_kernels_baseline};
}

size_t conv_kernels_width(const struct conv_kernels *k)
{
    return k->lanes * k->vectors;
}

const struct conv_kernels *conv_kernels_at(size_t channels, size_t block)
{
    const struct pair p = pair_now();
    return channels - block <= conv_kernels_width(p.narrow) ? p.narrow : p.wide;
}

size_t conv_kernels_all(size_t channels)
{
    size_t block = 0;
    while (block < channels)
        block += conv_kernels_width(conv_kernels_at(channels, block));
    return block;
}

size_t conv_kernels_step(void)
{
    return conv_kernels_width(pair_now().wide);
}
