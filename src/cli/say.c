/* What all commands print: results to stdout, errors to stderr. */
#include "cli/cli.h"
#include "util/file.h"
#include "util/fold.h"
#include "util/strbuf.h"
#include "util/terminal.h"
#include "util/text.h"
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What tables have beside ASCII, in ASCII of the same width where columns depend on it. */
static void add_ascii(const char *text, struct strbuf *out)
{
    static const char *const plain[][2] = {{"± ", "+-"}, {"±", "+-"}, {"–", "-"},
                                           {"…", "~"},   {"≥", ">="}, {"≤", "<="}};
    enum { PLAIN = sizeof plain / sizeof plain[0] };
    while (*text) {
        size_t i = 0;
        while (i < PLAIN && strncmp(text, plain[i][0], strlen(plain[i][0])) != 0)
            i++;
        if (i < PLAIN)
            strbuf_add(out, plain[i][1]);
        else
            strbuf_add_char(out, *text);
        text += i < PLAIN ? strlen(plain[i][0]) : 1;
    }
}

void cli_say(const char *fmt, ...)
{
    struct strbuf text, ascii;
    va_list list;
    strbuf_init(&text);
    strbuf_init(&ascii);
    va_start(list, fmt);
    strbuf_addv(&text, fmt, list);
    va_end(list);
    bool plain = isatty(STDOUT_FILENO) && !terminal_is_utf8();
    if (plain)
        add_ascii(text.text, &ascii);
    text_print(stdout, "%s", plain ? ascii.text : text.text);
    strbuf_fini(&ascii);
    strbuf_fini(&text);
}

static void print_whole(FILE *to, const char *text)
{
    struct strbuf shown;
    strbuf_init(&shown);
    text_show(&shown, text, strlen(text));
    fputs(shown.text, to);
    strbuf_fini(&shown);
}

void cli_say_whole(const char *text)
{
    print_whole(stdout, text);
}

int cli_fail(const struct error *err)
{
    text_print(stderr, "descent: %s\n", err->message);
    return (int)err->code;
}

/* Whether nothing is wrong but on the command line. */
static bool is_of_command_line(const struct diags *d)
{
    for (size_t i = 0; i < d->n; i++)
        if (!d->item[i].place.source || strcmp(d->item[i].place.source->path, "command line") != 0)
            return false;
    return d->n > 0 && d->dropped == 0;
}

int cli_fail_diags(const struct diags *d, const char *what)
{
    struct strbuf b;
    strbuf_init(&b);
    diags_write_within(d, terminal_page(STDERR_FILENO), &b);
    size_t n = d->n + d->dropped;
    print_whole(stderr, b.text);
    text_print(stderr, "descent: %zu error%s in %s\n", n, n == 1 ? "" : "s",
               is_of_command_line(d) ? "the command line" : what);
    strbuf_fini(&b);
    return d->code == ERR_NONE ? ERR_USAGE : (int)d->code;
}

int cli_fail_spec(const struct spec *s, const struct error *err)
{
    if (err->code != ERR_USAGE || err->key[0] == '\0')
        return cli_fail(err);
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a);
    diags_add_error(&d, s->root, err);
    int code = cli_fail_diags(&d, "the spec");
    arena_fini(&a);
    return code;
}

int cli_usage(const struct cli_command *c, const char *fmt, ...)
{
    struct strbuf text;
    va_list list;
    strbuf_init(&text);
    va_start(list, fmt);
    strbuf_addv(&text, fmt, list);
    va_end(list);
    text_print(stderr, "descent %s: %s\nusage: descent %s\n", c->name, text.text, c->usage);
    strbuf_fini(&text);
    return ERR_USAGE;
}

bool cli_write_points(const char *path, const struct strbuf *points, struct error *err)
{
    if (!file_write(path, points->text, points->length, err))
        return false;
    cli_say("points %s\n", path);
    return true;
}

size_t cli_width(void)
{
    size_t width = 79;
    if (terminal_has_columns(STDOUT_FILENO) && terminal_columns(STDOUT_FILENO) <= width)
        width = terminal_columns(STDOUT_FILENO) - 1;
    return width;
}

size_t cli_page(void)
{
    return cli_width() + 1;
}

size_t cli_table_page(void)
{
    return terminal_has_columns(STDOUT_FILENO) ? terminal_columns(STDOUT_FILENO) : cli_page();
}

size_t cli_open_page(void)
{
    return terminal_has_columns(STDOUT_FILENO) ? cli_table_page() : SIZE_MAX;
}

void cli_say_member(const char *name, size_t column)
{
    enum { INDENT = 4, GAP = 2 };
    size_t page = terminal_page(STDOUT_FILENO);
    struct strbuf folded;
    strbuf_init(&folded);
    if (column > INDENT && column + GAP + text_columns(name) >= page) {
        strbuf_addf(&folded, "\n%*s", INDENT, "");
        column = INDENT;
    } else if (column > 0) {
        strbuf_addf(&folded, "%*s", GAP, "");
        column += GAP;
    }
    fold_name(name, page, column, INDENT, &folded);
    cli_say("%s", folded.text);
    strbuf_fini(&folded);
}

void cli_print_wrapped(const char *text, size_t column, size_t indent)
{
    struct strbuf line, folded;
    strbuf_init(&line);
    strbuf_init(&folded);
    for (const char *gap = ""; *text; gap = " ") {
        size_t n = strcspn(text, " \n");
        strbuf_addf(&line, "%s%.*s", gap, (int)n, text);
        text += n;
        text += strspn(text, " \n");
    }
    fold_line(line.text, line.length, cli_width(), column, indent, &folded);
    cli_say("%s\n", folded.text);
    strbuf_fini(&folded);
    strbuf_fini(&line);
}

void cli_print_metrics(const struct epoch_row *row)
{
    printf("%-12s %10s %10s\n", "", "loss", "accuracy");
    for (int i = 0; i < SPLITS; i++) {
        const struct split_info *s = &split_info[i];
        char loss[METRIC_LOSS_TEXT];
        if (!isnan(row->value[s->accuracy]))
            printf("%-12s %10s %8.2f %%\n", i == SPLIT_TRAIN ? s->name : s->word,
                   metric_show_loss(loss, row->value[s->loss]), 100 * row->value[s->accuracy]);
    }
}
