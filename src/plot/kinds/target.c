/* How much a target takes, against one number. */
#include "plot/against.h"

static double share_reached(const struct reached *r)
{
    return r->runs > 0 ? (double)r->epochs.n / (double)r->runs : 0;
}

/* Updates to the target by the best of the settings: that of which the most runs reached it, of
 * those the one that took the fewest: tuned at every x (Shallue et al. 2019). */
static bool value_of_target(struct plot *p, const struct collection *c, const struct group *g,
                            struct plot_point *ret, struct error *err)
{
    struct collection part = group_part(p->a, c, g);
    struct grouping settings;
    struct reached best = {0};
    *ret = (struct plot_point){.sample = stats_summarize(NULL, 0)};
    if (!group_settings(p->a, &part, NULL, 0, &settings, err))
        return false;
    if (settings.groups > 1 && metric_is_test(p->o->target.metric))
        return error_set(err, ERR_USAGE,
                         "at %s %s there are %zu settings, of which '--kind target' chooses the "
                         "best, and test figures choose nothing: name a --target of the "
                         "validation set, or leave one setting with --where",
                         p->over[0], g->shown[0], settings.groups);
    for (size_t i = 0; i < settings.groups; i++) {
        struct reached r;
        if (!group_reached(&settings.group[i], &p->o->target, &r, err))
            return false;
        double more = share_reached(&r) - share_reached(&best);
        if (best.runs == 0 || more > 0 ||
            (more >= 0 && r.epochs.n > 0 && r.steps.mean < best.steps.mean)) {
            best = r;
            ret->whole = settings.group[i].status[STATUS_DIVERGED] == 0;
        }
    }
    if (best.runs == 0)
        return true;
    ret->sample = best.steps;
    if (best.epochs.n < best.runs) {
        ret->outcome = best.epochs.n > 0 ? PLOT_PARTIAL : PLOT_LOST;
        if (best.epochs.n > 0)
            ret->note = arena_printf(p->a, "%zu of %zu", best.epochs.n, best.runs);
    }
    return true;
}

static bool make(struct plot *p, const struct collection *c, struct error *err)
{
    static const char *const first[] = {"train.batch_size", NULL};
    const struct target *t = &p->o->target;
    struct plot_against what = {.value = value_of_target,
                                .target = true,
                                .partial = "some runs reached it: the mean of these",
                                .lost = "no run reached it"};
    if (!p->o->has_target)
        return error_set(err, ERR_USAGE, "which target? --target valid_accuracy=0.97, say");
    struct axes x = {.y_label = plot_target_label(p->a, t),
                     .y_log = plot_log(p->o, 'y', true),
                     .nothing = arena_printf(p->a, "no run reached %s", plot_goal(p->a, t))};
    return plot_choose_over(p, c, first, 1, err) && plot_against(p, c, &what, x, err);
}

const struct plot_kind plot_target = {
    .name = "target",
    .make = make,
    .takes = PLOT_TAKES_GROUP_BY | PLOT_TAKES_OVER | PLOT_TAKES_PANELS | PLOT_TAKES_BAND |
             PLOT_TAKES_LOG | PLOT_TAKES_RANGE | PLOT_TAKES_X_RANGE | PLOT_TAKES_TARGET,
    .wants_rows = true,
};
