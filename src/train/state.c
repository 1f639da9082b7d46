/* A run's state as a safetensors file, and back: one list of named tensors and one of named numbers
 * serve both ways. */
#include "checkpoint/safetensors.h"
#include "num/tensor.h"
#include "train/internal.h"
#include "util/log.h"
#include "util/path.h"
#include "util/sha256.h"
#include "util/strbuf.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the tensors of a run, by name ---- */

struct item {
    const char *name;
    float *data; /* as stored (num/tensor.h) */
    struct tensor_shape shape;
    size_t dims, dim[4]; /* as the file has it */
};
struct items {
    size_t n, capacity;
    struct item *v;
    struct arena arena;
};

/* role: of the weights that it is like; TENSOR_BIAS: a vector. */
static void add_item(struct items *x, const char *name, float *data, struct tensor_shape shape,
                     enum tensor_role role)
{
    x->v = mem_room(x->v, x->n, &x->capacity, sizeof *x->v);
    struct item i = {.name = name, .data = data, .shape = shape};
    i.dims = tensor_dims(&shape, role, i.dim);
    x->v[x->n++] = i;
}

static void add_model(struct items *x, const struct model_plan *p, const char *prefix,
                      float *params, float *buffers)
{
    for (size_t i = 0; params && i < p->params; i++)
        add_item(x, arena_printf(&x->arena, "%s%s", prefix, p->param[i].name),
                 params + p->param[i].offset, p->param[i].shape, p->param[i].role);
    for (size_t i = 0; buffers && i < p->buffers; i++)
        add_item(x, arena_printf(&x->arena, "%s%s", prefix, p->buffer[i].name),
                 buffers + p->buffer[i].offset, p->buffer[i].shape, p->buffer[i].role);
}

static void add_optimizer(struct items *x, struct train *t)
{
    struct optim_state state;
    for (size_t i = 0; i < t->plan->params; i++)
        for (size_t s = 0; optim_state(t->optim, i, s, &state); s++)
            if (state.data)
                add_item(
                    x,
                    arena_printf(&x->arena, "optimizer.%s.%s", t->plan->param[i].name, state.name),
                    state.data, state.shape,
                    state.like_weights ? t->plan->param[i].role : TENSOR_BIAS);
}

static struct items items_of(struct train *t)
{
    struct items x = {0};
    arena_init(&x.arena);
    add_model(&x, t->plan, "model.", model_params(t->model), model_buffers(t->model));
    add_optimizer(&x, t);
    add_model(&x, t->plan, "average.", t->average, t->average_buffers);
    return x;
}

static void items_fini(struct items *x)
{
    mem_free(x->v);
    arena_fini(&x->arena);
}

static size_t item_count(const struct item *i)
{
    return i->shape.rows * i->shape.cols;
}

static struct st_tensor packed(struct arena *a, const struct item *i)
{
    float *data = arena_alloc(a, item_count(i) * sizeof(float) + 1);
    tensor_pack(&i->shape, i->data, data);
    struct st_tensor t = {.name = i->name, .dtype = "F32", .dims = i->dims, .data = data};
    for (size_t k = 0; k < i->dims; k++)
        t.dim[k] = i->dim[k];
    t.bytes = item_count(i) * sizeof(float);
    return t;
}

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
    struct items x = items_of(t);
    struct st_tensor *tensors = arena_alloc(&w->arena, x.n * sizeof *tensors + 1);
    for (size_t i = 0; i < x.n; i++)
        tensors[i] = packed(&w->arena, &x.v[i]);
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

static bool has_shape(const struct item *i, const struct st_tensor *t)
{
    bool fit = t->dims == i->dims;
    for (size_t k = 0; fit && k < i->dims; k++)
        fit = t->dim[k] == i->dim[k];
    return fit;
}

static void put(const struct item *i, const struct st_tensor *t)
{
    float *copy = mem_new(t->bytes + 1); /* the file's block is not aligned */
    memcpy(copy, t->data, t->bytes);
    tensor_unpack(&i->shape, copy, i->data);
    mem_free(copy);
}

static void add_shape(struct strbuf *b, const size_t *dim, size_t dims)
{
    for (size_t k = 0; k < dims; k++)
        strbuf_addf(b, "%s%zu", k > 0 ? " x " : "", dim[k]);
}

static void complain(struct strbuf *b, const char *what, const char *name)
{
    strbuf_addf(b, "%s%s '%s'", b->length ? ", " : "", what, name);
}

static bool known(const struct items *x, const char *prefix, const char *name)
{
    for (size_t i = 0; i < x->n; i++)
        if (strncmp(x->v[i].name, prefix, strlen(prefix)) == 0 &&
            strcmp(x->v[i].name + strlen(prefix), name) == 0)
            return true;
    return false;
}

static bool range_is_sound(const struct train *t)
{
    const struct train_clock *c = &t->clock;
    return c->epoch >= 0 && c->step >= 0 && c->minibatch >= 0 && c->cursor >= 0 &&
           (size_t)c->cursor <= t->data->train.n && c->order_batch >= 0 && t->now.batch_size >= 1;
}

bool train_take(struct train *t, const struct st_file *file, const char *path, struct error *err)
{
    struct items x = items_of(t);
    struct reading r = {.file = file, .path = path, .err = err};
    struct strbuf wrong;
    strbuf_init(&wrong);
    for (size_t i = 0; i < x.n; i++) {
        const struct st_tensor *found = st_find(file, x.v[i].name);
        if (!found)
            complain(&wrong, "missing", x.v[i].name);
        else if (!is_f32(found) || !has_shape(&x.v[i], found))
            complain(&wrong, "of another shape", x.v[i].name);
        else
            put(&x.v[i], found);
    }
    for (size_t i = 0; i < file->n; i++)
        if (!known(&x, "", file->tensor[i].name))
            complain(&wrong, "extra", file->tensor[i].name);
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
    add_model(&x, t->plan, "model.", model_params(t->model), model_buffers(t->model));
    sha256_init(&s);
    for (size_t i = 0; i < x.n; i++) {
        struct st_tensor p = packed(&a, &x.v[i]);
        sha256_add(&s, p.data, p.bytes);
    }
    sha256_finish(&s, ret_hex);
    arena_fini(&a);
    items_fini(&x);
}

/* ---- weights from any safetensors file ---- */

static bool is_counter(const char *name)
{
    size_t n = strlen(name), m = strlen("num_batches_tracked");
    return n >= m && strcmp(name + n - m, "num_batches_tracked") == 0;
}

/* The name inside the model: "model." (or "average." where that is wanted) taken off, NULL for
 * state that is not weights. */
static const char *inner_name(const char *name, bool averaged)
{
    const char *prefix = averaged ? "average." : "model.",
               *other = averaged ? "model." : "average.";
    if (strncmp(name, prefix, strlen(prefix)) == 0)
        return name + strlen(prefix);
    if (strncmp(name, "optimizer.", 10) == 0 || strncmp(name, other, strlen(other)) == 0 ||
        is_counter(name))
        return NULL;
    return name;
}

/* " (10 x 4, not 10 x 75)" where that is what is wrong. */
static void add_shapes(struct strbuf *b, const struct item *i, const struct st_tensor *t)
{
    if (!t || !st_is_real(t) || has_shape(i, t))
        return;
    strbuf_add(b, " (");
    add_shape(b, t->dim, t->dims);
    strbuf_add(b, ", not ");
    add_shape(b, i->dim, i->dims);
    strbuf_add(b, ")");
}

static const struct st_tensor *find_inner(const struct st_file *f, const char *name, bool averaged)
{
    for (size_t i = 0; i < f->n; i++) {
        const char *inner = inner_name(f->tensor[i].name, averaged);
        if (inner && strcmp(inner, name) == 0)
            return &f->tensor[i];
    }
    return NULL;
}

/* Takes the weights, F64 rounded to the nearest float; or what is wrong with them. */
static const char *take_weights(const struct item *i, const struct st_tensor *t)
{
    if (!st_is_real(t))
        return "not of type F32, F64, F16 or BF16";
    if (!has_shape(i, t))
        return "of another shape";
    size_t n = item_count(i);
    float *v = mem_array(n + 1, sizeof *v);
    bool finite = true;
    st_to_floats(t, v);
    for (size_t k = 0; k < n; k++)
        finite = finite && isfinite(v[k]);
    if (finite)
        tensor_unpack(&i->shape, v, i->data);
    mem_free(v);
    return finite ? NULL : "not finite in";
}

/* Where a checkpoint has the weights that its run evaluates, where those are not model.*: an
 * average, or what its optimizer keeps. */
struct evaluated {
    bool average;
    const char *slot; /* or NULL */
};

static bool is_positive(const struct st_file *f, const char *key)
{
    const char *n = st_meta(f, key);
    return n && strtoll(n, NULL, 10) > 0;
}

static struct evaluated find_evaluated(const struct st_file *f, const char *path)
{
    struct evaluated e = {.average = is_positive(f, "descent.averaged")};
    const char *text = st_meta(f, "descent.spec");
    struct arena a;
    struct diags d;
    struct spec spec;
    arena_init(&a);
    diags_init(&d, &a);
    if (!e.average && text && is_positive(f, "descent.step") &&
        spec_parse(&a, &(struct spec_text){.name = path, .text = text}, &d, &spec))
        e.slot = ((const struct optim_kind *)spec.optimizer.kind)->evaluate_slot;
    arena_fini(&a);
    return e;
}

static const struct st_tensor *find_weights(const struct st_file *f, const char *name,
                                            const struct evaluated *e)
{
    if (!e->slot)
        return find_inner(f, name, e->average);
    char *slot = path_new("optimizer.%s.%s", name, e->slot);
    const struct st_tensor *found = st_find(f, slot);
    mem_free(slot);
    return found;
}

bool train_load_weights(struct train *t, const char *path, bool averaged, struct error *err)
{
    struct st_file file;
    if (!st_read(path, &file, err))
        return false;
    struct evaluated e = find_evaluated(&file, path);
    if (averaged && !e.average && !e.slot) {
        st_fini(&file);
        return error_set(err, ERR_DATA,
                         "%s holds no average of its weights; 'model.init_weights: last' takes "
                         "those of its last update",
                         path);
    }
    if (!averaged && (e.average || e.slot))
        log_info("%s: these are the weights of the last update, not their average, which "
                 "'descent export' writes and 'model.init_weights: average' takes",
                 path);
    if (!averaged)
        e = (struct evaluated){0};
    struct items x = {0};
    struct strbuf wrong;
    arena_init(&x.arena);
    strbuf_init(&wrong);
    add_model(&x, t->plan, "", model_params(t->model), NULL);
    size_t params = x.n;
    add_model(&x, t->plan, "", NULL, model_buffers(t->model));
    for (size_t i = 0; i < x.n; i++) {
        const struct st_tensor *found = i < params ? find_weights(&file, x.v[i].name, &e)
                                                   : find_inner(&file, x.v[i].name, averaged);
        if (!found && i >= params)
            found = find_inner(&file, x.v[i].name,
                               false); /* statistics that averaging does not touch */
        const char *what = found ? take_weights(&x.v[i], found) : i < params ? "missing" : NULL;
        if (what) {
            complain(&wrong, what, x.v[i].name);
            add_shapes(&wrong, &x.v[i], found);
        }
    }
    for (size_t i = 0; i < file.n; i++) {
        const char *inner = inner_name(file.tensor[i].name, e.average);
        if (inner && !known(&x, "", inner))
            complain(&wrong, "extra", file.tensor[i].name);
    }
    bool ok = wrong.length == 0 ||
              error_set(err, ERR_DATA, "%s does not fit the model: %s", path, wrong.text);
    strbuf_fini(&wrong);
    items_fini(&x);
    st_fini(&file);
    return ok;
}

bool train_load_evaluated(struct train *t, const char *path, struct error *err)
{
    struct st_file file;
    if (!st_read(path, &file, err))
        return false;
    bool checkpoint = st_meta(&file, "descent.format") != NULL;
    st_fini(&file);
    return checkpoint ? train_load(t, path, err) : train_load_weights(t, path, false, err);
}
