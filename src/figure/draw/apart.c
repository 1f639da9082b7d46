/* Texts that are cut where they are too wide, and that differ in what is left of them. */
#include "figure/draw/canvas.h"
#include "util/text.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

/* How far two texts are the same, back to where the word begins in which they differ. */
static size_t common(const char *a, const char *b, size_t most)
{
    size_t n = 0;
    while (n < most && a[n] && a[n] == b[n])
        n++;
    while (n > 0 && !strchr(" ,[", a[n - 1]))
        n--;
    return n;
}

/* Of the beginning what leaves room for the part that differs, which gets most of it. */
static const char *skip_to(struct canvas *c, const char *text, size_t from, double room)
{
    const char *end = canvas_fit(c, text + from, 0.7 * room);
    double left = room - canvas_width(c, end) - 0.2 * canvas_width(c, "m");
    const char *begin = canvas_fit(c, arena_strndup(&c->arena, text, from), fmax(0, left));
    return arena_printf(&c->arena, "%s%s", begin[0] ? begin : "…", end);
}

/* Cuts those otherwise that look like `which` and are another text; returns whether there are
 * any. */
static bool part(struct canvas *c, const char *const *whole, size_t n, size_t which,
                 const double *room, const char **fitted)
{
    const char *look = fitted[which];
    size_t from = SIZE_MAX;
    for (size_t i = which + 1; i < n; i++)
        if (strcmp(fitted[i], look) == 0 && strcmp(whole[i], whole[which]) != 0)
            from = common(whole[i], whole[which], from);
    if (from == SIZE_MAX || from == 0)
        return false;
    for (size_t i = which; i < n; i++)
        if (strcmp(fitted[i], look) == 0)
            fitted[i] = skip_to(c, whole[i], from, room[i]);
    return true;
}

/* What is said in brackets at the end ("(3 diverged)"), with the blank before it; "": nothing, or
 * too much to be kept whole. */
static const char *tail_of(struct canvas *c, const char *text, double room)
{
    const char *tail = text_bracketed_end(text);
    return canvas_width(c, tail) > 0.7 * room ? "" : tail;
}

void canvas_fit_apart(struct canvas *c, const char *const *text, size_t n, double room,
                      const char **ret)
{
    enum { PASSES = 4 }; /* texts that come to differ in one place may still agree up to another */
    const char **head = arena_alloc(&c->arena, (n + 1) * sizeof *head),
               **tail = arena_alloc(&c->arena, (n + 1) * sizeof *tail);
    double *left = arena_alloc(&c->arena, (n + 1) * sizeof *left);
    for (size_t i = 0; i < n; i++) {
        tail[i] = tail_of(c, text[i], room);
        head[i] = arena_strndup(&c->arena, text[i], strlen(text[i]) - strlen(tail[i]));
        left[i] = room - canvas_width(c, tail[i]);
        ret[i] = canvas_fit(c, head[i], left[i]);
    }
    bool again = true;
    for (int k = 0; k < PASSES && again; k++) {
        again = false;
        for (size_t i = 0; i < n; i++)
            again |= part(c, head, n, i, left, ret);
    }
    for (size_t i = 0; i < n; i++)
        ret[i] = arena_printf(&c->arena, "%s%s", ret[i], tail[i]);
}
