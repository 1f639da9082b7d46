/* How figures are to look: options that the drawing commands share. */
#include "cli/cli.h"
#include "util/file.h"
#include <stdlib.h>
#include <string.h>

enum { FORMAT, THEME, SIZE, DPI };
enum { DPI_MIN = 20, DPI_MAX = 2400 };

static bool choose(const struct cli_command *c, const char *option, const char *word, const char *const *list, int *ret)
{
    size_t n = 0;
    if (!word)
        return true;
    for (; list[n]; n++)
        if (strcmp(list[n], word) == 0) {
            *ret = (int)n;
            return true;
        }
    const char *near = suggest(word, list, n);
    if (near)
        cli_usage(c, "'--%s' has no '%s'; did you mean '%s'?", option, word, near);
    else
        cli_usage(c, "'--%s' is %s or %s%s%s, not '%s'", option, list[0], list[1], list[2] ? " or " : "", list[2] ? list[2] : "", word);
    return false;
}

static bool read_dpi(const struct cli_command *c, const char *text, unsigned *ret)
{
    char *end;
    if (!text)
        return true;
    long n = strtol(text, &end, 10);
    if (end == text || *end || n < DPI_MIN || n > DPI_MAX) {
        cli_usage(c, "'--dpi' is a number from %d to %d, not '%s'", DPI_MIN, DPI_MAX, text);
        return false;
    }
    *ret = (unsigned)n;
    return true;
}

bool cli_look(const struct cli_command *c, const struct cli_arguments *args, int first, struct figure_look *ret)
{
    struct error err;
    const char *const *value = args->value + first;
    int format = -1, theme = FIGURE_LIGHT;
    *ret = (struct figure_look){0};
    if (!choose(c, "format", value[FORMAT], figure_format_names, &format) ||
        !choose(c, "theme", value[THEME], figure_theme_names, &theme) || !read_dpi(c, value[DPI], &ret->dpi))
        return false;
    if (value[SIZE] && !figure_parse_size(value[SIZE], ret, &err)) {
        cli_usage(c, "%s", err.message);
        return false;
    }
    ret->format = (enum figure_format)(format + 1);
    ret->theme = (enum figure_theme)theme;
    return true;
}

bool cli_is_figure_name(const struct cli_command *c, const char *path, const struct figure_look *look)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    if (look->format != FIGURE_BY_NAME || !dot || dot == name || figure_format_of(path) != FIGURE_BY_NAME)
        return true;
    cli_usage(c, "figures are written as .png, .svg or .pdf, not as '%s'", dot);
    return false;
}

const char *cli_figure_path(const struct cli_command *c, struct arena *a, const struct cli_arguments *args,
                            const struct figure_look *look, const char *what)
{
    if (!args->out)
        return cli_beside(a, args->word[0], arena_printf(a, "-%s%s", what, figure_ending(look)));
    return cli_is_figure_name(c, args->out, look) ? args->out : NULL;
}
