/* What is said of a key, or of a kind, that there is not: the one that is meant, as it can be
 * typed. */
#include "config/unknown.h"
#include "config/hints.h"
#include <string.h>

/* ---- keys ---- */

/* Names of kinds of the registry that have a key which this one lacks, or NULL. */
static const char *other_owner(const struct registry *r, const struct kind *k, const char *key)
{
    for (size_t i = 0; r && r->kinds[i]; i++)
        if (r->kinds[i] != k && kind_param(r, r->kinds[i], key))
            return r->kinds[i]->name;
    return NULL;
}

static bool kinds_have(const struct param *p, const char *key)
{
    for (size_t i = 0; p->registry && p->type != PARAM_CUSTOM && p->registry->kinds[i]; i++)
        if (kind_param(p->registry, p->registry->kinds[i], key))
            return true;
    return false;
}

/* The dotted path of the first section below a table that has the key, else of the first that names
 * kinds of which one has; NULL. */
static const char *path_to(struct binder *b, const struct param *table, const char *key)
{
    const struct param *found = NULL;
    for (const struct param *p = table; p && p->name; p++) {
        if (p->type == PARAM_SECTION && param_in(p->table, key))
            return arena_printf(b->arena, "%s.%s", p->name, key);
        found = !found && kinds_have(p, key) ? p : found;
    }
    return found ? arena_printf(b->arena, "%s.%s", found->name, key) : NULL;
}

/* The path of the key that is nearest to one which stands in no section, and begins like it; or
 * NULL. */
static const char *path_near(struct binder *b, const char *key)
{
    enum { MOST = 1024 };
    const char **names = arena_alloc(b->arena, MOST * sizeof *names);
    size_t n = 0;
    for (const struct param *p = b->root; p && p->name; p++) {
        for (const struct param *k = p->type == PARAM_SECTION ? p->table : NULL;
             k && k->name && n < MOST; k++)
            names[n++] = k->name;
        for (size_t i = 0; p->registry && p->type != PARAM_CUSTOM && p->registry->kinds[i]; i++)
            for (const struct param *k = p->registry->kinds[i]->params; k && k->name && n < MOST;
                 k++)
                names[n++] = k->name;
    }
    const char *near = suggest(key, names, n);
    return near && near[0] == key[0] && strlen(key) >= 4 ? path_to(b, b->root, near) : NULL;
}

/* A dotted path as a file has it: "optimizer: {lr: 0.1}", with the name that stands there. */
static const char *nested(struct binder *b, const struct node *map, size_t at, const char *path)
{
    struct strbuf s;
    strbuf_init(&s);
    size_t open = 0;
    for (const char *dot; (dot = strchr(path, '.')); path = dot + 1, open++) {
        const char *segment = arena_strndup(b->arena, path, (size_t)(dot - path));
        const struct node *name = open == 0 ? node_get(map, segment) : NULL;
        strbuf_addf(&s, "%s: {", segment);
        if (name && name->kind == NODE_SCALAR && !node_is_null(name))
            strbuf_addf(&s, "name: %s, ", name->text);
    }
    const struct node *value = map->item[at];
    bool shown = value->kind == NODE_SCALAR && !node_is_null(value) && !value->quoted;
    strbuf_addf(&s, "%s: %s", path, shown ? value->text : "...");
    for (; open > 0; open--)
        strbuf_add(&s, "}");
    const char *text = arena_strdup(b->arena, s.text);
    strbuf_fini(&s);
    return text;
}

/* The kind that the file chooses for this key of its top; NULL: none. */
static const struct kind *chosen_kind(const struct param *p, const struct node *map)
{
    bool one = p->registry && p->type != PARAM_CUSTOM;
    const struct node *stands = one ? node_get(map, p->name) : NULL;
    const struct node *name =
        stands && stands->kind == NODE_MAP ? node_get(stands, "name") : stands;
    return name && name->kind == NODE_SCALAR ? registry_find(p->registry, name->text) : NULL;
}

/* A path below the file's top names a key that the kind chosen there lacks: where a chosen kind has
 * it, unless the file names the section, else whose key it is. NULL: it has it, or none is chosen. */
static const char *hint_on_lacking(struct binder *b, const struct node *map, size_t at,
                                   const char *path)
{
    const char *key = strchr(path, '.') + 1, *ret = NULL;
    bool named = strchr(map->key[at], '.') != NULL;
    for (const struct param *p = b->root; p && p->name; p++) {
        const struct kind *k = chosen_kind(p, map);
        bool here = strcmp(arena_printf(b->arena, "%s.%s", p->name, key), path) == 0;
        bool has = k && kind_param(p->registry, k, key);
        if (has && here)
            return NULL;
        if (has && !named)
            return arena_printf(b->arena, "did you mean '%s'?",
                                nested(b, map, at, arena_printf(b->arena, "%s.%s", p->name, key)));
        const char *owner = k && here ? other_owner(p->registry, k, key) : NULL;
        if (owner)
            ret = arena_printf(b->arena, "a key of %s, not of %s: 'descent list %s' names its keys",
                               owner, k->name, k->name);
    }
    return ret;
}

/* A key of another section, which stands at the top of a file: it belongs within that one. */
static const char *hint_within(struct binder *b, const struct rows *rows, const struct node *map,
                               size_t at, const char *near)
{
    const struct place *place = &map->key_place[at];
    const char *key = map->key[at], *dot = strchr(key, '.');
    bool of_file = place->source && strcmp(place->source->path, "command line") != 0;
    if (dot && rows_find(rows, arena_strndup(b->arena, key, (size_t)(dot - key))))
        near = key;
    else if (!of_file || place->column != 1 || !near || !strchr(near, '.'))
        return NULL;
    const char *other = hint_on_lacking(b, map, at, near);
    return other ? other : arena_printf(b->arena, "did you mean '%s'?", nested(b, map, at, near));
}

/* The first key that begins with this word ("max": max_lr), or NULL. */
static const char *begun_by(const struct rows *rows, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i < rows->n && n > 1; i++)
        if (strncmp(rows->v[i]->name, word, n) == 0 && rows->v[i]->name[n] == '_')
            return rows->v[i]->name;
    return NULL;
}

/* The name that the key has in this table, or NULL. */
static const char *own_name(const struct rows *rows, const char *key)
{
    const char *other;
    for (size_t i = 0; (other = hint_other_name(key, i)); i++)
        if (rows_find(rows, other))
            return other;
    return NULL;
}

/* The name, or path, of the key that is meant: by what it is called elsewhere, or the nearest; NULL:
 * none. near: of this table's own keys. */
static const char *meant(struct binder *b, const struct rows *rows, const char *key,
                         const char *near)
{
    const char *own = own_name(rows, key), *below = path_to(b, b->root, key),
               *other = hint_other_name(key, 0);
    bool at_root = rows->v[0] == b->root, narrow = rows->registry || rows->n == 1;
    if (own && (narrow || !below || !at_root))
        return own;
    if (below)
        return near && !at_root ? near : below;
    bool one_meaning = other && !hint_other_name(key, 1);
    if (at_root || (!near && one_meaning))
        below = other ? path_to(b, b->root, other) : NULL;
    if (below)
        return below;
    return near || !at_root ? near : path_near(b, key);
}

/* The path below this mapping of a key that the spec has one or two sections down, such as a name of
 * the user's own: "optimizer.with.beta"; NULL: there is none. */
static const char *given_below(struct binder *b, const struct node *map, const char *key,
                               size_t sections)
{
    for (size_t i = 0; i < map->n; i++)
        if (map->item[i]->kind == NODE_MAP && node_get(map->item[i], key))
            return arena_printf(b->arena, "%s.%s", map->key[i], key);
    for (size_t i = 0; i < map->n && sections > 1; i++) {
        const char *path =
            map->item[i]->kind == NODE_MAP ? given_below(b, map->item[i], key, sections - 1) : NULL;
        if (path)
            return arena_printf(b->arena, "%s.%s", map->key[i], path);
    }
    return NULL;
}

/* The key that stands further down is meant, as this line would have it; NULL: there is none. */
static const char *hint_below(struct binder *b, const struct node *map, size_t at)
{
    const struct place *place = &map->key_place[at];
    const char *path = given_below(b, map, map->key[at], 2);
    if (!path)
        return NULL;
    bool typed = place->source && strcmp(place->source->path, "command line") == 0 &&
                 strcspn(place->source->text, "={") >= place->column;
    if (typed)
        return arena_printf(b->arena, "did you mean '%.*s%s'?", (int)place->column - 1,
                            place->source->text, path);
    return arena_printf(b->arena, "did you mean '%s'?", nested(b, map, at, path));
}

/* The kind that is called so elsewhere, or nearly so ("StepLR"), or NULL. */
static const struct kind *known_elsewhere(struct binder *b, const struct registry *r,
                                          const char *key)
{
    const char *names[128];
    size_t n = 0;
    for (; n < 128 && r->kinds[n]; n++)
        names[n] = r->kinds[n]->name;
    const char *near = hint_kind(b->arena, hint_call_name(b->arena, key, r->noun), names, n);
    return near ? registry_find(r, near) : NULL;
}

/* {name: adam, lr 0.1}: to YAML it is one key, without a value; NULL: this is none. */
static const char *hint_on_lost_colon(struct binder *b, const struct rows *rows,
                                      const struct node *map, size_t at)
{
    const char *key = map->key[at];
    size_t n = strcspn(key, " =:"), rest = n + strspn(key + n, " =:");
    const char *name = arena_strndup(b->arena, key, n);
    if (!key[rest] || !node_is_null(map->item[at]) || !rows_find(rows, name))
        return NULL;
    return arena_printf(b->arena, "did you mean '%s: %s'?", name, key + rest);
}

const char *hint_on_kind_key(struct binder *b, const struct registry *r, const char *key,
                             const struct node *value)
{
    static const char *const words[] = {"type", "Name", "class", "kind", "method", "algorithm"};
    const struct kind *k = registry_find(r, key);
    if (!k && value->kind == NODE_MAP)
        k = known_elsewhere(b, r, key);
    bool scalar = value->kind == NODE_SCALAR && !node_is_null(value);
    if (k && value->kind == NODE_MAP)
        return arena_printf(b->arena, "did you mean '{name: %s, ...}'?", k->name);
    if (k)
        return arena_printf(b->arena, "did you mean 'name: %s'?", k->name);
    for (size_t i = 0; scalar && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(key, words[i]) == 0)
            return arena_printf(b->arena, "did you mean 'name: %s'?", value->text);
    return NULL;
}

/* A key of the whole file, or what is meant there, in a sweep's own section or in another one; NULL:
 * it is none. */
static const char *hint_above(struct binder *b, const struct rows *rows, const char *key,
                              const char *near)
{
    bool at_top = b->root && param_in(b->root, key), path = near && strchr(near, '.');
    if (rows_find(rows, "grid") && (path || ((at_top || strchr(key, '.')) && !near)))
        return arena_printf(b->arena, "did you mean 'grid: {%s: [...]}'?", path ? near : key);
    if (rows_find(rows, "space") && strchr(key, '.'))
        return arena_printf(b->arena, "did you mean 'space: {%s: ...}'?", path ? near : key);
    if (at_top && (path || !near))
        return arena_printf(b->arena, "'%s' stands at the top of a spec, in no section", key);
    return NULL;
}

/* What is said of an unknown key: what the line shows, or what is meant; NULL: nothing. */
static const char *hint_for(struct binder *b, const struct rows *rows, const struct node *map,
                            size_t at, const char *near)
{
    const char *key = map->key[at], *other = NULL;
    const char *own = path_to(b, b->root, key) ? NULL : hint_on_key(b->arena, key);
    if (!own && rows->registry && rows->registry->form == KIND_AS_NAME)
        own = hint_on_kind_key(b, rows->registry, key, map->item[at]);
    if (own)
        return own;
    near = meant(b, rows, key, near);
    other = hint_within(b, rows, map, at, near);
    if (!other)
        other = hint_above(b, rows, key, near);
    if (other)
        return other;
    return near ? arena_printf(b->arena, "did you mean '%s'?", near) : NULL;
}

/* {hidden: 75, 45}: the second number is a key to YAML. */
static bool goes_on_a_list(const struct rows *rows, const struct node *map, size_t at)
{
    const char *key = map->key[at];
    if (at == 0 || !node_is_null(map->item[at]) || key[strspn(key, "0123456789.")] != '\0')
        return false;
    const struct param *p = rows_find(rows, map->key[at - 1]);
    return p ? param_lists_numbers(p) : goes_on_a_list(rows, map, at - 1);
}

static bool is_bare_number(const struct node *map, size_t at)
{
    return map->key[at][strspn(map->key[at], "0123456789")] == '\0' && node_is_null(map->item[at]);
}

/* {epochs: 60,000}: the digits behind a comma are keys to YAML; NULL: this is none of them. */
static const char *hint_on_cut_number(struct binder *b, const struct rows *rows,
                                      const struct node *map, size_t at)
{
    size_t first = at, last = at;
    while (first > 0 && is_bare_number(map, first))
        first--;
    while (last + 1 < map->n && is_bare_number(map, last + 1))
        last++;
    const struct param *p = first < at ? rows_find(rows, map->key[first]) : NULL;
    if (!p || p->type != PARAM_INT || map->item[first]->kind != NODE_SCALAR)
        return NULL;
    const char *text = map->item[first]->text;
    for (size_t i = first + 1; i <= last; i++)
        text = arena_printf(b->arena, "%s,%s", text, map->key[i]);
    return hint_on_thousands(b->arena, text, arena_printf(b->arena, "%s: ", p->name));
}

bool unknown_key(struct binder *b, const struct rows *rows, const struct node *map, size_t at,
                 const char *what)
{
    const char *names[MAX_ROWS], *key = map->key[at];
    if (goes_on_a_list(rows, map, at))
        return diags_add(b->diags, map->key_place[at], "a list stands in [ ]",
                         "unknown key '%s' in %s", key, what);
    for (size_t i = 0; i < rows->n; i++)
        names[i] = rows->v[i]->name;
    const char *owner = other_owner(rows->registry, rows->kind, key),
               *near = suggest(key, names, rows->n);
    near = near ? near : begun_by(rows, key);
    if (owner && !near)
        near = own_name(rows, key);
    const char *hint = hint_on_cut_number(b, rows, map, at);
    if (!hint)
        hint = hint_on_lost_colon(b, rows, map, at);
    if (!hint)
        hint = hint_below(b, map, at);
    if (!hint && owner)
        hint =
            near ? arena_printf(b->arena, "did you mean '%s'?", near) : hint_on_key(b->arena, key);
    if (owner)
        return diags_add(b->diags, map->key_place[at], hint, "'%s' is a key of %s, not of %s", key,
                         owner, rows->kind->name);
    return diags_add(b->diags, map->key_place[at], hint ? hint : hint_for(b, rows, map, at, near),
                     "unknown key '%s' in %s", key, what);
}

/* ---- kinds ---- */

bool unknown_kind(struct binder *b, const struct param *p, const struct node *name,
                  hint_taker *takes)
{
    const struct registry *r = p->registry;
    const char *names[128];
    size_t n = 0;
    for (; n < 128 && r->kinds[n]; n++)
        names[n] = r->kinds[n]->name;
    const char *none = p->nullable ? "null" : p->type == PARAM_KINDS ? "[]" : NULL;
    bool as_name = p->form != KIND_AS_KEY && r->form != KIND_AS_KEY;
    const char *near =
        none && hint_is_none(name->text)
            ? none
            : hint_kind(b->arena, hint_call_name(b->arena, name->text, r->noun), names, n);
    if (near && as_name)
        near = hint_call(b->arena, r, name->text, near, takes);
    const char *hint =
        near ? arena_printf(b->arena, "did you mean '%s'?", near)
        : strchr(name->text, ':')
            ? "a mapping stands in { }; on the command line, all of it in quotes"
            : arena_printf(b->arena, "%s'descent list %s' names them",
                           hint_is_none(name->text) ? "one is needed; " : "", r->plural);
    return diags_add(b->diags, name->place, hint, "unknown %s '%s'", r->noun, name->text);
}
