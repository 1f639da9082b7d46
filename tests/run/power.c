/* Preloaded into descent: notes in the file POWER_LOG what it does to files below POWER_UNDER, from
 * which test_power.py makes what a power cut would leave. A note is a line, PATHs below the folder;
 * the bytes of a write follow theirs, and a newline:
 *
 *     open FD NEW TRUNCATED PATH   NEW, TRUNCATED: 0 or 1
 *     write FD BYTES
 *     sync FD                      close FD
 *     rename FROM<TAB>TO           link FROM<TAB>TO
 *     unlink PATH                  mkdir PATH                rmdir PATH
 *
 * fsync itself is left out: it proves nothing here. */
#undef _FILE_OFFSET_BITS /* open and open64 are two names here */
#define _GNU_SOURCE
#include "../intercept.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 1024 };
static bool watched[FILES];

/* The path below the folder ("" for itself), or NULL. */
static const char *below(const char *path)
{
    const char *under = getenv("POWER_UNDER");
    size_t n = under ? strlen(under) : 0;
    if (!under || strncmp(path, under, n) != 0 || (path[n] != '/' && path[n] != '\0'))
        return NULL;
    return path[n] == '/' ? path + n + 1 : path + n;
}

static void note_bytes(const void *bytes, size_t n)
{
    static int fd = -1;
    int (*real_open)(const char *, int, mode_t);
    ssize_t (*real_write)(int, const void *, size_t);
    *(void **)&real_open = next("open");
    *(void **)&real_write = next("write");
    if (fd < 0)
        fd = real_open(getenv("POWER_LOG"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || real_write(fd, bytes, n) != (ssize_t)n)
        abort();
}

__attribute__((format(printf, 1, 2))) static void note(const char *fmt, ...)
{
    char line[9000];
    va_list list;
    va_start(list, fmt);
    int n = vsnprintf(line, sizeof line, fmt, list);
    va_end(list);
    note_bytes(line, (size_t)n);
}

static bool is_watched(int fd)
{
    return fd >= 0 && fd < FILES && watched[fd];
}

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
    int (*real)(const char *, int, mode_t);
    struct stat st;
    *(void **)&real = next(name);
    const char *inner = below(path);
    bool is_new = inner && stat(path, &st) != 0;
    int fd = real(path, flags, mode);
    if (fd >= 0 && fd < FILES) {
        watched[fd] = inner != NULL;
        if (inner)
            note("open %d %d %d %s\n", fd, is_new, (flags & O_TRUNC) != 0, inner);
    }
    return fd;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    ssize_t (*real)(int, const void *, size_t);
    *(void **)&real = next("write");
    ssize_t done = real(fd, bytes, n);
    if (done > 0 && is_watched(fd)) {
        note("write %d %zd\n", fd, done);
        note_bytes(bytes, (size_t)done);
        note("\n");
    }
    return done;
}

int fsync(int fd)
{
    if (is_watched(fd))
        note("sync %d\n", fd);
    return 0;
}

int close(int fd)
{
    int (*real)(int);
    *(void **)&real = next("close");
    if (is_watched(fd))
        note("close %d\n", fd);
    if (fd >= 0 && fd < FILES)
        watched[fd] = false;
    return real(fd);
}

static int two_paths(const char *name, const char *from, const char *to)
{
    int (*real)(const char *, const char *);
    *(void **)&real = next(name);
    int bad = real(from, to);
    if (!bad && below(from) && below(to))
        note("%s %s\t%s\n", name, below(from), below(to));
    return bad;
}

int rename(const char *from, const char *to)
{
    return two_paths("rename", from, to);
}

int link(const char *from, const char *to)
{
    return two_paths("link", from, to);
}

static int one_path(const char *name, const char *path)
{
    int (*real)(const char *);
    *(void **)&real = next(name);
    int bad = real(path);
    if (!bad && below(path))
        note("%s %s\n", name, below(path));
    return bad;
}

int unlink(const char *path)
{
    return one_path("unlink", path);
}

int rmdir(const char *path)
{
    return one_path("rmdir", path);
}

int mkdir(const char *path, mode_t mode)
{
    int (*real)(const char *, mode_t);
    *(void **)&real = next("mkdir");
    int bad = real(path, mode);
    if (!bad && below(path))
        note("mkdir %s\n", below(path));
    return bad;
}
