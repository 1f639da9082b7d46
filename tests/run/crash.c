/* Preloaded into descent: ends it by SIGKILL, or lets a call fail, at the N-th operation on a file
 * under CRASH_UNDER.
 *
 *     CRASH_AT=N          the operation to strike, counted from 1; 0: only count
 *     CRASH_HOW=kill      SIGKILL before the operation; otherwise an errno number with which it fails
 *     CRASH_HOW=signals   no strike, but every other call is interrupted, and those that are not
 *                         move few bytes
 *     CRASH_HOW=stop      SIGSTOP before the operation, which then succeeds; locks, mkdir and rmdir count too
 *     CRASH_UNDER=FOLDER  what is counted: operations on paths below it, and writes to files opened
 *                         there
 *     CRASH_FORK=N        whatever the rest: the N-th process cannot be started
 *     CRASH_WITHHELD=END  whatever the rest: files whose path ends so cannot be opened: EMFILE
 *     CRASH_COUNT=FILE    where the number of operations is written at exit
 */
#define PRELOAD_NAMES
#include "../preload.h"
#include <errno.h>
#include <signal.h>

enum { FEW = 100 };
static int count;

static bool is_under(const char *path)
{
    const char *under = getenv("CRASH_UNDER");
    return under && strncmp(path, under, strlen(under)) == 0;
}

static bool is_interrupted(void)
{
    static bool odd;
    if (!is("CRASH_HOW", "signals"))
        return false;
    odd = !odd;
    if (odd)
        errno = EINTR;
    return odd;
}

static size_t few(size_t n)
{
    return is("CRASH_HOW", "signals") && n > FEW ? FEW : n;
}

/* Whether this operation shall fail; errno is set. Does not return from the one that kills. */
static bool strikes(void)
{
    const char *at = getenv("CRASH_AT"), *how = getenv("CRASH_HOW");
    if (++count != (at ? atoi(at) : 0))
        return false;
    if (!how || strcmp(how, "kill") == 0)
        raise(SIGKILL);
    if (strcmp(how, "stop") == 0) {
        raise(SIGSTOP);
        return false;
    }
    errno = atoi(how);
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

static bool is_withheld(const char *path)
{
    const char *end = getenv("CRASH_WITHHELD");
    size_t n = strlen(path), m = end ? strlen(end) : 0;
    if (!end || n < m || strcmp(path + n - m, end) != 0)
        return false;
    errno = EMFILE;
    return true;
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
    if (is_under(path) && (((flags & O_CREAT) && strikes()) || is_interrupted()))
        return -1;
    if (is_withheld(path))
        return -1;
    int fd = next_open(name, path, flags, mode);
    watch(fd, is_under(path));
    return fd;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    bool mine = is_watched(fd);
    if (mine && (strikes() || is_interrupted()))
        return -1;
    n = mine ? few(n) : n;
    /* so that a kill at the next operation finds half a file */
    return next_write(fd, bytes, mine && n > 4096 ? n / 2 : n);
}

ssize_t read(int fd, void *bytes, size_t n)
{
    ssize_t (*real)(int, void *, size_t);
    *(void **)&real = next("read");
    bool mine = is_watched(fd);
    if (mine && is_interrupted())
        return -1;
    return real(fd, bytes, mine ? few(n) : n);
}

int fsync(int fd)
{
    if (is_watched(fd) && (strikes() || is_interrupted()))
        return -1;
    /* a kill loses nothing that was written; waiting for the disk proves nothing */
    return getenv("CRASH_UNDER") ? 0 : next_on("fsync", fd);
}

int close(int fd)
{
    watch(fd, false);
    return next_on("close", fd);
}

static int two_paths(const char *name, const char *from, const char *to)
{
    return is_under(to) && strikes() ? -1 : next_two(name, from, to);
}

static int one_path(const char *name, const char *path)
{
    return is_under(path) && strikes() ? -1 : next_one(name, path);
}

pid_t fork(void)
{
    static int forks;
    const char *at = getenv("CRASH_FORK");
    pid_t (*real)(void);
    *(void **)&real = next("fork");
    if (++forks != (at ? atoi(at) : 0))
        return real();
    errno = EAGAIN;
    return -1;
}

int rmdir(const char *path)
{
    return is("CRASH_HOW", "stop") ? one_path("rmdir", path) : next_one("rmdir", path);
}

int mkdir(const char *path, mode_t mode)
{
    int (*real)(const char *, mode_t);
    *(void **)&real = next("mkdir");
    return is("CRASH_HOW", "stop") && is_under(path) && strikes() ? -1 : real(path, mode);
}

static int lock(const char *name, int fd, int command, void *what)
{
    int (*real)(int, int, void *);
    *(void **)&real = next(name);
    if (command == F_SETLK && is_watched(fd) && is("CRASH_HOW", "stop"))
        strikes();
    return real(fd, command, what);
}

#define PRELOAD_FCNTL(NAME)                                                                        \
    int NAME(int fd, int command, ...)                                                             \
    {                                                                                              \
        va_list list;                                                                              \
        va_start(list, command);                                                                   \
        void *what = va_arg(list, void *); /* nothing, where the command takes nothing */          \
        va_end(list);                                                                              \
        return lock(#NAME, fd, command, what);                                                     \
    }
PRELOAD_FCNTL(fcntl)
PRELOAD_FCNTL(fcntl64)
