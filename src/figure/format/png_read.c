/* A PNG read back: its texts. */
#include "figure/draw/text.h"
#include "figure/figure.h"
#include "figure/format/png.h"
#include "figure/format/svg.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <string.h>

PNG_NORETURN void image_on_error(png_structp png, png_const_charp message)
{
    struct image_report *r = png_get_error_ptr(png);
    snprintf(r->message, sizeof r->message, "%s", message);
    png_longjmp(png, 1);
}

void image_on_warning(png_structp png, png_const_charp message)
{
    static const char *const texts[] = {"tEXt", "zTXt", "iTXt"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strncmp(message, texts[i], 4) == 0)
            png_error(png, message);
}

/* libpng inflates a text into a buffer, and copies it: with one chunk there may be twice its size.
 * Before the bytes, their number. */
enum { MEMORY_MAX = 2 * IMAGE_TEXTS_MAX + (1 << 26), BEFORE = 64 };
static const char too_large[] = "its texts take more than 256 MB";

static png_voidp take_memory(png_structp png, png_alloc_size_t n)
{
    struct image_reading *r = png_get_mem_ptr(png);
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
    struct image_reading *r = png_get_mem_ptr(png);
    unsigned char *block = (unsigned char *)bytes - BEFORE;
    png_alloc_size_t n;
    memcpy(&n, block, sizeof n);
    r->memory -= n;
    mem_free(block);
}

static const char too_short[] = "the file ends too early";

static void on_read(png_structp png, png_bytep to, size_t n)
{
    struct image_reading *r = png_get_io_ptr(png);
    if (n > r->n - r->at)
        png_error(png, too_short);
    memcpy(to, r->bytes + r->at, n);
    r->at += n;
}

/* libpng takes memory for what a chunk claims to hold before it reads it. A chunk has 4 bytes of
 * length, 4 of name, the data, 4 of checksum; the first one begins at byte 8. */
static bool lengths_fit(const struct image_reading *r)
{
    size_t length, at = 8;
    for (; at + 8 <= r->n && memcmp(r->bytes + at + 4, "IEND", 4) != 0; at += length + 12) {
        length = png_get_uint_32((png_const_bytep)r->bytes + at);
        if (length + 12 > r->n - at)
            return false;
    }
    return true;
}

bool image_is_png(const char *bytes, size_t n)
{
    return n >= 8 && png_sig_cmp((const unsigned char *)bytes, 0, 8) == 0;
}

bool image_begin_reading(struct image_reading *r)
{
    r->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &r->report, image_on_error,
                                      image_on_warning, r, take_memory, give_memory);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    return r->info != NULL;
}

void image_read_header(struct image_reading *r)
{
    png_set_read_fn(r->png, r, on_read);
    png_set_crc_action(r->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_set_user_limits(r->png, IMAGE_SIDE_MAX, IMAGE_SIDE_MAX);
    png_set_chunk_malloc_max(r->png, IMAGE_TEXTS_MAX);
    png_set_chunk_cache_max(r->png, 0); /* as many as there are */
    if (!lengths_fit(r))
        png_error(r->png, too_short);
    png_read_info(r->png, r->info);
}

void image_end_reading(struct image_reading *r)
{
    png_destroy_read_struct(&r->png, &r->info, NULL);
    mem_free(r->row);
}

bool image_fail_reading(const struct image_reading *r, const char *path, struct error *err)
{
    return error_set(err, ERR_DATA, "%s is not a valid PNG: %s", path,
                     r->report.message[0] ? r->report.message : "libpng does not start");
}

/* All of the file, pixels too: a damaged one is refused before anything of it is believed. */
static bool decode(struct image_reading *r)
{
    if (setjmp(png_jmpbuf(r->png)))
        return false;
    image_read_header(r);
    int passes = png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    r->row = mem_new(png_get_rowbytes(r->png, r->info));
    for (int pass = 0; pass < passes; pass++)
        for (unsigned y = 0; y < png_get_image_height(r->png, r->info); y++)
            png_read_row(r->png, r->row, NULL);
    png_read_end(r->png, r->info);
    return true;
}

/* ---- texts ---- */

/* tEXt and zTXt are Latin-1, iTXt is UTF-8. */
static void add_utf8(struct strbuf *to, const png_text *text)
{
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

static bool give_texts(struct image_reading *r, const char *path, struct figure_visitor each,
                       struct error *err)
{
    png_text *text = NULL;
    int n = png_get_text(r->png, r->info, &text, NULL);
    struct strbuf utf8;
    size_t all = 0;
    for (int i = 0; i < n; i++)
        all += text[i].text ? strlen(text[i].text) : 0;
    if (all > IMAGE_TEXTS_MAX)
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
    for (int i = 0; i < n; i++) { /* neighbours of one keyword are parts of one text */
        add_utf8(&utf8, &text[i]);
        if (i + 1 < n && strcmp(text[i].key, text[i + 1].key) == 0)
            continue;
        each.call(each.context, text[i].key, utf8.text);
        strbuf_clear(&utf8);
    }
    strbuf_fini(&utf8);
    return true;
}

static bool is_svg(const char *bytes)
{
    return strncmp(bytes, "<?xml", 5) == 0 || strncmp(bytes, "<svg", 4) == 0;
}

bool figure_read_texts(const char *path, struct figure_visitor each, struct error *err)
{
    struct image_reading r = {0};
    char *bytes;
    if (!file_read(path, IMAGE_FILE_MAX, &bytes, &r.n, err))
        return false;
    if (is_svg(bytes) || strncmp(bytes, "%PDF", 4) == 0) {
        bool ok =
            is_svg(bytes)
                ? svg_read_texts(bytes, r.n, path, each, err)
                : error_set(err, ERR_DATA,
                            "%s: a PDF carries no spec and no data; draw it as PNG or SVG", path);
        mem_free(bytes);
        return ok;
    }
    r.bytes = bytes;
    if (!image_is_png(bytes, r.n)) {
        mem_free(bytes);
        return error_set(err, ERR_DATA, "%s is no figure: it is neither a PNG nor an SVG", path);
    }
    bool ok = (image_begin_reading(&r) && decode(&r)) || image_fail_reading(&r, path, err);
    ok = ok && give_texts(&r, path, each, err);
    image_end_reading(&r);
    mem_free(bytes);
    return ok;
}
