/* Specs within a page. */
#include "spec/spec.h"
#include "report/html.h"
#include "util/text.h"
#include <string.h>

/* ---- YAML ---- */

/* The length of the token at s: a quoted scalar, a plain one up to what ends it, or one character
 * between them. */
static size_t token(const char *s, size_t n)
{
    size_t i = 1;
    if (*s == '"' || *s == '\'') {
        while (i < n && s[i] != *s)
            i += *s == '"' && s[i] == '\\' && i + 1 < n ? 2 : 1;
        return i < n ? i + 1 : n;
    }
    if (strchr(" {}[],:", *s))
        return 1;
    while (i < n && !strchr("{}[],", s[i]) && !(s[i] == ':' && (i + 1 == n || s[i + 1] == ' ')))
        i++;
    return i;
}

static void add_span(struct page *p, const char *open, const char *s, size_t n)
{
    char *text = arena_strndup(p->a, s, n);
    html_add(p, open);
    html_text(p, text);
    html_add(p, *open ? "</span>" : "");
}

static void add_line(struct page *p, const char *s, size_t n)
{
    if (n > 0 && s[0] == '#') {
        add_span(p, "", s, n);
        return;
    }
    while (n > 0) {
        size_t length = token(s, n);
        bool lone = length == 1 && strchr(" {}[],:-", *s), key = length < n && s[length] == ':';
        add_span(p, lone ? "" : key ? "<span class=\"k\">" : "<span class=\"v\">", s, length);
        s += length;
        n -= length;
    }
}

void html_yaml(struct page *p, const char *text, const bool *marked)
{
    size_t i = 0;
    html_add(p, "<pre class=\"yaml\"><code>");
    for (const char *line = text; *line; i++) {
        size_t n = strcspn(line, "\n"), indent = strspn(line, " ");
        bool mark = marked && marked[i];
        add_span(p, "", line, indent);
        html_add(p, mark ? "<mark>" : "");
        add_line(p, line + indent, n - indent);
        html_add(p, mark ? "</mark>\n" : "\n");
        line += n + (line[n] == '\n');
    }
    html_add(p, "</code></pre>\n");
}

/* ---- what differs from the defaults ---- */

/* A resolved spec has a line for every value: its section and key, and the value as it is
 * written. */
struct setting {
    const char *key, *value;
    size_t line;
};
struct settings {
    size_t n;
    struct setting *v;
};

static struct settings settings_of(struct arena *a, const char *text)
{
    struct settings s = {0};
    size_t lines = 1, i = 0;
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    s.v = arena_alloc(a, lines * sizeof *s.v);
    const char *section = "";
    for (const char *line = text; *line; i++) {
        size_t n = strcspn(line, "\n"), indent = strspn(line, " "),
               key = strcspn(line + indent, ":\n");
        const char *name = arena_strndup(a, line + indent, key), *value = line + indent + key;
        value += *value == ':';
        value += *value == ' ';
        const char *path = indent == 0 ? name : arena_printf(a, "%s.%s", section, name);
        if (value >= line + n)
            section = name;
        else
            s.v[s.n++] =
                (struct setting){path, arena_strndup(a, value, (size_t)(line + n - value)), i};
        line += n + (line[n] == '\n');
    }
    return s;
}

static const char *setting_find(const struct settings *s, const char *key)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->v[i].key, key) == 0)
            return s->v[i].value;
    return NULL;
}

/* What a spec resolves to that says no more than this; nothing where it says too little. */
static struct settings resolve(struct arena *a, const char *text)
{
    struct settings s = {0};
    struct strbuf b;
    struct diags d;
    struct spec spec;
    diags_init(&d, a);
    if (!spec_parse(a, &(struct spec_text){.name = "defaults", .text = text}, &d, &spec))
        return s;
    strbuf_init(&b);
    spec_write(&spec, &b);
    s = settings_of(a, b.text);
    strbuf_fini(&b);
    return s;
}

static const char *with_name(struct arena *a, const struct settings *s, const char *section)
{
    const char *name = setting_find(s, arena_printf(a, "%s.name", section));
    return name ? arena_printf(a, "%s: {name: %s}\n", section, name) : "";
}

/* The defaults of the same optimizer, model and data; of a model that has none, those of the
 * others. */
static struct settings defaults_of(struct arena *a, const struct settings *s)
{
    const char *optimizer = with_name(a, s, "optimizer"), *dataset = with_name(a, s, "dataset");
    struct settings d = resolve(
        a, arena_printf(a, "name: x\n%s%s%s", optimizer, dataset, with_name(a, s, "model")));
    return d.n > 0 ? d : resolve(a, arena_printf(a, "name: x\n%s%s", optimizer, dataset));
}

static bool is_title(const char *key)
{
    return strcmp(key, "name") == 0 || strcmp(key, "description") == 0;
}

/* A section's name against what it is where nobody names one; its other keys against those of that
 * name. */
static bool differs(const struct setting *v, const struct settings *least,
                    const struct settings *same, const char **ret_default)
{
    *ret_default = setting_find(text_ends(v->key, ".name") ? least : same, v->key);
    if (strcmp(v->key, "optimizer.name") == 0)
        *ret_default = NULL; /* it has no default */
    return !is_title(v->key) && (!*ret_default || strcmp(*ret_default, v->value) != 0);
}

/* Whether anything could be compared. */
static bool add_differences(struct page *p, const char *text, bool **ret_marked)
{
    struct settings s = settings_of(p->a, text), same = defaults_of(p->a, &s),
                    least = resolve(
                        p->a, arena_printf(p->a, "name: x\n%s", with_name(p->a, &s, "optimizer")));
    if (same.n == 0 || least.n == 0)
        return false;
    size_t lines = s.n > 0 ? s.v[s.n - 1].line + 1 : 0, n = 0;
    bool *marked = arena_alloc(p->a, lines + strlen(text) + 1);
    const char **cell = arena_alloc(p->a, 3 * (s.n + 1) * sizeof *cell), *value;
    for (size_t i = 0; i < s.n; i++) {
        if (!differs(&s.v[i], &least, &same, &value))
            continue;
        marked[s.v[i].line] = true;
        cell[3 * n] = s.v[i].key;
        cell[3 * n + 1] = s.v[i].value;
        cell[3 * n++ + 2] = value ? value : "–";
    }
    const struct table_column column[] = {
        {"key", true, true, false}, {"value", true, false, false}, {"default", true, false, false}};
    const struct table t = {.columns = 3, .rows = n, .column = column, .cell = cell};
    html_table(p, "spec", &t, "What is not as the defaults have it",
               (struct html_rows){0, n, NULL});
    *ret_marked = marked;
    return true;
}

/* What the names in it stand for. */
static void add_kind(struct page *p, const char *what, const struct chosen *c)
{
    const char *source = c->kind->source;
    html_fact(p, what,
              source ? arena_printf(p->a, "%s (%s)", c->kind->title, source) : c->kind->title);
}

static void add_kinds(struct page *p, const struct spec *s)
{
    html_facts_begin(p, NULL);
    add_kind(p, "optimizer", &s->optimizer);
    for (size_t i = 0; i < s->scheduler.n; i++)
        add_kind(p, "schedule", &s->scheduler.v[i]);
    if (s->average.kind)
        add_kind(p, "average", &s->average);
    html_facts_end(p);
}

void html_spec(struct page *p, const struct spec *s, const char *text)
{
    bool *marked = NULL;
    if (s)
        add_kinds(p, s);
    bool compared = s && add_differences(p, text, &marked);
    html_add(p, "<details><summary>The resolved spec, every value written out</summary>\n");
    if (compared)
        html_element(p, "p class=\"soft\"", "Marked: what is not as the defaults have it.");
    html_yaml(p, text, marked);
    html_add(p, "</details>\n");
}
