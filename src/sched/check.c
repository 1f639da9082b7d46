/* The values ahead: the run played through before it begins. */
#include "sched/internal.h"
#include <math.h>

static const char *const base_keys[SCHED_TARGETS] = {"lr", "batch size", "momentum",
                                                     "weight decay"};

/* The entry on this target after the first `skip` of them, or s->n. */
static size_t entry_on(const struct sched *s, enum sched_target target, size_t skip)
{
    for (size_t i = 0; i < s->n; i++)
        if ((enum sched_target)s->entry[i].common->apply_to == target && skip-- == 0)
            return i;
    return s->n;
}

/* ---- one value ---- */

static bool is_usable(enum sched_target target, double v)
{
    return isfinite(v) && v >= 0 && (target != SCHED_MOMENTUM || v < 1);
}

static const char *limit_of(enum sched_target target)
{
    return target == SCHED_MOMENTUM ? ", not negative and below 1" : " and not negative";
}

/* Whether a NaN has a sign depends on the processor. */
static double without_sign(double v)
{
    return isnan(v) ? (double)NAN : v;
}

static bool unusable(const struct entry *e, double v, int64_t epoch, int64_t step,
                     struct error *err)
{
    const char *limit = limit_of((enum sched_target)e->common->apply_to);
    if (e->common->interval == SCHED_STEP)
        return error_set(
            err, ERR_USAGE,
            "scheduler %s: at t = %lld, in epoch %lld, the value is %.9g; it must be finite%s",
            e->kind->base.name, (long long)step, (long long)epoch + 1, without_sign(v), limit);
    return error_set(err, ERR_USAGE,
                     "scheduler %s: at t = %lld the value is %.9g; it must be finite%s",
                     e->kind->base.name, (long long)epoch, without_sign(v), limit);
}

static bool check_entry(const struct sched *s, size_t i, int64_t epoch, int64_t step,
                        struct error *err)
{
    const int64_t late = INT64_MAX / 2;
    const struct entry *e = &s->entry[i];
    enum sched_target target = (enum sched_target)e->common->apply_to;
    if (e->kind->observe || (s->base.guessed && e->common->interval == SCHED_STEP))
        return true;
    double v = sched_entry_value(s, e, epoch, step);
    if (is_usable(target, v) ||
        (s->base.guessed && is_usable(target, sched_entry_value(s, e, epoch, late))))
        return true;
    return unusable(e, v, epoch, step, err) || error_blame(err, "scheduler.%zu", i);
}

/* ---- all of a target together ---- */

/* A factor of a base value that is 0 says nothing, and all entries together are then 0. */
static bool check_factors(const struct sched *s, enum sched_target target, int64_t epoch,
                          int64_t step, struct error *err)
{
    size_t second = entry_on(s, target, 1);
    if (second == s->n || sched_base_value(s, target) > 0)
        return true;
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entry[i];
        double v = sched_entry_value(s, e, epoch, step);
        if ((enum sched_target)e->common->apply_to != target || !(v > 0))
            continue;
        size_t other = i == second ? entry_on(s, target, 0) : second;
        error_set(
            err, ERR_USAGE,
            "scheduler %s gives %.9g in epoch %lld, but %s is a factor of the optimizer's own %s, which is 0: "
            "together they would give 0 for ever; set the optimizer's %s above 0",
            e->kind->base.name, v, (long long)epoch + 1, s->entry[other].kind->base.name,
            base_keys[target], base_keys[target]);
        return error_blame(err, "scheduler.%zu", second);
    }
    return true;
}

static bool counts_steps(const struct sched *s, enum sched_target target)
{
    for (size_t i = 0; i < s->n; i++)
        if ((enum sched_target)s->entry[i].common->apply_to == target &&
            s->entry[i].common->interval == SCHED_STEP)
            return true;
    return false;
}

static bool check_target(const struct sched *s, enum sched_target target, int64_t epoch,
                         int64_t step, struct error *err)
{
    if (!check_factors(s, target, epoch, step, err))
        return false;
    struct sched_now now = sched_settings(s, epoch, step);
    const double of[SCHED_TARGETS] = {now.lr, (double)now.batch_size, now.momentum, now.decay};
    if (is_usable(target, of[target]))
        return true;
    error_set(
        err, ERR_USAGE,
        "the schedulers of the %s together: at update %lld, in epoch %lld, the value is %.9g; it must be finite%s",
        base_keys[target], (long long)step + 1, (long long)epoch + 1, without_sign(of[target]),
        limit_of(target));
    return error_blame(err, "scheduler.%zu", entry_on(s, target, 1));
}

static bool check_together(const struct sched *s, int64_t epoch, int64_t step, struct error *err)
{
    for (int i = 0; i < SCHED_TARGETS; i++) {
        enum sched_target target = (enum sched_target)i;
        if (entry_on(s, target, 1) == s->n || (s->base.guessed && counts_steps(s, target)))
            continue;
        if (!check_target(s, target, epoch, step, err))
            return false;
    }
    return true;
}

static bool check_momentum(const struct sched *s, int64_t epoch, int64_t step, struct error *err)
{
    if (!s->base.no_momentum || (s->base.guessed && counts_steps(s, SCHED_MOMENTUM)) ||
        sched_settings(s, epoch, step).momentum > 0)
        return true;
    if (!s->base.guessed)
        error_set(err, ERR_USAGE, "at update %lld, in epoch %lld, the momentum is 0, but %s",
                  (long long)step + 1, (long long)epoch + 1, s->base.no_momentum);
    else
        error_set(err, ERR_USAGE, "in epoch %lld the momentum is 0, but %s", (long long)epoch + 1,
                  s->base.no_momentum);
    size_t i = entry_on(s, SCHED_MOMENTUM, 0);
    return i == s->n ? false : error_blame(err, "scheduler.%zu", i);
}

/* ---- batches ---- */

/* An epoch that makes no update. */
static bool refuse_no_batch(const struct sched *s, int64_t epoch, int64_t step, struct error *err)
{
    return error_set(
        err, ERR_USAGE,
        "in epoch %lld the batch size is %lld, larger than the training set of %lld, so that 'drop_last' leaves no "
        "update: set train.drop_last=false, or a smaller batch",
        (long long)epoch + 1, (long long)sched_batch_size(s, epoch, step),
        (long long)s->base.train_size);
}

/* The update after `step` others has a minibatch of one image. */
static bool refuse_lone(const struct sched *s, int64_t epoch, int64_t step, struct error *err)
{
    long long batch = sched_batch_size(s, epoch, step);
    if (batch == 1)
        return error_set(
            err, ERR_USAGE,
            "at update %lld, in epoch %lld, the batch size is 1: batch norm cannot train on a batch of one image",
            (long long)step + 1, (long long)epoch + 1);
    return error_set(
        err, ERR_USAGE,
        "at update %lld, in epoch %lld, the batch size is %lld, which leaves one of the %lld images for the epoch's last "
        "batch: batch norm cannot train on a batch of one image; set 'drop_last: true'",
        (long long)step + 1, (long long)epoch + 1, batch, (long long)s->base.train_size);
}

/* Of an epoch, from this position in it. */
static bool check_batches(const struct sched *s, const struct sched_position *at,
                          const struct sched_epoch *e, struct error *err)
{
    if (s->base.lone_fails && e->lone >= 0 && at->step + e->lone < s->total_steps)
        return refuse_lone(s, at->epoch, at->step + e->lone, err);
    return e->updates > 0 || at->cursor > 0 || refuse_no_batch(s, at->epoch, at->step, err);
}

/* Of a training set of unknown size: whether the batch size itself falls to 1. */
static bool check_batch_size(const struct sched *s, int64_t epoch, struct error *err)
{
    double left;
    if (!s->base.lone_fails || !sched_moves_batch(s) || counts_steps(s, SCHED_BATCH_SIZE) ||
        sched_batch_for(s, sched_value(s, SCHED_BATCH_SIZE, epoch, 0), &left) > 1)
        return true;
    return error_set(
        err, ERR_USAGE,
        "in epoch %lld the batch size is 1: batch norm cannot train on a batch of one image",
        (long long)epoch + 1);
}

/* ---- a plateau on the batch size, whose values nobody knows beforehand ---- */

static int64_t most_epochs(const struct sched *s)
{
    return sched_by_steps(s) ? s->base.steps : s->base.epochs;
}

/* Alone it gives its own levels, each from an epoch's beginning on; where no epoch is better than
 * the last, it comes to all that it can reach. */
static bool check_levels(const struct sched *s, const struct entry *e, struct error *err)
{
    int64_t n = s->base.train_size;
    double b = sched_base_value(s, SCHED_BATCH_SIZE), left = 1, state[SCHED_MAX_STATE];
    e->kind->start(e->options, b, state);
    for (int64_t epoch = 0; epoch < most_epochs(s) && left >= 1; epoch++) {
        struct sched_time now = {.t = (double)epoch};
        int64_t batch = sched_batch_for(s, e->kind->value(e->options, &now, b, state), &left);
        if (batch == 1 || (!s->base.drop_last && n % batch == 1))
            return error_set(
                err, ERR_USAGE,
                "from epoch %lld on the batch size may be %lld, which leaves a batch of one image: batch norm cannot "
                "train on it%s",
                (long long)epoch + 1, (long long)batch, batch > 1 ? "; set 'drop_last: true'" : "");
        e->kind->observe(e->options, (double)NAN, b, state);
    }
    return true;
}

/* The largest factor that an entry comes to, whenever that is. */
static double largest_factor(const struct sched *s, const struct entry *e)
{
    int64_t epochs = most_epochs(s), end = s->total_steps > epochs ? s->total_steps : epochs;
    double b = sched_base_value(s, SCHED_BATCH_SIZE), most = 0;
    for (int64_t t = 0; t < end; t++)
        most = fmax(most, sched_entry_value(s, e, t, t) / b);
    return most;
}

/* With others, the smallest batch that they can make; what remains at an epoch's end stays open. */
static bool check_bound(const struct sched *s, struct error *err)
{
    double v = sched_base_value(s, SCHED_BATCH_SIZE), left;
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entry[i];
        if (e->common->apply_to == SCHED_BATCH_SIZE && !e->kind->observe)
            v *= largest_factor(s, e);
    }
    if (!s->base.drop_last)
        return error_set(
            err, ERR_USAGE,
            "a plateau and another schedule on the batch size may leave one image for an epoch's last batch, on which "
            "batch norm cannot train; set 'drop_last: true'");
    return sched_batch_for(s, v, &left) > 1 ||
           error_set(err, ERR_USAGE,
                     "a plateau and another schedule on the batch size may bring it to 1: batch "
                     "norm cannot train on a batch of one image");
}

static bool check_plateau(const struct sched *s, struct error *err)
{
    size_t i = sched_plateau_on_batch(s);
    if (i == s->n || !s->base.lone_fails)
        return true;
    bool ok = entry_on(s, SCHED_BATCH_SIZE, 1) < s->n ? check_bound(s, err)
                                                      : check_levels(s, &s->entry[i], err);
    return ok || error_blame(err, "scheduler.%zu", i);
}

/* ---- values that are 0 at every update ---- */

/* No schedule moves the lr itself: batches without end make it 0. */
static bool blame_no_rate(const struct sched *s, struct error *err)
{
    if (entry_on(s, SCHED_LR, 0) < s->n)
        return true; /* sched_stands_still says so */
    error_set(err, ERR_USAGE,
              "the schedules of the batch size ask for one without end, so that the lr is 0 at "
              "every update: nothing would be trained");
    return error_blame(err, "scheduler.%zu", entry_on(s, SCHED_BATCH_SIZE, 0));
}

/* Of a run without weight decay, and schedules of it that have never moved it from there. */
static bool blame_no_decay(const struct sched *s, struct error *err)
{
    size_t i = entry_on(s, SCHED_WEIGHT_DECAY, 0);
    error_set(err, ERR_USAGE,
              "scheduler %s has no effect on a weight decay of 0: set the optimizer's weight_decay "
              "above 0, or leave the scheduler out",
              s->entry[i].kind->base.name);
    return error_blame(err, "scheduler.%zu", i);
}

/* ---- the run ---- */

static bool check_update(const struct sched *s, int64_t epoch, int64_t step, struct error *err)
{
    for (size_t i = 0; i < s->n; i++)
        if (!check_entry(s, i, epoch, step, err))
            return false;
    return check_together(s, epoch, step, err) && check_momentum(s, epoch, step, err);
}

static bool check_batch(const struct sched *s, const struct sched_position *at, struct error *err)
{
    if (!sched_moves_batch(s))
        return true;
    int64_t batch = sched_batch_size(s, at->epoch, at->step);
    struct sched_update u = sched_play_update(s, batch, at->cursor);
    bool ok = u.lone && s->base.lone_fails       ? refuse_lone(s, at->epoch, at->step, err)
              : u.images == 0 && at->cursor == 0 ? refuse_no_batch(s, at->epoch, at->step, err)
                                                 : true;
    return ok || error_blame(err, "scheduler.%zu", entry_on(s, SCHED_BATCH_SIZE, 0));
}

bool sched_check_next(const struct sched *s, const struct sched_position *at, struct error *err)
{
    if (check_update(s, at->epoch, at->step, err) && check_batch(s, at, err))
        return true;
    const struct error why = *err;
    size_t i = sched_plateau_on_batch(s);
    return error_set_key(err, why.code, why.key,
                         "update %lld, in epoch %lld, cannot be made: %s%s%s%s",
                         (long long)at->step + 1, (long long)at->epoch + 1, why.message,
                         i < s->n ? "; that the run would come here was not known before: " : "",
                         i < s->n ? s->entry[i].kind->base.name : "",
                         i < s->n ? " on the batch size decides it" : "");
}

enum { MOST = 10000000 }; /* updates, or epochs: what lies further ahead is not looked at */

/* Whether some update has a rate, and a weight decay, where it should. */
struct seen {
    bool trains, decays;
};

static struct seen seen_before(const struct sched *s, const struct sched_position *from)
{
    bool later = from->step > 0; /* what came before is not known here */
    return (struct seen){.trains = later || s->base.guessed || !(s->base.lr > 0) || s->n == 0,
                         .decays = later || s->base.decay > 0 ||
                                   entry_on(s, SCHED_WEIGHT_DECAY, 0) == s->n ||
                                   (s->base.guessed && counts_steps(s, SCHED_WEIGHT_DECAY))};
}

static bool check_updates(const struct sched *s, const struct sched_position *at, int64_t updates,
                          struct seen *seen, struct error *err)
{
    int64_t most = updates > 0 ? updates : 1;
    if (sched_by_steps(s) && s->base.steps - at->step < most)
        most = s->base.steps - at->step;
    for (int64_t k = 0; k < most; k++) {
        if (!check_update(s, at->epoch, at->step + k, err))
            return false;
        if (seen->trains && seen->decays)
            continue;
        struct sched_now now = sched_settings(s, at->epoch, at->step + k);
        seen->trains = seen->trains || now.lr > 0;
        seen->decays = seen->decays || now.decay > 0;
    }
    return true;
}

bool sched_check(const struct sched *s, struct error *err)
{
    return sched_check_ahead(s, &(struct sched_position){0}, err);
}

static bool check_run(const struct sched *s, const struct sched_position *from, struct error *err)
{
    struct sched_position at = *from;
    struct sched_epoch e = {.lone = -1};
    struct seen seen = seen_before(s, from);
    bool moves = sched_moves_batch(s), guessed = s->base.guessed;
    if (guessed && sched_by_steps(s))
        return true;
    if (!guessed && !check_plateau(s, err))
        return false;
    for (; !sched_is_over(s, &at) && at.epoch < MOST && at.step < MOST; at.epoch++, at.cursor = 0) {
        if (!guessed && (moves || at.epoch <= from->epoch + 1)) /* else as the one before */
            e = sched_play_epoch(s, at.epoch, at.step, at.cursor);
        if (!check_updates(s, &at, e.updates, &seen, err))
            return false;
        if (moves &&
            !(guessed ? check_batch_size(s, at.epoch, err) : check_batches(s, &at, &e, err)))
            return error_blame(err, "scheduler.%zu", entry_on(s, SCHED_BATCH_SIZE, 0));
        at.step += e.updates;
    }
    if (at.epoch == MOST || at.step >= MOST)
        return true;
    return seen.trains ? seen.decays || blame_no_decay(s, err) : blame_no_rate(s, err);
}

bool sched_check_ahead(const struct sched *s, const struct sched_position *from, struct error *err)
{
    if (check_run(s, from, err))
        return true;
    const struct error why = *err;
    return s->unfit.code == ERR_NONE
               ? false
               : error_set_key(err, why.code, why.key, "%s; %s", why.message, s->unfit.message);
}

/* The first update whose lr is above 0, of those before `end`, and its 0-based epoch; -1: none. */
static int64_t first_rate(const struct sched *s, int64_t end, int64_t *ret_epoch)
{
    for (int64_t step = 0, epoch = 0; step < end && epoch < end; epoch++) {
        int64_t n = sched_epoch_updates(s, epoch, step);
        for (int64_t k = 0; k < n && step < end; k++, step++)
            if (sched_settings(s, epoch, step).lr > 0) {
                *ret_epoch = epoch;
                return step;
            }
    }
    return -1;
}

bool sched_stands_still(const struct sched *s, struct error *why)
{
    enum { BEYOND = 100000 }; /* updates behind the run's end that are looked at */
    int64_t epoch;
    size_t first = entry_on(s, SCHED_LR, 0);
    bool alone = entry_on(s, SCHED_LR, 1) == s->n && entry_on(s, SCHED_BATCH_SIZE, 0) == s->n;
    if (first == s->n || !(s->base.lr > 0))
        return false;
    bool known = s->total_steps <= MOST;
    int64_t step = first_rate(s, known ? s->total_steps + BEYOND : MOST, &epoch);
    if (step < 0 ? !known : step < s->total_steps)
        return false;
    error_set(why, ERR_USAGE,
              "%s%s %s an lr of 0 at every update of this run: the weights will not move",
              alone ? "scheduler " : "",
              alone ? s->entry[first].kind->base.name : "the schedulers together",
              alone ? "gives" : "give");
    if (step >= 0)
        error_set(why, ERR_USAGE, "%s; they would begin to move in epoch %lld", why->message,
                  (long long)epoch + 1);
    return true;
}
