/* What all kinds of inspected things print with. */
#include "inspect/internal.h"
#include <string.h>

static void PRINTF_LIKE(2, 0) add_list(struct strbuf *b, const char *fmt, va_list list)
{
    strbuf_addv(b, fmt, list);
    strbuf_add_char(b, '\n');
}

void inspect_line(struct inspection *x, const char *name, const char *fmt, ...)
{
    va_list list;
    strbuf_addf(&x->text, "%-14s ", name);
    va_start(list, fmt);
    add_list(&x->text, fmt, list);
    va_end(list);
}

void inspect_problem(struct inspection *x, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    add_list(&x->problems, fmt, list);
    va_end(list);
    x->n++;
}

void inspect_text(struct strbuf *out, const char *text, size_t columns)
{
    size_t column = 0;
    for (const char *s = text; *s; s++) {
        unsigned char c = (unsigned char)*s;
        bool begins = (c & 0xc0) != 0x80; /* of a character */
        if (begins && column + 4 > columns && strlen(s) > columns - column) {
            strbuf_add(out, "...");
            return;
        }
        strbuf_add_char(out, c < 32 || c == 127 ? '?' : *s);
        column += begins;
    }
}
