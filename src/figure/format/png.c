/* Pixels and text into a PNG. */
#include "figure/format/png.h"
#include "figure/draw/text.h"
#include "figure/figure.h"
#include "figure/format/image.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <assert.h>
#include <limits.h>
#include <png.h>
#include <stdint.h>
#include <string.h>

enum { COMPRESS_FROM = 256 }; /* bytes of a text from which compression is worth it */

struct writing {
    png_structp png;
    png_infop info;
    png_text *text;
    unsigned char *row;
    struct strbuf bytes;
    struct image_report report;
};

static void on_write(png_structp png, png_bytep bytes, size_t n)
{
    struct strbuf *to = png_get_io_ptr(png);
    strbuf_add_bytes(to, bytes, n);
}

static void on_flush(png_structp png)
{
    (void)png;
}

/* Pixels are words in the machine's byte order; a PNG has bytes R, G, B. */
static void pack_row(unsigned char *to, const unsigned char *from, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        uint32_t word;
        memcpy(&word, from + 4 * (size_t)i, sizeof word);
        to[3 * (size_t)i] = (unsigned char)(word >> 16);
        to[3 * (size_t)i + 1] = (unsigned char)(word >> 8);
        to[3 * (size_t)i + 2] = (unsigned char)word;
    }
}

/* R, G, B, A: all 0 where the pixel is as that of `under`, so that these compress to nothing. */
static void pack_changes(unsigned char *to, const unsigned char *from, const unsigned char *under,
                         unsigned width)
{
    for (unsigned i = 0; i < width; i++, from += 4, to += 4) {
        uint32_t word;
        memcpy(&word, from, sizeof word);
        bool same = under && memcmp(from, under + 4 * (size_t)i, 4) == 0;
        to[0] = same ? 0 : (unsigned char)(word >> 16);
        to[1] = same ? 0 : (unsigned char)(word >> 8);
        to[2] = same ? 0 : (unsigned char)word;
        to[3] = same ? 0 : 255;
    }
}

static bool encode(struct writing *w, const struct image *image, size_t texts)
{
    png_uint_32 per_metre = (png_uint_32)(image->dpi / 0.0254 + 0.5);
    if (setjmp(png_jmpbuf(w->png)))
        return false;
    png_set_write_fn(w->png, &w->bytes, on_write, on_flush);
    png_set_user_limits(w->png, IMAGE_SIDE_MAX, IMAGE_SIDE_MAX);
    png_set_compression_level(w->png, 6);
    /* Most pixels are as the ones above them. Strategy 0 is zlib's default; it suits that better
     * than the one for filters. */
    png_set_filter(w->png, 0, PNG_FILTER_UP);
    png_set_compression_strategy(w->png, 0);
    png_set_text_compression_level(w->png, 6);
    png_set_IHDR(w->png, w->info, image->width, image->height, 8,
                 image->alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_BASE, PNG_FILTER_TYPE_BASE);
    png_set_sRGB(w->png, w->info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_set_pHYs(w->png, w->info, per_metre, per_metre, PNG_RESOLUTION_METER);
    png_set_text(w->png, w->info, w->text, (int)texts);
    png_write_info(w->png, w->info);
    for (unsigned y = 0; y < image->height; y++) {
        const unsigned char *row = image->pixels + y * image->stride;
        if (image->alpha)
            pack_changes(w->row, row, image->under ? image->under + y * image->stride : NULL,
                         image->width);
        else
            pack_row(w->row, row, image->width);
        png_write_row(w->png, w->row);
    }
    png_write_end(w->png, NULL);
    return true;
}

/* libpng wants its strings writable; it gets copies. */
static png_text *copy_texts(struct arena *a, const struct figure_text *text, size_t texts)
{
    png_text *to = arena_alloc(a, (texts + 1) * sizeof *to);
    static const char empty[1] = "";
    for (size_t i = 0; i < texts; i++) {
        struct strbuf clean;
        strbuf_init(&clean);
        text_clean(&clean, text[i].text, false);
        size_t key = strlen(text[i].keyword);
        assert(key >= 1 && key <= 79);
        to[i].compression =
            clean.length >= COMPRESS_FROM ? PNG_ITXT_COMPRESSION_zTXt : PNG_ITXT_COMPRESSION_NONE;
        to[i].key = arena_strdup(a, text[i].keyword);
        to[i].text = arena_strndup(a, clean.text, clean.length);
        to[i].lang = to[i].lang_key = arena_strdup(a, empty);
        strbuf_fini(&clean);
    }
    return to;
}

bool image_encode_png(const struct image *image, const struct figure_text *text, size_t texts,
                      struct strbuf *out, struct error *err)
{
    struct writing w = {0};
    struct arena arena;
    assert(texts < INT_MAX);
    arena_init(&arena);
    strbuf_init(&w.bytes);
    w.text = copy_texts(&arena, text, texts);
    w.row = mem_array(image->width, 4);
    w.png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &w.report, image_on_error, image_on_warning);
    w.info = w.png ? png_create_info_struct(w.png) : NULL;
    bool ok = w.info && encode(&w, image, texts);
    if (!ok)
        error_set(err, ERR_SYSTEM, "cannot encode a PNG: %s",
                  w.report.message[0] ? w.report.message : "libpng does not start");
    png_destroy_write_struct(&w.png, &w.info);
    mem_free(w.row);
    arena_fini(&arena);
    if (ok)
        strbuf_add_bytes(out, w.bytes.text, w.bytes.length);
    strbuf_fini(&w.bytes);
    return ok;
}
