/* The table of functions and operators, and their loops. Each loop rounds as the text says: no
 * product is fused with a sum. */
#include "optim/equations/operations.h"
#include "expr/operators.h"
#include "num/math.h"
#include "util/processor.h"
#include <math.h>
#include <string.h>

/* EQ_WIDTH floats at once: out may be an input, element on element, and no element waits for another.
 * Not unrolled before it is vectorised. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wpass-failed" /* some call functions, and stay as they are */
#define EACH _Pragma("clang loop vectorize(assume_safety)") for
#else
#define EACH _Pragma("GCC ivdep") _Pragma("GCC unroll 1") for
#endif
#define TAKES_1                                                                                    \
    const float *x = in[0].x;                                                                      \
    const size_t x_step = in[0].step
#define TAKES_2                                                                                    \
    TAKES_1;                                                                                       \
    const float *y = in[1].x;                                                                      \
    const size_t y_step = in[1].step
#define TAKES_3                                                                                    \
    TAKES_2;                                                                                       \
    const float *z = in[2].x;                                                                      \
    const size_t z_step = in[2].step
#define TAKES_4                                                                                    \
    TAKES_3;                                                                                       \
    const float *u = in[3].x;                                                                      \
    const size_t u_step = in[3].step
#define NEXT_1 x += x_step
#define NEXT_2 NEXT_1, y += y_step
#define NEXT_3 NEXT_2, z += z_step
#define NEXT_4 NEXT_3, u += u_step
/* The elementwise loop of an expression in x[k], y[k], z[k], u[k], as many as it takes. */
#define LOOP(name, takes, expression)                                                              \
    VECTORIZED(name, (float *out, const struct eq_input *in, size_t n), (out, in, n))              \
    {                                                                                              \
        TAKES_##takes;                                                                             \
        for (const float *const end = out + n; out < end; out += EQ_WIDTH, NEXT_##takes)           \
            EACH(size_t k = 0; k < EQ_WIDTH; k++)                                                  \
        out[k] = (expression);                                                                     \
    }
#define OWN_LOOP(name, takes, expression) static LOOP(name, takes, expression)

#define SIGN_OF(a) ((a) > 0 ? 1 : (a) < 0 ? -1 : (a)) /* of 0 and nan itself */
#define LESSER(a, b) (isnan(a) || (a) <= (b) ? (a) : (b))
#define GREATER(a, b) (isnan(a) || (a) >= (b) ? (a) : (b))
#define TRUTH(a) ((a) < 0 || (a) > 0)

#define NUMBER(name, expression)                                                                   \
    static double number_##name(const double *x)                                                   \
    {                                                                                              \
        return expression;                                                                         \
    }
#define UNARY(name, in_double, in_float)                                                           \
    NUMBER(name, in_double)                                                                        \
    static inline float float_##name(float a)                                                      \
    {                                                                                              \
        return in_float;                                                                           \
    }                                                                                              \
    static LOOP(loop_##name, 1, float_##name(x[k]))
#define BINARY(name, in_double, in_float)                                                          \
    NUMBER(name, in_double)                                                                        \
    static inline float float_##name(float a, float b)                                             \
    {                                                                                              \
        return in_float;                                                                           \
    }                                                                                              \
    static LOOP(loop_##name, 2, float_##name(x[k], y[k]))

BINARY(add, x[0] + x[1], a + b)
BINARY(subtract, x[0] - x[1], a - b)
BINARY(multiply, x[0] * x[1], a *b)
BINARY(divide, x[0] / x[1], a / b)
BINARY(least, LESSER(x[0], x[1]), LESSER(a, b))
BINARY(most, GREATER(x[0], x[1]), GREATER(a, b))
BINARY(less, x[0] < x[1], a < b ? 1.0f : 0.0f)
BINARY(less_equal, x[0] <= x[1], a <= b ? 1.0f : 0.0f)
BINARY(greater, x[0] > x[1], a > b ? 1.0f : 0.0f)
BINARY(greater_equal, x[0] >= x[1], a >= b ? 1.0f : 0.0f)
BINARY(equal, x[0] == x[1], a == b ? 1.0f : 0.0f)
BINARY(not_equal, x[0] != x[1], a != b ? 1.0f : 0.0f)
BINARY(both, expr_truth(x[0]) && expr_truth(x[1]), TRUTH(a) && TRUTH(b) ? 1.0f : 0.0f)
BINARY(either, expr_truth(x[0]) || expr_truth(x[1]), TRUTH(a) || TRUTH(b) ? 1.0f : 0.0f)
BINARY(modulo, expr_modulo(x[0], x[1]), (float)expr_modulo((double)a, (double)b))
BINARY(floor_divide, expr_floor_divide(x[0], x[1]), (float)expr_floor_divide((double)a, (double)b))
BINARY(power, math_pow(x[0], x[1]), (float)math_pow((double)a, (double)b))

UNARY(copy, x[0], a)
UNARY(negate, -x[0], -a)
UNARY(negation, !expr_truth(x[0]), TRUTH(a) ? 0.0f : 1.0f)
UNARY(square, x[0] * x[0], a *a)
UNARY(cube, x[0] * x[0] * x[0], a *a *a)
UNARY(fourth, x[0] * x[0] * (x[0] * x[0]), a *a *(a *a))
UNARY(sqrt, sqrt(x[0]), sqrtf(a))
UNARY(abs, fabs(x[0]), fabsf(a))
UNARY(sign, SIGN_OF(x[0]), SIGN_OF(a))
UNARY(floor, floor(x[0]), floorf(a))
UNARY(exp, math_exp(x[0]), math_expf(a))
UNARY(log, math_log(x[0]), math_logf(a))
UNARY(tanh, math_tanh(x[0]), math_tanhf(a))
UNARY(cos, math_cos(x[0]), (float)math_cos((double)a))
UNARY(sin, math_sin(x[0]), (float)math_sin((double)a))

NUMBER(choose, expr_truth(x[0]) ? x[1] : x[2])
static inline float float_choose(float c, float a, float b)
{
    return TRUTH(c) ? a : b;
}
OWN_LOOP(loop_choose, 3, float_choose(x[k], y[k], z[k]))

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

#define FUNCTION(sign, arguments, c_name)                                                          \
    {                                                                                              \
        .name = sign, .takes = arguments, .number = number_##c_name, .loop = loop_##c_name         \
    }

static const struct eq_function operators[] = {FUNCTION("+", 2, add),
                                               FUNCTION("-", 2, subtract),
                                               FUNCTION("*", 2, multiply),
                                               FUNCTION("/", 2, divide),
                                               FUNCTION("//", 2, floor_divide),
                                               FUNCTION("%", 2, modulo),
                                               FUNCTION("**", 2, power),
                                               FUNCTION("<", 2, less),
                                               FUNCTION("<=", 2, less_equal),
                                               FUNCTION(">", 2, greater),
                                               FUNCTION(">=", 2, greater_equal),
                                               FUNCTION("==", 2, equal),
                                               FUNCTION("!=", 2, not_equal),
                                               FUNCTION("and", 2, both),
                                               FUNCTION("or", 2, either),
                                               FUNCTION("not", 1, negation),
                                               FUNCTION("-1", 1, negate),
                                               FUNCTION("copy", 1, copy),
                                               FUNCTION("**2", 1, square),
                                               FUNCTION("**3", 1, cube),
                                               FUNCTION("**4", 1, fourth),
                                               {.name = NULL}};

const struct eq_function eq_functions[] = {
    FUNCTION("exp", 1, exp),
    FUNCTION("log", 1, log),
    FUNCTION("sqrt", 1, sqrt),
    FUNCTION("cos", 1, cos),
    FUNCTION("sin", 1, sin),
    FUNCTION("tanh", 1, tanh),
    FUNCTION("floor", 1, floor),
    FUNCTION("abs", 1, abs),
    FUNCTION("sign", 1, sign),
    FUNCTION("pow", 2, power),
    FUNCTION("min", 2, least),
    FUNCTION("max", 2, most),
    FUNCTION("if", 3, choose),
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

/* ---- joined loops: what most updates consist of ---- */

/* (a f b) g c and c g (a f b), for the four operations of arithmetic. */
#define JOINED(name, f, g)                                                                         \
    static LOOP(name##_left, 3, (x[k] f y[k])g z[k]) static LOOP(name##_right, 3,                  \
                                                                 z[k] g(x[k] f y[k]))
JOINED(add_add, +, +)
JOINED(add_subtract, +, -)
JOINED(add_multiply, +, *)
JOINED(add_divide, +, /)
JOINED(subtract_add, -, +)
JOINED(subtract_subtract, -, -)
JOINED(subtract_multiply, -, *)
JOINED(subtract_divide, -, /)
JOINED(multiply_add, *, +)
JOINED(multiply_subtract, *, -)
JOINED(multiply_multiply, *, *)
JOINED(multiply_divide, *, /)
JOINED(divide_add, /, +)
JOINED(divide_subtract, /, -)
JOINED(divide_multiply, /, *)
JOINED(divide_divide, /, /)

#define ROW(f)                                                                                     \
    {f##_add_left, f##_subtract_left, f##_multiply_left, f##_divide_left},                         \
    {                                                                                              \
        f##_add_right, f##_subtract_right, f##_multiply_right, f##_divide_right                    \
    }

eq_loop *eq_joined(const struct eq_function *first, const struct eq_function *then, unsigned place)
{
    static eq_loop *const loops[4][2][4] = {
        {ROW(add)}, {ROW(subtract)}, {ROW(multiply)}, {ROW(divide)}};
    size_t f = (size_t)(first - operators), g = (size_t)(then - operators);
    return f < 4 && g < 4 ? loops[f][place][g] : NULL;
}

OWN_LOOP(sum_of_products, 4, x[k] * y[k] + z[k] * u[k])
OWN_LOOP(difference_of_products, 4, x[k] * y[k] - z[k] * u[k])

eq_loop *eq_two_products(const struct eq_function *then)
{
    return then == &operators[0]   ? sum_of_products
           : then == &operators[1] ? difference_of_products
                                   : NULL;
}

LOOP(eq_product_and_square, 4, x[k] * y[k] + z[k] * (u[k] * u[k]))
LOOP(eq_square_times, 2, x[k] * (y[k] * y[k]))
LOOP(eq_root_of_product, 2, sqrtf(x[k] * y[k]))
LOOP(eq_root_plus, 2, sqrtf(x[k]) + y[k])
LOOP(eq_root_of_product_plus, 3, sqrtf(x[k] * y[k]) + z[k])

bool eq_chooses(eq_loop *loop)
{
    return loop == loop_choose;
}

static inline float pick(bool condition, float a, float b)
{
    return condition ? a : b;
}
OWN_LOOP(if_less, 4, pick(x[k] < y[k], z[k], u[k]))
OWN_LOOP(if_less_equal, 4, pick(x[k] <= y[k], z[k], u[k]))
OWN_LOOP(if_greater, 4, pick(x[k] > y[k], z[k], u[k]))
OWN_LOOP(if_greater_equal, 4, pick(x[k] >= y[k], z[k], u[k]))
OWN_LOOP(if_equal, 4, pick(x[k] == y[k], z[k], u[k]))
OWN_LOOP(if_not_equal, 4, pick(x[k] != y[k], z[k], u[k]))
OWN_LOOP(minus_quotient, 4, u[k] - x[k] * y[k] / z[k])
OWN_LOOP(minus_product, 4, u[k] - x[k] * y[k] * z[k])
OWN_LOOP(plus_square, 2, y[k] + x[k] * x[k])
OWN_LOOP(minus_square, 2, y[k] - x[k] * x[k])
OWN_LOOP(root_of_sum, 2, sqrtf(x[k] + y[k]))
OWN_LOOP(sign_of_product, 2, float_sign(x[k] * y[k]))
OWN_LOOP(sign_of_sum, 4, float_sign(x[k] * y[k] + z[k] * u[k]))
/* LESSER and GREATER in a form that is vectorised within another. */
static inline float least_of(float a, float b)
{
    float m = a <= b ? a : b;
    return isnan(a) ? a : m;
}
static inline float most_of(float a, float b)
{
    float m = a >= b ? a : b;
    return isnan(a) ? a : m;
}
OWN_LOOP(least_of_most, 3, least_of(most_of(x[k], y[k]), z[k]))
OWN_LOOP(most_of_least, 3, most_of(least_of(x[k], y[k]), z[k]))
OWN_LOOP(most_of_product, 3, most_of(x[k] * y[k], z[k]))
OWN_LOOP(size_plus, 2, fabsf(x[k]) + y[k])
OWN_LOOP(most_of_root, 2, most_of(sqrtf(x[k]), y[k]))

eq_loop *eq_chained(const struct eq_function *made, eq_loop *made_by,
                    const struct eq_function *then, unsigned place)
{
    static const struct {
        const char *then;
        unsigned takes, place;
        const char *made;
        eq_loop *made_by, *loop;
    } known[] = {{"if", 3, 0, "<", loop_less, if_less},
                 {"if", 3, 0, "<=", loop_less_equal, if_less_equal},
                 {"if", 3, 0, ">", loop_greater, if_greater},
                 {"if", 3, 0, ">=", loop_greater_equal, if_greater_equal},
                 {"if", 3, 0, "==", loop_equal, if_equal},
                 {"if", 3, 0, "!=", loop_not_equal, if_not_equal},
                 {"-", 2, 1, "/", multiply_divide_left, minus_quotient},
                 {"-", 2, 1, "*", multiply_multiply_left, minus_product},
                 {"+", 2, 1, "**2", loop_square, plus_square},
                 {"-", 2, 1, "**2", loop_square, minus_square},
                 {"sqrt", 1, 0, "+", loop_add, root_of_sum},
                 {"sign", 1, 0, "*", loop_multiply, sign_of_product},
                 {"sign", 1, 0, "+", sum_of_products, sign_of_sum},
                 {"min", 2, 0, "max", loop_most, least_of_most},
                 {"max", 2, 0, "min", loop_least, most_of_least},
                 {"max", 2, 0, "*", loop_multiply, most_of_product},
                 {"max", 2, 0, "sqrt", loop_sqrt, most_of_root},
                 {"+", 2, 0, "abs", loop_abs, size_plus}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (then->takes == known[i].takes && place == known[i].place &&
            made_by == known[i].made_by && strcmp(then->name, known[i].then) == 0 &&
            strcmp(made->name, known[i].made) == 0)
            return known[i].loop;
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
