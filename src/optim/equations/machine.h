/* The machine that does the elementwise operations of equations: a register a of some vectors of
 * weights, a tile, and memory. Tile after tile the same instructions go by, so that what one makes
 * and the next one takes mostly stays in the register. */
#ifndef DESCENT_OPTIM_EQUATIONS_MACHINE_H
#define DESCENT_OPTIM_EQUATIONS_MACHINE_H

#include "optim/equations/operations.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Floats of the widest tile. */
enum { EQ_MOST_TILE = 128 };

/* Binary operations. What compares makes masks, as `and` and `or` do of masks. */
#define EQ_ARITHMETIC(make)                                                                        \
    make(ADD) make(SUBTRACT) make(MULTIPLY) make(DIVIDE) make(LEAST) make(MOST)
#define EQ_COMPARISONS(make)                                                                       \
    make(LESS) make(LESS_EQUAL) make(GREATER) make(GREATER_EQUAL) make(EQUAL) make(NOT_EQUAL)
#define EQ_OF_MASKS(make) make(BOTH) make(EITHER)
#define EQ_UNARY_OPERATIONS(make)                                                                  \
    make(NEGATE) make(SQUARE) make(CUBE) make(FOURTH) make(ROOT) make(SIZE) make(SIGN)             \
        make(TRUTH) /* a mask of numbers */                                                        \
        make(BOOL)  /* 1 and 0 of a mask */                                                        \
        make(NOT)   /* of a mask */

/* Where the arguments are: A the register, M memory, N one number for all weights, P memory times
 * such a number: of arithmetic only. The first is x (of a product times z), the second y (times
 * u). */
enum eq_form {
    EQ_AM,
    EQ_AN,
    EQ_MA,
    EQ_NA,
    EQ_MM,
    EQ_MN,
    EQ_NM,
    EQ_FORMS,
    EQ_AP = EQ_FORMS,
    EQ_PA,
    EQ_MP,
    EQ_PM,
    EQ_PP,
    EQ_PN,
    EQ_NP,
    EQ_FORMS_WITH_PRODUCTS
};
/* What a = (x compared with the number y) ? value : a takes: z, the number u, z * u or z + u; the
 * last is (x compared with y) ? u : z. */
enum eq_value_form { EQ_WHERE_M, EQ_WHERE_N, EQ_WHERE_P, EQ_WHERE_S, EQ_WHERE_NM, EQ_WHERE_FORMS };

#define EQ_NAME_ARITHMETIC(name)                                                                   \
    EQ_##name, EQ_##name##_LAST = EQ_##name + EQ_FORMS_WITH_PRODUCTS - 1,
#define EQ_NAME_BINARY(name) EQ_##name, EQ_##name##_LAST = EQ_##name + EQ_FORMS - 1,
#define EQ_NAME_WHERE(name)                                                                        \
    EQ_WHERE_##name, EQ_WHERE_##name##_LAST = EQ_WHERE_##name + EQ_WHERE_FORMS - 1,
#define EQ_NAME_UNARY(name) EQ_##name,
enum eq_do {
    EQ_END,
    EQ_LOAD_M,   /* a = x */
    EQ_LOAD_N,   /* a = the number x */
    EQ_STORE,    /* nothing but to = a */
    EQ_PLUS_MM,  /* a = a + x * y */
    EQ_MINUS_MM, /* a = a - x * y */
    /* Two or three of the others in one; y and u are numbers, others said so are memory. */
    EQ_TWO_A,          /* a = a * y + z * u */
    EQ_FROM_A,         /* a = z - a * y */
    EQ_FROM_A_P,       /* a = z * u - a * y */
    EQ_FROM_PRODUCT,   /* a = z - a * (memory y) */
    EQ_FROM_QUOTIENT,  /* a = z - a / (memory y) */
    EQ_SQUARE_P,       /* a = x * x * y */
    EQ_TWO_SQUARE,     /* a = x * x * y + z * u */
    EQ_ROOT_M,         /* a = sqrt(x) */
    EQ_ROOT_PLUS,      /* a = sqrt(a) + u */
    EQ_ROOT_OF_A,      /* a = sqrt(a * y) */
    EQ_ROOT_OF_A_PLUS, /* a = sqrt(a * y) + u */
    EQ_ROOT_OF_P,      /* a = sqrt(x * y) */
    EQ_ROOT_OF_P_PLUS, /* a = sqrt(x * y) + u */
    EQ_SIZE_M,         /* a = abs(x) */
    EQ_SIZE_PLUS,      /* a = abs(x) + u */
    EQ_LEAST_OWN,      /* of a and the number y */
    EQ_MOST_OWN,
    EQ_LEAST_MOST, /* min with the number y, then max with u */
    EQ_MOST_LEAST,
    EQ_CHOOSE_MM, /* a = x where the mask a is set, else y */
    EQ_CHOOSE_MN,
    EQ_CHOOSE_NM,
    EQ_CHOOSE_NN,
    EQ_CALL_1,      /* a = loop(a) */
    EQ_CALL_2,      /* a = loop(a, y) */
    EQ_SKIP,        /* the next x instructions */
    EQ_SKIP_UNLESS, /* the next x instructions where number y is 0; skips are followed before all */
    EQ_REST,        /* the machine is left and entered again, so that its stack stays small */
    EQ_UNARY_OPERATIONS(EQ_NAME_UNARY) EQ_ARITHMETIC(EQ_NAME_ARITHMETIC)
        EQ_COMPARISONS(EQ_NAME_BINARY) EQ_OF_MASKS(EQ_NAME_BINARY) EQ_COMPARISONS(EQ_NAME_WHERE)
            EQ_INSTRUCTIONS
};

/* x, y, z and u: places in memory (eq_work.at), of skips as they say. */
struct eq_code {
    uint32_t what; /* enum eq_do; of a binary operation its first form and the form */
    uint32_t to;   /* a place + 1 that the result is stored to as well, or 0; not of skips */
    uint32_t x, y, z, u;
    eq_loop *loop; /* of calls */
};

/* An instruction as it runs: its function, and pointers in place of places. */
struct eq_ready {
    void (*go)(void);
    float *x, *y, *z, *u, *to; /* to: or NULL */
    eq_loop *loop;
};

/* Instructions, ended by EQ_END, for the first n floats of what lies at `at`: whole tiles, at least
 * one. Places from `still` on are tiles: they stay where they are. */
struct eq_work {
    const struct eq_code *code;
    float *const *at;
    size_t still, n;
    const double *number;   /* for skips */
    struct eq_ready *ready; /* room for as many as the code has */
    float ***still_operand; /* room for EQ_OPERANDS of each */
    float *registers;       /* EQ_MOST_TILE, for rests */
};
enum { EQ_OPERANDS = 5 };

typedef void eq_machine(const struct eq_work *work);
/* By the floats of a vector: those that this build has. */
eq_machine eq_machine_4, eq_machine_8, eq_machine_16;
/* The machine of the level that runs, and the floats of its tile. */
eq_machine *eq_machine_now(size_t *ret_tile);

#endif
