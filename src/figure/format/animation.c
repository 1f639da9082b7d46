/* Animated PNG: https://www.w3.org/TR/png-3/#apng-frame-based-animation. The file is a PNG of the
 * last frame to whoever does not know of it; the frames follow, each the rectangle in which it
 * differs, and in it the pixels that do. */
#include "figure/figure.h"
#include "figure/format/image.h"
#include "util/file.h"
#include <assert.h>
#include <png.h>
#include <string.h>

/* A PNG begins with its signature and the header's chunk; a chunk is its length, name, data and
 * checksum. */
enum { HEADER_END = 8 + 25, CHUNK_HEAD = 8, CHUNK_TAIL = 4, PIXEL = 4 };

/* Where chunks are written; libpng computes their checksums. */
struct chunks {
    png_structp png;
    struct strbuf bytes;
    png_uint_32 number; /* of the next frame's chunk, as the format counts them */
    char message[128];
};

static PNG_NORETURN void on_error(png_structp png, png_const_charp message)
{
    struct chunks *c = png_get_error_ptr(png);
    snprintf(c->message, sizeof c->message, "%s", message);
    png_longjmp(png, 1);
}

static void on_write(png_structp png, png_bytep bytes, size_t n)
{
    struct chunks *c = png_get_io_ptr(png);
    strbuf_add_bytes(&c->bytes, bytes, n);
}

static void on_flush(png_structp png)
{
    (void)png;
}

static bool chunks_init(struct chunks *c, struct error *err)
{
    *c = (struct chunks){0};
    strbuf_init(&c->bytes);
    c->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, c, on_error, NULL);
    if (!c->png)
        return error_set(err, ERR_SYSTEM, "cannot encode a PNG: libpng does not start");
    png_set_write_fn(c->png, c, on_write, on_flush);
    return true;
}

static void chunks_fini(struct chunks *c)
{
    png_destroy_write_struct(&c->png, NULL);
    strbuf_fini(&c->bytes);
}

static bool add_chunk(struct chunks *c, const char *name, const unsigned char *data, size_t n,
                      struct error *err)
{
    if (setjmp(png_jmpbuf(c->png)))
        return error_set(err, ERR_SYSTEM, "cannot encode a PNG: %s", c->message);
    png_write_chunk(c->png, (png_const_bytep)name, data, n);
    return true;
}

/* ---- what changed ---- */

struct rectangle {
    unsigned x, y, width, height;
};

static const unsigned char *row_of(const struct image *image, unsigned y)
{
    return image->pixels + y * image->stride;
}

/* The least one that holds every pixel that differs; one pixel where none does. */
static struct rectangle difference(const struct image *a, const struct image *b)
{
    unsigned x0 = a->width, x1 = 0, y0 = a->height, y1 = 0;
    for (unsigned y = 0; y < a->height; y++) {
        const unsigned char *p = row_of(a, y), *q = row_of(b, y);
        if (memcmp(p, q, PIXEL * (size_t)a->width) == 0)
            continue;
        unsigned from = 0, to = a->width;
        while (memcmp(p + PIXEL * (size_t)from, q + PIXEL * (size_t)from, PIXEL) == 0)
            from++;
        while (memcmp(p + PIXEL * (size_t)(to - 1), q + PIXEL * (size_t)(to - 1), PIXEL) == 0)
            to--;
        x0 = from < x0 ? from : x0;
        x1 = to > x1 ? to : x1;
        y0 = y < y0 ? y : y0;
        y1 = y + 1;
    }
    return y1 > y0 ? (struct rectangle){x0, y0, x1 - x0, y1 - y0} : (struct rectangle){0, 0, 1, 1};
}

/* before: what is shown till then; NULL: nothing. */
static struct image part_of(const struct image *image, const struct image *before,
                            const struct rectangle *r)
{
    struct image part = *image;
    part.alpha = true;
    part.pixels = row_of(image, r->y) + PIXEL * (size_t)r->x;
    if (before)
        part.under = row_of(before, r->y) + PIXEL * (size_t)r->x;
    part.width = r->width;
    part.height = r->height;
    return part;
}

/* ---- frames ---- */

static bool add_control(struct chunks *c, const struct rectangle *r, unsigned milliseconds,
                        struct error *err)
{
    unsigned char data[26] = {0};
    assert(milliseconds <= 65535);
    png_save_uint_32(data, c->number++);
    png_save_uint_32(data + 4, r->width);
    png_save_uint_32(data + 8, r->height);
    png_save_uint_32(data + 12, r->x);
    png_save_uint_32(data + 16, r->y);
    png_save_uint_16(data + 20, milliseconds);
    png_save_uint_16(data + 22, 1000);
    data[25] = 1; /* drawn over the last frame, which stays */
    return add_chunk(c, "fcTL", data, sizeof data, err);
}

/* The pixels of a PNG, its IDAT chunks, as a frame's. */
static bool add_pixels(struct chunks *c, const struct strbuf *png, struct error *err)
{
    struct strbuf data;
    const unsigned char *bytes = (const unsigned char *)png->text;
    bool ok = true;
    strbuf_init(&data);
    for (size_t at = 8, n; ok && at < png->length; at += CHUNK_HEAD + n + CHUNK_TAIL) {
        unsigned char number[4];
        n = png_get_uint_32(bytes + at);
        if (memcmp(bytes + at + 4, "IDAT", 4) != 0)
            continue;
        strbuf_clear(&data);
        png_save_uint_32(number, c->number++);
        strbuf_add_bytes(&data, number, sizeof number);
        strbuf_add_bytes(&data, bytes + at + CHUNK_HEAD, n);
        ok = add_chunk(c, "fdAT", (const unsigned char *)data.text, data.length, err);
    }
    strbuf_fini(&data);
    return ok;
}

/* before: the frame before; NULL: this is the first, and whole. */
static bool add_frame(struct chunks *c, const struct image *image, const struct image *before,
                      unsigned milliseconds, struct error *err)
{
    struct rectangle r = {0, 0, image->width, image->height};
    struct strbuf png;
    if (before)
        r = difference(image, before);
    struct image part = part_of(image, before, &r);
    strbuf_init(&png);
    bool ok = image_encode_png(&part, NULL, 0, &png, err) &&
              add_control(c, &r, milliseconds, err) && add_pixels(c, &png, err);
    strbuf_fini(&png);
    return ok;
}

/* Draws and adds them all; the last one's picture and texts go into the arena. */
static bool add_frames(const struct figure_animation *a, struct chunks *c, struct arena *last,
                       struct strbuf *ret_still, struct error *err)
{
    struct arena arena[2] = {0};
    struct image image[2];
    bool ok = true;
    for (size_t i = 0; ok && i < a->frames; i++) {
        bool ends = i + 1 == a->frames;
        struct figure f = a->frame(a->context, i);
        arena_fini(&arena[i % 2]);
        arena_init(&arena[i % 2]);
        ok = image_render(&f, &arena[i % 2], &image[i % 2], err);
        assert(i == 0 || (image[0].width == image[1].width && image[0].height == image[1].height));
        ok = ok && add_frame(c, &image[i % 2], i > 0 ? &image[(i + 1) % 2] : NULL,
                             ends ? a->last_milliseconds : a->milliseconds, err);
        if (ok && ends)
            ok =
                image_encode_png(&image[i % 2], image_texts(last, &f), f.texts + 1, ret_still, err);
    }
    arena_fini(&arena[0]);
    arena_fini(&arena[1]);
    return ok;
}

/* The last picture's PNG, how many frames there are after its header, and they before its end. */
static bool join(const struct strbuf *still, const struct chunks *frames, size_t n,
                 struct strbuf *out, struct error *err)
{
    unsigned char data[8] = {0}; /* the last four: again and again */
    struct chunks head;
    if (!chunks_init(&head, err))
        return false;
    png_save_uint_32(data, (png_uint_32)n);
    bool ok = add_chunk(&head, "acTL", data, sizeof data, err);
    size_t end = still->length - CHUNK_HEAD - CHUNK_TAIL; /* IEND is empty */
    strbuf_add_bytes(out, still->text, HEADER_END);
    strbuf_add_bytes(out, head.bytes.text, head.bytes.length);
    strbuf_add_bytes(out, still->text + HEADER_END, end - HEADER_END);
    strbuf_add_bytes(out, frames->bytes.text, frames->bytes.length);
    strbuf_add_bytes(out, still->text + end, still->length - end);
    chunks_fini(&head);
    return ok;
}

bool figure_write_animation(const struct figure_animation *a, const char *path, struct error *err)
{
    struct chunks frames;
    struct strbuf still, out;
    struct arena last;
    if (!chunks_init(&frames, err))
        return false;
    arena_init(&last);
    strbuf_init(&still);
    strbuf_init(&out);
    bool ok = (add_frames(a, &frames, &last, &still, err) &&
               join(&still, &frames, a->frames, &out, err)) ||
              error_prefix(err, "%s: ", path);
    ok = ok && file_write(path, out.text, out.length, err);
    strbuf_fini(&out);
    strbuf_fini(&still);
    arena_fini(&last);
    chunks_fini(&frames);
    return ok;
}
