#include "suites.h"
#include "util/json.h"
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct json *parsed(const char *text)
{
    struct error err;
    struct json *j = js_parse(text, strlen(text), &err);
    ck_assert_msg(j != NULL, "%s", err.message);
    return j;
}

static const struct bad {
    const char *text;
    size_t n; /* 0: up to the NUL */
} bad[] = {
    {"", 0},
    {" ", 0},
    {"{", 0},
    {"[1,]", 0},
    {"{\"a\":1,}", 0},
    {"{\"a\":1}x", 0},
    {"{} {}", 0},
    {"{\"a\":1,\"a\":2}", 0},
    {"[{\"a\":{\"b\":1,\"b\":1}}]", 0},
    {"NaN", 0},
    {"[Infinity]", 0},
    {"-Infinity", 0},
    {"1e400", 0},
    {"[-1e400]", 0},
    {"\"\377\"", 0},
    {"\"\300\200\"", 0},
    {"\"\355\240\200\"", 0},
    {"\"\\ud800\"", 0},
    {"\"\\u0000\"", 0},
    {"\"a\tb\"", 0},
    {"'a'", 0},
    {"{a:1}", 0},
    {"01", 0},
    {"+1", 0},
    {".5", 0},
    {"1.", 0},
    {"0x10", 0},
    {"tru", 0},
    {"True", 0},
    {"// c\n1", 0},
    {"\"open", 0},
    {"9223372036854775808", 0},
    {"\357\273\277{}", 0},
    {"1\0", 2},
    {"[1\0,2]", 6},
    {"{}\0{}", 5},
};

START_TEST(refuses)
{
    struct error err = {0};
    size_t n = bad[_i].n ? bad[_i].n : strlen(bad[_i].text);
    ck_assert_msg(js_parse(bad[_i].text, n, &err) == NULL, "%s", bad[_i].text);
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "line "));
    ck_assert_ptr_nonnull(strstr(err.message, "column "));
}
END_TEST

START_TEST(names_line_and_column)
{
    struct error err;
    ck_assert_ptr_null(js_parse("{\n  \"a\": x\n}", 12, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "line 2, column 8"));
}
END_TEST

START_TEST(names_the_place_of_a_nul)
{
    struct error err;
    ck_assert_ptr_null(js_parse("{\n\"\303\244\":1\0}", 9, &err));
    ck_assert_str_eq(err.message, "not valid JSON at line 2, column 6: a NUL byte");
}
END_TEST

START_TEST(refuses_deep_nesting)
{
    enum { DEPTH = 100000 };
    struct error err;
    char *text = malloc(DEPTH);
    ck_assert_ptr_nonnull(text);
    memset(text, '[', DEPTH);
    ck_assert_ptr_null(js_parse(text, DEPTH, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    free(text);
}
END_TEST

START_TEST(reads_values)
{
    struct json *j = parsed(" {\"s\":\"\\u00e4\",\"i\":-9223372036854775808,\"r\":0.5,\"n\":null,"
                            "\"a\":[1,2],\"o\":{},\"b\":true} ");
    int64_t i;
    double r;
    ck_assert(js_is_object(j));
    ck_assert_uint_eq(js_size(j), 7);
    ck_assert_str_eq(js_string(js_get(j, "s")), "\303\244");
    ck_assert(js_integer(js_get(j, "i"), &i));
    ck_assert_int_eq(i, INT64_MIN);
    ck_assert(js_real(js_get(j, "r"), &r));
    ck_assert_double_eq(r, 0.5);
    ck_assert(js_is_null(js_get(j, "n")));
    ck_assert(js_is_array(js_get(j, "a")));
    ck_assert(js_integer(js_element(js_get(j, "a"), 1), &i));
    ck_assert_int_eq(i, 2);
    ck_assert(js_is_object(js_get(j, "o")));
    js_free(j);
}
END_TEST

START_TEST(tells_types_apart)
{
    struct json *j = parsed("{\"s\":\"1\",\"i\":1,\"r\":1.0,\"a\":[]}");
    int64_t i = 7;
    double r;
    ck_assert(!js_integer(js_get(j, "s"), &i));
    ck_assert(!js_integer(js_get(j, "r"), &i));
    ck_assert(!js_integer(js_get(j, "absent"), &i));
    ck_assert_int_eq(i, 7);
    ck_assert(js_real(js_get(j, "i"), &r)); /* an integer is a real too */
    ck_assert_double_eq(r, 1.0);
    ck_assert(!js_real(js_get(j, "s"), &r));
    ck_assert_ptr_null(js_string(js_get(j, "i")));
    ck_assert_ptr_null(js_get(j, "absent"));
    ck_assert_ptr_null(js_get(js_get(j, "a"), "x"));
    ck_assert_ptr_null(js_element(js_get(j, "a"), 0));
    ck_assert_uint_eq(js_size(js_get(j, "s")), 0);
    ck_assert(!js_is_null(js_get(j, "absent")));
    js_free(j);
}
END_TEST

struct walk {
    char keys[16];
    size_t n, most;
};
static bool note(void *context, const char *key, const struct json *value)
{
    struct walk *w = context;
    (void)value;
    w->keys[w->n++] = key[0];
    return w->n < w->most;
}

START_TEST(each_goes_in_order_and_stops)
{
    struct json *j = parsed("{\"z\":1,\"a\":2,\"m\":3}");
    struct walk all = {.most = 9}, two = {.most = 2};
    ck_assert(js_each(j, note, &all));
    ck_assert_str_eq(all.keys, "zam");
    ck_assert(!js_each(j, note, &two));
    ck_assert_str_eq(two.keys, "za");
    js_free(j);
}
END_TEST

START_TEST(each_of_no_object)
{
    struct json *j = parsed("[1]");
    struct walk w = {.most = 9};
    ck_assert(js_each(j, note, &w));
    ck_assert_uint_eq(w.n, 0);
    js_free(j);
}
END_TEST

static void writes(struct json *j, unsigned indent, const char *expected)
{
    struct strbuf b;
    strbuf_init(&b);
    js_write(j, &b, indent);
    ck_assert_str_eq(b.text, expected);
    strbuf_fini(&b);
    js_free(j);
}

START_TEST(writes_in_order_of_insertion)
{
    struct json *o = js_new_object(), *a = js_new_array();
    js_append(a, js_new_integer(INT64_MAX));
    js_append(a, js_new_bool(false));
    js_append(a, js_new_null());
    js_set(o, "z", a);
    js_set(o, "a", js_new_string("\"\\\n\303\244/"));
    writes(o, 0, "{\"z\":[9223372036854775807,false,null],\"a\":\"\\\"\\\\\\n\303\244/\"}");
}
END_TEST

START_TEST(writes_indented)
{
    struct json *o = js_new_object();
    js_set(o, "a", js_new_integer(1));
    writes(o, 2, "{\n  \"a\": 1\n}");
}
END_TEST

START_TEST(set_replaces)
{
    struct json *o = js_new_object();
    js_set(o, "a", js_new_integer(1));
    js_set(o, "a", js_new_integer(2));
    writes(o, 0, "{\"a\":2}");
}
END_TEST

START_TEST(not_finite_is_null)
{
    writes(js_new_real((double)INFINITY), 0, "null");
    writes(js_new_real((double)-INFINITY), 0, "null");
    writes(js_new_real((double)NAN), 0, "null");
}
END_TEST

START_TEST(not_utf8_becomes_question_marks)
{
    writes(js_new_string("a\377b\303"), 0, "\"a?b?\"");
}
END_TEST

START_TEST(not_utf8_stays_whole)
{
    char text[5001];
    memset(text, 'x', 5000);
    text[17] = '\377';
    text[5000] = '\0';
    struct json *j = js_new_string(text);
    ck_assert_uint_eq(strlen(js_string(j)), 5000);
    js_free(j);
}
END_TEST

START_TEST(reals_read_back)
{
    static const double v[] = {0.1, 1e-8, 1.0 / 3, DBL_MAX, 5e-324, -0.0, 1e22, 3.0};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct strbuf b;
        strbuf_init(&b);
        struct json *j = js_new_real(v[i]);
        js_write(j, &b, 0);
        js_free(j);
        j = parsed(b.text);
        double back;
        ck_assert(js_real(j, &back));
        ck_assert_mem_eq(&back, &v[i], sizeof back);
        js_free(j);
        strbuf_fini(&b);
    }
}
END_TEST

START_TEST(free_takes_null)
{
    js_free(NULL);
    ck_assert_ptr_null(js_get(NULL, "a"));
}
END_TEST

TCase *json_cases(void)
{
    TCase *t = tcase_create("json");
    tcase_add_loop_test(t, refuses, 0, sizeof bad / sizeof bad[0]);
    tcase_add_test(t, names_line_and_column);
    tcase_add_test(t, names_the_place_of_a_nul);
    tcase_add_test(t, refuses_deep_nesting);
    tcase_add_test(t, reads_values);
    tcase_add_test(t, tells_types_apart);
    tcase_add_test(t, each_goes_in_order_and_stops);
    tcase_add_test(t, each_of_no_object);
    tcase_add_test(t, writes_in_order_of_insertion);
    tcase_add_test(t, writes_indented);
    tcase_add_test(t, set_replaces);
    tcase_add_test(t, not_finite_is_null);
    tcase_add_test(t, not_utf8_becomes_question_marks);
    tcase_add_test(t, not_utf8_stays_whole);
    tcase_add_test(t, reals_read_back);
    tcase_add_test(t, free_takes_null);
    return t;
}
