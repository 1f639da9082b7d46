/* The run's length where the batch size moves: what sched_total_steps and the schedules take for it
 * is what comes about. */
#include "setup.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Epochs and updates of a run that asks before every update, as training does. */
static void simulate(const struct sched *s, const struct sched_base *base, int64_t *ret_epochs,
                     int64_t *ret_steps)
{
    int64_t epoch = 0, step = 0;
    bool by_steps = base->steps != PARAM_NULL_INT;
    for (; by_steps ? step < base->steps : epoch < base->epochs; epoch++)
        for (int64_t images = 0; !by_steps || step < base->steps;) {
            int64_t batch = sched_settings(s, epoch, step).batch_size, before = images;
            for (int64_t i = 0; i < base->accumulate; i++) {
                int64_t left = base->train_size - images;
                images += left >= batch ? batch : base->drop_last ? 0 : left;
            }
            if (images == before)
                break;
            step++;
        }
    *ret_epochs = epoch;
    *ret_steps = step;
}

static void check_length(const struct sched_base *base, const char *text, int64_t epochs,
                         int64_t steps)
{
    struct setup s;
    int64_t real_epochs, real_steps;
    set_up(&s, base, text);
    simulate(s.sched, base, &real_epochs, &real_steps);
    ck_assert_msg(sched_total_steps(s.sched) == real_steps,
                  "%s: %lld updates expected, %lld came about", text,
                  (long long)sched_total_steps(s.sched), (long long)real_steps);
    ck_assert_msg((epochs < 0 || real_epochs == epochs) && (steps < 0 || real_steps == steps),
                  "%s: %lld epochs and %lld updates", text, (long long)real_epochs,
                  (long long)real_steps);
    tear_down(&s);
}

START_TEST(constant_batch_size)
{
    struct sched_base base = plain_base();
    base.train_size = 1050;
    base.epochs = 3;
    check_length(&base, "{name: constant}", 3, 30);
    base.drop_last = false;
    check_length(&base, "{name: constant}", 3, 33);
    base.accumulate = 4; /* 11 minibatches: 4 + 4 + 3 */
    check_length(&base, "{name: constant}", 3, 9);
    base.steps = 8;
    check_length(&base, "{name: constant}", 3, 8);
}
END_TEST

START_TEST(growing_batch_size)
{
    struct sched_base base = plain_base();
    base.epochs = 4; /* batches of 100, 200, 400, 800 */
    check_length(&base, "{name: halving, apply_to: batch_size}", 4, 10 + 5 + 2 + 1);
    base.drop_last = false;
    check_length(&base, "{name: halving, apply_to: batch_size}", 4, 10 + 5 + 3 + 2);
    base.accumulate = 2; /* 5 pairs; 2 pairs and a single; 400 + 400, 200; 800 + 200 */
    check_length(&base, "{name: halving, apply_to: batch_size}", 4, 5 + 3 + 2 + 1);
    base = plain_base();
    base.epochs = 4; /* 100, 200, 250, 250 */
    check_length(&base, "{name: halving, apply_to: batch_size, max_batch_size: 250}", 4,
                 10 + 5 + 4 + 4);
    base.steps = 17; /* 10 in the first epoch, 5 in the second, 2 in the third */
    check_length(&base, "{name: halving, apply_to: batch_size}", 3, 17);
}
END_TEST

/* A guess of how many images there are refuses no length that depends on it, and plays nothing. */
START_TEST(guessed_size)
{
    static const struct {
        const char *text;
        int64_t epochs, steps, batch;
    } v[] = {
        {"{name: one_cycle, max_lr: 1, interval: epoch, cycle_momentum: false}", PARAM_NULL_INT,
         300, 20},
        {"{name: one_cycle, max_lr: 1, cycle_momentum: false}", 3, PARAM_NULL_INT, 54000},
        {"{name: cosine, apply_to: batch_size, interval: step, min: 0.05}", 500, PARAM_NULL_INT, 1},
        {"{name: constant, factor: 0.5, apply_to: batch_size}", 100000, PARAM_NULL_INT, 1}};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct setup s;
        struct error err;
        struct sched_base base = plain_base();
        base.train_size = 54000;
        base.guessed = true;
        base.epochs = v[i].epochs;
        base.steps = v[i].steps;
        base.batch_size = v[i].batch;
        set_up(&s, &base, v[i].text);
        ck_assert_msg(sched_check(s.sched, &err), "%s", v[i].text);
        tear_down(&s);
    }
}
END_TEST

/* The lecture's `epoch // 30`, and what else is 0 to the end of a run. */
START_TEST(rates_of_nothing)
{
    static const struct {
        const char *text, *message; /* NULL: it moves */
        int64_t epochs;
        double lr;
    } v[] = {
        {"{name: lambda, expr: epoch // 30}",
         "scheduler lambda gives an lr of 0 at every update of this run: the weights will not move; "
         "they would begin to move in epoch 31",
         30, 1},
        {"{name: lambda, expr: epoch // 30}", NULL, 31, 1},
        {"{name: lambda, expr: step >= 25, interval: step}",
         "scheduler lambda gives an lr of 0 at every update of this run: the weights will not move; "
         "they would begin to move in epoch 3",
         2, 1},
        {"{name: lambda, expr: 0 * t}",
         "scheduler lambda gives an lr of 0 at every update of this run: the weights will not move",
         4, 1},
        {"{name: lambda, expr: 0 * t, apply_to: weight_decay}", NULL, 4, 1},
        {"{name: lambda, expr: 0 * t}", NULL, 4, 0}};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        struct setup s;
        struct error err;
        struct sched_base base = plain_base();
        base.epochs = v[i].epochs;
        base.lr = v[i].lr;
        set_up(&s, &base, v[i].text);
        ck_assert(sched_check(s.sched, &err));
        ck_assert_msg(sched_stands_still(s.sched, &err) == (v[i].message != NULL), "%s", v[i].text);
        if (v[i].message)
            ck_assert_str_eq(err.message, v[i].message);
        tear_down(&s);
    }
}
END_TEST

/* Within an epoch: 100 for three updates (300 images), 200 for three (900); 400 no longer fits. */
START_TEST(batch_size_within_an_epoch)
{
    struct sched_base base = plain_base();
    base.epochs = 1;
    check_length(&base, "{name: halving, every: 3, interval: step, apply_to: batch_size}", 1, 6);
    base.drop_last = false;
    check_length(&base, "{name: halving, every: 3, interval: step, apply_to: batch_size}", 1, 7);
}
END_TEST

/* The batch size that a cosine over T must give, and the last one of the run. */
static int64_t batch_of_cosine(double t, double T)
{
    double factor = 0.1 + 0.9 * (1 + cos(3.14159265358979323846 * t / T)) / 2;
    return (int64_t)floor(100 / factor + 0.5);
}

/* A cosine over the whole run's steps decides how many there are: it must be drawn over just as
 * many as come about. */
START_TEST(length_that_decides_itself)
{
    const char *text = "{name: cosine, min: 0.005, interval: step, apply_to: batch_size}";
    struct setup s;
    struct sched_base base = plain_base();
    int64_t epochs, steps;
    base.train_size = 20000;
    base.epochs = 12;
    set_up(&s, &base, text);
    simulate(s.sched, &base, &epochs, &steps);
    ck_assert_int_eq(sched_total_steps(s.sched), steps);
    ck_assert_int_lt(steps, 12 * 200);
    ck_assert_int_gt(steps, 12 * 20);
    for (int64_t step = 0; step < steps; step++)
        ck_assert_int_eq(sched_settings(s.sched, 0, step).batch_size,
                         batch_of_cosine((double)step, (double)steps));
    tear_down(&s);
}
END_TEST

/* The same of epochs, in a run given in steps. */
START_TEST(epochs_that_decide_themselves)
{
    struct setup s;
    struct sched_base base = plain_base();
    int64_t epochs, steps;
    base.train_size = 20000;
    base.steps = 1500;
    set_up(&s, &base, "{name: cosine, min: 0.005, apply_to: batch_size}");
    simulate(s.sched, &base, &epochs, &steps);
    ck_assert_int_eq(sched_total_steps(s.sched), 1500);
    ck_assert_int_gt(epochs, 8);
    for (int64_t epoch = 0; epoch < epochs; epoch++)
        ck_assert_int_eq(sched_settings(s.sched, epoch, 0).batch_size,
                         batch_of_cosine((double)epoch, (double)epochs));
    tear_down(&s);
}
END_TEST

/* A schedule of lr in steps sees the length that the one of the batch size brings about: 18
 * updates, and 0 after them. */
START_TEST(other_schedules_see_the_length)
{
    const char *text[] = {"{name: halving, apply_to: batch_size}",
                          "{name: cosine, interval: step}"};
    struct setup s;
    struct sched_base base = plain_base();
    base.epochs = 4;
    set_up_list(&s, &base, 2, text);
    for (int64_t step = 0; step <= 18; step++)
        ck_assert_double_eq_tol(sched_settings(s.sched, 0, step).lr,
                                0.05 * (1 + cos(3.14159265358979323846 * (double)step / 18)) / 2,
                                1e-16);
    tear_down(&s);
}
END_TEST

/* Whether the run is as long as its schedules count on; else it is warned of. */
static bool agrees(const struct sched_base *base, const char *text, struct error *err)
{
    struct setup s;
    int64_t epochs, steps;
    set_up(&s, base, text);
    bool ok = sched_check(s.sched, err) && !sched_lacks_length(s.sched, err);
    if (ok) {
        simulate(s.sched, base, &epochs, &steps);
        ck_assert_msg(sched_total_epochs(s.sched) == epochs && sched_total_steps(s.sched) == steps,
                      "%s counts on %lld epochs and %lld updates; there are %lld and %lld", text,
                      (long long)sched_total_epochs(s.sched), (long long)sched_total_steps(s.sched),
                      (long long)epochs, (long long)steps);
    }
    tear_down(&s);
    return ok;
}

static const char *const of_whole_runs[] = {
    "{name: cosine, apply_to: batch_size, min: 0.005", "{name: wsd, apply_to: batch_size",
    "{name: lambda, apply_to: batch_size, expr: 1 - 0.9 * t / T",
    "{name: lambda, apply_to: batch_size, expr: 0.2 + 0.8 * t / T",
    "{name: sequential, apply_to: batch_size, schedules: [halving, cosine], milestones: [2]"};
enum { WHOLE_RUNS = sizeof of_whole_runs / sizeof of_whole_runs[0] };

/* No schedules count on another length than the run has without a word; and what that word says would
 * do does. */
START_TEST(no_length_is_a_guess)
{
    char text[200];
    snprintf(text, sizeof text, "%s}", of_whole_runs[_i]);
    for (int64_t steps = 20; steps < 120; steps++) {
        struct sched_base base = plain_base();
        struct error err = {0}, again;
        long long below, above;
        base.train_size = 210;
        base.batch_size = 32;
        base.epochs = PARAM_NULL_INT;
        base.steps = steps;
        if (agrees(&base, text, &err))
            continue;
        const char *advice = strstr(err.message, "take train.steps=");
        ck_assert_msg(advice, "%s", err.message);
        ck_assert_int_eq(
            sscanf(advice, "take train.steps=%lld or train.steps=%lld", &below, &above), 2);
        ck_assert(below < steps && steps < above);
        base.steps = below;
        ck_assert_msg(agrees(&base, text, &again), "%lld of %s", below, err.message);
        base.steps = above;
        ck_assert_msg(agrees(&base, text, &again), "%lld of %s", above, err.message);
        base.steps = steps;
        snprintf(text, sizeof text, "%s, interval: step}", of_whole_runs[_i]);
        ck_assert_msg(agrees(&base, text, &again), "%s", text);
        snprintf(text, sizeof text, "%s}", of_whole_runs[_i]);
    }
}
END_TEST

/* The same of runs given in epochs. */
START_TEST(no_number_of_updates_is_a_guess)
{
    char text[200];
    snprintf(text, sizeof text, "%s, interval: step}", of_whole_runs[_i]);
    for (int64_t epochs = 2; epochs < 40; epochs++) {
        struct sched_base base = plain_base();
        struct error err = {0}, again;
        long long steps;
        base.train_size = 210 + 7 * epochs;
        base.batch_size = 32;
        base.epochs = epochs;
        if (agrees(&base, text, &err))
            continue;
        const char *advice = strstr(err.message, "train.steps=");
        ck_assert_msg(advice, "%s", err.message);
        ck_assert_int_eq(sscanf(advice, "train.steps=%lld", &steps), 1);
        base.epochs = PARAM_NULL_INT;
        base.steps = steps;
        ck_assert_msg(agrees(&base, text, &again), "%lld of %s", steps, err.message);
    }
}
END_TEST

/* A cosine stays where its end is; a fall that counts on too few epochs falls below 0. */
START_TEST(where_no_length_fits)
{
    const char *words =
        "lambda on the batch size decides how many epochs 50 updates take, and depends on it, but "
        "no number fits: counting on 14, as it does here, they take 17, on 15 they take 14; let it "
        "count updates, which are known ('interval: step', and t and T in expressions), or take "
        "train.steps=47 or train.steps=51, which are 14 and 15 epochs";
    struct setup s;
    struct error err = {0};
    struct sched_base base = plain_base();
    base.train_size = 210;
    base.batch_size = 32;
    base.epochs = PARAM_NULL_INT;
    base.steps = 50;
    set_up(&s, &base, "{name: lambda, apply_to: batch_size, expr: 'max(1 - 0.9 * t / T, 0.1)'}");
    ck_assert_msg(sched_check(s.sched, &err), "%s", err.message);
    ck_assert(sched_lacks_length(s.sched, &err));
    ck_assert_str_eq(err.message, words);
    ck_assert_int_eq(sched_total_epochs(s.sched), 17);
    tear_down(&s);
    set_up(&s, &base, "{name: lambda, apply_to: batch_size, expr: 1 - 0.9 * t / T}");
    ck_assert(!sched_check(s.sched, &err));
    ck_assert_str_eq(err.key, "scheduler.0");
    ck_assert(strstr(err.message, "at t = 16 the value is -0.00142857143; it must be finite and "
                                  "not negative; lambda on the batch size decides"));
    tear_down(&s);
}
END_TEST

/* With a number of epochs that fits, schedules of the lr see it too: it ends above 0. */
START_TEST(others_see_the_epochs_that_fit)
{
    const char *text[] = {"{name: lambda, apply_to: batch_size, expr: 1 - 0.9 * epoch / epochs}",
                          "{name: lambda, expr: 1 - epoch / epochs}"};
    struct setup s;
    struct error err;
    struct sched_base base = plain_base();
    base.train_size = 210;
    base.batch_size = 32;
    base.epochs = PARAM_NULL_INT;
    base.steps = 51;
    set_up_list(&s, &base, 2, text);
    ck_assert_msg(sched_check(s.sched, &err), "%s", err.message);
    int64_t last = sched_total_epochs(s.sched) - 1;
    ck_assert_int_eq(last, 14);
    ck_assert_double_eq_tol(sched_settings(s.sched, last, 50).lr, 0.05 / 15, 1e-15);
    tear_down(&s);
}
END_TEST

TCase *length_cases(void)
{
    TCase *c = tcase_create("length");
    tcase_add_test(c, constant_batch_size);
    tcase_add_test(c, growing_batch_size);
    tcase_add_test(c, guessed_size);
    tcase_add_test(c, rates_of_nothing);
    tcase_add_test(c, batch_size_within_an_epoch);
    tcase_add_test(c, length_that_decides_itself);
    tcase_add_test(c, epochs_that_decide_themselves);
    tcase_add_test(c, other_schedules_see_the_length);
    tcase_add_loop_test(c, no_length_is_a_guess, 0, WHOLE_RUNS);
    tcase_add_loop_test(c, no_number_of_updates_is_a_guess, 0, WHOLE_RUNS);
    tcase_add_test(c, where_no_length_fits);
    tcase_add_test(c, others_see_the_epochs_that_fit);
    return c;
}
