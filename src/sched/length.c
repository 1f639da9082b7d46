/* How long the run is: of epochs and updates the spec gives the one, and the other comes about, which
 * the schedules of the batch size may count on while they decide it. */
#include "sched/internal.h"

/* A run given in epochs has its updates to be counted, one given in updates its epochs. */
bool sched_by_steps(const struct sched *s)
{
    return s->base.steps != PARAM_NULL_INT;
}

bool sched_needs_open_length(const struct sched *s, const struct entry *e)
{
    enum sched_interval open = sched_by_steps(s) ? SCHED_EPOCH : SCHED_STEP;
    unsigned needs = e->kind->needs_length ? e->kind->needs_length(e->options) : 0;
    return ((needs & SCHED_NEEDS_T) && e->common->interval == (int)open) ||
           ((needs & SCHED_NEEDS_EPOCHS) && open == SCHED_EPOCH);
}

/* ---- playing ---- */

struct sched_update sched_play_update(const struct sched *s, int64_t batch, int64_t cursor)
{
    int64_t n = s->base.train_size;
    struct sched_update ret = {0};
    for (int64_t i = 0; i < s->base.accumulate && cursor + ret.images < n; i++) {
        int64_t left = n - cursor - ret.images;
        if (left < batch && s->base.drop_last)
            break;
        int64_t m = left < batch ? left : batch;
        ret.lone |= m == 1;
        ret.images += m;
    }
    return ret;
}

struct sched_epoch sched_play_epoch(const struct sched *s, int64_t epoch, int64_t step,
                                    int64_t cursor)
{
    struct sched_epoch ret = {.lone = -1};
    bool moves = sched_moves_batch(s);
    for (;;) {
        int64_t batch = moves ? sched_batch_size(s, epoch, step + ret.updates) : s->base.batch_size;
        struct sched_update u = sched_play_update(s, batch, cursor);
        if (u.images == 0)
            return ret;
        if (u.lone && ret.lone < 0)
            ret.lone = ret.updates;
        cursor += u.images;
        ret.updates++;
    }
}

int64_t sched_epoch_updates(const struct sched *s, int64_t epoch, int64_t step)
{
    return sched_play_epoch(s, epoch, step, 0).updates;
}

/* ---- the length that comes about ---- */

static void set_length(struct sched *s, int64_t unknown)
{
    s->total_steps = sched_by_steps(s) ? s->base.steps : unknown;
    s->total_epochs = s->epochs = sched_by_steps(s) ? unknown : s->base.epochs;
    for (size_t i = 0; i < s->n; i++)
        s->entry[i].T =
            (double)(s->entry[i].common->interval == SCHED_STEP ? s->total_steps : s->epochs);
}

/* Playing the schedules through takes a moment for each update; beyond so many they are refused. */
static const int64_t most_played = 10000000;

/* An epoch that makes no update is refused where it is checked; here it must end too. */
static void play_epoch(const struct sched *s, struct sched_position *at)
{
    int64_t n = sched_play_epoch(s, at->epoch, at->step, at->cursor).updates;
    at->step += n > 0 || at->cursor > 0 ? n : 1;
    at->epoch++;
    at->cursor = 0;
}

bool sched_is_over(const struct sched *s, const struct sched_position *at)
{
    return at->cursor == 0 &&
           (sched_by_steps(s) ? at->step >= s->base.steps : at->epoch >= s->base.epochs);
}

/* The length that comes about if the schedules count on `guess`; some number beyond most_played
 * where it has more updates than that. */
static int64_t play(struct sched *s, int64_t guess)
{
    struct sched_position at = s->base.from;
    set_length(s, guess);
    while (!sched_is_over(s, &at) && at.step <= most_played)
        play_epoch(s, &at);
    return sched_by_steps(s) ? at.epoch : at.step;
}

/* A guess of which at least as much comes about, while of one more less than that does. A batch size
 * that grows over the whole run brings about more updates where it counts on more, but fewer of
 * them than it counts on: then the two are equal. Several guesses may be like this; it is always
 * the same one that is found. */
static int64_t search_length(struct sched *s, int64_t low, int64_t high)
{
    while (play(s, high) >= high) {
        low = high;
        high *= 2;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (play(s, middle) >= middle)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* ---- where no length agrees with itself ---- */

/* Updates in the first `epochs` epochs of a run whose schedules count on that many. */
static int64_t updates_within(struct sched *s, int64_t epochs)
{
    struct sched_position at = s->base.from;
    set_length(s, epochs);
    while (at.epoch < epochs)
        play_epoch(s, &at);
    return at.step;
}

/* The entry on the batch size that depends on the length that it decides. */
static size_t culprit(const struct sched *s)
{
    size_t i = 0;
    while (i + 1 < s->n && !(s->entry[i].common->apply_to == SCHED_BATCH_SIZE &&
                             sched_needs_open_length(s, &s->entry[i])))
        i++;
    return i;
}

/* low: as search_length found it, which the schedules count on. */
static void note_epochs_unfit(struct sched *s, int64_t low)
{
    size_t i = culprit(s);
    int64_t less = play(s, low + 1), below = updates_within(s, low),
            above = updates_within(s, low + 1), more = play(s, low);
    error_set(&s->unfit, ERR_USAGE,
              "%s on the batch size decides how many epochs %lld updates take, and depends on it, "
              "but no number fits: counting on %lld, as it does here, they take %lld, on %lld they "
              "take %lld; let it count updates, which are known ('interval: step', and t and T in "
              "expressions), or take train.steps=%lld or train.steps=%lld, which are %lld and %lld "
              "epochs",
              s->entry[i].kind->base.name, (long long)s->base.steps, (long long)low,
              (long long)more, (long long)low + 1, (long long)less, (long long)below,
              (long long)above, (long long)low, (long long)low + 1);
}

static void note_steps_unfit(struct sched *s, int64_t low)
{
    size_t i = culprit(s);
    int64_t less = play(s, low + 1), more = play(s, low);
    error_set(&s->unfit, ERR_USAGE,
              "%s on the batch size decides how many updates %lld epochs make, and depends on it, "
              "but no number fits: counting on %lld, as it does here, they make %lld, on %lld they "
              "make %lld; let it count epochs, which are known ('interval: epoch'), or give the "
              "run's length as train.epochs=null train.steps=%lld",
              s->entry[i].kind->base.name, (long long)s->base.epochs, (long long)low,
              (long long)more, (long long)low + 1, (long long)less, (long long)low);
}

/* ---- the whole ---- */

/* Exact where the batch size stays as it is. */
static int64_t first_guess(const struct sched *s)
{
    int64_t each = sched_moves_batch(s) ? s->base.train_size / s->base.batch_size
                                        : sched_epoch_updates(s, 0, 0);
    each = each > 0 ? each : 1;
    return sched_by_steps(s) ? (s->base.steps + each - 1) / each : s->base.epochs * each;
}

static bool is_too_long(const struct sched *s, int64_t found, struct error *err)
{
    if (found <= most_played && (!sched_by_steps(s) || s->base.steps <= most_played))
        return false;
    error_set(err, ERR_USAGE,
              "a schedule of the batch size is for runs of at most %lld updates; this one has more",
              (long long)most_played);
    return true;
}

bool sched_find_length(struct sched *s, struct error *err)
{
    int64_t guess = first_guess(s);
    s->unfit.code = ERR_NONE;
    set_length(s, guess);
    if (!sched_moves_batch(s) || s->base.guessed)
        return true;
    if (is_too_long(s, 0, err))
        return false;
    guess = play(s, guess);
    if (is_too_long(s, guess, err))
        return false;
    int64_t found = play(s, guess);
    if (found != guess) {
        guess = search_length(s, 1, guess);
        found = play(s, guess);
    }
    if (is_too_long(s, found, err))
        return false;
    if (found != guess)
        (sched_by_steps(s) ? note_epochs_unfit : note_steps_unfit)(s, guess);
    *(sched_by_steps(s) ? &s->total_epochs : &s->total_steps) = found;
    return true;
}

bool sched_lacks_length(const struct sched *s, struct error *why)
{
    *why = s->unfit;
    return s->unfit.code != ERR_NONE;
}

int64_t sched_total_steps(const struct sched *s)
{
    return s->total_steps;
}

int64_t sched_total_epochs(const struct sched *s)
{
    return s->total_epochs;
}
