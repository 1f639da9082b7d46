/* What the tables of `compare` do not say by themselves. */
#include "cli/cli.h"
#include "cli/commands/compare.h"
#include "util/fold.h"
#include <math.h>
#include <string.h>

void compare_add_folded(struct strbuf *out, const char *fmt, ...)
{
    struct strbuf note;
    va_list list;
    strbuf_init(&note);
    va_start(list, fmt);
    strbuf_addv(&note, fmt, list);
    va_end(list);
    fold_lines(note.text, cli_table_page(), out);
    strbuf_fini(&note);
}

/* Runs that were made longer or shorter under a schedule or average that depends on the length. */
static void add_extended(const struct collection *c, struct strbuf *out)
{
    size_t n = 0, first = 0;
    for (size_t i = 0; i < c->runs; i++)
        if (c->run[i].extended && n++ == 0)
            first = i;
    if (n == 0)
        return;
    strbuf_addf(
        out,
        "%zu run%s had another length at first, under a schedule or average that depends on the "
        "length: %s",
        n, n == 1 ? "" : "s", c->run[first].folder);
    if (n > 1)
        strbuf_addf(out, " and %zu more", n - 1);
    strbuf_add(out, "\n");
}

static void add_counts(struct arena *a, const struct comparison *x, const struct collection *c,
                       struct strbuf *out)
{
    size_t status[STATUSES_OF_STUDIES] = {0}, left = 0;
    for (size_t i = 0; i < c->runs; i++)
        status[c->run[i].status]++;
    for (int s = STATUS_DIVERGED; s < STATUSES_OF_STUDIES; s++)
        left += status[s];
    strbuf_addf(out, "\n%zu run%s in %zu group%s", c->runs, c->runs == 1 ? "" : "s",
                x->grouping.groups, x->grouping.groups == 1 ? "" : "s");
    if (left > 0)
        strbuf_addf(out, ", %zu completed", status[STATUS_COMPLETED]);
    strbuf_add_char(out, '\n');
    if (collect_unfinished_text(a, c))
        strbuf_addf(out, "%s\n", collect_unfinished_text(a, c));
}

static bool any_published(const struct grouping *g)
{
    for (size_t i = 0; i < g->groups; i++)
        for (size_t k = 0; k < g->group[i].n; k++)
            if (g->group[i].run[k]->published)
                return true;
    return false;
}

/* Those who never got there took longer, nobody knows how long. */
static void add_reached(const struct comparison *x, struct strbuf *out)
{
    bool some = false;
    size_t reached = 0, timed = 0;
    for (size_t i = 0; x->has_target && i < x->grouping.groups; i++) {
        some |= x->reached[i].epochs.n > 0 && x->reached[i].epochs.n < x->reached[i].runs;
        reached += x->reached[i].epochs.n;
        timed += x->reached[i].seconds.n;
    }
    if (some)
        compare_add_folded(
            out,
            "epochs, steps and seconds: mean ± deviation over the runs alone that reached "
            "%s %s %.9g; how long the others would take is not known\n",
            metric_names[x->target.metric], metric_rises(x->target.metric) ? "≥" : "≤",
            x->target.value);
    if (timed < reached)
        compare_add_folded(
            out, "seconds: of the %zu of %zu runs alone whose times are known%s\n", timed, reached,
            any_published(&x->grouping) ? ", which those of published results are not" : "");
}

void compare_add_meaning(const struct comparison *x, struct strbuf *out)
{
    size_t small = 0, ranked = 0, single = 0, unranked = 0;
    double scale = measure_is_share(&x->measure) ? 100 : 1;
    for (size_t i = 0; i < x->grouping.groups; i++) {
        small += x->sample[i].n > 0 && x->sample[i].n <= POOLED_MOST;
        ranked += x->rank[i] > 0;
        single += x->sample[i].n == 1;
        unranked += x->sample[i].n > 1 && x->rank[i] == 0;
    }
    strbuf_add(out, "mean ± sample deviation over n completed runs\n");
    add_reached(x, out);
    if (small > 0 && x->pooled.freedom > 0)
        compare_add_folded(
            out,
            "intervals of up to %d runs: by the deviation pooled over %zu group%s, %.3g "
            "(%zu degree%s of freedom)\n",
            POOLED_MOST, x->pooled.samples, x->pooled.samples == 1 ? "" : "s", scale * x->pooled.sd,
            x->pooled.freedom, x->pooled.freedom == 1 ? "" : "s");
    if (comparison_wild(x))
        strbuf_addf(
            out, "more than half of its square is one group's, which --where can leave out:\n%s\n",
            comparison_wild(x)->label);
    if (ranked > 1)
        compare_add_folded(
            out,
            "# ties with the best of its rank where their intervals overlap, which is no "
            "test: %s; not adjusted for the number of groups\n",
            x->has_pairs ? "that of the pairs is one" : "--pairs is one, on shared seeds");
    if (single > 0)
        strbuf_add(out, "a single run has no rank\n");
    if (unranked > 0)
        compare_add_folded(out,
                           "up to %d runs have no interval here, and so no rank: in each group of "
                           "several runs, over which a deviation would be pooled, one diverged\n",
                           POOLED_MOST);
}

/* Which of them nobody here has trained. */
static void add_published(const struct collection *c, struct strbuf *out)
{
    for (size_t i = 0; i < c->runs; i++) {
        const char *name = c->run[i].published;
        size_t n = 0;
        for (size_t k = 0; name && k < c->runs; k++) {
            bool same = c->run[k].published && strcmp(c->run[k].published, name) == 0;
            if (same && k < i)
                name = NULL; /* told already */
            n += same;
        }
        if (name)
            strbuf_addf(out, "%zu run%s of published:%s, which 'descent verify' trains again\n", n,
                        n == 1 ? "" : "s", name);
    }
}

void compare_add_notes(struct arena *a, const struct comparison *x, const struct collection *c,
                       bool runs, struct strbuf *out)
{
    const char *mixed = group_mixes(a, &x->grouping, c), *copies = collect_copies_text(a, c),
               *across = comparison_across_text(a, c, &x->measure),
               *lacking = comparison_lacking_text(a, c, &x->measure),
               *best = collect_best_text(a, c), *uneven = comparison_uneven_text(a, x);
    struct deviation d = group_deviation(&x->grouping, c);
    add_counts(a, x, c, out);
    add_published(c, out);
    add_extended(c, out);
    if (copies)
        strbuf_addf(out, "%s\n", copies);
    if (lacking)
        strbuf_addf(out, "%s\n", lacking);
    if (best)
        strbuf_addf(out, "%s\n", best);
    if (across)
        strbuf_addf(out, "warning: %s\n", across);
    if (runs)
        return;
    compare_add_meaning(x, out);
    if (uneven)
        compare_add_folded(out, "%s\n", uneven);
    if (mixed)
        compare_add_folded(out, "groups mix runs that differ in %s too\n", mixed);
    if (group_deviation_text(&d))
        compare_add_folded(out, "%s\n", group_deviation_text(&d));
    if (group_overlap_text(&d))
        compare_add_folded(out, "%s\n", group_overlap_text(&d));
}

/* The keys by which groups are made alike but for folds and split seeds: words of --group-by. */
static const char *words_of(struct arena *a, const struct collection *c, const struct grouping *g)
{
    const char *words = NULL;
    struct error err;
    for (size_t i = 0, key; i < g->keys; i++) {
        bool meant =
            collect_find_key(c, g->name[i], &key, &err) && strcmp(c->key[key], g->key[i]) == 0;
        const char *word = meant ? g->name[i] : g->key[i];
        words = words ? arena_printf(a, "%s,%s", words, word) : word;
    }
    return words ? words : "optimizer"; /* which all share */
}

void compare_add_settings(struct arena *a, const struct comparison *x, const struct collection *c,
                          struct strbuf *out)
{
    struct grouping settings;
    struct error err;
    bool folds = false;
    if (!group_settings(a, c, NULL, 0, &settings, &err) || settings.groups >= x->grouping.groups)
        return;
    for (size_t k = 0; k < x->grouping.keys; k++)
        folds |= strcmp(x->grouping.key[k], "dataset.fold") == 0;
    compare_add_folded(out, "%s are groups of their own: --group-by %s averages over them\n",
                       folds ? "folds" : "split seeds", words_of(a, c, &settings));
}

int compare_pairs_needed(size_t rows)
{
    int n = 1;
    while (n < 60 && (double)rows * ldexp(1, 1 - n) > 0.05)
        n++;
    return n;
}

void compare_add_lost(size_t pairs, struct strbuf *out)
{
    if (pairs > 0)
        compare_add_folded(
            out,
            "%zu pair%s left out, as a run in %s diverged or failed: what is left flatters the "
            "group that lost it\n",
            pairs, pairs == 1 ? "" : "s", pairs == 1 ? "it" : "them");
}

void compare_add_dependence(struct arena *a, const struct paired_family *f, const struct measure *m,
                            struct strbuf *out)
{
    bool is_warning;
    const char *text = paired_dependence(a, f, m, &is_warning);
    if (text)
        compare_add_folded(out, "%s%s\n", is_warning ? "warning: " : "", text);
}

void compare_add_reach(const struct comparison *x, struct strbuf *out)
{
    size_t tests = 0, out_of_reach = 0, lost = 0;
    bool equal = false;
    for (size_t i = 0; i < x->grouping.groups; i++) {
        const struct stats_sample *d = &x->paired[i].difference;
        lost += i == x->reference ? 0 : x->paired[i].lost;
        equal |= i != x->reference && d->n > 1 && !isfinite(d->low);
        if (isnan(x->reachable[i]))
            continue;
        tests++;
        out_of_reach += x->reachable[i] > 0.05;
    }
    compare_add_lost(lost, out);
    if (equal)
        strbuf_add(out, "differences that are all equal have no interval\n");
    if (tests > 0)
        strbuf_add(out, "least p: if all pairs differed one way\n");
    if (out_of_reach > 0)
        compare_add_folded(
            out,
            "warning: in %zu of %zu rows p (Holm) cannot come down to 0.05, whatever the "
            "figures: that takes %d pairs\n",
            out_of_reach, tests, compare_pairs_needed(out_of_reach));
}

void compare_add_unpaired(struct arena *a, const struct comparison *x, const struct collection *c,
                          struct strbuf *out)
{
    enum { TOLD = 3 };
    size_t n = 0;
    const struct group *reference = &x->grouping.group[x->reference];
    for (size_t i = 0; i < x->grouping.groups; i++) {
        const struct group *g = &x->grouping.group[x->order[i]];
        if (g == reference || x->paired[x->order[i]].difference.n > 0 || n++ >= TOLD)
            continue;
        strbuf_addf(out, "no pairs of %s and %s: %s\n", g->label, reference->label,
                    group_unpaired(a, c, &x->grouping, g, reference, &x->measure));
    }
    if (n > TOLD)
        strbuf_addf(out, "nor of %zu more\n", n - TOLD);
}

void compare_add_meaning_of_races(const struct comparison *x, struct strbuf *out)
{
    bool lost = false, neither = false, untold = false;
    for (size_t i = 0; i < x->grouping.groups; i++) {
        if (i == x->reference)
            continue;
        lost |= x->race[i].one_sided > 0;
        neither |= x->race[i].neither > 0;
        untold |= x->race[i].untold > 0;
    }
    if (lost)
        compare_add_folded(out,
                           "a run that never got there is slower than its twin that did, by the "
                           "largest rank\n");
    if (paired_over(&x->family))
        compare_add_folded(
            out,
            "warning: the pairs are over %s, and p takes them as independent: it is too small\n",
            paired_over(&x->family));
    if (neither)
        strbuf_add(out, "neither: both runs never got there, which counts as no difference\n");
    if (untold)
        strbuf_addf(out, "untold: left out, as one run ended short of where its twin got there%s\n",
                    x->cost == PROFILE_SECONDS ? ",\nor its time is not known" : "");
}
