/* The registry, from the words in this folder's meson.build. */
#include "optim/optim.h"

#define KIND(name) extern const struct optim_kind optim_##name;
#include "optim/list.inc"
#undef KIND

#define KIND(name) &optim_##name.base,
static const struct kind *const kinds[] = {
#include "optim/list.inc"
    NULL};
#undef KIND

extern const struct param optim_common_params[];
const struct registry optim_registry = {
    .noun = "optimizer", .plural = "optimizers", .kinds = kinds, .common = optim_common_params};
const char *const optim_roles[] = {"bias", "norm", NULL};
