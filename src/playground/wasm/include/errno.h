#ifndef WASM_ERRNO_H
#define WASM_ERRNO_H
extern int errno;
enum { ERANGE = 34 };
#endif
