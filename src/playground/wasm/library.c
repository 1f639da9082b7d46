/* The part of a C library that the program's own code takes, for WebAssembly: memory that is given
 * back all at once, texts, and printing, whose numbers the page's JavaScript reads and writes
 * (correctly rounded, as C's). */
#include "playground/wasm/library.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int errno;

/* ---- memory: from the end of the data upwards ---- */

extern unsigned char __heap_base;
static uintptr_t top;

enum { PAGE = 65536 };

void library_release(void)
{
    top = (uintptr_t)&__heap_base;
}

int posix_memalign(void **ret, size_t alignment, size_t n)
{
    if (top == 0)
        library_release();
    uintptr_t at = (top + alignment - 1) / alignment * alignment,
              have = __builtin_wasm_memory_size(0) * (uintptr_t)PAGE;
    if (n > UINT32_MAX - at - PAGE)
        return 1;
    if (at + n > have &&
        __builtin_wasm_memory_grow(0, (at + n - have + PAGE - 1) / PAGE) == (size_t)-1)
        return 1;
    top = at + n;
    *ret = (void *)at;
    return 0;
}

void free(void *p)
{
    (void)p;
}

long write(int fd, const void *bytes, size_t n)
{
    (void)fd;
    page_say(bytes, n);
    return (long)n;
}

_Noreturn void _exit(int code)
{
    (void)code;
    __builtin_trap();
}

char *getenv(const char *name)
{
    (void)name;
    return NULL;
}

/* ---- bytes and texts ---- */

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    return __builtin_memcpy(to, from, n); /* an instruction: -mbulk-memory */
}

void *memmove(void *to, const void *from, size_t n)
{
    return __builtin_memmove(to, from, n);
}

void *memset(void *to, int c, size_t n)
{
    return __builtin_memset(to, c, n);
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

void *memchr(const void *s, int c, size_t n)
{
    const unsigned char *x = s;
    for (size_t i = 0; i < n; i++)
        if (x[i] == (unsigned char)c)
            return (void *)(uintptr_t)(x + i);
    return NULL;
}

size_t strlen(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i] || a[i] == '\0')
            return (unsigned char)a[i] - (unsigned char)b[i];
    return 0;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
    return memchr(s, c, strlen(s) + 1);
}

char *strrchr(const char *s, int c)
{
    const char *last = NULL;
    for (; *s; s++)
        if (*s == (char)c)
            last = s;
    return (char *)(uintptr_t)last;
}

char *strstr(const char *s, const char *part)
{
    for (size_t n = strlen(part); *s; s++)
        if (strncmp(s, part, n) == 0)
            return (char *)(uintptr_t)s;
    return NULL;
}

static size_t span(const char *s, const char *set, bool within)
{
    size_t n = 0;
    while (s[n] && (strchr(set, s[n]) != NULL) == within)
        n++;
    return n;
}

size_t strspn(const char *s, const char *set)
{
    return span(s, set, true);
}

size_t strcspn(const char *s, const char *set)
{
    return span(s, set, false);
}

char *strpbrk(const char *s, const char *set)
{
    s += strcspn(s, set);
    return *s ? (char *)(uintptr_t)s : NULL;
}

/* ---- characters ---- */

int isdigit(int c)
{
    return c >= '0' && c <= '9';
}

int isupper(int c)
{
    return c >= 'A' && c <= 'Z';
}

int isalpha(int c)
{
    return isupper(c) || (c >= 'a' && c <= 'z');
}

int isalnum(int c)
{
    return isalpha(c) || isdigit(c);
}

int isxdigit(int c)
{
    return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

int isspace(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

int isprint(int c)
{
    return c >= ' ' && c < 127;
}

int tolower(int c)
{
    return isupper(c) ? c + ('a' - 'A') : c;
}

/* ---- numbers ---- */

/* As long as a number may be. */
double strtod(const char *s, char **end)
{
    size_t n = 0;
    while (isspace(s[n]))
        n++;
    size_t first = n, digits;
    n += s[n] == '-' || s[n] == '+';
    digits = n;
    while (isdigit(s[n]))
        n++;
    if (s[n] == '.')
        for (n++; isdigit(s[n]); n++)
            ;
    bool any = n > digits + (s[digits] == '.');
    if (any && (s[n] == 'e' || s[n] == 'E') &&
        isdigit(s[n + 1 + (s[n + 1] == '-' || s[n + 1] == '+')]))
        for (n += 2; isdigit(s[n]); n++)
            ;
    if (end)
        *end = (char *)(uintptr_t)(any ? s + n : s);
    return any ? page_read_number(s + first, n - first) : 0;
}

static int digit_of(char c)
{
    return isdigit(c) ? c - '0' : isalpha(c) ? tolower(c) - 'a' + 10 : 99;
}

long long strtoll(const char *s, char **end, int base)
{
    bool minus = *s == '-';
    uint64_t v = 0, most = (uint64_t)INT64_MAX + minus;
    const char *at = s + (*s == '-' || *s == '+');
    for (; digit_of(*at) < base; at++) {
        uint64_t digit = (uint64_t)digit_of(*at);
        if (v > (most - digit) / (uint64_t)base)
            errno = ERANGE;
        else
            v = v * (uint64_t)base + digit;
    }
    if (end)
        *end = (char *)(uintptr_t)at;
    return minus ? (long long)(0 - v) : (long long)v;
}

unsigned long strtoul(const char *s, char **end, int base)
{
    return (unsigned long)strtoll(s, end, base);
}

double(sqrt)(double x)
{
    return sqrt(x);
}

double(floor)(double x)
{
    return floor(x);
}

double(fabs)(double x)
{
    return fabs(x);
}

/* What the compiler calls for a product of 128 bits. */
__int128 __multi3(__int128 a, __int128 b)
{
    unsigned __int128 x = (unsigned __int128)a, y = (unsigned __int128)b, low = 0;
    const uint64_t xl = (uint64_t)x, yl = (uint64_t)y, mask = UINT32_MAX,
                   ll = (xl & mask) * (yl & mask), hl = (xl >> 32) * (yl & mask),
                   lh = (xl & mask) * (yl >> 32), hh = (xl >> 32) * (yl >> 32),
                   middle = (ll >> 32) + (hl & mask) + (lh & mask),
                   high = hh + (hl >> 32) + (lh >> 32) + (middle >> 32) + (uint64_t)(x >> 64) * yl +
                          xl * (uint64_t)(y >> 64);
    low = ((unsigned __int128)high << 64) | (middle << 32) | (ll & mask);
    return (__int128)low;
}

/* Exact: the remainder of long division, bit by bit. */
double fmod(double x, double y)
{
    double a = fabs(x), b = fabs(y);
    if (!(a < (double)INFINITY) || !(b > 0))
        return (double)NAN;
    while (a >= b && b < (double)INFINITY) {
        double part = b;
        while (a - part >= part)
            part *= 2;
        a -= part;
    }
    return copysign(a, x);
}

double fmin(double x, double y)
{
    return isnan(x) ? y : isnan(y) ? x : x == y ? (signbit(x) ? x : y) : x < y ? x : y;
}

double fmax(double x, double y)
{
    return isnan(x) ? y : isnan(y) ? x : x == y ? (signbit(x) ? y : x) : x > y ? x : y;
}

float fminf(float x, float y)
{
    return (float)fmin((double)x, (double)y);
}

float fmaxf(float x, float y)
{
    return (float)fmax((double)x, (double)y);
}

/* ---- printing ---- */

struct out {
    char *to;
    size_t size, n;
};

static void put(struct out *o, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++, o->n++)
        if (o->n + 1 < o->size)
            o->to[o->n] = s[i];
}

static void pad(struct out *o, int n)
{
    for (; n > 0; n--)
        put(o, " ", 1);
}

/* Digits from the end of text; returns where they begin. */
static char *digits_of(uint64_t v, unsigned base, char *end)
{
    do
        *--end = "0123456789abcdef"[v % base];
    while (v /= base);
    return end;
}

struct directive {
    bool left;
    int width, precision, longs;
    char what;
};

static const char *read_directive(const char *s, va_list *list, struct directive *ret)
{
    *ret = (struct directive){.precision = -1};
    for (; *s == '-' || *s == '0'; s++)
        ret->left |= *s == '-';
    if (*s == '*') {
        ret->width = va_arg(*list, int);
        s++;
    } else {
        for (; isdigit(*s); s++)
            ret->width = 10 * ret->width + *s - '0';
    }
    if (*s == '.') {
        ret->precision = 0;
        if (*++s == '*') {
            ret->precision = va_arg(*list, int);
            s++;
        } else {
            for (; isdigit(*s); s++)
                ret->precision = 10 * ret->precision + *s - '0';
        }
    }
    for (; *s == 'l' || *s == 'z' || *s == 'h'; s++)
        ret->longs += *s == 'l';
    ret->what = *s;
    return s + (*s != '\0');
}

static uint64_t whole(const struct directive *d, va_list *list, bool is_signed)
{
    if (d->longs >= 2)
        return va_arg(*list, unsigned long long);
    return is_signed ? (uint64_t)(int64_t)va_arg(*list, int) : va_arg(*list, unsigned);
}

static void print_one(struct out *o, const struct directive *d, va_list *list)
{
    char text[400], *end = text + sizeof text, *s = text;
    size_t n = 0;
    if (d->what == 's') {
        s = va_arg(*list, char *);
        while ((d->precision < 0 || n < (size_t)d->precision) && s[n])
            n++;
    } else if (d->what == 'c' || d->what == '%') {
        text[n++] = d->what == '%' ? '%' : (char)va_arg(*list, int);
    } else if (d->what == 'd' || d->what == 'i') {
        int64_t v = (int64_t)whole(d, list, true);
        s = digits_of(v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 10, end);
        if (v < 0)
            *--s = '-';
        n = (size_t)(end - s);
    } else if (d->what == 'u' || d->what == 'x') {
        s = digits_of(whole(d, list, false), d->what == 'x' ? 16 : 10, end);
        n = (size_t)(end - s);
    } else {
        n = page_write_number(va_arg(*list, double), d->what, d->precision < 0 ? 6 : d->precision,
                              text);
    }
    pad(o, d->left ? 0 : d->width - (int)n);
    put(o, s, n);
    pad(o, d->left ? d->width - (int)n : 0);
}

int vsnprintf(char *to, size_t size, const char *fmt, va_list list)
{
    struct out o = {to, size, 0};
    struct directive d;
    va_list own;
    va_copy(own, list);
    while (*fmt) {
        size_t n = strcspn(fmt, "%");
        put(&o, fmt, n);
        fmt += n;
        if (*fmt) {
            fmt = read_directive(fmt + 1, &own, &d);
            print_one(&o, &d, &own);
        }
    }
    va_end(own);
    if (size > 0)
        to[o.n < size ? o.n : size - 1] = '\0';
    return (int)o.n;
}

int snprintf(char *to, size_t size, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    int n = vsnprintf(to, size, fmt, list);
    va_end(list);
    return n;
}
