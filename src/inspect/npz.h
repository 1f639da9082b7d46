/* NumPy's .npz: a zip file, not compressed, of one .npy file (format 1.0) per tensor. */
#ifndef DESCENT_INSPECT_NPZ_H
#define DESCENT_INSPECT_NPZ_H

#include "checkpoint/safetensors.h"

/* Writes the tensors in their order; the same input gives the same bytes. ERR_USAGE for a type that
 * numpy does not have and for more than 4 GiB, ERR_SYSTEM where it cannot be written. */
MUST_CHECK bool npz_write(const char *path, const struct st_tensor *tensors, size_t n,
                          struct error *err);

#endif
