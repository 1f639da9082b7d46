#include "figure/draw/draw.h"
#include "figure/draw/canvas.h"
#include "figure/draw/heat.h"
#include "figure/draw/mosaic_draw.h"
#include "figure/layout/contour.h"
#include "figure/layout/layout.h"
#include "util/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FEW_POINTS = 30,      /* up to so many, every point gets a symbol ... */
    FEW_CURVES = 10,      /* ... where the curves are not too many for that */
    LABELLED_MARKS = 200, /* beyond so many, marks go without labels */
    LETTERS = 3,          /* of a curve's name are shown at least, or no legend */
};

/* Sizes in units: one unit is a pixel of a panel of at least 1000 by 600. */
static const double thick = 3.4, thin = 1.4, hair = 1.2, tick_length = 8;

/* Room around a plot for ticks, labels and title. */
struct margins {
    double left, right, top, bottom;
};

struct legend {
    const char **label; /* fitted, one per entry */
    size_t *curve;
    size_t n;
    double size; /* of its font */
    struct layout_rect box;
    size_t columns;                       /* in which the entries flow */
    enum { INSIDE, BESIDE, ABOVE } where; /* the plot */
};

struct panel {
    const struct axes *axes;
    const char *title, *x_label, *y_label; /* clean, fitted; "" where absent */
    const char **row;                      /* the same of the rows' names */
    bool unlisted;                         /* its curves stand in a legend below all panels */
    bool has_data;
    struct layout_scale x, y;
    struct layout_ticks x_ticks, y_ticks;
    struct layout_rect cell, plot;
    double above; /* room between the title and the plot */
    double left;  /* the plot's left margin that its own column of panels needs */
    struct layout_line *line;
    int *style;
    const char **mark_label;
    double *mark_x;
    struct layout_rect *mark_box;
    size_t marks;
    struct legend legend;
};

/* ---- measuring ---- */

static double widest_label(struct canvas *c, const struct layout_ticks *t)
{
    double most = 0;
    for (size_t i = 0; i < t->n; i++)
        most = fmax(most, canvas_width(c, t->tick[i].label));
    return most;
}

/* Do labels along x of a plot so wide come closer than most of a letter? */
static bool labels_collide(struct canvas *c, const struct panel *p, double width)
{
    double end = -HUGE_VAL;
    for (size_t i = 0; i < p->x_ticks.n; i++) {
        const struct layout_tick *t = &p->x_ticks.tick[i];
        double half = canvas_width(c, t->label) / 2, x = layout_map(&p->x, t->value, 0, width);
        if (t->label[0] == '\0')
            continue;
        if (x - half < end + 0.7 * c->em)
            return true;
        end = x + half;
    }
    return false;
}

/* Do labels along y of a plot so high come closer than a line? */
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

/* What still collides with two ticks keeps the first. */
static void thin_labels(struct layout_ticks *t)
{
    bool any = false;
    for (size_t i = 0; i < t->n; i++) {
        if (any)
            t->tick[i].label[0] = '\0';
        any |= t->tick[i].label[0] != '\0';
    }
}

/* Labels of every so manyth tick, counted from the first. */
static void keep_every(struct layout_ticks *t, size_t every)
{
    for (size_t i = 0; i < t->n; i++)
        if (i % every != 0)
            t->tick[i].label[0] = '\0';
}

/* Ticks as dense as a plot of this size allows without labels that touch. */
static void choose_ticks(struct canvas *c, struct panel *p, double width, double height)
{
    canvas_font(c, canvas_size(c, 0.9), false);
    size_t most = (size_t)fmax(4, height / (3.2 * c->em));
    do
        layout_ticks(&p->y, most, p->axes->y_percent, &p->y_ticks);
    while (lines_collide(c, p, height) && --most >= 2);
    if (lines_collide(c, p, height))
        thin_labels(&p->y_ticks);
    if (p->axes->x_tick) {
        layout_own_ticks(&p->x, p->axes->x_tick, p->axes->x_name, p->axes->x_ticks, &p->x_ticks);
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

/* The rows' names, at most a third of the panel long. */
static void name_rows(struct canvas *c, struct panel *p)
{
    p->row = arena_alloc(&c->arena, (p->axes->rows + 1) * sizeof *p->row);
    canvas_font(c, row_size(c, p), false);
    for (size_t i = 0; i < p->axes->rows; i++)
        p->row[i] = canvas_fit(c, canvas_clean(c, p->axes->row[i]), 0.36 * p->cell.w);
}

static double widest_row(struct canvas *c, const struct panel *p)
{
    double most = 0;
    canvas_font(c, row_size(c, p), false);
    for (size_t i = 0; i < p->axes->rows; i++)
        most = fmax(most, canvas_width(c, p->row[i]));
    return most;
}

static struct margins measure(struct canvas *c, struct panel *p)
{
    struct margins m = {.left = 0.8 * c->em, .right = 0.9 * c->em, .top = 0.9 * c->em};
    double tick = tick_length * c->unit;
    canvas_font(c, canvas_size(c, 0.9), false);
    m.left +=
        (p->axes->rows > 0 ? widest_row(c, p) : widest_label(c, &p->y_ticks)) + tick + 0.35 * c->em;
    m.bottom = tick + 1.75 * c->em;
    if (p->x_ticks.n > 0) {
        /* The last label is centred under its tick and may stick out. */
        const struct layout_tick *last = &p->x_ticks.tick[p->x_ticks.n - 1];
        m.right = fmax(m.right, canvas_width(c, last->label) / 2 + 0.4 * c->em);
    }
    m.left += p->y_label[0] ? 1.6 * c->em : 0;
    m.bottom += p->x_label[0] ? 1.45 * c->em : 0;
    m.top += p->title[0] ? 1.4 * c->em : 0;
    return m;
}

static void prepare(struct canvas *c, struct panel *p, const struct axes *a,
                    struct layout_rect cell)
{
    *p = (struct panel){.axes = a, .cell = cell};
    canvas_font(c, 1.05 * c->em, true);
    p->title = canvas_fit(c, canvas_clean(c, a->title), 0.9 * cell.w);
    canvas_font(c, c->em, false);
    p->x_label = canvas_fit(c, canvas_clean(c, a->x_label), 0.8 * cell.w);
    p->y_label = canvas_fit(c, canvas_clean(c, a->y_label), fmin(0.8 * cell.h, cell.h - 4 * c->em));
    p->has_data = layout_scales(a, &p->x, &p->y);
    choose_ticks(c, p, 0.85 * cell.w, 0.88 * cell.h);
    name_rows(c, p);
    p->style = arena_alloc(&c->arena, (a->curves + 1) * sizeof *p->style);
    p->line = arena_alloc(&c->arena, (a->curves + 1) * sizeof *p->line);
    layout_styles(a, p->style);
}

static void make_lines(struct panel *p)
{
    for (size_t k = 0; k < p->axes->curves; k++) {
        layout_line_fini(&p->line[k]);
        p->line[k] = layout_polyline(p->axes, &p->axes->curve[k], &p->x, &p->y, p->plot);
    }
}

/* ---- the legend's size and place ---- */

/* The entries in this size of font, none longer than `room`, and the box that holds them one below
 * another. */
static void measure_legend_at(struct canvas *c, struct panel *p, double size, double room)
{
    struct legend *l = &p->legend;
    const struct axes *a = p->axes;
    l->label = arena_alloc(&c->arena, (a->curves + 1) * sizeof *l->label);
    l->curve = arena_alloc(&c->arena, (a->curves + 1) * sizeof *l->curve);
    l->n = 0;
    l->size = size;
    canvas_font(c, size, false);
    if (room < 4.9 * size + LETTERS * 0.6 * size) /* names of a letter or two tell nothing */
        return;
    double widest = 0;
    for (size_t k = 0; k < a->curves; k++)
        if (a->curve[k].label) {
            l->label[l->n] =
                canvas_fit(c, canvas_clean(c, a->curve[k].label), fmax(0, room - 4.9 * size));
            widest = fmax(widest, canvas_width(c, l->label[l->n]));
            l->curve[l->n++] = k;
        }
    l->columns = 1;
    l->box.w = widest + 4.9 * l->size;
    l->box.h = (1.4 * (double)l->n + 0.6) * l->size;
}

/* So many lines, of which the last counts what finds no room. */
static void cut_legend(struct canvas *c, struct panel *p, size_t fits, double width)
{
    struct legend *l = &p->legend;
    canvas_font(c, l->size, false);
    l->label[fits - 1] = canvas_fit(c, arena_printf(&c->arena, "… and %zu more", l->n - fits + 1),
                                    width - 4.9 * l->size);
    l->curve[fits - 1] = p->axes->curves; /* that line has no sample */
    l->n = fits;
    l->box.w = 0;
    for (size_t i = 0; i < fits; i++)
        l->box.w = fmax(l->box.w, canvas_width(c, l->label[i]) + 4.9 * l->size);
    l->box.h = (1.4 * (double)fits + 0.6) * l->size;
}

static void measure_legend(struct canvas *c, struct panel *p, double width)
{
    struct legend *l = &p->legend;
    size_t all = 0;
    for (size_t k = 0; k < p->axes->curves; k++)
        all += p->axes->curve[k].label != NULL;
    /* Many entries are written smaller; what still finds no room is counted in a last line. */
    double room = p->plot.h - c->em;
    double size =
        fmax(canvas_size(c, 0.55), fmin(canvas_size(c, 0.9), (room / (double)(all + 1)) / 1.4));
    size_t fits = (size_t)fmax(1, (room - size) / (1.4 * size));
    measure_legend_at(c, p, size, width);
    if (l->n > fits)
        cut_legend(c, p, fits, width);
}

/* What the legend hides: pixels of curves that are not pale, and a mark's label as much as its
 * length. */
static double covered_by_legend(const struct panel *p)
{
    struct layout_rect b = p->legend.box;
    double sum = 0;
    for (size_t k = 0; k < p->axes->curves; k++)
        if (!p->axes->curve[k].faint)
            sum += layout_covered(&p->line[k], b);
    for (size_t i = 0; i < p->marks; i++) {
        struct layout_rect m = p->mark_box[i];
        bool apart = m.x > b.x + b.w || b.x > m.x + m.w || m.y > b.y + b.h || b.y > m.y + m.h;
        sum += m.w > 0 && !apart ? m.h + b.w : 0;
    }
    return sum;
}

/* Inside the plot, where it hides the least. */
static void place_inside(struct canvas *c, struct panel *p)
{
    struct legend *l = &p->legend;
    l->box = layout_place(p->plot, l->box.w, l->box.h, 0.5 * c->em, p->line, p->axes->curves,
                          p->mark_box, p->marks, NULL);
}

/* Inside if it hides nothing there, beside if that leaves the plot wide enough, else above. Returns
 * the room that it needs above the plot. */
static double place_legend(struct canvas *c, struct panel *p)
{
    struct legend *l = &p->legend;
    if (!p->unlisted)
        measure_legend(c, p, p->plot.w);
    if (l->n == 0)
        return 0;
    double w = l->box.w, h = l->box.h;
    bool fits = w < p->plot.w - c->em && h < fmin(0.75 * p->plot.h, p->plot.h - c->em);
    place_inside(c, p);
    if (fits && covered_by_legend(p) < 0.3 * w)
        return 0;
    size_t columns = layout_flow(l->n, w, p->plot.w), rows = (l->n + columns - 1) / columns;
    double above = (1.4 * (double)rows + 0.4) * l->size,
           room = fmin(0.45 * p->cell.w, 0.7 * p->plot.w - 0.6 * c->em);
    if ((w < 0.32 * p->cell.w || above > 0.3 * p->plot.h) && (room > 12 * l->size || room > w)) {
        l->where = BESIDE;
        measure_legend(c, p, room);
        p->plot.w = fmax(0.3 * p->plot.w, p->plot.w - l->box.w - 0.6 * c->em);
        return 0;
    }
    l->where = ABOVE;
    l->columns = columns;
    size_t most = (size_t)fmax(1, (0.5 * p->plot.h / l->size - 0.4) / 1.4);
    if (rows > most)
        cut_legend(c, p, most * columns, p->plot.w / (double)columns);
    l->box.h = (1.4 * (double)(rows > most ? most : rows) + 0.4) * l->size;
    return l->box.h;
}

/* ---- marks ---- */

struct placed_mark {
    double x;
    const char *label;
    size_t index;
};

static int compare_marks(const void *a, const void *b)
{
    const struct placed_mark *p = a, *q = b;
    if (p->x < q->x || p->x > q->x)
        return p->x < q->x ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

/* The marks within the axis, from left to right. */
static void collect_marks(struct canvas *c, struct panel *p)
{
    const struct axes *a = p->axes;
    struct placed_mark *m = arena_alloc(&c->arena, (a->marks + 1) * sizeof *m);
    p->marks = 0;
    for (size_t i = 0; i < a->marks; i++)
        if (a->mark[i].x >= p->x.lo && a->mark[i].x <= p->x.hi)
            m[p->marks++] = (struct placed_mark){
                layout_map(&p->x, a->mark[i].x, p->plot.x, p->plot.x + p->plot.w), a->mark[i].label,
                i};
    qsort(m, p->marks, sizeof *m, compare_marks);
    p->mark_x = arena_alloc(&c->arena, (p->marks + 1) * sizeof *p->mark_x);
    p->mark_label = arena_alloc(&c->arena, (p->marks + 1) * sizeof *p->mark_label);
    p->mark_box = arena_alloc(&c->arena, (p->marks + 1) * sizeof *p->mark_box);
    for (size_t i = 0; i < p->marks; i++) {
        p->mark_x[i] = m[i].x;
        p->mark_label[i] = canvas_clean(c, p->marks <= LABELLED_MARKS ? m[i].label : NULL);
    }
}

/* How bad these places are: what they hide, and labels without one. */
static double mark_cost(const struct panel *p, const struct layout_rect *box)
{
    double sum = 0;
    for (size_t i = 0; i < p->marks; i++) {
        if (!(box[i].w > 0) && p->mark_label[i][0])
            sum += 1000;
        for (size_t k = 0; k < p->axes->curves && box[i].w > 0; k++)
            sum += layout_covered(&p->line[k], box[i]);
    }
    return sum;
}

static void place_marks(struct canvas *c, struct panel *p)
{
    collect_marks(c, p);
    double *length = arena_alloc(&c->arena, (p->marks + 1) * sizeof *length);
    struct layout_rect *lower = arena_alloc(&c->arena, (p->marks + 1) * sizeof *lower);
    double size = canvas_size(c, 0.72), pad = 0.2 * c->em;
    canvas_font(c, size, false);
    for (size_t i = 0; i < p->marks; i++) {
        p->mark_label[i] = canvas_fit(c, p->mark_label[i], 0.45 * p->plot.h);
        length[i] = canvas_width(c, p->mark_label[i]);
    }
    layout_mark_labels(p->mark_x, length, p->marks, size, pad, p->plot, true, p->mark_box);
    layout_mark_labels(p->mark_x, length, p->marks, size, pad, p->plot, false, lower);
    if (mark_cost(p, lower) < mark_cost(p, p->mark_box))
        p->mark_box = lower;
}

static void draw_marks(struct canvas *c, const struct panel *p)
{
    const double dash[] = {6 * c->unit, 5 * c->unit};
    canvas_colour(c, MARK, 1);
    cairo_set_line_width(c->cr, thin * c->unit);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_BUTT);
    cairo_set_dash(c->cr, dash, 2, 0);
    for (size_t i = 0; i < p->marks; i++) {
        cairo_move_to(c->cr, p->mark_x[i], p->plot.y + p->plot.h);
        cairo_line_to(c->cr, p->mark_x[i], p->plot.y);
        cairo_stroke(c->cr);
    }
    cairo_set_dash(c->cr, NULL, 0, 0);
}

static void draw_mark_labels(struct canvas *c, const struct panel *p)
{
    canvas_font(c, canvas_size(c, 0.72), false);
    for (size_t i = 0; i < p->marks; i++) {
        struct layout_rect r = p->mark_box[i];
        if (!(r.w > 0))
            continue;
        canvas_colour(c, PAPER, 0.8);
        cairo_rectangle(c->cr, r.x, r.y, r.w, r.h);
        cairo_fill(c->cr);
        canvas_colour(c, FRAME, 1);
        canvas_write(c, p->mark_label[i], r.x + r.w / 2, r.y + r.h, 0, -acos(0));
    }
}

/* ---- axes ---- */

/* Where there is room for it: lines closer than a letter is high would be a grey area. */
static void draw_minor_grid(struct canvas *c, const struct panel *p)
{
    struct layout_rect r = p->plot;
    double *v = arena_alloc(&c->arena, LAYOUT_MINOR * sizeof *v);
    size_t n = p->axes->x_tick ? 0 : layout_minor(&p->x, &p->x_ticks, p->axes->x_whole, v);
    canvas_colour(c, MINOR, 1);
    cairo_set_line_width(c->cr, hair * c->unit);
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

static void draw_grid(struct canvas *c, const struct panel *p)
{
    struct layout_rect r = p->plot;
    draw_minor_grid(c, p);
    canvas_colour(c, GRID, 1);
    cairo_set_line_width(c->cr, hair * c->unit);
    for (size_t i = 0; i < p->x_ticks.n; i++) {
        double x = canvas_crisp(layout_map(&p->x, p->x_ticks.tick[i].value, r.x, r.x + r.w));
        if (p->x_ticks.tick[i].label[0])
            canvas_stroke(c, x, r.y, x, r.y + r.h);
    }
    for (size_t i = 0; i < p->axes->rows; i++) {
        double y = canvas_crisp(layout_map(&p->y, (double)i + 1, r.y + r.h, r.y));
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
        canvas_write(c, t->label, x, bottom + tick_length * c->unit + 0.75 * c->em, 0.5, 0);
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
    /* As many as stand clear of one another, from the best on. */
    double step = r.h / (double)(p->axes->rows + 1);
    size_t every = (size_t)fmax(1, ceil(row_size(c, p) / step - 1e-9));
    for (size_t i = 0; i < p->axes->rows; i++)
        if ((p->axes->rows - 1 - i) % every == 0)
            canvas_write(c, p->row[i], canvas_crisp(r.x) - tick_length * c->unit - 0.35 * c->em,
                         layout_map(&p->y, (double)i + 1, r.y + r.h, r.y), 1, 0);
}

/* The middle of a text that is to stand around `middle`, but between `from` and `to`. */
static double centre(struct canvas *c, const char *text, double middle, double from, double to)
{
    double half = canvas_width(c, text) / 2;
    return fmax(from + half, fmin(to - half, middle));
}

static void draw_axes(struct canvas *c, const struct panel *p)
{
    struct layout_rect r = p->plot;
    double left = canvas_crisp(r.x), bottom = canvas_crisp(r.y + r.h);
    cairo_set_line_width(c->cr, thin * c->unit);
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
    double upper = p->cell.y + (p->title[0] ? 2.1 * c->em : pad),
           lower = p->cell.y + p->cell.h - (p->x_label[0] ? 1.7 * c->em : pad);
    double x = centre(c, p->x_label, r.x + r.w / 2, p->cell.x + pad, right);
    double y = centre(c, p->y_label, r.y + r.h / 2, upper, lower);
    canvas_write(c, p->x_label, x, p->cell.y + p->cell.h - 0.85 * c->em, 0.5, 0);
    canvas_write(c, p->y_label, r.x - p->left + 0.95 * c->em, y, 0.5, -acos(0));
    canvas_font(c, 1.05 * c->em, true);
    x = centre(c, p->title, r.x + r.w / 2, p->cell.x + pad, right);
    canvas_write(c, p->title, x, r.y - p->above - 1.05 * c->em, 0.5, 0);
}

/* ---- curves ---- */

/* One symbol for each colour, so that curves differ in print without colour too: corners on a circle
 * (0: a disc), every other one so much nearer to the middle, the first at this angle in quarters of
 * a turn, and a radius for equal areas. */
static const struct {
    int corners;
    double inner, turn, radius;
} symbols[LAYOUT_COLOURS] = {{0, 1, 0, 1},        {4, 1, 0.5, 1.2}, {3, 1, -1, 1.35},
                             {4, 1, 0, 1.2},      {3, 1, 1, 1.35},  {8, 0.35, 0, 1.55},
                             {10, 0.42, -1, 1.55}};

static void trace_symbol(struct canvas *c, int style, double x, double y, double radius)
{
    size_t kind = (size_t)style % LAYOUT_COLOURS;
    double r = symbols[kind].radius * radius, quarter = acos(0);
    cairo_new_path(c->cr);
    if (symbols[kind].corners == 0)
        cairo_arc(c->cr, x, y, r, 0, 4 * quarter);
    for (int i = 0; i < symbols[kind].corners; i++) {
        double angle = 4 * quarter * i / symbols[kind].corners + symbols[kind].turn * quarter,
               at = i % 2 ? r * symbols[kind].inner : r;
        cairo_line_to(c->cr, x + at * cos(angle), y + at * sin(angle));
    }
    cairo_close_path(c->cr);
}

static void draw_symbol(struct canvas *c, int style, double x, double y, double radius, bool open)
{
    trace_symbol(c, style, x, y, radius);
    if (open) {
        cairo_pattern_t *own = cairo_pattern_reference(cairo_get_source(c->cr));
        canvas_colour(c, PAPER, 1);
        cairo_fill_preserve(c->cr);
        cairo_set_source(c->cr, own);
        cairo_pattern_destroy(own);
        cairo_set_dash(c->cr, NULL, 0, 0);
        cairo_set_line_width(c->cr, 0.4 * radius);
        cairo_stroke(c->cr);
        return;
    }
    cairo_fill(c->cr);
}

/* Two strokes, heavier than a curve's. */
static void draw_cross(struct canvas *c, double x, double y, double radius)
{
    cairo_set_dash(c->cr, NULL, 0, 0);
    cairo_set_line_width(c->cr, 0.6 * radius);
    canvas_stroke(c, x - radius, y - radius, x + radius, y + radius);
    canvas_stroke(c, x - radius, y + radius, x + radius, y - radius);
}

/* White with a dark edge, to stand out on any curve. */
static void draw_place(struct canvas *c, int symbol, double x, double y, double radius)
{
    double pi = acos(-1);
    cairo_new_path(c->cr);
    if (symbol == SYMBOL_RING)
        cairo_arc(c->cr, x, y, radius, 0, 2 * pi);
    for (int i = 0; symbol == SYMBOL_STAR && i < 10; i++) {
        double r = (i % 2 == 0 ? 1.7 : 0.7) * radius, angle = pi * (i / 5.0 - 0.5);
        cairo_line_to(c->cr, x + r * cos(angle), y + r * sin(angle));
    }
    cairo_close_path(c->cr);
    canvas_colour(c, PAPER, 1);
    cairo_fill_preserve(c->cr);
    canvas_colour(c, INK, 1);
    cairo_set_line_width(c->cr, 0.28 * radius);
    cairo_stroke(c->cr);
}

static void draw_symbol_of(struct canvas *c, const struct panel *p, size_t k, double x, double y,
                           double radius)
{
    const struct curve *curve = &p->axes->curve[k];
    if (curve->symbol == SYMBOL_CROSS)
        draw_cross(c, x, y, 1.25 * radius);
    else if (curve->symbol == SYMBOL_OF_STYLE || curve->symbol == SYMBOL_OPEN)
        draw_symbol(c, p->style[k], x, y, radius, curve->symbol == SYMBOL_OPEN);
    else
        draw_place(c, curve->symbol, x, y, 1.5 * radius);
}

/* Within the plot, its border included: what stands there is drawn whole. */
static bool is_inside(const struct panel *p, double x, double y)
{
    struct layout_rect r = p->plot;
    return x > r.x - 1 && x < r.x + r.w + 1 && y > r.y - 1 && y < r.y + r.h + 1;
}

static void draw_some_symbols(struct canvas *c, const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    struct layout_rect r = p->plot;
    size_t last = curve->n > 0 ? curve->n - 1 : 0;
    for (size_t i = 0; i < curve->n;
         i = i < last && last - i < curve->every ? last : i + curve->every)
        if (!layout_is_gap(p->axes, curve, i)) {
            double x = layout_map(&p->x, curve->x[i], r.x, r.x + r.w),
                   y = layout_map(&p->y, curve->y[i], r.y + r.h, r.y);
            if (is_inside(p, x, y))
                draw_symbol(c, p->style[k], x, y, 5.5 * c->unit, false);
        }
}

static bool has_symbols(const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    if (curve->points || curve->every > 0)
        return true;
    return !curve->faint && !curve->steps && !curve->bare && !curve->guide &&
           curve->n <= FEW_POINTS && p->axes->curves <= FEW_CURVES;
}

/* Long strokes first: they show the most of a curve that is not smooth. In widths of the line. */
static const struct {
    int parts;
    double length[6];
} dashes[LAYOUT_DASHES] = {{0, {0}},       {2, {6, 1.8}},  {4, {8, 1.6, 1.4, 1.6}},
                           {2, {3, 1.3}},  {2, {12, 2.2}}, {6, {8, 1.5, 1.3, 1.5, 1.3, 1.5}},
                           {2, {1.4, 1.2}}};

static void set_pen(struct canvas *c, const struct curve *curve, int style, bool dots)
{
    bool plain = curve->faint || (curve->steps && !curve->dashed) || curve->solid ||
                 (curve->bare && curve->n == 2); /* an interval is no curve */
    int kind = curve->guide ? 1 : plain ? 0 : layout_dash(style, dots);
    double width = (curve->faint || curve->guide ? thin : thick) * c->unit, dash[6];
    for (int i = 0; i < dashes[kind].parts; i++)
        dash[i] = dashes[kind].length[i] * width;
    canvas_colour(c, curve->guide ? MARK : STYLE + (unsigned)style,
                  curve->faint ? (curve->points ? 0.5 : 0.4) : 1);
    cairo_set_line_width(c->cr, width);
    cairo_set_dash(c->cr, dash, dashes[kind].parts, 0);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_BUTT);
    cairo_set_line_join(c->cr, curve->faint ? CAIRO_LINE_JOIN_BEVEL : CAIRO_LINE_JOIN_ROUND);
}

static void draw_band(struct canvas *c, const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    struct layout_line band = layout_band(p->axes, curve, &p->x, &p->y, p->plot);
    canvas_colour(c, STYLE + (unsigned)p->style[k], 0.16);
    cairo_new_path(c->cr);
    for (size_t i = 0; i < band.n; i++) {
        if (band.point[i].move) {
            cairo_close_path(c->cr);
            cairo_move_to(c->cr, band.point[i].x, band.point[i].y);
        } else {
            cairo_line_to(c->cr, band.point[i].x, band.point[i].y);
        }
    }
    cairo_close_path(c->cr);
    cairo_fill(c->cr);
    layout_line_fini(&band);
}

/* What lies beyond a chosen range is cut. */
static void clip_to_ranges(struct canvas *c, const struct panel *p)
{
    /* Along an axis without a chosen range nothing lies beyond, but lines are thick. */
    double x = p->axes->x_range ? 0 : c->em, y = p->axes->y_range ? 0 : c->em;
    if (!p->axes->x_range && !p->axes->y_range)
        return;
    cairo_rectangle(c->cr, p->plot.x - x, p->plot.y - y, p->plot.w + 2 * x, p->plot.h + 2 * y);
    cairo_clip(c->cr);
}

/* The notes over the points; where two would touch, the first. */
static void draw_notes(struct canvas *c, const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    struct layout_rect r = p->plot;
    double end = -HUGE_VAL, size = canvas_size(c, 0.62);
    canvas_font(c, size, false);
    canvas_colour(c, INK, 1);
    for (size_t i = 0; i < curve->n && curve->note; i++) {
        if (!curve->note[i] || layout_is_gap(p->axes, curve, i))
            continue;
        const char *note = canvas_clean(c, curve->note[i]);
        double half = canvas_width(c, note) / 2, x = layout_map(&p->x, curve->x[i], r.x, r.x + r.w);
        double y = curve->edge ? layout_edge(curve->edge, r)
                               : layout_map(&p->y, curve->y[i], r.y + r.h, r.y);
        if (!is_inside(p, x, y) || x - half < end)
            continue;
        double side = y - 1.4 * size < r.y ? 1.15 : -1.15; /* below, at the upper end */
        canvas_write(c, note, fmin(fmax(x, r.x + half), r.x + r.w - half), y + side * size, 0.5, 0);
        end = x + half;
    }
}

static void draw_curve(struct canvas *c, const struct panel *p, size_t k)
{
    const struct curve *curve = &p->axes->curve[k];
    const struct layout_line *line = &p->line[k];
    set_pen(c, curve, p->style[k], has_symbols(p, k));
    cairo_save(c->cr);
    clip_to_ranges(c, p);
    cairo_new_path(c->cr);
    for (size_t i = 0; i < line->n; i++) {
        if (line->point[i].move)
            cairo_move_to(c->cr, line->point[i].x, line->point[i].y);
        else
            cairo_line_to(c->cr, line->point[i].x, line->point[i].y);
    }
    if (curve->points)
        cairo_new_path(c->cr);
    cairo_stroke(c->cr);
    cairo_restore(c->cr);
    for (size_t i = 0; i < line->n; i++) {
        bool lone = line->point[i].move && (i + 1 == line->n || line->point[i + 1].move);
        if ((lone || (has_symbols(p, k) && curve->every == 0)) &&
            is_inside(p, line->point[i].x, line->point[i].y))
            draw_symbol_of(c, p, k, line->point[i].x, line->point[i].y,
                           (curve->points  ? 5
                            : curve->faint ? 1.2
                                           : 5.5) *
                               c->unit);
    }
    if (curve->every > 0)
        draw_some_symbols(c, p, k);
    draw_notes(c, p, k);
    cairo_set_dash(c->cr, NULL, 0, 0);
}

/* Nothing of the curve is a line. */
static bool is_lone(const struct panel *p, size_t k)
{
    const struct layout_line *line = p->line ? &p->line[k] : NULL;
    for (size_t i = 0; line && i < line->n; i++)
        if (!line->point[i].move)
            return false;
    return line && line->n > 0;
}

/* The legend's entry i, its sample from x on. */
static void draw_entry(struct canvas *c, const struct panel *p, size_t i, double x, double y)
{
    const struct legend *l = &p->legend;
    size_t k = l->curve[i];
    if (k < p->axes->curves) {
        set_pen(c, &p->axes->curve[k], p->style[k], has_symbols(p, k));
        bool lone = is_lone(p, k);
        if (!p->axes->curve[k].points && !lone)
            canvas_stroke(c, x, y, x + 3.1 * l->size, y);
        cairo_set_dash(c->cr, NULL, 0, 0);
        if (has_symbols(p, k) || lone)
            draw_symbol_of(c, p, k, x + 1.55 * l->size, y, 5.5 * c->unit);
    }
    canvas_colour(c, INK, 1);
    canvas_font(c, l->size, false);
    canvas_write(c, l->label[i], x + 3.7 * l->size, y, 0, 0);
}

static void draw_legend(struct canvas *c, const struct panel *p)
{
    const struct legend *l = &p->legend;
    struct layout_rect b = l->box;
    if (l->n == 0)
        return;
    canvas_note(c, NULL, b.x, b.y, (double)l->columns * b.w, b.h,
                l->where == INSIDE ? covered_by_legend(p) : 0);
    if (l->where == INSIDE) {
        canvas_colour(c, PAPER, 0.88);
        cairo_rectangle(c->cr, canvas_crisp(b.x), canvas_crisp(b.y), floor(b.w), floor(b.h));
        cairo_fill_preserve(c->cr);
        canvas_colour(c, GRID, 1);
        cairo_set_line_width(c->cr, hair * c->unit);
        cairo_stroke(c->cr);
    }
    for (size_t i = 0; i < l->n; i++) {
        size_t column = i % l->columns, row = i / l->columns;
        draw_entry(c, p, i, b.x + (double)column * b.w + 0.6 * l->size,
                   b.y + (0.3 + 1.4 * ((double)row + 0.5)) * l->size);
    }
}

/* Bands, then raw data, then what they are about. */
static void draw_curves(struct canvas *c, const struct panel *p)
{
    cairo_save(c->cr);
    clip_to_ranges(c, p);
    for (size_t k = 0; k < p->axes->curves; k++)
        if (p->axes->curve[k].low && p->axes->curve[k].high)
            draw_band(c, p, k);
    cairo_restore(c->cr);
    for (int faint = 1; faint >= 0; faint--)
        for (size_t k = 0; k < p->axes->curves; k++)
            if (p->axes->curve[k].faint == (faint == 1))
                draw_curve(c, p, k);
}

/* The plot's place and all that depends on it; returns the room that its legend needs above. */
static double lay_out(struct canvas *c, struct panel *p, struct margins m)
{
    p->plot = (struct layout_rect){p->cell.x + m.left, p->cell.y + m.top,
                                   fmax(4, p->cell.w - m.left - m.right),
                                   fmax(4, p->cell.h - m.top - m.bottom)};
    if (p->axes->equal)
        p->plot = contour_equal(p->plot, &p->x, &p->y);
    make_lines(p);
    place_marks(c, p);
    return place_legend(c, p);
}

/* The same with so much room above the plot. */
static void arrange(struct canvas *c, struct panel *p, double above)
{
    struct legend *l = &p->legend;
    p->above = above;
    p->plot.y += above;
    p->plot.h = fmax(4, p->plot.h - above);
    choose_ticks(c, p, p->plot.w, p->plot.h);
    make_lines(p);
    place_marks(c, p);
    if (l->where == BESIDE) {
        l->box.x = p->plot.x + p->plot.w + 0.6 * c->em;
        l->box.y = p->plot.y;
    } else if (l->where == ABOVE) {
        l->box.x = p->plot.x - 0.6 * l->size;
        l->box.y = p->plot.y - l->box.h;
    } else if (l->n > 0 && above > 0) {
        place_inside(c, p);
    }
}

static void draw_panel(struct canvas *c, struct panel *p)
{
    if (p->axes->contours) {
        struct contour_frame frame = {&p->x, &p->y, p->plot};
        contour_draw(c, p->axes->contours, &frame);
    } else {
        draw_grid(c, p);
    }
    draw_marks(c, p);
    draw_curves(c, p);
    draw_axes(c, p);
    draw_mark_labels(c, p);
    draw_legend(c, p);
    if (!p->has_data && !p->axes->contours) {
        canvas_colour(c, MARK, 1);
        canvas_font(c, 1.2 * c->em, false);
        canvas_write(c,
                     canvas_fit(c, canvas_clean(c, p->axes->nothing ? p->axes->nothing : "no data"),
                                0.96 * p->plot.w),
                     p->plot.x + p->plot.w / 2, p->plot.y + p->plot.h / 2, 0.5, 0);
    }
    for (size_t k = 0; k < p->axes->curves; k++)
        layout_line_fini(&p->line[k]);
}

/* ---- one legend for all panels ---- */

/* The entries of the first panel's curves, in rows below all panels. */
struct shared_legend {
    struct panel panel; /* of which only what an entry needs is set */
    size_t columns;
    double column, height; /* pixels */
};

static void measure_shared(struct canvas *c, const struct figure *f, double width, double height,
                           struct shared_legend *ret)
{
    struct panel *p = &ret->panel;
    *ret = (struct shared_legend){.panel.axes = f->panel};
    p->style = arena_alloc(&c->arena, (p->axes->curves + 1) * sizeof *p->style);
    layout_styles(p->axes, p->style);
    struct legend *l = &p->legend;
    l->size = canvas_size(c, 0.9);
    for (;; l->size = fmax(0.9 * l->size, c->least)) {
        /* As large as the figure's would be, but no more than some of its height. */
        p->cell = (struct layout_rect){0, 0, 2.2 * width, 1e6};
        p->plot = p->cell;
        measure_legend_at(c, p, l->size, 0.96 * width);
        ret->column = fmin(width, l->box.w);
        ret->columns = layout_flow(l->n, ret->column, 0.96 * width);
        size_t rows = (l->n + ret->columns - 1) / ret->columns;
        ret->height = l->n > 0 ? (1.4 * (double)rows + 0.5) * l->size : 0;
        if (ret->height <= 0.3 * height || l->size < 0.6 * c->em || l->size < 1.01 * c->least)
            break;
    }
    size_t fits = (size_t)fmax(1, (0.4 * height / l->size - 0.5) / 1.4) * ret->columns;
    if (l->n > fits) {
        cut_legend(c, p, fits, ret->column);
        size_t lines = fits / ret->columns;
        ret->height = (1.4 * (double)lines + 0.5) * l->size;
    }
}

static void draw_shared(struct canvas *c, const struct shared_legend *s, double width, double top)
{
    const struct legend *l = &s->panel.legend;
    double left = (width - (double)s->columns * s->column) / 2;
    for (size_t i = 0; i < l->n; i++) {
        size_t line = i / s->columns;
        draw_entry(c, &s->panel, i, left + (double)(i % s->columns) * s->column + 0.6 * l->size,
                   top + (0.1 + 1.4 * ((double)line + 0.5)) * l->size);
    }
}

/* ---- the whole ---- */

/* The figure's title; returns the height it takes. */
static double draw_title(struct canvas *c, const struct figure *f, const struct sizes *s)
{
    const char *title = canvas_clean(c, f->title);
    if (title[0] == '\0')
        return 0;
    canvas_font(c, 1.15 * c->em, true);
    /* A long title is written smaller before it is cut. */
    double shrink = fmax(0.7, fmin(1, 0.94 * s->width / canvas_width(c, title)));
    canvas_font(c, fmax(1.15 * c->em * shrink, c->least), true);
    canvas_colour(c, INK, 1);
    canvas_write(c, canvas_fit(c, title, 0.96 * s->width), s->width / 2.0, 1.15 * c->em, 0.5, 0);
    return 1.65 * c->em;
}

/* Panels without axes. */
static bool draw_other(struct canvas *c, const struct panel *p)
{
    if (p->axes->heat)
        heat_draw(c, p->axes, p->cell);
    else if (p->axes->mosaic)
        mosaic_draw(c, p->axes, p->cell);
    else
        return false;
    return true;
}

static void draw_panels(struct canvas *c, const struct figure *f, const struct sizes *s, double top,
                        double bottom)
{
    static const struct axes none = {0};
    struct panel *panel = arena_alloc(&c->arena, s->panels * sizeof *panel);
    double w = s->width / (double)s->columns, h = (s->height - top - bottom) / (double)s->rows;
    double *own_left = arena_alloc(&c->arena, s->panels * sizeof *own_left);
    double *above =
        arena_alloc(&c->arena, s->rows * sizeof *above); /* each row of panels, for their legends */
    struct margins m = {0};
    for (size_t i = 0; i < s->panels; i++) {
        size_t row = i / s->columns, column = i % s->columns;
        struct layout_rect cell = {w * (double)column, top + h * (double)row, w, h};
        prepare(c, &panel[i], f->panels > 0 ? &f->panel[i] : &none, cell);
        panel[i].unlisted = f->shared_legend;
        if (panel[i].axes->heat || panel[i].axes->mosaic)
            continue;
        /* The same margins for all, so that the plots stand in line. */
        struct margins own = measure(c, &panel[i]);
        own_left[i] = own.left;
        m.left = fmax(m.left, own.left);
        m.right = fmax(m.right, own.right);
        m.top = fmax(m.top, own.top);
        m.bottom = fmax(m.bottom, own.bottom);
    }
    for (size_t i = 0; i < s->panels; i++) {
        if (draw_other(c, &panel[i]))
            continue;
        /* Labels of y axes stand in line too, but only within their column. */
        for (size_t k = i % s->columns; k < s->panels; k += s->columns)
            panel[i].left = fmax(panel[i].left, own_left[k]);
        above[i / s->columns] = fmax(above[i / s->columns], lay_out(c, &panel[i], m));
    }
    for (size_t i = 0; i < s->panels; i++) {
        if (panel[i].axes->heat || panel[i].axes->mosaic)
            continue;
        arrange(c, &panel[i], above[i / s->columns]);
        draw_panel(c, &panel[i]);
    }
}

void draw_figure(struct canvas *c, const struct figure *f, const struct sizes *s)
{
    struct shared_legend legend = {0};
    double top = draw_title(c, f, s);
    if (f->shared_legend && f->panels > 0)
        measure_shared(c, f, s->width, s->height - top, &legend);
    draw_panels(c, f, s, top, legend.height);
    if (legend.height > 0)
        draw_shared(c, &legend, s->width, s->height - legend.height);
}
