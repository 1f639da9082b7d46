/* The machine of one level, a file each (machine_LEVEL.c), as compilers pass a level's vectors in
 * registers only between functions of a file that is compiled for it.
 *
 * Each instruction is a function of the register's eight vectors that ends in the next one:
 * compilers make a jump of that call, so that they stay in registers of the processor. What it
 * rounds is what the text says: no product is fused with a sum. */
#ifndef DESCENT_OPTIM_EQUATIONS_MACHINE_MAKE_H
#define DESCENT_OPTIM_EQUATIONS_MACHINE_MAKE_H

#include "expr/operators.h"
#include "num/simd.h"
#include "optim/equations/machine.h"
#include <math.h>

/* AVX-512's vectors as two of AVX2 (DESCENT_V4_BY_V3) are passed in memory. */
#pragma GCC diagnostic ignored "-Wpsabi"

typedef int32_t ints_4 __attribute__((vector_size(16)));
typedef int32_t ints_8 __attribute__((vector_size(32)));
typedef int32_t ints_16 __attribute__((vector_size(64)));

#define INTS(l, v) ((ints_##l)(v))
#define FLOATS(l, v) ((simd_##l)(v))
/* Where the mask is set x, elsewhere other: of a mask all bits are its sign, which compilers know
 * how to choose by. */
#define CHOOSE(l, mask, x, other)                                                                  \
    FLOATS(l, ((INTS(l, mask) < 0) & INTS(l, x)) | (~(INTS(l, mask) < 0) & INTS(l, other)))

/* ---- operations; arguments are variables ---- */

#define ADD(l, p, r) ((p) + (r))
#define SUBTRACT(l, p, r) ((p) - (r))
#define MULTIPLY(l, p, r) ((p) * (r))
#define DIVIDE(l, p, r) ((p) / (r))
#define LEAST(l, p, r) CHOOSE(l, ((p) <= (r)) | ((p) != (p)), p, r)
#define MOST(l, p, r) CHOOSE(l, ((p) >= (r)) | ((p) != (p)), p, r)
#define LESS(l, p, r) FLOATS(l, (p) < (r))
#define LESS_EQUAL(l, p, r) FLOATS(l, (p) <= (r))
#define GREATER(l, p, r) FLOATS(l, (p) > (r))
#define GREATER_EQUAL(l, p, r) FLOATS(l, (p) >= (r))
#define EQUAL(l, p, r) FLOATS(l, (p) == (r))
#define NOT_EQUAL(l, p, r) FLOATS(l, (p) != (r))
#define BOTH(l, p, r) FLOATS(l, INTS(l, p) & INTS(l, r))
#define EITHER(l, p, r) FLOATS(l, INTS(l, p) | INTS(l, r))

#define ONE(l) ((simd_##l){0} + 1)
#define ZERO(l) ((simd_##l){0})
#define NEGATE(l, p) (-(p))
#define SQUARE(l, p) ((p) * (p))
#define CUBE(l, p) ((p) * (p) * (p))
#define FOURTH(l, p) (((p) * (p)) * ((p) * (p)))
#define SIZE(l, p) FLOATS(l, INTS(l, p) & INT32_MAX)
#define TRUTH(l, p) FLOATS(l, ((p) < ZERO(l)) | ((p) > ZERO(l)))
#define BOOL(l, p) FLOATS(l, INTS(l, p) & INTS(l, ONE(l)))
#define NOT(l, p) FLOATS(l, ~INTS(l, p))
/* 1, -1, of 0 and NaN itself. */
#define SIGN(l, p) CHOOSE(l, TRUTH(l, p), FLOATS(l, (INTS(l, p) & INT32_MIN) | INTS(l, ONE(l))), p)

/* Of a number that is no NaN. */
#define OWN_LEAST(l, p, n) CHOOSE(l, (n) < (p), n, p)
#define OWN_MOST(l, p, n) CHOOSE(l, (n) > (p), n, p)

/* ---- arguments: of vector i of the tile ---- */

#define MEMORY(l, at, i) SIMD_LOAD(l, at + (i)*l)
#define X(l) float *const x = c->x + from;
#define Y(l) float *const y = c->y + from;
#define Z(l) float *const z = c->z + from;
#define NX(l) const simd_##l x_all = SIMD_ALL(l, *c->x);
#define NY(l) const simd_##l y_all = SIMD_ALL(l, *c->y);
#define NZ(l) const simd_##l z_all = SIMD_ALL(l, *c->z);
#define NU(l) const simd_##l u_all = SIMD_ALL(l, *c->u);
#define NONE(l)
#define X_Y(l) X(l) Y(l)
#define X_NY(l) X(l) NY(l)
#define X_NU(l) X(l) NU(l)
#define NX_Y(l) NX(l) Y(l)
#define NX_NY(l) NX(l) NY(l)
#define Y_Z(l) Y(l) Z(l)
#define NY_Z(l) NY(l) Z(l)
#define NY_NU(l) NY(l) NU(l)
#define X_NY_NU(l) X_NY(l) NU(l)
#define NY_Z_NU(l) NY_Z(l) NU(l)
#define X_NY_Z(l) X_NY(l) Z(l)
#define X_NY_Z_NU(l) X_NY_Z(l) NU(l)
/* Both arguments of a binary operation, by its form. */
#define GET_AM(l) Y(l)
#define GET_AN(l) NY(l)
#define GET_AP(l) Y(l) NU(l)
#define GET_MA(l) X(l)
#define GET_NA(l) NX(l)
#define GET_PA(l) X(l) NZ(l)
#define GET_MM(l) X(l) Y(l)
#define GET_MN(l) X(l) NY(l)
#define GET_NM(l) NX(l) Y(l)
#define GET_MP(l) X(l) Y(l) NU(l)
#define GET_PM(l) X(l) NZ(l) Y(l)
#define GET_PP(l) X(l) NZ(l) Y(l) NU(l)
#define GET_PN(l) X(l) NZ(l) NY(l)
#define GET_NP(l) NX(l) Y(l) NU(l)
#define FIRST_M(l, i) MEMORY(l, x, i)
#define FIRST_P(l, i) MEMORY(l, x, i) * z_all
#define SECOND_M(l, i) MEMORY(l, y, i)
#define SECOND_P(l, i) MEMORY(l, y, i) * u_all

/* ---- forms ---- */

#define FORM(l, OP, a, first, second)                                                              \
    const simd_##l p = (first), r = (second);                                                      \
    a = OP(l, p, r);
#define FORM_AM(l, OP, a, i) FORM(l, OP, a, a, SECOND_M(l, i))
#define FORM_AN(l, OP, a, i) FORM(l, OP, a, a, y_all)
#define FORM_AP(l, OP, a, i) FORM(l, OP, a, a, SECOND_P(l, i))
#define FORM_MA(l, OP, a, i) FORM(l, OP, a, FIRST_M(l, i), a)
#define FORM_NA(l, OP, a, i) FORM(l, OP, a, x_all, a)
#define FORM_PA(l, OP, a, i) FORM(l, OP, a, FIRST_P(l, i), a)
#define FORM_MM(l, OP, a, i) FORM(l, OP, a, FIRST_M(l, i), SECOND_M(l, i))
#define FORM_MN(l, OP, a, i) FORM(l, OP, a, FIRST_M(l, i), y_all)
#define FORM_NM(l, OP, a, i) FORM(l, OP, a, x_all, SECOND_M(l, i))
#define FORM_MP(l, OP, a, i) FORM(l, OP, a, FIRST_M(l, i), SECOND_P(l, i))
#define FORM_PM(l, OP, a, i) FORM(l, OP, a, FIRST_P(l, i), SECOND_M(l, i))
#define FORM_PP(l, OP, a, i) FORM(l, OP, a, FIRST_P(l, i), SECOND_P(l, i))
#define FORM_PN(l, OP, a, i) FORM(l, OP, a, FIRST_P(l, i), y_all)
#define FORM_NP(l, OP, a, i) FORM(l, OP, a, x_all, SECOND_P(l, i))
#define FORM_A(l, OP, a, i) a = OP(l, a);
#define FORM_M(l, OP, a, i) FORM_LOAD_M(l, OP, a, i) a = OP(l, a);
#define FORM_LOAD_M(l, OP, a, i) a = MEMORY(l, x, i);
#define FORM_LOAD_N(l, OP, a, i) a = x_all;
#define FORM_STORE(l, OP, a, i) SIMD_STORE(l, to + (i)*l, a);
#define FORM_PRODUCT(l, OP, a, i) FORM(l, OP, a, a, FIRST_M(l, i) * SECOND_M(l, i))
/* Of a copy: of the function's own argument gcc 12 takes the 16 lanes one by one. */
#define FORM_ROOT(l, OP, a, i)                                                                     \
    simd_##l root = a;                                                                             \
    SIMD_UNROLL                                                                                    \
    for (int lane = 0; lane < l; lane++)                                                           \
        root[lane] = __builtin_sqrtf(root[lane]);                                                  \
    a = root;

/* Several in one, in the order in which they would be done. */
#define PLUS_U(a) a = a + u_all;
#define FORM_TWO_A(l, OP, a, i) FORM(l, ADD, a, a *y_all, MEMORY(l, z, i) * u_all)
#define FORM_FROM_A(l, OP, a, i) FORM(l, SUBTRACT, a, MEMORY(l, z, i), a *y_all)
#define FORM_FROM_A_P(l, OP, a, i) FORM(l, SUBTRACT, a, MEMORY(l, z, i) * u_all, a * y_all)
#define FORM_FROM_PRODUCT(l, OP, a, i) FORM(l, SUBTRACT, a, MEMORY(l, z, i), a *SECOND_M(l, i))
#define FORM_FROM_QUOTIENT(l, OP, a, i) FORM(l, SUBTRACT, a, MEMORY(l, z, i), a / SECOND_M(l, i))
#define FORM_SQUARE_P(l, OP, a, i) FORM_M(l, SQUARE, a, i) a = a * y_all;
#define FORM_TWO_SQUARE(l, OP, a, i)                                                               \
    FORM_SQUARE_P(l, OP, a, i) const simd_##l v = MEMORY(l, z, i) * u_all;                         \
    a = a + v;
#define FORM_ROOT_M(l, OP, a, i) FORM_LOAD_M(l, OP, a, i) FORM_ROOT(l, OP, a, i)
#define FORM_ROOT_PLUS(l, OP, a, i) FORM_ROOT(l, OP, a, i) PLUS_U(a)
#define FORM_ROOT_OF_A(l, OP, a, i)                                                                \
    a = a * y_all;                                                                                 \
    FORM_ROOT(l, OP, a, i)
#define FORM_ROOT_OF_A_PLUS(l, OP, a, i) FORM_ROOT_OF_A(l, OP, a, i) PLUS_U(a)
#define FORM_ROOT_OF_P(l, OP, a, i) FORM_LOAD_M(l, OP, a, i) FORM_ROOT_OF_A(l, OP, a, i)
#define FORM_ROOT_OF_P_PLUS(l, OP, a, i) FORM_ROOT_OF_P(l, OP, a, i) PLUS_U(a)
#define FORM_SIZE_PLUS(l, OP, a, i) FORM_M(l, SIZE, a, i) PLUS_U(a)

/* ---- choices ---- */

#define FORM_CHOOSE(l, a, first, second)                                                           \
    const simd_##l p = (first), r = (second);                                                      \
    a = CHOOSE(l, a, p, r);
#define FORM_CHOOSE_MM(l, OP, a, i) FORM_CHOOSE(l, a, FIRST_M(l, i), SECOND_M(l, i))
#define FORM_CHOOSE_MN(l, OP, a, i) FORM_CHOOSE(l, a, FIRST_M(l, i), y_all)
#define FORM_CHOOSE_NM(l, OP, a, i) FORM_CHOOSE(l, a, x_all, SECOND_M(l, i))
#define FORM_CHOOSE_NN(l, OP, a, i) FORM_CHOOSE(l, a, x_all, y_all)
#define GET_WHERE_M(l) X_NY_Z(l)
#define GET_WHERE_N(l) X_NY_NU(l)
#define GET_WHERE_P(l) X_NY_Z_NU(l)
#define GET_WHERE_S(l) X_NY_Z_NU(l)
#define GET_WHERE_NM(l) X_NY_Z_NU(l)
#define FORM_WHERE(l, OP, a, i, value)                                                             \
    const simd_##l p = FIRST_M(l, i), mask = OP(l, p, y_all), v = (value);                         \
    a = CHOOSE(l, mask, v, a);
#define FORM_WHERE_M(l, OP, a, i) FORM_WHERE(l, OP, a, i, MEMORY(l, z, i))
#define FORM_WHERE_N(l, OP, a, i) FORM_WHERE(l, OP, a, i, u_all)
#define FORM_WHERE_P(l, OP, a, i) FORM_WHERE(l, OP, a, i, MEMORY(l, z, i) * u_all)
#define FORM_WHERE_S(l, OP, a, i) FORM_WHERE(l, OP, a, i, MEMORY(l, z, i) + u_all)
#define FORM_WHERE_NM(l, OP, a, i)                                                                 \
    a = MEMORY(l, z, i);                                                                           \
    FORM_WHERE(l, OP, a, i, u_all)
/* LEAST or MOST with y, then the other with u. */
#define FORM_LEAST_MOST(l, OP, a, i)                                                               \
    a = OP##LEAST(l, a, y_all);                                                                    \
    a = OP##MOST(l, a, u_all);
#define FORM_MOST_LEAST(l, OP, a, i)                                                               \
    a = OP##MOST(l, a, y_all);                                                                     \
    a = OP##LEAST(l, a, u_all);

/* ---- instructions ---- */

/* A vector is done before the next one is begun: gcc would put the last operations of all eight at
 * the end, and what they wait for on the stack, which must be aligned for it. */
#define DONE_4(a)
#define DONE_8(a) __asm__("" : "+x"(a));
#define DONE_16(a) /* has registers enough */
#define EACH_OF_8(l, FORM, OP)                                                                     \
    {FORM(l, OP, a0, 0) DONE_##l(a0)} {FORM(l, OP, a1, 1) DONE_##l(a1)} {                          \
        FORM(l, OP, a2, 2)                                                                         \
            DONE_##l(a2)} {FORM(l, OP, a3, 3) DONE_##l(a3)} {FORM(l, OP, a4, 4) DONE_##l(a4)} {    \
        FORM(l, OP, a5, 5) DONE_##l(a5)} {FORM(l, OP, a6, 6) DONE_##l(a6)} {                       \
        FORM(l, OP, a7, 7) DONE_##l(a7)                                                            \
    }

/* The result to memory, where the instruction says so. */
#define KEEP(l)                                                                                    \
    if (c->to) {                                                                                   \
        float *const to = c->to + from;                                                            \
        EACH_OF_8(l, FORM_STORE, NONE)                                                             \
    }
#define HEAD(l, name)                                                                              \
    SIMD_TARGET_##l static const struct eq_ready *do_##name##_##l(                                 \
        const struct eq_ready *c, struct eq_state *m, size_t from, simd_##l a0, simd_##l a1,       \
        simd_##l a2, simd_##l a3, simd_##l a4, simd_##l a5, simd_##l a6, simd_##l a7)
#define NEXT(l) return ((step_##l *)c[1].go)(c + 1, m, from, a0, a1, a2, a3, a4, a5, a6, a7)
#define DO(l, name, GET, FORM, OP)                                                                 \
    HEAD(l, name)                                                                                  \
    {                                                                                              \
        GET(l) EACH_OF_8(l, FORM, OP) KEEP(l) NEXT(l);                                             \
    }
#define IN_TABLE(l, name, GET, FORM, OP) [EQ_##name] = do_##name##_##l,

/* make(lanes, name, arguments, form, operation) of all that are made alike. */
#define PLAIN(make, l)                                                                             \
    make(l, LOAD_M, X, FORM_LOAD_M, NONE) make(l, LOAD_N, NX, FORM_LOAD_N, NONE) make(             \
        l, PLUS_MM, X_Y, FORM_PRODUCT, ADD) make(l, MINUS_MM, X_Y, FORM_PRODUCT, SUBTRACT)         \
        make(l, TWO_A, NY_Z_NU, FORM_TWO_A, NONE) make(l, FROM_A, NY_Z, FORM_FROM_A, NONE) make(   \
            l, FROM_A_P, NY_Z_NU, FORM_FROM_A_P,                                                   \
            NONE) make(l, FROM_PRODUCT, Y_Z, FORM_FROM_PRODUCT,                                    \
                       NONE) make(l, FROM_QUOTIENT, Y_Z, FORM_FROM_QUOTIENT,                       \
                                  NONE) make(l, SQUARE_P, X_NY, FORM_SQUARE_P, NONE)               \
            make(l, TWO_SQUARE, X_NY_Z_NU, FORM_TWO_SQUARE, NONE)                                  \
                make(l, ROOT, NONE, FORM_ROOT, NONE) make(l, ROOT_M, X, FORM_ROOT_M, NONE) make(   \
                    l, ROOT_PLUS, NU, FORM_ROOT_PLUS,                                              \
                    NONE) make(l, ROOT_OF_A, NY, FORM_ROOT_OF_A,                                   \
                               NONE) make(l, ROOT_OF_A_PLUS, NY_NU, FORM_ROOT_OF_A_PLUS,           \
                                          NONE) make(l, ROOT_OF_P, X_NY, FORM_ROOT_OF_P, NONE)     \
                    make(l, ROOT_OF_P_PLUS, X_NY_NU, FORM_ROOT_OF_P_PLUS, NONE) make(              \
                        l, SIZE_M, X, FORM_M, SIZE) make(l, SIZE_PLUS, X_NU, FORM_SIZE_PLUS, NONE) \
                        make(l, CHOOSE_MM, X_Y, FORM_CHOOSE_MM,                                    \
                             NONE) make(l, CHOOSE_MN, X_NY, FORM_CHOOSE_MN, NONE)                  \
                            make(l, CHOOSE_NM, NX_Y, FORM_CHOOSE_NM,                               \
                                 NONE) make(l, CHOOSE_NN, NX_NY, FORM_CHOOSE_NN, NONE)             \
                                make(l, NEGATE, NONE, FORM_A, NEGATE)                              \
                                    make(l, SQUARE, NONE, FORM_A, SQUARE)                          \
                                        make(l, CUBE, NONE, FORM_A, CUBE)                          \
                                            make(l, FOURTH, NONE, FORM_A, FOURTH)                  \
                                                make(l, SIZE, NONE, FORM_A, SIZE)                  \
                                                    make(l, SIGN, NONE, FORM_A, SIGN)              \
                                                        make(l, TRUTH, NONE, FORM_A, TRUTH)        \
                                                            make(l, BOOL, NONE, FORM_A, BOOL)      \
                                                                make(l, NOT, NONE, FORM_A, NOT)
/* make(lanes, operation, form) of binary ones. */
#define FORMS(make, l, OP)                                                                         \
    make(l, OP, AM) make(l, OP, AN) make(l, OP, MA) make(l, OP, NA) make(l, OP, MM)                \
        make(l, OP, MN) make(l, OP, NM)
#define FORMS_WITH_PRODUCTS(make, l, OP)                                                           \
    FORMS(make, l, OP)                                                                             \
    make(l, OP, AP) make(l, OP, PA) make(l, OP, MP) make(l, OP, PM) make(l, OP, PP)                \
        make(l, OP, PN) make(l, OP, NP)
#define WHERES(make, l, OP)                                                                        \
    make(l, OP, M) make(l, OP, N) make(l, OP, P) make(l, OP, S) make(l, OP, NM)
#define DO_BINARY(l, OP, form) DO(l, OP##_##form, GET_##form, FORM_##form, OP)
#define DO_WHERE(l, OP, form) DO(l, WHERE_##OP##_##form, GET_WHERE_##form, FORM_WHERE_##form, OP)
#define BINARY_IN_TABLE(l, OP, form) [(uint32_t)EQ_##OP + EQ_##form] = do_##OP##_##form##_##l,
#define WHERE_IN_TABLE(l, OP, form)                                                                \
    [(uint32_t)EQ_WHERE_##OP + EQ_WHERE_##form] = do_WHERE_##OP##_##form##_##l,
#define DO_ARITHMETIC_4(OP) FORMS_WITH_PRODUCTS(DO_BINARY, 4, OP)
#define ARITHMETIC_IN_TABLE_4(OP) FORMS_WITH_PRODUCTS(BINARY_IN_TABLE, 4, OP)
#define DO_COMPARISON_4(OP) FORMS(DO_BINARY, 4, OP)
#define COMPARISON_IN_TABLE_4(OP) FORMS(BINARY_IN_TABLE, 4, OP)
#define DO_WHERE_4(OP) WHERES(DO_WHERE, 4, OP)
#define WHERE_IN_TABLE_4(OP) WHERES(WHERE_IN_TABLE, 4, OP)
#define DO_ARITHMETIC_8(OP) FORMS_WITH_PRODUCTS(DO_BINARY, 8, OP)
#define ARITHMETIC_IN_TABLE_8(OP) FORMS_WITH_PRODUCTS(BINARY_IN_TABLE, 8, OP)
#define DO_COMPARISON_8(OP) FORMS(DO_BINARY, 8, OP)
#define COMPARISON_IN_TABLE_8(OP) FORMS(BINARY_IN_TABLE, 8, OP)
#define DO_WHERE_8(OP) WHERES(DO_WHERE, 8, OP)
#define WHERE_IN_TABLE_8(OP) WHERES(WHERE_IN_TABLE, 8, OP)
#define DO_ARITHMETIC_16(OP) FORMS_WITH_PRODUCTS(DO_BINARY, 16, OP)
#define ARITHMETIC_IN_TABLE_16(OP) FORMS_WITH_PRODUCTS(BINARY_IN_TABLE, 16, OP)
#define DO_COMPARISON_16(OP) FORMS(DO_BINARY, 16, OP)
#define COMPARISON_IN_TABLE_16(OP) FORMS(BINARY_IN_TABLE, 16, OP)
#define DO_WHERE_16(OP) WHERES(DO_WHERE, 16, OP)
#define WHERE_IN_TABLE_16(OP) WHERES(WHERE_IN_TABLE, 16, OP)
/* Of numbers, where they are no NaN; else as the general ones. */
#define DO_OWN(l, name, GET, FORM, any_nan)                                                        \
    HEAD(l, name)                                                                                  \
    {                                                                                              \
        GET(l) if (any_nan)                                                                        \
        {                                                                                          \
            EACH_OF_8(l, FORM, )                                                                   \
        }                                                                                          \
        else {EACH_OF_8(l, FORM, OWN_)} KEEP(l) NEXT(l);                                           \
    }
#define FORM_LEAST(l, OP, a, i) a = OP##LEAST(l, a, y_all);
#define FORM_MOST(l, OP, a, i) a = OP##MOST(l, a, y_all);

/* Where compilers make calls of the jumps (without optimization, under sanitizers), about as many
 * of them lie on the stack before the machine is left and entered again. */
enum { CALLS_AT_ONCE = 128 };

struct eq_state {
    const struct eq_ready *first;
    size_t from, n; /* the tile's first float; the end */
    size_t tiles;   /* at once */
    size_t until;   /* the first float of the tile before which the machine is left */
    float ***still; /* pointers to one tile each: a tile is taken off as one is added to `from` */
    float ***still_end; /* behind the last */
    float *registers;
};

/* A pointer in place of a place, which the state knows if it stays where it is. */
static void point(const struct eq_work *work, float **operand, uint32_t place,
                  struct eq_state *state)
{
    *operand = work->at[place];
    if (place >= work->still)
        *state->still_end++ = operand;
}

static void get_one_ready(const struct eq_work *work, const struct eq_code *c, void (*go)(void),
                          struct eq_ready *ret, struct eq_state *state)
{
    ret->go = go;
    ret->loop = c->loop;
    ret->y = ret->to = NULL;
    point(work, &ret->x, c->x, state);
    if (c->what != EQ_CALL_1)
        point(work, &ret->y, c->y, state);
    point(work, &ret->z, c->z, state);
    point(work, &ret->u, c->u, state);
    if (c->to > 0)
        point(work, &ret->to, c->to - 1, state);
}

/* Whether the instruction before `to` can store what it makes. */
static bool may_store(const struct eq_work *work, const struct eq_ready *to,
                      void (*const *table)(void))
{
    return to > work->ready && !to[-1].to && to[-1].go != table[EQ_REST];
}

/* Instructions as they run: without branches that are not taken, and stores by what makes the
 * value. */
static void get_ready(const struct eq_work *work, void (*const *table)(void), struct eq_state *ret)
{
    const struct eq_code *c = work->code;
    struct eq_ready *to = work->ready;
    *ret = (struct eq_state){.first = to,
                             .n = work->n,
                             .still = work->still_operand,
                             .still_end = work->still_operand,
                             .registers = work->registers};
    for (; c->what != EQ_END; c++)
        if (c->what == EQ_SKIP || (c->what == EQ_SKIP_UNLESS && !expr_truth(work->number[c->y])))
            c += c->x;
        else if (c->what == EQ_STORE && may_store(work, to, table))
            point(work, &to[-1].to, c->to - 1, ret);
        else if (c->what != EQ_SKIP_UNLESS)
            get_one_ready(work, c, table[c->what], to++, ret);
    to->go = table[EQ_END];
    ret->tiles = 1 + CALLS_AT_ONCE / (size_t)(to - work->ready + 1);
}

static size_t until(const struct eq_state *state, size_t from, size_t tile)
{
    size_t next = from + state->tiles * tile;
    return next < state->n ? next : state->n;
}

/* The old instructions of the code that follows take long while upper halves of vectors are in use,
 * and compilers do not see that they are. */
#define LEAVE_4
#define LEAVE_8 __builtin_ia32_vzeroupper();
#define LEAVE_16 __builtin_ia32_vzeroupper();

#define EQ_MACHINE(l)                                                                              \
    typedef const struct eq_ready *step_##l(const struct eq_ready *, struct eq_state *, size_t,    \
                                            simd_##l, simd_##l, simd_##l, simd_##l, simd_##l,      \
                                            simd_##l, simd_##l, simd_##l);                         \
    static step_##l *const table_##l[EQ_INSTRUCTIONS];                                             \
    PLAIN(DO, l)                                                                                   \
    EQ_ARITHMETIC(DO_ARITHMETIC_##l)                                                               \
    EQ_COMPARISONS(DO_COMPARISON_##l)                                                              \
    EQ_OF_MASKS(DO_COMPARISON_##l)                                                                 \
    EQ_COMPARISONS(DO_WHERE_##l)                                                                   \
    DO_OWN(l, LEAST_OWN, NY, FORM_LEAST, isnan(y_all[0]))                                          \
    DO_OWN(l, MOST_OWN, NY, FORM_MOST, isnan(y_all[0]))                                            \
    DO_OWN(l, LEAST_MOST, NY_NU, FORM_LEAST_MOST, isnan(y_all[0]) || isnan(u_all[0]))              \
    DO_OWN(l, MOST_LEAST, NY_NU, FORM_MOST_LEAST, isnan(y_all[0]) || isnan(u_all[0]))              \
    HEAD(l, STORE)                                                                                 \
    {                                                                                              \
        float *const to = c->to + from;                                                            \
        EACH_OF_8(l, FORM_STORE, NONE)                                                             \
        NEXT(l);                                                                                   \
    }                                                                                              \
    HEAD(l, CALL)                                                                                  \
    {                                                                                              \
        float x[8 * l];                                                                            \
        {                                                                                          \
            float *const to = x;                                                                   \
            EACH_OF_8(l, FORM_STORE, NONE)                                                         \
        }                                                                                          \
        const struct eq_input in[2] = {{x, EQ_WIDTH}, {c->y ? c->y + from : x, EQ_WIDTH}};         \
        c->loop(x, in, 8 * l);                                                                     \
        EACH_OF_8(l, FORM_LOAD_M, NONE)                                                            \
        KEEP(l) NEXT(l);                                                                           \
    }                                                                                              \
    HEAD(l, REST)                                                                                  \
    {                                                                                              \
        float *const to = m->registers;                                                            \
        m->from = from;                                                                            \
        EACH_OF_8(l, FORM_STORE, NONE)                                                             \
        LEAVE_##l return c + 1;                                                                    \
    }                                                                                              \
    HEAD(l, END)                                                                                   \
    {                                                                                              \
        c = m->first;                                                                              \
        from += 8 * l;                                                                             \
        for (float ***still = m->still; still < m->still_end; still++) {                           \
            float *volatile *at = *still; /* one by one, as they are read */                       \
            *at -= 8 * l;                                                                          \
        }                                                                                          \
        if (from < m->until)                                                                       \
            return ((step_##l *)c->go)(c, m, from, a0, a1, a2, a3, a4, a5, a6, a7);                \
        m->from = from;                                                                            \
        m->until = until(m, from, 8 * l);                                                          \
        LEAVE_##l return from < m->n ? c : NULL;                                                   \
    }                                                                                              \
    static step_##l *const table_##l[EQ_INSTRUCTIONS] = {                                          \
        PLAIN(IN_TABLE, l) EQ_ARITHMETIC(ARITHMETIC_IN_TABLE_##l)                                  \
            EQ_COMPARISONS(COMPARISON_IN_TABLE_##l) EQ_OF_MASKS(COMPARISON_IN_TABLE_##l)           \
                EQ_COMPARISONS(WHERE_IN_TABLE_##l)[EQ_CALL_1] = do_CALL_##l,                       \
        [EQ_CALL_2] = do_CALL_##l,                                                                 \
        [EQ_STORE] = do_STORE_##l,                                                                 \
        [EQ_LEAST_OWN] = do_LEAST_OWN_##l,                                                         \
        [EQ_MOST_OWN] = do_MOST_OWN_##l,                                                           \
        [EQ_LEAST_MOST] = do_LEAST_MOST_##l,                                                       \
        [EQ_MOST_LEAST] = do_MOST_LEAST_##l,                                                       \
        [EQ_REST] = do_REST_##l,                                                                   \
        [EQ_END] = do_END_##l};                                                                    \
    SIMD_TARGET_##l void eq_machine_##l(const struct eq_work *work)                                \
    {                                                                                              \
        const simd_##l z = {0};                                                                    \
        struct eq_state state, *m = &state;                                                        \
        get_ready(work, (void (*const *)(void))table_##l, m);                                      \
        m->until = until(m, 0, 8 * l);                                                             \
        const struct eq_ready *c = m->first;                                                       \
        c = ((step_##l *)c->go)(c, m, 0, z, z, z, z, z, z, z, z);                                  \
        while (c) {                                                                                \
            simd_##l a0, a1, a2, a3, a4, a5, a6, a7;                                               \
            const float *x = m->registers;                                                         \
            EACH_OF_8(l, FORM_LOAD_M, NONE)                                                        \
            c = ((step_##l *)c->go)(c, m, m->from, a0, a1, a2, a3, a4, a5, a6, a7);                \
        }                                                                                          \
    }

#endif
