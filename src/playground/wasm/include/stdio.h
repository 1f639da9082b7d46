#ifndef WASM_STDIO_H
#define WASM_STDIO_H
#include <stdarg.h>
#include <stddef.h>
typedef struct wasm_file FILE;
/* %s %c %d %u %ld %lld %zu %llu %g %f with width, precision and '*': what the program prints. */
int snprintf(char *to, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int vsnprintf(char *to, size_t size, const char *fmt, va_list list);
#endif
