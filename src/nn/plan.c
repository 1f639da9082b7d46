/* The plan of a model: its layers as steps, what they hand on, its tensors and their places. */
#include "nn/internal.h"
#include "util/mem.h"
#include <string.h>

enum { FOLD = 256 }; /* rows a multiple of so many floats apart would share few sets of a cache */
enum { MAX_LAYERS = 10000 };
static const double max_parameters = 2e9, max_numbers = 1e8;

static size_t padded(size_t width)
{
    size_t ld = tensor_pad(width);
    return ld % FOLD == 0 ? ld + TENSOR_UNIT : ld;
}

/* Where a list of layers has come to. */
struct stretch {
    struct image_shape shape;
    bool image;
    size_t ld;
    int value;
    size_t stride[2]; /* product of its layers' */
    bool batch_norm;  /* one is among its layers */
    bool nothing;     /* its last layer was left out */
};

struct building {
    struct model_plan *plan;
    const char *key; /* of the list's layers in the spec; NULL: they do not stand there */
    struct error *err;
};

/* ---- tensors ---- */

struct tensor_list {
    struct model_tensor *tensor;
    size_t *count, *floats;
};

static int add_tensor(struct model_plan *p, const struct tensor_list *to, const char *place,
                      const char *name, struct model_tensor t)
{
    t.name = arena_printf(&p->arena, "%s.%s", place, name);
    t.layer = p->layers;
    t.offset = *to->floats;
    t.shape.ld = padded(t.shape.rows);
    t.stored = tensor_stored(&t.shape);
    *to->floats += t.stored;
    to->tensor[*to->count] = t;
    return (int)(*to->count)++;
}

static int add_param(struct model_plan *p, const char *place, const char *name,
                     struct model_tensor t)
{
    return add_tensor(p, &(struct tensor_list){p->param, &p->params, &p->param_floats}, place, name,
                      t);
}

static int add_buffer(struct model_plan *p, const char *place, const char *name, size_t rows,
                      double initial)
{
    struct model_tensor t = {
        .role = TENSOR_NORM, .shape = {.rows = rows, .cols = 1}, .initial = initial};
    return add_tensor(p, &(struct tensor_list){p->buffer, &p->buffers, &p->buffer_floats}, place,
                      name, t);
}

static void add_tensors(struct model_plan *p, struct plan_step *s, const char *place,
                        const struct chosen *init)
{
    const struct layer_shape *h = &s->shape;
    struct model_tensor w = {.role = h->norm ? TENSOR_NORM : TENSOR_HIDDEN,
                             .shape = h->weights,
                             .init = init && init->kind ? init : NULL};
    s->weight = s->bias = s->mean = s->var = -1;
    if (w.shape.rows == 0)
        w.shape =
            (struct tensor_shape){.rows = h->out.channels, .cols = h->norm ? 1 : h->in.channels};
    if (!h->norm) {
        w.fan_in = w.shape.cols;
        w.fan_out = w.shape.rows * (w.shape.high > 0 ? w.shape.high * w.shape.wide : 1);
    }
    w.initial = 1;
    if (h->weight)
        s->weight = add_param(p, place, "weight", w);
    w.initial = 0;
    if (!h->norm) {
        w.role = TENSOR_BIAS;
        w.shape = (struct tensor_shape){.rows = w.shape.rows, .cols = 1};
    }
    if (h->bias)
        s->bias = add_param(p, place, "bias", w);
    if (!h->running)
        return;
    size_t pixels = image_pixels(h->in);
    p->norm_pixels = p->has_batch_norm && p->norm_pixels < pixels ? p->norm_pixels : pixels;
    p->has_batch_norm = true;
    s->mean = add_buffer(p, place, "running_mean", h->out.channels, 0);
    s->var = add_buffer(p, place, "running_var", h->out.channels, 1);
}

/* ---- steps ---- */

static int add_value(struct model_plan *p, size_t floats, bool trained)
{
    p->value[p->values] = (struct plan_value){.floats = floats, .trained = trained};
    return (int)p->values++;
}

static void describe(struct model_plan *p, const struct plan_step *s, const char *place,
                     size_t first)
{
    struct model_layer_info *info = &p->layer[p->layers];
    *info = (struct model_layer_info){.name = s->kind->base.name,
                                      .place = place,
                                      .out = s->shape.out,
                                      .image = s->shape.out_image,
                                      .products = s->shape.products};
    memcpy(info->detail, s->shape.detail, sizeof info->detail);
    for (size_t i = first; i < p->params; i++)
        info->parameters += p->param[i].shape.rows * p->param[i].shape.cols;
}

static const struct chosen *init_of(const struct layer_kind *k, const void *options)
{
    const struct param *p = kind_param(&layer_registry, &k->base, "init");
    return p ? (const struct chosen *)(const void *)((const char *)options + p->offset) : NULL;
}

/* other: the second value of a sum, else -1. */
static bool add_step(struct building *b, const struct layer_kind *k, const void *options, int other,
                     const char *place, struct stretch *at)
{
    struct model_plan *p = b->plan;
    struct plan_step s = {
        .kind = k, .options = options, .in = at->value, .other = other, .in_ld = at->ld};
    s.shape = (struct layer_shape){.in = at->shape, .image = at->image, .in_ld = at->ld};
    s.shape.out_image = at->image;
    if (!k->shape(options, &s.shape, b->err))
        return false;
    at->nothing = s.shape.nothing;
    if (s.shape.nothing)
        return true;
    size_t first = p->params, numbers = image_numbers(s.shape.out);
    if ((double)s.shape.out.channels * (double)image_pixels(s.shape.out) > max_numbers)
        return error_set(b->err, ERR_USAGE,
                         "%zu numbers an image are beyond this program: at most %.0e", numbers,
                         max_numbers);
    s.number = (uint32_t)p->layers;
    s.out_ld = s.shape.out_ld ? s.shape.out_ld : padded(s.shape.out.channels);
    s.needs_dx = p->value[s.in].trained || (other >= 0 && p->value[other].trained);
    s.out = s.shape.passes
                ? s.in
                : add_value(p, image_pixels(s.shape.out) * s.out_ld, s.needs_dx || s.shape.weight);
    add_tensors(p, &s, place, init_of(k, options));
    describe(p, &s, place, first);
    p->step[p->layers++] = s;
    at->shape = s.shape.out;
    at->image = s.shape.out_image;
    at->ld = s.out_ld;
    at->value = s.out;
    at->batch_norm |= s.shape.running;
    for (int axis = 0; axis < 2; axis++)
        at->stride[axis] *= s.shape.stride[axis] ? s.shape.stride[axis] : 1;
    return true;
}

static bool add_list(struct building *b, const struct chosen_list *list, const char *place,
                     const char *key, struct stretch *at);

/* ---- residuals ---- */

/* The image in rows of `out` channels, every stride-th pixel. */
static bool add_pad(struct building *b, size_t out, size_t down, size_t across, const char *place,
                    struct stretch *at)
{
    struct residual_pad_options *o = arena_alloc(&b->plan->arena, sizeof *o);
    *o = (struct residual_pad_options){.out = out, .stride = {down, across}};
    return add_step(b, &residual_pad, o, -1, place, at);
}

/* Both sides of a sum have rows of one length: rows of few channels are as short as the input's
 * until a layer pads them. */
static bool even_rows(struct building *b, const char *place, struct stretch *f,
                      struct stretch *shortcut)
{
    if (f->ld == shortcut->ld)
        return true;
    struct stretch *shorter = f->ld < shortcut->ld ? f : shortcut;
    return add_pad(
        b, shorter->shape.channels, 1, 1,
        arena_printf(&b->plan->arena, "%s.%s", place, shorter == f ? "layers" : "shortcut"),
        shorter);
}

static bool add_shortcut(struct building *b, int form, const struct stretch *f, const char *place,
                         struct stretch *at)
{
    struct arena *a = &b->plan->arena;
    if (form == SHORTCUT_IDENTITY)
        return true;
    if (form == SHORTCUT_PAD)
        return add_pad(b, f->shape.channels, f->stride[0], f->stride[1],
                       arena_printf(a, "%s.shortcut", place), at);
    struct conv_options *o = arena_alloc(a, sizeof *o);
    int64_t *ones = arena_alloc(a, 4 * sizeof *ones);
    ones[0] = ones[1] = 1;
    ones[2] = (int64_t)f->stride[0];
    ones[3] = (int64_t)f->stride[1];
    *o = (struct conv_options){
        .out = (int64_t)f->shape.channels, .kernel = {2, ones}, .stride = {2, ones + 2}};
    return add_step(b, (const struct layer_kind *)registry_find(&layer_registry, "conv"), o, -1,
                    arena_printf(a, "%s.shortcut.0", place), at) &&
           (!f->batch_norm ||
            add_step(b, (const struct layer_kind *)registry_find(&layer_registry, "batch_norm"),
                     NULL, -1, arena_printf(a, "%s.shortcut.1", place), at));
}

static bool same_shape(const struct stretch *a, const struct stretch *b)
{
    return a->image == b->image && a->shape.channels == b->shape.channels &&
           a->shape.height == b->shape.height && a->shape.width == b->shape.width;
}

static bool add_residual(struct building *b, const struct residual_options *o, const char *place,
                         const char *key, struct stretch *at)
{
    struct arena *a = &b->plan->arena;
    struct stretch f = *at, shortcut = *at;
    char one[64], other[64];
    f.stride[0] = f.stride[1] = 1;
    f.batch_norm = false;
    if (!add_list(b, &o->layers, arena_printf(a, "%s.layers", place),
                  key ? arena_printf(a, "%s.residual.layers", key) : NULL, &f))
        return false;
    if (f.value == at->value)
        return error_set(b->err, ERR_USAGE, "a residual needs layers that do something");
    if (!add_shortcut(b, o->shortcut, &f, place, &shortcut))
        return false;
    if (!same_shape(&f, &shortcut))
        return error_set(b->err, ERR_USAGE, "the residual's layers make %s, but its shortcut %s%s",
                         shape_text(f.shape, f.image, one),
                         shape_text(shortcut.shape, shortcut.image, other),
                         o->shortcut == SHORTCUT_IDENTITY
                             ? "; 'shortcut: pad' and 'shortcut: conv' change channels and stride"
                             : "");
    if (!even_rows(b, place, &f, &shortcut))
        return false;
    for (int axis = 0; axis < 2; axis++)
        f.stride[axis] *= at->stride[axis];
    f.batch_norm |= at->batch_norm;
    *at = f;
    return add_step(b, &residual_add, NULL, shortcut.value, place, at);
}

/* ---- lists ---- */

static bool add_layer(struct building *b, const struct chosen *c, const char *place,
                      const char *key, struct stretch *at)
{
    const struct layer_kind *k = (const struct layer_kind *)c->kind;
    if (b->plan->layers >= MAX_LAYERS)
        return error_set(b->err, ERR_USAGE, "a model has at most %d layers", MAX_LAYERS);
    if (k == &layer_residual)
        return add_residual(b, c->options, place, key, at);
    return add_step(b, k, c->options, -1, place, at);
}

/* key: where the list stands in the spec, or NULL. */
static bool add_list(struct building *b, const struct chosen_list *list, const char *place,
                     const char *key, struct stretch *at)
{
    struct arena *a = &b->plan->arena;
    size_t number = 0;
    for (size_t i = 0; i < list->n; i++) {
        const char *own = key ? arena_printf(a, "%s.%zu", key, i) : NULL;
        if (!add_layer(b, &list->v[i],
                       place[0] ? arena_printf(a, "%s.%zu", place, number)
                                : arena_printf(a, "%zu", number),
                       own, at))
            return error_blame(b->err, "%s", own ? own : "model"); /* or the layer within it */
        number += !at->nothing;
    }
    return true;
}

static size_t count_layers(const struct chosen_list *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        n++;
        if (list->v[i].kind == &layer_residual.base)
            n += 3 + count_layers(&((const struct residual_options *)list->v[i].options)->layers);
    }
    return n;
}

/* The first layer that does something. */
static const struct layer_kind *first_kind(const struct chosen_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct layer_kind *k = (const struct layer_kind *)list->v[i].kind;
        struct layer_shape s = {.in = {1, 1, 1}, .image = true};
        struct error err;
        bool fits = k == &layer_residual || k->shape(list->v[i].options, &s, &err);
        if (!fits || !s.nothing)
            return k;
    }
    return NULL;
}

/* A list that begins with flatten takes vectors as they come; any other one rows of pixels. */
static void begin_input(struct model_plan *p, bool flattened, struct stretch *ret)
{
    struct image_shape s = p->input;
    p->input_image = !flattened;
    p->input_ld = flattened         ? padded(p->features)
                  : s.channels <= 3 ? s.channels
                                    : padded(s.channels);
    *ret = (struct stretch){.shape = flattened ? (struct image_shape){p->features, 1, 1} : s,
                            .image = !flattened,
                            .ld = p->input_ld,
                            .stride = {1, 1}};
    ret->value = add_value(p, (flattened ? 1 : image_pixels(s)) * p->input_ld, false);
}

/* The last linear layer's weight is the output's. */
static void mark_output(struct model_plan *p)
{
    for (size_t i = p->layers; i > 0; i--)
        if (p->step[i - 1].kind->takes_rows) {
            p->param[p->step[i - 1].weight].role = TENSOR_OUTPUT;
            return;
        }
}

static void take_room(struct model_plan *p, const struct chosen_list *list)
{
    size_t most = count_layers(list) + 1;
    most = most > 4 * MAX_LAYERS ? 4 * MAX_LAYERS : most;
    p->step = arena_alloc(&p->arena, (most + 1) * sizeof *p->step);
    p->layer = arena_alloc(&p->arena, (most + 1) * sizeof *p->layer);
    p->value = arena_alloc(&p->arena, (most + 2) * sizeof *p->value);
    p->param = arena_alloc(&p->arena, (2 * most + 1) * sizeof *p->param);
    p->buffer = arena_alloc(&p->arena, (2 * most + 1) * sizeof *p->buffer);
}

static bool check_sizes(const struct model_plan *p, const struct stretch *end, struct error *err)
{
    char text[64];
    if ((double)p->param_floats > max_parameters)
        return error_set(err, ERR_USAGE,
                         "a model of %.3g weights is beyond this program: at most %.0e",
                         (double)p->param_floats, max_parameters);
    if (p->classes > 0 && end->image)
        return error_set(err, ERR_USAGE, "the model's output is %s, but the data has %zu classes",
                         shape_text(end->shape, true, text), p->classes);
    if (p->classes > 0 && end->shape.channels != p->classes)
        return error_set(err, ERR_USAGE,
                         "the model's output has %zu units, but the data has %zu classes",
                         end->shape.channels, p->classes);
    return true;
}

static bool is_large_enough(const struct model_plan *p, const struct model_kind *k,
                            struct error *err)
{
    struct image_shape s = p->input;
    if (p->features == 0 || (s.height >= k->least_image && s.width >= k->least_image))
        return true;
    return error_set(err, ERR_USAGE,
                     "model %s takes images of %zu x %zu or larger, and these are of %zu x %zu",
                     k->base.name, k->least_image, k->least_image, s.height, s.width);
}

static bool build(struct model_plan *p, const struct chosen *config, struct error *err)
{
    const struct model_kind *k = (const struct model_kind *)config->kind;
    struct chosen_list list;
    if (!is_large_enough(p, k, err) ||
        !k->expand(config->options, p->classes, &p->arena, &list, err))
        return false;
    if (list.n > MAX_LAYERS)
        return error_set(err, ERR_USAGE, "a model has at most %d layers", MAX_LAYERS);
    take_room(p, &list);
    const struct layer_kind *first = first_kind(&list);
    bool flattened = first && first->flattens;
    struct building b = {.plan = p, .err = err};
    struct stretch at;
    begin_input(p, flattened, &at);
    if (!flattened && p->features == 0 && !(first && first->takes_rows))
        return true; /* no shape that anything could be said of */
    if (!add_list(&b, &list, "", k->listed ? "model.layers" : NULL, &at))
        return false;
    mark_output(p);
    plan_fuse(p);
    return check_sizes(p, &at, err);
}

bool model_plan_new(const struct chosen *config, struct image_shape input, size_t classes,
                    struct model_plan **ret, struct error *err)
{
    struct model_plan *p = mem_new(sizeof *p);
    arena_init(&p->arena);
    p->input = input;
    p->features = image_numbers(input);
    p->classes = classes;
    if (!build(p, config, err)) {
        model_plan_free(p);
        return error_blame(err, "model");
    }
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

const struct plan_step *plan_first_step(const struct model_plan *p)
{
    for (size_t i = 0; i < p->layers; i++)
        if (!p->step[i].shape.passes)
            return &p->step[i];
    return NULL;
}

/* Rows are not there for a second reader, such as a shortcut. */
bool model_takes_rows(const struct model_plan *p)
{
    const struct plan_step *s = plan_first_step(p);
    return s && s->kind->takes_rows && !p->input_image && plan_readers(p, s->in) == 1;
}
