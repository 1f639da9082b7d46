#ifndef WASM_UNISTD_H
#define WASM_UNISTD_H
#include <stddef.h>
enum { STDERR_FILENO = 2 };
long write(int fd, const void *bytes, size_t n);
enum { _SC_PHYS_PAGES, _SC_PAGESIZE, _SC_PAGE_SIZE };
long sysconf(int what);
_Noreturn void _exit(int code);
#endif
