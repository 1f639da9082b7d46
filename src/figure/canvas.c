#include "figure/canvas.h"
#include "figure/layout.h"
#include "figure/text.h"
#include "figure/theme.h"
#include "util/strbuf.h"
#include <math.h>
#include <string.h>

unsigned canvas_rgb(const struct canvas *c, unsigned colour)
{
    if (colour < INK)
        return colour;
    if (colour >= STYLE)
        return c->theme->style[(colour - STYLE) % LAYOUT_COLOURS];
    return c->theme->role[colour - INK];
}

void canvas_colour(struct canvas *c, unsigned colour, double alpha)
{
    unsigned rgb = canvas_rgb(c, colour);
    cairo_set_source_rgba(c->cr, (rgb >> 16) / 255.0, (rgb >> 8 & 255) / 255.0,
                          (rgb & 255) / 255.0, alpha);
}

void canvas_font(struct canvas *c, double size, bool bold)
{
    cairo_select_font_face(c->cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c->cr, size);
}

double canvas_width(struct canvas *c, const char *text)
{
    cairo_text_extents_t e;
    cairo_text_extents(c->cr, text, &e);
    return e.x_advance;
}

const char *canvas_clean(struct canvas *c, const char *text)
{
    struct strbuf b;
    strbuf_init(&b);
    text_clean(&b, text, true);
    const char *copy = arena_strndup(&c->arena, b.text, b.length);
    strbuf_fini(&b);
    return copy;
}

const char *canvas_fit(struct canvas *c, const char *text, double room)
{
    size_t low = 0, n = strlen(text);
    if (canvas_width(c, text) <= room)
        return text;
    /* Bisect for the longest beginning that fits, between whole characters only. */
    const char *best = "";
    for (size_t high = n; low < high;) {
        size_t mid = (low + high + 1) / 2, cut = mid;
        while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
            cut--;
        const char *t = arena_printf(&c->arena, "%.*s…", (int)cut, text);
        if (canvas_width(c, t) <= room) {
            best = t;
            low = mid;
        } else {
            high = mid - 1;
        }
    }
    return best;
}

void canvas_write(struct canvas *c, const char *text, double x, double y, double align,
                  double angle)
{
    cairo_font_extents_t e;
    cairo_font_extents(c->cr, &e);
    cairo_save(c->cr);
    cairo_translate(c->cr, x, y);
    cairo_rotate(c->cr, angle);
    /* The middle of a line as the eye takes it: half the height of a capital. */
    cairo_move_to(c->cr, -align * canvas_width(c, text), 0.39 * e.ascent);
    cairo_show_text(c->cr, text);
    cairo_restore(c->cr);
    cairo_new_path(c->cr);
}

double canvas_crisp(double pixel)
{
    return floor(pixel) + 0.5;
}

void canvas_stroke(struct canvas *c, double x0, double y0, double x1, double y1)
{
    cairo_move_to(c->cr, x0, y0);
    cairo_line_to(c->cr, x1, y1);
    cairo_stroke(c->cr);
}
