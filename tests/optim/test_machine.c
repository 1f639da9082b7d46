/* The machine of equations against plain C, bit for bit: every operation in every form of its
 * arguments, what is joined to one instruction, and what is simplified before, for ordinary
 * numbers, zeros of both signs, infinities and NaN. */
#include "check_main.h"
#include "optim/equations/program.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const float values[] = {0.0f,   -0.0f, 1.0f,     0.25f,     -2.5f,     0.7f,
                               1e-40f, 3e38f, INFINITY, -INFINITY, (float)NAN};
enum { VALUES = sizeof values / sizeof values[0], FLOATS = VALUES * VALUES * VALUES };

struct arrays {
    float w[FLOATS], x[FLOATS], y[FLOATS], z[FLOATS];
};

/* One update; w begins as 1. */
static void update(const char *text, struct arrays *a)
{
    static const char *const state[] = {"x", "y", "z"};
    struct arena arena;
    struct expr_error err;
    float *states[] = {a->x, a->y, a->z}, *g = mem_array(FLOATS, sizeof *g);
    arena_init(&arena);
    const struct eq_program *p =
        eq_compile(&arena, text, &(struct eq_names){.states = 3, .state = state}, &err);
    ck_assert_msg(p != NULL, "%s: %s", text, p ? "" : err.message);
    float *scratch = mem_array(eq_scratch(p, FLOATS), sizeof *scratch);
    for (size_t i = 0; i < FLOATS; i++) {
        a->w[i] = 1;
        a->x[i] = values[i % VALUES];
        a->y[i] = values[i / VALUES % VALUES];
        a->z[i] = values[i / VALUES / VALUES];
    }
    eq_update(p, &(struct eq_run){.w = a->w,
                                  .g = g,
                                  .state = states,
                                  .n = FLOATS,
                                  .shape = {.rows = FLOATS, .cols = 1, .ld = FLOATS},
                                  .lr = 0.5,
                                  .t = 2,
                                  .scratch = scratch});
    mem_free(scratch);
    mem_free(g);
    arena_fini(&arena);
}

static void equal(const char *text, size_t i, float is, float wanted)
{
    bool same = memcmp(&is, &wanted, sizeof is) == 0 || (isnan(is) && isnan(wanted));
    ck_assert_msg(same, "%s: x = %g, y = %g, z = %g: %a, not %a", text, (double)values[i % VALUES],
                  (double)values[i / VALUES % VALUES], (double)values[i / VALUES / VALUES],
                  (double)is, (double)wanted);
}

/* ---- operations in all forms ---- */

struct operand {
    const char *text;
    float (*value)(float x, float y);
};
#define OPERAND(name, c)                                                                           \
    static float name(float x, float y)                                                            \
    {                                                                                              \
        (void)x, (void)y;                                                                          \
        return c;                                                                                  \
    }
OPERAND(memory_x, x)
OPERAND(memory_y, y)
OPERAND(product_x, x * 1.5f)
OPERAND(product_y, 0.3f * y)
OPERAND(made_x, x - 0.25f)
OPERAND(made_y, y + 0.7f)
OPERAND(number, 0.7f)
OPERAND(other_number, 0.25f)
static const struct operand first[] = {{"x", memory_x},
                                       {"x * 1.5", product_x},
                                       {"(x - 0.25)", made_x},
                                       {"0.7", number}},
                            second[] = {{"y", memory_y},
                                        {"(0.3 * y)", product_y},
                                        {"(y + 0.7)", made_y},
                                        {"0.25", other_number}};

#define OPERATION(name, c)                                                                         \
    static float name(float a, float b)                                                            \
    {                                                                                              \
        return c;                                                                                  \
    }
OPERATION(add, a + b)
OPERATION(subtract, a - b)
OPERATION(multiply, a *b)
OPERATION(divide, a / b)
OPERATION(least, isnan(a) || a <= b ? a : b)
OPERATION(most, isnan(a) || a >= b ? a : b)
OPERATION(less, a < b)
OPERATION(less_equal, a <= b)
OPERATION(greater, a > b)
OPERATION(greater_equal, a >= b)
OPERATION(same, a <= b && a >= b)
OPERATION(different, !(a <= b && a >= b))
static const struct {
    const char *format;
    float (*of)(float a, float b);
    bool compares;
} operations[] = {{"%s + %s", add, false},       {"%s - %s", subtract, false},
                  {"%s * %s", multiply, false},  {"%s / %s", divide, false},
                  {"min(%s, %s)", least, false}, {"max(%s, %s)", most, false},
                  {"%s < %s", less, true},       {"%s <= %s", less_equal, true},
                  {"%s > %s", greater, true},    {"%s >= %s", greater_equal, true},
                  {"%s == %s", same, true},      {"%s != %s", different, true}};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

/* A tensor divided by a number is multiplied by 1 / number: 1 / 0.25 is exact. */
START_TEST(test_forms)
{
    static struct arrays a;
    char text[200], expression[100];
    for (size_t form = 0; form < 4 * 4 - 1; form++) {
        const struct operand *f = &first[form / 4], *s = &second[form % 4];
        snprintf(expression, sizeof expression, operations[_i].format, f->text, s->text);
        snprintf(text, sizeof text, "w = %s\nx = x\ny = y\nz = z", expression);
        update(text, &a);
        for (size_t i = 0; i < FLOATS; i++)
            equal(expression, i, a.w[i],
                  operations[_i].of(f->value(a.x[i], a.y[i]), s->value(a.x[i], a.y[i])));
    }
}
END_TEST

/* if() of a comparison: its value as memory, a number, a product and a sum; the other one as that
 * and made. */
START_TEST(test_choices)
{
    static const struct operand chosen[] = {{"y", memory_y},
                                            {"0.7", number},
                                            {"0.3 * y", product_y},
                                            {"y + 0.7", made_y}},
                                other[] = {{"x", memory_x},
                                           {"0.25", other_number},
                                           {"x * 1.5", product_x}};
    static struct arrays a;
    char text[300], expression[120], condition[40];
    ck_assert(operations[_i].compares);
    for (size_t k = 0; k < 4 * 3; k++) {
        const struct operand *c = &chosen[k / 3], *o = &other[k % 3];
        snprintf(condition, sizeof condition, operations[_i].format, "z", "0.7");
        snprintf(expression, sizeof expression, "if(%s, %s, %s)", condition, c->text, o->text);
        snprintf(text, sizeof text, "w = %s\nx = x\ny = y\nz = if(%s, 2 - z, %s)", expression,
                 condition, c->text);
        update(text, &a);
        for (size_t i = 0; i < FLOATS; i++) {
            float z = values[i / VALUES / VALUES], v = c->value(a.x[i], a.y[i]);
            bool holds = operations[_i].of(z, 0.7f) > 0;
            equal(expression, i, a.w[i], holds ? v : o->value(a.x[i], a.y[i]));
            equal(text, i, a.z[i], holds ? 2 - z : v);
        }
    }
}
END_TEST

/* ---- joined instructions, and simplifications ---- */

#define SIGN_OF(a) ((a) > 0 ? 1.0f : (a) < 0 ? -1.0f : (a))
#define LESSER(a, b) least(a, b)
#define GREATER(a, b) most(a, b)
/* name, what w becomes, the same in C. */
#define CASES(make)                                                                                            \
    make(two, "(x - y) * 0.7 + z * 0.3", (x - y) * 0.7f + z * 0.3f) make(                                      \
        two_turned, "z * 0.3 + (x - y) * 0.7",                                                                 \
        z * 0.3f + (x - y) * 0.7f) make(from, "z - (x - y) * 0.7",                                             \
                                        z - (x - y) * 0.7f) make(from_product_of_number,                       \
                                                                 "z * 0.3 - 0.7 * (x - y)",                    \
                                                                 z * 0.3f - 0.7f * (x - y))                    \
        make(from_product, "z - (x - y) * x", z - (x - y) * x) make(                                           \
            from_quotient, "z - (x - y) / x",                                                                  \
            z - (x - y) / x) make(from_quotient_of_numbers, "z - 0.7 * (0.3 * x) / (y + 1)",                   \
                                  z - 0.7f * (0.3f * x) / (y + 1)) make(square, "x^2 * 0.7",                   \
                                                                        x *x * 0.7f)                           \
            make(two_square, "0.3 * z + 0.7 * x^2", 0.3f * z + 0.7f * (x * x)) make(                           \
                square_made,                                                                                   \
                "0.3 * z + 0.7 * (x - y)^2",                                                                   \
                0.3f * z + 0.7f * ((x - y) * (x - y))) make(root, "sqrt(x)", sqrtf(x))                         \
                make(root_plus, "sqrt(x - y) + 0.7",                                                           \
                     sqrtf(x - y) +                                                                            \
                         0.7f) make(root_of_number, "sqrt(x * 0.3)", sqrtf(x * 0.3f))                          \
                    make(root_of_number_plus, "sqrt(x * 0.3) + 0.7", sqrtf(x * 0.3f) + 0.7f) make(             \
                        root_of_made, "sqrt((x - y) * 0.3)",                                                   \
                        sqrtf((x - y) *                                                                        \
                              0.3f)) make(root_of_made_plus, "sqrt((x - y) * 0.3) + 0.7",                      \
                                          sqrtf((x - y) * 0.3f) +                                              \
                                              0.7f) make(size, "abs(x)", fabsf(x))                             \
                        make(size_plus, "abs(x) + 0.7", fabsf(x) + 0.7f) make(                                 \
                            size_of_made, "abs(x - y) + 0.7",                                                  \
                            fabsf(x - y) +                                                                     \
                                0.7f) make(between, "min(max(x - y, 0.25), 1)",                                \
                                           LESSER(GREATER(x - y, 0.25f),                                       \
                                                  1)) make(between_turned,                                     \
                                                           "max(min(x - y, 1), 0.25)",                         \
                                                           GREATER(LESSER(x - y, 1), 0.25f))                   \
                            make(between_nan, "min(max(x - y, sqrt(-lr)), 1)",                                 \
                                 (isnan(x - y)                                                                 \
                                      ? x - y                                                                  \
                                      : (float)                                                                \
                                            NAN)) make(between_and_nan,                                        \
                                                       "max(min(x - y, 1), sqrt(-lr))",                        \
                                                       GREATER(LESSER(x - y, 1), (float)NAN))                  \
                                make(                                                                          \
                                    nested,                                                                    \
                                    "if(z > 0.25, x * 0.3, if(z < 0, x + 0.7, if(z == 0, 3, y)))",             \
                                    z > 0.25f          ? x * 0.3f                                              \
                                    : z < 0            ? x + 0.7f                                              \
                                    : z >= 0 && z <= 0 ? 3                                                     \
                                                       : y)                                                    \
                                    make(                                                                      \
                                        sign_compared,                                                         \
                                        "sign(x * y) + if(sign(x * y) > 0, z, if(0 > sign(x * y), 2 * z, 1))", \
                                        SIGN_OF(x *y) + (x * y > 0   ? z                                       \
                                                         : x * y < 0 ? 2 * z                                   \
                                                                     : 1))                                     \
                                        make(sign_of_state,                                                    \
                                             "if(sign(x) >= 0, y, z) + if(sign(x) != 0, 2, 3)",                \
                                             (x >= 0 ? y : z) +                                                \
                                                 (x < 0 || x > 0 || isnan(x) ? 2 : 3))                         \
                                            make(twice, "(x - y)^2 / ((x - y)^2 + z) - (x - y)",               \
                                                 (x - y) * (x - y) / ((x - y) * (x - y) + z) -                 \
                                                     (x - y))                                                  \
                                                make(                                                          \
                                                    comparison_twice,                                          \
                                                    "if(x < y, z, 1) + if(x < y, 2, z) * (x < y)",             \
                                                    (x < y ? z : 1) +                                          \
                                                        (x < y ? 2 : z) * (float)(x < y))

#define FUNCTION(name, text, c)                                                                    \
    static float in_c_##name(float x, float y, float z)                                            \
    {                                                                                              \
        (void)x, (void)y, (void)z;                                                                 \
        return (float)(c);                                                                         \
    }
CASES(FUNCTION)
#define ENTRY(name, text, c) {text, in_c_##name},
static const struct {
    const char *text;
    float (*value)(float x, float y, float z);
} cases[] = {CASES(ENTRY)};
enum { ALL_CASES = sizeof cases / sizeof cases[0] };

START_TEST(test_joined)
{
    static struct arrays a;
    char text[300];
    snprintf(text, sizeof text, "w = %s\nx = x\ny = y\nz = z", cases[_i].text);
    update(text, &a);
    for (size_t i = 0; i < FLOATS; i++)
        equal(cases[_i].text, i, a.w[i], cases[_i].value(a.x[i], a.y[i], a.z[i]));
}
END_TEST

/* What lines leave in w, x, y and z, as they stand; t is 2. */
#define RESULT(name, c)                                                                            \
    static float name(float x, float y, float z)                                                   \
    {                                                                                              \
        (void)x, (void)y, (void)z;                                                                 \
        return c;                                                                                  \
    }
RESULT(x_, x)
RESULT(y_, y)
RESULT(z_, z)
RESULT(written_twice_w, (1 * 0.7f - x) * 0.3f + y)
RESULT(written_twice_x, x * 2 - (x * 2 + y))
RESULT(product, x *y)
RESULT(kept_copy_w, x *y - 0.5f * (x * y * z))
RESULT(copy_read_late_w, x *y + (z + 1 - 1) + (z + 1))
RESULT(z_and_one, z + 1)
RESULT(swapped_w, x - y)
RESULT(branch_w, 0.5f * (x + y))
RESULT(branch_x, x + y)
RESULT(nested_w, 1 - x * y)
static const struct {
    const char *text;
    float (*result[4])(float x, float y, float z);
} programs[] = {
    {"w = w * 0.7 - x\nw = w * 0.3 + y\nx = x\ny = y\nz = z", {written_twice_w, x_, y_, z_}},
    {"x = x * 2\nw = x + y\nx = x - w\nw = x\ny = y\nz = z",
     {written_twice_x, written_twice_x, y_, z_}},
    {"p = x * y\nw = p - 0.5 * (p * z)\nx = p\ny = y\nz = z", {kept_copy_w, product, y_, z_}},
    {"p = x * y\nz = z + 1\nq = p + (z - 1)\nz = z\nw = q + z\nx = p\ny = y",
     {copy_read_late_w, product, y_, z_and_one}},
    {"p = x * 1\nx = y * 1\ny = p\nw = p - x\nz = z", {swapped_w, y_, x_, z_}},
    {"p = if(t == 1, z, x + y)\nx = p\nw = p * lr\ny = y\nz = z", {branch_w, branch_x, y_, z_}},
    {"x = if(t == 2, if(t == 1, z, x * y), if(t == 3, y, z))\nw = w - x\ny = y\nz = z",
     {nested_w, product, y_, z_}},
    {"x = if(t == 1, y, if(t == 2, x * y, z))\nw = w - x\ny = y\nz = z",
     {nested_w, product, y_, z_}},
};
enum { PROGRAMS = sizeof programs / sizeof programs[0] };

START_TEST(test_programs)
{
    static struct arrays a;
    const float *const left[] = {a.w, a.x, a.y, a.z};
    update(programs[_i].text, &a);
    for (size_t i = 0; i < FLOATS; i++)
        for (size_t k = 0; k < 4; k++)
            equal(programs[_i].text, i, left[k][i],
                  programs[_i].result[k](values[i % VALUES], values[i / VALUES % VALUES],
                                         values[i / VALUES / VALUES]));
}
END_TEST

/* More instructions than the machine does without a rest, with branches among them. */
START_TEST(test_long)
{
    enum { LINES = 400 };
    static struct arrays a;
    static const char *const line[] = {"w = (w - x) * 0.5\n", "w = if(t == 1, y, w + z)\n",
                                       "w = if(t == 2, w * y, x)\n"};
    static char text[LINES * 32];
    char *end = text;
    for (size_t i = 0; i < LINES; i++)
        end = stpcpy(end, line[i % 3]);
    strcpy(end, "x = x\ny = y\nz = z");
    update(text, &a);
    for (size_t i = 0; i < FLOATS; i++) {
        float w = 1;
        for (size_t k = 0; k < LINES; k++)
            w = k % 3 == 0 ? (w - a.x[i]) * 0.5f : k % 3 == 1 ? w + a.z[i] : w * a.y[i];
        equal("400 lines", i, a.w[i], w);
    }
}
END_TEST

static Suite *make_suite(void)
{
    Suite *suite = suite_create("optim/machine");
    TCase *tc = tcase_create("against C");
    tcase_add_loop_test(tc, test_forms, 0, OPERATIONS);
    tcase_add_loop_test(tc, test_choices, 6, OPERATIONS);
    tcase_add_loop_test(tc, test_joined, 0, ALL_CASES);
    tcase_add_loop_test(tc, test_programs, 0, PROGRAMS);
    tcase_add_test(tc, test_long);
    suite_add_tcase(suite, tc);
    return suite;
}

int main(void)
{
    return check_main(make_suite());
}
