/* Eigenvectors and orthonormal bases, in double and in a fixed order, so that no library's or
 * processor's way of summing shows. Matrices are square and row-major without padding. */
#ifndef DESCENT_NUM_ORTHOGONAL_H
#define DESCENT_NUM_ORTHOGONAL_H

#include <stddef.h>

/* Doubles of work that both want for n rows. */
size_t orthogonal_work(size_t n);

/* The eigenvectors of a symmetric matrix a (n x n, destroyed) as the rows of z, the largest
 * eigenvalue first. Reflections to a tridiagonal matrix (Householder 1958), then QL steps with
 * implicit shifts (Bowdler, Martin, Reinsch and Wilkinson 1968). */
void orthogonal_eigen(size_t n, double *a, double *z, double *values, double *work);

/* Makes the rows of q (n x n) orthonormal, each against those above it: the QR step of q', twice
 * over (Gram and Schmidt; "twice is enough", Giraud et al. 2005). A row of which less than `least`
 * is left says nothing: the same row of `instead` (orthonormal rows) takes its place, made
 * orthogonal to all others, or where there is none (or NULL) the unit vector furthest from them. */
void orthogonal_rows(size_t n, double *q, const double *instead, double least, double *work);

#endif
