#include "figure/draw/canvas.h"
#include "figure/draw/text.h"
#include "figure/draw/theme.h"
#include "figure/layout/layout.h"
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
    cairo_set_source_rgba(c->cr, (rgb >> 16) / 255.0, (rgb >> 8 & 255) / 255.0, (rgb & 255) / 255.0,
                          alpha);
}

void canvas_font(struct canvas *c, double size, bool bold)
{
    cairo_select_font_face(c->cr, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c->cr, size);
}

double canvas_size(const struct canvas *c, double ems)
{
    return fmax(ems * c->em, c->least);
}

/* ---- text, in as many fonts as it needs ---- */

/* The font of the character at s, and where the next one is. */
static int font_at(struct canvas *c, const char **s)
{
    size_t n = text_sequence(*s);
    unsigned character = text_character(*s, n);
    *s += n > 0 ? n : 1;
    return fonts_find(&c->fonts, character);
}

/* Beginnings of a text that one font draws: from `at` to what it returns. */
static const char *run_end(struct canvas *c, const char *at, int *ret_font)
{
    const char *next = at, *end;
    *ret_font = font_at(c, &next);
    for (end = next; *end; end = next)
        if (font_at(c, &next) != *ret_font)
            break;
    return end;
}

typedef void writer(cairo_t *cr, const char *text, double *width);

static void measure(cairo_t *cr, const char *text, double *width)
{
    cairo_text_extents_t e;
    cairo_text_extents(cr, text, &e);
    *width += e.x_advance;
}

static void show(cairo_t *cr, const char *text, double *width)
{
    (void)width;
    cairo_show_text(cr, text);
}

static void each_run(struct canvas *c, const char *text, writer *f, double *width)
{
    cairo_font_face_t *first = cairo_font_face_reference(cairo_get_font_face(c->cr));
    while (*text) {
        int font;
        const char *end = run_end(c, text, &font);
        cairo_font_face_t *face = fonts_face(c->fonts, font);
        if (face)
            cairo_set_font_face(c->cr, face);
        f(c->cr, *end ? arena_strndup(&c->arena, text, (size_t)(end - text)) : text, width);
        if (face)
            cairo_set_font_face(c->cr, first);
        text = end;
    }
    cairo_font_face_destroy(first);
}

double canvas_width(struct canvas *c, const char *text)
{
    double width = 0;
    each_run(c, text, measure, &width);
    return width;
}

const char *canvas_clean(struct canvas *c, const char *text)
{
    struct strbuf b, drawable;
    strbuf_init(&b);
    strbuf_init(&drawable);
    text_clean(&b, text, true);
    for (const char *s = b.text, *next = s; *s; s = next) {
        bool leftwards = text_runs_left(text_character(s, text_sequence(s)));
        if (font_at(c, &next) >= 0 && !leftwards) {
            strbuf_add_bytes(&drawable, s, (size_t)(next - s));
            continue;
        }
        const char *character = arena_strndup(&c->arena, s, (size_t)(next - s));
        struct strbuf *why = leftwards ? &c->leftwards : &c->missing;
        if (!strstr(why->text, character))
            strbuf_add(why, character);
        strbuf_add(&drawable, "\xEF\xBF\xBD");
    }
    const char *copy = arena_strndup(&c->arena, drawable.text, drawable.length);
    strbuf_fini(&drawable);
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

double canvas_centre(struct canvas *c, const char *text, double middle, double from, double to)
{
    double half = canvas_width(c, text) / 2;
    return fmax(from + half, fmin(to - half, middle));
}

void canvas_fit_two(struct canvas *c, const char *text, double room, const char *ret[2])
{
    const char *first = NULL, *rest = NULL;
    ret[0] = canvas_fit(c, text, room);
    ret[1] = "";
    for (const char *s = strchr(text, ' '); s && ret[0] != text; s = strchr(s + 1, ' ')) {
        const char *part = arena_strndup(&c->arena, text, (size_t)(s - text));
        if (s == text || canvas_width(c, part) > room)
            continue;
        first = part;
        rest = s + 1;
    }
    if (!first)
        return;
    ret[0] = first;
    ret[1] = canvas_fit(c, rest, room);
}

void canvas_note(struct canvas *c, const char *text, struct layout_rect box, double hidden)
{
    cairo_matrix_t font;
    cairo_get_font_matrix(c->cr, &font);
    if (c->drawn && c->drawns < DRAWN_MAX)
        c->drawn[c->drawns++] = (struct drawn){text, box.x, box.y, box.w, box.h, hidden, font.xx};
}

/* From the baseline up to the middle of a line as the eye takes it: half the height of a
 * capital. */
static double middle(struct canvas *c)
{
    cairo_font_extents_t e;
    cairo_font_extents(c->cr, &e);
    return 0.39 * e.ascent;
}

/* The ink of a text that is upright or turned upwards. */
static void note_text(struct canvas *c, const char *text, double x, double y, double align,
                      double angle)
{
    cairo_text_extents_t ink;
    if (!c->drawn || !*text)
        return;
    cairo_text_extents(c->cr, text, &ink);
    double width = canvas_width(c, text), along = -align * width,
           across = middle(c) + ink.y_bearing;
    if (angle < 0)
        canvas_note(c, text, (struct layout_rect){x + across, y - along - width, ink.height, width},
                    0);
    else
        canvas_note(c, text, (struct layout_rect){x + along, y + across, width, ink.height}, 0);
}

/* The same text unseen, as a browser selects and searches it. */
static void add_selectable(struct canvas *c, const char *text, double x, double y, double align,
                           double angle)
{
    cairo_matrix_t font;
    if (!c->selectable || !*text)
        return;
    double width = canvas_width(c, text), along = -align * width, down = middle(c);
    cairo_get_font_matrix(c->cr, &font);
    strbuf_addf(c->selectable,
                "<text transform=\"translate(%.2f %.2f) rotate(%.0f)\" x=\"%.2f\" y=\"%.2f\" "
                "font-size=\"%.2f\" textLength=\"%.2f\">",
                c->scale * x, c->scale * y, angle * 90 / acos(0), c->scale * along, c->scale * down,
                c->scale * font.xx, c->scale * width);
    text_escape(c->selectable, text);
    strbuf_add(c->selectable, "</text>\n");
}

void canvas_write(struct canvas *c, const char *text, double x, double y, double align,
                  double angle)
{
    note_text(c, text, x, y, align, angle);
    add_selectable(c, text, x, y, align, angle);
    cairo_save(c->cr);
    cairo_translate(c->cr, x, y);
    cairo_rotate(c->cr, angle);
    cairo_move_to(c->cr, -align * canvas_width(c, text), middle(c));
    each_run(c, text, show, NULL);
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

void canvas_path(struct canvas *c, const struct layout_line *line)
{
    cairo_new_path(c->cr);
    for (size_t i = 0; i < line->n; i++) {
        if (line->point[i].move)
            cairo_move_to(c->cr, line->point[i].x, line->point[i].y);
        else
            cairo_line_to(c->cr, line->point[i].x, line->point[i].y);
    }
}
