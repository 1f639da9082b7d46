/* What the modules share that stand between descent and the C library: LD_PRELOAD. */
#ifndef TESTS_INTERCEPT_H
#define TESTS_INTERCEPT_H

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/types.h>

/* The library's own function of this name. */
static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* What a module makes of both names of open(). */
static int open_any(const char *name, const char *path, int flags, mode_t mode);

int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open_any("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;
    va_end(list);
    return open_any("open64", path, flags, mode);
}

#endif
