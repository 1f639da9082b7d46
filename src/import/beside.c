/* The folder in which a set is written before it has its name: NAME.0123456789ab.tmp beside it. A
 * locked file in it says that it is being written; what a killed import left has none that is
 * locked. */
#include "import/beside.h"
#include "data/data.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100 };
static const char lock_file[] = ".import", ending[] = ".tmp";

/* ---- what such a folder holds ---- */

/* "NAME.0123456789ab.tmp" */
static bool is_beside(const char *entry, const char *name)
{
    size_t n = strlen(name);
    return strncmp(entry, name, n) == 0 && entry[n] == '.' &&
           strspn(entry + n + 1, "0123456789abcdef") == FILE_RANDOM_DIGITS &&
           strcmp(entry + n + 1 + FILE_RANDOM_DIGITS, ending) == 0;
}

static bool is_called(const char *entry, const char *name)
{
    return strcmp(entry, name) == 0 || is_beside(entry, name);
}

/* A file of a set, of three dimensions or four, or what it is called while it is written. */
static bool is_file_of_set(const char *entry)
{
    bool is = is_called(entry, BESIDE_CLASSES);
    for (size_t i = 0; !is && i < DATA_FILES; i++) {
        char *name = path_copy(data_file_names[i]), *dims = strstr(name, "-idx3-");
        is = is_called(entry, name);
        if (dims)
            dims[4] = '4';
        is = is || is_called(entry, name);
        mem_free(name);
    }
    return is;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Whether there is nothing else in it. */
static bool is_ours(const char *folder)
{
    DIR *d = opendir(folder);
    bool ours = d != NULL;
    for (struct dirent *e; ours && (e = readdir(d)) != NULL;)
        ours = is_dots(e->d_name) || strcmp(e->d_name, lock_file) == 0 || is_file_of_set(e->d_name);
    if (d)
        closedir(d);
    return ours;
}

/* The lock's file goes last, so that what is left of a broken removal can be told again. */
static void remove_all(const char *folder)
{
    file_drop_temporaries(folder);
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (is_file_of_set(e->d_name)) {
            char *path = path_join(folder, e->d_name);
            unlink(path);
            mem_free(path);
        }
    if (d)
        closedir(d);
    char *lock = path_join(folder, lock_file);
    unlink(lock);
    mem_free(lock);
    rmdir(folder);
}

/* ---- the lock ---- */

static bool is_named(int fd, const char *path)
{
    struct stat a, b;
    return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && S_ISREG(a.st_mode) &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool take(int fd)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &l) == 0;
}

/* A file system without locks: then nobody can take it for left, since that takes a lock. */
static bool is_taken_by_another(int fd)
{
    return !take(fd) && (errno == EACCES || errno == EAGAIN);
}

/* ---- what killed imports left ---- */

static void sweep_one(const char *folder)
{
    struct stat st;
    char *lock = path_join(folder, lock_file);
    bool is_folder = lstat(folder, &st) == 0 && S_ISDIR(st.st_mode);
    int fd = is_folder ? open(lock, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd >= 0 && take(fd) && is_named(fd, lock) && is_ours(folder))
        remove_all(folder);
    else if (is_folder && fd < 0 && errno == ENOENT)
        rmdir(folder); /* where it is empty */
    if (fd >= 0)
        close(fd);
    mem_free(lock);
}

static void sweep(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char *parent = path_new("%.*s", slash ? (int)(slash - path) + 1 : 2, slash ? path : "./");
    DIR *d = opendir(parent);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (is_beside(e->d_name, name)) {
            char *folder = path_new("%s%s", parent, e->d_name);
            sweep_one(folder);
            mem_free(folder);
        }
    if (d)
        closedir(d);
    mem_free(parent);
}

/* ---- a new one ---- */

/* False: another import has swept it in between. */
static bool lock_new(struct beside *b)
{
    char *lock = path_join(b->path, lock_file);
    b->lock = open(lock, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    bool ok = b->lock >= 0 && !is_taken_by_another(b->lock) && is_named(b->lock, lock);
    int why = b->lock >= 0 ? ENOENT : errno;
    if (!ok && b->lock >= 0)
        close(b->lock);
    mem_free(lock);
    errno = why;
    return ok;
}

bool beside_make(struct beside *b, const char *path, struct error *err)
{
    sweep(path);
    for (int i = 0; i < TRIES; i++) {
        char digits[FILE_RANDOM_DIGITS + 1];
        file_random_digits(digits);
        b->path = path_new("%s.%s%s", path, digits, ending);
        bool made = mkdir(b->path, 0777) == 0;
        if (made && lock_new(b))
            return true;
        int why = errno;
        if (made)
            rmdir(b->path);
        mem_free(b->path);
        b->path = NULL;
        errno = why;
        if (why != (made ? ENOENT : EEXIST))
            break;
    }
    return error_set(err, ERR_SYSTEM, "cannot make a folder beside %s: %s", path, strerror(errno));
}

bool beside_rename(struct beside *b, const char *path, struct error *err)
{
    if (rename(b->path, path) != 0)
        return error_set(err, ERR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
    char *lock = path_join(path, lock_file);
    unlink(lock);
    mem_free(lock);
    mem_free(b->path);
    b->path = NULL;
    return true;
}

void beside_fini(struct beside *b)
{
    if (b->path) {
        remove_all(b->path);
        mem_free(b->path);
    }
    if (b->lock >= 0)
        close(b->lock);
    *b = (struct beside){.lock = -1};
}
