/* Where a part of a scalar's text stands in its file. */
#include "config/diag.h"
#include <ctype.h>
#include <string.h>

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

const char *place_byte(const struct place *at)
{
    if (!at->source)
        return NULL;
    const char *s = at->source->text, *end = s + at->source->length;
    for (unsigned line = 1; line < at->line && s < end; s++)
        line += *s == '\n';
    for (unsigned column = 1; column < at->column && s < end && *s != '\n'; column++)
        for (s++; s < end && continues(*s); s++)
            ;
    return s < end ? s : NULL;
}

/* Past the indicator of a block, "|-" or ">2", and the first line's indentation. */
static const char *into_block(const char *s, const char *end)
{
    while (s < end && *s != '\n')
        s++;
    while (s < end && isspace((unsigned char)*s))
        s++;
    return s;
}

/* Past an escape; its value is one character. */
static const char *past_escape(const char *s, const char *end)
{
    size_t n = s[1] == 'x' ? 4 : s[1] == 'u' ? 6 : s[1] == 'U' ? 10 : 2;
    return (size_t)(end - s) < n ? end : s + n;
}

/* Blanks of the text may be the end of a line with the next one's indentation. */
static const char *past_blank(const char *s, const char *end)
{
    const char *stop = s;
    while (stop < end && isspace((unsigned char)*stop))
        stop++;
    return memchr(s, '\n', (size_t)(stop - s)) ? stop : s + (stop > s);
}

const char *node_source_byte(const struct node *scalar, size_t offset)
{
    const char *s = place_byte(&scalar->place), *v = scalar->text, *to = v + offset;
    if (!s)
        return NULL;
    const char *end = scalar->place.source->text + scalar->place.source->length;
    char quote = scalar->quoted && (*s == '"' || *s == '\'') ? *s : '\0';
    if (quote)
        s++;
    else if (scalar->quoted && (*s == '|' || *s == '>') && *v != *s)
        s = into_block(s, end);
    while (v < to && s < end) {
        bool is_blank = isspace((unsigned char)*v);
        if (quote == '"' && *s == '\\') {
            s = past_escape(s, end);
            for (v++; continues(*v); v++)
                ;
            continue;
        }
        if (is_blank)
            s = past_blank(s, end);
        else if (*s != *v || (quote == '\'' && *s == '\'' && s[1] != '\''))
            return NULL;
        else
            s += quote == '\'' && *s == '\'' ? 2 : 1;
        v++;
    }
    return v >= to ? s : NULL;
}

struct place node_place_within(const struct node *scalar, size_t offset, size_t length)
{
    struct place at = scalar->place;
    const char *from = node_source_byte(scalar, offset),
               *to = node_source_byte(scalar, offset + length);
    if (!from)
        return at;
    const char *line = from;
    at.line = 1;
    at.column = 1;
    at.width = 0;
    while (line > at.source->text && line[-1] != '\n')
        line--;
    for (const char *s = at.source->text; s < line; s++)
        at.line += *s == '\n';
    for (const char *s = line; s < from; s++)
        at.column += !continues(*s);
    for (const char *s = from; to && s < to && *s != '\n'; s++)
        at.width += !continues(*s);
    at.width += at.width == 0;
    return at;
}
