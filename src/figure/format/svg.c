#include "figure/format/svg.h"
#include "figure/draw/text.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char opening[] = "<metadata xmlns:descent=\"urn:descent:figure\">\n",
                  closing[] = "</metadata>";
static const char item[] = "<descent:text keyword=\"", item_end[] = "</descent:text>\n";

/* ---- writing ---- */

static void add_texts(struct strbuf *to, const char *title, const struct figure_text *text,
                      size_t texts)
{
    if (title && title[0]) {
        strbuf_add(to, "\n<title>");
        text_escape(to, title);
        strbuf_add(to, "</title>");
    }
    if (texts == 0)
        return;
    strbuf_add_char(to, '\n');
    strbuf_add(to, opening);
    for (size_t i = 0; i < texts; i++) {
        strbuf_add(to, item);
        text_escape(to, text[i].keyword);
        strbuf_add(to, "\">");
        text_escape(to, text[i].text);
        strbuf_add(to, item_end);
    }
    strbuf_add(to, closing);
}

/* The length of what comes before an id here, or 0. */
static size_t before_id(const char *s)
{
    static const char *const before[] = {" id=\"", "href=\"#", "url(#"};
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        if (strncmp(s, before[i], strlen(before[i])) == 0)
            return strlen(before[i]);
    return 0;
}

/* The place of a number among those seen, which it becomes one of. */
static size_t place_among(struct strbuf *seen, const char *digits, size_t n)
{
    size_t place = 0;
    for (const char *s = seen->text; *s; s += strcspn(s, " ") + 1, place++)
        if (strcspn(s, " ") == n && strncmp(s, digits, n) == 0)
            return place;
    strbuf_add_bytes(seen, digits, n);
    strbuf_add_char(seen, ' ');
    return place;
}

/* cairo numbers surfaces, and images by them, through the whole process: those ids would not be the
 * same twice. Here they are numbered as they come. Returns what comes after the id, or s where it
 * is another one. */
static const char *add_own_number(struct strbuf *to, const char *s, struct strbuf *seen)
{
    static const char *const kinds[] = {"surface", "image", "source-"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t n = strlen(kinds[i]),
               digits = strspn(strncmp(s, kinds[i], n) == 0 ? s + n : "", "0123456789");
        if (digits == 0)
            continue;
        strbuf_add(to, kinds[i]);
        if (i > 0) /* there is one surface */
            strbuf_addf(to, "%zu", place_among(seen, s + n, digits));
        return s + n + digits;
    }
    return s;
}

/* A number of a path or a transformation to a hundredth of a point: on a screen nobody sees more,
 * and pages are half as large. Returns what comes after it. */
static const char *add_short_number(struct strbuf *to, const char *s)
{
    size_t whole = strspn(s, "0123456789"),
           decimals = s[whole] == '.' ? strspn(s + whole + 1, "0123456789") : 0;
    const char *end = s + whole + (decimals ? 1 + decimals : 0);
    if (decimals <= 2 || whole > 9) {
        strbuf_add_bytes(to, s, (size_t)(end - s));
        return end;
    }
    char text[32];
    int n = snprintf(text, sizeof text, "%.2f", strtod(s, NULL));
    while (n > 0 && text[n - 1] == '0')
        text[--n] = '\0';
    if (n > 0 && text[n - 1] == '.')
        text[--n] = '\0';
    strbuf_add(to, text);
    return end;
}

/* The elements with shorter numbers. */
static void shorten(const char *s, struct strbuf *to)
{
    for (char before = ' '; *s;) {
        bool number = *s >= '0' && *s <= '9' && !isalnum((unsigned char)before) && before != '.' &&
                      before != '-';
        number |= *s >= '0' && *s <= '9' && before == '-' && to->length > 1 &&
                  !isalnum((unsigned char)to->text[to->length - 2]);
        if (number)
            s = add_short_number(to, s);
        else
            strbuf_add_char(to, *s++);
        before = to->text[to->length - 1];
    }
}

static void add_with_prefix(struct strbuf *to, const char *s, const char *prefix)
{
    struct strbuf seen;
    strbuf_init(&seen);
    while (*s) {
        size_t plain = strcspn(s, " hu"), n = 0;
        strbuf_add_bytes(to, s, plain);
        s += plain;
        if (!*s)
            break;
        n = before_id(s);
        strbuf_add_bytes(to, s, n ? n : 1);
        s += n ? n : 1;
        if (n == 0)
            continue;
        strbuf_add(to, prefix);
        s = add_own_number(to, s, &seen);
    }
    strbuf_fini(&seen);
}

void svg_finish(const struct svg_document *d, struct strbuf *out)
{
    const char *raw = d->raw, *last = strstr(raw, "</svg>");
    const char *root = strstr(raw, "<svg"), *end = root ? strchr(root, '>') : NULL;
    if (!end) { /* nothing that we know: as it is */
        strbuf_add(out, raw);
        return;
    }
    const char *begin = d->page ? root : raw;
    strbuf_add_bytes(out, begin, (size_t)(end - begin));
    if (strstr(end, "<image")) /* the pixels of small pictures are to be seen as such */
        strbuf_add(out, " style=\"image-rendering:pixelated\"");
    strbuf_add(out, " role=\"img\">");
    add_texts(out, d->title, d->text, d->texts);
    struct strbuf body;
    strbuf_init(&body);
    for (const char *next = last; next; next = strstr(next + 1, "</svg>"))
        last = next;
    strbuf_add_bytes(&body, end + 1, last ? (size_t)(last - end - 1) : strlen(end + 1));
    struct strbuf shorter;
    strbuf_init(&shorter);
    if (d->page)
        shorten(body.text, &shorter);
    add_with_prefix(out, d->page ? shorter.text : body.text, d->prefix);
    strbuf_fini(&shorter);
    strbuf_fini(&body);
    if (d->selectable && d->selectable[0])
        strbuf_addf(
            out,
            "<g fill-opacity=\"0\" font-family=\"DejaVu Sans, Verdana, sans-serif\">\n%s</g>\n",
            d->selectable);
    strbuf_add(out, last ? last : "");
}

/* ---- reading ---- */

/* Up to the next '<' or '"', entities replaced. NULL where one is unknown. */
static const char *unescape(const char *s, struct strbuf *to)
{
    static const char *const entity[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#13;"};
    static const char plain[] = "&<>\"\r";
    strbuf_clear(to);
    while (*s && *s != '<' && *s != '"') {
        size_t k = 0;
        if (*s != '&') {
            strbuf_add_char(to, *s++);
            continue;
        }
        while (k < 5 && strncmp(s, entity[k], strlen(entity[k])) != 0)
            k++;
        if (k == 5)
            return NULL;
        strbuf_add_char(to, plain[k]);
        s += strlen(entity[k]);
    }
    return s;
}

static const char *skip(const char *s, const char *word)
{
    size_t n = strlen(word);
    return s && strncmp(s, word, n) == 0 ? s + n : NULL;
}

/* All texts of the block that begins at s; false where it is not in order. Without a visitor it
 * only checks. */
static bool read_block(const char *s, const struct figure_visitor *each)
{
    struct strbuf key, text;
    strbuf_init(&key);
    strbuf_init(&text);
    while (s && strncmp(s, closing, sizeof closing - 1) != 0) {
        s = skip(s, item);
        s = s ? unescape(s, &key) : NULL;
        s = skip(s, "\">");
        s = s ? unescape(s, &text) : NULL;
        s = skip(s, item_end);
        if (s && each)
            each->call(each->context, key.text, text.text);
    }
    strbuf_fini(&key);
    strbuf_fini(&text);
    return s != NULL;
}

bool svg_read_texts(const char *bytes, size_t n, const char *path, struct figure_visitor each,
                    struct error *err)
{
    static const char end[] = "</svg>";
    while (n > 0 && isspace((unsigned char)bytes[n - 1]))
        n--;
    bool whole = n > sizeof end && memcmp(bytes + n - (sizeof end - 1), end, sizeof end - 1) == 0;
    if (strlen(bytes) < n || !text_valid(bytes) || !strstr(bytes, "<svg"))
        return error_set(err, ERR_DATA, "%s is not a valid SVG", path);
    if (!whole)
        return error_set(err, ERR_DATA, "%s is not a valid SVG: the file ends too early", path);
    const char *block = strstr(bytes, opening);
    if (!block)
        return true;
    block += sizeof opening - 1;
    if (!read_block(block, NULL))
        return error_set(err, ERR_DATA, "%s: its <metadata> is damaged", path);
    return read_block(block, &each);
}
