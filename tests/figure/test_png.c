/* Whole figures: drawn, written, read back, damaged. */
#include "cases.h"
#include "figure/figure.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* A folder of its own for each case. */
static char folder[] = "/tmp/descent-figure-XXXXXX", path[64], other[64];

static void set_up(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.png", folder);
    snprintf(other, sizeof other, "%s/b.png", folder);
}

static void tear_down(void)
{
    unlink(path);
    unlink(other);
    rmdir(folder);
}

static const double some_x[] = {0, 1, 2, 3}, some_y[] = {1, 0.5, 0.25, 0.2};
static const struct curve some_curve = {
    .label = "loss é", .x = some_x, .y = some_y, .n = 4, .style = -1};
static const struct mark some_marks[] = {
    {1, "lr 0.1"}, {1.1, "lr\n\xff"}, {(double)NAN, "no"}, {9, NULL}};
static const struct axes some_axes = {.title = "t",
                                      .x_label = "epoch",
                                      .y_label = "loss",
                                      .y_log = true,
                                      .curve = &some_curve,
                                      .curves = 1,
                                      .mark = some_marks,
                                      .marks = 4};

static struct figure small_figure(void)
{
    return (struct figure){
        .title = "T", .panel = &some_axes, .panels = 1, .width = 160, .height = 100};
}

static void draw(const struct figure *f, const char *to)
{
    struct error err;
    ck_assert_msg(figure_write_png(f, to, &err), "%s", err.message);
}

/* Collects "keyword=text;" of every chunk. */
static void collect(void *context, const char *keyword, const char *text)
{
    struct strbuf *b = context;
    strbuf_addf(b, "%s=%s;", keyword, text);
}

static char *texts_of(const char *from)
{
    struct strbuf b;
    struct error err;
    strbuf_init(&b);
    ck_assert_msg(figure_read_texts(from, (struct figure_visitor){collect, &b}, &err), "%s",
                  err.message);
    return b.text;
}

START_TEST(texts_come_back)
{
    struct strbuf longer;
    strbuf_init(&longer);
    for (int i = 0; i < 2000; i++)
        strbuf_addf(&longer, "line %d: é €\n", i);
    struct figure_text text[] = {
        {"descent.spec", "a: 1\nb: \"ü 𝄞\"\n"}, {"descent.long", longer.text}, {"empty", ""}};
    struct figure f = small_figure();
    f.text = text;
    f.texts = 3;
    draw(&f, path);
    char *all = texts_of(path);
    struct strbuf expected;
    strbuf_init(&expected);
    strbuf_addf(&expected, "descent.spec=%s;descent.long=%s;empty=;", text[0].text, longer.text);
    strbuf_add(&expected, "descent.data=panel,curve,x,y\n1,loss é,0,1\n1,loss é,1,0.5\n"
                          "1,loss é,2,0.25\n1,loss é,3,0.2\n;");
    ck_assert_str_eq(all, expected.text);
    mem_free(all);
    strbuf_fini(&expected);
    strbuf_fini(&longer);
}
END_TEST

static unsigned long word_at(const char *p)
{
    const unsigned char *b = (const unsigned char *)p;
    return (unsigned long)b[0] << 24 | (unsigned long)b[1] << 16 | (unsigned long)b[2] << 8 | b[3];
}

/* Of how many bytes, at most, the file's text chunks are when inflated. */
static size_t longest_text(const char *from)
{
    struct error err;
    char *bytes;
    size_t n, longest = 0;
    unsigned char *room = mem_array(1 << 25, 1);
    ck_assert(file_read(from, 1 << 28, &bytes, &n, &err));
    for (size_t at = 8, length; at + 12 <= n; at += length + 12) {
        length = word_at(bytes + at);
        const char *data = bytes + at + 8, *text = data + strlen(data) + 5; /* no languages */
        uLongf inflated = 1 << 25;
        if (memcmp(bytes + at + 4, "iTXt", 4) != 0 || data[strlen(data) + 1] != 1)
            continue;
        ck_assert_int_eq(
            uncompress(room, &inflated, (const Bytef *)text, length - (size_t)(text - data)), Z_OK);
        longest = inflated > longest ? inflated : longest;
    }
    mem_free(bytes);
    mem_free(room);
    return longest;
}

START_TEST(large_data_comes_back)
{
    enum { N = 300000 };
    double *x = mem_array(N, sizeof *x);
    for (int i = 0; i < N; i++)
        x[i] = i / 7.0;
    struct curve c = {.label = "c", .x = x, .y = x, .n = N, .faint = true};
    struct axes a = {.curve = &c, .curves = 1};
    struct figure f = {.panel = &a, .panels = 1, .width = 160, .height = 100};
    draw(&f, path);
    char *all = texts_of(path);
    ck_assert_uint_gt(strlen(all), 8000000); /* more than libpng reads unasked */
    ck_assert_ptr_nonnull(strstr(all, "\n1,c,42857,42857\n;"));
    ck_assert_uint_le(longest_text(path), 1 << 20); /* or Pillow would not open it */
    mem_free(all);
    mem_free(x);
}
END_TEST

/* More than the thousand that libpng keeps unasked. */
START_TEST(many_texts_come_back)
{
    enum { N = 3000 };
    struct figure_text *text = mem_array(N, sizeof *text);
    char(*name)[32] = mem_array(N, sizeof *name);
    for (int i = 0; i < N; i++) {
        snprintf(name[i], sizeof name[i], "descent.spec.%d", i);
        text[i] = (struct figure_text){name[i], name[i]};
    }
    struct figure f = small_figure();
    f.text = text;
    f.texts = N;
    draw(&f, path);
    char *all = texts_of(path);
    for (int i = 0; i < N; i++)
        ck_assert_ptr_nonnull(strstr(all, name[i]));
    ck_assert_ptr_nonnull(strstr(all, ";descent.data=panel,curve,x,y\n"));
    mem_free(all);
    mem_free(name);
    mem_free(text);
}
END_TEST

START_TEST(invalid_utf8_is_replaced)
{
    struct figure_text text = {"key", "a\xff\xfe"};
    struct curve c = some_curve;
    c.label = "l\xc3(";
    struct axes a = {
        .title = "\xff", .x_label = "\xed\xa0\x80", .y_label = "\x80y", .curve = &c, .curves = 1};
    struct figure f = {.title = "a\xffz",
                       .panel = &a,
                       .panels = 1,
                       .text = &text,
                       .texts = 1,
                       .width = 320,
                       .height = 200};
    draw(&f, path);
    char *all = texts_of(path);
    ck_assert_ptr_nonnull(strstr(all, "key=a\xEF\xBF\xBD\xEF\xBF\xBD;"));
    ck_assert_ptr_nonnull(strstr(all, "1,l\xEF\xBF\xBD(,0,1\n"));
    mem_free(all);
}
END_TEST

static bool same_bytes(void)
{
    struct error err;
    char *a, *b;
    size_t n, m;
    ck_assert(file_read(path, 1 << 24, &a, &n, &err) && file_read(other, 1 << 24, &b, &m, &err));
    bool same = n == m && memcmp(a, b, n) == 0;
    mem_free(a);
    mem_free(b);
    return same;
}

START_TEST(same_input_same_bytes)
{
    struct figure f = small_figure();
    draw(&f, path);
    draw(&f, other);
    ck_assert(same_bytes());
    f.title = "U";
    draw(&f, other);
    ck_assert(!same_bytes());
}
END_TEST

static void check_size(const struct figure *f, unsigned long width, unsigned long height)
{
    struct error err;
    char *bytes;
    size_t n;
    draw(f, path);
    ck_assert(file_read(path, 1 << 24, &bytes, &n, &err));
    ck_assert_uint_gt(n, 33);
    ck_assert_uint_eq(word_at(bytes + 16), width);
    ck_assert_uint_eq(word_at(bytes + 20), height);
    mem_free(bytes);
}

START_TEST(sizes_are_chosen_or_taken)
{
    struct figure f = small_figure();
    check_size(&f, 160, 100);
    f.width = f.height = 0;
    check_size(&f, 1600, 1000);
    struct axes two[] = {some_axes, some_axes};
    f.panel = two;
    f.panels = 2;
    f.columns = 2;
    check_size(&f, 2200, 760);
}
END_TEST

START_TEST(figures_without_data)
{
    const double nan[] = {(double)NAN, (double)NAN};
    struct curve c[] = {{.label = "empty", .style = -1},
                        {.label = "nan", .x = nan, .y = nan, .n = 2}};
    struct axes a[] = {
        {.curve = c, .curves = 2}, {.y_log = true, .x_log = true}, {.y_percent = true}};
    struct figure f = {.panel = a, .panels = 3, .columns = 2, .width = 400, .height = 300};
    draw(&f, path);
    f.panels = 0;
    draw(&f, path);
    char *all = texts_of(path);
    ck_assert_str_eq(all, "descent.data=panel,curve,x,y\n;");
    mem_free(all);
}
END_TEST

START_TEST(one_point_figures)
{
    struct curve c = some_curve;
    c.n = 1;
    struct axes a = {.curve = &c, .curves = 1};
    struct figure f = {.panel = &a, .panels = 1, .width = 400, .height = 300};
    for (int i = 0; i < 4; i++) {
        a.y_log = i & 1;
        a.y_percent = i & 2;
        c.steps = i == 3;
        draw(&f, path);
        ck_assert(file_exists(path));
    }
}
END_TEST

START_TEST(tiny_figures)
{
    struct figure f = small_figure();
    for (unsigned size = 1; size < 60; size += 7) {
        f.width = f.height = size;
        check_size(&f, size, size);
    }
}
END_TEST

START_TEST(many_curves_and_marks)
{
    struct curve c[120];
    struct mark m[500];
    for (int i = 0; i < 120; i++) {
        c[i] = some_curve;
        c[i].label =
            "a label that is much too long for the room that is there, however one places it";
    }
    for (int i = 0; i < 500; i++)
        m[i] = (struct mark){3 * i / 500.0, "mark"};
    struct axes a = {.curve = c, .curves = 120, .mark = m, .marks = 150};
    struct figure f = {.panel = &a, .panels = 1, .width = 800, .height = 500};
    draw(&f, path);
    a.marks = 500;
    draw(&f, other);
    ck_assert(!same_bytes());
}
END_TEST

START_TEST(too_large_is_an_error)
{
    struct error err = {0};
    struct figure f = small_figure();
    f.width = 100000;
    ck_assert(!figure_write_png(&f, path, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
    ck_assert(!file_exists(path));
}
END_TEST

START_TEST(an_impossible_path_is_an_error)
{
    struct error err = {0};
    struct figure f = small_figure();
    ck_assert(!figure_write_png(&f, "/nonexistent/folder/a.png", &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
}
END_TEST

/* ---- reading what is damaged ---- */

static void never(void *context, const char *keyword, const char *text)
{
    (void)context;
    ck_abort_msg("a damaged file gave %s=%s", keyword, text);
}

static void expect_bad(const void *bytes, size_t n, const char *what, size_t at)
{
    struct error err = {0};
    ck_assert(file_write(other, bytes, n, &err));
    bool ok = figure_read_texts(other, (struct figure_visitor){never, NULL}, &err);
    ck_assert_msg(!ok && err.code == ERR_DATA, "%s %zu: not refused", what, at);
    ck_assert_msg(strstr(err.message, other) != NULL, "the message names no file: %s", err.message);
}

START_TEST(what_is_no_png_is_refused)
{
    expect_bad("", 0, "empty", 0);
    expect_bad("panel,curve,x,y\n", 16, "text", 0);
    expect_bad("\x89PNG\r\n\x1a\n", 8, "signature only", 0);
}
END_TEST

static char *tiny_png(size_t *n)
{
    struct error err;
    char *bytes;
    struct figure f = small_figure();
    f.width = f.height = 12;
    draw(&f, path);
    ck_assert(file_read(path, 1 << 20, &bytes, n, &err));
    return bytes;
}

START_TEST(every_cut_is_refused)
{
    size_t n;
    char *bytes = tiny_png(&n);
    for (size_t i = 0; i < n; i++)
        expect_bad(bytes, i, "cut at", i);
    mem_free(bytes);
}
END_TEST

START_TEST(every_flipped_byte_is_refused)
{
    size_t n;
    char *bytes = tiny_png(&n);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (char)(bytes[i] ^ 0x20);
        expect_bad(bytes, n, "flipped", i);
        bytes[i] = (char)(bytes[i] ^ 0x20);
    }
    mem_free(bytes);
}
END_TEST

START_TEST(a_missing_file_is_an_error)
{
    struct error err = {0};
    ck_assert(!figure_read_texts(path, (struct figure_visitor){never, NULL}, &err));
    ck_assert_int_eq(err.code, ERR_SYSTEM);
}
END_TEST

void add_png_cases(Suite *suite)
{
    static const TTest *const *const cases[] = {
        &texts_come_back,           &large_data_comes_back, &many_texts_come_back,

        &invalid_utf8_is_replaced,  &same_input_same_bytes, &sizes_are_chosen_or_taken,
        &figures_without_data,      &one_point_figures,     &tiny_figures,
        &many_curves_and_marks,     &too_large_is_an_error, &an_impossible_path_is_an_error,
        &what_is_no_png_is_refused, &every_cut_is_refused,  &every_flipped_byte_is_refused,
        &a_missing_file_is_an_error};
    TCase *tcase = tcase_create("png");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tcase_add_test(tcase, *cases[i]);
    suite_add_tcase(suite, tcase);
}
