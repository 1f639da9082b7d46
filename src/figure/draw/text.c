#include "figure/draw/text.h"
#include <string.h>

size_t text_sequence(const char *s)
{
    const unsigned char *b = (const unsigned char *)s;
    if (b[0] < 0x80)
        return 1;
    size_t n = b[0] >= 0xF0 ? 4 : b[0] >= 0xE0 ? 3 : 2;
    if (b[0] < 0xC2 || b[0] > 0xF4)
        return 0;
    /* The second byte alone decides about overlong forms, surrogates and the end of the range.
     */
    unsigned low = b[0] == 0xE0 ? 0xA0 : b[0] == 0xF0 ? 0x90 : 0x80;
    unsigned high = b[0] == 0xED ? 0x9F : b[0] == 0xF4 ? 0x8F : 0xBF;
    if (b[1] < low || b[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((b[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

unsigned text_character(const char *s, size_t n)
{
    static const unsigned first[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    if (n == 0)
        return 0xFFFD;
    unsigned c = (unsigned char)s[0] & first[n];
    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)s[i] & 0x3F);
    return c;
}

bool text_valid(const char *s)
{
    while (*s) {
        size_t n = text_sequence(s);
        if (n == 0)
            return false;
        s += n;
    }
    return true;
}

static bool is_control(const char *s, size_t n)
{
    unsigned char c = (unsigned char)s[0];
    bool c1 = n == 2 && c == 0xC2 && (unsigned char)s[1] < 0xA0;
    return c < 0x20 || c == 0x7F || c1;
}

void text_clean(struct strbuf *to, const char *s, bool one_line)
{
    while (s && *s) {
        size_t n = text_sequence(s);
        if (n == 0)
            strbuf_add(to, "\xEF\xBF\xBD");
        else if (one_line && is_control(s, n))
            strbuf_add_char(to, ' ');
        else
            strbuf_add_bytes(to, s, n);
        s += n > 0 ? n : 1;
    }
}

void text_escape(struct strbuf *to, const char *text)
{
    struct strbuf clean;
    strbuf_init(&clean);
    text_clean(&clean, text, false);
    for (const char *s = clean.text; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '&' || c == '<' || c == '>' || c == '"')
            strbuf_add(to, c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&quot;");
        else if (c == '\r') /* bare, it would be read back as \n */
            strbuf_add(to, "&#13;");
        else if (c < 32 && c != '\n' && c != '\t')
            strbuf_add(to, "\xEF\xBF\xBD");
        else
            strbuf_add_char(to, *s);
    }
    strbuf_fini(&clean);
}

bool text_runs_left(unsigned c)
{
    static const unsigned range[][2] = {{0x590, 0x8FF},   {0x200F, 0x200F},   {0x202B, 0x202B},
                                        {0x202E, 0x202E}, {0x2067, 0x2067},   {0xFB1D, 0xFDFF},
                                        {0xFE70, 0xFEFE}, {0x10800, 0x10FFF}, {0x1E800, 0x1EFFF}};
    for (size_t i = 0; i < sizeof range / sizeof range[0]; i++)
        if (c >= range[i][0] && c <= range[i][1])
            return true;
    return false;
}

size_t text_prefix(const char *s, size_t room)
{
    size_t n = strlen(s);
    if (n <= room)
        return n;
    for (n = room; n > 0 && ((unsigned char)s[n] & 0xC0) == 0x80;)
        n--;
    return n;
}
