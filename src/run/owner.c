/* Whose folder it is, where locks do not tell: run.json carries a number of the process that writes
 * there, which looks at it before it writes again; and whether the folder is where it was. */
#include "folder/folder.h"
#include "run/internal.h"
#include "util/file.h"
#include "util/system.h"
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_same_time(struct timespec x, struct timespec y)
{
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
}

/* Opened, as some network file systems look at the file again only then. Where it is there, but
 * cannot be opened, *err says so. */
static bool is_as_written(struct run *r, struct error *err)
{
    struct stat st;
    int fd;
    size_t size;
    const char *path = r->manifest_path;
    *err = (struct error){0};
    if (!file_open(path, FILE_PLAIN, &fd, &size, err))
        return !file_exists(path); /* removed: by whoever wants it written again */
    bool same = fstat(fd, &st) == 0 && st.st_dev == r->manifest.st_dev &&
                st.st_ino == r->manifest.st_ino &&
                is_same_time(system_written(&st), system_written(&r->manifest));
    close(fd);
    return same;
}

void run_owner_note(struct run *r)
{
    if (lstat(r->manifest_path, &r->manifest) != 0)
        r->manifest = (struct stat){0};
}

void run_owner_begin(struct run *r)
{
    r->manifest_path = run_path(r, FOLDER_MANIFEST);
    file_random_digits(r->owner);
}

bool run_owner_in_place(struct run *r, struct error *err)
{
    if (lock_in_place(&r->lock))
        return true;
    r->moved = true;
    return error_set(err, ERR_SYSTEM,
                     "%s was moved or removed while it was trained, so this process ends and "
                     "writes nothing there; where it was moved, 'descent resume' with its new "
                     "name trains it from its last checkpoint on",
                     r->folder);
}

bool run_owner_check(struct run *r, struct error *err)
{
    if (!run_owner_in_place(r, err))
        return false;
    if (!r->manifest.st_ino || is_as_written(r, err))
        return true;
    if (err->code)
        return false;
    const char *owner = folder_manifest_text(&r->arena, r->folder, "owner", NULL, NULL);
    if (owner && strcmp(owner, r->owner) == 0) {
        run_owner_note(r);
        return true;
    }
    const char *host = folder_manifest_text(&r->arena, r->folder, "build", "host", NULL);
    r->disowned = true;
    return error_set(
        err, ERR_SYSTEM,
        "another process%s%s has taken over %s, so this one ends: locks do not hold on its file "
        "system; mount it with 'flock' (Lustre) or without 'nolock' and 'local_lock' (NFS), or "
        "choose a folder elsewhere with -o",
        host ? " on " : "", host ? host : "", r->folder);
}
