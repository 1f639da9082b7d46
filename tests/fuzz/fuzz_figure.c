/* Any bytes as a figure and as a picture, as they are and with the checksums of their chunks put
 * right, for behind a wrong one nothing is looked at: an error with the file's name, or text chunks
 * with keywords and UTF-8 texts; pixels. */
#include "figure/draw/text.h"
#include "figure/figure.h"
#include "figure/pixels.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void check_text(void *context, const char *keyword, const char *text)
{
    size_t *texts = context, length = strlen(keyword);
    if (length < 1 || length > 79 || !text_valid(text))
        abort();
    ++*texts;
}

static void read_as_picture(const char *path)
{
    struct error err = {0};
    struct pixels p;
    unsigned sum = 0;
    if (!pixels_read(path, &p, &err)) {
        if (err.code == ERR_NONE || strncmp(err.message, path, strlen(path)) != 0)
            abort();
        return;
    }
    for (size_t i = 0; i < 3 * (size_t)p.width * p.height; i++)
        sum += p.rgb[i];
    volatile unsigned sink = sum; /* the sanitizers saw every byte */
    (void)sink;
    pixels_fini(&p);
}

static void read_as_figure(const uint8_t *bytes, size_t n)
{
    struct error err = {0};
    const char *path = fuzz_file(bytes, n);
    size_t texts = 0;
    read_as_picture(path);
    if (!figure_read_texts(path, (struct figure_visitor){check_text, &texts}, &err) &&
        (texts > 0 || err.code != ERR_DATA || strncmp(err.message, path, strlen(path)) != 0))
        abort();
}

/* A chunk: its length in 4 bytes, its name in 4, the data, the checksum of name and data. */
static void mend(uint8_t *bytes, size_t n)
{
    for (size_t at = 8; at + 12 <= n;) {
        uint8_t *c = bytes + at;
        size_t length = (size_t)c[0] << 24 | (size_t)c[1] << 16 | (size_t)c[2] << 8 | c[3];
        if (length > n - at - 12)
            return;
        unsigned long sum = crc32(0, c + 4, (unsigned)length + 4);
        for (int i = 0; i < 4; i++)
            c[8 + length + (size_t)i] = (uint8_t)(sum >> (24 - 8 * i));
        at += length + 12;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    read_as_figure(bytes, n);
    uint8_t *mended = malloc(n + 1);
    if (!mended)
        abort();
    memcpy(mended, bytes, n);
    if (n > 8)
        mend(mended, n);
    read_as_figure(mended, n);
    free(mended);
    return 0;
}
