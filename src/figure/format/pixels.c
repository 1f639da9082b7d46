/* A PNG as pixels. */
#include "figure/pixels.h"
#include "figure/format/png.h"
#include "util/file.h"
#include "util/mem.h"
#include <string.h>

enum { PIXELS_MAX = 1 << 26, BYTES = 4 }; /* a pixel is decoded to red, green, blue and opacity */

/* Every kind of PNG as 8 bits of each of these. False: libpng has said why. */
static bool decode(struct image_reading *r, unsigned *ret_width, unsigned *ret_height,
                   bool *ret_deep)
{
    if (setjmp(png_jmpbuf(r->png)))
        return false;
    image_read_header(r);
    unsigned width = png_get_image_width(r->png, r->info),
             height = png_get_image_height(r->png, r->info);
    if ((size_t)width * height > PIXELS_MAX)
        png_error(r->png, "it has more than 67108864 pixels");
    *ret_deep = png_get_bit_depth(r->png, r->info) == 16;
    png_set_expand(r->png);
    png_set_scale_16(r->png);
    png_set_gray_to_rgb(r->png);
    png_set_add_alpha(r->png, 0xFF, PNG_FILLER_AFTER);
    int passes = png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    size_t stride = BYTES * (size_t)width;
    if (png_get_rowbytes(r->png, r->info) != stride)
        png_error(r->png, "an unknown kind of pixels");
    r->row = mem_array(height, stride);
    for (int pass = 0; pass < passes; pass++)
        for (unsigned y = 0; y < height; y++)
            png_read_row(r->png, r->row + y * stride, NULL);
    png_read_end(r->png, r->info);
    *ret_width = width;
    *ret_height = height;
    return true;
}

/* Over white, rounded to nearest. */
static unsigned char over_white(unsigned char v, unsigned opacity)
{
    return (unsigned char)((v * opacity + 255 * (255 - opacity) + 127) / 255);
}

static void to_planes(const unsigned char *from, struct pixels *p)
{
    size_t n = (size_t)p->width * p->height;
    p->rgb = mem_unset(n, 3);
    p->grey = true;
    for (size_t i = 0; i < n; i++, from += BYTES) {
        p->transparent |= from[3] < 255;
        p->grey &= from[0] == from[1] && from[1] == from[2];
        for (size_t c = 0; c < 3; c++)
            p->rgb[c * n + i] = over_white(from[c], from[3]);
    }
}

static bool no_png(const char *path, const char *bytes, size_t n, struct error *err)
{
    if (n > 2 && memcmp(bytes, "\377\330\377", 3) == 0)
        return error_set(
            err, ERR_DATA,
            "%s is a JPEG: ImageMagick's 'convert jpeg:FILE png:NEW' makes a PNG of it", path);
    return error_set(err, ERR_DATA, "%s is no PNG, whatever its name: its first bytes are others",
                     path);
}

bool pixels_read(const char *path, struct pixels *ret, struct error *err)
{
    struct image_reading r = {0};
    struct pixels p = {0};
    char *bytes;
    if (!file_read(path, IMAGE_FILE_MAX, &bytes, &r.n, err))
        return false;
    r.bytes = bytes;
    bool ok = image_is_png(bytes, r.n) || no_png(path, bytes, r.n, err);
    ok = ok && ((image_begin_reading(&r) && decode(&r, &p.width, &p.height, &p.deep)) ||
                image_fail_reading(&r, path, err));
    if (ok) {
        to_planes(r.row, &p);
        *ret = p;
    }
    image_end_reading(&r);
    mem_free(bytes);
    return ok;
}

void pixels_fini(struct pixels *p)
{
    mem_free(p->rgb);
    *p = (struct pixels){0};
}
