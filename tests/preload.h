/* What the modules share that are preloaded into descent: the calls that they put themselves
 * before. A module includes this first and says what each call does: open_any, and with
 * PRELOAD_NAMES two_paths and one_path. */
#ifndef DESCENT_TESTS_PRELOAD_H
#define DESCENT_TESTS_PRELOAD_H

#undef _FILE_OFFSET_BITS /* open and open64 are two names here */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* The function of this name that comes after the module's: the C library's, or another module's. */
static inline void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static inline bool is(const char *variable, const char *value)
{
    const char *has = getenv(variable);
    return has && strcmp(has, value) == 0;
}

static inline int next_open(const char *name, const char *path, int flags, mode_t mode)
{
    int (*real)(const char *, int, mode_t);
    *(void **)&real = next(name);
    return real(path, flags, mode);
}

static inline int next_two(const char *name, const char *from, const char *to)
{
    int (*real)(const char *, const char *);
    *(void **)&real = next(name);
    return real(from, to);
}

static inline int next_one(const char *name, const char *path)
{
    int (*real)(const char *);
    *(void **)&real = next(name);
    return real(path);
}

/* Calls on a descriptor that take nothing else. */
static inline int next_on(const char *name, int fd)
{
    int (*real)(int);
    *(void **)&real = next(name);
    return real(fd);
}

static inline ssize_t next_write(int fd, const void *bytes, size_t n)
{
    ssize_t (*real)(int, const void *, size_t);
    *(void **)&real = next("write");
    return real(fd, bytes, n);
}

/* name: open or open64, for next_open. */
static int open_any(const char *name, const char *path, int flags, mode_t mode);

#define PRELOAD_OPEN(NAME)                                                                         \
    int NAME(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list list;                                                                              \
        va_start(list, flags);                                                                     \
        mode_t mode = flags & O_CREAT ? va_arg(list, mode_t) : 0;                                  \
        va_end(list);                                                                              \
        return open_any(#NAME, path, flags, mode);                                                 \
    }
PRELOAD_OPEN(open)
PRELOAD_OPEN(open64)

#ifdef PRELOAD_NAMES
static int two_paths(const char *name, const char *from, const char *to);
static int one_path(const char *name, const char *path);

int rename(const char *from, const char *to)
{
    return two_paths("rename", from, to);
}

int link(const char *from, const char *to)
{
    return two_paths("link", from, to);
}

int unlink(const char *path)
{
    return one_path("unlink", path);
}
#endif

/* Of which descriptors a module takes note. */
enum { FILES = 1024 };
static bool watched[FILES];

static inline bool is_watched(int fd)
{
    return fd >= 0 && fd < FILES && watched[fd];
}

static inline void watch(int fd, bool yes)
{
    if (fd >= 0 && fd < FILES)
        watched[fd] = yes;
}

#endif
