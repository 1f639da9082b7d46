/* How figures are to look: options that the drawing commands share. */
#include "cli/cli.h"
#include "util/file.h"
#include "util/path.h"
#include "util/terminal.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *cli_beside(struct arena *a, const char *file, const char *end)
{
    const char *base = path_base(file), *dot = strrchr(base, '.');
    return arena_printf(a, "%.*s%s", (int)(dot && dot > base ? dot - file : (long)strlen(file)),
                        file, end);
}

const char *cli_here(struct arena *a, const char *file, const char *end)
{
    return cli_beside(a, path_base(file), end);
}

enum { FORMAT, THEME, SIZE, DPI };
bool cli_appearance(const struct cli_command *c, const struct cli_arguments *args, int first,
                    struct figure_appearance *ret)
{
    struct error err;
    const char *const *value = args->value + first;
    const union cli_value *typed = args->typed + first;
    *ret = (struct figure_appearance){0};
    if (value[DPI])
        ret->dpi = (unsigned)typed[DPI].integer;
    if (value[SIZE] && !figure_parse_size(value[SIZE], ret, &err)) {
        cli_usage(c, "%s", err.message);
        return false;
    }
    ret->format = (enum figure_format)(typed[FORMAT].choice + 1);
    enum figure_format named = args->out ? figure_format_from_name(args->out) : FIGURE_BY_NAME;
    if (value[FORMAT] && named != FIGURE_BY_NAME && named != ret->format &&
        !file_is_folder(args->out)) {
        cli_usage(c, "'--format %s' writes no %s; leave it out, or name another file with -o",
                  value[FORMAT], path_ending(args->out));
        return false;
    }
    ret->theme = (enum figure_theme)typed[THEME].choice;
    return true;
}

/* ---- in the terminal ---- */

struct figure_terminal cli_terminal(bool ascii)
{
    return (struct figure_terminal){.columns = terminal_columns(STDOUT_FILENO),
                                    .ascii = ascii || !terminal_is_utf8(),
                                    .colour = terminal_colours(STDOUT_FILENO)};
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
    struct figure_terminal t = cli_terminal(args->value[first + 1] != NULL);
    strbuf_init(&b);
    figure_terminal(f, &t, &b);
    fputs(b.text, stdout);
    strbuf_fini(&b);
    return true;
}

/* ---- names ---- */

bool cli_is_figure_name(const struct cli_command *c, const char *path,
                        const struct figure_appearance *appearance)
{
    const char *name = path_base(path), *dot = strrchr(name, '.');
    if (appearance->format != FIGURE_BY_NAME || !dot || dot == name || file_is_folder(path) ||
        figure_format_from_name(path) != FIGURE_BY_NAME)
        return true;
    cli_usage(c, "figures are written as .png, .svg or .pdf, not as '%s'", dot);
    return false;
}

const char *cli_figure_path(const struct cli_command *c, struct arena *a,
                            const struct cli_arguments *args,
                            const struct figure_appearance *appearance, const char *what)
{
    if (!args->out)
        return cli_here(a, args->word[0],
                        arena_printf(a, "-%s%s", what, figure_ending(appearance)));
    return cli_is_figure_name(c, args->out, appearance) ? args->out : NULL;
}
