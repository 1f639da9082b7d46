#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"
#include "util/sha256.h"
#include "util/system.h"
#include "util/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 16 }; /* bytes */

static bool fail(struct error *err, const char *verb, const char *path)
{
    return error_set(err, ERR_SYSTEM, "cannot %s %s: %s", verb, path, strerror(errno));
}

/* What a path names, in words for a message. */
static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a named pipe"
           : S_ISSOCK(mode) ? "a socket"
           : S_ISLNK(mode)  ? "a link"
           : S_ISREG(mode)  ? "a plain file"
                            : "a device";
}

static int open_file(const char *path, int flags)
{
    int fd, stale = 0;
    do
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
    while (fd < 0 && (errno == EINTR || (errno == ESTALE && stale++ < FILE_STALE_TRIES)));
    return fd;
}

/* ---- reading ---- */

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
                     kind_of(mode));
}

/* No waiting for the other end of a pipe: what is refused is refused at once. */
bool file_open(const char *path, enum file_source source, int *ret_fd, size_t *ret_size,
               struct error *err)
{
    struct stat st;
    int fd = open_file(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) {
        int why = errno;
        if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
            return wrong_kind(err, path, st.st_mode);
        errno = why;
        return fail(err, "open", path);
    }
    bool ok = fstat(fd, &st) == 0 || fail(err, "read", path);
    if (ok && !S_ISREG(st.st_mode)) {
        bool open = source == FILE_OR_PIPE && is_given_open(path) && !S_ISDIR(st.st_mode);
        ok = open || wrong_kind(err, path, st.st_mode);
        int flags = ok ? fcntl(fd, F_GETFL) : -1;
        if (ok && (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0))
            ok = fail(err, "read", path);
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
            return large ? too_large(err, path, max) : fail(err, "read", path);
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
        fail(err, "read", path);
    close(fd);
    mem_free(piece);
    if (got == 0)
        sha256_finish(&s, ret_hex);
    return got == 0;
}

/* ---- links ---- */

enum { NAME_MOST = 16 }; /* of the names below */

/* probe: room for the folder's name and NAME_MOST bytes more. */
static bool is_there(const char *folder, size_t n, const char *name, char *probe)
{
    struct stat st;
    memcpy(probe, folder, n);
    snprintf(probe + n, NAME_MOST, "/%s", name);
    return lstat(probe, &st) == 0;
}

/* A run's or a sweep's folder: one that is being written to, or was. */
static bool is_kept(const char *folder, char *probe)
{
    size_t n = strlen(folder);
    return is_there(folder, n, "run.json", probe) || is_there(folder, n, "sweep.yaml", probe) ||
           is_there(folder, n, ".lock", probe) ||
           (is_there(folder, n, "spec.yaml", probe) && is_there(folder, n, "checkpoints", probe));
}

/* Walks down the path: from the first folder that is kept on, no link. ret_kept: whether there is
 * one. */
static bool check_links(const char *path, bool *ret_kept, struct error *err)
{
    struct stat st;
    bool kept = false, ok = true;
    char *part = path_copy(path), *probe = mem_new(strlen(path) + 1 + NAME_MOST);
    const char *folder = path[0] == '/' ? "/" : ".";
    for (char *at = part; ok && *at;) {
        size_t slashes = strspn(at, "/"), n = strcspn(at + slashes, "/");
        char *end = at + slashes + n, was = *end;
        if (n == 0)
            break;
        if (slashes > 0 && at > part) { /* what stands before this name */
            *at = '\0';
            kept = kept || is_kept(part, probe);
            *at = '/';
        } else {
            kept = kept || is_kept(folder, probe);
        }
        *end = '\0';
        if (n == 2 && strncmp(end - 2, "..", 2) == 0)
            kept = false;
        else if (kept && lstat(part, &st) == 0 && S_ISLNK(st.st_mode))
            ok = error_set(err, ERR_SYSTEM,
                           "%s is a link: below the folder of a run or a sweep nothing is "
                           "written through one; remove it, or put what it names in its place",
                           part);
        *end = was;
        at = end;
    }
    mem_free(probe);
    mem_free(part);
    *ret_kept = kept;
    return ok;
}

bool file_check_links(const char *path, struct error *err)
{
    bool kept;
    return check_links(path, &kept, err);
}

/* ---- writing ---- */

enum { BASE_MOST = 200, TRIES = 100 };
static const char temporary_end[] = ".tmp";

/* What a rename would destroy is written into: a device, a pipe, what a link names that has no name
 * of its own. Of a link to a file, that file is replaced: ret_to, owned. */
static bool is_written_into(const char *path, char **ret_to)
{
    struct stat st;
    bool is_link = lstat(path, &st) == 0 && S_ISLNK(st.st_mode), there = stat(path, &st) == 0,
         other = there && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
    char *real = is_link && !other ? realpath(path, NULL) : NULL;
    *ret_to = path_copy(real ? real : path);
    free(real);
    return other || (is_link && !real);
}

void file_random_digits(char ret[FILE_RANDOM_DIGITS + 1])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[FILE_RANDOM_DIGITS];
    system_random(bytes, sizeof bytes); /* O_EXCL does not depend on it */
    for (size_t i = 0; i < sizeof bytes; i++)
        ret[i] = digits[bytes[i] % 16];
    ret[FILE_RANDOM_DIGITS] = '\0';
}

/* A new name beside PATH, owned: NAME.0123456789ab.tmp, a long name cut. */
static char *temporary_of(const char *path)
{
    char digits[FILE_RANDOM_DIGITS + 1];
    const char *base = path_base(path);
    size_t n = strlen(base);
    if (n > BASE_MOST)
        for (n = BASE_MOST; ((unsigned char)base[n] & 0xc0) == 0x80;)
            n--; /* not within a character */
    file_random_digits(digits);
    return path_new("%.*s%.*s.%s%s", (int)(base - path), path, (int)n, base, digits, temporary_end);
}

/* It is locked as long as it is written, so that what a killed process left can be told from it. */
static bool is_locked_by_us(int fd)
{
    struct stat st;
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool other = fcntl(fd, F_SETLK, &l) != 0 && (errno == EACCES || errno == EAGAIN);
    return !other && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

/* The folder that the path's file lies in, owned. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) + (slash == path) : 1;
    return path_new("%.*s", (int)n, slash ? path : ".");
}

bool file_check_place(const char *path, struct error *err)
{
    if (file_is_folder(path) || path[strlen(path) - 1] == '/')
        return error_set(err, ERR_SYSTEM, "cannot write %s: that is a folder, not a file", path);
    char *folder = folder_of(path);
    bool there = file_exists(folder) || errno != ENOENT;
    if (!there)
        error_set(err, ERR_SYSTEM, "cannot write %s: there is no folder %s", path, folder);
    mem_free(folder);
    return there;
}

/* The name of the temporary is nobody's. */
static bool no_file_beside(struct error *err, const char *path)
{
    int why = errno;
    char *folder = folder_of(path);
    error_set(err, ERR_SYSTEM, "cannot write %s: no file can be made in %s: %s", path, folder,
              strerror(why));
    mem_free(folder);
    return false;
}

/* A new file of that kind; w->temporary is owned. */
static bool open_temporary(struct file_writer *w, struct error *err)
{
    for (int i = 0; i < TRIES; i++) {
        w->temporary = temporary_of(w->path);
        w->fd = open_file(w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
        if (w->fd >= 0 && is_locked_by_us(w->fd))
            return true;
        if (w->fd < 0 && errno != EEXIST)
            return no_file_beside(err, w->path);
        if (w->fd >= 0)
            close(w->fd);
        w->fd = -1;
        mem_free(w->temporary);
        w->temporary = NULL;
    }
    return error_set(err, ERR_SYSTEM, "cannot write %s: no new name is free beside it", w->path);
}

static bool begin(struct file_writer *w, const char *path, struct error *err)
{
    struct stat st;
    bool kept;
    if (path[0] == '\0')
        return error_set(err, ERR_SYSTEM, "cannot write a file without a name");
    if (!check_links(path, &kept, err))
        return false;
    if (kept && lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(err, ERR_SYSTEM, "cannot write %s: it is %s, not a plain file", path,
                         kind_of(st.st_mode));
    if (!file_check_place(path, err))
        return false;
    if (!is_written_into(path, &w->path))
        return open_temporary(w, err);
    w->fd = open_file(w->path, O_WRONLY | O_CREAT | O_TRUNC);
    return w->fd >= 0 || fail(err, "write", w->path);
}

bool file_begin(struct file_writer *w, const char *path, struct error *err)
{
    *w = (struct file_writer){.fd = -1};
    if (begin(w, path, err))
        return true;
    mem_free(w->path);
    mem_free(w->temporary);
    *w = (struct file_writer){.fd = -1};
    return false;
}

bool file_add(struct file_writer *w, const void *bytes, size_t n, struct error *err)
{
    const char *p = bytes;
    while (n > 0) {
        ssize_t done = write(w->fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fail(err, "write", w->path);
        p += done;
        n -= (size_t)done;
    }
    return true;
}

bool file_sync(int fd)
{
    int bad;
    while ((bad = fsync(fd)) != 0 && errno == EINTR)
        continue;
    return !bad || errno == EINVAL || errno == ENOTSUP;
}

void file_sync_folder(const char *folder)
{
    int fd = open_file(folder, O_RDONLY);
    if (fd < 0)
        return;
    while (fsync(fd) != 0 && errno == EINTR)
        continue;
    close(fd);
}

/* A rename is safe on disk once its folder is. Some file systems cannot sync a folder; that is no
 * error. */
static void sync_folder_of(const char *path)
{
    char *folder = folder_of(path);
    file_sync_folder(folder);
    mem_free(folder);
}

/* The words are the caller's already. */
static bool give_up(struct file_writer *w, const char *verb, struct error *err)
{
    fail(err, verb, w->path);
    file_abort(w);
    return false;
}

bool file_commit(struct file_writer *w, struct error *err)
{
    if (!file_sync(w->fd))
        return give_up(w, "write", err);
    /* before it is closed, while it is locked */
    if (w->temporary && rename(w->temporary, w->path) != 0)
        return give_up(w, "replace", err);
    bool was_new = w->temporary != NULL;
    mem_free(w->temporary);
    w->temporary = NULL;
    int bad = close(w->fd);
    w->fd = -1;
    if (bad)
        return give_up(w, "write", err);
    if (was_new)
        sync_folder_of(w->path);
    file_abort(w);
    return true;
}

void file_abort(struct file_writer *w)
{
    if (w->fd >= 0)
        close(w->fd);
    if (w->temporary)
        unlink(w->temporary);
    mem_free(w->temporary);
    mem_free(w->path);
    *w = (struct file_writer){.fd = -1};
}

bool file_write(const char *path, const void *bytes, size_t n, struct error *err)
{
    struct file_writer w;
    if (!file_begin(&w, path, err))
        return false;
    if (!file_add(&w, bytes, n, err)) {
        file_abort(&w);
        return false;
    }
    return file_commit(&w, err);
}

bool file_give_name(const char *from, const char *to, struct error *err)
{
    bool kept, done = false, taken = true;
    if (!check_links(to, &kept, err))
        return false;
    for (int i = 0; taken && i < TRIES; i++) {
        char *temporary = temporary_of(to);
        done = link(from, temporary) == 0;
        taken = !done && errno == EEXIST;
        if (done) {
            done = rename(temporary, to) == 0;
            unlink(temporary); /* rename leaves both where they are the same file already */
        }
        mem_free(temporary);
    }
    if (done)
        return true;
    char *bytes; /* a file system without links */
    size_t n;
    if (!file_read(from, (size_t)1 << 40, &bytes, &n, err))
        return false;
    bool ok = file_write(to, bytes, n, err);
    mem_free(bytes);
    return ok;
}

/* ---- what killed processes left ---- */

static bool is_temporary(const char *name)
{
    static const char old[] = ".safetensors.tmp"; /* as versions before 0.2 had it */
    size_t n = strlen(name), end = strlen(temporary_end), m = sizeof old - 1;
    if (n > m && strcmp(name + n - m, old) == 0)
        return true;
    if (n < FILE_RANDOM_DIGITS + 2 + end || strcmp(name + n - end, temporary_end) != 0)
        return false;
    const char *digits = name + n - end - FILE_RANDOM_DIGITS;
    return digits[-1] == '.' && strspn(digits, "0123456789abcdef") == FILE_RANDOM_DIGITS;
}

/* Nobody holds its lock. */
static void drop_if_left(const char *path)
{
    struct stat st;
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open_file(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
    bool left =
        fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && fcntl(fd, F_SETLK, &l) == 0;
    if (left)
        unlink(path);
    if (fd >= 0)
        close(fd);
}

void file_drop_temporaries(const char *folder)
{
    struct error err;
    if (!file_check_links(folder, &err))
        return;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (is_temporary(e->d_name)) {
            char *path = path_join(folder, e->d_name);
            drop_if_left(path);
            mem_free(path);
        }
    if (d)
        closedir(d);
}

/* ---- folders ---- */

static bool make_one(const char *path, struct error *err)
{
    return mkdir(path, 0777) == 0 || errno == EEXIST || fail(err, "make the folder", path);
}

bool file_make_folder(const char *path, struct error *err)
{
    bool kept;
    if (!check_links(path, &kept, err))
        return false;
    char *part = path_copy(path);
    bool ok = true;
    for (char *p = part + (part[0] != '\0'); ok && *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        ok = make_one(part, err);
        *p = '/';
    }
    ok = ok && make_one(part, err);
    mem_free(part);
    return ok && (file_is_folder(path) || error_set(err, ERR_SYSTEM, "%s is not a folder", path));
}

bool file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool file_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_is_same(const char *path, const char *other)
{
    struct stat a, b;
    return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

const char *file_expand(struct arena *a, const char *path)
{
    const char *home = getenv("HOME");
    return strncmp(path, "~/", 2) == 0 && home && home[0] ? arena_printf(a, "%s%s", home, path + 1)
                                                          : path;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool file_list(struct arena *a, const char *folder, struct file_names *ret)
{
    size_t room = 0;
    DIR *d = opendir(folder);
    *ret = (struct file_names){0};
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        ret->name = arena_room(a, ret->name, ret->n, &room, sizeof *ret->name);
        text_note_name(e->d_name);
        ret->name[ret->n++] = arena_strdup(a, e->d_name);
    }
    if (ret->n > 0)
        qsort(ret->name, ret->n, sizeof *ret->name, by_name);
    if (d)
        closedir(d);
    return d != NULL;
}
