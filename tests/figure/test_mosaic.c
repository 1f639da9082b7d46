/* Mosaics of small pictures, and the values on contour lines, as data. */
#include "cases.h"
#include "figure/draw/draw.h"
#include "figure/draw/mosaic_draw.h"
#include "figure/layout/contour.h"
#include <math.h>
#include <string.h>

static const float none[4];

static struct mosaic mosaic_of(size_t n, size_t columns)
{
    return (struct mosaic){.n = n,
                           .columns = columns,
                           .width = 28,
                           .height = 20,
                           .value = none,
                           .low = -1,
                           .high = 1,
                           .diverging = true};
}

static bool within(struct layout_rect r, struct layout_rect room)
{
    return r.x >= room.x - 1 && r.y >= room.y && r.x + r.w <= room.x + room.w + 1 &&
           r.y + r.h <= room.y + room.h + 1;
}

START_TEST(pictures_keep_apart)
{
    const struct layout_rect room = {30, 40, 1000, 500};
    struct mosaic m = mosaic_of(37, 10);
    for (size_t i = 0; i < m.n; i++) {
        struct layout_rect r = mosaic_place(&m, room, 20, i);
        ck_assert(within(r, room));
        ck_assert_double_eq_tol(fmod(r.w, 28), 0,
                                1e-9); /* whole pixels: no two columns of another width */
        ck_assert_double_eq_tol(r.w / 28, r.h / 20, 1e-9);
        for (size_t k = 0; k < i; k++) {
            struct layout_rect s = mosaic_place(&m, room, 20, k);
            ck_assert(s.x + s.w < r.x || r.x + r.w < s.x || s.y + s.h + 20 <= r.y);
        }
    }
}
END_TEST

START_TEST(pictures_in_little_room)
{
    const struct layout_rect room = {0, 0, 60, 30};
    struct mosaic m = mosaic_of(12, 6);
    for (size_t i = 0; i < m.n; i++)
        ck_assert(within(mosaic_place(&m, room, 0, i), room));
}
END_TEST

static unsigned colour(const struct mosaic *m, double value)
{
    return mosaic_colour(m, value, 0xFFFFFF, 0x222222);
}

START_TEST(colours_about_zero)
{
    struct mosaic m = mosaic_of(1, 1);
    unsigned low = colour(&m, -1), middle = colour(&m, 0), high = colour(&m, 1);
    ck_assert_uint_gt(low & 255, low >> 16);   /* blue */
    ck_assert_uint_gt(high >> 16, high & 255); /* red */
    ck_assert_uint_eq(middle >> 16, middle & 255);
    ck_assert_uint_eq(colour(&m, -9), low);
    ck_assert_uint_eq(colour(&m, 9), high);
    ck_assert_uint_gt(middle & 255, 240);
    ck_assert_uint_lt(mosaic_colour(&m, 0, 0x15181C, 0xE8E8E8) & 255,
                      40); /* on dark paper the middle is dark, too */
    ck_assert_uint_gt(mosaic_colour(&m, -1, 0x15181C, 0xE8E8E8) & 255, 240);
    m.diverging = false;
    ck_assert_uint_eq(colour(&m, -1), 0xFFFFFF);
    ck_assert_uint_eq(colour(&m, 1), 0x222222);
}
END_TEST

START_TEST(size_follows_the_pictures)
{
    struct mosaic small = mosaic_of(20, 10), large = mosaic_of(400, 20);
    unsigned w, h, wide, high;
    mosaic_size(&small, 4, &w, &h);
    mosaic_size(&large, 4, &wide, &high);
    ck_assert(w < wide && h < high && wide <= 4000 && high <= 4000);
}
END_TEST

/* A figure of a mosaic with all that one can have. */
struct whole {
    float value[6 * 4];
    struct mosaic mosaic;
    struct axes panel;
    struct figure figure;
};

static void make_whole(struct whole *w, enum figure_theme theme)
{
    static const char *const captions[] = {"c0", "c1", "c2", "c3", "c4", "c5"}, *const rows[] = {
                                                                                    "r0", "r1"};
    *w = (struct whole){.mosaic = {.n = 6,
                                   .columns = 3,
                                   .width = 2,
                                   .height = 2,
                                   .low = -1,
                                   .high = 1,
                                   .diverging = true,
                                   .caption = captions,
                                   .row = rows,
                                   .label = "weight"}};
    for (size_t i = 0; i < 24; i++)
        w->value[i] = (float)i / 12 - 1;
    w->mosaic.value = w->value;
    w->panel = (struct axes){.title = "note", .mosaic = &w->mosaic};
    w->figure = (struct figure){.title = "title",
                                .panel = &w->panel,
                                .panels = 1,
                                .columns = 1,
                                .appearance = {.theme = theme}};
}

/* Nothing of the axes that it has not, and nothing cut. */
START_TEST(only_its_own_texts)
{
    static struct drawn box[DRAWN_MAX];
    static const char *const wanted[] = {"title", "note", "r0",  "r1",  "c0",     "c1",
                                         "c2",    "c3",   "c4",  "c5",  "weight", "0",
                                         "1.0",   "−1.0", "0.5", "−0.5"};
    struct whole w;
    struct arena a;
    double width, height;
    arena_init(&a);
    make_whole(&w, FIGURE_LIGHT);
    size_t n = draw_measure(&w.figure, &a, box, &width, &height), found = 0;
    for (size_t i = 0; i < n; i++) {
        bool known = false;
        ck_assert(box[i].x >= 0 && box[i].y >= 0 && box[i].x + box[i].w <= width &&
                  box[i].y + box[i].h <= height);
        for (size_t k = 0; box[i].text && k < sizeof wanted / sizeof wanted[0]; k++)
            known |= strcmp(box[i].text, wanted[k]) == 0;
        ck_assert_msg(known, "drawn: %s", box[i].text ? box[i].text : "a frame");
        found += box[i].text[0] == 'r' || box[i].text[0] == 'c';
    }
    ck_assert_uint_eq(found, 8);
    arena_fini(&a);
}
END_TEST

START_TEST(wide_numbers_leave_room_for_the_label)
{
    static struct drawn box[DRAWN_MAX];
    struct whole w;
    struct arena a;
    double width, height;
    arena_init(&a);
    make_whole(&w, FIGURE_LIGHT);
    w.mosaic.low = -2.1e8;
    w.mosaic.high = 2.1e8;
    size_t n = draw_measure(&w.figure, &a, box, &width, &height), found = 0;
    for (size_t i = 0; i < n; i++) {
        found += box[i].text && strcmp(box[i].text, "weight") == 0;
        ck_assert_double_le(box[i].x + box[i].w, width);
    }
    ck_assert_uint_eq(found, 1);
    arena_fini(&a);
}
END_TEST

static size_t count(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *s = text; (s = strstr(s, part)) != NULL; s++)
        n++;
    return n;
}

/* Images in a page of several figures: ids of their own, the same whatever was drawn before; pixels
 * that stay sharp. */
START_TEST(vectors_hold_images)
{
    for (int theme = FIGURE_LIGHT; theme <= FIGURE_DARK; theme++) {
        struct whole w;
        struct strbuf b, again;
        struct error err;
        strbuf_init(&b);
        strbuf_init(&again);
        make_whole(&w, (enum figure_theme)theme);
        ck_assert(figure_svg(&w.figure, "a-", true, &b, &err) &&
                  figure_svg(&w.figure, "a-", true, &again, &err));
        ck_assert_str_eq(b.text, again.text);
        ck_assert_uint_eq(count(b.text, "<image "), 6);
        ck_assert_uint_eq(count(b.text, "image-rendering:pixelated"), 1);
        ck_assert_uint_le(b.length, 90000);
        ck_assert_uint_eq(count(b.text, "href=\"#a-"), count(b.text, "href=\"#"));
        strbuf_fini(&b);
        strbuf_fini(&again);
    }
}
END_TEST

START_TEST(values_keep_off)
{
    enum { N = 11 };
    double value[N * N];
    const struct layout_scale unit = {-1, 1, false};
    const struct contour_frame frame = {&unit, &unit, {0, 0, 300, 300}};
    for (size_t i = 0; i < N * N; i++)
        value[i] = hypot((double)(i % N) - 5, (double)(i / N) - 5) / 5;
    struct contours c = {
        .columns = N, .rows = N, .x0 = -1, .x1 = 1, .y0 = -1, .y1 = 1, .value = value};
    struct layout_line line = contour_lines(&c, 0.6, &frame);
    const struct contour_label taken[] = {{.x = 150 - 90, .y = 150}};
    struct contour_label at;
    ck_assert(contour_label_place(&line, frame.plot, taken, 1, 20, &at));
    ck_assert_double_eq_tol(hypot(at.x - 150, at.y - 150), 90, 4); /* on the circle */
    ck_assert_double_gt(hypot(at.x - taken[0].x, at.y - taken[0].y), 90);
    ck_assert_double_le(fabs(at.angle), acos(-1) / 2 + 1e-9);
    ck_assert(!contour_label_place(&line, frame.plot, taken, 1, 400,
                                   &at)); /* no place is as free as that */
    layout_line_fini(&line);
}
END_TEST

static bool has_text(const struct drawn *box, size_t n, const char *text)
{
    for (size_t i = 0; i < n; i++)
        if (box[i].text && strcmp(box[i].text, text) == 0)
            return true;
    return false;
}

/* As many digits on the lines as tell them apart; none where no number would. */
START_TEST(values_tell_apart)
{
    enum { N = 5 };
    static struct drawn box[DRAWN_MAX];
    static double value[N * N];
    double level[] = {2.3026, 2.3028}, width, height;
    struct arena a;
    for (size_t i = 0; i < N * N; i++)
        value[i] = 2.3025 + 0.0001 * (double)(i % N);
    struct contours c = {.columns = N,
                         .rows = N,
                         .x0 = -1,
                         .x1 = 1,
                         .y0 = -1,
                         .y1 = 1,
                         .value = value,
                         .level = level,
                         .levels = 2,
                         .labelled = true};
    static const double range[] = {-1, 1};
    struct axes axes = {.contours = &c, .x_range = range, .y_range = range};
    const struct figure f = {.panel = &axes, .panels = 1, .width = 800, .height = 600};
    arena_init(&a);
    size_t n = draw_measure(&f, &a, box, &width, &height);
    ck_assert(has_text(box, n, "2.3026") && has_text(box, n, "2.3028"));
    for (size_t i = 0; i < N * N; i++)
        value[i] = 1e12 + (double)(i % N);
    level[0] = 1e12 + 1;
    level[1] = 1e12 + 3;
    n = draw_measure(&f, &a, box, &width, &height);
    ck_assert(!has_text(box, n, "10¹²"));
    arena_fini(&a);
}
END_TEST

void add_mosaic_cases(Suite *suite)
{
    TCase *t = tcase_create("mosaic");
    tcase_add_test(t, pictures_keep_apart);
    tcase_add_test(t, pictures_in_little_room);
    tcase_add_test(t, colours_about_zero);
    tcase_add_test(t, size_follows_the_pictures);
    tcase_add_test(t, only_its_own_texts);
    tcase_add_test(t, wide_numbers_leave_room_for_the_label);
    tcase_add_test(t, vectors_hold_images);
    tcase_add_test(t, values_keep_off);
    tcase_add_test(t, values_tell_apart);
    suite_add_tcase(suite, t);
}
