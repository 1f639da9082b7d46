/* Filled contours onto a canvas. */
#include "figure/draw/canvas.h"
#include "figure/draw/theme.h"
#include "figure/layout/contour.h"

unsigned contour_colour(size_t i, size_t n)
{
    return theme_band(theme_get(FIGURE_LIGHT), i, n);
}

static void trace_path(struct canvas *c, const struct layout_line *line)
{
    cairo_new_path(c->cr);
    for (size_t i = 0; i < line->n; i++) {
        if (line->point[i].move)
            cairo_move_to(c->cr, line->point[i].x, line->point[i].y);
        else
            cairo_line_to(c->cr, line->point[i].x, line->point[i].y);
    }
}

/* Each band is painted over what is lower: filled in one go, so that no seam shows between the
 * cells' polygons. */
void contour_draw(struct canvas *c, const struct contours *contours, const struct contour_frame *f)
{
    cairo_save(c->cr);
    cairo_rectangle(c->cr, f->plot.x, f->plot.y, f->plot.w, f->plot.h);
    canvas_colour(c, theme_band(c->theme, 0, contours->levels + 1), 1);
    cairo_fill_preserve(c->cr);
    cairo_clip(c->cr);
    cairo_set_line_width(c->cr, 0.7 * c->unit);
    for (size_t i = 0; i < contours->levels; i++) {
        struct layout_line above = contour_above(contours, contours->level[i], f);
        struct layout_line border = contour_lines(contours, contours->level[i], f);
        trace_path(c, &above);
        canvas_colour(c, theme_band(c->theme, i + 1, contours->levels + 1), 1);
        cairo_fill(c->cr);
        trace_path(c, &border);
        canvas_colour(c, c->theme->border, 0.45);
        cairo_stroke(c->cr);
        layout_line_fini(&above);
        layout_line_fini(&border);
    }
    if (contours->labelled)
        contour_labels(c, contours, f);
    cairo_restore(c->cr);
}
