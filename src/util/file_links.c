#include "util/file_internal.h"
#include "util/folder_names.h"
#include "util/path.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
    return is_there(folder, n, FOLDER_MANIFEST, probe) ||
           is_there(folder, n, FOLDER_SWEEP, probe) || is_there(folder, n, FOLDER_LOCK, probe) ||
           (is_there(folder, n, FOLDER_SPEC, probe) &&
            is_there(folder, n, FOLDER_CHECKPOINTS, probe));
}

/* Walks down the path: from the first folder that is kept on, no link. */
bool file_links(const char *path, bool *ret_kept, struct error *err)
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
    return file_links(path, &kept, err);
}
