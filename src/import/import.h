/* Data as people have them (pictures in folders, tables, arrays, archives) into four IDX files. */
#ifndef DESCENT_IMPORT_IMPORT_H
#define DESCENT_IMPORT_IMPORT_H

#include "num/image.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <signal.h>
#include <stdint.h>

/* Labels are bytes. */
enum { IMPORT_CLASSES_MAX = 256 };

struct import_options {
    size_t width, height; /* of the images to be written; 0: as they are */
    const char *label; /* of a table: its column's name, or number from 1; NULL: `label`, else 1 */
    double test; /* share of each class for the test set; NAN: a fifth, where there is none yet */
    bool grey;   /* colour images become grey ones */
    bool invert; /* 255 - each pixel */
};

/* Images of one part: n times image_numbers bytes, and labels. Owned. */
struct import_part {
    size_t n;
    uint8_t *pixels, *labels;
    size_t pixel_room, label_room;
};
enum { IMPORT_TRAIN, IMPORT_TEST, IMPORT_PARTS };

/* Sizes of pictures before they were made alike. */
struct import_sizes {
    struct image_shape least, most; /* by width, by height */
    size_t resized;
};

struct import_set {
    struct arena arena; /* names */
    struct import_options options;
    size_t most;              /* bytes of pixels, and of a file, that are taken */
    struct image_shape image; /* channels: 1 or 3 */
    struct import_part part[IMPORT_PARTS];
    size_t classes;
    const char *name[IMPORT_CLASSES_MAX];
    struct import_sizes sizes;
    bool has_test;   /* the source has its own split */
    bool mixed;      /* training images stand class after class, and are to be mixed */
    bool grey_files; /* three equal channels become one: pictures' files do not tell */
    bool was_colour; /* before the options made it grey */
    unsigned brightest;
    size_t transparent, deep, others; /* pictures laid over white, of 16 bits; files left out */
    const char *label;                /* of a table: which column the labels are, in words */
    const char *first;                /* the place of the first image, for messages */
};

/* Reads SOURCE: a folder of folders of PNG files (perhaps in train/ and test/), a CSV, an .npz with
 * x_train, y_train, x_test and y_test, or CIFAR-10's binary version as .tar or .tar.gz; holds out a
 * test set where there is none. ERR_DATA names file and place; ERR_USAGE where an option does not
 * fit the source. import_fini in any case. */
MUST_CHECK bool import_read(const char *source, const struct import_options *o,
                            struct import_set *ret, struct error *err);
/* Frees it, filled or not. */
void import_fini(struct import_set *s);
/* Four IDX files and classes.txt in `folder`, which is new or empty: all of them or none. stop: the
 * signal after which nothing is to be left, 0 none yet; or NULL. ERR_USAGE where the folder is
 * neither, ERR_SYSTEM. */
MUST_CHECK bool import_write(const struct import_set *s, const char *folder,
                             const volatile sig_atomic_t *stop, struct error *err);
/* What import_write would say of the folder's name, before anything is read. */
MUST_CHECK bool import_check_folder(const char *folder, struct error *err);
/* ERR_USAGE where the folder would lie within the source. */
MUST_CHECK bool import_check_outside(const char *source, const char *folder, struct error *err);
/* Lines on what was found and what became of it, and how a spec names the folder. */
void import_tell(const struct import_set *s, const char *folder, struct strbuf *out);
/* Images of each class in a part. */
void import_count(const struct import_part *p, size_t ret[IMPORT_CLASSES_MAX]);

#endif
