/* The vertical marks of a panel and their labels. */
#include "figure/draw/panel.h"
#include "util/mem.h"
#include <math.h>
#include <stdlib.h>

enum { LABELLED_MARKS = 200 }; /* with more, marks have no labels */

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

/* How bad these places are: what they hide, and labels without a place. */
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

void marks_place(struct canvas *c, struct panel *p)
{
    collect_marks(c, p);
    double *length = arena_alloc(&c->arena, (p->marks + 1) * sizeof *length);
    const struct layout_marks m = {.x = p->mark_x,
                                   .length = length,
                                   .n = p->marks,
                                   .height = canvas_size(c, 0.72),
                                   .pad = 0.2 * c->em,
                                   .plot = p->plot};
    struct layout_rect *lower = arena_alloc(&c->arena, (p->marks + 1) * sizeof *lower);
    canvas_font(c, m.height, false);
    for (size_t i = 0; i < p->marks; i++) {
        p->mark_label[i] = canvas_fit(c, p->mark_label[i], 0.45 * p->plot.h);
        length[i] = canvas_width(c, p->mark_label[i]);
    }
    layout_mark_labels(&m, true, p->mark_box);
    layout_mark_labels(&m, false, lower);
    if (mark_cost(p, lower) < mark_cost(p, p->mark_box))
        p->mark_box = lower;
}

void marks_draw(struct canvas *c, const struct panel *p)
{
    const double dash[] = {6 * c->unit, 5 * c->unit};
    canvas_colour(c, MARK, 1);
    cairo_set_line_width(c->cr, PANEL_THIN * c->unit);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_BUTT);
    cairo_set_dash(c->cr, dash, 2, 0);
    for (size_t i = 0; i < p->marks; i++) {
        cairo_move_to(c->cr, p->mark_x[i], p->plot.y + p->plot.h);
        cairo_line_to(c->cr, p->mark_x[i], p->plot.y);
        cairo_stroke(c->cr);
    }
    cairo_set_dash(c->cr, NULL, 0, 0);
}

void marks_draw_labels(struct canvas *c, const struct panel *p)
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
