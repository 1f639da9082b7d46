/* A run's state as a safetensors file, and back: one list of named tensors (items.h) and one of
 * named numbers serve both ways. */
#include "checkpoint/safetensors.h"
#include "num/tensor.h"
#include "train/internal.h"
#include "train/items.h"
#include "util/sha256.h"
#include "util/strbuf.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the numbers of a run, by name ---- */

/* Calls f for every number that a resume needs; f reads or writes it. */
static bool each_number(struct train *t,
                        bool (*integer)(void *context, const char *key, int64_t *v),
                        bool (*real)(void *context, const char *key, double *v), void *context)
{
    char key[96];
    const char *name;
    int64_t updates = (int64_t)optim_updates(t->optim), early = t->stopped_early;
    bool ok = integer(context, "descent.epoch", &t->clock.epoch) &&
              integer(context, "descent.step", &t->clock.step) &&
              integer(context, "descent.minibatch", &t->clock.minibatch) &&
              integer(context, "descent.cursor", &t->clock.cursor) &&
              integer(context, "descent.partial", &t->clock.partial) &&
              integer(context, "descent.order_batch", &t->clock.order_batch) &&
              integer(context, "descent.stopped_early", &early) &&
              integer(context, "descent.updates", &updates) &&
              real(context, "descent.tally.loss_sum", &t->tally.loss_sum) &&
              real(context, "descent.tally.norm_sum", &t->tally.norm_sum) &&
              real(context, "descent.tally.last_loss", &t->tally.last_loss) &&
              integer(context, "descent.tally.samples", &t->tally.samples) &&
              integer(context, "descent.tally.updates", &t->tally.updates) &&
              integer(context, "descent.averaged", &t->averaged) &&
              real(context, "descent.early.best", &t->early_best) &&
              integer(context, "descent.early.bad", &t->early_bad) &&
              real(context, "descent.now.lr", &t->now.lr) &&
              real(context, "descent.now.momentum", &t->now.momentum) &&
              integer(context, "descent.now.batch_size", &t->now.batch_size) &&
              integer(context, "descent.best.epoch", &t->best.epoch) &&
              integer(context, "descent.best.step", &t->best.step);
    t->stopped_early = early != 0;
    optim_set_updates(t->optim, (uint64_t)updates, t->now.lr);
    for (int m = 0; ok && m < METRICS; m++) {
        snprintf(key, sizeof key, "descent.best.%s", metric_names[m]);
        ok = real(context, key, &t->best.value[m]);
    }
    for (size_t i = 0; ok && i < optim_scalar_count(t->optim); i++) {
        double *v = optim_scalar(t->optim, i, &name);
        snprintf(key, sizeof key, "descent.optimizer.%s", name);
        ok = real(context, key, v);
    }
    for (size_t i = 0; ok && i < sched_state_count(t->sched); i++) {
        double *v = sched_state(t->sched, i, &name);
        snprintf(key, sizeof key, "descent.scheduler.%s", name);
        ok = real(context, key, v);
    }
    return ok;
}

struct writing {
    struct arena arena;
    struct st_meta *meta; /* owned: a list of schedules may have any length */
    size_t n, room;
};

static void add_meta(struct writing *w, const char *key, const char *value)
{
    w->meta = mem_room(w->meta, w->n, &w->room, sizeof *w->meta);
    w->meta[w->n++] = (struct st_meta){arena_strdup(&w->arena, key), value};
}

static bool write_integer(void *context, const char *key, int64_t *v)
{
    struct writing *w = context;
    add_meta(w, key, arena_printf(&w->arena, "%" PRId64, *v));
    return true;
}

static bool write_real(void *context, const char *key, double *v)
{
    struct writing *w = context;
    struct strbuf b;
    strbuf_init(&b);
    if (isnan(*v))
        strbuf_add(&b, "nan");
    else if (isinf(*v))
        strbuf_add(&b, *v > 0 ? "inf" : "-inf");
    else
        strbuf_add_real(&b, *v);
    add_meta(w, key, arena_strdup(&w->arena, b.text));
    strbuf_fini(&b);
    return true;
}

bool train_save(struct train *t, const char *path, const char *spec_text,
                const struct st_meta *note, size_t n, struct error *err)
{
    struct writing *w = mem_new(sizeof *w);
    arena_init(&w->arena);
    struct items x = items_of_run(t);
    struct st_tensor *tensors = arena_alloc(&w->arena, x.n * sizeof *tensors + 1);
    for (size_t i = 0; i < x.n; i++)
        tensors[i] = item_pack(&w->arena, &x.v[i]);
    add_meta(w, "descent.format", ST_FORMAT);
    add_meta(w, "descent.results", arena_printf(&w->arena, "%d", TRAIN_RESULTS));
    add_meta(w, "descent.spec", spec_text);
    for (size_t i = 0; i < n; i++)
        add_meta(w, note[i].key, note[i].value);
    each_number(t, write_integer, write_real, w);
    bool ok = st_write(path, &(struct st_content){tensors, x.n, w->meta, w->n, true}, err);
    items_fini(&x);
    arena_fini(&w->arena);
    mem_free(w->meta);
    mem_free(w);
    return ok;
}

/* ---- reading back ---- */

struct reading {
    const struct st_file *file;
    const char *path;
    struct error *err;
};

static bool missing(struct reading *r, const char *key, const char *what)
{
    return error_set(r->err, ERR_DATA, "%s: %s '%s'; this is not a checkpoint of this experiment",
                     r->path, what, key);
}

static bool read_integer(void *context, const char *key, int64_t *v)
{
    struct reading *r = context;
    const char *text = st_meta(r->file, key);
    char *end;
    if (!text)
        return missing(r, key, "lacks");
    long long x = strtoll(text, &end, 10);
    if (end == text || *end != '\0')
        return missing(r, key, "has a bad number in");
    *v = x;
    return true;
}

static bool read_real(void *context, const char *key, double *v)
{
    struct reading *r = context;
    const char *text = st_meta(r->file, key);
    char *end;
    if (!text)
        return missing(r, key, "lacks");
    double x = strtod(text, &end);
    if (end == text || *end != '\0')
        return missing(r, key, "has a bad number in");
    *v = x;
    return true;
}

static bool is_f32(const struct st_tensor *t)
{
    return strcmp(t->dtype, "F32") == 0;
}

static void put(const struct item *i, const struct st_tensor *t)
{
    float *copy = mem_new(t->bytes + 1); /* the file's block is not aligned */
    memcpy(copy, t->data, t->bytes);
    tensor_unpack(&i->shape, copy, i->data);
    mem_free(copy);
}

static bool range_is_sound(const struct train *t)
{
    const struct train_clock *c = &t->clock;
    return c->epoch >= 0 && c->step >= 0 && c->minibatch >= 0 && c->cursor >= 0 &&
           (size_t)c->cursor <= t->data->train.n && c->order_batch >= 0 && t->now.batch_size >= 1;
}

bool train_take(struct train *t, const struct st_file *file, const char *path, struct error *err)
{
    struct items x = items_of_run(t);
    struct reading r = {.file = file, .path = path, .err = err};
    struct strbuf wrong;
    strbuf_init(&wrong);
    for (size_t i = 0; i < x.n; i++) {
        const struct st_tensor *found = st_find(file, x.v[i].name);
        if (!found)
            items_complain(&wrong, "missing", x.v[i].name);
        else if (!is_f32(found) || !item_has_shape(&x.v[i], found))
            items_complain(&wrong, "of another shape", x.v[i].name);
        else
            put(&x.v[i], found);
    }
    for (size_t i = 0; i < file->n; i++)
        if (!items_know(&x, file->tensor[i].name))
            items_complain(&wrong, "extra", file->tensor[i].name);
    bool ok = wrong.length == 0 || error_set(err, ERR_DATA, "%s: %s", path, wrong.text);
    ok = ok && each_number(t, read_integer, read_real, &r);
    if (ok && !range_is_sound(t))
        ok = error_set(err, ERR_DATA, "%s: its position lies outside this run", path);
    /* within an epoch, its row is yet to come even where all updates are done */
    t->finished = t->clock.cursor == 0 && (t->stopped_early || train_at_end(t));
    strbuf_fini(&wrong);
    items_fini(&x);
    return ok;
}

bool train_load(struct train *t, const char *path, struct error *err)
{
    struct st_file file;
    if (!st_read(path, &file, err))
        return false;
    bool ok = train_take(t, &file, path, err);
    st_fini(&file);
    return ok;
}

void train_digest(struct train *t, char ret_hex[65])
{
    struct items x = {0};
    struct arena a;
    struct sha256 s;
    arena_init(&x.arena);
    arena_init(&a);
    items_add_model(&x, t->plan, "model.", model_params(t->model), model_buffers(t->model));
    sha256_init(&s);
    for (size_t i = 0; i < x.n; i++) {
        struct st_tensor p = item_pack(&a, &x.v[i]);
        sha256_add(&s, p.data, p.bytes);
    }
    sha256_finish(&s, ret_hex);
    arena_fini(&a);
    items_fini(&x);
}
