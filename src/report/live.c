/* Figures that answer: what the script of a page draws, as JSON, and the script itself. */
#include "figure/figure.h"
#include "report/figure_js.inc"
#include "report/html.h"
#include "util/sha256.h"
#include <math.h>

/* ---- JSON within a page: no '<', so that it cannot end its element ---- */

static void add_string(struct strbuf *out, const char *text)
{
    struct json *j = js_new_string(text ? text : "");
    struct strbuf b;
    strbuf_init(&b);
    js_write(j, &b, 0);
    for (const char *s = b.text; *s; s++)
        if (*s == '<')
            strbuf_add(out, "\\u003c");
        else if (*s != '\n')
            strbuf_add_char(out, *s);
    strbuf_fini(&b);
    js_free(j);
}

static void add_numbers(struct strbuf *out, const char *key, const double *v, size_t n)
{
    strbuf_addf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        strbuf_add(out, i ? "," : "");
        if (isfinite(v[i]))
            strbuf_addf(out, "%.7g", v[i]);
        else
            strbuf_add(out, "null");
    }
    strbuf_add_char(out, ']');
}

static void add_flag(struct strbuf *out, const char *key, bool v)
{
    strbuf_addf(out, ",\"%s\":%s", key, v ? "true" : "false");
}

static void add_text(struct strbuf *out, const char *key, const char *text)
{
    strbuf_addf(out, ",\"%s\":", key);
    add_string(out, text);
}

static void add_curve(struct strbuf *out, const struct curve *c, int style)
{
    strbuf_addf(out, "{\"style\":%d,\"edge\":%d", style, c->edge);
    if (c->label)
        add_text(out, "label", c->label);
    add_flag(out, "faint", c->faint);
    add_flag(out, "steps", c->steps);
    add_flag(out, "dashed", c->dashed);
    add_flag(out, "points", c->points);
    add_flag(out, "open", c->symbol == SYMBOL_OPEN || c->symbol == SYMBOL_RING);
    add_flag(out, "cross", c->symbol == SYMBOL_CROSS);
    add_numbers(out, "x", c->x, c->n);
    add_numbers(out, "y", c->y, c->n);
    if (c->low && c->high) {
        add_numbers(out, "low", c->low, c->n);
        add_numbers(out, "high", c->high, c->n);
    }
    strbuf_add_char(out, '}');
}

static void add_panel(struct strbuf *out, const struct axes *a)
{
    strbuf_addf(out, "{\"curves\":[");
    for (size_t k = 0; k < a->curves; k++) {
        strbuf_add(out, k ? "," : "");
        add_curve(out, &a->curve[k], a->curve[k].style < 0 ? (int)k : a->curve[k].style);
    }
    strbuf_add(out, "],\"marks\":[");
    for (size_t i = 0; i < a->marks; i++) {
        if (!isfinite(a->mark[i].x))
            continue;
        strbuf_addf(out, "%s{\"x\":%.9g", out->text[out->length - 1] == '[' ? "" : ",",
                    a->mark[i].x);
        add_text(out, "label", a->mark[i].label);
        strbuf_add_char(out, '}');
    }
    strbuf_add_char(out, ']');
    add_text(out, "title", a->title);
    add_text(out, "xLabel", a->x_label);
    add_text(out, "yLabel", a->y_label);
    add_flag(out, "xLog", a->x_log);
    add_flag(out, "yLog", a->y_log);
    add_flag(out, "percent", a->y_percent);
    add_flag(out, "whole", a->x_whole);
    if (a->x_range)
        add_numbers(out, "xRange", a->x_range, 2);
    strbuf_add_char(out, '}');
}

bool html_is_live(const struct figure *f)
{
    for (size_t i = 0; i < f->panels; i++)
        if (f->panel[i].heat || f->panel[i].mosaic || f->panel[i].contours ||
            f->panel[i].rows > 0 || f->panel[i].x_name)
            return false;
    return f->panels > 0;
}

void html_live(struct page *p, const struct figure *f)
{
    strbuf_add(p->out, "<script type=\"application/json\" class=\"plot\">[");
    for (size_t i = 0; i < f->panels; i++) {
        strbuf_add(p->out, i ? ",\n" : "");
        add_panel(p->out, &f->panel[i]);
    }
    strbuf_add(p->out, "]</script>\n");
    p->live = true;
}

/* ---- the script ---- */

static void add_script(struct strbuf *out)
{
    for (size_t i = 0; figure_js[i]; i++)
        strbuf_add(out, figure_js[i]);
}

void html_script(struct page *p)
{
    if (!p->live)
        return;
    strbuf_add(p->out, "<script>");
    add_script(p->out);
    strbuf_add(p->out, "</script>\n");
}

static unsigned nibble(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* RFC 4648 of the digest's 32 bytes. */
void html_script_digest(char ret[45])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char hex[65];
    struct strbuf b;
    strbuf_init(&b);
    add_script(&b);
    sha256_of(b.text, b.length, hex);
    strbuf_fini(&b);
    for (size_t i = 0; i < 43; i++) { /* six bits each: one and a half hexadecimal digits */
        unsigned bits = 0;
        for (size_t k = 6 * i; k < 6 * i + 6; k++) {
            unsigned bit = k < 256 ? nibble(hex[k / 4]) >> (3 - k % 4) & 1 : 0;
            bits = bits << 1 | bit;
        }
        ret[i] = digits[bits];
    }
    ret[43] = '=';
    ret[44] = '\0';
}

void html_palette(struct page *p)
{
    static const char *const before[] = {":root{", "@media (prefers-color-scheme:dark){:root{",
                                         "@media print{:root{"};
    static const char *const after[] = {"}\n", "}}\n", "}}\n"};
    static const enum figure_theme theme[] = {FIGURE_LIGHT, FIGURE_DARK, FIGURE_LIGHT};
    for (int t = 0; t < 3; t++) {
        strbuf_add(p->out, before[t]);
        for (int i = 0; i < FIGURE_COLOURS; i++)
            strbuf_addf(p->out, "--s%d:#%06X;", i, figure_colour(theme[t], i));
        strbuf_add(p->out, after[t]);
    }
    for (int i = 0; i < FIGURE_COLOURS; i++)
        strbuf_addf(p->out, ".s%d{--c:var(--s%d)}", i, i);
    strbuf_add(p->out, "\n");
}
