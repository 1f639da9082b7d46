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

void cli_say(const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    text_vprint(stdout, fmt, list);
    va_end(list);
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
    diags_write(d, &b);
    size_t n = d->n + d->dropped;
    text_print(stderr, "%s", b.text);
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
    diags_add(&d, node_place(s->root, err->key), NULL, "%s", err->message);
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
    if (isatty(STDOUT_FILENO) && terminal_columns(STDOUT_FILENO) <= width)
        width = terminal_columns(STDOUT_FILENO) - 1;
    return width;
}

size_t cli_page(void)
{
    return cli_width() + 1;
}

size_t cli_table_page(void)
{
    return isatty(STDOUT_FILENO) ? terminal_columns(STDOUT_FILENO) : cli_page();
}

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

static void say_folded(const char *text)
{
    struct strbuf folded;
    strbuf_init(&folded);
    fold_lines(text, isatty(STDOUT_FILENO) ? terminal_columns(STDOUT_FILENO) : SIZE_MAX, &folded);
    cli_say("%s", folded.text);
    strbuf_fini(&folded);
}

void cli_say_folded(const char *text)
{
    struct strbuf shown, ascii; /* names that have lines are shown in one before it is folded */
    bool plain = isatty(STDOUT_FILENO) && !terminal_is_utf8();
    strbuf_init(&shown);
    strbuf_init(&ascii);
    text_show(&shown, text, strlen(text));
    if (plain)
        add_ascii(shown.text, &ascii);
    say_folded(plain ? ascii.text : shown.text);
    strbuf_fini(&ascii);
    strbuf_fini(&shown);
}

void cli_say_member(const char *name, size_t column)
{
    enum { INDENT = 4 };
    size_t page = isatty(STDOUT_FILENO) ? terminal_columns(STDOUT_FILENO) : SIZE_MAX;
    struct strbuf folded;
    strbuf_init(&folded);
    fold_name(name, page, column, INDENT, &folded);
    cli_say("%s", folded.text);
    strbuf_fini(&folded);
}

void cli_print_wrapped(const char *text, size_t column, size_t indent)
{
    size_t width = cli_width();
    for (const char *gap = ""; *text; gap = " ") {
        size_t n = strcspn(text, " \n"), space = strlen(gap);
        if (column > indent && column + space + n > width) {
            printf("\n%*s", (int)indent, "");
            column = indent;
            space = 0;
        }
        printf("%s%.*s", space ? gap : "", (int)n, text);
        column += space + n;
        text += n;
        text += strspn(text, " \n");
    }
    printf("\n");
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
