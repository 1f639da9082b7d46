#include "util/file_internal.h"
#include "util/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 16 }; /* bytes */

static bool begins_with(const char *s, const char *beginning)
{
    return strncmp(s, beginning, strlen(beginning)) == 0;
}

/* Whether it names what this process was given open, as `<(command)` and `< FILE` do. */
static bool is_given_open(const char *path)
{
    return strcmp(path, "/dev/stdin") == 0 || begins_with(path, "/dev/fd/") ||
           begins_with(path, "/proc/self/fd/");
}

static bool wrong_kind(struct error *err, const char *path, mode_t mode)
{
    if (S_ISDIR(mode))
        return error_set(err, ERR_SYSTEM, "cannot read %s: it is a folder", path);
    return error_set(err, ERR_SYSTEM, "cannot read %s: it is %s, not a plain file", path,
                     file_kind(mode));
}

/* No waiting for the other end of a pipe: what is refused is refused at once. */
bool file_open(const char *path, enum file_source source, int *ret_fd, size_t *ret_size,
               struct error *err)
{
    struct stat st;
    int fd = file_descriptor(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) {
        int why = errno;
        if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
            return wrong_kind(err, path, st.st_mode);
        errno = why;
        return file_fail(err, "open", path);
    }
    bool ok = fstat(fd, &st) == 0 || file_fail(err, "read", path);
    if (ok && !S_ISREG(st.st_mode)) {
        bool open = source == FILE_OR_PIPE && is_given_open(path) && !S_ISDIR(st.st_mode);
        ok = open || wrong_kind(err, path, st.st_mode);
        int flags = ok ? fcntl(fd, F_GETFL) : -1;
        if (ok && (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0))
            ok = file_fail(err, "read", path);
    }
    if (!ok) {
        close(fd);
        return false;
    }
    *ret_fd = fd;
    *ret_size = S_ISREG(st.st_mode) ? (size_t)st.st_size : 0;
    return true;
}

static ssize_t read_some(int fd, void *to, size_t n)
{
    ssize_t got;
    do
        got = read(fd, to, n);
    while (got < 0 && errno == EINTR);
    return got;
}

static bool too_large(struct error *err, const char *path, size_t max)
{
    return error_set(err, ERR_DATA, "%s is larger than %zu bytes", path, max);
}

struct bytes {
    char *text; /* owned */
    size_t n;
};

/* ret->n: what the file has said of its size, 0 where it does not say. */
static bool read_all(int fd, const char *path, size_t max, struct bytes *ret, struct error *err)
{
    size_t size = ret->n;
    size_t capacity = size > 0 ? size + 1 : 4096, n = 0;
    if (size > max)
        return too_large(err, path, max);
    char *text = mem_unset(capacity + 1, 1);
    for (;;) {
        if (n == capacity) { /* a pipe, or a file that grows */
            text = mem_grow(text, capacity, 2 * capacity + 1);
            capacity *= 2;
        }
        ssize_t got = read_some(fd, text + n, capacity - n);
        if (got <= 0 || n + (size_t)got > max) {
            bool large = got > 0;
            *ret = (struct bytes){text, n};
            if (got == 0) {
                text[n] = '\0';
                return true;
            }
            mem_free(text);
            return large ? too_large(err, path, max) : file_fail(err, "read", path);
        }
        n += (size_t)got;
    }
}

static bool read_from(const char *path, enum file_source source, size_t max, char **ret_text,
                      size_t *ret_length, struct error *err)
{
    int fd, stale = 0;
    struct bytes b = {0};
    bool ok, again;
    do {
        if (!file_open(path, source, &fd, &b.n, err))
            return false;
        errno = 0;
        ok = read_all(fd, path, max, &b, err);
        again = !ok && errno == ESTALE && source == FILE_PLAIN && stale++ < FILE_STALE_TRIES;
        close(fd);
    } while (again);
    if (ok) {
        *ret_text = b.text;
        *ret_length = b.n;
    }
    return ok;
}

bool file_read(const char *path, size_t max, char **ret_text, size_t *ret_length, struct error *err)
{
    return read_from(path, FILE_PLAIN, max, ret_text, ret_length, err);
}

bool file_read_given(const char *path, size_t max, char **ret_text, size_t *ret_length,
                     struct error *err)
{
    return read_from(path, FILE_OR_PIPE, max, ret_text, ret_length, err);
}

bool file_is_withheld(const char *path, const struct error *err)
{
    struct stat st;
    if (err->code != ERR_SYSTEM)
        return false;
    return stat(path, &st) == 0 ? S_ISREG(st.st_mode) : errno != ENOENT && errno != ENOTDIR;
}

bool file_digest(const char *path, char ret_hex[65], struct error *err)
{
    struct sha256 s;
    int fd;
    size_t size;
    ssize_t got;
    if (!file_open(path, FILE_PLAIN, &fd, &size, err))
        return false;
    size_t room = size > 0 && size < PIECE ? size : PIECE;
    char *piece = mem_unset(room, 1);
    sha256_init(&s);
    while ((got = read_some(fd, piece, room)) > 0)
        sha256_add(&s, piece, (size_t)got);
    if (got < 0)
        file_fail(err, "read", path);
    close(fd);
    mem_free(piece);
    if (got == 0)
        sha256_finish(&s, ret_hex);
    return got == 0;
}
