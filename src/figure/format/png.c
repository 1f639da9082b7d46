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

enum {
    COMPRESS_FROM = 256, /* bytes of a text from which compression is worth it */
    PART_MAX = 1000000   /* bytes of a text in a chunk; Pillow opens no PNG with more than 2^20 */
};

struct writing {
    png_structp png;
    png_infop info;
    png_text *text;
    size_t texts, room;
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

static bool encode(struct writing *w, const struct image *image)
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
    png_set_text(w->png, w->info, w->text, (int)w->texts);
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

/* How much of a text goes into one chunk: whole lines. */
static size_t part_of(const char *text, size_t n)
{
    size_t end = n < PART_MAX ? n : PART_MAX;
    while (end < n && end > 0 && text[end - 1] != '\n')
        end--;
    return end > 0 ? end : n;
}

/* libpng wants its strings writable; it gets copies. */
static void add_text(struct writing *w, struct arena *a, const struct figure_text *text)
{
    static const char empty[1] = "";
    struct strbuf clean;
    strbuf_init(&clean);
    text_clean(&clean, text->text, false);
    size_t key = strlen(text->keyword), at = 0;
    assert(key >= 1 && key <= 79);
    do {
        size_t n = part_of(clean.text + at, clean.length - at);
        w->text = arena_room(a, w->text, w->texts, &w->room, sizeof *w->text);
        png_text *to = &w->text[w->texts++];
        *to = (png_text){.compression = n >= COMPRESS_FROM ? PNG_ITXT_COMPRESSION_zTXt
                                                           : PNG_ITXT_COMPRESSION_NONE};
        to->key = arena_strdup(a, text->keyword);
        to->text = arena_strndup(a, clean.text + at, n);
        to->lang = to->lang_key = arena_strdup(a, empty);
        at += n;
    } while (at < clean.length);
    strbuf_fini(&clean);
}

bool image_encode_png(const struct image *image, const struct figure_text *text, size_t texts,
                      struct strbuf *out, struct error *err)
{
    struct writing w = {0};
    struct arena arena;
    arena_init(&arena);
    strbuf_init(&w.bytes);
    for (size_t i = 0; i < texts; i++)
        add_text(&w, &arena, &text[i]);
    assert(w.texts < INT_MAX);
    w.row = mem_array(image->width, 4);
    w.png =
        png_create_write_struct(PNG_LIBPNG_VER_STRING, &w.report, image_on_error, image_on_warning);
    w.info = w.png ? png_create_info_struct(w.png) : NULL;
    bool ok = w.info && encode(&w, image);
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
