/* What varies within groups: what their deviation is over. */
#include "study/comparison.h"
#include <string.h>

static const struct collected_value *value_of(const struct collection *c,
                                              const struct collected_run *r, const char *key)
{
    size_t k = collect_key_index(c, key);
    return k < c->keys ? r->value[k] : NULL;
}

static bool is_text(const struct collected_value *v, const char *text)
{
    return v && strcmp(v->text, text) == 0;
}

/* Which images the run holds out is drawn: by this seed. */
static bool split_seed(const struct collection *c, const struct collected_run *r, double *ret)
{
    const struct collected_value *own = value_of(c, r, "dataset.split_seed");
    *ret = own && own->type == EXPR_NUMBER ? own->number : (double)r->seed;
    return !is_text(value_of(c, r, "dataset.validation_split"), "tail") &&
           !is_text(value_of(c, r, "dataset.validation"), "0");
}

static bool differ(double a, double b)
{
    return a < b || a > b;
}

struct deviation group_deviation(const struct grouping *g, const struct collection *c)
{
    struct deviation d = {0};
    for (size_t i = 0; i < g->groups; i++)
        for (size_t r = 1; r < g->group[i].n; r++) {
            const struct collected_run *one = g->group[i].run[0], *other = g->group[i].run[r];
            double a, b;
            bool seeds = one->seed != other->seed;
            bool splits = split_seed(c, one, &a) && split_seed(c, other, &b) && differ(a, b);
            d.seeds |= seeds;
            d.splits |= splits;
            d.coupled |= splits && seeds &&
                         !(value_of(c, other, "dataset.split_seed") &&
                           value_of(c, other, "dataset.split_seed")->type == EXPR_NUMBER);
            d.folds |= value_of(c, one, "dataset.fold") != value_of(c, other, "dataset.fold");
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
