#include "util/file_internal.h"
#include "util/path.h"
#include "util/system.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    error_set(err, ERR_SYSTEM, "cannot write %s: no file can be made in %s: %s%s", path, folder,
              strerror(why), file_place_remedy(why, path));
    mem_free(folder);
    return false;
}

/* A new file of that kind; w->temporary is owned. */
static bool open_temporary(struct file_writer *w, struct error *err)
{
    for (int i = 0; i < TRIES; i++) {
        w->temporary = temporary_of(w->path);
        w->fd = file_descriptor(w->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
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
    if (!file_links(path, &kept, err))
        return false;
    if (kept && lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return error_set(err, ERR_SYSTEM, "cannot write %s: it is %s, not a plain file", path,
                         file_kind(st.st_mode));
    if (!file_check_place(path, err))
        return false;
    if (!is_written_into(path, &w->path))
        return open_temporary(w, err);
    w->fd = file_descriptor(w->path, O_WRONLY | O_CREAT | O_TRUNC);
    return w->fd >= 0 || file_fail(err, "write", w->path);
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
            return file_fail(err, "write", w->path);
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
    int fd = file_descriptor(folder, O_RDONLY);
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
    file_fail(err, verb, w->path);
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
    if (!file_links(to, &kept, err))
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
    int fd = file_descriptor(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
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
