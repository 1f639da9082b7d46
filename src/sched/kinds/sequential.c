/* One schedule after another, each with its own time from 0. */
#include "sched/sched.h"
#include <math.h>

struct sequential {
    struct sched_common common;
    struct chosen_list schedules;
    struct ints milestones;
};

static const struct sched_kind *kind_of(const struct chosen *piece)
{
    return (const struct sched_kind *)piece->kind;
}

/* What a piece says of the common keys is the sequence's, or nothing (the keys' common defaults,
 * which a resolved spec writes into every piece). */
static const char *check_entry(const void *options, const struct chosen *piece,
                               const char **ret_key)
{
    const struct sched_common *outer = options, *c = piece->options;
    *ret_key = "name";
    if (kind_of(piece)->observe)
        return "a schedule that observes the run cannot be one of a sequence";
    *ret_key = "interval";
    if (c->interval != SCHED_EPOCH && c->interval != outer->interval)
        return "one of the schedules counts steps, the sequence epochs: give the sequence 'interval: step', or the "
               "schedule 'interval: epoch'";
    *ret_key = "apply_to";
    if (c->apply_to != SCHED_LR && c->apply_to != outer->apply_to)
        return "'apply_to' of one of the schedules is not the sequence's";
    *ret_key = "max_batch_size";
    if (c->max_batch_size != PARAM_NULL_INT && c->max_batch_size != outer->max_batch_size)
        return "'max_batch_size' belongs to the sequence, not to one of its schedules";
    return NULL;
}

static const char *check(const void *options, const char **ret_key)
{
    const struct sequential *o = options;
    *ret_key = "schedules";
    if (o->schedules.n == 0)
        return "'schedules' is empty";
    *ret_key = "milestones";
    if (o->milestones.n + 1 != o->schedules.n)
        return "'milestones' must be one fewer than 'schedules'";
    for (size_t i = 1; i < o->milestones.n; i++)
        if (o->milestones.v[i] <= o->milestones.v[i - 1])
            return "'milestones' must increase";
    return NULL;
}

static double start_of(const struct sequential *o, size_t i)
{
    return i > 0 ? (double)o->milestones.v[i - 1] : 0;
}

/* Length of piece i in a run of T; the last one's is what is left. */
static double length_of(const struct sequential *o, size_t i, double T)
{
    return (i < o->milestones.n ? (double)o->milestones.v[i] : fmax(T, start_of(o, i))) -
           start_of(o, i);
}

/* The piece in force, and its own time; the clock that the sequence counts by starts again with
 * it. */
static const struct chosen *piece_at(const struct sequential *o, const struct sched_time *now,
                                     struct sched_time *ret)
{
    size_t i = 0;
    while (i < o->milestones.n && (double)o->milestones.v[i] <= now->t)
        i++;
    *ret = *now;
    ret->t -= start_of(o, i);
    ret->T = length_of(o, i, now->T);
    if (o->common.interval == SCHED_EPOCH) {
        ret->epoch = ret->t;
        ret->epochs = ret->T;
    } else {
        ret->step = ret->t;
    }
    return &o->schedules.v[i];
}

static double value(const void *options, const struct sched_time *now, double b,
                    const double *state)
{
    (void)state;
    struct sched_time own;
    const struct chosen *piece = piece_at(options, now, &own);
    return kind_of(piece)->value(piece->options, &own, b, NULL);
}

static double momentum(const void *options, const struct sched_time *now)
{
    struct sched_time own;
    const struct chosen *piece = piece_at(options, now, &own);
    return kind_of(piece)->momentum ? kind_of(piece)->momentum(piece->options, &own) : (double)NAN;
}

static bool moves_momentum(const void *options)
{
    const struct sequential *o = options;
    for (size_t i = 0; i < o->schedules.n; i++) {
        const struct chosen *piece = &o->schedules.v[i];
        if (kind_of(piece)->moves_momentum && kind_of(piece)->moves_momentum(piece->options))
            return true;
    }
    return false;
}

/* Pieces but the last have a length of their own; `epochs` is the piece's where the sequence counts
 * epochs, else the run's in all of them. */
static unsigned needs_length(const void *options)
{
    const struct sequential *o = options;
    unsigned all = 0, last = 0;
    for (size_t i = 0; i < o->schedules.n; i++) {
        const struct chosen *piece = &o->schedules.v[i];
        last = kind_of(piece)->needs_length ? kind_of(piece)->needs_length(piece->options) : 0;
        all |= last;
    }
    if (o->common.interval == SCHED_EPOCH)
        return last ? SCHED_NEEDS_T : 0;
    return (last & SCHED_NEEDS_T) | (all & SCHED_NEEDS_EPOCHS);
}

/* A piece that the run does not reach may be anything. */
static const char *check_length(const void *options, double T)
{
    const struct sequential *o = options;
    for (size_t i = 0; i < o->schedules.n && start_of(o, i) < T; i++) {
        const struct chosen *piece = &o->schedules.v[i];
        const char *wrong = kind_of(piece)->check_length
                                ? kind_of(piece)->check_length(piece->options, length_of(o, i, T))
                                : NULL;
        if (wrong)
            return wrong;
    }
    return NULL;
}

static const struct param params[] = {
    P_KINDS(struct sequential, schedules, NULL, &sched_registry,
            "one after another; their interval, apply_to and max_batch_size are the sequence's"),
    P_INTS(struct sequential, milestones, NULL, AT_LEAST(1),
           "when the next one takes over, increasing", .unit = "intervals"),
    P_END};

const struct sched_kind sched_sequential = {
    .base =
        {
            .name = "sequential",
            .title = "one schedule after another",
            .equation = "schedule i at t - (milestone before it), from that milestone to the next\n"
                        "T of each is the length of its piece, of the last what is left of the run",
            .source = "PyTorch's SequentialLR",
            .note =
                "Each starts from the base value, not from where the one before it ended. In expressions the clock "
                "that the sequence counts by (epoch or step) starts again too.",
            .params = params,
            .options_size = sizeof(struct sequential),
            .check = check,
            .check_entry = check_entry,
        },
    .value = value,
    .momentum = momentum,
    .moves_momentum = moves_momentum,
    .needs_length = needs_length,
    .check_length = check_length,
};
