/* Figures as SVG, PDF and characters; thinned curves; names of sizes and formats. */
#include "cases.h"
#include "figure/draw/text.h"
#include "figure/figure.h"
#include "figure/layout/layout.h"
#include "util/file.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/descent-formats-XXXXXX", path[64];

static void set_up(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.svg", folder);
}

static void tear_down(void)
{
    unlink(path);
    rmdir(folder);
}

static const double some_x[] = {0, 1, 2, 3}, some_y[] = {1, 0.5, 0.25, 0.125};
static const struct curve some_curves[] = {
    {.label = "loss <é> & \"more\"", .x = some_x, .y = some_y, .n = 4, .style = -1},
    {.label = "second", .x = some_x, .y = some_x, .n = 4, .style = -1}};
static const struct mark some_mark = {2, "lr 0.1"};
static const struct axes some_axes = {.x_label = "epoch",
                                      .y_label = "loss",
                                      .curve = some_curves,
                                      .curves = 2,
                                      .mark = &some_mark,
                                      .marks = 1};
static const struct figure_text some_text = {"descent.spec", "a: \"1 < 2\"\r\nb: ü & \x01\n"};
static const struct figure some_figure = {
    .title = "a < b & \"c\"", .panel = &some_axes, .panels = 1, .text = &some_text, .texts = 1};

/* ---- SVG ---- */

static char *svg_of(const struct figure *f, const char *prefix)
{
    struct strbuf b;
    struct error err;
    strbuf_init(&b);
    ck_assert_msg(figure_svg(f, prefix, true, &b, &err), "%s", err.message);
    return b.text;
}

/* Tags that match, attributes in quotes, entities that exist: what a parser would complain about
 * first. */
static void check_well_formed(const char *s)
{
    char open[64][32];
    size_t depth = 0;
    ck_assert(text_valid(s));
    while (*s) {
        if (*s == '&')
            ck_assert_msg(strncmp(s, "&amp;", 5) == 0 || strncmp(s, "&lt;", 4) == 0 ||
                              strncmp(s, "&gt;", 4) == 0 || strncmp(s, "&quot;", 6) == 0 ||
                              strncmp(s, "&#13;", 5) == 0,
                          "%.20s", s);
        if (*s != '<') {
            ck_assert(*s != '>' && ((unsigned char)*s >= 32 || *s == '\n' || *s == '\t'));
            s++;
            continue;
        }
        bool closing = s[1] == '/';
        size_t n = strcspn(s + 1 + closing, " >/\n");
        ck_assert_uint_lt(n, 32);
        const char *name = s + 1 + closing;
        for (; *s && *s != '>'; s++)
            if (*s == '"') {
                s = strchr(s + 1, '"');
                ck_assert_ptr_nonnull(s);
            }
        ck_assert_int_eq(*s, '>');
        if (closing) {
            ck_assert_uint_gt(depth, 0);
            ck_assert(strncmp(open[--depth], name, n) == 0 && strlen(open[depth]) == n);
        } else if (s[-1] != '/') {
            ck_assert_uint_lt(depth, 64);
            snprintf(open[depth++], 32, "%.*s", (int)n, name);
        }
        s++;
    }
    ck_assert_uint_eq(depth, 0);
}

START_TEST(an_svg_is_well_formed)
{
    char *svg = svg_of(&some_figure, "p1-");
    ck_assert(strncmp(svg, "<svg", 4) == 0);
    check_well_formed(svg);
    ck_assert_ptr_nonnull(strstr(svg, "<title>a &lt; b &amp; &quot;c&quot;</title>"));
    mem_free(svg);
}
END_TEST

/* Letters are drawn as paths; the same words lie on top unseen, to be selected and searched. */
START_TEST(the_words_of_an_svg_are_text)
{
    static const double x[] = {0, 1};
    struct curve curve = {.label = "a<b", .x = x, .y = x, .n = 2};
    struct axes axes = {
        .x_label = "epoch", .y_label = "training loss", .curve = &curve, .curves = 1};
    struct figure f = {.panel = &axes, .panels = 1};
    char *svg = svg_of(&f, "p1-");
    check_well_formed(svg);
    const char *group = strstr(svg, "<g fill-opacity=\"0\"");
    ck_assert_ptr_nonnull(group);
    ck_assert_ptr_nonnull(strstr(group, ">epoch</text>"));
    ck_assert_ptr_nonnull(strstr(group, ">training loss</text>"));
    ck_assert_ptr_nonnull(strstr(group, ">a&lt;b</text>"));
    ck_assert_ptr_nonnull(strstr(group, "rotate(-90)"));
    mem_free(svg);
}
END_TEST

START_TEST(ids_are_the_page_s)
{
    char *a = svg_of(&some_figure, "p1-"), *b = svg_of(&some_figure, "p1-"),
         *other = svg_of(&some_figure, "p2-");
    ck_assert_str_eq(a, b); /* cairo counts its surfaces */
    ck_assert_str_ne(a, other);
    for (const char *s = a; (s = strstr(s, " id=\"")); s++)
        ck_assert_msg(strncmp(s, " id=\"p1-", 8) == 0, "%.30s", s);
    for (const char *s = a; (s = strstr(s, "href=\"#")); s++)
        ck_assert_msg(strncmp(s, "href=\"#p1-", 10) == 0, "%.30s", s);
    for (const char *s = a; (s = strstr(s, "url(#")); s++)
        ck_assert_msg(strncmp(s, "url(#p1-", 8) == 0, "%.30s", s);
    ck_assert_ptr_nonnull(strstr(a, "href=\"#p1-"));
    mem_free(a);
    mem_free(b);
    mem_free(other);
}
END_TEST

static void collect(void *context, const char *keyword, const char *text)
{
    struct strbuf *b = context;
    strbuf_addf(b, "%s=%s;", keyword, text);
}

START_TEST(an_svg_carries_its_texts)
{
    struct error err;
    struct strbuf b;
    strbuf_init(&b);
    ck_assert_msg(figure_write(&some_figure, path, &err), "%s", err.message);
    ck_assert_msg(figure_read_texts(path, (struct figure_visitor){collect, &b}, &err), "%s",
                  err.message);
    ck_assert_str_eq(
        b.text, "descent.spec=a: \"1 < 2\"\r\nb: ü & \xEF\xBF\xBD\n;descent.data=panel,curve,x,y\n"
                "1,\"loss <é> & \"\"more\"\"\",0,1\n1,\"loss <é> & \"\"more\"\"\",1,0.5\n"
                "1,\"loss <é> & \"\"more\"\"\",2,0.25\n1,\"loss <é> & \"\"more\"\"\",3,0.125\n"
                "1,second,0,0\n1,second,1,1\n1,second,2,2\n1,second,3,3\n;");
    strbuf_clear(&b);
    struct strbuf bare;
    strbuf_init(&bare);
    ck_assert(figure_svg(&some_figure, "", false, &bare, &err));
    ck_assert_ptr_null(strstr(bare.text, "metadata"));
    ck_assert(file_write(path, bare.text, bare.length, &err));
    ck_assert(figure_read_texts(path, (struct figure_visitor){collect, &b}, &err));
    ck_assert_str_eq(b.text, "");
    strbuf_fini(&bare);
    strbuf_fini(&b);
}
END_TEST

static void never(void *context, const char *keyword, const char *text)
{
    (void)context;
    ck_abort_msg("a damaged file gave %s=%s", keyword, text);
}

START_TEST(a_cut_svg_is_refused)
{
    struct error err;
    char *bytes;
    size_t n;
    ck_assert(figure_write(&some_figure, path, &err) && file_read(path, 1 << 24, &bytes, &n, &err));
    for (size_t i = 6; i + 1 < n; i += n / 400 + 1) {
        ck_assert(file_write(path, bytes, i, &err));
        ck_assert_msg(!figure_read_texts(path, (struct figure_visitor){never, NULL}, &err) &&
                          err.code == ERR_DATA,
                      "cut at %zu", i);
    }
    char *block = strstr(bytes, "<descent:text");
    ck_assert_ptr_nonnull(block);
    memcpy(block, "<descent:tixt", 13);
    ck_assert(file_write(path, bytes, n, &err));
    ck_assert(!figure_read_texts(path, (struct figure_visitor){never, NULL}, &err) &&
              err.code == ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "damaged"));
    mem_free(bytes);
}
END_TEST

/* ---- PDF ---- */

START_TEST(a_pdf_has_no_date_and_no_texts)
{
    struct error err;
    struct strbuf a, b;
    strbuf_init(&a);
    strbuf_init(&b);
    ck_assert(figure_pdf(&some_figure, &a, &err) && figure_pdf(&some_figure, &b, &err));
    ck_assert(a.length == b.length && memcmp(a.text, b.text, a.length) == 0);
    ck_assert(strncmp(a.text, "%PDF-1.", 7) == 0 &&
              memcmp(a.text + a.length - 6, "%%EOF\n", 6) == 0);
    for (size_t i = 0; i + 12 < a.length; i++)
        ck_assert(memcmp(a.text + i, "CreationDate", 12) != 0);
    ck_assert(file_write(path, a.text, a.length, &err));
    ck_assert(!figure_read_texts(path, (struct figure_visitor){never, NULL}, &err) &&
              err.code == ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "a PDF carries no spec"));
    strbuf_fini(&a);
    strbuf_fini(&b);
}
END_TEST

/* ---- looks ---- */

START_TEST(names_tell_formats)
{
    ck_assert_int_eq(figure_format_from_name("a/b.png"), FIGURE_PNG);
    ck_assert_int_eq(figure_format_from_name("b.SVG"), FIGURE_SVG);
    ck_assert_int_eq(figure_format_from_name("x.y.pdf"), FIGURE_PDF);
    ck_assert_int_eq(figure_format_from_name("a.svg/b"), FIGURE_BY_NAME);
    ck_assert_int_eq(figure_format_from_name("b.jpg"), FIGURE_BY_NAME);
    struct figure_appearance appearance = {.format = FIGURE_PDF};
    ck_assert_str_eq(figure_ending(&appearance), ".pdf");
}
END_TEST

START_TEST(sizes_are_read)
{
    struct error err;
    struct figure_appearance appearance = {.theme = FIGURE_DARK, .format = FIGURE_SVG};
    ck_assert(figure_parse_size("column", &appearance, &err));
    ck_assert_double_eq_tol(appearance.width, 3.4, 1e-9);
    ck_assert(appearance.narrow && appearance.theme == FIGURE_DARK &&
              appearance.format == FIGURE_SVG);
    appearance = (struct figure_appearance){0};
    ck_assert(figure_parse_size("12.7x5.08cm", &appearance, &err));
    ck_assert_double_eq_tol(appearance.width, 5, 1e-9);
    ck_assert_double_eq_tol(appearance.height, 2, 1e-9);
    appearance.dpi = 100;
    ck_assert(figure_parse_size("600x400px", &appearance, &err));
    ck_assert_double_eq_tol(appearance.width, 6, 1e-9);
    appearance.dpi = 300;
    ck_assert(figure_parse_size("slide", &appearance, &err));
    ck_assert_uint_eq(appearance.dpi, 300);
    static const char *const bad[] = {"",       "6x4",     "6in",     "x4in",    "6x-4in",
                                      "6x4in ", "nanx4in", "1e9x4in", "0.1x4in", "colum"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!figure_parse_size(bad[i], &appearance, &err) && err.code == ERR_USAGE,
                      "'%s' was taken", bad[i]);
}
END_TEST

/* ---- thinning ---- */

enum { MANY = 84300 };

START_TEST(thinning_keeps_what_is_seen)
{
    struct arena a;
    arena_init(&a);
    double *x = mem_array(MANY, sizeof *x), *y = mem_array(MANY, sizeof *y);
    for (int i = 0; i < MANY; i++) {
        x[i] = i;
        y[i] = sin(i / 5000.0) + 0.1 * ((i * 7919) % 101);
    }
    y[33333] = 99;
    y[50000] = -99;
    y[60000] = (double)NAN;
    struct curve whole = {.label = "c", .x = x, .y = y, .n = MANY}, thin = whole;
    figure_thin(&a, &thin, false);
    ck_assert_uint_le(thin.n, 5 * 1250 + 1);
    ck_assert_uint_eq(thin.of, MANY);
    bool gap = false, high = false, low = false;
    for (size_t i = 0; i < thin.n; i++) {
        ck_assert(i == 0 || thin.x[i] > thin.x[i - 1]);
        ck_assert(isnan(thin.y[i]) || thin.y[i] == y[(size_t)thin.x[i]]);
        gap |= isnan(thin.y[i]);
        high |= thin.y[i] > 98;
        low |= thin.y[i] < -98;
    }
    ck_assert(gap && high && low);
    ck_assert_double_eq(thin.x[thin.n - 1], MANY - 1);
    struct figure f = {.panel = &(struct axes){.curve = &thin, .curves = 1}, .panels = 1};
    struct strbuf b;
    strbuf_init(&b);
    layout_csv(&f, &b);
    ck_assert_ptr_nonnull(strstr(b.text, " of 84300 points),0,"));
    strbuf_fini(&b);
    struct curve few = {.x = x, .y = y, .n = 5000};
    figure_thin(&a, &few, false);
    ck_assert(few.n == 5000 && few.of == 0 && few.x == x);
    mem_free(x);
    mem_free(y);
    arena_fini(&a);
}
END_TEST

/* Of every column of pixels the thinned curve covers as much as the whole one. */
START_TEST(a_thinned_curve_looks_the_same)
{
    static const struct layout_rect plot = {0, 0, 1000, 600};
    struct arena a;
    arena_init(&a);
    double *x = mem_array(MANY, sizeof *x), *y = mem_array(MANY, sizeof *y);
    for (int i = 0; i < MANY; i++) {
        x[i] = i;
        y[i] = exp(-i / 20000.0) + 0.3 * sin(i * 1.7) * sin(i * 0.031);
    }
    struct curve c[2] = {{.x = x, .y = y, .n = MANY}, {.x = x, .y = y, .n = MANY}};
    figure_thin(&a, &c[1], false);
    static double low[2][1001], high[2][1001];
    struct axes axes = {.curve = c, .curves = 1};
    struct layout_scale sx, sy;
    ck_assert(layout_scales(&axes, &sx, &sy));
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < 1001; i++) {
            low[k][i] = 1e9;
            high[k][i] = -1e9;
        }
        struct layout_line line = layout_polyline(&axes, &c[k], &sx, &sy, plot);
        for (size_t i = 0; i < line.n; i++) {
            size_t column = (size_t)line.point[i].x;
            low[k][column] = fmin(low[k][column], line.point[i].y);
            high[k][column] = fmax(high[k][column], line.point[i].y);
        }
        layout_line_fini(&line);
    }
    double worst = 0;
    for (int i = 1; i < 999; i++) { /* neighbours: a part's end may fall into the next column */
        double l = fmin(low[1][i - 1], fmin(low[1][i], low[1][i + 1])),
               h = fmax(high[1][i - 1], fmax(high[1][i], high[1][i + 1]));
        worst = fmax(worst, fmax(l - low[0][i], high[0][i] - h));
    }
    ck_assert_double_lt(worst, 1);
    mem_free(x);
    mem_free(y);
    arena_fini(&a);
}
END_TEST

/* ---- the terminal ---- */

static char *page_of(const struct figure *f, struct figure_terminal t)
{
    struct strbuf b;
    strbuf_init(&b);
    figure_terminal(f, &t, &b);
    ck_assert(text_valid(b.text));
    return b.text;
}

static void check_lines(const char *s, size_t columns, bool ascii)
{
    size_t width = 0;
    for (; *s; s += text_sequence(s)) {
        ck_assert_msg(!ascii || (unsigned char)*s < 0x80, "not ASCII: %.20s", s);
        width = *s == '\n' ? 0 : width + 1;
        ck_assert_msg(width < columns, "a line of %zu columns: %.90s", width, s - width);
    }
}

START_TEST(a_falling_line_in_characters)
{
    const double x[] = {0, 10}, y[] = {10, 0}, range[] = {0, 10};
    struct curve c = {.x = x, .y = y, .n = 2};
    struct axes a = {.curve = &c, .curves = 1, .y_range = range};
    struct figure f = {.panel = &a, .panels = 1};
    char *page = page_of(&f, (struct figure_terminal){.columns = 40, .rows = 5, .ascii = true});
    ck_assert_str_eq(page, " 10+*******\n"
                           "   |      ********\n"
                           "  5+              *******\n"
                           "   |                     ********\n"
                           "  0+                            *******\n"
                           "   ++----------------+----------------+\n"
                           "    0                5               10\n");
    mem_free(page);
}
END_TEST

START_TEST(pages_are_narrow_enough)
{
    struct curve c[] = {
        some_curves[0], some_curves[1], {.label = "gone", .x = some_x, .y = some_y, .n = 0}};
    struct axes a = some_axes;
    static const char *const rows[] = {
        "one of many names that are much longer than there is room for", "二", "c"};
    struct axes strip = {.curve = c, .curves = 2, .row = rows, .rows = 3, .x_percent = true};
    struct axes log = {.curve = c,
                       .curves = 1,
                       .y_log = true,
                       .x_log = true,
                       .y_label = "×10⁻⁵",
                       .title = "title"};
    const double cells[] = {1, 2, (double)NAN, 4, 5, 6};
    struct heat_map heat = {.columns = 3,
                            .rows = 2,
                            .column = rows,
                            .row = rows,
                            .value = cells,
                            .best = 1,
                            .label = "l"};
    struct axes map = {.heat = &heat, .x_label = "x"}, empty = {0};
    a.curve = c;
    a.curves = 3;
    struct axes panel[] = {a, strip, log, map, empty};
    struct figure f = {
        .title =
            "学習率 and a title that is longer than any line of the page could ever be, or so it seems to us",
        .panel = panel,
        .panels = 5};
    for (unsigned columns = 40; columns < 130; columns += 7)
        for (int ascii = 0; ascii < 2; ascii++) {
            char *page = page_of(&f, (struct figure_terminal){.columns = columns, .ascii = ascii});
            check_lines(page, columns, ascii);
            ck_assert_ptr_nonnull(strstr(page, "no data"));
            ck_assert_ptr_nonnull(strstr(page, "second"));
            ck_assert_ptr_null(strstr(page, "gone"));
            mem_free(page);
        }
}
END_TEST

/* The axis of words has them, or numbers that a list explains. */
START_TEST(an_axis_has_its_own_ticks)
{
    const double tick[] = {1, 2, 3}, y[] = {1, 3, 2};
    const char *short_name[] = {"sgd", "adam", "lion"},
               *long_name[] = {"a name of many words that is long, lr 0.1",
                               "a name of many words that is long, lr 0.2",
                               "a name of many words that is long, lr 0.3"};
    struct curve c = {.x = tick, .y = y, .n = 3};
    struct axes a = {.x_label = "key",
                     .curve = &c,
                     .curves = 1,
                     .x_tick = tick,
                     .x_name = short_name,
                     .x_ticks = 3};
    struct figure f = {.panel = &a, .panels = 1};
    const struct figure_terminal t = {.columns = 50, .rows = 5, .ascii = true};
    char *page = page_of(&f, t);
    ck_assert_ptr_nonnull(strstr(page, "\n   sgd                  adam                 lion\n"));
    ck_assert_ptr_null(strstr(page, "1.5"));
    mem_free(page);
    a.x_name = long_name;
    page = page_of(&f, t);
    ck_assert_ptr_nonnull(strstr(page, "key\n   1  a name of many words that is long, lr 0.1\n"));
    ck_assert_ptr_nonnull(strstr(page, "\n   3  a name of many words that is long, lr 0.3\n"));
    mem_free(page);
}
END_TEST

/* Upright names of words are cut so that they differ, and are seen to be cut. */
START_TEST(upright_names_stay_apart)
{
    static const double tick[] = {1, 2, 3}, y[] = {1, 3, 2};
    static const char *const name[] = {
        "a folder of a name so long that it is cut in each and every picture of it, lr 0.1",
        "a folder of a name so long that it is cut in each and every picture of it, lr 0.2",
        "a folder of a name so long that it is cut in each and every picture of it, lr 0.3"};
    struct curve c = {.x = tick, .y = y, .n = 3, .points = true};
    struct axes a = {.curve = &c, .curves = 1, .x_tick = tick, .x_name = name, .x_ticks = 3};
    struct figure f = {.panel = &a, .panels = 1};
    char *svg = svg_of(&f, "p-");
    ck_assert_ptr_null(strstr(svg, "each and every picture"));
    ck_assert_ptr_nonnull(strstr(svg, "…"));
    ck_assert_ptr_nonnull(strstr(svg, "…0.1</text>"));
    ck_assert_ptr_nonnull(strstr(svg, "…0.2</text>"));
    ck_assert_ptr_nonnull(strstr(svg, "…0.3</text>"));
    mem_free(svg);
}
END_TEST

/* Names that would look alike where they are cut are numbered. */
START_TEST(cut_names_stay_apart)
{
    static const char *const row[] = {
        "one of many names that are much longer than there is room for, lr 0.1",
        "one of many names that are much longer than there is room for, lr 0.2"};
    const double cells[] = {1, 2, 3, 4}, x[] = {1, 2}, y[] = {1, 2};
    struct curve c = {.x = x, .y = y, .n = 2, .points = true};
    struct heat_map heat = {
        .columns = 2, .rows = 2, .column = row, .row = row, .value = cells, .best = 4};
    struct axes panel[] = {{.curve = &c, .curves = 1, .row = row, .rows = 2},
                           {.heat = &heat, .x_label = "across", .y_label = "down"}};
    struct figure f = {.panel = panel, .panels = 2};
    char *page = page_of(&f, (struct figure_terminal){.columns = 80, .ascii = true});
    ck_assert_ptr_nonnull(strstr(page, "  1+"));
    ck_assert_ptr_nonnull(strstr(page,
                                 "\n   1  one of many names that are much longer than there is "
                                 "room for, lr 0.2\n"));
    ck_assert_ptr_nonnull(strstr(page, "                1        3        4\n"
                                       "                2        1        2\n"
                                       "             down        1        2\n"));
    ck_assert_ptr_nonnull(strstr(page,
                                 "\n  across\n   1  one of many names that are much longer than "
                                 "there is room for, lr 0.1\n"));
    mem_free(page);
}
END_TEST

/* What finds no room stands below; a number has its exponent. */
START_TEST(a_heat_map_shows_all_its_cells)
{
    static const char *const name[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    const double cells[] = {0.00001234, 1234567, 0.5, 4, 5, 6, 7, 1e-100};
    struct heat_map heat = {
        .columns = 8, .rows = 1, .column = name, .row = name, .value = cells, .best = 7};
    struct axes a = {.heat = &heat};
    struct figure f = {.panel = &a, .panels = 1};
    char *page = page_of(&f, (struct figure_terminal){.columns = 50, .ascii = true});
    ck_assert_str_eq(page, "\n                a 1.23e-05 1.23e+06      0.5\n"
                           "                         a        b        c\n"
                           "\n                a        4        5        6\n"
                           "                         d        e        f\n"
                           "\n                a        7   1e-100*\n"
                           "                         g        h\n");
    mem_free(page);
}
END_TEST

START_TEST(every_curve_has_its_letter)
{
    struct curve c[12];
    double y[12][4];
    char name[12][8];
    for (int k = 0; k < 12; k++) {
        for (int i = 0; i < 4; i++)
            y[k][i] = 5 * k + i;
        snprintf(name[k], sizeof name[k], "run %d", k);
        c[k] = (struct curve){.label = name[k], .x = some_x, .y = y[k], .n = 4, .style = k};
    }
    struct axes a = {.curve = c, .curves = 12};
    struct figure f = {.panel = &a, .panels = 1};
    char *page = page_of(&f, (struct figure_terminal){0});
    for (int k = 0; k < 12; k++) {
        size_t seen = 0;
        for (const char *s = page; *s; s++)
            seen += *s == 'a' + k;
        ck_assert_msg(seen >= 2, "curve %d is not marked", k); /* on the curve and in the legend */
    }
    mem_free(page);
    page = page_of(&f, (struct figure_terminal){.colour = true});
    ck_assert_ptr_nonnull(strstr(page, "\033[34m"));
    ck_assert_ptr_nonnull(strstr(page, "\033[0m"));
    mem_free(page);
}
END_TEST

/* The letter is a curve's in all panels of one legend, though it has no points in some of them. */
START_TEST(a_letter_is_one_curve_s_in_all_panels)
{
    static const double up[] = {1, 2, 3, 4}, level[] = {2, 2, 2, 2};
    const struct curve both[] = {{.label = "first", .x = up, .y = up, .n = 4},
                                 {.label = "second", .x = up, .y = level, .n = 4}},
                       later[] = {{.label = "first"},
                                  {.label = "second", .x = up, .y = level, .n = 4}};
    const struct axes panel[] = {{.curve = later, .curves = 2}, {.curve = both, .curves = 2}};
    struct figure f = {.panel = panel, .panels = 2, .shared_legend = true};
    for (int ascii = 0; ascii < 2; ascii++) {
        char *page = page_of(&f, (struct figure_terminal){.columns = 60, .ascii = ascii});
        const char *second = strstr(page, "  b  second\n");
        ck_assert_ptr_nonnull(second);
        ck_assert_ptr_nonnull(strstr(second + 1, "  a  first\n  b  second\n"));
        ck_assert_ptr_null(strstr(page, "*"));
        mem_free(page);
    }
    f.shared_legend = false; /* each has its own */
    char *page = page_of(&f, (struct figure_terminal){.columns = 60});
    ck_assert_ptr_nonnull(strstr(page, "  -  second\n"));
    mem_free(page);
}
END_TEST

void add_format_cases(Suite *suite)
{
    static const TTest *const *const cases[] = {
        &an_svg_is_well_formed,        &the_words_of_an_svg_are_text,
        &ids_are_the_page_s,           &an_svg_carries_its_texts,
        &a_cut_svg_is_refused,         &a_pdf_has_no_date_and_no_texts,
        &names_tell_formats,           &sizes_are_read,
        &thinning_keeps_what_is_seen,  &a_thinned_curve_looks_the_same,
        &a_falling_line_in_characters, &pages_are_narrow_enough,
        &every_curve_has_its_letter,   &a_letter_is_one_curve_s_in_all_panels,
        &an_axis_has_its_own_ticks,    &upright_names_stay_apart,
        &cut_names_stay_apart,         &a_heat_map_shows_all_its_cells};
    TCase *tcase = tcase_create("formats");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tcase_add_test(tcase, *cases[i]);
    suite_add_tcase(suite, tcase);
}
