/* How figures are to look: options that the drawing commands share. */
#include "cli/cli.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *cli_beside(struct arena *a, const char *file, const char *end)
{
    const char *dot = strrchr(file, '.'), *slash = strrchr(file, '/'),
               *stem = slash ? slash + 1 : file;
    return arena_printf(a, "%.*s%s", (int)(dot && dot > stem ? dot - file : (long)strlen(file)),
                        file, end);
}

const char *cli_here(struct arena *a, const char *file, const char *end)
{
    const char *slash = strrchr(file, '/');
    return cli_beside(a, slash ? slash + 1 : file, end);
}

enum { FORMAT, THEME, SIZE, DPI };
bool cli_look(const struct cli_command *c, const struct cli_arguments *args, int first,
              struct figure_look *ret)
{
    struct error err;
    const char *const *value = args->value + first;
    const union cli_value *typed = args->typed + first;
    *ret = (struct figure_look){0};
    if (value[DPI])
        ret->dpi = (unsigned)typed[DPI].integer;
    if (value[SIZE] && !figure_parse_size(value[SIZE], ret, &err)) {
        cli_usage(c, "%s", err.message);
        return false;
    }
    ret->format = (enum figure_format)(typed[FORMAT].choice + 1);
    ret->theme = (enum figure_theme)typed[THEME].choice;
    return true;
}

/* ---- in the terminal ---- */

/* As POSIX says where the locale of characters is found. */
static bool is_utf8(void)
{
    static const char *const name[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(name[i]);
        if (value && value[0])
            return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "utf-8") ||
                   strstr(value, "UTF8");
    }
    return false;
}

static unsigned terminal_columns(void)
{
    struct winsize size;
    const char *text = getenv("COLUMNS");
    long n = text ? strtol(text, NULL, 10) : 0;
    if (n <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        n = size.ws_col;
    return n > 0 && n < 10000 ? (unsigned)n : 80;
}

static bool wants_colour(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no && no[0]) && term && strcmp(term, "dumb") != 0;
}

bool cli_draw(const struct cli_arguments *args, int first, const struct figure *f, const char *path,
              struct error *err)
{
    if (!args->value[first] && !args->value[first + 1]) {
        if (!figure_write(f, path, err))
            return false;
        cli_say("figure %s\n", path);
        return true;
    }
    struct strbuf b;
    struct figure_terminal t = {.columns = terminal_columns(),
                                .ascii = args->value[first + 1] || !is_utf8(),
                                .colour = wants_colour()};
    strbuf_init(&b);
    figure_terminal(f, &t, &b);
    fputs(b.text, stdout);
    strbuf_fini(&b);
    return true;
}

/* ---- names ---- */

bool cli_is_figure_name(const struct cli_command *c, const char *path,
                        const struct figure_look *look)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path,
               *dot = strrchr(name, '.');
    if (look->format != FIGURE_BY_NAME || !dot || dot == name ||
        figure_format_of(path) != FIGURE_BY_NAME)
        return true;
    cli_usage(c, "figures are written as .png, .svg or .pdf, not as '%s'", dot);
    return false;
}

const char *cli_figure_path(const struct cli_command *c, struct arena *a,
                            const struct cli_arguments *args, const struct figure_look *look,
                            const char *what)
{
    if (!args->out)
        return cli_here(a, args->word[0], arena_printf(a, "-%s%s", what, figure_ending(look)));
    return cli_is_figure_name(c, args->out, look) ? args->out : NULL;
}
