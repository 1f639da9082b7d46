/* Shared by the files of this module. */
#ifndef DESCENT_IMPORT_INTERNAL_H
#define DESCENT_IMPORT_INTERNAL_H

#include "import/import.h"

/* A form in which data come: a constant at the end of its file in sources/, and a word in
 * meson.build. The first that recognises a source reads it. */
struct import_source {
    const char *name; /* "a CSV" */
    bool (*is)(const uint8_t *head,
               size_t n); /* by a file's first bytes, unpacked; NULL: a folder */
    bool (*read)(struct import_set *s, const char *path, struct error *err);
    bool has_label; /* takes the option `label` */
};
enum { IMPORT_HEAD = 4096 }; /* bytes that `is` sees at most */

/* One image as a source has it: planes of bytes. */
struct import_image {
    const char *place; /* "pets/cat/1.png", "digits.csv:3" */
    struct image_shape shape;
    const uint8_t *bytes;
};
/* Adds it to a part as the options ask. ERR_DATA where it is of another size than the first one, or
 * where there are too many. The label is below classes, or is so by the time the source is read. */
MUST_CHECK bool import_add(struct import_set *s, int part, const struct import_image *x,
                           unsigned label, struct error *err);
/* Shape of a flat row of n numbers: the options' size where its area is n, else a square.
 * ERR_DATA */
MUST_CHECK bool import_shape_of_row(const struct import_set *s, const char *place, size_t n,
                                    struct image_shape *ret, struct error *err);
/* Classes 0 ... n-1, called by their numbers. */
void import_number_classes(struct import_set *s, size_t n);

#endif
