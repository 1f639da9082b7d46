/* All schedules of a run together: factors multiply, batch sizes round, and what they cannot take
 * falls on lr. */
#include "sched/internal.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A schedule of the batch size is drawn as one of lr, so that bounds given as learning rates mean
 * the same in both. */
double sched_base_value(const struct sched *s, enum sched_target target)
{
    double lr = s->base.lr;
    const double v[SCHED_TARGETS] = {lr, lr > 0 ? lr : 1, s->base.momentum, s->base.decay};
    return v[target];
}

static struct sched_time time_of(const struct sched *s, const struct entry *e, int64_t epoch,
                                 int64_t step)
{
    return (struct sched_time){
        .t = e->common->interval == SCHED_STEP ? (double)step : (double)epoch,
        .T = e->T,
        .epoch = (double)epoch,
        .step = (double)step,
        .epochs = s->epochs,
    };
}

double sched_entry_value(const struct sched *s, const struct entry *e, int64_t epoch, int64_t step)
{
    struct sched_time now = time_of(s, e, epoch, step);
    double b = sched_base_value(s, (enum sched_target)e->common->apply_to);
    return e->kind->value(e->options, &now, b, e->states ? e->state : NULL);
}

/* The first entry's value as it is, so that a lone schedule rounds nowhere; the others as factors
 * upon it. */
double sched_value(const struct sched *s, enum sched_target target, int64_t epoch, int64_t step)
{
    double b = sched_base_value(s, target), value = b;
    bool first = true;
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entry[i];
        if ((enum sched_target)e->common->apply_to != target)
            continue;
        double v = sched_entry_value(s, e, epoch, step);
        value = first ? v : b > 0 ? value * (v / b) : 0;
        first = false;
    }
    return value;
}

int64_t sched_largest_batch(const struct sched *s)
{
    int64_t most = s->base.train_size;
    for (size_t i = 0; i < s->n; i++) {
        const struct sched_common *c = s->entry[i].common;
        if (c->apply_to == SCHED_BATCH_SIZE && c->max_batch_size != PARAM_NULL_INT &&
            c->max_batch_size < most)
            most = c->max_batch_size;
    }
    return most > s->base.batch_size ? most : s->base.batch_size;
}

/* The factor of a schedule on the batch size is inverted; ret_left: what the largest batch could
 * not take. A half that the factor's own rounding missed still counts as one, so that the size does
 * not depend on lr. */
int64_t sched_batch_for(const struct sched *s, double v, double *ret_left)
{
    const double slack = 1 + 1e-12;
    double most = (double)sched_largest_batch(s);
    double wanted = v > 0 ? (double)s->base.batch_size * (sched_base_value(s, SCHED_BATCH_SIZE) / v)
                          : (double)INFINITY;
    *ret_left = 1;
    if (wanted > most * slack) {
        *ret_left = most / wanted;
        return (int64_t)most;
    }
    return wanted < 1 ? 1 : (int64_t)floor(wanted * slack + 0.5);
}

static int64_t batch_of(const struct sched *s, int64_t epoch, int64_t step, double *ret_left)
{
    return sched_batch_for(s, sched_value(s, SCHED_BATCH_SIZE, epoch, step), ret_left);
}

static bool moves_momentum(const struct entry *e)
{
    return e->kind->moves_momentum && e->kind->moves_momentum(e->options);
}

/* One entry at most moves the momentum itself, and then no other does (check_momentum). */
static double momentum_of(const struct sched *s, int64_t epoch, int64_t step)
{
    double v = sched_value(s, SCHED_MOMENTUM, epoch, step);
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entry[i];
        if (!moves_momentum(e))
            continue;
        struct sched_time now = time_of(s, e, epoch, step);
        double own = e->kind->momentum(e->options, &now);
        if (!isnan(own))
            v = own;
    }
    return v;
}

bool sched_moves(const struct sched *s, enum sched_target target)
{
    for (size_t i = 0; i < s->n; i++)
        if ((enum sched_target)s->entry[i].common->apply_to == target)
            return true;
    return false;
}

bool sched_moves_batch(const struct sched *s)
{
    return sched_moves(s, SCHED_BATCH_SIZE);
}

struct sched_now sched_settings(const struct sched *s, int64_t epoch, int64_t step)
{
    struct sched_now now = {.lr = sched_value(s, SCHED_LR, epoch, step),
                            .momentum = momentum_of(s, epoch, step),
                            .decay = sched_value(s, SCHED_WEIGHT_DECAY, epoch, step),
                            .batch_size = s->base.batch_size};
    if (sched_moves_batch(s)) {
        double left;
        now.batch_size = batch_of(s, epoch, step, &left);
        now.lr *= left;
    }
    return now;
}

/* ---- the run's length ---- */

struct sched_epoch sched_play_epoch(const struct sched *s, int64_t epoch, int64_t step)
{
    int64_t cursor = 0, n = s->base.train_size;
    bool moves = sched_moves_batch(s);
    struct sched_epoch ret = {.lone = -1};
    double left;
    while (cursor < n) {
        int64_t b = moves ? batch_of(s, epoch, step + ret.updates, &left) : s->base.batch_size,
                taken = 0;
        for (int64_t i = 0; i < s->base.accumulate && cursor < n; i++) {
            if (n - cursor < b && s->base.drop_last)
                break;
            int64_t m = n - cursor < b ? n - cursor : b;
            if (m == 1 && ret.lone < 0)
                ret.lone = ret.updates;
            cursor += m;
            taken += m;
        }
        if (taken == 0)
            break;
        ret.updates++;
    }
    return ret;
}

int64_t sched_epoch_updates(const struct sched *s, int64_t epoch, int64_t step)
{
    return sched_play_epoch(s, epoch, step).updates;
}

/* A run given in epochs has its steps to be counted, one given in steps its epochs. */
bool sched_by_steps(const struct sched *s)
{
    return s->base.steps != PARAM_NULL_INT;
}

static void set_length(struct sched *s, int64_t unknown)
{
    s->total_steps = sched_by_steps(s) ? s->base.steps : unknown;
    s->epochs = (double)(sched_by_steps(s) ? unknown : s->base.epochs);
    for (size_t i = 0; i < s->n; i++)
        s->entry[i].T =
            s->entry[i].common->interval == SCHED_STEP ? (double)s->total_steps : s->epochs;
}

/* Playing the schedules through takes a moment for each update; beyond so many they are refused. */
static const int64_t most_played = 10000000;

/* The length that comes about if the schedules of the batch size take `guess` for it; some number
 * beyond most_played where it has more updates than that. */
static int64_t play(struct sched *s, int64_t guess)
{
    int64_t epoch = 0, step = 0;
    set_length(s, guess);
    for (; sched_by_steps(s) ? step < s->base.steps : epoch < s->base.epochs && step <= most_played;
         epoch++) {
        int64_t n = sched_epoch_updates(s, epoch, step);
        step += n > 0 ? n : 1;
    }
    return sched_by_steps(s) ? epoch : step;
}

/* The largest guess that is not more than what comes about: a batch size that follows the whole
 * run's length (a cosine over its steps) decides that length, and a longer guess makes for a slower
 * change. */
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

/* Without a schedule on the batch size every epoch is like the first; else it is played through. */
static bool find_length(struct sched *s, struct error *err)
{
    int64_t first =
        s->base.train_size / s->base.batch_size; /* as a guess; counted below where it counts */
    if (!sched_moves_batch(s))
        first = sched_epoch_updates(s, 0, 0);
    first = first > 0 ? first : 1;
    int64_t guess =
        sched_by_steps(s) ? (s->base.steps + first - 1) / first : s->base.epochs * first;
    if (!sched_moves_batch(s) || s->base.guessed) {
        set_length(s, guess);
        return true;
    }
    guess = sched_by_steps(s) && s->base.steps > most_played ? s->base.steps : play(s, guess);
    if (guess <= most_played) {
        int64_t found = play(s, guess);
        if (found != guess)
            found = play(s, search_length(s, 1, guess));
        s->total_steps = sched_by_steps(s) ? s->base.steps : found;
    }
    return (guess <= most_played && s->total_steps <= most_played) ||
           error_set(
               err, ERR_USAGE,
               "a schedule of the batch size is for runs of at most %lld updates; this one has more",
               (long long)most_played);
}

/* ---- set-up ---- */

static bool check_momentum(const struct sched *s, size_t i, struct error *err)
{
    if (!moves_momentum(&s->entry[i]))
        return true;
    if (!(s->base.momentum > 0))
        return error_set(err, ERR_USAGE,
                         "this optimizer has no momentum to cycle: set cycle_momentum: false");
    for (size_t j = 0; j < s->n; j++)
        if (s->entry[j].common->apply_to == SCHED_MOMENTUM ||
            (j != i && moves_momentum(&s->entry[j])))
            return error_set(
                err, ERR_USAGE,
                "only one schedule can move the momentum: set cycle_momentum: false in %s",
                s->entry[i].kind->base.name);
    return true;
}

/* A plateau on the batch size leaves the run's other length open until it is over. */
static bool check_open_length(const struct sched *s, const struct entry *e, struct error *err)
{
    bool open = e->common->interval == (sched_by_steps(s) ? SCHED_EPOCH : SCHED_STEP);
    if (!open || !e->kind->needs_length || !e->kind->needs_length(e->options))
        return true;
    for (size_t j = 0; j < s->n; j++)
        if (s->entry[j].kind->observe && s->entry[j].common->apply_to == SCHED_BATCH_SIZE)
            return error_set(
                err, ERR_USAGE,
                "%s depends on the run's length in %s, which %s on the batch size leaves open",
                e->kind->base.name, sched_by_steps(s) ? "epochs" : "steps",
                s->entry[j].kind->base.name);
    return true;
}

static bool check_limit(const struct sched *s, const struct entry *e, struct error *err)
{
    if (e->common->max_batch_size != PARAM_NULL_INT && e->common->apply_to != SCHED_BATCH_SIZE)
        return error_set(err, ERR_USAGE,
                         "'max_batch_size' is of a schedule with apply_to: batch_size");
    if (e->common->max_batch_size != PARAM_NULL_INT &&
        e->common->max_batch_size < s->base.batch_size)
        return error_set(
            err, ERR_USAGE,
            "'max_batch_size' is %lld, less than the %lld that the batch size begins with",
            (long long)e->common->max_batch_size, (long long)s->base.batch_size);
    return true;
}

static bool check_entry(const struct sched *s, size_t i, struct error *err)
{
    const struct entry *e = &s->entry[i];
    if (!check_limit(s, e, err))
        return error_blame(err, "scheduler.%zu.max_batch_size", i);
    if (e->common->apply_to == SCHED_MOMENTUM && !(s->base.momentum > 0))
        return error_set(err, ERR_USAGE, "this optimizer has no momentum for a schedule to move");
    if (e->common->apply_to == SCHED_WEIGHT_DECAY && isnan(s->base.decay))
        return error_set(err, ERR_USAGE,
                         "this optimizer has no weight decay for a schedule to move");
    if (e->kind->observe && e->common->interval != SCHED_EPOCH)
        return error_set(err, ERR_USAGE,
                         "a plateau is looked for after each epoch: interval must be epoch");
    return check_momentum(s, i, err) && check_open_length(s, e, err);
}

static bool check_lengths(const struct sched *s, struct error *err)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entry[i];
        bool open = s->base.guessed && (e->common->interval == SCHED_STEP) != sched_by_steps(s);
        const char *wrong =
            e->kind->check_length && !open ? e->kind->check_length(e->options, e->T) : NULL;
        if (wrong) {
            error_set(err, ERR_USAGE, "scheduler %s: %s", e->kind->base.name, wrong);
            return error_blame(err, "scheduler.%zu", i);
        }
    }
    return true;
}

/* ---- memory ---- */

static void plan_states(struct sched *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += s->entry[i].states;
    s->name = mem_array(n, sizeof *s->name);
    s->state = mem_array(n, sizeof *s->state);
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->entry[i].states; j++) {
            snprintf(s->name[s->states], sizeof *s->name, "%zu.%s", i,
                     s->entry[i].kind->state_names[j]);
            s->state[s->states++] = &s->entry[i].state[j];
        }
}

struct sched *sched_new(const struct chosen_list *entries, const struct sched_base *base,
                        struct error *err)
{
    struct sched *s = mem_new(sizeof *s);
    s->base = *base;
    s->n = entries->n;
    s->entry = mem_array(s->n, sizeof *s->entry);
    for (size_t i = 0; i < s->n; i++) {
        struct entry *e = &s->entry[i];
        e->kind = (const struct sched_kind *)entries->v[i].kind;
        e->options = e->common = entries->v[i].options;
        while (e->kind->state_names[e->states])
            e->states++;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < s->n; i++)
        ok = check_entry(s, i, err) || error_blame(err, "scheduler.%zu", i);
    for (size_t i = 0; ok && i < s->n; i++)
        if (s->entry[i].kind->start)
            s->entry[i].kind->start(
                s->entry[i].options,
                sched_base_value(s, (enum sched_target)s->entry[i].common->apply_to),
                s->entry[i].state);
    if (ok) {
        plan_states(s);
        ok = find_length(s, err) && check_lengths(s, err);
    }
    if (ok)
        return s;
    error_blame(err, "scheduler");
    sched_free(s);
    return NULL;
}

void sched_free(struct sched *s)
{
    if (!s)
        return;
    mem_free(s->entry);
    mem_free(s->name);
    mem_free(s->state);
    mem_free(s);
}

/* ---- observing ---- */

void sched_observe(struct sched *s, double (*metric)(void *context, const char *name),
                   void *context)
{
    for (size_t i = 0; i < s->n; i++) {
        struct entry *e = &s->entry[i];
        if (e->kind->observe)
            e->kind->observe(e->options, metric(context, e->kind->monitor(e->options)),
                             sched_base_value(s, (enum sched_target)e->common->apply_to), e->state);
    }
}

bool sched_observes(const struct sched *s)
{
    return s->states > 0;
}

int64_t sched_total_steps(const struct sched *s)
{
    return s->total_steps;
}

size_t sched_state_count(const struct sched *s)
{
    return s->states;
}

double *sched_state(struct sched *s, size_t i, const char **ret_name)
{
    *ret_name = s->name[i];
    return s->state[i];
}

double sched_replaced_lr(const struct chosen_list *entries, size_t *ret_entry)
{
    for (size_t i = 0; i < entries->n; i++) {
        const struct chosen *c = &entries->v[i];
        const struct sched_common *common = c->options;
        for (const struct param *p = c->kind->params; p && p->name; p++)
            if (strcmp(p->name, "max_lr") == 0 && common->apply_to == SCHED_LR) {
                *ret_entry = i;
                return *(const double *)(const void *)((const char *)c->options + p->offset);
            }
    }
    return (double)NAN;
}
