/* Figures of a landscape. */
#include "explore/landscape.h"
#include "util/mem.h"
#include <math.h>

enum { LEVELS = 14 };

struct drawing {
    const struct landscape *l;
    const struct landscape_texts *x;
    struct arena arena;
};

/* "training set (5000 images)" */
static const char *split_text(struct drawing *d, int k)
{
    static const char *const name[] = {"training set", "validation set", "test set"};
    size_t n = d->l->images[k];
    return arena_printf(&d->arena, "%s (%zu image%s)", name[k], n, n == 1 ? "" : "s");
}

static int first_split(const struct landscape *l)
{
    int k = 0;
    while (k + 1 < SPLITS && !l->options.split[k])
        k++;
    return k;
}

static double *widened(struct arena *a, double low, double high)
{
    double *range = arena_alloc(a, 2 * sizeof *range);
    range[0] = low;
    range[1] = high;
    return range;
}

/* ---- lines ---- */

static struct mark *ends(struct drawing *d, size_t *ret_n)
{
    struct mark *m = arena_alloc(&d->arena, 2 * sizeof *m);
    m[0] = (struct mark){0, d->x->from};
    m[1] = (struct mark){1, d->x->to};
    *ret_n = d->x->to ? 2 : 1;
    return m;
}

static struct axes line_panel(struct drawing *d, bool accuracy)
{
    const struct landscape *l = d->l;
    struct axes x = {.x_label = d->x->to ? "position between the weights (α)"
                                         : "along a random direction (α, in norms of the weights)",
                     .y_label = accuracy ? "accuracy" : "cross entropy",
                     .y_percent = accuracy};
    struct curve *c = arena_alloc(&d->arena, SPLITS * sizeof *c);
    for (int k = 0; k < SPLITS; k++)
        if (l->options.split[k])
            c[x.curves++] = (struct curve){.label = split_text(d, k),
                                           .x = l->x,
                                           .n = l->columns,
                                           .bare = true,
                                           .y = accuracy ? l->grid.accuracy[k] : l->grid.loss[k],
                                           .style = k};
    x.curve = c;
    x.mark = ends(d, &x.marks);
    return x;
}

/* ---- planes ---- */

static const char at_checkpoints[] = "checkpoints", in_plane[] = "their places in the plane";

/* Points along the path, close together. */
static void avoid_path(struct drawing *d, struct contours *c)
{
    enum { BETWEEN = 8 };
    const struct landscape *l = d->l;
    double *x = arena_alloc(&d->arena, (l->n * BETWEEN + 1) * sizeof *x);
    double *y = arena_alloc(&d->arena, (l->n * BETWEEN + 1) * sizeof *y);
    c->avoids = 1; /* the trained weights */
    for (size_t i = 0; i + 1 < l->n; i++)
        for (size_t k = 0; k < BETWEEN; k++, c->avoids++) {
            double t = (double)k / BETWEEN;
            x[c->avoids] = (1 - t) * l->path_x[i] + t * l->path_x[i + 1];
            y[c->avoids] = (1 - t) * l->path_y[i] + t * l->path_y[i + 1];
        }
    c->avoid_x = x;
    c->avoid_y = y;
}

static struct contours *contours_of(struct drawing *d, const double *value, bool accuracy)
{
    const struct landscape *l = d->l;
    struct contours *c = arena_alloc(&d->arena, sizeof *c);
    double *level = arena_alloc(&d->arena, LEVELS * sizeof *level);
    *c = (struct contours){.columns = l->columns,
                           .rows = l->rows,
                           .x0 = l->x[0],
                           .x1 = l->x[l->columns - 1],
                           .y0 = l->y[0],
                           .y1 = l->y[l->rows - 1],
                           .value = value,
                           .level = level,
                           .labelled = true,
                           .percent = accuracy,
                           .embedded = true};
    avoid_path(d, c);
    c->levels = figure_levels(value, l->columns * l->rows, LEVELS, level);
    return c;
}

/* One point, as a curve of its own. */
static struct curve spot(struct arena *a, double x, double y, const char *label, int symbol)
{
    double *at = arena_alloc(a, 2 * sizeof *at);
    at[0] = x;
    at[1] = y;
    return (struct curve){
        .label = label, .x = at, .y = at + 1, .n = 1, .points = true, .symbol = symbol, .style = 6};
}

static const char *direction_label(struct drawing *d, int k)
{
    static const char *const random[] = {"random direction 1 (α)", "random direction 2 (β)"};
    if (d->l->n == 0)
        return random[k];
    double share = 100 * d->l->share[k]; /* along y there is less room */
    return k == 0
               ? arena_printf(&d->arena, "1st principal direction (%.1f %% of the variance)", share)
               : arena_printf(&d->arena, "2nd direction (%.1f %%)", share);
}

static struct axes plane_panel(struct drawing *d, bool accuracy)
{
    const struct landscape *l = d->l;
    int k = first_split(l);
    struct curve *c = arena_alloc(&d->arena, 4 * sizeof *c);
    size_t n = 0;
    if (l->n > 0) {
        c[n] = (struct curve){.label = at_checkpoints,
                              .x = l->path_x,
                              .y = l->path_y,
                              .n = l->n,
                              .style = 1,
                              .every = 1};
        n++;
        c[n++] = (struct curve){.label = in_plane, .style = 2}; /* for the legend of both panels */
        c[n++] = spot(&d->arena, l->path_x[0], l->path_y[0], d->x->from, SYMBOL_RING);
    }
    c[n++] = spot(&d->arena, 0, 0, "trained weights", SYMBOL_STAR);
    return (struct axes){
        .title = arena_printf(&d->arena, "%s, %s", accuracy ? "accuracy" : "cross entropy",
                              split_text(d, k)),
        .x_label = direction_label(d, 0),
        .y_label = direction_label(d, 1),
        .curve = c,
        .curves = n,
        .x_range = widened(&d->arena, l->x[0], l->x[l->columns - 1]),
        .y_range = widened(&d->arena, l->y[0], l->y[l->rows - 1]),
        .equal = true,
        .contours = contours_of(d, accuracy ? l->grid.accuracy[k] : l->grid.loss[k], accuracy)};
}

/* How much of the run the plane shows: its own losses, and those at its places there. */
static struct axes path_panel(struct drawing *d)
{
    const struct landscape *l = d->l;
    int k = first_split(l);
    struct curve *c = arena_alloc(&d->arena, 2 * sizeof *c);
    double *step = arena_alloc(&d->arena, l->n * sizeof *step);
    for (size_t i = 0; i < l->n; i++)
        step[i] = (double)l->step[i];
    c[0] = (struct curve){
        .label = at_checkpoints, .x = step, .y = l->path.loss[k], .n = l->n, .style = 1};
    c[1] =
        (struct curve){.label = in_plane, .x = step, .y = l->place.loss[k], .n = l->n, .style = 2};
    return (struct axes){.title = "loss of the checkpoints and in the plane",
                         .x_label = "update",
                         .y_label = "cross entropy",
                         .x_whole = true,
                         .y_log = true,
                         .curve = c,
                         .curves = 2};
}

/* ---- the whole ---- */

static bool write_figure(struct drawing *d, struct figure f, const char *path, struct error *err)
{
    struct figure_text text[3];
    struct strbuf settings;
    size_t n = 0;
    strbuf_init(&settings);
    landscape_write_settings(d->l, &settings);
    for (int k = 0; k < 2 && d->x->spec[k]; k++)
        text[n++] = (struct figure_text){
            d->x->spec[1] ? arena_printf(&d->arena, "descent.spec.%d", k + 1) : "descent.spec",
            d->x->spec[k]};
    text[n++] = (struct figure_text){"descent.landscape", settings.text};
    f.title = d->x->title;
    f.text = text;
    f.texts = n;
    bool ok = figure_write(&f, path, err);
    strbuf_fini(&settings);
    return ok;
}

bool landscape_draw(const struct landscape *l, const struct landscape_texts *x,
                    const struct figure_appearance *appearance, const char *path, struct error *err)
{
    struct drawing d = {.l = l, .x = x};
    struct axes panel[2];
    struct figure f = {.panel = panel,
                       .panels = 2,
                       .columns = 2,
                       .width = 2200,
                       .shared_legend = true,
                       .appearance = *appearance};
    arena_init(&d.arena);
    if (l->rows == 1) {
        panel[0] = line_panel(&d, false);
        panel[1] = line_panel(&d, true);
        f.height = 900;
    } else {
        double shape = (double)l->rows / (double)l->columns;
        panel[0] = plane_panel(&d, false);
        panel[1] = l->n > 0 ? path_panel(&d) : plane_panel(&d, true);
        f.height = (unsigned)fmax(800, fmin(1300, 960 * shape + 250));
    }
    bool ok = write_figure(&d, f, path, err);
    arena_fini(&d.arena);
    return ok;
}
