/* What a run trains with: planned and checked against the spec, then made. */
#include "num/blas.h"
#include "train/internal.h"
#include "util/log.h"
#include <math.h>

static bool schedules_move_batch(const struct spec *s)
{
    for (size_t i = 0; i < s->scheduler.n; i++)
        if (((const struct sched_common *)s->scheduler.v[i].options)->apply_to == SCHED_BATCH_SIZE)
            return true;
    return false;
}

/* Without a number of training images it is not known. Where schedules move the batch size,
 * sched_check says it of every size that they give. */
static bool check_batches(struct train *t, const struct data_sizes *sizes, struct error *err)
{
    const struct train_config *c = &t->spec->train;
    size_t n = sizes->train, batch = (size_t)c->batch_size;
    if (schedules_move_batch(t->spec))
        return true;
    if (n > 0 && c->drop_last && batch > n)
        return error_set_key(
            err, ERR_USAGE, "train.batch_size",
            "a batch of %zu images is larger than the training set of %zu, so that 'drop_last' leaves no update: set "
            "train.batch_size=%zu or less, or train.drop_last=false",
            batch, n, n);
    bool single = batch == 1 || (!c->drop_last && n % batch == 1);
    if (t->plan && t->plan->has_batch_norm && t->plan->norm_pixels <= 1 && single)
        return error_set_key(
            err, ERR_USAGE, "train.batch_size", "batch norm cannot train on a batch of one image%s",
            batch == 1 ? ": set train.batch_size=2 or more"
                       : ", which the epoch's last batch would be: set train.drop_last=true");
    return true;
}

static bool check_evaluation(struct train *t, const struct data_sizes *sizes, struct error *err)
{
    size_t n = sizes->train;
    int64_t images = t->spec->evaluate.train;
    return n == 0 || images == EVALUATE_FULL || (uint64_t)images <= n ||
           error_set_key(err, ERR_USAGE, "evaluate.train",
                         "'evaluate.train' is %lld, but there are %zu training images",
                         (long long)images, n);
}

static size_t largest_batch(const struct train *t)
{
    size_t n = t->data->train.n,
           most = (size_t)(sched_moves_batch(t->sched) ? sched_largest_batch(t->sched)
                                                       : t->spec->train.batch_size);
    return most < n ? most : n;
}

/* Sparse input pays below this share of pixels that are not zero. */
static const double sparse_below = 1.0 / 3;

static int sparse_wish(const struct spec *s)
{
    return ((const struct model_common *)s->model.options)->sparse_input;
}

static bool check_input(struct train *t, const struct data_sizes *n, struct error *err)
{
    if (sparse_wish(t->spec) != SPARSE_ON || !t->plan)
        return true;
    if (!model_takes_rows(t->plan))
        return error_set_key(
            err, ERR_USAGE, "model.sparse_input",
            "sparse input is for models whose first layer, and no shortcut past it, takes the "
            "images, and is linear");
    return data_takes_rows(&t->spec->dataset, n->image.channels) ||
           error_set_key(
               err, ERR_USAGE, "model.sparse_input",
               "sparse input is for images that are not augmented and whose pixels are all "
               "scaled alike: leave it at auto, or change dataset.augment or dataset.scale");
}

/* Whether the first layer is to skip zero pixels; the data then have what it needs. */
static void choose_input(struct train *t)
{
    int wish = sparse_wish(t->spec);
    bool possible =
        model_takes_rows(t->plan) && data_takes_rows(&t->spec->dataset, t->data->image.channels);
    t->sparse = wish == SPARSE_ON ||
                (wish == SPARSE_AUTO && possible && data_density(t->data) < sparse_below);
    if (t->sparse)
        data_make_rows(t->data);
}

/* The plan's tensors as the optimizer sees them; w and g are NULL where there is no model. */
static struct optim_tensor *tensors_of(const struct model_plan *plan, struct model *model)
{
    struct optim_tensor *v = mem_array(plan->params + 1, sizeof *v);
    for (size_t i = 0; i < plan->params; i++) {
        const struct model_tensor *p = &plan->param[i];
        v[i] = (struct optim_tensor){.name = p->name,
                                     .w = model ? model_params(model) + p->offset : NULL,
                                     .g = model ? model_grads(model) + p->offset : NULL,
                                     .shape = p->shape,
                                     .role = p->role,
                                     .layer = plan->layer[p->layer].name};
    }
    return v;
}

/* Where the data are not known, neither are all tensors. */
static bool check_groups(struct train *t, const struct data_sizes *n, struct error *err)
{
    if (n->image.channels == 0 || n->classes == 0 || !t->plan)
        return true;
    struct optim_tensor *v = tensors_of(t->plan, NULL);
    bool ok = optim_check_groups(&t->spec->optimizer, v, t->plan->params, err);
    mem_free(v);
    return ok;
}

static struct optim *optim_of(struct train *t)
{
    struct optim_tensor *v = tensors_of(t->plan, t->model);
    struct optim *o = optim_new(&t->spec->optimizer, v, t->plan->params);
    mem_free(v);
    return o;
}

/* The first epoch's order, over which statistics for weights of no epoch are taken. */
static void plan_refresh(struct train *t)
{
    if (!t->plan->has_batch_norm)
        return;
    t->first_order = mem_array(t->data->train.n, sizeof *t->first_order);
    int64_t batch = sched_settings(t->sched, 0, 0).batch_size;
    train_order(t, 0, batch, t->first_order);
}

static bool make_schedule(struct train *t, const struct data_sizes *sizes, struct error *err)
{
    size_t n = sizes->train;
    struct sched_base base = spec_sched_base(t->spec, n > 0 ? n : SPEC_TYPICAL_IMAGES);
    base.guessed = n == 0;
    base.lone_fails = t->plan && t->plan->has_batch_norm;
    t->sched = sched_new(&t->spec->scheduler, &base, err);
    const struct sched_position now = {.epoch = t->clock.epoch, .step = t->clock.step};
    return t->sched && (t->to_load || sched_check_ahead(t->sched, &now, err));
}

static bool make_plan(struct train *t, const struct data_sizes *n, struct error *err)
{
    return model_plan_new(&t->spec->model, n->image, n->classes, &t->plan, err);
}

/* All that the spec and the sizes of its data decide, before memory is taken. Without a plan the
 * others say what they can. */
typedef bool decision(struct train *t, const struct data_sizes *n, struct error *err);
static decision *const decisions[] = {make_plan,   check_batches, check_evaluation,
                                      check_input, check_groups,  make_schedule};
enum { DECISIONS = sizeof decisions / sizeof decisions[0] };

static bool groups_move(const struct optim_groups *groups, enum param_role role)
{
    for (size_t i = 0; i < groups->n; i++) {
        double factor = role == PARAM_ROLE_LR ? groups->v[i].lr : groups->v[i].weight_decay;
        bool freezes = role == PARAM_ROLE_LR && !(factor > 0);
        if (!freezes && (factor < 1 || factor > 1))
            return true;
    }
    return false;
}

/* What schedules, groups and the optimizer's own keys say of a number that no equation reads. */
static void warn_of_unread(const struct train *t)
{
    const struct chosen *c = &t->spec->optimizer;
    const struct optim_groups *groups = &optim_common(c->options)->groups;
    const struct {
        enum param_role role;
        enum sched_target target;
        const char *name;
        double own; /* 0: cannot be told from the default */
    } v[] = {{PARAM_ROLE_LR, SCHED_LR, "lr", 0},
             {PARAM_ROLE_MOMENTUM, SCHED_MOMENTUM, "momentum", optim_base_momentum(c)},
             {PARAM_ROLE_DECAY, SCHED_WEIGHT_DECAY, "weight_decay", optim_base_decay(c)}};
    for (size_t i = 0; i < sizeof v / sizeof v[0]; i++) {
        if (optim_reads(c, v[i].role))
            continue;
        if (sched_moves(t->sched, v[i].target))
            log_warn_once("the scheduler moves '%s', which no line of optimizer.update reads: it "
                          "has no effect",
                          v[i].name);
        else if (v[i].role != PARAM_ROLE_MOMENTUM && groups_move(groups, v[i].role))
            log_warn_once("optimizer.groups has factors of '%s', which no line of "
                          "optimizer.update reads: they have no effect",
                          v[i].name);
        else if (v[i].own > 0)
            log_warn_once("optimizer.%s is %.9g, but no line of optimizer.update reads it: it has "
                          "no effect",
                          v[i].name, v[i].own);
    }
}

static void warn_of_pieces(const struct train *t)
{
    const struct node *ignored = spec_ignored_interval(t->spec);
    if (ignored && ignored->place.source)
        log_warn_once(
            "%s:%u:%u: 'interval: epoch' of this schedule has no effect: its 'sequential' "
            "counts steps, with 'interval: step'",
            ignored->place.source->path, ignored->place.line, ignored->place.column);
}

/* Of what is right but does nothing. */
static void warn_of_plan(const struct train *t, const struct data_sizes *n)
{
    struct error why;
    warn_of_unread(t);
    warn_of_pieces(t);
    if (n->train > 0 && sched_stands_still(t->sched, &why))
        log_warn_once("%s", why.message);
    if (n->train > 0 && !t->to_load && sched_lacks_length(t->sched, &why))
        log_warn_once("%s", why.message);
}

static bool plan(struct train *t, const struct data_sizes *n, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < DECISIONS; i++)
        ok = decisions[i](t, n, err);
    if (ok)
        warn_of_plan(t, n);
    return ok;
}

static bool plan_for_data(struct train *t, struct error *err)
{
    const struct data *d = t->data;
    struct data_sizes n = {.train = d->train.n, .image = d->image, .classes = d->classes};
    if (!plan(t, &n, err))
        return false;
    choose_input(t);
    return true;
}

static size_t evaluation_batch(const struct train *t)
{
    const struct data *d = t->data;
    return spec_evaluation_batch(t->spec, d->train.n, d->valid.n, d->test.n);
}

double train_state_bytes(const struct spec *s, const struct model_plan *plan)
{
    struct optim_tensor *v = tensors_of(plan, NULL);
    double state = optim_bytes_wanted(&s->optimizer, v, plan->params, (size_t)s->threads),
           weights = (double)plan->param_floats * sizeof(float),
           statistics = (double)plan->buffer_floats * sizeof(float);
    mem_free(v);
    const struct average_kind *k = (const struct average_kind *)s->average.kind;
    if (k)
        state += weights + (k->own_statistics ? statistics : 0);
    else if (optim_brings_average(&s->optimizer))
        state += weights + statistics;
    if (s->train.sam.rho > 0)
        state += weights + statistics;
    return state;
}

/* Before any of it is taken: what training wants, against what the machine has. */
static bool check_memory(const struct train *t, struct error *err)
{
    size_t batch = largest_batch(t), evaluation = evaluation_batch(t);
    double wanted = model_bytes_wanted(t->plan, batch, evaluation, (size_t)t->spec->threads),
           state = train_state_bytes(t->spec, t->plan), there = mem_limit();
    if (wanted + state > there && state > wanted)
        return error_set_key(
            err, ERR_SYSTEM, "optimizer",
            "the optimizer's state takes %.1f GB beside the %.1f GB of the model and its batches, but the "
            "machine has %.1f GB: take another optimizer or a smaller model",
            state / 1e9, wanted / 1e9, there / 1e9);
    const char *key = model_bytes_wanted(t->plan, 1, evaluation, 1) > 0.9 * wanted
                          ? "evaluate.batch_size"
                          : "train.batch_size";
    return wanted + state <= there ||
           error_set_key(err, ERR_SYSTEM, key,
                         "the model and batches of %zu images in training and %zu in evaluation "
                         "take %.1f GB, but the machine has %.1f GB: set a smaller %s=N",
                         batch, evaluation, (wanted + state) / 1e9, there / 1e9, key);
}

static bool build(struct train *t, struct error *err)
{
    const struct spec *s = t->spec;
    const struct model_common *m = s->model.options;
    if (!team_new((size_t)s->threads, &t->team, err))
        return error_blame(err, "threads");
    if (!check_memory(t, err))
        return false;
    t->model = model_new(t->plan, largest_batch(t), evaluation_batch(t), (size_t)s->threads,
                         (uint64_t)s->seed);
    t->matmul = (struct matmul){.team = t->team,
                                .kernel = m->matmul == MATMUL_BLAS ? GEMM_NONE : gemm_best()};
    model_use_matmul(t->model, &t->matmul);
    if (t->sparse)
        model_use_rows(t->model, t->data->scale[0], t->data->shift[0]);
    model_init(t->model, &m->init, (uint64_t)s->seed);
    if (m->init_from && !t->to_load &&
        !train_load_weights(t, m->init_from, m->init_weights == INIT_AVERAGE, err))
        return error_prefix(err, "model.init_from: ");
    t->optim = optim_of(t);
    optim_use_matmul(t->optim, &t->matmul);
    train_average_plan(t);
    if (s->train.sam.rho > 0)
        t->before = mem_array(t->plan->param_floats + t->plan->buffer_floats, sizeof(float));
    t->order = mem_array(t->data->train.n, sizeof *t->order);
    t->scratch = mem_array(t->data->train.n, sizeof *t->scratch);
    t->pixels = mem_new(t->data->features + 1);
    plan_refresh(t);
    t->now = sched_settings(t->sched, 0, 0);
    t->best.epoch = -1;
    t->early_best = (double)NAN;
    return true;
}

static struct train *begin(const struct spec *spec, struct data *data)
{
    struct train *t = mem_new(sizeof *t);
    blas_use_one_thread();
    t->spec = spec;
    t->data = data;
    return t;
}

static bool make(const struct spec *spec, struct data *data, bool to_load, struct train **ret,
                 struct error *err)
{
    struct train *t = begin(spec, data);
    t->to_load = to_load;
    if (!plan_for_data(t, err) || !build(t, err)) {
        train_free(t);
        return false;
    }
    *ret = t;
    return true;
}

bool train_new(const struct spec *spec, struct data *data, struct train **ret, struct error *err)
{
    return make(spec, data, false, ret, err);
}

bool train_new_to_load(const struct spec *spec, struct data *data, struct train **ret,
                       struct error *err)
{
    return make(spec, data, true, ret, err);
}

bool train_check(const struct spec *spec, struct data *data, struct error *err)
{
    struct train *t = begin(spec, data);
    bool ok = plan_for_data(t, err);
    train_free(t);
    return ok;
}

bool train_lengthen(struct train *t, const struct sched_position *from, struct error *err)
{
    const struct sched_position now = {t->clock.epoch, t->clock.step, t->clock.cursor};
    struct error why;
    if ((from && !sched_lengthen(t->sched, from, err)) || !sched_check_ahead(t->sched, &now, err))
        return false;
    if (from && sched_lacks_length(t->sched, &why))
        log_warn_once("%s", why.message);
    return true;
}

static bool check_ahead(const struct spec *spec, bool to_load, struct error *err)
{
    struct data_sizes n;
    if (!data_sizes(&spec->dataset, &n, err) && err->code == ERR_USAGE)
        return false;
    struct train *t = begin(spec, NULL);
    t->to_load = to_load;
    bool ok = plan(t, &n, err);
    train_free(t);
    return ok;
}

bool train_check_ahead(const struct spec *spec, struct error *err)
{
    return check_ahead(spec, false, err);
}

bool train_check_to_load(const struct spec *spec, struct error *err)
{
    return check_ahead(spec, true, err);
}

bool train_check_all(const struct spec *spec, int64_t epoch, int64_t step, struct diags *d)
{
    struct data_sizes n;
    struct error err;
    bool ok = data_sizes(&spec->dataset, &n, &err) || err.code != ERR_USAGE;
    if (!ok)
        diags_add_error(d, spec->root, &err);
    struct train *t = begin(spec, NULL);
    t->clock.epoch = epoch;
    t->clock.step = step;
    for (size_t i = 0; i < DECISIONS; i++)
        if (!decisions[i](t, &n, &err))
            ok = diags_add_error(d, spec->root, &err);
    if (ok)
        warn_of_plan(t, &n);
    train_free(t);
    return ok;
}

void train_free(struct train *t)
{
    if (!t)
        return;
    team_free(t->team);
    sched_free(t->sched);
    optim_free(t->optim);
    model_free(t->model);
    model_plan_free(t->plan);
    mem_free(t->order);
    mem_free(t->pixels);
    mem_free(t->scratch);
    mem_free(t->first_order);
    mem_free(t->average);
    mem_free(t->average_buffers);
    mem_free(t->before);
    mem_free(t->evaluated);
    mem_free(t);
}
