#include "folder/paths.h"
#include "util/file.h"
#include "util/path.h"
#include <string.h>

enum { SPEC_MOST = 1 << 24 }; /* bytes */

const char *folder_path(struct arena *a, const char *folder, const char *name)
{
    return arena_printf(a, "%s/%s", folder, name);
}

bool folder_has(const char *folder, const char *name)
{
    char *path = path_join(folder, name);
    bool there = file_exists(path);
    mem_free(path);
    return there;
}

bool folder_holds_run(const char *folder)
{
    return folder_has(folder, FOLDER_SPEC) || folder_has(folder, FOLDER_MANIFEST);
}

bool folder_spec_text(struct arena *a, const char *folder, const char **ret, struct error *err)
{
    char *text;
    size_t n;
    if (!file_read(folder_path(a, folder, FOLDER_SPEC), SPEC_MOST, &text, &n, err))
        return false;
    *ret = arena_strndup(a, text, n);
    mem_free(text);
    return true;
}

bool folder_write_spec(const char *folder, const char *text, struct error *err)
{
    char *path = path_join(folder, FOLDER_SPEC);
    bool ok = file_write(path, text, strlen(text), err);
    mem_free(path);
    return ok;
}
