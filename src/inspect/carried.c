#include "inspect/carried.h"
#include "config/diag.h"
#include "config/node.h"
#include "figure/figure.h"
#include "util/file.h"
#include "util/path.h"
#include <string.h>

struct collection {
    struct arena *a;
    struct carried *to;
    size_t room;
};

static void collect(void *context, const char *keyword, const char *text)
{
    struct collection *c = context;
    c->to->v = arena_room(c->a, c->to->v, c->to->n, &c->room, sizeof *c->to->v);
    c->to->v[c->to->n++] =
        (struct carried_text){arena_strdup(c->a, keyword), arena_strdup(c->a, text)};
}

bool carried_read(struct arena *a, const char *path, struct carried *ret, struct error *err)
{
    *ret = (struct carried){0};
    struct collection c = {.a = a, .to = ret};
    if (figure_read_texts(path, (struct figure_visitor){collect, &c}, err))
        return true;
    err->code = ERR_DATA;
    return false;
}

bool carried_is_spec(const struct carried_text *t)
{
    static const char key[] = "descent.spec";
    size_t n = sizeof key - 1;
    return strncmp(t->keyword, key, n) == 0 && (t->keyword[n] == '\0' || t->keyword[n] == '.');
}

bool carried_is_data(const struct carried_text *t)
{
    return strcmp(t->keyword, "descent.data") == 0;
}

bool carried_spec(struct arena *a, const char *path, const char **ret_text, struct error *err)
{
    struct carried c;
    const char *spec = NULL;
    if (!carried_read(a, path, &c, err))
        return false;
    for (size_t i = 0; i < c.n; i++) {
        if (!carried_is_spec(&c.v[i]))
            continue;
        if (spec && strcmp(spec, c.v[i].text) != 0)
            return error_set(err, ERR_USAGE,
                             "%s carries several specs; 'descent extract' writes them as files",
                             path);
        spec = c.v[i].text;
    }
    if (!spec)
        return error_set(err, ERR_DATA, "%s carries no spec", path);
    *ret_text = spec;
    return true;
}

/* ---- as files ---- */

/* The spec's own name; NULL where it has none. */
static const char *name_in(struct arena *a, const char *text)
{
    struct diags d;
    struct source s = {.path = "spec", .text = text, .length = strlen(text)};
    diags_init(&d, a);
    const struct node *root = node_parse(a, &s, &d);
    const struct node *name = root ? node_get(root, "name") : NULL;
    return name && name->kind == NODE_SCALAR && name->text[0] ? name->text : NULL;
}

/* A name from a file of anybody's must not lead out of the folder, nor hide. */
static char *safe(struct arena *a, const char *name)
{
    char *s = arena_strndup(a, name, strnlen(name, 200));
    for (char *c = s; *c; c++)
        if (*c == '/' || (unsigned char)*c < 32 || *c == 127 || (c == s && *c == '.'))
            *c = '_';
    return s;
}

struct extraction {
    struct arena a;
    const char *folder, **path, **text;
    size_t n;
};

static bool is_taken(const struct extraction *e, const char *path)
{
    for (size_t i = 0; i < e->n; i++)
        if (strcmp(e->path[i], path) == 0)
            return true;
    return false;
}

/* NAME, or where one of this figure's files has that name NAME-2, NAME-3, ... */
static void add_file(struct extraction *e, const char *name, const char *ending, const char *text)
{
    char *clean = safe(&e->a, name);
    const char *path = arena_printf(&e->a, "%s/%s.%s", e->folder, clean, ending);
    for (int i = 2; is_taken(e, path); i++)
        path = arena_printf(&e->a, "%s/%s-%d.%s", e->folder, clean, i, ending);
    e->path[e->n] = path;
    e->text[e->n++] = text;
}

/* Whether the file is not there, or has this content. */
static bool is_free(const char *path, const char *text)
{
    char *old;
    size_t n, length = strlen(text);
    struct error err;
    if (!file_exists(path))
        return true;
    if (!file_read(path, length, &old, &n, &err))
        return false;
    bool same = n == length && memcmp(old, text, n) == 0;
    mem_free(old);
    return same;
}

/* All, or where one of them would replace something else none. */
static bool write_all(const struct extraction *e, bool replace, struct error *err)
{
    for (size_t i = 0; !replace && i < e->n; i++)
        if (!is_free(e->path[i], e->text[i]))
            return error_set(
                err, ERR_USAGE,
                "%s is there and differs from what the figure carries; give another folder with -o, or "
                "--force to replace it",
                e->path[i]);
    bool ok = file_make_folder(e->folder, err);
    for (size_t i = 0; ok && i < e->n; i++)
        ok = file_write(e->path[i], e->text[i], strlen(e->text[i]), err);
    return ok;
}

static bool is_repeated(const struct carried *c, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (carried_is_spec(&c->v[k]) && strcmp(c->v[k].text, c->v[i].text) == 0)
            return true;
    return false;
}

bool carried_extract(const char *path, const char *folder, bool replace,
                     void (*f)(void *context, const char *file), void *context, struct error *err)
{
    struct extraction e = {.folder = folder};
    struct carried c;
    arena_init(&e.a);
    bool ok = carried_read(&e.a, path, &c, err);
    e.path = arena_alloc(&e.a, (c.n + 1) * sizeof *e.path);
    e.text = arena_alloc(&e.a, (c.n + 1) * sizeof *e.text);
    const char *stem = path_stem(&e.a, path);
    for (size_t i = 0; ok && i < c.n; i++) {
        const char *name = carried_is_spec(&c.v[i]) ? name_in(&e.a, c.v[i].text) : NULL;
        if (carried_is_spec(&c.v[i]) && !is_repeated(&c, i))
            add_file(&e, name ? name : stem, "yaml", c.v[i].text);
        else if (carried_is_data(&c.v[i]))
            add_file(&e, stem, "csv", c.v[i].text);
    }
    if (ok && e.n == 0)
        ok = error_set(err, ERR_DATA, "%s carries neither a spec nor data points", path);
    ok = ok && write_all(&e, replace, err);
    for (size_t i = 0; ok && i < e.n; i++)
        f(context, e.path[i]);
    arena_fini(&e.a);
    return ok;
}
