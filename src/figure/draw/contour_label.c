/* The values of contour lines, written on them. */
#include "figure/draw/canvas.h"
#include "figure/draw/theme.h"
#include "figure/layout/contour.h"
#include "figure/layout/layout.h"
#include <math.h>
#include <string.h>

enum { LABELS = 32 };

/* How far a point is from what a label should keep away from: the border counts double. */
static double clearance(double x, double y, struct layout_rect r, const struct contour_label *taken,
                        size_t n)
{
    double free = 2 * fmin(fmin(x - r.x, r.x + r.w - x), fmin(y - r.y, r.y + r.h - y));
    for (size_t i = 0; i < n; i++)
        free = fmin(free, hypot(x - taken[i].x, y - taken[i].y));
    return free;
}

bool contour_label_place(const struct layout_line *border, struct layout_rect plot,
                         const struct contour_label *taken, size_t n, double room,
                         struct contour_label *ret)
{
    double best = room, pi = acos(-1);
    bool found = false;
    for (size_t i = 0; i + 1 < border->n; i += 2) {
        struct layout_point a = border->point[i], b = border->point[i + 1];
        double x = (a.x + b.x) / 2, y = (a.y + b.y) / 2, free = clearance(x, y, plot, taken, n);
        if (!(free > best))
            continue;
        best = free;
        found = true;
        double angle = atan2(b.y - a.y, b.x - a.x);
        if (angle > pi / 2 || angle <= -pi / 2) /* never upside down */
            angle += angle > 0 ? -pi : pi;
        *ret = (struct contour_label){x, y, angle};
    }
    return found;
}

/* On a patch of the band's colour, so that the line does not cross the text. */
static void write_label(struct canvas *c, const char *text, struct contour_label at, unsigned paper)
{
    double w = canvas_width(c, text) + 0.3 * c->em, h = 1.16 * canvas_size(c, 0.62);
    cairo_save(c->cr);
    cairo_translate(c->cr, at.x, at.y);
    cairo_rotate(c->cr, at.angle);
    canvas_colour(c, paper, 0.85);
    cairo_rectangle(c->cr, -w / 2, -h / 2, w, h);
    cairo_fill(c->cr);
    cairo_restore(c->cr);
    canvas_colour(c, FRAME, 1);
    canvas_write(c, text, at.x, at.y, 0.5, at.angle);
}

/* In how many digits the levels are told apart; 0: in none that fit. */
static int digits_of(const struct contours *c)
{
    double span = c->levels > 1 ? c->level[c->levels - 1] - c->level[0] : (double)INFINITY;
    for (int digits = 3; digits <= LAYOUT_DIGITS; digits++) {
        bool apart = true;
        for (size_t i = 0; i < c->levels; i++)
            apart &= fabs(layout_rounded(c->level[i], digits) - c->level[i]) < span / 100;
        if (apart)
            return digits;
    }
    return 0;
}

void contour_labels(struct canvas *c, const struct contours *contours,
                    const struct contour_frame *frame)
{
    struct layout_rect r = frame->plot;
    size_t taken = 0, most = contours->avoids + LABELS;
    struct contour_label *place = arena_alloc(&c->arena, (most + 1) * sizeof *place);
    for (; taken < contours->avoids; taken++)
        place[taken] = (struct contour_label){
            .x = layout_map(frame->x, contours->avoid_x[taken], r.x, r.x + r.w),
            .y = layout_map(frame->y, contours->avoid_y[taken], r.y + r.h, r.y)};
    double size = canvas_size(c, 0.62);
    int digits = digits_of(contours);
    canvas_font(c, size, false);
    for (size_t i = 0; digits > 0 && i < contours->levels && taken < most; i++) {
        struct layout_line border = contour_lines(contours, contours->level[i], frame);
        double level = contours->level[i];
        if (contour_label_place(&border, frame->plot, place, taken, 2.4 * c->em, &place[taken])) {
            char *text = arena_alloc(&c->arena, LAYOUT_LABEL + 2);
            layout_number(contours->percent ? 100 * level : level, digits, text);
            if (contours->percent)
                strcat(text, " %");
            write_label(c, text, place[taken], theme_band(c->theme, i, contours->levels + 1));
            taken++;
        }
        layout_line_fini(&border);
    }
}
