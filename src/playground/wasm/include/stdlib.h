#ifndef WASM_STDLIB_H
#define WASM_STDLIB_H
#include <stddef.h>
int posix_memalign(void **ret, size_t alignment, size_t n);
void free(void *p);
double strtod(const char *s, char **end);
long long strtoll(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base);
char *realpath(const char *path, char *resolved);
char *getenv(const char *name);
#endif
