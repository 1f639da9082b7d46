#include "util/error.h"
#include <stdio.h>
#include <string.h>

/* A message that was cut says so: it ends in "...", not within a character. */
static void mark_cut(char *text, size_t size)
{
    size_t n = size - 4;
    while (n > 0 && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    memcpy(text + n, "...", 4);
}

static void set(struct error *err, enum error_code code, const char *key, const char *fmt,
                va_list list)
{
    char text[sizeof err->message]; /* fmt's arguments may point into err->message */
    int n = vsnprintf(text, sizeof text, fmt, list);
    if (n >= (int)sizeof text)
        mark_cut(text, sizeof text);
    memcpy(err->message, text, sizeof text);
    snprintf(err->key, sizeof err->key, "%s", key);
    err->code = code;
}

bool error_set(struct error *err, enum error_code code, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    set(err, code, "", fmt, list);
    va_end(list);
    return false;
}

bool error_set_key(struct error *err, enum error_code code, const char *key, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    set(err, code, key, fmt, list);
    va_end(list);
    return false;
}

bool error_blame(struct error *err, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    if (!err->key[0])
        vsnprintf(err->key, sizeof err->key, fmt, list);
    va_end(list);
    return false;
}

bool error_prefix(struct error *err, const char *fmt, ...)
{
    va_list list;
    char text[sizeof err->message];
    va_start(list, fmt);
    int written = vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    size_t n = strlen(text), rest = strlen(err->message);
    bool cut = written >= (int)sizeof text || n + rest >= sizeof text;
    rest = rest < sizeof text - 1 - n ? rest : sizeof text - 1 - n;
    memcpy(text + n, err->message, rest);
    text[n + rest] = '\0';
    if (cut)
        mark_cut(text, sizeof text);
    memcpy(err->message, text, sizeof text);
    return false;
}
