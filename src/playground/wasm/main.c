/* Optimizers on functions of two variables for a page: a spec in, paths out, by the program's own
 * code. The page calls `input`, fills it, calls `run`, and reads; the next `input` takes it all
 * back. */
#include "playground/wasm/library.h"
#include "spec/spec.h"
#include "trace/trace.h"
#include <string.h>

/* The module's one state: what the page asked for last. */
static struct {
    struct arena arena;
    char *text;
    struct spec spec;
    struct trace trace;
} now;

PAGE_TAKES("input") char *page_input(size_t n)
{
    library_release();
    memset(&now, 0, sizeof now);
    arena_init(&now.arena);
    now.text = arena_alloc(&now.arena, n + 1);
    return now.text;
}

static bool bind(struct diags *d)
{
    struct source *source = arena_alloc(&now.arena, sizeof *source);
    *source = (struct source){.path = "spec", .text = now.text, .length = strlen(now.text)};
    struct binder b = {.arena = &now.arena, .diags = d};
    const struct node *root = node_parse(&now.arena, source, d);
    return root && bind_table(&b, spec_trace_only_params, root, root->place, "the spec", &now.spec);
}

/* NULL, or what is wrong with the spec that the page wrote into `input`. */
PAGE_TAKES("run") const char *page_run(void)
{
    struct diags d;
    diags_init(&d, &now.arena);
    if (!bind(&d)) {
        const struct diag *first = &d.item[0];
        return first->suggestion
                   ? arena_printf(&now.arena, "%s: %s", first->message, first->suggestion)
                   : first->message;
    }
    trace_run(&now.arena, now.spec.trace, (uint64_t)now.spec.seed, &now.trace);
    return NULL;
}

PAGE_TAKES("paths") size_t page_paths(void)
{
    return now.trace.n;
}

PAGE_TAKES("length") size_t page_length(size_t path)
{
    return now.trace.path[path].n;
}

PAGE_TAKES("x") const double *page_x(size_t path)
{
    return now.trace.path[path].x;
}

PAGE_TAKES("y") const double *page_y(size_t path)
{
    return now.trace.path[path].y;
}

PAGE_TAKES("value") const double *page_value(size_t path)
{
    return now.trace.path[path].value;
}

PAGE_TAKES("label") const char *page_label(size_t path)
{
    return now.trace.path[path].label;
}

PAGE_TAKES("diverged") bool page_diverged(size_t path)
{
    return now.trace.path[path].diverged;
}

/* As `descent trace` writes them. */
PAGE_TAKES("points") const char *page_points(void)
{
    struct strbuf b;
    strbuf_init(&b);
    trace_write_csv(&now.trace, &b);
    return b.text;
}

/* x from, to, y from, to; and the start. */
PAGE_TAKES("domain") const double *page_domain(void)
{
    return now.spec.trace->domain.v;
}

PAGE_TAKES("start") const double *page_start(void)
{
    return now.spec.trace->start;
}

PAGE_TAKES("field") const double *page_field(size_t columns, size_t rows)
{
    const struct trace_config *t = now.spec.trace;
    double *field = arena_alloc(&now.arena, columns * rows * sizeof *field);
    func_field(&t->function, t->domain.v, columns, rows, field);
    return field;
}

/* ---- what there is, as JSON ---- */

static void add_text(struct strbuf *out, const char *key, const char *text)
{
    strbuf_addf(out, "\"%s\":\"", key);
    for (; text && *text; text++)
        if (*text == '\n')
            strbuf_add(out, "\\n");
        else if (*text == '"' || *text == '\\')
            strbuf_addf(out, "\\%c", *text);
        else
            strbuf_add_char(out, *text);
    strbuf_add_char(out, '"');
}

static void add_points(struct strbuf *out, const char *key, const struct func_point *p, size_t n)
{
    strbuf_addf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++)
        strbuf_addf(out, "%s[%.17g,%.17g]", i ? "," : "", p[i].x, p[i].y);
    strbuf_add(out, "]");
}

static void add_rows(struct strbuf *out, const struct param *row)
{
    bool first = true;
    strbuf_add(out, ",\"keys\":[");
    for (; row && row->name; row++, first = false) {
        strbuf_add(out, first ? "{" : ",{");
        add_text(out, "name", row->name);
        strbuf_add(out, ",");
        add_text(out, "help", row->help);
        strbuf_addf(out, ",\"role\":%d,\"needed\":%s,", (int)row->role,
                    row->fallback ? "false" : "true");
        add_text(out, "fallback", row->fallback);
        strbuf_add(out, "}");
    }
    strbuf_add(out, "]");
}

static void add_kinds(struct strbuf *out, const struct registry *r,
                      void (*more)(struct strbuf *out, const struct kind *k))
{
    strbuf_addf(out, "\"%s\":[", r->plural);
    for (size_t i = 0; r->kinds[i]; i++) {
        const struct kind *k = r->kinds[i];
        strbuf_add(out, i ? ",{" : "{");
        add_text(out, "name", k->name);
        strbuf_add(out, ",");
        add_text(out, "title", k->title);
        strbuf_add(out, ",");
        add_text(out, "equation", k->equation);
        add_rows(out, k->params);
        if (more)
            more(out, k);
        strbuf_add(out, "}");
    }
    strbuf_add(out, "]");
}

static void add_minima(struct strbuf *out, const struct kind *k)
{
    const struct func_kind *f = (const struct func_kind *)k;
    add_points(out, "minima", f->minimum, f->minima);
}

/* Its memory is the page's until the next `input`. */
PAGE_TAKES("catalogue") const char *page_catalogue(void)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, "{");
    add_kinds(&b, &optim_registry, NULL);
    strbuf_add(&b, ",");
    add_kinds(&b, &sched_registry, NULL);
    strbuf_add(&b, ",");
    add_kinds(&b, &func_registry, add_minima);
    strbuf_add(&b, "}");
    return b.text;
}
