/* Structs back to YAML that binds to the same struct. */
#include "config/param.h"
#include <ctype.h>
#include <string.h>

/* ---- text ---- */

/* Plain is safe for a word of letters, digits and - _ . / + (inside), that reads back as text. */
static bool plain_is_safe(const char *s)
{
    struct node n = {.kind = NODE_SCALAR, .text = s};
    bool b;
    double v;
    if (node_is_null(&n) || node_as_bool(&n, &b) || node_as_real(&n, &v))
        return false;
    if (!isalnum((unsigned char)s[0]) && s[0] != '/' && s[0] != '_')
        return false;
    for (; *s; s++)
        if (!isalnum((unsigned char)*s) && !strchr("-_./+", *s))
            return false;
    return true;
}

/* The code of the UTF-8 sequence at s, and its length. */
static uint32_t code_at(const unsigned char *s, size_t *ret_length)
{
    size_t n = s[0] < 0xC0 ? 1 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4, i = 1;
    uint32_t code = n == 1 ? s[0] : s[0] & (0x7Fu >> n);
    for (; i < n && (s[i] & 0xC0) == 0x80; i++) /* a file's name need not be UTF-8 */
        code = code << 6 | (s[i] & 0x3Fu);
    *ret_length = i;
    return code;
}

/* What a reader refuses or folds: controls, the line ends of Unicode, the byte order mark,
 * non-characters (YAML 1.2, sections 5.1 and 5.4). */
static bool needs_escape(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
           code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
}

void write_text(struct strbuf *out, const char *text)
{
    if (plain_is_safe(text)) {
        strbuf_add(out, text);
        return;
    }
    strbuf_add_char(out, '"');
    size_t n;
    for (const unsigned char *s = (const unsigned char *)text; *s; s += n) {
        uint32_t code = code_at(s, &n);
        if (code == '"' || code == '\\')
            strbuf_addf(out, "\\%c", (char)code);
        else if (code == '\n')
            strbuf_add(out, "\\n");
        else if (needs_escape(code))
            strbuf_addf(out, code < 0x100 ? "\\x%02X" : "\\u%04X", (unsigned)code);
        else
            strbuf_add_bytes(out, s, n);
    }
    strbuf_add_char(out, '"');
}

/* ---- values ---- */

static void write_int(struct strbuf *out, int64_t v)
{
    if (v == PARAM_NULL_INT)
        strbuf_add(out, "null");
    else
        strbuf_addf(out, "%lld", (long long)v);
}

static void write_real(struct strbuf *out, double v)
{
    if (isnan(v))
        strbuf_add(out, "null");
    else
        strbuf_add_real(out, v);
}

static void write_reals(struct strbuf *out, const double *v, size_t n)
{
    strbuf_add(out, "[");
    for (size_t i = 0; i < n; i++) {
        strbuf_add(out, i ? ", " : "");
        strbuf_add_real(out, v[i]);
    }
    strbuf_add(out, "]");
}

static void write_ints(struct strbuf *out, const struct ints *x)
{
    strbuf_add(out, "[");
    for (size_t i = 0; i < x->n; i++)
        strbuf_addf(out, "%s%lld", i ? ", " : "", (long long)x->v[i]);
    strbuf_add(out, "]");
}

static void write_choices(struct strbuf *out, const struct param *p, uint32_t mask)
{
    strbuf_add(out, "[");
    const char *comma = "";
    for (size_t i = 0; p->choices[i]; i++)
        if (mask >> i & 1) {
            strbuf_addf(out, "%s%s", comma, p->choices[i]);
            comma = ", ";
        }
    strbuf_add(out, "]");
}

/* Whether a common row is replaced by the kind's own of the same name. */
static bool replaced(const struct kind *k, const struct param *row)
{
    for (const struct param *p = k->params; p && p->name; p++)
        if (strcmp(p->name, row->name) == 0)
            return true;
    return false;
}

/* "key: value, key: value" of a chosen kind. */
static size_t write_keys(struct strbuf *out, const struct registry *r, const struct chosen *c,
                         const char *first)
{
    size_t n = 0;
    const struct param *tables[] = {c->kind->params, r->common};
    for (int t = 0; t < 2; t++)
        for (const struct param *p = tables[t]; p && p->name; p++) {
            if (t == 1 && replaced(c->kind, p))
                continue;
            strbuf_addf(out, "%s%s: ", n++ ? ", " : first, p->name);
            write_value(out, p, (const char *)c->options + p->offset);
        }
    return n;
}

static void write_kind(struct strbuf *out, const struct param *p, const struct chosen *c)
{
    bool as_key = p->form == KIND_AS_KEY || p->registry->form == KIND_AS_KEY;
    size_t start = out->length;
    if (!c->kind) {
        strbuf_add(out, "null");
        return;
    }
    strbuf_addf(out, as_key ? "{%s: " : "{name: %s", c->kind->name);
    if (write_keys(out, p->registry, c, as_key ? "{" : ", ") > 0) {
        strbuf_add(out, as_key ? "}}" : "}");
        return;
    }
    out->length = start; /* no keys: the bare name */
    out->text[start] = '\0';
    strbuf_add(out, c->kind->name);
}

static void write_kinds(struct strbuf *out, const struct param *p, const struct chosen_list *list)
{
    if (list->n == 0 && p->nullable) {
        strbuf_add(out, "null");
        return;
    }
    strbuf_add(out, "[");
    for (size_t i = 0; i < list->n; i++) {
        strbuf_add(out, i ? ", " : "");
        write_kind(out, p, &list->v[i]);
    }
    strbuf_add(out, "]");
}

static void write_section(struct strbuf *out, const struct param *table, const void *object)
{
    strbuf_add(out, "{");
    for (const struct param *p = table; p->name; p++) {
        strbuf_addf(out, "%s%s: ", p == table ? "" : ", ", p->name);
        write_value(out, p, (const char *)object + p->offset);
    }
    strbuf_add(out, "}");
}

void write_value(struct strbuf *out, const struct param *p, const void *field)
{
    switch (p->type) {
    case PARAM_BOOL:
        strbuf_add(out, *(const bool *)field ? "true" : "false");
        break;
    case PARAM_INT:
        write_int(out, *(const int64_t *)field);
        break;
    case PARAM_REAL:
        write_real(out, *(const double *)field);
        break;
    case PARAM_TEXT:
        if (*(const char *const *)field)
            write_text(out, *(const char *const *)field);
        else
            strbuf_add(out, "null");
        break;
    case PARAM_CHOICE:
        write_text(out, p->choices[*(const int *)field]);
        break;
    case PARAM_CHOICES:
        write_choices(out, p, *(const uint32_t *)field);
        break;
    case PARAM_REALS:
        write_reals(out, ((const struct reals *)field)->v, ((const struct reals *)field)->n);
        break;
    case PARAM_INTS:
        write_ints(out, field);
        break;
    case PARAM_PAIR:
        write_reals(out, field, 2);
        break;
    case PARAM_KIND:
        write_kind(out, p, field);
        break;
    case PARAM_KINDS:
        write_kinds(out, p, field);
        break;
    case PARAM_SECTION:
        write_section(out, p->table, field);
        break;
    case PARAM_CUSTOM:
        p->write(field, out);
        break;
    }
}

/* ---- block form ---- */

static void indent_by(struct strbuf *out, unsigned indent)
{
    for (unsigned i = 0; i < indent; i++)
        strbuf_add_char(out, ' ');
}

static void write_kind_block(struct strbuf *out, const struct param *p, const struct chosen *c,
                             unsigned indent)
{
    strbuf_addf(out, "%s:\n", p->name);
    indent_by(out, indent + 2);
    strbuf_addf(out, "name: %s\n", c->kind->name);
    const struct param *tables[] = {c->kind->params, p->registry->common};
    for (int t = 0; t < 2; t++)
        for (const struct param *row = tables[t]; row && row->name; row++) {
            if (t == 1 && replaced(c->kind, row))
                continue;
            indent_by(out, indent + 2);
            strbuf_addf(out, "%s: ", row->name);
            write_value(out, row, (const char *)c->options + row->offset);
            strbuf_add(out, "\n");
        }
}

void write_table(struct strbuf *out, const struct param *table, const void *object, unsigned indent)
{
    for (const struct param *p = table; p->name; p++) {
        const void *field = (const char *)object + p->offset;
        indent_by(out, indent);
        if (p->type == PARAM_SECTION) {
            strbuf_addf(out, "%s:\n", p->name);
            write_table(out, p->table, field, indent + 2);
        } else if (p->type == PARAM_KIND && p->registry->form == KIND_AS_NAME &&
                   ((const struct chosen *)field)->kind) {
            write_kind_block(out, p, field, indent);
        } else {
            strbuf_addf(out, "%s: ", p->name);
            write_value(out, p, field);
            strbuf_add(out, "\n");
        }
    }
}
