#include "util/file.h"
#include "util/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(struct error *err, const char *verb, const char *path)
{
    return error_set(err, ERR_SYSTEM, "cannot %s %s: %s", verb, path, strerror(errno));
}

static int open_file(const char *path, int flags)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, 0666);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/* ---- reading ---- */

static ssize_t read_some(int fd, void *to, size_t n)
{
    ssize_t got;
    do
        got = read(fd, to, n);
    while (got < 0 && errno == EINTR);
    return got;
}

static bool read_all(int fd, const char *path, size_t max, char **ret_text, size_t *ret_length,
                     struct error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail(err, "read", path);
    if (S_ISDIR(st.st_mode))
        return error_set(err, ERR_SYSTEM, "cannot read %s: it is a folder", path);
    size_t capacity = st.st_size > 0 ? (size_t)st.st_size + 1 : 4096, n = 0;
    if (st.st_size > 0 && (size_t)st.st_size > max)
        return error_set(err, ERR_DATA, "%s is larger than %zu bytes", path, max);
    char *text = mem_new(capacity + 1);
    for (;;) {
        if (n == capacity) { /* a pipe, or a file that grows */
            text = mem_grow(text, capacity, 2 * capacity + 1);
            capacity *= 2;
        }
        ssize_t got = read_some(fd, text + n, capacity - n);
        if (got <= 0 || n + (size_t)got > max) {
            bool large = got > 0;
            *ret_text = text;
            *ret_length = n;
            if (got == 0) {
                text[n] = '\0';
                return true;
            }
            mem_free(text);
            return large ? error_set(err, ERR_DATA, "%s is larger than %zu bytes", path, max)
                         : fail(err, "read", path);
        }
        n += (size_t)got;
    }
}

bool file_read(const char *path, size_t max, char **ret_text, size_t *ret_length,
               struct error *err)
{
    int fd = open_file(path, O_RDONLY);
    if (fd < 0)
        return fail(err, "open", path);
    char *text = NULL;
    size_t n = 0;
    bool ok = read_all(fd, path, max, &text, &n, err);
    close(fd);
    if (ok) {
        *ret_text = text;
        *ret_length = n;
    }
    return ok;
}

/* ---- writing ---- */

/* What a rename would destroy is written into: a device, a pipe, what a link names that has no name
 * of its own. Of a link to a file, that file is replaced; ret_to: its path. */
static bool is_written_into(const char *path, char ret_to[PATH_MAX])
{
    struct stat st;
    bool is_link = lstat(path, &st) == 0 && S_ISLNK(st.st_mode), there = stat(path, &st) == 0;
    snprintf(ret_to, PATH_MAX, "%s", path);
    if (there && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return true;
    return is_link && !realpath(path, ret_to);
}

bool file_begin(struct file_writer *w, const char *path, struct error *err)
{
    char to[PATH_MAX];
    w->fd = -1;
    w->temporary[0] = '\0';
    if (path[0] == '\0')
        return error_set(err, ERR_SYSTEM, "cannot write a file without a name");
    bool into = strlen(path) < sizeof to && is_written_into(path, to);
    int a =
        snprintf(w->path, sizeof w->path, "%s", strlen(path) >= sizeof to || into ? path : to);
    int b = snprintf(w->temporary, sizeof w->temporary, "%s.tmp", w->path);
    if (a < 0 || b < 0 || (size_t)a >= sizeof w->path || (size_t)b >= sizeof w->temporary)
        return error_set(err, ERR_SYSTEM, "the path %.60s... is too long", path);
    if (into)
        w->temporary[0] = '\0';
    const char *opened = into ? w->path : w->temporary;
    w->fd = open_file(opened, O_WRONLY | O_CREAT | O_TRUNC);
    return w->fd >= 0 || fail(err, "write", opened);
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
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder ? 1 : 0] = '\0';
    file_sync_folder(slash ? folder : ".");
}

bool file_commit(struct file_writer *w, struct error *err)
{
    if (!file_sync(w->fd)) {
        fail(err, "write", w->path);
        file_abort(w);
        return false;
    }
    if (close(w->fd) != 0) {
        w->fd = -1;
        fail(err, "write", w->path);
        file_abort(w);
        return false;
    }
    w->fd = -1;
    if (w->temporary[0] == '\0')
        return true;
    if (rename(w->temporary, w->path) != 0) {
        fail(err, "replace", w->path);
        file_abort(w);
        return false;
    }
    sync_folder_of(w->path);
    return true;
}

void file_abort(struct file_writer *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
    if (w->temporary[0])
        unlink(w->temporary);
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

bool file_make_folder(const char *path, struct error *err)
{
    char part[4096];
    int n = snprintf(part, sizeof part, "%s", path);
    if (n < 0 || (size_t)n >= sizeof part)
        return error_set(err, ERR_SYSTEM, "the path %.60s... is too long", path);
    for (char *p = part + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return fail(err, "make the folder", part);
        *p = '/';
    }
    if (mkdir(part, 0777) != 0 && errno != EEXIST)
        return fail(err, "make the folder", part);
    return file_is_folder(path) || error_set(err, ERR_SYSTEM, "%s is not a folder", path);
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
