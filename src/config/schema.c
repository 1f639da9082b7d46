/* Parameter tables to JSON Schema. Each row stands on a line; kinds are definitions of their own,
 * since schedules nest. */
#include "config/schema.h"
#include <assert.h>
#include <string.h>

/* ---- JSON ---- */

static void write_string(struct strbuf *out, const char *text)
{
    strbuf_add_char(out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            strbuf_addf(out, "\\%c", c);
        else if (c < 0x20)
            strbuf_addf(out, "\\u%04x", c);
        else
            strbuf_add_char(out, *text);
    }
    strbuf_add_char(out, '"');
}

static void new_line(struct strbuf *out, unsigned indent)
{
    strbuf_addf(out, "\n%*s", (int)indent, "");
}

/* A tree of YAML as JSON; text: what is plain is text all the same. */
static void write_node(struct strbuf *out, const struct node *n, bool text)
{
    bool is;
    double v;
    if (n->kind != NODE_SCALAR) {
        bool map = n->kind == NODE_MAP;
        strbuf_add(out, map ? "{" : "[");
        for (size_t i = 0; i < n->n; i++) {
            strbuf_add(out, i ? ", " : "");
            if (map) {
                write_string(out, n->key[i]);
                strbuf_add(out, ": ");
            }
            write_node(out, n->item[i], false);
        }
        strbuf_add(out, map ? "}" : "]");
    } else if (node_is_null(n)) {
        strbuf_add(out, "null");
    } else if (!text && node_as_bool(n, &is)) {
        strbuf_add(out, is ? "true" : "false");
    } else if (!text && node_as_real(n, &v)) {
        strbuf_add_real(out, v);
    } else {
        write_string(out, n->text);
    }
}

/* , "default": ... */
static void write_default(struct strbuf *out, const struct param *p)
{
    if (!p->fallback || p->type == PARAM_SECTION)
        return;
    struct arena a;
    struct diags d;
    arena_init(&a);
    diags_init(&d, &a);
    struct source source = {.path = p->name, .text = p->fallback, .length = strlen(p->fallback)};
    const struct node *n = node_parse(&a, &source, &d);
    assert(n);
    strbuf_add(out, ", \"default\": ");
    if (n->kind == NODE_MAP && n->n == 0 && p->fallback[0] != '{') /* an empty document */
        strbuf_add(out, "null");
    else
        write_node(out, n,
                   p->type == PARAM_TEXT || p->type == PARAM_CHOICE || p->type == PARAM_KIND);
    arena_fini(&a);
}

/* ---- what is yet to be defined ---- */

/* All kinds of a registry as one definition. */
struct definition {
    const struct registry *registry;
    const struct param *more; /* further keys of each of its mappings, or NULL */
    const char *fallback;     /* whose keys a mapping without a name holds, or NULL */
    bool part;
};
enum { MAX_DEFINITIONS = 32 };

struct schema {
    size_t n;
    struct definition v[MAX_DEFINITIONS];
};

struct schema *schema_new(void)
{
    return mem_new(sizeof(struct schema));
}

void schema_free(struct schema *s)
{
    mem_free(s);
}

/* optimizer, optimizer-part, optimizer-with-scheduler */
static void write_name(struct strbuf *out, const struct definition *d)
{
    strbuf_add(out, d->registry->noun);
    if (d->more)
        strbuf_addf(out, "-with-%s", d->more->name);
    strbuf_add(out, d->part ? "-part" : "");
}

static void write_reference(struct schema *s, const struct param *p, bool part, struct strbuf *out)
{
    struct definition d = {.registry = p->registry, .more = p->table, .part = part};
    if (p->type == PARAM_KIND && p->fallback && registry_find(p->registry, p->fallback))
        d.fallback = p->fallback;
    size_t i = 0;
    while (i < s->n &&
           (s->v[i].registry != d.registry || s->v[i].more != d.more || s->v[i].part != d.part))
        i++;
    if (i == s->n) {
        assert(i < MAX_DEFINITIONS);
        s->v[s->n++] = d;
    }
    strbuf_add(out, "\"$ref\": \"#/$defs/");
    write_name(out, &d);
    strbuf_add(out, "\"");
}

/* ---- rows ---- */

static void write_range(struct strbuf *out, const struct param *p)
{
    const struct param_range *r = &p->range;
    bool whole = p->type == PARAM_INT || p->type == PARAM_INTS;
    if (isfinite(r->low)) {
        strbuf_add(out, r->low_open ? ", \"exclusiveMinimum\": " : ", \"minimum\": ");
        strbuf_add_real(out, r->low);
    }
    if (isfinite(r->high)) {
        strbuf_add(out, r->high_open ? ", \"exclusiveMaximum\": " : ", \"maximum\": ");
        strbuf_add_real(out, r->high);
    } else {
        strbuf_add(out, whole ? ", \"maximum\": 9223372036854775807"
                              : ", \"maximum\": 1.7976931348623157e308");
    }
}

static void write_enum(struct strbuf *out, const char *const *choices, bool null)
{
    strbuf_add(out, "\"enum\": [");
    for (size_t i = 0; choices[i]; i++) {
        strbuf_add(out, i ? ", " : "");
        write_string(out, choices[i]);
    }
    strbuf_add(out, null ? ", null]" : "]");
}

/* One entry of a list, or the bare value: a number or a choice. */
static void write_scalar(struct strbuf *out, const struct param *p, bool null)
{
    const char *type = NULL;
    if (p->type == PARAM_CHOICE || p->type == PARAM_CHOICES ||
        (p->type == PARAM_TEXT && p->choices)) {
        write_enum(out, param_offers(p), null);
        return;
    }
    if (p->type == PARAM_TEXT) {
        strbuf_addf(out, "\"type\": [\"string\", \"number\", \"boolean\"%s]",
                    null ? ", \"null\"" : "");
        return;
    }
    type = p->type == PARAM_BOOL                           ? "boolean"
           : p->type == PARAM_INT || p->type == PARAM_INTS ? "integer"
                                                           : "number";
    strbuf_addf(out, null ? "\"type\": [\"%s\", \"null\"]" : "\"type\": \"%s\"", type);
    if (p->type != PARAM_BOOL)
        write_range(out, p);
}

static void write_list(struct strbuf *out, const struct param *p)
{
    bool pair = p->type == PARAM_PAIR;
    strbuf_add(out, "\"anyOf\": [{");
    if (!pair) {
        write_scalar(out, p, false);
        strbuf_add(out, "}, {");
    }
    strbuf_add(out, "\"type\": \"array\", \"items\": {");
    write_scalar(out, p, false);
    strbuf_add(out, pair ? "}, \"minItems\": 2, \"maxItems\": 2}" : "}}");
    strbuf_add(out, p->nullable ? ", {\"type\": \"null\"}]" : "]");
}

/* One kind, or a list of them; in what is merged over another file, a list replaces and so is
 * whole. */
static void write_kinds(struct schema *s, const struct param *p, bool part, struct strbuf *out)
{
    strbuf_add(out, "\"anyOf\": [{");
    write_reference(s, p, part, out);
    strbuf_add(out, "}, {\"type\": \"array\", \"items\": {");
    write_reference(s, p, false, out);
    strbuf_add(out, p->nullable ? "}}, {\"type\": \"null\"}]" : "}}]");
}

static void write_object(struct schema *s, const struct param *table, bool part, const char *more,
                         unsigned indent, struct strbuf *out);

/* A mapping with a table; or its first key's value alone, where that is its name; or a list of such
 * mappings, an empty one only where null does not say that there are none. */
static void write_mapping(struct schema *s, const struct param *p, bool part, unsigned indent,
                          struct strbuf *out)
{
    bool null = p->type == PARAM_CUSTOM && p->nullable, bare = strcmp(p->table->name, "name") == 0;
    if (!null && !bare && !p->listable) {
        write_object(s, p->table, part, "", indent, out);
        return;
    }
    strbuf_add(out, "\"anyOf\": [{");
    write_object(s, p->table, part, "", indent + 2, out);
    if (p->listable) {
        strbuf_addf(out, "}, {\"type\": \"array\", %s\"items\": {",
                    null ? "\"minItems\": 1, " : "");
        write_object(s, p->table, false, "", indent + 2, out);
        strbuf_add(out, "}");
    }
    if (bare) {
        strbuf_add(out, "}, {");
        write_scalar(out, p->table, false);
    }
    strbuf_add(out, null ? "}, {\"type\": \"null\"}]" : "}]");
}

static void write_custom(struct schema *s, const struct param *p, bool part, unsigned indent,
                         struct strbuf *out)
{
    if (p->registry) {
        write_kinds(s, p, part, out);
    } else if (p->table) {
        write_mapping(s, p, part, indent, out);
    } else if (p->choices) { /* a mapping with these keys */
        strbuf_addf(out, "\"type\": %s, \"properties\": {",
                    p->nullable ? "[\"object\", \"null\"]" : "\"object\"");
        for (size_t i = 0; p->choices[i]; i++)
            strbuf_addf(out, "%s\"%s\": {%s}", i ? ", " : "", p->choices[i], p->json);
        strbuf_add(out, "}, \"additionalProperties\": false");
    } else if (p->json) {
        strbuf_add(out, p->json);
    }
}

/* The members of a row's schema; nothing where anything goes. */
static void write_value_schema(struct schema *s, const struct param *p, bool part, unsigned indent,
                               struct strbuf *out)
{
    switch (p->type) {
    case PARAM_BOOL:
    case PARAM_INT:
    case PARAM_REAL:
    case PARAM_CHOICE:
        write_scalar(out, p, p->nullable);
        break;
    case PARAM_TEXT:
        write_scalar(out, p, p->nullable);
        strbuf_add(out, p->json ? ", " : "");
        strbuf_add(out, p->json ? p->json : "");
        break;
    case PARAM_CHOICES:
    case PARAM_REALS:
    case PARAM_INTS:
    case PARAM_PAIR:
        write_list(out, p);
        break;
    case PARAM_KIND:
        strbuf_add(out, p->nullable ? "\"anyOf\": [{" : "");
        write_reference(s, p, part, out);
        strbuf_add(out, p->nullable ? "}, {\"type\": \"null\"}]" : "");
        break;
    case PARAM_KINDS:
        write_kinds(s, p, part, out);
        break;
    case PARAM_SECTION:
        write_mapping(s, p, part, indent, out);
        break;
    case PARAM_CUSTOM:
        write_custom(s, p, part, indent, out);
        break;
    }
}

/* "lr": {"description": ..., "default": ..., ...} */
static void write_row(struct schema *s, const struct param *p, bool part, unsigned indent,
                      struct strbuf *out)
{
    new_line(out, indent);
    strbuf_addf(out, "\"%s\": {\"description\": ", p->name);
    struct strbuf text;
    strbuf_init(&text);
    strbuf_addf(&text, "%s%s%s", p->help, p->unit ? ", in " : "", p->unit ? p->unit : "");
    write_string(out, text.text);
    write_default(out, p);
    strbuf_clear(&text);
    write_value_schema(s, p, part, indent, &text);
    strbuf_addf(out, "%s%s},", text.length ? ", " : "", text.text);
    strbuf_fini(&text);
}

/* ---- mappings ---- */

static bool is_required(const struct param *p)
{
    return !p->fallback && p->type != PARAM_SECTION;
}

/* The rows of a table but those that `own` replaces. */
static void write_rows(struct schema *s, const struct param *table, const struct param *own,
                       bool part, unsigned indent, struct strbuf *out)
{
    for (const struct param *p = table; p && p->name; p++)
        if (!param_in(own, p->name))
            write_row(s, p, part, indent, out);
}

/* The end of a list: its last comma goes. */
static void end_list(struct strbuf *out, char bracket, unsigned indent)
{
    if (out->text[out->length - 1] == ',')
        out->text[--out->length] = '\0';
    new_line(out, indent);
    strbuf_add_char(out, bracket);
}

/* "required": [...], where anything is; first: a name besides the table's, or NULL. */
static void write_required(const struct param *own, const struct param *common, const char *first,
                           struct strbuf *out)
{
    size_t n = 0;
    if (first)
        strbuf_addf(out, "%s\"%s\"", n++ ? ", " : ", \"required\": [", first);
    const struct param *tables[] = {own, common};
    for (int t = 0; t < 2; t++)
        for (const struct param *p = tables[t]; p && p->name; p++)
            if (is_required(p) && !(t == 1 && param_in(own, p->name)))
                strbuf_addf(out, "%s\"%s\"", n++ ? ", " : ", \"required\": [", p->name);
    strbuf_add(out, n ? "]" : "");
}

static void write_object(struct schema *s, const struct param *table, bool part, const char *more,
                         unsigned indent, struct strbuf *out)
{
    strbuf_add(out, "\"type\": \"object\", \"properties\": {");
    if (more[0]) {
        new_line(out, indent + 2);
        strbuf_add(out, more);
    }
    write_rows(s, table, NULL, part, indent + 2, out);
    end_list(out, '}', indent);
    strbuf_add(out, ", \"additionalProperties\": false");
    if (!part)
        write_required(table, NULL, NULL, out);
}

enum { INDENT = 4 }; /* of the members of `$defs` */

void schema_write_table(struct schema *s, const struct param *table, bool part, const char *more,
                        struct strbuf *out)
{
    strbuf_add(out, "{");
    write_object(s, table, part, more, INDENT, out);
    strbuf_add(out, "}");
}

/* ---- kinds ---- */

/* Whether all its keys have defaults, so that its name alone will do. */
static bool name_will_do(const struct registry *r, const struct kind *k)
{
    struct strbuf b;
    strbuf_init(&b);
    write_required(k->params, r->common, NULL, &b);
    bool will = b.length == 0;
    strbuf_fini(&b);
    return will;
}

static void write_names(const struct definition *d, unsigned indent, struct strbuf *out)
{
    size_t n = 0;
    new_line(out, indent);
    strbuf_add(out, "{\"enum\": [");
    for (size_t i = 0; d->registry->kinds[i]; i++)
        if (d->part || name_will_do(d->registry, d->registry->kinds[i]))
            strbuf_addf(out, "%s\"%s\"", n++ ? ", " : "", d->registry->kinds[i]->name);
    strbuf_add(out, "]},");
}

static void write_described(const struct kind *k, struct strbuf *out)
{
    struct strbuf text;
    strbuf_init(&text);
    strbuf_addf(&text, "%s%s%s", k->title ? k->title : k->name, k->source ? ". " : "",
                k->source ? k->source : "");
    strbuf_add(out, "\"description\": ");
    write_string(out, text.text);
    strbuf_fini(&text);
}

/* {name: adam, lr: 0.1} */
static void write_by_name(struct schema *s, const struct definition *d, const struct kind *k,
                          unsigned indent, struct strbuf *out)
{
    bool nameless = d->fallback && strcmp(d->fallback, k->name) == 0;
    strbuf_add(out, "{");
    write_described(k, out);
    strbuf_add(out, ", \"type\": \"object\", \"properties\": {");
    new_line(out, indent + 2);
    strbuf_addf(out, "\"name\": {\"const\": \"%s\"},", k->name);
    write_rows(s, k->params, NULL, d->part, indent + 2, out);
    write_rows(s, d->registry->common, k->params, d->part, indent + 2, out);
    write_rows(s, d->more, NULL, d->part, indent + 2, out);
    end_list(out, '}', indent);
    strbuf_add(out, ", \"additionalProperties\": false");
    if (!d->part)
        write_required(k->params, d->registry->common, nameless ? NULL : "name", out);
    strbuf_add(out, "}");
}

/* {linear: {out: 75}}, {linear: 75} */
static void write_by_key(struct schema *s, const struct definition *d, const struct kind *k,
                         unsigned indent, struct strbuf *out)
{
    strbuf_add(out, "{");
    write_described(k, out);
    strbuf_addf(out, ", \"type\": \"object\", \"properties\": {\"%s\": {\"anyOf\": [{", k->name);
    const struct param none[] = {P_END};
    if (k->params && k->params->name) {
        write_object(s, k->params, false, "", indent, out);
        strbuf_add(out, "}, {");
        write_value_schema(s, k->params, false, indent, out);
    } else {
        write_object(s, none, false, "", indent, out);
    }
    strbuf_add(out, name_will_do(d->registry, k) ? "}, {\"type\": \"null\"}]}}" : "}]}}");
    strbuf_addf(out, ", \"additionalProperties\": false, \"required\": [\"%s\"]}", k->name);
}

static void write_definition(struct schema *s, const struct definition *d, unsigned indent,
                             struct strbuf *out)
{
    new_line(out, indent);
    strbuf_add(out, "\"");
    write_name(out, d);
    strbuf_add(out, "\": {\"anyOf\": [");
    write_names(d, indent + 2, out);
    for (size_t i = 0; d->registry->kinds[i]; i++) {
        new_line(out, indent + 2);
        (d->registry->form == KIND_AS_KEY ? write_by_key : write_by_name)(
            s, d, d->registry->kinds[i], indent + 2, out);
        strbuf_add(out, ",");
    }
    end_list(out, ']', indent);
    strbuf_add(out, "},");
}

void schema_write_definitions(struct schema *s, struct strbuf *out)
{
    for (size_t i = 0; i < s->n; i++) {
        struct definition d = s->v[i];
        write_definition(s, &d, INDENT, out);
    }
    if (s->n > 0)
        out->text[--out->length] = '\0'; /* the last comma */
}
