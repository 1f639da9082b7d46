/* The kinds of figures, from the words in this folder's meson.build. */
#include "plot/plot.h"

#define KIND(name) &plot_##name,
const struct plot_kind *const plot_kinds[] = {
#include "plot/list.inc"
    NULL};
#undef KIND

#define KIND(name) #name,
const char *const plot_kind_names[] = {
#include "plot/list.inc"
    NULL};
#undef KIND
