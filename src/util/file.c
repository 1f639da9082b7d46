#include "util/file_internal.h"
#include "util/path.h"
#include "util/text.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *file_remedy(int number)
{
    return number == ENOSPC || number == EDQUOT ? "; make room there, then try again" : "";
}

const char *file_place_remedy(int number, const char *path)
{
    bool denied = (number == EACCES || number == EROFS) && !strchr(path, '/');
    return denied ? "; '-o' names another place" : file_remedy(number);
}

bool file_fail(struct error *err, const char *verb, const char *path)
{
    int why = errno;
    return error_set(err, ERR_SYSTEM, "cannot %s %s: %s%s", verb, path, strerror(why),
                     file_remedy(why));
}

const char *file_kind(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a named pipe"
           : S_ISSOCK(mode) ? "a socket"
           : S_ISLNK(mode)  ? "a link"
           : S_ISREG(mode)  ? "a plain file"
                            : "a device";
}

int file_descriptor(const char *path, int flags)
{
    int fd, stale = 0;
    do
        fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0666);
    while (fd < 0 && (errno == EINTR || (errno == ESTALE && stale++ < FILE_STALE_TRIES)));
    return fd;
}

/* ret_made: it was not there before; no other process made it. */
static bool make_one(const char *path, bool *ret_made, struct error *err)
{
    *ret_made = mkdir(path, 0777) == 0;
    if (*ret_made || errno == EEXIST)
        return true;
    int why = errno;
    return error_set(err, ERR_SYSTEM, "cannot make the folder %s: %s%s", path, strerror(why),
                     file_place_remedy(why, path));
}

bool file_make_inner_folder(const char *path, bool *ret_made, struct error *err)
{
    bool kept;
    return file_links(path, &kept, err) && make_one(path, ret_made, err) &&
           (file_is_folder(path) || error_set(err, ERR_SYSTEM, "%s is not a folder", path));
}

bool file_make_folders_around(const char *path, struct error *err)
{
    bool kept, made;
    if (!file_links(path, &kept, err))
        return false;
    char *part = path_copy(path);
    part[path_bare_length(path)] = '\0';
    bool ok = true;
    for (char *p = part + (part[0] != '\0'); ok && *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        ok = make_one(part, &made, err);
        *p = '/';
    }
    mem_free(part);
    return ok;
}

bool file_make_folder(const char *path, struct error *err)
{
    bool made;
    return file_make_folders_around(path, err) && file_make_inner_folder(path, &made, err);
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

bool file_is_denied(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return errno == EACCES;
    return access(path, S_ISDIR(st.st_mode) ? X_OK : R_OK) != 0 && errno == EACCES;
}

bool file_check_folder(const char *path, struct error *err)
{
    if (file_is_denied(path))
        return error_set(err, ERR_SYSTEM, "cannot open %s: %s", path, strerror(EACCES));
    return file_exists(path) || error_set(err, ERR_DATA, "no such folder: %s", path);
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
