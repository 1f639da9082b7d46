/* All schedules of a run together: factors multiply, batch sizes round, and what they cannot take falls on lr. */
#include "sched/sched.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

struct entry {
    const struct sched_kind *kind;
    const void *options;
    const struct sched_common *common;
    double state[SCHED_MAX_STATE];
    size_t states;
    double T;
};

struct sched {
    struct sched_base base;
    struct entry *entry;
    size_t n;
    double epochs;       /* of the whole run, for expressions */
    int64_t total_steps;
    char (*name)[32];    /* of all observers' states */
    double **state;
    size_t states;
};

static double base_of(const struct sched *s, enum sched_target target)
{
    const double v[SCHED_TARGETS] = {s->base.lr, (double)s->base.batch_size, s->base.momentum, s->base.decay};
    return v[target];
}

static struct sched_time time_of(const struct sched *s, const struct entry *e, int64_t epoch, int64_t step)
{
    return (struct sched_time){
        .t = e->common->interval == SCHED_STEP ? (double)step : (double)epoch,
        .T = e->T,
        .epoch = (double)epoch,
        .step = (double)step,
        .epochs = s->epochs,
    };
}

/* The first entry's value as it is, so that a lone schedule rounds nowhere; the others as factors upon it. */
static double value_of(const struct sched *s, enum sched_target target, int64_t epoch, int64_t step)
{
    double b = base_of(s, target), value = b;
    bool first = true;
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entry[i];
        if ((enum sched_target)e->common->apply_to != target)
            continue;
        struct sched_time now = time_of(s, e, epoch, step);
        double v = e->kind->value(e->options, &now, b, e->states ? e->state : NULL);
        value = first ? v : b > 0 ? value * (v / b) : 0;
        first = false;
    }
    return value;
}

static int64_t largest_batch(const struct sched *s)
{
    int64_t most = s->base.train_size;
    for (size_t i = 0; i < s->n; i++) {
        const struct sched_common *c = s->entry[i].common;
        if (c->apply_to == SCHED_BATCH_SIZE && c->max_batch_size != PARAM_NULL_INT && c->max_batch_size < most)
            most = c->max_batch_size;
    }
    return most > s->base.batch_size ? most : s->base.batch_size;
}

/* The factor of a schedule on the batch size is inverted; ret_left: what the largest batch could not take. */
static int64_t batch_of(const struct sched *s, int64_t epoch, int64_t step, double *ret_left)
{
    double b = (double)s->base.batch_size, v = value_of(s, SCHED_BATCH_SIZE, epoch, step);
    double most = (double)largest_batch(s), wanted = v > 0 ? b * (b / v) : (double)INFINITY;
    *ret_left = 1;
    if (wanted > most) {
        *ret_left = most / wanted;
        return (int64_t)most;
    }
    return wanted < 1 ? 1 : (int64_t)floor(wanted + 0.5);
}

static double momentum_of(const struct sched *s, int64_t epoch, int64_t step)
{
    double v = value_of(s, SCHED_MOMENTUM, epoch, step);
    for (size_t i = 0; i < s->n; i++) {
        const struct entry *e = &s->entry[i];
        struct sched_time now = time_of(s, e, epoch, step);
        double own = e->kind->momentum ? e->kind->momentum(e->options, &now) : (double)NAN;
        if (!isnan(own))
            v = own;
    }
    return v;
}

struct sched_now sched_at(const struct sched *s, int64_t epoch, int64_t step)
{
    struct sched_now now = {.lr = value_of(s, SCHED_LR, epoch, step),
                            .momentum = momentum_of(s, epoch, step),
                            .decay = value_of(s, SCHED_WEIGHT_DECAY, epoch, step),
                            .batch_size = s->base.batch_size};
    double left;
    bool moves = false;
    for (size_t i = 0; i < s->n; i++)
        moves |= s->entry[i].common->apply_to == SCHED_BATCH_SIZE;
    if (moves) {
        now.batch_size = batch_of(s, epoch, step, &left);
        now.lr *= left;
    }
    return now;
}

/* ---- the run's length ---- */

static int64_t updates_of_epoch(const struct sched *s, int64_t epoch, int64_t step)
{
    int64_t cursor = 0, updates = 0, n = s->base.train_size;
    while (cursor < n) {
        int64_t b = sched_at(s, epoch, step + updates).batch_size, taken = 0;
        for (int64_t i = 0; i < s->base.accumulate && cursor < n; i++) {
            if (n - cursor < b && s->base.drop_last)
                break;
            int64_t m = n - cursor < b ? n - cursor : b;
            cursor += m;
            taken += m;
        }
        if (taken == 0)
            break;
        updates++;
    }
    return updates;
}

static bool batch_moves(const struct sched *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->entry[i].common->apply_to == SCHED_BATCH_SIZE)
            return true;
    return false;
}

static void set_lengths(struct sched *s)
{
    for (size_t i = 0; i < s->n; i++)
        s->entry[i].T = s->entry[i].common->interval == SCHED_STEP ? (double)s->total_steps : s->epochs;
}

/* Plays the batch sizes through; without a schedule on them every epoch is like the first. */
static void find_length(struct sched *s)
{
    int64_t first = updates_of_epoch(s, 0, 0), limit = s->base.steps;
    if (first == 0)
        first = 1;
    if (limit != PARAM_NULL_INT) {
        s->total_steps = limit;
        s->epochs = ceil((double)limit / (double)first);
    } else {
        s->epochs = (double)s->base.epochs;
        s->total_steps = first * s->base.epochs;
    }
    set_lengths(s);
    if (!batch_moves(s))
        return;
    int64_t epoch = 0, step = 0;
    for (; limit != PARAM_NULL_INT ? step < limit : epoch < s->base.epochs; epoch++) {
        int64_t n = updates_of_epoch(s, epoch, step);
        step += n > 0 ? n : 1;
    }
    s->epochs = (double)epoch;
    s->total_steps = limit != PARAM_NULL_INT ? limit : step;
    set_lengths(s);
}

/* ---- set-up ---- */

static bool check_entry(struct sched *s, size_t i, const char **ret_key, struct error *err)
{
    const struct entry *e = &s->entry[i];
    struct sched_time now = time_of(s, e, 0, 0);
    *ret_key = "scheduler";
    if (e->common->apply_to == SCHED_MOMENTUM && !(s->base.momentum > 0))
        return error_set(err, ERR_USAGE, "this optimizer has no momentum for a schedule to move");
    if (e->common->apply_to == SCHED_WEIGHT_DECAY && isnan(s->base.decay))
        return error_set(err, ERR_USAGE, "this optimizer has no weight decay for a schedule to move");
    if (e->kind->observe && e->common->interval != SCHED_EPOCH)
        return error_set(err, ERR_USAGE, "a plateau is looked for after each epoch: interval must be epoch");
    if (e->kind->momentum && !isnan(e->kind->momentum(e->options, &now)) && !(s->base.momentum > 0))
        return error_set(err, ERR_USAGE, "this optimizer has no momentum to cycle: set cycle_momentum: false");
    return true;
}

static void plan_states(struct sched *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += s->entry[i].states;
    s->name = mem_array(n, sizeof *s->name);
    s->state = mem_array(n, sizeof *s->state);
    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < s->entry[i].states; j++) {
            snprintf(s->name[s->states], sizeof *s->name, "%zu.%s", i, s->entry[i].kind->state_names[j]);
            s->state[s->states++] = &s->entry[i].state[j];
        }
}

struct sched *sched_new(const struct chosen_list *entries, const struct sched_base *base, const char **ret_key,
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
    for (size_t i = 0; i < s->n; i++)
        if (!check_entry(s, i, ret_key, err)) {
            sched_free(s);
            return NULL;
        }
    for (size_t i = 0; i < s->n; i++)
        if (s->entry[i].kind->start)
            s->entry[i].kind->start(s->entry[i].options, base_of(s, (enum sched_target)s->entry[i].common->apply_to),
                                    s->entry[i].state);
    plan_states(s);
    find_length(s);
    return s;
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

void sched_observe(struct sched *s, double (*metric)(void *context, const char *name), void *context)
{
    for (size_t i = 0; i < s->n; i++) {
        struct entry *e = &s->entry[i];
        if (e->kind->observe)
            e->kind->observe(e->options, metric(context, e->kind->monitor(e->options)),
                             base_of(s, (enum sched_target)e->common->apply_to), e->state);
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
