/* Shared by the files of this module. */
#ifndef DESCENT_DATA_INTERNAL_H
#define DESCENT_DATA_INTERNAL_H

#include "data/data.h"
#include "data/packed.h"
#include <pthread.h>

/* One of several files of training images, in their order. */
struct data_part {
    const char *path;
    size_t n; /* images */
};
/* The four sets as IDX, whatever the files were, and where each was read (NULL: nowhere). */
struct data_files {
    struct arena *arena;
    const char *path[DATA_FILES];
    struct idx file[DATA_FILES];
    const struct data_part *part;  /* of the training set; NULL: it is one file */
    const char *const *class_name; /* those that stand beside the files, or NULL */
};
enum { TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS };

/* A file of a set, as people have them: in `dir` or in a folder of the kind's below it, plain or
 * .gz; IDX files with '-' or '.' before "idx3", which may be "idx4"; more than one path where
 * several stand side by side. */
enum { DATA_FILE_FORMS = 8 };
struct data_paths {
    size_t n;
    const char *path[DATA_FILE_FORMS];
};
/* Where file i of the config's set lies; n = 0: nowhere. */
struct data_paths data_find(struct arena *a, const struct data_config *c, size_t file);
/* What to type where data that are no data set yet are given as one. */
const char *data_hint_to_import(struct arena *a, const char *path);
/* ERR_DATA: what is missing, and how to get it. */
bool data_explain_missing(const struct data_config *c, size_t file, struct error *err);
/* Reads one of them and makes sure that the others hold the same: ERR_DATA. */
MUST_CHECK bool data_read(const struct data_paths *p, struct idx *ret, struct error *err);
/* Channels, rows and columns of a file of images. */
struct image_shape data_image_shape(const struct idx *x);
/* Of at least one label. */
unsigned data_largest_label(const struct idx *labels);
/* A warning where they are all one, which trains all the same. */
void data_warn_of_one_class(const struct idx *labels, const char *origin);
/* ERR_DATA: the labels are all 0. */
bool data_one_label(const char *origin, struct error *err);

/* ---- kinds that are four IDX files: their count, measure and read ---- */
size_t idx_set_count(const struct data_config *c);
/* Sizes and image shape by the headers, classes by the labels, which are checked; without pixels.
 * ERR_DATA. */
bool idx_set_measure(const struct data_config *c, struct data_sizes *ret, struct error *err);
/* All four files. ERR_DATA, also where one is missing. */
bool idx_set_read(const struct data_config *c, struct data_files *ret, struct error *err);
/* What one file holds. ERR_DATA. */
bool idx_set_inspect(const char *path, struct data_file_facts *ret, struct error *err);
#define IDX_SET                                                                                    \
    .file = data_file_names, .count = idx_set_count, .measure = idx_set_measure,                   \
    .read = idx_set_read, .inspect = idx_set_inspect

/* Of a set whose published size is known: its counts are others. */
void data_warn_of_counts(const char *folder, const struct data_kind *set, size_t train,
                         size_t test);

/* ---- parts of data_load ---- */
/* The four headers agree: counts, dimensions, sizes. ERR_DATA. */
bool data_check_headers(const struct data_config *c, const struct data_files *s, struct error *err);
/* The labels of file[TRAIN_LABELS] or of file[TEST_LABELS] are below classes. ERR_DATA. */
bool data_check_labels(const struct data_config *c, const struct data_files *s, int file,
                       size_t classes, struct error *err);
/* Headers and labels agree; sets classes. ERR_DATA. */
bool data_check_files(const struct data_config *c, struct data *d, struct error *err);
/* How many of n training and `test` test images each split gets. ERR_USAGE where none are left. */
bool data_count_splits(const struct data_config *c, size_t n, size_t test, struct data_sizes *ret,
                       struct error *err);
/* Fills the splits' indices by the counts, and by the seed where they are random. */
void data_split(struct data *d, const struct data_config *c, uint64_t seed,
                const struct data_sizes *sizes);
/* The factors and offsets that make floats of pixels, by the training images. */
void data_set_scale(struct data *d, const struct data_config *c);
/* ERR_USAGE: as many numbers as channels, or one. */
bool data_check_scale(const struct data_config *c, size_t channels, struct error *err);

/* Which pixels of a file's images are not zero: num/sparse.h's masks, one image's after the
 * other's. */
struct row_block {
    const uint8_t *pixels; /* of what it was made */
    uint64_t *mask;
};
struct data_store {
    struct arena arena;
    struct data_files files;
    struct chosen_list augment;
    uint32_t *index;           /* of training, then validation images */
    struct row_block block[2]; /* training and test images as rows, or empty */
    bool counted;
    double density; /* once counted */
    pthread_t digester;
    bool digesting;
};

/* The synthetic digits are as many as the published sets. */
enum { DIGITS_TRAIN = 60000, DIGITS_TEST = 10000, DIGITS_SIDE = 28 };

#endif
