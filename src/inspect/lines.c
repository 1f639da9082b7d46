/* What all kinds of inspected things print with. */
#include "inspect/internal.h"
#include "util/text.h"

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
    size_t column = 0, own, n;
    for (const char *s = text; *s; s += n) {
        unsigned char c = (unsigned char)*s;
        n = text_step(s, &own);
        if (column + own + 3 > columns && text_columns(s) > columns - column) {
            strbuf_add(out, "...");
            return;
        }
        if (c < 32 || c == 127)
            strbuf_add_char(out, '?');
        else
            strbuf_add_bytes(out, s, n);
        column += own;
    }
}
