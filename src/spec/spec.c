/* Loading, cross checks, writing back. */
#include "spec/spec.h"
#include "util/folder_names.h"
#include "util/path.h"
#include "util/text.h"
#include <string.h>

/* ---- checks across sections ---- */

static bool has_control(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7F ||
            ((unsigned char)*s == 0xC2 && (unsigned char)s[1] < 0xA0))
            return true;
    return false;
}

static bool check_name(const struct spec *s, struct diags *d)
{
    enum { LONGEST = 255 }; /* bytes, of a folder's name */
    const struct node *name = node_get(s->root, "name");
    const char *wrong = NULL;
    if (s->name[0] == '\0' || strchr(s->name, '/') || s->name[0] == '.')
        wrong = "it is not empty, has no '/' and does not begin with '.'";
    else if (strlen(s->name) > LONGEST)
        wrong = "it has at most 255 bytes";
    else if (has_control(s->name))
        wrong = "it has no control characters, such as the end of a line";
    if (!wrong)
        return true;
    if (name && !node_is_null(name))
        return diags_add(d, name->place, NULL, "'name' names a folder: %s", wrong);
    return diags_add(d, (struct place){0}, "give the spec a 'name'",
                     "the file's own name, '%s', cannot name a folder: %s", s->name, wrong);
}

static bool check_length(struct spec *s, struct diags *d)
{
    const struct node *epochs = node_find(s->root, "train.epochs");
    if (s->train.steps == PARAM_NULL_INT) {
        if (s->train.epochs == PARAM_NULL_INT)
            return diags_add(d, node_place(s->root, "train.epochs"), NULL,
                             "a run needs 'epochs' or 'steps'");
        return true;
    }
    if (epochs && !node_is_null(epochs))
        return diags_add(d, node_place(s->root, "train.steps"),
                         "leave one of them out: 'train.steps=null' does",
                         "give 'epochs' or 'steps', not both");
    s->train.epochs = PARAM_NULL_INT;
    return true;
}

/* A metric that decides something has values after each epoch, and is not of the test set:
 * validation figures need a validation set, and so on. key: where it is given; a default is named,
 * as it stands nowhere. */
static bool check_metric(const struct spec *s, struct diags *d, struct place place, const char *key,
                         enum metric m)
{
    const char *need = metric_needs(m, s);
    if (metric_is_test(m))
        return diags_add(d, place,
                         arena_printf(s->arena, "take '%s'%s", metric_names[metric_to_choose_by(m)],
                                      s->dataset.validation > 0
                                          ? ""
                                          : ", with a validation set (dataset.validation)"),
                         "test figures decide nothing: '%s' is for the end alone", metric_names[m]);
    if (!need)
        return true;
    if (!node_find(s->root, key))
        return diags_add(
            d, place, arena_printf(s->arena, "another is '%s=train_loss'", key),
            "'%s', the default of '%s', is not evaluated after each epoch: it needs %s",
            metric_names[m], key, need);
    return diags_add(d, place, NULL, "'%s' is not evaluated after each epoch: it needs %s",
                     metric_names[m], need);
}

static bool check_best(struct spec *s, struct diags *d)
{
    const char *best = s->checkpoint.best;
    if (!best)
        return true;
    enum metric m = metric_find(best);
    if (m == METRICS) {
        const char *near = suggest(best, metric_names, METRICS);
        return diags_add(d, node_place(s->root, "checkpoint.best"),
                         near ? arena_printf(s->arena, "did you mean '%s'?", near) : NULL,
                         "'%s' is not a figure by which a best one is chosen", best);
    }
    if (!node_find(s->root, "checkpoint.best") && !(s->dataset.validation > 0)) {
        s->checkpoint.best = NULL;
        return true;
    }
    return check_metric(s, d, node_place(s->root, "checkpoint.best"), "checkpoint.best", m);
}

/* What an expectation is of will be there at the end. */
static bool check_expect(const struct spec *s, struct diags *d)
{
    bool ok = true;
    for (size_t i = 0; i < s->expect.n; i++) {
        enum metric m = metric_find(s->expect.v[i].metric);
        const char *need = m < METRICS ? metric_needs(m, s) : NULL; /* weights there always are */
        if (need)
            ok = diags_add(d, node_get(node_get(s->root, "expect"), metric_names[m])->place, NULL,
                           "there will be no '%s' at the end: it needs %s", metric_names[m], need);
    }
    return ok;
}

static bool check_stopping(const struct spec *s, struct diags *d)
{
    const struct early_stopping *e = &s->train.early_stopping;
    const char *key = "train.early_stopping.monitor";
    return !e->on || check_metric(s, d, node_place(s->root, key), key, (enum metric)e->monitor);
}

static bool check_monitors(const struct spec *s, struct diags *d)
{
    bool ok = true;
    for (size_t i = 0; i < s->scheduler.n; i++) {
        const struct sched_kind *k = (const struct sched_kind *)s->scheduler.v[i].kind;
        if (!k->monitor)
            continue;
        const char *name = k->monitor(s->scheduler.v[i].options);
        enum metric m = metric_find(name);
        struct place place = s->scheduler.v[i].place;
        const struct node *entry = node_find(s->root, "scheduler");
        if (entry && entry->kind == NODE_LIST)
            entry = entry->item[i];
        if (entry && node_get(entry, "monitor"))
            place = node_get(entry, "monitor")->place;
        if (m == METRICS) {
            const char *near = suggest(name, metric_names, METRICS);
            ok = diags_add(d, place,
                           near ? arena_printf(s->arena, "did you mean '%s'?", near) : NULL,
                           "'%s' is not a logged quantity", name);
        } else {
            ok &= check_metric(s, d, place, arena_printf(s->arena, "scheduler.%zu.monitor", i), m);
        }
    }
    return ok;
}

/* One average at a time; and one that depends on the run's length needs a length. */
static bool check_average(const struct spec *s, struct diags *d)
{
    const struct average_kind *k = (const struct average_kind *)s->average.kind;
    if (!k)
        return true;
    bool ok = true;
    if (optim_brings_average(&s->optimizer))
        ok = diags_add(d, node_place(s->root, "average"), "leave one of them out",
                       "%s brings an average of its own, which would be left out of 'average: %s'",
                       s->optimizer.kind->name, k->base.name);
    for (size_t i = 0; k->takes && i < s->scheduler.n; i++) {
        const struct chosen *c = &s->scheduler.v[i];
        const struct sched_common *common = c->options;
        if (((const struct sched_kind *)c->kind)->observe && common->apply_to == SCHED_BATCH_SIZE)
            ok = diags_add(
                d, c->place, "take 'average: ema'",
                "'average: %s' begins at a share of the run's updates, which %s on the batch size leaves "
                "open",
                k->base.name, c->kind->name);
    }
    return ok;
}

/* The schedules against the optimizer; the training set's size does not matter to what can be wrong
 * here, and what it and the model decide is found with them (train_check_ahead). */
static bool check_schedules(const struct spec *s, struct diags *d)
{
    struct sched_base base = spec_sched_base(s, SPEC_TYPICAL_IMAGES);
    base.guessed = true;
    if (base.batch_size > base.train_size)
        base.train_size = base.batch_size;
    struct error err = {0};
    struct sched *sched = sched_new(&s->scheduler, &base, &err);
    bool ok = sched && sched_check(sched, &err);
    sched_free(sched);
    return ok || diags_add_error(d, s->root, &err);
}

/* What the command line sets and no equation reads. */
static bool check_unread(const struct spec *s, struct diags *d)
{
    static const enum param_role role[] = {PARAM_ROLE_LR, PARAM_ROLE_MOMENTUM, PARAM_ROLE_DECAY};
    bool ok = true;
    for (size_t i = 0; i < sizeof role / sizeof role[0]; i++) {
        const struct param *p = kind_param_of_role(&optim_registry, s->optimizer.kind, role[i]);
        if (!p || optim_reads(&s->optimizer, role[i]))
            continue;
        const struct node *value =
            node_find(s->root, arena_printf(s->arena, "optimizer.%s", p->name));
        if (value && value->place.source && strcmp(value->place.source->path, "command line") == 0)
            ok = diags_add(d, value->place, NULL,
                           "no line of optimizer.update reads '%s': it has no effect", p->name);
    }
    return ok;
}

static bool check_data(const struct spec *s, struct diags *d)
{
    const char *key;
    struct place place;
    const char *wrong = data_config_check(&s->dataset, s->arena, &key, &place);
    if (wrong) {
        const char *path = arena_printf(s->arena, "dataset.%s", key);
        bool seed = strcmp(key, "seed") == 0;
        return diags_add(d, place.source ? place : node_place(s->root, path),
                         seed ? "the run's own 'seed' is at the top level" : NULL, "%s", wrong);
    }
    const struct data_config *c = &s->dataset;
    const struct node *validation = node_find(s->root, "dataset.validation");
    if (data_has_folds(c) && validation && !node_is_null(validation))
        return diags_add(d, node_place(s->root, "dataset.folds"),
                         "leave one of them out: 'validation: null' does",
                         "give 'folds' or 'validation', not both");
    if (!data_has_folds(c) && c->fold != 0)
        return diags_add(d, node_place(s->root, "dataset.fold"), NULL,
                         "'fold' is one of the parts that 'folds' counts, which is missing");
    if (data_has_folds(c) && c->fold >= c->folds)
        return diags_add(d, node_place(s->root, "dataset.fold"), NULL,
                         "'fold' is %lld; of %lld folds the last is %lld", (long long)c->fold,
                         (long long)c->folds, (long long)c->folds - 1);
    return true;
}

static bool bind_trace_alone(struct arena *a, const struct node *root, const char *stem,
                             struct diags *d, struct spec *ret)
{
    struct spec s = {.root = root, .arena = a};
    struct binder b = {.arena = a, .diags = d};
    if (!bind_table(&b, spec_trace_only_params, root, root->place,
                    "a spec of a trace alone (without 'optimizer')", &s) ||
        d->partial)
        return false;
    if (!s.name)
        s.name = stem;
    if (!check_name(&s, d))
        return false;
    *ret = s;
    return true;
}

/* Whether this row of the whole table is right by itself. */
static bool row_is_sound(const struct spec *s, const char *name)
{
    struct spec scratch = {0};
    struct diags d;
    struct binder b = {.arena = s->arena, .diags = &d};
    const struct param *p = spec_params;
    while (strcmp(p->name, name) != 0)
        p++;
    const struct param table[] = {*p, P_END};
    const struct node *value = node_get(s->root, name);
    struct node *item[] = {value ? node_copy(s->arena, value) : NULL},
                row = {.kind = NODE_MAP, .n = value != NULL, .item = item};
    struct place place[] = {{0}};
    row.key = &name;
    row.key_place = place;
    diags_init(&d, s->arena);
    return bind_table(&b, table, &row, row.place, name, &scratch);
}

/* Each check where all that it looks at could be read. begun: see bind. */
static bool check_across(struct spec *s, bool bound, bool begun, struct diags *d)
{
    bool data = bound || row_is_sound(s, "dataset"), train = bound || row_is_sound(s, "train");
    bool metrics = data && (bound || row_is_sound(s, "evaluate")),
         scheduler = bound || row_is_sound(s, "scheduler");
    bool optimizer = bound || row_is_sound(s, "optimizer");
    bool ok = check_name(s, d);
    if (train)
        ok &= check_length(s, d);
    if (data)
        ok &= check_data(s, d);
    if (metrics && (bound || row_is_sound(s, "checkpoint")))
        ok &= check_best(s, d);
    if (metrics && train)
        ok &= check_stopping(s, d);
    if (metrics && (bound || row_is_sound(s, "expect")))
        ok &= check_expect(s, d);
    if (scheduler && optimizer && (bound || row_is_sound(s, "average")))
        ok &= check_average(s, d);
    if (optimizer)
        ok &= check_unread(s, d);
    bool monitors = !metrics || !scheduler || check_monitors(s, d);
    if (monitors && scheduler && optimizer && train && ok && !begun)
        ok &= check_schedules(s, d);
    return ok && monitors;
}

/* begun: of a run that trained with it. Its schedules were checked, and a longer one's are checked
 * from where it resumes (train_lengthen); before that they may have no value. */
static bool bind(struct arena *a, const struct node *root, const char *stem, bool begun,
                 struct diags *d, struct spec *ret)
{
    struct spec s = {.root = root, .arena = a};
    struct binder b = {.arena = a, .diags = d, .root = spec_params};
    bool ok = bind_table(&b, spec_params, root, root->place, "a spec", &s);
    if (d->partial)
        return false;
    if (!s.name)
        s.name = stem;
    if (ok)
        data_config_finish(&s.dataset, a);
    ok &= check_across(&s, ok, begun, d);
    if (ok)
        *ret = s;
    return ok;
}

bool spec_bind(struct arena *a, const struct node *root, const char *stem, struct diags *d,
               struct spec *ret)
{
    return bind(a, root, stem, false, d, ret);
}

bool spec_bind_begun(struct arena *a, const struct node *root, const char *stem, struct diags *d,
                     struct spec *ret)
{
    return bind(a, root, stem, true, d, ret);
}

static bool bind_whole(struct arena *a, struct node *root, const char *path, bool begun,
                       struct diags *d, struct spec *ret)
{
    if (!spec_only_traces(root))
        return bind(a, root, path_stem(a, path), begun, d, ret);
    return !d->partial &&
           diags_add(d, root->place,
                     arena_printf(a, "'descent trace %s' draws what it describes", text_word(path)),
                     "a spec needs 'optimizer', which is missing");
}

static bool bind_any(struct arena *a, struct node *root, const char *path, bool begun,
                     struct diags *d, struct spec *ret)
{
    return spec_only_traces(root) ? bind_trace_alone(a, root, path_stem(a, path), d, ret)
                                  : bind(a, root, path_stem(a, path), begun, d, ret);
}

/* A run's own. */
static bool is_recorded(const char *path)
{
    return strcmp(path_base(path), FOLDER_SPEC) == 0;
}

/* A run's spec.yaml has every value written out. */
static struct node *load(struct arena *a, const char *path, char *const *overrides, size_t n,
                         struct diags *d)
{
    struct node *root =
        node_load_part(a, path, is_recorded(path) ? NODE_RECORDED_MOST : NODE_GIVEN_MOST, d);
    if (root)
        d->partial |= !spec_override(a, root, overrides, n, d);
    return root;
}

bool spec_load(struct arena *a, const char *path, char *const *overrides, size_t n, struct diags *d,
               struct spec *ret)
{
    struct node *root = load(a, path, overrides, n, d);
    return root && bind_whole(a, root, path, is_recorded(path), d, ret);
}

bool spec_load_any(struct arena *a, const char *path, char *const *overrides, size_t n,
                   struct diags *d, struct spec *ret)
{
    struct node *root = load(a, path, overrides, n, d);
    return root && bind_any(a, root, path, is_recorded(path), d, ret);
}

static struct node *parse(struct arena *a, const struct spec_text *x, struct diags *d)
{
    struct source *source = arena_alloc(a, sizeof *source);
    *source = (struct source){.path = x->name, .text = x->text, .length = strlen(x->text)};
    struct node *root = node_parse_sections(a, source, d);
    if (root)
        d->partial |= !spec_override(a, root, x->override, x->overrides, d);
    return root;
}

bool spec_parse(struct arena *a, const struct spec_text *x, struct diags *d, struct spec *ret)
{
    struct node *root = parse(a, x, d);
    return root && bind_whole(a, root, x->name, true, d, ret);
}

bool spec_parse_any(struct arena *a, const struct spec_text *x, struct diags *d, struct spec *ret)
{
    struct node *root = parse(a, x, d);
    return root && bind_any(a, root, x->name, true, d, ret);
}

void spec_write(const struct spec *s, struct strbuf *out)
{
    if (!s->optimizer.kind) {
        spec_write_trace(s, out);
        return;
    }
    write_table(out, spec_params, s, 0);
}

bool spec_is_resolved(const char *text)
{
    struct arena a;
    struct spec s = {0};
    struct diags d;
    struct strbuf out;
    arena_init(&a);
    diags_init(&d, &a);
    strbuf_init(&out);
    if (spec_parse(&a, &(struct spec_text){.name = "spec", .text = text}, &d, &s) &&
        s.optimizer.kind)
        spec_write(&s, &out);
    bool is = out.length > 0 && strcmp(out.text, text) == 0;
    strbuf_fini(&out);
    arena_fini(&a);
    return is;
}

const char *spec_completed(struct arena *a, const char *text)
{
    struct spec spec = {0};
    struct diags d;
    struct strbuf out;
    diags_init(&d, a);
    if (!spec_parse(a, &(struct spec_text){.name = "spec", .text = text}, &d, &spec) ||
        !spec.optimizer.kind)
        return text;
    strbuf_init(&out);
    spec_write(&spec, &out);
    const char *ret = arena_strdup(a, out.text);
    strbuf_fini(&out);
    return ret;
}

/* ---- what others ask of a spec ---- */

bool spec_makes_data(const char *name)
{
    struct data_config c = {0};
    while (data_names[c.name] && strcmp(data_names[c.name], name) != 0)
        c.name++;
    return data_names[c.name] && data_config_kind(&c)->made;
}

size_t spec_evaluation_batch(const struct spec *s, size_t train, size_t valid, size_t test)
{
    size_t most = train > valid ? train : valid, batch = (size_t)s->evaluate.batch_size;
    most = most > test ? most : test;
    return most > 0 && most < batch ? most : batch;
}

struct sched_base spec_sched_base(const struct spec *s, size_t train_size)
{
    return (struct sched_base){
        .lr = optim_base_lr(&s->optimizer),
        .momentum = optim_base_momentum(&s->optimizer),
        .no_momentum = optim_refuses_no_momentum(&s->optimizer),
        .decay = optim_base_decay(&s->optimizer),
        .batch_size = s->train.batch_size,
        .train_size = (int64_t)train_size,
        .epochs = s->train.epochs,
        .steps = s->train.steps,
        .drop_last = s->train.drop_last,
        .accumulate = s->train.accumulate,
    };
}
