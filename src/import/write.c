/* The four files of a set and its classes' names: all of them or none. */
#include "data/data.h"
#include "import/beside.h"
#include "import/import.h"
#include "util/file.h"
#include "util/path.h"
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
    char *path = path_join(folder, BESIDE_CLASSES);
    strbuf_init(&b);
    for (size_t k = 0; k < s->classes; k++)
        strbuf_addf(&b, "%s\n", s->name[k]);
    bool ok = file_write(path, b.text, b.length, err);
    strbuf_fini(&b);
    mem_free(path);
    return ok;
}

static bool is_stopped(const volatile sig_atomic_t *stop)
{
    return stop && *stop != 0 && *stop != SIGUSR2;
}

static bool write_files(const struct import_set *s, const char *folder,
                        const volatile sig_atomic_t *stop, struct error *err)
{
    bool ok = write_names(s, folder, err);
    for (size_t i = 0; ok && i < DATA_FILES && !is_stopped(stop); i++) {
        char *path = path_of(s, folder, i);
        const struct idx x = file_of(s, i);
        ok = idx_write(path, &x, err);
        mem_free(path);
    }
    return ok && (!is_stopped(stop) || error_set(err, ERR_SYSTEM, "stopped by signal %d", *stop));
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

/* Where it is, or the last folder on its path that is there; freed by free. */
static char *find_real(const char *folder)
{
    char *part = plain(folder), *slash, *real;
    while (!(real = realpath(part, NULL)) && (slash = strrchr(part, '/')) != NULL)
        slash[slash == part] = '\0';
    mem_free(part);
    return real ? real : realpath(".", NULL);
}

bool import_check_outside(const char *source, const char *folder, struct error *err)
{
    char *real = find_real(folder), *from = realpath(source, NULL);
    size_t n = from ? strlen(from) : 0;
    bool within = from && real && file_is_folder(source) && strncmp(real, from, n) == 0 &&
                  (real[n] == '/' || real[n] == '\0');
    free(real);
    free(from);
    return !within || error_set(err, ERR_USAGE,
                                "%s lies in %s, which is imported: name a folder outside of it "
                                "with -o",
                                folder, source);
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

bool import_write(const struct import_set *s, const char *folder, const volatile sig_atomic_t *stop,
                  struct error *err)
{
    char *path = plain(folder);
    struct beside b = {.lock = -1};
    bool ok = import_check_folder(path, err) && make_parent(path, err) &&
              beside_make(&b, path, err) && write_files(s, b.path, stop, err) &&
              beside_rename(&b, path, err);
    beside_fini(&b);
    mem_free(path);
    return ok;
}
