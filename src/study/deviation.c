/* What varies within groups: what their deviation is over. */
#include "study/comparison.h"

struct deviation group_deviation(const struct grouping *g, const struct collection *c)
{
    struct deviation d = {0};
    for (size_t i = 0; i < g->groups; i++)
        for (size_t r = 1; r < g->group[i].n; r++) {
            const struct collected_run *one = g->group[i].run[0], *other = g->group[i].run[r];
            struct held_out its = held_out_of(c, one), others = held_out_of(c, other);
            bool seeds = one->seed != other->seed, splits = !held_out_same_draw(&its, &others);
            d.seeds |= seeds;
            d.splits |= splits;
            d.coupled |= splits && seeds && !others.own_seed;
            d.folds |= its.fold != others.fold;
        }
    return d;
}

const char *group_deviation_text(const struct deviation *d)
{
    static const char *const text[2][2][2] = {
        {{NULL, "± is over split seeds: other images are held out, the run's seed is one"},
         {"± is over run seeds: it says nothing of other test images",
          "± is over run seeds and split seeds together"}},
        {{"± is over folds: other images are held out, the run's seed is one",
          "± is over folds and split seeds together"},
         {"± is over run seeds and folds together",
          "± is over run seeds, split seeds and folds together"}}};
    if (d->coupled && !d->folds)
        return "± is over run seeds, each with a validation split of its own: with a\n"
               "dataset.split_seed all have one split";
    return text[d->folds][d->seeds][d->splits];
}

const char *group_overlap_text(const struct deviation *d)
{
    return d->folds || d->splits
               ? "their training images overlap, and the intervals of means take them as\n"
                 "independent: for other data they are too narrow"
               : NULL;
}
