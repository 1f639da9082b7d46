/* Small pictures side by side, drawn. */
#include "figure/draw/colour_bar.h"
#include "figure/draw/mosaic_draw.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

static const double gap = 0.16; /* between pictures, in sizes of one */
enum {
    WHOLE = 3
}; /* pixels of at least this size are whole ones of the figure: smaller ones would lose too much */

static size_t rows_of(const struct mosaic *m)
{
    return m->columns > 0 ? (m->n + m->columns - 1) / m->columns : 0;
}

void mosaic_size(const struct mosaic *m, double pixel, unsigned *ret_width, unsigned *ret_height)
{
    double w = (double)(m->columns * m->width) * (1 + gap),
           h = (double)(rows_of(m) * m->height) * (1 + gap + (m->caption ? 0.25 : 0));
    *ret_width =
        (unsigned)fmax(900, fmin(4000, pixel * w + (m->label ? 280 : 60) + (m->row ? 60 : 0)));
    *ret_height = (unsigned)fmax(400, fmin(4000, pixel * h + 150));
}

/* ---- colours ---- */

/* Blue and red of equal lightness at equal distance from the middle, which is nearly the paper;
 * told apart by every kind of colour blindness. On light and on dark paper. */
static const double diverging[][5][3] = {
    {{24, 70, 138}, {104, 157, 204}, {247, 247, 247}, {224, 132, 98}, {146, 24, 40}},
    {{150, 205, 250}, {56, 122, 184}, {30, 34, 39}, {192, 88, 52}, {255, 176, 140}}};

unsigned mosaic_colour(const struct mosaic *m, double value, unsigned low, unsigned high)
{
    double share = fmax(0, fmin(1, (value - m->low) / (m->high - m->low)));
    unsigned rgb = 0;
    const double(*anchor)[3] = diverging[(low & 255) < (high & 255)];
    for (int k = 0; k < 3; k++) {
        double from = low >> (16 - 8 * k) & 255, to = high >> (16 - 8 * k) & 255,
               v = from + share * (to - from);
        int i = share >= 1 ? 3 : (int)(4 * share);
        if (m->diverging)
            v = anchor[i][k] + (4 * share - i) * (anchor[i + 1][k] - anchor[i][k]);
        rgb = rgb << 8 | (unsigned)lround(v);
    }
    return rgb;
}

/* Red, green and blue as they are, on any paper; the three are `apart` floats from one another. */
static unsigned true_colour(const struct mosaic *m, const float *v, size_t apart)
{
    unsigned rgb = 0;
    for (size_t k = 0; k < 3; k++) {
        double share = ((double)v[k * apart] - m->low) / (m->high - m->low);
        rgb = rgb << 8 | (unsigned)lround(255 * fmax(0, fmin(1, share)));
    }
    return rgb;
}

/* ---- places ---- */

struct layout_rect mosaic_place(const struct mosaic *m, struct layout_rect room, double caption,
                                size_t i)
{
    double columns = (double)m->columns, rows = (double)rows_of(m), width = (double)m->width,
           height = (double)m->height;
    double across = room.w / (columns * (1 + gap)) / width,
           down = (room.h / rows - caption) / (1 + gap) / height;
    double pixel = fmax(0.1, fmin(across, down));
    pixel = pixel >= WHOLE ? floor(pixel) : pixel;
    double w = pixel * width, h = pixel * height, step_x = floor(w * (1 + gap)),
           step_y = floor(h * (1 + gap) + caption);
    double left = room.x + (room.w - columns * step_x) / 2;
    size_t row = i / m->columns;
    return (struct layout_rect){floor(left + step_x * (double)(i % m->columns) + (step_x - w) / 2),
                                floor(room.y + step_y * (double)row), w, h};
}

/* ---- drawing ---- */

static void draw_picture(struct canvas *c, const struct mosaic *m, size_t i, struct layout_rect r)
{
    cairo_surface_t *s =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)m->width, (int)m->height);
    unsigned char *to = cairo_image_surface_get_data(s);
    size_t stride = (size_t)cairo_image_surface_get_stride(s);
    size_t pixels = m->width * m->height;
    const float *v = m->value + i * pixels * (m->channels > 1 ? m->channels : 1);
    for (size_t y = 0; to && y < m->height; y++)
        for (size_t x = 0; x < m->width; x++) {
            const float *p = v + y * m->width + x;
            uint32_t word = m->channels == 3 ? true_colour(m, p, pixels)
                                             : mosaic_colour(m, (double)*p, canvas_rgb(c, PAPER),
                                                             canvas_rgb(c, INK));
            memcpy(to + y * stride + x * sizeof word, &word, sizeof word);
        }
    cairo_surface_mark_dirty(s);
    cairo_save(c->cr);
    cairo_translate(c->cr, r.x, r.y);
    cairo_scale(c->cr, r.w / (double)m->width, r.h / (double)m->height);
    cairo_set_source_surface(c->cr, s, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(c->cr), r.w < WHOLE * (double)m->width
                                                          ? CAIRO_FILTER_GOOD
                                                          : CAIRO_FILTER_NEAREST);
    cairo_paint(c->cr);
    cairo_restore(c->cr);
    cairo_surface_destroy(s);
    canvas_colour(c, 0xCCCCCC, 1);
    cairo_set_line_width(c->cr, 1);
    cairo_rectangle(c->cr, r.x - 0.5, r.y - 0.5, r.w + 1, r.h + 1);
    cairo_stroke(c->cr);
}

struct ends {
    const struct mosaic *m;
    unsigned low, high;
};

static unsigned colour_of(const void *context, double share)
{
    const struct ends *e = context;
    return mosaic_colour(e->m, e->m->low + share * (e->m->high - e->m->low), e->low, e->high);
}

static struct layout_ticks bar_ticks(const struct canvas *c, const struct mosaic *m, double h)
{
    const struct layout_scale scale = {m->low, m->high, false};
    struct layout_ticks ticks = {.n = 0};
    for (size_t want = (size_t)fmax(2, h / (4 * c->em)), most = want + 4;
         ticks.n < 3 && want <= most; want++)
        layout_ticks(&scale, want, false, &ticks); /* 0 alone would not say how large they are */
    return ticks;
}

/* What a bar of about this height takes, with its numbers and its label. */
static double bar_width(struct canvas *c, const struct mosaic *m, double h)
{
    struct layout_ticks ticks = bar_ticks(c, m, h);
    double widest = 0;
    canvas_font(c, canvas_size(c, 0.9), false);
    for (size_t i = 0; i < ticks.n; i++)
        widest = fmax(widest, canvas_width(c, ticks.tick[i].label));
    return fmax(7.2 * c->em, widest + 8 * c->unit + 4.4 * c->em);
}

static void draw_bar(struct canvas *c, const struct mosaic *m, struct layout_rect place)
{
    struct ends ends = {m, canvas_rgb(c, PAPER), canvas_rgb(c, INK)};
    struct layout_ticks ticks = bar_ticks(c, m, place.h);
    struct colour_bar bar = {place, {m->low, m->high, false}, &ticks, NULL, colour_of, &ends};
    canvas_font(c, c->em, false);
    bar.label = canvas_fit(c, canvas_clean(c, m->label), fmax(place.h, 5 * c->em));
    colour_bar_draw(c, &bar);
}

static void write_row_names(struct canvas *c, const struct mosaic *m, struct layout_rect room,
                            double caption)
{
    canvas_font(c, canvas_size(c, 0.9), false);
    canvas_colour(c, INK, 1);
    for (size_t i = 0; m->row && i < rows_of(m); i++) {
        struct layout_rect r = mosaic_place(m, room, caption, i * m->columns);
        canvas_write(c, canvas_clean(c, m->row[i]), r.x - 0.5 * c->em, r.y + r.h / 2, 1, 0);
    }
}

/* All in one size: that in which the longest fits below its picture. */
static void write_captions(struct canvas *c, const struct mosaic *m, struct layout_rect room,
                           double caption)
{
    const char **text = arena_alloc(&c->arena, (m->n + 1) * sizeof *text);
    double widest = 1, size = canvas_size(c, 0.78), width = mosaic_place(m, room, caption, 0).w;
    canvas_font(c, size, false);
    for (size_t i = 0; i < m->n; i++) {
        text[i] = canvas_clean(c, m->caption[i]);
        widest = fmax(widest, canvas_width(c, text[i]));
    }
    size = fmax(c->least, size * fmin(1, 1.04 * width / widest));
    canvas_font(c, size, false);
    canvas_colour(c, INK, 1);
    for (size_t i = 0; i < m->n; i++) {
        struct layout_rect r = mosaic_place(m, room, caption, i);
        canvas_write(c, canvas_fit(c, text[i], 1.1 * width), r.x + r.w / 2,
                     r.y + r.h + 0.6 * caption, 0.5, 0);
    }
}

void mosaic_draw(struct canvas *c, const struct axes *a, struct layout_rect cell)
{
    const struct mosaic *m = a->mosaic;
    double em = c->em, caption = m->caption ? 1.1 * em : 0, widest = 0;
    canvas_font(c, canvas_size(c, 0.9), false);
    for (size_t i = 0; m->row && i < rows_of(m); i++)
        widest = fmax(widest, canvas_width(c, canvas_clean(c, m->row[i])));
    double left = 0.6 * em + (m->row ? widest + 0.6 * em : 0),
           right = m->label ? bar_width(c, m, cell.h) : 0.6 * em;
    double top = (a->title ? 1.7 * em : 0.5 * em), bottom = 0.4 * em;
    struct layout_rect room = {cell.x + left, cell.y + top, fmax(8, cell.w - left - right),
                               fmax(8, cell.h - top - bottom)};
    for (size_t i = 0; i < m->n; i++)
        draw_picture(c, m, i, mosaic_place(m, room, caption, i));
    if (m->caption)
        write_captions(c, m, room, caption);
    write_row_names(c, m, room, caption);
    canvas_colour(c, INK, 1);
    canvas_font(c, canvas_size(c, 0.9), false);
    canvas_write(c, canvas_fit(c, canvas_clean(c, a->title), 0.96 * cell.w), cell.x + cell.w / 2,
                 cell.y + 0.75 * em, 0.5, 0);
    if (m->label && m->n > 0) {
        struct layout_rect first = mosaic_place(m, room, caption, 0),
                           last = mosaic_place(m, room, caption, m->n - 1);
        struct layout_rect bar = {room.x + room.w + 1.1 * em, first.y, 1.1 * em,
                                  last.y + last.h - first.y};
        draw_bar(c, m, bar);
    }
}
