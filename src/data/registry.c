/* Data sets and augmentations, from the words in this folder's meson.build. */
#include "data/internal.h"

#define KIND(id, name) extern const struct data_kind data_##id;
#include "data/sets.inc"
#undef KIND
#define KIND(id, name) extern const struct augment_kind augment_##id;
#include "data/augment.inc"
#undef KIND

#define KIND(id, name) &data_##id,
static const struct data_kind *const sets[] = {
#include "data/sets.inc"
    NULL};
#undef KIND

#define KIND(id, name) &data_##id.base,
static const struct kind *const set_kinds[] = {
#include "data/sets.inc"
    NULL};
#undef KIND

#define KIND(id, name) name,
const char *const data_names[] = {
#include "data/sets.inc"
    NULL};
#undef KIND

#define KIND(id, name) &augment_##id.base,
static const struct kind *const augment_kinds[] = {
#include "data/augment.inc"
    NULL};
#undef KIND

const struct registry data_registry = {.noun = "dataset", .plural = "datasets", .kinds = set_kinds};
const struct registry augment_registry = {
    .noun = "augmentation", .plural = "augmentations", .kinds = augment_kinds, .form = KIND_AS_KEY};

const struct data_kind *data_config_kind(const struct data_config *c)
{
    return sets[c->name];
}

const struct data_kind *data_kind_named(const char *name)
{
    const struct kind *k = registry_find(&data_registry, name);
    return (const struct data_kind *)k;
}
