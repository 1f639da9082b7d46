/* Any four IDX files; the names of the classes may stand in classes.txt beside them, a line
 * each. */
#include "data/internal.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"
#include <string.h>

static const char *const folders[] = {"raw", NULL};
enum { MOST_NAMES = 256, LONGEST_FILE = 1 << 16 };

/* One name a line, as many as there are labels at most. */
static bool read_names(struct data_files *f, const char *path, struct error *err)
{
    static const char bom[] = "\357\273\277";
    char *text, *rest;
    size_t n;
    const char **name = arena_alloc(f->arena, (MOST_NAMES + 1) * sizeof *name);
    if (!file_read(path, LONGEST_FILE, &text, &n, err)) {
        err->code = ERR_DATA;
        return false;
    }
    if (memchr(text, 0, n)) { /* the rest would be ignored */
        mem_free(text);
        return error_set(err, ERR_DATA, "%s is no text: it names a class a line", path);
    }
    rest = arena_strdup(f->arena, strncmp(text, bom, 3) == 0 ? text + 3 : text);
    mem_free(text);
    for (n = 0; *rest; n++) {
        size_t length = strcspn(rest, "\r\n");
        bool ended = rest[length] == '\0', both = rest[length] == '\r' && rest[length + 1] == '\n';
        if (length == 0)
            return error_set(err, ERR_DATA, "%s:%zu: an empty line; it names a class a line", path,
                             n + 1);
        if (n == MOST_NAMES)
            return error_set(err, ERR_DATA, "%s names more than %d classes", path, MOST_NAMES);
        rest[length] = '\0';
        name[n] = rest;
        rest += ended ? length : length + 1 + both;
    }
    name[n] = NULL;
    f->class_name = name;
    return true;
}

static bool read_set(const struct data_config *c, struct data_files *ret, struct error *err)
{
    if (!idx_set_read(c, ret, err))
        return false;
    char *path = path_new("%s/classes.txt", c->dir);
    bool ok = !file_exists(path) || read_names(ret, path, err);
    mem_free(path);
    return ok;
}

const struct data_kind data_idx = {
    .base = {.name = "idx",
             .title = "any four IDX files: images of 2 to 4 dimensions, and labels",
             .source = "LeCun, Cortes and Burges 1998, the format of the MNIST database",
             .note =
                 "Images are (N, rows, columns), or (N, channels, rows, columns) in files called "
                 "...-images-idx4-ubyte. classes.txt beside them may name the classes, a line "
                 "each. 'descent data import' writes such a folder."},
    .folder = folders,
    .file = data_file_names,
    .count = idx_set_count,
    .measure = idx_set_measure,
    .read = read_set,
    .inspect = idx_set_inspect,
};
