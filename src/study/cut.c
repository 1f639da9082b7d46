#include "study/cut.h"
#include "util/mem.h"
#include "util/text.h"
#include <stdlib.h>
#include <string.h>

/* The end of a text, so many columns at most. */
static const char *end_of(const char *text, size_t columns)
{
    size_t left = text_columns(text), own;
    while (left > columns) {
        text += text_step(text, &own);
        left -= own;
    }
    return text;
}

size_t cut_add(struct strbuf *out, const char *text, size_t width, size_t start)
{
    size_t n = text_columns(text);
    if (n <= width) {
        strbuf_add(out, text);
        return n;
    }
    size_t bytes = text_bytes_within(text, start), kept = n - text_columns(text + bytes);
    const char *end = end_of(text, width - 1 - kept);
    strbuf_add_bytes(out, text, bytes);
    strbuf_addf(out, "…%s", end);
    return kept + 1 + text_columns(end);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* How many of them differ; sorts them. */
static size_t count_different(const char **text, size_t n)
{
    size_t different = n > 0;
    if (n > 1)
        qsort(text, n, sizeof *text, compare_texts);
    for (size_t i = 1; i < n; i++)
        different += strcmp(text[i - 1], text[i]) != 0;
    return different;
}

/* How many differ once they are cut so. */
static size_t count_cut(const char *const *text, size_t n, size_t width, size_t start)
{
    struct arena a;
    struct strbuf b;
    arena_init(&a);
    strbuf_init(&b);
    const char **cut = arena_alloc(&a, (n + 1) * sizeof *cut);
    for (size_t i = 0; i < n; i++) {
        strbuf_clear(&b);
        cut_add(&b, text[i], width, start);
        cut[i] = arena_strdup(&a, b.text);
    }
    size_t different = count_different(cut, n);
    strbuf_fini(&b);
    arena_fini(&a);
    return different;
}

bool cut_start(const char *const *text, size_t n, size_t width, size_t *ret)
{
    size_t all = count_cut(text, n, SIZE_MAX, 0), most = 0;
    for (size_t start = width; start-- > 0 && most < all;) {
        size_t different = count_cut(text, n, width, start);
        if (different > most) {
            most = different;
            *ret = start;
        }
    }
    return most == all;
}
