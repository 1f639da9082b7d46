/* Data: IDX files, data sets, splits. Images stay bytes; batches become floats. */
#ifndef DESCENT_DATA_DATA_H
#define DESCENT_DATA_DATA_H

#include "config/param.h"
#include "num/image.h"
#include "num/random.h"
#include "num/sparse.h"
#include <stddef.h>
#include <stdint.h>

enum data_split_kind { DATA_SPLIT_TAIL, DATA_SPLIT_RANDOM, DATA_SPLIT_STRATIFIED };
enum data_scale {
    DATA_SCALE_UNIT,
    DATA_SCALE_STANDARD,
    DATA_SCALE_NONE,
    DATA_SCALE_CHANNEL,
    DATA_SCALE_IMAGE,
    DATA_SCALE_NUMBERS
};
/* mean, deviation: of DATA_SCALE_NUMBERS, in raw units: one number, or one a channel. */
struct data_scaling {
    int kind; /* enum data_scale */
    struct reals mean, deviation;
};

/* The spec's section `dataset`. */
struct data_config {
    int name;             /* index into data_names: data_config_kind */
    const char *dir;      /* "" in the table = datasets/NAME, filled in by data_config_finish */
    int64_t seed;         /* digits only */
    int64_t classes;      /* PARAM_NULL_INT: largest training label + 1 */
    double validation;    /* a count (>= 1, whole), a fraction in (0, 1), 0, or DATA_A_TENTH */
    int validation_split; /* enum data_split_kind */
    int64_t folds;        /* PARAM_NULL_INT: no cross validation */
    int64_t fold;         /* 0 ... folds-1 */
    int64_t split_seed;   /* PARAM_NULL_INT: the run's */
    int64_t train_limit, test_limit; /* PARAM_NULL_INT: all */
    struct data_scaling scale;
    struct chosen_list augment; /* of augment_registry, in the order of their streams */
};
extern const struct param data_params[];

struct data_sizes;
struct data_files;
/* One file of a set, whole: "60000x28x28", and the SHA-256 of its decompressed content. */
struct data_file_facts {
    char dims[48], sha256[65];
};
/* Which files a set is read from: what `data list` shows of one. */
struct data_kind {
    struct kind base;
    bool made;                     /* by this program, from dataset.seed: no files */
    const char *const *folder;     /* below dir, where others keep the files; NULL-ended, or NULL */
    const char *const *file;       /* their names, without .gz; NULL-ended, or NULL: made */
    const char *const *class_name; /* NULL-ended, or NULL */
    size_t classes;                /* as many always; 0: the largest training label + 1 */
    /* What the published set holds, where its files are not there; train 0: nothing is known. */
    size_t known_train, known_test, known_classes;
    struct image_shape known_image;
    /* Images in the training file, without reading them where that can be helped; 0: not known. */
    size_t (*count)(const struct data_config *c);
    /* train, test, image, classes (where not set already) of the files; ERR_DATA. */
    bool (*measure)(const struct data_config *c, struct data_sizes *ret, struct error *err);
    /* All images and labels; ERR_DATA. */
    bool (*read)(const struct data_config *c, struct data_files *ret, struct error *err);
    /* One of its files, for lists; NULL: made. */
    bool (*inspect)(const char *path, struct data_file_facts *ret, struct error *err);
};
extern const struct registry data_registry;
extern const char *const data_names[]; /* mnist, fashion-mnist, ...; NULL-ended */
const struct data_kind *data_config_kind(const struct data_config *c);
const struct data_kind *data_kind_named(const char *name); /* NULL: there is none */
/* What is wrong among the section's keys and which one (below `dataset`) is to blame; NULL: all is
 * well. place: of an augmentation that is to blame. */
const char *data_config_check(const struct data_config *c, struct arena *a, const char **ret_key,
                              struct place *ret_place);
/* `validation` of a spec that does not say, until data_config_finish has seen the training file. */
#define DATA_A_TENTH (double)INFINITY
/* Whether a fold is held out, not `validation`. */
bool data_has_folds(const struct data_config *c);
/* Fills the default dir, and a tenth of the training file as validation where the spec has none: of
 * IDX files that are not there, DATA_A_TENTH stays. */
void data_config_finish(struct data_config *c, struct arena *a);

enum { DATA_LARGEST_IMAGE = 1000000 }; /* numbers */

/* One IDX file of unsigned bytes, plain or .gz. */
struct idx {
    uint32_t dims, dim[4]; /* dim[0] = count */
    size_t item;           /* bytes per item: the product of the other dims */
    uint8_t *bytes;        /* owned; dim[0] * item */
    char sha256[65];       /* of the decompressed file, header included; "" until idx_digest */
};
/* `path` without .gz: PATH is tried first, then PATH.gz. ERR_DATA for what is not valid (magic,
 * type, dims, length against header, trailing bytes, a .gz cut short), ERR_DATA with a hint where
 * neither is there. Dimensions are checked against the real length before allocating. */
MUST_CHECK bool idx_read(const char *path, struct idx *ret, struct error *err);
/* From memory (tests, fuzzing). */
MUST_CHECK bool idx_parse(const char *name, const uint8_t *bytes, size_t n, struct idx *ret,
                          struct error *err);
/* The header alone (for `schedule`, `inspect`): dims and sizes, no data. */
MUST_CHECK bool idx_read_header(const char *path, struct idx *ret, struct error *err);
/* Writes a plain file. Atomic. ERR_SYSTEM. */
MUST_CHECK bool idx_write(const char *path, const struct idx *x, struct error *err);
/* The same bytes as a gzip file, which carries no time and no name: same input, same bytes. */
MUST_CHECK bool idx_write_gz(const char *path, const struct idx *x, struct error *err);
/* Fills sha256. */
void idx_digest(struct idx *x);
/* Frees the bytes. */
void idx_fini(struct idx *x);

/* The usual names of a set's four files, without .gz: training images and labels, test images and
 * labels; ended by NULL. */
#define DATA_FILES 4
extern const char *const data_file_names[DATA_FILES + 1];
/* Where file i of a kind's lies in such a folder (torchvision's layout and names too), in the
 * arena; NULL where it does not. */
const char *data_find_file(struct arena *a, const char *folder, const struct data_kind *set,
                           size_t i);
/* Warns where two files of images in a published set's folder begin alike: one may be a link to the
 * other. */
void data_warn_of_copies(struct arena *a, const char *folder, const struct data_kind *set);
/* A file of a published data set (the table of scripts/datasets.txt). */
struct data_published {
    const char *set, *file, *sha256;
};
/* The published file whose content has this digest, or NULL. */
const struct data_published *data_find_published(const char *sha256);
/* Whether the digests of a set's files are known. */
bool data_is_published(const char *set);

/* One split: n images chosen from a block of bytes, in order. */
struct data_split {
    size_t n;
    const uint8_t *pixels; /* the block, features bytes an image */
    const uint8_t *labels;
    const uint32_t *index; /* image i is number index[i] of the block; NULL: i itself */
};

struct data {
    struct image_shape image; /* 1 x 28 x 28; the bytes of an image are in this order */
    size_t features;          /* 784: the numbers of an image */
    size_t classes;
    const char *const *class_name; /* of each class, or NULL */
    struct data_split train, valid, test;
    /* x = pixel * scale + shift, by channel; both NULL: each image by its own numbers. */
    const float *scale, *shift;
    char sha256
        [4][65]; /* train images, train labels, test images, test labels; "" until data_digests */
    struct data_store *store;
};

/* Loads, checks, splits. The four files are read in parallel. Errors: ERR_DATA (unreadable, counts
 * that disagree, a label beyond classes, test images of another size), ERR_USAGE (validation or
 * limits larger than the set). `seed` is the run's, for random splits. */
MUST_CHECK bool data_load(const struct data_config *c, uint64_t seed, struct data **ret,
                          struct error *err);
/* SHA-256 of the four sets as IDX files, computed by a thread started by data_load; waits for
 * it. */
void data_digests(struct data *d);
/* Takes NULL. */
void data_free(struct data *d);
/* This image (features bytes, copied) becomes the test set, of label 0; before any row is made of
 * it. The digests stay those of the files. */
void data_set_test(struct data *d, const uint8_t *image);
/* Writes the four sets, validation images at their place among the training images, as IDX files
 * into a folder that exists; reading them with the same config gives the same data. ERR_SYSTEM. */
MUST_CHECK bool data_write(const struct data *d, const char *folder, bool gz, struct error *err);
/* How much there is of everything; 0: not known (or, of validation images, none). */
struct data_sizes {
    size_t train, valid, test, features, classes;
    struct image_shape image;
};
/* The same without reading images. Those of digits are always known, and those of a published set
 * whose files are not there. ERR_USAGE as data_load, with the key to blame; ERR_DATA where files
 * are needed and cannot be read: *ret holds what is known without them. */
MUST_CHECK bool data_sizes(const struct data_config *c, struct data_sizes *ret, struct error *err);

/* Not one of its files is there. */
bool data_has_no_files(const struct data_config *c);

/* Some images of a split: number idx[0 ... n-1], or, where idx is NULL, first ... first+n-1.
 * epoch 0: as they are; else augmented as in this epoch (from 1) of a run of this seed, which needs
 * `scratch`: data.features bytes. */
struct data_batch {
    const struct data_split *split;
    const uint32_t *idx;
    size_t first, n;
    uint64_t seed, epoch;
    uint8_t *scratch;
};

/* A batch as floats into x (n rows of ld floats, scaled; columns >= features untouched) and its
 * labels into y. */
void data_gather(const struct data *d, const struct data_batch *b, float *x, size_t ld, uint8_t *y);

/* The same images as rows of pixels (num/image.h): n * height * width rows of ld floats, the
 * channels of each in its first columns, the others untouched. */
void data_gather_pixels(const struct data *d, const struct data_batch *b, float *x, size_t ld,
                        uint8_t *y);

/* Whether training images are augmented. */
bool data_augments(const struct data *d);
/* Image number `index` (in its file) of a split as the epoch sees it: features bytes. */
void data_augment(const struct data *d, const struct data_split *s, size_t index, uint64_t seed,
                  uint64_t epoch, uint8_t *ret);

/* Whether images can be gathered as rows of the pixels that are not zero: all pixels are scaled
 * alike, and training images are taken as they are. Of a config before its data: channels known. */
bool data_takes_rows(const struct data_config *c, size_t channels);
/* Share of the training images' pixels that are not zero; counted once. */
double data_density(struct data *d);
/* Marks the images' pixels that are not zero, once. */
void data_make_rows(struct data *d);
/* The same images as data_gather gives, as rows of their pixels: x = value * scale + shift, in
 * every column. Only where data_takes_rows. */
void data_gather_rows(const struct data *d, const struct data_batch *b, struct sparse_row *rows,
                      uint8_t *y);

/* ---- samplers: the order of one epoch ---- */

enum data_sampler { SAMPLER_SHUFFLE, SAMPLER_SEQUENTIAL, SAMPLER_STRATIFIED };
extern const char *const data_samplers[];
/* One pass over a split. */
struct data_pass {
    enum data_sampler sampler;
    uint64_t seed, epoch; /* from 0 */
    size_t batch_size;    /* of stratified batches */
};
/* Writes the pass's permutation of 0 ... s->n - 1 into order. Stratified: every batch has each
 * class's share to within one image. scratch: s->n more words. Pure in (split, pass). */
void data_order(const struct data_split *s, struct data_pass pass, uint32_t *order,
                uint32_t *scratch);

/* ---- augmentations: one file each in augment/, a word in meson.build ---- */

/* Changes one image in place; draws only from `r`, its own stream of (seed, epoch, image). Pixels
 * that come in are 0. */
struct augment_kind {
    struct kind base;
    uint32_t stream; /* its number, which is its place in the order too: never renumber */
    void (*apply)(const void *options, struct rng *r, struct image_shape s, uint8_t *pixels);
};
extern const struct registry augment_registry;

/* ---- the synthetic digits ---- */

/* Image i of the set `seed`: label and 28 x 28 pixels; a pure function. Training images are 0 ...
 * 59,999, test images 60,000 ... 69,999. */
void digits_draw(uint64_t seed, uint32_t i, uint8_t ret_pixels[784]);
/* The class of image i, 0 to 9. */
uint8_t digits_label(uint64_t seed, uint32_t i);

/* ---- CIFAR-10 ---- */

enum { CIFAR_PIXELS = 3072, CIFAR_RECORD = 1 + CIFAR_PIXELS };
/* One file's n bytes of CIFAR-10's binary version into images (3 x 32 x 32 a record) and labels,
 * which have room for its records. `name` for messages. ERR_DATA, with the record to blame. */
MUST_CHECK bool cifar_parse(const char *name, const uint8_t *bytes, size_t n, uint8_t *images,
                            uint8_t *labels, struct error *err);

#endif
