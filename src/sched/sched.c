/* The schedules of a run, put together and checked against its optimizer and its length. */
#include "sched/internal.h"
#include "util/mem.h"
#include <math.h>
#include <stdio.h>

static bool check_momentum(const struct sched *s, size_t i, struct error *err)
{
    if (!sched_entry_moves_momentum(&s->entry[i]))
        return true;
    if (!(s->base.momentum > 0))
        return error_set(err, ERR_USAGE,
                         "this optimizer has no momentum to cycle: set cycle_momentum: false");
    for (size_t j = 0; j < s->n; j++)
        if (s->entry[j].common->apply_to == SCHED_MOMENTUM ||
            (j != i && sched_entry_moves_momentum(&s->entry[j])))
            return error_set(
                err, ERR_USAGE,
                "only one schedule can move the momentum: set cycle_momentum: false in %s",
                s->entry[i].kind->base.name);
    return true;
}

/* A plateau on the batch size leaves the run's other length open until it is over. */
static bool check_open_length(const struct sched *s, const struct entry *e, struct error *err)
{
    size_t plateau = sched_plateau_on_batch(s);
    if (plateau == s->n || !sched_needs_open_length(s, e))
        return true;
    return error_set(err, ERR_USAGE,
                     "%s depends on the run's length in %s, which %s on the batch size leaves open",
                     e->kind->base.name, sched_by_steps(s) ? "epochs" : "steps",
                     s->entry[plateau].kind->base.name);
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
        ok = sched_find_length(s, err) && check_lengths(s, err);
    }
    if (ok)
        return s;
    error_blame(err, "scheduler");
    sched_free(s);
    return NULL;
}

bool sched_lengthen(struct sched *s, const struct sched_position *from, struct error *err)
{
    s->base.from = *from;
    return sched_find_length(s, err) && check_lengths(s, err);
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

size_t sched_state_count(const struct sched *s)
{
    return s->states;
}

double *sched_state(struct sched *s, size_t i, const char **ret_name)
{
    *ret_name = s->name[i];
    return s->state[i];
}

struct sched_peak sched_peak(const struct chosen_list *entries)
{
    for (size_t i = 0; i < entries->n; i++) {
        const struct chosen *c = &entries->v[i];
        const struct sched_kind *kind = (const struct sched_kind *)c->kind;
        const struct sched_common *common = c->options;
        if (!kind->peak || common->apply_to != SCHED_LR)
            continue;
        const struct param *row = kind_param(&sched_registry, c->kind, kind->peak);
        const char *options = c->options;
        return (struct sched_peak){.key = kind->peak,
                                   .entry = i,
                                   .lr = *(const double *)(const void *)(options + row->offset)};
    }
    return (struct sched_peak){0};
}
