#include "train/items.h"
#include "num/tensor.h"
#include "train/internal.h"
#include <string.h>

/* role: of the weights that it is like; TENSOR_BIAS: a vector. */
static void add_item(struct items *x, const char *name, float *data, struct tensor_shape shape,
                     enum tensor_role role)
{
    x->v = mem_room(x->v, x->n, &x->capacity, sizeof *x->v);
    struct item i = {.name = name, .data = data, .shape = shape};
    i.dims = tensor_dims(&shape, role, i.dim);
    x->v[x->n++] = i;
}

void items_add_model(struct items *x, const struct model_plan *p, const char *prefix, float *params,
                     float *buffers)
{
    for (size_t i = 0; params && i < p->params; i++)
        add_item(x, arena_printf(&x->arena, "%s%s", prefix, p->param[i].name),
                 params + p->param[i].offset, p->param[i].shape, p->param[i].role);
    for (size_t i = 0; buffers && i < p->buffers; i++)
        add_item(x, arena_printf(&x->arena, "%s%s", prefix, p->buffer[i].name),
                 buffers + p->buffer[i].offset, p->buffer[i].shape, p->buffer[i].role);
}

static void add_optimizer(struct items *x, struct train *t)
{
    struct optim_state state;
    for (size_t i = 0; i < t->plan->params; i++)
        for (size_t s = 0; optim_state(t->optim, i, s, &state); s++)
            if (state.data)
                add_item(
                    x,
                    arena_printf(&x->arena, "optimizer.%s.%s", t->plan->param[i].name, state.name),
                    state.data, state.shape,
                    state.like_weights ? t->plan->param[i].role : TENSOR_BIAS);
}

struct items items_of_run(struct train *t)
{
    struct items x = {0};
    arena_init(&x.arena);
    items_add_model(&x, t->plan, "model.", model_params(t->model), model_buffers(t->model));
    add_optimizer(&x, t);
    items_add_model(&x, t->plan, "average.", t->average, t->average_buffers);
    return x;
}

void items_fini(struct items *x)
{
    mem_free(x->v);
    arena_fini(&x->arena);
}

size_t item_count(const struct item *i)
{
    return i->shape.rows * i->shape.cols;
}

struct st_tensor item_pack(struct arena *a, const struct item *i)
{
    float *data = arena_alloc(a, item_count(i) * sizeof(float) + 1);
    tensor_pack(&i->shape, i->data, data);
    struct st_tensor t = {.name = i->name, .dtype = "F32", .dims = i->dims, .data = data};
    for (size_t k = 0; k < i->dims; k++)
        t.dim[k] = i->dim[k];
    t.bytes = item_count(i) * sizeof(float);
    return t;
}

bool item_has_shape(const struct item *i, const struct st_tensor *t)
{
    bool fit = t->dims == i->dims;
    for (size_t k = 0; fit && k < i->dims; k++)
        fit = t->dim[k] == i->dim[k];
    return fit;
}

void items_complain(struct strbuf *b, const char *what, const char *name)
{
    strbuf_addf(b, "%s%s '%s'", b->length ? ", " : "", what, name);
}

bool items_know(const struct items *x, const char *name)
{
    for (size_t i = 0; i < x->n; i++)
        if (strcmp(x->v[i].name, name) == 0)
            return true;
    return false;
}
