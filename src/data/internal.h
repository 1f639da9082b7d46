/* Shared by the files of this module. */
#ifndef DESCENT_DATA_INTERNAL_H
#define DESCENT_DATA_INTERNAL_H

#include "data/data.h"

/* The header of an IDX file of these dimensions; returns its length. */
size_t idx_header(const struct idx *x, uint8_t ret[20]);
/* Images first ... first+n of the synthetic digits, drawn by two threads. Pixels and labels are
 * owned by the caller. */
void digits_make(uint64_t seed, uint32_t first, uint32_t n, struct idx *ret_images,
                 struct idx *ret_labels);

#endif
