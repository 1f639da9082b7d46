/* Files, and what they extend. */
#include "config/diag.h"
#include "config/node.h"
#include "util/file.h"
#include "util/path.h"
#include "util/text.h"
#include <stdlib.h>
#include <string.h>

enum { EXTENDS_MOST = 32 };

struct chain {
    const struct chain *up;
    const char *real; /* canonical path */
    int depth;        /* files above it */
};

static const char *beside(struct arena *a, const char *file, const char *path)
{
    const char *slash = strrchr(file, '/');
    path = file_expand(a, path);
    if (path[0] == '/' || !slash)
        return path;
    return arena_printf(a, "%.*s/%s", (int)(slash - file), file, path);
}

/* The line that goes past so many bytes. */
static struct place past_limit(const struct source *source, size_t most)
{
    struct place at = {.source = source, .line = 1, .column = 1, .width = 1};
    for (size_t i = 0; i < source->length && i < most; i++)
        at.line += source->text[i] == '\n';
    return at;
}

/* The nearest name of a spec in the folder of one that is extended and missing; NULL: none. */
static const char *hint_on_missing(struct arena *a, const char *path, struct place from)
{
    struct file_names file;
    const char *name = path_base(path);
    const char *folder = name > path ? arena_strndup(a, path, (size_t)(name - path)) : ".";
    if (!from.source || file_exists(path) || !file_list(a, folder, &file))
        return NULL;
    const char **stem = arena_alloc(a, (file.n + 1) * sizeof *stem);
    for (size_t i = 0; i < file.n; i++)
        stem[i] = path_stem(a, file.name[i]);
    const char *near = suggest(path_stem(a, name), stem, file.n);
    for (size_t i = 0; near && i < file.n; i++)
        if (near == stem[i])
            return arena_printf(a, "did you mean '%s'?", file.name[i]);
    return NULL;
}

static struct source *read_source(struct arena *a, const char *path, struct place from, size_t most,
                                  struct diags *d)
{
    struct error err = {0};
    char *text;
    size_t n;
    struct source *source = arena_alloc(a, sizeof *source);
    *source = (struct source){.path = arena_strdup(a, path), .text = ""};
    if (path_is_table(path) && file_exists(path)) {
        diags_add(
            d, from, NULL,
            "%s is data, not a spec; 'descent data import %s -o FOLDER' makes IDX files of it",
            path, text_word(path));
        return NULL;
    }
    bool ok = file_read_given(path, NODE_RECORDED_MOST, &text, &n, &err);
    if (!ok && err.code != ERR_DATA) {
        diags_add(d, from, hint_on_missing(a, path, from), "%s", err.message);
        d->code = file_is_denied(path) ? ERR_SYSTEM : d->code;
        return NULL;
    }
    if (ok) { /* not strdup: a NUL within is an error with a place of its own */
        char *whole = arena_alloc(a, n + 1);
        memcpy(whole, text, n);
        source->text = whole;
        source->length = n;
        mem_free(text);
    }
    if (ok && n <= most)
        return source;
    diags_add(d, past_limit(source, most), NULL,
              most < NODE_RECORDED_MOST ? "a spec is at most %zu MiB"
                                        : "a recorded spec is at most %zu MiB",
              most >> 20);
    return NULL;
}

static struct node *load(struct arena *a, const char *path, struct place from,
                         const struct chain *up, size_t most, struct diags *d);

static struct node *extend(struct arena *a, struct node *n, const char *path,
                           const struct chain *chain, struct diags *d)
{
    const struct node *base = node_get(n, "extends");
    if (!base)
        return n;
    struct node *rest = node_copy(a, n), *lower = NULL;
    node_remove(rest, "extends");
    if (base->kind != NODE_SCALAR || node_is_null(base) || base->text[0] == '\0')
        diags_add(d, base->place, NULL, "'extends' must be the path of another spec");
    else
        lower = load(a, beside(a, path, base->text), base->place, chain, NODE_GIVEN_MOST, d);
    d->partial |= !lower;
    return node_merge(a, lower, rest);
}

static struct node *load(struct arena *a, const char *path, struct place from,
                         const struct chain *up, size_t most, struct diags *d)
{
    char *real = realpath(path, NULL);
    struct chain here = {
        .up = up, .real = real ? arena_strdup(a, real) : path, .depth = up ? up->depth + 1 : 0};
    free(real);
    for (const struct chain *c = up; c; c = c->up)
        if (strcmp(c->real, here.real) == 0) {
            diags_add(d, from, NULL, "circular 'extends': %s is already being read", path);
            return NULL;
        }
    if (here.depth > EXTENDS_MOST) {
        diags_add(d, from, NULL,
                  "'extends' goes more than %d files deep; let the first of them extend one "
                  "further down",
                  EXTENDS_MOST);
        return NULL;
    }
    struct source *source = read_source(a, path, from, most, d);
    struct node *root = source ? node_parse_sections(a, source, d) : NULL;
    return root ? extend(a, root, path, &here, d) : NULL;
}

struct node *node_load_part(struct arena *a, const char *path, size_t most, struct diags *d)
{
    return load(a, path, (struct place){0}, NULL, most, d);
}

struct node *node_load(struct arena *a, const char *path, size_t most, struct diags *d)
{
    struct node *root = node_load_part(a, path, most, d);
    return d->partial ? NULL : root;
}
