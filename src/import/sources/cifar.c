/* CIFAR-10's binary version, as its authors pack it: cifar-10-binary.tar.gz. */
#include "data/data.h"
#include "import/internal.h"
#include "import/sources/tar.h"
#include "util/path.h"
#include <stdio.h>
#include <string.h>

enum { MOST = 1 << 28 }; /* bytes of a batch */

struct archive {
    struct import_set *set;
    struct tar tar;
    const struct data_kind *kind;
    uint8_t *batch[16]; /* by the kind's list of files; owned */
    size_t bytes[16];
};

/* What other archives of these authors hold. */
static bool check_version(const struct archive *x, const char *name, struct error *err)
{
    if (strcmp(name, "data_batch_1") == 0 || strcmp(name, "data_batch_1.mat") == 0)
        return error_set(err, ERR_DATA,
                         "%s is CIFAR-10's version for %s; the binary version is read, "
                         "cifar-10-binary.tar.gz",
                         x->tar.path, name[12] == '.' ? "Matlab" : "Python");
    if (strcmp(name, "fine_label_names.txt") == 0)
        return error_set(err, ERR_DATA, "%s is CIFAR-100, which is not read; CIFAR-10 is",
                         x->tar.path);
    return true;
}

static bool keep_batch(struct archive *x, const struct tar_entry *e, size_t i, struct error *err)
{
    if (x->batch[i])
        return error_set(err, ERR_DATA, "%s holds %s twice", x->tar.path, x->kind->file[i]);
    if (e->size > MOST)
        return error_set(err, ERR_DATA, "%s: %s has %zu bytes, too many for a batch", x->tar.path,
                         x->kind->file[i], e->size);
    x->batch[i] = mem_unset(e->size + 1, 1);
    x->bytes[i] = e->size;
    return tar_read(&x->tar, e, x->batch[i], err);
}

static bool read_entries(struct archive *x, struct error *err)
{
    struct tar_entry e;
    bool more = true;
    while (more) {
        if (!tar_next(&x->tar, &e, &more, err))
            return false;
        const char *name = path_base(e.name);
        if (!more || !e.is_file)
            continue;
        if (!check_version(x, name, err))
            return false;
        for (size_t i = 0; x->kind->file[i]; i++)
            if (strcmp(name, x->kind->file[i]) == 0 && !keep_batch(x, &e, i, err))
                return false;
    }
    return true;
}

static bool add_batch(struct archive *x, size_t i, int part, struct error *err)
{
    char name[512], place[600];
    size_t n = x->bytes[i] / CIFAR_RECORD;
    snprintf(name, sizeof name, "%s: %s", x->tar.path, x->kind->file[i]);
    uint8_t *images = mem_array(n + 1, CIFAR_PIXELS), *labels = mem_new(n + 1);
    bool ok = cifar_parse(name, x->batch[i], x->bytes[i], images, labels, err);
    for (size_t k = 0; ok && k < n; k++) {
        snprintf(place, sizeof place, "%s[%zu]", name, k);
        struct import_image image = {place, x->kind->known_image, images + k * CIFAR_PIXELS};
        ok = import_add(x->set, part, &image, labels[k], err);
    }
    mem_free(images);
    mem_free(labels);
    return ok;
}

/* The last file is the test set. */
static bool add_batches(struct archive *x, struct error *err)
{
    for (size_t i = 0; x->kind->file[i]; i++)
        if (!x->batch[i])
            return error_set(err, ERR_DATA,
                             "%s holds no %s; CIFAR-10's binary version is the one archive that is "
                             "read",
                             x->tar.path, x->kind->file[i]);
    for (size_t i = 0; x->kind->file[i]; i++)
        if (!add_batch(x, i, x->kind->file[i + 1] ? IMPORT_TRAIN : IMPORT_TEST, err))
            return false;
    return true;
}

static bool read_archive(struct import_set *s, const char *path, struct error *err)
{
    struct archive x = {.set = s, .kind = data_kind_named("cifar10")};
    s->has_test = true;
    s->classes = x.kind->classes;
    for (size_t k = 0; k < s->classes; k++)
        s->name[k] = x.kind->class_name[k];
    bool ok = tar_open(&x.tar, path, err) && read_entries(&x, err) && add_batches(&x, err);
    for (size_t i = 0; x.kind->file[i]; i++)
        mem_free(x.batch[i]);
    tar_close(&x.tar);
    return ok;
}

const struct import_source import_cifar = {
    .name = "CIFAR-10's archive",
    .is = tar_is,
    .read = read_archive,
};
