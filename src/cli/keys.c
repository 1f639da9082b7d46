/* The dotted keys of a spec, as KEY=VALUE takes them, from its tables. */
#include "cli/keys.h"
#include "sweep/sweep.h"
#include <stdio.h>
#include <string.h>

struct walk {
    void (*f)(void *context, const char *path, const struct param *p);
    void *context;
    struct arena arena;
};

static void walk_table(struct walk *w, const char *prefix, const struct param *table);

static bool is_seen(const struct registry *r, size_t kind, const char *name)
{
    for (size_t i = 0; i < kind; i++)
        if (kind_param(r, r->kinds[i], name))
            return true;
    return false;
}

/* The name, then what any of the kinds has. */
static void walk_kinds(struct walk *w, const char *prefix, const struct registry *r)
{
    const struct param name = {.name = "name", .type = PARAM_KIND, .registry = r, .help = r->noun};
    w->f(w->context, arena_printf(&w->arena, "%s.name", prefix), &name);
    for (size_t i = 0; r->kinds[i]; i++)
        for (const struct param *p = r->kinds[i]->params; p && p->name; p++)
            if (!is_seen(r, i, p->name)) {
                const struct param one[] = {*p, P_END};
                walk_table(w, prefix, one);
            }
    const struct kind *first = r->kinds[0];
    for (const struct param *p = r->common; p && p->name; p++)
        if (kind_param(r, first, p->name) == p) {
            const struct param one[] = {*p, P_END};
            walk_table(w, prefix, one);
        }
}

static void walk_table(struct walk *w, const char *prefix, const struct param *table)
{
    for (const struct param *p = table; p->name; p++) {
        const char *path = arena_printf(&w->arena, "%s%s%s", prefix, prefix[0] ? "." : "", p->name);
        w->f(w->context, path, p);
        if (p->table && !p->registry)
            walk_table(w, path, p->table);
        else if ((p->type == PARAM_KIND || p->type == PARAM_KINDS) &&
                 p->registry->form == KIND_AS_NAME && strchr(prefix, '.') == NULL &&
                 strcmp(prefix, "scheduler") != 0)
            walk_kinds(w, path, p->registry);
    }
}

void cli_each_key(void (*f)(void *context, const char *path, const struct param *p), void *context)
{
    struct walk w = {.f = f, .context = context};
    arena_init(&w.arena);
    walk_table(&w, "", spec_params);
    walk_table(&w, "sweep", sweep_section_params);
    arena_fini(&w.arena);
}

bool cli_is_of_kind(const char *path)
{
    static const char *const kinds[] = {"model.", "optimizer.", "scheduler.", "average.",
                                        "trace.function."};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strncmp(path, kinds[i], strlen(kinds[i])) == 0)
            return true;
    return false;
}

struct wanted {
    const char *name;
    struct cli_key found;
};

static bool is_named(const char *key, const char *name)
{
    size_t n = strcspn(name, "=");
    for (size_t i = 0; i < n; i++)
        if (key[i] != (name[i] == '-' ? '_' : name[i]))
            return false;
    return key[n] == '\0';
}

/* The path, or what follows one of its dots. */
static bool ends_in(const char *path, const char *name)
{
    for (; path; path = strchr(path, '.') ? strchr(path, '.') + 1 : NULL)
        if (is_named(path, name))
            return true;
    return false;
}

static void take_key(void *context, const char *path, const struct param *p)
{
    struct wanted *w = context;
    (void)p;
    if (!w->found.path[0] && ends_in(path, w->name))
        snprintf(w->found.path, sizeof w->found.path, "%s", path);
}

struct cli_key cli_find_key(const char *name)
{
    struct wanted w = {.name = name};
    if (name[0] && name[0] != '=')
        cli_each_key(take_key, &w);
    return w.found;
}

size_t cli_values(const struct param *p, const char **ret, size_t room)
{
    size_t n = 0;
    if (p->type == PARAM_SECTION && strcmp(p->table->name, "name") == 0)
        return cli_values(p->table, ret, room);
    if (p->type == PARAM_BOOL) {
        ret[n++] = "true";
        ret[n++] = "false";
    }
    if (p->type == PARAM_CHOICE || p->type == PARAM_CHOICES || p->type == PARAM_TEXT)
        for (size_t i = 0; p->choices && p->choices[i] && n + 1 < room; i++)
            ret[n++] = p->choices[i];
    if (p->type == PARAM_KIND || p->type == PARAM_KINDS)
        for (size_t i = 0; p->registry->kinds[i] && n + 1 < room; i++)
            ret[n++] = p->registry->kinds[i]->name;
    if (n > 0 && p->nullable)
        ret[n++] = "null";
    return n;
}
