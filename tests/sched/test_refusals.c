/* What is refused, with which words, and what looks alike but is not. */
#include "setup.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct refusal {
    const char *text[3];
    const char *message; /* from the reader or from sched_new */
    const char *key;     /* NULL: scheduler.0 */
    double momentum, decay;
    int64_t epochs, steps;
} refusals[] = {
    {.text = {"{name: cyclic, base_lr: 0.2, max_lr: 0.1}"},
     "scheduler cyclic: 'max_lr' is less than 'base_lr'"},
    {.text = {"{name: cyclic, base_lr: 0.1, max_lr: 0.2, max_momentum: 0.5}"},
     "scheduler cyclic: 'max_momentum' is less than 'base_momentum'"},
    {.text = {"{name: cyclic, max_lr: 0.2}"}, "scheduler cyclic needs 'base_lr', which is missing"},
    {.text = {"{name: one_cycle}"}, "scheduler one_cycle needs 'max_lr', which is missing"},
    {.text = {"{name: one_cycle, max_lr: 1, three_phase: true, pct_start: 0.6}"},
     "scheduler one_cycle: three phases need pct_start <= 0.5: the second is as long as the first"},
    {.text = {"{name: one_cycle, max_lr: 1, over: 3}"},
     "scheduler one_cycle: the first phase has no length: pct_start of the whole must be more than 1"},
    {.text = {"{name: one_cycle, max_lr: 1, pct_start: 0.1}"},
     "scheduler one_cycle: the first phase has no length: pct_start of the whole must be more than 1",
     .epochs = 1},
    {.text = {"{name: one_cycle, max_lr: 1, interval: epoch}"},
     "scheduler one_cycle: the first phase has no length: pct_start of the whole must be more than 1",
     .epochs = 3},
    {.text = {"{name: sequential, schedules: "
              "[cosine, {name: one_cycle, max_lr: 1, interval: epoch}], milestones: [57]}"},
     "scheduler sequential: the first phase has no length: pct_start of the whole must be more than 1"},
    {.text = {"{name: wsd, warmup: 0.5, decay: 0.6}"},
     "scheduler wsd: 'warmup' and 'decay' together are more than the whole run"},
    {.text = {"{name: cyclic, base_lr: 0.1, max_lr: 0.2}"},
     "this optimizer has no momentum to cycle: set cycle_momentum: false",
     .momentum = -1},
    {.text =
         {"{name: sequential, interval: step, schedules: [cosine, {name: one_cycle, max_lr: 1}], milestones: [9]}"},
     "this optimizer has no momentum to cycle: set cycle_momentum: false",
     .momentum = -1},
    {.text = {"{name: halving, apply_to: momentum}"},
     "this optimizer has no momentum for a schedule to move",
     .momentum = -1},
    {.text = {"{name: halving, apply_to: weight_decay}"},
     "this optimizer has no weight decay for a schedule to move",
     .decay = -1},
    {.text = {"{name: cyclic, base_lr: 0.1, max_lr: 0.2}", "{name: halving, apply_to: momentum}"},
     "only one schedule can move the momentum: set cycle_momentum: false in cyclic"},
    {.text = {"{name: one_cycle, max_lr: 1, apply_to: momentum}"},
     "only one schedule can move the momentum: set cycle_momentum: false in one_cycle"},
    {.text = {"{name: one_cycle, max_lr: 1}",
              "{name: cyclic, base_lr: 0.1, max_lr: 0.2, apply_to: weight_decay}"},
     "only one schedule can move the momentum: set cycle_momentum: false in one_cycle"},
    {.text = {"{name: reduce_on_plateau, interval: step}"},
     "a plateau is looked for after each epoch: interval must be epoch"},
    {.text = {"{name: reduce_on_plateau, apply_to: batch_size}", "{name: cosine, interval: step}"},
     "cosine depends on the run's length in steps, which reduce_on_plateau on the batch size leaves open",
     "scheduler.1"},
    {.text = {"{name: reduce_on_plateau, apply_to: batch_size}", "{name: wsd}"},
     "wsd depends on the run's length in epochs, which reduce_on_plateau on the batch size leaves open",
     "scheduler.1",
     .steps = 500},
    {.text = {"{name: reduce_on_plateau, apply_to: batch_size}",
              "{name: sequential, interval: step, schedules: [warmup, cosine], milestones: [20]}"},
     "sequential depends on the run's length in steps, which reduce_on_plateau on the batch size leaves open",
     "scheduler.1"},
    {.text = {"{name: reduce_on_plateau, apply_to: batch_size}",
              "{name: lambda, interval: step, expr: 1 - epoch / epochs}"},
     "lambda depends on the run's length in epochs, which reduce_on_plateau on the batch size leaves open",
     "scheduler.1",
     .steps = 100},
    {.text = {"{name: multiplicative, interval: step, expr: 1 - 1 / epochs}",
              "{name: reduce_on_plateau, apply_to: batch_size}"},
     "multiplicative depends on the run's length in epochs, which reduce_on_plateau on the batch size leaves open",
     .steps = 100},
    {.text = {"{name: reduce_on_plateau, apply_to: batch_size}",
              "{name: sequential, interval: step, milestones: 9, "
              "schedules: [{name: lambda, expr: 1 / epochs}, constant]}"},
     "sequential depends on the run's length in epochs, which reduce_on_plateau on the batch size leaves open",
     "scheduler.1",
     .steps = 100},
    {.text =
         {"{name: reduce_on_plateau, apply_to: batch_size}",
          "{name: sequential, milestones: 9, schedules: [constant, {name: lambda, expr: 1 / epochs}]}"},
     "sequential depends on the run's length in epochs, which reduce_on_plateau on the batch size leaves open",
     "scheduler.1",
     .steps = 100},
    {.text = {"{name: sequential, schedules: [], milestones: []}"},
     "scheduler sequential: 'schedules' is empty"},
    {.text = {"{name: sequential, schedules: [cosine, warmup], milestones: []}"},
     "scheduler sequential: 'milestones' must be one fewer than 'schedules'"},
    {.text = {"{name: sequential, schedules: [cosine, warmup, warmup], milestones: [5, 5]}"},
     "scheduler sequential: 'milestones' must increase"},
    {.text = {"{name: sequential, schedules: [warmup, reduce_on_plateau], milestones: [5]}"},
     "scheduler sequential: a schedule that observes the run cannot be one of a sequence"},
    {.text =
         {"{name: sequential, schedules: [warmup, {name: cyclic, base_lr: 0, max_lr: 1}], milestones: [5]}"},
     "scheduler sequential: one of the schedules counts steps, the sequence epochs: give the sequence 'interval: step', "
     "or the schedule 'interval: epoch'"},
    {.text =
         {"{name: sequential, schedules: [warmup, {name: cosine, apply_to: momentum}], milestones: [5]}"},
     "scheduler sequential: 'apply_to' of one of the schedules is not the sequence's"},
    {.text = {"{name: sequential, apply_to: batch_size, schedules: "
              "[warmup, {name: cosine, max_batch_size: 9}], milestones: [5]}"},
     "scheduler sequential: 'max_batch_size' belongs to the sequence, not to one of its schedules"},
    {.text = {"cosine", "{name: halving, max_batch_size: 900}"},
     "'max_batch_size' is of a schedule with apply_to: batch_size",
     "scheduler.1.max_batch_size"},
    {.text = {"{name: halving, apply_to: batch_size, max_batch_size: 1}"},
     "'max_batch_size' is 1, less than the 100 that the batch size begins with",
     "scheduler.0.max_batch_size"},
};

/* What the reader or sched_new says; "" where both accept. */
static const char *said_of(const struct refusal *r)
{
    static char said[4096];
    struct setup s = {0};
    struct sched_base base = plain_base();
    struct chosen entry[3];
    struct error err = {0};
    base.momentum = r->momentum < 0 ? (double)NAN : base.momentum;
    base.decay = r->decay < 0 ? (double)NAN : base.decay;
    base.epochs = r->epochs > 0 ? r->epochs : base.epochs;
    base.steps = r->steps > 0 ? r->steps : base.steps;
    arena_init(&s.arena);
    diags_init(&s.diags, &s.arena);
    bool ok = true;
    for (s.entries.v = entry; ok && s.entries.n < 3 && r->text[s.entries.n]; s.entries.n += ok)
        ok = kind_parse(&s.arena, &sched_registry, r->text[s.entries.n], &s.diags,
                        &entry[s.entries.n]);
    if (ok)
        s.sched = sched_new(&s.entries, &base, &err);
    ck_assert_msg(!ok || s.sched || strcmp(err.key, r->key ? r->key : "scheduler.0") == 0,
                  "the culprit is '%s'", err.key);
    snprintf(said, sizeof said, "%s", ok ? err.message : s.diags.item[0].message);
    tear_down(&s);
    return said;
}

START_TEST(refused)
{
    const struct refusal *r = &refusals[_i];
    const char *said = said_of(r);
    ck_assert_msg(strcmp(said, r->message) == 0, "%s: it says '%s', not '%s'", r->text[0], said,
                  r->message);
}
END_TEST

static const struct refusal accepted[] = {
    {.text = {"{name: cyclic, base_lr: 0.1, max_lr: 0.2, cycle_momentum: false}"}, .momentum = -1},
    {.text = {"{name: cyclic, base_lr: 0.1, max_lr: 0.2}",
              "{name: one_cycle, max_lr: 1, cycle_momentum: false}"},
     ""},
    {.text = {"{name: reduce_on_plateau, apply_to: batch_size}", "cosine"}, ""},
    {.text = {"{name: reduce_on_plateau, apply_to: batch_size}", "{name: cosine, interval: step}"},
     .steps = 500},
    {.text = {"{name: reduce_on_plateau, apply_to: batch_size}",
              "{name: cosine, interval: step, over: 300}"},
     ""},
    /* `epochs` is the piece's length, and in a run given in epochs the run's */
    {.text =
         {"{name: reduce_on_plateau, apply_to: batch_size}",
          "{name: sequential, milestones: 9, schedules: [{name: lambda, expr: 1 / epochs}, constant]}"},
     .steps = 100},
    {.text = {"{name: reduce_on_plateau, apply_to: batch_size}",
              "{name: lambda, interval: step, expr: 1 - epoch / epochs}"},
     ""},
    {.text = {"{name: sequential, interval: step, schedules: "
              "[{name: cosine, interval: step}, {name: cyclic, base_lr: 0, max_lr: 1}], "
              "milestones: [5]}"},
     ""},
    {.text = {"{name: sequential, apply_to: batch_size, schedules: "
              "[cosine, {name: step, every: 3, apply_to: batch_size}], "
              "milestones: [5]}"},
     ""},
    {.text = {"{name: sequential, schedules: {name: cosine}, milestones: []}"}, ""},
    /* a piece behind the run's end */
    {.text =
         {"{name: sequential, schedules: [cosine, {name: one_cycle, max_lr: 1, interval: epoch}], milestones: [90]}"},
     ""},
};

START_TEST(not_refused)
{
    const struct refusal *r = &accepted[_i];
    const char *said = said_of(r);
    ck_assert_msg(said[0] == '\0', "%s: refused with '%s'", r->text[0], said);
}
END_TEST

/* Sequences within sequences end where the reader's depth does; before that they all work. */
static void nested(char *ret, size_t size, int depth)
{
    size_t n = 0;
    for (int i = 0; i < depth; i++)
        n += (size_t)snprintf(ret + n, size - n, "{name: sequential, milestones: [], schedules: [");
    n += (size_t)snprintf(ret + n, size - n, "halving");
    for (int i = 0; i < depth; i++)
        n += (size_t)snprintf(ret + n, size - n, "]}");
}

START_TEST(nesting)
{
    char text[4096];
    struct setup s;
    struct sched_base base = plain_base();
    nested(text, sizeof text, 15);
    set_up(&s, &base, text);
    ck_assert(sched_settings(s.sched, 3, 30).lr == 0.05 / 8);
    tear_down(&s);
    nested(text, sizeof text, 40);
    const struct refusal r = {.text = {text}};
    ck_assert_str_ne(said_of(&r), "");
}
END_TEST

/* ---- what sched_check says of the values ahead ---- */

/* 100 images a batch of 1000, lr 0.05, momentum 0.9, six epochs, unless said otherwise; batch
 * norm. */
static const struct ahead {
    const char *text[2];
    const char *message; /* NULL: nothing is wrong */
    const char *key;     /* NULL: scheduler.0 */
    int64_t images, batch, steps;
    bool keep_last, zero_lr, without_norm;
} aheads[] = {
    /* the batch size falls to 1, or leaves one image over */
    {.text = {"{name: exponential, gamma: 2, apply_to: batch_size}"},
     "at update 156, in epoch 6, the batch size is 1: batch norm cannot train on a batch of one image",
     .images = 160,
     .batch = 32},
    {.text = {"{name: exponential, gamma: 2, apply_to: batch_size}"},
     NULL,
     .images = 160,
     .batch = 32,
     .without_norm = true},
    {.text = {"{name: exponential, gamma: 2, apply_to: batch_size}"},
     NULL,
     .images = 160,
     .batch = 32,
     .steps = 155},
    {.text = {"{name: multistep, milestones: [2, 4], gamma: 0.32, apply_to: batch_size}"},
     "at update 24, in epoch 3, the batch size is 100, which leaves one of the 301 images for the epoch's last batch: "
     "batch norm cannot train on a batch of one image; set 'drop_last: true'",
     .images = 301,
     .batch = 32,
     .keep_last = true},
    {.text = {"{name: multistep, milestones: [2, 4], gamma: 0.32, apply_to: batch_size}"},
     NULL,
     .images = 301,
     .batch = 32},
    {.text = {"{name: constant, factor: 0.5, apply_to: batch_size}"},
     NULL,
     .images = 300,
     .batch = 1},
    /* larger than the training set */
    {.text = {"{name: warmup, apply_to: batch_size}"},
     "in epoch 1 the batch size is 500, larger than the training set of 300, so that 'drop_last' leaves no "
     "update: set train.drop_last=false, or a smaller batch",
     .images = 300,
     .batch = 500},
    /* a plateau: each size it may come to, and none that the run is too short for */
    {.text = {"{name: reduce_on_plateau, factor: 0.32, patience: 0, apply_to: batch_size}"},
     "from epoch 2 on the batch size may be 100, which leaves a batch of one image: batch norm cannot train on it; set "
     "'drop_last: true'",
     .images = 301,
     .batch = 32,
     .keep_last = true},
    {.text = {"{name: reduce_on_plateau, factor: 0.32, patience: 5, apply_to: batch_size}"},
     NULL,
     .images = 301,
     .batch = 32,
     .keep_last = true},
    {.text = {"{name: reduce_on_plateau, factor: 0.32, apply_to: batch_size}",
              "{name: warmup, apply_to: batch_size}"},
     "a plateau and another schedule on the batch size may leave one image for an epoch's last batch, on which batch norm "
     "cannot train; set 'drop_last: true'",
     .keep_last = true},
    {.text = {"{name: reduce_on_plateau, factor: 0.32, apply_to: batch_size}",
              "{name: exponential, gamma: 2, apply_to: batch_size}"},
     "a plateau and another schedule on the batch size may bring it to 1: batch norm cannot train on a batch of one image",
     .batch = 8},
    {.text = {"{name: reduce_on_plateau, factor: 0.32, apply_to: batch_size}",
              "{name: warmup, apply_to: batch_size}"},
     NULL},
    /* together out of range, each by itself within */
    {.text = {"{name: lambda, expr: '1.1', apply_to: momentum}",
              "{name: lambda, expr: '1.05', apply_to: momentum}"},
     "the schedulers of the momentum together: at update 1, in epoch 1, the value is 1.0395; it must be finite, not "
     "negative and below 1",
     "scheduler.1"},
    {.text = {"{name: lambda, expr: '10 ** (60 * t)', interval: step}",
              "{name: lambda, expr: '10 ** (60 * t)', interval: step}"},
     "the schedulers of the lr together: at update 4, in epoch 1, the value is inf; it must be finite and not negative",
     "scheduler.1"},
    {.text = {"{name: lambda, expr: '1.05', apply_to: momentum}", "halving"}, NULL},
    /* factors of nothing */
    {.text = {"{name: one_cycle, max_lr: 0.1}", "warmup"},
     "scheduler one_cycle gives 0.004 in epoch 1, but warmup is a factor of the optimizer's own lr, which is 0: together "
     "they would give 0 for ever; set the optimizer's lr above 0",
     "scheduler.1",
     .zero_lr = true},
    {.text = {"warmup", "{name: cyclic, base_lr: 0.1, max_lr: 0.2}"},
     "scheduler cyclic gives 0.1 in epoch 1, but warmup is a factor of the optimizer's own lr, which is 0: together they "
     "would give 0 for ever; set the optimizer's lr above 0",
     "scheduler.1",
     .zero_lr = true},
    {.text = {"{name: one_cycle, max_lr: 0.1}"}, NULL, .zero_lr = true},
    {.text = {"warmup", "cosine"}, NULL, .zero_lr = true},
};

START_TEST(values_ahead)
{
    const struct ahead *x = &aheads[_i];
    struct sched_base base = plain_base();
    struct setup s;
    struct error err = {0};
    base.epochs = 6;
    base.lone_fails = !x->without_norm;
    base.drop_last = !x->keep_last;
    base.lr = x->zero_lr ? 0 : base.lr;
    base.train_size = x->images > 0 ? x->images : base.train_size;
    base.batch_size = x->batch > 0 ? x->batch : base.batch_size;
    base.steps = x->steps > 0 ? x->steps : base.steps;
    set_up_list(&s, &base, x->text[1] ? 2 : 1, x->text);
    bool ok = sched_check(s.sched, &err);
    ck_assert_msg(ok == !x->message && (ok || strcmp(err.message, x->message) == 0), "%s: %s",
                  x->text[0], ok ? "not refused" : err.message);
    if (!ok)
        ck_assert_str_eq(err.key, x->key ? x->key : "scheduler.0");
    tear_down(&s);
}
END_TEST

/* ---- what sched_check_next says during a run ---- */

/* 210 images, batches of 32, 30 updates; the plateau cuts after each epoch, so that there are more of
 * them than were played. */
static const struct within {
    const char *text[2];
    const char *message; /* NULL: nothing is wrong */
    double factor;
    int64_t batch, epochs;
} withins[] = {
    {{"{name: lambda, expr: 1 - epoch / 6}"},
     "update 15, in epoch 8, cannot be made: scheduler lambda: at t = 7 the value is "
     "-0.00833333333; it must be finite and not negative",
     .factor = 0.5},
    {{"{name: lambda, expr: sqrt(6 - epoch)}"},
     "update 15, in epoch 8, cannot be made: scheduler lambda: at t = 7 the value is nan; it must "
     "be finite and not negative",
     .factor = 0.5},
    {{"{name: lambda, apply_to: momentum, expr: 1 + epoch / 50}"},
     "update 14, in epoch 7, cannot be made: scheduler lambda: at t = 6 the value is 1.008; it must "
     "be finite, not negative and below 1",
     .factor = 0.5},
    {{"{name: lambda, interval: step, expr: 1 + step - 6 * epoch}"},
     "update 10, in epoch 3, cannot be made: scheduler lambda: at t = 9, in epoch 3, the value is "
     "-0.1; it must be finite and not negative",
     .factor = 0.5,
     .epochs = 6},
    {{"{name: lambda, expr: 3.2 - 0.5 * epoch}", "{name: lambda, expr: 3.2 - 0.5 * epoch}"},
     "update 15, in epoch 8, cannot be made: scheduler lambda: at t = 7 the value is -0.015; it must "
     "be finite and not negative",
     .factor = 0.5},
    {{"{name: lambda, apply_to: batch_size, expr: 'if(epoch == 3 and step == 17, 64, 1)'}"},
     "update 18, in epoch 4, cannot be made: at update 18, in epoch 4, the batch size is 1: batch "
     "norm cannot train on a batch of one image",
     .factor = 0.9},
    {{"{name: lambda, apply_to: batch_size, expr: '8'}"},
     "update 12, in epoch 4, cannot be made: in epoch 4 the batch size is 225, larger than the "
     "training set of 210, so that 'drop_last' leaves no update: set train.drop_last=false, or a "
     "smaller batch",
     .factor = 0.5,
     .batch = 225},
    {{"constant"}, NULL, .factor = 0.5},
};

static double worst(void *context, const char *name)
{
    (void)context, (void)name;
    return (double)INFINITY;
}

/* Plays the run as training does, the plateau cutting. */
static bool play_checked(struct sched *s, const struct sched_base *base, struct error *err)
{
    int64_t epoch = 0, step = 0;
    for (; base->steps != PARAM_NULL_INT ? step < base->steps : epoch < base->epochs; epoch++) {
        for (int64_t cursor = 0; base->steps == PARAM_NULL_INT || step < base->steps; step++) {
            if (!sched_check_next(s, &(struct sched_position){epoch, step, cursor}, err))
                return false;
            int64_t batch = sched_settings(s, epoch, step).batch_size,
                    left = base->train_size - cursor;
            if (left < batch)
                break;
            cursor += batch;
        }
        sched_observe(s, worst, NULL);
    }
    return true;
}

START_TEST(values_reached)
{
    const struct within *x = &withins[_i];
    struct sched_base base = plain_base();
    struct setup s;
    struct error err = {0};
    char plateau[100], said[1000];
    snprintf(plateau, sizeof plateau,
             "{name: reduce_on_plateau, apply_to: batch_size, patience: 0, factor: %g}", x->factor);
    const char *text[] = {plateau, x->text[0], x->text[1]};
    base.train_size = 210;
    base.batch_size = x->batch ? x->batch : 32;
    base.epochs = x->epochs ? x->epochs : PARAM_NULL_INT;
    base.steps = x->epochs ? PARAM_NULL_INT : 30;
    base.lone_fails = true;
    set_up_list(&s, &base, x->text[1] ? 3 : 2, text);
    ck_assert_msg(sched_check(s.sched, &err), "%s", err.message);
    bool ok = play_checked(s.sched, &base, &err);
    snprintf(
        said, sizeof said,
        "%s; that the run would come here was not known before: reduce_on_plateau on the batch "
        "size decides it",
        x->message);
    ck_assert_msg(ok == !x->message && (ok || strcmp(err.message, said) == 0), "%s: %s", x->text[0],
                  ok ? "not refused" : err.message);
    if (!ok)
        ck_assert_str_eq(err.key, strstr(text[1], "batch_size") ? "scheduler.0" : "scheduler.1");
    ck_assert(ok || err.code == ERR_USAGE);
    tear_down(&s);
}
END_TEST

TCase *refusal_cases(void)
{
    TCase *c = tcase_create("refusals");
    tcase_add_loop_test(c, values_ahead, 0, (int)(sizeof aheads / sizeof *aheads));
    tcase_add_loop_test(c, refused, 0, (int)(sizeof refusals / sizeof refusals[0]));
    tcase_add_loop_test(c, not_refused, 0, (int)(sizeof accepted / sizeof accepted[0]));
    tcase_add_test(c, nesting);
    tcase_add_loop_test(c, values_reached, 0, (int)(sizeof withins / sizeof *withins));
    return c;
}
