#include "report/html.h"
#include "figure/draw/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- text ---- */

void html_add(struct page *p, const char *markup)
{
    strbuf_add(p->out, markup);
}

/* Control characters by their pictures: U+2400 and on. */
static void add_control(struct strbuf *out, unsigned char c)
{
    const char picture[] = {'\xE2', '\x90', (char)(c == 0x7F ? 0xA1 : 0x80 + c), '\0'};
    strbuf_add(out, picture);
}

static void add_escaped(struct strbuf *out, const char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        const char *entity = c == '&'   ? "&amp;"
                             : c == '<' ? "&lt;"
                             : c == '>' ? "&gt;"
                             : c == '"' ? "&quot;"
                                        : NULL;
        if (entity)
            strbuf_add(out, entity);
        else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
            add_control(out, c);
        else if (c == 0xC2 && (unsigned char)s[1] < 0xA0) /* U+0080 to U+009F */
            strbuf_add(out, (s++, "\xEF\xBF\xBD"));
        else
            strbuf_add_char(out, *s);
    }
}

void html_text(struct page *p, const char *text)
{
    struct strbuf clean;
    strbuf_init(&clean);
    text_clean(&clean, text, false);
    add_escaped(p->out, clean.text);
    strbuf_fini(&clean);
}

void html_element(struct page *p, const char *tag, const char *text)
{
    strbuf_addf(p->out, "<%s>", tag);
    html_text(p, text);
    strbuf_addf(p->out, "</%.*s>", (int)strcspn(tag, " "), tag);
}

/* The policy forbids scripts but the page's own, and whatever would have to be fetched, should an
 * escape ever be missing. */
void html_begin(struct page *p, const char *title, const char *kind)
{
    char digest[45];
    html_script_digest(digest);
    html_add(
        p,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "img-src data:; script-src 'sha256-");
    html_add(p, digest);
    html_add(
        p,
        "'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n<title>");
    html_text(p, title);
    html_add(p, " – ");
    html_text(p, kind);
    html_add(p, "</title>\n<style>\n");
    for (size_t i = 0; report_style[i]; i++)
        html_add(p, report_style[i]);
    html_palette(p);
    html_add(p, "</style>\n</head>\n<body>\n<main>\n");
}

void html_end(struct page *p)
{
    html_add(p, "</main>\n");
    html_script(p);
    html_add(p, "</body>\n</html>\n");
}

void html_section(struct page *p, const char *id, const char *heading)
{
    strbuf_addf(p->out, "<section aria-labelledby=\"%s\">\n<h2 id=\"%s\">", id, id);
    html_text(p, heading);
    html_add(p, "</h2>\n");
}

void html_section_end(struct page *p)
{
    html_add(p, "</section>\n");
}

/* ---- tables ---- */

void html_table(struct page *p, const char *class, const struct table *t, const char *caption,
                struct html_rows rows)
{
    html_add(p, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"");
    html_text(p, caption);
    strbuf_addf(p->out, "\"><table class=\"%s\">\n<caption>", class);
    html_text(p, caption);
    html_add(p, "</caption>\n<thead><tr>");
    for (size_t c = 0; c < t->columns; c++)
        html_element(p, t->column[c].left ? "th scope=\"col\" class=\"l\"" : "th scope=\"col\"",
                     t->column[c].head);
    html_add(p, "</tr></thead>\n<tbody>\n");
    for (size_t r = rows.first; r < rows.end; r++) {
        html_add(p, rows.best && rows.best[r] ? "<tr class=\"best\">" : "<tr>");
        for (size_t c = 0; c < t->columns; c++) {
            const char *cell = t->cell[r * t->columns + c];
            html_element(p, t->column[c].left ? "td class=\"l\"" : "td", cell ? cell : "");
        }
        html_add(p, "</tr>\n");
    }
    html_add(p, "</tbody>\n</table></div>\n");
}

void html_facts_begin(struct page *p, const char *caption)
{
    html_add(p, "<table class=\"facts\">\n");
    if (caption) {
        html_element(p, "caption", caption);
        html_add(p, "\n");
    }
    html_add(p, "<tbody>\n");
}

static void add_fact(struct page *p, const char *name, const char *tag, const char *text)
{
    if (!text)
        return;
    html_add(p, "<tr>");
    html_element(p, "th scope=\"row\"", name);
    html_add(p, "<td>");
    html_element(p, tag, text);
    html_add(p, "</td></tr>\n");
}

void html_fact(struct page *p, const char *name, const char *text)
{
    add_fact(p, name, "span", text);
}

void html_fact_code(struct page *p, const char *name, const char *text)
{
    add_fact(p, name, "code", text);
}

void html_facts_end(struct page *p)
{
    html_add(p, "</tbody>\n</table>\n");
}

void html_headline(struct page *p, const char *name, const char *value, const char *remark)
{
    html_add(p, "<div>");
    html_element(p, "dt", name);
    html_element(p, "dd class=\"value\"", value);
    if (remark)
        html_element(p, "dd", remark);
    html_add(p, "</div>\n");
}

/* ---- commands ---- */

static bool is_plain(const char *s)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:,@%+=-";
    return *s && s[strspn(s, plain)] == '\0';
}

static bool has_control(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7F)
            return true;
    return false;
}

/* $'...' (POSIX 2024) for what could not be copied from a page: every byte that is not printable
 * ASCII in octal. */
static void quote_bytes(struct strbuf *out, const char *s)
{
    strbuf_add(out, "$'");
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c < 0x20 || c >= 0x7F)
            strbuf_addf(out, "\\%03o", c);
        else
            strbuf_addf(out, c == '\'' || c == '\\' ? "\\%c" : "%c", c);
    }
    strbuf_add(out, "'");
}

static void shell_quote(struct strbuf *out, const char *word)
{
    if (is_plain(word)) {
        strbuf_add(out, word);
    } else if (has_control(word) || !text_valid(word)) {
        quote_bytes(out, word);
    } else {
        strbuf_add(out, "'");
        for (; *word; word++)
            strbuf_addf(out, *word == '\'' ? "'\\''" : "%c", *word);
        strbuf_add(out, "'");
    }
}

void html_command(struct page *p, const char *what, const char *const *words)
{
    struct strbuf line;
    strbuf_init(&line);
    for (size_t i = 0; words[i]; i++) {
        strbuf_add(&line, i ? " " : "");
        shell_quote(&line, words[i]);
    }
    html_element(p, "p class=\"what\"", what);
    html_add(p, "\n<pre class=\"command\"><code>");
    html_text(p, line.text);
    html_add(p, "</code></pre>\n");
    strbuf_fini(&line);
}

/* ---- numbers ---- */

const char *show_count(struct arena *a, int64_t n)
{
    char digits[32];
    struct strbuf b;
    int length = snprintf(digits, sizeof digits, "%lld", (long long)n);
    strbuf_init(&b);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
            strbuf_add_char(&b, ',');
        strbuf_add_char(&b, digits[i]);
    }
    const char *shown = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return shown;
}

const char *show_seconds(struct arena *a, double seconds)
{
    if (!isfinite(seconds) || seconds < 0 || seconds > 1e15)
        return "–";
    if (seconds < 59.95)
        return arena_printf(a, seconds < 9.995 ? "%.2f s" : "%.1f s", seconds);
    long long whole = (long long)(seconds + 0.5);
    if (whole < 3600)
        return arena_printf(a, "%lld min %02lld s", whole / 60, whole % 60);
    return arena_printf(a, "%s h %02lld min", show_count(a, whole / 3600), whole / 60 % 60);
}

const char *show_share(struct arena *a, double v)
{
    return isfinite(v) ? arena_printf(a, "%.2f %%", 100 * v) : "–";
}

const char *show_number(struct arena *a, double v)
{
    return isfinite(v) ? arena_printf(a, "%.6g", v) : "–";
}
