#include "playground/playground.h"
#include "playground/page.h"
#include "util/file.h"
#include <math.h>

/* ---- JSON within a script: no '<', which could end it ---- */

static void add_text(struct strbuf *out, const char *text)
{
    strbuf_add_char(out, '"');
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            strbuf_addf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ' || *text == '<')
            strbuf_addf(out, "\\u%04x", (unsigned)*text);
        else
            strbuf_add_char(out, *text);
    strbuf_add_char(out, '"');
}

static void add_member(struct strbuf *out, const char *key, const char *text)
{
    add_text(out, key);
    strbuf_add(out, ":");
    add_text(out, text);
}

static void add_numbers(struct strbuf *out, const char *key, const double *v, size_t n,
                        size_t every)
{
    strbuf_addf(out, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i += every)
        if (isfinite(v[i]))
            strbuf_addf(out, "%s%.7g", i ? "," : "", v[i]);
        else
            strbuf_add(out, i ? ",null" : "null");
    strbuf_add(out, "]");
}

/* ---- where the page begins ---- */

/* {"name":"sgd","settings":{"lr":"0.1"}: values as a spec has them. */
static void add_kind(struct strbuf *out, const struct chosen *c)
{
    struct strbuf value;
    bool first = true;
    strbuf_init(&value);
    strbuf_add(out, "{");
    add_member(out, "name", c->kind->name);
    strbuf_add(out, ",\"settings\":{");
    for (const struct param *row = c->kind->params; row && row->name; row++, first = false) {
        strbuf_clear(&value);
        write_value(&value, row, (const char *)c->options + row->offset);
        strbuf_add(out, first ? "" : ",");
        add_member(out, row->name, value.text);
    }
    strbuf_add(out, "}");
    strbuf_fini(&value);
}

static void add_scheduler(struct strbuf *out, const struct chosen_list *scheduler)
{
    static const struct param row =
        P_KINDS(struct trace_entry, scheduler, "null", &sched_registry, "", .nullable = true);
    struct strbuf value;
    strbuf_init(&value);
    if (scheduler->n > 0)
        write_value(&value, &row, scheduler);
    strbuf_add(out, ",");
    add_member(out, "scheduler", value.text);
    strbuf_fini(&value);
}

static void add_state(struct strbuf *out, const struct spec *s)
{
    const struct trace_config *t = s->trace;
    strbuf_addf(out, ",\"state\":{\"seed\":%lld,\"steps\":%lld,\"noise\":", (long long)s->seed,
                (long long)t->steps);
    strbuf_add_real(out, t->noise);
    strbuf_add(out, ",\"function\":");
    add_kind(out, &t->function);
    strbuf_add(out, "},\"start\":[");
    strbuf_add_real(out, t->start[0]);
    strbuf_add(out, ",");
    strbuf_add_real(out, t->start[1]);
    strbuf_add(out, "],\"domain\":[");
    for (size_t i = 0; i < 4; i++) {
        strbuf_add(out, i ? "," : "");
        strbuf_add_real(out, t->domain.v[i]);
    }
    strbuf_add(out, "],\"optimizers\":[");
    for (size_t i = 0; i < t->optimizers.n; i++) {
        strbuf_add(out, i ? "," : "");
        add_kind(out, &t->optimizers.v[i].optimizer);
        add_scheduler(out, &t->optimizers.v[i].scheduler);
        strbuf_add(out, "}");
    }
    strbuf_add(out, "]}");
}

/* ---- what a page without the module shows ---- */

enum { COLUMNS = 120, ROWS = 90, POINTS = 1000 };

static void add_path(struct strbuf *out, const struct trace_path *p)
{
    size_t every = (p->n + POINTS - 1) / POINTS;
    every = every > 0 ? every : 1;
    strbuf_add(out, "{");
    add_member(out, "label", p->label);
    strbuf_addf(out, ",\"diverged\":%s,\"every\":%zu", p->diverged ? "true" : "false", every);
    add_numbers(out, "x", p->x, p->n, every);
    add_numbers(out, "y", p->y, p->n, every);
    add_numbers(out, "value", p->value, p->n, every);
    strbuf_add(out, "}");
}

static void add_field(struct strbuf *out, const struct trace_config *t)
{
    const double *v = t->domain.v;
    struct arena a;
    arena_init(&a);
    double *field = arena_alloc(&a, sizeof(double) * COLUMNS * ROWS);
    func_field(&t->function, v, COLUMNS, ROWS, field);
    strbuf_addf(out, ",\"columns\":%d,\"rows\":%d", COLUMNS, ROWS);
    add_numbers(out, "domain", v, 4, 1);
    add_numbers(out, "field", field, (size_t)COLUMNS * ROWS, 1);
    arena_fini(&a);
}

static void add_recorded(struct strbuf *out, const struct trace *t)
{
    strbuf_add(out, ",\"recorded\":{\"paths\":[");
    for (size_t i = 0; i < t->n; i++) {
        strbuf_add(out, i ? "," : "");
        add_path(out, &t->path[i]);
    }
    strbuf_add(out, "],\"minima\":[");
    for (size_t i = 0; i < t->function->minima; i++)
        strbuf_addf(out, "%s[%.7g,%.7g]", i ? "," : "", t->function->minimum[i].x,
                    t->function->minimum[i].y);
    strbuf_add(out, "]");
    add_field(out, t->config);
    strbuf_add(out, "}");
}

static void add_trace(struct strbuf *out, const struct trace *t, const struct spec *s)
{
    strbuf_add(out, "{");
    add_member(out, "title", s->name);
    if (page_computes)
        add_state(out, s);
    else
        add_recorded(out, t);
    strbuf_add(out, "}");
}

static void add_part(struct strbuf *out, const char *const *part)
{
    for (; *part; part++)
        strbuf_add(out, *part);
}

bool playground_write(const struct trace *t, const struct spec *s, const char *path,
                      struct error *err)
{
    struct strbuf b;
    if (!t && !page_computes)
        return error_set(err, ERR_SYSTEM,
                         "this descent was built without the playground's WebAssembly: install "
                         "clang and lld, then 'meson setup --reconfigure build' and 'ninja -C "
                         "build'; 'descent trace SPEC -o FILE.html' writes a page with recorded "
                         "paths, without them");
    strbuf_init(&b);
    add_part(&b, page_before);
    add_part(&b, page_module);
    add_part(&b, page_between);
    if (t && s)
        add_trace(&b, t, s);
    else
        strbuf_add(&b, "null");
    add_part(&b, page_after);
    bool ok = file_write(path, b.text, b.length, err);
    strbuf_fini(&b);
    return ok;
}
