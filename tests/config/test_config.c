/* Scalars, binding, places, merging, overrides, and text and values that are written and read
 * again. */
#include "../spec/bench.h"
#include "config/param.h"
#include "nn/nn.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* One table with a row of each type. */
static const char *const colours[] = {"red", "green", "blue", NULL};
struct inner {
    int64_t depth;
    double width;
};
static const struct param inner_params[] = {P_INT(struct inner, depth, "1", AT_LEAST(1), "depth"),
                                            P_REAL(struct inner, width, "2.5", ANY_REAL, "width"),
                                            P_END};
struct all {
    bool flag;
    int64_t count, maybe_count;
    double real, maybe_real;
    const char *text, *maybe_text;
    int colour;
    uint32_t set;
    struct reals reals, maybe_reals;
    struct ints ints, maybe_ints;
    double pair[2];
    struct chosen init, maybe_init;
    struct chosen_list inits;
    struct inner inner;
};
static const struct param all_params[] = {
    P_BOOL(struct all, flag, "false", "flag"),
    P_INT(struct all, count, "1", ANY_REAL, "count"),
    P_INT(struct all, maybe_count, "null", AT_LEAST(0), "count", .nullable = true),
    P_REAL(struct all, real, "0.5", ANY_REAL, "real"),
    P_REAL(struct all, maybe_real, "null", AT_LEAST(0), "real", .nullable = true),
    P_TEXT(struct all, text, "\"\"", "text"),
    P_TEXT(struct all, maybe_text, "null", "text", .nullable = true),
    P_CHOICE(struct all, colour, "green", colours, "colour"),
    P_CHOICES(struct all, set, "[]", colours, "colours"),
    P_REALS(struct all, reals, "[]", FROM_BELOW(0, 1), "reals"),
    P_REALS(struct all, maybe_reals, "null", ANY_REAL, "reals", .nullable = true),
    P_INTS(struct all, ints, "[3, 4]", AT_LEAST(1), "ints"),
    P_INTS(struct all, maybe_ints, "null", ANY_REAL, "ints", .nullable = true),
    P_PAIR(struct all, pair, "[0.9, 0.999]", FROM_BELOW(0, 1), "pair"),
    P_KIND(struct all, init, "pytorch", &init_registry, "init"),
    P_KIND(struct all, maybe_init, "null", &init_registry, "init", .nullable = true),
    P_KINDS(struct all, inits, "null", &init_registry, "inits", .nullable = true),
    P_SECTION(struct all, inner, inner_params, "section"),
    P_END};

/* Binds "KEY: VALUE" of that table; the first message, or NULL where it is taken. */
static const char *complaint(struct bench *b, const char *key, const char *value, struct all *ret)
{
    b->diags.n = 0;
    *ret = (struct all){0};
    if (bind(b, all_params, arena_printf(&b->arena, "%s: %s", key, value), ret))
        return NULL;
    ck_assert_uint_ge(b->diags.n, 1);
    return b->diags.item[0].message;
}

/* ---- scalars ---- */

/* The YAML 1.2 core schema, section 10.3.2: [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE]
 * [-+]? [0-9]+ )?, 0o [0-7]+, 0x [0-9a-fA-F]+ */
START_TEST(numbers_taken)
{
    static const struct {
        const char *text;
        double value;
    } number[] = {{"0", 0},
                  {"-1", -1},
                  {"+12", 12},
                  {"1e-3", 1e-3},
                  {"1E3", 1000},
                  {"1e+3", 1000},
                  {".5", 0.5},
                  {"-.5", -0.5},
                  {"+.5", 0.5},
                  {"5.", 5},
                  {"5.e1", 50},
                  {"1.5e-7", 1.5e-7},
                  {"0x10", 16},
                  {"0xfF", 255},
                  {"0o17", 15},
                  {"007", 7},
                  {"010", 10},
                  {"00.5", 0.5},
                  {"1e308", 1e308},
                  {"0.1", 0.1},
                  {"-0", 0},
                  {"1e05", 1e5},
                  {"5e-324", 5e-324},
                  {"3.141592653589793", 3.141592653589793},
                  {"123456789012345678901234567890", 123456789012345678901234567890.0}};
    struct bench b;
    struct all x;
    set_up(&b);
    for (size_t i = 0; i < COUNT(number); i++) {
        const char *wrong = complaint(&b, "real", number[i].text, &x);
        ck_assert_msg(!wrong, "%s: %s", number[i].text, wrong);
        ck_assert_msg(x.real == number[i].value, "%s became %g", number[i].text, x.real);
    }
    tear_down(&b);
}
END_TEST

START_TEST(numbers_refused)
{
    static const char *const text[] = {
        "1_000",    "0X10",   "0b101",  "1e",     "e5",         ".",      "+.",    "1.2.3",
        "\"1,5\"",  "0x",     "0o",     "0o8",    "0xG",        "-0x10",  "+0x10", "0o-7",
        "0x-1",     "--1",    "+-1",    "1e5.5",  "1 000",      "inf",    "nan",   "Inf",
        "infinity", "NaN",    "0x1p3",  "0x1.8",  "1d3",        "1f",     "ten",   "yes",
        "on",       "true",   "False",  "\"1\"",  "'0.1'",      "\"\"",   "null",  "~",
        "",         "[1]",    "{a: 1}", "1:30",   "1%",         "1.e",    "1e+",   "2023-01-01",
        "0x 1",     "0x0x10", "0o0x1",  "\u0663", "1\u00a0000", "\u22121"};
    struct bench b;
    struct all x;
    set_up(&b);
    for (size_t i = 0; i < COUNT(text); i++) {
        const char *wrong = complaint(&b, "real", text[i], &x);
        ck_assert_msg(wrong, "%s was taken for %g", text[i], x.real);
        ck_assert_msg(strncmp(wrong, "'real' must be a number, not ", 29) == 0, "%s: %s", text[i],
                      wrong);
        ck_assert_msg(complaint(&b, "count", text[i], &x), "%s was taken for %lld", text[i],
                      (long long)x.count);
    }
    tear_down(&b);
}
END_TEST

START_TEST(numbers_are_finite)
{
    static const char *const text[] = {".inf", "-.inf", "+.Inf", ".INF",   ".nan",
                                       ".NaN", ".NAN",  "1e999", "-1e999", "1e309"};
    struct bench b;
    struct all x;
    set_up(&b);
    for (size_t i = 0; i < COUNT(text); i++) {
        const char *expected =
            arena_printf(&b.arena, "'real' is %s: numbers must be finite", text[i]);
        ck_assert_str_eq(complaint(&b, "real", text[i], &x), expected);
        ck_assert_msg(complaint(&b, "count", text[i], &x), "%s", text[i]);
        ck_assert_msg(complaint(&b, "maybe_real", text[i], &x), "%s", text[i]);
        ck_assert_msg(complaint(&b, "reals", text[i], &x), "%s", text[i]);
    }
    tear_down(&b);
}
END_TEST

START_TEST(whole_numbers)
{
    static const struct {
        const char *text;
        int64_t value;
    } taken[] = {{"0", 0},
                 {"-5", -5},
                 {"+5", 5},
                 {"0x10", 16},
                 {"0o17", 15},
                 {"010", 10},
                 {"-007", -7},
                 {"9223372036854775807", INT64_MAX},
                 {"-9223372036854775807", -INT64_MAX},
                 {"0x7FFFFFFFFFFFFFFF", INT64_MAX}};
    static const char *const refused[] = {"1.0",
                                          "1.",
                                          "1e3",
                                          "1E0",
                                          ".5",
                                          "'5'",
                                          "\"5\"",
                                          "1_000",
                                          "0x",
                                          "0x0x5",
                                          "0o9",
                                          "-0x5",
                                          "five",
                                          "5 5",
                                          "0x8000000000000000",
                                          "0xFFFFFFFFFFFFFFFFF"};
    struct bench b;
    struct all x;
    set_up(&b);
    for (size_t i = 0; i < COUNT(taken); i++) {
        const char *wrong = complaint(&b, "count", taken[i].text, &x);
        ck_assert_msg(!wrong, "%s: %s", taken[i].text, wrong);
        ck_assert_int_eq(x.count, taken[i].value);
    }
    for (size_t i = 0; i < COUNT(refused); i++)
        ck_assert_msg(complaint(&b, "count", refused[i], &x), "%s was taken for %lld", refused[i],
                      (long long)x.count);
    ck_assert_str_eq(complaint(&b, "count", "9223372036854775808", &x),
                     "'count' is too large: at most 9223372036854775807");
    ck_assert_str_eq(complaint(&b, "count", "99999999999999999999", &x),
                     "'count' is too large: at most 9223372036854775807");
    tear_down(&b);
}
END_TEST

/* A number below all whole numbers is not "too large". */
START_TEST(far_below_zero)
{
    static const char *const text[] = {"-9223372036854775808", "-9223372036854775809",
                                       "-99999999999999999999"};
    struct bench b;
    struct all x;
    set_up(&b);
    for (size_t i = 0; i < COUNT(text); i++) {
        const char *wrong = complaint(&b, "count", text[i], &x);
        ck_assert_msg(wrong && !strstr(wrong, "too large"), "%s: %s", text[i], wrong);
    }
    tear_down(&b);
}
END_TEST

START_TEST(bools_and_nulls)
{
    static const char *const yes[] = {"true", "True", "TRUE"}, *const no[] = {"false", "False",
                                                                              "FALSE"};
    static const char *const neither[] = {"yes",       "no",   "on",     "off",  "y",
                                          "n",         "1",    "0",      "tRUE", "'true'",
                                          "\"false\"", "null", "[true]", ""};
    static const char *const null[] = {"null", "Null", "NULL", "~", ""}, *const text[] = {
                                                                             "'null'", "\"~\"",
                                                                             "nULL", "nil", "\"\""};
    struct bench b;
    struct all x;
    set_up(&b);
    for (size_t i = 0; i < COUNT(yes); i++) {
        ck_assert(!complaint(&b, "flag", yes[i], &x) && x.flag);
        ck_assert(!complaint(&b, "flag", no[i], &x) && !x.flag);
    }
    for (size_t i = 0; i < COUNT(neither); i++)
        ck_assert_msg(complaint(&b, "flag", neither[i], &x), "%s was taken for a bool", neither[i]);
    for (size_t i = 0; i < COUNT(null); i++) {
        ck_assert(!complaint(&b, "maybe_count", null[i], &x) && x.maybe_count == PARAM_NULL_INT);
        ck_assert(!complaint(&b, "maybe_real", null[i], &x) && isnan(x.maybe_real));
        ck_assert(!complaint(&b, "maybe_text", null[i], &x) && !x.maybe_text);
        ck_assert(!complaint(&b, "maybe_reals", null[i], &x) && x.maybe_reals.n == 0);
        ck_assert(!complaint(&b, "maybe_ints", null[i], &x) && x.maybe_ints.n == 0);
        ck_assert(!complaint(&b, "maybe_init", null[i], &x) && !x.maybe_init.kind);
        ck_assert(!complaint(&b, "inits", null[i], &x) && x.inits.n == 0);
        static const char *const key[] = {"count", "real", "text", "colour", "set",
                                          "reals", "ints", "pair", "init",   "inner"};
        for (size_t k = 0; k < COUNT(key); k++)
            ck_assert_msg(complaint(&b, key[k], null[i], &x), "%s may not be null", key[k]);
    }
    for (size_t i = 0; i < COUNT(text); i++) {
        ck_assert(!complaint(&b, "maybe_text", text[i], &x) && x.maybe_text);
        ck_assert(complaint(&b, "maybe_real", text[i], &x));
    }
    tear_down(&b);
}
END_TEST

/* What follows a NUL must not vanish: "adam\0x" is not adam. */
START_TEST(no_nul_in_text)
{
    struct bench b;
    struct all x;
    set_up(&b);
    ck_assert_msg(complaint(&b, "text", "\"a\\0b\"", &x), "cut to '%s'", x.text);
    ck_assert_msg(complaint(&b, "colour", "\"red\\0x\"", &x), "a choice with a NUL was taken");
    ck_assert_msg(complaint(&b, "init", "\"zeros\\x00\"", &x), "a name with a NUL was taken");
    tear_down(&b);
}
END_TEST

/* Tabs that begin a line of a text belong to it, where YAML says so; none of them indents. */
START_TEST(tabs_in_text)
{
    static const char *const text[][2] = {{"|\n  a\n  \tb\nflag: true\n", "a\n\tb\n"},
                                          {"\"a\n\tb\n\n  \tc\"\nflag: true\n", "a b\nc"},
                                          {"'\n\ta'\nflag: true\n", " a"},
                                          {"a\n  # \t b\nflag: true\n", "a"}};
    for (size_t i = 0; i < COUNT(text); i++) {
        struct bench b;
        struct all x = {0};
        char spec[128];
        set_up(&b);
        snprintf(spec, sizeof spec, "text: %s", text[i][0]);
        ck_assert_msg(bind(&b, all_params, spec, &x), "%s: %s", spec, complaints(&b));
        ck_assert_str_eq(x.text, text[i][1]);
        ck_assert(x.flag);
        tear_down(&b);
    }
}
END_TEST

/* ---- lists, choices, pairs, kinds ---- */

START_TEST(lists)
{
    struct bench b;
    struct all x;
    set_up(&b);
    ck_assert(!complaint(&b, "ints", "7", &x) && x.ints.n == 1 && x.ints.v[0] == 7);
    ck_assert(!complaint(&b, "ints", "[]", &x) && x.ints.n == 0);
    ck_assert(!complaint(&b, "ints", "[1, 0x10, 3]", &x) && x.ints.n == 3 && x.ints.v[1] == 16);
    ck_assert(!complaint(&b, "reals", "[0, 1e-3, .5]", &x) && x.reals.n == 3 &&
              x.reals.v[1] == 1e-3 && x.reals.v[2] == 0.5);
    ck_assert(!complaint(&b, "reals", "\n- 0.25\n- 0.75", &x) && x.reals.n == 2 &&
              x.reals.v[1] == 0.75);
    static const char *const ints[] = {"[1, 2.5]", "[[1]]",    "{a: 1}",  "[1, null]",
                                       "[0]",      "[1, '2']", "[1, -1]", "one"};
    for (size_t i = 0; i < COUNT(ints); i++)
        ck_assert_msg(complaint(&b, "ints", ints[i], &x), "%s", ints[i]);
    static const char *const reals[] = {"[1]",      "[0.5, -0.1]", "[[0.5]]", "{}",
                                        "[0.5, x]", "1",           "[.nan]"};
    for (size_t i = 0; i < COUNT(reals); i++)
        ck_assert_msg(complaint(&b, "reals", reals[i], &x), "%s", reals[i]);
    tear_down(&b);
}
END_TEST

START_TEST(pairs)
{
    struct bench b;
    struct all x;
    set_up(&b);
    ck_assert(!complaint(&b, "pair", "[0, 0.5]", &x) && x.pair[0] == 0 && x.pair[1] == 0.5);
    ck_assert(!complaint(&b, "flag", "true", &x) && x.pair[0] == 0.9 && x.pair[1] == 0.999);
    static const char *const wrong[] = {"0.5",      "[0.5]",       "[0.1, 0.2, 0.3]", "[]",
                                        "[0.5, 1]", "[-0.1, 0.5]", "{a: 0, b: 0}",    "[0.5, x]"};
    for (size_t i = 0; i < COUNT(wrong); i++)
        ck_assert_msg(complaint(&b, "pair", wrong[i], &x), "%s", wrong[i]);
    tear_down(&b);
}
END_TEST

START_TEST(choices)
{
    struct bench b;
    struct all x;
    set_up(&b);
    ck_assert(!complaint(&b, "colour", "blue", &x) && x.colour == 2);
    ck_assert(!complaint(&b, "colour", "'red'", &x) && x.colour == 0);
    ck_assert(!complaint(&b, "set", "[blue, red]", &x) && x.set == 5);
    ck_assert(!complaint(&b, "set", "green", &x) && x.set == 2);
    ck_assert(!complaint(&b, "set", "[]", &x) && x.set == 0);
    ck_assert_str_eq(complaint(&b, "colour", "bleu", &x),
                     "'colour' must be one of red, green or blue, not bleu");
    ck_assert_str_eq(b.diags.item[0].suggestion, "did you mean 'blue'?");
    ck_assert(complaint(&b, "colour", "Red", &x));
    ck_assert(complaint(&b, "colour", "[red]", &x));
    ck_assert(complaint(&b, "colour", "0", &x));
    ck_assert(complaint(&b, "set", "[red, yellow]", &x));
    ck_assert(complaint(&b, "set", "{red: true}", &x));
    tear_down(&b);
}
END_TEST

START_TEST(kinds)
{
    struct bench b;
    struct all x;
    set_up(&b);
    ck_assert(!complaint(&b, "init", "zeros", &x));
    ck_assert_str_eq(x.init.kind->name, "zeros");
    ck_assert(!complaint(&b, "init", "{name: normal, std: 0.5}", &x));
    ck_assert_str_eq(x.init.kind->name, "normal");
    const struct param *std = kind_param(&init_registry, x.init.kind, "std");
    ck_assert(*(const double *)((const char *)x.init.options + std->offset) == 0.5);
    ck_assert(!complaint(&b, "inits", "zeros", &x) && x.inits.n == 1);
    ck_assert(!complaint(&b, "inits", "{name: zeros}", &x) && x.inits.n == 1);
    ck_assert(!complaint(&b, "inits", "[zeros, {name: normal}, pytorch]", &x) && x.inits.n == 3);
    ck_assert_str_eq(x.inits.v[1].kind->name, "normal");
    ck_assert_str_eq(complaint(&b, "init", "zero", &x), "unknown init 'zero'");
    ck_assert_str_eq(b.diags.item[0].suggestion, "did you mean 'zeros'?");
    ck_assert_str_eq(complaint(&b, "init", "{name: zeros, std: 1}", &x),
                     "'std' is a key of normal, not of zeros");
    ck_assert_str_eq(complaint(&b, "init", "{name: zeros, size: 1}", &x),
                     "unknown key 'size' in init zeros");
    static const char *const wrong[] = {"[zeros]", "{name: [zeros]}", "{name: null}", "5", "true",
                                        "''"};
    for (size_t i = 0; i < COUNT(wrong); i++)
        ck_assert_msg(complaint(&b, "init", wrong[i], &x), "%s", wrong[i]);
    ck_assert(complaint(&b, "inits", "[zeros, [normal]]", &x));
    tear_down(&b);
}
END_TEST

/* A layer is written by its name as the key: its first key's value may stand alone. */
START_TEST(kinds_by_key)
{
    static const struct {
        const char *text, *written; /* NULL: refused */
    } layer[] = {
        {"relu", "relu"},
        {"{relu: {}}", "relu"},
        {"{relu: null}", "relu"},
        {"{linear: 75}", "{linear: {out: 75, bias: true, init: null}}"},
        {"{linear: {out: 75, bias: false}}", "{linear: {out: 75, bias: false, init: null}}"},
        {"{dropout: 0.25}", "{dropout: {p: 0.25}}"},
        {"dropout", "{dropout: {p: 0.5}}"},
        {"{dropout: {}}", "{dropout: {p: 0.5}}"},
        {"linear", NULL},
        {"{linear: {}}", NULL},
        {"{linear: null}", NULL},
        {"{linear: [75]}", NULL},
        {"{linear: 75, relu: {}}", NULL},
        {"{relu: 1}", NULL},
        {"{dropout: 1}", NULL},
        {"{name: relu}", NULL},
        {"{}", NULL},
    };
    for (size_t i = 0; i < COUNT(layer); i++) {
        struct bench b;
        struct chosen c;
        struct strbuf s;
        set_up(&b);
        bool ok = kind_parse(&b.arena, &layer_registry, layer[i].text, &b.diags, &c);
        ck_assert_msg(ok == (layer[i].written != NULL), "%s: %s", layer[i].text, complaints(&b));
        const struct param p = {.name = "layer", .type = PARAM_KIND, .registry = &layer_registry};
        strbuf_init(&s);
        if (ok) {
            write_value(&s, &p, &c);
            ck_assert_str_eq(s.text, layer[i].written);
        }
        strbuf_fini(&s);
        tear_down(&b);
    }
}
END_TEST

START_TEST(sections)
{
    struct bench b;
    struct all x;
    set_up(&b);
    ck_assert(!complaint(&b, "inner", "{depth: 5}", &x) && x.inner.depth == 5 &&
              x.inner.width == 2.5);
    ck_assert(!complaint(&b, "inner", "{}", &x) && x.inner.depth == 1);
    ck_assert_str_eq(complaint(&b, "inner", "5", &x), "section 'inner' must be a mapping, not 5");
    ck_assert_str_eq(complaint(&b, "inner", "[1]", &x),
                     "section 'inner' must be a mapping, not a list");
    ck_assert_str_eq(complaint(&b, "inner", "{deep: 5}", &x),
                     "unknown key 'deep' in section 'inner'");
    ck_assert_str_eq(complaint(&b, "inner", "{depth: 0}", &x),
                     "'depth' is 0; it must be a whole number >= 1");
    tear_down(&b);
}
END_TEST

/* ---- ranges ---- */

struct number {
    double x;
    int64_t n;
};

START_TEST(ranges)
{
    static const struct {
        struct param_range range;
        const char *in[4], *out[4];
    } range[] = {
        {AT_LEAST(0), {"0", "1e-300", "1e300", "-0.0"}, {"-1e-300", "-1"}},
        {ABOVE(0), {"5e-324", "1e300"}, {"0", "-0.0", "-1"}},
        {FROM_TO(0, 1), {"0", "1", "0.5"}, {"1.0000000000000002", "-5e-324"}},
        {FROM_BELOW(0, 1), {"0", "0.9999999999999999"}, {"1", "1.5", "-0.1"}},
        {BETWEEN(0, 1), {"5e-324", "0.9999999999999999"}, {"0", "1"}},
        {ABOVE_TO(0, 1), {"5e-324", "1"}, {"0", "1.0000000000000002"}},
        {ANY_REAL, {"-1.7976931348623157e308", "1.7976931348623157e308", "0"}, {NULL}},
        {FROM_TO(2, 256), {"2", "256"}, {"1", "257", "1.9999999999999998"}},
    };
    for (size_t i = 0; i < COUNT(range); i++) {
        const struct param table[] = {
            P_ROW(PARAM_REAL, struct number, x, double, "1", .range = range[i].range), P_END};
        struct bench b;
        struct number object;
        set_up(&b);
        for (size_t j = 0; j < 4 && range[i].in[j]; j++)
            ck_assert_msg(bind(&b, table, arena_printf(&b.arena, "x: %s", range[i].in[j]), &object),
                          "%s", complaints(&b));
        for (size_t j = 0; j < 4 && range[i].out[j]; j++)
            ck_assert_msg(
                !bind(&b, table, arena_printf(&b.arena, "x: %s", range[i].out[j]), &object),
                "%zu: %s was taken", i, range[i].out[j]);
        tear_down(&b);
    }
}
END_TEST

/* ---- what is wrong, and where ---- */

/* A first diagnostic's place, counted from 1, in characters. */
START_TEST(places)
{
    static const struct {
        const char *text, *message;
        unsigned line, column, width;
    } wrong[] = {
        {"flag: 1", "'flag' must be", 1, 7, 1},
        {"# first\n\nflag: maybe\n", "'flag' must be", 3, 7, 5},
        {"flga: true", "unknown key 'flga'", 1, 1, 4},
        {"inner:\n  depth: 1\n  hight: 2\n", "unknown key 'hight'", 3, 3, 5},
        {"inner: {depth: 1, hight: 2}", "unknown key 'hight'", 1, 19, 5},
        {"inner:\n    width:   abc   # why\n", "'width' must be", 2, 14, 3},
        {"text: \"\u00e4\u00f6\u20ac\U0001F600\"\nflag: 3", "'flag' must be", 2, 7, 1},
        {"inner: {\"depth\": 1, \"w\u00efdth\": 2}", "unknown key 'w\u00efdth'", 1, 21, 7},
        {"inits: [zeros, \u00fcbel]", "unknown init '\u00fcbel'", 1, 16, 4},
        {"flag: true\r\ncount: x\r\n", "'count' must be", 2, 8, 1},
        {"ints:\n- 1\n- 2\n- x\n", "'ints' must be", 4, 3, 1},
        {"pair: [0.5, 1.5]", "'pair' is 1.5", 1, 13, 3},
        {"init:\n  name: normal\n  std: -1\n", "'std' is -1", 3, 8, 2},
        {"maybe_init:\n  std: 1\n", "this init needs a 'name'", 2, 3, 1},
        {"real: 'x'", "'real' must be", 1, 7, 3},
        {"real: \"0.1\"", "'real' must be a number, not the text \"0.1\"", 1, 7, 5},
        {"flag: true\nflag: false\n", "duplicate key 'flag', first given in line 1", 2, 1, 4},
        {"flag: true\n\tcount: 1\n", "a tab cannot indent", 2, 1, 1},
        {"text: |\n  a\n  \tb\n\tcount: 1\n", "a tab cannot indent", 4, 1, 1},
        {"text: \"a\n  \tb\"\ninner:\n\tdepth: 1\n", "a tab cannot indent", 4, 1, 1},
        {"inner: {\n\tdepth: 1}\n", "a tab cannot indent", 2, 1, 1},
        {"text:\n  \ta\n", "a tab cannot indent", 2, 3, 1},
        {"flag: &a true", "anchors have no place", 1, 7, 7},
        {"flag: !!bool true", "tags have no place", 1, 7, 11},
        {"count: 1\n---\ncount: 2\n", "a spec is one document", 2, 1, 3},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct bench b;
        struct all x = {0};
        set_up(&b);
        ck_assert_msg(!bind(&b, all_params, wrong[i].text, &x), "%s was taken", wrong[i].text);
        const struct diag *d = &b.diags.item[0];
        ck_assert_msg(strncmp(d->message, wrong[i].message, strlen(wrong[i].message)) == 0,
                      "%s: %s", wrong[i].text, d->message);
        ck_assert_msg(d->place.line == wrong[i].line && d->place.column == wrong[i].column,
                      "%s: %u:%u", wrong[i].text, d->place.line, d->place.column);
        ck_assert_msg(d->place.width == wrong[i].width, "%s: width %u", wrong[i].text,
                      d->place.width);
        tear_down(&b);
    }
}
END_TEST

/* All of a file at once, in the order of their places, whatever the order in which they were
 * found. */
START_TEST(all_at_once)
{
    struct bench b;
    struct all x = {0};
    set_up(&b);
    ck_assert(!bind(&b, all_params,
                    "pair: 1\nunknown: 2\nreal: \"0.1\"\ninner:\n  depth: 0\nflag: 1\n", &x));
    ck_assert_uint_eq(b.diags.n, 5);
    ck_assert_str_eq(
        complaints(&b),
        "test.yaml:1:7: error: 'pair' is 1; it must be a list of two numbers in [0, 1)\n"
        "    1 | pair: 1\n"
        "      |       ^\n"
        "test.yaml:2:1: error: unknown key 'unknown' in a test\n"
        "    2 | unknown: 2\n"
        "      | ^~~~~~~\n"
        "test.yaml:3:7: error: 'real' must be a number, not the text \"0.1\"\n"
        "    3 | real: \"0.1\"\n"
        "      |       ^~~~~ leave out the quotes\n"
        "test.yaml:5:10: error: 'depth' is 0; it must be a whole number >= 1\n"
        "    5 |   depth: 0\n"
        "      |          ^\n"
        "test.yaml:6:7: error: 'flag' must be true or false, not 1\n"
        "    6 | flag: 1\n"
        "      |       ^ did you mean 'true'?\n");
    tear_down(&b);
}
END_TEST

START_TEST(twenty_at_most)
{
    struct bench b;
    struct all x = {0};
    struct strbuf s;
    set_up(&b);
    strbuf_init(&s);
    for (int i = 0; i < 25; i++)
        strbuf_addf(&s, "wrong%d: 1\n", i);
    ck_assert(!bind(&b, all_params, s.text, &x));
    ck_assert_uint_eq(b.diags.n, DIAGS_MAX);
    ck_assert_uint_eq(b.diags.dropped, 5);
    const char *text = complaints(&b);
    ck_assert(strstr(text, "unknown key 'wrong0'") && strstr(text, "unknown key 'wrong19'") &&
              !strstr(text, "wrong20"));
    ck_assert(strcmp(text + strlen(text) - 15, "... and 5 more\n") == 0);
    strbuf_fini(&s);
    tear_down(&b);
}
END_TEST

/* A line of any length is cut to 80 columns around the caret; control characters are shown as
 * '?'. */
START_TEST(excerpts_fit)
{
    for (unsigned before = 0; before < 300; before += 7) {
        struct bench b;
        struct all x = {0};
        set_up(&b);
        ck_assert(!bind(&b, all_params,
                        arena_printf(&b.arena, "{text: \"%*s\u00e4\", flag: wrong, real: %0200d}",
                                     (int)before, "", 1),
                        &x));
        const char *text = complaints(&b), *line = strchr(text, '\n') + 1,
                   *caret = strchr(line, '\n') + 1;
        size_t characters = 0, column = 0;
        for (const char *s = line; *s != '\n'; s++)
            characters += ((unsigned char)*s & 0xC0) != 0x80;
        for (const char *s = line; strncmp(s, "wrong", 5) != 0; s++)
            column += ((unsigned char)*s & 0xC0) != 0x80;
        ck_assert_uint_le(characters, 80);
        ck_assert_uint_eq(strcspn(caret, "^"), column);
        ck_assert(strncmp(caret + column, "^~~~~\n", 6) == 0);
        tear_down(&b);
    }
    struct bench b;
    struct all x = {0};
    set_up(&b);
    ck_assert(!bind(&b, all_params, "flag: a\033[31m", &x));
    ck_assert(!strchr(complaints(&b), '\033'));
    tear_down(&b);
}
END_TEST

static const char *const names[] = {"lr",     "momentum", "weight_decay", "batch_size",
                                    "epochs", "betas",    "eps",          "k"};

START_TEST(did_you_mean)
{
    static const struct {
        const char *wrong, *right;
    } word[] = {{"momentun", "momentum"},
                {"mometnum", "momentum"},
                {"Momentum", "momentum"},
                {"weight-decay", "weight_decay"},
                {"weightdecay", "weight_decay"},
                {"WEIGHT_DECAY", "weight_decay"},
                {"bathc_size", "batch_size"},
                {"batchsize", "batch_size"},
                {"epoch", "epochs"},
                {"beta", "betas"},
                {"LR", "lr"},
                {"learning_rate", "lr"},
                {"decay", "weight_decay"},
                {"xyzzy", NULL},
                {"q", NULL},
                {"", NULL},
                {"completely_different", NULL}};
    for (size_t i = 0; i < COUNT(word); i++) {
        const char *got = suggest(word[i].wrong, names, COUNT(names));
        ck_assert_msg(got == word[i].right ||
                          (got && word[i].right && strcmp(got, word[i].right) == 0),
                      "'%s': %s", word[i].wrong, got ? got : "nothing");
    }
    /* the nearest of several that are near, wherever it stands */
    static const char *const near[] = {"step", "steps", "stop"}, *const other_way[] = {
                                                                     "stop", "step", "steps"};
    ck_assert_str_eq(suggest("staps", near, COUNT(near)), "steps");
    ck_assert_str_eq(suggest("staps", other_way, COUNT(other_way)), "steps");
    char longest[5000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    ck_assert_ptr_null(suggest(longest, names, COUNT(names)));
    ck_assert_ptr_null(suggest("lr", names, 0));
}
END_TEST

/* ---- merging and overriding ---- */

static void show(const struct node *n, struct strbuf *out)
{
    if (n->kind == NODE_SCALAR)
        strbuf_addf(out, n->quoted ? "'%s'" : "%s", node_is_null(n) ? "null" : n->text);
    if (n->kind != NODE_SCALAR)
        strbuf_add(out, n->kind == NODE_MAP ? "{" : "[");
    for (size_t i = 0; i < n->n; i++) {
        strbuf_addf(out, "%s%s%s", i ? ", " : "", n->kind == NODE_MAP ? n->key[i] : "",
                    n->kind == NODE_MAP ? ": " : "");
        show(n->item[i], out);
    }
    if (n->kind != NODE_SCALAR)
        strbuf_add(out, n->kind == NODE_MAP ? "}" : "]");
}

static void assert_shows(const struct node *n, const char *expected, const char *what)
{
    struct strbuf s;
    strbuf_init(&s);
    show(n, &s);
    ck_assert_msg(strcmp(s.text, expected) == 0, "%s: %s, not %s", what, s.text, expected);
    strbuf_fini(&s);
}

/* Mappings merge, anything else replaces; another name drops the section's other inherited keys. */
START_TEST(merging)
{
    static const struct {
        const char *lower, *upper, *merged;
    } m[] = {
        {"{a: 1}", "{b: 2}", "{a: 1, b: 2}"},
        {"{a: 1, b: 2}", "{a: 3}", "{a: 3, b: 2}"},
        {"{}", "{a: {b: 1}}", "{a: {b: 1}}"},
        {"{a: {b: 1}}", "{}", "{a: {b: 1}}"},
        {"{s: {x: 1, y: 2}}", "{s: {y: 3, z: 4}}", "{s: {x: 1, y: 3, z: 4}}"},
        {"{s: {t: {u: 1, v: 2}}}", "{s: {t: {v: 3}}}", "{s: {t: {u: 1, v: 3}}}"},
        {"{l: [1, 2, 3]}", "{l: [4]}", "{l: [4]}"},
        {"{l: [{a: 1}]}", "{l: [{b: 2}]}", "{l: [{b: 2}]}"},
        {"{l: [1]}", "{l: {a: 1}}", "{l: {a: 1}}"},
        {"{s: {a: 1}}", "{s: [1]}", "{s: [1]}"},
        {"{s: {a: 1}}", "{s: null}", "{s: null}"},
        {"{s: null}", "{s: {a: 1}}", "{s: {a: 1}}"},
        {"{a: '1'}", "{a: 1}", "{a: 1}"},
        {"{optimizer: {name: adam, lr: 1, eps: 2}}", "{optimizer: {name: sgd}}",
         "{optimizer: {name: sgd}}"},
        {"{optimizer: {name: adam, lr: 1, eps: 2}}", "{optimizer: {name: sgd, lr: 3}}",
         "{optimizer: {name: sgd, lr: 3}}"},
        {"{optimizer: {name: adam, lr: 1, eps: 2}}", "{optimizer: {name: adam, lr: 3}}",
         "{optimizer: {name: adam, lr: 3, eps: 2}}"},
        {"{optimizer: {name: adam, lr: 1}}", "{optimizer: {eps: 2}}",
         "{optimizer: {name: adam, lr: 1, eps: 2}}"},
        {"{optimizer: adam}", "{optimizer: {lr: 1}}", "{optimizer: {name: adam, lr: 1}}"},
        {"{optimizer: adam}", "{optimizer: {name: sgd, lr: 1}}", "{optimizer: {name: sgd, lr: 1}}"},
        {"{optimizer: adam}", "{optimizer: sgd}", "{optimizer: sgd}"},
        {"{optimizer: {name: adam, lr: 1}}", "{optimizer: sgd}", "{optimizer: sgd}"},
        {"{optimizer: {name: adam, lr: 1}}", "{optimizer: adam}",
         "{optimizer: {name: adam, lr: 1}}"},
        {"{m: {name: mlp, init: {name: normal, std: 1}}}", "{m: {init: {name: zeros}}}",
         "{m: {name: mlp, init: {name: zeros}}}"},
        {"{m: {name: mlp, init: {name: normal, std: 1}}}", "{m: {init: zeros}}",
         "{m: {name: mlp, init: zeros}}"},
        {"{m: {name: mlp, init: {name: normal, std: 1}}}", "{m: {name: softmax}}",
         "{m: {name: softmax}}"},
        {"{name: a, seed: 1, s: {b: 2}}", "{name: c}", "{name: c, seed: 1, s: {b: 2}}"},
        {"{d: {scale: {mean: 1}}}", "{d: {scale: unit}}", "{d: {scale: unit}}"},
        {"{d: {scale: unit}}", "{d: {scale: {mean: 1}}}", "{d: {scale: {mean: 1}}}"},
        {"{s: 5}", "{s: {a: 1}}", "{s: {a: 1}}"},
        /* a section of a spec that does not say its name has the default one */
        {"{model: {hidden: [3]}}", "{model: softmax}", "{model: softmax}"},
        {"{model: {hidden: [3]}}", "{model: {name: softmax, init: zeros}}",
         "{model: {name: softmax, init: zeros}}"},
        {"{model: {hidden: [3]}}", "{model: mlp}", "{model: {hidden: [3], name: mlp}}"},
        {"{model: softmax}", "{model: {init: zeros}}", "{model: {name: softmax, init: zeros}}"},
        {"{dataset: {validation: 9}}", "{dataset: digits}", "{dataset: digits}"},
        {"{dataset: {validation: 9}}", "{dataset: {name: mnist}}",
         "{dataset: {validation: 9, name: mnist}}"},
        {"{s: {model: {hidden: 3}}}", "{s: {model: softmax}}",
         "{s: {model: {hidden: 3, name: softmax}}}"},
    };
    struct bench b;
    set_up(&b);
    for (size_t i = 0; i < COUNT(m); i++) {
        struct node *lower = parse(&b, m[i].lower), *upper = parse(&b, m[i].upper);
        assert_shows(node_merge(&b.arena, lower, upper), m[i].merged, m[i].upper);
        assert_shows(lower, m[i].lower, "the lower one"); /* neither is changed */
        assert_shows(upper, m[i].upper, "the upper one");
        assert_shows(node_merge(&b.arena, lower, NULL), m[i].lower, "merged with nothing");
        assert_shows(node_merge(&b.arena, NULL, upper), m[i].upper, "merged with nothing");
    }
    tear_down(&b);
}
END_TEST

START_TEST(overriding)
{
    static const struct {
        const char *root, *argument, *result;
    } o[] = {
        {"{a: 1}", "a=2", "{a: 2}"},
        {"{a: 1}", "b=2", "{a: 1, b: 2}"},
        {"{a: 1}", "b.c.d=2", "{a: 1, b: {c: {d: 2}}}"},
        {"{s: {a: 1}}", "s.a=[1, 2]", "{s: {a: [1, 2]}}"},
        {"{s: {a: 1}}", "s.b=x=y", "{s: {a: 1, b: x=y}}"},
        {"{s: {a: 1}}", "s.a=", "{s: {a: null}}"},
        {"{s: {a: 1}}", "s.a=null", "{s: {a: null}}"},
        {"{s: {a: 1}}", "s.a=~", "{s: {a: null}}"},
        {"{s: {a: 1}}", "s.a='2'", "{s: {a: '2'}}"},
        {"{s: {a: null}}", "s.a={}", "{s: {a: {}}}"},
        {"{s: {a: 1}}", "s={b: 2}", "{s: {a: 1, b: 2}}"},
        {"{s: {a: 1}}", "s=null", "{s: null}"},
        {"{s: null}", "s.a=1", "{s: {a: 1}}"},
        {"{optimizer: {name: adam, lr: 1}}", "optimizer.lr=2", "{optimizer: {name: adam, lr: 2}}"},
        {"{optimizer: {name: adam, lr: 1}}", "optimizer.name=sgd", "{optimizer: {name: sgd}}"},
        {"{optimizer: {name: adam, lr: 1}}", "optimizer.name=adam",
         "{optimizer: {name: adam, lr: 1}}"},
        {"{optimizer: {name: adam, lr: 1}}", "optimizer=sgd", "{optimizer: sgd}"},
        {"{optimizer: {name: adam, lr: 1}}", "optimizer={name: sgd}", "{optimizer: {name: sgd}}"},
        {"{optimizer: adam}", "optimizer.lr=2", "{optimizer: {name: adam, lr: 2}}"},
        {"{optimizer: adam}", "optimizer.name=sgd", "{optimizer: {name: sgd}}"},
        {"{name: a, seed: 1}", "name=b", "{name: b, seed: 1}"},
        {"{l: [{a: 1}, {a: 2}]}", "l.1.a=3", "{l: [{a: 1}, {a: 3}]}"},
        {"{l: [{a: 1}, {a: 2}]}", "l.0={b: 3}", "{l: [{a: 1, b: 3}, {a: 2}]}"},
        {"{l: [{name: x, a: 1}]}", "l.0.name=y", "{l: [{name: y}]}"},
        {"{scheduler: [x, y]}", "scheduler.1.a=2", "{scheduler: [x, {name: y, a: 2}]}"},
        {"{scheduler: [x, y]}", "scheduler.1={a: 2}", "{scheduler: [x, {name: y, a: 2}]}"},
        {"{l: [1, 2, 3]}", "l.2=5", "{l: [1, 2, 5]}"},
        {"{l: {name: x, a: 1}}", "l.0.a=2", "{l: {name: x, a: 2}}"},
        {"{scheduler: x}", "scheduler.0.a=2", "{scheduler: {name: x, a: 2}}"},
        /* what has no name is replaced by a text, and a text by it */
        {"{d: {scale: {mean: 1}}}", "d.scale=unit", "{d: {scale: unit}}"},
        {"{d: {scale: unit}}", "d.scale={mean: 1}", "{d: {scale: {mean: 1}}}"},
        {"{d: {scale: unit}}", "d.scale.mean=1", "{d: {scale: {mean: 1}}}"},
        {"{d: {augment: {crop: {padding: 3}}}}", "d.augment=flip", "{d: {augment: flip}}"},
        {"{layers: [relu, tanh]}", "layers.0={conv: 1}", "{layers: [{conv: 1}, tanh]}"},
        {"{layers: [{conv: 1}]}", "layers.0=relu", "{layers: [relu]}"},
        {"{layers: [{max_pool: {size: 2}}]}", "layers.0={avg_pool: {stride: 1}}",
         "{layers: [{avg_pool: {stride: 1}}]}"},
        {"{layers: [{max_pool: {size: 2}}]}", "layers.0={max_pool: {stride: 1}}",
         "{layers: [{max_pool: {size: 2, stride: 1}}]}"},
        {"{groups: [{tensors: a}]}", "groups.0={lr: 2}", "{groups: [{tensors: a, lr: 2}]}"},
        {"{m: {init: {name: normal, std: 1}}}", "m.init=zeros", "{m: {init: zeros}}"},
        {"{m: {init: normal}}", "m.init.std=1", "{m: {init: {name: normal, std: 1}}}"},
        /* the axes of a sweep are keys with dots */
        {"{grid: {o.lr: [1, 2], o.b: 3}}", "grid.o.lr=[4]", "{grid: {o.lr: [4], o.b: 3}}"},
        {"{grid: {o.lr: [1]}}", "grid.o.lr+=2", "{grid: {o.lr: [1, 2]}}"},
        {"{grid: {o.lr: [1], o.b: 3}}", "~grid.o.lr", "{grid: {o.b: 3}}"},
        {"{list: [{o.lr: 1, o.b: 3}]}", "list.0.o.lr=2", "{list: [{o.lr: 2, o.b: 3}]}"},
        {"{l: [1]}", "l=[2, 3]", "{l: [2, 3]}"},
        {"{s: {a: 1}}", "s={}", "{s: {}}"},
        {"{model: {hidden: [3]}}", "model=softmax", "{model: softmax}"},
        {"{model: {hidden: [3]}}", "model.name=softmax", "{model: {name: softmax}}"},
        {"{model: {hidden: [3]}}", "model.name=mlp", "{model: {hidden: [3], name: mlp}}"},
        {"{dataset: {validation: 9}}", "dataset.name=digits", "{dataset: {name: digits}}"},
    };
    struct bench b;
    set_up(&b);
    for (size_t i = 0; i < COUNT(o); i++) {
        struct node *root = parse(&b, o[i].root);
        ck_assert_msg(node_override(&b.arena, root, o[i].argument, NULL, &b.diags), "%s",
                      complaints(&b));
        assert_shows(root, o[i].result, o[i].argument);
    }
    tear_down(&b);
}
END_TEST

/* A name given by an override drops the same keys as one given by an upper file. */
START_TEST(an_override_is_a_merge)
{
    static const char *const roots[] = {"{}",
                                        "{optimizer: null}",
                                        "{optimizer: adam}",
                                        "{optimizer: sgd}",
                                        "{optimizer: {lr: 1}}",
                                        "{optimizer: {name: adam, lr: 1}}",
                                        "{optimizer: {name: sgd, lr: 1}}"};
    static const struct {
        const char *argument, *upper;
    } same[] = {{"optimizer.name=sgd", "{optimizer: {name: sgd}}"},
                {"optimizer.lr=2", "{optimizer: {lr: 2}}"},
                {"optimizer=null", "{optimizer: null}"},
                {"optimizer={name: sgd, eps: 3}", "{optimizer: {name: sgd, eps: 3}}"},
                {"optimizer=sgd", "{optimizer: sgd}"},
                {"optimizer={lr: 2}", "{optimizer: {lr: 2}}"}};
    struct bench b;
    set_up(&b);
    for (size_t i = 0; i < COUNT(roots); i++)
        for (size_t j = 0; j < COUNT(same); j++) {
            struct node *root = parse(&b, roots[i]);
            struct strbuf s;
            strbuf_init(&s);
            show(node_merge(&b.arena, root, parse(&b, same[j].upper)), &s);
            ck_assert(node_override(&b.arena, root, same[j].argument, NULL, &b.diags));
            assert_shows(root, s.text, arena_printf(&b.arena, "%s %s", roots[i], same[j].argument));
            strbuf_fini(&s);
        }
    tear_down(&b);
}
END_TEST

START_TEST(overrides_refused)
{
    static const struct {
        const char *root, *argument, *message;
        unsigned column;
    } o[] = {
        {"{a: 1}", "a", "'a' is not of the form KEY=VALUE", 1},
        {"{a: 1}", "~", "'~' stands before the key", 1},
        {"{a: 1}", "=2", "'=2' is not of the form KEY=VALUE", 1},
        {"{a: 1}", ".a=2", "a key's path is names joined by single dots", 1},
        {"{a: 1}", "a.=2", "a key's path is names joined by single dots", 1},
        {"{s: {a: 1}}", "s..a=2", "a key's path is names joined by single dots", 3},
        {"{l: [{a: 1}]}", "l.1.a=2", "there is no entry 1: the list has 1", 3},
        {"{l: [{a: 1}]}", "l.a=2", "'a' goes into a list: give the entry's number, from 0", 3},
        {"{l: [{a: 1}]}", "l.-1.a=2", "'-1' goes into a list: give the entry's number, from 0", 3},
        {"{l: [{a: 1}]}", "l.99999999999999999999.a=2", "there is no entry", 3},
        {"{a: 1}", "a=*x", "aliases have no place in a spec", 3},
        {"{a: 1}", "a=&x 1", "anchors have no place in a spec", 3},
        {"{a: 1}", "a=!!int 1", "tags have no place in a spec", 3},
        {"{a: 1}", "a={b: 1, b: 2}", "duplicate key 'b', first given in line 1", 10},
        {"{a: 1}", "a=[1, 2", "the '[' that begins here is not closed", 3},
        {"{a: 1}", "a=\xff", "this is not valid UTF-8 (byte 0xFF)", 3},
    };
    for (size_t i = 0; i < COUNT(o); i++) {
        struct bench b;
        set_up(&b);
        struct node *root = parse(&b, o[i].root);
        ck_assert_msg(!node_override(&b.arena, root, o[i].argument, NULL, &b.diags), "%s was taken",
                      o[i].argument);
        ck_assert_uint_eq(b.diags.n, 1);
        const struct diag *d = &b.diags.item[0];
        ck_assert_msg(strncmp(d->message, o[i].message, strlen(o[i].message)) == 0, "%s: %s",
                      o[i].argument, d->message);
        ck_assert_str_eq(d->place.source->path, "command line");
        ck_assert_msg(d->place.line == 1 && d->place.column == o[i].column, "%s: column %u",
                      o[i].argument, d->place.column);
        tear_down(&b);
    }
}
END_TEST

/* What is wrong in an override's value points into the argument. */
START_TEST(places_in_overrides)
{
    static const struct {
        const char *argument;
        unsigned column;
    } o[] = {{"real=x", 6},
             {"inner.depth=0", 13},
             {"inner={depth: 1, hight: 2}", 18},
             {"pair=[0.5, 2]", 12},
             {"init={name: normal, std: 0}", 26},
             {"inner.hight=2", 7}};
    for (size_t i = 0; i < COUNT(o); i++) {
        struct bench b;
        struct all x;
        set_up(&b);
        struct node *root = parse(&b, "{inner: {depth: 1}}");
        ck_assert(node_override(&b.arena, root, o[i].argument, NULL, &b.diags));
        ck_assert(!bind_table(&b.binder, all_params, root, root->place, "a test", &x));
        const struct diag *d = &b.diags.item[0];
        ck_assert_str_eq(d->place.source->text, o[i].argument);
        ck_assert_msg(d->place.column == o[i].column, "%s: column %u", o[i].argument,
                      d->place.column);
        tear_down(&b);
    }
}
END_TEST

START_TEST(finding)
{
    struct bench b;
    set_up(&b);
    struct node *root = parse(&b, "a: {b: {c: 1}}\nl:\n- {x: 2}\n- {x: 3}\nm: {x: 4}\n");
    ck_assert_str_eq(node_find(root, "a.b.c")->text, "1");
    ck_assert_str_eq(node_find(root, "l.1.x")->text, "3");
    ck_assert_str_eq(node_find(root, "m.0.x")->text, "4");
    ck_assert_ptr_eq(node_find(root, ""), root);
    static const char *const absent[] = {"b", "a.c", "a.b.c.d", "l.2.x", "l.x", "m.1.x", "a..b"};
    for (size_t i = 0; i < COUNT(absent); i++)
        ck_assert_msg(!node_find(root, absent[i]), "%s was found", absent[i]);
    struct place p = node_place(root, "l.1.x"), nearest = node_place(root, "a.b.nothing");
    ck_assert(p.line == 4 && p.column == 7);
    ck_assert(nearest.line == 1 &&
              nearest.column == 5); /* of the key b, the nearest that is there */
    tear_down(&b);
}
END_TEST

/* ---- text, written and read again ---- */

static void text_round_trip(const char *text)
{
    struct bench b;
    struct strbuf s;
    set_up(&b);
    strbuf_init(&s);
    write_text(&s, text);
    static const char *const around[] = {"key: %s\n", "{key: %s, other: 1}", "[[%s], x]"};
    static const char *const path[] = {"key", "key", "0.0"};
    for (size_t i = 0; i < COUNT(around); i++) {
        const char *before = strchr(around[i], '%');
        const char *yaml = arena_printf(&b.arena, "%.*s%s%s", (int)(before - around[i]), around[i],
                                        s.text, before + 2);
        const struct node *root = parse(&b, yaml), *n = root ? node_find(root, path[i]) : NULL;
        double v;
        bool truth;
        ck_assert_msg(n && n->kind == NODE_SCALAR, "%s: %s", yaml, complaints(&b));
        ck_assert_msg(strcmp(n->text, text) == 0, "%s reads back as another text", s.text);
        ck_assert_msg(!node_is_null(n) && !node_as_real(n, &v) && !node_as_bool(n, &truth),
                      "%s is no text", s.text);
    }
    strbuf_fini(&s);
    tear_down(&b);
}

static const char *const words[] = {
    "",         "a",       "a b",        "results/x-1.y+z",
    "null",     "~",       "true",       "False",
    "yes",      "0",       "-1",         "1e3",
    "0x1F",     "0o7",     ".5",         ".inf",
    "-.inf",    ".nan",    "1_000",      "+1",
    "-",        "--",      "---",        "...",
    "- x",      "a: b",    "a:",         ":a",
    "#",        "a #b",    "a#b",        "%a",
    "@a",       "`a",      "&a",         "*a",
    "!a",       "!!int",   "|",          ">",
    "> 1",      "?",       "? a",        "'",
    "\"",       "it's",    "a\"b",       "\\",
    "a\\",      "\\n",     "{",          "}",
    "[",        "]",       ",",          "a,b",
    "{a}",      "[a]",     " ",          " a",
    "a ",       "a  b",    "\n",         "a\nb",
    "\na",      "a\n",     "a\n\nb",     "a\n b",
    "\t",       "a\tb",    "\r",         "\r\n",
    "\x01",     "\x1b[0m", "\x7f",       "<<",
    "=",        "\u00e4",  "\u20ac",     "\U0001F600",
    "a/b/../c", "/",       "~/data",     "$HOME",
    "C:\\x",    "1:30",    "2020-01-01", "null ",
    "Null",     "NULL",    "tRuE",       "0x",
    "1e",       "e1",      "0b1",        "y",
    "on",       "1.2.3",
};

START_TEST(texts)
{
    text_round_trip(words[_i]);
}
END_TEST

/* Every character up to U+2FFF, and those that end a line or are not printable: alone, within, with
 * spaces around. */
START_TEST(characters)
{
    static const uint32_t beyond[] = {0xD7FF, 0xE000,  0xFEFF,  0xFFFD,  0xFFFE,
                                      0xFFFF, 0x10000, 0x1F600, 0x10FFFF};
    for (uint32_t i = 1; i < 0x3000 + COUNT(beyond); i++) {
        uint32_t c = i < 0x3000 ? i : beyond[i - 0x3000];
        char utf8[5] = {0}, text[32];
        if (c < 0x80)
            utf8[0] = (char)c;
        else if (c < 0x800)
            utf8[0] = (char)(0xC0 | c >> 6), utf8[1] = (char)(0x80 | (c & 63));
        else if (c < 0x10000)
            utf8[0] = (char)(0xE0 | c >> 12), utf8[1] = (char)(0x80 | (c >> 6 & 63)),
            utf8[2] = (char)(0x80 | (c & 63));
        else
            utf8[0] = (char)(0xF0 | c >> 18), utf8[1] = (char)(0x80 | (c >> 12 & 63)),
            utf8[2] = (char)(0x80 | (c >> 6 & 63)), utf8[3] = (char)(0x80 | (c & 63));
        text_round_trip(utf8);
        snprintf(text, sizeof text, "a %s b%sc", utf8, utf8);
        text_round_trip(text);
    }
}
END_TEST

/* ---- values ---- */

/* Defaults, and other values of every type, in block form: by the rules of YAML, not by what was
 * written once. */
START_TEST(every_type)
{
    static const char *const defaults =
        "flag: false\ncount: 1\nmaybe_count: null\nreal: 0.5\nmaybe_real: null\ntext: \"\"\nmaybe_text: null\n"
        "colour: green\nset: []\nreals: []\nmaybe_reals: []\nints: [3, 4]\nmaybe_ints: []\npair: [0.9, 0.999]\n"
        "init:\n  name: pytorch\nmaybe_init: null\ninits: null\ninner:\n  depth: 1\n  width: 2.5\n";
    static const char *const others =
        "flag: true\ncount: -9223372036854775807\nmaybe_count: 0\nreal: 1e-08\nmaybe_real: 1000000\n"
        "text: \"a: b\\n\"\nmaybe_text: \"null\"\ncolour: red\nset: [red, blue]\nreals: [0, 0.30000000000000004]\n"
        "maybe_reals: [-1.5]\nints: [9223372036854775807]\nmaybe_ints: [-1]\npair: [0, 0.1]\n"
        "init:\n  name: normal\n  std: 0.5\n  bias: 0\nmaybe_init:\n  name: zeros\n  bias: 0\n"
        "inits: [{name: zeros, bias: 0}, {name: normal, std: 0.01, bias: 0}]\ninner:\n  depth: 7\n  width: -2\n";
    struct bench b;
    struct all x = {0};
    set_up(&b);
    ck_assert_msg(bind(&b, all_params, "{}", &x), "%s", complaints(&b));
    ck_assert_str_eq(written(&b, all_params, &x), defaults);
    ck_assert_msg(bind(&b, all_params, defaults, &x), "%s", complaints(&b));
    ck_assert_str_eq(written(&b, all_params, &x), defaults);
    ck_assert_msg(bind(&b, all_params, others, &x), "%s", complaints(&b));
    ck_assert_str_eq(written(&b, all_params, &x), others);
    tear_down(&b);
}
END_TEST

/* The shortest number that reads back as the same double. */
START_TEST(numbers_are_short)
{
    static const struct {
        const char *in, *out;
    } number[] = {{"0.1", "0.1"},
                  {"1e-3", "0.001"},
                  {"0.10000000000000000555", "0.1"},
                  {"1e5", "100000"},
                  {"1e22", "1e+22"},
                  {"5e-324", "5e-324"},
                  {"-0.0", "-0"},
                  {"0x10", "16"},
                  {"1.7976931348623157e308", "1.7976931348623157e+308"},
                  {"0.1234567890123456789", "0.12345678901234568"}};
    struct bench b;
    struct all x;
    set_up(&b);
    for (size_t i = 0; i < COUNT(number); i++) {
        struct strbuf s;
        ck_assert(!complaint(&b, "real", number[i].in, &x));
        strbuf_init(&s);
        strbuf_add_real(&s, x.real);
        ck_assert_str_eq(s.text, number[i].out);
        strbuf_fini(&s);
    }
    tear_down(&b);
}
END_TEST

/* ---- */

static void add_reading(Suite *s)
{
    TCase *t = tcase_create("reading");
    tcase_add_test(t, numbers_taken);
    tcase_add_test(t, numbers_refused);
    tcase_add_test(t, numbers_are_finite);
    tcase_add_test(t, whole_numbers);
    tcase_add_test(t, far_below_zero);
    tcase_add_test(t, bools_and_nulls);
    tcase_add_test(t, no_nul_in_text);
    tcase_add_test(t, tabs_in_text);
    tcase_add_test(t, lists);
    tcase_add_test(t, pairs);
    tcase_add_test(t, choices);
    tcase_add_test(t, kinds);
    tcase_add_test(t, kinds_by_key);
    tcase_add_test(t, sections);
    tcase_add_test(t, ranges);
    tcase_add_test(t, places);
    tcase_add_test(t, all_at_once);
    tcase_add_test(t, twenty_at_most);
    tcase_add_test(t, excerpts_fit);
    tcase_add_test(t, did_you_mean);
    suite_add_tcase(s, t);
}

int main(void)
{
    Suite *s = suite_create("config");
    add_reading(s);

    TCase *t = tcase_create("trees");
    tcase_add_test(t, merging);
    tcase_add_test(t, overriding);
    tcase_add_test(t, an_override_is_a_merge);
    tcase_add_test(t, overrides_refused);
    tcase_add_test(t, places_in_overrides);
    tcase_add_test(t, finding);
    suite_add_tcase(s, t);

    t = tcase_create("round trips");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, texts, 0, COUNT(words));
    tcase_add_test(t, characters);
    tcase_add_test(t, every_type);
    tcase_add_test(t, numbers_are_short);
    suite_add_tcase(s, t);
    return check_main(s);
}
