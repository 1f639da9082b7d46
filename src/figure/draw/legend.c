/* The legend of a panel, or one for all panels: its size, its place, its entries. */
#include "figure/draw/panel.h"
#include "util/mem.h"
#include <math.h>
#include <string.h>

enum { LETTERS = 3 }; /* of a curve's name are shown at least, or no legend */

/* ---- its size and place ---- */

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
    if (room < 4.9 * size + LETTERS * 0.6 * size) /* a letter or two of a name say nothing */
        return;
    double widest = 0;
    const char **name = arena_alloc(&c->arena, (a->curves + 1) * sizeof *name);
    for (size_t k = 0; k < a->curves; k++)
        if (a->curve[k].label) {
            name[l->n] = canvas_clean(c, a->curve[k].label);
            l->curve[l->n++] = k;
        }
    canvas_fit_apart(c, name, l->n, fmax(0, room - 4.9 * size), l->label);
    for (size_t i = 0; i < l->n; i++)
        widest = fmax(widest, canvas_width(c, l->label[i]));
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

/* A line in place of all entries. */
static void leave_legend(struct canvas *c, struct panel *p, double width)
{
    struct legend *l = &p->legend;
    canvas_font(c, l->size, false);
    l->label[0] =
        canvas_fit(c, arena_printf(&c->arena, "%zu curves: no room for their names", l->n),
                   width - 4.9 * l->size);
    l->curve[0] = p->axes->curves;
    l->n = 1;
    l->box.w = canvas_width(c, l->label[0]) + 4.9 * l->size;
    l->box.h = 1.9 * l->size;
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

void legend_place_inside(struct canvas *c, struct panel *p)
{
    struct legend *l = &p->legend;
    const struct layout_obstacles o = {p->plot,         0.5 * c->em, p->line,
                                       p->axes->curves, p->mark_box, p->marks};
    l->box = layout_place(&o, l->box.w, l->box.h, NULL);
}

double legend_place(struct canvas *c, struct panel *p)
{
    struct legend *l = &p->legend;
    if (!p->unlisted)
        measure_legend(c, p, p->plot.w);
    if (l->n == 0)
        return 0;
    double w = l->box.w, h = l->box.h;
    bool fits = w < p->plot.w - c->em && h < fmin(0.75 * p->plot.h, p->plot.h - c->em);
    legend_place_inside(c, p);
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

/* ---- its entries ---- */

/* Whether curve j of q draws what the legend's curve k of p draws. */
static bool is_same(const struct panel *p, size_t k, const struct panel *q, size_t j)
{
    const struct curve *one = &p->axes->curve[k], *other = &q->axes->curve[j];
    if (curves_are_empty(q, j))
        return false;
    if (q->axes == p->axes)
        return j == k;
    return q->style[j] == p->style[k] && !other->faint && other->points == one->points &&
           (!other->label || strcmp(other->label, one->label) == 0);
}

void legend_choose_sample(const struct panel *p, size_t k, const struct panel *all, size_t panels,
                          struct sample *ret_line, struct sample *ret_symbol)
{
    *ret_line = *ret_symbol = (struct sample){0};
    for (size_t i = 0; i < panels; i++)
        for (size_t j = 0; j < all[i].axes->curves; j++) {
            const struct panel *q = &all[i];
            if (!is_same(p, k, q, j))
                continue;
            if (!ret_line->panel ||
                (curves_dash(ret_line->panel, ret_line->curve) == 0 && curves_dash(q, j) > 0))
                *ret_line = (struct sample){q, j};
            if (!ret_symbol->panel && curves_have_symbols(q, j))
                *ret_symbol = (struct sample){q, j};
        }
    if (ret_line->panel)
        return;
    *ret_line = (struct sample){p, k}; /* drawn nowhere */
    if (curves_have_symbols(p, k))
        *ret_symbol = *ret_line;
}

/* Panels whose curves the samples of a legend show. */
struct shown {
    const struct panel *panel;
    size_t n;
};

/* The legend's entry i, its sample from x on. */
static void draw_entry(struct canvas *c, const struct panel *p, struct shown shown, size_t i,
                       double x, double y)
{
    const struct legend *l = &p->legend;
    size_t k = l->curve[i];
    if (k < p->axes->curves) {
        struct sample line, symbol;
        legend_choose_sample(p, k, shown.panel, shown.n, &line, &symbol);
        curves_set_pen(c, line.panel, line.curve);
        bool lone = curves_are_lone(p, k);
        if (!p->axes->curve[k].points && !lone)
            canvas_stroke(c, x, y, x + 3.1 * l->size, y);
        cairo_set_dash(c->cr, NULL, 0, 0);
        if (!symbol.panel && lone)
            symbol = line;
        if (symbol.panel)
            curves_draw_symbol(c, symbol.panel, symbol.curve, x + 1.55 * l->size, y, 5.5 * c->unit);
    }
    canvas_colour(c, INK, 1);
    canvas_font(c, l->size, false);
    canvas_write(c, l->label[i], x + 3.7 * l->size, y, 0, 0);
}

void legend_draw(struct canvas *c, const struct panel *p)
{
    const struct legend *l = &p->legend;
    struct layout_rect b = l->box;
    if (l->n == 0)
        return;
    canvas_note(c, NULL, (struct layout_rect){b.x, b.y, (double)l->columns * b.w, b.h},
                l->where == INSIDE ? covered_by_legend(p) : 0);
    if (l->where == INSIDE) {
        canvas_colour(c, PAPER, 0.88);
        cairo_rectangle(c->cr, canvas_crisp(b.x), canvas_crisp(b.y), floor(b.w), floor(b.h));
        cairo_fill_preserve(c->cr);
        canvas_colour(c, GRID, 1);
        cairo_set_line_width(c->cr, PANEL_HAIR * c->unit);
        cairo_stroke(c->cr);
    }
    for (size_t i = 0; i < l->n; i++) {
        size_t column = i % l->columns, row = i / l->columns;
        draw_entry(c, p, (struct shown){p, 1}, i, b.x + (double)column * b.w + 0.6 * l->size,
                   b.y + (0.3 + 1.4 * ((double)row + 0.5)) * l->size);
    }
}

/* ---- one for all panels ---- */

static void collect_panels(struct canvas *c, const struct figure *f, struct shared_legend *ret)
{
    *ret = (struct shared_legend){.panels = f->panels};
    ret->all = arena_alloc(&c->arena, f->panels * sizeof *ret->all);
    for (size_t i = 0; i < f->panels; i++) {
        struct panel *p = &ret->all[i];
        *p = (struct panel){.axes = &f->panel[i], .together = f->panel, .togethers = f->panels};
        p->style = arena_alloc(&c->arena, (p->axes->curves + 1) * sizeof *p->style);
        layout_styles(p->axes, p->style);
    }
    ret->panel = ret->all[0];
}

void legend_measure_shared(struct canvas *c, const struct figure *f, double width, double height,
                           struct shared_legend *ret)
{
    struct panel *p = &ret->panel;
    collect_panels(c, f, ret);
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
    if (2 * fits <
        l->n + 1) { /* a few of many names tell little: they leave the room to the curves */
        leave_legend(c, p, 0.96 * width);
        ret->columns = 1;
        ret->column = l->box.w;
        ret->height = l->box.h;
    } else if (l->n > fits) {
        cut_legend(c, p, fits, ret->column);
        size_t lines = fits / ret->columns;
        ret->height = (1.4 * (double)lines + 0.5) * l->size;
    }
}

void legend_draw_shared(struct canvas *c, const struct shared_legend *s, double width, double top)
{
    const struct legend *l = &s->panel.legend;
    double left = (width - (double)s->columns * s->column) / 2;
    for (size_t i = 0; i < l->n; i++) {
        size_t line = i / s->columns;
        draw_entry(c, &s->panel, (struct shown){s->all, s->panels}, i,
                   left + (double)(i % s->columns) * s->column + 0.6 * l->size,
                   top + (0.1 + 1.4 * ((double)line + 0.5)) * l->size);
    }
}
