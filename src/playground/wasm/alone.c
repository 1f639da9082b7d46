/* One thread, one level of processor, no BLAS, no files: what WebAssembly has. */
#include "num/blas.h"
#include "num/team.h"
#include "util/file.h"
#include "util/processor.h"

size_t team_size(const struct team *t)
{
    (void)t;
    return 1;
}

void team_run(struct team *t, void (*f)(void *context, size_t part), void *context)
{
    (void)t;
    f(context, 0);
}

void team_share(const struct team *t, size_t part, size_t n, size_t unit, size_t *ret_first,
                size_t *ret_count)
{
    (void)t;
    (void)part;
    (void)unit;
    *ret_first = 0;
    *ret_count = n;
}

enum processor processor_now(void)
{
    return PROCESSOR_BASELINE;
}

void blas_gemm(const struct product *p, float alpha, float beta)
{
    (void)p, (void)alpha, (void)beta;
    __builtin_trap(); /* never: the kernel is gemm_best() */
}

const char *file_expand(struct arena *a, const char *path)
{
    (void)a, (void)path;
    __builtin_trap(); /* no key of a trace is a path */
}
