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
