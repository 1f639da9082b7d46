/* Models: names for lists of layers. */
#include "nn/internal.h"

struct mlp {
    struct model_common common;
    struct ints hidden;
    int activation;
    bool batch_norm;
    struct reals dropout;
};

struct softmax {
    struct model_common common;
};

struct layer_list {
    struct model_common common;
    struct chosen_list layers;
};

static void *add(struct arena *a, struct chosen_list *list, const char *name)
{
    const struct kind *k = registry_find(&layer_registry, name);
    void *options = arena_alloc(a, k->options_size + 1);
    list->v[list->n++] = (struct chosen){.kind = k, .options = options};
    return options;
}

static void add_linear(struct arena *a, struct chosen_list *list, int64_t out, bool bias)
{
    struct linear_options *o = add(a, list, "linear");
    *o = (struct linear_options){.out = out, .bias = bias};
}

static bool expand_mlp(const void *options, size_t classes, struct arena *a,
                       struct chosen_list *ret, struct error *err)
{
    const struct mlp *o = options;
    if (o->dropout.n > 1 && o->dropout.n != o->hidden.n)
        return error_set_key(
            err, ERR_USAGE, "model.dropout",
            "'dropout' has %zu values for %zu hidden layers: give one, or one for each",
            o->dropout.n, o->hidden.n);
    struct chosen_list list = {.v = arena_alloc(a, (4 * o->hidden.n + 2) * sizeof *list.v)};
    add(a, &list, "flatten");
    for (size_t i = 0; i < o->hidden.n; i++) {
        add_linear(a, &list, o->hidden.v[i], !o->batch_norm);
        if (o->batch_norm)
            add(a, &list, "batch_norm");
        add(a, &list, activation_names[o->activation]);
        struct dropout_options *d = add(a, &list, "dropout");
        d->p = o->dropout.n == 0 ? 0 : o->dropout.v[o->dropout.n == 1 ? 0 : i];
    }
    add_linear(a, &list, (int64_t)classes, true);
    *ret = list;
    return true;
}

static bool expand_softmax(const void *options, size_t classes, struct arena *a,
                           struct chosen_list *ret, struct error *err)
{
    (void)options, (void)err;
    struct chosen_list list = {.v = arena_alloc(a, 2 * sizeof *list.v)};
    add(a, &list, "flatten");
    add_linear(a, &list, (int64_t)classes, true);
    *ret = list;
    return true;
}

static bool expand_layers(const void *options, size_t classes, struct arena *a,
                          struct chosen_list *ret, struct error *err)
{
    const struct layer_list *o = options;
    size_t last = SIZE_MAX;
    (void)a;
    for (size_t i = 0; i < o->layers.n; i++)
        if (((const struct layer_kind *)o->layers.v[i].kind)->has_units)
            last = i;
    if (last == SIZE_MAX)
        return error_set_key(
            err, ERR_USAGE, "model.layers",
            "a model needs a linear layer: the last one has a unit for each class");
    const struct linear_options *l = o->layers.v[last].options;
    if (classes > 0 && (size_t)l->out != classes) {
        error_set(err, ERR_USAGE,
                  "the last linear layer has %lld units, but the data has %zu classes",
                  (long long)l->out, classes);
        return error_blame(err, "model.layers.%zu", last);
    }
    *ret = o->layers;
    return true;
}

static const char *const sparse_choices[] = {
    [SPARSE_AUTO] = "auto", [SPARSE_ON] = "on", [SPARSE_OFF] = "off", NULL};
static const char *const weights_choices[] = {
    [INIT_LAST] = "last", [INIT_AVERAGE] = "average", NULL};
static const char *const matmul_choices[] = {[MATMUL_AUTO] = "auto", [MATMUL_BLAS] = "blas", NULL};
static const struct param common_params[] = {
    P_KIND(struct model_common, init, "pytorch", &init_registry, "initial weights"),
    P_TEXT(struct model_common, init_from, "null",
           "a .safetensors file whose weights replace the initial ones", .nullable = true,
           .path = true),
    P_CHOICE(struct model_common, init_weights, "last", weights_choices,
             "which ones of a checkpoint whose run averaged: those of the last update, or the "
             "average (or what else its optimizer evaluates), which 'export' writes"),
    P_CHOICE(struct model_common, sparse_input, "auto", sparse_choices,
             "a first layer that skips zero pixels, where the data is sparse"),
    P_CHOICE(struct model_common, matmul, "auto", matmul_choices,
             "who multiplies matrices: own kernels, with the same bits everywhere; or BLAS"),
    P_END};

static const char *check_mlp(const void *options, const char **ret_key)
{
    const struct mlp *o = options;
    *ret_key = "dropout";
    return o->dropout.n == 0 && o->hidden.n > 0
               ? "'dropout' is an empty list: give one number, or one per hidden layer"
               : NULL;
}

static const struct param mlp_params[] = {
    P_INTS(struct mlp, hidden, "[100]", FROM_TO(1, 1000000), "widths of the hidden layers"),
    P_CHOICE(struct mlp, activation, "relu", activation_names, "after each hidden layer"),
    P_BOOL(struct mlp, batch_norm, "false",
           "between the linear layer, which then has no bias, and the activation"),
    P_REALS(struct mlp, dropout, "0", FROM_BELOW(0, 1),
            "after the activation: one number, or one per hidden layer"),
    P_END};
static const struct model_kind mlp = {
    .base =
        {.name = "mlp",
         .title = "multilayer perceptron",
         .equation =
             "flatten, then per hidden layer: linear, batch_norm, activation, dropout; then linear",
         .params = mlp_params,
         .options_size = sizeof(struct mlp),
         .check = check_mlp},
    .expand = expand_mlp};

static const struct model_kind softmax = {.base = {.name = "softmax",
                                                   .title = "softmax regression: no hidden layer",
                                                   .equation = "flatten, linear",
                                                   .options_size = sizeof(struct softmax)},
                                          .expand = expand_softmax};

static const struct param layers_params[] = {P_KINDS(struct layer_list, layers, NULL,
                                                     &layer_registry, "the layers in order",
                                                     .form = KIND_AS_KEY),
                                             P_END};
/* ---- networks of images ---- */

static struct ints number(struct arena *a, int64_t v)
{
    int64_t *n = arena_alloc(a, sizeof *n);
    *n = v;
    return (struct ints){1, n};
}

static void add_conv(struct arena *a, struct chosen_list *list, int64_t out, int64_t stride,
                     bool bias)
{
    struct conv_options *o = add(a, list, "conv");
    *o = (struct conv_options){.out = out,
                               .kernel = number(a, 3),
                               .stride = number(a, stride),
                               .padding = {1, 1},
                               .bias = bias};
}

struct resnet {
    struct model_common common;
    int64_t depth, width;
    int shortcut;
};

/* Two convolutions with batch norm, and the way around them. */
static void add_block(struct arena *a, struct chosen_list *list, int64_t out, int64_t stride,
                      int shortcut)
{
    struct residual_options *o = add(a, list, "residual");
    *o = (struct residual_options){.layers = {.v = arena_alloc(a, 5 * sizeof *o->layers.v)},
                                   .shortcut = shortcut};
    add_conv(a, &o->layers, out, stride, false);
    add(a, &o->layers, "batch_norm");
    add(a, &o->layers, "relu");
    add_conv(a, &o->layers, out, 1, false);
    add(a, &o->layers, "batch_norm");
    add(a, list, "relu");
}

static bool expand_resnet(const void *options, size_t classes, struct arena *a,
                          struct chosen_list *ret, struct error *err)
{
    const struct resnet *o = options;
    int64_t blocks = (o->depth - 2) / 6;
    struct chosen_list list = {.v = arena_alloc(a, (size_t)(6 * blocks + 6) * sizeof *list.v)};
    (void)err;
    add_conv(a, &list, o->width, 1, false);
    add(a, &list, "batch_norm");
    add(a, &list, "relu");
    for (int stage = 0; stage < 3; stage++)
        for (int64_t k = 0; k < blocks; k++) {
            bool changes = stage > 0 && k == 0;
            add_block(a, &list, o->width << stage, changes ? 2 : 1,
                      !changes      ? SHORTCUT_IDENTITY
                      : o->shortcut ? SHORTCUT_CONV
                                    : SHORTCUT_PAD);
        }
    add(a, &list, "global_avg_pool");
    add(a, &list, "flatten");
    add_linear(a, &list, (int64_t)classes, true);
    *ret = list;
    return true;
}

static const char *check_resnet(const void *options, const char **ret_key)
{
    *ret_key = "depth";
    return (((const struct resnet *)options)->depth - 2) % 6 != 0
               ? "'depth' is 6n + 2, such as 20, 32, 44, 56 or 110"
               : NULL;
}

static const char *const resnet_shortcuts[] = {"pad", "conv", NULL};
static const struct param resnet_params[] = {
    P_INT(struct resnet, depth, "20", FROM_TO(8, 902), "layers with weights: 6n + 2"),
    P_INT(struct resnet, width, "16", FROM_TO(1, 100000),
          "channels of the first stage; twice and four times as many in the others"),
    P_CHOICE(
        struct resnet, shortcut, "pad", resnet_shortcuts,
        "around blocks that halve the image: padded with channels of 0, or a 1 x 1 convolution"),
    P_END};
static const struct model_kind resnet = {
    .base = {.name = "resnet",
             .title = "residual network for small images, three stages",
             .equation = "conv, batch_norm, relu; 3 stages of (depth - 2) / 6 blocks: residual of\n"
                         "    conv, batch_norm, relu, conv, batch_norm; then relu;\n"
                         "global_avg_pool, flatten, linear",
             .source = "He et al. 2015, section 4.2, arXiv:1512.03385",
             .params = resnet_params,
             .options_size = sizeof(struct resnet),
             .check = check_resnet},
    .expand = expand_resnet};

struct vgg {
    struct model_common common;
    int64_t depth;
    bool batch_norm;
    struct ints classifier;
    double dropout;
};

static bool expand_vgg(const void *options, size_t classes, struct arena *a,
                       struct chosen_list *ret, struct error *err)
{
    /* convolutions of each stage, by the model's depth */
    static const int convs[3][5] = {{1, 1, 2, 2, 2}, {2, 2, 2, 2, 2}, {2, 2, 3, 3, 3}},
                     widths[5] = {64, 128, 256, 512, 512};
    const struct vgg *o = options;
    const int *stages = convs[o->depth == 11 ? 0 : o->depth == 13 ? 1 : 2];
    struct chosen_list list = {.v = arena_alloc(a, (3 * o->classifier.n + 64) * sizeof *list.v)};
    (void)err;
    for (int stage = 0; stage < 5; stage++) {
        for (int k = 0; k < stages[stage]; k++) {
            add_conv(a, &list, widths[stage], 1, true);
            if (o->batch_norm)
                add(a, &list, "batch_norm");
            add(a, &list, "relu");
        }
        struct pool_options *pool = add(a, &list, "max_pool");
        *pool = (struct pool_options){.size = number(a, 2), .padding = number(a, 0)};
    }
    add(a, &list, "flatten");
    for (size_t i = 0; i < o->classifier.n; i++) {
        struct dropout_options *d = add(a, &list, "dropout");
        d->p = o->dropout;
        add_linear(a, &list, o->classifier.v[i], true);
        add(a, &list, "relu");
    }
    add_linear(a, &list, (int64_t)classes, true);
    *ret = list;
    return true;
}

static const char *check_vgg(const void *options, const char **ret_key)
{
    int64_t depth = ((const struct vgg *)options)->depth;
    *ret_key = "depth";
    return depth == 11 || depth == 13 || depth == 16 ? NULL : "'depth' is 11, 13 or 16";
}

static const struct param vgg_params[] = {
    P_INT(struct vgg, depth, "11", FROM_TO(11, 16),
          "11, 13 or 16: layers with weights, of the original's classifier"),
    P_BOOL(struct vgg, batch_norm, "false", "after each convolution"),
    P_INTS(struct vgg, classifier, "[512, 512]", FROM_TO(1, 1000000),
           "widths of the hidden linear layers"),
    P_REAL(struct vgg, dropout, "0.5", FROM_BELOW(0, 1), "before each of them"), P_END};
static const struct model_kind vgg = {
    .base = {.name = "vgg",
             .title =
                 "stacks of 3 x 3 convolutions, halved five times; images of 32 x 32 or larger",
             .equation = "5 stages of convolutions, each with relu, and a max_pool of 2; flatten;\n"
                         "for each width of the classifier: dropout, linear, relu; then linear",
             .source = "Simonyan and Zisserman 2014, arXiv:1409.1556",
             .params = vgg_params,
             .options_size = sizeof(struct vgg),
             .check = check_vgg},
    .expand = expand_vgg,
    .least_image = 32};

static const struct model_kind layers = {.base = {.name = "layers",
                                                  .title = "a list of layers",
                                                  .params = layers_params,
                                                  .options_size = sizeof(struct layer_list)},
                                         .expand = expand_layers,
                                         .listed = true};

static const char *check_common(const struct kind *k, const void *options, const char **ret_key)
{
    const struct model_common *o = options;
    (void)k;
    *ret_key = "init_weights";
    return o->init_weights == INIT_AVERAGE && !o->init_from
               ? "'init_weights' says which weights of 'init_from' count, which is missing"
               : NULL;
}

static const struct kind *const kinds[] = {&mlp.base, &softmax.base, &resnet.base,
                                           &vgg.base, &layers.base,  NULL};
const struct registry model_registry = {.noun = "model",
                                        .plural = "models",
                                        .kinds = kinds,
                                        .common = common_params,
                                        .check = check_common};
