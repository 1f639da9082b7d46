#include "util/fold.h"
#include "util/text.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ---- where a line may break ---- */

static bool opens_quote(const char *line, size_t i)
{
    return (line[i] == '\'' || line[i] == '"') && (i == 0 || strchr(" '([{=,:", line[i - 1]));
}

/* Where the quote that opens at i closes; n: it does not, as an apostrophe. */
static size_t quote_end(const char *line, size_t n, size_t i)
{
    for (size_t end = i + 1; end < n; end++) {
        bool escaped = line[i] == '"' && line[end - 1] == '\\';
        if (line[end] == line[i] && !escaped && !isalnum((unsigned char)line[end + 1]))
            return end;
    }
    return n;
}

static bool is_command(const char *quote)
{
    static const char program[] = "descent ";
    return strncmp(quote + 1, program, sizeof program - 1) == 0;
}

/* What stands open where a line is read: a quote up to a byte, and brackets. */
struct open {
    size_t quoted;
    unsigned brackets;
};

static void read_on(const char *line, size_t n, size_t i, struct open *o)
{
    if (i >= o->quoted && opens_quote(line, i) && !is_command(line + i)) {
        size_t end = quote_end(line, n, i);
        o->quoted = end < n ? end + 1 : i;
    }
    if (i < o->quoted)
        return;
    o->brackets += strchr("([{", line[i]) != NULL;
    o->brackets -= o->brackets > 0 && strchr(")]}", line[i]);
}

/* How bad a break before the space at i is: not at all outside of brackets, and within them best
 * behind a comma. */
static unsigned badness(const char *line, size_t i, const struct open *o)
{
    return o->brackets == 0 ? 0 : 2 * o->brackets - (line[i - 1] == ',');
}

/* The space to break at, so that `room` columns are not passed: of those in the second half of the
 * room the best, and of these the last; else the one that comes nearest. 0: there is none.
 * *brackets: those that stand open before the line, and then at the break. */
static size_t find_break(const char *line, size_t n, size_t room, unsigned *brackets)
{
    struct open o = {.brackets = *brackets};
    size_t found = 0, own;
    unsigned best = UINT32_MAX;
    for (size_t i = strspn(line, " "), columns = i; i < n; columns += own) {
        if (columns > room && found > 0)
            break;
        read_on(line, n, i, &o);
        bool may = line[i] == ' ' && line[i - 1] != ' ' && i >= o.quoted;
        unsigned bad = may && columns >= room / 2 ? badness(line, i, &o) : UINT32_MAX;
        if (may && bad <= best) {
            best = bad;
            found = i;
            *brackets = o.brackets;
        }
        i += text_step(line + i, &own);
    }
    return found;
}

/* ---- lines ---- */

static size_t columns_of(const char *line, size_t n)
{
    size_t sum = 0, own;
    for (size_t i = 0; i < n; sum += own)
        i += text_step(line + i, &own);
    return sum;
}

/* Reads no further than that takes. */
static bool passes(const char *line, size_t n, size_t column, size_t page)
{
    size_t own;
    for (size_t i = 0; i < n && column <= page; column += own)
        i += text_step(line + i, &own);
    return column > page;
}

/* One that fits on no line, a digest or a path, and ends this one: a break before it gains nothing. */
static bool is_vast_word(const char *word, size_t n, size_t page, size_t indent)
{
    return passes(word, n, indent, page) && !memchr(word, ' ', n);
}

void fold_line(const char *line, size_t n, size_t page, size_t column, size_t indent,
               struct strbuf *out)
{
    unsigned brackets = 0;
    while (passes(line, n, column, page)) {
        size_t at = find_break(line, n, page > column ? page - column : 0, &brackets),
               next = at + strspn(line + at, " ");
        if (at == 0 || next >= n || is_vast_word(line + next, n - next, page, indent))
            break;
        strbuf_add_bytes(out, line, at);
        strbuf_addf(out, "\n%*s", (int)indent, "");
        line += next;
        n -= next;
        column = indent;
    }
    strbuf_add_bytes(out, line, n);
}

/* Below the second column of what has two, that no third of the page is lost to it. */
static size_t indent_of(const char *line, size_t n, size_t page)
{
    size_t own = strspn(line, " ");
    for (size_t i = own; i + 2 < n; i++)
        if (line[i] == ' ' && line[i + 1] == ' ') {
            i += strspn(line + i, " ");
            size_t column = columns_of(line, i);
            return column <= page / 3 ? column : own + 2;
        }
    return own + 2;
}

void fold_lines(const char *text, size_t page, struct strbuf *out)
{
    for (size_t n; *text; text += n) {
        n = strcspn(text, "\n");
        fold_line(text, n, page, 0, indent_of(text, n, page), out);
        if (text[n] == '\n')
            strbuf_add_bytes(out, text + n++, 1);
    }
}

void fold_name(const char *name, size_t page, size_t column, size_t indent, struct strbuf *out)
{
    for (size_t n; *name; name += n) {
        n = strcspn(name, ",");
        n += name[n] == ',';
        size_t own = columns_of(name, n);
        if (column > indent && column + own > page) {
            strbuf_addf(out, "\n%*s", (int)indent, "");
            column = indent;
        }
        strbuf_add_bytes(out, name, n);
        column += own;
    }
}
