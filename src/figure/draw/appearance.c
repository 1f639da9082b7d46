/* Formats, themes and sizes by their names. */
#include "figure/figure.h"
#include "util/path.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const figure_theme_names[] = {"light", "dark", NULL};
const char *const figure_format_names[] = {"png", "svg", "pdf", NULL};

enum figure_format figure_format_from_name(const char *path)
{
    const char *dot = strrchr(path_base(path), '.');
    for (int i = 0; dot && figure_format_names[i]; i++)
        if (strcasecmp(dot + 1, figure_format_names[i]) == 0)
            return (enum figure_format)(i + 1);
    return FIGURE_BY_NAME;
}

const char *figure_ending(const struct figure_appearance *appearance)
{
    static const char *const ending[] = {".png", ".png", ".svg", ".pdf"};
    return ending[appearance->format];
}

/* Of a two-column page and of its text, in inches, as IEEE's and ACM's classes have them; of a
 * slide of 16:9. Their letters are as small, or as large, as those around them. */
static const struct {
    const char *name;
    struct figure_appearance appearance;
} sizes[] = {{"column", {.width = 3.4, .font = 7.5, .narrow = true}},
             {"page", {.width = 7.0, .font = 8.5}},
             {"slide", {.width = 40.0 / 3, .height = 7.5, .font = 20, .dpi = 144}}};

static bool takes_length(const char **at, double *ret)
{
    char *end;
    *ret = strtod(*at, &end);
    bool ok = end != *at && isfinite(*ret) && *ret > 0;
    *at = end;
    return ok;
}

bool figure_parse_size(const char *text, struct figure_appearance *appearance, struct error *err)
{
    static const struct {
        const char *name;
        double inches;
    } units[] = {
        {"in", 1}, {"cm", 1 / 2.54}, {"mm", 1 / 25.4}, {"pt", 1 / 72.0}, {"px", 1 / 200.0}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        if (strcmp(text, sizes[i].name) == 0) {
            struct figure_appearance old = *appearance;
            *appearance = sizes[i].appearance;
            appearance->theme = old.theme;
            appearance->format = old.format;
            appearance->dpi = old.dpi ? old.dpi : appearance->dpi;
            return true;
        }
    const char *at = text;
    double w = 0, h = 0;
    bool ok = takes_length(&at, &w) && *at++ == 'x' && takes_length(&at, &h);
    for (size_t i = 0; ok && i < sizeof units / sizeof units[0]; i++)
        if (strcmp(at, units[i].name) == 0) {
            double dots = appearance->dpi && strcmp(at, "px") == 0 ? appearance->dpi : 200,
                   inches = units[i].inches * 200 / dots;
            if (w * inches < 0.5 || h * inches < 0.5 || w * inches > 100 || h * inches > 100)
                return error_set(
                    err, ERR_USAGE,
                    "a figure has between half an inch and 100 inches a side, not '%s'", text);
            appearance->width = w * inches;
            appearance->height = h * inches;
            return true;
        }
    return error_set(
        err, ERR_USAGE,
        "a size is WIDTHxHEIGHT with a unit (6x4in, 12x8cm; mm, pt, px too), column, page or slide, not '%s'",
        text);
}

struct figure figure_column(const char *title, const struct axes *panel, size_t panels,
                            const char *spec, struct figure_text *text)
{
    *text = (struct figure_text){"descent.spec", spec};
    return (struct figure){
        .title = title, .panel = panel, .panels = panels, .columns = 1, .text = text, .texts = 1};
}
