/* What an optimizer is called in a legend: its name, its lr, and what else is not as it would be by
 * itself; its schedules likewise. The same of a function. */
#include "trace/internal.h"
#include "util/apart.h"
#include <string.h>

static bool is_same(const struct param *row, const struct chosen *x, const struct chosen *y)
{
    struct strbuf mine, other;
    strbuf_init(&mine);
    strbuf_init(&other);
    write_value(&mine, row, (const char *)x->options + row->offset);
    write_value(&other, row, (const char *)y->options + row->offset);
    bool same = strcmp(mine.text, other.text) == 0;
    strbuf_fini(&mine);
    strbuf_fini(&other);
    return same;
}

bool trace_is_default(const struct registry *r, const struct chosen *c, const char *key)
{
    struct arena a;
    arena_init(&a);
    const struct param *row = kind_param(r, c->kind, key);
    struct chosen defaults = kind_defaults(&a, r, c->kind);
    bool is = !row || is_same(row, c, &defaults);
    arena_fini(&a);
    return is;
}

static void add_setting(const struct param *row, const struct chosen *c, const char *between,
                        struct strbuf *out)
{
    struct strbuf value;
    strbuf_init(&value);
    if (row->type == PARAM_REAL) /* enough to tell, not to repeat */
        strbuf_addf(&value, "%.4g",
                    *(const double *)(const void *)((const char *)c->options + row->offset));
    else
        write_value(&value, row, (const char *)c->options + row->offset);
    if (!strstr(value.text, "\\n")) /* not the lines of equations */
        strbuf_addf(out, "%s%s %s%s", between, row->name, value.text,
                    row->unit && strcmp(row->unit, "degrees") == 0 ? "°" : "");
    strbuf_fini(&value);
}

/* lr, and what is not as it would be by itself; of a schedule's units of time a trace has one. */
static void add_settings(struct arena *a, const struct registry *r, const struct chosen *c,
                         const char *between, struct strbuf *out)
{
    const struct param *const tables[] = {c->kind->params, r->common};
    struct chosen defaults = kind_defaults(a, r, c->kind);
    for (size_t t = 0; t < 2; t++)
        for (const struct param *row = tables[t]; row && row->name; row++)
            if ((row->role == PARAM_ROLE_LR || !is_same(row, c, &defaults)) &&
                strcmp(row->name, "interval") != 0)
                add_setting(row, c, between, out);
}

const char *trace_function_label(struct arena *a, const struct trace_config *config)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, config->function.kind->title);
    add_settings(a, &func_registry, &config->function, ", ", &b);
    const char *label = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return label;
}

static const char *label_of(struct arena *a, const struct trace_entry *e)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, e->optimizer.kind->name);
    add_settings(a, &optim_registry, &e->optimizer, ", ", &b);
    for (size_t i = 0; i < e->scheduler.n; i++) {
        strbuf_addf(&b, "%s%s", i ? ", " : "; ", e->scheduler.v[i].kind->name);
        add_settings(a, &sched_registry, &e->scheduler.v[i], " ", &b);
    }
    const char *label = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return label;
}

/* The n-th of those with the same label, from 1. */
static size_t number_among_equals(const struct trace_path *path, size_t i)
{
    size_t n = 1;
    for (size_t k = 0; k < i; k++)
        n += strcmp(path[k].label, path[i].label) == 0;
    return n;
}

/* The lines of equations; NULL: it has none. */
static const char *lines_of(struct arena *a, const struct chosen *c)
{
    const struct param *row = kind_param(&optim_registry, c->kind, "update");
    if (!row)
        return NULL;
    struct strbuf value;
    strbuf_init(&value);
    row->write((const char *)c->options + row->offset, &value);
    struct diags d;
    struct source *s = arena_alloc(a, sizeof *s);
    diags_init(&d, a);
    *s = (struct source){"update", arena_strdup(a, value.text), value.length};
    const struct node *n = node_parse(a, s, &d);
    strbuf_fini(&value);
    return n && n->kind == NODE_SCALAR ? n->text : NULL;
}

/* Equations whose labels are the same, by the lines that tell them apart. */
static void add_lines(struct arena *a, const struct trace_config *config, struct trace_path *path)
{
    size_t n = config->optimizers.n, *alike = arena_alloc(a, n * sizeof *alike);
    const char **text = arena_alloc(a, n * sizeof *text),
               **shown = arena_alloc(a, n * sizeof *shown);
    for (size_t i = 0; i < n; i++) {
        size_t m = 0;
        for (size_t k = i; k < n; k++) {
            text[m] = lines_of(a, &config->optimizers.v[k].optimizer);
            if (text[m] && strcmp(path[k].label, path[i].label) == 0)
                alike[m++] = k;
        }
        text_apart(a, text, m, shown);
        for (size_t k = 0; m > 1 && k < m; k++)
            if (shown[k][0] != '\0' && strcmp(shown[k], "…") != 0)
                path[alike[k]].label = arena_printf(a, "%s: %s", path[alike[k]].label, shown[k]);
    }
}

void trace_label(struct arena *a, const struct trace_config *config, struct trace_path *path)
{
    size_t n = config->optimizers.n;
    size_t *number = arena_alloc(a, n * sizeof *number);
    for (size_t i = 0; i < n; i++)
        path[i].label = label_of(a, &config->optimizers.v[i]);
    add_lines(a, config, path);
    for (size_t i = 0; i < n; i++)
        number[i] = number_among_equals(path, i);
    for (size_t i = 0; i < n; i++)
        if (number[i] > 1)
            path[i].label = arena_printf(a, "%s (%zu)", path[i].label, number[i]);
}
