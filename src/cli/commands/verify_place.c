/* A locked file in the folder says that a verify is at work there: what a killed one left has none
 * that is locked. */
#include "cli/commands/verify_place.h"
#include "util/log.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100, LETTERS = 6 };
static const char lock_name[] = ".verify", pattern[] = "XXXXXX";

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void verify_remove_folder(const char *path)
{
    if (nftw(path, drop, 16, FTW_DEPTH | FTW_PHYS) != 0)
        log_warn("%s could not be removed", path);
}

/* ---- the lock ---- */

static bool take(int fd)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, F_SETLK, &l) == 0;
}

/* Whether it is still the plain file of that name. */
static bool is_named(int fd, const char *path)
{
    struct stat x, y;
    return fstat(fd, &x) == 0 && lstat(path, &y) == 0 && S_ISREG(x.st_mode) &&
           x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* A file system without locks is none in which anything is taken for left. -1: errno says why;
 * ENOENT: another verify has removed the empty folder. */
static int lock_new(struct arena *a, const char *folder)
{
    const char *path = arena_printf(a, "%s/%s", folder, lock_name);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return -1;
    bool taken = !take(fd) && (errno == EACCES || errno == EAGAIN);
    if (!taken && is_named(fd, path))
        return fd;
    close(fd);
    errno = ENOENT;
    return -1;
}

/* ---- what killed ones left ---- */

static void remove_left(struct arena *a, const char *folder)
{
    struct stat st;
    const char *path = arena_printf(a, "%s/%s", folder, lock_name);
    if (lstat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
        return;
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        if (errno == ENOENT)
            rmdir(folder); /* where it is empty */
        return;
    }
    if (take(fd) && is_named(fd, path))
        verify_remove_folder(folder);
    close(fd);
}

static void remove_all_left(struct arena *a, const char *prefix)
{
    const char *slash = strrchr(prefix, '/'), *name = slash ? slash + 1 : prefix;
    const char *parent =
        slash ? arena_printf(a, "%.*s", (int)(slash - prefix) + 1, prefix) : arena_strdup(a, "./");
    size_t n = strlen(name);
    DIR *d = opendir(parent);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        if (strncmp(e->d_name, name, n) == 0 && strlen(e->d_name) == n + LETTERS &&
            !strchr(e->d_name + n, '.'))
            remove_left(a, arena_printf(a, "%s%s", parent, e->d_name));
    if (d)
        closedir(d);
}

/* ---- a new one ---- */

bool verify_place_make(struct arena *a, const char *prefix, struct verify_place *ret,
                       struct error *err)
{
    *ret = (struct verify_place){.lock = -1};
    remove_all_left(a, prefix);
    for (int i = 0; i < TRIES; i++) {
        char *path = arena_printf(a, "%s%s", prefix, pattern);
        if (!mkdtemp(path))
            break;
        ret->lock = lock_new(a, path);
        ret->path = ret->lock >= 0 ? path : NULL;
        if (ret->path)
            return true;
        int why = errno;
        rmdir(path);
        errno = why;
        if (why != ENOENT)
            break;
    }
    return error_set(err, ERR_SYSTEM, "%s", strerror(errno));
}

void verify_place_remove(const struct verify_place *p)
{
    if (p->path)
        verify_remove_folder(p->path);
    if (p->lock >= 0)
        close(p->lock);
}
