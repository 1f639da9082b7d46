/* Models: names for lists of layers. */
#include "nn/internal.h"
#include <stdio.h>
#include <string.h>

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
                       struct chosen_list *ret, char ret_key[64], struct error *err)
{
    const struct mlp *o = options;
    if (o->dropout.n > 1 && o->dropout.n != o->hidden.n) {
        snprintf(ret_key, 64, "model.dropout");
        return error_set(
            err, ERR_USAGE,
            "'dropout' has %zu values for %zu hidden layers: give one, or one for each",
            o->dropout.n, o->hidden.n);
    }
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
                           struct chosen_list *ret, char ret_key[64], struct error *err)
{
    (void)options, (void)ret_key, (void)err;
    struct chosen_list list = {.v = arena_alloc(a, 2 * sizeof *list.v)};
    add(a, &list, "flatten");
    add_linear(a, &list, (int64_t)classes, true);
    *ret = list;
    return true;
}

static bool expand_layers(const void *options, size_t classes, struct arena *a,
                          struct chosen_list *ret, char ret_key[64], struct error *err)
{
    const struct layer_list *o = options;
    size_t last = SIZE_MAX;
    (void)a;
    for (size_t i = 0; i < o->layers.n; i++)
        if (strcmp(o->layers.v[i].kind->name, "linear") == 0)
            last = i;
    snprintf(ret_key, 64, "model.layers");
    if (last == SIZE_MAX)
        return error_set(
            err, ERR_USAGE,
            "a model needs a linear layer: the last one has a unit for each class");
    snprintf(ret_key, 64, "model.layers.%zu", last);
    const struct linear_options *l = o->layers.v[last].options;
    if (classes > 0 && (size_t)l->out != classes)
        return error_set(err, ERR_USAGE,
                         "the last linear layer has %lld units, but the data has %zu classes",
                         (long long)l->out, classes);
    *ret = o->layers;
    return true;
}

static const char *const sparse_choices[] = {"auto", "on", "off", NULL};
static const char *const weights_choices[] = {"last", "average", NULL};
static const char *const matmul_choices[] = {"auto", "blas", NULL};
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
    P_CHOICE(
        struct model_common, matmul, "auto", matmul_choices,
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

static const struct model_kind softmax = {
    .base = {.name = "softmax",
             .title = "softmax regression: no hidden layer",
             .equation = "flatten, linear",
             .options_size = sizeof(struct softmax)},
    .expand = expand_softmax};

static const struct param layers_params[] = {P_KINDS(struct layer_list, layers, NULL,
                                                     &layer_registry, "the layers in order",
                                                     .form = KIND_AS_KEY),
                                             P_END};
static const struct model_kind layers = {.base = {.name = "layers",
                                                  .title = "a list of layers",
                                                  .params = layers_params,
                                                  .options_size = sizeof(struct layer_list)},
                                         .expand = expand_layers};

static const struct kind *const kinds[] = {&mlp.base, &softmax.base, &layers.base, NULL};
const struct registry model_registry = {
    .noun = "model", .plural = "models", .kinds = kinds, .common = common_params};
