/* Where the four files of a set lie: names and folders as people have them. */
#include "data/internal.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/text.h"
#include <string.h>

const char *const data_file_names[DATA_FILES + 1] = {
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte", NULL};

/* The name of form `form`: plain or .gz; of an IDX file also with '.' in place of its last '-'
 * (train-images.idx3-ubyte) and, of images, with four dimensions. NULL: there is no such form. */
static const char *name_of(struct arena *a, const char *file, int form)
{
    char *name = arena_printf(a, "%s%s", file, form & 1 ? ".gz" : "");
    char *idx = strstr(name, "-idx");
    if ((form & 2) && idx)
        *idx = '.';
    if ((form & 4) && idx && idx[4] == '3')
        idx[4] = '4';
    return ((form & 2) && !idx) || ((form & 4) && (!idx || idx[4] != '4')) ? NULL : name;
}

static struct data_paths find_in(struct arena *a, const char *folder, const char *file)
{
    struct data_paths p = {0};
    for (int form = 0; form < DATA_FILE_FORMS; form++) {
        const char *name = name_of(a, file, form),
                   *path = name ? arena_printf(a, "%s/%s", folder, name) : NULL;
        if (path && file_exists(path))
            p.path[p.n++] = path;
    }
    return p;
}

/* `dir` first, then the kind's folders below it. */
static struct data_paths find_below(struct arena *a, const char *dir, const struct data_kind *k,
                                    size_t file)
{
    struct data_paths p = {0};
    if (!k->file)
        return p;
    p = find_in(a, dir, k->file[file]);
    for (const char *const *f = k->folder; f && *f && p.n == 0; f++)
        p = find_in(a, arena_printf(a, "%s/%s", dir, *f), k->file[file]);
    return p;
}

struct data_paths data_find(struct arena *a, const struct data_config *c, size_t file)
{
    return find_below(a, c->dir, data_config_kind(c), file);
}

const char *data_find_file(struct arena *a, const char *folder, const struct data_kind *set,
                           size_t i)
{
    struct data_paths p = find_below(a, folder, set, i);
    return p.n > 0 ? p.path[0] : NULL;
}

bool data_has_no_files(const struct data_config *c)
{
    const struct data_kind *k = data_config_kind(c);
    struct arena a;
    bool none = true;
    arena_init(&a);
    for (size_t i = 0; none && k->file && k->file[i]; i++)
        none = data_find(&a, c, i).n == 0;
    arena_fini(&a);
    return none;
}

const char *data_hint_to_import(struct arena *a, const char *path)
{
    return arena_printf(a,
                        "'descent data import %s -o FOLDER' makes a data set of it: 'dataset: "
                        "{name: idx, dir: FOLDER}'",
                        text_word(path));
}

/* Another set, of other files, all of which are in the folder; NULL: there is none. */
static const struct data_kind *other_set_in(const struct data_config *c)
{
    const struct data_kind *found = NULL, *own = data_config_kind(c);
    for (int i = 0; data_names[i]; i++) {
        struct data_config other = *c;
        other.name = i;
        const struct data_kind *k = data_config_kind(&other);
        bool is_other = k->file && k->file != own->file;
        if (is_other && !data_has_no_files(&other) && (!found || k->known_train == 0))
            found = k;
    }
    return found;
}

static bool explain_published(const struct data_config *c, const char *file, struct error *err)
{
    return error_set(err, ERR_DATA,
                     "%s/%s: no such file, nor %s.gz; 'scripts/fetch-data %s' fetches the "
                     "data set, and 'dataset.dir' names its folder",
                     c->dir, file, file, data_config_kind(c)->base.name);
}

/* A folder without a file of the set, or none. */
static bool explain_none(const struct data_config *c, struct error *err)
{
    const struct data_kind *k = data_config_kind(c), *other = other_set_in(c);
    struct arena a;
    if (file_exists(c->dir) && !file_is_folder(c->dir)) {
        arena_init(&a);
        error_set(err, ERR_DATA, "%s is a file, not a data set's folder; %s", c->dir,
                  data_hint_to_import(&a, c->dir));
        arena_fini(&a);
        return false;
    }
    if (other)
        return error_set(err, ERR_DATA,
                         "%s holds no file of %s, but files of %s: 'name: %s' reads them", c->dir,
                         k->base.name, other->base.name, other->base.name);
    if (k->known_train > 0)
        return explain_published(c, k->file[0], err);
    if (!file_is_folder(c->dir))
        return error_set(err, ERR_DATA, "%s: no such folder; 'dataset.dir' names it", c->dir);
    return error_set(err, ERR_DATA,
                     "%s holds no IDX files: they are called %s, %s, %s and %s, plain or .gz; "
                     "'descent data import SOURCE -o FOLDER' makes them of pictures, a table or "
                     "an .npz",
                     c->dir, data_file_names[0], data_file_names[1], data_file_names[2],
                     data_file_names[3]);
}

bool data_explain_missing(const struct data_config *c, size_t file, struct error *err)
{
    const struct data_kind *k = data_config_kind(c);
    const char *name = k->file[file];
    if (file_is_denied(c->dir))
        return file_check_folder(c->dir, err);
    if (data_has_no_files(c))
        return explain_none(c, err);
    if (k->known_train > 0)
        return explain_published(c, name, err);
    return error_set(err, ERR_DATA,
                     "%s/%s: no such file, nor %s.gz, where others of the data set are; "
                     "'descent data list %s' lists its files",
                     c->dir, name, name, text_word(c->dir));
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
