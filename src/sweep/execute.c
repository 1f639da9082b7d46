/* Training what is missing of a sweep. */
#include "sweep/internal.h"
#include "train/train.h"
#include "util/file.h"
#include "util/log.h"
#include "util/progress.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SHARED_DATA = 4 }; /* data sets kept at once */
#define TABLES_EVERY 10.0 /* seconds between writings of the tables while members end */
#define WAIT_FOR_THE_DEAD                                                                          \
    5.0 /* seconds until a killed sweep's workers have let go of their folders */

/* A data set that some members share; data NULL: it cannot be loaded, which each of them will
 * record. */
struct shared {
    char *key;
    struct data *data;
    size_t used; /* when */
};

struct work {
    const struct sweep *s;
    const struct sweep_options *o;
    struct sweep_state *state;
    struct rung_order *order;
    bool *tried; /* in this phase */
    bool *busy;  /* in another process's hands */
    bool *mine;  /* this call is about it */
    struct shared shared[SHARED_DATA];
    size_t clock;
    struct pool *pool;
    struct lock lock;
    struct sweep_result *result;
    struct progress progress;
    double began, tables_written;
    size_t done_before; /* members that were done when this began */
    int stop_signal;    /* why no more members are started, or 0 */
    bool fail_fast, out_of_time;
};

/* ---- before anything is trained ---- */

/* mine: which members, NULL for all. */
static bool check_members(const struct sweep *s, const bool *mine, struct diags *d)
{
    struct complaints *c = complaints_new(s->arena);
    size_t checked = 0;
    for (size_t i = 0; i < s->members; i++) {
        if (mine && !mine[i])
            continue;
        struct arena a;
        struct diags wrong;
        struct spec spec;
        struct error err;
        arena_init(&a);
        diags_init(&wrong, &a);
        sweep_member_spec(s, i, &a, &spec);
        checked++;
        if (!train_check_ahead(&spec, &err))
            diags_add(&wrong, node_place(spec.root, err.key), NULL, "%s", err.message);
        complaints_add(c, &wrong, s->member[i].folder);
        arena_fini(&a);
    }
    return complaints_finish(c, checked, d);
}

bool sweep_check(const struct sweep *s, struct diags *d)
{
    return check_members(s, NULL, d);
}

/* ---- which members ---- */

/* All; those named in a list; of either, a shard. */
static bool find_mine(struct work *w, struct error *err)
{
    const struct sweep_options *o = w->o;
    size_t *listed = NULL, n = w->s->members;
    bool all = o->shards <= 1 || w->s->partial;
    if (o->only && !w->s->partial && !sweep_find_members(w->s, o->names, &listed, &n, err))
        return error_prefix(err, "%s: ", o->only);
    for (size_t i = 0; i < n; i++)
        if (all || i % o->shards == o->shard)
            w->mine[listed ? listed[i] : i] = true;
    return true;
}

static bool is_mine(const struct work *w, size_t member)
{
    return w->mine[member];
}

/* What a kill between a run's last words and its tidying leaves. */
static bool has_leftovers(const struct work *w, size_t member)
{
    struct arena a;
    arena_init(&a);
    const char *folder = arena_printf(&a, "%s/%s", w->o->folder, w->s->member[member].folder);
    bool has = file_exists(arena_printf(&a, "%s/.lock", folder));
    if (w->state[member].run.status == STATUS_COMPLETED)
        has |= folder_has(folder, FOLDER_PREVIOUS);
    arena_fini(&a);
    return has;
}

/* Leftovers; or a spec that has changed in what may change. */
static bool is_untidy(const struct work *w, size_t member)
{
    struct arena a;
    struct spec spec;
    struct strbuf text;
    const char *old;
    struct error err;
    arena_init(&a);
    strbuf_init(&text);
    const char *folder = arena_printf(&a, "%s/%s", w->o->folder, w->s->member[member].folder);
    bool untidy = has_leftovers(w, member) || !folder_spec_text(&a, folder, &old, &err);
    if (!untidy) {
        sweep_member_spec(w->s, member, &a, &spec);
        spec_write(&spec, &text);
        bool ended = w->state[member].run.status == STATUS_COMPLETED ||
                     w->state[member].run.status == STATUS_DIVERGED;
        untidy = strcmp(text.text, spec_completed(&a, old)) != 0 ||
                 (ended && !spec.checkpoint.last && folder_has(folder, FOLDER_LAST));
    }
    strbuf_fini(&text);
    arena_fini(&a);
    return untidy;
}

static bool is_due(const struct work *w, size_t member)
{
    const struct run_summary *r = &w->state[member].run;
    const struct rung_order *order = &w->order[member];
    if (w->tried[member] || !is_mine(w, member))
        return false;
    if (w->o->summary)
        return w->state[member].done && has_leftovers(w, member);
    if (r->status == STATUS_FAILED)
        return w->o->retry_failed && !order->pruned;
    if (r->status == STATUS_PRUNED)
        return false;
    if (w->state[member].done)
        return is_untidy(w, member);
    if (order->until > 0 && r->status == STATUS_INTERRUPTED && r->epoch >= order->until)
        return is_untidy(w, member);
    return true;
}

/* ---- data ---- */

static struct shared *find_shared(struct work *w, const char *key)
{
    struct shared *oldest = w->shared;
    for (struct shared *x = w->shared; x < w->shared + SHARED_DATA; x++) {
        if (x->key && strcmp(x->key, key) == 0)
            return x;
        if (x->used < oldest->used)
            oldest = x;
    }
    mem_free(oldest->key);
    run_free_data(oldest->data);
    *oldest = (struct shared){0};
    return oldest;
}

static struct data *data_for(struct work *w, const struct spec *spec)
{
    struct strbuf key;
    struct error err;
    strbuf_init(&key);
    run_data_key(spec, &key);
    struct shared *x = find_shared(w, key.text);
    if (!x->key) {
        x->key = mem_new(key.length + 1);
        memcpy(x->key, key.text, key.length);
        if (!run_share_data(spec, &x->data, &err))
            x->data = NULL;
    }
    x->used = ++w->clock;
    strbuf_fini(&key);
    return x->data;
}

/* Digests of the data sets that members name: they do not depend on how the images are split. */
struct known {
    const char *dir;    /* NULL: made, not read */
    char (*sha256)[65]; /* DATA_FILES, in the sweep's arena; NULL: cannot be loaded */
    const char *key;
    const struct known *next;
};

static const struct known *find_known(struct work *w, const struct known **list,
                                      const struct spec *spec)
{
    struct strbuf key;
    strbuf_init(&key);
    write_table(&key, data_params, &spec->dataset, 0);
    const struct known *k = *list;
    while (k && strcmp(k->key, key.text) != 0)
        k = k->next;
    if (!k) {
        struct arena *a = w->s->arena;
        struct data *data = data_for(w, spec);
        struct known *new = arena_alloc(a, sizeof *new);
        *new = (struct known){.key = arena_strdup(a, key.text), .next = *list};
        if (strcmp(data_names[spec->dataset.name], "digits") != 0)
            new->dir = arena_strdup(a, spec->dataset.dir);
        if (data) {
            new->sha256 = arena_alloc(a, sizeof data->sha256);
            memcpy(new->sha256, data->sha256, sizeof data->sha256);
        }
        *list = k = new;
    }
    strbuf_fini(&key);
    return k;
}

/* Whether it ended with figures that are reported. */
static bool has_counted(const struct work *w, size_t member)
{
    return w->state[member].done && w->state[member].run.status != STATUS_FAILED;
}

static bool check_member_data(struct work *w, const struct known **known, size_t member,
                              struct error *err)
{
    struct arena a;
    struct spec spec;
    enum status status = w->state[member].run.status;
    bool done = has_counted(w, member);
    arena_init(&a);
    sweep_member_spec(w->s, member, &a, &spec);
    const char *folder = arena_printf(&a, "%s/%s", w->o->folder, w->s->member[member].folder);
    const struct known *k = find_known(w, known, &spec);
    bool same = k->sha256 ? run_same_digests(&spec, folder, (const char(*)[65])k->sha256, err)
                          : !done || error_set(err, ERR_DATA,
                                               "%s is %s, but whether it was trained on these data "
                                               "is unknown: the data of its spec cannot be read; "
                                               "give their place with dataset.dir=FOLDER",
                                               folder, status_names[status]);
    same = same && run_same_init(&spec, folder, err);
    arena_fini(&a);
    return same;
}

/* Members that were begun resume with the data that they began with, and ended ones count only with
 * theirs. */
static bool check_data(struct work *w, const struct known **ret, struct error *err)
{
    bool same = true;
    *ret = NULL;
    for (size_t i = 0; same && i < w->s->members; i++)
        if (is_due(w, i) || (is_mine(w, i) && has_counted(w, i)))
            same = check_member_data(w, ret, i, err);
    return same;
}

/* ---- while members run ---- */

static size_t count_done(const struct work *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->s->members; i++)
        n += is_mine(w, i) && w->state[i].done;
    return n;
}

static size_t count_mine(const struct work *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->s->members; i++)
        n += is_mine(w, i);
    return n;
}

static void draw_bar(struct work *w)
{
    double now = progress_now(), done = (double)count_done(w) + pool_progress(w->pool),
           all = (double)count_mine(w);
    if (!w->progress.shown || now - w->progress.drawn < 0.2)
        return;
    w->progress.drawn = now;
    char count[64];
    double gained = done - (double)w->done_before;
    long left = gained > 0 ? (long)((now - w->began) / gained * (all - done) + 0.5) : -1;
    snprintf(count, sizeof count, "%.1f %% of %.0f runs", 100 * done / all, all);
    progress_show(done / all, count, "", left);
}

/* One of many tasks leaves them to the call that comes after all, a shard to the one that ends
 * last. */
static bool has_tables(const struct work *w)
{
    return !w->o->only && !w->o->slurm;
}

static bool are_all_done(const struct work *w)
{
    for (size_t i = 0; i < w->s->members; i++)
        if (!w->state[i].done)
            return false;
    return true;
}

/* Whatever another process has finished meanwhile counts too. */
static bool write_tables(struct work *w, struct error *err)
{
    w->tables_written = progress_now();
    bool ok = true, shard = w->o->shards > 1;
    if (shard && count_done(w) < count_mine(w))
        return true;
    if (!sweep_lock_tables(&w->lock, w->o->signal))
        return true;
    for (size_t i = 0; ok && i < w->s->members; i++)
        if (!is_mine(w, i) || w->busy[i])
            ok = sweep_read_state(w->s, w->o->folder, i, &w->state[i], err);
    if (!shard || are_all_done(w))
        ok = ok && sweep_write_tables(w->s, w->o->folder, w->state, err);
    sweep_unlock_tables(&w->lock);
    return ok;
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
    bool stopped =
        e->code == 75 || e->code >= 128 || e->code == POOL_BUSY || r->status == STATUS_INTERRUPTED;
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
    note_end(w, e);
    const struct run_summary *r = &w->state[e->id].run;
    w->result->trained++;
    progress_clear(&w->progress);
    if (w->o->report)
        w->o->report(w->o->context, w->s, e->id, &w->state[e->id], count_done(w), count_mine(w));
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
                    .record_failure = true,
                    .wait = WAIT_FOR_THE_DEAD,
                    .until = w->order[member].until,
                    .data = data_for(w, &spec)}};
    bool ok = pool_start(w->pool, member, &job, err);
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
    if (w->o->time_limit > 0 && !w->out_of_time && progress_now() - w->began >= w->o->time_limit) {
        w->out_of_time = true;
        pool_signal(w->pool, SIGUSR1);
    }
}

static bool is_stopping(const struct work *w)
{
    return w->stop_signal != 0 || w->out_of_time || w->fail_fast;
}

/* All that is due, as many at once as may be. */
static bool run_phase(struct work *w, struct error *err)
{
    size_t next = 0;
    for (;;) {
        look_for_signals(w);
        while (next < w->s->members && !is_due(w, next))
            next++;
        if (next < w->s->members && !is_stopping(w) && !pool_is_full(w->pool)) {
            if (!start_member(w, next++, err))
                return false;
            continue;
        }
        if (pool_is_empty(w->pool))
            return true;
        struct pool_end end;
        if (pool_wait(w->pool, 0.1, &end))
            end_member(w, &end);
        draw_bar(w);
        if (has_tables(w) && w->o->shards <= 1 &&
            progress_now() - w->tables_written > TABLES_EVERY && !write_tables(w, err))
            return false;
    }
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
        if (w->order[i].pruned && (pruned ? has_leftovers(w, i) : !w->state[i].done)) {
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
        *ret_more |= is_due(w, i);
    arena_fini(&a);
    return ok;
}

/* The threads of the member that has most. */
static size_t most_threads(const struct sweep *s, const size_t *member, size_t n)
{
    int64_t most = 1;
    for (size_t i = 0; i < n; i++) {
        struct arena a;
        struct spec spec;
        arena_init(&a);
        sweep_member_spec(s, member[i], &a, &spec);
        most = spec.threads > most ? spec.threads : most;
        arena_fini(&a);
    }
    return (size_t)most;
}

static bool submit(struct work *w, const size_t *due, size_t n, struct error *err)
{
    struct arena *a = w->s->arena;
    const char **name = arena_alloc(a, (n + 1) * sizeof *name);
    for (size_t i = 0; i < n; i++)
        name[i] = w->s->member[due[i]].folder;
    const struct slurm_work work = {.name = name,
                                    .names = n,
                                    .threads = most_threads(w->s, due, n),
                                    .title = w->s->name,
                                    .folder = w->o->folder,
                                    .retry_failed = w->o->retry_failed,
                                    .no_plots = w->o->no_plots};
    return slurm_submit(w->o->slurm, &work, a, err);
}

/* What the queue has already. */
static void note_queue(struct slurm_launch *l, const struct slurm_queue *q, struct arena *a)
{
    l->queued_in = "";
    for (size_t i = 0; i < q->n; i++)
        if (q->v[i].running + q->v[i].waiting > 0)
            l->queued_in =
                arena_printf(a, "%s%s%s", l->queued_in, l->queued_in[0] ? ", " : "", q->v[i].array);
}

/* What may go wrong on the nodes and can be seen from here. */
static void warn_ahead(const struct work *w, const struct known *known)
{
    size_t first = 0, others = sweep_count_builds(w->s, w->state, run_sources(), &first);
    for (; known; known = known->next) {
        if (known->dir && !known->sha256)
            log_warn("the data in %s cannot be read here: where the nodes do not have them "
                     "either, members fail",
                     known->dir);
        if (known->dir && known->dir[0] != '/')
            log_warn("dataset.dir %s is relative: tasks look for it below the folder in which "
                     "this was called, which the nodes must have too",
                     known->dir);
    }
    if (others > 0)
        log_warn(
            "%zu of the members were trained by another build of descent than this one (%s is the "
            "first): they may differ in the last bits",
            others, w->s->member[first].folder);
}

/* What is due and in no task's hands goes to the cluster. */
static bool submit_all(struct work *w, struct error *err)
{
    struct slurm_launch *l = w->o->slurm;
    struct arena *a = w->s->arena;
    struct slurm_queue queue = {0};
    size_t *due = arena_alloc(a, (w->s->members + 1) * sizeof *due), n = 0;
    if (!slurm_read_queue(w->o->folder, true, a, &queue, err))
        return error_prefix(err, "cannot tell what is in the queue already: ");
    if (!l->dry_run && !slurm_settle(w->o->folder, a, &queue, err))
        return false;
    const enum slurm_life *life = sweep_lives(w->s, &queue, a);
    note_queue(l, &queue, a);
    for (size_t i = 0; i < w->s->members; i++) {
        w->tried[i] = life[i] != SLURM_GONE;
        l->queued += w->tried[i];
        if (is_due(w, i))
            due[n++] = i;
    }
    const struct known *known;
    if (n == 0)
        return true;
    if (!check_data(w, &known, err))
        return false;
    warn_ahead(w, known);
    return submit(w, due, n, err);
}

static bool run_all(struct work *w, struct error *err)
{
    if (w->o->slurm)
        return submit_all(w, err);
    if (w->o->summary)
        return run_phase(w, err);
    const struct known *known;
    if (!check_data(w, &known, err))
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
        if (!is_mine(w, i))
            continue;
        bool completed = r->status == STATUS_COMPLETED, diverged = r->status == STATUS_DIVERGED;
        bool failed = r->status == STATUS_FAILED, pruned = r->status == STATUS_PRUNED;
        x->completed += completed;
        x->diverged += diverged;
        x->failed += failed;
        x->pruned += pruned;
        x->unmet += completed && r->exit_code == ERR_EXPECT;
        x->unfinished += !(completed || diverged || failed || pruned);
    }
    if (w->stop_signal)
        x->exit_code = w->stop_signal == SIGUSR1 ? 75 : 128 + w->stop_signal;
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
    for (size_t i = 0; i < w->s->members; i++)
        if (is_mine(w, i) && !sweep_read_state(w->s, w->o->folder, i, &w->state[i], err))
            return false;
    w->done_before = count_done(w);
    progress_begin(&w->progress, 0);
    w->began = w->tables_written = progress_now();
    bool ok = run_all(w, err);
    progress_clear(&w->progress);
    if (has_tables(w) && !write_tables(w, ok ? err : &second))
        ok = false;
    count_result(w);
    if (ok && has_tables(w) && w->o->shards <= 1 && w->result->failed + w->result->unfinished == 0)
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
    bool ok = (w->s->partial || sweep_claim(w->s, o->folder, err)) &&
              (!o->tuning || sweep_note_tuning(o->folder, o->tuning, err));
    if (!o->slurm || !ok) /* one submits at a time */
        sweep_unlock_tables(&w->lock);
    return ok;
}

bool sweep_execute(const struct sweep *s, const struct sweep_options *o, struct sweep_result *ret,
                   struct diags *d, struct error *err)
{
    struct work w = {.s = s, .o = o, .result = ret, .lock.fd = -1};
    *ret = (struct sweep_result){0};
    bool is_new = !file_exists(o->folder);
    w.state = mem_array(s->members + 1, sizeof *w.state);
    w.order = mem_array(s->members + 1, sizeof *w.order);
    w.tried = mem_array(s->members + 1, sizeof *w.tried);
    w.busy = mem_array(s->members + 1, sizeof *w.busy);
    w.mine = mem_array(s->members + 1, sizeof *w.mine);
    w.pool = pool_new(o->jobs);
    bool ok = find_mine(&w, err) && (o->summary || check_members(s, w.mine, d)) && enter(&w, err) &&
              execute(&w, err);
    pool_free(w.pool);
    lock_release(&w.lock, !ok && is_new);
    for (size_t i = 0; i < SHARED_DATA; i++) {
        mem_free(w.shared[i].key);
        run_free_data(w.shared[i].data);
    }
    mem_free(w.state);
    mem_free(w.order);
    mem_free(w.tried);
    mem_free(w.busy);
    mem_free(w.mine);
    return ok;
}
