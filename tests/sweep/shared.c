/* Preloaded into descent: a cluster and its shared folders on a bad day.
 *
 *     SHARED_LOCKS=none     every lock is given at once and protects nothing
 *     SHARED_LOCKS=refused  the file system has no locks: ENOLCK
 *     SHARED_STALE=N        every N-th opening of a file that exists fails with ESTALE
 *     SHARED_HOST=NAME      this machine's name
 *     SHARED_SLEEP=no       waiting takes no time
 *     SHARED_FLUSH=MS       every flush to disk takes that long
 */
#undef _FILE_OFFSET_BITS /* open and open64 are two names here */
#define _GNU_SOURCE
#include "../intercept.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool is(const char *variable, const char *value)
{
    const char *has = getenv(variable);
    return has && strcmp(has, value) == 0;
}

/* ---- locks ---- */

static int lock_call(const char *name, int fd, int command, void *argument)
{
    int (*real)(int, int, ...);
    *(void **)&real = next(name);
    bool sets = command == F_SETLK || command == F_SETLKW;
    if (sets && is("SHARED_LOCKS", "none"))
        return 0;
    if (sets && is("SHARED_LOCKS", "refused")) {
        errno = ENOLCK;
        return -1;
    }
    if (command == F_GETLK && getenv("SHARED_LOCKS")) {
        ((struct flock *)argument)->l_type = F_UNLCK;
        return 0;
    }
    return real(fd, command, argument);
}

int fcntl(int fd, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return lock_call("fcntl", fd, command, argument);
}

int fcntl64(int fd, int command, ...)
{
    va_list list;
    va_start(list, command);
    void *argument = va_arg(list, void *);
    va_end(list);
    return lock_call("fcntl64", fd, command, argument);
}

/* ---- names that were another file's ---- */

static bool is_stale(int flags)
{
    static int count;
    const char *every = getenv("SHARED_STALE");
    bool stale = every && !(flags & O_CREAT) && ++count % atoi(every) == 0;
    if (stale)
        errno = ESTALE;
    return stale;
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
    int (*real)(const char *, int, mode_t);
    *(void **)&real = next(name);
    return is_stale(flags) ? -1 : real(path, flags, mode);
}

/* ---- the machine ---- */

int gethostname(char *name, size_t n)
{
    int (*real)(char *, size_t);
    *(void **)&real = next("gethostname");
    const char *other = getenv("SHARED_HOST");
    if (!other)
        return real(name, n);
    snprintf(name, n, "%s", other);
    return 0;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    int (*real)(const struct timespec *, struct timespec *);
    *(void **)&real = next("nanosleep");
    return is("SHARED_SLEEP", "no") ? 0 : real(wanted, left);
}

static int flush(const char *name, int fd)
{
    int (*real)(int);
    *(void **)&real = next(name);
    const char *ms = getenv("SHARED_FLUSH");
    if (!ms)
        return real(fd);
    int (*sleep_for)(const struct timespec *, struct timespec *);
    *(void **)&sleep_for = next("nanosleep");
    return sleep_for(&(struct timespec){.tv_nsec = atoi(ms) * 1000000L}, NULL);
}

int fsync(int fd)
{
    return flush("fsync", fd);
}

int fdatasync(int fd)
{
    return flush("fdatasync", fd);
}
