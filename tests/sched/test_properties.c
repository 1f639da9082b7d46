/* What every schedule of the registry must do: stay finite, not negative and within its bounds, be
 * a function of time. */
#include "digest.h"
#include "setup.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A schedule with its required keys, and the bounds of its values over the base value. No
 * `interval`: it is varied. */
static const struct promise {
    const char *name, *keys;
    double low, high;
    uint64_t digest; /* of its values in double; another one is another version of results */
} promises[] = {
    {"constant", "", 1, 1, 0x864c0bf5bf1eda95u},
    {"constant", ", factor: 0", 0, 0, 0x3a2de58514c0e8e5u},
    {"exponential", ", gamma: 0.9", 0, 1, 0x743485331c51f4fcu},
    {"exponential", ", k: 5, every: 2", 0, 1, 0x6c202895eff67031u},
    {"halving", "", 0, 1, 0xb6688cc1abf9f0eau},
    {"step", ", every: 3", 0, 1, 0xc4ef6fe6218ae0f4u},
    {"multistep", ", milestones: [2, 3, 1000000]", 0.01, 1, 0x17b09712acad4493u},
    {"inverse", ", k: 1", 0, 1, 0x21c7e3aea8c17e80u},
    {"reduce_on_plateau", ", patience: 2, min_lr: 0.001", 0.02, 1, 0x518698bfa91835b5u},
    {"linear", "", 1.0 / 3, 1, 0x79061538b8d5ea1au},
    {"linear", ", start: 2, end: 0", 0, 2, 0xccc2b7183f366193u},
    {"warmup", "", 0.1, 1, 0xbdccb74cb75aea5fu},
    {"warmup", ", shape: exponential, start: 1e-9", 1e-9, 1, 0xd2378b4521634fedu},
    {"polynomial", ", over: 20, power: 0.5", 0, 1, 0x9a3ab07d40db43aau},
    {"cosine", ", min: 0.001", 0.02, 1, 0x67a0239a42a95677u},
    {"cosine", ", over: 7, periodic: true", 0, 1, 0x35a290742b8cdeeeu},
    {"cosine_restarts", ", first: 1, multiply: 3, min: 0.001", 0.02, 1, 0xdf58ec92cd46c3b1u},
    {"cosine_restarts", ", first: 9", 0, 1, 0x31e078ecacac62f9u},
    {"cyclic", ", base_lr: 0.01, max_lr: 0.1", 0.2, 2, 0x7b5a9925a448dbe8u},
    {"cyclic", ", base_lr: 0, max_lr: 0.1, step_size_up: 3, step_size_down: 11, mode: triangular2",
     0, 2, 0x21323723bf08ac6cu},
    {"cyclic", ", base_lr: 0.01, max_lr: 0.1, step_size_up: 5, mode: exp_range, gamma: 0.9", 0.2, 2,
     0x7df318013ff5f1a8u},
    {"one_cycle", ", max_lr: 0.1", 8e-6, 2, 0x8b29b2c1acad3b20u},
    {"one_cycle", ", max_lr: 0.1, three_phase: true, anneal: linear, over: 40", 8e-6, 2,
     0x5767f59c8fc807b0u},
    {"sigmoid", ", gamma: 0.3, step: 20", 0, 1, 0x9ca62e7ec7627fbau},
    {"sigmoid", ", gamma: 1000, step: 3, rising: true", 0, 1, 0x7218be750360379cu},
    {"inverse_sqrt", "", 0, 1, 0xfcdf0961cf0f380eu},
    {"noam", ", warmup: 12", 0, 1, 0xab82d078ca107c49u},
    {"wsd", "", 0, 1, 0x7d7a8630dca968ccu},
    {"wsd", ", warmup: 0.5, decay: 0.5, shape: sqrt", 0, 1, 0x47ea86d0d694ccdcu},
    {"sequential",
     ", schedules: [warmup, {name: sequential, schedules: [cosine, {name: noam, warmup: 3}], "
     "milestones: [7]}], milestones: [5]",
     0, 1, 0x96fa430c75fdd78du},
    {"lambda", ", expr: \"0.95 ** epoch\"", 0, 1, 0x88abf3391e92c801u},
    {"multiplicative", ", expr: \"0.95\"", 0, 1, 0x90f2e565d595e66au},
};
enum { PROMISES = sizeof promises / sizeof promises[0] };

static const char *text_of(const struct promise *p, const char *more)
{
    static char text[512];
    snprintf(text, sizeof text, "{name: %s%s%s}", p->name, p->keys, more);
    return text;
}

/* What observes counts epochs alone. */
static bool observes(const struct promise *p)
{
    return ((const struct sched_kind *)registry_find(&sched_registry, p->name))->observe;
}

START_TEST(every_schedule_is_here)
{
    for (size_t k = 0; sched_registry.kinds[k]; k++) {
        bool found = false;
        for (size_t i = 0; i < PROMISES; i++)
            found |= strcmp(promises[i].name, sched_registry.kinds[k]->name) == 0;
        ck_assert_msg(found, "'%s' promises nothing: give it a line in test_properties.c",
                      sched_registry.kinds[k]->name);
    }
}
END_TEST

START_TEST(every_schedule_is_described)
{
    for (size_t k = 0; sched_registry.kinds[k]; k++) {
        const struct kind *kind = sched_registry.kinds[k];
        ck_assert_msg(kind->title && kind->equation, "%s lacks its title or equation", kind->name);
        for (const struct param *p = kind->params; p && p->name; p++)
            ck_assert_msg(p->help && strlen(p->help) > 3, "%s: '%s' lacks its meaning", kind->name,
                          p->name);
    }
}
END_TEST

/* Metrics that no training would give, in turn. */
static double wild_metric(void *context, const char *name)
{
    static const double v[] = {1,   (double)NAN,       0.5, (double)INFINITY, 0.5, 0.5,
                               0.5, (double)-INFINITY, 3};
    int *i = context;
    (void)name;
    return v[(*i)++ % (int)(sizeof v / sizeof v[0])];
}

static void check_now(const char *text, const struct promise *p, const struct sched_base *base,
                      int64_t step, struct sched_now now)
{
    double low = p->low * base->lr * (1 - 1e-12), high = p->high * base->lr * (1 + 1e-12);
    ck_assert_msg(isfinite(now.lr) && now.lr >= 0, "%s: lr is %g at step %lld", text, now.lr,
                  (long long)step);
    ck_assert_msg(now.lr >= low && now.lr <= high,
                  "%s: lr is %.17g at step %lld, outside of its bounds %g and %g", text, now.lr,
                  (long long)step, low, high);
    ck_assert_msg(now.momentum >= 0.8 && now.momentum <= 0.95 + 1e-12,
                  "%s: momentum is %.17g at step %lld", text, now.momentum, (long long)step);
    ck_assert_msg(now.decay == base->decay && now.batch_size == base->batch_size,
                  "%s: moves something else", text);
}

static void check_bounds(const struct promise *p, int64_t epochs, const char *more)
{
    struct setup s;
    struct sched_base base = plain_base();
    const char *text = text_of(p, more);
    int observed = 0;
    base.epochs = epochs;
    set_up(&s, &base, text);
    for (int64_t step = 0; step < 10 * epochs; step++) {
        check_now(text, p, &base, step, sched_settings(s.sched, step / 10, step));
        if (step % 10 == 9)
            sched_observe(s.sched, wild_metric, &observed);
    }
    tear_down(&s);
}

static double largest_lr(const struct promise *p, double base_lr, struct sched_peak *ret_peak)
{
    struct setup s;
    struct sched_base base = plain_base();
    double most = 0;
    base.lr = base_lr;
    set_up(&s, &base, text_of(p, ""));
    for (int64_t step = 0; step < 600; step++)
        most = fmax(most, sched_settings(s.sched, step / 10, step).lr);
    *ret_peak = sched_peak(&s.entries);
    tear_down(&s);
    return most;
}

/* Who asks for the learning rate of a run is told of the schedule's where the optimizer's counts
 * for nothing, and only there. */
START_TEST(peak_is_of_those_that_replace_the_lr)
{
    const struct promise *p = &promises[_i];
    struct sched_peak peak, other;
    double most = largest_lr(p, 0.05, &peak), twice = largest_lr(p, 0.1, &other);
    ck_assert_msg((peak.key != NULL) == (most > 0 && fabs(twice - most) < 1e-9 * most),
                  "%s: largest lr %g and %g of bases 0.05 and 0.1, key of its peak: %s", p->name,
                  most, twice, peak.key ? peak.key : "none");
    if (!peak.key)
        return;
    const struct param *row =
        kind_param(&sched_registry, registry_find(&sched_registry, p->name), peak.key);
    ck_assert_msg(row && row->type == PARAM_REAL, "%s: '%s' is no key with a number", p->name,
                  peak.key);
    ck_assert_msg(most < peak.lr * (1 + 1e-12), "%s: its peak is %g, its largest lr %g", p->name,
                  peak.lr, most);
}
END_TEST

START_TEST(bounds)
{
    static const int64_t lengths[] = {1, 7, 60};
    for (size_t i = 0; i < 3; i++) {
        if (!observes(&promises[_i]))
            check_bounds(&promises[_i], lengths[i], ", interval: step");
        if (lengths[i] > 4 ||
            strcmp(promises[_i].name, "one_cycle") != 0) /* it refuses a cycle as short as that */
            check_bounds(&promises[_i], lengths[i], ", interval: epoch");
    }
}
END_TEST

static void check_same(const char *text, int64_t step, struct sched_now a, struct sched_now b)
{
    ck_assert_msg(memcmp(&a.lr, &b.lr, sizeof a.lr) == 0 &&
                      memcmp(&a.momentum, &b.momentum, sizeof a.lr) == 0 &&
                      memcmp(&a.decay, &b.decay, sizeof a.lr) == 0 && a.batch_size == b.batch_size,
                  "%s: at step %lld it is %.17g or %.17g, by what was asked before", text,
                  (long long)step, a.lr, b.lr);
}

/* In order, in another order, and by another object of the same text: bit for bit the same. */
static void check_pure(const struct promise *p, const char *more)
{
    enum { STEPS = 600, STRIDE = 217 }; /* coprime */
    struct setup s, fresh;
    struct sched_base base = plain_base();
    struct sched_now in_order[STEPS];
    const char *text = text_of(p, more);
    set_up(&s, &base, text);
    for (int64_t step = 0; step < STEPS; step++)
        in_order[step] = sched_settings(s.sched, step / 10, step);
    set_up(&fresh, &base, text);
    for (int64_t i = 1; i <= STEPS; i++) {
        int64_t step = i * STRIDE % STEPS;
        check_same(text, step, in_order[step], sched_settings(s.sched, step / 10, step));
        check_same(text, step, in_order[step], sched_settings(fresh.sched, step / 10, step));
    }
    tear_down(&s);
    tear_down(&fresh);
}

START_TEST(purity)
{
    check_pure(&promises[_i], ", interval: epoch");
    check_pure(&promises[_i], ", interval: epoch, apply_to: batch_size, max_batch_size: 700");
    if (!observes(&promises[_i]))
        check_pure(&promises[_i], ", interval: step");
}
END_TEST

/* A learning rate is rounded to float before it moves anything, and hides how it was computed. */
START_TEST(bits)
{
    const struct promise *p = &promises[_i];
    struct setup s;
    struct sched_base base = plain_base();
    int observed = 0;
    uint64_t digest = DIGEST_BEGIN;
    set_up(&s, &base, text_of(p, observes(p) ? "" : ", interval: step"));
    for (int64_t step = 0; step < 600; step++) {
        struct sched_now now = sched_settings(s.sched, step / 10, step);
        digest = digest_add(digest, &now.lr, sizeof now.lr);
        digest = digest_add(digest, &now.momentum, sizeof now.momentum);
        if (step % 10 == 9)
            sched_observe(s.sched, wild_metric, &observed);
    }
    tear_down(&s);
    ck_assert_msg(digest == p->digest, "%s: digest %#llx", text_of(p, ""),
                  (unsigned long long)digest);
}
END_TEST

/* Smith et al. 2017: what an entry takes from lr it gives to the batch size, so that lr over batch
 * size is the same for both, but for the rounding of the batch size to whole images. */
START_TEST(batch_size_mirrors_lr)
{
    struct setup on_lr, on_batch;
    struct sched_base base = plain_base();
    int a = 0, b = 0;
    base.batch_size = 10000;
    base.train_size = 1000000;
    set_up(&on_lr, &base, text_of(&promises[_i], ", interval: epoch"));
    const char *text = text_of(&promises[_i], ", interval: epoch, apply_to: batch_size");
    set_up(&on_batch, &base, text);
    for (int64_t epoch = 0; epoch < base.epochs; epoch++) {
        struct sched_now x = sched_settings(on_lr.sched, epoch, 0),
                         y = sched_settings(on_batch.sched, epoch, 0);
        double left = x.lr / (double)x.batch_size, right = y.lr / (double)y.batch_size;
        ck_assert_msg(y.batch_size >= 1 && y.batch_size <= base.train_size, "%s: batch size %lld",
                      text, (long long)y.batch_size);
        ck_assert_msg(y.lr <= base.lr, "%s: lr rises to %g", text, y.lr);
        ck_assert_msg(fabs(left - right) <= left * 0.51 / (double)y.batch_size,
                      "%s: in epoch %lld lr / batch size is %g / %lld, on lr itself %g / %lld",
                      text, (long long)epoch, y.lr, (long long)y.batch_size, x.lr,
                      (long long)x.batch_size);
        sched_observe(on_lr.sched, wild_metric, &a);
        sched_observe(on_batch.sched, wild_metric, &b);
    }
    tear_down(&on_lr);
    tear_down(&on_batch);
}
END_TEST

TCase *property_cases(void)
{
    TCase *c = tcase_create("properties");
    tcase_add_test(c, every_schedule_is_here);
    tcase_add_test(c, every_schedule_is_described);
    tcase_add_loop_test(c, peak_is_of_those_that_replace_the_lr, 0, PROMISES);
    tcase_add_loop_test(c, bounds, 0, PROMISES);
    tcase_add_loop_test(c, purity, 0, PROMISES);
    tcase_add_loop_test(c, bits, 0, PROMISES);
    tcase_add_loop_test(c, batch_size_mirrors_lr, 0, PROMISES);
    return c;
}
