/* The registry, from the words in this folder's meson.build. */
#include "func/func.h"

#define KIND(name) extern const struct func_kind func_##name;
#include "func/list.inc"
#undef KIND

#define KIND(name) &func_##name.base,
static const struct kind *const kinds[] = {
#include "func/list.inc"
    NULL};
#undef KIND

const struct registry func_registry = {.noun = "function", .plural = "functions", .kinds = kinds};

const struct func_kind *func_chosen_kind(const struct chosen *f)
{
    return (const struct func_kind *)f->kind;
}

double func_value(const struct chosen *f, double x, double y)
{
    return func_chosen_kind(f)->value(f->options, x, y);
}

void func_gradient(const struct chosen *f, double x, double y, double ret[2])
{
    func_chosen_kind(f)->gradient(f->options, x, y, ret);
}
