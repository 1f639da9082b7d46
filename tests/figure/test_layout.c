/* The layout: what stands where, without a font or a surface. */
#include "cases.h"
#include "figure/draw/text.h"
#include "figure/layout/layout.h"
#include "util/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct layout_rect plot = {100, 50, 400, 300};

/* The labels of the labelled ticks, separated by blanks. */
static const char *labels(double lo, double hi, bool log, size_t target, bool percent)
{
    static char text[4096];
    struct layout_scale s = {lo, hi, log};
    struct layout_ticks t;
    layout_ticks(&s, target, percent, &t);
    text[0] = '\0';
    for (size_t i = 0; i < t.n; i++) {
        ck_assert_msg(t.tick[i].value >= lo - fabs(lo) * 1e-9, "tick below the scale");
        ck_assert_msg(t.tick[i].value <= hi + fabs(hi) * 1e-9, "tick above the scale");
        if (i > 0)
            ck_assert_double_gt(t.tick[i].value, t.tick[i - 1].value);
        if (t.tick[i].label[0] && text[0])
            strcat(text, " ");
        strcat(text, t.tick[i].label);
    }
    return text;
}

/* ---- ticks ---- */

START_TEST(linear_steps_are_1_2_5)
{
    ck_assert_str_eq(labels(0, 10, false, 10, false), "0 1 2 3 4 5 6 7 8 9 10");
    ck_assert_str_eq(labels(0, 60, false, 7, false), "0 10 20 30 40 50 60");
    ck_assert_str_eq(labels(0, 60, false, 4, false), "0 20 40 60");
    ck_assert_str_eq(labels(3, 97, false, 3, false), "20 40 60 80"); /* 50 alone says nothing */
    ck_assert_str_eq(labels(17, 800, true, 2, false), "20 50 100 200 500");
    ck_assert_str_eq(labels(3, 97, false, 5, false), "20 40 60 80");
}
END_TEST

START_TEST(decimals_follow_the_step)
{
    ck_assert_str_eq(labels(0, 1, false, 5, false), "0 0.2 0.4 0.6 0.8 1.0");
    ck_assert_str_eq(labels(0.101, 0.109, false, 4, false), "0.102 0.104 0.106 0.108");
    ck_assert_str_eq(labels(-1, 1, false, 4, false), "−1.0 −0.5 0 0.5 1.0");
}
END_TEST

START_TEST(tick_values_are_the_decimals_they_show)
{
    struct layout_scale s = {0, 1, false};
    struct layout_ticks t;
    layout_ticks(&s, 10, false, &t);
    ck_assert_uint_eq(t.n, 11);
    ck_assert_double_eq(t.tick[3].value, 0.3);
    ck_assert_double_eq(t.tick[7].value, 0.7);
}
END_TEST

START_TEST(large_and_small_numbers_have_powers)
{
    ck_assert_str_eq(labels(0, 4e6, false, 4, false), "0 1×10⁶ 2×10⁶ 3×10⁶ 4×10⁶");
    ck_assert_str_eq(labels(0, 2e-5, false, 4, false), "0 0.5×10⁻⁵ 1.0×10⁻⁵ 1.5×10⁻⁵ 2.0×10⁻⁵");
    ck_assert_str_eq(labels(0, 50000, false, 5, false), "0 10000 20000 30000 40000 50000");
}
END_TEST

START_TEST(percentages)
{
    ck_assert_str_eq(labels(0, 1, false, 5, true), "0% 20% 40% 60% 80% 100%");
    ck_assert_str_eq(labels(0.97, 0.98, false, 5, true), "97.0% 97.2% 97.4% 97.6% 97.8% 98.0%");
    ck_assert_str_eq(labels(0.001, 1, true, 5, true), "0.1% 1% 10% 100%");
}
END_TEST

START_TEST(no_logarithmic_scale_begins_at_0)
{
    static const double x[] = {1, 2}, y[] = {0.1, 0.2}, range[] = {0, 1};
    const struct curve c = {.x = x, .y = y, .n = 2};
    const struct axes a = {.curve = &c, .curves = 1, .y_log = true, .y_range = range};
    const struct heat_map h = {.columns = 2, .rows = 1, .value = y, .log = true, .range = range};
    struct layout_scale across, up;
    struct layout_ticks t;
    ck_assert(layout_scales(&a, &across, &up));
    ck_assert(up.lo > 0 && up.lo < 0.1 && up.hi > 0.2);
    ck_assert(layout_heat_scale(&h, false, &up));
    ck_assert(up.lo > 0);
    layout_ticks(&(struct layout_scale){0, 1, true}, 5, false, &t);
    ck_assert_uint_le(t.n, LAYOUT_TICKS);
}
END_TEST

START_TEST(log_decades)
{
    ck_assert_str_eq(labels(1e-3, 1e2, true, 6, false), "0.001 0.01 0.1 1 10 100");
    ck_assert_str_eq(labels(1e-8, 1e-5, true, 4, false), "10⁻⁸ 10⁻⁷ 10⁻⁶ 10⁻⁵");
    ck_assert_str_eq(labels(1e-20, 1e10, true, 6, false), "10⁻²⁰ 10⁻¹⁵ 10⁻¹⁰ 10⁻⁵ 10⁰ 10⁵ 10¹⁰");
}
END_TEST

START_TEST(log_with_few_decades_has_2_and_5)
{
    ck_assert_str_eq(labels(0.1, 10, true, 6, false), "0.1 0.2 0.5 1 2 5 10");
    ck_assert_str_eq(labels(1e-7, 1e-6, true, 6, false), "10⁻⁷ 2×10⁻⁷ 5×10⁻⁷ 10⁻⁶");
    ck_assert_str_eq(labels(0.3, 0.7, true, 4, false), "0.3 0.4 0.5 0.6 0.7");
}
END_TEST

static void is_written(double v, const char *text)
{
    char number[LAYOUT_LABEL];
    layout_number(v, 3, number);
    ck_assert_str_eq(number, text);
}

static void is_written_in(int digits, double v, const char *text)
{
    char number[LAYOUT_LABEL];
    layout_number(v, digits, number);
    ck_assert_str_eq(number, text);
}

START_TEST(numbers_are_written_as_ticks)
{
    is_written(0, "0");
    is_written(1, "1");
    is_written(0.5, "0.5");
    is_written(-0.25, "−0.25");
    is_written(1700, "1700");
    is_written(54321, "54300");
    is_written(99.96, "100");
    is_written(0.00012, "0.00012");
    is_written(999999, "10⁶");
    is_written_in(5, 54321, "54321");
    is_written_in(6, 2.30125, "2.30125");
    is_written_in(6, 2.3, "2.3");
    is_written_in(8, -1234567.8, "−1.2345678×10⁶");
    is_written_in(4, 99.996, "100");
    is_written(2e-7, "2×10⁻⁷");
    is_written(1e-5, "10⁻⁵");
    is_written(-1.5e9, "−1.5×10⁹");
    is_written(-1e300, "−1×10³⁰⁰");
}
END_TEST

START_TEST(log_minor_ticks_between_decades)
{
    struct layout_scale s = {1, 1e4, true};
    struct layout_ticks t;
    layout_ticks(&s, 4, false, &t);
    ck_assert_uint_eq(t.n, 4 * 9 + 1);
    ck_assert_str_eq(t.tick[0].label, "1");
    ck_assert_str_eq(t.tick[1].label, "");
    ck_assert_double_eq_tol(t.tick[1].value, 2, 1e-12);
}
END_TEST

START_TEST(extreme_scales_have_ticks)
{
    ck_assert_str_ne(labels(-1e300, 1e300, false, 8, false), "");
    ck_assert_str_ne(labels(1e-300, 1e300, true, 8, false), "");
    ck_assert_str_ne(labels(0, 1e-300, false, 8, false), "");
    ck_assert_str_ne(labels(1e9, 1e9 + 2, false, 8, false), "");
}
END_TEST

/* ---- scales ---- */

static bool scales(struct curve c, bool log, bool percent, struct layout_scale *sx,
                   struct layout_scale *sy)
{
    struct axes a = {.y_log = log, .y_percent = percent, .curve = &c, .curves = 1};
    return layout_scales(&a, sx, sy);
}

START_TEST(scales_hold_the_data)
{
    const double x[] = {1, 2, 5}, y[] = {20, 30, 25};
    struct layout_scale sx, sy;
    ck_assert(scales((struct curve){.x = x, .y = y, .n = 3}, false, false, &sx, &sy));
    ck_assert_double_eq(sx.lo, 1);
    ck_assert_double_eq(sx.hi, 5);
    ck_assert_double_eq_tol(sy.lo, 19.6, 1e-12);
    ck_assert_double_eq_tol(sy.hi, 30.4, 1e-12);
}
END_TEST

START_TEST(scales_near_zero_start_at_zero)
{
    const double x[] = {0, 1}, y[] = {0.01, 1};
    struct layout_scale sx, sy;
    ck_assert(scales((struct curve){.x = x, .y = y, .n = 2}, false, false, &sx, &sy));
    ck_assert_double_eq(sy.lo, 0);
}
END_TEST

START_TEST(percentages_end_at_100)
{
    const double x[] = {0, 1}, y[] = {0.5, 0.999};
    struct layout_scale sx, sy;
    ck_assert(scales((struct curve){.x = x, .y = y, .n = 2}, false, true, &sx, &sy));
    ck_assert_double_eq(sy.hi, 1);
}
END_TEST

START_TEST(scales_skip_gaps)
{
    const double x[] = {0, 1, 2, 3, 4}, y[] = {(double)NAN, 10, 12, (double)INFINITY, -5};
    struct layout_scale sx, sy;
    ck_assert(scales((struct curve){.x = x, .y = y, .n = 5}, true, false, &sx, &sy));
    ck_assert_double_eq(sx.lo, 1);
    ck_assert_double_eq(sx.hi, 2);
    ck_assert_double_gt(sy.lo, 9);
    ck_assert_double_lt(sy.hi, 13);
}
END_TEST

START_TEST(no_data_still_gives_scales)
{
    const double x[] = {0, 1}, y[] = {(double)NAN, (double)NAN};
    struct layout_scale sx, sy;
    ck_assert(!scales((struct curve){.x = x, .y = y, .n = 2}, false, false, &sx, &sy));
    ck_assert_double_lt(sx.lo, sx.hi);
    ck_assert_double_lt(sy.lo, sy.hi);
    ck_assert(!scales((struct curve){.x = NULL, .y = NULL, .n = 0}, true, true, &sx, &sy));
    ck_assert_double_gt(sy.lo, 0);
    ck_assert_double_lt(sy.lo, sy.hi);
}
END_TEST

START_TEST(equal_values_get_room)
{
    const double value[] = {0, 3, -3, 1e-310, 1e308, -1e308};
    for (size_t i = 0; i < sizeof value / sizeof value[0]; i++) {
        struct layout_scale sx, sy;
        ck_assert(
            scales((struct curve){.x = &value[i], .y = &value[i], .n = 1}, false, false, &sx, &sy));
        ck_assert_double_lt(sx.lo, sx.hi);
        ck_assert_double_lt(sy.lo, sy.hi);
        ck_assert(isfinite(sy.hi - sy.lo));
        ck_assert_str_ne(labels(sx.lo, sx.hi, false, 5, false), "");
    }
}
END_TEST

START_TEST(chosen_ranges_get_room)
{
    const double value[] = {0, 3, -3e9, 1e8, 1e300, -1e308, (double)INFINITY};
    for (size_t i = 0; i < sizeof value / sizeof value[0]; i++) {
        const double range[] = {value[i], nextafter(value[i], (double)INFINITY)}, zero = 0;
        for (int log = 0; log <= (value[i] > 0); log++)
            for (int width = 0; width <= 1; width++) {
                const double chosen[] = {range[0], range[width]};
                struct curve c = {.x = &zero, .y = &zero, .n = 1};
                struct axes a = {
                    .curve = &c, .curves = 1, .x_range = chosen, .y_range = chosen, .y_log = log};
                struct heat_map h = {
                    .columns = 1, .rows = 1, .value = &zero, .log = log, .range = chosen};
                struct layout_scale s[3];
                layout_scales(&a, &s[0], &s[1]);
                layout_heat_scale(&h, false, &s[2]);
                for (int k = 0; k < 3; k++) {
                    ck_assert_double_lt(s[k].lo, s[k].hi);
                    ck_assert(isfinite(s[k].hi - s[k].lo));
                    ck_assert_str_ne(labels(s[k].lo, s[k].hi, s[k].log, 5, false), "");
                }
            }
    }
}
END_TEST

START_TEST(a_chosen_range_stays_as_it_is)
{
    const double x_range[] = {0.9, 0.90001}, y_range[] = {1e8, 1e8 + 2}, zero = 0;
    struct curve c = {.x = &zero, .y = &zero, .n = 1};
    struct axes a = {.curve = &c, .curves = 1, .x_range = x_range, .y_range = y_range};
    struct layout_scale x, y;
    layout_scales(&a, &x, &y);
    ck_assert_double_eq(x.lo, x_range[0]);
    ck_assert_double_eq(x.hi, x_range[1]);
    ck_assert_double_eq(y.lo, y_range[0]);
    ck_assert_double_eq(y.hi, y_range[1]);
}
END_TEST

START_TEST(equal_values_get_room_on_a_log_axis)
{
    const double value[] = {3, 1e-310, 1e308};
    for (size_t i = 0; i < sizeof value / sizeof value[0]; i++) {
        struct layout_scale sx, sy;
        ck_assert(
            scales((struct curve){.x = &value[i], .y = &value[i], .n = 1}, true, false, &sx, &sy));
        ck_assert_double_gt(sy.lo, 0);
        ck_assert_double_lt(sy.lo, sy.hi);
        ck_assert(isfinite(sy.hi));
    }
}
END_TEST

START_TEST(map_linear_and_log)
{
    struct layout_scale linear = {0, 10, false}, log = {1, 100, true};
    ck_assert_double_eq_tol(layout_map(&linear, 2.5, 100, 500), 200, 1e-9);
    ck_assert_double_eq_tol(layout_map(&linear, 2.5, 500, 100), 400, 1e-9);
    ck_assert_double_eq_tol(layout_map(&log, 10, 100, 500), 300, 1e-9);
    ck_assert_double_lt(layout_map(&linear, 1e300, 0, 1000), 1e5);
}
END_TEST

/* ---- polylines ---- */

static struct layout_line make_line(const struct curve *c)
{
    struct axes a = {.curve = c, .curves = 1};
    struct layout_scale sx = {0, 4, false}, sy = {0, 3, false};
    if (c->n > 10)
        sx.hi = (double)c->n - 1;
    return layout_polyline(&a, c, &sx, &sy, plot);
}

/* The quotient of the ends is beyond double. */
START_TEST(a_log_axis_over_600_decades)
{
    static const double x[] = {1, 2, 3}, y[] = {1e-300, 1, 1e300};
    struct curve c = {.x = x, .y = y, .n = 3};
    struct axes a = {.curve = &c, .curves = 1, .y_log = true};
    struct layout_scale sx, sy;
    struct layout_ticks t;
    ck_assert(layout_scales(&a, &sx, &sy));
    ck_assert_double_gt(sy.lo, 0);
    ck_assert(isfinite(sy.hi));
    ck_assert_double_eq_tol(layout_map(&sy, 1, 0, 1), 0.5, 0.02);
    ck_assert_double_lt(layout_map(&sy, 1e-300, 0, 1), 0.05);
    ck_assert_double_gt(layout_map(&sy, 1e300, 0, 1), 0.95);
    layout_ticks(&sy, 7, false, &t);
    ck_assert_uint_ge(t.n, 4);
    struct layout_line l = layout_polyline(&a, &c, &sx, &sy, plot);
    ck_assert_uint_eq(l.n, 3);
    ck_assert_double_eq_tol(l.point[1].y, 200, 6);
    layout_line_fini(&l);
}
END_TEST

/* Points on an edge stand there whatever the scale of y; a second row has its place above all
 * values. */
START_TEST(points_on_an_edge)
{
    static const double x[] = {1, 2}, y[] = {NAN, NAN}, own[] = {3, 5};
    struct curve c[] = {{.x = x, .y = own, .n = 2},
                        {.x = x, .y = y, .n = 2, .points = true, .edge = -1},
                        {.x = x, .y = y, .n = 2, .points = true, .edge = 2}};
    struct axes a = {.curve = c, .curves = 3};
    struct layout_scale sx, sy;
    ck_assert(layout_scales(&a, &sx, &sy));
    ck_assert_double_gt(sy.lo, 2.5);
    struct layout_line low = layout_polyline(&a, &c[1], &sx, &sy, plot),
                       high = layout_polyline(&a, &c[2], &sx, &sy, plot);
    ck_assert_uint_eq(low.n, 2);
    ck_assert_double_eq(low.point[0].y, plot.y + plot.h);
    ck_assert_double_gt(high.point[0].y, plot.y);
    ck_assert_double_lt(high.point[0].y, plot.y + 0.1 * plot.h);
    ck_assert_double_gt(layout_map(&sy, 5, plot.y + plot.h, plot.y),
                        high.point[0].y + 0.02 * plot.h);
    layout_line_fini(&low);
    layout_line_fini(&high);
    a.curve = &c[1];
    a.curves = 1;
    ck_assert(!layout_scales(&a, &sx, &sy));
    ck_assert_double_eq(sx.lo, 1);
    ck_assert_double_eq(sx.hi, 2);
}
END_TEST

/* Also where panels share a range, and where a note stands over the highest point. */
START_TEST(points_on_an_edge_of_a_shared_range)
{
    static const double x[] = {1, 2}, y[] = {NAN, NAN}, own[] = {3, 5};
    static const char *const note[] = {NULL, "2 of 3"};
    struct curve c[] = {{.x = x, .y = own, .n = 2},
                        {.x = x, .y = y, .n = 2, .points = true, .edge = 3},
                        {.x = x, .y = own, .n = 2, .points = true, .note = note}};
    struct axes a[] = {{.curve = c, .curves = 1}, {.curve = c, .curves = 2}};
    double range[] = {2.9, 5.1};
    figure_clear_edges(a, 2, 1, range);
    ck_assert_double_eq(range[0], 2.9);
    const struct layout_scale shared = {range[0], range[1], false};
    double lowest = layout_edge(3, plot), top = layout_map(&shared, 5, plot.y + plot.h, plot.y);
    ck_assert_double_gt(top, lowest + 0.02 * plot.h);
    a[1].curves = 3;
    figure_clear_edges(a, 2, 1, range);
    const struct layout_scale noted = {range[0], range[1], false};
    ck_assert_double_gt(layout_map(&noted, 5, plot.y + plot.h, plot.y), top + 0.05 * plot.h);
}
END_TEST

/* Of an interval that reaches below 0 a logarithmic axis shows what it can: a line to its end. */
START_TEST(an_interval_reaches_the_end_of_a_log_axis)
{
    static const double x[] = {-0.5, 4}, y[] = {1, 1};
    double range[] = {0.1, 10};
    struct curve c = {.x = x, .y = y, .n = 2, .bare = true};
    struct axes a = {.curve = &c, .curves = 1, .x_log = true, .x_range = range};
    struct layout_scale sx = {0.1, 10, true}, sy = {0, 2, false};
    struct layout_line l = layout_polyline(&a, &c, &sx, &sy, plot);
    ck_assert_uint_eq(l.n, 2);
    ck_assert_double_le(l.point[0].x, plot.x);
    ck_assert_double_gt(l.point[1].x, plot.x + plot.w / 2);
    layout_line_fini(&l);
}
END_TEST

START_TEST(a_polyline_in_pixels)
{
    const double x[] = {0, 2, 4}, y[] = {0, 3, 1};
    struct curve c = {.x = x, .y = y, .n = 3};
    struct layout_line line = make_line(&c);
    ck_assert_uint_eq(line.n, 3);
    ck_assert(line.point[0].move && !line.point[1].move && !line.point[2].move);
    ck_assert_double_eq_tol(line.point[0].x, 100, 1e-9);
    ck_assert_double_eq_tol(line.point[0].y, 350, 1e-9);
    ck_assert_double_eq_tol(line.point[1].x, 300, 1e-9);
    ck_assert_double_eq_tol(line.point[1].y, 50, 1e-9);
    layout_line_fini(&line);
}
END_TEST

START_TEST(a_gap_starts_a_new_line)
{
    const double x[] = {0, 1, 2, 3}, y[] = {1, (double)NAN, 2, 1};
    struct curve c = {.x = x, .y = y, .n = 4};
    struct layout_line line = make_line(&c);
    ck_assert_uint_eq(line.n, 3);
    ck_assert(line.point[0].move && line.point[1].move && !line.point[2].move);
    layout_line_fini(&line);
}
END_TEST

START_TEST(steps_have_corners)
{
    const double x[] = {0, 2, 4}, y[] = {3, 3, 0};
    struct curve c = {.x = x, .y = y, .n = 3, .steps = true};
    struct layout_line line = make_line(&c);
    ck_assert_uint_eq(line.n, 4);
    ck_assert_double_eq_tol(line.point[2].x, 500, 1e-9);
    ck_assert_double_eq_tol(line.point[2].y, 50, 1e-9);
    ck_assert_double_eq_tol(line.point[3].y, 350, 1e-9);
    layout_line_fini(&line);
}
END_TEST

START_TEST(empty_curves_are_empty_lines)
{
    struct curve c = {0};
    struct layout_line line = make_line(&c);
    ck_assert_uint_eq(line.n, 0);
    layout_line_fini(&line);
}
END_TEST

enum { DENSE = 100000 };

/* A dense curve with one spike up and one down that must survive. */
static struct layout_line dense_line(bool steps)
{
    double *x = mem_array(DENSE, sizeof *x), *y = mem_array(DENSE, sizeof *y);
    for (int i = 0; i < DENSE; i++) {
        x[i] = i;
        y[i] = 1 + 0.1 * (i % 7);
    }
    y[33333] = 3;
    y[66666] = 0;
    struct curve c = {.x = x, .y = y, .n = DENSE, .steps = steps};
    struct layout_line line = make_line(&c);
    mem_free(x);
    mem_free(y);
    return line;
}

static void check_dense(bool steps)
{
    struct layout_line line = dense_line(steps);
    double low = 0, high = 1e9;
    size_t in_column = 0;
    ck_assert_uint_le(line.n, 4 * 401);
    ck_assert_uint_ge(line.n, 401);
    for (size_t i = 0; i < line.n; i++) {
        low = fmax(low, line.point[i].y);
        high = fmin(high, line.point[i].y);
        ck_assert(line.point[i].move == (i == 0));
        bool same = i > 0 && (int)line.point[i].x == (int)line.point[i - 1].x;
        in_column = same ? in_column + 1 : 1;
        ck_assert_uint_le(in_column, 4);
        ck_assert(i == 0 || line.point[i].x >= line.point[i - 1].x);
    }
    ck_assert_double_eq_tol(high, 50, 1e-9);
    ck_assert_double_eq_tol(low, 350, 1e-9);
    layout_line_fini(&line);
}

START_TEST(dense_curves_keep_their_extremes)
{
    check_dense(false);
}
END_TEST

START_TEST(dense_steps_keep_their_extremes)
{
    check_dense(true);
}
END_TEST

/* ---- styles and places ---- */

START_TEST(styles_are_free_ones)
{
    struct curve c[] = {{.style = -1}, {.style = 0}, {.style = -1}, {.style = 2}, {.style = -1}};
    struct axes a = {.curve = c, .curves = 5};
    int style[5];
    layout_styles(&a, style);
    ck_assert_int_eq(style[0], 1);
    ck_assert_int_eq(style[1], 0);
    ck_assert_int_eq(style[2], 3);
    ck_assert_int_eq(style[3], 2);
    ck_assert_int_eq(style[4], 4);
}
END_TEST

START_TEST(covered_length)
{
    struct layout_point p[] = {{0, 0, true}, {100, 0, false}, {100, 50, false}, {5, 5, true}};
    struct layout_line line = {p, 4};
    ck_assert_double_eq_tol(layout_covered(&line, (struct layout_rect){20, -5, 30, 8}), 30, 1e-9);
    ck_assert_double_eq_tol(layout_covered(&line, (struct layout_rect){90, -5, 20, 15}), 20, 1e-9);
    ck_assert_double_eq_tol(layout_covered(&line, (struct layout_rect){0, 4, 10, 10}), 1, 1e-9);
    ck_assert_double_eq_tol(layout_covered(&line, (struct layout_rect){200, 0, 9, 9}), 0, 1e-9);
}
END_TEST

START_TEST(the_legend_avoids_curves)
{
    /* A falling curve: from the upper left to the lower right, so the upper right is free. */
    struct layout_point fall[] = {{100, 50, true}, {500, 350, false}};
    struct layout_point rise[] = {{100, 350, true}, {500, 50, false}};
    struct layout_line line[] = {{fall, 2}, {rise, 2}};
    double covered;
    struct layout_obstacles o = {.plot = plot, .pad = 10, .line = &line[0], .lines = 1};
    struct layout_rect r = layout_place(&o, 100, 50, &covered);
    ck_assert_double_eq_tol(r.x, 390, 1e-9);
    ck_assert_double_eq_tol(r.y, 60, 1e-9);
    ck_assert_double_eq_tol(covered, 0, 1e-9);
    o.line = &line[1];
    r = layout_place(&o, 100, 50, NULL);
    ck_assert_double_eq_tol(r.x, 110, 1e-9);
    ck_assert_double_eq_tol(r.y, 60, 1e-9);
}
END_TEST

START_TEST(the_legend_avoids_boxes)
{
    struct layout_rect box[] = {{380, 50, 100, 100}, {100, 50, 100, 100}};
    const struct layout_obstacles o = {.plot = plot, .pad = 10, .box = box, .boxes = 2};
    struct layout_rect r = layout_place(&o, 100, 50, NULL);
    ck_assert_double_eq_tol(r.y, 290, 1e-9);
}
END_TEST

static bool apart(struct layout_rect a, struct layout_rect b)
{
    return a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
}

START_TEST(mark_labels_do_not_overlap)
{
    const double x[] = {101, 200, 205, 206, 207, 210, 499}, length[] = {60, 60, 80, 70, 60, 60, 60};
    for (int upper = 0; upper < 2; upper++) {
        struct layout_rect box[7];
        const struct layout_marks m = {x, length, 7, 20, 4, plot};
        layout_mark_labels(&m, upper == 1, box);
        size_t shown = 0;
        for (size_t i = 0; i < 7; i++) {
            if (box[i].w <= 0)
                continue;
            shown++;
            ck_assert(box[i].x >= plot.x && box[i].x + box[i].w <= plot.x + plot.w);
            ck_assert(box[i].y >= plot.y && box[i].y + box[i].h <= plot.y + plot.h);
            for (size_t k = 0; k < i; k++)
                ck_assert(box[k].w <= 0 || apart(box[i], box[k]));
        }
        ck_assert_uint_ge(shown, 5);
    }
}
END_TEST

/* Two on one line, at the right edge, where the other side is not free. */
START_TEST(mark_labels_on_one_line_keep_a_distance)
{
    const double x[] = {499, 499}, length[] = {60, 60};
    const struct layout_marks m = {x, length, 2, 20, 4, plot};
    for (int upper = 0; upper < 2; upper++) {
        struct layout_rect box[2];
        layout_mark_labels(&m, upper == 1, box);
        ck_assert_double_gt(box[1].w, 0);
        ck_assert_double_ge(fabs(box[1].y - box[0].y), length[0] + m.height);
    }
}
END_TEST

START_TEST(mark_labels_that_find_no_room_are_left_out)
{
    const double x[] = {300, 300, 300}, length[] = {200, 200, 0};
    struct layout_rect box[3];
    const struct layout_marks m = {x, length, 3, 20, 4, plot};
    layout_mark_labels(&m, true, box);
    ck_assert_double_gt(box[0].w, 0);
    ck_assert_double_eq(box[1].w, 0);
    ck_assert_double_eq(box[2].w, 0);
}
END_TEST

/* ---- CSV ---- */

START_TEST(own_ticks_end_in_an_ellipsis_where_they_are_cut)
{
    const struct layout_scale s = {0, 2, false};
    const double at[] = {0, 1, 2};
    char long_name[LAYOUT_LABEL + 1], whole[LAYOUT_LABEL];
    memset(long_name, 'a', sizeof long_name);
    long_name[LAYOUT_LABEL] = '\0';
    memcpy(whole, long_name, sizeof whole);
    whole[LAYOUT_LABEL - 1] = '\0';
    const char *name[] = {"sgd", whole, long_name};
    struct layout_ticks t;
    layout_own_ticks(&s, at, name, 3, &t);
    ck_assert_str_eq(t.tick[0].label, "sgd");
    ck_assert_str_eq(t.tick[1].label, whole);
    ck_assert_str_eq(t.tick[2].label + LAYOUT_LABEL - 5, "a…");
}
END_TEST

START_TEST(csv_quotes_and_numbers)
{
    const double x[] = {1, 2, 1e-8}, y[] = {0.1, (double)NAN, -(double)INFINITY};
    struct curve c[] = {{.label = "a, \"b\"\nc", .x = x, .y = y, .n = 3}, {.x = x, .y = x, .n = 1}};
    struct axes a[] = {{.curve = &c[1], .curves = 1}, {.curve = c, .curves = 2}};
    struct figure f = {.panel = a, .panels = 2};
    struct strbuf b;
    strbuf_init(&b);
    layout_csv(&f, &b);
    ck_assert_str_eq(b.text, "panel,curve,x,y\n1,1,1,1\n"
                             "2,\"a, \"\"b\"\"\nc\",1,0.1\n"
                             "2,\"a, \"\"b\"\"\nc\",2,nan\n"
                             "2,\"a, \"\"b\"\"\nc\",1e-08,-inf\n2,2,1,1\n");
    strbuf_fini(&b);
}
END_TEST

START_TEST(csv_numbers_read_back_exactly)
{
    const double x[] = {1.0 / 3, 0.1 + 0.2, 5e-324, 1.7976931348623157e308};
    struct curve c = {.label = "c", .x = x, .y = x, .n = 4};
    struct axes a = {.curve = &c, .curves = 1};
    struct figure f = {.panel = &a, .panels = 1};
    struct strbuf b;
    strbuf_init(&b);
    layout_csv(&f, &b);
    const char *at = strchr(b.text, '\n') + 1;
    for (size_t i = 0; i < 4; i++) {
        char *end;
        ck_assert_double_eq(strtod(at + strlen("1,c,"), &end), x[i]);
        ck_assert_double_eq(strtod(end + 1, &end), x[i]);
        at = end + 1;
    }
    strbuf_fini(&b);
}
END_TEST

/* ---- UTF-8 ---- */

START_TEST(utf8_is_told_from_other_bytes)
{
    ck_assert(text_valid("plain, é, €, 𝄞"));
    ck_assert(!text_valid("\xff"));
    ck_assert(!text_valid("\xc0\x80"));         /* overlong */
    ck_assert(!text_valid("\xe0\x80\x80"));     /* overlong */
    ck_assert(!text_valid("\xed\xa0\x80"));     /* a surrogate */
    ck_assert(!text_valid("\xf4\x90\x80\x80")); /* beyond the last code point */
    ck_assert(!text_valid("\xe2\x82"));         /* cut */
    ck_assert(!text_valid("\x80"));
}
END_TEST

START_TEST(cleaning_replaces_what_cannot_be_drawn)
{
    struct strbuf b;
    strbuf_init(&b);
    text_clean(&b, "a\xffz\n\té\xc2\x85", true);
    ck_assert_str_eq(b.text, "a\xEF\xBF\xBDz  é ");
    strbuf_clear(&b);
    text_clean(&b, "a\xe2\x82\n", false);
    ck_assert_str_eq(b.text, "a\xEF\xBF\xBD\xEF\xBF\xBD\n");
    strbuf_clear(&b);
    text_clean(&b, NULL, true);
    ck_assert_str_eq(b.text, "");
    strbuf_fini(&b);
}
END_TEST

void add_layout_cases(Suite *suite)
{
    static const TTest *const *const cases[] = {&linear_steps_are_1_2_5,
                                                &decimals_follow_the_step,
                                                &tick_values_are_the_decimals_they_show,
                                                &large_and_small_numbers_have_powers,
                                                &percentages,
                                                &no_logarithmic_scale_begins_at_0,
                                                &log_decades,
                                                &log_with_few_decades_has_2_and_5,
                                                &numbers_are_written_as_ticks,
                                                &log_minor_ticks_between_decades,
                                                &extreme_scales_have_ticks,
                                                &scales_hold_the_data,
                                                &scales_near_zero_start_at_zero,
                                                &percentages_end_at_100,
                                                &scales_skip_gaps,
                                                &no_data_still_gives_scales,
                                                &equal_values_get_room,
                                                &chosen_ranges_get_room,
                                                &a_chosen_range_stays_as_it_is,
                                                &equal_values_get_room_on_a_log_axis,
                                                &map_linear_and_log,
                                                &a_log_axis_over_600_decades,
                                                &points_on_an_edge,
                                                &points_on_an_edge_of_a_shared_range,
                                                &an_interval_reaches_the_end_of_a_log_axis,
                                                &a_polyline_in_pixels,
                                                &a_gap_starts_a_new_line,
                                                &steps_have_corners,
                                                &empty_curves_are_empty_lines,
                                                &dense_curves_keep_their_extremes,
                                                &dense_steps_keep_their_extremes,
                                                &styles_are_free_ones,
                                                &covered_length,
                                                &the_legend_avoids_curves,
                                                &the_legend_avoids_boxes,
                                                &mark_labels_do_not_overlap,
                                                &mark_labels_on_one_line_keep_a_distance,
                                                &mark_labels_that_find_no_room_are_left_out,
                                                &own_ticks_end_in_an_ellipsis_where_they_are_cut,
                                                &csv_quotes_and_numbers,
                                                &csv_numbers_read_back_exactly,
                                                &utf8_is_told_from_other_bytes,
                                                &cleaning_replaces_what_cannot_be_drawn};
    TCase *tcase = tcase_create("layout");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tcase_add_test(tcase, *cases[i]);
    suite_add_tcase(suite, tcase);
}
