/* Where the four files of a set lie: names and folders as people have them. */
#include "data/internal.h"
#include "util/file.h"
#include "util/mem.h"
#include <string.h>

const char *const data_file_names[DATA_FILES] = {
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte"};

/* LeCun's name, or with '.' in place of its last '-': train-images.idx3-ubyte. */
static const char *name_of(struct arena *a, size_t file, bool dotted)
{
    char *name = arena_strdup(a, data_file_names[file]);
    char *idx = strstr(name, "-idx");
    if (dotted && idx)
        *idx = '.';
    return name;
}

static struct data_paths find_in(struct arena *a, const char *folder, size_t file)
{
    struct data_paths p = {0};
    for (int form = 0; form < DATA_FILE_FORMS; form++) {
        const char *path = arena_printf(a, "%s/%s%s", folder, name_of(a, file, form / 2 == 1),
                                        form % 2 ? ".gz" : "");
        if (file_exists(path))
            p.path[p.n++] = path;
    }
    return p;
}

/* Folders below `dir`, the likeliest first; torchvision's are raw, MNIST/raw and so on. */
static struct data_paths find_below(struct arena *a, const char *dir, const char *set,
                                    size_t file)
{
    struct data_paths p = find_in(a, dir, file);
    if (p.n == 0)
        p = find_in(a, arena_printf(a, "%s/raw", dir), file);
    if (p.n == 0 && strcmp(set, "mnist") == 0)
        p = find_in(a, arena_printf(a, "%s/MNIST/raw", dir), file);
    if (p.n == 0 && strcmp(set, "fashion-mnist") == 0)
        p = find_in(a, arena_printf(a, "%s/FashionMNIST/raw", dir), file);
    return p;
}

struct data_paths data_find(struct arena *a, const struct data_config *c, size_t file)
{
    return find_below(a, c->dir, data_names[c->name], file);
}

const char *data_find_file(struct arena *a, const char *folder, const char *set, size_t i)
{
    struct data_paths p = find_below(a, folder, set ? set : "idx", i);
    return p.n > 0 ? p.path[0] : NULL;
}

bool data_has_no_files(const struct data_config *c)
{
    struct arena a;
    bool none = true;
    arena_init(&a);
    for (size_t i = 0; none && i < DATA_FILES; i++)
        none = data_find(&a, c, i).n == 0;
    arena_fini(&a);
    return none;
}

bool data_explain_missing(const struct data_config *c, size_t file, struct error *err)
{
    const char *name = data_file_names[file];
    bool own = strcmp(data_names[c->name], "idx") == 0;
    if (!own || !data_has_no_files(c))
        return error_set(err, ERR_DATA,
                         "%s/%s: no such file, nor %s.gz; 'scripts/fetch-data' fetches data "
                         "sets, and 'dataset.dir' names their folder",
                         c->dir, name, name);
    if (!file_is_folder(c->dir))
        return error_set(err, ERR_DATA, "%s: no such folder; 'dataset.dir' names it", c->dir);
    return error_set(
        err, ERR_DATA,
        "%s holds no IDX files: they are called %s, %s, %s and %s, plain or .gz; "
        "'descent data import SOURCE -o FOLDER' makes them of pictures, a table or "
        "an .npz",
        c->dir, data_file_names[0], data_file_names[1], data_file_names[2], data_file_names[3]);
}

static bool is_same(const struct idx *x, const struct idx *y)
{
    return x->dims == y->dims && memcmp(x->dim, y->dim, x->dims * sizeof *x->dim) == 0 &&
           memcmp(x->bytes, y->bytes, x->dim[0] * x->item) == 0;
}

bool data_read(const struct data_paths *p, struct idx *ret, struct error *err)
{
    struct idx x, other;
    if (!idx_read(p->path[0], &x, err))
        return false;
    for (size_t i = 1; i < p->n; i++) {
        if (!idx_read(p->path[i], &other, err)) {
            idx_fini(&x);
            return false;
        }
        bool same = is_same(&x, &other);
        idx_fini(&other);
        if (same)
            continue;
        idx_fini(&x);
        return error_set(err, ERR_DATA,
                         "%s and %s differ: remove the one that is not meant, or move it away",
                         p->path[0], p->path[i]);
    }
    *ret = x;
    return true;
}
