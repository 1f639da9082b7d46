/* What was read, checked against one another and against the spec. */
#include "data/internal.h"
#include "util/log.h"
#include "util/path.h"

struct image_shape data_image_shape(const struct idx *x)
{
    if (x->dims == 4)
        return (struct image_shape){x->dim[1], x->dim[2], x->dim[3]};
    return (struct image_shape){1, x->dim[1], x->item / x->dim[1]};
}

static bool check_pair(const struct data_config *c, const struct data_files *s, int first,
                       struct error *err)
{
    const struct idx *images = &s->file[first], *labels = &s->file[first + 1];
    const char *const *path = s->path + first;
    if (images->dims < 2)
        return error_set(err, ERR_DATA, "%s: has %u dimension; images have at least 2", path[0],
                         images->dims);
    if (labels->dims != 1)
        return error_set(err, ERR_DATA, "%s: has %u dimensions; labels have 1", path[1],
                         labels->dims);
    if (images->dim[0] != labels->dim[0])
        return error_set(err, ERR_DATA, "%s: %u images in %s, but %u labels in %s", c->dir,
                         images->dim[0], path_base(path[0]), labels->dim[0], path_base(path[1]));
    return true;
}

unsigned data_largest_label(const struct idx *labels)
{
    unsigned most = 0;
    for (uint32_t i = 0; i < labels->dim[0]; i++)
        most = labels->bytes[i] > most ? labels->bytes[i] : most;
    return most;
}

void data_warn_of_one_class(const struct idx *labels, const char *origin)
{
    uint32_t i = 1;
    while (i < labels->dim[0] && labels->bytes[i] == labels->bytes[0])
        i++;
    if (i == labels->dim[0] && i > 1)
        log_warn_once("%s: all %u labels are %u: there is nothing to tell apart", origin, i,
                      labels->bytes[0]);
}

bool data_one_label(const char *origin, struct error *err)
{
    return error_set(err, ERR_DATA, "%s: all labels are 0: there is nothing to tell apart", origin);
}

/* Where image *i of a set was read, as whose number *i is counted from then on. Made images have no
 * path. */
static const char *find_origin(const struct data_config *c, const struct data_files *s, int file,
                               uint32_t *i)
{
    const struct data_part *p = file == TRAIN_LABELS ? s->part : NULL;
    if (!s->path[file])
        return data_names[c->name];
    for (; p && *i >= p->n; p++)
        *i -= (uint32_t)p->n;
    return p ? p->path : s->path[file];
}

bool data_check_labels(const struct data_config *c, const struct data_files *s, int file,
                       size_t classes, struct error *err)
{
    const struct idx *labels = &s->file[file];
    uint32_t i = 0;
    while (i < labels->dim[0] && labels->bytes[i] < classes)
        i++;
    if (i == labels->dim[0])
        return true;
    unsigned label = labels->bytes[i];
    const char *origin = find_origin(c, s, file, &i);
    return error_set(err, ERR_DATA, "%s%s: label %u of image %u lies beyond the %zu classes%s",
                     origin,
                     s->path[file]          ? ""
                     : file == TRAIN_LABELS ? ", training set"
                                            : ", test set",
                     label, i, classes,
                     c->classes == PARAM_NULL_INT
                         ? " of the training set; 'dataset.classes' says how many there are"
                         : "");
}

bool data_check_headers(const struct data_config *c, const struct data_files *s, struct error *err)
{
    const struct idx *f = s->file;
    if (!check_pair(c, s, TRAIN_IMAGES, err) || !check_pair(c, s, TEST_IMAGES, err))
        return false;
    struct image_shape one = data_image_shape(&f[TRAIN_IMAGES]),
                       two = data_image_shape(&f[TEST_IMAGES]);
    if (one.channels != two.channels || one.height != two.height || one.width != two.width)
        return error_set(
            err, ERR_DATA, "%s: training images are %zu x %zu x %zu, test images %zu x %zu x %zu",
            c->dir, one.channels, one.height, one.width, two.channels, two.height, two.width);
    if (f[TRAIN_IMAGES].item > DATA_LARGEST_IMAGE)
        return error_set(err, ERR_DATA,
                         "%s: images of %zu x %zu x %zu, %zu numbers, are too large: at most %d",
                         s->path[TRAIN_IMAGES], one.channels, one.height, one.width,
                         f[TRAIN_IMAGES].item, DATA_LARGEST_IMAGE);
    return true;
}

bool data_check_files(const struct data_config *c, struct data *d, struct error *err)
{
    const struct data_files *s = &d->store->files;
    const struct idx *f = s->file;
    if (!data_check_headers(c, s, err))
        return false;
    size_t fixed = data_config_kind(c)->classes;
    d->classes = c->classes != PARAM_NULL_INT ? (size_t)c->classes
                 : fixed > 0                  ? fixed
                                              : data_largest_label(&f[TRAIN_LABELS]) + 1;
    const char *origin = find_origin(c, s, TRAIN_LABELS, &(uint32_t){0});
    if (d->classes < 2)
        return data_one_label(origin, err);
    data_warn_of_one_class(&f[TRAIN_LABELS], origin);
    return data_check_labels(c, s, TRAIN_LABELS, d->classes, err) &&
           data_check_labels(c, s, TEST_LABELS, d->classes, err);
}
