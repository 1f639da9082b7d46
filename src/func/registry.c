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

void func_field(const struct chosen *f, const double domain[4], size_t columns, size_t rows,
                double *ret)
{
    const double *v = domain;
    for (size_t j = 0; j < rows; j++)
        for (size_t i = 0; i < columns; i++)
            ret[j * columns + i] =
                func_value(f, v[0] + (v[1] - v[0]) * ((double)i + 0.5) / (double)columns,
                           v[3] - (v[3] - v[2]) * ((double)j + 0.5) / (double)rows);
}

void func_gradient(const struct chosen *f, double x, double y, double ret[2])
{
    func_chosen_kind(f)->gradient(f->options, x, y, ret);
}
