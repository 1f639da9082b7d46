/* How the classes are shared out: among splits, and among the batches of an epoch. */
#include "explore/pictures.h"
#include "figure/figure.h"
#include <math.h>

/* ---- finding ---- */

static double *shares_of(struct arena *a, const struct data_split *s, size_t classes)
{
    double *share = arena_alloc(a, classes * sizeof *share);
    if (s->n == 0)
        return NULL;
    for (size_t i = 0; i < s->n; i++)
        share[s->labels[s->index ? s->index[i] : i]] += 1;
    for (size_t k = 0; k < classes; k++)
        share[k] /= (double)s->n;
    return share;
}

static double *batch_shares(struct arena *a, const struct data *d, enum data_sampler sampler,
                            uint64_t seed, size_t batch, size_t batches)
{
    const struct data_split *s = &d->train;
    uint32_t *order = mem_array(s->n + 1, sizeof *order),
             *scratch = mem_array(s->n + 1, sizeof *scratch);
    double *share = arena_alloc(a, (batches * d->classes + 1) * sizeof *share);
    data_order(s, (struct data_pass){sampler, seed, 0, batch}, order, scratch);
    for (size_t i = 0; i < batches * batch; i++) {
        uint32_t at = order[i];
        share[i / batch * d->classes + s->labels[s->index ? s->index[at] : at]] +=
            1 / (double)batch;
    }
    mem_free(order);
    mem_free(scratch);
    return share;
}

void class_shares_find(struct arena *a, const struct data *d, struct data *const held[3],
                       uint64_t seed, size_t batch, struct class_shares *ret)
{
    *ret = (struct class_shares){.classes = d->classes,
                                 .class_name = d->class_name,
                                 .batch = batch,
                                 .batches = d->train.n / batch,
                                 .held_name = {"tail", "random", "stratified"},
                                 .sampler_name = {"shuffle", "stratified"}};
    for (int k = 0; k < 3; k++) {
        const struct data_split *split = split_images(d, (enum split)k);
        ret->n[k] = split->n;
        ret->split[k] = shares_of(a, split, d->classes);
        ret->held[k] = held[k] ? shares_of(a, &held[k]->valid, d->classes) : NULL;
    }
    ret->sampler[0] = batch_shares(a, d, SAMPLER_SHUFFLE, seed, batch, ret->batches);
    ret->sampler[1] = batch_shares(a, d, SAMPLER_STRATIFIED, seed, batch, ret->batches);
}

/* ---- as a table ---- */

static void add_rows(struct strbuf *out, const char *set, size_t n, const double *share,
                     size_t classes)
{
    for (size_t k = 0; share && k < classes; k++)
        strbuf_addf(out, "%s,%zu,%.0f,%.9g\n", set, k, share[k] * (double)n, share[k]);
}

void class_shares_write(const struct class_shares *c, struct strbuf *out)
{
    strbuf_add(out, "set,class,count,share\n");
    for (int k = 0; k < 3; k++)
        add_rows(out, split_info[k].name, c->n[k], c->split[k], c->classes);
    for (int k = 0; k < 3; k++) {
        struct strbuf set;
        strbuf_init(&set);
        strbuf_addf(&set, "valid by %s", c->held_name[k]);
        add_rows(out, set.text, c->n[1], c->held[k], c->classes);
        strbuf_fini(&set);
    }
    for (int k = 0; k < 2; k++)
        for (size_t b = 0; b < c->batches; b++) {
            struct strbuf set;
            strbuf_init(&set);
            strbuf_addf(&set, "batch %zu by %s", b + 1, c->sampler_name[k]);
            add_rows(out, set.text, c->batch, c->sampler[k] + b * c->classes, c->classes);
            strbuf_fini(&set);
        }
}

/* ---- drawn ---- */

enum { DOTS = 100 }; /* batches drawn one by one */

struct drawing {
    struct arena arena;
    const struct class_shares *c;
    const char **row;
    double range[2];
};

static void find_range(struct drawing *d)
{
    const struct class_shares *c = d->c;
    double most = 0;
    for (size_t i = 0; i < c->batches * c->classes; i++)
        most = fmax(most, fmax(c->sampler[0][i], c->sampler[1][i]));
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < c->classes; i++)
            most =
                fmax(most, fmax(c->split[k] ? c->split[k][i] : 0, c->held[k] ? c->held[k][i] : 0));
    d->range[0] = 0;
    d->range[1] = 1.06 * most;
}

/* The first class on top; the k-th of n curves a little above or below its row. */
static double height_of(const struct drawing *d, size_t class, size_t k, size_t n)
{
    return (double)(d->c->classes - class) + (n > 1 ? 0.22 * ((double)(n - 1) / 2 - (double)k) : 0);
}

static struct curve shares(struct drawing *d, const char *label, const double *share, size_t k,
                           size_t n, int style)
{
    size_t classes = d->c->classes;
    double *y = arena_alloc(&d->arena, classes * sizeof *y);
    for (size_t i = 0; i < classes; i++)
        y[i] = height_of(d, i, k, n);
    return (struct curve){.label = label,
                          .x = share,
                          .y = y,
                          .n = share ? classes : 0,
                          .points = true,
                          .style = style};
}

static struct axes panel_of(struct drawing *d, const char *title, struct curve *curve,
                            size_t curves)
{
    return (struct axes){.title = title,
                         .x_label = "share of the images",
                         .x_percent = true,
                         .y_label = "class",
                         .row = d->row,
                         .rows = d->c->classes,
                         .curve = curve,
                         .curves = curves,
                         .x_range = d->range};
}

static struct axes split_panel(struct drawing *d)
{
    struct curve *curve = arena_alloc(&d->arena, 3 * sizeof *curve);
    size_t n = 0, all = 0;
    for (int k = 0; k < 3; k++)
        all += d->c->split[k] != NULL;
    for (int k = 0; k < 3; k++)
        if (d->c->split[k]) {
            curve[n] =
                shares(d, arena_printf(&d->arena, "%s (%zu)", split_info[k].word, d->c->n[k]),
                       d->c->split[k], n, all, k + 1);
            n++;
        }
    return panel_of(d, "the sets", curve, n);
}

static struct axes held_panel(struct drawing *d)
{
    struct curve *curve = arena_alloc(&d->arena, 3 * sizeof *curve);
    size_t n = 0;
    for (int k = 0; k < 3; k++, n++)
        curve[n] = shares(d, d->c->held_name[k], d->c->held[k], (size_t)k, 3, k + 4);
    return panel_of(d, "validation sets by kind of split", curve, d->c->held[0] ? n : 0);
}

/* Each batch a faint dot, spread over the height of its row; the whole set's share beside them. */
static struct axes sampler_panel(struct drawing *d, int sampler)
{
    const struct class_shares *c = d->c;
    size_t batches = c->batches < DOTS ? c->batches : DOTS, n = batches * c->classes;
    struct curve *curve = arena_alloc(&d->arena, 2 * sizeof *curve);
    double *y = arena_alloc(&d->arena, (n + 1) * sizeof *y);
    for (size_t i = 0; i < n; i++) {
        size_t batch = i / c->classes;
        y[i] = height_of(d, i % c->classes, 0, 1) +
               (batches > 1 ? 0.6 * ((double)batch / (double)(batches - 1) - 0.5) : 0);
    }
    curve[0] = (struct curve){.name = "batches",
                              .x = c->sampler[sampler],
                              .y = y,
                              .n = n,
                              .points = true,
                              .faint = true,
                              .style = 0};
    curve[1] = shares(d, NULL, c->split[0], 0, 1, 1);
    curve[1].name = "training set";
    struct axes panel =
        panel_of(d,
                 arena_printf(&d->arena, "sampler %s: %s%zu batch%s of %zu",
                              c->sampler_name[sampler], batches < c->batches ? "the first " : "",
                              batches, batches == 1 ? "" : "es", c->batch),
                 curve, 2);
    panel.x_label = "share of the images, a dot for each batch";
    return panel;
}

bool class_shares_draw(const struct class_shares *c, const struct picture *x, struct error *err)
{
    struct drawing d = {.c = c};
    arena_init(&d.arena);
    d.row = arena_alloc(&d.arena, c->classes * sizeof *d.row);
    for (size_t i = 0; i < c->classes; i++)
        d.row[c->classes - 1 - i] =
            c->class_name ? c->class_name[i] : arena_printf(&d.arena, "%zu", i);
    find_range(&d);
    struct axes panel[] = {split_panel(&d), held_panel(&d), sampler_panel(&d, 0),
                           sampler_panel(&d, 1)};
    struct figure_text text;
    struct figure f = figure_column(x->title, panel, 4, x->spec, &text);
    f.columns = 2;
    f.width = 2200;
    f.height = 1700;
    f.appearance = x->appearance;
    bool ok = figure_write(&f, x->path, err);
    arena_fini(&d.arena);
    return ok;
}
