#include "folder/folder.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"
#include "util/sha256.h"
#include <string.h>

/* The spec that a run leaves is its own resolution. */
static bool has_resolved_spec(const char *folder)
{
    struct arena a;
    struct error err;
    const char *text;
    arena_init(&a);
    bool is = folder_spec_text(&a, folder, &text, &err) && spec_is_resolved(text);
    arena_fini(&a);
    return is;
}

bool folder_holds_run(const char *folder)
{
    static const char *const written[] = {FOLDER_EPOCHS, FOLDER_CHECKPOINTS, FOLDER_LOCK};
    if (folder_has(folder, FOLDER_MANIFEST))
        return true;
    if (!folder_has(folder, FOLDER_SPEC))
        return false;
    for (size_t i = 0; i < sizeof written / sizeof written[0]; i++)
        if (folder_has(folder, written[i]))
            return true;
    return has_resolved_spec(folder);
}

bool folder_digest(const char *folder, const char *name, char ret_hex[65], struct error *err)
{
    char *path = path_join(folder, name);
    bool ok = file_digest(path, ret_hex, err);
    mem_free(path);
    return ok;
}

void folder_weights_digest(const struct st_file *f, char ret_hex[65])
{
    struct sha256 s;
    sha256_init(&s);
    for (size_t i = 0; i < f->n; i++)
        if (strncmp(f->tensor[i].name, "model.", 6) == 0 && f->tensor[i].bytes > 0)
            sha256_add(&s, f->tensor[i].data, f->tensor[i].bytes);
    sha256_finish(&s, ret_hex);
}
