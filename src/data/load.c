/* Data sets: read, checked and split. */
#include "data/internal.h"
#include "util/log.h"
#include "util/mem.h"
#include "util/path.h"
#include <string.h>

/* ---- digests, computed while training begins ---- */

static void *digest(void *context)
{
    struct data *d = context;
    for (int i = 0; i < DATA_FILES; i++) {
        struct idx *x = &d->store->files.file[i];
        idx_digest(x);
        memcpy(d->sha256[i], x->sha256, sizeof x->sha256);
    }
    return NULL;
}

void data_digests(struct data *d)
{
    if (d->store->digesting)
        pthread_join(d->store->digester, NULL);
    else if (d->sha256[0][0] == '\0')
        digest(d);
    d->store->digesting = false;
}

/* ---- loading ---- */

/* Options of augmentations are plain numbers: the spec's own may go before the data do. */
static void copy_augment(struct data_store *s, const struct chosen_list *from)
{
    s->augment = (struct chosen_list){.n = from->n,
                                      .v = arena_alloc(&s->arena, from->n * sizeof *from->v + 1)};
    for (size_t i = 0; i < from->n; i++) {
        size_t size = from->v[i].kind->options_size;
        void *options = arena_alloc(&s->arena, size + 1);
        memcpy(options, from->v[i].options, size);
        s->augment.v[i] = (struct chosen){.kind = from->v[i].kind, .options = options};
    }
}

/* Those beside the files, or the kind's, where they are enough. */
static const char *const *class_names(const struct data *d, const struct data_kind *k,
                                      const char *dir)
{
    const char *const *names =
        d->store->files.class_name ? d->store->files.class_name : k->class_name;
    size_t n = 0;
    while (names && names[n])
        n++;
    if (n > 0 && n < d->classes && d->store->files.class_name)
        log_warn_once("%s/classes.txt names %zu classes, and there are %zu: the names are not used",
                      dir, n, d->classes);
    return n >= d->classes ? names : NULL;
}

bool data_load(const struct data_config *c, uint64_t seed, struct data **ret, struct error *err)
{
    const struct data_kind *k = data_config_kind(c);
    struct data *d = mem_new(sizeof *d);
    struct data_store *s = d->store = mem_new(sizeof *s);
    const struct idx *file = s->files.file;
    struct data_sizes sizes = {0};
    arena_init(&s->arena);
    s->files.arena = &s->arena;
    if (!k->read(c, &s->files, err) || !data_check_files(c, d, err) ||
        !data_count_splits(c, file[TRAIN_IMAGES].dim[0], file[TEST_IMAGES].dim[0], &sizes, err))
        goto failed;
    d->image = data_image_shape(&file[TRAIN_IMAGES]);
    d->features = file[TRAIN_IMAGES].item;
    d->class_name = class_names(d, k, c->dir);
    if (!data_check_scale(c, d->image.channels, err))
        goto failed;
    data_split(d, c, seed, &sizes);
    data_set_scale(d, c);
    copy_augment(s, &c->augment);
    s->digesting = pthread_create(&s->digester, NULL, digest, d) == 0;
    *ret = d;
    return true;
failed:
    data_free(d);
    return false;
}

void data_free(struct data *d)
{
    if (!d)
        return;
    if (d->store->digesting)
        pthread_join(d->store->digester, NULL);
    for (int i = 0; i < DATA_FILES; i++)
        idx_fini(&d->store->files.file[i]);
    for (int i = 0; i < 2; i++)
        mem_free(d->store->block[i].mask);
    mem_free(d->store->index);
    arena_fini(&d->store->arena);
    mem_free(d->store);
    mem_free(d);
}

void data_set_test(struct data *d, const uint8_t *image)
{
    struct idx *images = &d->store->files.file[TEST_IMAGES],
               *labels = &d->store->files.file[TEST_LABELS];
    data_digests(d);
    uint8_t *bytes = mem_new(images->item), *label = mem_new(1);
    memcpy(bytes, image, images->item);
    mem_free(images->bytes);
    mem_free(labels->bytes);
    images->dim[0] = labels->dim[0] = 1;
    images->bytes = bytes;
    labels->bytes = label;
    d->test = (struct data_split){.n = 1, .pixels = bytes, .labels = label};
}

bool data_write(const struct data *d, const char *folder, bool gz, struct error *err)
{
    bool ok = true;
    for (int i = 0; ok && i < DATA_FILES; i++) {
        const struct idx *x = &d->store->files.file[i];
        char *path = path_new("%s/%s%s", folder, data_file_names[i], gz ? ".gz" : "");
        char *dims = strstr(path + strlen(folder), "-idx3-");
        if (dims && x->dims == 4)
            dims[4] = '4';
        ok = gz ? idx_write_gz(path, x, err) : idx_write(path, x, err);
        mem_free(path);
    }
    return ok;
}

/* ---- sizes alone ---- */

static void warn_of_files(const struct data_config *c, const struct data_kind *k,
                          const struct data_sizes *n)
{
    struct arena a;
    arena_init(&a);
    data_warn_of_counts(c->dir, k, n->train, n->test);
    data_warn_of_copies(&a, c->dir, k);
    arena_fini(&a);
}

bool data_sizes(const struct data_config *c, struct data_sizes *ret, struct error *err)
{
    const struct data_kind *k = data_config_kind(c);
    bool set = c->classes != PARAM_NULL_INT;
    *ret = (struct data_sizes){.classes = set ? (size_t)c->classes : k->classes};
    if (k->known_train > 0 && data_has_no_files(c)) {
        ret->train = k->known_train;
        ret->test = k->known_test;
        ret->image = k->known_image;
        ret->classes = set ? ret->classes : k->known_classes;
    } else if (!k->measure(c, ret, err)) {
        ret->train = ret->test = 0; /* of what is half there, nothing is known */
        return false;
    }
    warn_of_files(c, k, ret);
    ret->features = image_numbers(ret->image);
    size_t n = ret->train, test = ret->test;
    ret->train = ret->test = 0;
    return data_count_splits(c, n, test, ret, err) && data_check_scale(c, ret->image.channels, err);
}
