/* Preloaded into descent: from the N-th allocation on there is no memory.
 *
 *     STARVE_AT=N         the first allocation that fails, counted from 1; 0: only count
 *     STARVE_COUNT=FILE   where the number of allocations is written at exit
 *     STARVE_CLOCK=still  no time passes, so that nothing is done for being due
 *
 * It goes to the C library's own allocator, past a sanitizer's where that comes after it. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t alignment, size_t n);
void __libc_free(void *p);

static long count;

static bool strikes(void)
{
    static long at = -1;
    if (at < 0) {
        const char *text = getenv("STARVE_AT");
        at = text ? atol(text) : 0;
    }
    long now = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
    if (at == 0 || now < at)
        return false;
    errno = ENOMEM;
    return true;
}

__attribute__((destructor)) static void write_count(void)
{
    const char *path = getenv("STARVE_COUNT");
    long n = count;
    FILE *f = path ? fopen(path, "w") : NULL;
    if (f) {
        fprintf(f, "%ld\n", n);
        fclose(f);
    }
}

void *malloc(size_t n)
{
    return strikes() ? NULL : __libc_malloc(n);
}

void *calloc(size_t items, size_t n)
{
    return strikes() ? NULL : __libc_calloc(items, n);
}

void *realloc(void *p, size_t n)
{
    return strikes() ? NULL : __libc_realloc(p, n);
}

int posix_memalign(void **ret, size_t alignment, size_t n)
{
    if (strikes())
        return ENOMEM;
    *ret = __libc_memalign(alignment, n);
    return *ret ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t n)
{
    return strikes() ? NULL : __libc_memalign(alignment, n);
}

void free(void *p)
{
    __libc_free(p);
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    if (!getenv("STARVE_CLOCK"))
        return (int)syscall(SYS_clock_gettime, clock, ret);
    *ret = (struct timespec){.tv_sec = 1000000000};
    return 0;
}
