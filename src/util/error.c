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
    int n = vsnprintf(text, sizeof text, fmt, list);
    va_end(list);
    if (n > 0 && (size_t)n < sizeof text)
        snprintf(text + n, sizeof text - (size_t)n, "%s", err->message);
    memcpy(err->message, text, sizeof text);
    return false;
}
