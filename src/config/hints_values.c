/* Numbers and truth values as they are written elsewhere: "90%", "1_000", "1e−3", "yes". */
#include "config/hints.h"
#include "config/node.h"
#include <math.h>
#include <string.h>

/* Without the marks between thousands and the spaces of word processors, and with a plain minus. */
static const char *plain_text(struct arena *a, const char *text)
{
    static const struct {
        const char *sign, *plain;
    } signs[] = {{"\u2212", "-"}, {"\u2013", "-"}, {"\u2014", "-"}, {"\u00a0", ""},
                 {"\u2009", ""},  {"\u202f", ""},  {"_", ""}};
    struct strbuf s;
    strbuf_init(&s);
    while (*text) {
        size_t i = 0, n = sizeof signs / sizeof signs[0];
        while (i < n && strncmp(text, signs[i].sign, strlen(signs[i].sign)) != 0)
            i++;
        if (i == n)
            strbuf_add_char(&s, *text);
        else
            strbuf_add(&s, signs[i].plain);
        text += i == n ? 1 : strlen(signs[i].sign);
    }
    const char *plain = arena_strdup(a, s.text);
    strbuf_fini(&s);
    return plain;
}

static bool as_real(const char *text, double *ret)
{
    return node_as_real(&(struct node){.kind = NODE_SCALAR, .text = text}, ret) && isfinite(*ret);
}

/* A number, divided; NULL: the text is none, or no whole one where that is wanted. */
static const char *quotient(struct arena *a, const char *text, double by, bool whole)
{
    double v;
    struct strbuf s;
    if (!as_real(text, &v) || by == 0 || (whole && (v / by != floor(v / by) || fabs(v) > 1e15)))
        return NULL;
    if (whole)
        return arena_printf(a, "%.0f", v / by);
    strbuf_init(&s);
    strbuf_add_real(&s, v / by);
    const char *number = by == 1 ? text : arena_strdup(a, s.text);
    strbuf_fini(&s);
    return number;
}

const char *hint_on_number(struct arena *a, const char *text, bool whole)
{
    const char *plain = plain_text(a, text), *slash = strchr(plain, '/'), *number;
    size_t n = strlen(plain);
    double by, v;
    if (as_real(text, &v) && !whole)
        return NULL;
    if (strncmp(plain, "10^", 3) == 0 || strncmp(plain, "10**", 4) == 0)
        number = quotient(a, arena_printf(a, "1e%s", plain + (plain[2] == '^' ? 3 : 4)), 1, whole);
    else if (n > 1 && plain[n - 1] == '%' && !whole)
        number = quotient(a, arena_strndup(a, plain, n - 1 - (plain[n - 2] == ' ')), 100, whole);
    else if (slash && as_real(slash + 1, &by))
        number = quotient(a, arena_strndup(a, plain, (size_t)(slash - plain)), by, whole);
    else if (n > 1 && plain[n - 1] == '%' && whole)
        return "a count stands here, no share";
    else if (n > 1 && strchr("fF", plain[n - 1]) && !as_real(text, &v)) /* of C and Java */
        number = quotient(a, arena_strndup(a, plain, n - 1), 1, whole);
    else
        number = quotient(a, plain, 1, whole);
    return number ? arena_printf(a, "did you mean '%s'?", number) : NULL;
}

const char *hint_on_thousands(struct arena *a, const char *text, const char *key)
{
    static const char none[] = "a number has no comma";
    size_t n = strspn(text, "0123456789");
    struct strbuf s;
    if (n == 0 || n > 3)
        return none;
    strbuf_init(&s);
    strbuf_add_bytes(&s, text, n);
    for (text += n; text[0] == ',' && strspn(text + 1, "0123456789") == 3; text += 4)
        strbuf_add_bytes(&s, text + 1, 3);
    const char *hint = *text == '\0' ? arena_printf(a, "did you mean '%s%s'?", key, s.text) : none;
    strbuf_fini(&s);
    return hint;
}

static bool is_one_of(const char *text, const char *const *words)
{
    while (*words && strcmp(text, *words) != 0)
        words++;
    return *words;
}

const char *hint_on_truth(const char *text)
{
    static const char *const yes[] = {"yes", "Yes", "YES", "on", "On", "ON", "y", "Y", "1", NULL},
                             *const no[] = {"no", "No", "NO", "off",  "Off",  "OFF",
                                            "n",  "N",  "0",  "none", "None", NULL};
    return is_one_of(text, yes)  ? "did you mean 'true'?"
           : is_one_of(text, no) ? "did you mean 'false'?"
                                 : NULL;
}

const char *hint_on_own_word(const char *key)
{
    if (strcmp(key, "threads") == 0)
        return "a count, such as 4; 'nproc' shows how many cores there are";
    return strcmp(key, "seed") == 0 ? "any number, such as 1; the same one repeats a run" : NULL;
}

const char *hint_on_share(struct arena *a, const char *key, const char *text)
{
    if (strcmp(key, "validation_split") == 0)
        return arena_printf(a, "did you mean 'validation: %s'?", text);
    return NULL;
}
