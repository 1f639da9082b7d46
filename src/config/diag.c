#include "config/diag.h"
#include "util/fold.h"
#include <ctype.h>
#include <stdint.h>
#include <string.h>

enum { TEXT_WIDTH = 70 }; /* of an excerpt, so that it fits 80 columns */

void diags_init(struct diags *d, struct arena *a)
{
    *d = (struct diags){.arena = a, .code = ERR_USAGE};
}

bool diags_add(struct diags *d, struct place place, const char *suggestion, const char *fmt, ...)
{
    if (d->n == DIAGS_MAX) {
        d->dropped++;
        return false;
    }
    struct strbuf text;
    va_list list;
    strbuf_init(&text);
    va_start(list, fmt);
    strbuf_addv(&text, fmt, list);
    va_end(list);
    struct diag *x = &d->item[d->n++];
    x->place = place;
    x->message = arena_strdup(d->arena, text.text);
    strbuf_fini(&text);
    x->suggestion = suggestion ? arena_strdup(d->arena, suggestion) : NULL;
    return false;
}

/* ---- writing ---- */

static bool is_before(const struct diag *a, const struct diag *b)
{
    if (a->place.source != b->place.source || !a->place.source)
        return false;
    if (a->place.line != b->place.line)
        return a->place.line < b->place.line;
    return a->place.column < b->place.column;
}

/* Indices in the order of places; those of different sources stay as they came. */
static void sort(const struct diags *d, size_t order[DIAGS_MAX])
{
    for (size_t i = 0; i < d->n; i++) {
        size_t j = i;
        for (; j > 0 && is_before(&d->item[i], &d->item[order[j - 1]]); j--)
            order[j] = order[j - 1];
        order[j] = i;
    }
}

static const char *line_of(const struct source *s, unsigned line, size_t *ret_length)
{
    const char *at = s->text, *end = s->text + s->length;
    for (unsigned i = 1; i < line && at < end; at++)
        i += *at == '\n';
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    *ret_length = (size_t)((stop ? stop : end) - at);
    return at;
}

static bool continues(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Byte offset of a column that counts characters. */
static size_t byte_of(const char *line, size_t length, size_t column)
{
    size_t i = 0;
    for (size_t c = 1; i < length && c < column; i++)
        c += !(i + 1 < length && continues(line[i + 1]));
    return i;
}

/* Bytes of what a terminal does not show as one character: a control (those of two bytes, U+0080 ...
 * U+009F, too) or a line end of Unicode; else 0. */
static size_t unshown(const char *s, size_t n)
{
    unsigned char c = (unsigned char)s[0];
    if (c == 0xC2 && n > 1 && (unsigned char)s[1] < 0xA0)
        return 2;
    if (n > 2 && (memcmp(s, "\xE2\x80\xA8", 3) == 0 || memcmp(s, "\xE2\x80\xA9", 3) == 0))
        return 3;
    return c < 0x20 || c == 0x7F;
}

/* n bytes for a terminal; what it does not show as '?'. */
static void add_shown(struct strbuf *out, const char *s, size_t n)
{
    for (size_t i = 0, length; i < n; i += length ? length : 1) {
        length = unshown(s + i, n - i);
        strbuf_add_char(out, s[i] == '\t' ? ' ' : length > 0 ? '?' : s[i]);
    }
}

/* It may quote the spec, as the message may. */
static void add_suggestion(struct strbuf *out, const char *before, const char *suggestion)
{
    strbuf_add(out, before);
    add_shown(out, suggestion, strlen(suggestion));
}

static void write_excerpt(const struct diag *x, struct strbuf *out)
{
    size_t length, column = x->place.column ? x->place.column : 1;
    const char *line = line_of(x->place.source, x->place.line, &length);
    length -= length > 0 && line[length - 1] == '\r'; /* of lines as Windows ends them */
    size_t first =
        column > TEXT_WIDTH - 20 ? column - (TEXT_WIDTH - 20) : 1; /* first column shown */
    size_t from = byte_of(line, length, first), to = byte_of(line, length, first + TEXT_WIDTH);
    strbuf_addf(out, "%5u | ", x->place.line);
    add_shown(out, line + from, to - from);
    strbuf_add(out, "\n      | ");
    for (size_t c = first; c < column; c++)
        strbuf_add_char(out, ' ');
    strbuf_add_char(out, '^');
    for (size_t w = 1; w < x->place.width && column - first + w < TEXT_WIDTH; w++)
        strbuf_add_char(out, '~');
    if (x->suggestion)
        add_suggestion(out, " ", x->suggestion);
    strbuf_add_char(out, '\n');
}

static void write_one(const struct diag *x, size_t page, struct strbuf *out)
{
    struct strbuf message;
    strbuf_init(&message);
    if (x->place.source)
        strbuf_addf(&message, "%s:%u:%u: ", x->place.source->path, x->place.line, x->place.column);
    strbuf_add(&message, "error: ");
    add_shown(&message, x->message, strlen(x->message));
    if (!x->place.source && x->suggestion)
        add_suggestion(&message, "; ", x->suggestion);
    strbuf_add_char(&message, '\n');
    fold_lines(message.text, page, out);
    strbuf_fini(&message);
    if (x->place.source)
        write_excerpt(x, out);
}

void diags_write(const struct diags *d, struct strbuf *out)
{
    diags_write_within(d, SIZE_MAX, out);
}

void diags_write_within(const struct diags *d, size_t page, struct strbuf *out)
{
    size_t order[DIAGS_MAX];
    sort(d, order);
    for (size_t i = 0; i < d->n; i++)
        write_one(&d->item[order[i]], page, out);
    if (d->dropped > 0)
        strbuf_addf(out, "... and %zu more\n", d->dropped);
}

/* ---- the nearest name ---- */

enum { LONGEST = 48 };

static char plain(char c)
{
    return c == '-' ? '_' : (char)tolower((unsigned char)c);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Damerau-Levenshtein (optimal string alignment) on names without case, - and _ alike. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), row[3][LONGEST + 1];
    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= m; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *up = row[(i + 2) % 3], *above = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            bool same = plain(a[i - 1]) == plain(b[j - 1]);
            now[j] = least(least(up[j], now[j - 1]) + 1, up[j - 1] + !same);
            if (i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) &&
                plain(a[i - 2]) == plain(b[j - 1]))
                now[j] = least(now[j], above[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}

/* Whether b is made of the first letters of a's words ("lr" of "learning_rate"). */
static bool is_initials(const char *a, const char *b)
{
    bool start = true;
    for (; *a; a++) {
        bool separator = plain(*a) == '_';
        if (start && !separator && (*b == '\0' || plain(*a) != plain(*b++)))
            return false;
        start = separator;
    }
    return *b == '\0';
}

/* Whether one name stands within the other ("rate" in "learning_rate"). */
static bool contains(const char *a, const char *b)
{
    return is_initials(a, b) || is_initials(b, a) ||
           (strlen(b) >= 4 && strlen(a) >= 4 && (strstr(a, b) || strstr(b, a)));
}

/* So many edits leave at least half of the longer one. */
static bool is_near(const char *a, const char *b, size_t edits)
{
    size_t n = strlen(a), m = strlen(b);
    return 2 * edits <= (n > m ? n : m);
}

const char *suggest(const char *wrong, const char *const *names, size_t n)
{
    const char *best = NULL;
    size_t limit = strlen(wrong) / 3 + 1, least_so_far = limit + 1;
    for (size_t i = 0; i < n; i++) {
        size_t x = distance(wrong, names[i]);
        if (x < least_so_far && x < strlen(names[i]) && is_near(wrong, names[i], x)) {
            least_so_far = x;
            best = names[i];
        }
    }
    for (size_t i = 0; !best && i < n; i++)
        if (contains(wrong, names[i]))
            best = names[i];
    return best;
}
