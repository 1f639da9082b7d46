/* A row per group: each run, median and quartiles. */
#include "plot/rows.h"
#include <string.h>

/* The box from the first to the third quartile, the median across it, and lines to the farthest
 * runs within 1.5 times its length (Tukey 1977); each run a pale dot. */
static void add_box(struct plot *p, const struct plot_row *r, const struct plot_row_place *to)
{
    const struct stats_sample *s = &r->sample;
    const char *label = plot_label(p->a, r->group);
    double y = to->y;
    plot_row_of_runs(p, r, to);
    to->axes->curves -= 2; /* the dots alone */
    if (s->n == 0)
        return;
    const struct curve *dots = &to->curve[to->axes->curves - 1];
    double q1 = s->quartile[0], q3 = s->quartile[2], reach = 1.5 * (q3 - q1), low = q1, high = q3,
           half = 0.3, gap = (double)NAN;
    for (size_t i = 0; i < dots->n; i++) {
        low = dots->x[i] >= q1 - reach ? fmin(low, dots->x[i]) : low;
        high = dots->x[i] <= q3 + reach ? fmax(high, dots->x[i]) : high;
    }
    const double line[] = {low, q1, gap, q1, q1, q3, q3, q1, gap, q3, high};
    const double up[] = {y, y, gap, y - half, y + half, y + half, y - half, y - half, gap, y, y};
    enum { POINTS = sizeof line / sizeof line[0] };
    double *at = arena_alloc(p->a, (2 * POINTS + 4) * sizeof *at), *median = at + 2 * POINTS;
    memcpy(at, line, sizeof line);
    memcpy(at + POINTS, up, sizeof up);
    median[0] = median[1] = s->quartile[1];
    median[2] = y - half;
    median[3] = y + half;
    plot_add_to_row(to, (struct curve){.name = arena_printf(p->a, "%s, quartiles", label),
                                       .x = at,
                                       .y = at + POINTS,
                                       .n = POINTS,
                                       .bare = true,
                                       .solid = true});
    plot_add_to_row(to, (struct curve){.name = arena_printf(p->a, "%s, median", label),
                                       .x = median,
                                       .y = median + 2,
                                       .n = 2,
                                       .bare = true});
}

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    return plot_rows(p, c, add_box, err);
}

const struct plot_kind plot_box = {
    .name = "box",
    .make = make,
    .takes = PLOT_ROWS_TAKE,
    .values = PLOT_VALUES_ALONG_X,
};
