/* Each instruction is a function of the register's eight vectors that ends in the next one: compilers make
 * a jump of that call, so that they stay in registers of the processor. What it rounds is what the
 * text says: no product is fused with a sum. */
#include "optim/equations/machine.h"
#include "num/simd.h"
#include "util/processor.h"
#include <math.h>

/* AVX-512's vectors as two of AVX2 (DESCENT_V4_BY_V3) are passed in memory. */
#pragma GCC diagnostic ignored "-Wpsabi"

typedef int32_t ints_4 __attribute__((vector_size(16)));
typedef int32_t ints_8 __attribute__((vector_size(32)));
typedef int32_t ints_16 __attribute__((vector_size(64)));

#define INTS(l, v) ((ints_##l)(v))
#define FLOATS(l, v) ((simd_##l)(v))
/* Where the mask is set x, elsewhere other: of a mask all bits are its sign, which compilers know how to
 * choose by. */
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

/* ---- forms: of one vector, number i of the tile ---- */

#define FORM_AM(l, OP, a, i)                                                                       \
    const simd_##l p = SIMD_LOAD(l, x + (i)*l);                                                    \
    a = OP(l, a, p);
#define FORM_MA(l, OP, a, i)                                                                       \
    const simd_##l p = SIMD_LOAD(l, x + (i)*l);                                                    \
    a = OP(l, p, a);
#define FORM_AN(l, OP, a, i) a = OP(l, a, n);
#define FORM_NA(l, OP, a, i) a = OP(l, n, a);
#define FORM_MM(l, OP, a, i)                                                                       \
    const simd_##l p = SIMD_LOAD(l, x + (i)*l), r = SIMD_LOAD(l, y + (i)*l);                       \
    a = OP(l, p, r);
#define FORM_MN(l, OP, a, i)                                                                       \
    const simd_##l p = SIMD_LOAD(l, x + (i)*l);                                                    \
    a = OP(l, p, n);
#define FORM_NM(l, OP, a, i)                                                                       \
    const simd_##l p = SIMD_LOAD(l, y + (i)*l);                                                    \
    a = OP(l, n, p);
#define FORM_A(l, OP, a, i) a = OP(l, a);
#define FORM_ROOT(l, OP, a, i)                                                                     \
    SIMD_UNROLL                                                                                    \
    for (int lane = 0; lane < l; lane++)                                                           \
        a[lane] = __builtin_sqrtf(a[lane]);
#define FORM_LOAD_M(l, OP, a, i) a = SIMD_LOAD(l, x + (i)*l);
#define FORM_LOAD_N(l, OP, a, i) a = n;
#define FORM_STORE(l, OP, a, i) SIMD_STORE(l, x + (i)*l, a);
#define FORM_PRODUCT_MM(l, OP, a, i)                                                               \
    const simd_##l p = SIMD_LOAD(l, x + (i)*l) * SIMD_LOAD(l, y + (i)*l);                          \
    a = OP(l, a, p);
#define FORM_PRODUCT_MN(l, OP, a, i)                                                               \
    const simd_##l p = SIMD_LOAD(l, x + (i)*l) * n;                                                \
    a = OP(l, a, p);
#define FORM_TWO_M(l, OP, a, i)                                                                    \
    const simd_##l p = SIMD_LOAD(l, x + (i)*l) * n, r = SIMD_LOAD(l, z + (i)*l) * other;           \
    a = p + r;
#define FORM_TWO_A(l, OP, a, i)                                                                    \
    const simd_##l p = a * n, r = SIMD_LOAD(l, z + (i)*l) * other;                                 \
    a = p + r;
#define FORM_FROM_M(l, OP, a, i)                                                                   \
    const simd_##l p = a * n, r = SIMD_LOAD(l, z + (i)*l);                                         \
    a = r - p;
#define FORM_SUM(l, OP, a, i)                                                                      \
    const simd_##l p = SIMD_LOAD(l, x + (i)*l), r = SIMD_LOAD(l, z + (i)*l) * other;               \
    a = OP(l, p, r);
#define AND_STORE(l, a, i) SIMD_STORE(l, to + (i)*l, a);
#define FORM_TWO_M_STORE(l, OP, a, i) FORM_TWO_M(l, OP, a, i) AND_STORE(l, a, i)
#define FORM_TWO_A_STORE(l, OP, a, i) FORM_TWO_A(l, OP, a, i) AND_STORE(l, a, i)
#define FORM_FROM_M_STORE(l, OP, a, i) FORM_FROM_M(l, OP, a, i) AND_STORE(l, a, i)
#define FORM_SUM_STORE(l, OP, a, i) FORM_SUM(l, OP, a, i) AND_STORE(l, a, i)
#define ROOT_OF_VECTOR(l, a)                                                                       \
    SIMD_UNROLL                                                                                    \
    for (int lane = 0; lane < l; lane++)                                                           \
        a[lane] = __builtin_sqrtf(a[lane]);
#define FORM_ROOT_OF(l, OP, a, i)                                                                  \
    a = SIMD_LOAD(l, x + (i)*l) * n;                                                               \
    ROOT_OF_VECTOR(l, a)
#define FORM_ROOT_OF_PLUS(l, OP, a, i)                                                             \
    FORM_ROOT_OF(l, OP, a, i)                                                                      \
    a = a + third;
#define FORM_ROOT_PLUS(l, OP, a, i)                                                                \
    ROOT_OF_VECTOR(l, a)                                                                           \
    a = a + third;
#define FORM_CHOOSE_MM(l, OP, a, i)                                                                \
    const simd_##l p = SIMD_LOAD(l, x + (i)*l), r = SIMD_LOAD(l, y + (i)*l);                       \
    a = CHOOSE(l, a, p, r);
#define FORM_CHOOSE_MN(l, OP, a, i)                                                                \
    const simd_##l p = SIMD_LOAD(l, x + (i)*l);                                                    \
    a = CHOOSE(l, a, p, n);
#define FORM_CHOOSE_NM(l, OP, a, i)                                                                \
    const simd_##l p = SIMD_LOAD(l, y + (i)*l);                                                    \
    a = CHOOSE(l, a, n, p);
#define FORM_CHOOSE_NN(l, OP, a, i) a = CHOOSE(l, a, n, other);

/* Of a number that is no NaN. */
#define OWN_LEAST(l, p, n) CHOOSE(l, (n) < (p), n, p)
#define OWN_MOST(l, p, n) CHOOSE(l, (n) > (p), n, p)

/* ---- instructions ---- */

/* A vector is done before the next one is begun: gcc would put the last operations of all eight at the
 * end, and what they wait for on the stack, which must be aligned for it. */
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
#define NONE(l)
#define X(l) float *const x = m->at[c->x];
#define Y(l) const float *const y = m->at[c->y];
#define NX(l) const simd_##l n = SIMD_ALL(l, *m->at[c->x]);
#define NY(l) const simd_##l n = SIMD_ALL(l, *m->at[c->y]);
#define X_NY(l) X(l) NY(l)
#define Z(l) const float *const z = m->at[c->z];
#define NU(l) const simd_##l other = SIMD_ALL(l, *m->at[c->u]);
#define NZ(l) const simd_##l third = SIMD_ALL(l, *m->at[c->z]);
#define TO(l) float *const to = m->at[c->to];
#define Z_NU(l) Z(l) NU(l)
#define X_Z_NU(l) X(l) Z_NU(l)
#define X_NY_Z_NU(l) X_NY(l) Z_NU(l)
#define NX_Z_NU(l) NX(l) Z_NU(l)
#define NX_Z(l) NX(l) Z(l)
#define OTHER(l) const simd_##l other = SIMD_ALL(l, *m->at[c->y]);

#define HEAD(l, name)                                                                              \
    SIMD_TARGET_##l static const struct eq_code *do_##name##_##l(                                  \
        const struct eq_code *c, const struct eq_memory *m, simd_##l a0, simd_##l a1, simd_##l a2, \
        simd_##l a3, simd_##l a4, simd_##l a5, simd_##l a6, simd_##l a7)
#define NEXT(l) return table_##l[c[1].what](c + 1, m, a0, a1, a2, a3, a4, a5, a6, a7)
#define DO(l, name, FIRST, SECOND, FORM, OP)                                                       \
    HEAD(l, name)                                                                                  \
    {                                                                                              \
        FIRST(l) SECOND(l) EACH_OF_8(l, FORM, OP) NEXT(l);                                         \
    }
#define BINARY(l, OP)                                                                              \
    DO(l, OP##_AM, X, NONE, FORM_AM, OP)                                                           \
    DO(l, OP##_AN, NX, NONE, FORM_AN, OP)                                                          \
    DO(l, OP##_MA, X, NONE, FORM_MA, OP)                                                           \
    DO(l, OP##_NA, NX, NONE, FORM_NA, OP)                                                          \
    DO(l, OP##_MM, X, Y, FORM_MM, OP)                                                              \
    DO(l, OP##_MN, X, NY, FORM_MN, OP)                                                             \
    DO(l, OP##_NM, NX, Y, FORM_NM, OP)
#define BINARY_IN_TABLE(l, OP)                                                                     \
    [(uint32_t)EQ_##OP + EQ_AM] = do_##OP##_AM_##l,                                                \
                         [(uint32_t)EQ_##OP + EQ_AN] = do_##OP##_AN_##l,                           \
                         [(uint32_t)EQ_##OP + EQ_MA] = do_##OP##_MA_##l,                           \
                         [(uint32_t)EQ_##OP + EQ_NA] = do_##OP##_NA_##l,                           \
                         [(uint32_t)EQ_##OP + EQ_MM] = do_##OP##_MM_##l,                           \
                         [(uint32_t)EQ_##OP + EQ_MN] = do_##OP##_MN_##l,                           \
                         [(uint32_t)EQ_##OP + EQ_NM] = do_##OP##_NM_##l,
#define UNARY(l, OP) DO(l, OP, NONE, NONE, FORM_A, OP)
#define BINARY_4(OP) BINARY(4, OP)
#define BINARY_8(OP) BINARY(8, OP)
#define BINARY_16(OP) BINARY(16, OP)
#define BINARY_IN_TABLE_4(OP) BINARY_IN_TABLE(4, OP)
#define BINARY_IN_TABLE_8(OP) BINARY_IN_TABLE(8, OP)
#define BINARY_IN_TABLE_16(OP) BINARY_IN_TABLE(16, OP)
#define IN_TABLE(l, name) [EQ_##name] = do_##name##_##l,

/* Few pointers: no vectors of them, which would wait for what was stored one by one. */
static inline __attribute__((always_inline)) void move_on(const struct eq_memory *m, size_t floats)
{
    for (size_t i = 0; i < m->moving; i++) {
        float *volatile *at = &m->at[i];
        *at += floats;
    }
}

/* The old instructions of the code that follows take long while upper halves of vectors are in use, and
 * compilers do not see that they are. */
#define LEAVE_4
#define LEAVE_8 __builtin_ia32_vzeroupper();
#define LEAVE_16 __builtin_ia32_vzeroupper();

#define MACHINE(l)                                                                                 \
    typedef const struct eq_code *step_##l(const struct eq_code *, const struct eq_memory *,       \
                                           simd_##l, simd_##l, simd_##l, simd_##l, simd_##l,       \
                                           simd_##l, simd_##l, simd_##l);                          \
    static step_##l *const table_##l[EQ_INSTRUCTIONS];                                             \
    DO(l, LOAD_M, X, NONE, FORM_LOAD_M, NONE)                                                      \
    DO(l, LOAD_N, NX, NONE, FORM_LOAD_N, NONE)                                                     \
    DO(l, STORE, X, NONE, FORM_STORE, NONE)                                                        \
    DO(l, PLUS_MM, X, Y, FORM_PRODUCT_MM, ADD)                                                     \
    DO(l, PLUS_MN, X, NY, FORM_PRODUCT_MN, ADD)                                                    \
    DO(l, MINUS_MM, X, Y, FORM_PRODUCT_MM, SUBTRACT)                                               \
    DO(l, MINUS_MN, X, NY, FORM_PRODUCT_MN, SUBTRACT)                                              \
    DO(l, CHOOSE_MM, X, Y, FORM_CHOOSE_MM, NONE)                                                   \
    DO(l, CHOOSE_MN, X, NY, FORM_CHOOSE_MN, NONE)                                                  \
    DO(l, CHOOSE_NM, NX, Y, FORM_CHOOSE_NM, NONE)                                                  \
    DO(l, CHOOSE_NN, NX, OTHER, FORM_CHOOSE_NN, NONE)                                              \
    DO(l, ROOT, NONE, NONE, FORM_ROOT, NONE)                                                       \
    DO(l, TWO_M, X_NY_Z_NU, NONE, FORM_TWO_M, NONE)                                                \
    DO(l, TWO_A, NX_Z_NU, NONE, FORM_TWO_A, NONE)                                                  \
    DO(l, FROM_M, NX_Z, NONE, FORM_FROM_M, NONE)                                                   \
    DO(l, SUM, X_Z_NU, NONE, FORM_SUM, ADD)                                                        \
    DO(l, DIFFERENCE, X_Z_NU, NONE, FORM_SUM, SUBTRACT)                                            \
    DO(l, TWO_M_STORE, X_NY_Z_NU, TO, FORM_TWO_M_STORE, NONE)                                      \
    DO(l, TWO_A_STORE, NX_Z_NU, TO, FORM_TWO_A_STORE, NONE)                                        \
    DO(l, FROM_M_STORE, NX_Z, TO, FORM_FROM_M_STORE, NONE)                                         \
    DO(l, SUM_STORE, X_Z_NU, TO, FORM_SUM_STORE, ADD)                                              \
    DO(l, DIFFERENCE_STORE, X_Z_NU, TO, FORM_SUM_STORE, SUBTRACT)                                  \
    DO(l, ROOT_OF, X_NY, NONE, FORM_ROOT_OF, NONE)                                                 \
    DO(l, ROOT_OF_PLUS, X_NY, NZ, FORM_ROOT_OF_PLUS, NONE)                                         \
    DO(l, ROOT_PLUS, NZ, NONE, FORM_ROOT_PLUS, NONE)                                               \
    UNARY(l, NEGATE)                                                                               \
    UNARY(l, SQUARE)                                                                               \
    UNARY(l, CUBE)                                                                                 \
    UNARY(l, FOURTH)                                                                               \
    UNARY(l, SIZE)                                                                                 \
    UNARY(l, SIGN)                                                                                 \
    UNARY(l, TRUTH)                                                                                \
    UNARY(l, BOOL)                                                                                 \
    UNARY(l, NOT)                                                                                  \
    EQ_BINARY_OPERATIONS(BINARY_##l)                                                               \
    HEAD(l, LEAST_OWN)                                                                             \
    {                                                                                              \
        NX(l)                                                                                      \
        if (isnan(n[0]))                                                                           \
            return do_LEAST_AN_##l(c, m, a0, a1, a2, a3, a4, a5, a6, a7);                          \
        EACH_OF_8(l, FORM_AN, OWN_LEAST)                                                           \
        NEXT(l);                                                                                   \
    }                                                                                              \
    HEAD(l, MOST_OWN)                                                                              \
    {                                                                                              \
        NX(l)                                                                                      \
        if (isnan(n[0]))                                                                           \
            return do_MOST_AN_##l(c, m, a0, a1, a2, a3, a4, a5, a6, a7);                           \
        EACH_OF_8(l, FORM_AN, OWN_MOST)                                                            \
        NEXT(l);                                                                                   \
    }                                                                                              \
    HEAD(l, CALL)                                                                                  \
    {                                                                                              \
        float room[8 * l], *const x = room;                                                        \
        EACH_OF_8(l, FORM_STORE, NONE)                                                             \
        const struct eq_input in[2] = {{room, EQ_WIDTH},                                           \
                                       {c->what == EQ_CALL_2 ? m->at[c->y] : room, EQ_WIDTH}};     \
        c->loop(room, in, 8 * l);                                                                  \
        EACH_OF_8(l, FORM_LOAD_M, NONE)                                                            \
        NEXT(l);                                                                                   \
    }                                                                                              \
    HEAD(l, SKIP)                                                                                  \
    {                                                                                              \
        c += c->x;                                                                                 \
        NEXT(l);                                                                                   \
    }                                                                                              \
    HEAD(l, SKIP_UNLESS)                                                                           \
    {                                                                                              \
        const double number = m->number[c->y];                                                     \
        c += number < 0 || number > 0 ? 0 : c->x;                                                  \
        NEXT(l);                                                                                   \
    }                                                                                              \
    HEAD(l, REST)                                                                                  \
    {                                                                                              \
        float *x = m->registers;                                                                   \
        EACH_OF_8(l, FORM_STORE, NONE)                                                             \
        LEAVE_##l return c + 1;                                                                    \
    }                                                                                              \
    HEAD(l, END)                                                                                   \
    {                                                                                              \
        (void)c, (void)m, (void)a0, (void)a1, (void)a2, (void)a3;                                  \
        (void)a4, (void)a5, (void)a6, (void)a7;                                                    \
        LEAVE_##l return NULL;                                                                     \
    }                                                                                              \
    static step_##l *const table_##l[EQ_INSTRUCTIONS] = {                                          \
        [EQ_CALL_1] = do_CALL_##l,                                                                 \
        [EQ_CALL_2] = do_CALL_##l,                                                                 \
        IN_TABLE(l, LEAST_OWN) IN_TABLE(l, MOST_OWN) IN_TABLE(l, TWO_M) IN_TABLE(l, TWO_A)         \
            IN_TABLE(l, FROM_M) IN_TABLE(l, SUM) IN_TABLE(l, DIFFERENCE) IN_TABLE(l, TWO_M_STORE)  \
                IN_TABLE(l, TWO_A_STORE) IN_TABLE(l, FROM_M_STORE) IN_TABLE(                       \
                    l, SUM_STORE) IN_TABLE(l, DIFFERENCE_STORE) IN_TABLE(l, ROOT_OF)               \
                    IN_TABLE(l, ROOT_OF_PLUS) IN_TABLE(l, ROOT_PLUS) IN_TABLE(l, LOAD_M) IN_TABLE( \
                        l, LOAD_N) IN_TABLE(l, STORE) IN_TABLE(l, PLUS_MM) IN_TABLE(l, PLUS_MN)    \
                        IN_TABLE(l, MINUS_MM) IN_TABLE(l, MINUS_MN) IN_TABLE(l, CHOOSE_MM)         \
                            IN_TABLE(l, CHOOSE_MN) IN_TABLE(l, CHOOSE_NM) IN_TABLE(l, CHOOSE_NN)   \
                                IN_TABLE(l, ROOT) IN_TABLE(l, NEGATE) IN_TABLE(l, SQUARE)          \
                                    IN_TABLE(l, CUBE) IN_TABLE(l, FOURTH) IN_TABLE(l, SIZE)        \
                                        IN_TABLE(l, SIGN) IN_TABLE(l, TRUTH) IN_TABLE(l, BOOL)     \
                                            IN_TABLE(l, NOT) IN_TABLE(l, SKIP) IN_TABLE(           \
                                                l, SKIP_UNLESS) IN_TABLE(l, REST) IN_TABLE(l, END) \
                                                EQ_BINARY_OPERATIONS(BINARY_IN_TABLE_##l)};        \
    SIMD_TARGET_##l static void machine_##l(const struct eq_code *code, const struct eq_memory *m, \
                                            size_t tiles)                                          \
    {                                                                                              \
        const simd_##l z = {0};                                                                    \
        for (; tiles > 0; tiles--) {                                                               \
            const struct eq_code *c = table_##l[code->what](code, m, z, z, z, z, z, z, z, z);      \
            while (c) {                                                                            \
                simd_##l a0, a1, a2, a3, a4, a5, a6, a7;                                           \
                const float *x = m->registers;                                                     \
                EACH_OF_8(l, FORM_LOAD_M, NONE)                                                    \
                c = table_##l[c->what](c, m, a0, a1, a2, a3, a4, a5, a6, a7);                      \
            }                                                                                      \
            move_on(m, 8 * l);                                                                     \
        }                                                                                          \
    }
/* NOLINTBEGIN(readability-function-size): eight of the parameters are the register */
SIMD_FOR_LEVELS(MACHINE)
/* NOLINTEND(readability-function-size) */

eq_machine *eq_machine_now(size_t *ret_tile)
{
    static eq_machine *const machines[] = SIMD_LEVELS(machine);
    static const size_t lanes[] = {4, 8, 16};
    *ret_tile = 8 * lanes[processor_now()];
    return machines[processor_now()];
}
