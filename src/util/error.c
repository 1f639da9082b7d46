#include "util/error.h"
#include <stdio.h>
#include <string.h>

bool error_set(struct error *err, enum error_code code, const char *fmt, ...)
{
    va_list list;
    char text[sizeof err->message]; /* fmt's arguments may point into err->message */
    va_start(list, fmt);
    vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    memcpy(err->message, text, sizeof text);
    err->code = code;
    return false;
}

bool error_prefix(struct error *err, const char *fmt, ...)
{
    va_list list;
    char text[sizeof err->message];
    va_start(list, fmt);
    vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    size_t n = strlen(text), rest = strlen(err->message);
    rest = rest < sizeof text - 1 - n ? rest : sizeof text - 1 - n;
    memcpy(text + n, err->message, rest);
    text[n + rest] = '\0';
    memcpy(err->message, text, sizeof text);
    return false;
}
