/* Texts and names in columns of a terminal, as wide as they are shown. */
#include "figure/draw/text.h"
#include "figure/format/terminal.h"
#include "util/fold.h"
#include "util/text.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* A superscript's digit or minus, or 0. */
static char plain_of(unsigned c)
{
    static const unsigned superscript[] = {0x2070, 0xB9,   0xB2,   0xB3,   0x2074,
                                           0x2075, 0x2076, 0x2077, 0x2078, 0x2079};
    for (char i = 0; i < 10; i++)
        if (superscript[(int)i] == c)
            return (char)('0' + i);
    return c == 0x207B ? '-' : 0;
}

/* "2×10⁻⁵" as "2x10^-5"; what ASCII has nothing for as '?'. */
static void add_ascii(struct strbuf *to, unsigned c, bool *raised)
{
    char plain = plain_of(c);
    if (plain && !*raised)
        strbuf_add_char(to, '^');
    *raised = plain != 0;
    if (plain || c < 0x80)
        strbuf_add_char(to, plain ? plain : (char)c);
    else
        strbuf_add(to, c == 0x2212 || c == 0x2013 ? "-"
                       : c == 0xD7                ? "x"
                       : c == 0x2026              ? "..."
                                                  : "?");
}

size_t characters_add(struct characters_page *p, const char *text, size_t room)
{
    struct strbuf clean;
    size_t width = 0, n;
    bool raised = false;
    strbuf_init(&clean);
    text_clean(&clean, text, true);
    if (p->t->ascii) {
        struct strbuf plain;
        strbuf_init(&plain);
        for (const char *s = clean.text; *s; s += n) {
            n = text_sequence(s);
            add_ascii(&plain, text_character(s, n), &raised);
        }
        strbuf_fini(&clean);
        clean = plain;
    }
    size_t whole = text_columns(clean.text), own;
    for (const char *s = clean.text; *s; s += n) {
        n = text_step(s, &own);
        if (width + own > room || (whole > room && width + own + 1 > room)) {
            strbuf_add(p->out, p->t->ascii ? "~" : "…");
            width++;
            break;
        }
        strbuf_add_bytes(p->out, s, n);
        width += own;
    }
    strbuf_fini(&clean);
    return width;
}

void characters_blanks(struct characters_page *p, size_t n)
{
    while (n-- > 0)
        strbuf_add_char(p->out, ' ');
}

size_t characters_columns(const struct characters_page *p, const char *text)
{
    struct strbuf out;
    struct characters_page probe = {p->t, &out};
    strbuf_init(&out);
    size_t n = characters_add(&probe, text, SIZE_MAX);
    strbuf_fini(&out);
    return n;
}

size_t characters_label(struct characters_page *p, const char *text, size_t room)
{
    const char *tail = text_bracketed_end(text);
    size_t end = characters_columns(p, tail), n;
    if (end == 0 || 3 * end > 2 * room || characters_columns(p, text) <= room)
        return characters_add(p, text, room);
    struct strbuf head;
    strbuf_init(&head);
    strbuf_add_bytes(&head, text, (size_t)(tail - text));
    n = characters_add(p, head.text, room - end);
    strbuf_fini(&head);
    return n + characters_add(p, tail, end);
}

void characters_padded(struct characters_page *p, const char *text, size_t width, bool right)
{
    struct strbuf out, *old = p->out;
    strbuf_init(&out);
    p->out = &out;
    size_t n = characters_label(p, text, width);
    p->out = old;
    if (right)
        characters_blanks(p, width - n);
    strbuf_add(p->out, out.text);
    if (!right)
        characters_blanks(p, width - n);
    strbuf_fini(&out);
}

void characters_centred(struct characters_page *p, const char *text, size_t from, size_t width)
{
    struct strbuf out, *old = p->out;
    if (!text || !text[0])
        return;
    strbuf_init(&out);
    p->out = &out;
    size_t n = characters_add(p, text, width);
    p->out = old;
    characters_blanks(p, from + (width - n) / 2);
    strbuf_add(p->out, out.text);
    strbuf_add_char(p->out, '\n');
    strbuf_fini(&out);
}

void characters_end_line(struct characters_page *p)
{
    struct strbuf *b = p->out;
    while (b->length > 0 && b->text[b->length - 1] == ' ')
        b->text[--b->length] = '\0';
    strbuf_add_char(b, '\n');
}

void characters_folded(struct characters_page *p, const char *text, size_t column)
{
    struct strbuf line;
    struct characters_page whole = {p->t, &line};
    strbuf_init(&line);
    characters_add(&whole, text, SIZE_MAX);
    fold_line(line.text, line.length, p->t->columns - 1, column, column, p->out);
    strbuf_add_char(p->out, '\n');
    strbuf_fini(&line);
}

bool characters_look_alike(const struct characters_page *p, const char *const *name, size_t n,
                           size_t room)
{
    struct strbuf x, y;
    struct characters_page one = {p->t, &x}, other = {p->t, &y};
    bool alike = false;
    strbuf_init(&x);
    strbuf_init(&y);
    for (size_t i = 0; i < n && !alike; i++) {
        if (characters_columns(p, name[i]) <= room)
            continue;
        strbuf_clear(&x);
        characters_label(&one, name[i], room);
        for (size_t k = 0; k < n && !alike; k++) {
            strbuf_clear(&y);
            characters_label(&other, name[k], room);
            alike = strcmp(x.text, y.text) == 0 && strcmp(name[i], name[k]) != 0;
        }
    }
    strbuf_fini(&x);
    strbuf_fini(&y);
    return alike;
}

void characters_name(struct characters_page *p, const char *name, size_t number, size_t width)
{
    char text[24];
    snprintf(text, sizeof text, "%zu", number);
    characters_padded(p, number > 0 ? text : name, width, true);
}

void characters_numbered(struct characters_page *p, const char *head, const char *const *name,
                         size_t n, bool back)
{
    if (head && head[0]) {
        characters_blanks(p, 2);
        characters_folded(p, head, 2);
    }
    for (size_t i = 0; i < n; i++) {
        strbuf_addf(p->out, "%4zu  ", i + 1);
        characters_folded(p, name[back ? n - 1 - i : i], 6);
    }
}
