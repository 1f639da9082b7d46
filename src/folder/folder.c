#include "folder/folder.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/sha256.h"
#include <stdio.h>
#include <string.h>

static void join(char path[4096], const char *folder, const char *name)
{
    snprintf(path, 4096, "%s/%s", folder, name);
}

bool folder_holds_run(const char *folder)
{
    char spec[4096], manifest[4096];
    join(spec, folder, "spec.yaml");
    join(manifest, folder, "run.json");
    return file_exists(spec) || file_exists(manifest);
}

bool folder_digest(const char *folder, const char *name, char ret_hex[65], struct error *err)
{
    char path[4096], *text;
    size_t n;
    join(path, folder, name);
    if (!file_read(path, (size_t)1 << 40, &text, &n, err))
        return false;
    sha256_of(text, n, ret_hex);
    mem_free(text);
    return true;
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
