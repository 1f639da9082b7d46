/* What a figure carries besides its pixels: specs that run, and the points that were drawn. */
#ifndef DESCENT_INSPECT_CARRIED_H
#define DESCENT_INSPECT_CARRIED_H

#include "util/error.h"
#include "util/mem.h"
#include <stdbool.h>
#include <stddef.h>

struct carried_text {
    const char *keyword, *text;
};
struct carried {
    size_t n;
    struct carried_text *v; /* in the order of the file, in the arena */
};
/* ERR_DATA where the file is no valid figure or cannot be read. */
MUST_CHECK bool carried_read(struct arena *a, const char *path, struct carried *ret,
                             struct error *err);
/* Keyword `descent.spec`, or `descent.spec.` and something that tells several apart. */
bool carried_is_spec(const struct carried_text *t);
/* Keyword `descent.data`: panel,curve,x,y. */
bool carried_is_data(const struct carried_text *t);
/* The one spec of a figure, in the arena. ERR_DATA where it carries none, ERR_USAGE where there are
 * several different ones. */
MUST_CHECK bool carried_spec(struct arena *a, const char *path, const char **ret_text,
                             struct error *err);
/* Writes every spec as NAME.yaml (by its key `name`, else the figure's name) and every table of
 * points as FIGURE.csv. A file that is there with other content is ERR_USAGE and nothing is
 * written, unless `replace`. Calls f with the path of each file written. */
MUST_CHECK bool carried_extract(const char *path, const char *folder, bool replace,
                                void (*f)(void *context, const char *file), void *context,
                                struct error *err);

#endif
