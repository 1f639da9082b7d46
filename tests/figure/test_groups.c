/* The layout of what shows groups: bands, rows, shared legends, heat maps. */
#include "cases.h"
#include "figure/layout/layout.h"
#include "util/strbuf.h"
#include <math.h>

static const struct layout_rect plot = {100, 50, 400, 300};
static const double nan_value = (double)NAN;

static const double x[] = {0, 1, 2, 3}, y[] = {2, 2, 2, 2}, low[] = {1, 1, 0, 1},
                    high[] = {3, 5, 4, 3};

START_TEST(a_band_is_a_closed_polygon)
{
    struct curve c = {.x = x, .y = y, .n = 4, .low = low, .high = high};
    struct axes a = {.curve = &c, .curves = 1};
    struct layout_scale sx, sy;
    ck_assert(layout_scales(&a, &sx, &sy));
    ck_assert_double_le(sy.lo, 0);
    ck_assert_double_ge(sy.hi, 5);
    struct layout_line band = layout_band(&a, &c, &sx, &sy, plot);
    ck_assert_uint_eq(band.n, 8);
    for (size_t i = 0; i < 8; i++) {
        size_t at = i < 4 ? i : 7 - i;
        ck_assert(band.point[i].move == (i == 0));
        ck_assert_double_eq_tol(band.point[i].x, layout_map(&sx, x[at], 100, 500), 1e-9);
        ck_assert_double_eq_tol(band.point[i].y,
                                layout_map(&sy, i < 4 ? high[at] : low[at], 350, 50), 1e-9);
    }
    layout_line_fini(&band);
}
END_TEST

START_TEST(gaps_part_a_band)
{
    const double holes[] = {3, nan_value, 4, 3};
    struct curve c = {.x = x, .y = y, .n = 4, .low = low, .high = holes};
    struct axes a = {.curve = &c, .curves = 1};
    struct layout_scale sx = {0, 3, false}, sy = {0, 5, false};
    struct layout_line band = layout_band(&a, &c, &sx, &sy, plot);
    ck_assert_uint_eq(band.n, 6);
    ck_assert(band.point[0].move && !band.point[1].move && band.point[2].move &&
              !band.point[3].move);
    layout_line_fini(&band);
}
END_TEST

START_TEST(a_band_down_to_zero_ends_at_the_frame_of_a_log_axis)
{
    struct curve c = {.x = x, .y = y, .n = 4, .low = low, .high = high};
    struct axes a = {.curve = &c, .curves = 1, .y_log = true};
    struct layout_scale sx, sy;
    ck_assert(layout_scales(&a, &sx, &sy));
    ck_assert_double_gt(sy.lo, 0.5);
    struct layout_line band = layout_band(&a, &c, &sx, &sy, plot);
    ck_assert_uint_eq(band.n, 8);
    ck_assert_double_eq_tol(band.point[5].y, 350, 1e-9);
    layout_line_fini(&band);
}
END_TEST

START_TEST(chosen_ranges_are_the_scales)
{
    const double ys[] = {1, 2, 50, 60}, x_range[] = {0, 1}, y_range[] = {-1, 7};
    struct curve c = {.x = x, .y = ys, .n = 4};
    struct axes a = {.curve = &c, .curves = 1, .x_range = x_range};
    struct layout_scale sx, sy;
    ck_assert(layout_scales(&a, &sx, &sy));
    ck_assert_double_eq(sx.hi, 1);
    ck_assert_double_lt(sy.hi, 3); /* what is not shown does not count */
    a.y_range = y_range;
    ck_assert(layout_scales(&a, &sx, &sy));
    ck_assert_double_eq(sy.lo, -1);
    ck_assert_double_eq(sy.hi, 7);
}
END_TEST

START_TEST(rows_are_whole_steps_of_y)
{
    const char *const row[] = {"a", "b", "c"};
    struct curve c = {.x = x, .y = y, .n = 1};
    struct axes a = {.curve = &c, .curves = 1, .row = row, .rows = 3};
    struct layout_scale sx, sy;
    ck_assert(layout_scales(&a, &sx, &sy));
    ck_assert_double_eq_tol(layout_map(&sy, 2, 350, 50), 200, 1e-9);
    ck_assert_double_eq_tol(layout_map(&sy, 1, 350, 50), 300, 1e-9);
}
END_TEST

START_TEST(legends_flow_evenly)
{
    ck_assert_uint_eq(layout_flow(0, 100, 1000), 1);
    ck_assert_uint_eq(layout_flow(3, 100, 1000), 3);
    ck_assert_uint_eq(layout_flow(12, 100, 1000), 6); /* two rows of six, not ten and two */
    ck_assert_uint_eq(layout_flow(13, 300, 1000), 3);
    ck_assert_uint_eq(layout_flow(5, 2000, 1000), 1);
}
END_TEST

static const char *const names[] = {"1", "2", "3"};
static const double values[] = {0.5, 0.25, nan_value, 0.75, 0, 0.125};
static const struct heat_map heat = {
    .columns = 3, .rows = 2, .column = names, .row = names, .value = values, .best = 3};

START_TEST(cells_fill_the_plot)
{
    double area = 0;
    for (size_t row = 0; row < 2; row++)
        for (size_t column = 0; column < 3; column++) {
            struct layout_rect r = layout_cell(&heat, plot, row, column);
            area += r.w * r.h;
            ck_assert(r.x >= plot.x && r.x + r.w <= plot.x + plot.w + 1e-9);
            ck_assert(r.y >= plot.y - 1e-9 && r.y + r.h <= plot.y + plot.h + 1e-9);
        }
    ck_assert_double_eq_tol(area, 400 * 300, 1e-6);
    struct layout_rect first = layout_cell(&heat, plot, 0, 0);
    ck_assert_double_eq_tol(first.y, 200, 1e-9); /* row 0 is the lowest */
}
END_TEST

START_TEST(colours_span_the_values)
{
    const double range[] = {0.1, 0.2};
    struct heat_map h = heat;
    struct layout_scale s;
    ck_assert(layout_heat_scale(&h, false, &s));
    ck_assert_double_eq(s.lo, 0);
    ck_assert_double_eq(s.hi, 0.75);
    h.log = true; /* 0 has no place there */
    ck_assert(layout_heat_scale(&h, false, &s));
    ck_assert_double_eq(s.lo, 0.125);
    h.range = range;
    ck_assert(layout_heat_scale(&h, false, &s));
    ck_assert_double_eq(s.hi, 0.2);
    h = (struct heat_map){.columns = 1, .rows = 1, .value = &values[2]};
    ck_assert(!layout_heat_scale(&h, false, &s));
    ck_assert_double_lt(s.lo, s.hi);
}
END_TEST

/* Room around a single value does not make shares of more than all. */
START_TEST(colours_of_shares_end_at_100)
{
    const double all[] = {1, 1, nan_value};
    struct heat_map h = {.columns = 3, .rows = 1, .value = all};
    struct layout_scale s;
    for (int log = 0; log < 2; log++) {
        h.log = log == 1;
        ck_assert(layout_heat_scale(&h, true, &s));
        ck_assert_double_eq(s.hi, 1);
        ck_assert_double_lt(s.lo, 1);
        ck_assert(layout_heat_scale(&h, false, &s));
        ck_assert_double_gt(s.hi, 1);
    }
}
END_TEST

START_TEST(bands_and_cells_are_data)
{
    const double along[] = {8, 16, 32};
    struct heat_map h = heat;
    struct curve c = {.name = "raw", .x = x, .y = y, .n = 1, .low = low, .high = high};
    h.x = along;
    struct axes a[] = {{.curve = &c, .curves = 1}, {.heat = &h}};
    struct figure f = {.panel = a, .panels = 2};
    struct strbuf b;
    strbuf_init(&b);
    layout_csv(&f, &b);
    ck_assert_str_eq(b.text,
                     "panel,curve,x,y\n1,raw,0,2\n1,\"raw, low\",0,1\n1,\"raw, high\",0,3\n"
                     "2,1,8,0.5\n2,1,16,0.25\n2,1,32,nan\n2,2,8,0.75\n2,2,16,0\n2,2,32,0.125\n");
    strbuf_fini(&b);
}
END_TEST

void add_group_cases(Suite *suite)
{
    static const TTest *const *const cases[] = {
        &a_band_is_a_closed_polygon,
        &gaps_part_a_band,
        &a_band_down_to_zero_ends_at_the_frame_of_a_log_axis,
        &chosen_ranges_are_the_scales,
        &rows_are_whole_steps_of_y,
        &legends_flow_evenly,
        &cells_fill_the_plot,
        &colours_span_the_values,
        &colours_of_shares_end_at_100,
        &bands_and_cells_are_data};
    TCase *tcase = tcase_create("groups");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tcase_add_test(tcase, *cases[i]);
    suite_add_tcase(suite, tcase);
}
