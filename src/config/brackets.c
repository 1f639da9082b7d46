#include "config/brackets.h"
#include <ctype.h>
#include <string.h>

enum { DEEPEST = 32 };

struct mend {
    struct strbuf out;
    char closers[DEEPEST + 1];
    size_t depth;
};

static char closer_of(char open)
{
    return open == '{' ? '}' : ']';
}

/* Whether a key begins here: "lr: ". */
static bool is_key(const char *s)
{
    size_t n = 0;
    while (isalnum((unsigned char)s[n]) || s[n] == '_')
        n++;
    return isalpha((unsigned char)s[0]) && s[n] == ':' && s[n + 1] == ' ';
}

/* A comma before a key that has none. */
static void part_keys(struct mend *m)
{
    char *text = m->out.text;
    size_t n = m->out.length;
    while (n > 0 && text[n - 1] == ' ')
        n--;
    if (n == 0 || n == m->out.length || strchr(",:{[", text[n - 1]))
        return;
    text[n] = '\0';
    m->out.length = n;
    strbuf_add(&m->out, ", ");
}

/* The rest of a line from a bracket on, to the one that closes it: with commas between its keys, and
 * closed. False: that cannot be told. */
static bool mend(struct mend *m, const char *s)
{
    for (; *s && !strchr("\r\n", *s); s++) {
        if (strchr("\"'#", *s) || ((*s == '{' || *s == '[') && m->depth == DEEPEST))
            return false;
        if (*s == '{' || *s == '[')
            m->closers[m->depth++] = closer_of(*s);
        else if ((*s == '}' || *s == ']') && m->closers[--m->depth] != *s)
            return false;
        else if (s[-1] == ' ' && is_key(s))
            part_keys(m);
        strbuf_add_char(&m->out, (char)(*s == ';' ? ',' : *s));
        if (m->depth == 0)
            return true;
    }
    while (m->depth > 0)
        strbuf_add_char(&m->out, m->closers[--m->depth]);
    return true;
}

/* "did you mean '{name: adam, lr: 0.1}'?", where that can be read; else NULL. */
static const char *hint_on_bracket(struct arena *a, const char *open, node_parser *parse)
{
    struct mend m = {.depth = 0};
    struct source *s = arena_alloc(a, sizeof *s);
    struct diags d;
    diags_init(&d, a);
    strbuf_init(&m.out);
    const char *text = mend(&m, open) ? arena_strdup(a, m.out.text) : NULL;
    strbuf_fini(&m.out);
    if (!text)
        return NULL;
    *s = (struct source){.path = "", .text = text, .length = strlen(text)};
    return parse(a, s, &d) ? arena_printf(a, "did you mean '%s'?", text) : NULL;
}

static size_t indent_of(const struct source *source, const char *s)
{
    while (s > source->text && s[-1] != '\n')
        s--;
    return strspn(s, " ");
}

bool brackets_explain(struct arena *a, struct place open, struct place at, node_parser *parse,
                      struct diags *d)
{
    const char *from = place_byte(&open), *to = place_byte(&at);
    if (!from || (*from != '{' && *from != '['))
        return diags_add(d, at, NULL, "did not find the end of a list or mapping");
    char close = closer_of(*from);
    bool closed =
        to && (open.line == at.line || indent_of(open.source, to) > indent_of(open.source, from));
    const char *hint = parse ? hint_on_bracket(a, from, parse) : NULL;
    if (to && (*to == '}' || *to == ']'))
        return diags_add(d, at, arena_printf(a, "a '%c' ends with '%c'", *from, close),
                         "this '%c' closes no '%c'", *to, *from);
    if (!closed)
        return diags_add(d, open, hint ? hint : arena_printf(a, "a '%c' closes it", close),
                         "the '%c' that begins here is not closed", *from);
    if (open.line != at.line)
        hint = NULL;
    else if (!hint && to && *to == ':')
        hint = "a comma stands before a key, and a text with a colon in quotes";
    return diags_add(d, at, hint ? hint : "a comma stands between two of them",
                     "a ',' is missing between two %s", *from == '{' ? "keys" : "values");
}
