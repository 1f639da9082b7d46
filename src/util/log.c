#include "util/log.h"
#include "util/strbuf.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>

static enum log_level level = LOG_NORMAL;
static const char *subject;

void log_set_subject(const char *text)
{
    subject = text;
}

void log_set_level(enum log_level l)
{
    level = l;
}

enum log_level log_level(void)
{
    return level;
}

/* In one piece: other processes write there too. */
static void PRINTF_LIKE(2, 0) print(const char *prefix, const char *fmt, va_list list)
{
    struct strbuf line;
    strbuf_init(&line);
    strbuf_addf(&line, "%s%s%s", prefix, subject ? subject : "", subject ? ": " : "");
    strbuf_addv(&line, fmt, list);
    text_print(stderr, "%s\n", line.text);
    strbuf_fini(&line);
}

void log_warn(const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    print("descent: warning: ", fmt, list);
    va_end(list);
}

void log_warn_once(const char *fmt, ...)
{
    static const char *said[16];
    va_list list;
    size_t n = 0;
    while (n < sizeof said / sizeof said[0] && said[n])
        if (strcmp(said[n++], fmt) == 0)
            return;
    if (n < sizeof said / sizeof said[0])
        said[n] = fmt;
    va_start(list, fmt);
    print("descent: warning: ", fmt, list);
    va_end(list);
}

void log_info(const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    if (level >= LOG_NORMAL)
        print("", fmt, list);
    va_end(list);
}
