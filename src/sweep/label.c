/* Names: of values, keys, folders. */
#include "expr/vocabulary.h"
#include "sweep/internal.h"
#include "util/hash.h"
#include "util/sha256.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NAME = 200, HASH_DIGITS = 12 };

/* ---- values ---- */

static void add_canonical(struct strbuf *b, const struct node *n)
{
    int64_t whole;
    double real;
    bool truth;
    if (n->kind != NODE_SCALAR) {
        strbuf_add(b, n->kind == NODE_MAP ? "{" : "[");
        for (size_t i = 0; i < n->n; i++) {
            strbuf_add(b, i ? ", " : "");
            if (n->kind == NODE_MAP) {
                write_text(b, n->key[i]);
                strbuf_add(b, ": ");
            }
            add_canonical(b, n->item[i]);
        }
        strbuf_add(b, n->kind == NODE_MAP ? "}" : "]");
    } else if (node_is_null(n)) {
        strbuf_add(b, "null");
    } else if (node_as_bool(n, &truth)) {
        strbuf_add(b, truth ? "true" : "false");
    } else if (node_as_int(n, &whole)) {
        strbuf_addf(b, "%lld", (long long)whole);
    } else if (node_as_real(n, &real)) {
        /* a whole number that is too large for its key is shown as it was written */
        if (isfinite(real) && n->text[strspn(n->text, "0123456789")])
            strbuf_add_real(b, real);
        else
            strbuf_add(b, n->text);
    } else {
        write_text(b, n->text);
    }
}

const char *sweep_canonical(struct arena *a, const struct node *n)
{
    struct strbuf b;
    strbuf_init(&b);
    add_canonical(&b, n);
    const char *text = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return text;
}

static const char *name_in(const struct node *n)
{
    const struct node *name = n->kind == NODE_MAP ? node_get(n, "name") : NULL;
    return name && name->kind == NODE_SCALAR ? name->text : NULL;
}

/* What a folder's name can hold without quotes anywhere. */
static bool is_safe(char c)
{
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80 || strchr("._+-=", c);
}

static void add_safe(struct strbuf *b, const char *text)
{
    for (; *text; text++)
        strbuf_add_char(b, is_safe(*text) ? *text : '_');
}

const char *sweep_shown(struct arena *a, const struct node *value, bool by_name)
{
    const char *text = sweep_canonical(a, value);
    if (value->kind == NODE_MAP)
        return by_name && name_in(value) ? name_in(value) : text;
    return value->kind == NODE_SCALAR && text[0] == '"' ? value->text : text;
}

bool sweep_is_name(const struct node *value, const char *label)
{
    struct strbuf b;
    strbuf_init(&b);
    if (value->kind == NODE_MAP && name_in(value))
        add_safe(&b, name_in(value));
    bool is = b.length > 0 && strcmp(b.text, label) == 0;
    strbuf_fini(&b);
    return is;
}

static void add_label(struct strbuf *b, const struct node *n);

/* of_name: they follow the mapping's name. */
static void add_pairs(struct strbuf *b, const struct node *map, const bool *shown, bool of_name)
{
    bool first = !of_name;
    for (size_t i = 0; i < map->n; i++) {
        if (shown && !shown[i])
            continue;
        strbuf_add(b, first ? "" : "+");
        add_safe(b, map->key[i]);
        strbuf_add(b, "=");
        add_label(b, map->item[i]);
        first = false;
    }
}

static void add_label(struct strbuf *b, const struct node *n)
{
    struct arena a;
    arena_init(&a);
    if (n->kind == NODE_SCALAR) {
        const char *text = sweep_canonical(&a, n);
        add_safe(b, text[0] == '"' ? n->text : text);
    } else if (name_in(n)) {
        add_safe(b, name_in(n));
    } else if (n->kind == NODE_MAP) {
        add_pairs(b, n, NULL, false);
    } else {
        for (size_t i = 0; i < n->n; i++) {
            strbuf_add(b, i ? "-" : "");
            add_label(b, n->item[i]);
        }
    }
    arena_fini(&a);
}

/* ---- keys that are alike in all mappings of one name ---- */

/* key NULL: of the mapping itself. */
struct entry {
    const char *name, *key, *text;
};

/* In the arena, sorted. */
struct constants {
    struct entry *v;
    size_t n;
};

/* NULL comes first. */
static int compare(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int by_key(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int c = compare(x->name, y->name);
    return c ? c : compare(x->key, y->key);
}

static int by_text(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int c = by_key(a, b);
    return c ? c : compare(x->text, y->text);
}

static struct constants find_constants(struct arena *a, const struct node *const *v, size_t n)
{
    size_t entries = 0, all = 0;
    struct constants c = {0};
    for (size_t i = 0; i < n; i++)
        entries += v[i]->kind == NODE_MAP ? v[i]->n + 1 : 0;
    c.v = arena_alloc(a, (entries + 1) * sizeof *c.v);
    for (size_t i = 0, at = 0; i < n; i++) {
        if (v[i]->kind != NODE_MAP)
            continue;
        c.v[at++] = (struct entry){.name = name_in(v[i])};
        for (size_t k = 0; k < v[i]->n; k++)
            c.v[at++] = (struct entry){.name = name_in(v[i]),
                                       .key = v[i]->key[k],
                                       .text = sweep_canonical(a, v[i]->item[k])};
    }
    qsort(c.v, entries, sizeof *c.v, by_text);
    for (size_t i = 0, m; i < entries; i += m) {
        for (m = 1; i + m < entries && by_key(&c.v[i], &c.v[i + m]) == 0; m++)
            continue;
        if (!c.v[i].key) /* how many mappings have the name */
            all = m;
        else if (m == all && strcmp(c.v[i].text, c.v[i + m - 1].text) == 0)
            c.v[c.n++] = c.v[i];
    }
    return c;
}

/* Whether the key is not the same in all mappings of this one's name. */
static bool tells_apart(const struct constants *c, const struct node *map, const char *key)
{
    const struct entry x = {.name = name_in(map), .key = key};
    return strcmp(key, "name") != 0 && !bsearch(&x, c->v, c->n, sizeof *c->v, by_key);
}

/* A mapping: its name, and those of its keys that tell it from the others of that name. Without
 * either: all of its keys. */
static void add_mapping(struct strbuf *b, const struct constants *c, const struct node *map)
{
    struct arena a;
    arena_init(&a);
    bool *shown = arena_alloc(&a, map->n + 1);
    for (size_t k = 0; k < map->n; k++)
        shown[k] = tells_apart(c, map, map->key[k]);
    if (name_in(map))
        add_safe(b, name_in(map));
    add_pairs(b, map, shown, b->length > 0);
    if (b->length == 0)
        add_pairs(b, map, NULL, false);
    if (b->length == 0)
        strbuf_add(b, "empty");
    arena_fini(&a);
}

static void add_hash(struct strbuf *b, const char *of, int digits)
{
    char hex[65];
    sha256_of(of, strlen(of), hex);
    strbuf_addf(b, "%.*s", digits, hex);
}

/* ---- the labels of an axis ---- */

/* Texts, and what each of them stands for: a hash table. */
struct texts {
    size_t slots;
    const char **text, **meaning;
};

static struct texts texts_new(struct arena *a, size_t most)
{
    struct texts t = {.slots = 16};
    while (t.slots < 2 * most)
        t.slots *= 2;
    t.text = arena_alloc(a, t.slots * sizeof *t.text);
    t.meaning = arena_alloc(a, t.slots * sizeof *t.meaning);
    return t;
}

static size_t slot_of(const struct texts *t, const char *text)
{
    size_t at = hash_slot(hash_add_text(hash_of_nothing, text), t->slots);
    while (t->text[at] && strcmp(t->text[at], text) != 0)
        at = (at + 1) & (t->slots - 1);
    return at;
}

/* What the text stood for before, else this meaning. */
static const char *texts_add(struct texts *t, const char *text, const char *meaning)
{
    size_t at = slot_of(t, text);
    if (!t->text[at]) {
        t->text[at] = text;
        t->meaning[at] = meaning;
    }
    return t->meaning[at];
}

/* {name: adam} of adam, in the arena. */
static const struct node *as_section(struct arena *a, const struct node *name)
{
    struct node *map = arena_alloc(a, sizeof *map);
    *map = (struct node){.kind = NODE_MAP, .place = name->place, .n = 1};
    map->item = arena_alloc(a, sizeof *map->item);
    map->key = arena_alloc(a, sizeof *map->key);
    map->item[0] = node_copy(a, name);
    map->key[0] = "name";
    return map;
}

/* The values; adam beside {name: adam, lr: 0.1} is {name: adam}. */
static const struct node **with_sections(struct arena *a, const struct node *const *given, size_t n)
{
    const struct node **value = arena_alloc(a, (n + 1) * sizeof *value);
    struct texts names = texts_new(a, n);
    for (size_t i = 0; i < n; i++)
        if (given[i]->kind == NODE_MAP && name_in(given[i]))
            texts_add(&names, name_in(given[i]), "");
    for (size_t i = 0; i < n; i++) {
        bool named =
            given[i]->kind == NODE_SCALAR && names.text[slot_of(&names, given[i]->text)] != NULL;
        value[i] = named ? as_section(a, given[i]) : given[i];
    }
    return value;
}

void sweep_labels(struct arena *a, const struct node *const *given, size_t n, const char **ret)
{
    const struct node **value = with_sections(a, given, n);
    const struct constants constants = find_constants(a, value, n);
    struct texts labels = texts_new(a, 2 * n);
    struct strbuf b;
    strbuf_init(&b);
    for (size_t i = 0; i < n; i++) {
        const char *canonical = sweep_canonical(a, value[i]);
        strbuf_clear(&b);
        if (value[i]->kind == NODE_MAP)
            add_mapping(&b, &constants, value[i]);
        else
            add_label(&b, value[i]);
        ret[i] = arena_strdup(a, b.length > 0 ? b.text : "empty");
        if (strcmp(texts_add(&labels, ret[i], canonical), canonical) == 0)
            continue;
        strbuf_clear(&b); /* characters were replaced, or keys left out */
        strbuf_addf(&b, "%s+", ret[i]);
        add_hash(&b, canonical, 6);
        ret[i] = arena_strdup(a, b.text);
        texts_add(&labels, ret[i], canonical);
    }
    strbuf_fini(&b);
}

/* ---- keys ---- */

/* A lone "seed" is the run's, not that of the data. */
static bool is_ambiguous(const struct sweep *s, size_t key, const char *suffix)
{
    if (strcmp(suffix, "seed") == 0 && !s->key[key].is_seed)
        return true;
    for (size_t i = 0; i < s->keys; i++)
        if (i != key && vocabulary_is_end(s->key[i].path, suffix))
            return true;
    return isdigit((unsigned char)suffix[0]);
}

void sweep_name_keys(struct sweep *s)
{
    for (size_t i = 0; i < s->keys; i++) {
        struct sweep_key *k = &s->key[i];
        k->suffix = k->path;
        for (const char *p = k->path + strlen(k->path); p >= k->path; p--)
            if ((p == k->path || p[-1] == '.') && *p != '\0' && !is_ambiguous(s, i, p)) {
                k->suffix = p;
                break;
            }
    }
}

/* ---- folders ---- */

size_t sweep_name_cut(const char *name, size_t most)
{
    size_t cut = strnlen(name, most + 1);
    if (cut <= most)
        return cut;
    for (cut = most; cut > 0 && ((unsigned char)name[cut] & 0xC0) == 0x80;)
        cut--;
    return cut;
}

const char *sweep_folder_name(const struct sweep *s, const char *const *value)
{
    struct strbuf b;
    strbuf_init(&b);
    for (size_t i = 0; i < s->keys; i++)
        if (s->key[i].varies && value[i]) {
            strbuf_add(&b, b.length ? "," : "");
            add_safe(&b, s->key[i].suffix);
            strbuf_addf(&b, "=%s", value[i]);
        }
    if (b.length == 0)
        strbuf_add(&b, "base");
    if (b.length > LONGEST_NAME) {
        char *whole = arena_strdup(s->arena, b.text);
        b.length = sweep_name_cut(b.text, LONGEST_NAME - HASH_DIGITS - 1);
        b.text[b.length] = '\0';
        strbuf_add(&b, "-");
        add_hash(&b, whole, HASH_DIGITS);
    }
    const char *name = arena_strdup(s->arena, b.text);
    strbuf_fini(&b);
    return name;
}
