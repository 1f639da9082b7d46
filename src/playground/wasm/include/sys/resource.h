#ifndef WASM_SYS_RESOURCE_H
#define WASM_SYS_RESOURCE_H
typedef unsigned long rlim_t;
struct rlimit {
    rlim_t rlim_cur, rlim_max;
};
#define RLIM_INFINITY ((rlim_t)-1)
enum { RLIMIT_AS };
int getrlimit(int what, struct rlimit *ret);
#endif
