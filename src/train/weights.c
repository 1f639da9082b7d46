/* Weights from any safetensors file: a checkpoint's, or bare ones. */
#include "num/tensor.h"
#include "optim/optim.h"
#include "spec/spec.h"
#include "train/internal.h"
#include "train/items.h"
#include "util/log.h"
#include "util/path.h"
#include "util/strbuf.h"
#include "util/text.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add_shape(struct strbuf *b, const size_t *dim, size_t dims)
{
    for (size_t k = 0; k < dims; k++)
        strbuf_addf(b, "%s%zu", k > 0 ? " x " : "", dim[k]);
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
    if (!t || !st_is_real(t) || item_has_shape(i, t))
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
    if (!item_has_shape(i, t))
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

static bool is_positive(const struct st_file *f, const char *key)
{
    const char *n = st_meta(f, key);
    return n && strtoll(n, NULL, 10) > 0;
}

static bool is_checkpoint(const struct st_file *f)
{
    return st_meta(f, "descent.format") != NULL;
}

bool train_find_evaluated(const struct st_file *f, const char *path, struct train_evaluated *ret,
                          struct error *err)
{
    const char *text = st_meta(f, "descent.spec");
    struct arena a;
    struct diags d;
    struct spec spec;
    *ret = (struct train_evaluated){0};
    if (!is_checkpoint(f))
        return true;
    ret->average = ret->statistics = is_positive(f, "descent.averaged");
    if (ret->average || !is_positive(f, "descent.step"))
        return true;
    arena_init(&a);
    diags_init(&d, &a);
    bool ok = text && spec_parse(&a, &(struct spec_text){.name = path, .text = text}, &d, &spec);
    if (ok) {
        const struct optim_kind *k = (const struct optim_kind *)spec.optimizer.kind;
        ret->slot = k->evaluate_slot;
        ret->statistics = k->evaluate_slot != NULL;
    } else {
        error_set(err, ERR_DATA, "%s: this version cannot read the spec that it carries%s%s", path,
                  d.n > 0 ? ": " : "", d.n > 0 ? d.item[0].message : "");
    }
    arena_fini(&a);
    return ok;
}

void train_warn_stale(const struct st_file *f, const char *path, const struct train_evaluated *e)
{
    if (e->slot && is_positive(f, "descent.cursor"))
        for (size_t i = 0; i < f->n; i++)
            if (text_ends(f->tensor[i].name, ".running_var")) {
                log_warn("%s is within an epoch: its batch-norm statistics are those of the last "
                         "evaluation",
                         path);
                return;
            }
}

/* What 'descent export' wrote of a run that averaged: its only weights are the average. */
static bool is_exported_average(const struct st_file *f)
{
    const char *from = st_meta(f, "descent.weights");
    return !is_checkpoint(f) && from && strcmp(from, "weights") != 0;
}

static const struct st_tensor *find_weights(const struct st_file *f, const char *name,
                                            const struct train_evaluated *e)
{
    if (!e->slot)
        return find_inner(f, name, e->average);
    char *slot = path_new("optimizer.%s.%s", name, e->slot);
    const struct st_tensor *found = st_find(f, slot);
    mem_free(slot);
    return found;
}

/* Which weights are taken: those evaluated where `averaged`, else the last. */
static bool choose(const struct st_file *f, const char *path, bool averaged,
                   struct train_evaluated *ret, struct error *err)
{
    bool known = train_find_evaluated(f, path, ret, err), other = ret->average || ret->slot;
    if (averaged)
        return known &&
               (other || is_exported_average(f) ||
                error_set(err, ERR_DATA,
                          "%s holds no average of its weights; 'model.init_weights: last' takes "
                          "those of its last update",
                          path));
    if (other)
        log_info("%s: these are the weights of the last update, not their average, which "
                 "'descent export' writes and 'model.init_weights: average' takes",
                 path);
    *ret = (struct train_evaluated){0};
    return true;
}

bool train_load_weights(struct train *t, const char *path, bool averaged, struct error *err)
{
    struct st_file file;
    if (!st_read(path, &file, err))
        return false;
    struct train_evaluated e;
    if (!choose(&file, path, averaged, &e, err)) {
        st_fini(&file);
        return false;
    }
    train_warn_stale(&file, path, &e);
    struct items x = {0};
    struct strbuf wrong;
    arena_init(&x.arena);
    strbuf_init(&wrong);
    items_add_model(&x, t->plan, "", model_params(t->model), NULL);
    size_t params = x.n;
    items_add_model(&x, t->plan, "", NULL, model_buffers(t->model));
    for (size_t i = 0; i < x.n; i++) {
        const struct st_tensor *found = i < params ? find_weights(&file, x.v[i].name, &e)
                                                   : find_inner(&file, x.v[i].name, averaged);
        if (!found && i >= params)
            found = find_inner(&file, x.v[i].name,
                               false); /* statistics that averaging does not touch */
        const char *what = found ? take_weights(&x.v[i], found) : i < params ? "missing" : NULL;
        if (what) {
            items_complain(&wrong, what, x.v[i].name);
            add_shapes(&wrong, &x.v[i], found);
        }
    }
    for (size_t i = 0; i < file.n; i++) {
        const char *inner = inner_name(file.tensor[i].name, e.average);
        if (inner && !items_know(&x, inner))
            items_complain(&wrong, "extra", file.tensor[i].name);
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
    bool checkpoint = is_checkpoint(&file);
    st_fini(&file);
    return checkpoint ? train_load(t, path, err) : train_load_weights(t, path, false, err);
}
