#include "check_main.h"
#include "suites.h"
#include "util/error.h"
#include "util/mem.h"
#include "util/path.h"
#include "util/progress.h"
#include "util/strbuf.h"
#include "util/text.h"
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- error ---- */

START_TEST(error_set_formats)
{
    struct error e;
    ck_assert(!error_set(&e, ERR_DATA, "%s: %d bytes", "a.gz", 7));
    ck_assert_int_eq(e.code, ERR_DATA);
    ck_assert_str_eq(e.message, "a.gz: 7 bytes");
}
END_TEST

START_TEST(error_set_may_quote_itself)
{
    struct error e;
    error_set(&e, ERR_DATA, "inner");
    error_set(&e, ERR_USAGE, "outer (%s)", e.message);
    ck_assert_int_eq(e.code, ERR_USAGE);
    ck_assert_str_eq(e.message, "outer (inner)");
}
END_TEST

START_TEST(error_prefix_keeps_the_code)
{
    struct error e;
    error_set(&e, ERR_DIVERGED, "the loss is %s", "nan");
    ck_assert(!error_prefix(&e, "step %d: ", 3));
    ck_assert_int_eq(e.code, ERR_DIVERGED);
    ck_assert_str_eq(e.message, "step 3: the loss is nan");
}
END_TEST

START_TEST(errors_blame_the_innermost_key)
{
    struct error e;
    error_set_key(&e, ERR_USAGE, "model.dropout", "wrong");
    ck_assert(!error_blame(&e, "model"));
    ck_assert_str_eq(e.key, "model.dropout");
    ck_assert_str_eq(e.message, "wrong");
    error_set(&e, ERR_USAGE, "another");
    ck_assert_str_eq(e.key, "");
    ck_assert(!error_blame(&e, "scheduler.%d", 1));
    error_prefix(&e, "far away: ");
    ck_assert_str_eq(e.key, "scheduler.1");
}
END_TEST

START_TEST(error_set_cuts)
{
    struct error e;
    char text[sizeof e.message + 100];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    error_set(&e, ERR_DATA, "%s", text);
    ck_assert_uint_eq(strlen(e.message), sizeof e.message - 1);
}
END_TEST

START_TEST(error_prefix_cuts)
{
    struct error e;
    char text[sizeof e.message + 100];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    error_set(&e, ERR_DATA, "%s", text);
    error_prefix(&e, "pre: ");
    ck_assert_uint_eq(strlen(e.message), sizeof e.message - 1);
    ck_assert_int_eq(strncmp(e.message, "pre: xxx", 8), 0);
    error_prefix(&e, "%s", text); /* longer than all room */
    ck_assert_uint_eq(strlen(e.message), sizeof e.message - 1);
    ck_assert_int_eq(e.message[0], 'x');
}
END_TEST

/* ---- memory ---- */

static bool is_zero(const void *p, size_t n)
{
    const unsigned char *b = p;
    for (size_t i = 0; i < n; i++)
        if (b[i] != 0)
            return false;
    return true;
}

START_TEST(mem_new_is_zeroed_and_aligned)
{
    for (size_t n = 0; n < 300; n += 13) {
        void *p = mem_new(n);
        ck_assert_ptr_nonnull(p);
        ck_assert_uint_eq((uintptr_t)p % 64, 0);
        ck_assert(is_zero(p, n));
        mem_free(p);
    }
}
END_TEST

START_TEST(mem_grow_keeps_and_zeroes)
{
    char *p = mem_new(3);
    memcpy(p, "abc", 3);
    p = mem_grow(p, 3, 100);
    ck_assert_mem_eq(p, "abc", 3);
    ck_assert(is_zero(p + 3, 97));
    p = mem_grow(p, 100, 2);
    ck_assert_mem_eq(p, "ab", 2);
    mem_free(p);
    p = mem_grow(NULL, 0, 5);
    ck_assert(is_zero(p, 5));
    mem_free(p);
}
END_TEST

/* Runs f in a process of its own, its stderr shut; returns the exit code. */
static int exit_code_of(void (*f)(void))
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(STDERR_FILENO);
        f();
        _exit(0);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void overflow_array(void)
{
    mem_free(mem_array(SIZE_MAX / 2, 3));
}

static void overflow_new(void)
{
    mem_free(mem_new(SIZE_MAX - 1));
}

static void overflow_arena(void)
{
    struct arena a;
    arena_init(&a);
    (void)arena_alloc(&a, SIZE_MAX - 3);
}

START_TEST(too_large_exits_with_the_system_code)
{
    ck_assert_int_eq(exit_code_of(overflow_array), ERR_SYSTEM);
    ck_assert_int_eq(exit_code_of(overflow_new), ERR_SYSTEM);
    ck_assert_int_eq(exit_code_of(overflow_arena), ERR_SYSTEM);
}
END_TEST

START_TEST(arena_pieces_are_aligned_zeroed_and_apart)
{
    enum { N = 500 };
    struct arena a;
    unsigned char *p[N];
    arena_init(&a);
    for (size_t i = 0; i < N; i++) {
        p[i] = arena_alloc(&a, i);
        ck_assert_uint_eq((uintptr_t)p[i] % 16, 0);
        ck_assert(is_zero(p[i], i));
        memset(p[i], (int)(i % 255) + 1, i);
    }
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < i; k++)
            ck_assert_uint_eq(p[i][k], i % 255 + 1);
    arena_fini(&a);
}
END_TEST

START_TEST(arena_takes_what_is_larger_than_a_block)
{
    struct arena a;
    arena_init(&a);
    char *small = arena_strdup(&a, "before");
    char *large = arena_alloc(&a, 1 << 20);
    ck_assert(is_zero(large, 1 << 20));
    memset(large, 'x', 1 << 20);
    char *after = arena_strdup(&a, "after");
    ck_assert_str_eq(small, "before");
    ck_assert_str_eq(after, "after");
    arena_fini(&a);
    ck_assert_ptr_null(a.last);
    arena_fini(&a); /* a second time does no harm */
}
END_TEST

START_TEST(arena_strings)
{
    struct arena a;
    arena_init(&a);
    ck_assert_str_eq(arena_strdup(&a, ""), "");
    ck_assert_str_eq(arena_strndup(&a, "model.weight", 5), "model");
    ck_assert_str_eq(arena_printf(&a, "%s.%d", "model", 12), "model.12");
    for (int n = 250; n < 262; n++) {
        const char *text = arena_printf(&a, "%*s", n, "x");
        ck_assert_uint_eq(strlen(text), (size_t)n);
        ck_assert_int_eq(text[n - 1], 'x');
        ck_assert_int_eq(text[n - 2], ' ');
    }
    const char *wide = arena_printf(&a, "%20000d", 1);
    ck_assert_uint_eq(strlen(wide), 20000);
    arena_fini(&a);
}
END_TEST

/* ---- strbuf ---- */

START_TEST(strbuf_starts_empty)
{
    struct strbuf b;
    strbuf_init(&b);
    ck_assert_str_eq(b.text, "");
    ck_assert_uint_eq(b.length, 0);
    strbuf_fini(&b);
}
END_TEST

START_TEST(strbuf_grows)
{
    struct strbuf b;
    strbuf_init(&b);
    for (size_t i = 0; i < 5000; i++) {
        strbuf_add_char(&b, (char)('a' + i % 26));
        ck_assert_uint_eq(b.length, i + 1);
        ck_assert_int_eq(b.text[b.length], '\0');
        ck_assert_uint_gt(b.capacity, b.length);
    }
    for (size_t i = 0; i < 5000; i++)
        ck_assert_int_eq(b.text[i], (char)('a' + i % 26));
    strbuf_clear(&b);
    ck_assert_str_eq(b.text, "");
    strbuf_fini(&b);
}
END_TEST

START_TEST(strbuf_appends_formats)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, "a");
    strbuf_addf(&b, "%d%s", 12, "");
    strbuf_addf(&b, "%s", "");
    strbuf_addf(&b, "%1000s", "x");
    strbuf_add(&b, "z");
    ck_assert_uint_eq(b.length, 1004);
    ck_assert_int_eq(strncmp(b.text, "a12   ", 6), 0);
    ck_assert_str_eq(b.text + 1002, "xz");
    strbuf_fini(&b);
}
END_TEST

START_TEST(strbuf_keeps_nul_bytes)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add_bytes(&b, "a\0b", 3);
    ck_assert_uint_eq(b.length, 3);
    ck_assert_mem_eq(b.text, "a\0b", 4);
    strbuf_fini(&b);
}
END_TEST

/* Formats of every length around the room that is left. */
START_TEST(strbuf_addf_at_the_edge)
{
    for (int n = 55; n < 75; n++) {
        struct strbuf b;
        strbuf_init(&b);
        strbuf_addf(&b, "%*s", n, "x");
        ck_assert_uint_eq(b.length, (size_t)n);
        ck_assert_uint_eq(strlen(b.text), (size_t)n);
        strbuf_fini(&b);
    }
}
END_TEST

static const struct real {
    double v;
    const char *text;
} reals[] = {
    {0.0, "0"},
    {-0.0, "-0"},
    {1.0, "1"},
    {-2.5, "-2.5"},
    {0.1, "0.1"},
    {0.001, "0.001"},
    {1e-8, "1e-08"},
    {1000.0, "1000"},
    {100000.0, "100000"},
    {60000.0, "60000"},
    {123456789.0, "123456789"},
    {1e14, "100000000000000"},
    {1e15, "1e+15"},
    {1e22, "1e+22"},
    {0.30000000000000004, "0.30000000000000004"},
    {1.0 / 3, "0.3333333333333333"},
    {5e-324, "5e-324"},
    {DBL_MAX, "1.7976931348623157e+308"},
    {DBL_MIN, "2.2250738585072014e-308"},
    {DBL_EPSILON, "2.220446049250313e-16"},
    {9007199254740993.0, "9007199254740992"},
    {(double)INFINITY, "inf"},
    {(double)-INFINITY, "-inf"},
};

START_TEST(real_is_shortest)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add_real(&b, reals[_i].v);
    ck_assert_str_eq(b.text, reals[_i].text);
    strbuf_fini(&b);
}
END_TEST

START_TEST(real_that_is_no_number)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add_real(&b, (double)NAN);
    ck_assert_ptr_nonnull(strstr(b.text, "nan"));
    strbuf_fini(&b);
}
END_TEST

START_TEST(real_reads_back)
{
    struct strbuf b;
    uint64_t s = 88172645463325252u;
    strbuf_init(&b);
    for (int i = 0; i < 20000; i++) {
        s ^= s << 13;
        s ^= s >> 7;
        s ^= s << 17;
        double v, back;
        memcpy(&v, &s, sizeof v);
        if (!isfinite(v))
            continue;
        strbuf_clear(&b);
        strbuf_add_real(&b, v);
        back = strtod(b.text, NULL);
        ck_assert_mem_eq(&back, &v, sizeof v);
        ck_assert_uint_le(b.length, 24);
    }
    strbuf_fini(&b);
}
END_TEST

/* 324 runs of a minute, two at once, after three seconds of loading: from the first thousandth on
 * the same answer. */
START_TEST(pace_is_right_from_the_first_thousandth_on)
{
    struct pace p = {0};
    enum { RUNS = 324, LOADING = 3, MINUTE = 60 };
    for (double t = 0; t < 600; t += 0.2) {
        double done = t < LOADING ? 0 : 1e-4 + (t - LOADING) * 2 / MINUTE,
               truth = (RUNS - done) * MINUTE / 2;
        long left = pace_left(&p, 1000 + t, done, RUNS - done);
        if (t < LOADING + 2)
            ck_assert_int_eq(left, -1);
        else if (t > LOADING + 2.3)
            ck_assert_double_eq_tol((double)left, truth, 0.01 * truth);
    }
}
END_TEST

/* What a shell makes of the word is the path; only what must be is quoted. */
START_TEST(words_are_typed_as_they_are_shown)
{
    static const char *const row[][2] = {
        {"results/adam,lr=0.1", "results/adam,lr=0.1"},
        {"r\xc3\xa9sum\xc3\xa9", "r\xc3\xa9sum\xc3\xa9"},
        {"my runs/a", "\"my runs/a\""},
        {"it's", "\"it's\""},
        {"a\"b`c$d\\e", "\"a\\\"b\\`c\\$d\\\\e\""},
        {"a*;b", "\"a*;b\""},
        {"-x", "\"./-x\""},
        {"", "\"\""},
        {"a\nb\t'c\\", "$'a\\nb\\t\\'c\\\\'"},
    };
    const char *three[3];
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
        ck_assert_str_eq(text_word(row[i][0]), row[i][1]);
    for (size_t i = 0; i < 3; i++)
        three[i] = text_word(row[2 + i][0]);
    for (size_t i = 0; i < 3; i++)
        ck_assert_str_eq(three[i], row[2 + i][1]);
}
END_TEST

START_TEST(columns_of_texts)
{
    static const struct {
        const char *text;
        size_t columns, in_three; /* bytes of what fits there */
    } row[] = {
        {"", 0, 0},
        {"abcd", 4, 3},
        {"r\xc3\xa9sum\xc3\xa9", 6, 4},
        {"re\xcc\x81sume", 6, 5},                               /* an accent that combines */
        {"\xe5\xad\xa6\xe4\xb9\xa0", 4, 3},                     /* Chinese */
        {"a\xed\x95\x9c\xea\xb8\x80", 5, 4},                    /* Korean */
        {"\xf0\x9f\x9a\x80x", 3, 5},                            /* a picture */
        {"\xef\xbd\xb1\xe2\x80\x93\xe2\x80\xa6\xc2\xb1", 4, 9}, /* narrow: ア in half, – … ± */
        {"\xff\xfe", 2, 2},                                     /* no UTF-8 */
    };
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        ck_assert_uint_eq(text_columns(row[i].text), row[i].columns);
        ck_assert_uint_eq(text_bytes_within(row[i].text, 3), row[i].in_three);
    }
}
END_TEST

/* What another process did before it is done, but says nothing of the pace. */
START_TEST(parts_of_paths)
{
    static const struct {
        const char *path, *base, *stem, *bare;
    } row[] = {
        {"a/b.c.yaml", "b.c.yaml", "b.c", "a/b.c.yaml"},
        {"plain", "plain", "plain", "plain"},
        {"a/.hidden", ".hidden", ".hidden", "a/.hidden"},
        {"a.b/c", "c", "c", "a.b/c"},
        {"a/b//", "", "", "a/b"},
        {"//", "", "", "/"},
        {"", "", "", ""},
    };
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
        ck_assert_str_eq(path_base(row[i].path), row[i].base);
        ck_assert_str_eq(path_stem(&a, row[i].path), row[i].stem);
        ck_assert_str_eq(path_bare(&a, row[i].path), row[i].bare);
    }
    arena_fini(&a);
}
END_TEST

START_TEST(pace_counts_from_what_was_there)
{
    struct pace p = {0};
    ck_assert_int_eq(pace_left(&p, 50, 0, 10), -1);
    ck_assert_int_eq(pace_left(&p, 100, 0.01, 4.5), -1);
    ck_assert_int_eq(pace_left(&p, 110, 0.51, 4), 80);
    ck_assert_int_eq(pace_left(&p, 120, 1.01, -0.1), 0);
    ck_assert_int_eq(pace_left(&p, 200, 0.01, 4), -1);        /* nothing was done since */
    ck_assert_int_eq(pace_left(&p, 200, 0.01 + 1e-9, 4), -1); /* centuries are not said */
}
END_TEST

static void add(Suite *s, const char *name, const TTest *const *tests, size_t n)
{
    TCase *t = tcase_create(name);
    for (size_t i = 0; i < n; i++)
        tcase_add_test(t, tests[i]);
    suite_add_tcase(s, t);
}

int main(void)
{
    const TTest *const errors[] = {
        error_set_formats, error_set_may_quote_itself,     error_prefix_keeps_the_code,
        error_set_cuts,    errors_blame_the_innermost_key, error_prefix_cuts};
    const TTest *const memory[] = {
        mem_new_is_zeroed_and_aligned,           mem_grow_keeps_and_zeroes,
        too_large_exits_with_the_system_code,    arena_pieces_are_aligned_zeroed_and_apart,
        arena_takes_what_is_larger_than_a_block, arena_strings};
    const TTest *const strings[] = {strbuf_starts_empty,     strbuf_grows,
                                    strbuf_appends_formats,  strbuf_keeps_nul_bytes,
                                    strbuf_addf_at_the_edge, real_that_is_no_number,
                                    real_reads_back,         words_are_typed_as_they_are_shown,
                                    columns_of_texts,        parts_of_paths};
    const TTest *const pace[] = {pace_is_right_from_the_first_thousandth_on,
                                 pace_counts_from_what_was_there};
    Suite *s = suite_create("util");
    add(s, "pace", pace, sizeof pace / sizeof pace[0]);
    add(s, "error", errors, sizeof errors / sizeof errors[0]);
    add(s, "mem", memory, sizeof memory / sizeof memory[0]);
    add(s, "strbuf", strings, sizeof strings / sizeof strings[0]);
    TCase *shortest = tcase_create("real");
    tcase_add_loop_test(shortest, real_is_shortest, 0, sizeof reals / sizeof reals[0]);
    suite_add_tcase(s, shortest);
    suite_add_tcase(s, json_cases());
    suite_add_tcase(s, file_cases());
    suite_add_tcase(s, command_cases());
    suite_add_tcase(s, fold_cases());
    return check_main(s);
}
