/* Shared by the files of this module. */
#ifndef DESCENT_DATA_INTERNAL_H
#define DESCENT_DATA_INTERNAL_H

#include "data/data.h"

/* The header of an IDX file of these dimensions; returns its length. */
size_t idx_header(const struct idx *x, uint8_t ret[20]);
/* A file, plain or gzip, as the bytes that it holds. NULL and ERR_DATA where it cannot be read. The
 * path is not copied. */
struct packed;
struct packed *packed_open(const char *path, struct error *err);
void packed_close(struct packed *p);
/* Up to n bytes, fewer only at the end. ERR_DATA where the file is cut short, damaged, or has bytes
 * after the end of its compressed data. */
MUST_CHECK bool packed_read(struct packed *p, uint8_t *to, size_t n, size_t *ret,
                            struct error *err);

/* The files of a set, as people have them. The path of file i (as data_file_names): in `dir` or
 * where torchvision keeps the set below it (raw, MNIST/raw), with '-' or '.' before "idx3", plain
 * or .gz; more than one where several stand side by side. */
enum { DATA_FILE_FORMS = 4 };
struct data_paths {
    size_t n;
    const char *path[DATA_FILE_FORMS];
};
struct data_paths data_find(struct arena *a, const struct data_config *c, size_t file);
/* ERR_DATA: what is missing, and how to come by it. */
bool data_explain_missing(const struct data_config *c, size_t file, struct error *err);
/* Not one of the four is there. */
bool data_has_no_files(const struct data_config *c);
/* Reads one of them and makes sure that the others hold the same: ERR_DATA. */
MUST_CHECK bool data_read(const struct data_paths *p, struct idx *ret, struct error *err);

/* Images first ... first+n of the synthetic digits, drawn by two threads. Pixels and labels are
 * owned by the caller. */
void digits_make(uint64_t seed, uint32_t first, uint32_t n, struct idx *ret_images,
                 struct idx *ret_labels);

#endif
