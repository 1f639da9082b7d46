/* Statistics, collecting, grouping, tables. The statistics' values are those of compare_values.py
 * and statistics_values.py. */
#include "check_main.h"
#include "num/paired.h"
#include "num/ranks.h"
#include "num/student.h"
#include "plot/plot.h"
#include "study/comparison_table.h"
#include "util/file.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- kinds of figures ---- */

START_TEST(kinds_of_figures)
{
    unsigned taken = 0;
    size_t n = 0;
    for (; plot_kinds[n]; n++) {
        const struct plot_kind *k = plot_kinds[n];
        ck_assert_str_eq(k->name, plot_kind_names[n]);
        ck_assert_msg(k->make || k->takes == 0, "%s: a run draws it, and knows no options",
                      k->name);
        ck_assert_msg(!(k->takes & PLOT_TAKES_METRICS) || (k->takes & PLOT_TAKES_METRIC), "%s",
                      k->name);
        ck_assert_msg(!k->smooths_unasked || (k->takes & PLOT_TAKES_SMOOTH), "%s", k->name);
        taken |= k->takes;
    }
    ck_assert_ptr_null(plot_kind_names[n]);
    ck_assert_uint_le(n, 32); /* bits of a mask of kinds */
    ck_assert_uint_eq(taken, 2 * PLOT_TAKES_TARGET - 1);
}
END_TEST

/* ---- statistics ---- */

static const double darwin[] = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};
static const double tied[] = {0.002, 0.002, -0.001, 0.004, 0, 0.002, -0.002, 0.006};

START_TEST(students_quantiles)
{
    static const struct {
        double p, v, t;
    } known[] = {{0.975, 1, 12.706204736174696}, {0.975, 2, 4.302652729749464},
                 {0.975, 3, 3.1824463052837055}, {0.975, 4, 2.7764451051977828},
                 {0.975, 9, 2.2621571627982195}, {0.975, 29, 2.045229642132729},
                 {0.9, 5, 1.4758840488244838},   {0.975, 1000, 1.9623390808257928},
                 {0.995, 7, 3.4994832973504533}, {0.975, 2.5, 3.5746548420036914}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        double t = stats_t_quantile(known[i].p, known[i].v);
        ck_assert_double_eq_tol(t, known[i].t, 1e-9 * known[i].t);
        ck_assert_double_eq_tol(stats_t_quantile(1 - known[i].p, known[i].v), -t, 1e-9 * t);
        ck_assert_double_eq_tol(stats_t(t, known[i].v), known[i].p, 1e-12);
    }
    ck_assert_double_eq_tol(stats_t(0, 5), 0.5, 1e-15);
    ck_assert_double_eq_tol(stats_t(1, 1), 0.75, 1e-14); /* Cauchy */
}
END_TEST

START_TEST(incomplete_beta)
{
    ck_assert_double_eq_tol(stats_beta(0.3, 1, 1), 0.3, 1e-14);
    ck_assert_double_eq_tol(stats_beta(0.3, 2, 1), 0.09, 1e-14);
    ck_assert_double_eq_tol(stats_beta(0.3, 1, 3), 1 - 0.343, 1e-14);
    ck_assert_double_eq_tol(stats_beta(0.5, 7, 7), 0.5, 1e-13);
    ck_assert_double_eq(stats_beta(0, 2, 3), 0);
    ck_assert_double_eq(stats_beta(1, 2, 3), 1);
}
END_TEST

START_TEST(a_sample)
{
    const double v[] = {0.97, 0.9725, (double)NAN, 0.9688, 0.9741, (double)INFINITY, 0.9702};
    struct stats_sample s = stats_summarize(v, 7);
    ck_assert_uint_eq(s.n, 5);
    ck_assert_double_eq_tol(s.mean, 0.97112, 1e-14);
    ck_assert_double_eq_tol(s.sd, 0.0021370540470470123, 1e-14);
    ck_assert_double_eq_tol(s.low, 0.968466496927566, 1e-12);
    ck_assert_double_eq_tol(s.high, 0.9737735030724339, 1e-12);
    ck_assert_double_eq(s.least, 0.9688);
    ck_assert_double_eq(s.most, 0.9741);
    s = stats_summarize(v, 1);
    ck_assert(s.n == 1 && isnan(s.sd) && isnan(s.low));
    ck_assert_double_eq(s.mean, 0.97);
    s = stats_summarize(v + 2, 1);
    ck_assert(s.n == 0 && isnan(s.mean));
    static const double alike[] = {0.005, 0.005, 0.005, 0.005, 0.005, 0.005, 0.005};
    s = stats_summarize(alike, 7);
    ck_assert_double_eq(s.mean, 0.005);
    ck_assert_double_eq(s.sd, 0);
    ck_assert(s.low == s.mean && s.high == s.mean);
}
END_TEST

static const double rounding = 1e-13; /* of differences as a double has them, by size */

/* The two tests of differences of which each lies within `by` of the true one. */
static double flips(const double *d, size_t n, double by)
{
    double within[STATS_EXACT_FLIPS] = {0};
    for (size_t i = 0; i < n; i++)
        within[i] = by;
    return stats_sign_flip(d, within, n);
}

static double ranks(const double *d, size_t n, double by)
{
    double within[230] = {0};
    for (size_t i = 0; i < n; i++)
        within[i] = by;
    return stats_wilcoxon(d, within, n);
}

START_TEST(paired_tests)
{
    static const double positive[] = {1, 2, 3, 4, 5};
    ck_assert_double_eq(flips(darwin, 15, rounding), 0.05267333984375); /* Fisher: 1726 of 32768 */
    ck_assert_double_eq_tol(ranks(darwin, 15, rounding), 0.041259765625, 1e-14);
    ck_assert_double_eq(flips(tied, 8, rounding), 0.15625);
    ck_assert_double_eq_tol(ranks(tied, 8, rounding), 0.15625, 1e-14);
    ck_assert_double_eq(flips(positive, 5, rounding), 2.0 / 32);
    ck_assert_double_eq_tol(ranks(positive, 5, rounding), 2.0 / 32, 1e-15);
    ck_assert(isnan(flips(NULL, 0, rounding)) && isnan(ranks(NULL, 0, rounding)));
    ck_assert_double_eq(ranks(&tied[4], 1, rounding), 1);
    ck_assert_double_eq(flips(&tied[4], 1, rounding), 1);
}
END_TEST

/* Shares of 300 images as a log has them, with nine digits: seven pairs differ by +1 image, one by
 * -1. Of 256 choices of signs 18 are as far from 0; by ranks too. As read, no two differences are
 * equal. */
START_TEST(pairs_of_shares)
{
    static const int of[][2] = {{100, 99},  {131, 130}, {152, 151}, {173, 172},
                                {200, 199}, {11, 10},   {250, 249}, {76, 77}};
    double d[8];
    for (size_t i = 0; i < 8; i++) {
        char text[2][32];
        for (int k = 0; k < 2; k++)
            snprintf(text[k], sizeof text[k], "%.9g", of[i][k] / 300.0);
        d[i] = strtod(text[0], NULL) - strtod(text[1], NULL);
    }
    ck_assert_double_eq(flips(d, 8, 2 * STATS_NINE_DIGITS), 18.0 / 256);
    ck_assert_double_eq_tol(ranks(d, 8, 2 * STATS_NINE_DIGITS), 18.0 / 256, 1e-15);
}
END_TEST

/* Two error rates of as many images in all, read back in three parts: one rank, whichever is a
 * digit less. */
START_TEST(ranks_of_shares)
{
    const double one = 1 - (0.333333333 + 0.333333333 + 0.333333333) / 3,
                 other = 1 - (0.33 + 0.333333333 + 0.336666667) / 3;
    const double cost[] = {one, other, 0.9};
    double rank[3];
    ck_assert(one < other || one > other);
    stats_mean_ranks(cost, 3, 1, 2 * STATS_NINE_DIGITS, rank);
    ck_assert(rank[0] == 1.5 && rank[1] == 1.5 && rank[2] == 3);
    ck_assert(!stats_alike(one, other + 1e-6, 2 * STATS_NINE_DIGITS));
    ck_assert(stats_alike((double)INFINITY, (double)INFINITY, 0));
    ck_assert(!stats_alike((double)INFINITY, 1, 0));
}
END_TEST

/* More signs than can be gone through one by one: by counts of signs where the sizes are alike,
 * else against all choices. */
START_TEST(sign_flips_of_many_pairs)
{
    double d[STATS_EXACT_FLIPS];
    for (size_t i = 0; i < STATS_EXACT_FLIPS; i++)
        d[i] = i % 4 == 3 ? -0.01 : 0.01;
    ck_assert_double_eq_tol(flips(d, 25, rounding), stats_mcnemar(19, 6), 1e-15);
    ck_assert_double_eq_tol(flips(d, STATS_EXACT_FLIPS, rounding), stats_mcnemar(30, 10), 1e-15);
    size_t reached = 0, n = 21;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += d[i] = sin((double)(i * i)) + 0.3;
    for (size_t choice = 0; choice < (size_t)1 << n; choice++) {
        double v = 0;
        for (size_t i = 0; i < n; i++)
            v += choice >> i & 1 ? d[i] : -d[i];
        reached += fabs(v) >= fabs(sum) - 1e-12;
    }
    ck_assert_double_eq(flips(d, n, rounding), ldexp((double)reached, -(int)n));
}
END_TEST

START_TEST(many_pairs)
{
    double d[210];
    for (int i = 0; i < 210; i++)
        d[i] = (i % 5 < 2 ? -1 : 1) * (1 + i * 7919 % 1009);
    ck_assert_double_eq_tol(ranks(d, 150, rounding), 0.026152822881950647, 1e-12);
    /* The normal approximation; the exact distribution's excess of -3.6 / n thins the tail here by
     * 1.8 %. */
    ck_assert_double_eq_tol(ranks(d, 210, rounding), 0.011077945194489663,
                            0.02 * 0.011077945194489663);
}
END_TEST

START_TEST(holm)
{
    double p[] = {0.01, (double)NAN, 0.04, 0.03, 0.005};
    stats_holm(p, 5);
    ck_assert_double_eq_tol(p[0], 0.03, 1e-15);
    ck_assert(isnan(p[1]));
    ck_assert_double_eq_tol(p[2], 0.06, 1e-15); /* no less than the one before */
    ck_assert_double_eq_tol(p[3], 0.06, 1e-15);
    ck_assert_double_eq_tol(p[4], 0.02, 1e-15);
}
END_TEST

#include "statistics_values.inc"

START_TEST(pairs_as_scipy_has_them)
{
    double d[230];
    for (size_t i = 0; i < sizeof pair_cases / sizeof pair_cases[0]; i++) {
        const struct pair_case *x = &pair_cases[i];
        ck_assert_double_eq_tol(flips(x->d, x->n, rounding), x->flips, 1e-14);
        ck_assert_msg(fabs(ranks(x->d, x->n, rounding) - x->wilcoxon) < 1e-14, "%s", x->name);
    }
    for (int i = 0; i < 210; i++)
        d[i] = (i % 5 < 2 ? -1 : 1) * (1 + i * 7919 % 1009);
    ck_assert_double_eq_tol(ranks(d, 210, rounding), normal_many, 1e-12);
    for (int i = 0; i < 230; i++)
        d[i] = (i % 5 < 2 ? -1 : 1) * (1 + i % 7);
    ck_assert_double_eq_tol(ranks(d, 230, rounding), normal_tied, 1e-12);
}
END_TEST

START_TEST(resampled_pairs_as_scipy_has_them)
{
    static const double same[] = {0.01, 0.01, 0.01};
    for (size_t i = 0; i < sizeof resampled_cases / sizeof resampled_cases[0]; i++) {
        const double *d = resampled_cases[i].d, ratio = resampled_cases[i].ratio;
        struct stats_resampled r = stats_resampled_t(d, resampled_cases[i].n, ratio);
        ck_assert_double_eq_tol(r.p / resampled_cases[i].p, 1, 1e-7);
        ck_assert_double_eq_tol(r.low, resampled_cases[i].low, 1e-12 * (1 + fabs(r.low)));
        ck_assert_double_eq_tol(r.high, resampled_cases[i].high, 1e-12 * (1 + fabs(r.high)));
    }
    struct stats_resampled r = stats_resampled_t(same, 1, 0.25);
    ck_assert(isnan(r.p) && isnan(r.low) && isnan(r.high));
    ck_assert(isnan(stats_resampled_t(NULL, 0, 0.25).p));
    ck_assert(isnan(stats_resampled_t(same, 3, 0.25).p)); /* no deviation to measure them by */
}
END_TEST

/* Beyond 200 pairs Wilcoxon's test is the normal approximation, and so is its least p: what the
 * test gives where all pairs differ one way. */
START_TEST(least_p_is_that_of_all_pairs_one_way)
{
    double d[1100], within[1100];
    for (int i = 0; i < 1100; i++) {
        within[i] = rounding;
        d[i] = 1 + i % 7;
    }
    ck_assert_double_eq(stats_wilcoxon_least(d, within, 200), ldexp(1, -199));
    ck_assert_double_eq_tol(stats_wilcoxon_least(d, within, 230) / normal_one_way, 1, 1e-9);
    ck_assert_double_eq(stats_wilcoxon_least(d, within, 1100), stats_wilcoxon(d, within, 1100));
    ck_assert_double_gt(stats_wilcoxon_least(d, within, 1100), 0);
    double least = stats_wilcoxon_least(d, within, 1100);
    for (int i = 0; i < 1100; i += 3)
        d[i] = -d[i];
    ck_assert_double_eq(stats_wilcoxon_least(d, within, 1100), least);
    memset(d, 0, 1000 * sizeof *d); /* a hundred differ: the test is exact */
    for (int i = 1000; i < 1100; i++)
        d[i] = 1;
    ck_assert_double_le(stats_wilcoxon_least(d, within, 1100), stats_wilcoxon(d, within, 1100));
    ck_assert_double_eq(stats_sign_flip_least(5), 2.0 / 32);
    ck_assert(isnan(stats_sign_flip_least(0)) && isnan(stats_wilcoxon_least(NULL, NULL, 0)));
}
END_TEST

/* One pair of figures of 30,000 among those of 1: what its digits leave open is its own. */
START_TEST(a_large_figure_blurs_its_own_pair_alone)
{
    double within[8], same[8];
    for (size_t i = 0; i < 8; i++) {
        within[i] = (i == 0 ? 60000 : 2) * STATS_NINE_DIGITS;
        same[i] = fabs(one_large.d[i]);
    }
    ck_assert_double_eq_tol(stats_sign_flip(one_large.d, within, 8), one_large.flips, 1e-14);
    ck_assert_double_eq_tol(stats_wilcoxon(one_large.d, within, 8), one_large.wilcoxon, 1e-14);
    ck_assert_double_eq(stats_sign_flip(same, within, 8), 2.0 / 256);
    ck_assert_double_eq_tol(stats_wilcoxon(same, within, 8), 2.0 / 256, 1e-15);
}
END_TEST

START_TEST(counts_as_scipy_has_them)
{
    for (size_t i = 0; i < sizeof wilson_cases / sizeof wilson_cases[0]; i++) {
        double low, high;
        stats_wilson(wilson_cases[i].hits, wilson_cases[i].n, &low, &high);
        ck_assert_double_eq_tol(low, wilson_cases[i].low, 1e-12);
        ck_assert_double_eq_tol(high, wilson_cases[i].high, 1e-12);
    }
    for (size_t i = 0; i < sizeof mcnemar_cases / sizeof mcnemar_cases[0]; i++)
        ck_assert_double_eq_tol(stats_mcnemar(mcnemar_cases[i].one, mcnemar_cases[i].other),
                                mcnemar_cases[i].p, 1e-11);
    for (size_t i = 0; i < sizeof best_cases / sizeof best_cases[0]; i++) {
        double mean, sd;
        stats_best(best_cases[i].v, best_cases[i].n, best_cases[i].k, &mean, &sd);
        ck_assert_double_eq_tol(mean, best_cases[i].mean, 1e-13);
        ck_assert_double_eq_tol(sd, best_cases[i].sd, 1e-13);
    }
}
END_TEST

START_TEST(ranks_over_problems_as_scipy_has_them)
{
    for (size_t i = 0; i < sizeof ranked_cases / sizeof ranked_cases[0]; i++) {
        const struct ranked_case *x = &ranked_cases[i];
        double rank[3];
        stats_mean_ranks(x->cost, 3, x->problems, 0, rank);
        for (int s = 0; s < 3; s++)
            ck_assert_msg(fabs(rank[s] - x->rank[s]) < 1e-14, "%s: %.17g", x->name, rank[s]);
    }
    for (size_t i = 0; i < sizeof critical_cases / sizeof critical_cases[0]; i++) {
        double d = stats_critical_difference(critical_cases[i].solvers, critical_cases[i].problems);
        ck_assert_double_eq_tol(d, critical_cases[i].difference,
                                1e-8 * critical_cases[i].difference);
    }
}
END_TEST

/* What a rank correlation does not see: a best value in the middle. */
START_TEST(explained_as_scipy_has_it)
{
    double x[60], hump[60], lost[60], nothing[60];
    for (int i = 0; i < 60; i++) {
        x[i] = i;
        hump[i] = -fabs(i - 29.5);
        lost[i] = i < 40 ? 1 + i % 2 : -HUGE_VAL;
        nothing[i] = i * 37 % 60 % 7;
    }
    ck_assert_double_lt(fabs(stats_spearman(x, hump, 60)), 1e-12);
    ck_assert_double_eq_tol(stats_explained(x, hump, 60), explained_hump, 1e-13);
    ck_assert_double_eq_tol(stats_explained(x, lost, 60), explained_lost, 1e-13);
    ck_assert_double_eq_tol(stats_explained(x, nothing, 60), explained_nothing, 1e-13);
}
END_TEST

static void check_ranks(const struct stats_sample *s, const bool *lost, size_t n, bool rises,
                        const size_t *rank, const size_t *order)
{
    size_t got[8], at[8];
    group_ranks(s, lost, n, rises, got, at);
    for (size_t i = 0; i < n; i++) {
        ck_assert_uint_eq(got[i], rank[i]);
        ck_assert_uint_eq(at[i], order[i]);
    }
}

START_TEST(ranks_tie_where_intervals_overlap)
{
    /* The first overlaps the third, but not the second, which is the best of rank 1. */
    static const struct stats_sample s[] = {{.n = 3, .mean = 0.9, .low = 0.88, .high = 0.92},
                                            {.n = 3, .mean = 0.95, .low = 0.93, .high = 0.97},
                                            {.n = 3, .mean = 0.94, .low = 0.91, .high = 0.97},
                                            {.n = 2, .mean = 0.5, .low = 0.5, .high = 0.5},
                                            {.n = 0}};
    static const size_t up[] = {3, 1, 1, 4, 0}, up_order[] = {1, 2, 0, 3, 4},
                        down[] = {2, 4, 2, 1, 0}, down_order[] = {3, 0, 2, 1, 4};
    const bool lost[5] = {false};
    check_ranks(s, lost, 5, true, up, up_order);
    check_ranks(s, lost, 5, false, down, down_order);
}
END_TEST

START_TEST(ranks_never_fall_as_means_do)
{
    /* The third's wide interval reaches the first's; it is worse than the second, which the first
     * beats. A single run stands where its value is, without a rank. */
    static const struct stats_sample s[] = {{.n = 5, .mean = 0.95, .low = 0.94, .high = 0.96},
                                            {.n = 5, .mean = 0.93, .low = 0.925, .high = 0.935},
                                            {.n = 5, .mean = 0.92, .low = 0.89, .high = 0.95},
                                            {.n = 1, .mean = 0.94, .low = 0.9, .high = 0.99},
                                            {.n = 0}};
    static const size_t rank[] = {1, 2, 2, 0, 0}, order[] = {0, 3, 1, 2, 4};
    const bool lost[5] = {false};
    check_ranks(s, lost, 5, true, rank, order);
    check_ranks(s, lost, 0, true, rank, order);
}
END_TEST

START_TEST(without_an_interval_there_is_no_rank)
{
    static const struct stats_sample s[] = {
        {.n = 2, .mean = 0.5, .low = (double)NAN, .high = (double)NAN},
        {.n = 2, .mean = 0.9, .low = (double)NAN, .high = (double)NAN},
        {.n = 4, .mean = 0.7, .low = 0.6, .high = 0.8}};
    static const size_t none[] = {0, 0}, two[] = {1, 0}, one[] = {0, 0, 1}, three[] = {1, 2, 0};
    const bool lost[] = {true, true, true};
    check_ranks(s, lost, 2, true, none, two);
    check_ranks(s, lost, 3, true, one, three);
}
END_TEST

START_TEST(what_lost_runs_leads_nothing)
{
    static const struct stats_sample s[] = {{.n = 2, .mean = 0.99, .low = 0.9, .high = 1},
                                            {.n = 5, .mean = 0.93, .low = 0.92, .high = 0.94},
                                            {.n = 2, .mean = 0.98, .low = 0.9, .high = 1}};
    static const size_t rank[] = {2, 1, 2}, order[] = {1, 0, 2};
    const bool lost[] = {true, false, true, false};
    check_ranks(s, lost, 3, true, rank, order);
    ck_assert(!stats_leads(&s[0], true, &s[1], false, true));
    ck_assert(stats_leads(&s[1], false, &s[0], true, true));
    ck_assert(stats_leads(&s[0], true, &s[2], true, true));
    ck_assert(stats_leads(&s[2], true, &s[0], true, false));
}
END_TEST

/* 5501 + 5501 + 5504 and three times 5502 of 6,000 images, each share as nine digits have it. */
START_TEST(means_of_as_many_images_tie)
{
    static const double uneven[] = {0.916833333, 0.916833333, 0.917333333},
                        even[] = {0.917, 0.917, 0.917}, more[] = {0.917, 0.917, 0.917166667};
    struct stats_sample x = stats_spread(uneven, 3), y = stats_spread(even, 3),
                        z = stats_spread(more, 3);
    ck_assert(x.mean < y.mean);
    ck_assert(!stats_leads(&x, false, &y, false, true) && !stats_leads(&y, false, &x, false, true));
    ck_assert(!stats_leads(&x, false, &y, false, false));
    ck_assert(stats_leads(&z, false, &y, false, true) && stats_leads(&z, false, &x, false, true));
}
END_TEST

/* ---- run folders ---- */

static char folder[] = "/tmp/descent-compare-XXXXXX";
static struct arena arena;
static struct error err;

static void set_up(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    arena_init(&arena);
}

static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
    arena_fini(&arena);
}

static void put(const char *run, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, run);
    ck_assert(file_make_folder(path, &err));
    snprintf(path, sizeof path, "%s/%s/%s", folder, run, name);
    ck_assert(file_write(path, text, strlen(text), &err));
}

/* A run.json as its reader wants it. Digests are of one digit, 0: none; final and best are the
 * figures of these rows, which only a completed run has; best NULL: none. */
static int ends_at = 3; /* epochs of 10 updates */
static void record(const char *run, const char *status, char data, char weights, const char *final,
                   const char *best)
{
    static const struct {
        const char *status, *code;
    } codes[] = {{"completed", "0"},
                 {"diverged", "5"},
                 {"failed", "4"},
                 {"interrupted", "null"},
                 {"pruned", "null"}};
    char digit[2][65] = {{0}}, text[1024], metrics[512] = "\"final\": null, \"best\": null";
    size_t i = 0;
    while (strcmp(codes[i].status, status) != 0)
        i++;
    memset(digit[0], data, 64);
    memset(digit[1], weights, 64);
    if (i == 0)
        snprintf(metrics, sizeof metrics,
                 "\"final\": {\"epoch\": %d, \"step\": %d, %s}, \"best\": %s%s%s", ends_at,
                 10 * ends_at, final, best ? "{\"step\": 0, " : "null", best ? best : "",
                 best ? "}" : "");
    snprintf(text, sizeof text,
             "{\"status\": \"%s\", \"exit_code\": %s, \"epoch\": %d, \"step\": %d, "
             "\"metrics\": {%s}%s%s%s%s%s%s}",
             status, codes[i].code, ends_at, 10 * ends_at, metrics,
             data ? ", \"dataset\": {\"sha256\": {\"train_images\": \"" : "", digit[0],
             data ? "\"}}" : "", weights ? ", \"weights_sha256\": \"" : "", digit[1],
             weights ? "\"" : "");
    put(run, "run.json", text);
}

/* A run of so many per cent; status NULL: begun, with no run.json yet. */
static void make(const char *run, int seed, const char *keys, const char *status, double valid)
{
    char text[1024];
    snprintf(text, sizeof text, "name: %s\nseed: %d\n%s\n", run, seed, keys);
    put(run, "spec.yaml", text);
    if (!status) {
        put(run, ".lock", "");
        return;
    }
    snprintf(text, sizeof text, "\"valid_accuracy\": %.4f, \"test_accuracy\": %.4f", valid / 100,
             valid / 100 - 0.01);
    record(run, status, 0, 0, text, NULL);
}

/* A finished run with the digests of its data and of its weights. */
static void make_with(const char *run, int seed, const char *keys, double valid, char data,
                      char weights)
{
    char text[64];
    make(run, seed, keys, "completed", valid);
    snprintf(text, sizeof text, "\"valid_accuracy\": %.4f", valid / 100);
    record(run, "completed", data, weights, text, NULL);
}

static struct collection collect(void)
{
    struct collection c;
    char *words[] = {folder};
    ck_assert_msg(collect_runs(&arena, words, 1, &c, &err), "%s", err.message);
    return c;
}

static struct grouping group(const struct collection *c)
{
    struct grouping g;
    ck_assert_msg(group_runs(&arena, c, NULL, 0, &g, &err), "%s", err.message);
    return g;
}

START_TEST(seeds_and_what_may_change_make_no_groups)
{
    make("a", 1, "optimizer: {name: sgd, lr: 0.1}", "completed", 90);
    make("b", 2, "optimizer: {name: sgd, lr: 1e-1}\nthreads: 2\nplots: false", "completed", 91);
    make("c", 3, "optimizer: {name: sgd, lr: 0.1}\ncheckpoint: {every: 7}\ndescription: other",
         "completed", 92);
    make("d", 1, "optimizer: {name: sgd, lr: 0.2}", "completed", 92);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_uint_eq(c.runs, 4);
    ck_assert_int_eq(c.run[1].seed, 2);
    ck_assert_uint_eq(g.groups, 2);
    ck_assert_uint_eq(g.group[0].n, 3);
    ck_assert_str_eq(g.name[0], "lr");
}
END_TEST

START_TEST(another_length_is_another_group)
{
    make("a", 1, "optimizer: sgd\ntrain: {epochs: 3}", "completed", 90);
    make("b", 1, "optimizer: sgd\ntrain: {epochs: 30}", "completed", 91);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_uint_eq(g.groups, 2);
    ck_assert_str_eq(g.group[0].label, "epochs 3");
    ck_assert_str_eq(g.group[1].label, "epochs 30");
}
END_TEST

START_TEST(labels_hold_what_differs)
{
    make("a", 1, "optimizer: {name: sgd, lr: 0.1}", "completed", 90);
    make("b", 1, "optimizer: {name: sgd, lr: 0.02}\ntrain: {batch_size: 64}", "completed", 91);
    make("c", 1, "optimizer: {name: adam, lr: 0.001}\nscheduler: {name: exponential, gamma: 0.9}",
         "completed", 92);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_uint_eq(g.keys, 4);
    ck_assert_str_eq(g.key[0], "optimizer.name");
    ck_assert_str_eq(g.name[0], "optimizer");
    ck_assert_str_eq(g.group[0].label, "adam, lr 0.001, exponential, batch_size 256");
    ck_assert_str_eq(g.group[1].label, "sgd, lr 0.02, no scheduler, batch_size 64");
    ck_assert_str_eq(g.group[2].label, "sgd, lr 0.1, no scheduler, batch_size 256");
    ck_assert_ptr_null(group_mixes(&arena, &g, &c));
}
END_TEST

/* Of what lies deeper than the section with the name, too; but not where it tells groups apart. */
START_TEST(what_an_outer_name_says_is_not_shown)
{
#define MOMENTUM(factor)                                                                           \
    "optimizer: {name: momentum, lr: 0.1, groups: [{tensors: [bias], lr: " factor "}], "           \
    "lookahead: {steps: 5, alpha: 0.5}}"
    make("a", 1, "optimizer: sgd", "completed", 90);
    make("b", 1, "optimizer: adam", "completed", 91);
    make("c", 1, MOMENTUM("2"), "completed", 92);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_uint_eq(g.groups, 3);
    ck_assert_uint_eq(g.keys, 1);
    ck_assert_str_eq(g.group[1].label, "momentum");
    make("d", 1, MOMENTUM("3"), "completed", 92);
    c = collect();
    g = group(&c);
    ck_assert_uint_eq(g.groups, 4);
    ck_assert_uint_eq(g.keys, 2);
    ck_assert_str_eq(g.group[1].label, "momentum, groups.0.lr 2");
    ck_assert_str_eq(g.group[2].label, "momentum, groups.0.lr 3");
    char key[] = "train.batch_size", *by[] = {key};
    ck_assert(group_runs(&arena, &c, by, 1, &g, &err));
    ck_assert_str_eq(group_mixes(&arena, &g, &c), "optimizer.name, optimizer.groups.0.lr");
}
END_TEST

START_TEST(a_second_scheduler)
{
    make("a", 1, "optimizer: {name: sgd, lr: 0.1}", "completed", 90);
    make("b", 1,
         "optimizer: {name: sgd, lr: 0.1}\nscheduler: [{name: warmup, over: 2}, {name: cosine}]",
         "completed", 91);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_str_eq(g.group[0].label, "no scheduler");
    ck_assert_str_eq(g.group[1].label, "warmup+cosine");
}
END_TEST

START_TEST(words_beside_mappings)
{
    make("a", 1, "model: {name: mlp, init: pytorch}", "completed", 90);
    make("b", 1, "model: {name: mlp, init: kaiming_normal}", "completed", 91);
    make("c", 1, "model: {name: mlp, init: {name: normal, std: 0.1}}", "completed", 92);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_uint_eq(g.groups, 3);
    ck_assert_uint_eq(g.keys, 1);
    ck_assert_str_eq(g.name[0], "init");
    ck_assert_str_eq(g.group[0].label, "kaiming_normal");
    ck_assert_str_eq(g.group[2].label, "pytorch");
    ck_assert(
        collect_filter(&arena, &c, "init == 'pytorch' or model.init == 'kaiming_normal'", &err));
    ck_assert_uint_eq(c.runs, 2);
}
END_TEST

START_TEST(lists_that_differ_at_an_index)
{
#define LAYERS(one) "model: {name: layers, layers: [flatten, {linear: 16}, " one ", {linear: 10}]}"
    make("a", 1, LAYERS("relu"), "completed", 90);
    make("b", 1, LAYERS("tanh"), "completed", 91);
    make("c", 1, LAYERS("{dropout: 0.5}"), "completed", 92);
    make("d", 2, LAYERS("relu"), "completed", 92);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_uint_eq(g.groups, 3);
    ck_assert_uint_eq(g.keys, 2); /* layers.2 and the dropout's share */
    ck_assert_ptr_null(group_mixes(&arena, &g, &c));
}
END_TEST

/* One column, with the keys that their names do not tell apart. */
START_TEST(lists_swept_as_wholes)
{
#define AUGMENT(list) "dataset: {name: digits, augment: " list "}"
    make("a", 1, AUGMENT("[]"), "completed", 90);
    make("b", 1, AUGMENT("[{crop: {padding: 1}}]"), "completed", 91);
    make("c", 1, AUGMENT("[{crop: {padding: 2}}, flip]"), "completed", 92);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_uint_eq(g.keys, 1);
    ck_assert_str_eq(g.name[0], "augment");
    ck_assert_str_eq(g.group[0].label, "no augment");
    ck_assert_str_eq(g.group[1].label, "crop");
    ck_assert_str_eq(g.group[2].label, "crop+flip");
    make("d", 1, AUGMENT("[{crop: {padding: 3}}, flip]"), "completed", 92);
    c = collect();
    g = group(&c);
    ck_assert_uint_eq(g.groups, 4);
    ck_assert_uint_eq(g.keys, 2);
    ck_assert_str_eq(g.group[2].label, "crop+flip, padding 2");
    ck_assert(collect_filter(&arena, &c, "augment == 'crop+flip' and padding > 2", &err));
    ck_assert_uint_eq(c.runs, 1);
}
END_TEST

START_TEST(groups_of_tensors_swept_as_wholes)
{
#define GROUPS(list) "optimizer: {name: sgd, lr: 0.1, groups: " list "}"
    make("a", 1, GROUPS("[]"), "completed", 90);
    make("b", 1, GROUPS("[{tensors: [bias], lr: 2}]"), "completed", 91);
    make("c", 1, GROUPS("[{tensors: [bias, norm], lr: 2}, {tensors: [weight], lr: 3}]"),
         "completed", 92);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_uint_eq(g.groups, 3);
    ck_assert_uint_eq(g.keys, 1);
    ck_assert_str_eq(g.name[0], "groups");
    ck_assert_str_eq(g.group[0].label, "no groups");
    ck_assert_str_eq(g.group[1].label, "bias");
    ck_assert_str_eq(g.group[2].label, "bias, norm+weight");
    make("d", 1, GROUPS("[{tensors: [bias], lr: 5}]"), "completed", 92);
    c = collect();
    g = group(&c);
    ck_assert_uint_eq(g.groups, 4);
    ck_assert_uint_eq(g.keys, 2); /* the factor of the first entry, too */
}
END_TEST

/* A completed run on the files in /data/DIR, the training images of which have this digest. */
static void make_on(const char *run, int seed, const char *dir, char digest)
{
    char text[512];
    snprintf(text, sizeof text, "optimizer: sgd\ndataset: {name: idx, dir: /data/%s}", dir);
    make(run, seed, text, "completed", 90);
    record(run, "completed", digest, 0, "\"valid_accuracy\": 0.9", NULL);
}

START_TEST(other_data_are_another_group)
{
    make_on("a", 1, "one", 'a');
    make_on("b", 2, "moved", 'a');
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_uint_eq(g.groups, 1);
    ck_assert_uint_eq(g.keys, 0);
    make_on("b", 2, "one", 'a');
    make_on("c", 1, "two", 'b');
    make("d", 3, "optimizer: sgd\ndataset: {name: idx, dir: /data/two}", NULL,
         0); /* which has not read its data yet */
    c = collect();
    g = group(&c);
    ck_assert_uint_eq(g.groups, 2);
    ck_assert_str_eq(g.key[0], "dataset.dir");
    ck_assert_str_eq(g.group[0].label, "dir /data/one");
    ck_assert_uint_eq(g.group[1].n, 2);
    make_on("b", 2, "moved", 'a');
    c = collect();
    g = group(&c);
    ck_assert_uint_eq(g.groups, 3);
    ck_assert_str_eq(g.key[0], COLLECT_DATA);
    make_on("e", 4, "one", 'c'); /* exchanged */
    char by[] = "optimizer.name", *keys[] = {by};
    c = collect();
    g = group(&c);
    ck_assert_uint_eq(g.groups, 4);
    ck_assert(group_runs(&arena, &c, keys, 1, &g, &err));
    ck_assert_str_eq(group_mixes(&arena, &g, &c), COLLECT_DATA);
}
END_TEST

START_TEST(a_lone_seed_is_the_runs)
{
    make("a", 1, "optimizer: sgd\ndataset: {name: digits, seed: 1}", "completed", 90);
    make("b", 1, "optimizer: sgd\ndataset: {name: digits, seed: 2}", "completed", 90);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_str_eq(g.name[0], "dataset.seed");
    ck_assert_str_eq(g.group[1].label, "dataset.seed 2");
}
END_TEST

START_TEST(long_values_show_what_differs)
{
    make(
        "a", 1,
        "optimizer: sgd\nmodel: {name: mlp, init_from: /one/and/the/same/folder/weights-a-ü/last.safetensors}",
        "completed", 90);
    make(
        "b", 1,
        "optimizer: sgd\nmodel: {name: mlp, init_from: /one/and/the/same/folder/weights-b-ü/last.safetensors}",
        "completed", 90);
    struct collection c = collect();
    struct grouping g = group(&c);
    ck_assert_str_eq(g.group[0].label, "init_from …weights-a-ü/last…");
    ck_assert_str_eq(g.group[1].shown[0], "…weights-b-ü/last…");
}
END_TEST

START_TEST(grouped_by_a_key)
{
    make("a", 1, "optimizer: {name: sgd, lr: 0.1}", "completed", 90);
    make("b", 1, "optimizer: {name: sgd, lr: 0.02}", "completed", 92);
    make("c", 1, "optimizer: {name: adam, lr: 0.001}", "completed", 94);
    struct collection c = collect();
    struct grouping g;
    char good[] = "optimizer", bad[] = "optimizr.lr", *by[] = {good}, *wrong[] = {bad};
    ck_assert(group_runs(&arena, &c, by, 1, &g, &err));
    ck_assert_uint_eq(g.groups, 2);
    ck_assert_uint_eq(g.group[1].n, 2);
    ck_assert_str_eq(group_mixes(&arena, &g, &c), "optimizer.lr");
    struct measure m;
    ck_assert(measure_parse("valid_accuracy", &m, &err));
    ck_assert_double_eq_tol(group_sample(&g.group[1], &m).mean, 0.91, 1e-12);
    ck_assert(!group_runs(&arena, &c, wrong, 1, &g, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "did you mean 'optimizer.lr'?"));
}
END_TEST

START_TEST(only_completed_runs_have_figures)
{
    make("a", 1, "optimizer: sgd", "completed", 90);
    make("b", 2, "optimizer: sgd", "diverged", 0);
    make("c", 3, "optimizer: sgd", "failed", 0);
    make("d", 4, "optimizer: sgd", "interrupted", 0);
    make("e", 5, "optimizer: sgd", "pruned", 0);
    make("f", 6, "optimizer: sgd", NULL, 0);
    struct collection c = collect();
    struct grouping g = group(&c);
    struct measure m = {METRIC_VALID_ACCURACY, false};
    ck_assert_uint_eq(g.groups, 1);
    ck_assert_uint_eq(group_sample(&g.group[0], &m).n, 1);
    ck_assert_uint_eq(g.group[0].status[STATUS_DIVERGED], 1);
    ck_assert_uint_eq(g.group[0].status[STATUS_FAILED], 1);
    ck_assert_uint_eq(g.group[0].status[STATUS_PRUNED], 1);
    ck_assert_uint_eq(g.group[0].status[STATUS_OPEN], 2);
}
END_TEST

/* How many of the runs it leaves. */
struct condition {
    const char *text;
    size_t left;
};

static void check_conditions(const struct condition *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct collection c = collect();
        ck_assert_msg(collect_filter(&arena, &c, v[i].text, &err), "%s", err.message);
        ck_assert_msg(c.runs == v[i].left, "%s: %zu", v[i].text, c.runs);
    }
}

START_TEST(conditions)
{
    make("a", 1, "optimizer: {name: sgd, lr: 0.1}", "completed", 90);
    make("b", 2, "optimizer: {name: adam, lr: 0.001}\nmodel: {name: mlp, hidden: [75, 45]}",
         "completed", 91);
    make("c", 3, "optimizer: {name: adam, lr: 0.01}\ntrain: {batch_size: 64}", "diverged", 0);
    static const struct condition cases[] = {{"optimizer.name == 'adam'", 2},
                                             {"optimizer == 'adam' and lr > 0.005", 1},
                                             {"seed <= 2", 2},
                                             {"status == 'completed'", 2},
                                             {"final.valid_accuracy > 0.905", 1},
                                             {"optimizer.momentum == 0", 1},
                                             {"hidden == '[75, 45]'", 1},
                                             {"hidden.1 == 45", 1},
                                             {"model.hidden.1 == null and model.hidden.0 > 0", 2},
                                             {"batch_size == 64", 1}};
    check_conditions(cases, sizeof cases / sizeof cases[0]);
    struct collection c = collect();
    ck_assert(!collect_filter(&arena, &c, "not seed", &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_str_eq(err.message, "no run has not seed");
    c = collect();
    ck_assert(!collect_filter(&arena, &c, "optimizer.lrr > 1", &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_ptr_nonnull(strstr(err.message, "^"));
    ck_assert_ptr_nonnull(strstr(err.message, "optimizer.lr"));
}
END_TEST

/* Some runs have none: their key `scheduler` is null, the others' is scheduler.0.name. */
START_TEST(conditions_on_schedulers)
{
    make("a", 1, "optimizer: sgd", "completed", 90);
    make("b", 2, "optimizer: sgd\nscheduler: cosine", "completed", 91);
    make("c", 3, "optimizer: sgd\nscheduler: {name: exponential, gamma: 0.9}", "completed", 92);
    static const struct condition cases[] = {{"scheduler == null", 1},
                                             {"scheduler != null", 2},
                                             {"scheduler == 'cosine'", 1},
                                             {"scheduler.0.name == 'cosine'", 1}};
    check_conditions(cases, sizeof cases / sizeof cases[0]);
}
END_TEST

/* As `skip` has it: several go by all their names, and are not null. */
START_TEST(conditions_on_lists_of_schedulers)
{
    make("a", 1, "optimizer: sgd", "completed", 90);
    make("b", 2, "optimizer: sgd\nscheduler: cosine", "completed", 91);
    make("c", 3,
         "optimizer: sgd\nscheduler: [{name: warmup, over: 1}, {name: exponential, gamma: 0.9}]",
         "completed", 92);
    static const struct condition cases[] = {
        {"scheduler == null", 1},
        {"scheduler != null", 2},
        {"scheduler == 'cosine'", 1},
        {"scheduler == 'warmup+exponential'", 1},
        {"scheduler.0 == 'warmup'", 1},
        {"scheduler.1 == 'exponential' and scheduler.1.gamma == 0.9", 1}};
    check_conditions(cases, sizeof cases / sizeof cases[0]);
    struct collection c = collect();
    size_t key;
    ck_assert(collect_find_name(&c, "scheduler", &key, &err));
    ck_assert_str_eq(c.run[2].value[key]->text, "warmup+exponential");
    ck_assert(collect_find_key(&c, "scheduler", &key, &err));
    ck_assert_str_eq(c.run[2].value[key]->text, "warmup+exponential");
}
END_TEST

/* A group's factors are no other name for the optimizer's own keys. */
START_TEST(an_optimizers_own_key_is_meant)
{
    struct error other;
    make("a", 1, "optimizer: {name: momentum, lr: 0.1}", "completed", 90);
    make(
        "b", 1,
        "optimizer: {name: momentum, lr: 0.1, groups: [{tensors: [bias], lr: 2, weight_decay: 0}]}",
        "completed", 91);
    make(
        "c", 1,
        "optimizer: {name: momentum, lr: 0.1, groups: [{tensors: [bias], lr: 3, weight_decay: 2}]}",
        "completed", 92);
    struct collection c = collect();
    struct grouping g = group(&c);
    size_t named = 0;
    for (size_t i = 0; i < g.keys; i++) {
        named += strcmp(g.name[i], "groups.0.lr") == 0;
        named += strcmp(g.name[i], "groups.0.weight_decay") == 0;
    }
    ck_assert_uint_eq(named, 2);
    ck_assert_msg(collect_filter(&arena, &c, "lr == 0.1 and weight_decay == 0", &err), "%s",
                  err.message);
    ck_assert_uint_eq(c.runs, 3);
    ck_assert_msg(collect_filter(&arena, &c, "groups.0.lr == 2", &err), "%s", err.message);
    ck_assert_uint_eq(c.runs, 1);
    ck_assert(!collect_filter(&arena, &c, "lr == 2", &other));
}
END_TEST

START_TEST(a_condition_of_an_ambiguous_name)
{
    make("a", 1, "optimizer: sgd\ntrain: {batch_size: 16}\nevaluate: {batch_size: 32}", "completed",
         90);
    make("b", 1, "optimizer: sgd\ntrain: {batch_size: 32}\nevaluate: {batch_size: 64}", "completed",
         91);
    struct collection c = collect();
    ck_assert(!collect_filter(&arena, &c, "seed == 1 and batch_size > 16", &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    ck_assert_ptr_nonnull(
        strstr(err.message, "'batch_size' may be train.batch_size or evaluate.batch_size"));
    ck_assert_ptr_null(strstr(err.message, "did you mean"));
}
END_TEST

START_TEST(how_long_until)
{
    make("a", 1, "optimizer: sgd", "completed", 90);
    make("b", 2, "optimizer: sgd", "completed", 90);
    make("c", 3, "optimizer: sgd", "diverged", 90);
#define HEAD                                                                                                       \
    "epoch,step,lr,momentum,batch_size,batch_loss,last_batch_loss,grad_norm,train_loss,train_accuracy,valid_loss," \
    "valid_accuracy,test_loss,test_accuracy\n"
    put("a", "epochs.csv",
        HEAD
        "0,0,1,,8,,,,2,0.1,2,0.1,,\n1,10,1,,8,1,1,1,1,0.5,1,0.80,,\n2,20,1,,8,1,1,1,1,0.5,1,0.85,,\n"
        "3,30,1,,8,1,1,1,1,0.5,1,0.90,,0.89\n");
    put("b", "epochs.csv",
        HEAD
        "0,0,1,,8,,,,2,0.1,2,0.1,,\n1,10,1,,8,1,1,1,1,0.5,1,0.70,,\n2,20,1,,8,1,1,1,1,0.5,1,0.75,,\n"
        "3,30,1,,8,1,1,1,0.5,0.5,1,0.90,,0.89\n");
    put("c", "epochs.csv", HEAD "0,0,1,,8,,,,2,0.1,2,0.1,,\n");
    put("a", "timing.csv",
        "epoch,train_seconds,evaluate_seconds,samples_per_second\n0,0,1,\n1,2.5,1,4\n2,2.5,1,4\n");
    put("b", "timing.csv",
        "epoch,train_seconds,evaluate_seconds,samples_per_second\n0,0,1,\n1,1,1,4\n2,1,1,4\n3,1.5,1,4\n");
    struct collection c = collect();
    struct grouping g = group(&c);
    struct target t;
    struct reached r;
    ck_assert(target_parse("valid_accuracy=0.8", &t, &err) &&
              group_reached(&g.group[0], &t, &r, &err));
    ck_assert_uint_eq(r.runs, 3);
    ck_assert_uint_eq(r.epochs.n, 2);
    ck_assert_double_eq(r.epochs.mean, 2);
    ck_assert_double_eq(r.steps.mean, 20);
    ck_assert_double_eq(r.seconds.mean, 3);
    ck_assert(target_parse("train_loss=0.5", &t, &err) && group_reached(&g.group[0], &t, &r, &err));
    ck_assert_uint_eq(r.steps.n, 1);
    ck_assert_double_eq(r.steps.mean, 30);
    ck_assert(!target_parse("valid_acuracy=0.8", &t, &err));
    ck_assert(!target_parse("valid_accuracy", &t, &err));
    ck_assert(!target_parse("valid_accuracy=97", &t, &err));
    ck_assert(!target_parse("lr=0.1", &t, &err));
}
END_TEST

/* A run of so many epochs of 10 updates whose validation accuracy is 0.5 until epoch `there`, 0.9
 * from then on; there 0: never. */
static void race(const char *run, int seed, const char *keys, const char *status, int epochs,
                 int there)
{
    char text[4096] = HEAD "0,0,1,,8,,,,2,0.1,2,0.1,,\n";
    for (int e = 1; e <= epochs; e++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%d,%d,1,,8,1,1,1,1,0.5,1,%s,,\n",
                 e, 10 * e, there > 0 && e >= there ? "0.9" : "0.5");
    make(run, seed, keys, status, 50);
    ends_at = epochs;
    record(run, status, 0, 0,
           there > 0 && epochs >= there ? "\"valid_accuracy\": 0.9" : "\"valid_accuracy\": 0.5",
           NULL);
    ends_at = 3;
    put(run, "epochs.csv", text);
}

static const struct race *race_by(const struct comparison *x, const char *label)
{
    for (size_t i = 0; i < x->grouping.groups; i++)
        if (strcmp(x->grouping.group[i].label, label) == 0)
            return &x->race[i];
    ck_abort_msg("no group %s", label);
}

/* Ranks and shares by hand: differences 10, -20, never, never have ranks 1, 2, 3.5, 3.5; of 16
 * choices of signs 6 are as far from even. */
START_TEST(pairs_race_to_a_target)
{
    static const int there[3][6] = {{1, 2, 3, 0, 0, 0}, {2, 0, 1, 0, 4, 5}, {2, 0, 1, 0, 0, 0}};
    static const char *const optimizer[] = {"optimizer: {name: adam, lr: 0.1}",
                                            "optimizer: {name: adam, lr: 0.2}",
                                            "optimizer: {name: adam, lr: 0.3}"};
    for (int g = 0; g < 3; g++)
        for (int seed = 1; seed <= 6; seed++) {
            char name[8];
            snprintf(name, sizeof name, "%c%d", "abc"[g], seed);
            bool lost = g == 0 && seed == 5, short_one = g == 0 && seed == 6;
            race(name, seed, optimizer[g], lost ? "diverged" : "completed", short_one ? 3 : 6,
                 there[g][seed - 1]);
        }
    race("d2", 2, "optimizer: {name: adam, lr: 0.4}", "completed", 6, 0);
    race("d3", 3, "optimizer: {name: adam, lr: 0.4}", "interrupted", 6, 1);
    struct comparison_options o = {
        .pairs = true, .baseline = "lr=0.1", .target = "valid_accuracy=0.9", .cost = PROFILE_STEPS};
    struct comparison x;
    struct collection c = collect();
    ck_assert_msg(comparison_make(&arena, &c, &o, &x, &err), "%s", err.message);
    const struct race *b = race_by(&x, "lr 0.2"), *d = race_by(&x, "lr 0.4");
    ck_assert(b->pairs == 5 && b->sooner == 2 && b->later == 2 && b->level == 0);
    ck_assert(b->neither == 1 && b->untold == 1 && b->one_sided == 2);
    ck_assert_double_eq(b->median, 0);
    ck_assert_double_eq_tol(b->least, 1. / 16, 1e-15);
    ck_assert(d->pairs == 1 && d->later == 1 && isinf(d->median) && d->p == 1);
    o.baseline = "lr=0.3"; /* against which 0.1 has -10, only it, 20, none, none, none */
    ck_assert_msg(comparison_make(&arena, &c, &o, &x, &err), "%s", err.message);
    const struct race *a = race_by(&x, "lr 0.1");
    ck_assert(a->pairs == 6 && a->sooner == 2 && a->later == 1 && a->neither == 3);
    b = race_by(&x, "lr 0.2"); /* level, none, level, none, only it, only it */
    ck_assert(b->pairs == 6 && b->level == 2 && b->sooner == 2 && b->one_sided == 2);
    ck_assert_double_eq_tol(b->p, 0.5, 1e-12);
    ck_assert(b->adjusted >= b->p && b->adjusted <= 1);
    o.cost = PROFILE_SECONDS; /* nobody has them */
    ck_assert(comparison_make(&arena, &c, &o, &x, &err));
    ck_assert(race_by(&x, "lr 0.2")->pairs == 0 && isnan(race_by(&x, "lr 0.2")->p));
}
END_TEST

START_TEST(never_is_the_largest_rank)
{
    static const int one[] = {1, 3, 1, 1}, other[] = {2, 1, 0, 0};
    for (int seed = 1; seed <= 4; seed++) {
        char a[8], b[8];
        snprintf(a, sizeof a, "a%d", seed);
        snprintf(b, sizeof b, "b%d", seed);
        race(a, seed, "optimizer: {name: adam, lr: 0.1}", "completed", 6, one[seed - 1]);
        race(b, seed, "optimizer: {name: adam, lr: 0.2}", "completed", 6, other[seed - 1]);
    }
    struct comparison_options o = {.pairs = true,
                                   .baseline = "lr=0.1",
                                   .target = "valid_accuracy=0.9",
                                   .cost = PROFILE_EPOCHS};
    struct comparison x;
    struct collection c = collect();
    ck_assert_msg(comparison_make(&arena, &c, &o, &x, &err), "%s", err.message);
    const struct race *b = race_by(&x, "lr 0.2");
    ck_assert(b->pairs == 4 && b->sooner == 1 && b->later == 3);
    ck_assert_double_eq_tol(b->p, 6. / 16, 1e-12);
    ck_assert_msg(isinf(b->median) && b->median > 0, "%g", b->median);
}
END_TEST

/* Six pairs of which one side needs an epoch and the other two: all later, 2 of 2^6 choices of
 * signs. An epoch of the first pair takes a month, of the others a hundredth of a second. */
START_TEST(one_slow_pair_leaves_the_others_told)
{
    char run[8], text[256];
    for (int i = 0; i < 12; i++) {
        const char *epoch = i / 2 == 0 ? "3000000" : "0.010000";
        snprintf(run, sizeof run, "r%d", i);
        race(run, i / 2,
             i % 2 ? "optimizer: {name: adam, lr: 0.2}" : "optimizer: {name: adam, lr: 0.1}",
             "completed", 2, 1 + i % 2);
        snprintf(text, sizeof text,
                 "epoch,train_seconds,evaluate_seconds,samples_per_second\n0,0,0.01,\n"
                 "1,%s,0.01,500\n2,%s,0.01,500\n",
                 epoch, epoch);
        put(run, "timing.csv", text);
    }
    struct comparison_options o = {.pairs = true,
                                   .baseline = "lr=0.1",
                                   .target = "valid_accuracy=0.9",
                                   .cost = PROFILE_SECONDS};
    struct comparison x;
    struct collection c = collect();
    ck_assert_msg(comparison_make(&arena, &c, &o, &x, &err), "%s", err.message);
    const struct race *b = race_by(&x, "lr 0.2");
    ck_assert(b->pairs == 6 && b->later == 6);
    ck_assert_double_eq_tol(b->p, 2. / 64, 1e-15);
    ck_assert_double_eq_tol(b->least, 2. / 64, 1e-15);
}
END_TEST

static struct paired pair(const struct collection *c, const struct grouping *g, size_t one,
                          size_t other, enum paired_test test)
{
    const struct measure m = {METRIC_VALID_ACCURACY, false};
    return group_paired(&g->group[one], &g->group[other], c, group_twins(&arena, c, g), &m, test);
}

START_TEST(pairs_are_of_the_same_seed)
{
    const double one[] = {90, 91, 95}, other[] = {89, 91.5, 93};
    char name[8];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "a%d", i);
        make(name, i, "optimizer: {name: adam, lr: 0.1}", "completed", one[i]);
        snprintf(name, sizeof name, "b%d", i);
        make(name, 2 - i, "optimizer: {name: sgd, lr: 0.1}", "completed", other[2 - i]);
    }
    make("b9", 9, "optimizer: {name: sgd, lr: 0.1}", "completed", 99);
    struct collection c = collect();
    struct grouping g = group(&c);
    struct paired p = pair(&c, &g, 0, 1, PAIRED_PERMUTATION);
    ck_assert_uint_eq(p.difference.n, 3);
    ck_assert_double_eq_tol(p.difference.mean, 0.025 / 3, 1e-12);
    ck_assert_double_eq(
        p.p, 4.0 / 8); /* of +1 -0.5 +2: 3.5, 2.5 and their opposites are as far from 0 */
    ck_assert_double_eq(p.least, 2.0 / 8);
    p = pair(&c, &g, 0, 1, PAIRED_WILCOXON);
    ck_assert_double_eq_tol(p.p, 4.0 / 8, 1e-15);
}
END_TEST

/* ---- pairs that are not independent ---- */

/* Accuracies of five folds with three seeds each, the last of which is missing on the first fold. */
static const double of_folds[2][5][3] = {
    {{90, 91, 0}, {92, 92.5, 91}, {88, 89, 88.5}, {95, 93, 94}, {91, 91.5, 90}},
    {{89, 89.5, 0}, {92, 91, 90.5}, {86, 87, 88}, {93, 92.5, 91}, {91, 90, 89}}};

static void make_folds(void)
{
    char name[16], keys[96];
    for (int o = 0; o < 2; o++)
        for (int f = 0; f < 5; f++)
            for (int s = f == 0 ? 1 : 0; s < 3; s++) {
                snprintf(name, sizeof name, "%d-%d-%d", o, f, s);
                snprintf(keys, sizeof keys, "optimizer: %s\ndataset: {folds: 5, fold: %d}",
                         o ? "sgd" : "adam", f);
                make(name, s, keys, "completed", of_folds[o][f][2 - s]);
            }
}

static struct comparison compare_optimizers(const struct collection *c, const char *metric,
                                            enum paired_test test)
{
    char by[] = "optimizer", *keys[] = {by};
    struct comparison_options o = {.by = keys,
                                   .n_by = 1,
                                   .pairs = true,
                                   .metric = metric,
                                   .test = test,
                                   .baseline = "optimizer=sgd"};
    struct comparison x;
    ck_assert_msg(comparison_make(&arena, c, &o, &x, &err), "%s", err.message);
    return x;
}

/* scipy.stats.t of the folds' mean differences 1.25, 0.6667, 1.5, 1.833, 0.8333 % with a scale of
 * sqrt((1/5 + 1/4) var). */
START_TEST(folds_are_pairs_of_their_means)
{
    make_folds();
    struct collection c = collect();
    struct comparison x = compare_optimizers(&c, NULL, PAIRED_CHOSEN);
    const struct paired *p = &x.paired[0];
    ck_assert_int_eq(x.family.test, PAIRED_RESAMPLED);
    ck_assert_str_eq(paired_over(&x.family), "folds");
    ck_assert_uint_eq(p->difference.n, 5);
    ck_assert_double_eq_tol(p->difference.mean, 0.012166666666666666, 1e-9);
    ck_assert_double_eq_tol(p->p, 0.01909991192936043, 1e-8);
    ck_assert_double_eq_tol(p->difference.low, 0.0032777051931697724, 1e-9);
    ck_assert_double_eq_tol(p->difference.high, 0.02105562814016356, 1e-9);
    ck_assert(isnan(p->least));
    struct json *j = comparison_json(&arena, &x);
    ck_assert_str_eq(js_string(js_get(j, "pairs_not_independent_over")), "folds");
    js_free(j);
}
END_TEST

/* Figures of other images than those held out, and a test that was asked for. */
START_TEST(dependent_pairs_are_warned_of)
{
    bool is_warning;
    const struct measure m = {METRIC_VALID_ACCURACY, false};
    make_folds();
    struct collection c = collect();
    struct comparison x = compare_optimizers(&c, "test_accuracy", PAIRED_CHOSEN);
    ck_assert_int_eq(x.family.test, PAIRED_PERMUTATION);
    ck_assert_uint_eq(x.paired[0].difference.n, 14);
    ck_assert_ptr_nonnull(strstr(paired_dependence(&arena, &x.family, &x.measure, &is_warning),
                                 "it is too small; that of a valid_ figure is corrected"));
    ck_assert(is_warning);
    x = compare_optimizers(&c, NULL, PAIRED_WILCOXON);
    ck_assert_int_eq(x.family.test, PAIRED_WILCOXON);
    ck_assert_ptr_nonnull(strstr(paired_dependence(&arena, &x.family, &m, &is_warning),
                                 "without --test it is corrected"));
    ck_assert(is_warning);
    ck_assert(collect_filter(&arena, &c, "fold == 1", &err));
    x = compare_optimizers(&c, NULL, PAIRED_CHOSEN);
    ck_assert_int_eq(x.family.test, PAIRED_PERMUTATION); /* of one fold the seeds are independent */
    ck_assert_ptr_null(paired_dependence(&arena, &x.family, &m, &is_warning));
}
END_TEST

/* Each seed with a validation split of its own; of one split_seed they are independent. */
START_TEST(splits_by_seed_are_not_independent)
{
    char name[16], keys[160];
    static const double ratio[] = {1. / 9, (double)NAN};
    static const char *const held[] = {"validation: 0.1", "validation: 50, train_limit: 100"};
    for (int form = 0; form < 4; form++) {
        for (int i = 0; i < 8; i++) {
            snprintf(name, sizeof name, "%d", i);
            snprintf(keys, sizeof keys,
                     "optimizer: %s\ndataset: {%s, validation_split: random, split_seed: %s}",
                     i % 2 ? "sgd" : "adam", held[form % 2], form < 2 ? "null" : "1");
            make(name, i / 2, keys, "completed", 90 + i % 3);
        }
        struct collection c = collect();
        struct comparison x = compare_optimizers(&c, NULL, PAIRED_CHOSEN);
        bool drawn = form < 2, known = !isnan(ratio[form % 2]);
        double its = held_out_ratio(&c, &c.run[0]);
        ck_assert(known ? fabs(its - ratio[form % 2]) < 1e-15 : isnan(its));
        ck_assert_int_eq(x.family.test, drawn && known ? PAIRED_RESAMPLED : PAIRED_PERMUTATION);
        ck_assert_int_eq(paired_over(&x.family) != NULL, drawn);
    }
    /* One side alone draws: its splits are those of the pairs, whichever is the baseline. */
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "%d", i);
        snprintf(keys, sizeof keys,
                 "optimizer: sgd\ndataset: {validation: 0.1, validation_split: %s}",
                 i % 2 ? "tail" : "random");
        make(name, i / 2, keys, "completed", 90 + i % 3);
    }
    char by[] = "validation_split", *key[] = {by};
    struct collection c = collect();
    struct grouping g;
    ck_assert(group_runs(&arena, &c, key, 1, &g, &err));
    for (size_t one = 0; one < 2; one++) {
        struct paired_family f = {0};
        const struct measure m = {METRIC_VALID_ACCURACY, false};
        paired_count(&f, &g.group[one], &g.group[1 - one], &c, group_twins(&arena, &c, &g), &m);
        ck_assert(f.most == 4 && f.splits);
    }
    make("0", 0, "optimizer: adam\ndataset: {validation: 50}", "completed", 90);
    c = collect();
    c.run[0].trained = 450;
    c.run[0].held_out = 50;
    ck_assert_double_eq(held_out_ratio(&c, &c.run[0]), 1. / 9);
}
END_TEST

/* Of two groups of three the F test parts variances of a ratio above 39:
 * scipy.stats.f.isf(0.025, 2, 2). */
START_TEST(one_of_two_groups_may_be_wild)
{
    static const struct {
        double ratio;
        bool wild;
    } cases[] = {{1, false}, {38.9, false}, {39.1, true}, {40000, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stats_sample sample[] = {{.n = 3, .sd = 1}, {.n = 3, .sd = sqrt(cases[i].ratio)}};
        struct group g[] = {{.label = "one"}, {.label = "other"}};
        const struct comparison x = {.grouping = {.groups = 2, .group = g},
                                     .sample = sample,
                                     .pooled = stats_pool(sample, 2)};
        ck_assert_ptr_eq(comparison_wild(&x), cases[i].wild ? &g[1] : NULL);
    }
}
END_TEST

/* Three runs with a validation accuracy, of which two have a test accuracy. */
START_TEST(figures_of_fewer_runs_are_told)
{
    struct collected_run run[3] = {{0}};
    const struct collected_run *of[3];
    struct stats_sample sample;
    for (size_t i = 0; i < 3; i++) {
        run[i].status = STATUS_COMPLETED;
        run[i].final[METRIC_TEST_ACCURACY] = i > 0 ? 0.5 : (double)NAN;
        of[i] = &run[i];
    }
    struct group g = {.n = 3, .run = of};
    struct comparison x = {.grouping = {.groups = 1, .group = &g},
                           .measure = {METRIC_VALID_ACCURACY, false},
                           .sample = &sample};
    sample = group_sample(&g, &x.measure);
    const char *text = comparison_uneven_text(&arena, &x);
    ck_assert_ptr_nonnull(text);
    ck_assert_ptr_nonnull(strstr(text, "n counts runs with a valid_accuracy"));
    g.n = 1; /* a column without figures */
    sample = group_sample(&g, &x.measure);
    ck_assert_ptr_null(comparison_uneven_text(&arena, &x));
}
END_TEST

/* Losses of twelve pairs, all of which differ one way: 2 of 2^12 choices of signs. The first pair's
 * own are 30,000. */
START_TEST(one_large_pair_leaves_the_others_told)
{
    enum { PAIRS = 12 };
    const struct measure m = {METRIC_VALID_LOSS, false};
    struct collected_run run[2 * PAIRS] = {{0}};
    const struct collected_run *of[2 * PAIRS];
    size_t twin[2 * PAIRS];
    for (size_t i = 0; i < 2 * PAIRS; i++) {
        size_t seed = i % PAIRS;
        double loss = seed == 0 ? 3e4 : 1 + 0.01 * (double)seed,
               more = seed == 0 ? 5 : 0.0001 + 0.00001 * (double)seed;
        run[i].status = STATUS_COMPLETED;
        run[i].final[METRIC_VALID_LOSS] = loss + (i < PAIRS ? 0 : more);
        of[i] = &run[i];
        twin[i] = seed;
    }
    const struct group one = {.n = PAIRS, .run = of}, other = {.n = PAIRS, .run = &of[PAIRS]};
    const struct collection c = {.run = run};
    struct paired p = group_paired(&other, &one, &c, twin, &m, PAIRED_PERMUTATION);
    ck_assert_double_eq(p.p, ldexp(1, -11));
    ck_assert_double_eq(p.least, p.p);
    ck_assert(isfinite(p.difference.low));
    p = group_paired(&other, &one, &c, twin, &m, PAIRED_WILCOXON);
    ck_assert_double_eq_tol(p.p, ldexp(1, -11), 1e-15);
}
END_TEST

/* Two optimizers, three rates each of its own, three batch sizes, three seeds: the rates belong to
 * the section that is compared. */
START_TEST(pairs_share_every_other_setting)
{
    static const int batch[] = {16, 32, 64};
    char name[32], keys[128], by_optimizer[] = "optimizer", by_batch[] = "batch_size",
                              *optimizer[] = {by_optimizer}, *size[] = {by_batch};
    for (int i = 0; i < 54; i++) {
        int seed = i % 3, b = i / 3 % 3, lr = i / 9 % 3, o = i / 27;
        snprintf(name, sizeof name, "r%d", i);
        snprintf(keys, sizeof keys,
                 "optimizer: {name: %s, lr: 0.0%d}\ntrain: {batch_size: %d}\nthreads: %d",
                 o ? "sgd" : "adam", lr + 1 + 3 * o, batch[b], 1 + i % 2);
        make(name, seed, keys, "completed", 80 + o * (1 + b) + lr);
    }
    struct collection c = collect();
    struct grouping g;
    ck_assert(group_runs(&arena, &c, optimizer, 1, &g, &err));
    struct paired p = pair(&c, &g, 0, 1, PAIRED_PERMUTATION);
    ck_assert_uint_eq(p.difference.n, 9); /* a batch size and a seed each */
    ck_assert_double_eq_tol(p.difference.mean, -0.02, 1e-12);
    ck_assert_double_eq_tol(p.difference.sd, sqrt(6 * 0.0001 / 8), 1e-12);
    ck_assert(group_runs(&arena, &c, size, 1, &g, &err));
    p = pair(&c, &g, 0, 1, PAIRED_PERMUTATION);
    ck_assert_uint_eq(p.difference.n, 18); /* an optimizer with its rate and a seed each */
    ck_assert_double_eq_tol(p.difference.mean, -0.005, 1e-12);
    ck_assert_double_eq(p.least, ldexp(1, -17));
}
END_TEST

START_TEST(a_copy_counts_once)
{
    static const char sgd[] = "optimizer: {name: sgd, lr: 0.1}",
                      quick[] = "optimizer: {name: sgd, lr: 0.1}\nthreads: 4\nplots: false\n"
                                "description: again\nlog: {steps: 5}\ncheckpoint: {every: 7}\n"
                                "evaluate: {batch_size: 7}\nexpect: {test_accuracy: '> 0.1'}";
    make_with("a1", 1, sgd, 90, 'd', '1');
    make_with("a2", 2, sgd, 92, 'd', '2');
    make_with("b", 1, "optimizer: {name: adam, lr: 0.1}", 95, 'd', '3');
    make_with("c", 2, "optimizer: {name: adam, lr: 0.1}", 95, 'd', '4');
    make_with("copy", 1, quick, 90, 'd', '1');
    make_with("other-data", 1, sgd, 90, 'e', '1');
    make_with("other-rate", 1, "optimizer: {name: sgd, lr: 0.2}", 90, 'd', '1');
    struct collection c = collect(), apart = c;
    ck_assert_uint_eq(c.runs, 7);
    collect_once(&arena, &c, NULL, 0);
    ck_assert_uint_eq(c.runs, 6);
    ck_assert_uint_eq(c.copies, 1);
    ck_assert_ptr_nonnull(strstr(c.copy[0].folder, "/copy"));
    ck_assert_ptr_nonnull(strstr(c.copy[0].of, "/a1"));
    ck_assert(!c.copy[0].differs);
    ck_assert_ptr_nonnull(strstr(collect_copies_text(&arena, &c), "1 run left out"));
    const char *const threads[] = {"threads"};
    collect_once(&arena, &apart, threads, 1);
    ck_assert_uint_eq(apart.runs, 7); /* it was asked for */
    /* Pairs: no seed twice. */
    ck_assert(collect_filter(&arena, &c, "lr < 0.2", &err));
    struct comparison_options o = {.pairs = true, .baseline = "optimizer=adam"};
    char by[] = "optimizer", *keys[] = {by};
    o.by = keys;
    o.n_by = 1;
    struct comparison x;
    ck_assert_msg(comparison_make(&arena, &c, &o, &x, &err), "%s", err.message);
    ck_assert_uint_eq(x.sample[1].n, 3);
    ck_assert_uint_eq(x.paired[1].difference.n, 2);
    record("copy", "completed", 'd', '5', "\"valid_accuracy\": 0.9", NULL);
    c = collect();
    collect_once(&arena, &c, NULL, 0);
    ck_assert(c.copies == 1 && c.copy[0].differs);
    ck_assert_ptr_nonnull(strstr(collect_copies_text(&arena, &c), "weights differ"));
    record("a1", "interrupted", 'd', 0, "", NULL);
    c = collect();
    collect_once(&arena, &c, NULL, 0);
    ck_assert(c.copies == 1 && strstr(c.copy[0].folder, "/a1")); /* the one that ended stays */
}
END_TEST

START_TEST(intervals_as_scipy_has_them)
{
    char name[32], keys[64];
    const struct measure m = {METRIC_VALID_ACCURACY, false};
    size_t cases = sizeof table_cases / sizeof table_cases[0];
    for (size_t from = 0, to; from < cases; from = to) {
        struct group all[8] = {{0}};
        struct collected_run run[64] = {{0}};
        const struct collected_run *of[64];
        size_t runs = 0;
        for (to = from; to < cases && table_cases[to].name == table_cases[from].name; to++) {
            struct group *g = &all[to - from];
            g->run = &of[runs];
            for (; g->n < table_cases[to].n; g->n++, runs++) {
                run[runs].status = STATUS_COMPLETED;
                run[runs].final[m.metric] = table_cases[to].value[g->n];
                of[runs] = &run[runs];
            }
            g->status[STATUS_COMPLETED] = g->n;
            g->status[STATUS_DIVERGED] = table_cases[to].lost;
        }
        struct grouping g = {.groups = to - from, .group = all};
        struct stats_sample s[8];
        struct stats_pooled p = group_samples(&g, &m, s);
        ck_assert_uint_eq(p.freedom, table_cases[from].freedom);
        for (size_t i = from; i < to; i++) {
            const struct table_case *x = &table_cases[i];
            snprintf(name, sizeof name, "%s %zu", x->name, x->group);
            snprintf(keys, sizeof keys, "%.12g to %.12g", s[i - from].low, s[i - from].high);
            bool none = isnan(x->low) && isnan(s[i - from].low) && isnan(s[i - from].high);
            ck_assert_msg(none || (fabs(s[i - from].low - x->low) < 1e-11 &&
                                   fabs(s[i - from].high - x->high) < 1e-11),
                          "%s: %s", name, keys);
            ck_assert(p.freedom == 0 || fabs(p.sd - x->pooled) < 1e-12);
        }
    }
}
END_TEST

START_TEST(baselines)
{
    struct comparison x;
    struct comparison_options o = {.pairs = true},
                              by_test = {.pairs = true, .metric = "test_accuracy"};
    make("a1", 1, "optimizer: {name: adam, lr: 0.1}", "completed", 90);
    make("a2", 2, "optimizer: {name: adam, lr: 0.1}", "completed", 91);
    make("b1", 1, "optimizer: {name: adam, lr: 0.2}", "completed", 92);
    make("b2", 2, "optimizer: {name: adam, lr: 0.2}", "completed", 92);
    make("b3", 3, "optimizer: {name: adam, lr: 0.2}", "diverged", 0);
    make("c1", 1, "optimizer: {name: sgd, lr: 0.1}", "completed", 99);
    struct collection c = collect();
    ck_assert_msg(comparison_make(&arena, &c, &o, &x, &err), "%s", err.message);
    ck_assert_str_eq(x.grouping.group[x.reference].label,
                     "adam, lr 0.1"); /* of one run, or of lost ones: no */
    o.baseline = "optimizer=sgd";
    ck_assert_msg(comparison_make(&arena, &c, &o, &x, &err), "%s", err.message);
    ck_assert_str_eq(x.grouping.group[x.reference].label, "sgd, lr 0.1");
    o.baseline = "optimizer=adam,lr=2e-1";
    ck_assert_msg(comparison_make(&arena, &c, &o, &x, &err), "%s", err.message);
    ck_assert_str_eq(x.grouping.group[x.reference].label, "adam, lr 0.2");
    static const char *const wrong[][2] = {
        {"optimizer=adam", "2 groups have"},
        {"optimizer=lion", "no group has optimizer=lion: there is "
                           "'optimizer=adam', 'optimizer=sgd'"},
        {"optimizer=sgd,lr=0.2", "no group has lr=0.2: there is 'lr=0.1'"},
        {"train.batch_size=256", "do not differ in"},
        {"adam", "KEY=VALUE"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        o.baseline = wrong[i][0];
        ck_assert(!comparison_make(&arena, &c, &o, &x, &err));
        ck_assert_int_eq(err.code, ERR_USAGE);
        ck_assert_msg(strstr(err.message, wrong[i][1]) != NULL, "%s", err.message);
    }
    ck_assert(!comparison_make(&arena, &c, &by_test, &x, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    by_test.baseline = "optimizer=sgd";
    ck_assert(comparison_make(&arena, &c, &by_test, &x, &err));
    by_test.pairs = false;
    by_test.baseline = NULL;
    ck_assert(comparison_make(&arena, &c, &by_test, &x, &err)); /* ranking is allowed */
}
END_TEST

/* Equations have commas and several lines: they are named as written, or as tables show them. */
START_TEST(baselines_of_equations)
{
    static const char *const named[][2] = {
        {"optimizer.update=m = g\nw = w - lr * min(m, 1),lr=0.2", "m = g; w = w - lr * min(m, 1)"},
        {"update=m = g; w = w - lr * min(m, 1),lr=0.2", "m = g; w = w - lr * min(m, 1)"},
        {"lr=0.2,update=w = w - lr * max(g, -1)", "w = w - lr * max(g, -1)"}};
    struct comparison x;
    struct comparison_options o = {.pairs = true};
    for (int i = 0; i < 4; i++)
        make(arena_printf(&arena, "e%d", i), 1,
             arena_printf(&arena, "optimizer: {name: equations, lr: 0.%d, update: \"%s\"}",
                          1 + i % 2,
                          i < 2 ? "m = g\\nw = w - lr * min(m, 1)" : "w = w - lr * max(g, -1)"),
             "completed", 90 + i);
    struct collection c = collect();
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        o.baseline = named[i][0];
        ck_assert_msg(comparison_make(&arena, &c, &o, &x, &err), "%s", err.message);
        const char *label = x.grouping.group[x.reference].label;
        ck_assert_msg(strstr(label, named[i][1]) && strstr(label, "lr 0.2"), "%s", label);
    }
}
END_TEST

START_TEST(a_folder_named_twice_is_one_run)
{
    make("a", 1, "optimizer: sgd", "completed", 90);
    struct collection c;
    char direct[64], slashes[64], *words[] = {folder, direct, slashes};
    snprintf(direct, sizeof direct, "%s/a", folder);
    snprintf(slashes, sizeof slashes, "%s/./a//", folder);
    ck_assert(collect_runs(&arena, words, 3, &c, &err));
    ck_assert_uint_eq(c.runs, 1);
}
END_TEST

START_TEST(folders_that_cannot_be_read)
{
    struct collection c;
    char missing[64], *words[] = {missing}, *whole[] = {folder};
    snprintf(missing, sizeof missing, "%s/missing", folder);
    ck_assert(!collect_runs(&arena, words, 1, &c, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert(!collect_runs(&arena, whole, 1, &c, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "holds no run"));
    make("a", 1, "optimizer: sgd", "completed", 90);
    put("a", "run.json", "{\"status\": ");
    ck_assert(!collect_runs(&arena, whole, 1, &c, &err));
    ck_assert_int_eq(err.code, ERR_DATA);
    ck_assert_ptr_nonnull(strstr(err.message, "run.json"));
    make("a", 1, "optimizer: sgd", "completed", 90);
    put("a", "spec.yaml", "a: [1\n");
    ck_assert(!collect_runs(&arena, whole, 1, &c, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "spec.yaml"));
}
END_TEST

START_TEST(the_best_epochs_test_figure_is_all_runs_or_none)
{
    make("a", 1, "optimizer: sgd", "completed", 90);
    make("b", 2, "optimizer: sgd", "completed", 90);
    record("a", "completed", 0, 0, "\"valid_accuracy\": 0.9",
           "\"epoch\": 2, \"valid_accuracy\": 0.92, \"test_accuracy\": 0.91");
    record("b", "completed", 0, 0, "\"valid_accuracy\": 0.9",
           "\"epoch\": 1, \"valid_accuracy\": 0.94, \"test_accuracy\": null");
    struct collection c = collect();
    struct grouping g = group(&c);
    struct measure valid, test;
    ck_assert(measure_parse("best.valid_accuracy", &valid, &err) &&
              measure_parse("best.test_accuracy", &test, &err));
    ck_assert_double_eq_tol(group_sample(&g.group[0], &valid).mean, 0.93, 1e-12);
    ck_assert_uint_eq(group_sample(&g.group[0], &test).n, 0);
}
END_TEST

/* ---- tables ---- */

static const char *cells[] = {"1", "a,\"b\"", "0.5 ± 0.1", "2", "50%_x", NULL};
static const struct table_column columns[] = {
    {"#", false, true, false}, {"name", true, true, false}, {"value", false, false, false}};
static const struct table small = {.columns = 3, .rows = 2, .column = columns, .cell = cells};

/* The row that begins so, in CSV. */
static void check_row(const struct table *t, const char *row)
{
    struct strbuf b;
    char line[256];
    strbuf_init(&b);
    table_write_csv(t, &b);
    snprintf(line, sizeof line, "\n%s\n", row);
    ck_assert_msg(strstr(b.text, line) != NULL, "no row %s in\n%s", row, b.text);
    strbuf_fini(&b);
}

/* Columns stand below each other in a terminal, where such characters take two. */
START_TEST(tables_of_wide_characters)
{
    static const char *wide[] = {"1", "\xe5\xad\xa6\xe4\xb9\xa0", "0.5", "2", "abcdef", "0.25"};
    static const struct table t = {.columns = 3, .rows = 2, .column = columns, .cell = wide};
    struct strbuf b;
    strbuf_init(&b);
    table_write_text(&t, &b);
    ck_assert_str_eq(b.text, "#  name    value\n"
                             "1  \xe5\xad\xa6\xe4\xb9\xa0      0.5\n"
                             "2  abcdef   0.25\n");
    strbuf_fini(&b);
}
END_TEST

/* What compare_values.py says of the same figures. */
START_TEST(performance_profiles)
{
    static const char *const hidden[] = {"[4]", "[5]", "[6]"};
    static const double sgd[] = {90, 80, 99}, adam[] = {95, 81, 0};
    struct comparison_profiles v;
    char key[] = "hidden", other[] = "seed", *problem[] = {key}, *none[] = {other}, name[8],
         keys[128];
    struct comparison_options o = {.problem = problem, .problems = 1, .cost = PROFILE_STEPS};
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "s%d", i);
        snprintf(keys, sizeof keys, "optimizer: sgd\nmodel: {name: mlp, hidden: %s}", hidden[i]);
        make(name, 1, keys, "completed", sgd[i]);
        snprintf(name, sizeof name, "a%d", i);
        snprintf(keys, sizeof keys, "optimizer: adam\nmodel: {name: mlp, hidden: %s}", hidden[i]);
        make(name, 1, keys, i < 2 ? "completed" : "diverged", adam[i]);
    }
    struct collection c = collect();
    ck_assert_msg(comparison_profile(&arena, &c, &o, true, &v, &err), "%s", err.message);
    ck_assert_uint_eq(v.table.rows, 2);
    ck_assert_uint_eq(v.untried, 0);
    check_row(
        &v.table,
        "sgd,0.333333333,0.333333333,0.666666667,0.666666667,0.666666667,1,3,3"); /* 2, 1.053 and 1 times the least */
    check_row(&v.table,
              "adam,0.666666667,0.666666667,0.666666667,0.666666667,0.666666667,0.666666667,2,3");
    make("a2", 1, keys, "interrupted", 81); /* of adam on the last problem nothing is known yet */
    c = collect();
    ck_assert_msg(comparison_profile(&arena, &c, &o, true, &v, &err), "%s", err.message);
    ck_assert_uint_eq(v.untried, 1);
    ck_assert_uint_eq(v.cells, 6);
    o.problem = none;
    ck_assert(!comparison_profile(&arena, &c, &o, true, &v, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
}
END_TEST

/* Of a least cost of 0 a larger one is no multiple, for the table and the figure; it is solved. */
START_TEST(profiles_of_a_least_cost_of_0)
{
    char key[] = "hidden", *problem[] = {key};
    struct comparison_options o = {.problem = problem, .problems = 1, .cost = PROFILE_STEPS};
    struct comparison_profiles v;
    struct comparison_costs x;
    make("s0", 1, "optimizer: sgd\nmodel: {name: mlp, hidden: [4]}", "completed", 100);
    make("s1", 1, "optimizer: sgd\nmodel: {name: mlp, hidden: [5]}", "completed", 90);
    make("a0", 1, "optimizer: adam\nmodel: {name: mlp, hidden: [4]}", "completed", 99);
    make("a1", 1, "optimizer: adam\nmodel: {name: mlp, hidden: [5]}", "completed", 90);
    struct collection c = collect();
    ck_assert_msg(comparison_profile(&arena, &c, &o, true, &v, &err), "%s", err.message);
    check_row(&v.table, "sgd,1,1,1,1,1,1,2,2");
    check_row(&v.table, "adam,0.5,0.5,0.5,0.5,0.5,0.5,2,2");
    ck_assert_uint_eq(v.beyond, 1);
    ck_assert_msg(comparison_costs(&arena, &c, &o, &x, &err), "%s", err.message);
    size_t sgd = strstr(x.solvers.group[0].label, "sgd") ? 0 : 1;
    size_t ten = x.cost[sgd * 2] > 0 ? 0 : 1; /* the problem of ten per cent */
    for (size_t s = 0; s < 2; s++)
        ck_assert_double_eq(comparison_ratio(&x, s, ten), 1);
    ck_assert_double_eq(comparison_ratio(&x, sgd, 1 - ten), 1);
    ck_assert(!isfinite(comparison_ratio(&x, 1 - sgd, 1 - ten)));
    x.cost[(1 - sgd) * 2 + ten] += 1e-9; /* as an accuracy of nine digits may be read */
    ck_assert_double_eq(comparison_ratio(&x, 1 - sgd, ten), 1);
}
END_TEST

START_TEST(sensitivity_to_a_key)
{
    static const double lr[] = {0.001, 0.01, 0.1, 0.3, 1, 3},
                        valid[] = {94.9, 90, 95, 94.2, 94, 94.5};
    struct comparison_options o = {.key = "lr"}, wrong = {.key = "rl"},
                              by_loss = {.key = "lr", .metric = "train_loss"};
    struct table t;
    char name[8], keys[128];
    for (int i = 0; i < 6; i++) {
        snprintf(name, sizeof name, "r%d", i);
        snprintf(keys, sizeof keys, "optimizer: {name: sgd, lr: %g}", lr[i]);
        make(name, 1, keys, "completed", valid[i]);
    }
    make("lost", 2, "optimizer: {name: sgd, lr: 3}", "diverged", 0);
    make("other", 1, "optimizer: {name: adam, lr: 0.1}", "diverged", 0);
    struct collection c = collect();
    ck_assert_msg(comparison_sensitivity(&arena, &c, &o, true, &t, &err), "%s", err.message);
    check_row(&t, "sgd,0.1,1,0.95,0.1,1,10,1,6");
    check_row(&t, "adam,,0,,,,,1,1");
    ck_assert(comparison_sensitivity(&arena, &c, &by_loss, true, &t, &err)); /* not evaluated */
    ck_assert(!comparison_sensitivity(&arena, &c, &wrong, true, &t, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
}
END_TEST

/* Just a point, and just beyond it; and a loss, to which a tenth is allowed. */
START_TEST(sensitivitys_limits)
{
    static const double lr[] = {0.01, 0.02, 0.04, 0.08, 0.16}, valid[] = {93.99, 94, 95, 94, 93.99},
                        loss[] = {2.201, 2.2, 2, 2.2, 2.201};
    struct comparison_options o = {.key = "lr"}, by_loss = {.key = "lr", .metric = "valid_loss"};
    struct table t;
    char name[8], keys[128];
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "r%d", i);
        snprintf(keys, sizeof keys, "optimizer: {name: sgd, lr: %g}", lr[i]);
        make(name, 1, keys, "completed", valid[i]);
    }
    struct collection c = collect();
    ck_assert_msg(comparison_sensitivity(&arena, &c, &o, true, &t, &err), "%s", err.message);
    check_row(&t, "0.04,1,0.95,0.02,0.08,4,0,5");
    for (int i = 0; i < 5; i++) {
        snprintf(name, sizeof name, "r%d", i);
        snprintf(keys, sizeof keys, "\"valid_loss\": %g", loss[i]);
        record(name, "completed", 0, 0, keys, NULL);
    }
    c = collect();
    ck_assert_msg(comparison_sensitivity(&arena, &c, &by_loss, true, &t, &err), "%s", err.message);
    check_row(&t, "0.04,1,2,0.02,0.08,4,0,5");
}
END_TEST

START_TEST(a_lost_best_is_none)
{
    struct comparison_options o = {.key = "lr"},
                              by_test = {.key = "lr", .metric = "best.test_accuracy"};
    struct table t;
    make("a1", 1, "optimizer: {name: sgd, lr: 0.1}", "completed", 90);
    make("a2", 2, "optimizer: {name: sgd, lr: 0.1}", "completed", 90);
    make("b1", 1, "optimizer: {name: sgd, lr: 0.2}", "completed", 99);
    make("b2", 2, "optimizer: {name: sgd, lr: 0.2}", "diverged", 0);
    struct collection c = collect();
    ck_assert_msg(comparison_sensitivity(&arena, &c, &o, true, &t, &err), "%s", err.message);
    check_row(&t, "0.1,2,0.9,0.1,0.1,1,1,2");
    ck_assert(!comparison_sensitivity(&arena, &c, &by_test, true, &t, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    record("a1", "completed", 0, 0, "\"test_accuracy\": 0.9", NULL);
    record("a2", "completed", 0, 0, "\"test_accuracy\": 0.9", NULL);
    record("b1", "completed", 0, 0, "\"test_accuracy\": 0.9", NULL);
    c = collect();
    ck_assert(!comparison_sensitivity(&arena, &c, &o, true, &t, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "no validation set"));
}
END_TEST

/* Of 80, 90 and one that diverged (80: the worst), two at random: 1/9 of nine pairs each. */
START_TEST(what_a_budget_buys)
{
    struct comparison_options o = {0}, by_test = {.metric = "test_loss"};
    struct table t;
    make("a1", 1, "optimizer: {name: sgd, lr: 0.1}", "completed", 85);
    make("a2", 2, "optimizer: {name: sgd, lr: 0.1}", "completed", 95);
    make("b1", 1, "optimizer: {name: sgd, lr: 0.2}", "completed", 80);
    make("c1", 1, "optimizer: {name: sgd, lr: 0.3}", "completed", 99);
    make("c2", 2, "optimizer: {name: sgd, lr: 0.3}", "diverged", 0);
    make("d1", 1, "optimizer: {name: sgd, lr: 0.4}", "pruned", 0);
    make("e1", 1, "optimizer: {name: adam, lr: 0.1}", "completed", 88);
    struct collection c = collect();
    ck_assert_msg(comparison_budget(&arena, &c, &o, true, &t, &err), "%s", err.message);
    check_row(&t, "adam,1,0,0,0.88,0,,");
    check_row(&t, "sgd,3,1,0,0.833333333,0.0471404521,0.855555556,0.0496903995");
    ck_assert(!comparison_budget(&arena, &c, &by_test, true, &t, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
}
END_TEST

START_TEST(the_best_settings_of_each)
{
    struct comparison_options o = {0}, by_test = {.metric = "test_accuracy"};
    char key[] = "optimizer", other[] = "seed", *per[] = {key}, *seed[] = {other};
    make("a1", 1, "optimizer: {name: adam, lr: 0.1}", "completed", 90);
    make("a2", 2, "optimizer: {name: adam, lr: 0.1}", "completed", 92);
    make("b1", 1, "optimizer: {name: adam, lr: 0.2}", "completed", 99);
    make("b2", 2, "optimizer: {name: adam, lr: 0.2}", "diverged", 0);
    make("c1", 1, "optimizer: {name: sgd, lr: 0.1}", "completed", 80);
    make("d1", 1, "optimizer: {name: sgd, lr: 0.2}", "completed", 81);
    make("e1", 1, "optimizer: {name: lion, lr: 0.2}", "diverged", 0);
    struct collection c = collect();
    ck_assert(!comparison_keep_best(&arena, &c, &by_test, per, 1, &err));
    ck_assert(strstr(err.message, "test figures") != NULL);
    ck_assert(!comparison_keep_best(&arena, &c, &o, seed, 1, &err));
    ck_assert_msg(comparison_keep_best(&arena, &c, &o, per, 1, &err), "%s", err.message);
    ck_assert_uint_eq(c.runs, 4); /* one of lr 0.2 diverged; of lion there is nothing better */
    struct comparison x;
    ck_assert(comparison_make(&arena, &c, &o, &x, &err));
    ck_assert_uint_eq(x.grouping.groups, 3);
    ck_assert_str_eq(x.grouping.group[x.order[0]].label, "adam, lr 0.1");
    ck_assert_str_eq(x.grouping.group[x.order[1]].label, "sgd, lr 0.2");
    ck_assert_str_eq(x.grouping.group[x.order[2]].label, "lion, lr 0.2");
}
END_TEST

/* Folds repeat one setting: the luckiest is not the best, nor are they trials. */
START_TEST(folds_are_no_settings)
{
    struct comparison_options o = {0};
    struct comparison_trials trials;
    struct comparison x;
    char key[] = "optimizer", fold[] = "dataset.fold", *per[] = {key}, *both[] = {key, fold};
    for (int i = 0; i < 4; i++)
        make(arena_printf(&arena, "f%d", i), 1,
             arena_printf(&arena,
                          "optimizer: {name: adam, lr: 0.%d}\ndataset: {folds: 2, fold: %d}",
                          1 + i / 2, i % 2),
             "completed",
             i < 2    ? 90 + i
             : i == 2 ? 99
                      : 70);
    struct collection c = collect(), whole = c;
    ck_assert_msg(comparison_trials(&arena, &c, &o, &trials, &err), "%s", err.message);
    ck_assert_uint_eq(trials.of[0].trials, 2);
    ck_assert_msg(comparison_keep_best(&arena, &c, &o, per, 1, &err), "%s", err.message);
    ck_assert_uint_eq(c.runs, 2);
    ck_assert(comparison_make(&arena, &c, &o, &x, &err));
    ck_assert_uint_eq(x.grouping.groups, 1);
    ck_assert_uint_eq(x.sample[0].n, 2);
    c = whole;
    o = (struct comparison_options){0};
    ck_assert_msg(comparison_keep_best(&arena, &c, &o, both, 2, &err), "%s", err.message);
    ck_assert_uint_eq(c.runs, 2);
    ck_assert(comparison_make(&arena, &c, &o, &x, &err));
    ck_assert_uint_eq(x.grouping.groups, 2); /* lr 0.2 on one fold, 0.1 on the other */
}
END_TEST

START_TEST(formats)
{
    struct strbuf b;
    strbuf_init(&b);
    table_write_text(&small, &b);
    ck_assert_str_eq(b.text, "#  name       value\n1  a,\"b\"  0.5 ± 0.1\n2  50%_x\n");
    strbuf_clear(&b);
    table_write_csv(&small, &b);
    ck_assert_str_eq(b.text, "#,name,value\n1,\"a,\"\"b\"\"\",0.5 ± 0.1\n2,50%_x,\n");
    strbuf_clear(&b);
    table_write_markdown(&small, &b);
    ck_assert_str_eq(
        b.text,
        "| # | name | value |\n|---:|:---|---:|\n| 1 | a,\"b\" | 0.5 ± 0.1 |\n| 2 | 50%\\_x |  |\n");
    strbuf_clear(&b);
    table_write_latex(&small, &b);
    ck_assert_str_eq(
        b.text,
        "\\begin{tabular}{rlr}\n\\toprule\n\\# & name & value \\\\\n\\midrule\n"
        "1 & a,\\texttt{\\char34}b\\texttt{\\char34} & 0.5 $\\pm$ 0.1 \\\\\n2 & 50\\%\\_x &  \\\\\n\\bottomrule\n\\end{tabular}\n");
    strbuf_fini(&b);
}
END_TEST

/* What a text would be read as in each format. */
START_TEST(tables_show_texts_as_they_are)
{
    static const struct table_column column[] = {{"a", true, true, false},
                                                 {"b", true, true, false}};
    const char *cell[] = {"[1]", "$x$ a~~b &amp;", "a--b", "''c``", "*", "two\nlines\t\033"};
    const struct table t = {.columns = 2, .rows = 3, .column = column, .cell = cell};
    struct strbuf b;
    strbuf_init(&b);
    table_write_latex(&t, &b);
    ck_assert_str_eq(b.text, "\\begin{tabular}{ll}\n\\toprule\na & b \\\\\n\\midrule\n"
                             "{}[1] & \\$x\\$ a\\textasciitilde{}\\textasciitilde{}b \\&amp; \\\\\n"
                             "a-{}-b & '{}'c\\textasciigrave{}\\textasciigrave{} \\\\\n"
                             "{}* & two\nlines\t\033 \\\\\n\\bottomrule\n\\end{tabular}\n");
    strbuf_clear(&b);
    table_write_markdown(&t, &b);
    ck_assert_ptr_nonnull(strstr(b.text, "| \\[1\\] | \\$x\\$ a\\~\\~b \\&amp; |\n"));
    strbuf_clear(&b);
    table_write_text(&t, &b);
    ck_assert_str_eq(b.text, "a     b\n"
                             "[1]   $x$ a~~b &amp;\n"
                             "a--b  ''c``\n"
                             "*     two\\nlines\\t\\x1b\n");
    strbuf_fini(&b);
}
END_TEST

/* The longest line in characters. */
static size_t longest(const char *text)
{
    size_t most = 0, n = 0;
    for (; *text; text++) {
        n = *text == '\n' ? 0 : n + (((unsigned char)*text & 0xC0) != 0x80 ? 1 : 0);
        most = n > most ? n : most;
    }
    return most;
}

START_TEST(wide_tables_stand_in_blocks)
{
    struct table_column column[12] = {{"#", false, true, false}, {"a key", true, true, false}};
    const char *cell[12] = {
        "1", "ünï a very long value of a key that goes on and on, and on again, and then on"};
    for (size_t i = 2; i < 12; i++) {
        column[i] = (struct table_column){"figure", false, false, false};
        cell[i] = "97.12 ± 0.31";
    }
    struct table t = {.columns = 12, .rows = 1, .column = column, .cell = cell};
    struct strbuf b;
    strbuf_init(&b);
    table_write_text(&t, &b);
    size_t figures = 0, heads = 0;
    for (const char *s = b.text; (s = strstr(s, "97.12 ± 0.31")); s++)
        figures++;
    for (const char *s = b.text; (s = strstr(s, "#  a key")); s++)
        heads++;
    ck_assert_uint_eq(figures, 10);
    ck_assert_uint_eq(heads, 5);
    ck_assert_uint_le(longest(b.text), 80);
    ck_assert_ptr_nonnull(strstr(b.text, "…"));
    strbuf_fini(&b);
}
END_TEST

START_TEST(many_keys_stand_in_blocks_too)
{
    struct table_column column[11] = {{"#", false, true, false}};
    const char *cell[22] = {"1"};
    static const char *const head[] = {
        "scheduler.0.every", "scheduler.1.every", "scheduler.0.gamma", "scheduler.1.gamma",
        "momentum",          "label_smoothing",   "weight_decay",      "optimizer"};
    for (size_t i = 1; i < 11; i++) {
        column[i] = (struct table_column){i < 9 ? head[i - 1] : "figure", i == 8, i < 9, false};
        cell[i] = i < 8 ? "0.1" : i == 8 ? "a_rather_long_optimizers_name_1" : "97.12 ± 0.31";
        cell[11 + i] = i == 8 ? "a_rather_long_optimizers_name_2" : cell[i];
    }
    cell[11] = "2";
    struct table t = {.columns = 11, .rows = 2, .column = column, .cell = cell};
    struct strbuf b;
    strbuf_init(&b);
    table_write_text(&t, &b);
    ck_assert_uint_le(longest(b.text), 80);
    for (size_t i = 0; i < 8; i++)
        ck_assert_msg(strstr(b.text, head[i]) != NULL, "%s", head[i]);
    ck_assert_ptr_nonnull(strstr(b.text, "name_2"));
    ck_assert_ptr_null(strstr(b.text, "…"));
    strbuf_fini(&b);
}
END_TEST

/* Names that only differ where a narrow column has cut them. */
START_TEST(long_names_stand_on_lines_of_their_own)
{
    static const struct table_column column[] = {{"folder", true, true, false},
                                                 {"valid %", false, false, true},
                                                 {"optimizer", true, false, false}};
    const char *cell[] = {
        "optimizer=sgd+momentum=0.9+nesterov=true,scheduler=cosine,hidden=20,seed=1",
        "97.12",
        "sgd",
        "optimizer=sgd+momentum=0.9+nesterov=true,scheduler=cosine,hidden=20,seed=2",
        "96.00",
        "sgd"};
    struct table t = {.columns = 3, .rows = 2, .column = column, .cell = cell};
    struct strbuf b;
    strbuf_init(&b);
    table_write_text_within(&t, 50, &b);
    ck_assert_str_eq(b.text, "folder\n"
                             "  valid %  optimizer\n"
                             "optimizer=sgd+momentum=0.9+nesterov=true,\n"
                             "    scheduler=cosine,hidden=20,seed=1\n"
                             "    97.12  sgd\n"
                             "optimizer=sgd+momentum=0.9+nesterov=true,\n"
                             "    scheduler=cosine,hidden=20,seed=2\n"
                             "    96.00  sgd\n");
    strbuf_fini(&b);
}
END_TEST

START_TEST(cut_texts_are_told_apart)
{
    struct table_column column[] = {{"#", false, true, false},
                                    {"optimizer", true, true, false},
                                    {"sampler", true, true, false},
                                    {"figure", false, false, false}};
    const char *cell[] = {"1",
                          "schedule_free_sgd_and_what_not",
                          "a text that is long enough to be cut away",
                          "97.12 ± 0.31",
                          "2",
                          "schedule_free_adamw_and_what_not",
                          "and another one, of about the same length",
                          "97.12 ± 0.31"};
    struct table t = {.columns = 4, .rows = 2, .column = column, .cell = cell};
    struct strbuf b;
    strbuf_init(&b);
    table_write_text(&t, &b);
    ck_assert_uint_le(longest(b.text), 80);
    ck_assert_ptr_nonnull(strstr(b.text, "schedule_free_s"));
    ck_assert_ptr_nonnull(strstr(b.text, "schedule_free_a"));
    ck_assert_ptr_nonnull(strstr(b.text, "…"));
    strbuf_fini(&b);
}
END_TEST

static struct comparison compare_two(void)
{
    static struct collection c;
    struct comparison x;
    make("a", 1, "optimizer: {name: sgd, lr: 0.1}", "completed", 90);
    make("b", 2, "optimizer: {name: sgd, lr: 0.1}", "completed", 92);
    make("c", 1, "optimizer: {name: adam, lr: 0.1}", "completed", 97);
    make("d", 2, "optimizer: {name: adam, lr: 0.1}", "completed", 97.5);
    make("e", 3, "optimizer: {name: adam, lr: 0.1}", "diverged", 0);
    c = collect();
    struct comparison_options o = {.pairs = true};
    ck_assert_msg(comparison_make(&arena, &c, &o, &x, &err), "%s", err.message);
    return x;
}

START_TEST(a_comparison_as_text)
{
    struct comparison x = compare_two();
    struct table t;
    struct strbuf b;
    strbuf_init(&b);
    comparison_table(&arena, &x, false, &t);
    table_write_text(&t, &b);
    /* Half-widths: 12.7062 sd / sqrt(2), by sgd's deviation: of adam a run diverged. */
    ck_assert_str_eq(b.text,
                     "#  optimizer  n  diverged       valid %    95 % interval        test %\n"
                     "1  sgd        2         0  91.00 ± 1.41  78.29 to 100.00  90.00 ± 1.41\n"
                     "2  adam       2         1  97.25 ± 0.35  84.54 to 100.00  96.25 ± 0.35\n");
    strbuf_clear(&b);
    comparison_pairs(&arena, &x, false, &t);
    table_write_text(&t, &b);
    ck_assert_str_eq(b.text,
                     "optimizer  pairs  difference %   95 % interval    p  least p  p (Holm)\n"
                     "adam           2   6.25 ± 1.06  -3.28 to 15.78  0.5      0.5       0.5\n");
    ck_assert_str_eq(comparison_test(&x), "sign flips");
    strbuf_fini(&b);
}
END_TEST

START_TEST(chosen_columns_and_runs)
{
    struct comparison x = compare_two();
    struct table t;
    struct strbuf b;
    char n[] = "n", interval[] = "interval", test[] = "test_accuracy", none[] = "test",
         *chosen[] = {n, test, interval}, *wrong[] = {none};
    strbuf_init(&b);
    ck_assert(comparison_chosen(
        &arena, &x, &(struct comparison_options){.column = chosen, .columns = 3}, false, &t, &err));
    table_write_text(&t, &b);
    ck_assert_str_eq(b.text, "optimizer  n        test %  95 % of valid %\n"
                             "sgd        2  90.00 ± 1.41  78.29 to 100.00\n"
                             "adam       2  96.25 ± 0.35  84.54 to 100.00\n");
    ck_assert(!comparison_chosen(
        &arena, &x, &(struct comparison_options){.column = wrong, .columns = 1}, false, &t, &err));
    ck_assert_int_eq(err.code, ERR_USAGE);
    comparison_runs(&arena, &x, &(struct collection){0}, true, &t);
    ck_assert_uint_eq(t.rows, 5);
    ck_assert_str_eq(t.cell[0], "sgd");
    comparison_table(&arena, &x, false, &t);
    strbuf_clear(&b);
    table_write_latex_float(&t, comparison_caption(&arena, &x), &b);
    ck_assert_ptr_nonnull(strstr(b.text, "\n1 & sgd & 2 & 0 & \\textbf{91.00 $\\pm$ 1.41} & "));
    ck_assert_ptr_nonnull(strstr(b.text, "\n2 & adam & 2 & 1 & 97.25 $\\pm$ 0.35 & "));
    ck_assert_ptr_nonnull(strstr(b.text, "\\caption{Mean"));
    strbuf_fini(&b);
}
END_TEST

START_TEST(what_fits_is_one_block)
{
    struct table_column column[12] = {{"#", false, true, false}, {"key", true, true, false}};
    const char *cell[12] = {"1", "a value"}, *left;
    for (size_t i = 2; i < 12; i++) {
        column[i] = (struct table_column){i == 11 ? "last" : "figure", false, false, false};
        cell[i] = "97.12 ± 0.31";
    }
    struct table t = {.columns = 12, .rows = 1, .column = column, .cell = cell}, one;
    struct strbuf b;
    strbuf_init(&b);
    table_fit(&arena, &t, 80, &one, &left);
    table_write_text(&one, &b);
    ck_assert_uint_eq(one.columns, 7); /* 3 + 9 + 4 * 14 + 12 = 80 */
    ck_assert_str_eq(left, "figure, figure, figure, figure, last");
    ck_assert_ptr_null(strstr(b.text, "\n\n"));
    ck_assert_uint_le(longest(b.text), 80);
    table_fit(&arena, &one, 80, &t, &left);
    ck_assert_ptr_null(left);
    strbuf_fini(&b);
}
END_TEST

/* What a table is made for stays beside as many keys as fit; other keys follow in further
 * blocks. */
START_TEST(keys_give_way_to_needed_columns)
{
    static const struct table_column column[] = {
        {"#", false, true, false},           {"one", false, true, false},
        {"two-is-long", false, true, false}, {"three-is-long", false, true, false},
        {"counts", false, false, false},     {"mean", false, false, true},
        {"interval", false, false, true}};
    const char *cell[] = {"1", "22", "3", "4", "5", "6.00 ± 0.01", "1.00 to 2.00"}, *left;
    struct table t = {.columns = 7, .rows = 1, .column = column, .cell = cell}, one;
    struct strbuf b;
    strbuf_init(&b);
    table_fit(&arena, &t, 40, &one, &left);
    table_write_text_within(&one, 40, &b);
    ck_assert_str_eq(left, "counts");
    ck_assert_str_eq(b.text,
                     "#  one         mean      interval\n1   22  6.00 ± 0.01  1.00 to 2.00\n\n"
                     "#  two-is-long  three-is-long\n1            3              4\n");
    strbuf_fini(&b);
}
END_TEST

START_TEST(a_comparison_for_programs)
{
    struct comparison x = compare_two();
    struct table t;
    struct strbuf b;
    strbuf_init(&b);
    comparison_table(&arena, &x, true, &t);
    table_write_csv(&t, &b);
    ck_assert_msg(
        strncmp(
            b.text,
            "rank,optimizer.name,n,diverged,failed,pruned,open,valid_accuracy.mean,valid_accuracy.sd,",
            88) == 0,
        "%s", b.text);
    ck_assert_ptr_nonnull(strstr(b.text, "\n2,adam,2,1,0,0,0,0.9725,0.00353553391,"));
    strbuf_fini(&b);
    struct json *j = comparison_json(&arena, &x);
    const struct json *first = js_element(js_get(j, "groups"), 1);
    double mean;
    ck_assert(js_real(js_get(js_get(js_get(first, "metrics"), "valid_accuracy"), "mean"), &mean));
    ck_assert_double_eq_tol(mean, 0.9725, 1e-12);
    ck_assert_str_eq(js_string(js_get(first, "label")), "adam");
    ck_assert_uint_eq(js_size(js_get(first, "folders")), 3);
    js_free(j);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compare");
    TCase *pure = tcase_create("statistics"), *runs = tcase_create("runs");
    tcase_add_test(pure, kinds_of_figures);
    tcase_add_test(pure, students_quantiles);
    tcase_add_test(pure, incomplete_beta);
    tcase_add_test(pure, a_sample);
    tcase_add_test(pure, paired_tests);
    tcase_add_test(pure, pairs_of_shares);
    tcase_add_test(pure, ranks_of_shares);
    tcase_add_test(pure, sign_flips_of_many_pairs);
    tcase_add_test(pure, resampled_pairs_as_scipy_has_them);
    tcase_add_test(pure, many_pairs);
    tcase_add_test(pure, holm);
    tcase_add_test(pure, ranks_tie_where_intervals_overlap);
    tcase_add_test(pure, ranks_never_fall_as_means_do);
    tcase_add_test(pure, without_an_interval_there_is_no_rank);
    tcase_add_test(pure, what_lost_runs_leads_nothing);
    tcase_add_test(pure, means_of_as_many_images_tie);
    tcase_add_test(pure, pairs_as_scipy_has_them);
    tcase_add_test(pure, least_p_is_that_of_all_pairs_one_way);
    tcase_add_test(pure, a_large_figure_blurs_its_own_pair_alone);
    tcase_add_test(pure, one_large_pair_leaves_the_others_told);
    tcase_add_test(pure, counts_as_scipy_has_them);
    tcase_add_test(pure, ranks_over_problems_as_scipy_has_them);
    tcase_add_test(pure, one_of_two_groups_may_be_wild);
    tcase_add_test(pure, intervals_as_scipy_has_them);
    tcase_add_test(pure, explained_as_scipy_has_it);
    tcase_add_test(pure, formats);
    tcase_add_test(pure, tables_show_texts_as_they_are);
    tcase_add_test(pure, wide_tables_stand_in_blocks);
    tcase_add_test(pure, long_names_stand_on_lines_of_their_own);
    tcase_add_test(pure, many_keys_stand_in_blocks_too);
    tcase_add_test(pure, cut_texts_are_told_apart);
    tcase_add_checked_fixture(runs, set_up, tear_down);
    tcase_add_test(runs, seeds_and_what_may_change_make_no_groups);
    tcase_add_test(runs, another_length_is_another_group);
    tcase_add_test(runs, labels_hold_what_differs);
    tcase_add_test(runs, what_an_outer_name_says_is_not_shown);
    tcase_add_test(runs, a_second_scheduler);
    tcase_add_test(runs, words_beside_mappings);
    tcase_add_test(runs, lists_that_differ_at_an_index);
    tcase_add_test(runs, lists_swept_as_wholes);
    tcase_add_test(runs, groups_of_tensors_swept_as_wholes);
    tcase_add_test(runs, other_data_are_another_group);
    tcase_add_test(runs, a_lone_seed_is_the_runs);
    tcase_add_test(runs, long_values_show_what_differs);
    tcase_add_test(runs, grouped_by_a_key);
    tcase_add_test(runs, only_completed_runs_have_figures);
    tcase_add_test(runs, conditions);
    tcase_add_test(runs, conditions_on_schedulers);
    tcase_add_test(runs, conditions_on_lists_of_schedulers);
    tcase_add_test(runs, an_optimizers_own_key_is_meant);
    tcase_add_test(runs, a_condition_of_an_ambiguous_name);
    tcase_add_test(runs, how_long_until);
    tcase_add_test(runs, pairs_race_to_a_target);
    tcase_add_test(runs, never_is_the_largest_rank);
    tcase_add_test(runs, one_slow_pair_leaves_the_others_told);
    tcase_add_test(runs, pairs_are_of_the_same_seed);
    tcase_add_test(runs, folds_are_pairs_of_their_means);
    tcase_add_test(runs, dependent_pairs_are_warned_of);
    tcase_add_test(runs, splits_by_seed_are_not_independent);
    tcase_add_test(runs, pairs_share_every_other_setting);
    tcase_add_test(runs, figures_of_fewer_runs_are_told);
    tcase_add_test(runs, a_copy_counts_once);
    tcase_add_test(runs, baselines);
    tcase_add_test(runs, baselines_of_equations);
    tcase_add_test(runs, a_folder_named_twice_is_one_run);
    tcase_add_test(runs, folders_that_cannot_be_read);
    tcase_add_test(runs, the_best_epochs_test_figure_is_all_runs_or_none);
    tcase_add_test(pure, tables_of_wide_characters);
    tcase_add_test(runs, performance_profiles);
    tcase_add_test(runs, profiles_of_a_least_cost_of_0);
    tcase_add_test(runs, sensitivity_to_a_key);
    tcase_add_test(runs, sensitivitys_limits);
    tcase_add_test(runs, a_lost_best_is_none);
    tcase_add_test(runs, what_a_budget_buys);
    tcase_add_test(runs, the_best_settings_of_each);
    tcase_add_test(runs, folds_are_no_settings);
    tcase_add_test(runs, a_comparison_as_text);
    tcase_add_test(runs, chosen_columns_and_runs);
    tcase_add_test(runs, what_fits_is_one_block);
    tcase_add_test(runs, keys_give_way_to_needed_columns);
    tcase_add_test(runs, a_comparison_for_programs);
    suite_add_tcase(suite, pure);
    suite_add_tcase(suite, runs);
    return check_main(suite);
}
