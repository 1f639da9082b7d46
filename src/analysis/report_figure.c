/* Figures within a page: the one place that knows how they are embedded. */
#include "analysis/report_html.h"
#include "figure/figure.h"

static void add_base64(struct strbuf *out, const char *bytes, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = 0;
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (i + k < n ? (unsigned char)bytes[i + k] : 0U);
        char four[] = {digit[v >> 18], digit[v >> 12 & 63], digit[v >> 6 & 63], digit[v & 63], '\0'};
        if (i + 2 >= n)
            four[3] = '=';
        if (i + 1 >= n)
            four[2] = '=';
        strbuf_add(out, four);
    }
}

bool html_figure(struct page *p, const struct figure *f, const char *caption, const char *alt, struct error *err)
{
    struct strbuf png;
    strbuf_init(&png);
    bool ok = figure_png(f, &png, err);
    if (ok) {
        html_add(p, f->columns > 1 ? "<figure><img alt=\"" : "<figure class=\"single\"><img alt=\"");
        html_text(p, alt);
        html_add(p, "\" src=\"data:image/png;base64,");
        add_base64(p->out, png.text, png.length);
        strbuf_addf(p->out, "\">\n<figcaption><b>Figure %zu.</b> ", ++p->figures);
        html_text(p, caption);
        html_add(p, "</figcaption></figure>\n");
    }
    strbuf_fini(&png);
    return ok;
}
