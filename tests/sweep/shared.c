/* Preloaded into descent: a cluster and its shared folders on a bad day.
 *
 *     SHARED_LOCKS=none     every lock is given at once and protects nothing
 *     SHARED_LOCKS=refused  the file system has no locks: ENOLCK
 *     SHARED_STALE=N        every N-th opening of a file that exists fails with ESTALE
 *     SHARED_SWAP=FROM:TO   before the SHARED_SWAP_AT-th opening of TO, FROM takes its place
 *     SHARED_SWAP_ON=FILE   the same before that opening of FILE
 *     SHARED_HOST=NAME      this machine's name
 *     SHARED_SLEEP=no       waiting takes no time
 *     SHARED_FLUSH=MS       every flush to disk takes that long
 */
#include "../preload.h"
#include <errno.h>
#include <time.h>

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

/* What another process does to a file between two looks of this one. */
static void swap(const char *path)
{
    static int count;
    const char *both = getenv("SHARED_SWAP"), *at = getenv("SHARED_SWAP_AT"),
               *on = getenv("SHARED_SWAP_ON"), *to = both ? strchr(both, ':') : NULL;
    char from[4096];
    if (!to || !at || strcmp(on ? on : to + 1, path) != 0 || ++count != atoi(at))
        return;
    snprintf(from, sizeof from, "%.*s", (int)(to - both), both);
    if (rename(from, to + 1) != 0)
        abort();
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
    swap(path);
    return is_stale(flags) ? -1 : next_open(name, path, flags, mode);
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
    const char *ms = getenv("SHARED_FLUSH");
    if (!ms)
        return next_on(name, fd);
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
