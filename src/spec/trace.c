/* The section `trace`: what optimizers are watched on which function. */
#include "spec/spec.h"
#include <math.h>
#include <string.h>

/* ---- an optimizer with schedulers of its own ---- */

static const struct param optimizer_row =
    P_KIND(struct trace_entry, optimizer, NULL, &optim_registry, "the optimizer");
static const struct param scheduler_table[] = {P_KINDS(struct trace_entry, scheduler, "null",
                                                       &sched_registry, "its schedules",
                                                       .nullable = true),
                                               P_END};

/* The same mapping without one key. */
static const struct node *without(struct arena *a, const struct node *map, const char *key)
{
    struct node *copy = arena_alloc(a, sizeof *copy);
    *copy = *map;
    copy->n = 0;
    copy->item = arena_alloc(a, map->n * sizeof *copy->item);
    copy->key = arena_alloc(a, map->n * sizeof *copy->key);
    copy->key_place = arena_alloc(a, map->n * sizeof *copy->key_place);
    for (size_t i = 0; i < map->n; i++)
        if (strcmp(map->key[i], key) != 0) {
            copy->item[copy->n] = map->item[i];
            copy->key[copy->n] = map->key[i];
            copy->key_place[copy->n++] = map->key_place[i];
        }
    return copy;
}

/* What can be observed of a trace: a loss is the function's value. */
static bool has_quantity(const char *name)
{
    enum metric m = metric_find(name);
    return m < METRICS && (metric_info[m].quantity == METRIC_LOSS || m == METRIC_GRAD_NORM);
}

static bool check_scheduler(const struct chosen *c, struct error *err)
{
    const struct sched_kind *k = (const struct sched_kind *)c->kind;
    if (((const struct sched_common *)c->options)->apply_to == SCHED_BATCH_SIZE)
        return error_set(err, ERR_USAGE, "a trace has no batches for a schedule to grow");
    if (k->monitor && !has_quantity(k->monitor(c->options)))
        return error_set(err, ERR_USAGE, "a trace has no '%s' to observe: monitor last_batch_loss",
                         k->monitor(c->options));
    return true;
}

const struct optim_tensor spec_trace_point = {
    .name = "point", .shape = {2, 1, SPEC_TRACE_STORED, 0, 0}, .role = TENSOR_HIDDEN};

static bool check_entry(struct binder *b, const struct trace_entry *e, int64_t steps)
{
    struct sched_base base = spec_trace_base(e, steps);
    struct error err = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < e->scheduler.n; i++)
        ok = check_scheduler(&e->scheduler.v[i], &err);
    ok = ok && optim_check_groups(&e->optimizer, &spec_trace_point, 1, &err);
    struct sched *sched = ok ? sched_new(&e->scheduler, &base, &err) : NULL;
    ok = sched && sched_check(sched, &err);
    sched_free(sched);
    return ok || diags_add(b->diags, e->place, NULL, "%s", err.message);
}

/* One sample, one batch: an epoch is a step, so that a schedule's interval may be either. */
struct sched_base spec_trace_base(const struct trace_entry *e, int64_t steps)
{
    return (struct sched_base){
        .lr = optim_base_lr(&e->optimizer),
        .momentum = optim_base_momentum(&e->optimizer),
        .no_momentum = optim_refuses_no_momentum(&e->optimizer),
        .decay = optim_base_decay(&e->optimizer),
        .batch_size = 1,
        .train_size = 1,
        .epochs = PARAM_NULL_INT,
        .steps = steps,
        .accumulate = 1,
    };
}

static bool read_entry(struct binder *b, const struct node *value, struct trace_entry *ret)
{
    const struct node *scheduler = value->kind == NODE_MAP ? node_get(value, "scheduler") : NULL;
    bool ok = true;
    if (scheduler) {
        struct node only = {.kind = NODE_MAP, .place = value->place, .n = 1};
        only.item = (struct node *[]){node_copy(b->arena, scheduler)};
        only.key = (const char *[]){"scheduler"};
        only.key_place = (struct place[]){scheduler->place};
        ok =
            bind_table(b, scheduler_table, &only, scheduler->place, "an optimizer of a trace", ret);
        value = without(b->arena, value, "scheduler");
    }
    ok &= bind_kind(b, &optimizer_row, value, &ret->optimizer);
    return ok;
}

static bool read_entries(struct binder *b, const struct param *p, const struct node *value,
                         void *field)
{
    struct trace_entries *to = field;
    bool list = value->kind == NODE_LIST, ok = true;
    *to = (struct trace_entries){.n = list ? value->n : 1};
    if (node_is_null(value) || to->n == 0)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    to->v = arena_alloc(b->arena, to->n * sizeof *to->v);
    for (size_t i = 0; i < to->n; i++) {
        to->v[i].place = list ? value->item[i]->place : value->place;
        ok &= read_entry(b, list ? value->item[i] : value, &to->v[i]);
    }
    return ok;
}

/* {name: sgd, lr: 0.1} and a scheduler, or not, within the braces. */
static void write_entry(const struct trace_entry *e, struct strbuf *out)
{
    write_value(out, &optimizer_row, &e->optimizer);
    if (e->scheduler.n == 0)
        return;
    if (out->text[out->length - 1] == '}')
        out->text[--out->length] = '\0';
    strbuf_add(out, ", scheduler: ");
    write_value(out, &scheduler_table[0], &e->scheduler);
    strbuf_add(out, "}");
}

static void write_entries(const void *field, struct strbuf *out)
{
    const struct trace_entries *list = field;
    strbuf_add(out, "[");
    for (size_t i = 0; i < list->n; i++) {
        strbuf_add(out, i ? ", " : "");
        write_entry(&list->v[i], out);
    }
    strbuf_add(out, "]");
}

/* ---- the section ---- */

#define COORDINATE FROM_TO(-1e30, 1e30) /* the state is float32 */

static const struct param map_params[] = {
    P_REALS(struct trace_map, lr, "[]", AT_LEAST(0), "learning rates, ascending"),
    P_REALS(struct trace_map, momentum, "[]", FROM_BELOW(0, 1),
            "momentum values (or beta1), ascending"),
    P_END};

const struct param trace_params[] = {
    P_KIND(struct trace_config, function, "rosenbrock", &func_registry, "the function"),
    P_PAIR(struct trace_config, start, "null", COORDINATE,
           "x and y of the first point; null: the function's own", .nullable = true),
    P_INT(struct trace_config, steps, "500", FROM_TO(1, 1000000), "updates"),
    P_REAL(struct trace_config, noise, "0", FROM_TO(0, 1e30),
           "standard deviation of noise on each part of the gradient"),
    P_REALS(struct trace_config, domain, "null", COORDINATE,
            "what is shown: x from, to, y from, to; null: the function's own", .nullable = true),
    {.name = "optimizers",
     .type = PARAM_CUSTOM,
     .offset = offsetof(struct trace_config, optimizers),
     .fallback = "[{name: sgd, lr: 0.001, momentum: 0.9}, "
                 "{name: adam, lr: 0.05, scheduler: {name: exponential, k: 0.01, interval: step}}]",
     .shape = "an optimizer, or a list of them, each with an optional 'scheduler' inside",
     .registry = &optim_registry,
     .table = scheduler_table,
     .read = read_entries,
     .write = write_entries,
     .help = "whose paths are drawn"},
    P_SECTION(struct trace_config, map, map_params,
              "how fast the first optimizer converges, at each lr with each momentum"),
    P_END};

static bool check_domain(struct binder *b, const struct node *map, const struct reals *domain)
{
    const double *v = domain->v;
    if (domain->n == 4 && v[0] < v[1] && v[2] < v[3])
        return true;
    return diags_add(b->diags, node_place(map, "domain"), NULL,
                     "'domain' is [x from, x to, y from, y to], from below to");
}

static bool ascends(const struct reals *v)
{
    for (size_t i = 1; i < v->n; i++)
        if (v->v[i] <= v->v[i - 1])
            return false;
    return true;
}

static bool begins_in_minimum(const struct trace_config *t)
{
    const struct func_kind *f = func_chosen_kind(&t->function);
    bool any = false;
    for (size_t i = 0; i < f->minima; i++)
        any |= !(fabs((double)(float)t->start[0] - f->minimum[i].x) > 0) &&
               !(fabs((double)(float)t->start[1] - f->minimum[i].y) > 0);
    return any;
}

/* Rates are measured between the middle and the end of a way. */
static bool check_way(struct binder *b, const struct node *map, const struct trace_config *t)
{
    enum { LEAST = 16 };
    if (t->map.lr.n == 0)
        return true;
    if (t->steps < LEAST)
        return diags_add(b->diags, node_place(map, "steps"), NULL,
                         "a map needs at least %d steps to measure how fast they converge", LEAST);
    return !begins_in_minimum(t) ||
           diags_add(b->diags, node_place(map, "start"), NULL,
                     "a map needs another start: this one is the minimum already");
}

static bool check_map(struct binder *b, const struct node *map, const struct trace_config *t)
{
    const struct trace_map *m = &t->map;
    const char *wrong = NULL;
    if (m->lr.n == 0 && m->momentum.n == 0)
        return true;
    if (m->lr.n == 0 || m->momentum.n == 0)
        wrong = "a map needs both 'lr' and 'momentum'";
    else if (m->lr.n > 100 || m->momentum.n > 100)
        wrong = "a map has at most 100 by 100 cells";
    else if (!ascends(&m->lr) || !ascends(&m->momentum))
        wrong = "the values of a map must increase";
    else if (func_chosen_kind(&t->function)->minima == 0)
        wrong = "this function has no minimum to converge to";
    else if (!(optim_base_momentum(&t->optimizers.v[0].optimizer) >
               0)) /* without it sgd keeps no buffer */
        wrong = "the first optimizer has no momentum: give it any value above 0";
    return !wrong || diags_add(b->diags, node_place(map, "map"), NULL, "%s", wrong);
}

/* What is left out is the function's own, written out so that the resolved spec says all. */
static bool finish(struct binder *b, const struct node *map, struct trace_config *t)
{
    const struct func_kind *f = func_chosen_kind(&t->function);
    const struct node *start = node_get(map, "start");
    if (!start || node_is_null(start))
        memcpy(t->start, f->start, sizeof t->start);
    if (t->domain.n == 0) {
        t->domain = (struct reals){.n = 4, .v = arena_alloc(b->arena, sizeof f->domain)};
        memcpy(t->domain.v, f->domain, sizeof f->domain);
    }
    bool ok = check_domain(b, map, &t->domain);
    ok &= check_map(b, map, t) && check_way(b, map, t);
    for (size_t i = 0; i < t->optimizers.n; i++)
        ok &= check_entry(b, &t->optimizers.v[i], t->steps);
    return ok;
}

bool spec_read_trace(struct binder *b, const struct param *p, const struct node *value, void *field)
{
    struct trace_config *t = arena_alloc(b->arena, sizeof *t);
    *(struct trace_config **)field = NULL;
    if (node_is_null(value))
        return true;
    if (value->kind != NODE_MAP)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    if (!bind_table(b, trace_params, value, value->place, "section 'trace'", t) ||
        !finish(b, value, t))
        return false;
    *(struct trace_config **)field = t;
    return true;
}

/* ---- a spec that only traces ---- */

const struct param spec_trace_only_params[] = {
    P_TEXT(struct spec, name, "null", "the trace's name; default: the file's stem",
           .nullable = true, .json = SPEC_NAME_JSON),
    P_TEXT(struct spec, description, "\"\"", "free text"),
    P_INT(struct spec, seed, SPEC_SEED, AT_LEAST(0), "of the gradient noise"),
    {.name = "trace",
     .type = PARAM_CUSTOM,
     .offset = offsetof(struct spec, trace),
     .shape = "a mapping",
     .table = trace_params,
     .read = spec_read_trace,
     .help = "optimizers on a two-dimensional function"},
    P_END};

bool spec_only_traces(const struct node *root)
{
    const struct node *trace = node_get(root, "trace");
    return trace && !node_is_null(trace) && !node_get(root, "optimizer");
}

void spec_write_trace(const struct spec *s, struct strbuf *out)
{
    strbuf_add(out, "name: ");
    write_text(out, s->name);
    strbuf_add(out, "\ndescription: ");
    write_text(out, s->description);
    strbuf_addf(out, "\nseed: %lld\ntrace:\n", (long long)s->seed);
    write_table(out, trace_params, s->trace, 2);
}
