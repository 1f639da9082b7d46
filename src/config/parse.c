/* YAML text to a tree, by libyaml's events. What the language allows and a spec does not need is
 * refused. */
#include "config/brackets.h"
#include "config/diag.h"
#include "config/node.h"
#include "util/text.h"
#include <string.h>
#include <yaml.h>

enum { MAX_DEPTH = 32 };

struct parse {
    struct arena *arena;
    const struct source *source;
    struct diags *diags;
    bool failed; /* something is wrong that does not end the reading */
    bool mended; /* a text that was made: nothing is proposed for it */
    struct place
        *tab; /* where a line's first word has a tab before it, and not as part of a text */
    size_t tabs;
    yaml_parser_t yaml;
};

static struct place place_at(const struct parse *p, yaml_mark_t start, yaml_mark_t end)
{
    struct place at = {.source = p->source,
                       .line = (unsigned)start.line + 1,
                       .column = (unsigned)start.column + 1};
    at.width = end.line == start.line && end.column > start.column
                   ? (unsigned)(end.column - start.column)
                   : 1;
    return at;
}

/* ---- what is wrong with the bytes themselves ---- */

/* What YAML does not allow to stand in a text as it is, but for NUL. */
static bool is_control(const unsigned char *s, size_t n)
{
    if (n == 2)
        return s[0] == 0xC2 && s[1] < 0xA0 && s[1] != 0x85;
    return n == 1 && ((*s < 0x20 && *s != '\t' && *s != '\n' && *s != '\r') || *s == 0x7F);
}

/* ---- tabs as indentation ---- */

enum { MAX_TABS = 1000 }; /* what libyaml makes of those after them will do */

/* Notes the tab at s if it stands before a line's first word. */
static void note_tab(struct parse *p, const unsigned char *s, const unsigned char *end,
                     struct place at)
{
    while (s < end && (*s == ' ' || *s == '\t' || *s == '\r'))
        s++;
    if (s == end || *s == '\n' || *s == '#' || p->tabs == MAX_TABS)
        return;
    if (!p->tab)
        p->tab = arena_alloc(p->arena, MAX_TABS * sizeof *p->tab);
    p->tab[p->tabs++] = at;
}

/* Tabs in a text in quotes or of a block are the text's. */
static void forgive_tabs(struct parse *p, const yaml_event_t *scalar)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->tabs; i++) {
        size_t line = p->tab[i].line - 1, column = p->tab[i].column - 1;
        bool within = line > scalar->start_mark.line &&
                      (line < scalar->end_mark.line ||
                       (line == scalar->end_mark.line && column < scalar->end_mark.column));
        if (!within)
            p->tab[kept++] = p->tab[i];
    }
    p->tabs = kept;
}

/* Whether there is one in this line, or 0: in any. */
static bool refuse_tab(struct parse *p, size_t line)
{
    for (size_t i = 0; i < p->tabs; i++)
        if (line == 0 || p->tab[i].line == line) {
            diags_add(p->diags, p->tab[i], "use spaces", "a tab cannot indent in YAML");
            return true;
        }
    return false;
}

/* What ends a line for libyaml and not for what quotes lines. */
static const struct line_end {
    const char *bytes, *name, *escape;
} line_ends[] = {
    {"\r", "a carriage return without a line feed", "\\r"},
    {"\xC2\x85", "U+0085, a line end of Unicode,", "\\x85"},
    {"\xE2\x80\xA8", "U+2028, a line end of Unicode,", "\\u2028"},
    {"\xE2\x80\xA9", "U+2029, a line end of Unicode,", "\\u2029"},
};

/* The one that stands at s, where n bytes are left, or NULL. A CR before an LF, or as the last byte,
 * makes no line of its own. */
static const struct line_end *line_end_at(const char *s, size_t n)
{
    if (*s == '\r' && (n == 1 || s[1] == '\n'))
        return NULL;
    for (size_t i = 0; i < sizeof line_ends / sizeof line_ends[0]; i++) {
        size_t length = strlen(line_ends[i].bytes);
        if (length <= n && memcmp(s, line_ends[i].bytes, length) == 0)
            return &line_ends[i];
    }
    return NULL;
}

static bool refuse_line_end(struct parse *p, struct place at, const struct line_end *e)
{
    const char *way = arena_printf(
        p->arena, "end the line with a line feed, or write \"%s\", in double quotes", e->escape);
    return diags_add(p->diags, at, way, "%s has no place in a spec", e->name);
}

/* Valid UTF-8, no NUL or other control character, and in YAML no line end but LF and CR LF; tabs in
 * front of a line's first word are noted. */
static bool bytes_are_sound(struct parse *p, bool is_yaml)
{
    const unsigned char *s = (const unsigned char *)p->source->text, *end = s + p->source->length;
    struct place at = {.source = p->source, .line = 1, .column = 1, .width = 1};
    bool indent = true;
    if (p->source->length >= 2 &&
        ((s[0] == 0xFF && s[1] == 0xFE) || (s[0] == 0xFE && s[1] == 0xFF)))
        return diags_add(p->diags, at, "save it as UTF-8", "this file is UTF-16");
    for (size_t n; s < end; s += n) {
        n = text_utf8((const char *)s, (size_t)(end - s));
        if (n == 0)
            return diags_add(p->diags, at, NULL, "this is not valid UTF-8 (byte 0x%02X)", *s);
        if (*s == '\0')
            return diags_add(p->diags, at, NULL, "a NUL byte has no place in a spec");
        if (is_control(s, n))
            return diags_add(p->diags, at, NULL, "control characters are not allowed");
        const struct line_end *other =
            is_yaml ? line_end_at((const char *)s, (size_t)(end - s)) : NULL;
        if (other)
            return refuse_line_end(p, at, other);
        if (*s == '\n') {
            at.line++;
            at.column = 1;
            indent = true;
            continue;
        }
        if (indent && *s == '\t')
            note_tab(p, s, end, at);
        indent = indent && (*s == ' ' || *s == '\r');
        at.column++;
    }
    return true;
}

/* Where a line begins, which counts from 0, or NULL. */
static const char *line_at(const struct parse *p, size_t number)
{
    const char *s = p->source->text;
    for (size_t line = 0; s && line < number; line++)
        if ((s = strchr(s, '\n')) != NULL)
            s++;
    return s;
}

/* Whether nothing but spaces stands before it. */
static bool begins_line(const struct parse *p, yaml_mark_t at)
{
    const char *s = line_at(p, at.line);
    return s && strspn(s, " ") == at.column;
}

/* Whether a colon and a space stand before it in its line. */
static bool follows_a_colon(const struct parse *p, yaml_mark_t at)
{
    const char *s = line_at(p, at.line);
    const char *colon = s ? strstr(s, ": ") : NULL;
    return colon && (size_t)(colon - s) < at.column;
}

/* A line that YAML took for the value of the one above: that has no space behind its colon, or a
 * value already. */
static bool explain_line_above(struct parse *p, yaml_mark_t problem, struct place at)
{
    const char *above = problem.line > 0 ? line_at(p, problem.line - 1) : NULL,
               *line = line_at(p, problem.line);
    if (!above || !line)
        return false;
    size_t indent = strspn(above, " "), length = strcspn(above + indent, "\r\n"),
           here = strspn(line, " ");
    const char *text = arena_strndup(p->arena, above + indent, length);
    size_t key = strspn(text, "abcdefghijklmnopqrstuvwxyz_"), value = key + 2;
    if (key == 0 || text[key] != ':' || !text[key + 1])
        return false;
    if (text[key + 1] != ' ') {
        at.line = (unsigned)problem.line;
        at.column = (unsigned)indent + 1;
        at.width = (unsigned)length;
        return !diags_add(p->diags, at,
                          arena_printf(p->arena, "a space follows the colon: '%.*s: %s'", (int)key,
                                       text, text + key + 1),
                          "this is no 'key: value'");
    }
    value += strspn(text + value, " ");
    const char *name = arena_strndup(p->arena, text, key);
    if (here <= indent || !node_is_named(name) || strpbrk(text + value, " {[\"'#") || !text[value])
        return false;
    return !diags_add(p->diags, at,
                      arena_printf(p->arena, "did you mean '%s: {name: %s, %.*s}'?", name,
                                   text + value, (int)strcspn(line + here, "\r\n"), line + here),
                      "'%s' has a value already", name);
}

/* "optimizer: sgd, lr: 0.1" and "optimizer: name: sgd": keys of a kind in its own line. */
static const char *hint_on_keys_in_line(const struct parse *p, yaml_mark_t at)
{
    static const char text[] = "a text with a colon in it stands in quotes";
    const char *line = line_at(p, at.line);
    line += strspn(line, " ");
    size_t key = strcspn(line, ":"), length = strcspn(line, "\r\n");
    const char *name = arena_strndup(p->arena, line, key);
    bool is_text = strcmp(name, "name") == 0 || strcmp(name, "description") == 0;
    if (is_text || line[key] != ':' || key + 2 >= length)
        return text;
    const char *value = arena_strndup(p->arena, line + key + 2, length - key - 2);
    value += strspn(value, " ");
    size_t word = strcspn(value, " ,:"), rest = word + strspn(value + word, " ,");
    size_t commas = 0, colons = 0;
    for (const char *c = value; *c; c++) {
        commas += *c == ',';
        colons += *c == ':';
    }
    if (strpbrk(value, "{}[]\"'#") || word == 0 || colons > commas + 1 || !value[rest] ||
        (value[word] != ':' && !node_is_named(name)))
        return text;
    return value[word] == ':' ? arena_printf(p->arena, "did you mean '%s: {%s}'?", name, value)
                              : arena_printf(p->arena, "did you mean '%s: {name: %.*s, %s}'?", name,
                                             (int)word, value, value + rest);
}

static const char begins_so[] = "a text that begins so stands in quotes";

/* A bracket that closes nothing, and a sign that no text begins with. */
static bool explain_sign(struct parse *p, const char *problem, struct place at)
{
    const char *line = line_at(p, at.line - 1);
    size_t before = p->yaml.problem_mark.column;
    for (; line && *line && before > 0; before--) /* in characters */
        for (line++; ((unsigned char)*line & 0xC0) == 0x80;)
            line++;
    char c = line ? *line : '\0';
    if (strcmp(problem, "found character that cannot start any token") == 0)
        return !diags_add(p->diags, at, begins_so, "no value begins with '%c'", c);
    bool extra = strcmp(problem, "did not find expected key") == 0 ||
                 strcmp(problem, "did not find expected <document start>") == 0;
    if (extra && (c == '}' || c == ']'))
        return !diags_add(p->diags, at, "take it away, or open it before",
                          "this '%c' closes nothing", c);
    return false;
}

/* A Windows path in double quotes. */
static bool explain_escape(struct parse *p, struct place began, struct place at)
{
    const char *text = place_byte(&began);
    size_t n = text ? strcspn(text + 1, "\"'\r\n") : 0;
    const char *hint = n > 0 && text[1 + n] == '"'
                           ? arena_printf(p->arena, "in single quotes: '%.*s'", (int)n, text + 1)
                           : "in single quotes a backslash is one";
    return diags_add(p->diags, at, hint, "a backslash in double quotes begins an escape");
}

/* "optimizer = adam", as it would be. */
static const char *hint_on_equals(const struct parse *p, const struct place *began)
{
    const char *key = place_byte(began);
    size_t n = key ? strspn(key, "abcdefghijklmnopqrstuvwxyz_") : 0;
    const char *sign = n > 0 ? key + n + strspn(key + n, " ") : NULL;
    if (!sign || *sign != '=')
        return "a key ends with a colon and a space, as in 'lr: 0.1'";
    const char *value = sign + 1 + strspn(sign + 1, " ");
    return arena_printf(p->arena, "did you mean '%.*s: %.*s'?", (int)n, key,
                        (int)strcspn(value, "\r\n#"), value);
}

static struct node *parse_mended(struct arena *a, const struct source *source, struct diags *d);

/* What libyaml sees at a later place, said where it begins. */
static bool explain_error(struct parse *p)
{
    const yaml_parser_t *y = &p->yaml;
    static const char column[] = "the keys of a section begin in one column, 'name' among them";
    const char *context = y->context ? y->context : "", *problem = y->problem ? y->problem : "";
    struct place began = place_at(p, y->context_mark, y->context_mark),
                 at = place_at(p, y->problem_mark, y->problem_mark);
    if (strcmp(context, "while scanning a simple key") == 0)
        diags_add(p->diags, began, hint_on_equals(p, &began), "this is no 'key: value'");
    else if (strcmp(context, "while scanning a block scalar") == 0)
        diags_add(p->diags, began, begins_so, "'>' and '|' begin texts of several lines");
    else if (strcmp(context, "while scanning a quoted scalar") == 0 && strstr(problem, "end of"))
        diags_add(p->diags, began, NULL, "the quote that begins here is not closed");
    else if (strcmp(context, "while parsing a quoted scalar") == 0)
        explain_escape(p, began, at);
    else if (strncmp(context, "while parsing a flow ", 21) == 0 &&
             strncmp(problem, "did not find expected ',' or", 28) == 0)
        brackets_explain(p->arena, began, at, p->mended ? NULL : parse_mended, p->diags);
    else if (strcmp(problem, "mapping values are not allowed in this context") == 0 &&
             !follows_a_colon(p, y->problem_mark) && explain_line_above(p, y->problem_mark, at))
        return true;
    else if (strcmp(problem, "mapping values are not allowed in this context") == 0)
        diags_add(p->diags, at,
                  follows_a_colon(p, y->problem_mark) ? hint_on_keys_in_line(p, y->problem_mark)
                                                      : column,
                  "a second 'key: value' within a value");
    else if (strcmp(problem, "did not find expected key") == 0 && begins_line(p, y->problem_mark))
        diags_add(p->diags, at, column, "this line is indented as none above it");
    else
        return explain_sign(p, problem, at);
    return true;
}

static struct node *yaml_error(struct parse *p)
{
    const yaml_parser_t *y = &p->yaml;
    if (y->error == YAML_MEMORY_ERROR)
        mem_exhausted(0);
    const char *context = y->context ? y->context : "",
               *problem = y->problem ? y->problem : "not valid YAML";
    struct place at = place_at(p, y->problem_mark, y->problem_mark);
    if (refuse_tab(p, at.line) || explain_error(p))
        return NULL;
    if (y->context && y->context_mark.line != y->problem_mark.line)
        diags_add(p->diags, at, NULL, "%s (%s that began in line %zu)", problem, context,
                  y->context_mark.line + 1);
    else
        diags_add(p->diags, at, NULL, "%s%s%s", problem, context[0] ? " " : "", context);
    return NULL;
}

/* ---- events to nodes ---- */

static struct node *parse_node(struct parse *p, yaml_event_t *event, unsigned depth);

static bool next(struct parse *p, yaml_event_t *event)
{
    if (yaml_parser_parse(&p->yaml, event))
        return true;
    yaml_error(p);
    return false;
}

static struct node *refuse(struct parse *p, const yaml_event_t *e, const char *what)
{
    bool shared = strcmp(what, "anchors") == 0 || strcmp(what, "aliases") == 0 ||
                  strcmp(what, "merge keys") == 0;
    diags_add(p->diags, place_at(p, e->start_mark, e->end_mark),
              shared ? "write the value out; 'extends: FILE' takes over a whole spec" : NULL,
              "%s have no place in a spec", what);
    return NULL;
}

static struct node *parse_scalar(struct parse *p, const yaml_event_t *e)
{
    if (e->data.scalar.anchor)
        return refuse(p, e, "anchors");
    if (e->data.scalar.tag)
        return refuse(p, e, "tags");
    if (memchr(e->data.scalar.value, '\0', e->data.scalar.length))
        return refuse(p, e, "NUL characters");
    struct node *n = arena_alloc(p->arena, sizeof *n);
    n->kind = NODE_SCALAR;
    n->place = place_at(p, e->start_mark, e->end_mark);
    n->text = arena_strndup(p->arena, (const char *)e->data.scalar.value, e->data.scalar.length);
    n->quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (n->quoted)
        forgive_tabs(p, e);
    return n;
}

enum { MAX_KEYS = 4096 }; /* each is compared with all before it */

static bool parse_key(struct parse *p, struct node *map, const yaml_event_t *e)
{
    struct place at = place_at(p, e->start_mark, e->end_mark);
    if (e->type == YAML_ALIAS_EVENT)
        return refuse(p, e, "aliases") != NULL;
    if (e->type != YAML_SCALAR_EVENT)
        return diags_add(p->diags, at, NULL, "a key must be a plain name");
    const struct node *key = parse_scalar(p, e);
    if (!key)
        return false;
    if (!key->quoted && strcmp(key->text, "<<") == 0)
        return refuse(p, e, "merge keys") != NULL;
    if (strlen(key->text) != e->data.scalar.length)
        return diags_add(p->diags, at, NULL, "a key cannot contain a NUL character");
    if (map->n == MAX_KEYS)
        return diags_add(p->diags, at, NULL, "more than %d keys in one mapping", MAX_KEYS);
    size_t first = 0;
    while (first < map->n && strcmp(map->key[first], key->text) != 0)
        first++;
    bool is_number = key->text[strspn(key->text, "0123456789")] == '\0'; /* 1,000,000 */
    if (first < map->n)
        p->failed = !diags_add(p->diags, at, is_number ? "a number has no comma" : NULL,
                               "duplicate key '%s', first given in line %u", key->text,
                               map->key_place[first].line);
    node_grow(p->arena, map);
    map->key[map->n] = key->text;
    map->key_place[map->n] = at;
    return true;
}

/* ---- folders of members within a flow list: [results/s/optimizer=adam,lr=0.1/w.safetensors]
 * ---- */

/* Whether two plain entries are one name of ours, KEY=VALUE,KEY=VALUE, that a comma without a blank
 * has cut. */
static bool is_cut_name(const struct node *one, const struct node *next)
{
    if (one->kind != NODE_SCALAR || next->kind != NODE_SCALAR || one->quoted || next->quoted ||
        one->place.line != next->place.line ||
        one->place.column + one->place.width + 1 != next->place.column)
        return false;
    const char *slash = strrchr(one->text, '/'), *equals = strchr(next->text, '=');
    return strchr(slash ? slash : one->text, '=') && equals &&
           !memchr(next->text, '/', (size_t)(equals - next->text));
}

/* Entries i ... j of the list as one. */
static void join_entries(struct parse *p, struct node *list, size_t i, size_t j)
{
    struct node *one = list->item[i];
    for (size_t k = i + 1; k <= j; k++) {
        one->text = arena_printf(p->arena, "%s,%s", one->text, list->item[k]->text);
        one->place.width += 1 + list->item[k]->place.width;
    }
    memmove(list->item + i + 1, list->item + j + 1, (list->n - j - 1) * sizeof *list->item);
    list->n -= j - i;
}

static void join_paths(struct parse *p, struct node *list)
{
    for (size_t i = 0; i + 1 < list->n; i++) {
        size_t j = i;
        bool is_path = strchr(list->item[i]->kind == NODE_SCALAR ? list->item[i]->text : "", '/');
        for (; j + 1 < list->n && is_cut_name(list->item[j], list->item[j + 1]); j++)
            is_path |= strchr(list->item[j + 1]->text, '/') != NULL;
        if (is_path && j > i)
            join_entries(p, list, i, j);
    }
}

static struct node *parse_collection(struct parse *p, const yaml_event_t *begin, unsigned depth)
{
    bool is_map = begin->type == YAML_MAPPING_START_EVENT;
    if (is_map ? begin->data.mapping_start.anchor : begin->data.sequence_start.anchor)
        return refuse(p, begin, "anchors");
    if (is_map ? begin->data.mapping_start.tag : begin->data.sequence_start.tag)
        return refuse(p, begin, "tags");
    struct node *n = arena_alloc(p->arena, sizeof *n);
    n->kind = is_map ? NODE_MAP : NODE_LIST;
    n->place = place_at(p, begin->start_mark, begin->end_mark);
    if (depth > MAX_DEPTH) {
        diags_add(p->diags, n->place, NULL, "nested deeper than %d levels", MAX_DEPTH);
        return NULL;
    }
    for (;;) {
        yaml_event_t e;
        if (!next(p, &e))
            return NULL;
        if (e.type == YAML_MAPPING_END_EVENT || e.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&e);
            if (!is_map && begin->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE)
                join_paths(p, n);
            return n;
        }
        bool ok = true;
        if (is_map) {
            ok = parse_key(p, n, &e);
            yaml_event_delete(&e);
            if (!ok || !next(p, &e))
                return NULL;
        } else {
            node_grow(p->arena, n);
        }
        n->item[n->n] = parse_node(p, &e, depth);
        yaml_event_delete(&e);
        if (!n->item[n->n++])
            return NULL;
    }
}

static struct node *parse_node(struct parse *p, yaml_event_t *event, unsigned depth)
{
    if (event->type == YAML_ALIAS_EVENT)
        return refuse(p, event, "aliases");
    if (event->type == YAML_SCALAR_EVENT)
        return parse_scalar(p, event);
    return parse_collection(p, event, depth + 1);
}

static struct node *parse_stream(struct parse *p)
{
    struct node *root = NULL;
    for (;;) {
        yaml_event_t e;
        if (!next(p, &e))
            return NULL;
        yaml_event_type_t type = e.type;
        bool ok = true;
        if (type == YAML_DOCUMENT_START_EVENT && root) {
            ok = diags_add(p->diags, place_at(p, e.start_mark, e.end_mark), NULL,
                           "a spec is one document; this begins a second one");
        } else if (type == YAML_SCALAR_EVENT || type == YAML_SEQUENCE_START_EVENT ||
                   type == YAML_MAPPING_START_EVENT || type == YAML_ALIAS_EVENT) {
            root = parse_node(p, &e, 0);
            ok = root != NULL;
        }
        yaml_event_delete(&e);
        if (!ok)
            return NULL;
        if (type == YAML_STREAM_END_EVENT)
            break;
    }
    if (root && !(root->kind == NODE_SCALAR && node_is_null(root)))
        return root;
    struct node *empty = arena_alloc(p->arena, sizeof *empty);
    empty->kind = NODE_MAP;
    empty->place = (struct place){.source = p->source, .line = 1, .column = 1, .width = 1};
    return empty;
}

/* Editors of some systems write a byte order mark before a file's first character. */
static const struct source *without_mark(struct arena *a, const struct source *source)
{
    if (source->length < 3 || memcmp(source->text, "\xEF\xBB\xBF", 3) != 0)
        return source;
    struct source *rest = arena_alloc(a, sizeof *rest);
    *rest = (struct source){
        .path = source->path, .text = source->text + 3, .length = source->length - 3};
    return rest;
}

struct node *node_literal(struct arena *a, const struct source *source, struct diags *d)
{
    struct parse p = {.arena = a, .source = source, .diags = d};
    if (!bytes_are_sound(&p, false))
        return NULL;
    struct node *n = arena_alloc(a, sizeof *n);
    *n = (struct node){.kind = NODE_SCALAR, .text = source->text, .quoted = true};
    n->place =
        (struct place){.source = source, .line = 1, .column = 1, .width = (unsigned)source->length};
    return n;
}

static struct node *parse_source(struct arena *a, const struct source *source, bool mended,
                                 struct diags *d)
{
    source = without_mark(a, source);
    struct parse p = {.arena = a, .source = source, .mended = mended, .diags = d};
    if (source->length > NODE_RECORDED_MOST) {
        diags_add(d, (struct place){0}, NULL, "%s: a recorded spec is at most 16 MiB",
                  source->path);
        return NULL;
    }
    if (!bytes_are_sound(&p, true))
        return NULL;
    if (!yaml_parser_initialize(&p.yaml))
        mem_exhausted(0);
    yaml_parser_set_encoding(&p.yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p.yaml, (const unsigned char *)source->text, source->length);
    struct node *root = parse_stream(&p);
    yaml_parser_delete(&p.yaml);
    if (root && refuse_tab(&p, 0))
        return NULL;
    return p.failed ? NULL : root;
}

/* Of a text that was made to see whether it can be parsed: what is wrong with it is not looked into, or
 * it would be mended without end. */
static struct node *parse_mended(struct arena *a, const struct source *source, struct diags *d)
{
    return parse_source(a, source, true, d);
}

struct node *node_parse(struct arena *a, const struct source *source, struct diags *d)
{
    return parse_source(a, source, false, d);
}

struct node *node_parse_sections(struct arena *a, const struct source *source, struct diags *d)
{
    struct node *root = node_parse(a, source, d);
    if (!root || root->kind == NODE_MAP)
        return root;
    diags_add(d, root->place, NULL, "a spec is a mapping of sections, such as 'optimizer: adam'");
    return NULL;
}
