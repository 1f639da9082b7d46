/* Arithmetic: Python's results on doubles, IEEE's where Python raises an exception. */
#include "expr/operators.h"
#include "num/math.h"
#include <math.h>

static double add(double a, double b)
{
    return a + b;
}

static double subtract(double a, double b)
{
    return a - b;
}

static double multiply(double a, double b)
{
    return a * b;
}

static double divide(double a, double b)
{
    return a / b;
}

/* The remainder has the divisor's sign, a zero too. */
double expr_modulo(double a, double b)
{
    double r = fmod(a, b);
    if (r == 0)
        return copysign(0, b);
    return (r < 0) == (b < 0) ? r : r + b;
}

/* Not floor(a / b): 1 // 0.1 is 9, since 0.1 is a little more than a tenth and 1 / 0.1 rounds up to
 * 10. */
double expr_floor_divide(double a, double b)
{
    if (b == 0)
        return a / b;
    double r = fmod(a, b), q = (a - r) / b;
    if (r != 0 && (r < 0) != (b < 0))
        q -= 1;
    double whole = floor(q);
    return q == 0 ? copysign(0, a / b) : q - whole > 0.5 ? whole + 1 : whole;
}

double expr_negate(double a)
{
    return -a;
}

/* nan is false: it is neither below nor above. */
bool expr_truth(double a)
{
    return a < 0 || a > 0;
}

double expr_not(double a)
{
    return !expr_truth(a);
}

static double both(double a, double b)
{
    return expr_truth(a) && expr_truth(b);
}

static double either(double a, double b)
{
    return expr_truth(a) || expr_truth(b);
}

static double less(double a, double b)
{
    return a < b;
}

static double less_equal(double a, double b)
{
    return a <= b;
}

static double greater(double a, double b)
{
    return a > b;
}

static double greater_equal(double a, double b)
{
    return a >= b;
}

static double equal(double a, double b)
{
    return a == b;
}

static double not_equal(double a, double b)
{
    return a != b;
}

/* A nan on either side stays one, so that it is seen. */
static double minimum(double a, double b)
{
    return isnan(a) || a <= b ? a : b;
}

static double maximum(double a, double b)
{
    return isnan(a) || a >= b ? a : b;
}

const struct infix expr_infix[TOKENS] = {
    [TOKEN_OR] = {LEVEL_OR, either},
    [TOKEN_AND] = {LEVEL_AND, both},
    [TOKEN_LESS] = {LEVEL_COMPARISON, less},
    [TOKEN_LESS_EQUAL] = {LEVEL_COMPARISON, less_equal},
    [TOKEN_GREATER] = {LEVEL_COMPARISON, greater},
    [TOKEN_GREATER_EQUAL] = {LEVEL_COMPARISON, greater_equal},
    [TOKEN_EQUAL] = {LEVEL_COMPARISON, equal},
    [TOKEN_NOT_EQUAL] = {LEVEL_COMPARISON, not_equal},
    [TOKEN_PLUS] = {LEVEL_SUM, add},
    [TOKEN_MINUS] = {LEVEL_SUM, subtract},
    [TOKEN_TIMES] = {LEVEL_PRODUCT, multiply},
    [TOKEN_DIVIDE] = {LEVEL_PRODUCT, divide},
    [TOKEN_FLOOR_DIVIDE] = {LEVEL_PRODUCT, expr_floor_divide},
    [TOKEN_MODULO] = {LEVEL_PRODUCT, expr_modulo},
    [TOKEN_POWER] = {LEVEL_POWER, math_pow},
};

const struct function expr_functions[] = {
    {.name = "exp", .unary = math_exp},
    {.name = "log", .unary = math_log},
    {.name = "sqrt", .unary = sqrt},
    {.name = "cos", .unary = math_cos},
    {.name = "sin", .unary = math_sin},
    {.name = "floor", .unary = floor},
    {.name = "min", .binary = minimum},
    {.name = "max", .binary = maximum},
    {.name = "abs", .unary = fabs},
    {.name = "if"},
    {.name = NULL},
};
