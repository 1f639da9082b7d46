/* A row per group: each run, the density of all. */
#include "plot/rows.h"

/* The width of the kernel, by Silverman 1986 (3.31), in place of v's spread; 0: all are equal. */
static double kernel_width(const double *v, size_t n)
{
    struct stats_sample s = stats_summarize(v, n);
    double middle = (s.quartile[2] - s.quartile[0]) / 1.34,
           spread = middle > 0 ? fmin(s.sd, middle) : s.sd;
    return n > 1 && isfinite(spread) ? 0.9 * spread * pow((double)n, -0.2) : 0;
}

enum { DENSITY = 128 }; /* points of an outline */

/* On both sides of the row's line the density of n > 1 runs, smoothed, from the least to the most
 * of them; as far from it as all others where it is highest. v: logarithms on such an axis. */
static struct curve density(struct arena *a, const double *v, size_t n, double width, double y,
                            bool is_log)
{
    double *at = arena_alloc(a, 4 * DENSITY * sizeof *at), *middle = at + DENSITY,
           *below = middle + DENSITY, *above = below + DENSITY;
    struct stats_sample s = stats_summarize(v, n);
    double most = 0;
    for (size_t k = 0; k < DENSITY; k++) {
        double here = s.least + (s.most - s.least) * (double)k / (DENSITY - 1);
        at[k] = is_log ? exp(here) : here;
        middle[k] = y;
        above[k] = 0;
        for (size_t i = 0; i < n; i++)
            above[k] += exp(-0.5 * pow((here - v[i]) / width, 2));
        most = fmax(most, above[k]);
    }
    for (size_t k = 0; k < DENSITY; k++) {
        double half = 0.4 * above[k] / most;
        below[k] = y - half;
        above[k] = y + half;
    }
    return (struct curve){.x = at,
                          .y = middle,
                          .low = below,
                          .high = above,
                          .n = DENSITY,
                          .bare = true,
                          .faint = true};
}

/* The runs' density (Hintze and Nelson 1998), on its line median and quartiles, each run a pale
 * dot; of so few runs that they say all, or of equal ones, a row of a strip plot. */
static void add_violin(struct plot *p, const struct plot_row *r, const struct plot_row_place *to)
{
    enum { FEW = 5 };
    const char *label = plot_label(p->a, r->group);
    bool is_log = to->axes->x_log;
    plot_row_of_runs(p, r, to);
    const struct curve *dots = &to->curve[to->axes->curves - 3];
    double *v = arena_alloc(p->a, (dots->n + 7) * sizeof *v), *box = v + dots->n;
    size_t n = 0;
    for (size_t i = 0; i < dots->n; i++)
        if (!is_log || dots->x[i] > 0)
            v[n++] = is_log ? log(dots->x[i]) : dots->x[i];
    double width = kernel_width(v, n);
    if (n <= FEW || !(width > 0))
        return;
    struct curve shape = density(p->a, v, n, width, to->y, is_log);
    shape.name = arena_printf(p->a, "%s, density", label);
    box[0] = r->sample.quartile[0];
    box[1] = r->sample.quartile[2];
    box[2] = r->sample.quartile[1];
    box[3] = box[4] = box[5] = to->y;
    to->axes->curves -= 2; /* the dots alone */
    plot_add_to_row(to, shape);
    plot_add_to_row(to, (struct curve){.name = arena_printf(p->a, "%s, quartiles", label),
                                       .x = box,
                                       .y = box + 3,
                                       .n = 2,
                                       .bare = true});
    plot_add_to_row(to, (struct curve){.name = arena_printf(p->a, "%s, median", label),
                                       .x = box + 2,
                                       .y = box + 3,
                                       .n = 1,
                                       .points = true});
}

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    return plot_rows(p, c, add_violin, err);
}

const struct plot_kind plot_violin = {
    .name = "violin",
    .make = make,
    .takes = PLOT_ROWS_TAKE,
    .values = PLOT_VALUES_ALONG_X,
};
