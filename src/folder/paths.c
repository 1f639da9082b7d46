#include "folder/paths.h"
#include "util/file.h"
#include "util/path.h"
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STEP "step-"
#define ENDING ".safetensors"

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

const char *folder_checkpoint(struct arena *a, const char *folder, const char *name)
{
    return arena_printf(a, "%s/" FOLDER_CHECKPOINTS "/%s" ENDING, folder, name);
}

const char *folder_step_name(struct arena *a, int64_t step)
{
    return arena_printf(a, STEP "%" PRId64, step);
}

/* Not what a user has put there: no other writing of the number. */
bool folder_is_numbered(const char *file_name, int64_t *ret_step)
{
    const char *digits = file_name + strlen(STEP);
    if (strncmp(file_name, STEP, strlen(STEP)) != 0 || !isdigit((unsigned char)*digits))
        return false;
    char *end;
    errno = 0;
    *ret_step = strtoll(digits, &end, 10);
    return errno == 0 && strcmp(end, ENDING) == 0 && (*digits != '0' || end == digits + 1);
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

int64_t *folder_numbered(struct arena *a, const char *folder, size_t *ret_n)
{
    struct file_names file;
    size_t n = 0;
    file_list(a, folder_path(a, folder, FOLDER_CHECKPOINTS), &file);
    int64_t *v = arena_alloc(a, (file.n + 1) * sizeof *v);
    for (size_t i = 0; i < file.n; i++)
        n += folder_is_numbered(file.name[i], &v[n]);
    qsort(v, n, sizeof *v, by_number);
    *ret_n = n;
    return v;
}

static bool read_text(struct arena *a, const char *path, const char **ret, struct error *err)
{
    char *text;
    size_t n;
    if (!file_read(path, FOLDER_RECORD_MOST, &text, &n, err))
        return false;
    *ret = arena_strndup(a, text, n);
    mem_free(text);
    return true;
}

bool folder_spec_text(struct arena *a, const char *folder, const char **ret, struct error *err)
{
    return read_text(a, folder_path(a, folder, FOLDER_SPEC), ret, err);
}

bool folder_sweep_text(struct arena *a, const char *folder, const char **ret, struct error *err)
{
    return read_text(a, folder_path(a, folder, FOLDER_SWEEP), ret, err);
}

bool folder_write_spec(const char *folder, const char *text, struct error *err)
{
    char *path = path_join(folder, FOLDER_SPEC);
    bool ok = file_write(path, text, strlen(text), err);
    mem_free(path);
    return ok;
}
