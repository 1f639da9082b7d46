#include "util/text.h"
#include <string.h>

size_t text_utf8(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t length = n == 0                        ? 0
                    : s[0] < 0x80                 ? 1
                    : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
                    : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
                    : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
                                                  : 0;
    if (length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    bool is_long = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90),
         is_none = (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf4 && s[1] > 0x8f);
    return is_long || is_none ? 0 : length;
}

bool text_is_utf8(const char *text)
{
    size_t left = strlen(text), n = 1;
    for (; left > 0 && n > 0; left -= n, text += n)
        n = text_utf8(text, left);
    return n > 0;
}

/* Bytes of the character at s, or 0: no UTF-8, or one of U+0080 ... U+009F. */
static size_t character(const unsigned char *s, size_t n)
{
    return n > 1 && s[0] == 0xc2 && s[1] < 0xa0 ? 0 : text_utf8((const char *)s, n);
}

/* ---- columns ---- */

/* The code of a character of so many bytes. */
static unsigned long code_of(const unsigned char *s, size_t bytes)
{
    unsigned long code = bytes == 1 ? s[0] : s[0] & (0x7fu >> bytes);
    for (size_t i = 1; i < bytes; i++)
        code = code << 6 | (s[i] & 0x3f);
    return code;
}

/* Unicode's East Asian wide and full-width characters, in large. */
static bool is_wide(unsigned long code)
{
    static const unsigned long wide[][2] = {
        {0x1100, 0x115f}, {0x2e80, 0xa4cf},   {0xac00, 0xd7a3},
        {0xf900, 0xfaff}, {0xfe30, 0xfe6f},   {0xff00, 0xff60},
        {0xffe0, 0xffe6}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd},
    };
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (code >= wide[i][0] && code <= wide[i][1])
            return code != 0x303f; /* a half-width space among them */
    return false;
}

size_t text_step(const char *s, size_t *ret_columns)
{
    const unsigned char *bytes = (const unsigned char *)s;
    size_t n = character(bytes, strnlen(s, 4));
    unsigned long code = n > 0 ? code_of(bytes, n) : 0;
    *ret_columns = code >= 0x300 && code <= 0x36f ? 0 : is_wide(code) ? 2 : 1;
    return n > 0 ? n : 1;
}

size_t text_bytes_within(const char *s, size_t columns)
{
    size_t at = 0, sum = 0;
    while (s[at]) {
        size_t own, n = text_step(s + at, &own);
        if (own > columns - sum)
            break;
        sum += own;
        at += n;
    }
    return at;
}

size_t text_columns(const char *s)
{
    size_t sum = 0, own;
    while (*s) {
        s += text_step(s, &own);
        sum += own;
    }
    return sum;
}

/* ---- what is printed ---- */

/* Parts of paths with a newline or a tab in them. */
static struct {
    char **name;
    size_t n, room;
} broken;

/* Whether a name holds one, and something else: alone they are not told from a message's own. */
static bool is_broken(const char *name, size_t n)
{
    size_t breaks = 0;
    for (size_t i = 0; i < n; i++)
        breaks += name[i] == '\n' || name[i] == '\t';
    return breaks > 0 && breaks < n;
}

/* Bytes of the longest such name that the text begins with; 0: none. */
static size_t broken_name(const char *s)
{
    size_t longest = 0;
    for (size_t i = 0; i < broken.n; i++) {
        size_t n = strlen(broken.name[i]);
        if (n > longest && strncmp(s, broken.name[i], n) == 0)
            longest = n;
    }
    return longest;
}

void text_note_name(const char *path)
{
    enum { MOST = 256 }; /* somebody who has made more has his lines */
    for (size_t n; *path && broken.n < MOST; path += n + (path[n] == '/')) {
        n = strcspn(path, "/");
        if (!is_broken(path, n) || broken_name(path) >= n)
            continue;
        broken.name = mem_room(broken.name, broken.n, &broken.room, sizeof *broken.name);
        broken.name[broken.n] = mem_new(n + 1);
        memcpy(broken.name[broken.n++], path, n);
    }
}

void text_show(struct strbuf *out, const char *s, size_t n)
{
    const unsigned char *bytes = (const unsigned char *)s;
    size_t name_end = 0;
    for (size_t i = 0, length; i < n; i += length) {
        unsigned char c = bytes[i];
        bool control = (c < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
        if (i >= name_end && broken.n > 0)
            name_end = i + broken_name(s + i);
        length = control ? 0 : character(bytes + i, n - i);
        if (i < name_end && (c == '\n' || c == '\t')) {
            strbuf_add(out, c == '\n' ? "\\n" : "\\t");
        } else if (length > 0) {
            strbuf_add_bytes(out, s + i, length);
        } else {
            strbuf_addf(out, "\\x%02x", c);
            length = 1;
        }
    }
}

const char *text_in_line(struct arena *a, const char *text)
{
    struct strbuf shown, line;
    strbuf_init(&shown);
    strbuf_init(&line);
    text_show(&shown, text, strlen(text));
    for (const char *s = shown.text; *s; s++)
        if (*s == '\n' || *s == '\t')
            strbuf_add(&line, *s == '\n' ? "\\n" : "\\t");
        else
            strbuf_add_char(&line, *s);
    const char *ret = strcmp(line.text, text) == 0 ? text : arena_strdup(a, line.text);
    strbuf_fini(&line);
    strbuf_fini(&shown);
    return ret;
}

const char *text_one_line(struct arena *a, const char *text)
{
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    if (!memchr(text, '\n', n))
        return text[n] == '\0' ? text : arena_printf(a, "%.*s", (int)n, text);
    struct strbuf b;
    strbuf_init(&b);
    for (size_t i = 0; i < n; i++)
        if (text[i] == '\n')
            strbuf_add(&b, "; ");
        else
            strbuf_add_char(&b, text[i]);
    const char *ret = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return ret;
}

static bool is_plain_word(const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./=,:+@%-";
    if (*s == '-' || *s == '\0')
        return false;
    for (; *s; s++)
        if ((unsigned char)*s < 0x80 && !strchr(plain, *s)) /* letters of other alphabets are */
            return false;
    return true;
}

const char *text_word(const char *path)
{
    static _Thread_local char word[4][4096];
    static _Thread_local int next;
    size_t n = 0;
    if (is_plain_word(path) || strlen(path) > sizeof word[0] / 2 - 8)
        return path;
    char *to = word[next++ % 4];
    bool breaks = path[strcspn(path, "\n\t")] != '\0';
    const char *escaped = breaks ? "'\\" : "\"\\$`";
    to[n++] = breaks ? '$' : '"';
    if (breaks)
        to[n++] = '\'';
    if (path[0] == '-')
        n += (size_t)sprintf(to + n, "./");
    for (; *path; path++) {
        if (strchr(escaped, *path) || *path == '\n' || *path == '\t')
            to[n++] = '\\';
        to[n++] = *path == '\n' ? 'n' : *path == '\t' ? 't' : *path;
    }
    to[n++] = breaks ? '\'' : '"';
    to[n] = '\0';
    return to;
}

const char *text_bracketed_end(const char *text)
{
    const char *end = text + strlen(text), *found = end;
    if (!text_ends(text, ")"))
        return end;
    for (const char *s = strstr(text, " ("); s; s = strstr(s + 1, " ("))
        found = s;
    return found == text ? end : found;
}

bool text_ends(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

size_t text_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}
