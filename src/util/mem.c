#define _DEFAULT_SOURCE /* madvise */
#include "util/mem.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/* Nothing useful can be done without memory; sizes were checked against the spec before. */
_Noreturn void mem_exhausted(size_t n)
{
    char text[96];
    int length =
        n > 0 ? snprintf(text, sizeof text, "descent: out of memory (%zu bytes asked for)\n", n)
              : snprintf(text, sizeof text, "descent: out of memory\n");
    if (write(STDERR_FILENO, text, (size_t)length) < 0)
        _exit(ERR_SYSTEM);
    _exit(ERR_SYSTEM);
}

enum { LINE = 64, HUGE_PAGE = 1 << 21 };

/* Of large blocks, touching a small page for the first time takes longer than all that is done with
 * it. */
static void *take(size_t n)
{
    void *p = NULL;
    bool large = n >= HUGE_PAGE;
    if (n > SIZE_MAX - LINE ||
        posix_memalign(&p, large ? HUGE_PAGE : LINE,
                       (n + LINE - 1) / LINE * LINE + (n == 0 ? LINE : 0)) != 0)
        mem_exhausted(n);
#if defined(DESCENT_LINUX) && defined(MADV_HUGEPAGE)
    if (large)
        madvise(p, n / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE); /* a hint: without it all goes well */
#endif
    return p;
}

static size_t product(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        mem_exhausted(SIZE_MAX);
    return count * size;
}

void *mem_new(size_t n)
{
    return memset(take(n), 0, n);
}

void *mem_array(size_t count, size_t size)
{
    return mem_new(product(count, size));
}

void *mem_unset(size_t count, size_t size)
{
    return take(product(count, size));
}

void *mem_grow(void *old, size_t old_bytes, size_t new_bytes)
{
    void *p = mem_new(new_bytes);
    if (old_bytes > 0)
        memcpy(p, old, old_bytes < new_bytes ? old_bytes : new_bytes);
    mem_free(old);
    return p;
}

void *mem_room(void *old, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return old;
    *room = 2 * n + 16;
    return mem_grow(old, n * size, product(*room, size));
}

void mem_free(void *p)
{
    free(p);
}

double mem_limit(void)
{
    struct rlimit limit;
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    double bytes = pages > 0 && size > 0 ? (double)pages * (double)size : 1e30;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        (double)limit.rlim_cur < bytes)
        bytes = (double)limit.rlim_cur;
    return bytes;
}

/* ---- arenas: a chain of blocks ---- */

struct arena_block {
    struct arena_block *before;
    size_t used, size;
    _Alignas(16) unsigned char bytes[];
};

void arena_init(struct arena *a)
{
    a->last = NULL;
}

void arena_fini(struct arena *a)
{
    while (a->last) {
        struct arena_block *before = a->last->before;
        mem_free(a->last);
        a->last = before;
    }
}

void *arena_alloc(struct arena *a, size_t n)
{
    if (n > SIZE_MAX / 4)
        mem_exhausted(n);
    size_t rounded = (n + 15) / 16 * 16;
    if (!a->last || a->last->size - a->last->used < rounded) {
        size_t size = rounded > 8192 ? rounded : 8192;
        struct arena_block *b = mem_new(sizeof *b + size);
        b->before = a->last;
        b->size = size;
        a->last = b;
    }
    void *p = a->last->bytes + a->last->used;
    a->last->used += rounded;
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *p = arena_alloc(a, n + 1);
    memcpy(p, s, n);
    return p;
}

void *arena_room(struct arena *a, void *old, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return old;
    *room = 2 * n + 16;
    void *more = arena_alloc(a, product(*room, size));
    if (n > 0)
        memcpy(more, old, n * size);
    return more;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list list, again;
    char first[256]; /* most fit */
    va_start(list, fmt);
    va_copy(again, list);
    int n = vsnprintf(first, sizeof first, fmt, list);
    va_end(list);
    size_t length = n < 0 ? 0 : (size_t)n;
    char *p = arena_alloc(a, length + 1);
    if (length < sizeof first)
        memcpy(p, first, length);
    else
        vsnprintf(p, length + 1, fmt, again);
    va_end(again);
    return p;
}
