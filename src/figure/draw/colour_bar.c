#include "figure/draw/colour_bar.h"
#include <math.h>

enum { SHADES = 150 }; /* about; more would only make files larger */

void colour_bar_draw(struct canvas *c, const struct colour_bar *b)
{
    struct layout_rect r = b->place;
    double tick = 8 * c->unit, end = r.x + r.w, widest = 0;
    int step = (int)fmax(1, floor(r.h / SHADES));
    for (int y = 0; y < r.h; y += step) {
        canvas_colour(c, b->colour(b->context, 1 - y / r.h), 1);
        cairo_rectangle(c->cr, r.x, r.y + y, r.w, fmin(step + 1, r.h - y));
        cairo_fill(c->cr);
    }
    canvas_font(c, canvas_size(c, 0.9), false);
    cairo_set_line_width(c->cr, 1.4 * c->unit);
    for (size_t i = 0; i < b->ticks->n; i++) {
        const struct layout_tick *t = &b->ticks->tick[i];
        double y = canvas_crisp(layout_map(&b->scale, t->value, r.y + r.h, r.y));
        canvas_colour(c, FRAME, 1);
        canvas_stroke(c, end, y, end + (t->label[0] ? tick : tick / 2), y);
        canvas_colour(c, INK, 1);
        canvas_write(c, t->label, end + tick + 0.35 * c->em, y, 0, 0);
        widest = fmax(widest, canvas_width(c, t->label));
    }
    canvas_font(c, c->em, false);
    canvas_write(c, b->label, end + tick + widest + 1.35 * c->em, r.y + r.h / 2, 0.5, -acos(0));
}
