/* Each instruction is one case: the same for four vectors. What it rounds is what the text says: no
 * product is fused with a sum. */
#include "optim/equations/machine.h"
#include "num/simd.h"
#include "util/processor.h"

typedef int32_t ints_4 __attribute__((vector_size(16)));
typedef int32_t ints_8 __attribute__((vector_size(32)));
typedef int32_t ints_16 __attribute__((vector_size(64)));

#define INTS(l, v) ((ints_##l)(v))
#define FLOATS(l, v) ((simd_##l)(v))
/* Where the mask is set x, elsewhere other. */
#define CHOOSE(l, mask, x, other)                                                                  \
    FLOATS(l, (INTS(l, mask) & INTS(l, x)) | (~INTS(l, mask) & INTS(l, other)))

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
#define SIGN(l, p)                                                                                 \
    CHOOSE(l, TRUTH(l, p), FLOATS(l, (INTS(l, p) & INT32_MIN) | INTS(l, ONE(l))), p)

/* Vectors have no root of their own in the compiler's extensions. */
#define MAKE_ROOT(l)                                                                               \
    SIMD_TARGET_##l static inline __attribute__((always_inline)) void root_into_##l(               \
        simd_##l *v)                                                                               \
    {                                                                                              \
        float x[l];                                                                                \
        memcpy(x, v, sizeof x);                                                                    \
        for (int i_ = 0; i_ < l; i_++)                                                             \
            x[i_] = __builtin_sqrtf(x[i_]);                                                        \
        memcpy(v, x, sizeof x);                                                                    \
    }
SIMD_FOR_LEVELS(MAKE_ROOT)

/* ---- forms: of one vector, number i of the tile ---- */

#define FORM_AM(l, OP, a, b, i)                                                                    \
    const simd_##l p = SIMD_LOAD(l, x + (i) * l);                                                  \
    a = OP(l, a, p);
#define FORM_MA(l, OP, a, b, i)                                                                    \
    const simd_##l p = SIMD_LOAD(l, x + (i) * l);                                                  \
    a = OP(l, p, a);
#define FORM_AN(l, OP, a, b, i) a = OP(l, a, n);
#define FORM_NA(l, OP, a, b, i) a = OP(l, n, a);
#define FORM_AB(l, OP, a, b, i) a = OP(l, a, b);
#define FORM_BA(l, OP, a, b, i) a = OP(l, b, a);
#define FORM_MM(l, OP, a, b, i)                                                                    \
    const simd_##l p = SIMD_LOAD(l, x + (i) * l), r = SIMD_LOAD(l, y + (i) * l);                   \
    a = OP(l, p, r);
#define FORM_MN(l, OP, a, b, i)                                                                    \
    const simd_##l p = SIMD_LOAD(l, x + (i) * l);                                                  \
    a = OP(l, p, n);
#define FORM_NM(l, OP, a, b, i)                                                                    \
    const simd_##l p = SIMD_LOAD(l, y + (i) * l);                                                  \
    a = OP(l, n, p);
#define FORM_A(l, OP, a, b, i) a = OP(l, a);
#define FORM_ROOT(l, OP, a, b, i) root_into_##l(&a);
#define FORM_LOAD_M(l, OP, a, b, i) a = SIMD_LOAD(l, x + (i) * l);
#define FORM_LOAD_N(l, OP, a, b, i) a = n;
#define FORM_TO_B(l, OP, a, b, i) b = a;
#define FORM_STORE(l, OP, a, b, i) SIMD_STORE(l, x + (i) * l, a);
#define FORM_PRODUCT_MM(l, OP, a, b, i)                                                            \
    const simd_##l p = SIMD_LOAD(l, x + (i) * l) * SIMD_LOAD(l, y + (i) * l);                      \
    a = OP(l, a, p);
#define FORM_PRODUCT_MN(l, OP, a, b, i)                                                            \
    const simd_##l p = SIMD_LOAD(l, x + (i) * l) * n;                                              \
    a = OP(l, a, p);
#define FORM_CHOOSE_MM(l, OP, a, b, i)                                                             \
    const simd_##l p = SIMD_LOAD(l, x + (i) * l), r = SIMD_LOAD(l, y + (i) * l);                   \
    a = CHOOSE(l, a, p, r);
#define FORM_CHOOSE_MN(l, OP, a, b, i)                                                             \
    const simd_##l p = SIMD_LOAD(l, x + (i) * l);                                                  \
    a = CHOOSE(l, a, p, n);
#define FORM_CHOOSE_NM(l, OP, a, b, i)                                                             \
    const simd_##l p = SIMD_LOAD(l, y + (i) * l);                                                  \
    a = CHOOSE(l, a, n, p);
#define FORM_CHOOSE_NN(l, OP, a, b, i) a = CHOOSE(l, a, n, m);

/* ---- cases ---- */

#define EACH_OF_4(l, FORM, OP)                                                                     \
    {                                                                                              \
        FORM(l, OP, a0, b0, 0)                                                                     \
    }                                                                                              \
    {                                                                                              \
        FORM(l, OP, a1, b1, 1)                                                                     \
    }                                                                                              \
    {                                                                                              \
        FORM(l, OP, a2, b2, 2)                                                                     \
    }                                                                                              \
    {                                                                                              \
        FORM(l, OP, a3, b3, 3)                                                                     \
    }
#define NONE(l)
#define X(l) float *const x = at[c->x];
#define Y(l) const float *const y = at[c->y];
#define NX(l) const simd_##l n = SIMD_ALL(l, *at[c->x]);
#define NY(l) const simd_##l n = SIMD_ALL(l, *at[c->y]);
#define MY(l) const simd_##l m = SIMD_ALL(l, *at[c->y]);
#define CASE(l, name, FIRST, SECOND, FORM, OP)                                                     \
    case name: {                                                                                   \
        FIRST(l) SECOND(l) EACH_OF_4(l, FORM, OP)                                                  \
    } break;
#define BINARY(l, OP)                                                                              \
    CASE(l, (uint32_t)EQ_##OP + EQ_AM, X, NONE, FORM_AM, OP)                                                 \
    CASE(l, (uint32_t)EQ_##OP + EQ_AN, NX, NONE, FORM_AN, OP)                                                \
    CASE(l, (uint32_t)EQ_##OP + EQ_AB, NONE, NONE, FORM_AB, OP)                                              \
    CASE(l, (uint32_t)EQ_##OP + EQ_MA, X, NONE, FORM_MA, OP)                                                 \
    CASE(l, (uint32_t)EQ_##OP + EQ_NA, NX, NONE, FORM_NA, OP)                                                \
    CASE(l, (uint32_t)EQ_##OP + EQ_BA, NONE, NONE, FORM_BA, OP)                                              \
    CASE(l, (uint32_t)EQ_##OP + EQ_MM, X, Y, FORM_MM, OP)                                                    \
    CASE(l, (uint32_t)EQ_##OP + EQ_MN, X, NY, FORM_MN, OP)                                                   \
    CASE(l, (uint32_t)EQ_##OP + EQ_NM, NX, Y, FORM_NM, OP)
#define UNARY(l, OP) CASE(l, EQ_##OP, NONE, NONE, FORM_A, OP)
#define BINARY_4(OP) BINARY(4, OP)
#define BINARY_8(OP) BINARY(8, OP)
#define BINARY_16(OP) BINARY(16, OP)

#define MACHINE(l)                                                                                 \
    SIMD_TARGET_##l static void machine_##l(const struct eq_code *code,                            \
                                            const struct eq_memory *memory, size_t tiles)          \
    {                                                                                              \
        float **const at = memory->at;                                                             \
        simd_##l a0 = {0}, a1 = {0}, a2 = {0}, a3 = {0}, b0 = {0}, b1 = {0}, b2 = {0}, b3 = {0};   \
        for (; tiles > 0; tiles--) {                                                               \
            for (const struct eq_code *c = code; c->what != EQ_END; c++)                           \
                switch (c->what) {                                                                 \
                    CASE(l, EQ_LOAD_M, X, NONE, FORM_LOAD_M, NONE)                                 \
                    CASE(l, EQ_LOAD_N, NX, NONE, FORM_LOAD_N, NONE)                                \
                    CASE(l, EQ_TO_B, NONE, NONE, FORM_TO_B, NONE)                                  \
                    CASE(l, EQ_STORE, X, NONE, FORM_STORE, NONE)                                   \
                    CASE(l, EQ_PLUS_MM, X, Y, FORM_PRODUCT_MM, ADD)                                 \
                    CASE(l, EQ_PLUS_MN, X, NY, FORM_PRODUCT_MN, ADD)                                \
                    CASE(l, EQ_MINUS_MM, X, Y, FORM_PRODUCT_MM, SUBTRACT)                           \
                    CASE(l, EQ_MINUS_MN, X, NY, FORM_PRODUCT_MN, SUBTRACT)                          \
                    CASE(l, EQ_CHOOSE_MM, X, Y, FORM_CHOOSE_MM, NONE)                              \
                    CASE(l, EQ_CHOOSE_MN, X, NY, FORM_CHOOSE_MN, NONE)                             \
                    CASE(l, EQ_CHOOSE_NM, NX, Y, FORM_CHOOSE_NM, NONE)                             \
                    CASE(l, EQ_CHOOSE_NN, NX, MY, FORM_CHOOSE_NN, NONE)                            \
                    UNARY(l, NEGATE)                                                               \
                    UNARY(l, SQUARE)                                                               \
                    UNARY(l, CUBE)                                                                 \
                    UNARY(l, FOURTH)                                                               \
                    CASE(l, EQ_ROOT, NONE, NONE, FORM_ROOT, NONE)                                  \
                    UNARY(l, SIZE)                                                                 \
                    UNARY(l, SIGN)                                                                 \
                    UNARY(l, TRUTH)                                                                \
                    UNARY(l, BOOL)                                                                 \
                    UNARY(l, NOT)                                                                  \
                    EQ_BINARY_OPERATIONS(BINARY_##l)                                               \
                case EQ_CALL_1:                                                                    \
                case EQ_CALL_2: {                                                                  \
                    float room[4 * l], *const x = room;                                            \
                    EACH_OF_4(l, FORM_STORE, NONE)                                                 \
                    const struct eq_input in[2] = {                                                \
                        {room, EQ_WIDTH}, {c->what == EQ_CALL_2 ? at[c->y] : room, EQ_WIDTH}};     \
                    c->loop(room, in, 4 * l);                                                      \
                    EACH_OF_4(l, FORM_LOAD_M, NONE)                                                \
                } break;                                                                           \
                case EQ_SKIP:                                                                      \
                    c += c->x;                                                                     \
                    break;                                                                         \
                case EQ_SKIP_UNLESS: {                                                             \
                    const double number = memory->number[c->y];                                    \
                    if (!(number < 0 || number > 0))                                               \
                        c += c->x;                                                                 \
                } break;                                                                           \
                default:                                                                           \
                    __builtin_unreachable();                                                       \
                }                                                                                  \
            for (size_t i = 0; i < memory->moving; i++)                                            \
                at[i] += 4 * l;                                                                    \
        }                                                                                          \
    }
SIMD_FOR_LEVELS(MACHINE)

eq_machine *eq_machine_now(size_t *ret_tile)
{
    static eq_machine *const machines[] = SIMD_LEVELS(machine);
    static const size_t lanes[] = {4, 8, 16};
    *ret_tile = 4 * lanes[processor_now()];
    return machines[processor_now()];
}
