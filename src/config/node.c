/* Trees: looking up, merging, overriding. */
#include "config/node.h"
#include "config/diag.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- looking up ---- */

static size_t index_of(const struct node *map, const char *key)
{
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->key[i], key) == 0)
            return i;
    return SIZE_MAX;
}

const struct node *node_get(const struct node *map, const char *key)
{
    if (!map || map->kind != NODE_MAP)
        return NULL;
    size_t i = index_of(map, key);
    return i == SIZE_MAX ? NULL : map->item[i];
}

static bool parse_index(const char *s, size_t *ret)
{
    if (!isdigit((unsigned char)*s))
        return false;
    char *end;
    unsigned long v = strtoul(s, &end, 10);
    *ret = v;
    return *end == '\0';
}

/* Of a path, what names a child of n: to the first dot, or the key with dots that a sweep's axes
 * have ("optimizer.lr"). */
static size_t segment_length(const struct node *n, const char *path)
{
    size_t most = strcspn(path, ".");
    for (size_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
        size_t length = strlen(n->key[i]);
        if (length > most && strncmp(path, n->key[i], length) == 0 &&
            (path[length] == '.' || path[length] == '\0'))
            most = length;
    }
    return most;
}

/* The child that a path's segment names, or NULL; ret_place: of its key, where there is one. A lone
 * mapping is its own entry 0. */
static const struct node *child(const struct node *n, const char *segment, struct place *ret_place)
{
    size_t i;
    if (n->kind == NODE_MAP && (i = index_of(n, segment)) != SIZE_MAX) {
        *ret_place = n->key_place[i];
        return n->item[i];
    }
    if (!parse_index(segment, &i))
        return NULL;
    const struct node *found = n->kind == NODE_LIST ? (i < n->n ? n->item[i] : NULL)
                               : i == 0             ? n
                                                    : NULL;
    if (found)
        *ret_place = found->place;
    return found;
}

/* Walks as far as the path goes; returns the node at its end or NULL. */
static const struct node *walk(const struct node *n, const char *path, struct place *ret_place)
{
    char segment[256];
    *ret_place = n->place;
    while (*path) {
        size_t length = segment_length(n, path);
        if (length >= sizeof segment)
            return NULL;
        memcpy(segment, path, length);
        segment[length] = '\0';
        n = child(n, segment, ret_place);
        if (!n)
            return NULL;
        path += length + (path[length] == '.');
    }
    return n;
}

const struct node *node_find(const struct node *root, const char *path)
{
    struct place ignored;
    return walk(root, path, &ignored);
}

struct place node_place(const struct node *root, const char *path)
{
    struct place place;
    const struct node *n = walk(root, path, &place);
    return n ? n->place : place;
}

/* ---- building ---- */

static struct node *new_map(struct arena *a, struct place place, size_t capacity)
{
    struct node *n = arena_alloc(a, sizeof *n);
    n->kind = NODE_MAP;
    n->place = place;
    n->item = arena_alloc(a, (capacity + 1) * sizeof *n->item);
    n->key = arena_alloc(a, (capacity + 1) * sizeof *n->key);
    n->key_place = arena_alloc(a, (capacity + 1) * sizeof *n->key_place);
    return n;
}

static void add(struct node *map, const char *key, struct place place, struct node *value)
{
    map->key[map->n] = key;
    map->key_place[map->n] = place;
    map->item[map->n++] = value;
}

struct node *node_copy(struct arena *a, const struct node *n)
{
    struct node *c = new_map(a, n->place, n->n);
    c->kind = n->kind;
    c->text = n->text;
    c->quoted = n->quoted;
    c->n = n->n;
    for (size_t i = 0; i < n->n; i++) {
        c->item[i] = node_copy(a, n->item[i]);
        if (n->kind == NODE_MAP) {
            c->key[i] = n->key[i];
            c->key_place[i] = n->key_place[i];
        }
    }
    return c;
}

/* Keys whose value has a name, so that a bare name and a mapping are one thing; the tables of a
 * spec have them too (tests/spec/test_tables.c). */
bool node_is_named(const char *key)
{
    static const char *const named[] = {"dataset", "model",    "optimizer", "scheduler",
                                        "average", "function", "init",      "schedules"};
    for (size_t i = 0; key && i < sizeof named / sizeof named[0]; i++)
        if (strcmp(key, named[i]) == 0)
            return true;
    return false;
}

/* A section written as its bare name is the mapping {name: it}. */
static struct node *as_section(struct arena *a, const struct node *n)
{
    if (n->kind == NODE_MAP)
        return node_copy(a, n);
    if (n->kind == NODE_LIST || node_is_null(n))
        return NULL;
    struct node *map = new_map(a, n->place, 1);
    add(map, "name", n->place, node_copy(a, n));
    return map;
}

/* ---- merging ---- */

/* What a section of a spec is where it does not say; the table of a spec has it too
 * (tests/spec/test_tables.c). */
static const char *default_name(const char *section)
{
    static const char *const defaults[][2] = {{"dataset", "mnist"}, {"model", "mlp"}};
    for (size_t i = 0; section && i < sizeof defaults / sizeof defaults[0]; i++)
        if (strcmp(section, defaults[i][0]) == 0)
            return defaults[i][1];
    return NULL;
}

/* section: the key of this mapping at the top of a spec, NULL elsewhere. */
static const char *name_of(const struct node *map, const char *section)
{
    const struct node *name = node_get(map, "name");
    if (!name)
        return default_name(section);
    return name->kind == NODE_SCALAR ? name->text : NULL;
}

/* Lists whose entries are mappings of one name to its keys, or that name alone. */
static bool has_tagged_entries(const char *key)
{
    return key && (strcmp(key, "layers") == 0 || strcmp(key, "augment") == 0);
}

/* What lies in the space of a random search, whatever its own name: distributions. */
static const char distribution[] = "space.";

static const char *key_within(const char *key, const char *own)
{
    return key && (strcmp(key, "space") == 0 || key == distribution) ? distribution : own;
}

/* Whether both are of the form {name: what belongs to it}. */
static bool are_tagged(const struct node *lower, const struct node *upper, const char *key)
{
    return lower->n == 1 && upper->n == 1 &&
           (has_tagged_entries(key) || (key == distribution && lower->item[0]->kind == NODE_LIST &&
                                        upper->item[0]->kind == NODE_LIST));
}

/* Whether they go together: two mappings, of entries such as {conv: ...} two of one name, or a
 * mapping and a bare name. key: theirs, of entries that of their list. */
static bool do_merge(const struct node *lower, const struct node *upper, const char *key)
{
    const struct node *map = lower->kind == NODE_MAP ? lower : upper;
    if (lower->kind == NODE_MAP && upper->kind == NODE_MAP)
        return !are_tagged(lower, upper, key) || strcmp(lower->key[0], upper->key[0]) == 0;
    return map->kind == NODE_MAP && (node_is_named(key) || node_get(map, "name"));
}

static struct node *merge(struct arena *a, const struct node *lower, const struct node *upper,
                          unsigned depth, const char *key)
{
    if (!lower || !upper)
        return node_copy(a, lower ? lower : upper);
    bool top = depth == 0;
    struct node *below = top ? node_copy(a, lower) : as_section(a, lower);
    struct node *above = top ? node_copy(a, upper) : as_section(a, upper);
    if (!below || !above || !do_merge(lower, upper, key))
        return node_copy(a, upper);
    const char *old = name_of(below, depth == 1 ? key : NULL), *new = name_of(above, NULL);
    if (!top && new &&old && strcmp(old, new) != 0)
        return upper->kind == NODE_MAP ? above : node_copy(a, upper);
    struct node *m = new_map(a, above->place, below->n + above->n);
    for (size_t i = 0; i < below->n; i++) {
        size_t j = index_of(above, below->key[i]);
        if (j == SIZE_MAX)
            add(m, below->key[i], below->key_place[i], below->item[i]);
        else
            add(m, above->key[j], above->key_place[j],
                merge(a, below->item[i], above->item[j], depth + 1,
                      key_within(key, below->key[i])));
    }
    for (size_t i = 0; i < above->n; i++)
        if (index_of(below, above->key[i]) == SIZE_MAX)
            add(m, above->key[i], above->key_place[i], above->item[i]);
    return m;
}

struct node *node_merge(struct arena *a, const struct node *lower, const struct node *upper)
{
    return merge(a, lower, upper, 0, NULL);
}

/* ---- overrides ---- */

static void replace(struct arena *a, struct node *map, const char *key, struct place place,
                    struct node *value)
{
    size_t i = index_of(map, key);
    if (i != SIZE_MAX) {
        map->item[i] = value;
        map->key_place[i] = place;
        return;
    }
    struct node *wider = new_map(a, map->place, map->n + 1);
    for (size_t j = 0; j < map->n; j++)
        add(wider, map->key[j], map->key_place[j], map->item[j]);
    add(wider, key, place, value);
    *map = *wider;
}

struct setting {
    const char *path; /* all of it */
    struct node *value;
    struct arena *a;
    struct diags *d;
};

/* Below the axes of a sweep numbers are parts of keys, as in sweep.grid.scheduler.0.gamma. */
static bool is_of_an_axis(const struct setting *x)
{
    return strncmp(x->path, "sweep.grid.", 11) == 0 ||
           strncmp(x->path, "sweep.random.space.", 19) == 0;
}

/* One segment of a path, and where it leads from a node. */
struct step {
    const char *segment, *rest; /* rest: NULL at the path's end */
    struct place at, next_at;
    bool is_index;
    size_t index;
};

static bool is_path(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && s[0] != '.' && s[n - 1] != '.' && !strstr(s, "..");
}

/* A key of an entry of a sweep's list has the dots of its path, unless the entry has a mapping on
 * the way. */
static size_t step_length(const struct node *n, const char *path, unsigned depth, const char *key)
{
    size_t length = segment_length(n, path);
    if (depth != 3 || !key || strcmp(key, "list") != 0 || n->kind != NODE_MAP || !is_path(path))
        return length;
    for (size_t i = 0; i < n->n; i++)
        if (strlen(n->key[i]) == length && strncmp(n->key[i], path, length) == 0)
            return length;
    return strlen(path);
}

static bool read_step(const struct setting *x, const char *path, size_t length, struct place at,
                      struct step *ret)
{
    *ret = (struct step){.segment = arena_strndup(x->a, path, length),
                         .rest = path[length] == '.' ? path + length + 1 : NULL,
                         .at = at,
                         .next_at = at};
    ret->is_index = parse_index(ret->segment, &ret->index);
    ret->at.width = (unsigned)length;
    if (at.width == 0 || at.width >= strlen(path)) /* else only the path's end stands there */
        ret->next_at.column += (unsigned)length + 1;
    return (length > 0 && !(ret->rest && *ret->rest == '\0')) ||
           diags_add(x->d, ret->at, NULL, "a key's path is names joined by single dots");
}

/* Whether a mapping, or its bare name, may stand for a list of one. */
static bool takes_many(const char *key)
{
    return key && (strcmp(key, "scheduler") == 0 || strcmp(key, "schedules") == 0);
}

/* A number where no list stands. */
static bool may_index(const struct setting *x, const struct node *n, const struct step *s,
                      const char *key)
{
    double number;
    bool many = takes_many(key),
         lone = many && (n->kind == NODE_MAP ? node_get(n, "name") != NULL : !node_is_null(n)),
         nameless = many && !lone && n->n == 0 && s->rest && strcmp(s->rest, "name") != 0;
    if (lone && s->index > 0)
        return diags_add(x->d, s->at, NULL, "there is no entry %zu: the list has 1", s->index);
    if (nameless || (!s->rest && node_as_real(x->value, &number)))
        return diags_add(x->d, s->at, NULL,
                         "there is no list to put entry %s into: give all of it, as in %s",
                         s->segment, nameless ? "KEY={name: NAME}" : "KEY=[1, 2]");
    return true;
}

static bool set(const struct setting *x, struct node *n, const char *path, struct place at,
                unsigned depth, const char *key);

static bool set_entry(const struct setting *x, struct node *n, const struct step *s, unsigned depth,
                      const char *key)
{
    if (!s->is_index)
        return diags_add(x->d, s->at, NULL,
                         "'%s' goes into a list: give the entry's number, from 0", s->segment);
    if (s->index >= n->n)
        return diags_add(x->d, s->at, NULL, "there is no entry %zu: the list has %zu", s->index,
                         n->n);
    if (s->rest)
        return set(x, n->item[s->index], s->rest, s->next_at, depth + 1, key);
    n->item[s->index] = merge(x->a, n->item[s->index], x->value, depth + 1, key);
    return true;
}

/* A key of a mapping, with what lies below it. */
static bool set_key(const struct setting *x, struct node *n, const struct step *s, unsigned depth,
                    const char *key)
{
    size_t i = index_of(n, s->segment);
    struct node *value = x->value;
    const char *below = key_within(key, s->segment);
    if (s->rest) {
        struct node *child = i == SIZE_MAX ? new_map(x->a, s->at, 0) : n->item[i];
        if (!set(x, child, s->rest, s->next_at, depth + 1, below))
            return false;
        if (i == SIZE_MAX)
            replace(x->a, n, s->segment, s->at, child);
        return true;
    }
    const char *old =
        depth > 0 && strcmp(s->segment, "name") == 0 ? name_of(n, depth == 1 ? key : NULL) : NULL;
    if (old && value->kind == NODE_SCALAR && strcmp(old, value->text) != 0)
        n->n = 0;
    bool is_new =
        i == SIZE_MAX || n->n == 0 || (value->kind == NODE_MAP && value->n == 0); /* {} clears */
    replace(x->a, n, s->segment, s->at,
            is_new ? value : merge(x->a, n->item[i], value, depth + 1, below));
    return true;
}

/* Puts the value at path below n, or leaves all as it is; `at` is where the path stands. depth 0 is
 * the document; key: n's, of entries that of their list. */
static bool set(const struct setting *x, struct node *n, const char *path, struct place at,
                unsigned depth, const char *key)
{
    struct step s;
    if (!read_step(x, path, step_length(n, path, depth, key), at, &s))
        return false;
    if (n->kind == NODE_LIST)
        return set_entry(x, n, &s, depth, key);
    bool indexes =
        s.is_index && depth > 0 && index_of(n, s.segment) == SIZE_MAX && !is_of_an_axis(x);
    if (indexes && !may_index(x, n, &s, key))
        return false;
    const struct node before = *n;
    if (n->kind == NODE_SCALAR) { /* a bare name becomes a section; anything else goes */
        struct node *map = node_is_named(key) || depth == 0 ? as_section(x->a, n) : NULL;
        *n = map ? *map : *new_map(x->a, s.at, 1);
    }
    bool ok = true;
    if (!indexes || s.index > 0)
        ok = set_key(x, n, &s, depth, key);
    else if (s.rest)
        ok = set(x, n, s.rest, s.next_at, depth, key);
    else
        *n = *merge(x->a, n, x->value, depth, key);
    if (!ok)
        *n = before;
    return ok;
}

bool node_set(struct arena *a, struct node *root, const char *path, struct place at,
              struct node *value, struct diags *d)
{
    return set(&(struct setting){path, value, a, d}, root, path, at, 0, NULL);
}

/* The node that holds what a path names last, and that name; NULL where it is not there. */
static struct node *holder(struct node *root, const char *path, const char **ret_key)
{
    const struct node *n = root;
    size_t length = segment_length(n, path);
    while (n && path[length] == '.') {
        char segment[256];
        struct place ignored;
        snprintf(segment, sizeof segment, "%.*s", (int)length, path);
        n = child(n, segment, &ignored);
        path += length + 1;
        length = n ? segment_length(n, path) : 0;
    }
    *ret_key = path;
    return (struct node *)(uintptr_t)n; /* a node of root, which may change */
}

bool node_remove(struct node *root, const char *path)
{
    const char *key;
    struct node *map = holder(root, path, &key);
    if (!map)
        return true;
    if (map->kind == NODE_LIST)
        return false;
    bool is_name = map != root && strcmp(key, "name") == 0;
    if (map->kind == NODE_SCALAR && is_name && !node_is_null(map)) {
        *map = (struct node){.kind = NODE_MAP, .place = map->place};
        return true;
    }
    size_t i = map->kind == NODE_MAP ? index_of(map, key) : SIZE_MAX;
    if (i == SIZE_MAX)
        return true;
    map->n--;
    for (; i < map->n; i++) {
        map->key[i] = map->key[i + 1];
        map->key_place[i] = map->key_place[i + 1];
        map->item[i] = map->item[i + 1];
    }
    map->n = is_name ? 0 : map->n; /* another name drops the section's other keys */
    return true;
}

void node_grow(struct arena *a, struct node *n)
{
    if (n->n != 0 && (n->n < 8 || (n->n & (n->n - 1)) != 0))
        return;
    size_t more = n->n < 8 ? 8 : 2 * n->n;
    struct node **item = arena_alloc(a, more * sizeof *item);
    const char **key = arena_alloc(a, more * sizeof *key);
    struct place *place = arena_alloc(a, more * sizeof *place);
    if (n->n > 0) {
        memcpy(item, n->item, n->n * sizeof *item);
        memcpy(key, n->key, n->n * sizeof *key);
        memcpy(place, n->key_place, n->n * sizeof *place);
    }
    n->item = item;
    n->key = key;
    n->key_place = place;
}
