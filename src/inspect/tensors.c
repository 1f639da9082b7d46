/* A safetensors file: its tensors, and what its metadata say. */
#include "inspect/element.h"
#include "inspect/internal.h"
#include "util/text.h"
#include <math.h>
#include <string.h>

enum { NUMBER = 10, LEAST = 8 /* columns of a name beside its numbers */, INDENT = 2 };

struct summary {
    double norm, least, most;
    uint64_t nans, infinite;
};

static struct summary summarise(const struct st_tensor *t)
{
    struct summary s = {.least = (double)NAN, .most = (double)NAN};
    double square = 0;
    uint64_t n = element_count(t);
    for (uint64_t i = 0; i < n; i++) {
        double v = element_value(t, i);
        s.nans += isnan(v) != 0;
        s.infinite += isinf(v) != 0;
        s.least = fmin(s.least, v); /* the number, where one is NaN */
        s.most = fmax(s.most, v);
        square += v * v;
    }
    s.norm = sqrt(square);
    return s;
}

static char *shape_of(struct arena *a, const struct st_tensor *t)
{
    char *text = arena_printf(a, t->dims == 0 ? "scalar" : "");
    for (size_t i = 0; i < t->dims; i++)
        text = arena_printf(a, "%s%s%llu", text, i ? "x" : "", (unsigned long long)t->dim[i]);
    return text;
}

static void add_number(struct strbuf *b, bool known, double v)
{
    if (known && !isnan(v))
        strbuf_addf(b, " %*.4g", NUMBER, v);
    else
        strbuf_addf(b, " %*s", NUMBER, known ? "nan" : "-");
}

static void add_tensor(struct inspection *x, const struct st_tensor *t, const char *shape,
                       int name_width, int type_width, int shape_width)
{
    bool known = element_known(t->dtype), any = known && element_count(t) > 0;
    struct summary s = {0};
    struct strbuf name;
    if (any)
        s = summarise(t);
    strbuf_init(&name);
    inspect_text(&name, t->name, x->page);
    strbuf_add(&x->text, name.text);
    size_t width = text_columns(name.text);
    if (width > (size_t)name_width) /* its numbers go below it */
        strbuf_addf(&x->text, "\n%*s", name_width, "");
    else
        strbuf_addf(&x->text, "%*s", name_width - (int)width, "");
    strbuf_addf(&x->text, " %-*s %*s", type_width, t->dtype, shape_width, shape);
    add_number(&x->text, any, s.norm);
    add_number(&x->text, any, s.least);
    add_number(&x->text, any, s.most);
    strbuf_add(&x->text, "\n");
    if (s.nans + s.infinite > 0)
        strbuf_addf(&x->text, "  holds %llu NaN and %llu infinite values\n",
                    (unsigned long long)s.nans, (unsigned long long)s.infinite);
    strbuf_fini(&name);
}

static void add_tensors(struct inspection *x, const struct st_file *f, struct arena *a)
{
    size_t type_width = 5, shape_width = 5;
    char **shape = arena_alloc(a, (f->n + 1) * sizeof *shape);
    for (size_t i = 0; i < f->n; i++) {
        shape[i] = shape_of(a, &f->tensor[i]);
        shape_width = strlen(shape[i]) > shape_width ? strlen(shape[i]) : shape_width;
        type_width =
            strlen(f->tensor[i].dtype) > type_width ? strlen(f->tensor[i].dtype) : type_width;
    }
    size_t rest = 2 + type_width + shape_width + 3 * (NUMBER + 1);
    size_t name_width = rest + LEAST <= x->page ? x->page - rest : INDENT;
    strbuf_addf(&x->text, name_width == INDENT ? "\n%s\n%*s" : "\n%s%*s", "tensor",
                (int)(name_width == INDENT ? INDENT : name_width - strlen("tensor")), "");
    strbuf_addf(&x->text, " %-*s %*s %*s %*s %*s\n", (int)type_width, "type", (int)shape_width,
                "shape", NUMBER, "norm", NUMBER, "min", NUMBER, "max");
    for (size_t i = 0; i < f->n; i++)
        add_tensor(x, &f->tensor[i], shape[i], (int)name_width, (int)type_width, (int)shape_width);
}

static void add_metadata(struct inspection *x, const struct st_file *f)
{
    if (f->metas == 0)
        return;
    strbuf_add(&x->text, "\nmetadata\n");
    for (size_t i = 0; i < f->metas; i++) {
        const char *v = f->meta[i].value;
        strbuf_add(&x->text, "  ");
        inspect_text(&x->text, f->meta[i].key, 30);
        strbuf_add(&x->text, x->verbose && strchr(v, '\n') ? ":\n" : ": ");
        if (x->verbose)
            strbuf_add(&x->text, v);
        else if (strchr(v, '\n'))
            strbuf_addf(&x->text, "%zu lines, %zu bytes (-v shows them)", text_lines(v), strlen(v));
        else
            inspect_text(&x->text, v, 45);
        strbuf_add(&x->text, "\n");
    }
}

bool inspect_tensors(const char *path, struct inspection *x, struct error *err)
{
    struct st_file f;
    struct arena a;
    uint64_t numbers = 0;
    if (!st_read(path, &f, err))
        return false;
    arena_init(&a);
    for (size_t i = 0; i < f.n; i++)
        numbers += element_count(&f.tensor[i]);
    inspect_line(x, "safetensors", "%s", path);
    inspect_line(x, "size", "%zu bytes", f.length);
    inspect_line(x, "tensors", "%zu, together %llu numbers", f.n, (unsigned long long)numbers);
    inspect_line(x, "data sha256", "%s", f.digest);
    bool data = st_meta(&f, "descent.digest") != NULL,
         header = st_meta(&f, "descent.header") != NULL;
    inspect_line(x, "digests", "%s%s%s%s",
                 data || header ? "recorded and right: " : "none recorded", data ? "data" : "",
                 data && header ? ", " : "", header ? "header" : "");
    add_tensors(x, &f, &a);
    add_metadata(x, &f);
    arena_fini(&a);
    st_fini(&f);
    return true;
}
