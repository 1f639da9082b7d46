/* The four files of a set and its classes' names: all of them or none. */
#include "data/data.h"
#include "import/import.h"
#include "util/file.h"
#include "util/path.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char classes_file[] = "classes.txt";

/* The name of file i; of images with channels an idx4. */
static char *path_of(const struct import_set *s, const char *folder, size_t i)
{
    char *path = path_join(folder, data_file_names[i]), *dims = strstr(path, "-idx3-");
    if (dims && s->image.channels > 1)
        dims[4] = '4';
    return path;
}

static struct idx file_of(const struct import_set *s, size_t i)
{
    const struct import_part *p = &s->part[i / 2];
    struct idx x = {.dims = 1, .dim = {(uint32_t)p->n}, .item = 1, .bytes = p->labels};
    if (i % 2 == 1)
        return x;
    uint32_t d[] = {(uint32_t)s->image.channels, (uint32_t)s->image.height,
                    (uint32_t)s->image.width};
    bool grey = d[0] == 1;
    x.dims = grey ? 3 : 4;
    memcpy(x.dim + 1, d + grey, (grey ? 2 : 3) * sizeof *d);
    x.item = image_numbers(s->image);
    x.bytes = p->pixels;
    return x;
}

static bool write_names(const struct import_set *s, const char *folder, struct error *err)
{
    struct strbuf b;
    char *path = path_join(folder, classes_file);
    strbuf_init(&b);
    for (size_t k = 0; k < s->classes; k++)
        strbuf_addf(&b, "%s\n", s->name[k]);
    bool ok = file_write(path, b.text, b.length, err);
    strbuf_fini(&b);
    mem_free(path);
    return ok;
}

static bool write_files(const struct import_set *s, const char *folder, struct error *err)
{
    bool ok = write_names(s, folder, err);
    for (size_t i = 0; ok && i < DATA_FILES; i++) {
        char *path = path_of(s, folder, i);
        const struct idx x = file_of(s, i);
        ok = idx_write(path, &x, err);
        mem_free(path);
    }
    return ok;
}

static void remove_files(const struct import_set *s, const char *folder)
{
    char *names = path_join(folder, classes_file);
    unlink(names);
    mem_free(names);
    for (size_t i = 0; i < DATA_FILES; i++) {
        char *path = path_of(s, folder, i);
        unlink(path);
        mem_free(path);
    }
    file_drop_temporaries(folder);
    rmdir(folder);
}

bool import_check_folder(const char *folder, struct error *err)
{
    struct stat st;
    if (lstat(folder, &st) != 0)
        return errno == ENOENT || error_set(err, ERR_SYSTEM, "%s: %s", folder, strerror(errno));
    bool empty = S_ISDIR(st.st_mode);
    DIR *d = empty ? opendir(folder) : NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;)
        empty = empty && (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0);
    if (d)
        closedir(d);
    return empty || error_set(err, ERR_USAGE, "%s is there already%s; name another folder with -o",
                              folder, S_ISDIR(st.st_mode) ? ", and not empty" : "");
}

/* The folder without slashes at its end, whose name can be given at once. */
static char *plain(const char *folder)
{
    return path_new("%.*s", (int)path_bare_length(folder), folder);
}

/* What the folder is to lie in is made; what an empty name or "." is cannot be replaced. */
static bool make_parent(const char *path, struct error *err)
{
    char *parent = path_copy(path), *slash = strrchr(parent, '/');
    const char *name = slash ? slash + 1 : parent;
    bool ok = name[0] && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
    if (!ok)
        error_set(err, ERR_USAGE, "-o names a new folder, which '%s' is not", path);
    if (ok && slash && slash > parent) {
        *slash = '\0';
        ok = file_make_folder(parent, err);
    }
    mem_free(parent);
    return ok;
}

bool import_write(const struct import_set *s, const char *folder, struct error *err)
{
    char digits[FILE_RANDOM_DIGITS + 1], *path = plain(folder);
    file_random_digits(digits);
    char *beside = path_new("%s.%s.tmp", path, digits);
    bool ok = import_check_folder(path, err) && make_parent(path, err);
    if (ok && mkdir(beside, 0777) != 0)
        ok =
            error_set(err, ERR_SYSTEM, "cannot make a folder beside %s: %s", path, strerror(errno));
    else if (ok) {
        ok = write_files(s, beside, err);
        if (ok && rename(beside, path) != 0)
            ok = error_set(err, ERR_SYSTEM, "cannot write %s: %s", path, strerror(errno));
        if (!ok)
            remove_files(s, beside);
    }
    mem_free(beside);
    mem_free(path);
    return ok;
}
