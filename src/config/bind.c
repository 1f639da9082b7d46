/* Trees to structs, by parameter tables. */
#include "config/hints.h"
#include "config/rows.h"
#include "config/unknown.h"
#include "util/decimal.h"
#include "util/file.h"
#include <assert.h>
#include <string.h>

/* ---- one value ---- */

static const char *type_text(struct binder *b, const struct param *p)
{
    struct strbuf s;
    strbuf_init(&s);
    write_type(&s, p);
    const char *text = arena_strdup(b->arena, s.text);
    strbuf_fini(&s);
    return text;
}

/* What the user wrote, in a few words. */
static const char *got(struct binder *b, const struct node *n)
{
    if (n->kind != NODE_SCALAR)
        return n->kind == NODE_MAP ? "a mapping" : "a list";
    if (node_is_null(n))
        return "null";
    const char *text =
        arena_printf(b->arena, "%.*s%s", 40, n->text, strlen(n->text) > 40 ? "..." : "");
    return n->quoted ? arena_printf(b->arena, "the text \"%s\"", text) : text;
}

/* "0,1", "100, 50" and "75 45": what is meant goes by what is wanted; NULL: it is no such thing. */
static const char *hint_on_several(struct binder *b, const struct param *p, const struct node *n)
{
    const char *text = n->kind == NODE_SCALAR ? n->text : "", *comma = strpbrk(text, ", ");
    bool listed = param_lists_numbers(p);
    if (!comma || comma == text || text[strspn(text, "0123456789.,+-eE ")] != '\0')
        return NULL;
    if (*comma == ' ')
        return listed ? "a list stands in [ ], with commas" : NULL;
    if (listed && (p->type == PARAM_INTS || strchr(text, '.')))
        return arena_printf(b->arena, "a list stands in [ ]: [%s]", text);
    if (listed)
        return "a list stands in [ ]; a decimal point is '.'";
    return p->type == PARAM_REAL  ? "a decimal point is '.', as in 0.1"
           : p->type == PARAM_INT ? hint_on_thousands(b->arena, text, "")
                                  : NULL;
}

static bool kinds_take(const struct param *p, const struct param *key)
{
    for (size_t i = 0; p->registry && p->type != PARAM_CUSTOM && p->registry->kinds[i]; i++)
        if (kind_param(p->registry, p->registry->kinds[i], key->name) == key)
            return true;
    return false;
}

/* The dotted path of a row of the whole document's table or of a section of it; NULL: it lies
 * deeper. */
static const char *path_of(struct binder *b, const struct param *key)
{
    for (const struct param *p = b->root; p && p->name; p++) {
        if (p == key)
            return key->name;
        const struct param *own = p->type == PARAM_SECTION ? p->table : NULL;
        while (own && own->name && own != key)
            own++;
        if ((own && own->name) || kinds_take(p, key))
            return arena_printf(b->arena, "%s.%s", p->name, key->name);
    }
    return NULL;
}

/* Several values where one is wanted: a sweep takes each; NULL: this one takes none of these. */
static const char *hint_on_values(struct binder *b, const struct param *p, const struct node *n)
{
    bool one = p->type == PARAM_INT || p->type == PARAM_REAL || p->type == PARAM_BOOL ||
               p->type == PARAM_CHOICE || p->type == PARAM_KIND;
    const char *path = n->kind == NODE_LIST && one ? path_of(b, p) : NULL;
    if (path && strcmp(path, "seed") == 0)
        return "to train each: sweep: {seeds: [...]}";
    return path ? arena_printf(b->arena, "to train each: sweep: {grid: {%s: [...]}}", path) : NULL;
}

/* A scalar of another type than is wanted. */
static const char *hint_on_scalar(struct binder *b, const struct param *p, const struct node *n)
{
    double v;
    bool truth;
    struct node bare = *n;
    bare.quoted = false;
    bool whole = p->type == PARAM_INT || p->type == PARAM_INTS,
         number = whole || p->type == PARAM_REAL || param_lists_numbers(p);
    if (n->quoted && ((number && node_as_real(&bare, &v)) ||
                      (p->type == PARAM_BOOL && node_as_bool(&bare, &truth))))
        return "leave out the quotes";
    if (n->text[0] == '(')
        return "a list stands in [ ]";
    const char *hint = hint_on_several(b, p, n);
    if (!hint && number)
        hint = hint_on_number(b->arena, n->text, whole);
    if (!hint && p->type == PARAM_INT)
        hint = hint_on_own_word(p->name);
    return hint || p->type != PARAM_BOOL ? hint : hint_on_truth(n->text);
}

static bool wrong_type(struct binder *b, const struct param *p, const struct node *n)
{
    const char *what = p->type == PARAM_PAIR && n->kind == NODE_LIST
                           ? arena_printf(b->arena, "a list of %zu", n->n)
                           : got(b, n);
    const char *hint = n->kind == NODE_LIST     ? hint_on_values(b, p, n)
                       : n->kind == NODE_SCALAR ? hint_on_scalar(b, p, n)
                                                : NULL;
    return diags_add(b->diags, n->place, hint, "'%s' must be %s, not %s", p->name, type_text(b, p),
                     what);
}

static bool in_range(const struct param_range *r, double v)
{
    return (r->low_open ? v > r->low : v >= r->low) && (r->high_open ? v < r->high : v <= r->high);
}

static bool read_real(struct binder *b, const struct param *p, const struct node *n, double *ret)
{
    double v;
    if (!node_as_real(n, &v))
        return wrong_type(b, p, n);
    if (!isfinite(v))
        return diags_add(b->diags, n->place, NULL, "'%s' is %s: numbers must be finite", p->name,
                         n->text);
    if (decimal_vanishes(n->text, v))
        return diags_add(b->diags, n->place, NULL,
                         "'%s' is %s, which is too small: the least number above 0 is 4.9e-324",
                         p->name, n->text);
    if (!in_range(&p->range, v))
        return diags_add(b->diags, n->place, NULL, "'%s' is %s; it must be %s", p->name, n->text,
                         type_text(b, p));
    *ret = v;
    return true;
}

static bool looks_whole(const char *s)
{
    s += *s == '-' || *s == '+';
    return *s && s[strspn(s, "0123456789")] == '\0';
}

static bool read_int(struct binder *b, const struct param *p, const struct node *n, int64_t *ret)
{
    int64_t v;
    double real;
    if (!node_as_int(n, &v)) {
        if (n->kind == NODE_SCALAR && !n->quoted && looks_whole(n->text) && n->text[0] != '-')
            return diags_add(b->diags, n->place, NULL, "'%s' is too large: %s%s", p->name,
                             isfinite(p->range.high) ? "it must be " : "at most ",
                             isfinite(p->range.high) ? type_text(b, p) : "9223372036854775807");
        if (node_as_real(n, &real) && !isfinite(real))
            return diags_add(b->diags, n->place, NULL, "'%s' is %s: numbers must be finite",
                             p->name, n->text);
        return wrong_type(b, p, n);
    }
    if (!in_range(&p->range, (double)v) || v == INT64_MIN)
        return diags_add(b->diags, n->place, NULL, "'%s' is %s; it must be %s", p->name, n->text,
                         type_text(b, p));
    *ret = v;
    return true;
}

static size_t count(const char *const *names)
{
    size_t n = 0;
    while (names[n])
        n++;
    return n;
}

/* What to type where it is none of the choices, or NULL. A path is no misspelt name, however near. */
static const char *hint_on_choice(struct binder *b, const struct param *p, const struct node *n)
{
    double v;
    if (n->kind != NODE_SCALAR)
        return hint_on_values(b, p, n);
    const char *own = p->hint ? p->hint(b->arena, n->text) : NULL;
    if (own && strchr(n->text, '/'))
        return own;
    const char *const *offers = param_offers(p), *near;
    near = hint_kind(b->arena, n->text, offers, count(offers));
    if (near)
        return arena_printf(b->arena, "did you mean '%s'?", near);
    if (own)
        return own;
    return node_as_real(n, &v) ? hint_on_share(b->arena, p->name, n->text) : NULL;
}

static bool read_choice(struct binder *b, const struct param *p, const struct node *n, int *ret)
{
    size_t choices = count(p->choices);
    for (size_t i = 0; n->kind == NODE_SCALAR && i < choices; i++)
        if (strcmp(n->text, p->choices[i]) == 0) {
            *ret = (int)i;
            return true;
        }
    return diags_add(b->diags, n->place, hint_on_choice(b, p, n), "'%s' must be %s, not %s",
                     p->name, type_text(b, p), got(b, n));
}

static bool read_text(struct binder *b, const struct param *p, const struct node *n,
                      const char **ret)
{
    if (n->kind != NODE_SCALAR || node_is_null(n))
        return wrong_type(b, p, n);
    *ret = arena_strdup(b->arena, p->path ? file_expand(b->arena, n->text) : n->text);
    return true;
}

/* The entries of a list; a lone scalar is a list of one. */
static size_t entries(const struct node *const *self, const struct node *n,
                      const struct node *const **ret)
{
    *ret = n->kind == NODE_LIST ? (const struct node *const *)n->item : self;
    return n->kind == NODE_LIST ? n->n : 1;
}

static bool read_list(struct binder *b, const struct param *p, const struct node *n, void *field)
{
    const struct node *const self[] = {n}, *const * item;
    size_t m = entries(self, n, &item);
    bool ok = n->kind != NODE_MAP || wrong_type(b, p, n);
    struct reals reals = {.n = m, .v = arena_alloc(b->arena, (m + 1) * sizeof(double))};
    struct ints ints = {.n = m, .v = arena_alloc(b->arena, (m + 1) * sizeof(int64_t))};
    uint32_t mask = 0;
    for (size_t i = 0; n->kind != NODE_MAP && i < m; i++) {
        int choice = 0;
        if (p->type == PARAM_INTS)
            ok &= read_int(b, p, item[i], &ints.v[i]);
        else if (p->type == PARAM_CHOICES)
            ok &= read_choice(b, p, item[i], &choice);
        else
            ok &= read_real(b, p, item[i], &reals.v[i]);
        mask |= (uint32_t)1 << choice;
    }
    if (!ok)
        return false;
    if (p->type == PARAM_PAIR) {
        if (n->kind != NODE_LIST || m != 2)
            return wrong_type(b, p, n);
        memcpy(field, reals.v, 2 * sizeof(double));
    } else if (p->type == PARAM_INTS) {
        *(struct ints *)field = ints;
    } else if (p->type == PARAM_CHOICES) {
        *(uint32_t *)field = m > 0 ? mask : 0;
    } else {
        *(struct reals *)field = reals;
    }
    return true;
}

static bool read_kinds(struct binder *b, const struct param *p, const struct node *n,
                       struct chosen_list *ret)
{
    const struct node *const self[] = {n}, *const * item;
    size_t m = entries(self, n, &item);
    struct chosen_list list = {.n = m, .v = arena_alloc(b->arena, (m + 1) * sizeof *list.v)};
    bool ok = true;
    for (size_t i = 0; i < m; i++)
        ok &= bind_kind(b, p, item[i], &list.v[i]);
    *ret = list;
    return ok;
}

static void set_null(const struct param *p, void *field)
{
    switch (p->type) {
    case PARAM_INT:
        *(int64_t *)field = PARAM_NULL_INT;
        break;
    case PARAM_REAL:
        *(double *)field = (double)NAN;
        break;
    case PARAM_TEXT:
        *(const char **)field = NULL;
        break;
    case PARAM_KIND:
        *(struct chosen *)field = (struct chosen){0};
        break;
    case PARAM_KINDS:
        *(struct chosen_list *)field = (struct chosen_list){0};
        break;
    case PARAM_REALS:
        *(struct reals *)field = (struct reals){0};
        break;
    case PARAM_INTS:
        *(struct ints *)field = (struct ints){0};
        break;
    case PARAM_BOOL:
    case PARAM_CHOICE:
    case PARAM_CHOICES:
    case PARAM_PAIR:
    case PARAM_SECTION:
    case PARAM_CUSTOM:
        break;
    }
}

static const struct node *map_of_one(struct binder *b, const char *key, const struct node *value)
{
    struct node *map = arena_alloc(b->arena, sizeof *map);
    *map = (struct node){.kind = NODE_MAP, .place = value->place, .n = 1};
    map->item = arena_alloc(b->arena, sizeof *map->item);
    map->key = arena_alloc(b->arena, sizeof *map->key);
    map->key_place = arena_alloc(b->arena, sizeof *map->key_place);
    map->item[0] = node_copy(b->arena, value);
    map->key[0] = key;
    map->key_place[0] = value->place;
    return map;
}

/* A section that an override made of a value which stands alone: its name is where the value is. */
static bool is_bare_value(const struct node *n)
{
    const struct node *name = node_get(n, "name");
    for (size_t i = 0; name && i < n->n; i++)
        if (n->item[i] == name)
            return name->kind == NODE_SCALAR && n->key_place[i].source == name->place.source &&
                   n->key_place[i].line == name->place.line &&
                   n->key_place[i].column == name->place.column;
    return false;
}

/* "optimizer:" whose keys stand in its own column. */
static const char *hint_on_nothing(const struct node *n)
{
    bool nothing = n->kind == NODE_SCALAR && !n->quoted && n->text[0] == '\0' && n->place.source &&
                   strcmp(n->place.source->path, "command line") != 0;
    return nothing ? "its keys stand below it, indented by two spaces" : NULL;
}

static bool read_value(struct binder *b, const struct param *p, const struct node *n, void *field)
{
    if (p->nullable && p->type != PARAM_CUSTOM && node_is_null(n)) {
        set_null(p, field);
        return true;
    }
    switch (p->type) {
    case PARAM_BOOL:
        return node_as_bool(n, field) || wrong_type(b, p, n);
    case PARAM_INT:
        return read_int(b, p, n, field);
    case PARAM_REAL:
        return read_real(b, p, n, field);
    case PARAM_TEXT:
        return read_text(b, p, n, field);
    case PARAM_CHOICE:
        return read_choice(b, p, n, field);
    case PARAM_CHOICES:
    case PARAM_REALS:
    case PARAM_INTS:
    case PARAM_PAIR:
        return read_list(b, p, n, field);
    case PARAM_KIND:
        return bind_kind(b, p, n, field);
    case PARAM_KINDS:
        return read_kinds(b, p, n, field);
    case PARAM_CUSTOM:
        return p->read(b, p, n, field);
    case PARAM_SECTION:
        break;
    }
    if (n->kind == NODE_SCALAR && !node_is_null(n) && strcmp(p->table->name, "name") == 0)
        n = map_of_one(b, "name", n); /* a section whose only setting is its name */
    else if (is_bare_value(n) && strcmp(p->table->name, "name") != 0)
        n = node_get(n, "name");
    if (n->kind != NODE_MAP)
        return diags_add(b->diags, n->place, hint_on_nothing(n),
                         "section '%s' must be a mapping, not %s", p->name, got(b, n));
    return bind_table(b, p->table, n, n->place, arena_printf(b->arena, "section '%s'", p->name),
                      field);
}

bool bind_value(struct binder *b, const struct param *p, const struct node *value, void *field)
{
    return read_value(b, p, value, field);
}

/* ---- a whole table ---- */

/* Which YAML reads as a scalar, as it stands. */
static bool is_plain_word(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] = "0123456789._/+-";
    const char *p = text;
    for (; *p && (strchr(letters, *p) || (strchr(others, *p) && (p > text || *p >= '0'))); p++)
        continue;
    return *p == '\0' && p > text;
}

/* A default, written in YAML in the table. */
static const struct node *fallback(struct binder *b, const struct param *p)
{
    struct source *s = arena_alloc(b->arena, sizeof *s);
    *s = (struct source){.path = p->name, .text = p->fallback, .length = strlen(p->fallback)};
    if (is_plain_word(p->fallback)) { /* most are: a sweep reads them for each member */
        struct node *word = arena_alloc(b->arena, sizeof *word);
        struct place at = {.source = s, .line = 1, .column = 1, .width = (unsigned)s->length};
        *word = (struct node){.kind = NODE_SCALAR, .place = at, .text = p->fallback};
        return word;
    }
    const struct node *n = node_parse(b->arena, s, b->diags);
    if (n && n->kind == NODE_MAP && n->n == 0 && p->fallback[0] != '{') { /* null */
        struct node *null = arena_alloc(b->arena, sizeof *null);
        *null = (struct node){.kind = NODE_SCALAR, .text = ""};
        return null;
    }
    return n;
}

static bool read_row(struct binder *b, const struct param *p, const struct node *map,
                     struct place place, const char *what, void *object)
{
    void *field = (char *)object + p->offset;
    const struct node *value = node_get(map, p->name);
    if (value)
        return read_value(b, p, value, field);
    if (p->type == PARAM_SECTION)
        return bind_table(b, p->table, NULL, place, p->name, field);
    if (!p->fallback && b->diags->partial)
        return false;
    if (!p->fallback)
        return diags_add(b->diags, place, NULL, "%s needs '%s', which is missing", what, p->name);
    return read_value(b, p, fallback(b, p), field);
}

static bool bind_rows(struct binder *b, const struct rows *rows, const struct node *map,
                      struct place place, const char *what, void *object)
{
    const struct registry *r = rows->registry;
    bool ok = true;
    for (size_t i = 0; map && i < map->n; i++) {
        bool is_name = r && r->form == KIND_AS_NAME && strcmp(map->key[i], "name") == 0;
        if (!is_name && !rows_find(rows, map->key[i]))
            ok = unknown_key(b, rows, map, i, what);
    }
    for (size_t i = 0; i < rows->n; i++)
        ok &= read_row(b, rows->v[i], map, place, what, object);
    return ok;
}

bool bind_tree(struct binder *b, const struct param *p, const struct node *value, void *field)
{
    (void)b, (void)p;
    *(const struct node **)field = node_is_null(value) ? NULL : value;
    return true;
}

bool bind_table(struct binder *b, const struct param *table, const struct node *map,
                struct place place, const char *what, void *object)
{
    struct rows rows = {0};
    rows_add(&rows, table);
    return bind_rows(b, &rows, map, place, what, object);
}

/* ---- kinds ---- */

/* {name:sgd} has a key that is called so, {type: sgd} one that stands in its place. */
static bool no_name(struct binder *b, const struct registry *r, const struct node *map)
{
    struct place place = map->place;
    const char *hint = NULL;
    for (size_t i = 0; i < map->n && !hint; i++) {
        hint = strncmp(map->key[i], "name:", 5) == 0
                   ? hint_on_key(b->arena, map->key[i])
                   : hint_on_kind_key(b, r, map->key[i], map->item[i]);
        place = hint ? map->key_place[i] : place;
    }
    return diags_add(b->diags, place, hint, "this %s needs a 'name'", r->noun);
}

/* {linear: {out: 75}} and {linear: 75}: the mapping of its keys, made where the first key's value
 * stands alone. */
static const struct node *key_form(struct binder *b, const struct kind *k, const struct node *value)
{
    if (value->kind == NODE_MAP || !k->params || !k->params->name)
        return value->kind == NODE_MAP || !node_is_null(value) ? value : NULL;
    return map_of_one(b, k->params->name, value);
}

static bool takes(struct arena *a, const struct kind *kind, const struct param *p,
                  const char *value)
{
    struct diags d;
    diags_init(&d, a);
    struct binder b = {.arena = a, .diags = &d};
    struct source *s = arena_alloc(a, sizeof *s);
    *s = (struct source){.path = "", .text = value, .length = strlen(value)};
    const struct node *n = node_parse(a, s, &d);
    char *options = arena_alloc(a, kind->options_size + 1);
    return n && bind_value(&b, p, n, options + p->offset);
}

/* Splits a value into the node that names the kind and the mapping of its keys (or NULL). */
static bool split(struct binder *b, const struct param *p, const struct node *value,
                  const struct kind **ret_kind, const struct node **ret_keys)
{
    const struct registry *r = p->registry;
    struct node by_key = {.kind = NODE_SCALAR};
    const struct node *name = value;
    bool as_key = p->form == KIND_AS_KEY || r->form == KIND_AS_KEY;
    if (value->kind == NODE_LIST || (value->kind == NODE_SCALAR && node_is_null(value)))
        return diags_add(b->diags, value->place,
                         value->kind == NODE_LIST ? hint_on_values(b, p, value)
                                                  : hint_on_nothing(value),
                         "'%s' must be the name of %s %s, or a mapping, not %s", p->name,
                         registry_article(r), r->noun, got(b, value));
    *ret_keys = NULL;
    if (value->kind == NODE_MAP && as_key) {
        if (value->n != 1)
            return diags_add(b->diags, value->place, NULL,
                             "%s %s is a name or a mapping of one name to its keys",
                             registry_article(r), r->noun);
        by_key.text = value->key[0];
        by_key.place = value->key_place[0];
        name = &by_key;
    } else if (value->kind == NODE_MAP) {
        name = node_get(value, "name");
        *ret_keys = value;
        if (!name && b->diags->partial)
            return false;
        if (!name && p->fallback && registry_find(r, p->fallback)) { /* the default's keys */
            by_key.text = p->fallback;
            by_key.place = value->place;
            name = &by_key;
        }
        if (!name)
            return no_name(b, r, value);
        if (name->kind != NODE_SCALAR)
            return diags_add(b->diags, name->place, NULL,
                             "'name' must be the name of %s %s, not %s", registry_article(r),
                             r->noun, got(b, name));
    }
    *ret_kind = registry_find(r, name->text);
    if (!*ret_kind)
        return unknown_kind(b, p, name, takes);
    if (value->kind == NODE_MAP && as_key)
        *ret_keys = key_form(b, *ret_kind, value->item[0]);
    if (*ret_keys && (*ret_keys)->kind != NODE_MAP)
        return diags_add(b->diags, (*ret_keys)->place, NULL, "%s has no keys", (*ret_kind)->name);
    return true;
}

/* Each entry of the kind's lists of kinds against it. */
static bool check_entries(struct binder *b, const struct kind *k, const void *options,
                          const struct node *keys, const char *what)
{
    bool ok = true;
    for (const struct param *p = k->params; k->check_entry && p->name; p++) {
        if (p->type != PARAM_KINDS)
            continue;
        const struct chosen_list *list =
            (const struct chosen_list *)(const void *)((const char *)options + p->offset);
        for (size_t i = 0; i < list->n; i++) {
            const char *key, *wrong = k->check_entry(options, &list->v[i], &key);
            if (wrong)
                ok = diags_add(
                    b->diags,
                    node_place(keys, arena_printf(b->arena, "%s.%zu.%s", p->name, i, key)), NULL,
                    "%s: %s", what, wrong);
        }
    }
    return ok;
}

bool bind_kind(struct binder *b, const struct param *p, const struct node *value,
               struct chosen *ret)
{
    const struct registry *r = p->registry;
    const struct kind *k = NULL;
    const struct node *keys = NULL;
    if (!split(b, p, value, &k, &keys))
        return false;
    struct rows rows = rows_of(r, k);
    void *options = arena_alloc(b->arena, k->options_size + 1);
    const char *what = arena_printf(b->arena, "%s %s", r->noun, k->name);
    if (!bind_rows(b, &rows, keys, value->place, what, options))
        return false;
    const char *key = NULL, *wrong = k->check ? k->check(options, &key) : NULL;
    if (!wrong && r->check)
        wrong = r->check(k, options, &key);
    if (wrong) {
        const struct node *blamed = key ? node_get(keys, key) : NULL;
        return diags_add(b->diags, blamed ? blamed->place : value->place, NULL, "%s: %s", what,
                         wrong);
    }
    if (keys && !check_entries(b, k, options, keys, what))
        return false;
    *ret = (struct chosen){.kind = k, .options = options, .place = value->place};
    return true;
}

struct chosen kind_defaults(struct arena *a, const struct registry *r, const struct kind *k)
{
    struct diags d;
    diags_init(&d, a);
    struct binder b = {.arena = a, .diags = &d};
    struct rows rows = rows_of(r, k);
    void *options = arena_alloc(a, k->options_size + 1);
    for (size_t i = 0; i < rows.n; i++)
        if (rows.v[i]->fallback)
            read_row(&b, rows.v[i], NULL, (struct place){0}, k->name, options);
    return (struct chosen){.kind = k, .options = options};
}

bool kind_parse(struct arena *a, const struct registry *r, const char *text, struct diags *d,
                struct chosen *ret)
{
    struct source *s = arena_alloc(a, sizeof *s);
    *s = (struct source){.path = r->noun, .text = arena_strdup(a, text), .length = strlen(text)};
    const struct node *n = node_parse(a, s, d);
    struct binder b = {.arena = a, .diags = d};
    struct param p = {.name = r->noun, .type = PARAM_KIND, .registry = r, .form = r->form};
    return n && bind_kind(&b, &p, n, ret);
}
