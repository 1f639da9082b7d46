#include "figure/draw/heat.h"
#include "figure/draw/colour_bar.h"
#include <math.h>

/* Pale to dark: the order survives grey print and every kind of colour blindness, as it is one of
 * lightness. */
static const double anchor[][3] = {
    {250, 245, 221}, {171, 214, 184}, {72, 160, 184}, {42, 92, 154}, {27, 36, 88}};

enum { ANCHORS = sizeof anchor / sizeof anchor[0] };

enum { FAR_APART = 6 }; /* cells of more pixels have gaps between them */

/* On cells, whatever the theme. */
enum { BLACK = 0x222222, WHITE = 0xFFFFFF };

static unsigned colour_of(const void *context, double share)
{
    double at = fmax(0, fmin(1, share)) * (ANCHORS - 1);
    int i = at >= ANCHORS - 1 ? ANCHORS - 2 : (int)at;
    unsigned rgb = 0;
    (void)context;
    for (int k = 0; k < 3; k++)
        rgb = rgb << 8 |
              (unsigned)lround(anchor[i][k] + (at - i) * (anchor[i + 1][k] - anchor[i][k]));
    return rgb;
}

/* What is drawn, measured. */
struct heat {
    const struct axes *axes;
    const struct heat_map *map;
    const char *title[2], *x_label, *y_label, *label;
    const char **row, **column;
    struct layout_rect cell, plot, bar;
    struct layout_scale scale;
    struct layout_ticks ticks;
    double font;            /* of the names */
    bool has_data, upright; /* upright: the columns' names are written upwards */
};

static const char **fitted(struct canvas *c, const char *const *name, size_t n, double room,
                           double *ret_widest)
{
    const char **whole = arena_alloc(&c->arena, 2 * (n + 1) * sizeof *whole), **out = whole + n + 1;
    *ret_widest = 0;
    for (size_t i = 0; i < n; i++)
        whole[i] = canvas_clean(c, name[i]);
    canvas_fit_apart(c, whole, n, room, out);
    for (size_t i = 0; i < n; i++)
        *ret_widest = fmax(*ret_widest, canvas_width(c, out[i]));
    return out;
}

static void measure(struct canvas *c, struct heat *h)
{
    const struct heat_map *m = h->map;
    double em = c->em, rows, columns, ticks = 0;
    double least = fmin(0.7 * h->cell.h / (double)m->rows, 0.7 * h->cell.w / (double)m->columns);
    h->font = fmax(canvas_size(c, 0.45), fmin(canvas_size(c, 0.9), least / 1.2));
    canvas_font(c, h->font, false);
    h->row = fitted(c, m->row, m->rows, 0.3 * h->cell.w, &rows);
    h->column = fitted(c, m->column, m->columns, 0.3 * h->cell.h, &columns);
    canvas_font(c, canvas_size(c, 0.9), false);
    for (size_t i = 0; i < h->ticks.n; i++)
        ticks = fmax(ticks, canvas_width(c, h->ticks.tick[i].label));
    double left = 1.2 * em + rows + (h->y_label[0] ? 1.6 * em : 0);
    double right = 4.2 * em + ticks + (h->label[0] ? 1.5 * em : 0);
    double top =
        0.9 * em + (h->title[0][0] ? 1.4 * em : 0) + (h->title[1][0] ? CANVAS_LINE * em : 0);
    double width = fmax(4, h->cell.w - left - right);
    h->upright = columns + 0.6 * h->font > width / (double)m->columns;
    double bottom = 1.1 * em + (h->upright ? columns : h->font) + (h->x_label[0] ? 1.45 * em : 0);
    h->plot = (struct layout_rect){h->cell.x + left, h->cell.y + top, width,
                                   fmax(4, h->cell.h - top - bottom)};
    h->bar = (struct layout_rect){h->plot.x + h->plot.w + 1.1 * em, h->plot.y, 1.1 * em, h->plot.h};
}

static double share_of(const struct heat *h, double v)
{
    if (h->scale.log && v <= 0)
        return 0;
    return fmax(0, fmin(1, layout_map(&h->scale, v, 0, 1)));
}

static const char *value_text(struct canvas *c, const struct heat *h, double v)
{
    if (h->map->whole)
        return arena_printf(&c->arena, "%.0f", v);
    if (!h->axes->y_percent) {
        char number[LAYOUT_LABEL];
        layout_number(v, 3, number);
        return arena_printf(&c->arena, "%s", number);
    }
    return arena_printf(&c->arena, "%.*f", h->scale.hi - h->scale.lo < 0.02 ? 2 : 1, 100 * v);
}

/* A line in a cell, as large as it may be; nothing where that is too small to be read. */
static void write_in(struct canvas *c, const char *text, struct layout_rect r, double size,
                     double y, bool bold)
{
    canvas_font(c, size, bold);
    double width = canvas_width(c, text);
    size *= fmin(1, 0.88 * r.w / fmax(width, 1));
    if (size < canvas_size(c, 0.42))
        return;
    canvas_font(c, size, bold);
    canvas_write(c, text, r.x + r.w / 2, y, 0.5, 0);
}

static void draw_cell(struct canvas *c, const struct heat *h, size_t i)
{
    const struct heat_map *m = h->map;
    struct layout_rect r = layout_cell(m, h->plot, i / m->columns, i % m->columns);
    const char *note = m->note && m->note[i] ? canvas_clean(c, m->note[i]) : "";
    double v = m->value[i], share = isfinite(v) ? share_of(h, m->shade ? m->shade[i] : v) : 0,
           middle = r.y + r.h / 2;
    double size = fmin(0.95 * c->em, 0.5 * r.h);
    canvas_colour(c, isfinite(v) ? colour_of(NULL, share) : (unsigned)(note[0] ? GRID : PAPER), 1);
    double across = r.w > FAR_APART ? 1 : 0, down = r.h > FAR_APART ? 1 : 0; /* between cells */
    cairo_rectangle(c->cr, r.x + across / 2, r.y + down / 2, r.w - across, r.h - down);
    cairo_fill(c->cr);
    canvas_colour(c, !isfinite(v) ? INK : share > 0.5 ? WHITE : BLACK, 1);
    bool two = note[0] && r.h > 2.2 * size;
    if (isfinite(v))
        write_in(c, value_text(c, h, v), r, size, two ? middle - 0.4 * size : middle, i == m->best);
    else if (note[0] && (!m->cross || m->cross[i]))
        write_in(c, "×", r, 1.3 * size, two ? middle - 0.45 * size : middle, true);
    if (two)
        write_in(c, note, r, fmax(0.62 * size, c->least), middle + 0.62 * size, false);
}

static void draw_frame(struct canvas *c, const struct heat *h)
{
    const struct heat_map *m = h->map;
    if (m->best >= m->rows * m->columns)
        return;
    struct layout_rect r = layout_cell(m, h->plot, m->best / m->columns, m->best % m->columns);
    cairo_set_line_join(c->cr, CAIRO_LINE_JOIN_MITER);
    for (int outer = 1; outer >= 0; outer--) {
        double width = (outer ? 8 : 4) * c->unit, in = fmin(4 * c->unit, 0.25 * fmin(r.w, r.h));
        canvas_colour(c, outer ? WHITE : (unsigned)0xD55E00, 1);
        cairo_set_line_width(c->cr, width);
        cairo_rectangle(c->cr, r.x + in, r.y + in, r.w - 2 * in, r.h - 2 * in);
        cairo_stroke(c->cr);
    }
}

/* One name in so many: as many as do not touch. */
static size_t every_of(double font, double cell)
{
    return (size_t)fmax(1, ceil(1.15 * font / cell - 1e-9));
}

static void draw_names(struct canvas *c, const struct heat *h)
{
    struct layout_rect r = h->plot;
    double bottom = r.y + r.h + 0.4 * c->em;
    canvas_font(c, h->font, false);
    canvas_colour(c, INK, 1);
    size_t every = every_of(h->font, r.h / (double)h->map->rows);
    for (size_t i = 0; i < h->map->rows; i += every) {
        struct layout_rect cell = layout_cell(h->map, r, i, 0);
        canvas_write(c, h->row[i], r.x - 0.4 * c->em, cell.y + cell.h / 2, 1, 0);
    }
    every = h->upright ? every_of(h->font, r.w / (double)h->map->columns) : 1;
    for (size_t i = 0; i < h->map->columns; i += every) {
        struct layout_rect cell = layout_cell(h->map, r, 0, i);
        if (h->upright)
            canvas_write(c, h->column[i], cell.x + cell.w / 2, bottom, 1, -acos(0));
        else
            canvas_write(c, h->column[i], cell.x + cell.w / 2, bottom + 0.5 * h->font, 0.5, 0);
    }
    canvas_font(c, c->em, false);
    double right = h->cell.x + h->cell.w;
    canvas_write(c, h->x_label, canvas_centre(c, h->x_label, r.x + r.w / 2, h->cell.x, right),
                 h->cell.y + h->cell.h - 0.85 * c->em, 0.5, 0);
    canvas_write(c, h->y_label, h->cell.x + 1.1 * c->em, r.y + r.h / 2, 0.5, -acos(0));
    canvas_font(c, 1.05 * c->em, true);
    for (int i = 0; i < 2; i++) {
        double up = 1.05 + (h->title[1][0] ? (1 - i) * CANVAS_LINE : 0);
        canvas_write(c, h->title[i], canvas_centre(c, h->title[i], r.x + r.w / 2, h->cell.x, right),
                     r.y - up * c->em, 0.5, 0);
    }
}

void heat_draw(struct canvas *c, const struct axes *a, struct layout_rect cell)
{
    struct heat h = {.axes = a, .map = a->heat, .cell = cell};
    canvas_font(c, 1.05 * c->em, true);
    canvas_fit_two(c, canvas_clean(c, a->title), 0.9 * cell.w, h.title);
    canvas_font(c, c->em, false);
    h.x_label = canvas_fit(c, canvas_clean(c, a->x_label), 0.8 * cell.w);
    h.y_label = canvas_fit(c, canvas_clean(c, a->y_label), 0.8 * cell.h);
    h.label = canvas_fit(c, canvas_clean(c, a->heat->label), 0.8 * cell.h);
    h.has_data = layout_heat_scale(a->heat, a->y_percent, &h.scale);
    layout_ticks(&h.scale, (size_t)fmax(2, cell.h / (4 * c->em)), a->y_percent, &h.ticks);
    measure(c, &h);
    for (size_t i = 0; i < a->heat->rows * a->heat->columns; i++)
        draw_cell(c, &h, i);
    draw_frame(c, &h);
    canvas_colour(c, FRAME, 1);
    cairo_set_line_width(c->cr, 1.4 * c->unit);
    cairo_rectangle(c->cr, canvas_crisp(h.plot.x), canvas_crisp(h.plot.y), floor(h.plot.w),
                    floor(h.plot.h));
    cairo_stroke(c->cr);
    draw_names(c, &h);
    if (h.has_data)
        colour_bar_draw(c,
                        &(struct colour_bar){h.bar, h.scale, &h.ticks, h.label, colour_of, NULL});
}
