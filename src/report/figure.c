/* Figures within a page: the one place that knows how they are embedded. */
#include "report/html.h"
#include "figure/figure.h"

/* As SVG, once in light and once in dark: the style sheet shows the one that fits. */
static bool add_theme(struct page *p, const struct figure *f, enum figure_theme theme,
                      const char *alt, struct error *err)
{
    struct figure themed = *f;
    const char *name = figure_theme_names[theme];
    themed.look.theme = theme;
    strbuf_addf(p->out, "<div class=\"%s\" role=\"img\" aria-label=\"", name);
    html_text(p, alt);
    html_add(p, "\">");
    bool ok =
        figure_svg(&themed, arena_printf(p->a, "%s%zu-", name, p->figures), false, p->out, err);
    html_add(p, "</div>\n");
    return ok;
}

bool html_figure(struct page *p, const struct figure *f, const char *caption, const char *alt,
                 struct error *err)
{
    p->figures++;
    html_add(p, f->columns > 1 ? "<figure>\n" : "<figure class=\"single\">\n");
    if (!add_theme(p, f, FIGURE_LIGHT, alt, err) || !add_theme(p, f, FIGURE_DARK, alt, err))
        return false;
    strbuf_addf(p->out, "<figcaption><b>Figure %zu.</b> ", p->figures);
    html_text(p, caption);
    html_add(p, "</figcaption></figure>\n");
    return true;
}
