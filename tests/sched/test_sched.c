/* All schedules of a run together: lists, targets, rounding, the state of what observes. */
#include "check_main.h"
#include "setup.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static double lr_at(const struct setup *s, int64_t epoch)
{
    return sched_settings(s->sched, epoch, 10 * epoch).lr;
}

/* ---- lists and targets ---- */

START_TEST(no_schedule)
{
    struct setup s;
    struct sched_base base = plain_base();
    base.momentum = (double)NAN;
    set_up_list(&s, &base, 0, NULL);
    struct sched_now now = sched_settings(s.sched, 3, 33);
    ck_assert(now.lr == base.lr && isnan(now.momentum) && now.decay == base.decay &&
              now.batch_size == 100);
    ck_assert_int_eq(sched_total_steps(s.sched), 600);
    ck_assert(!sched_observes(s.sched) && sched_state_count(s.sched) == 0);
    tear_down(&s);
}
END_TEST

START_TEST(lists_multiply)
{
    const char *text[] = {"{name: warmup, over: 4, start: 0.2}",
                          "{name: step, every: 3, gamma: 0.5}", "{name: exponential, k: 0.1}"};
    struct setup all, one[3];
    struct sched_base base = plain_base();
    set_up_list(&all, &base, 3, text);
    for (size_t i = 0; i < 3; i++)
        set_up(&one[i], &base, text[i]);
    for (int64_t e = 0; e < 20; e++) {
        double product = base.lr;
        for (size_t i = 0; i < 3; i++)
            product *= lr_at(&one[i], e) / base.lr;
        ck_assert_msg(fabs(lr_at(&all, e) / product - 1) < 1e-14, "epoch %lld: %.17g, not %.17g",
                      (long long)e, lr_at(&all, e), product);
    }
    for (size_t i = 0; i < 3; i++)
        tear_down(&one[i]);
    tear_down(&all);
}
END_TEST

/* cyclic and one_cycle replace the base value; beside others they count as their value over it. */
START_TEST(curve_in_a_list)
{
    const char *text[] = {"{name: cyclic, base_lr: 0.01, max_lr: 0.09, step_size_up: 8}",
                          "{name: constant, factor: 0.5}"};
    struct setup s;
    struct sched_base base = plain_base();
    set_up_list(&s, &base, 2, text);
    ck_assert_double_eq_tol(sched_settings(s.sched, 0, 0).lr, 0.005, 1e-17);
    ck_assert_double_eq_tol(sched_settings(s.sched, 0, 8).lr, 0.045, 1e-17);
    tear_down(&s);
}
END_TEST

START_TEST(targets_are_apart)
{
    const char *text[] = {"{name: constant, factor: 0.5, apply_to: momentum}",
                          "{name: halving, apply_to: weight_decay}",
                          "{name: constant, factor: 0.25, apply_to: batch_size}"};
    struct setup s;
    struct sched_base base = plain_base();
    set_up_list(&s, &base, 3, text);
    struct sched_now now = sched_settings(s.sched, 2, 5);
    ck_assert(now.lr == base.lr);
    ck_assert_double_eq_tol(now.momentum, 0.45, 1e-16);
    ck_assert_double_eq_tol(now.decay, 2.5e-5, 1e-20);
    ck_assert_int_eq(now.batch_size, 400);
    tear_down(&s);
}
END_TEST

/* ---- batch sizes ---- */

static void check_batches(const char *text, const struct sched_base *base, size_t n,
                          const int64_t *batch, const double *lr)
{
    struct setup s;
    set_up(&s, base, text);
    for (size_t e = 0; e < n; e++) {
        struct sched_now now = sched_settings(s.sched, (int64_t)e, 0);
        ck_assert_msg(now.batch_size == batch[e],
                      "%s, lr %g: batch size %lld in epoch %zu, not %lld", text, base->lr,
                      (long long)now.batch_size, e, (long long)batch[e]);
        double left = lr ? lr[e] : 1;
        ck_assert_msg(fabs(now.lr - base->lr * left) <= 1e-15,
                      "%s: lr %.17g in epoch %zu, not %.17g", text, now.lr, e, base->lr * left);
    }
    tear_down(&s);
}

START_TEST(batch_size_grows_as_lr_would_fall)
{
    struct sched_base base = plain_base();
    base.train_size = 60000;
    base.batch_size = 128;
    check_batches("{name: step, every: 1, gamma: 0.2, apply_to: batch_size}", &base, 4,
                  (int64_t[]){128, 640, 3200, 16000}, NULL);
    check_batches("{name: exponential, gamma: 0.5, every: 2, apply_to: batch_size}", &base, 6,
                  (int64_t[]){128, 128, 512, 512, 2048, 2048}, NULL);
    check_batches("{name: multistep, milestones: [1, 3], gamma: 0.1, apply_to: batch_size}", &base,
                  4, (int64_t[]){128, 1280, 1280, 12800}, NULL);
}
END_TEST

START_TEST(largest_batch)
{
    struct sched_base base = plain_base();
    base.train_size = 60000;
    check_batches("{name: step, every: 1, gamma: 0.2, apply_to: batch_size, max_batch_size: 2000}",
                  &base, 4, (int64_t[]){100, 500, 2000, 2000}, (double[]){1, 1, 0.8, 0.16});
    base.train_size = 1000; /* the training set is the largest of all */
    check_batches("{name: step, every: 1, gamma: 0.2, apply_to: batch_size, max_batch_size: 2000}",
                  &base, 4, (int64_t[]){100, 500, 1000, 1000}, (double[]){1, 1, 0.4, 0.08});
    check_batches("{name: step, every: 1, gamma: 0.2, apply_to: batch_size}", &base, 4,
                  (int64_t[]){100, 500, 1000, 1000}, (double[]){1, 1, 0.4, 0.08});
    check_batches("{name: step, every: 1, gamma: 0.1, apply_to: batch_size}", &base, 3,
                  (int64_t[]){100, 1000, 1000},
                  (double[]){1, 1, 0.1}); /* reached exactly: nothing left */
    check_batches("{name: constant, factor: 0, apply_to: batch_size}", &base, 1, (int64_t[]){1000},
                  (double[]){0});
}
END_TEST

/* To the nearest whole number, halves up, whatever lr does to the last digit of the factor. */
START_TEST(batch_sizes_round)
{
    static const double lr[] = {0.005, 0.05, 0.1, 0.3, 0.7, 1, 3, 1e-7, 0};
    for (size_t i = 0; i < sizeof lr / sizeof lr[0]; i++) {
        struct sched_base base = plain_base();
        base.lr = lr[i];
        base.batch_size = 25;
        check_batches("{name: step, every: 1, gamma: 0.4, apply_to: batch_size}", &base, 4,
                      (int64_t[]){25, 63, 156, 391}, NULL);
        base.batch_size = 10;
        check_batches("{name: step, every: 1, gamma: 0.7, apply_to: batch_size}", &base, 4,
                      (int64_t[]){10, 14, 20, 29}, NULL);
        check_batches("{name: step, every: 1, gamma: 4, apply_to: batch_size}", &base, 4,
                      (int64_t[]){10, 3, 1, 1}, NULL);
    }
}
END_TEST

/* What each gives, multiplied: 2 * 5 = 10; a largest batch holds for both. */
START_TEST(two_on_the_batch_size)
{
    const char *text[] = {
        "{name: constant, factor: 0.5, apply_to: batch_size, max_batch_size: 800}",
        "{name: step, every: 1, gamma: 0.2, apply_to: batch_size}"};
    struct setup s;
    struct sched_base base = plain_base();
    set_up_list(&s, &base, 2, text);
    struct sched_now now = sched_settings(s.sched, 0, 0), next = sched_settings(s.sched, 1, 0);
    ck_assert_int_eq(now.batch_size, 200);
    ck_assert_int_eq(next.batch_size, 800);
    ck_assert_double_eq_tol(next.lr, 0.05 * 0.8, 1e-17);
    tear_down(&s);
}
END_TEST

/* ---- what observes ---- */

struct metrics {
    double loss, accuracy;
};

static double metric(void *context, const char *name)
{
    const struct metrics *m = context;
    return strcmp(name, "valid_loss") == 0       ? m->loss
           : strcmp(name, "valid_accuracy") == 0 ? m->accuracy
                                                 : (double)NAN;
}

static struct metrics metrics_of(int64_t epoch)
{
    return (struct metrics){.loss = 1.0 / (double)(1 + epoch % 6),
                            .accuracy = epoch == 9 ? (double)NAN : 0.1 * (double)(epoch % 4)};
}

static const char *const observers[] = {
    "{name: reduce_on_plateau, patience: 1, factor: 0.7, cooldown: 1}",
    "{name: exponential, gamma: 0.99}",
    "{name: reduce_on_plateau, monitor: valid_accuracy, mode: max, patience: 2, factor: 0.5, apply_to: batch_size}"};

/* Saved at any epoch and restored into a new object by name, it continues as if nothing had
 * happened. */
START_TEST(state_is_all_there_is)
{
    enum { EPOCHS = 30 };
    struct sched_base base = plain_base();
    struct setup whole, rest;
    struct sched_now want[EPOCHS];
    double saved[16];
    const char *name, *twin;
    base.train_size = 100000;
    set_up_list(&whole, &base, 3, observers);
    ck_assert(sched_observes(whole.sched));
    for (int64_t e = 0; e < EPOCHS; e++) {
        struct metrics m = metrics_of(e);
        if (e == _i)
            for (size_t i = 0; i < sched_state_count(whole.sched); i++)
                saved[i] = *sched_state(whole.sched, i, &name);
        want[e] = sched_settings(whole.sched, e, 10 * e);
        sched_observe(whole.sched, metric, &m);
    }
    ck_assert(want[EPOCHS - 1].lr < want[0].lr && want[EPOCHS - 1].batch_size > want[0].batch_size);
    set_up_list(&rest, &base, 3, observers);
    ck_assert_uint_eq(sched_state_count(rest.sched), sched_state_count(whole.sched));
    for (size_t i = 0; i < sched_state_count(rest.sched); i++) {
        *sched_state(rest.sched, i, &name) = saved[i];
        sched_state(whole.sched, i, &twin);
        ck_assert_str_eq(name, twin);
    }
    for (int64_t e = _i; e < EPOCHS; e++) {
        struct metrics m = metrics_of(e);
        struct sched_now now = sched_settings(rest.sched, e, 10 * e);
        ck_assert_msg(
            memcmp(&now.lr, &want[e].lr, sizeof now.lr) == 0 &&
                now.batch_size == want[e].batch_size,
            "saved at %d: epoch %lld has lr %.17g and batch size %lld, not %.17g and %lld", _i,
            (long long)e, now.lr, (long long)now.batch_size, want[e].lr,
            (long long)want[e].batch_size);
        sched_observe(rest.sched, metric, &m);
    }
    tear_down(&whole);
    tear_down(&rest);
}
END_TEST

START_TEST(states_have_names)
{
    static const char *const names[] = {"0.best", "0.bad", "0.cooling", "0.value",
                                        "2.best", "2.bad", "2.cooling", "2.value"};
    struct setup s;
    struct sched_base base = plain_base();
    const char *name;
    set_up_list(&s, &base, 3, observers);
    ck_assert_uint_eq(sched_state_count(s.sched), 8);
    for (size_t i = 0; i < 8; i++) {
        ck_assert_ptr_nonnull(sched_state(s.sched, i, &name));
        ck_assert_str_eq(name, names[i]);
    }
    tear_down(&s);
}
END_TEST

static Suite *suite(const char *recorded)
{
    Suite *suite = suite_create("sched");
    TCase *c = tcase_create("driver");
    tcase_add_test(c, no_schedule);
    tcase_add_test(c, lists_multiply);
    tcase_add_test(c, curve_in_a_list);
    tcase_add_test(c, targets_are_apart);
    tcase_add_test(c, batch_size_grows_as_lr_would_fall);
    tcase_add_test(c, largest_batch);
    tcase_add_test(c, batch_sizes_round);
    tcase_add_test(c, two_on_the_batch_size);
    tcase_add_loop_test(c, state_is_all_there_is, 0, 12);
    tcase_add_test(c, states_have_names);
    suite_add_tcase(suite, c);
    suite_add_tcase(suite, refusal_cases());
    suite_add_tcase(suite, reference_cases(recorded));
    suite_add_tcase(suite, property_cases());
    suite_add_tcase(suite, length_cases());
    return suite;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: test_sched reference.json\n");
        return EXIT_FAILURE;
    }
    int status = check_main(suite(argv[1]));
    reference_free();
    return status;
}
