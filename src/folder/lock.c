#include "folder/lock.h"
#include "folder/paths.h"
#include "util/clock.h"
#include "util/file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum attempt { TAKEN, HELD, AGAIN, FAILED };

static struct flock range_of(short type, off_t from, off_t n)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = from, .l_len = n};
}

static bool set(int fd, short type, off_t from, off_t n)
{
    struct flock f = range_of(type, from, n);
    return fcntl(fd, F_SETLK, &f) == 0;
}

/* Whether the open file is still the one of that name: its last holder removes it. */
static bool is_named(int fd, const char *path)
{
    struct stat a, b;
    return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool is_plain(int fd)
{
    struct stat s;
    return fstat(fd, &s) == 0 && S_ISREG(s.st_mode);
}

/* What a file system without locks says. */
static const char *words_of(int number)
{
    if (number == EROFS || number == EACCES)
        return number == EROFS
                   ? "its file system takes no changes; copy the folder to where it can "
                     "be written, or choose another with -o"
                   : "it may not be written; copy the folder to where it can be, or "
                     "choose another with -o";
    return number == ENOLCK || number == ENOSYS || number == EOPNOTSUPP
               ? "its file system has no locks; mount it with 'flock' (Lustre) or 'lock' (NFS, "
                 "where rpc.statd runs), or choose a folder elsewhere with -o"
           : *file_remedy(number) ? "no room is left; make some, then try again"
                                  : strerror(number);
}

static enum attempt fail(const char *path, const char *why, struct error *err)
{
    error_set(err, ERR_SYSTEM, "cannot lock %s: %s", path, why);
    return FAILED;
}

/* The lock of a folder that was made for it holds one byte. */
static void mark(int fd)
{
    ssize_t n = pwrite(fd, "n", 1, 0);
    (void)n; /* a full disk: an empty folder may be left */
}

static bool is_marked(int fd)
{
    struct stat s;
    return fstat(fd, &s) == 0 && s.st_size > 0;
}

/* AGAIN: the file, or its folder, has gone in between. */
static enum attempt lock_ranges(int fd, struct lock *l, const struct lock_range *range, size_t n,
                                struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        struct flock f = range_of(range[i].shared ? F_RDLCK : F_WRLCK, range[i].from, range[i].n);
        if (fcntl(fd, F_SETLK, &f) == 0)
            continue;
        if (errno != EACCES && errno != EAGAIN)
            return errno == ESTALE ? AGAIN : fail(l->path, words_of(errno), err);
        bool known = fcntl(fd, F_GETLK, &f) == 0 && f.l_type != F_UNLCK;
        l->holder = known ? (long)f.l_pid : 0;
        return is_named(fd, l->path) ? HELD : AGAIN;
    }
    return is_named(fd, l->path) ? TAKEN : AGAIN;
}

static enum attempt attempt(struct lock *l, const struct lock_range *range, size_t n,
                            struct error *err)
{
    int fd = open(l->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (fd < 0 && (errno == EINTR || errno == ENOENT || errno == ESTALE))
        return AGAIN;
    if (fd < 0)
        return fail(l->path,
                    errno == ELOOP ? "it is a link; remove it if no other process works here"
                                   : words_of(errno),
                    err);
    enum attempt a = FAILED;
    if (!is_plain(fd))
        fail(l->path, "it is not a plain file", err);
    else {
        if (l->made)
            mark(fd);
        a = lock_ranges(fd, l, range, n, err);
    }
    if (a == TAKEN)
        l->fd = fd;
    else
        close(fd);
    return a;
}

bool lock_take(struct lock *l, const char *folder, const struct lock_wanted *wanted, bool *ret_held,
               struct error *err)
{
    static const struct timespec nap = {.tv_nsec = 20000000};
    double until = clock_monotonic() + wanted->wait;
    l->fd = -1;
    l->holder = 0;
    l->made = false;
    *ret_held = false;
    int length = snprintf(l->path, sizeof l->path, "%s/" FOLDER_LOCK, folder);
    if (length < 0 || (size_t)length >= sizeof l->path)
        return error_set(err, ERR_SYSTEM, "the path %.60s... is too long", folder);
    for (;;) {
        bool made;
        if (!(wanted->inner || file_make_folders_around(folder, err)) ||
            !file_make_inner_folder(folder, &made, err))
            return false;
        l->made |= made;
        enum attempt a = attempt(l, wanted->range, wanted->n, err);
        if (a == TAKEN && stat(folder, &l->folder) != 0)
            l->folder = (struct stat){0};
        if (a == TAKEN || a == FAILED)
            return a == TAKEN;
        if (a == AGAIN)
            continue;
        if (clock_monotonic() >= until) {
            *ret_held = true;
            return error_set(err, ERR_SYSTEM, "another process has locked %s", l->path);
        }
        nanosleep(&nap, NULL);
    }
}

bool lock_byte(struct lock *l, off_t byte, bool on, const volatile sig_atomic_t *stop)
{
    static const struct timespec nap = {.tv_nsec = 20000000};
    struct flock f = range_of(on ? F_WRLCK : F_UNLCK, byte, 1);
    while (l->fd >= 0 && fcntl(l->fd, F_SETLK, &f) != 0) {
        if (errno != EINTR && errno != EACCES && errno != EAGAIN)
            return true; /* none to be had: as well as it goes */
        if (stop && *stop != 0)
            return false;
        nanosleep(&nap, NULL);
    }
    return true;
}

/* Another process that has come in meanwhile is left the duty to remove the folder. */
static bool pass_on(const char *path)
{
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool plain = is_plain(fd);
    if (plain)
        mark(fd);
    bool passed = !plain || is_named(fd, path);
    close(fd);
    return passed;
}

static void folder_of(const char *lock, char ret[4096])
{
    snprintf(ret, 4096, "%.*s", (int)(strrchr(lock, '/') - lock), lock);
}

/* Not where something lies in it. */
static void drop_folder(const char *lock)
{
    char folder[4096];
    folder_of(lock, folder);
    for (int tries = 0; tries < 8; tries++)
        if (rmdir(folder) == 0 || (errno != ENOTEMPTY && errno != EEXIST) || pass_on(lock))
            return;
}

/* Of some file systems a folder has another number each time; an open file keeps its own. */
bool lock_in_place(const struct lock *l)
{
    char folder[4096];
    struct stat now;
    if (l->fd < 0 || l->folder.st_ino == 0 || is_named(l->fd, l->path))
        return true;
    folder_of(l->path, folder);
    if (stat(folder, &now) != 0)
        return errno != ENOENT && errno != ENOTDIR;
    return now.st_dev == l->folder.st_dev && now.st_ino == l->folder.st_ino;
}

void lock_release(struct lock *l)
{
    if (l->fd < 0)
        return;
    if (set(l->fd, F_WRLCK, 0, 0) && is_named(l->fd, l->path)) {
        unlink(l->path);
        if (is_marked(l->fd)) /* now: who came too late for this lock finds that it has no name */
            drop_folder(l->path);
    }
    close(l->fd);
    l->fd = -1;
}

bool lock_is_held(const char *folder)
{
    char path[4096];
    struct flock f = range_of(F_WRLCK, 0, 0);
    snprintf(path, sizeof path, "%s/" FOLDER_LOCK, folder);
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno != ENOENT;
    bool held = is_plain(fd) && (fcntl(fd, F_GETLK, &f) != 0 || f.l_type != F_UNLCK);
    close(fd);
    return held;
}
