/* Text for people to read: what comes out of files and command lines shows its control characters
 * in place of sending them to a terminal. */
#ifndef DESCENT_UTIL_TEXT_H
#define DESCENT_UTIL_TEXT_H

#include "util/error.h"
#include "util/strbuf.h"
#include <stdarg.h>
#include <stdio.h>

/* Appends n bytes: as they are, but for control characters other than '\n' and '\t' (those of two
 * bytes, U+0080 ... U+009F, too) and bytes that are no UTF-8, which become \x1b. */
void text_show(struct strbuf *out, const char *s, size_t n);
/* fprintf, shown so. */
void text_print(FILE *to, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_vprint(FILE *to, const char *fmt, va_list list) PRINTF_LIKE(2, 0);

#endif
