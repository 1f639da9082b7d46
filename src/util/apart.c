/* Texts of several lines, such as equations, by the lines that tell them apart. */
#include "util/apart.h"
#include "util/strbuf.h"
#include <string.h>

enum { LONG_LINE = 32, CONTEXT = 8 };

struct lines {
    const char **v;
    size_t n;
};

static struct lines split(struct arena *a, const char *text)
{
    struct lines l = {0};
    size_t room = 1;
    for (const char *p = text; *p; p++)
        room += *p == '\n';
    l.v = arena_alloc(a, room * sizeof *l.v);
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        l.v[l.n++] = arena_strndup(a, text, n);
    }
    return l;
}

/* The first line by which two texts differ; one that ends before has no such line. Of equal texts
 * their length. */
static size_t first_difference(const struct lines *x, const struct lines *y)
{
    size_t i = 0;
    while (i < x->n && i < y->n && strcmp(x->v[i], y->v[i]) == 0)
        i++;
    return i;
}

/* Which lines tell any two apart. */
static bool *find_telling(struct arena *a, const struct lines *l, size_t n)
{
    size_t most = 0, *other = arena_alloc(a, (n + 1) * sizeof *other), others = 0;
    for (size_t i = 0; i < n; i++)
        most = l[i].n > most ? l[i].n : most;
    bool *tells = arena_alloc(a, most + 1);
    for (size_t i = 0; i < n; i++) {
        bool seen = false;
        for (size_t k = 0; k < others && !seen; k++) {
            const struct lines *y = &l[other[k]];
            size_t at = first_difference(&l[i], y);
            seen = at == l[i].n && at == y->n;
            tells[at] |= !seen;
        }
        if (!seen)
            other[others++] = i;
    }
    return tells;
}

/* Bytes that this line begins with in all texts, and ends with; none where it is short in all. */
static void common_ends(const struct lines *l, size_t n, size_t line, size_t *ret_start,
                        size_t *ret_end)
{
    const char *first = NULL;
    size_t longest = 0;
    *ret_start = *ret_end = 0;
    for (size_t i = 0; i < n; i++) {
        if (line >= l[i].n)
            continue;
        const char *s = l[i].v[line];
        size_t length = strlen(s), k = 0;
        if (!first)
            *ret_start = *ret_end = length;
        first = first ? first : s;
        while (k < *ret_start && s[k] == first[k])
            k++;
        *ret_start = k;
        for (k = 0;
             k < *ret_end && k < length && s[length - k - 1] == first[strlen(first) - k - 1];)
            k++;
        *ret_end = k;
        longest = length > longest ? length : longest;
    }
    if (longest <= LONG_LINE)
        *ret_start = *ret_end = 0;
}

const char *text_without_ends(struct arena *a, const char *text, size_t start, size_t end)
{
    size_t n = strlen(text), from = start > CONTEXT ? start - CONTEXT : 0,
           to = end > CONTEXT ? n - end + CONTEXT : n;
    while (from > 0 && ((unsigned char)text[from] & 0xC0) == 0x80)
        from--;
    while (to < n && ((unsigned char)text[to] & 0xC0) == 0x80)
        to++;
    return to <= from ? text
                      : arena_printf(a, "%s%.*s%s", from ? "…" : "", (int)(to - from), text + from,
                                     to < n ? "…" : "");
}

static const char *shown_line(struct arena *a, const struct lines *l, size_t n, size_t i,
                              size_t line)
{
    size_t start, end;
    common_ends(l, n, line, &start, &end);
    return text_without_ends(a, l[i].v[line], start, end);
}

void text_apart(struct arena *a, const char *const *text, size_t n, const char **ret)
{
    struct lines *l = arena_alloc(a, (n + 1) * sizeof *l);
    for (size_t i = 0; i < n; i++)
        l[i] = split(a, text[i]);
    const bool *tells = find_telling(a, l, n);
    for (size_t i = 0; i < n; i++) {
        struct strbuf b;
        bool left_out = false;
        strbuf_init(&b);
        for (size_t line = 0; line < l[i].n; line++) {
            if (tells[line])
                strbuf_addf(&b, "%s%s%s", b.length > 0 ? "; " : "", left_out ? "… " : "",
                            shown_line(a, l, n, i, line));
            left_out = !tells[line];
        }
        strbuf_add(&b, !left_out ? "" : b.length > 0 ? "; …" : "…");
        ret[i] = arena_strdup(a, b.text);
        strbuf_fini(&b);
    }
}
