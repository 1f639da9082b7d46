/* What a plan says of itself: its table, its products. */
#include "nn/internal.h"
#include <stdio.h>
#include <string.h>

double model_flops(const struct model_plan *p)
{
    double flops = 0;
    for (size_t i = 0; i < p->layers; i++) {
        const struct plan_step *s = &p->step[i];
        if (s->kind->is_product)
            flops += 2 * s->shape.products * (s->needs_dx ? 3 : 2);
    }
    return flops;
}

static const char *size_text(const struct model_layer_info *l, char text[64])
{
    if (l->image)
        snprintf(text, 64, "%zu x %zu x %zu", l->out.channels, l->out.height, l->out.width);
    else
        snprintf(text, 64, "%zu", l->out.channels);
    return text;
}

/* A row of it. */
struct described {
    const char *place, *name, *detail, *output, *parameters, *products;
};
/* How wide each column is. */
struct described_widths {
    int place, name, detail, output, parameters, products;
};

static void widen(int *width, const char *text)
{
    int n = (int)strlen(text);
    *width = n > *width ? n : *width;
}

static void widen_all(struct described_widths *w, const struct described *r)
{
    widen(&w->place, r->place);
    widen(&w->name, r->name);
    widen(&w->detail, r->detail);
    widen(&w->output, r->output);
    widen(&w->parameters, r->parameters);
    widen(&w->products, r->products);
}

static size_t sum_of(const struct described_widths *w)
{
    enum { GAPS = 7 };
    return (size_t)(w->place + w->name + w->detail + w->output + w->parameters + w->products) +
           GAPS;
}

/* In two lines where `w` is NULL. */
static void write_row(const struct described *r, const struct described_widths *w, int place,
                      struct strbuf *out)
{
    if (w) {
        strbuf_addf(out, "%*s  %-*s %-*s %*s %*s %*s\n", w->place, r->place, w->name, r->name,
                    w->detail, r->detail, w->output, r->output, w->parameters, r->parameters,
                    w->products, r->products);
        return;
    }
    strbuf_addf(out, "%*s  %s%s%s\n%*s", place, r->place, r->name, r->detail[0] ? " " : "",
                r->detail, place + 2, "");
    if (r->output[0])
        strbuf_addf(out, "-> %s, ", r->output);
    strbuf_addf(out, "%s + %s\n", r->parameters, r->products);
}

static void write_memory(const struct model_plan *p, const struct model_description *how,
                         struct strbuf *out)
{
    double model = model_bytes_wanted(p, how->train_batch, how->eval_batch, how->threads);
    strbuf_addf(out,
                "memory: %.1f MB for batches of %zu image%s in training and %zu in evaluation\n"
                "        (of them %.1f MB for the optimizer and averages)\n",
                (model + how->more_bytes) / 1e6, how->train_batch, how->train_batch == 1 ? "" : "s",
                how->eval_batch, how->more_bytes / 1e6);
}

void model_describe(const struct model_plan *p, const struct model_description *how,
                    struct strbuf *out)
{
    enum { HEAD = 1, TOTAL = 1 };
    size_t total = 0, rows = p->layers + HEAD + TOTAL;
    double products = 0;
    char text[64];
    struct arena a;
    struct described_widths usual = {5, 15, 34, 14, 12, 14}, least = {0};
    arena_init(&a);
    struct described *row = arena_alloc(&a, rows * sizeof *row);
    row[0] = (struct described){"layer", "kind", "detail", "output", "parameters", "multiply-adds"};
    for (size_t i = 0; i < p->layers; i++) {
        const struct model_layer_info *l = &p->layer[i];
        row[HEAD + i] = (struct described){l->place,
                                           l->name,
                                           l->detail,
                                           arena_strdup(&a, size_text(l, text)),
                                           arena_printf(&a, "%zu", l->parameters),
                                           arena_printf(&a, "%.0f", l->products)};
        total += l->parameters;
        products += l->products;
    }
    row[rows - 1] = (struct described){
        "", "total", "", "", arena_printf(&a, "%zu", total), arena_printf(&a, "%.0f", products)};
    for (size_t i = 0; i < rows; i++) {
        widen_all(&least, &row[i]);
        widen_all(&usual, &row[i]);
    }
    const struct described_widths *w = sum_of(&usual) <= how->page   ? &usual
                                       : sum_of(&least) <= how->page ? &least
                                                                     : NULL;
    for (size_t i = 0; i < rows; i++)
        write_row(&row[i], w, least.place, out);
    write_memory(p, how, out);
    arena_fini(&a);
}
