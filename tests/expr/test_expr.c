/* The language: values, types, errors and where they lie, limits. */
#include "check_main.h"
#include "config/diag.h"
#include "expr/expr.h"
#include "suite.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const struct expr_name names[] = {{"t", EXPR_NUMBER},
                                         {"T", EXPR_NUMBER},
                                         {"epoch", EXPR_NUMBER},
                                         {"pi", EXPR_NUMBER},
                                         {"optimizer.name", EXPR_TEXT},
                                         {"optimizer.lr", EXPR_NUMBER},
                                         {"nothing", EXPR_NULL},
                                         {"scheduler.0.gamma", EXPR_NUMBER}};
static const union expr_value values[] = {
    {3}, {100}, {-2.5}, {3.14159265358979323846}, {.text = "sgd"}, {0.1}, {0}, {0.5}};
static const struct expr_names known = {
    .n = sizeof names / sizeof names[0], .v = names, .suggest = suggest};

static struct arena arena;

static void begin(void)
{
    arena_init(&arena);
}

static void end(void)
{
    arena_fini(&arena);
}

static double eval_as(const char *text, enum expr_goal goal)
{
    struct expr_error err;
    const struct expr *e = expr_compile(&arena, text, &known, goal, &err);
    ck_assert_msg(e != NULL, "%.60s: at %zu: %s", text, err.offset, err.message);
    return expr_eval(e, values);
}

static double eval(const char *text)
{
    return eval_as(text, EXPR_AS_NUMBER);
}

static bool holds(const char *text)
{
    double v = eval_as(text, EXPR_AS_CONDITION);
    ck_assert_msg(v == 0 || v == 1, "%s gives %g", text, v);
    return v == 1;
}

/* ---- values ---- */

static const struct {
    const char *text;
    double value;
} by_python[] = {
#include "values.inc"
};

/* Another C library may round the last bit of a logarithm otherwise; everything else is exact. */
START_TEST(as_python)
{
    for (size_t i = 0; i < sizeof by_python / sizeof by_python[0]; i++) {
        double v = eval(by_python[i].text), want = by_python[i].value;
        ck_assert_msg(fabs(v - want) <= 4.5e-16 * fabs(want), "%s is %.17g, not %.17g",
                      by_python[i].text, v, want);
    }
}
END_TEST

/* Where Python raises an exception, or gives a complex number. */
START_TEST(ieee)
{
    ck_assert(eval("1 / 0") == (double)INFINITY);
    ck_assert(eval("-1 / 0") == (double)-INFINITY);
    ck_assert(eval("1 // 0") == (double)INFINITY);
    ck_assert(isnan(eval("0 / 0")));
    ck_assert(isnan(eval("0 // 0")));
    ck_assert(isnan(eval("1 % 0")));
    ck_assert(eval("0 ** -1") == (double)INFINITY);
    ck_assert(eval("10 ** 400") == (double)INFINITY);
    ck_assert(eval("exp(1000)") == (double)INFINITY);
    ck_assert(eval("log(0)") == (double)-INFINITY);
    ck_assert(isnan(eval("log(-1)")));
    ck_assert(isnan(eval("sqrt(-1)")));
    ck_assert(isnan(eval("(-8) ** (1 / 3)")));
}
END_TEST

/* A nan is not lost on the way, and is neither true nor equal to itself. */
START_TEST(nan_stays)
{
    ck_assert(isnan(eval("min(0 / 0, 1)")));
    ck_assert(isnan(eval("min(1, 0 / 0)")));
    ck_assert(isnan(eval("max(0 / 0, 1)")));
    ck_assert(isnan(eval("max(1, 2, 0 / 0, 3)")));
    ck_assert(isnan(eval("abs(0 / 0)")));
    ck_assert(isnan(eval("floor(0 / 0)")));
    ck_assert(!holds("0 / 0"));
    ck_assert(holds("not (0 / 0)"));
    ck_assert(!holds("0 / 0 == 0 / 0"));
    ck_assert(holds("0 / 0 != 0 / 0"));
    ck_assert(!holds("0 / 0 < 1 or 0 / 0 >= 1"));
    ck_assert(eval("if(0 / 0, 1, 2)") == 2);
}
END_TEST

START_TEST(signs_of_zero)
{
    ck_assert(signbit(eval("-0.0")));
    ck_assert(signbit(eval("6 % -3")));
    ck_assert(!signbit(eval("-6 % 3")));
    ck_assert(signbit(eval("0 // -5")));
}
END_TEST

START_TEST(white_space)
{
    ck_assert(eval(" \t1\n+\r\n2 ") == 3);
    ck_assert(eval("1+2*t") == 7);
    ck_assert(eval("min( 1 ,2 )") == 1);
    ck_assert(eval("if (1, 2, 3)") == 2);
    ck_assert(eval("2**-1") == 0.5);
    ck_assert(holds("not(0)and(1)"));
}
END_TEST

START_TEST(dotted_names)
{
    ck_assert(eval("optimizer.lr") == 0.1);
    ck_assert(eval("scheduler.0.gamma*2") == 1);
    ck_assert(eval("-optimizer.lr ** 2") == -(0.1 * 0.1));
}
END_TEST

START_TEST(texts)
{
    ck_assert(holds("optimizer.name == 'sgd'"));
    ck_assert(holds("optimizer.name == \"sgd\""));
    ck_assert(!holds("optimizer.name == 'SGD'"));
    ck_assert(!holds("optimizer.name == 'sg'"));
    ck_assert(!holds("optimizer.name == ''"));
    ck_assert(holds("optimizer.name != 'adam'"));
    ck_assert(holds("'sgd' == optimizer.name == 'sgd'"));
    ck_assert(!holds("'sgd' == optimizer.name == 'adam'"));
    ck_assert(!holds("optimizer.name == 'sgd' and optimizer.lr > 1"));
    ck_assert(holds("optimizer.name == 'sgd' and 0 < optimizer.lr < 1"));
    ck_assert(holds("(optimizer.name) == if(t > 2, 'sgd', 'adam')"));
    ck_assert(holds("'a\"b' == 'a\"b' and '\303\251' != 'e'"));
}
END_TEST

START_TEST(nulls)
{
    ck_assert(holds("nothing == null"));
    ck_assert(!holds("nothing != null"));
    ck_assert(holds("optimizer.lr != null"));
    ck_assert(!holds("optimizer.name == null"));
    ck_assert(!holds("null"));
    ck_assert(holds("not nothing"));
    ck_assert(!holds("nothing or 0"));
    ck_assert(!holds("nothing < 1 or nothing >= 1"));
    ck_assert(!holds("nothing == true or nothing == false"));
    ck_assert(!holds("nothing == 'sgd'"));
    ck_assert(holds("null == nothing == null"));
    ck_assert(isnan(eval("nothing + 1")));
    ck_assert(isnan(eval("-nothing")));
    ck_assert(isnan(eval("max(nothing, 1)")));
}
END_TEST

START_TEST(words_of_its_own)
{
    static const char *const own[] = {"and",  "or",  "not", "true",  "false", "null", "exp", "log",
                                      "sqrt", "cos", "sin", "floor", "abs",   "min",  "max", "if"};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        ck_assert_msg(expr_is_own(own[i]), "%s", own[i]);
    ck_assert(!expr_is_own("t") && !expr_is_own("an") && !expr_is_own("expo") && !expr_is_own(""));
}
END_TEST

START_TEST(uses)
{
    struct expr_error err;
    const struct expr *e =
        expr_compile(&arena, "t * if(epoch < 2, T, 1)", &known, EXPR_AS_NUMBER, &err);
    ck_assert(e && expr_uses(e, 0) && expr_uses(e, 1) && expr_uses(e, 2));
    ck_assert(!expr_uses(e, 3) && !expr_uses(e, 5));
}
END_TEST

/* ---- errors ---- */

static const struct {
    const char *text;
    size_t offset, length;
    const char *message, *suggestion;
} wrong[] = {
    /* names */
    {"0.95 ** epohc", 8, 5, "unknown name 'epohc'", "did you mean 'epoch'?"},
    {"optimizer.nam == 'a'", 0, 13, "unknown name 'optimizer.nam'",
     "did you mean 'optimizer.name'?"},
    {"optimizer.name == adam", 18, 4, "unknown name 'adam'", "a text stands in quotes: 'adam'"},
    {"1 < tru", 4, 3, "unknown name 'tru'", "did you mean 'true'?"},
    {"1 + xyzzy", 4, 5, "unknown name 'xyzzy'",
     "there are t T epoch pi optimizer.name optimizer.lr nothing scheduler.0.gamma"},
    {"ex(1)", 0, 2, "unknown function 'ex'", "did you mean 'exp'?"},
    {"t + tan4h(1)", 4, 5, "unknown function 'tan4h'",
     "there are exp log sqrt cos sin floor min max abs if"},
    {"t(1)", 0, 1, "'t' is no function", ""},
    {"2 * exp", 4, 3, "'exp' is a function: its arguments are missing", ""},
    {"if", 0, 2, "'if' is a function: its arguments are missing", ""},
    /* arguments */
    {"min(1)", 0, 3, "'min' takes at least 2 arguments, not 1", ""},
    {"1 + max()", 4, 3, "'max' takes at least 2 arguments, not 0", ""},
    {"exp()", 0, 3, "'exp' takes 1 argument, not 0", ""},
    {"log(1, 2)", 0, 3, "'log' takes 1 argument, not 2", ""},
    {"if(1, 2)", 0, 2, "'if' takes 3 arguments, not 2", ""},
    {"if(1, 2, 3, 4)", 0, 2, "'if' takes 3 arguments, not 4", ""},
    {"min(1,)", 6, 1, "a value is expected here, not ')'", ""},
    {"min(,1)", 4, 1, "a value is expected here, not ','", ""},
    /* brackets */
    {"(1", 0, 1, "this '(' is not closed", ""},
    {"2 * (1 + (3)", 4, 1, "this '(' is not closed", ""},
    {"min(1, 2", 3, 1, "this '(' is not closed", ""},
    {"(1 2)", 3, 1, "an operator or ')' is expected here, not '2'", ""},
    {"(1, 2)", 2, 1, "an operator or ')' is expected here, not ','", ""},
    {"()", 1, 1, "a value is expected here, not ')'", ""},
    {"1)", 1, 1, "this ')' closes nothing", ""},
    {"1, 2", 1, 1, "an operator is expected here, not ','", ""},
    /* something missing, something too much */
    {"", 0, 0, "the expression is empty", ""},
    {" \n ", 3, 0, "the expression is empty", ""},
    {"1 +", 3, 0, "the expression ends where a value is expected", ""},
    {"1 + ", 4, 0, "the expression ends where a value is expected", ""},
    {"not", 3, 0, "the expression ends where a value is expected", ""},
    {"-", 1, 0, "the expression ends where a value is expected", ""},
    {"* 2", 0, 1, "a value is expected here, not '*'", ""},
    {"1 * / 2", 4, 1, "a value is expected here, not '/'", ""},
    {"1 == not 2", 5, 3, "a value is expected here, not 'not'", ""},
    {"1 2", 2, 1, "an operator is expected here, not '2'", ""},
    {"t epoch", 2, 5, "an operator is expected here, not 'epoch'", ""},
    {"1 'a'", 2, 3, "an operator is expected here, not a text", ""},
    {"2 if t else 3", 2, 2, "an operator is expected here, not 'if'", ""},
    {"1 not 2", 2, 3, "an operator is expected here, not 'not'", ""},
    /* signs of other languages */
    {"t = 1", 2, 1, "'=' has no meaning in an expression", "did you mean '=='?"},
    {"t && 1", 2, 2, "'&&' has no meaning in an expression", "did you mean 'and'?"},
    {"t || 1", 2, 2, "'||' has no meaning in an expression", "did you mean 'or'?"},
    {"!t", 0, 1, "'!' has no meaning in an expression", "did you mean 'not'?"},
    {"t ^ 2", 2, 1, "'^' has no meaning in an expression", "did you mean '**'?"},
    {"t[0]", 1, 1, "'[' has no meaning in an expression",
     "there is no index: a name stands for all it holds"},
    {"optimizer.", 9, 1, "'.' has no meaning in an expression", ""},
    {"t \303\227 2", 2, 2, "only texts in quotes can have characters beyond ASCII",
     "did you mean '*'?"},
    {"t \342\211\244 2", 2, 3, "only texts in quotes can have characters beyond ASCII",
     "did you mean '<='?"},
    {"t > 1 ? 2 : 3", 6, 1, "'?' has no meaning in an expression",
     "a choice is if(condition, a, b)"},
    {"t\0332", 1, 1, "a control character (0x1B) has no meaning in an expression", ""},
    /* numbers */
    {"1 + 1_000", 4, 5, "'1_000' is not a number", ""},
    {"0x10", 0, 4, "'0x10' is not a number", ""},
    {"2t", 0, 2, "'2t' is not a number", "did you mean '2 * t'?"},
    {"12.5lr", 0, 6, "'12.5lr' is not a number", "did you mean '12.5 * lr'?"},
    {"1.2.3", 0, 5, "'1.2.3' is not a number", ""},
    {"1e", 0, 2, "'1e' is not a number", ""},
    {"1e999", 0, 5, "this number is too large", ""},
    {"2 * 1e-400", 4, 6, "this number is too small: the least above 0 is 4.9e-324", ""},
    /* texts */
    {"t == 'abc", 5, 1, "this quote is not closed", ""},
    {"'abc\"", 0, 1, "this quote is not closed", ""},
    {"'a\nb'", 0, 1, "this quote is not closed", ""},
    {"'a\\'b'", 2, 1, "a text cannot contain a backslash: there are no escapes", ""},
    {"optimizer.name > 1", 15, 1, "'>' takes no text: a text is compared by == or !=", ""},
    {"1 < 2 < 'a'", 6, 1, "'<' takes no text: a text is compared by == or !=", ""},
    {"t == 'a'", 2, 2, "a number is never equal to a text", ""},
    {"'a' != t", 4, 2, "a number is never equal to a text", ""},
    {"'a' == 'a' == 1", 11, 2, "a number is never equal to a text", ""},
    {"'a' + 'b'", 4, 1, "'+' takes no text: a text is compared by == or !=", ""},
    {"2 * 'b'", 2, 1, "'*' takes no text: a text is compared by == or !=", ""},
    {"2 ** 'b'", 2, 2, "'**' takes no text: a text is compared by == or !=", ""},
    {"1 + -'b'", 4, 1, "'-' takes no text: a text is compared by == or !=", ""},
    {"not 'b'", 0, 3, "'not' takes no text: a text is compared by == or !=", ""},
    {"t and 'b'", 2, 3, "'and' takes no text: a text is compared by == or !=", ""},
    {"'b' or t", 4, 2, "'or' takes no text: a text is compared by == or !=", ""},
    {"exp('b')", 0, 3, "'exp' takes no text: a text is compared by == or !=", ""},
    {"min(1, 'b')", 0, 3, "'min' takes no text: a text is compared by == or !=", ""},
    {"if('b', 1, 2)", 0, 2, "'if' takes no text: a text is compared by == or !=", ""},
    {"if(t, 1, 'b')", 0, 2, "the two results of 'if' must be both numbers or both texts", ""},
    {" 'b' ", 1, 3, "the value is a text, not a number", ""},
    {"(null)", 0, 6, "the value is null, not a number", ""},
};

static void expect_error(size_t i, const struct expr_error *err)
{
    bool there = err->offset == wrong[i].offset && err->length == wrong[i].length;
    ck_assert_msg(there, "%s: %zu bytes at %zu, not %zu at %zu", wrong[i].text, err->length,
                  err->offset, wrong[i].length, wrong[i].offset);
    ck_assert_msg(strcmp(err->message, wrong[i].message) == 0, "%s: \"%s\"", wrong[i].text,
                  err->message);
    ck_assert_msg(strcmp(err->suggestion, wrong[i].suggestion) == 0, "%s: \"%s\"", wrong[i].text,
                  err->suggestion);
}

START_TEST(errors)
{
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct expr_error err;
        ck_assert_msg(!expr_compile(&arena, wrong[i].text, &known, EXPR_AS_NUMBER, &err),
                      "%s compiles", wrong[i].text);
        expect_error(i, &err);
    }
}
END_TEST

START_TEST(text_as_condition)
{
    struct expr_error err;
    ck_assert(!expr_compile(&arena, "optimizer.name", &known, EXPR_AS_CONDITION, &err));
    ck_assert_str_eq(err.message, "a text is no condition: compare it by == or !=");
    ck_assert_uint_eq(err.offset, 0);
    ck_assert_uint_eq(err.length, 14);
}
END_TEST

START_TEST(no_names)
{
    struct expr_names none = {0};
    struct expr_error err;
    const struct expr *e = expr_compile(&arena, "1 + 1", &none, EXPR_AS_NUMBER, &err);
    ck_assert(e && expr_eval(e, NULL) == 2);
    ck_assert(!expr_compile(&arena, "epohc", &none, EXPR_AS_NUMBER, &err));
    ck_assert_str_eq(err.message, "unknown name 'epohc'");
    ck_assert_str_eq(err.suggestion, "");
}
END_TEST

/* ---- limits ---- */

/* `unit` n times, `middle`, `after` n times. */
static const char *repeated(const char *unit, size_t n, const char *middle, const char *after)
{
    size_t a = strlen(unit), m = strlen(middle), b = strlen(after);
    char *text = arena_alloc(&arena, n * (a + b) + m + 1);
    for (size_t i = 0; i < n; i++)
        memcpy(text + i * a, unit, a);
    memcpy(text + n * a, middle, m);
    for (size_t i = 0; i < n; i++)
        memcpy(text + n * a + m + i * b, after, b);
    return text;
}

static size_t error_offset(const char *text, const char *message)
{
    struct expr_error err;
    ck_assert(!expr_compile(&arena, text, &known, EXPR_AS_NUMBER, &err));
    ck_assert_str_eq(err.message, message);
    return err.offset;
}

START_TEST(depth)
{
    const char *too_deep = "nested deeper than 200 levels";
    size_t most = EXPR_MAX_DEPTH - 1; /* the outermost level is one too */
    ck_assert(eval(repeated("(", most, "7", ")")) == 7);
    ck_assert_uint_eq(error_offset(repeated("(", most + 1, "7", ")"), too_deep), most + 1);
    ck_assert(eval(repeated("exp(", most, "-1e9", ")")) >= 1);
    ck_assert_uint_eq(error_offset(repeated("exp(", most + 1, "1", ")"), too_deep), 4 * (most + 1));
    ck_assert(eval(repeated("1**", most, "2", "")) == 1);
    ck_assert_uint_eq(error_offset(repeated("1**", most + 1, "2", ""), too_deep), 3 * (most + 1));
    error_offset(repeated("(", 4000, "", ""), too_deep);
}
END_TEST

/* As many values waiting as a level can leave, on as many levels as there can be, or as fit into
 * the length. */
START_TEST(widest_stack)
{
    size_t most = EXPR_MAX_DEPTH - 1;
    ck_assert(eval(repeated("t or t and t<t<t+t*(", 195, "5", ")")) == 1);
    ck_assert(eval(repeated("if(0,1,t-t and t<t<t+t*", 160, "5", ")")) == 0);
    ck_assert(eval(repeated("1-1*(", most, "7", ")")) == -6);
}
END_TEST

START_TEST(signs_and_nots_do_not_nest)
{
    ck_assert(eval(repeated("-", 4001, "3", "")) == -3);
    ck_assert(eval(repeated("-", 4000, "3", "")) == 3);
    ck_assert(eval(repeated("not ", 1001, "3", "")) == 0);
}
END_TEST

START_TEST(length)
{
    ck_assert(eval(repeated("1+", 2047, "1 ", "")) == 2048); /* 4096 bytes */
    ck_assert(eval(repeated(" ", 4095, "1", "")) == 1);
    ck_assert_uint_eq(
        error_offset(repeated("1+", 2048, "1", ""), "an expression has at most 4096 bytes"), 4096);
    ck_assert_uint_eq(
        error_offset(repeated("1+", 5000, "1", ""), "an expression has at most 4096 bytes"), 4096);
    ck_assert_uint_eq(
        error_offset(repeated("x", 10000, "", ""), "an expression has at most 4096 bytes"), 4096);
}
END_TEST

START_TEST(long_tokens)
{
    struct expr_error err;
    ck_assert(eval(repeated("0", 4000, "7", "")) == 7);
    ck_assert(eval(repeated("1", 1, ".", repeated("0", 4000, "", ""))) == 1);
    ck_assert(holds(repeated("'", 1, repeated("x", 4000, "", ""), "'!='y'")));
    ck_assert(!expr_compile(&arena, repeated("x", 4000, "", ""), &known, EXPR_AS_NUMBER, &err));
    ck_assert_uint_eq(err.length, 4000);
    ck_assert(eval(repeated("min(", 1, repeated("9,", 2000, "4", ""), ")")) == 4);
}
END_TEST

/* ---- anything ---- */

static void replay(const char *text)
{
    LLVMFuzzerTestOneInput((const uint8_t *)text, strlen(text));
}

/* Each text, each beginning of it, and each byte of it changed. */
static void torture(const char *text)
{
    static const unsigned char other[] = {0,   '(', ')',  '\'', '*',  ',', '.',
                                          '9', 'n', 0x1B, 0x80, 0xC3, 0xFF};
    size_t n = strlen(text);
    uint8_t copy[256];
    ck_assert(n < sizeof copy);
    replay(text);
    for (size_t i = 0; i < n; i++) {
        LLVMFuzzerTestOneInput((const uint8_t *)text, i);
        for (size_t k = 0; k < sizeof other; k++) {
            memcpy(copy, text, n);
            copy[i] = other[k];
            LLVMFuzzerTestOneInput(copy, n);
        }
    }
}

START_TEST(seeds)
{
    for (size_t i = 0; i < sizeof by_python / sizeof by_python[0]; i++)
        torture(by_python[i].text);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        torture(wrong[i].text);
    torture("optimizer.name == 'sgd' and scheduler.0.gamma != null or clip == null < 3");
    replay(repeated("(", 10000, "1", ")"));
    replay(repeated("t<", 2000, "1", ""));
    for (unsigned c = 0; c < 256; c++)
        LLVMFuzzerTestOneInput(&(const uint8_t){(uint8_t)c}, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("expr");
    TCase *tests = tcase_create("language");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, as_python);
    tcase_add_test(tests, ieee);
    tcase_add_test(tests, nan_stays);
    tcase_add_test(tests, signs_of_zero);
    tcase_add_test(tests, white_space);
    tcase_add_test(tests, dotted_names);
    tcase_add_test(tests, texts);
    tcase_add_test(tests, nulls);
    tcase_add_test(tests, words_of_its_own);
    tcase_add_test(tests, uses);
    tcase_add_test(tests, errors);
    tcase_add_test(tests, text_as_condition);
    tcase_add_test(tests, no_names);
    tcase_add_test(tests, depth);
    tcase_add_test(tests, widest_stack);
    tcase_add_test(tests, signs_and_nots_do_not_nest);
    tcase_add_test(tests, length);
    tcase_add_test(tests, long_tokens);
    tcase_add_test(tests, seeds);
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, lambda_case());
    return check_main(suite);
}
