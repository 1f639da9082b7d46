/* The plan of a model: its layers, its tensors, their places in one block. */
#include "nn/internal.h"
#include "util/mem.h"
#include <stdio.h>
#include <string.h>

enum {
    ALIGN = 16,
    FOLD = 256
}; /* rows a multiple of FOLD floats apart would share few sets of a cache */

static size_t padded(size_t width)
{
    size_t ld = (width + ALIGN - 1) / ALIGN * ALIGN;
    return ld % FOLD == 0 ? ld + ALIGN : ld;
}

static int add_tensor(struct model_tensor *list, size_t *count, size_t *floats,
                      const char *name, size_t layer, enum tensor_role role, size_t rows,
                      size_t cols, size_t fan_in)
{
    struct model_tensor *t = &list[*count];
    *t = (struct model_tensor){
        .layer = layer, .role = role, .fan_in = fan_in, .offset = *floats};
    snprintf(t->name, sizeof t->name, "%zu.%s", layer, name);
    t->shape = (struct tensor_shape){.rows = rows, .cols = cols, .ld = padded(rows)};
    t->stored = tensor_stored(&t->shape);
    *floats += t->stored;
    return (int)(*count)++;
}

static void add_tensors(struct model_plan *p, struct plan_step *s, size_t layer)
{
    const struct layer_shape *h = &s->shape;
    s->weight = s->bias = s->mean = s->var = -1;
    enum tensor_role role = h->norm ? TENSOR_NORM : TENSOR_HIDDEN;
    size_t cols = h->norm ? 1 : h->in, fan_in = h->norm ? 0 : h->in;
    if (h->weight)
        s->weight = add_tensor(p->param, &p->params, &p->param_floats, "weight", layer, role,
                               h->out, cols, fan_in);
    if (h->bias)
        s->bias = add_tensor(p->param, &p->params, &p->param_floats, "bias", layer,
                             h->norm ? TENSOR_NORM : TENSOR_BIAS, h->out, 1, fan_in);
    if (!h->norm)
        return;
    p->has_batch_norm = true;
    s->mean = add_tensor(p->buffer, &p->buffers, &p->buffer_floats, "running_mean", layer,
                         TENSOR_NORM, h->out, 1, 0);
    s->var = add_tensor(p->buffer, &p->buffers, &p->buffer_floats, "running_var", layer,
                        TENSOR_NORM, h->out, 1, 0);
}

static void add_layer(struct model_plan *p, const struct chosen *c, size_t *width)
{
    struct plan_step s = {
        .kind = (const struct layer_kind *)c->kind, .options = c->options, .shape.in = *width};
    s.kind->shape(s.options, &s.shape);
    if (s.shape.nothing)
        return;
    size_t first = p->params;
    s.number = (uint32_t)p->layers;
    s.in_ld = padded(s.shape.in);
    s.out_ld = padded(s.shape.out);
    s.needs_dx = p->params > 0;
    add_tensors(p, &s, p->layers);
    struct model_layer_info *info = &p->layer[p->layers];
    info->name = s.kind->base.name;
    info->width_out = s.shape.out;
    memcpy(info->detail, s.shape.detail, sizeof info->detail);
    for (size_t i = first; i < p->params; i++)
        info->parameters += p->param[i].shape.rows * p->param[i].shape.cols;
    p->step[p->layers++] = s;
    *width = s.shape.out;
}

/* The last matrix is the output layer's. */
static void mark_output(struct model_plan *p)
{
    for (size_t i = p->params; i > 0; i--)
        if (p->param[i - 1].role == TENSOR_HIDDEN) {
            p->param[i - 1].role = TENSOR_OUTPUT;
            return;
        }
}

enum { MAX_LAYERS = 1000 };
static const double max_parameters = 2e9;

bool model_plan_new(const struct chosen *config, size_t features, size_t classes,
                    struct model_plan **ret, char ret_key[64], struct error *err)
{
    const struct model_kind *k = (const struct model_kind *)config->kind;
    struct model_plan *p = mem_new(sizeof *p);
    struct chosen_list list;
    arena_init(&p->arena);
    p->features = features;
    p->classes = classes;
    p->input_ld = padded(features);
    bool ok = k->expand(config->options, classes, &p->arena, &list, ret_key, err);
    if (ok && list.n > MAX_LAYERS) {
        snprintf(ret_key, 64, "model");
        ok = error_set(err, ERR_USAGE, "a model has at most %d layers", MAX_LAYERS);
    }
    size_t width = features;
    if (ok) {
        p->step = arena_alloc(&p->arena, (list.n + 1) * sizeof *p->step);
        p->layer = arena_alloc(&p->arena, (list.n + 1) * sizeof *p->layer);
        p->param = arena_alloc(&p->arena, (2 * list.n + 1) * sizeof *p->param);
        p->buffer = arena_alloc(&p->arena, (2 * list.n + 1) * sizeof *p->buffer);
        for (size_t i = 0; i < list.n; i++)
            add_layer(p, &list.v[i], &width);
        mark_output(p);
        snprintf(ret_key, 64, "model");
        if ((double)p->param_floats > max_parameters)
            ok = error_set(err, ERR_USAGE,
                           "a model of %.3g weights is beyond this program: at most %.0e",
                           (double)p->param_floats, max_parameters);
        else if (classes > 0 && width != classes)
            ok = error_set(err, ERR_USAGE,
                           "the model's output has %zu units, but the data has %zu classes",
                           width, classes);
    }
    if (!ok) {
        model_plan_free(p);
        return false;
    }
    ret_key[0] = '\0';
    *ret = p;
    return true;
}

void model_plan_free(struct model_plan *p)
{
    if (!p)
        return;
    arena_fini(&p->arena);
    mem_free(p);
}

void model_describe(const struct model_plan *p, struct strbuf *out)
{
    size_t total = 0;
    strbuf_addf(out, "%5s  %-12s %-26s %8s %12s\n", "layer", "kind", "detail", "width",
                "parameters");
    for (size_t i = 0; i < p->layers; i++) {
        const struct model_layer_info *l = &p->layer[i];
        strbuf_addf(out, "%5zu  %-12s %-26s %8zu %12zu\n", i, l->name, l->detail, l->width_out,
                    l->parameters);
        total += l->parameters;
    }
    strbuf_addf(out, "%5s  %-12s %-26s %8s %12zu\n", "", "total", "", "", total);
}
