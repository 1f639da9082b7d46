#include "util/csv.h"
#include <math.h>
#include <string.h>

/* Between quotes; a doubled one stands for itself. Returns what follows the closing one. */
static const char *quoted(const char *s, struct strbuf *ret_cell)
{
    for (; *s; s++) {
        if (*s == '"' && s[1] != '"')
            return s + 1;
        s += *s == '"';
        strbuf_add_char(ret_cell, *s);
    }
    return s;
}

bool csv_cell(const char **at, struct strbuf *ret_cell)
{
    const char *s = *at;
    strbuf_clear(ret_cell);
    if (*s == '"')
        s = quoted(s + 1, ret_cell);
    size_t n = strcspn(s, ",\n");
    strbuf_add_bytes(ret_cell, s, n);
    s += n;
    bool more = *s == ',';
    *at = *s ? s + 1 : s;
    return more;
}

/* Behind the closing quote of the cell that begins behind this one's, or NULL. */
static const char *behind_quote(const char *s)
{
    for (; (s = strchr(s, '"')) != NULL; s += 2)
        if (s[1] != '"')
            return s + 1;
    return NULL;
}

const char *csv_fault(const char *at)
{
    const char *begin = at + strspn(at, " \t"), *end;
    if (*begin != '"')
        return NULL;
    if (begin > at)
        return "a space stands before the quote that opens a cell: take it away";
    end = behind_quote(at + 1);
    if (!end)
        return "a quote opens here and is not closed up to the end of the file: close it, or take "
               "it away (within a cell in quotes, a quote is written twice)";
    end += strspn(end, " \t\r");
    return *end == ',' || *end == '\n' || *end == '\0'
               ? NULL
               : "text stands behind the quote that closes a cell (within a cell in quotes, a quote "
                 "is written twice)";
}

void csv_add_text(struct strbuf *to, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        strbuf_add(to, text);
        return;
    }
    strbuf_add_char(to, '"');
    for (; *text; text++) {
        if (*text == '"')
            strbuf_add_char(to, '"');
        strbuf_add_char(to, *text);
    }
    strbuf_add_char(to, '"');
}

void csv_add_number(struct strbuf *to, double v)
{
    if (!isnan(v))
        strbuf_addf(to, "%.9g", v);
}
