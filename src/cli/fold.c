/* Lines on stdout that a narrow terminal has no room for. */
#include "cli/cli.h"
#include "util/strbuf.h"
#include "util/terminal.h"
#include "util/text.h"
#include <limits.h>
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

/* Columns of the first n bytes. */
static size_t columns_of(const char *text, size_t n)
{
    size_t sum = 0, own;
    for (size_t at = 0; at < n; sum += own)
        at += text_step(text + at, &own);
    return sum;
}

/* Where what a line had no room for stands: below the text behind its label and a gap, or a little
 * further in than the line. */
static size_t indent_of(const char *line, size_t n, size_t page)
{
    enum { FURTHER = 2 };
    size_t lead = strspn(line, " ");
    const char *gap = strstr(line + lead, "  ");
    if (gap && gap < line + n) {
        size_t column = columns_of(line, (size_t)(gap - line)) + strspn(gap, " ");
        if (column <= page / 2)
            return column;
    }
    return lead + FURTHER <= page / 2 ? lead + FURTHER : 0;
}

/* Bytes of the text's n that stand on a line of so many columns: up to its last space there, in its
 * second half rather one outside of parentheses; up to the first space where a word is too long. A
 * key and its value stay together. */
static size_t bytes_of_line(const char *text, size_t n, size_t room)
{
    size_t at = strspn(text, " "), columns = at, space = 0, own;
    int depth = 0, least = 0;
    for (size_t bytes; at < n; at += bytes, columns += own) {
        bytes = text_step(text + at, &own);
        depth += text[at] == '(' ? 1 : text[at] == ')' ? -1 : 0;
        bool breaks = text[at] == ' ' && text[at - 1] != ' ' && text[at - 1] != ':';
        if (breaks && (space == 0 || depth <= least || columns <= room / 2)) {
            space = at;
            least = columns <= room / 2 ? INT_MAX : depth;
        }
        if (columns + own > room && space > 0)
            return space;
    }
    return n;
}

static void say_line(const char *text, size_t n, size_t page)
{
    size_t indent = indent_of(text, n, page), before = 0;
    do {
        size_t end = bytes_of_line(text, n, page - before);
        cli_say("%*s%.*s\n", (int)before, "", (int)end, text);
        end += strspn(text + end, " ");
        text += end < n ? end : n;
        n -= end < n ? end : n;
        before = indent;
    } while (n > 0);
}

static void say_folded(const char *text)
{
    size_t page = isatty(STDOUT_FILENO) ? terminal_columns(STDOUT_FILENO) : SIZE_MAX;
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        say_line(text, n, page);
    }
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

const char *cli_break(void)
{
    enum { USUAL = 80 };
    return isatty(STDOUT_FILENO) && cli_table_page() < USUAL ? " " : "\n";
}
