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
#define PRELOAD_NAMES
#include "../preload.h"

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
    if (fd < 0)
        fd = next_open("open", getenv("POWER_LOG"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0 || next_write(fd, bytes, n) != (ssize_t)n)
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

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
    struct stat st;
    const char *inner = below(path);
    bool is_new = inner && stat(path, &st) != 0;
    int fd = next_open(name, path, flags, mode);
    watch(fd, inner != NULL);
    if (is_watched(fd))
        note("open %d %d %d %s\n", fd, is_new, (flags & O_TRUNC) != 0, inner);
    return fd;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    ssize_t done = next_write(fd, bytes, n);
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
    if (is_watched(fd))
        note("close %d\n", fd);
    watch(fd, false);
    return next_on("close", fd);
}

static int two_paths(const char *name, const char *from, const char *to)
{
    int bad = next_two(name, from, to);
    if (!bad && below(from) && below(to))
        note("%s %s\t%s\n", name, below(from), below(to));
    return bad;
}

static int one_path(const char *name, const char *path)
{
    int bad = next_one(name, path);
    if (!bad && below(path))
        note("%s %s\n", name, below(path));
    return bad;
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
