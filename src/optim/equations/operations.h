/* The functions and operators of equations: what each does to numbers, and to blocks of floats. */
#ifndef DESCENT_OPTIM_EQUATIONS_OPERATIONS_H
#define DESCENT_OPTIM_EQUATIONS_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EQ_WIDTH =
        16, /* floats that a loop takes in one go; a number that tensors meet lies so often */
    EQ_BLOCK = 1024 /* floats that an operation does at once: several lie in the first cache */
};

/* Floats of a tensor, or one number for all of them: the next EQ_WIDTH lie `step` floats on. */
struct eq_input {
    const float *x;
    size_t step; /* EQ_WIDTH; of a number 0 */
};
/* Elementwise: out[i] = f(in[0][i], ...) for i < n, a multiple of EQ_WIDTH. out may be one of the
 * inputs. */
typedef void eq_loop(float *out, const struct eq_input *in, size_t n);
/* Adds n floats to sums in eight lanes, in double, element i to lane i % 8. */
typedef void eq_reduction(double lane[8], const struct eq_input *in, size_t n);

struct eq_function {
    const char *name; /* "sqrt"; of an operator its sign */
    unsigned takes;   /* arguments */
    double (*number)(const double *in);
    uint32_t
        what; /* the machine's instruction (equations/machine.h), of a binary one its first form */
    eq_loop *loop;        /* of what the machine only calls */
    eq_reduction *reduce; /* NULL: elementwise */
    /* What lanes, joined by addition (or, extreme, by comparison), make; count: of the weights. */
    double (*finish)(const double lane[8], double count);
    bool is_extreme; /* max, min: padding is skipped, for a zero could be it */
    double begins;   /* each lane */
};

/* By name and number of arguments; NULL where there is none. max(a, b) and max(x) are two. */
const struct eq_function *eq_function_find(const char *name, size_t length, unsigned arguments);
extern const struct eq_function eq_functions[]; /* ended by a NULL name */

/* Operators, by the sign of the language; "-1": the leading minus; "copy". */
const struct eq_function *eq_operator(const char *sign);

/* x[i] becomes 0 where keep[i % EQ_WIDTH] is 0, in the EQ_WIDTH floats before each end: `first`,
 * first + every, ... up to n. Other words of `keep` are UINT32_MAX. */
void eq_clear_ends(float *x, size_t n, size_t first, size_t every, const uint32_t keep[EQ_WIDTH]);

#endif
