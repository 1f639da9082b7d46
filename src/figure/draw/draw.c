#include "figure/draw/draw.h"
#include "figure/draw/heat.h"
#include "figure/draw/mosaic_draw.h"
#include "figure/draw/panel.h"
#include "figure/layout/contour.h"
#include "util/mem.h"
#include <math.h>

/* ---- a panel ---- */

static void prepare(struct canvas *c, struct panel *p, const struct axes *a,
                    struct layout_rect cell)
{
    *p = (struct panel){.axes = a, .cell = cell};
    canvas_font(c, 1.05 * c->em, true);
    canvas_fit_two(c, canvas_clean(c, a->title), 0.9 * cell.w, p->title);
    canvas_font(c, c->em, false);
    p->x_label = canvas_fit(c, canvas_clean(c, a->x_label), 0.8 * cell.w);
    p->has_data = layout_scales(a, &p->x, &p->y);
    axes_turn_names(c, p);
    axes_choose_ticks(c, p, 0.85 * cell.w, 0.88 * cell.h);
    axes_name_rows(c, p);
    canvas_font(c, c->em, false);
    canvas_fit_two(c, canvas_clean(c, axes_y_label(c, p)), fmin(0.8 * cell.h, cell.h - 4 * c->em),
                   p->y_label);
    p->style = arena_alloc(&c->arena, (a->curves + 1) * sizeof *p->style);
    p->line = arena_alloc(&c->arena, (a->curves + 1) * sizeof *p->line);
    layout_styles(a, p->style);
}

/* The plot's place and all that depends on it; returns the room that its legend needs above. */
static double lay_out(struct canvas *c, struct panel *p, struct margins m)
{
    p->plot = (struct layout_rect){p->cell.x + m.left, p->cell.y + m.top,
                                   fmax(4, p->cell.w - m.left - m.right),
                                   fmax(4, p->cell.h - m.top - m.bottom)};
    if (p->axes->equal)
        p->plot = contour_equal(p->plot, &p->x, &p->y);
    curves_make_lines(p);
    marks_place(c, p);
    return legend_place(c, p);
}

/* The same with this much room above the plot. */
static void arrange(struct canvas *c, struct panel *p, double above)
{
    struct legend *l = &p->legend;
    p->above = above;
    p->plot.y += above;
    p->plot.h = fmax(4, p->plot.h - above);
    axes_choose_ticks(c, p, p->plot.w, p->plot.h);
    curves_make_lines(p);
    marks_place(c, p);
    if (l->where == BESIDE) {
        l->box.x = p->plot.x + p->plot.w + 0.6 * c->em;
        l->box.y = p->plot.y;
    } else if (l->where == ABOVE) {
        l->box.x = p->plot.x - 0.6 * l->size;
        l->box.y = p->plot.y - l->box.h;
    } else if (l->n > 0 && above > 0) {
        legend_place_inside(c, p);
    }
}

static void draw_panel(struct canvas *c, struct panel *p)
{
    if (p->axes->contours) {
        struct contour_frame frame = {&p->x, &p->y, p->plot};
        contour_draw(c, p->axes->contours, &frame);
    } else {
        axes_draw_grid(c, p);
    }
    marks_draw(c, p);
    curves_draw(c, p);
    axes_draw(c, p);
    marks_draw_labels(c, p);
    legend_draw(c, p);
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
        /* The same margins for all, so that the plots are aligned. */
        struct margins own = axes_measure(c, &panel[i]);
        /* The labels of so large a plot may be others, and wider. */
        axes_choose_ticks(c, &panel[i], cell.w - own.left - own.right,
                          cell.h - own.top - own.bottom);
        own.left = fmax(own.left, axes_measure(c, &panel[i]).left);
        own_left[i] = own.left;
        m.left = fmax(m.left, own.left);
        m.right = fmax(m.right, own.right);
        m.top = fmax(m.top, own.top);
        m.bottom = fmax(m.bottom, own.bottom);
    }
    for (size_t i = 0; i < s->panels; i++) {
        if (draw_other(c, &panel[i]))
            continue;
        /* Labels of y axes are aligned too, but only within their column. */
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
        legend_measure_shared(c, f, s->width, s->height - top, &legend);
    draw_panels(c, f, s, top, legend.height);
    if (legend.height > 0)
        legend_draw_shared(c, &legend, s->width, s->height - legend.height);
}
