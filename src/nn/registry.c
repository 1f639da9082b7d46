/* The layers, from the words in this folder's meson.build. */
#include "nn/activations/activation.h"

#define KIND(name) extern const struct layer_kind layer_##name;
#include "nn/layers.inc"

#include "nn/activations.inc"
#undef KIND

#define KIND(name) &layer_##name.base,
static const struct kind *const kinds[] = {
#include "nn/layers.inc"

#include "nn/activations.inc"
    NULL};
#undef KIND

#define KIND(name) #name,
const char *const activation_names[] = {
#include "nn/activations.inc"
    NULL};
#undef KIND

const struct registry layer_registry = {
    .noun = "layer", .plural = "layers", .kinds = kinds, .form = KIND_AS_KEY};
