/* How sensitive a result is to one number. */
#include "plot/against.h"

static bool value_of_measure(struct plot *p, const struct collection *c, const struct group *g,
                             struct plot_point *ret, struct error *err)
{
    struct measure m = plot_measure(p, c);
    (void)err;
    *ret = (struct plot_point){.sample = group_sample(g, &m),
                               .whole = g->status[STATUS_DIVERGED] == 0};
    if (group_lost(g))
        ret->outcome = ret->sample.n > 0 ? PLOT_PARTIAL : PLOT_LOST;
    return true;
}

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    static const char *const first[] = {"optimizer.lr", NULL};
    struct measure m = plot_measure(p, c);
    struct plot_against what = {.value = value_of_measure,
                                .rises = metric_rises(m.metric),
                                .partial = "some runs diverged or failed",
                                .lost = "diverged or failed, none completed"};
    struct axes x = {.y_label = plot_metric_label(p->a, &m),
                     .y_percent = measure_is_share(&m),
                     .y_log = plot_log(p->o, 'y', !measure_is_share(&m))};
    return plot_choose_over(p, c, first, 1, err) && plot_against(p, c, &what, x, err);
}

const struct plot_kind plot_sensitivity = {
    .name = "sensitivity",
    .make = make,
    .takes = PLOT_TAKES_METRIC | PLOT_TAKES_GROUP_BY | PLOT_TAKES_OVER | PLOT_TAKES_PANELS |
             PLOT_TAKES_BAND | PLOT_TAKES_LOG | PLOT_TAKES_RANGE | PLOT_TAKES_X_RANGE,
};
