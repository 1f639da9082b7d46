/* One binary, made for several kinds of x86-64 processor; elsewhere the compiler's default (NEON on
 * 64-bit ARM) is what there is. */
#ifndef DESCENT_UTIL_PROCESSOR_H
#define DESCENT_UTIL_PROCESSOR_H

/* Before the definition of a function that is a vector loop, or calls static ones that are: it is
 * compiled once for each of these levels (x86-64 psABI: v3 has AVX2 and FMA, v4 AVX-512), and the
 * loader picks what the processor has. What such a function calls in its own file is compiled into
 * it. A build for this machine alone (-Dnative=true) and those with sanitizers, which run ahead of
 * the loader's choice, have one version of it. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) &&   \
    !defined(__SANITIZE_ADDRESS__) && !defined(__AVX2__)
#define VECTORIZED                                                                             \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), flatten))
#define PROCESSOR_IS_CHOSEN 1
#else
#define VECTORIZED
#define PROCESSOR_IS_CHOSEN 0
#endif

/* The level that runs here: "x86-64-v4", "x86-64-v3" or "baseline"; what the build was made for
 * where that is fixed. Sums of products round alike from v3 on; the baseline has no fused
 * multiply-add. */
const char *processor_level(void);

#endif
