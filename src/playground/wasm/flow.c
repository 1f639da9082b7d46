/* YAML in the flow style, which the defaults of tables and the page's specs are written in; of the
 * page's own making, so that what is wrong with it need not be explained well. */
#include "config/diag.h"
#include "config/node.h"
#include <ctype.h>
#include <string.h>

struct reader {
    struct arena *arena;
    struct diags *diags;
    const struct source *source;
    const char *s;
};

static struct place place_at(const struct reader *r, const char *from)
{
    return (struct place){.source = r->source,
                          .line = 1,
                          .column = (unsigned)(from - r->source->text) + 1,
                          .width = (unsigned)(r->s > from ? r->s - from : 1)};
}

static void skip_blanks(struct reader *r)
{
    while (isspace(*r->s))
        r->s++;
}

static struct node *fail(struct reader *r, const char *what)
{
    diags_add(r->diags, place_at(r, r->s), NULL, "expected %s", what);
    return NULL;
}

static struct node *new_node(struct reader *r, enum node_kind kind)
{
    struct node *n = arena_alloc(r->arena, sizeof *n);
    *n = (struct node){.kind = kind};
    return n;
}

/* 'it''s' and "a\nb". */
static struct node *read_quoted(struct reader *r)
{
    struct node *n = new_node(r, NODE_SCALAR);
    const char *from = r->s;
    char quote = *r->s++, *to = arena_alloc(r->arena, strlen(r->s) + 1);
    n->text = to;
    n->quoted = true;
    for (; *r->s && (*r->s != quote || (quote == '\'' && r->s[1] == quote)); r->s++) {
        bool escaped = quote == '"' && *r->s == '\\' && r->s[1];
        if (*r->s == quote || escaped)
            r->s++;
        *to++ = escaped && *r->s == 'n' ? '\n' : *r->s;
    }
    if (!*r->s)
        return fail(r, "a quote");
    r->s++;
    n->place = place_at(r, from);
    return n;
}

static struct node *read_plain(struct reader *r, unsigned depth)
{
    struct node *n = new_node(r, NODE_SCALAR);
    const char *from = r->s, *end;
    while (*r->s && !(depth > 0 && strchr(",[]{}", *r->s)) &&
           !(depth > 0 && r->s[0] == ':' && (isspace(r->s[1]) || !r->s[1])))
        r->s++;
    for (end = r->s; end > from && isspace(end[-1]); end--)
        ;
    n->text = arena_strndup(r->arena, from, (size_t)(end - from));
    n->place = place_at(r, from);
    return n;
}

static struct node *read_value(struct reader *r, unsigned depth);

static bool add_item(struct reader *r, struct node *n, unsigned depth)
{
    node_grow(r->arena, n);
    if (n->kind == NODE_MAP) {
        struct node *key = read_plain(r, depth);
        n->key[n->n] = key->text;
        n->key_place[n->n] = key->place;
        if (*r->s != ':')
            return fail(r, "':'") != NULL;
        r->s++;
        skip_blanks(r);
    }
    struct node *item = read_value(r, depth);
    if (!item)
        return false;
    n->item[n->n++] = item;
    return true;
}

static struct node *read_collection(struct reader *r, unsigned depth)
{
    const char *from = r->s;
    struct node *n = new_node(r, *r->s == '{' ? NODE_MAP : NODE_LIST);
    char end = *r->s++ == '{' ? '}' : ']';
    skip_blanks(r);
    while (*r->s != end) {
        if (!add_item(r, n, depth))
            return NULL;
        skip_blanks(r);
        if (*r->s != ',' && *r->s != end)
            return fail(r, "',' or the end of a list");
        r->s += *r->s == ',';
        skip_blanks(r);
    }
    r->s++;
    n->place = place_at(r, from);
    return n;
}

static struct node *read_value(struct reader *r, unsigned depth)
{
    if (depth > 32)
        return fail(r, "fewer levels");
    if (*r->s == '{' || *r->s == '[')
        return read_collection(r, depth + 1);
    if (*r->s == '"' || *r->s == '\'')
        return read_quoted(r);
    return read_plain(r, depth);
}

struct node *node_parse(struct arena *a, const struct source *source, struct diags *d)
{
    struct reader r = {a, d, source, source->text};
    skip_blanks(&r);
    if (!*r.s)
        return new_node(&r, NODE_MAP);
    struct node *n = read_value(&r, 0);
    skip_blanks(&r);
    return n && *r.s ? fail(&r, "the end") : n;
}
