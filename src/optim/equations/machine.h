/* The machine that does the elementwise operations of equations: a register a of some vectors of
 * weights, a tile, and memory. Tile after tile the same instructions go by, so that what one makes and
 * the next one takes mostly stays in the register. */
#ifndef DESCENT_OPTIM_EQUATIONS_MACHINE_H
#define DESCENT_OPTIM_EQUATIONS_MACHINE_H

#include "optim/equations/operations.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Floats of the widest tile. */
enum { EQ_MOST_TILE = 128 };

/* Binary operations, each in all forms. What compares makes masks, as `and` and `or` do of masks. */
#define EQ_BINARY_OPERATIONS(make)                                                                 \
    make(ADD) make(SUBTRACT) make(MULTIPLY) make(DIVIDE) make(LEAST) make(MOST) make(LESS)         \
        make(LESS_EQUAL) make(GREATER) make(GREATER_EQUAL) make(EQUAL) make(NOT_EQUAL) make(BOTH)  \
            make(EITHER)
#define EQ_UNARY_OPERATIONS(make)                                                                  \
    make(NEGATE) make(SQUARE) make(CUBE) make(FOURTH) make(ROOT) make(SIZE) make(SIGN)             \
        make(TRUTH) /* a mask of numbers */                                                        \
        make(BOOL)  /* 1 and 0 of a mask */                                                        \
        make(NOT)   /* of a mask */

/* Where the arguments are: A the register, M memory, N one number for all weights. */
enum eq_form { EQ_AM, EQ_AN, EQ_MA, EQ_NA, EQ_MM, EQ_MN, EQ_NM, EQ_FORMS };

#define EQ_NAME_BINARY(name) EQ_##name, EQ_##name##_LAST = EQ_##name + EQ_FORMS - 1,
#define EQ_NAME_UNARY(name) EQ_##name,
enum eq_do {
    EQ_END,
    EQ_LOAD_M,   /* a = x */
    EQ_LOAD_N,   /* a = the number x */
    EQ_STORE,    /* x = a */
    EQ_PLUS_MM,  /* a = a + x * y */
    EQ_PLUS_MN,  /* a = a + x * (the number y) */
    EQ_MINUS_MM, /* a = a - x * y */
    EQ_MINUS_MN, /* a = a - x * (the number y) */
    /* Two or three of the others in one. */
    EQ_TWO_M,       /* a = x * (number y) + z * (number u) */
    EQ_TWO_A,       /* a = a * (number x) + z * (number u) */
    EQ_FROM_M,      /* a = z - a * (number x) */
    EQ_SUM,         /* a = x + z * (number u) */
    EQ_DIFFERENCE,  /* a = x - z * (number u) */
    EQ_TWO_M_STORE, /* the same, and to = a */
    EQ_TWO_A_STORE,
    EQ_FROM_M_STORE,
    EQ_SUM_STORE,
    EQ_DIFFERENCE_STORE,
    EQ_ROOT_OF,      /* a = sqrt(x * (number y)) */
    EQ_ROOT_OF_PLUS, /* a = sqrt(x * (number y)) + (number z) */
    EQ_ROOT_PLUS,    /* a = sqrt(a) + (number z) */
    EQ_CHOOSE_MM,    /* a = x where the mask a is set, else y */
    EQ_CHOOSE_MN,
    EQ_CHOOSE_NM,
    EQ_CHOOSE_NN,
    EQ_CALL_1,      /* a = loop(a) */
    EQ_CALL_2,      /* a = loop(a, y) */
    EQ_SKIP,        /* the next x instructions */
    EQ_SKIP_UNLESS, /* the next x instructions where number y is 0 */
    EQ_LEAST_OWN,   /* of a and the number x */
    EQ_MOST_OWN,
    EQ_REST, /* the machine is left and entered again, so that its stack stays small */
    EQ_UNARY_OPERATIONS(EQ_NAME_UNARY) EQ_BINARY_OPERATIONS(EQ_NAME_BINARY) EQ_INSTRUCTIONS
};

/* x, y, z, u and to: places in memory (eq_memory.at), of skips as they say. */
struct eq_code {
    uint32_t what; /* enum eq_do; of a binary operation its first form and the form */
    uint32_t x, y, z, u, to;
    eq_loop *loop; /* of calls */
};

/* at: where tensors and numbers lie; the first `moving` of them move on with each tile. */
struct eq_memory {
    float **at;
    size_t moving;
    const double *number; /* for skips */
    float *registers;     /* EQ_MOST_TILE, for rests */
};

typedef void eq_machine(const struct eq_code *code, const struct eq_memory *memory, size_t tiles);
/* The machine of the level that runs, and the floats of its tile. Instructions end with EQ_END. */
eq_machine *eq_machine_now(size_t *ret_tile);

#endif
