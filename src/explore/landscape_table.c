/* A landscape as text. */
#include "explore/landscape.h"
#include <inttypes.h>
#include <math.h>

static void add(struct strbuf *out, double v)
{
    if (isfinite(v))
        strbuf_addf(out, ",%.9g", v);
    else
        strbuf_add_char(out, ',');
}

static void add_header(const struct landscape *l, const char *prefix, struct strbuf *out)
{
    for (int k = 0; k < SPLITS; k++)
        if (l->options.split[k])
            strbuf_addf(out, ",%s%s_loss,%s%s_accuracy", prefix, split_names[k], prefix,
                        split_names[k]);
}

static void add_values(const struct landscape_values *v, size_t i, struct strbuf *out)
{
    for (int k = 0; k < SPLITS; k++)
        if (v->loss[k]) {
            add(out, v->loss[k][i]);
            add(out, v->accuracy[k][i]);
        }
}

void landscape_write_csv(const struct landscape *l, struct strbuf *out)
{
    bool path = l->options.kind == LANDSCAPE_TRAJECTORY;
    strbuf_add(out, path ? "pc1" : "alpha");
    strbuf_add(out, path ? ",pc2" : l->rows > 1 ? ",beta" : "");
    add_header(l, "", out);
    strbuf_add_char(out, '\n');
    for (size_t i = 0; i < l->rows * l->columns; i++) {
        strbuf_addf(out, "%.9g", l->x[i % l->columns]);
        if (l->rows > 1)
            add(out, l->y[i / l->columns]);
        add_values(&l->grid, i, out);
        strbuf_add_char(out, '\n');
    }
}

void landscape_write_path(const struct landscape *l, struct strbuf *out)
{
    strbuf_add(out, "step,pc1,pc2");
    add_header(l, "", out);
    add_header(l, "plane_", out);
    strbuf_add_char(out, '\n');
    for (size_t i = 0; i < l->n; i++) {
        strbuf_addf(out, "%" PRId64, l->step[i]);
        add(out, l->path_x[i]);
        add(out, l->path_y[i]);
        add_values(&l->path, i, out);
        add_values(&l->place, i, out);
        strbuf_add_char(out, '\n');
    }
}

void landscape_write_settings(const struct landscape *l, struct strbuf *out)
{
    const struct landscape_options *o = &l->options;
    strbuf_addf(out, "kind: %s\n", landscape_kind_names[o->kind]);
    for (int k = 0; k < SPLITS; k++)
        if (o->split[k])
            strbuf_addf(out, "%s_images: %zu\n", split_names[k], l->images[k]);
    strbuf_addf(out, "points: %zu\nspan: ", o->points);
    strbuf_add_real(out, o->span);
    if (o->kind == LANDSCAPE_PLANE || o->kind == LANDSCAPE_LINE)
        strbuf_addf(out, "\nseed: %" PRIu64, o->seed);
    if (l->n > 0)
        strbuf_addf(out, "\nshare_of_variance: [%.9g, %.9g]", l->share[0], l->share[1]);
    strbuf_addf(out, "\nnorm: %s\n", landscape_norm_names[o->norm]);
}
