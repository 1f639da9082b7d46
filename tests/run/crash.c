/* Preloaded into descent: ends it by SIGKILL, or lets a call fail, at the N-th operation on a file
 * under CRASH_UNDER.
 *
 *     CRASH_AT=N          the operation to strike, counted from 1; 0: only count
 *     CRASH_HOW=kill      SIGKILL before the operation; else an errno number with which it fails
 *     CRASH_HOW=signals   no strike, but every other call is interrupted, and those that are not
 *                         move few bytes
 *     CRASH_UNDER=FOLDER  what is counted: operations on paths below it, and writes to files
 *                         opened there
 *     CRASH_COUNT=FILE    where the number of operations is written at exit
 */
#undef _FILE_OFFSET_BITS /* open and open64 are two names here */
#define _GNU_SOURCE
#include "../intercept.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { FILES = 1024, FEW = 100 };
static bool watched[FILES];
static int count;

static bool is_under(const char *path)
{
    const char *under = getenv("CRASH_UNDER");
    return under && strncmp(path, under, strlen(under)) == 0;
}

static bool is_interrupted(void)
{
    static bool odd;
    const char *how = getenv("CRASH_HOW");
    if (!how || strcmp(how, "signals") != 0)
        return false;
    odd = !odd;
    if (odd)
        errno = EINTR;
    return odd;
}

static size_t few(size_t n)
{
    const char *how = getenv("CRASH_HOW");
    return how && strcmp(how, "signals") == 0 && n > FEW ? FEW : n;
}

/* Whether this operation shall fail; errno is set. Does not return from the one that kills. */
static bool strikes(void)
{
    const char *at = getenv("CRASH_AT"), *how = getenv("CRASH_HOW");
    if (++count != (at ? atoi(at) : 0))
        return false;
    if (!how || strcmp(how, "kill") == 0)
        raise(SIGKILL);
    errno = how ? atoi(how) : EIO;
    return true;
}

__attribute__((destructor)) static void write_count(void)
{
    const char *path = getenv("CRASH_COUNT");
    FILE *f = path ? fopen(path, "w") : NULL;
    if (f) {
        fprintf(f, "%d\n", count);
        fclose(f);
    }
}

static int watch(const char *path, int fd)
{
    if (fd >= 0 && fd < FILES)
        watched[fd] = is_under(path);
    return fd;
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
    int (*real)(const char *, int, mode_t);
    *(void **)&real = next(name);
    if (is_under(path) && (((flags & O_CREAT) && strikes()) || is_interrupted()))
        return -1;
    return watch(path, real(path, flags, mode));
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    ssize_t (*real)(int, const void *, size_t);
    *(void **)&real = next("write");
    bool mine = fd >= 0 && fd < FILES && watched[fd];
    if (mine && (strikes() || is_interrupted()))
        return -1;
    n = mine ? few(n) : n;
    /* so that a kill at the next operation finds half a file */
    return real(fd, bytes, mine && n > 4096 ? n / 2 : n);
}

ssize_t read(int fd, void *bytes, size_t n)
{
    ssize_t (*real)(int, void *, size_t);
    *(void **)&real = next("read");
    bool mine = fd >= 0 && fd < FILES && watched[fd];
    if (mine && is_interrupted())
        return -1;
    return real(fd, bytes, mine ? few(n) : n);
}

int fsync(int fd)
{
    int (*real)(int);
    *(void **)&real = next("fsync");
    bool mine = fd >= 0 && fd < FILES && watched[fd];
    if (mine && (strikes() || is_interrupted()))
        return -1;
    return getenv("CRASH_UNDER")
               ? 0
               : real(
                     fd); /* a kill loses nothing that was written; waiting for the disk proves nothing */
}

int close(int fd)
{
    int (*real)(int);
    *(void **)&real = next("close");
    if (fd >= 0 && fd < FILES)
        watched[fd] = false;
    return real(fd);
}

static int two_paths(const char *name, const char *from, const char *to)
{
    int (*real)(const char *, const char *);
    *(void **)&real = next(name);
    return is_under(to) && strikes() ? -1 : real(from, to);
}

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
    int (*real)(const char *);
    *(void **)&real = next("unlink");
    return is_under(path) && strikes() ? -1 : real(path);
}
