/* Filled contours as data: areas, crossings, levels. */
#include "check_main.h"
#include "figure/layout/contour.h"
#include <math.h>

enum { SIDE = 101 };
static const struct layout_rect plot = {50, 20, 400, 200};
static double value[SIDE * SIDE];

/* A grid over [-1, 1] x [-1, 1], filled by f. */
static struct contours grid(double (*f)(double x, double y))
{
    for (size_t row = 0; row < SIDE; row++)
        for (size_t column = 0; column < SIDE; column++)
            value[row * SIDE + column] =
                f(-1 + 2 * (double)column / (SIDE - 1), -1 + 2 * (double)row / (SIDE - 1));
    return (struct contours){
        .columns = SIDE, .rows = SIDE, .x0 = -1, .x1 = 1, .y0 = -1, .y1 = 1, .value = value};
}

static const struct layout_scale unit = {-1, 1, false};
static const struct contour_frame frame = {&unit, &unit, {50, 20, 400, 200}};

/* Twice the signed area of each polygon; all turn the same way, so that sums count nothing twice or
 * negative. */
static double area(const struct layout_line *line)
{
    double sum = 0;
    for (size_t i = 0, first = 0; i < line->n; i++) {
        if (line->point[i].move)
            first = i;
        bool closes = i + 1 == line->n || line->point[i + 1].move;
        const struct layout_point *p = &line->point[i], *q = &line->point[closes ? first : i + 1];
        sum += p->x * q->y - q->x * p->y;
    }
    return fabs(sum) / 2;
}

static double area_above(const struct contours *c, double level)
{
    struct layout_line line = contour_above(c, level, &frame);
    double a = area(&line);
    layout_line_fini(&line);
    return a / (plot.w * plot.h);
}

static double plane(double x, double y)
{
    return x + 0 * y;
}

static double cone(double x, double y)
{
    return hypot(x, y);
}

static double saddle(double x, double y)
{
    return x * y;
}

START_TEST(a_plane_is_cut_straight)
{
    struct contours c = grid(plane);
    ck_assert_double_eq_tol(area_above(&c, -0.5), 0.75, 1e-12);
    ck_assert_double_eq_tol(area_above(&c, 0.123), 0.4385, 1e-12);
    ck_assert_double_eq_tol(area_above(&c, -2), 1, 1e-12);
    ck_assert_double_eq(area_above(&c, 2), 0);
    struct layout_line line = contour_lines(&c, 0.123, &frame);
    ck_assert_uint_eq(line.n, 2 * (SIDE - 1));
    for (size_t i = 0; i < line.n; i++) {
        ck_assert(line.point[i].move == (i % 2 == 0));
        ck_assert_double_eq_tol(line.point[i].x, 50 + 400 * (1 + 0.123) / 2, 1e-9);
    }
    layout_line_fini(&line);
}
END_TEST

START_TEST(a_circle_is_round)
{
    struct contours c = grid(cone);
    double pi = acos(-1), length = 0;
    ck_assert_double_eq_tol(1 - area_above(&c, 0.5), pi * 0.25 / 4, 2e-4);
    struct layout_line line = contour_lines(&c, 0.5, &frame);
    for (size_t i = 0; i + 1 < line.n; i += 2) {
        /* pixels are half as high as wide here */
        double dx = (line.point[i + 1].x - line.point[i].x) / 200,
               dy = (line.point[i + 1].y - line.point[i].y) / 100;
        length += hypot(dx, dy);
    }
    ck_assert_double_eq_tol(length, pi, 1e-3);
    layout_line_fini(&line);
}
END_TEST

/* What is above and what is below share the plot, whatever meets in a cell. */
START_TEST(above_and_below_fill_the_plot)
{
    for (int k = -9; k < 9; k++) {
        double level = 0.1 * k + 0.0137;
        struct contours c = grid(saddle);
        double above = area_above(&c, level);
        for (size_t i = 0; i < SIDE * SIDE; i++)
            value[i] = -value[i];
        ck_assert_double_eq_tol(above + area_above(&c, -level), 1, 1e-4);
    }
}
END_TEST

START_TEST(holes_are_left_out)
{
    struct contours c = grid(plane);
    value[50 * SIDE + 50] = (double)NAN; /* four cells of 100 x 100 */
    ck_assert_double_eq_tol(area_above(&c, -2), 1 - 4e-4, 1e-9);
    value[0] = (double)INFINITY; /* one in the corner */
    ck_assert_double_eq_tol(area_above(&c, -2), 1 - 5e-4, 1e-9);
}
END_TEST

START_TEST(levels_are_quantiles)
{
    double level[20];
    struct contours c = grid(cone);
    size_t n = figure_levels(value, SIDE * SIDE, 12, level);
    ck_assert_uint_eq(n, 12);
    for (size_t i = 0; i < n; i++) {
        ck_assert(level[i] > 0 && level[i] < sqrt(2));
        ck_assert(i == 0 || level[i] > level[i - 1]);
        double share = 1 - area_above(&c, level[i]), wanted = pow((double)(i + 1) / 13, 1.6);
        ck_assert_double_eq_tol(share, wanted, 0.04);
    }
    for (size_t i = 0; i < SIDE * SIDE; i++)
        value[i] = 7;
    ck_assert_uint_eq(figure_levels(value, SIDE * SIDE, 12, level), 0);
    value[0] = (double)NAN;
    ck_assert_uint_eq(figure_levels(value, 1, 12, level), 0);
    ck_assert_uint_eq(figure_levels(value, 0, 12, level), 0);
}
END_TEST

START_TEST(levels_of_values_that_are_close)
{
    double level[20];
    for (int tilt = 0; tilt < 4; tilt++) {
        double span = pow(10, -1 - tilt) * 0.6;
        for (size_t i = 0; i < SIDE * SIDE; i++)
            value[i] = 2.3 + span * (double)i / (SIDE * SIDE);
        size_t n = figure_levels(value, SIDE * SIDE, 12, level);
        ck_assert_uint_ge(n, 4);
        for (size_t i = 0; i < n; i++)
            ck_assert(level[i] > (i ? level[i - 1] : 2.3) && level[i] < 2.3 + span);
    }
}
END_TEST

START_TEST(equal_units)
{
    struct layout_scale x = {-10, 10, false}, y = {-4, 4, false}, tall = {0, 100, false};
    struct layout_rect r = contour_equal(plot, &x, &y);
    ck_assert_double_eq_tol(r.w / 20, r.h / 8, 1e-12);
    ck_assert_double_eq_tol(r.w, 400, 1e-9);
    ck_assert_double_eq_tol(r.y + r.h, 220, 1e-9);
    r = contour_equal(plot, &x, &tall);
    ck_assert_double_eq_tol(r.w / 20, r.h / 100, 1e-12);
    ck_assert_double_eq_tol(r.h, 200, 1e-9);
    ck_assert_double_eq_tol(r.x - plot.x, plot.x + plot.w - r.x - r.w, 1e-9);
}
END_TEST

/* A path that jumps far away leaves in its own direction, and comes back from where it was; one
 * that jumps across is seen. */
START_TEST(far_points_keep_their_direction)
{
    const double x[] = {0, 3e4, 0, -3e3, 1e300}, y[] = {0, 1e4, -0.5, -3e3 - 0.5, 0};
    struct curve c = {.x = x, .y = y, .n = 4};
    struct axes a = {.curve = &c, .curves = 1};
    struct layout_line line = layout_polyline(&a, &c, &unit, &unit, plot);
    /* out to the first, back from it, out to the last */
    ck_assert_uint_eq(line.n, 5);
    ck_assert(line.point[0].move && !line.point[1].move && line.point[2].move &&
              !line.point[3].move && !line.point[4].move);
    for (int i = 1; i < 5; i++)
        ck_assert(fabs(line.point[i].x - 250) <= 10.5 * 400 + 1e-6 &&
                  fabs(line.point[i].y - 120) <= 10.5 * 200 + 1e-6);
    /* pixels: 200 a unit of x, 100 a unit of y, downwards */
    double dx = line.point[1].x - line.point[0].x, dy = line.point[1].y - line.point[0].y;
    ck_assert_double_eq_tol(dy / dx, -1.0 / 6, 1e-6);
    ck_assert_double_eq_tol(line.point[3].x, 250, 1e-9);
    ck_assert_double_eq_tol(line.point[3].y, 170, 1e-9);
    dx = line.point[4].x - line.point[3].x;
    dy = line.point[4].y - line.point[3].y;
    ck_assert_double_eq_tol(dy / dx, -0.5, 1e-6);
    layout_line_fini(&line);
    /* from far to far through the plot */
    const double across_x[] = {-500, 500, 500, -500}, across_y[] = {-250, 250, 9e3, 9e3};
    struct curve across = {.x = across_x, .y = across_y, .n = 4};
    line = layout_polyline(&a, &across, &unit, &unit, plot);
    ck_assert_uint_eq(line.n, 2);
    ck_assert(line.point[0].move && !line.point[1].move);
    ck_assert_double_eq_tol(layout_covered(&line, plot), hypot(400, 100), 0.01);
    layout_line_fini(&line);
}
END_TEST

START_TEST(colours_darken)
{
    unsigned before = 256;
    for (size_t i = 0; i < 15; i++) {
        unsigned rgb = contour_colour(i, 15), red = rgb >> 16;
        ck_assert_uint_le(rgb, 0xFFFFFF);
        ck_assert_uint_lt(red, before);
        before = red;
    }
    ck_assert_uint_eq(contour_colour(0, 1), contour_colour(0, 15));
}
END_TEST

int main(void)
{
    static const TTest *const *const cases[] = {&a_plane_is_cut_straight,
                                                &a_circle_is_round,
                                                &above_and_below_fill_the_plot,
                                                &holes_are_left_out,
                                                &levels_are_quantiles,
                                                &levels_of_values_that_are_close,
                                                &equal_units,
                                                &far_points_keep_their_direction,
                                                &colours_darken};
    Suite *s = suite_create("contours");
    TCase *t = tcase_create("contours");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tcase_add_test(t, *cases[i]);
    suite_add_tcase(s, t);
    return check_main(s);
}
