/* What a plan says of itself: its table, its products. */
#include "nn/internal.h"
#include <stdio.h>
#include <string.h>

double model_flops(const struct model_plan *p, bool training)
{
    double flops = 0;
    for (size_t i = 0; i < p->layers; i++) {
        const struct plan_step *s = &p->step[i];
        if (s->kind->is_product)
            flops += 2 * s->shape.products * (training ? 2 + (s->needs_dx ? 1 : 0) : 1);
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

void model_describe(const struct model_plan *p, size_t train_batch, size_t eval_batch,
                    struct strbuf *out)
{
    size_t total = 0, place = 5;
    double products = 0;
    char text[64];
    for (size_t i = 0; i < p->layers; i++)
        place = strlen(p->layer[i].place) > place ? strlen(p->layer[i].place) : place;
    strbuf_addf(out, "%*s  %-15s %-34s %14s %12s %14s\n", (int)place, "layer", "kind", "detail",
                "output", "parameters", "multiply-adds");
    for (size_t i = 0; i < p->layers; i++) {
        const struct model_layer_info *l = &p->layer[i];
        strbuf_addf(out, "%*s  %-15s %-34s %14s %12zu %14.0f\n", (int)place, l->place, l->name,
                    l->detail, size_text(l, text), l->parameters, l->products);
        total += l->parameters;
        products += l->products;
    }
    strbuf_addf(out, "%*s  %-15s %-34s %14s %12zu %14.0f\n", (int)place, "", "total", "", "", total,
                products);
    strbuf_addf(out,
                "memory: %.1f MB for batches of %zu images in training and %zu in evaluation\n",
                model_bytes_wanted(p, train_batch, eval_batch, 1) / 1e6, train_batch, eval_batch);
}
