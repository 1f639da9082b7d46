#include "figure/draw/text.h"
#include "figure/figure.h"
#include "figure/format/image.h"
#include "figure/format/svg.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <assert.h>
#include <limits.h>
#include <png.h>
#include <stdint.h>
#include <string.h>

enum {
    FILE_MAX = 1 << 28,  /* bytes of a PNG that is read */
    TEXTS_MAX = 1 << 28, /* bytes of all its texts together, decompressed */
    SIDE_MAX = 1 << 16,  /* pixels of its width or height */
    COMPRESS_FROM = 256, /* bytes of a text from which compression is worth it */
};

/* libpng reports through a long jump; the message waits here for the one who called setjmp. */
struct report {
    char message[256];
};

static PNG_NORETURN void on_error(png_structp png, png_const_charp message)
{
    struct report *r = png_get_error_ptr(png);
    snprintf(r->message, sizeof r->message, "%s", message);
    png_longjmp(png, 1);
}

/* A text that libpng would leave out is an error: what a figure carries is read whole or not at all.
 */
static void on_warning(png_structp png, png_const_charp message)
{
    static const char *const texts[] = {"tEXt", "zTXt", "iTXt"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strncmp(message, texts[i], 4) == 0)
            png_error(png, message);
}

/* ---- writing ---- */

struct writing {
    png_structp png;
    png_infop info;
    png_text *text;
    unsigned char *row;
    struct strbuf bytes;
    struct report report;
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
    png_set_user_limits(w->png, SIDE_MAX, SIDE_MAX);
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
    w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w.report, on_error, on_warning);
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

/* ---- reading ---- */

struct reading {
    png_structp png;
    png_infop info;
    const char *bytes;
    size_t n, at;
    unsigned char *row;
    size_t memory; /* bytes that libpng has */
    struct report report;
};

/* libpng inflates a text into a buffer, and copies it: with one chunk there may be twice its size.
 * Before the bytes, their number. */
enum { MEMORY_MAX = 2 * TEXTS_MAX + (1 << 26), BEFORE = 64 };
static const char too_large[] = "its texts take more than 256 MB";

static png_voidp take_memory(png_structp png, png_alloc_size_t n)
{
    struct reading *r = png_get_mem_ptr(png);
    if (n > MEMORY_MAX - r->memory) {
        png_error(png, too_large);
        return NULL;
    }
    unsigned char *block = mem_unset(n + BEFORE, 1);
    memcpy(block, &n, sizeof n);
    r->memory += n;
    return block + BEFORE;
}

static void give_memory(png_structp png, png_voidp bytes)
{
    struct reading *r = png_get_mem_ptr(png);
    unsigned char *block = (unsigned char *)bytes - BEFORE;
    png_alloc_size_t n;
    memcpy(&n, block, sizeof n);
    r->memory -= n;
    mem_free(block);
}

static const char too_short[] = "the file ends too early";

static void on_read(png_structp png, png_bytep to, size_t n)
{
    struct reading *r = png_get_io_ptr(png);
    if (n > r->n - r->at)
        png_error(png, too_short);
    memcpy(to, r->bytes + r->at, n);
    r->at += n;
}

/* libpng takes memory for what a chunk claims to hold before it reads it. A chunk has 4 bytes of
 * length, 4 of name, the data, 4 of checksum; the first one begins at byte 8. */
static bool lengths_fit(const struct reading *r)
{
    size_t length, at = 8;
    for (; at + 8 <= r->n && memcmp(r->bytes + at + 4, "IEND", 4) != 0; at += length + 12) {
        length = png_get_uint_32((png_const_bytep)r->bytes + at);
        if (length + 12 > r->n - at)
            return false;
    }
    return true;
}

/* All of the file, pixels too: a damaged one is refused before anything of it is believed. */
static bool decode(struct reading *r)
{
    if (setjmp(png_jmpbuf(r->png)))
        return false;
    png_set_read_fn(r->png, r, on_read);
    png_set_crc_action(r->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_user_limits(r->png, SIDE_MAX, SIDE_MAX);
    png_set_chunk_malloc_max(r->png, TEXTS_MAX);
    png_set_chunk_cache_max(r->png, 0); /* as many as there are */
    if (!lengths_fit(r))
        png_error(r->png, too_short);
    png_read_info(r->png, r->info);
    int passes = png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    r->row = mem_new(png_get_rowbytes(r->png, r->info));
    for (int pass = 0; pass < passes; pass++)
        for (unsigned y = 0; y < png_get_image_height(r->png, r->info); y++)
            png_read_row(r->png, r->row, NULL);
    png_read_end(r->png, r->info);
    return true;
}

/* tEXt and zTXt are Latin-1, iTXt is UTF-8. */
static void to_utf8(struct strbuf *to, const png_text *text)
{
    strbuf_clear(to);
    if (text->compression >= PNG_ITXT_COMPRESSION_NONE) {
        strbuf_add(to, text->text ? text->text : "");
        return;
    }
    for (const char *s = text->text ? text->text : ""; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c >= 0x80)
            strbuf_add_char(to, (char)(0xC0 | c >> 6));
        strbuf_add_char(to, (char)(c >= 0x80 ? 0x80 | (c & 0x3F) : c));
    }
}

static bool give_texts(struct reading *r, const char *path,
                       void (*f)(void *context, const char *keyword, const char *text),
                       void *context, struct error *err)
{
    png_text *text = NULL;
    int n = png_get_text(r->png, r->info, &text, NULL);
    struct strbuf utf8;
    size_t all = 0;
    for (int i = 0; i < n; i++)
        all += text[i].text ? strlen(text[i].text) : 0;
    if (all > TEXTS_MAX)
        return error_set(err, ERR_DATA, "%s is refused: %s", path, too_large);
    for (int i = 0; i < n; i++)
        if (strlen(text[i].key) < 1 || strlen(text[i].key) > 79)
            return error_set(err, ERR_DATA,
                             "%s: a text chunk's keyword does not have 1 to 79 characters", path);
    for (int i = 0; i < n; i++)
        if (text[i].compression >= PNG_ITXT_COMPRESSION_NONE && text[i].text &&
            !text_valid(text[i].text))
            return error_set(err, ERR_DATA, "%s: the text chunk \"%.79s\" is not UTF-8", path,
                             text_valid(text[i].key) ? text[i].key : "?");
    strbuf_init(&utf8);
    for (int i = 0; i < n; i++) {
        to_utf8(&utf8, &text[i]);
        f(context, text[i].key, utf8.text);
    }
    strbuf_fini(&utf8);
    return true;
}

static bool is_svg(const char *bytes)
{
    return strncmp(bytes, "<?xml", 5) == 0 || strncmp(bytes, "<svg", 4) == 0;
}

bool figure_read_texts(const char *path,
                       void (*f)(void *context, const char *keyword, const char *text),
                       void *context, struct error *err)
{
    struct reading r = {0};
    char *bytes;
    if (!file_read(path, FILE_MAX, &bytes, &r.n, err))
        return false;
    if (is_svg(bytes) || strncmp(bytes, "%PDF", 4) == 0) {
        bool ok =
            is_svg(bytes)
                ? svg_read_texts(bytes, r.n, path, f, context, err)
                : error_set(err, ERR_DATA,
                            "%s: a PDF carries no spec and no data; draw it as PNG or SVG", path);
        mem_free(bytes);
        return ok;
    }
    r.bytes = bytes;
    if (r.n < 8 || png_sig_cmp((const unsigned char *)bytes, 0, 8) != 0) {
        mem_free(bytes);
        return error_set(err, ERR_DATA, "%s is no figure: it is neither a PNG nor an SVG", path);
    }
    r.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &r.report, on_error, on_warning, &r,
                                     take_memory, give_memory);
    r.info = r.png ? png_create_info_struct(r.png) : NULL;
    bool ok = r.info && decode(&r);
    if (!ok)
        error_set(err, ERR_DATA, "%s is not a valid PNG: %s", path,
                  r.report.message[0] ? r.report.message : "libpng does not start");
    ok = ok && give_texts(&r, path, f, context, err);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    mem_free(r.row);
    mem_free(bytes);
    return ok;
}
