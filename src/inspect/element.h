/* The numbers of a tensor, whatever its type. */
#ifndef DESCENT_INSPECT_ELEMENT_H
#define DESCENT_INSPECT_ELEMENT_H

#include "checkpoint/safetensors.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether element_value knows the type: all but complex ones and those smaller than a byte or
 * without infinities. */
bool element_known(const char *dtype);
/* Element i of the tensor's data as a double (large integers rounded). The type must be known. */
double element_value(const struct st_tensor *t, uint64_t i);
/* The product of the dimensions; 1 for a scalar. */
uint64_t element_count(const struct st_tensor *t);

#endif
