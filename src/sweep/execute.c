/* Training what is missing of a sweep. */
#include "sweep/work.h"
#include "train/train.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/text.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TABLES_EVERY 10.0 /* seconds between writings of the tables while members end */
/* Seconds until a killed sweep's workers have let go of their folders. */
#define WAIT_FOR_THE_DEAD 5.0

/* ---- before anything is trained ---- */

/* mine: which members, NULL for all. folder: where members may have begun, or NULL. */
static bool check_members(const struct sweep *s, const bool *mine, const char *folder,
                          struct diags *d)
{
    struct complaints *c = complaints_new(s->arena);
    size_t checked = 0;
    for (size_t i = 0; i < s->members; i++) {
        if (mine && !mine[i])
            continue;
        struct arena a;
        struct diags wrong;
        struct spec spec;
        arena_init(&a);
        diags_init(&wrong, &a);
        sweep_member_spec(s, i, &a, &spec);
        checked++;
        int64_t epoch = 0, step = 0;
        if (folder && s->recorded)
            run_reached(arena_printf(&a, "%s/%s", folder, s->member[i].folder), &epoch, &step);
        if (!train_check_all(&spec, epoch, step, &wrong))
            complaints_add(c, &wrong, s->member[i].folder);
        arena_fini(&a);
    }
    return complaints_finish(c, checked, d);
}

bool sweep_check(const struct sweep *s, struct diags *d)
{
    return check_members(s, NULL, NULL, d);
}

/* ---- what members' folders say ---- */

static void set_damaged(const struct work *w, size_t member, const char *why, const char *remedy)
{
    w->state[member] =
        (struct sweep_state){.run.status = STATUS_FAILED,
                             .done = true,
                             .damage = arena_printf(w->s->arena, "%s%s", why, remedy)};
}

/* What begins a damaged member again. A run of its own would not end where halving prunes it. */
static const char *remedy_of(const struct work *w, size_t member, struct arena *a)
{
    const char *folder = text_word(folder_path(a, w->o->folder, w->s->member[member].folder));
    if (w->s->brackets > 0)
        return arena_printf(a,
                            "; else move %s away and 'descent resume %s' trains it again, as far "
                            "as halving lets it",
                            folder, text_word(w->o->folder));
    return arena_printf(a, "; else 'descent run %s/" FOLDER_SPEC " --force -o %s' begins it again",
                        folder, folder);
}

/* Somebody has changed its files, or put others there, or the disk has: whoever is to decide what
 * becomes of them is told how to begin it again, and the others are trained. */
static void read_member(struct work *w, size_t member)
{
    struct sweep_state *x = &w->state[member];
    struct error err;
    struct arena a;
    arena_init(&a);
    if (!sweep_read_state(w->s, w->o->folder, member, x, &err))
        set_damaged(w, member, err.message, remedy_of(w, member, &a));
    else if (!sweep_check_member(w->s, w->o->folder, member, &err))
        set_damaged(w, member, err.message, "; move that folder away and the member is trained");
    arena_fini(&a);
}

/* Where halving decides among all, without one of them it would decide otherwise. */
static bool read_members(struct work *w, struct error *err)
{
    for (size_t i = 0; i < w->s->members; i++) {
        if (!work_is_mine(w, i))
            continue;
        read_member(w, i);
        if (w->state[i].damage && w->s->brackets > 0 && !w->o->summary)
            return error_set(err, ERR_DATA, "%s", w->state[i].damage);
    }
    return true;
}

/* Nodes may have data that are not here. */
static bool check_data(struct work *w, struct error *err)
{
    bool whole = !w->o->only && w->o->shards <= 1 && !w->o->slurm;
    return work_check_data(w, err) && (!whole || work_can_read_some(w, err));
}

/* Before the folder is a sweep's: one that is killed in between would be resumed without it. */
static bool note_tuning(const struct work *w, struct error *err)
{
    return !w->o->tuning || sweep_note_tuning(w->o->noted_in, w->o->tuning, err);
}

/* Whether the runs in the folder may be resumed: asked before anything is written to a sweep's
 * folder that is new or has grown. */
static bool may_begin(void *context, struct error *err)
{
    struct work *w = context;
    return read_members(w, err) && (w->o->summary || check_data(w, err)) && note_tuning(w, err);
}

static void tell_damage(const struct work *w)
{
    for (size_t i = 0; w->o->report && i < w->s->members; i++)
        if (work_is_mine(w, i) && w->state[i].damage)
            w->o->report(w->o->context, w->s, i, &w->state[i], work_count_done(w),
                         work_count_mine(w));
}

/* ---- while members run ---- */

/* Nothing of it is left; one that was pruned is as far as it got. */
static bool is_through(const struct work *w, size_t member)
{
    return w->state[member].done && w->state[member].run.status != STATUS_PRUNED;
}

/* In whole runs. */
static double count_trained(const struct work *w)
{
    double sum = pool_progress(w->pool);
    for (size_t i = 0; i < w->s->members; i++)
        if (work_is_mine(w, i))
            sum += is_through(w, i) ? 1 : w->share[i];
    return sum;
}

static void draw_bar(struct work *w)
{
    double now = clock_monotonic();
    char count[64];
    if (!w->progress.shown || now - w->progress.drawn < 0.2)
        return;
    w->progress.drawn = now;
    double done = fmin(count_trained(w), w->all);
    long left = pace_left(&w->pace, now, w->gained + pool_gained(w->pool), w->all - done);
    snprintf(count, sizeof count, "%.1f %% of %zu run%s", 100 * done / w->all, work_count_mine(w),
             work_count_mine(w) == 1 ? "" : "s");
    progress_show(done / w->all, count, "", left);
}

/* One of many tasks leaves them to the call that comes after all. */
static bool has_tables(const struct work *w)
{
    return !w->o->only && !w->o->slurm && work_count_mine(w) > 0;
}

static void read_others(struct work *w)
{
    for (size_t i = 0; i < w->s->members; i++)
        if (!work_is_mine(w, i) || w->busy[i])
            read_member(w, i);
}

/* What is moved while it is trained is written nowhere else. */
static bool is_in_place(const struct work *w, struct error *err)
{
    return lock_in_place(&w->lock) ||
           error_set(
               err, ERR_SYSTEM,
               "%s was moved or removed while it was trained, so this process ends and writes "
               "nothing there; where it was moved, 'descent resume' with its new name trains "
               "what is left",
               w->o->folder);
}

/* Whatever another process has finished meanwhile counts too. */
static bool write_tables(struct work *w, struct error *err)
{
    w->tables_written = clock_monotonic();
    if (!is_in_place(w, err))
        return false;
    if (!sweep_lock_tables(&w->lock, w->o->signal))
        return true;
    read_others(w);
    bool ok = sweep_write_tables(w->s, w->o->folder, w->state, err);
    w->result->tables |= ok;
    sweep_unlock_tables(&w->lock);
    return ok;
}

/* Names all members from the beginning, so that whoever reads the folder knows of those that have
 * not begun. */
static bool name_members(struct work *w, struct error *err)
{
    if (w->s->partial || w->o->slurm || folder_has(w->o->folder, FOLDER_MEMBERS))
        return true;
    for (size_t i = 0; i < w->s->members; i++)
        read_member(w, i);
    return sweep_write_members(w->s, w->o->folder, w->state, err);
}

/* A worker that could not leave its reason in the folder, or was killed: known to this process
 * alone. */
static void note_end(struct work *w, const struct pool_end *e)
{
    struct sweep_state *x = &w->state[e->id];
    struct run_summary *r = &x->run;
    struct error err;
    w->busy[e->id] = e->code == POOL_BUSY;
    if (!sweep_read_state(w->s, w->o->folder, e->id, x, &err)) {
        r->status = STATUS_FAILED;
        snprintf(r->message, sizeof r->message, "%.1000s", err.message);
        x->done = true;
        return;
    }
    bool as_told = e->code == 0 || e->code == r->exit_code,
         stopped = e->code == 75 || e->code >= 128 || e->code == POOL_BUSY ||
                   (r->status == STATUS_INTERRUPTED && as_told);
    bool ended = r->status == STATUS_COMPLETED || r->status == STATUS_DIVERGED;
    if (ended && !stopped && e->signal == 0 && !as_told) {
        set_damaged(w, e->id, e->message, ""); /* the worker would not have what lies there */
        return;
    }
    bool explained = x->done && r->status != STATUS_PRUNED;
    if (explained || (e->signal == 0 && stopped))
        return;
    if (e->signal) { /* what it has done stays, and the next call resumes there, as from any other end of this kind */
        r->status = STATUS_INTERRUPTED;
        snprintf(r->message, sizeof r->message, "killed by signal %d", e->signal);
        x->done = false;
        return;
    }
    r->status = STATUS_FAILED;
    x->done = true;
    snprintf(r->message, sizeof r->message, "%s",
             e->message[0] ? e->message : "ended without a word");
}

static void end_member(struct work *w, const struct pool_end *e)
{
    bool before = is_through(w, e->id);
    note_end(w, e);
    w->share[e->id] = e->last;
    w->gained += before ? 0 : (is_through(w, e->id) ? 1 : e->last) - e->first;
    const struct run_summary *r = &w->state[e->id].run;
    w->result->trained++;
    progress_clear(&w->progress);
    if (e->lengthened)
        log_warn_once("members were trained further whose schedules or averages depend on the "
                      "length of the run, which has changed: so far they took the old one, which "
                      "is another run than one asked for at once ('extended' in run.json)");
    if (w->o->report)
        w->o->report(w->o->context, w->s, e->id, &w->state[e->id], work_count_done(w),
                     work_count_mine(w));
    if (w->o->fail_fast && (r->status == STATUS_FAILED || e->signal) && !w->fail_fast &&
        w->stop_signal == 0) {
        w->fail_fast = true;
        pool_signal(w->pool, SIGUSR1);
    }
}

static bool start_member(struct work *w, size_t member, struct error *err)
{
    struct arena a;
    struct spec spec;
    arena_init(&a);
    sweep_member_spec(w->s, member, &a, &spec);
    struct pool_job job = {
        .spec = &spec,
        .options = {.folder = arena_printf(&a, "%s/%s", w->o->folder, w->s->member[member].folder),
                    .no_plots = w->o->no_plots,
                    .member = true,
                    .wait = WAIT_FOR_THE_DEAD,
                    .until = w->order[member].until,
                    .data = work_data(w, &spec)},
        .begun = w->share[member]};
    bool ok = pool_start(w->pool, member, &job, err);
    w->share[member] = ok ? 0 : job.begun; /* the pool counts it */
    w->tried[member] = ok;
    arena_fini(&a);
    return ok;
}

/* Signals are passed to the workers once; a second one ends this process, and them with it. */
static void look_for_signals(struct work *w)
{
    int signal = w->o->signal ? *w->o->signal : 0, answered = SIGUSR2;
    if (signal == SIGUSR2) {
        __atomic_compare_exchange_n(w->o->signal, &answered, 0, false, __ATOMIC_RELAXED,
                                    __ATOMIC_RELAXED);
        pool_signal(w->pool, SIGUSR2);
        signal = *w->o->signal;
    }
    if (signal != 0 && signal != SIGUSR2 && w->stop_signal == 0) {
        w->stop_signal = signal;
        pool_signal(w->pool, SIGUSR1);
    }
    if (w->o->time_limit > 0 && !w->out_of_time &&
        clock_monotonic() - w->began >= w->o->time_limit) {
        w->out_of_time = true;
        pool_signal(w->pool, SIGUSR1);
    }
}

static bool is_stopping(const struct work *w)
{
    return w->stop_signal != 0 || w->out_of_time || w->fail_fast;
}

/* What runs writes its checkpoint and ends: an error of this process costs no work. */
static void stop_members(struct work *w)
{
    struct pool_end end;
    pool_signal(w->pool, SIGUSR1);
    while (!pool_is_empty(w->pool))
        if (pool_wait(w->pool, &end))
            end_member(w, &end);
}

/* Starts all that is due, as many at once as may be; false where some may run yet. */
static bool run_due(struct work *w, struct error *err)
{
    size_t next = 0;
    for (;;) {
        look_for_signals(w);
        while (next < w->s->members && !work_is_due(w, next))
            next++;
        if (next < w->s->members && !is_stopping(w) && !pool_is_full(w->pool)) {
            if (!is_in_place(w, err) || !start_member(w, next++, err))
                return false;
            continue;
        }
        if (pool_is_empty(w->pool))
            return true;
        struct pool_end end;
        if (pool_wait(w->pool, &end))
            end_member(w, &end);
        draw_bar(w);
        if (has_tables(w) && w->o->shards <= 1 &&
            clock_monotonic() - w->tables_written > TABLES_EVERY && !write_tables(w, err))
            return false;
    }
}

static bool run_phase(struct work *w, struct error *err)
{
    bool ok = run_due(w, err);
    if (!ok)
        stop_members(w);
    return ok;
}

/* ---- rungs ---- */

/* Ends those that are out; returns whether somebody has further to go. */
static bool next_rung(struct work *w, bool *ret_more, struct error *err)
{
    struct arena a;
    arena_init(&a);
    bool ok = true;
    *ret_more = false;
    size_t bytes = w->s->members * sizeof *w->order;
    struct rung_order *before = arena_alloc(&a, bytes);
    memcpy(before, w->order, bytes);
    sweep_plan_rungs(w->s, w->o->folder, w->state, w->order);
    for (size_t i = 0; ok && i < w->s->members; i++) {
        bool pruned = w->state[i].run.status == STATUS_PRUNED;
        if (w->order[i].pruned && (pruned ? work_has_leftovers(w, i) : !w->state[i].done)) {
            struct spec spec;
            sweep_member_spec(w->s, i, &a, &spec);
            ok = run_prune(arena_printf(&a, "%s/%s", w->o->folder, w->s->member[i].folder),
                           spec.checkpoint.last, WAIT_FOR_THE_DEAD, err) &&
                 sweep_read_state(w->s, w->o->folder, i, &w->state[i], err);
        }
        if (w->order[i].until != before[i].until && w->state[i].run.status != STATUS_FAILED)
            w->tried[i] = false;
    }
    for (size_t i = 0; ok && i < w->s->members; i++)
        *ret_more |= work_is_due(w, i);
    arena_fini(&a);
    return ok;
}

static bool run_all(struct work *w, struct error *err)
{
    if (w->o->slurm)
        return work_submit(w, err);
    if (w->o->summary)
        return run_phase(w, err);
    if (!check_data(w, err))
        return false;
    if (w->s->brackets == 0)
        return run_phase(w, err);
    for (bool more = true;;) {
        if (!next_rung(w, &more, err))
            return false;
        if (!more || is_stopping(w))
            return true;
        if (!run_phase(w, err))
            return false;
    }
}

/* ---- the whole ---- */

static void count_result(const struct work *w)
{
    struct sweep_result *x = w->result;
    for (size_t i = 0; i < w->s->members; i++) {
        const struct run_summary *r = &w->state[i].run;
        if (!work_is_mine(w, i))
            continue;
        bool completed = r->status == STATUS_COMPLETED, diverged = r->status == STATUS_DIVERGED;
        bool damaged = w->state[i].damage != NULL, failed = r->status == STATUS_FAILED && !damaged,
             pruned = r->status == STATUS_PRUNED;
        x->completed += completed;
        x->diverged += diverged;
        x->failed += failed;
        x->damaged += damaged;
        x->pruned += pruned;
        x->unmet += completed && r->exit_code == ERR_EXPECT;
        x->unfinished += !(completed || diverged || failed || damaged || pruned);
    }
    if (w->stop_signal)
        x->exit_code = w->stop_signal == SIGUSR1 ? 75 : 128 + w->stop_signal;
    else if (x->damaged > 0)
        x->exit_code = ERR_DATA;
    else if (x->failed > 0)
        x->exit_code = ERR_DIFFERS;
    else if (x->unfinished > 0)
        x->exit_code = w->out_of_time ? 75 : ERR_DIFFERS;
    else
        x->exit_code = x->unmet > 0 ? ERR_EXPECT : 0;
}

static bool execute(struct work *w, struct error *err)
{
    struct error second;
    if (!read_members(w, err))
        return false;
    tell_damage(w);
    progress_begin(&w->progress, 0);
    w->all = w->s->brackets > 0 && w->progress.shown ? sweep_work_of_rungs(w->s)
                                                     : (double)work_count_mine(w);
    w->began = w->tables_written = clock_monotonic();
    bool ok = run_all(w, err);
    progress_clear(&w->progress);
    if (has_tables(w) && !write_tables(w, ok ? err : &second))
        ok = false;
    count_result(w);
    if (ok && has_tables(w) && w->o->shards <= 1 &&
        w->result->failed + w->result->damaged + w->result->unfinished == 0)
        slurm_forget(w->o->folder, NULL);
    return ok;
}

/* Makes the folder this sweep's, and this process the one that works on it, or one beside
 * others. */
static bool enter(struct work *w, struct error *err)
{
    const struct sweep_options *o = w->o;
    size_t shards = o->only || o->summary || o->slurm ? 0 : o->shards;
    if (o->slurm && (!slurm_ask_limits(o->slurm, err) || o->slurm->dry_run))
        return o->slurm->dry_run;
    if (!sweep_lock(&w->lock, o->folder, o->shard, shards, err))
        return false;
    if (!sweep_lock_tables(&w->lock, o->signal)) /* shards begin together */
        return error_set(err, ERR_SYSTEM,
                         "stopped while another process of this sweep made its tables");
    const char *usual = "'descent sweep' takes another folder with -o";
    const struct sweep_asked may = {may_begin, w, o->remedy ? o->remedy : usual};
    bool ok = (w->s->partial || sweep_claim(w->s, o->folder, &may, err)) && note_tuning(w, err) &&
              name_members(w, err);
    if (!o->slurm || !ok) /* one submits at a time */
        sweep_unlock_tables(&w->lock);
    return ok;
}

/* What fails in a folder that was moved meanwhile fails for that. */
static bool enter_and_execute(struct work *w, struct error *err)
{
    if (enter(w, err) && execute(w, err))
        return true;
    if (err->code == ERR_SYSTEM)
        (void)is_in_place(w, err);
    return false;
}

bool sweep_execute(const struct sweep *s, const struct sweep_options *o, struct sweep_result *ret,
                   struct diags *d, struct error *err)
{
    struct work w = {.s = s, .o = o, .result = ret, .lock.fd = -1};
    *ret = (struct sweep_result){0};
    w.state = mem_array(s->members + 1, sizeof *w.state);
    w.order = mem_array(s->members + 1, sizeof *w.order);
    w.tried = mem_array(s->members + 1, sizeof *w.tried);
    w.busy = mem_array(s->members + 1, sizeof *w.busy);
    w.mine = mem_array(s->members + 1, sizeof *w.mine);
    w.share = mem_array(s->members + 1, sizeof *w.share);
    w.pool = pool_new(o->jobs);
    bool ok = work_find_mine(&w, err) && (o->summary || check_members(s, w.mine, o->folder, d)) &&
              enter_and_execute(&w, err);
    pool_free(w.pool);
    lock_release(&w.lock);
    work_free_data(&w);
    mem_free(w.state);
    mem_free(w.order);
    mem_free(w.tried);
    mem_free(w.busy);
    mem_free(w.mine);
    mem_free(w.share);
    return ok;
}
