/* Figures within a page: the one place that knows how they are embedded. */
#include "figure/figure.h"
#include "report/html.h"

/* Of a narrow screen: one panel below another, as large letters as on a wide one. */
static void make_slim(struct figure *f)
{
    unsigned rows = 0;
    for (size_t i = 0; i < f->panels; i++)
        rows = f->panel[i].rows > rows ? (unsigned)f->panel[i].rows : rows;
    double panels = (double)(f->panels ? f->panels : 1);
    f->appearance.width = 3.7; /* what 400 pixels leave beside margins and a scroll bar */
    f->appearance.height = panels * (rows > 12 ? 0.7 + 0.18 * rows : 3);
    f->appearance.narrow = true;
    f->appearance.font = 9;
}

struct version {
    enum figure_theme theme;
    bool slim; /* for narrow screens */
    bool both; /* in light alone, which the style sheet turns dark */
};

/* As wide as it is shown beside another, where letters in cells would else become too small. */
static void state_width(struct figure *f)
{
    if (f->panels == 0 || !f->panel[0].heat)
        return;
    f->appearance.width = f->columns > 1 ? 10.3 : 5;
    if (f->width > 0)
        f->appearance.height = f->appearance.width * f->height / f->width;
}

/* As SVG. */
static bool add_version(struct page *p, const struct figure *f, struct version v, const char *alt,
                        struct error *err)
{
    struct figure themed = *f;
    const char *name = figure_theme_names[v.theme];
    themed.appearance.theme = v.theme;
    if (v.slim)
        make_slim(&themed);
    else
        state_width(&themed);
    strbuf_addf(p->out, "<div class=\"%s%s%s\" role=\"img\" aria-label=\"", name,
                v.slim ? " slim" : "", v.both ? " both" : "");
    html_text(p, alt);
    html_add(p, "\">");
    bool ok =
        figure_svg(&themed, arena_printf(p->a, "%s%s%zu-", v.slim ? "slim-" : "", name, p->figures),
                   false, p->out, err);
    html_add(p, "</div>\n");
    return ok;
}

bool html_figure(struct page *p, const struct figure *f, const char *caption, const char *alt,
                 struct error *err)
{
    p->figures++;
    html_add(p, f->columns > 1 ? "<figure>\n" : "<figure class=\"single\">\n");
    bool live = html_is_live(f); /* its script knows the dark colours */
    if (!add_version(p, f, (struct version){FIGURE_LIGHT, false, live}, alt, err) ||
        !(live || add_version(p, f, (struct version){FIGURE_DARK, false, false}, alt, err)) ||
        !add_version(p, f, (struct version){FIGURE_LIGHT, true, true}, alt, err))
        return false;
    if (live)
        html_live(p, f);
    strbuf_addf(p->out, "<figcaption><b>Figure %zu.</b> ", p->figures);
    html_text(p, caption);
    html_add(p, "</figcaption></figure>\n");
    return true;
}
