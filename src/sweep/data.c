/* The data that members share, and whether they are those that each was trained on. */
#include "sweep/work.h"
#include <string.h>

static struct work_shared *find_shared(struct work *w, const char *key)
{
    struct work_shared *oldest = w->shared;
    for (struct work_shared *x = w->shared; x < w->shared + WORK_SHARED; x++) {
        if (x->key && strcmp(x->key, key) == 0)
            return x;
        if (x->used < oldest->used)
            oldest = x;
    }
    mem_free(oldest->key);
    run_free_data(oldest->data);
    *oldest = (struct work_shared){0};
    return oldest;
}

struct data *work_data(struct work *w, const struct spec *spec)
{
    struct strbuf key;
    struct error err;
    strbuf_init(&key);
    run_data_key(spec, &key);
    struct work_shared *x = find_shared(w, key.text);
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

static const struct work_data_set *find_known(struct work *w, const struct spec *spec)
{
    struct strbuf key;
    strbuf_init(&key);
    write_table(&key, data_params, &spec->dataset, 0);
    const struct work_data_set *k = w->known;
    while (k && strcmp(k->key, key.text) != 0)
        k = k->next;
    if (!k) {
        struct arena *a = w->s->arena;
        struct data *data = work_data(w, spec);
        struct work_data_set *new = arena_alloc(a, sizeof *new);
        *new = (struct work_data_set){.key = arena_strdup(a, key.text), .next = w->known};
        if (!data_config_kind(&spec->dataset)->made)
            new->dir = arena_strdup(a, spec->dataset.dir);
        if (data) {
            new->sha256 = arena_alloc(a, sizeof data->sha256);
            memcpy(new->sha256, data->sha256, sizeof data->sha256);
        }
        w->known = k = new;
    }
    strbuf_fini(&key);
    return k;
}

/* Whether it ended with figures that are reported. */
static bool has_counted(const struct work *w, size_t member)
{
    const struct sweep_state *x = &w->state[member];
    return x->outgrown || (x->done && x->run.status != STATUS_FAILED);
}

static bool check_member_data(struct work *w, size_t member, struct error *err)
{
    struct arena a;
    struct spec spec;
    enum status status = w->state[member].run.status;
    bool done = has_counted(w, member);
    arena_init(&a);
    sweep_member_spec(w->s, member, &a, &spec);
    const char *folder = arena_printf(&a, "%s/%s", w->o->folder, w->s->member[member].folder);
    const struct work_data_set *k = find_known(w, &spec);
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

bool work_check_data(struct work *w, struct error *err)
{
    bool same = true;
    for (size_t i = 0; same && i < w->s->members; i++)
        if (work_is_due(w, i) || (work_is_mine(w, i) && has_counted(w, i)))
            same = check_member_data(w, i, err);
    return same;
}

bool work_can_read_some(struct work *w, struct error *err)
{
    const struct work_data_set *known = w->known;
    struct arena a;
    struct spec spec;
    struct data *data = NULL, *again;
    size_t due = 0;
    while (known && !known->sha256)
        known = known->next;
    for (size_t i = 0; i < w->s->members && !known && !data; i++) {
        if (!work_is_due(w, i))
            continue;
        arena_init(&a);
        sweep_member_spec(w->s, i, &a, &spec);
        data = work_data(w, &spec);
        /* once more, for what it says */
        if (!data && due++ == 0 && run_share_data(&spec, &again, err))
            run_free_data(again);
        arena_fini(&a);
    }
    return known || data || due == 0;
}

void work_free_data(struct work *w)
{
    for (size_t i = 0; i < WORK_SHARED; i++) {
        mem_free(w->shared[i].key);
        run_free_data(w->shared[i].data);
    }
}
