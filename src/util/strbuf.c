#include "util/strbuf.h"
#include "util/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void strbuf_init(struct strbuf *b)
{
    *b = (struct strbuf){.text = mem_new(64), .capacity = 64};
}

void strbuf_fini(struct strbuf *b)
{
    mem_free(b->text);
    *b = (struct strbuf){0};
}

void strbuf_clear(struct strbuf *b)
{
    b->length = 0;
    b->text[0] = '\0';
}

/* Room for n more bytes and the NUL. */
static void reserve(struct strbuf *b, size_t n)
{
    if (b->capacity - b->length > n)
        return;
    size_t wanted = 2 * b->capacity + n;
    b->text = mem_grow(b->text, b->length + 1, wanted);
    b->capacity = wanted;
}

void strbuf_add_bytes(struct strbuf *b, const void *bytes, size_t n)
{
    reserve(b, n);
    memcpy(b->text + b->length, bytes, n);
    b->length += n;
    b->text[b->length] = '\0';
}

void strbuf_add(struct strbuf *b, const char *text)
{
    strbuf_add_bytes(b, text, strlen(text));
}

void strbuf_add_char(struct strbuf *b, char c)
{
    strbuf_add_bytes(b, &c, 1);
}

void strbuf_addv(struct strbuf *b, const char *fmt, va_list list)
{
    va_list again;
    va_copy(again, list);
    size_t room = b->capacity - b->length;
    int n = vsnprintf(b->text + b->length, room, fmt, list);
    if (n > 0 && (size_t)n >= room) {
        reserve(b, (size_t)n);
        vsnprintf(b->text + b->length, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    b->length += n > 0 ? (size_t)n : 0;
    b->text[b->length] = '\0';
}

void strbuf_add_little(struct strbuf *b, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        strbuf_add_char(b, (char)(unsigned char)(v >> 8 * i));
}

void strbuf_addf(struct strbuf *b, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    strbuf_addv(b, fmt, list);
    va_end(list);
}

void strbuf_add_real(struct strbuf *b, double v)
{
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, v);
        double back = strtod(text, NULL);
        if (memcmp(&back, &v, sizeof v) == 0)
            break;
    }
    /* 1e+05 reads better as 100000, as long as it is short. */
    if (strchr(text, 'e') && v > -1e15 && v < 1e15) {
        char plain[40];
        snprintf(plain, sizeof plain, "%.0f", v);
        double back = strtod(plain, NULL);
        if (memcmp(&back, &v, sizeof v) == 0)
            memcpy(text, plain, sizeof plain);
    }
    strbuf_add(b, text);
}
