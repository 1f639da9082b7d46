/* A folder of folders of PNG files, one a class; perhaps in train/ and test/. */
#include "config/param.h"
#include "data/data.h"
#include "figure/pixels.h"
#include "import/internal.h"
#include "util/file.h"
#include "util/text.h"
#include <errno.h>
#include <string.h>
#include <strings.h>

/* What lies in a folder, sorted by name; hidden files are nobody's data. */
static bool list_folder(struct arena *a, const char *path, struct file_names *ret,
                        struct error *err)
{
    return file_list(a, path, ret) ||
           error_set(err, ERR_DATA, "cannot open %s: %s", path, strerror(errno));
}

/* ---- pictures ---- */

static bool ends(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcasecmp(name + n - m, end) == 0;
}

static bool is_other_picture(const char *name)
{
    static const char *const ending[] = {".jpg", ".jpeg", ".gif", ".bmp", ".webp",
                                         ".tif", ".tiff", ".pgm", ".ppm"};
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
        if (ends(name, ending[i]))
            return true;
    return false;
}

static bool add_picture(struct import_set *s, int part, const char *path, unsigned label,
                        struct error *err)
{
    struct pixels p;
    if (!pixels_read(path, &p, err)) {
        err->code = ERR_DATA;
        return false;
    }
    struct import_image x = {path, {3, p.height, p.width}, p.rgb};
    s->transparent += p.transparent;
    s->deep += p.deep;
    bool ok = import_add(s, part, &x, label, err);
    pixels_fini(&p);
    return ok;
}

static bool read_class(struct import_set *s, int part, const char *folder, unsigned label,
                       struct error *err)
{
    struct file_names files;
    size_t before = s->part[part].n;
    bool ok = list_folder(&s->arena, folder, &files, err);
    for (size_t i = 0; ok && i < files.n; i++) {
        const char *name = files.name[i], *path = arena_printf(&s->arena, "%s/%s", folder, name);
        if (file_is_folder(path))
            ok = error_set(err, ERR_DATA,
                           "%s is a folder within a class: pictures lie in SOURCE/CLASS/ or in "
                           "SOURCE/train/CLASS/ and SOURCE/test/CLASS/",
                           path);
        else if (ends(name, ".png"))
            ok = add_picture(s, part, path, label, err);
        else if (is_other_picture(name))
            ok = error_set(err, ERR_DATA,
                           "%s is no PNG, and only PNG files are read; ImageMagick's 'mogrify "
                           "-format png %s/*%s' makes some",
                           path, text_word(folder), strrchr(name, '.'));
        else
            s->others++;
    }
    return ok && (s->part[part].n > before ||
                  error_set(err, ERR_DATA, "%s holds no PNG file: a class needs images", folder));
}

/* ---- classes ---- */

/* The folders in a folder. */
static bool list_classes(struct import_set *s, const char *path, struct file_names *ret,
                         struct error *err)
{
    size_t folders = 0;
    if (!list_folder(&s->arena, path, ret, err))
        return false;
    for (size_t i = 0; i < ret->n; i++) {
        if (file_is_folder(arena_printf(&s->arena, "%s/%s", path, ret->name[i])))
            ret->name[folders++] = ret->name[i];
        else
            s->others++;
    }
    ret->n = folders;
    return true;
}

/* The classes of a part are those of the first one read; a test set may lack some. */
static bool read_part(struct import_set *s, int part, const char *path,
                      const struct file_names *classes, struct error *err)
{
    for (size_t i = 0; i < classes->n; i++) {
        size_t k = 0;
        while (k < s->classes && strcmp(s->name[k], classes->name[i]) != 0)
            k++;
        const char *folder = arena_printf(&s->arena, "%s/%s", path, classes->name[i]);
        if (k == s->classes)
            return error_set(err, ERR_DATA, "%s: there is no such class in train/", folder);
        if (!read_class(s, part, folder, (unsigned)k, err))
            return false;
    }
    return true;
}

static bool name_classes(struct import_set *s, const char *path, const struct file_names *classes,
                         struct error *err)
{
    if (classes->n > IMPORT_CLASSES_MAX)
        return error_set(err, ERR_DATA,
                         "%s holds %zu folders; labels are bytes: at most %d classes", path,
                         classes->n, IMPORT_CLASSES_MAX);
    for (size_t i = 0; i < classes->n; i++) {
        if (strpbrk(classes->name[i], "\r\n"))
            return error_set(err, ERR_DATA, "%s/%s: the name of a class is one line", path,
                             classes->name[i]);
        s->name[i] = classes->name[i];
    }
    s->classes = classes->n;
    return true;
}

static bool has(const struct file_names *x, const char *name)
{
    for (size_t i = 0; i < x->n; i++)
        if (strcmp(x->name[i], name) == 0)
            return true;
    return false;
}

/* What else stands beside train/ and test/ would be left out without a word. */
static bool check_split(const char *source, const struct file_names *top, struct error *err)
{
    if (!has(top, "train") || !has(top, "test"))
        return error_set(err, ERR_DATA,
                         "%s holds %s/ without %s/: import %s/%s, of which a part becomes the test "
                         "set, or add the other",
                         source, has(top, "train") ? "train" : "test",
                         has(top, "train") ? "test" : "train", source,
                         has(top, "train") ? "train" : "test");
    for (size_t i = 0; i < top->n; i++)
        if (strcmp(top->name[i], "train") != 0 && strcmp(top->name[i], "test") != 0)
            return error_set(err, ERR_DATA,
                             "%s/%s stands beside train/ and test/: move its images into them, or "
                             "it away (dataset.validation holds some of the training images out)",
                             source, top->name[i]);
    return true;
}

static bool read_split(struct import_set *s, const char *source, const struct file_names *top,
                       struct error *err)
{
    static const char *const part_name[IMPORT_PARTS] = {"train", "test"};
    bool ok = check_split(source, top, err);
    s->has_test = true;
    for (int part = 0; ok && part < IMPORT_PARTS; part++) {
        const char *path = arena_printf(&s->arena, "%s/%s", source, part_name[part]);
        struct file_names classes = {0};
        ok = list_classes(s, path, &classes, err) &&
             (part == IMPORT_TEST || name_classes(s, path, &classes, err)) &&
             read_part(s, part, path, &classes, err);
    }
    return ok;
}

static bool needs_no_import(const char *source, const char *set, struct error *err)
{
    struct strbuf dir;
    strbuf_init(&dir);
    write_text(&dir, source);
    error_set(err, ERR_DATA,
              "%s holds files that are read as they are: 'dataset: {name: %s, dir: %s}'", source,
              set, dir.text);
    strbuf_fini(&dir);
    return false;
}

/* Folders that need no import. */
static bool check_foreign(struct import_set *s, const char *source, struct error *err)
{
    static const char *const sets[] = {"idx", "cifar10"};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        if (data_find_file(&s->arena, source, data_kind_named(sets[i]), 0))
            return needs_no_import(source, sets[i], err);
    return true;
}

static bool read_folder(struct import_set *s, const char *source, struct error *err)
{
    struct file_names top = {0};
    s->mixed = s->grey_files = true;
    bool ok = check_foreign(s, source, err) && list_classes(s, source, &top, err);
    if (ok && top.n == 0)
        ok = error_set(err, ERR_DATA,
                       "%s holds no folders: pictures lie in a folder for each class, "
                       "%s/CLASS/FILE.png",
                       source, source);
    if (ok && (has(&top, "train") || has(&top, "test")))
        ok = read_split(s, source, &top, err);
    else if (ok)
        ok = name_classes(s, source, &top, err) && read_part(s, IMPORT_TRAIN, source, &top, err);
    return ok;
}

const struct import_source import_folder = {
    .name = "a folder",
    .read = read_folder,
};
