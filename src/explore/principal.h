/* The first two principal directions of a set of vectors that are long and few. */
#ifndef DESCENT_EXPLORE_PRINCIPAL_H
#define DESCENT_EXPLORE_PRINCIPAL_H

#include <stdbool.h>
#include <stddef.h>

struct principal {
    double variance[2]; /* along each direction: sum of squares about the mean */
    double total;       /* of all directions */
};
/* row[0..n), each of `length` floats; the mean is taken off them for finding the directions.
 * ret_direction: two blocks of `length` floats, orthonormal to float's precision, each with its
 * sign chosen so that row[0] - row[n - 1] has a component <= 0 along the first and >= 0 along the
 * second. False where the vectors do not span a plane. */
bool principal_directions(const float *const *row, size_t n, size_t length,
                          float *const ret_direction[2], struct principal *ret);

#endif
