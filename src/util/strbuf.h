/* A growing string, always NUL-terminated. */
#ifndef DESCENT_UTIL_STRBUF_H
#define DESCENT_UTIL_STRBUF_H

#include "util/error.h"
#include <stddef.h>
#include <stdint.h>

struct strbuf {
    char *text; /* never NULL after strbuf_init; owned */
    size_t length, capacity;
};
/* An empty text. */
void strbuf_init(struct strbuf *b);
/* Frees the text. */
void strbuf_fini(struct strbuf *b);
/* Makes it empty again; keeps the memory. */
void strbuf_clear(struct strbuf *b);
/* Appends a text. */
void strbuf_add(struct strbuf *b, const char *text);
/* Appends n bytes, NULs too. */
void strbuf_add_bytes(struct strbuf *b, const void *bytes, size_t n);
/* Appends one character. */
void strbuf_add_char(struct strbuf *b, char c);
/* Appends the lowest bytes of v, at most 8, the lowest first. */
void strbuf_add_little(struct strbuf *b, uint64_t v, unsigned bytes);
/* Appends as printf has it. */
void strbuf_addf(struct strbuf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Appends as vprintf has it. */
void strbuf_addv(struct strbuf *b, const char *fmt, va_list list) PRINTF_LIKE(2, 0);
/* The shortest decimal text that reads back as exactly this double ("0.1", "1e-08", "1000"). */
void strbuf_add_real(struct strbuf *b, double v);

#endif
