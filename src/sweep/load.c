/* A sweep's spec: read, taken apart, written back. */
#include "sweep/internal.h"
#include "util/file.h"
#include <string.h>

static const char *stem_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path, *dot = strrchr(base, '.');
    return arena_strndup(a, base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
}

/* The tree without its section `sweep`; ret_section NULL where there is none. */
static const struct node *without_section(struct arena *a, const struct node *root, const struct node **ret_section)
{
    struct node *base = node_copy(a, root);
    *ret_section = node_get(root, "sweep");
    base->n = 0;
    for (size_t i = 0; i < root->n; i++)
        if (root->item[i] != *ret_section && !(strcmp(root->key[i], "name") == 0 && node_is_null(root->item[i]))) {
            base->key[base->n] = root->key[i];
            base->key_place[base->n] = root->key_place[i];
            base->item[base->n++] = root->item[i];
        }
    if (*ret_section && node_is_null(*ret_section))
        *ret_section = NULL;
    return base;
}

bool sweep_load(struct arena *a, const char *path, char *const *overrides, size_t n, struct diags *d, struct sweep *ret)
{
    struct node *root = node_load(a, path, d);
    bool ok = root != NULL;
    for (size_t i = 0; root && i < n; i++)
        ok &= node_override(a, root, overrides[i], d);
    if (!ok)
        return false;
    struct sweep s = {.arena = a, .name = stem_of(a, path)};
    const struct node *skip;
    s.base = without_section(a, root, &s.section);
    const struct node *name = node_get(s.base, "name");
    if (name && name->kind == NODE_SCALAR)
        s.name = name->text;
    if (!s.section)
        return diags_add(d, root->place, NULL, "there is no section 'sweep' in it; 'descent run' trains a single run");
    if (!sweep_read_axes(&s, d, &skip) || !sweep_expand(&s, skip, d))
        return false;
    *ret = s;
    return true;
}

/* ---- writing ---- */

static bool is_plain(const struct node *n)
{
    for (size_t i = 0; i < n->n; i++)
        if (n->item[i]->kind != NODE_SCALAR)
            return false;
    return true;
}

/* Mappings as blocks, but for those in a list; a list of them has a line for each. */
static void write_tree(const struct node *n, unsigned indent, struct strbuf *out)
{
    struct arena a;
    arena_init(&a);
    if (n->kind == NODE_MAP && n->n > 0) {
        for (size_t i = 0; i < n->n; i++) {
            strbuf_addf(out, "\n%*s", (int)indent, "");
            write_text(out, n->key[i]);
            strbuf_add(out, ":");
            write_tree(n->item[i], indent + 2, out);
        }
    } else if (n->kind == NODE_LIST && !is_plain(n)) {
        for (size_t i = 0; i < n->n; i++)
            strbuf_addf(out, "\n%*s- %s", (int)indent, "", sweep_canonical(&a, n->item[i]));
    } else {
        strbuf_addf(out, " %s", sweep_canonical(&a, n));
    }
    arena_fini(&a);
}

void sweep_write(const struct sweep *s, struct strbuf *out)
{
    struct strbuf b;
    strbuf_init(&b);
    if (!node_get(s->base, "name")) {
        strbuf_add(&b, "\nname: ");
        write_text(&b, s->name);
    }
    write_tree(s->base, 0, &b);
    strbuf_add(&b, "\nsweep:");
    write_tree(s->section, 2, &b);
    strbuf_add(out, b.text + 1); /* the first line break */
    strbuf_add(out, "\n");
    strbuf_fini(&b);
}

bool sweep_is_folder(const char *folder)
{
    struct arena a;
    arena_init(&a);
    bool is = file_exists(arena_printf(&a, "%s/sweep.yaml", folder));
    arena_fini(&a);
    return is;
}
