/* The tests of pairs of runs. */
#include "num/paired.h"
#include "study/comparison.h"

/* ---- differences ---- */

/* Of the runs of a group with one number: settings of a section may be several. */
struct side {
    double mean;       /* NaN where one of them was lost, whose figure the others' is not */
    double largest;    /* of their figures, without its sign */
    size_t runs, lost; /* that diverged or failed */
    const struct collected_run *run; /* one of them */
};

static struct side side_of(const struct group *g, const struct collected_run *first,
                           const size_t *twin, size_t number, const struct measure *m)
{
    struct side s = {0};
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < g->n; i++) {
        enum status status = g->run[i]->status;
        double v = status == STATUS_COMPLETED ? measure_value(m, g->run[i]) : (double)NAN;
        if (twin[g->run[i] - first] != number)
            continue;
        s.runs++;
        s.run = g->run[i];
        s.lost += status_is_lost(status);
        if (isfinite(v)) {
            sum += v;
            s.largest = fmax(s.largest, fabs(v));
            n++;
        }
    }
    s.mean = n > 0 && s.lost == 0 ? sum / (double)n : (double)NAN;
    return s;
}

/* Of pairs that hold out the same images as others the numbers of `unit` are the same. */
struct differences {
    double *v, *within; /* each lies so near to the true one */
    size_t *unit;       /* from 0 to units - 1 */
    size_t n, units, lost;
    bool folds, splits; /* by what units differ */
    double ratio;       /* the largest held_out_ratio; NaN: one of them is not known */
};

static struct differences new_differences(size_t most)
{
    return (struct differences){.v = mem_array(most, sizeof(double)),
                                .within = mem_array(most, sizeof(double)),
                                .unit = mem_array(most, sizeof(size_t))};
}

static void free_differences(struct differences *d)
{
    mem_free(d->v);
    mem_free(d->within);
    mem_free(d->unit);
}

/* Notes which images the runs of the last difference hold out; held: of each difference. */
static void add_unit(struct differences *d, const struct held_out *held, double ratio)
{
    size_t at = d->n - 1, k = 0;
    for (; k < at; k++) {
        bool fold = held[k].fold == held[at].fold, draw = held_out_same_draw(&held[k], &held[at]);
        if (fold && draw)
            break;
        d->folds |= !fold;
        d->splits |= !draw;
    }
    d->unit[at] = k < at ? d->unit[k] : d->units++;
    d->ratio = isnan(ratio) || isnan(d->ratio) ? (double)NAN : fmax(ratio, d->ratio);
}

/* Where one side alone draws the images that it holds out, its draw is the pair's. */
static struct held_out held_out_of_pair(const struct collection *c, const struct side *x,
                                        const struct side *y)
{
    struct held_out mine = held_out_of(c, x->run);
    return mine.drawn ? mine : held_out_of(c, y->run);
}

static struct differences differences(const struct group *one, const struct group *other,
                                      const struct collection *c, const size_t *twin,
                                      const struct measure *m)
{
    struct differences d = new_differences(one->n);
    struct held_out *held = mem_array(one->n, sizeof *held);
    for (size_t i = 0; i < one->n; i++) {
        size_t number = twin[one->run[i] - c->run], k = 0;
        while (k < i && twin[one->run[k] - c->run] != number)
            k++;
        if (k < i)
            continue;
        struct side mine = side_of(one, c->run, twin, number, m),
                    its = side_of(other, c->run, twin, number, m);
        d.lost += its.runs > 0 && mine.lost + its.lost > 0;
        if (!isfinite(mine.mean - its.mean))
            continue;
        d.v[d.n] = mine.mean - its.mean;
        d.within[d.n] = STATS_NINE_DIGITS * (mine.largest + its.largest);
        held[d.n++] = held_out_of_pair(c, &mine, &its);
        add_unit(&d, held, held_out_ratio(c, one->run[i]));
    }
    mem_free(held);
    return d;
}

/* One difference of each unit, their mean. */
static void take_means(struct differences *d)
{
    struct differences mean = new_differences(d->units);
    size_t *of = mem_array(d->units, sizeof *of);
    for (size_t i = 0; i < d->n; i++) {
        mean.v[d->unit[i]] += d->v[i];
        mean.within[d->unit[i]] += d->within[i];
        of[d->unit[i]]++;
    }
    for (size_t u = 0; u < d->units; u++) {
        d->v[u] = mean.v[u] / (double)of[u];
        d->within[u] = mean.within[u] / (double)of[u];
    }
    d->n = d->units;
    mem_free(of);
    free_differences(&mean);
}

/* Whether all may be the same, as near as they were read. */
static bool are_equal(const struct differences *d)
{
    double low = -(double)INFINITY, high = (double)INFINITY;
    for (size_t i = 0; i < d->n; i++) {
        low = fmax(low, d->v[i] - d->within[i]);
        high = fmin(high, d->v[i] + d->within[i]);
    }
    return low <= high;
}

static bool are_zero(const struct differences *d)
{
    bool zero = d->n > 0;
    for (size_t i = 0; i < d->n; i++)
        zero &= fabs(d->v[i]) <= d->within[i];
    return zero;
}

/* ---- the test ---- */

void paired_count(struct paired_family *f, const struct group *one, const struct group *other,
                  const struct collection *c, const size_t *twin, const struct measure *m)
{
    struct differences d = differences(one, other, c, twin, m);
    f->most = d.n > f->most ? d.n : f->most;
    f->folds |= d.folds;
    f->splits |= d.splits;
    f->uncorrectable |= isnan(d.ratio);
    free_differences(&d);
}

const char *paired_over(const struct paired_family *f)
{
    return f->folds && f->splits ? "folds and validation splits"
           : f->folds            ? "folds"
           : f->splits           ? "validation splits"
                                 : NULL;
}

static bool is_correctable(const struct paired_family *f, const struct measure *m)
{
    return metric_info[m->metric].split == SPLIT_VALID && !f->uncorrectable;
}

bool paired_choose(enum paired_test asked, const struct measure *m, struct paired_family *f,
                   struct error *err)
{
    f->test = asked != PAIRED_CHOSEN                   ? asked
              : paired_over(f) && is_correctable(f, m) ? PAIRED_RESAMPLED
              : f->most <= PAIRED_FLIPS                ? PAIRED_PERMUTATION
                                                       : PAIRED_WILCOXON;
    return f->test != PAIRED_PERMUTATION || f->most <= STATS_EXACT_FLIPS ||
           error_set(
               err, ERR_USAGE,
               "there are %zu pairs, and the permutation test goes through all their signs, of "
               "at most %d pairs: '--test wilcoxon' takes any number",
               f->most, STATS_EXACT_FLIPS);
}

const char *paired_dependence(struct arena *a, const struct paired_family *f,
                              const struct measure *m, bool *is_warning)
{
    const char *over = paired_over(f);
    *is_warning = over && f->test != PAIRED_RESAMPLED;
    if (!over)
        return NULL;
    if (!*is_warning)
        return arena_printf(
            a,
            "the pairs are over %s, whose training images overlap: p and interval by the corrected "
            "resampled t-test (Nadeau and Bengio 2003), of the mean difference of each %s",
            over, f->splits ? "split" : "fold");
    return arena_printf(
        a,
        "the pairs are over %s, whose training images overlap, and p takes them as independent: it "
        "is too small%s",
        over,
        is_correctable(f, m) ? "; without --test it is corrected"
        : f->uncorrectable   ? ""
                             : "; that of a valid_ figure is corrected");
}

struct paired group_paired(const struct group *one, const struct group *other,
                           const struct collection *c, const size_t *twin, const struct measure *m,
                           enum paired_test test)
{
    struct differences d = differences(one, other, c, twin, m);
    bool resampled = test == PAIRED_RESAMPLED;
    if (resampled)
        take_means(&d);
    struct paired p = {.difference = stats_summarize(d.v, d.n), .lost = d.lost, .test = test};
    bool equal = are_equal(&d);
    if (resampled) {
        struct stats_resampled r = stats_resampled_t(d.v, d.n, d.ratio);
        p.difference.low = r.low;
        p.difference.high = r.high;
        p.p = are_zero(&d) ? 1 : equal ? (double)NAN : r.p;
        p.least = (double)NAN;
    } else {
        bool flips = test == PAIRED_PERMUTATION;
        p.p = flips ? stats_sign_flip(d.v, d.within, d.n) : stats_wilcoxon(d.v, d.within, d.n);
        p.least = flips ? stats_sign_flip_least(d.n) : stats_wilcoxon_least(d.v, d.within, d.n);
    }
    if (measure_is_share(m) && d.n > 1) {
        p.difference.low = fmax(p.difference.low, -1);
        p.difference.high = fmin(p.difference.high, 1);
    }
    /* Equal differences have no deviation that an interval could be made of. */
    if (equal)
        p.difference.low = p.difference.high = (double)NAN;
    free_differences(&d);
    return p;
}
