#include "util/path.h"
#include "util/mem.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

char *path_new(const char *fmt, ...)
{
    va_list list, again;
    va_start(list, fmt);
    va_copy(again, list);
    int n = vsnprintf(NULL, 0, fmt, list);
    va_end(list);
    char *path = mem_new((size_t)(n < 0 ? 0 : n) + 1);
    if (n >= 0)
        vsnprintf(path, (size_t)n + 1, fmt, again);
    va_end(again);
    return path;
}

char *path_join(const char *folder, const char *name)
{
    return path_new("%s/%s", folder, name);
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *path_stem(struct arena *a, const char *path)
{
    const char *base = path_base(path), *dot = strrchr(base, '.');
    return arena_strndup(a, base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
}

size_t path_bare_length(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    return n;
}

char *path_bare(struct arena *a, const char *path)
{
    return arena_strndup(a, path, path_bare_length(path));
}

const char *path_ending(const char *path)
{
    const char *name = path_base(path), *dot = strrchr(name, '.');
    return dot && dot != name && isalpha((unsigned char)dot[1]) ? dot : "";
}

char *path_copy(const char *path)
{
    size_t n = strlen(path) + 1;
    return memcpy(mem_new(n), path, n);
}

bool path_is_table(const char *path)
{
    const char *ending = path_ending(path);
    return strcmp(ending, ".npz") == 0 || strcmp(ending, ".csv") == 0;
}
