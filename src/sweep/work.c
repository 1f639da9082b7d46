/* Which members this call is about, and which of them are due. */
#include "sweep/work.h"
#include <string.h>

bool work_find_mine(struct work *w, struct error *err)
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

bool work_is_mine(const struct work *w, size_t member)
{
    return w->mine[member];
}

bool work_has_leftovers(const struct work *w, size_t member)
{
    struct arena a;
    arena_init(&a);
    const char *folder = arena_printf(&a, "%s/%s", w->o->folder, w->s->member[member].folder);
    bool has = folder_has(folder, FOLDER_LOCK);
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
    bool untidy = work_has_leftovers(w, member) || !folder_spec_text(&a, folder, &old, &err);
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

bool work_is_due(const struct work *w, size_t member)
{
    const struct run_summary *r = &w->state[member].run;
    const struct rung_order *order = &w->order[member];
    if (w->tried[member] || !work_is_mine(w, member))
        return false;
    if (w->o->summary)
        return w->state[member].done && work_has_leftovers(w, member);
    if (w->state[member].damage)
        return false;
    if (r->status == STATUS_FAILED)
        return w->o->retry_failed;
    if (r->status == STATUS_PRUNED)
        return false;
    if (w->state[member].done)
        return is_untidy(w, member);
    if (order->until > 0 && r->status == STATUS_INTERRUPTED && r->epoch >= order->until)
        return is_untidy(w, member);
    return true;
}

size_t work_count_done(const struct work *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->s->members; i++)
        n += work_is_mine(w, i) && w->state[i].done;
    return n;
}

size_t work_count_mine(const struct work *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->s->members; i++)
        n += work_is_mine(w, i);
    return n;
}
