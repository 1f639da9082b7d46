/* The axes of a panel: ticks, their labels, the grid, the names of rows. */
#include "figure/draw/panel.h"
#include "util/mem.h"
#include <math.h>
#include <string.h>

static const double tick_length = 8;

/* ---- measuring ---- */

static double widest_label(struct canvas *c, const struct layout_ticks *t)
{
    double most = 0;
    for (size_t i = 0; i < t->n; i++)
        most = fmax(most, canvas_width(c, t->tick[i].label));
    return most;
}

/* Half of what a label along x takes of it. */
static double half_of(struct canvas *c, const struct panel *p, const struct layout_tick *t)
{
    return p->upright ? 0.25 * c->em : canvas_width(c, t->label) / 2;
}

/* Are labels along x of a plot of this width closer than most of a letter? */
static bool labels_collide(struct canvas *c, const struct panel *p, double width)
{
    double end = -HUGE_VAL;
    for (size_t i = 0; i < p->x_ticks.n; i++) {
        const struct layout_tick *t = &p->x_ticks.tick[i];
        double half = half_of(c, p, t), x = layout_map(&p->x, t->value, 0, width);
        if (t->label[0] == '\0')
            continue;
        if (x - half < end + 0.7 * c->em)
            return true;
        end = x + half;
    }
    return false;
}

/* Are labels along y of a plot of this height closer than a line? */
static bool lines_collide(const struct canvas *c, const struct panel *p, double height)
{
    double last = -HUGE_VAL;
    for (size_t i = 0; i < p->y_ticks.n; i++) {
        double y = layout_map(&p->y, p->y_ticks.tick[i].value, 0, height);
        if (p->y_ticks.tick[i].label[0] == '\0')
            continue;
        if (y < last + 1.15 * c->em)
            return true;
        last = y;
    }
    return false;
}

/* Many rows have small names. */
static double row_size(const struct canvas *c, const struct panel *p)
{
    double room = 0.75 * p->cell.h / (double)(p->axes->rows + 1);
    return fmax(canvas_size(c, 0.4), fmin(canvas_size(c, 0.9), room / 1.15));
}

/* If even two labels collide, the first one stays. */
static void thin_labels(struct layout_ticks *t)
{
    bool any = false;
    for (size_t i = 0; i < t->n; i++) {
        if (any)
            t->tick[i].label[0] = '\0';
        any |= t->tick[i].label[0] != '\0';
    }
}

/* Keeps the labels of every n-th tick, counted from the first. */
static void keep_every(struct layout_ticks *t, size_t every)
{
    for (size_t i = 0; i < t->n; i++)
        if (i % every != 0)
            t->tick[i].label[0] = '\0';
}

/* The names of the axis as upright ones have room, cut so that they differ. */
static const char *const *upright_names(struct canvas *c, const struct panel *p)
{
    size_t n = p->axes->x_ticks;
    const char **whole = arena_alloc(&c->arena, 2 * (n + 1) * sizeof *whole), **out = whole + n + 1;
    for (size_t i = 0; i < n; i++)
        whole[i] = canvas_clean(c, p->axes->x_name[i]);
    canvas_fit_apart(c, whole, n, 0.3 * p->cell.h, out);
    return out;
}

/* Ticks at the axes' own values. */
static void own_ticks(struct canvas *c, struct panel *p)
{
    const struct axes *a = p->axes;
    const char *const *name = p->upright ? upright_names(c, p) : a->x_name;
    layout_own_ticks(&p->x, a->x_tick, name, a->x_ticks, &p->x_ticks);
}

void axes_turn_names(struct canvas *c, struct panel *p)
{
    if (!p->axes->x_tick || !p->axes->x_name)
        return;
    canvas_font(c, canvas_size(c, 0.9), false);
    own_ticks(c, p);
    p->upright = labels_collide(c, p, 0.8 * p->cell.w);
}

void axes_choose_ticks(struct canvas *c, struct panel *p, double width, double height)
{
    canvas_font(c, canvas_size(c, 0.9), false);
    size_t most = (size_t)fmax(4, height / (3.2 * c->em));
    do
        layout_ticks(&p->y, most, p->axes->y_percent, &p->y_ticks);
    while (lines_collide(c, p, height) && --most >= 2);
    if (lines_collide(c, p, height))
        thin_labels(&p->y_ticks);
    if (p->axes->x_tick) {
        own_ticks(c, p);
        for (size_t every = 2; labels_collide(c, p, width) && every <= p->x_ticks.n; every++)
            keep_every(&p->x_ticks, every);
        return;
    }
    most = (size_t)fmax(2, width / (4.2 * c->em));
    double whole = floor(p->x.hi - p->x.lo);
    if (p->axes->x_whole && whole < (double)most)
        most = whole > 1 ? (size_t)whole : 1;
    do {
        layout_ticks(&p->x, most, p->axes->x_percent, &p->x_ticks);
        if (p->axes->x_whole)
            layout_whole_ticks(&p->x_ticks);
    } while (labels_collide(c, p, width) && --most >= 1);
    if (labels_collide(c, p, width))
        thin_labels(&p->x_ticks);
}

void axes_name_rows(struct canvas *c, struct panel *p)
{
    size_t bytes = (p->axes->rows + 1) * sizeof *p->row;
    const char **name = arena_alloc(&c->arena, bytes);
    p->row = arena_alloc(&c->arena, bytes);
    canvas_font(c, row_size(c, p), false);
    for (size_t i = 0; i < p->axes->rows; i++)
        name[i] = canvas_clean(c, p->axes->row[i]);
    canvas_fit_apart(c, name, p->axes->rows, 0.42 * p->cell.w, p->row);
    /* As many as do not touch: of a plot as high as there may be room for. */
    double step = 0.75 * p->cell.h / (double)(p->axes->rows + 1);
    p->every = (size_t)fmax(1, ceil(row_size(c, p) / step - 1e-9));
}

/* From the best one on. */
static bool is_named(const struct panel *p, size_t row)
{
    return (p->axes->rows - 1 - row) % p->every == 0;
}

const char *axes_y_label(struct canvas *c, const struct panel *p)
{
    const char *label = p->axes->y_label ? p->axes->y_label : "";
    if (p->axes->rows == 0 || p->every == 1)
        return label;
    return arena_printf(&c->arena, "%s%sone in %zu of %zu is named", label, label[0] ? "; " : "",
                        p->every, p->axes->rows);
}

static double widest_row(struct canvas *c, const struct panel *p)
{
    double most = 0;
    canvas_font(c, row_size(c, p), false);
    for (size_t i = 0; i < p->axes->rows; i++)
        most = fmax(most, canvas_width(c, p->row[i]));
    return most;
}

struct margins axes_measure(struct canvas *c, struct panel *p)
{
    struct margins m = {.left = 0.8 * c->em, .right = 0.9 * c->em, .top = 0.9 * c->em};
    double tick = tick_length * c->unit;
    canvas_font(c, canvas_size(c, 0.9), false);
    m.left +=
        (p->axes->rows > 0 ? widest_row(c, p) : widest_label(c, &p->y_ticks)) + tick + 0.35 * c->em;
    m.bottom = tick + (p->upright ? 0.9 * c->em + widest_label(c, &p->x_ticks) : 1.75 * c->em);
    if (p->x_ticks.n > 0) {
        /* The last label is centred under its tick and may stick out. */
        const struct layout_tick *last = &p->x_ticks.tick[p->x_ticks.n - 1];
        m.right = fmax(m.right, half_of(c, p, last) + 0.4 * c->em);
    }
    m.left += p->y_label[0][0] ? 1.6 * c->em : 0;
    m.left += p->y_label[1][0] ? CANVAS_LINE * c->em : 0;
    m.bottom += p->x_label[0] ? 1.45 * c->em : 0;
    m.top += p->title[0][0] ? 1.4 * c->em : 0;
    m.top += p->title[1][0] ? CANVAS_LINE * c->em : 0;
    return m;
}

/* ---- drawing ---- */

/* Where there is room: lines closer than the height of a letter would be a grey area. */
static void draw_minor_grid(struct canvas *c, const struct panel *p)
{
    struct layout_rect r = p->plot;
    double *v = arena_alloc(&c->arena, LAYOUT_MINOR * sizeof *v);
    size_t n = p->axes->x_tick ? 0 : layout_minor(&p->x, &p->x_ticks, p->axes->x_whole, v);
    canvas_colour(c, MINOR, 1);
    cairo_set_line_width(c->cr, PANEL_HAIR * c->unit);
    for (size_t i = 0; i < n && r.w > 0.5 * c->em * (double)n; i++) {
        double x = canvas_crisp(layout_map(&p->x, v[i], r.x, r.x + r.w));
        canvas_stroke(c, x, r.y, x, r.y + r.h);
    }
    n = p->axes->rows == 0 ? layout_minor(&p->y, &p->y_ticks, false, v) : 0;
    for (size_t i = 0; i < n && r.h > 0.4 * c->em * (double)n; i++) {
        double y = canvas_crisp(layout_map(&p->y, v[i], r.y + r.h, r.y));
        canvas_stroke(c, r.x, y, r.x + r.w, y);
    }
}

void axes_draw_grid(struct canvas *c, const struct panel *p)
{
    struct layout_rect r = p->plot;
    draw_minor_grid(c, p);
    canvas_colour(c, GRID, 1);
    cairo_set_line_width(c->cr, PANEL_HAIR * c->unit);
    for (size_t i = 0; i < p->x_ticks.n; i++) {
        double x = canvas_crisp(layout_map(&p->x, p->x_ticks.tick[i].value, r.x, r.x + r.w));
        if (p->x_ticks.tick[i].label[0])
            canvas_stroke(c, x, r.y, x, r.y + r.h);
    }
    for (size_t i = 0; i < p->axes->rows; i++) {
        double y = canvas_crisp(layout_map(&p->y, (double)i + 1, r.y + r.h, r.y));
        if (is_named(p, i))
            canvas_stroke(c, r.x, y, r.x + r.w, y);
    }
    for (size_t i = 0; i < p->y_ticks.n && p->axes->rows == 0; i++) {
        double y = canvas_crisp(layout_map(&p->y, p->y_ticks.tick[i].value, r.y + r.h, r.y));
        if (p->y_ticks.tick[i].label[0])
            canvas_stroke(c, r.x, y, r.x + r.w, y);
    }
}

static void draw_ticks(struct canvas *c, const struct panel *p)
{
    struct layout_rect r = p->plot;
    double left = canvas_crisp(r.x), bottom = canvas_crisp(r.y + r.h);
    canvas_font(c, canvas_size(c, 0.9), false);
    for (size_t i = 0; i < p->x_ticks.n; i++) {
        const struct layout_tick *t = &p->x_ticks.tick[i];
        double x = canvas_crisp(layout_map(&p->x, t->value, r.x, r.x + r.w));
        double length = tick_length * c->unit * (t->label[0] ? 1 : 0.5);
        canvas_colour(c, FRAME, 1);
        canvas_stroke(c, x, bottom, x, bottom + length);
        canvas_colour(c, INK, 1);
        double below = bottom + tick_length * c->unit;
        if (p->upright)
            canvas_write(c, t->label, x, below + 0.3 * c->em, 1, -acos(0));
        else
            canvas_write(c, t->label, x, below + 0.75 * c->em, 0.5, 0);
    }
    for (size_t i = 0; i < p->y_ticks.n && p->axes->rows == 0; i++) {
        const struct layout_tick *t = &p->y_ticks.tick[i];
        double y = canvas_crisp(layout_map(&p->y, t->value, r.y + r.h, r.y));
        double length = tick_length * c->unit * (t->label[0] ? 1 : 0.5);
        canvas_colour(c, FRAME, 1);
        canvas_stroke(c, left - length, y, left, y);
        canvas_colour(c, INK, 1);
        canvas_write(c, t->label, left - tick_length * c->unit - 0.35 * c->em, y, 1, 0);
    }
}

static void draw_row_names(struct canvas *c, const struct panel *p)
{
    struct layout_rect r = p->plot;
    canvas_font(c, row_size(c, p), false);
    canvas_colour(c, INK, 1);
    for (size_t i = 0; i < p->axes->rows; i++)
        if (is_named(p, i))
            canvas_write(c, p->row[i], canvas_crisp(r.x) - tick_length * c->unit - 0.35 * c->em,
                         layout_map(&p->y, (double)i + 1, r.y + r.h, r.y), 1, 0);
}

void axes_draw(struct canvas *c, const struct panel *p)
{
    struct layout_rect r = p->plot;
    double left = canvas_crisp(r.x), bottom = canvas_crisp(r.y + r.h);
    cairo_set_line_width(c->cr, PANEL_THIN * c->unit);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_SQUARE);
    canvas_colour(c, FRAME, 1);
    canvas_stroke(c, left, r.y, left, bottom);
    canvas_stroke(c, left, bottom, r.x + r.w, bottom);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_BUTT);
    draw_ticks(c, p);
    draw_row_names(c, p);
    canvas_colour(c, INK, 1);
    canvas_font(c, c->em, false);
    double pad = 0.3 * c->em, right = p->cell.x + p->cell.w - pad;
    double upper = p->cell.y + (p->title[0][0] ? 2.1 * c->em : pad) +
                   (p->title[1][0] ? CANVAS_LINE * c->em : 0),
           lower = p->cell.y + p->cell.h - (p->x_label[0] ? 1.7 * c->em : pad);
    double x = canvas_centre(c, p->x_label, r.x + r.w / 2, p->cell.x + pad, right);
    canvas_write(c, p->x_label, x, p->cell.y + p->cell.h - 0.85 * c->em, 0.5, 0);
    for (int i = 0; i < 2; i++)
        canvas_write(c, p->y_label[i], r.x - p->left + (0.95 + i * CANVAS_LINE) * c->em,
                     canvas_centre(c, p->y_label[i], r.y + r.h / 2, upper, lower), 0.5, -acos(0));
    canvas_font(c, 1.05 * c->em, true);
    for (int i = 0; i < 2; i++) {
        double up = 1.05 + (p->title[1][0] ? (1 - i) * CANVAS_LINE : 0);
        canvas_write(c, p->title[i],
                     canvas_centre(c, p->title[i], r.x + r.w / 2, p->cell.x + pad, right),
                     r.y - p->above - up * c->em, 0.5, 0);
    }
}
