#ifndef WASM_UNISTD_H
#define WASM_UNISTD_H
#include <stddef.h>
enum { STDERR_FILENO = 2 };
long write(int fd, const void *bytes, size_t n);
_Noreturn void _exit(int code);
#endif
