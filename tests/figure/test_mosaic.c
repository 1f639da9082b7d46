/* Mosaics of small pictures, and the values on contour lines, as data. */
#include "cases.h"
#include "figure/contour.h"
#include "figure/mosaic_draw.h"
#include <math.h>

static const float none[4];

static struct mosaic mosaic_of(size_t n, size_t columns)
{
    return (struct mosaic){.n = n, .columns = columns, .width = 28, .height = 20, .value = none, .low = -1, .high = 1, .diverging = true};
}

static bool within(struct layout_rect r, struct layout_rect room)
{
    return r.x >= room.x - 1 && r.y >= room.y && r.x + r.w <= room.x + room.w + 1 && r.y + r.h <= room.y + room.h + 1;
}

START_TEST(pictures_keep_apart)
{
    const struct layout_rect room = {30, 40, 1000, 500};
    struct mosaic m = mosaic_of(37, 10);
    for (size_t i = 0; i < m.n; i++) {
        struct layout_rect r = mosaic_place(&m, room, 20, i);
        ck_assert(within(r, room));
        ck_assert_double_eq_tol(fmod(r.w, 28), 0, 1e-9); /* whole pixels: no two columns of another width */
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

START_TEST(values_keep_off)
{
    enum { N = 11 };
    double value[N * N];
    const struct layout_scale unit = {-1, 1, false};
    const struct contour_frame frame = {&unit, &unit, {0, 0, 300, 300}};
    for (size_t i = 0; i < N * N; i++)
        value[i] = hypot((double)(i % N) - 5, (double)(i / N) - 5) / 5;
    struct contours c = {.columns = N, .rows = N, .x0 = -1, .x1 = 1, .y0 = -1, .y1 = 1, .value = value};
    struct layout_line line = contour_lines(&c, 0.6, &frame);
    const struct layout_point taken[] = {{.x = 150 - 90, .y = 150}};
    struct layout_point at;
    double angle;
    ck_assert(contour_label_place(&line, frame.plot, taken, 1, 20, &at, &angle));
    ck_assert_double_eq_tol(hypot(at.x - 150, at.y - 150), 90, 4); /* on the circle */
    ck_assert_double_gt(hypot(at.x - taken[0].x, at.y - taken[0].y), 90);
    ck_assert_double_le(fabs(angle), acos(-1) / 2 + 1e-9);
    ck_assert(!contour_label_place(&line, frame.plot, taken, 1, 400, &at, &angle)); /* no place is as free as that */
    layout_line_fini(&line);
}
END_TEST

void add_mosaic_cases(Suite *suite)
{
    TCase *t = tcase_create("mosaic");
    tcase_add_test(t, pictures_keep_apart);
    tcase_add_test(t, pictures_in_little_room);
    tcase_add_test(t, colours_about_zero);
    tcase_add_test(t, size_follows_the_pictures);
    tcase_add_test(t, values_keep_off);
    suite_add_tcase(suite, t);
}
