/* The table of functions and operators, and the loops of those that the machine calls. */
#include "expr/operators.h"
#include "num/math.h"
#include "optim/equations/machine.h"
#include "util/processor.h"
#include <math.h>
#include <string.h>

/* EQ_WIDTH floats at once: out may be an input, element on element, and no element waits for
 * another. Not unrolled before it is vectorised. */
#ifdef __clang__
#define EACH VECTORIZED_FOR
#else
#define EACH _Pragma("GCC unroll 1") VECTORIZED_FOR
#endif
#define TAKES_1                                                                                    \
    const float *x = in[0].x;                                                                      \
    const size_t x_step = in[0].step
#define TAKES_2                                                                                    \
    TAKES_1;                                                                                       \
    const float *y = in[1].x;                                                                      \
    const size_t y_step = in[1].step
#define NEXT_1 x += x_step
#define NEXT_2 NEXT_1, y += y_step
/* The elementwise loop of an expression in x[k] and y[k], as many as it takes. */
#define LOOP(name, takes, expression)                                                              \
    VECTORIZED(name, (float *out, const struct eq_input *in, size_t n), (out, in, n))              \
    {                                                                                              \
        TAKES_##takes;                                                                             \
        for (const float *const end = out + n; out < end; out += EQ_WIDTH, NEXT_##takes)           \
            EACH(size_t k = 0; k < EQ_WIDTH; k++)                                                  \
        out[k] = (expression);                                                                     \
    }

#define SIGN_OF(a) ((a) > 0 ? 1 : (a) < 0 ? -1 : (a)) /* of 0 and nan itself */
#define LESSER(a, b) (isnan(a) || (a) <= (b) ? (a) : (b))
#define GREATER(a, b) (isnan(a) || (a) >= (b) ? (a) : (b))

#define NUMBER(name, expression)                                                                   \
    static double number_##name(const double *x)                                                   \
    {                                                                                              \
        return expression;                                                                         \
    }
/* What the machine calls: in float32 by a function of one. */
#define CALLED(name, takes, in_double, in_float)                                                   \
    NUMBER(name, in_double)                                                                        \
    static LOOP(loop_##name, takes, in_float)

NUMBER(add, x[0] + x[1])
NUMBER(subtract, x[0] - x[1])
NUMBER(multiply, x[0] * x[1])
NUMBER(divide, x[0] / x[1])
NUMBER(least, LESSER(x[0], x[1]))
NUMBER(most, GREATER(x[0], x[1]))
NUMBER(less, x[0] < x[1])
NUMBER(less_equal, x[0] <= x[1])
NUMBER(greater, x[0] > x[1])
NUMBER(greater_equal, x[0] >= x[1])
NUMBER(equal, x[0] == x[1])
NUMBER(not_equal, x[0] != x[1])
NUMBER(both, expr_truth(x[0]) && expr_truth(x[1]))
NUMBER(either, expr_truth(x[0]) || expr_truth(x[1]))
CALLED(modulo, 2, expr_modulo(x[0], x[1]), (float)expr_modulo((double)x[k], (double)y[k]))
CALLED(floor_divide, 2, expr_floor_divide(x[0], x[1]),
       (float)expr_floor_divide((double)x[k], (double)y[k]))
CALLED(power, 2, math_pow(x[0], x[1]), (float)math_pow((double)x[k], (double)y[k]))

NUMBER(copy, x[0])
NUMBER(negate, -x[0])
NUMBER(negation, !expr_truth(x[0]))
NUMBER(square, x[0] * x[0])
NUMBER(cube, x[0] * x[0] * x[0])
NUMBER(fourth, x[0] * x[0] * (x[0] * x[0]))
NUMBER(sqrt, sqrt(x[0]))
NUMBER(abs, fabs(x[0]))
NUMBER(sign, SIGN_OF(x[0]))
CALLED(floor, 1, floor(x[0]), floorf(x[k]))
CALLED(exp, 1, math_exp(x[0]), math_expf(x[k]))
CALLED(log, 1, math_log(x[0]), math_logf(x[k]))
CALLED(tanh, 1, math_tanh(x[0]), math_tanhf(x[k]))
CALLED(cos, 1, math_cos(x[0]), (float)math_cos((double)x[k]))
CALLED(sin, 1, math_sin(x[0]), (float)math_sin((double)x[k]))
NUMBER(choose, expr_truth(x[0]) ? x[1] : x[2])

/* ---- reductions: eight lanes, so that the order of the sums is that of no processor ---- */

#define REDUCTION(name, takes, term)                                                               \
    static VECTORIZED(reduce_##name, (double lane[8], const struct eq_input *in, size_t n),        \
                      (lane, in, n))                                                               \
    {                                                                                              \
        TAKES_##takes;                                                                             \
        double s[8];                                                                               \
        memcpy(s, lane, sizeof s);                                                                 \
        size_t i = 0;                                                                              \
        for (; i + EQ_WIDTH <= n; i += EQ_WIDTH, NEXT_##takes)                                     \
            for (size_t half = 0; half < EQ_WIDTH; half += 8)                                      \
                for (size_t k = 0; k < 8; k++)                                                     \
                    s[k] += (term(half + k));                                                      \
        for (size_t k = 0; k < n - i; k++)                                                         \
            s[k % 8] += (term(k));                                                                 \
        memcpy(lane, s, sizeof s);                                                                 \
    }
#define ITSELF(i) ((double)x[i])
#define SQUARE(i) ((double)x[i] * (double)x[i])
#define PRODUCT(i) ((double)x[i] * (double)y[i])
REDUCTION(sum, 1, ITSELF)
REDUCTION(squares, 1, SQUARE)
REDUCTION(products, 2, PRODUCT)

static void reduce_most(double lane[8], const struct eq_input *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        lane[i % 8] = GREATER(lane[i % 8], (double)in[0].x[i]);
}

static void reduce_least(double lane[8], const struct eq_input *in, size_t n)
{
    for (size_t i = 0; i < n; i++)
        lane[i % 8] = LESSER(lane[i % 8], (double)in[0].x[i]);
}

static double total(const double l[8], double count)
{
    (void)count;
    return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
}

static double average(const double l[8], double count)
{
    return total(l, count) / count;
}

static double root(const double l[8], double count)
{
    return sqrt(total(l, count));
}

static double largest(const double l[8], double count)
{
    double m = l[0];
    (void)count;
    for (size_t i = 1; i < 8; i++)
        m = GREATER(m, l[i]);
    return m;
}

static double smallest(const double l[8], double count)
{
    double m = l[0];
    (void)count;
    for (size_t i = 1; i < 8; i++)
        m = LESSER(m, l[i]);
    return m;
}

/* Of a number, as of a tensor of one element that all weights share. */
NUMBER(itself, x[0])
NUMBER(size, fabs(x[0]))

/* ---- the table ---- */

#define DONE(sign, arguments, c_name, instruction)                                                 \
    {                                                                                              \
        .name = sign, .takes = arguments, .number = number_##c_name, .what = instruction           \
    }
#define CALL(sign, arguments, c_name)                                                              \
    {                                                                                              \
        .name = sign, .takes = arguments, .number = number_##c_name, .loop = loop_##c_name,        \
        .what = EQ_CALL_##arguments                                                                \
    }

static const struct eq_function operators[] = {DONE("+", 2, add, EQ_ADD),
                                               DONE("-", 2, subtract, EQ_SUBTRACT),
                                               DONE("*", 2, multiply, EQ_MULTIPLY),
                                               DONE("/", 2, divide, EQ_DIVIDE),
                                               CALL("//", 2, floor_divide),
                                               CALL("%", 2, modulo),
                                               CALL("**", 2, power),
                                               DONE("<", 2, less, EQ_LESS),
                                               DONE("<=", 2, less_equal, EQ_LESS_EQUAL),
                                               DONE(">", 2, greater, EQ_GREATER),
                                               DONE(">=", 2, greater_equal, EQ_GREATER_EQUAL),
                                               DONE("==", 2, equal, EQ_EQUAL),
                                               DONE("!=", 2, not_equal, EQ_NOT_EQUAL),
                                               DONE("and", 2, both, EQ_BOTH),
                                               DONE("or", 2, either, EQ_EITHER),
                                               DONE("not", 1, negation, EQ_NOT),
                                               DONE("-1", 1, negate, EQ_NEGATE),
                                               DONE("copy", 1, copy, EQ_LOAD_M),
                                               DONE("**2", 1, square, EQ_SQUARE),
                                               DONE("**3", 1, cube, EQ_CUBE),
                                               DONE("**4", 1, fourth, EQ_FOURTH),
                                               {.name = NULL}};

const struct eq_function eq_functions[] = {
    CALL("exp", 1, exp),
    CALL("log", 1, log),
    DONE("sqrt", 1, sqrt, EQ_ROOT),
    CALL("cos", 1, cos),
    CALL("sin", 1, sin),
    CALL("tanh", 1, tanh),
    CALL("floor", 1, floor),
    DONE("abs", 1, abs, EQ_SIZE),
    DONE("sign", 1, sign, EQ_SIGN),
    CALL("pow", 2, power),
    DONE("min", 2, least, EQ_LEAST),
    DONE("max", 2, most, EQ_MOST),
    DONE("if", 3, choose, EQ_CHOOSE_MM),
    {.name = "sum", .takes = 1, .number = number_itself, .reduce = reduce_sum, .finish = total},
    {.name = "mean", .takes = 1, .number = number_itself, .reduce = reduce_sum, .finish = average},
    {.name = "norm", .takes = 1, .number = number_size, .reduce = reduce_squares, .finish = root},
    {.name = "dot",
     .takes = 2,
     .number = number_multiply,
     .reduce = reduce_products,
     .finish = total},
    {.name = "max",
     .takes = 1,
     .number = number_itself,
     .reduce = reduce_most,
     .finish = largest,
     .is_extreme = true,
     .begins = -(double)INFINITY},
    {.name = "min",
     .takes = 1,
     .number = number_itself,
     .reduce = reduce_least,
     .finish = smallest,
     .is_extreme = true,
     .begins = (double)INFINITY},
    {.name = NULL},
};

const struct eq_function *eq_operator(const char *sign)
{
    const struct eq_function *f = operators;
    while (strcmp(f->name, sign) != 0)
        f++;
    return f;
}

const struct eq_function *eq_function_find(const char *name, size_t length, unsigned arguments)
{
    for (const struct eq_function *f = eq_functions; f->name; f++)
        if (strlen(f->name) == length && memcmp(f->name, name, length) == 0 &&
            f->takes == arguments)
            return f;
    return NULL;
}

/* ---- padding ---- */

VECTORIZED(eq_clear_ends,
           (float *x, size_t n, size_t first, size_t every, const uint32_t keep[EQ_WIDTH]),
           (x, n, first, every, keep))
{
    for (size_t end = first; end <= n; end += every) {
        float *last = x + end - EQ_WIDTH;
        EACH(size_t k = 0; k < EQ_WIDTH; k++)
        last[k] = keep[k] ? last[k] : 0;
    }
}
