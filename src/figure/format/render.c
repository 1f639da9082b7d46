/* A figure as the bytes of a file: sizes, surfaces, formats. */
#include "figure/draw/draw.h"
#include "figure/draw/theme.h"
#include "figure/figure.h"
#include "figure/format/image.h"
#include "figure/format/svg.h"
#include "figure/layout/layout.h"
#include "util/file.h"
#include "util/log.h"
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <string.h>

/* At this resolution a unit is a pixel of a panel of 1000 by 600, and the letters have 9.4 points,
 * the smallest LEAST. */
enum { DOTS = 200, FONT_UNITS = 26, LEAST = 6, SIDE_MAX = 32767 };

/* ---- sizes ---- */

/* Whether so few columns leave panels too low for their letters. */
static bool low_below(const struct figure *f, size_t panels, size_t columns)
{
    size_t rows = (panels + columns - 1) / columns;
    return f->appearance.height / (double)rows < 1.4;
}

/* Panels side by side as the figure wants them, or fewer where there is no room for that. */
static size_t choose_columns(const struct figure *f, size_t panels)
{
    size_t columns = f->columns < 1 ? 1 : f->columns > panels ? panels : f->columns;
    if (f->appearance.narrow)
        return 1;
    while (f->appearance.width > 0 && columns > 1 && f->appearance.width / (double)columns < 2.2 &&
           !(f->appearance.height > 0 && low_below(f, panels, columns - 1)))
        columns--;
    return columns;
}

/* Inches of a figure whose width is given and whose height is not: panels of a golden shape, no
 * higher than a page. */
static double choose_height(const struct figure *f, const struct sizes *s)
{
    double rows = (double)s->rows, panel = f->appearance.width / (double)s->columns;
    double shape = s->columns > 1 ? 0.72 : 0.64, title = f->title && f->title[0] ? 2.2 : 0;
    double font = f->appearance.font > 0 ? f->appearance.font / 72 : 0.13;
    if (f->width > 0 && f->height > 0)
        shape = (double)f->height / f->width * (double)f->columns /
                ((double)(f->panels + f->columns - 1) / (double)f->columns);
    else if (f->height > 0)
        return fmin(9.5, f->height * font / FONT_UNITS);
    double height = rows * shape * panel + font * (title + (f->shared_legend ? 3 : 0));
    return fmin(height, fmax(9.5, 1.2 * rows));
}

static struct sizes choose_sizes(const struct figure *f, double dpi)
{
    struct sizes s = {.panels = f->panels > 0 ? f->panels : 1};
    s.columns = choose_columns(f, s.panels);
    s.rows = (s.panels + s.columns - 1) / s.columns;
    bool single = s.panels == 1, side_by_side = s.columns > 1;
    double width = f->width, height = f->height;
    if (f->appearance.width > 0) {
        width = f->appearance.width * DOTS;
        height = (f->appearance.height > 0 ? f->appearance.height : choose_height(f, &s)) * DOTS;
    }
    if (!(width > 0))
        width = (double)s.columns * (side_by_side ? 1100 : 1600);
    if (!(height > 0))
        height = (double)s.rows * (single         ? 1000
                                   : side_by_side ? 760
                                                  : 640) +
                 (f->shared_legend ? 120 : 0);
    double w = width / (double)s.columns, h = height / (double)s.rows;
    double small = fmin(w / 1000, h / 600), large = fmin(w / 1600, h / 1000);
    s.unit = small < 1 ? fmax(0.2, small) : fmax(1, large);
    /* On paper letters of less than 7 points are not read. */
    if (f->appearance.font > 0)
        s.unit = f->appearance.font * DOTS / 72 / FONT_UNITS;
    else if (f->appearance.width > 0 && w > 250 && h > 200)
        s.unit = fmax(s.unit, 7.0 * DOTS / 72 / FONT_UNITS);
    /* Nor do letters that leave no room for the curves serve anybody: a panel is at least 11 lines
     * high and 14 letters wide. */
    if (f->appearance.width > 0)
        s.unit =
            fmax(6.7 * DOTS / 72 / FONT_UNITS, fmin(s.unit, fmin(h / 11, w / 14) / FONT_UNITS));
    s.least = LEAST * DOTS / 72.0;
    if (!(f->appearance.width > 0)) /* whoever asks for pixels may want a thumbnail */
        s.least = fmin(s.least, 0.64 * FONT_UNITS * s.unit);
    s.width = round(width * dpi / DOTS);
    s.height = round(height * dpi / DOTS);
    s.unit *= dpi / DOTS;
    s.least *= dpi / DOTS;
    return s;
}

/* ---- drawing ---- */

static bool check(const struct canvas *c, const struct sizes *s, struct error *err)
{
    cairo_status_t status = cairo_status(c->cr);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(c->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        return true;
    return error_set(err, ERR_SYSTEM, "cannot draw %.0f by %.0f pixels: %s", s->width, s->height,
                     cairo_status_to_string(status));
}

/* Takes the surface over and draws on it. */
static bool draw_on(struct canvas *c, cairo_surface_t *surface, double scale,
                    const struct figure *f, const struct sizes *s, struct error *err)
{
    c->surface = surface;
    c->cr = cairo_create(surface);
    c->theme = theme_get(f->appearance.theme);
    c->unit = s->unit;
    c->em = FONT_UNITS * s->unit;
    c->least = s->least;
    c->scale = scale;
    if (!check(c, s, err))
        return false;
    /* Without hinting the letters' shapes and widths do not depend on the system's settings. */
    cairo_font_options_t *o = cairo_font_options_create();
    cairo_font_options_set_hint_style(o, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(o, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(o, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(c->cr, o);
    cairo_font_options_destroy(o);
    cairo_scale(c->cr, scale, scale);
    canvas_colour(c, PAPER, 1);
    cairo_rectangle(c->cr, 0, 0, s->width, s->height);
    cairo_fill(c->cr);
    draw_figure(c, f, s);
    cairo_surface_flush(surface);
    return check(c, s, err);
}

static void canvas_init(struct canvas *c)
{
    *c = (struct canvas){0};
    fonts_prepare();
    arena_init(&c->arena);
    strbuf_init(&c->missing);
    strbuf_init(&c->leftwards);
}

/* Boxes instead of letters would go unnoticed; once said is enough. */
static void canvas_fini(struct canvas *c)
{
    if (c->missing.length > 0)
        log_warn_once(
            "no installed font has %s: drawn as \xEF\xBF\xBD (Debian: fonts-noto-core, for Chinese, Japanese and Korean "
            "fonts-noto-cjk)",
            c->missing.text);
    if (c->leftwards.length > 0)
        log_warn_once("text from right to left is not drawn: \xEF\xBF\xBD stands for %s",
                      c->leftwards.text);
    strbuf_fini(&c->leftwards);
    strbuf_fini(&c->missing);
    fonts_free(c->fonts);
    cairo_destroy(c->cr);
    cairo_surface_destroy(c->surface);
    arena_fini(&c->arena);
}

const struct figure_text *image_texts(struct arena *a, const struct figure *f)
{
    struct figure_text *text = arena_alloc(a, (f->texts + 1) * sizeof *text);
    struct strbuf csv;
    for (size_t i = 0; i < f->texts; i++)
        text[i] = f->text[i];
    strbuf_init(&csv);
    layout_csv(f, &csv);
    text[f->texts] = (struct figure_text){"descent.data", arena_strdup(a, csv.text)};
    strbuf_fini(&csv);
    return text;
}

/* ---- formats ---- */

bool image_render(const struct figure *f, struct arena *a, struct image *ret, struct error *err)
{
    unsigned dpi = f->appearance.dpi ? f->appearance.dpi : DOTS;
    struct sizes s = choose_sizes(f, dpi);
    struct canvas c;
    canvas_init(&c);
    bool sane = s.width >= 1 && s.height >= 1 && s.width <= SIDE_MAX && s.height <= SIDE_MAX;
    int width = sane ? (int)s.width : -1, height = sane ? (int)s.height : -1;
    bool ok =
        draw_on(&c, cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height), 1, f, &s, err);
    if (ok) {
        size_t stride = (size_t)cairo_image_surface_get_stride(c.surface);
        unsigned char *pixels = arena_alloc(a, stride * (size_t)height);
        memcpy(pixels, cairo_image_surface_get_data(c.surface), stride * (size_t)height);
        *ret = (struct image){.pixels = pixels,
                              .width = (unsigned)width,
                              .height = (unsigned)height,
                              .stride = stride,
                              .dpi = dpi};
    }
    canvas_fini(&c);
    return ok;
}

bool figure_png(const struct figure *f, struct strbuf *out, struct error *err)
{
    struct arena a;
    struct image image;
    arena_init(&a);
    bool ok = image_render(f, &a, &image, err) &&
              image_encode_png(&image, image_texts(&a, f), f->texts + 1, out, err);
    arena_fini(&a);
    return ok;
}

static cairo_status_t append(void *context, const unsigned char *bytes, unsigned n)
{
    strbuf_add_bytes(context, bytes, n);
    return CAIRO_STATUS_SUCCESS;
}

typedef cairo_surface_t *opener(cairo_write_func_t write, void *context, double width,
                                double height);

/* The document, in points of 1/72 inch. */
static bool draw_vectors(const struct figure *f, opener *open, struct strbuf *to,
                         struct strbuf *selectable, struct error *err)
{
    struct sizes s = choose_sizes(f, DOTS);
    struct canvas c;
    double scale = 72.0 / DOTS;
    canvas_init(&c);
    c.selectable = selectable;
    cairo_surface_t *surface = open(append, to, scale * s.width, scale * s.height);
    if (cairo_surface_get_type(surface) == CAIRO_SURFACE_TYPE_PDF)
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, ""); /* none */
    if (cairo_surface_get_type(surface) == CAIRO_SURFACE_TYPE_PDF && f->title && f->title[0])
        cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE,
                                       canvas_clean(&c, f->title));
    bool ok = draw_on(&c, surface, scale, f, &s, err);
    cairo_surface_finish(surface);
    ok = ok && check(&c, &s, err);
    canvas_fini(&c);
    return ok;
}

bool figure_pdf(const struct figure *f, struct strbuf *out, struct error *err)
{
    return draw_vectors(f, cairo_pdf_surface_create_for_stream, out, NULL, err);
}

static bool make_svg(const struct figure *f, const char *prefix, bool page, bool keep_texts,
                     struct strbuf *out, struct error *err)
{
    struct arena a;
    struct strbuf raw, selectable;
    arena_init(&a);
    strbuf_init(&selectable);
    strbuf_init(&raw);
    bool ok = draw_vectors(f, cairo_svg_surface_create_for_stream, &raw, &selectable, err);
    if (ok)
        svg_finish(raw.text, prefix, page, f->title, image_texts(&a, f),
                   keep_texts ? f->texts + 1 : 0, selectable.text, out);
    strbuf_fini(&selectable);
    strbuf_fini(&raw);
    arena_fini(&a);
    return ok;
}

bool figure_svg(const struct figure *f, const char *prefix, bool keep_texts, struct strbuf *out,
                struct error *err)
{
    return make_svg(f, prefix, true, keep_texts, out, err);
}

size_t draw_measure(const struct figure *f, struct arena *a, struct drawn *ret, double *ret_width,
                    double *ret_height)
{
    struct sizes s = choose_sizes(f, f->appearance.dpi ? f->appearance.dpi : DOTS);
    struct canvas c;
    struct error err;
    canvas_init(&c);
    c.drawn = ret;
    if (!draw_on(&c, cairo_recording_surface_create(CAIRO_CONTENT_COLOR, NULL), 1, f, &s, &err))
        c.drawns = 0;
    for (size_t i = 0; i < c.drawns; i++)
        ret[i].text = ret[i].text ? arena_strdup(a, ret[i].text) : NULL;
    *ret_width = s.width;
    *ret_height = s.height;
    size_t n = c.drawns;
    canvas_fini(&c);
    return n;
}

/* ---- files ---- */

static bool write_as(const struct figure *f, enum figure_format format, const char *path,
                     struct error *err)
{
    struct strbuf b;
    bool ok;
    strbuf_init(&b);
    if (format == FIGURE_SVG)
        ok = make_svg(f, "", false, true, &b, err);
    else
        ok = format == FIGURE_PDF ? figure_pdf(f, &b, err) : figure_png(f, &b, err);
    ok = (ok || error_prefix(err, "%s: ", path)) && file_write(path, b.text, b.length, err);
    strbuf_fini(&b);
    return ok;
}

bool figure_write(const struct figure *f, const char *path, struct error *err)
{
    return write_as(f,
                    f->appearance.format != FIGURE_BY_NAME ? f->appearance.format
                                                           : figure_format_from_name(path),
                    path, err);
}

bool figure_write_png(const struct figure *f, const char *path, struct error *err)
{
    return write_as(f, FIGURE_PNG, path, err);
}
