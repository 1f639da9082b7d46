/* Lists of several entries that differ in what more than one entry is: swept as wholes. The names of all
 * ("warmup+cosine") become a value of the list's own key, which says what lies below. */
#include "study/flatten.h"
#include <stdint.h>
#include <string.h>

bool collect_is_of_list(const struct collection *c, size_t key, const struct collected_value *v)
{
    return c->list[key] != LIST_NONE && v && v->type == EXPR_TEXT && v->text[0] != '[';
}

/* "bias, norm" of [bias, norm]. */
static const char *within_brackets(struct arena *a, const char *text)
{
    size_t n = strlen(text);
    return text[0] == '[' && n > 2 ? arena_strndup(a, text + 1, n - 2) : text;
}

/* What the entry is: its name, its text, the tensors that it is about or its one section ("crop" of
 * {crop: {padding: 2}}). NULL: it has none of them. ret_there: there is such an entry. */
static const char *entry_name(struct arena *a, const struct collection *c,
                              const struct collected_run *r, const char *entry, bool *ret_there)
{
    size_t n = strlen(entry), part = 0;
    const char *section = NULL;
    *ret_there = false;
    for (size_t k = 0; k < c->keys; k++) {
        const char *rest = c->key[k] + n;
        if (!r->value[k] || strncmp(c->key[k], entry, n) != 0 || (*rest && *rest != '.'))
            continue;
        *ret_there = true;
        if (!*rest || strcmp(rest, ".name") == 0)
            return r->value[k]->type == EXPR_TEXT ? r->value[k]->text : NULL;
        if (strcmp(rest, ".tensors") == 0)
            return within_brackets(a, r->value[k]->text);
        size_t its = strcspn(++rest, ".");
        if (section && (its != part || strncmp(section, rest, its) != 0))
            return NULL;
        section = rest;
        part = its;
    }
    return section && section[part] ? arena_strndup(a, section, part) : NULL;
}

/* The names of a run's entries; its own value where it has none. False where one has no name. */
static bool list_value(struct flattener *f, const struct collection *c,
                       const struct collected_run *r, const char *list, size_t own,
                       const struct collected_value **ret)
{
    const char *text = NULL;
    bool there = true;
    for (size_t i = 0; there; i++) {
        const char *name = entry_name(f->a, c, r, arena_printf(f->a, "%s.%zu", list, i), &there);
        if (there && !name)
            return false;
        if (there)
            text = text ? arena_printf(f->a, "%s+%s", text, name) : name;
    }
    *ret = text ? flattener_value(f, text, NULL) : own < c->keys ? r->value[own] : NULL;
    return true;
}

/* Whether the lists differ in one entry at most, which then has a key of its own: so many entries
 * in each, and no other that differs. *entry: which; SIZE_MAX: none yet. */
static bool differ_in_one(const char *x, const char *y, size_t *entry)
{
    for (size_t i = 0;; i++) {
        size_t n = strcspn(x, "+"), m = strcspn(y, "+");
        if (n != m || strncmp(x, y, n) != 0) {
            if (*entry != SIZE_MAX && *entry != i)
                return false;
            *entry = i;
        }
        if (!x[n] || !y[m])
            return !x[n] && !y[m];
        x += n + 1;
        y += m + 1;
    }
}

/* value: of each run. */
static bool is_swept(struct flattener *f, const struct collection *c, const char *list,
                     const struct collected_value **value)
{
    size_t own = collect_key_index(c, list), entry = SIZE_MAX;
    bool apart = false;
    for (size_t i = 0; i < c->runs; i++) {
        if (!list_value(f, c, &c->run[i], list, own, &value[i]))
            return false;
        bool its_own = own < c->keys && value[i] && value[i] == c->run[i].value[own];
        if (value[i] != value[0])
            apart |= !value[i] || !value[0] || its_own ||
                     !differ_in_one(value[0]->text, value[i]->text, &entry);
    }
    return apart;
}

/* Before its first entry, where it is no key yet. */
static size_t place_key(struct flattener *f, struct collection *c, const char *list)
{
    size_t at = collect_key_index(c, list), n = strlen(list);
    if (at < c->keys)
        return at;
    for (at = 0; strncmp(c->key[at], list, n) != 0 || c->key[at][n] != '.';)
        at++;
    size_t after = c->keys - at;
    const char **key = arena_alloc(f->a, (c->keys + 1) * sizeof *key);
    enum list_kind *kind = arena_alloc(f->a, (c->keys + 1) * sizeof *kind);
    memcpy(key, c->key, at * sizeof *key);
    memcpy(key + at + 1, c->key + at, after * sizeof *key);
    memcpy(kind, c->list, at * sizeof *kind);
    memcpy(kind + at + 1, c->list + at, after * sizeof *kind);
    key[at] = list;
    kind[at] = LIST_EVERYWHERE;
    for (size_t i = 0; i < c->runs; i++) {
        const struct collected_value **value = arena_alloc(f->a, (c->keys + 1) * sizeof *value);
        memcpy(value, c->run[i].value, at * sizeof *value);
        memcpy(value + at + 1, c->run[i].value + at, after * sizeof *value);
        c->run[i].value = value;
    }
    c->key = key;
    c->list = kind;
    c->keys++;
    return at;
}

static void add_list(struct flattener *f, struct collection *c, const char *list)
{
    const struct collected_value **value = arena_alloc(f->a, (c->runs + 1) * sizeof *value);
    size_t own = collect_key_index(c, list);
    if ((own < c->keys && c->list[own] != LIST_NONE) || !is_swept(f, c, list, value))
        return;
    size_t at = place_key(f, c, list);
    if (c->list[at] == LIST_NONE)
        c->list[at] = LIST_SOMEWHERE;
    for (size_t i = 0; i < c->runs; i++)
        c->run[i].value[at] = value[i];
}

static bool is_among(const char *const *list, size_t n, const char *path)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], path) == 0)
            return true;
    return false;
}

/* The lists around a key in which it is of the second entry. ret: n of them so far. */
static size_t find_lists(struct arena *a, const char *key, const char **ret, size_t n)
{
    for (const char *s = key; (s = strstr(s, ".1")); s += 2) {
        const char *path = arena_strndup(a, key, (size_t)(s - key));
        if ((s[2] == '\0' || s[2] == '.') && !is_among(ret, n, path)) {
            ret[n] = path;
            return n + 1; /* what is within is found with the next key, or says nothing */
        }
    }
    return n;
}

void collect_add_lists(struct flattener *f, struct collection *c)
{
    const char **list = arena_alloc(f->a, (c->keys + 1) * sizeof *list);
    size_t n = 0;
    c->list = arena_alloc(f->a, (c->keys + 1) * sizeof *c->list);
    for (size_t k = 0; k < c->keys; k++)
        n = find_lists(f->a, c->key[k], list, n);
    for (size_t i = 0; i < n; i++)
        add_list(f, c, list[i]);
}
