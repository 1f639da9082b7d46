/* What stands where in whole figures, measured as it is drawn. */
#include "cases.h"
#include "figure/draw/draw.h"
#include "figure/draw/panel.h"
#include "figure/draw/text.h"
#include "figure/draw/theme.h"
#include "figure/layout/layout.h"
#include "util/mem.h"
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 60, CURVES = 14, PANELS = 4, MARKS = 6 };

/* Figures made of random numbers (xorshift64). */
struct made {
    uint64_t state;
    double x[POINTS], y[PANELS][CURVES][POINTS];
    struct curve curve[PANELS][CURVES];
    struct mark mark[MARKS];
    struct axes panel[PANELS];
    struct figure figure;
};

static double uniform(struct made *m)
{
    m->state ^= m->state << 13;
    m->state ^= m->state >> 7;
    m->state ^= m->state << 17;
    return (double)(m->state >> 11) / 9007199254740992.0;
}

static size_t below(struct made *m, size_t n)
{
    return (size_t)(uniform(m) * (double)n);
}

static const char *a_name(struct made *m)
{
    static const char *const name[] = {
        "a",
        "adam, batch_size 32",
        "validation set",
        "обучение с моментом",
        "optimizer=schedule_free_adamw, lr=0.00123456789, weight_decay=0.0001, seed=1234567, and more of it",
        "x\ny\xff",
        "W",
        "perfect scaling"};
    return name[below(m, sizeof name / sizeof name[0])];
}

static void make_panel(struct made *m, size_t p)
{
    struct axes *a = &m->panel[p];
    double power = pow(10, 12 * uniform(m) - 6), shift = uniform(m) < 0.3 ? 1000 * power : 0;
    *a = (struct axes){.x_label = "epoch",
                       .y_label = a_name(m),
                       .curve = m->curve[p],
                       .curves = below(m, CURVES + 1)};
    a->title = uniform(m) < 0.3 ? a_name(m) : NULL;
    a->y_log = uniform(m) < 0.4;
    a->y_percent = !a->y_log && uniform(m) < 0.3;
    a->x_whole = uniform(m) < 0.7;
    a->mark = m->mark;
    a->marks = uniform(m) < 0.4 ? below(m, MARKS + 1) : 0;
    for (size_t k = 0; k < a->curves; k++) {
        double level = uniform(m), slope = uniform(m) - 0.5;
        for (size_t i = 0; i < POINTS; i++)
            m->y[p][k][i] =
                a->y_percent
                    ? uniform(m)
                    : shift + power * (level + slope * (double)i / POINTS + 0.1 * uniform(m));
        if (uniform(m) < 0.2)
            m->y[p][k][below(m, POINTS)] = (double)NAN;
        m->curve[p][k] = (struct curve){.label = uniform(m) < 0.9 ? a_name(m) : NULL,
                                        .x = m->x,
                                        .y = m->y[p][k],
                                        .n = uniform(m) < 0.2 ? below(m, 3) : POINTS,
                                        .style = (int)k};
    }
}

static void make(struct made *m, uint64_t seed)
{
    static const struct figure_appearance looks[] = {
        {0},
        {.width = 3.4, .font = 7.5, .narrow = true},
        {.width = 7, .font = 8.5},
        {.width = 40.0 / 3, .height = 7.5, .font = 20, .dpi = 144},
        {.width = 6, .height = 4, .dpi = 100}};
    *m = (struct made){.state = seed * 0x9E3779B97F4A7C15u + 1};
    for (int i = 0; i < 10; i++)
        uniform(m);
    double end = pow(10, 5 * uniform(m));
    for (size_t i = 0; i < POINTS; i++)
        m->x[i] = end * (double)i / (POINTS - 1);
    for (size_t i = 0; i < MARKS; i++)
        m->mark[i] = (struct mark){end * uniform(m), a_name(m)};
    size_t panels = 1 + below(m, PANELS);
    for (size_t p = 0; p < panels; p++)
        make_panel(m, p);
    m->figure = (struct figure){.title = uniform(m) < 0.7 ? a_name(m) : NULL,
                                .panel = m->panel,
                                .panels = panels,
                                .columns = 1 + below(m, 3),
                                .shared_legend = uniform(m) < 0.3,
                                .appearance = looks[below(m, sizeof looks / sizeof looks[0])]};
}

static double common(double a, double a_size, double b, double b_size)
{
    return fmin(a + a_size, b + b_size) - fmax(a, b);
}

static void check_boxes(const struct drawn *box, size_t n, double width, double height,
                        unsigned long seed)
{
    for (size_t i = 0; i < n; i++) {
        const struct drawn *b = &box[i];
        const char *what = b->text ? b->text : "a legend";
        ck_assert_msg(b->x > -1 && b->y > -1 && b->x + b->w < width + 1 && b->y + b->h < height + 1,
                      "figure %lu (%.0f x %.0f): '%s' sticks out: %.1f %.1f, %.1f x %.1f", seed,
                      width, height, what, b->x, b->y, b->w, b->h);
        if (!b->text) {
            ck_assert_msg(b->hidden <= b->w, "figure %lu: a legend hides %.1f pixels of curves",
                          seed, b->hidden);
            continue;
        }
        for (size_t k = 0; k < i; k++)
            if (box[k].text)
                ck_assert_msg(
                    common(b->x, b->w, box[k].x, box[k].w) < 1 ||
                        common(b->y, b->h, box[k].y, box[k].h) < 1,
                    "figure %lu: '%s' (%.0f %.0f %.0f %.0f) over '%s' (%.0f %.0f %.0f %.0f)", seed,
                    b->text, b->x, b->y, b->w, b->h, box[k].text, box[k].x, box[k].y, box[k].w,
                    box[k].h);
    }
}

/* Whatever is drawn: no text lies over another, none is cut, no legend hides the curves. */
START_TEST(texts_neither_overlap_nor_stick_out)
{
    struct made *m = mem_new(sizeof *m);
    struct drawn *box = mem_array(DRAWN_MAX, sizeof *box);
    for (unsigned long seed = 1; seed <= 300; seed++) {
        struct arena a;
        double width, height;
        arena_init(&a);
        make(m, seed);
        size_t n = draw_measure(&m->figure, &a, box, &width, &height);
        ck_assert_uint_gt(n, 0);
        if (getenv("SHOW") && (unsigned long)atoi(getenv("SHOW")) == seed) {
            struct error err;
            ck_assert(figure_write(&m->figure, "/tmp/fig/show.png", &err));
        }
        check_boxes(box, n, width, height, seed);
        arena_fini(&a);
    }
    mem_free(box);
    mem_free(m);
}
END_TEST

static struct drawn box_of(const struct figure *f, const char *text)
{
    struct drawn *box = mem_array(DRAWN_MAX, sizeof *box), found = {0};
    struct arena a;
    double width, height;
    arena_init(&a);
    size_t n = draw_measure(f, &a, box, &width, &height);
    for (size_t i = 0; i < n; i++)
        if (box[i].text ? text && strcmp(box[i].text, text) == 0 : !text)
            found = box[i];
    found.text = NULL;
    arena_fini(&a);
    mem_free(box);
    return found;
}

static const double some_x[] = {0, 1, 2, 3}, some_y[] = {1, 2, 3, 4};
static const struct curve some_curve = {.label = "loss", .x = some_x, .y = some_y, .n = 4};
static const struct axes some_axes = {
    .x_label = "epoch", .y_label = "value", .curve = &some_curve, .curves = 1};

START_TEST(letters_have_the_size_that_was_asked_for)
{
    struct figure f = {
        .panel = &some_axes, .panels = 1, .appearance = {.width = 6, .height = 4, .font = 10}};
    double at_10 = box_of(&f, "epoch").w;
    f.appearance.font = 20;
    ck_assert_double_eq_tol(box_of(&f, "epoch").w, 2 * at_10, 1);
    f.appearance.font = 10;
    f.appearance.dpi = 400;
    ck_assert_double_eq_tol(box_of(&f, "epoch").w, 2 * at_10, 1);
}
END_TEST

/* Whatever is drawn at a stated size, 6 points are the least that is read on paper. */
START_TEST(no_letter_is_smaller_than_6_points)
{
    static const struct figure_appearance looks[] = {
        {.width = 3.4, .height = 2}, {.width = 3.4, .height = 2, .dpi = 300}, {.width = 7}};
    static const char *const rows[] = {"sgd", "adam", "rmsprop"}, *const note[9] = {"2 diverged"};
    static const double cells[] = {0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.1, 0.2, 0.3};
    struct heat_map heat = {.columns = 3,
                            .rows = 3,
                            .column = rows,
                            .row = rows,
                            .value = cells,
                            .note = note,
                            .best = 5,
                            .label = "accuracy"};
    struct axes map = {.x_label = "x", .y_label = "y", .heat = &heat};
    struct made *m = mem_new(sizeof *m);
    struct drawn *box = mem_array(DRAWN_MAX, sizeof *box);
    for (unsigned long seed = 1; seed <= 60; seed++) {
        struct arena a;
        double width, height;
        arena_init(&a);
        make(m, seed);
        m->figure.appearance = looks[seed % 3];
        if (seed % 5 == 0)
            m->figure.panel = &map, m->figure.panels = 1, m->figure.shared_legend = false;
        double points = 72.0 / (looks[seed % 3].dpi ? looks[seed % 3].dpi : 200);
        size_t n = draw_measure(&m->figure, &a, box, &width, &height);
        ck_assert_uint_gt(n, 0);
        for (size_t i = 0; i < n; i++)
            if (box[i].text)
                ck_assert_msg(points * box[i].size > 5.999, "figure %lu: '%s' in %.2f points", seed,
                              box[i].text, points * box[i].size);
        arena_fini(&a);
    }
    mem_free(box);
    mem_free(m);
}
END_TEST

/* In the order in which it is stored it would read backwards: it is refused, character by
 * character.
 */
START_TEST(text_from_right_to_left_is_not_drawn)
{
    struct axes axes = some_axes;
    axes.y_label = "שלום abc";
    axes.x_label = "epoch, эпоха, 数";
    struct figure f = {.panel = &axes, .panels = 1};
    ck_assert_double_gt(box_of(&f, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD abc").h, 0);
    ck_assert(text_runs_left(0x5D0) && text_runs_left(0x627) && text_runs_left(0xFEF5));
    ck_assert(!text_runs_left('a') && !text_runs_left(0x44D) && !text_runs_left(0x6570));
}
END_TEST

START_TEST(a_panel_says_why_it_is_empty)
{
    static const double none[] = {NAN, NAN};
    struct curve curve[] = {
        {.x = some_x, .y = none, .n = 2},
        {.x = some_x, .y = none, .n = 2, .points = true, .symbol = SYMBOL_CROSS, .edge = 1}};
    struct axes axes = {.curve = curve, .curves = 2, .nothing = "no run reached 70 %"};
    struct figure f = {.panel = &axes, .panels = 1};
    ck_assert_double_gt(box_of(&f, "no run reached 70 %").w, 0);
    axes.nothing = NULL;
    ck_assert_double_gt(box_of(&f, "no data").w, 0);
}
END_TEST

START_TEST(values_in_use_are_the_ticks)
{
    static const double used[] = {32, 48, 64, 256};
    struct curve curve = {.x = used, .y = some_y, .n = 4};
    struct axes axes = {.curve = &curve, .curves = 1, .x_log = true, .x_tick = used, .x_ticks = 4};
    struct figure f = {.panel = &axes, .panels = 1};
    static const char *const wanted[] = {"32", "48", "64", "256"};
    for (size_t i = 0; i < 4; i++)
        ck_assert_msg(box_of(&f, wanted[i]).w > 0, "no tick at %s", wanted[i]);
    ck_assert_double_eq(box_of(&f, "100").w, 0);
}
END_TEST

/* Names of which a letter or two would be left tell nothing. */
START_TEST(a_legend_without_room_leaves)
{
    struct axes axes = some_axes;
    struct curve curve = some_curve;
    curve.label = "schedule_free_adamw, lr 0.001";
    axes.curve = &curve;
    struct figure f = {
        .panel = &axes, .panels = 1, .appearance = {.width = 0.9, .height = 2, .font = 8}};
    struct drawn *box = mem_array(DRAWN_MAX, sizeof *box);
    struct arena a;
    double width, height;
    arena_init(&a);
    size_t n = draw_measure(&f, &a, box, &width, &height);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(!box[i].text || strncmp(box[i].text, "s…", 2) != 0, "a legend of '%s'",
                      box[i].text);
    arena_fini(&a);
    mem_free(box);
}
END_TEST

/* Whether a text of the figure begins so; its boxes are as sound as any. */
static bool says(const struct figure *f, const char *begin)
{
    struct drawn *box = mem_array(DRAWN_MAX, sizeof *box);
    struct arena a;
    double width, height;
    bool found = false;
    arena_init(&a);
    size_t n = draw_measure(f, &a, box, &width, &height);
    check_boxes(box, n, width, height, 0);
    for (size_t i = 0; i < n; i++) {
        found |= box[i].text && strncmp(box[i].text, begin, strlen(begin)) == 0;
        ck_assert_msg(!box[i].text || box[i].size * 72 / 200 > 5.999, "'%s'", box[i].text);
    }
    arena_fini(&a);
    mem_free(box);
    return found;
}

/* Names that find no room side by side are written upwards, all of them. */
START_TEST(all_names_along_x_are_written)
{
    static const char *const name[] = {"adadelta", "adagrad", "adam",  "adamax",  "adamw", "asgd",
                                       "lion",     "nadam",   "radam", "rmsprop", "rprop"};
    double x[11], y[11];
    for (size_t i = 0; i < 11; i++)
        x[i] = y[i] = (double)i;
    const struct curve curve = {.x = x, .y = y, .n = 11};
    const struct axes axes = {.curve = &curve,
                              .curves = 1,
                              .x_label = "optimizer",
                              .x_tick = x,
                              .x_name = name,
                              .x_ticks = 11};
    struct figure f = {.panel = &axes, .panels = 1, .appearance = {.width = 3.5, .height = 2.5}};
    for (size_t i = 0; i < 11; i++)
        ck_assert_msg(says(&f, name[i]), "no '%s'", name[i]);
}
END_TEST

/* 300 settings on a column of a paper: names without room leave, and that is said. */
START_TEST(names_of_many_curves_rows_and_cells)
{
    enum { MANY = 300 };
    static struct curve curve[MANY];
    static char name[MANY][32];
    const char *row[MANY];
    double cells[MANY], y[MANY];
    for (int i = 0; i < MANY; i++) {
        snprintf(name[i], sizeof name[i], "batch_size %d, lr 0.000%d", i % 3, 119199 + i);
        row[i] = name[i];
        cells[i] = i;
        y[i] = i + 1;
        curve[i] = (struct curve){.label = name[i], .x = some_x, .y = some_y, .n = 4, .style = i};
    }
    struct axes panel[2] = {{.x_label = "epoch",
                             .y_label = "expected best validation accuracy",
                             .curve = curve,
                             .curves = MANY}};
    panel[1] = panel[0];
    struct figure f = {.title = "many",
                       .panel = panel,
                       .panels = 2,
                       .columns = 2,
                       .shared_legend = true,
                       .appearance = {.width = 3.4, .height = 2}};
    ck_assert(says(&f, "300 curves: no room for their names"));
    ck_assert(!says(&f, "batch_size"));
    ck_assert(says(&f, "expected best") && !says(&f, "expected best validation accuracy"));
    panel[0].curves = panel[1].curves = 6;
    ck_assert(says(&f, "batch_size 2, lr 0.000119201"));
    struct curve points = {.x = y, .y = y, .n = MANY, .points = true};
    panel[0] = (struct axes){
        .x_label = "accuracy", .curve = &points, .curves = 1, .row = row, .rows = MANY};
    f.panels = f.columns = 1;
    f.shared_legend = false;
    ck_assert(says(&f, "one in ") && says(&f, name[MANY - 1]));
    struct heat_map heat = {.columns = MANY,
                            .rows = 1,
                            .column = row,
                            .row = row,
                            .value = cells,
                            .best = MANY,
                            .label = "accuracy"};
    panel[0] = (struct axes){.title = "explains 54 % of the ranks, with the sign of a correlation",
                             .heat = &heat};
    ck_assert(says(&f, "batch_size"));
}
END_TEST

START_TEST(panels_stand_above_one_another_where_it_is_narrow)
{
    struct axes two[] = {some_axes, some_axes};
    two[0].x_label = "left";
    struct figure f = {.panel = two, .panels = 2, .columns = 2};
    ck_assert_double_lt(box_of(&f, "left").x, box_of(&f, "epoch").x - 100);
    f.appearance.width = 3;
    ck_assert_double_lt(box_of(&f, "left").y, box_of(&f, "epoch").y - 100);
}
END_TEST

START_TEST(every_colour_stands_out_on_its_paper)
{
    for (int i = 0; i < 2; i++) {
        const struct theme *t = theme_get(i ? FIGURE_DARK : FIGURE_LIGHT);
        unsigned paper = t->role[PAPER - INK];
        ck_assert_double_gt(theme_contrast(t->role[INK - INK], paper), 12);
        ck_assert_double_gt(theme_contrast(t->role[FRAME - INK], paper), 4.5);
        ck_assert_double_gt(theme_contrast(t->role[MARK - INK], paper), 3);
        ck_assert_double_lt(theme_contrast(t->role[GRID - INK], paper), 1.7);
        ck_assert_double_lt(theme_contrast(t->role[MINOR - INK], paper),
                            theme_contrast(t->role[GRID - INK], paper));
        for (size_t k = 0; k < LAYOUT_COLOURS; k++)
            ck_assert_double_ge(theme_contrast(t->style[k], paper), 3);
    }
    ck_assert_double_eq_tol(theme_contrast(0xFFFFFF, 0), 21, 1e-9);
}
END_TEST

START_TEST(styles_are_pairs_of_colour_and_symbol)
{
    for (int i = 0; i < 49; i++)
        for (int k = 0; k < i; k++) {
            bool same = layout_symbol(i) == layout_symbol(k);
            ck_assert(!same || i % LAYOUT_COLOURS != k % LAYOUT_COLOURS);
            ck_assert(!same || i >= 7);
        }
}
END_TEST

/* A panel of so many curves of so many points each, of which every other one is a gap. */
static void make_few(struct axes *a, struct curve *curve, size_t curves, size_t n, bool gaps)
{
    static double x[40], y[40];
    for (size_t i = 0; i < 40; i++) {
        x[i] = (double)i;
        y[i] = gaps && i % 2 == 1 ? (double)NAN : 1;
    }
    *a = (struct axes){.curve = curve, .curves = curves};
    for (size_t k = 0; k < curves; k++)
        curve[k] = (struct curve){.label = "a", .x = x, .y = y, .n = n, .style = (int)k};
}

/* Points of few are told apart by their symbols, however many curves there are; the legend has the
 * symbol, and no line where the curve has none. */
START_TEST(single_points_have_symbols_in_plot_and_legend)
{
    struct curve curve[40];
    struct axes axes;
    const struct panel p = {.axes = &axes};
    make_few(&axes, curve, 12, 1, false);
    ck_assert(curves_have_symbols(&p, 11));
    ck_assert(curves_are_lone(&p, 11));
    make_few(&axes, curve, 12, 5, true);
    ck_assert(curves_have_symbols(&p, 0));
    ck_assert(curves_are_lone(&p, 0));
    make_few(&axes, curve, 12, 5, false);
    ck_assert(curves_have_symbols(&p, 0));
    ck_assert(!curves_are_lone(&p, 0));
    make_few(&axes, curve, 40, 30, false);
    ck_assert(!curves_have_symbols(&p, 0));
    make_few(&axes, curve, 1, 40, false);
    ck_assert(!curves_have_symbols(&p, 0));
    make_few(&axes, curve, 1, 0, false);
    ck_assert(!curves_are_lone(&p, 0));
    make_few(&axes, curve, 2, 1, false);
    curve[1].n = 0; /* nothing, beside a point */
    ck_assert(curves_are_lone(&p, 1));
    curve[0].n = 2; /* beside a line */
    ck_assert(!curves_are_lone(&p, 1));
}
END_TEST

/* One legend of panels that draw a curve each in its own way shows what tells it from the others in
 * each of them. */
START_TEST(a_shared_legend_has_the_dashes_and_symbols_of_all_panels)
{
    struct curve held[2], few[2], many[2];
    struct axes axes[3];
    int style[2] = {0, 1};
    struct panel p[3];
    struct sample line, symbol;
    make_few(&axes[0], held, 2, 10, false);
    make_few(&axes[1], few, 2, 10, false);
    make_few(&axes[2], many, 2, 40, false);
    for (int i = 0; i < 3; i++)
        p[i] = (struct panel){.axes = &axes[i], .style = style, .together = axes, .togethers = 3};
    held[0].steps = held[1].steps = true;
    legend_choose_sample(&p[0], 1, p, 2, &line, &symbol);
    ck_assert(line.panel == &p[0] && symbol.panel == &p[1] && symbol.curve == 1);
    legend_choose_sample(&p[0], 1, p, 3, &line, &symbol);
    ck_assert(line.panel == &p[2] && line.curve == 1 && symbol.panel == &p[1]);
    held[1].n = 0; /* named in the first panel, drawn in another */
    few[1].label = "another";
    legend_choose_sample(&p[0], 1, p, 3, &line, &symbol);
    ck_assert(line.panel == &p[2] && !symbol.panel);
    legend_choose_sample(&p[0], 1, p, 1, &line, &symbol); /* drawn in none */
    ck_assert(line.panel == &p[0] && !symbol.panel);
}
END_TEST

START_TEST(styles_are_pairs_of_colour_and_dash)
{
    for (int i = 0; i < 49; i++)
        for (int k = 0; k < i; k++)
            ck_assert(i % LAYOUT_COLOURS != k % LAYOUT_COLOURS ||
                      layout_dash(i, false) != layout_dash(k, false));
    for (int i = 0; i < 7; i++) {
        ck_assert_int_eq(layout_dash(i, true), 0);
        for (int k = 0; k < i; k++)
            ck_assert_int_ne(layout_dash(i, false), layout_dash(k, false));
    }
}
END_TEST

static void check_minor(double lo, double hi, size_t target, bool whole, size_t wanted,
                        double first)
{
    static double minor[LAYOUT_MINOR];
    struct layout_scale s = {lo, hi, false};
    struct layout_ticks t;
    layout_ticks(&s, target, false, &t);
    size_t n = layout_minor(&s, &t, whole, minor);
    ck_assert_uint_eq(n, wanted);
    if (n > 0)
        ck_assert_double_eq_tol(minor[0], first, 1e-9);
    for (size_t i = 1; i < n; i++)
        ck_assert_double_gt(minor[i], minor[i - 1]);
}

START_TEST(finer_lines_are_round_numbers_too)
{
    check_minor(0, 10, 10, false, 10, 0.5);
    check_minor(0, 10, 10, true, 0, 0);
    check_minor(0, 10, 5, true, 5, 1);
    check_minor(0, 50, 10, true, 40, 1);
    check_minor(0.7, 10.2, 5, false, 5, 1);
}
END_TEST

START_TEST(whole_ticks_are_whole)
{
    struct layout_scale s = {0, 2, false};
    struct layout_ticks t;
    layout_ticks(&s, 4, false, &t);
    ck_assert_uint_eq(t.n, 5);
    layout_whole_ticks(&t);
    ck_assert_uint_eq(t.n, 3);
    ck_assert_str_eq(t.tick[1].label, "1");
    ck_assert_str_eq(t.tick[2].label, "2");
}
END_TEST

void add_place_cases(Suite *suite)
{
    static const TTest *const *const cases[] = {
        &texts_neither_overlap_nor_stick_out,
        &letters_have_the_size_that_was_asked_for,
        &no_letter_is_smaller_than_6_points,
        &text_from_right_to_left_is_not_drawn,
        &a_panel_says_why_it_is_empty,
        &values_in_use_are_the_ticks,
        &all_names_along_x_are_written,
        &a_legend_without_room_leaves,
        &names_of_many_curves_rows_and_cells,
        &panels_stand_above_one_another_where_it_is_narrow,
        &every_colour_stands_out_on_its_paper,
        &styles_are_pairs_of_colour_and_dash,
        &styles_are_pairs_of_colour_and_symbol,
        &single_points_have_symbols_in_plot_and_legend,
        &a_shared_legend_has_the_dashes_and_symbols_of_all_panels,
        &finer_lines_are_round_numbers_too,
        &whole_ticks_are_whole};
    TCase *tcase = tcase_create("places");
    tcase_set_timeout(tcase, 120);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        tcase_add_test(tcase, *cases[i]);
    suite_add_tcase(suite, tcase);
}
