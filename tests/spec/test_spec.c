/* Whole specs: their defaults, the order of their keys, what is written out, overridden,
 * compared. */
#include "bench.h"
#include "num/random.h"
#include <math.h>
#include <stdio.h>

/* ---- specs, and what they resolve to ---- */

static const char *const specs[] = {
    "optimizer: adam\n",
    "name: a\ndescription: 'b: c # d'\nseed: 9223372036854775807\nthreads: 2\noptimizer: {name: sgd, lr: 0.1}\n",
    "dataset: {name: digits, seed: 5, validation: 0.25, validation_split: stratified, train_limit: 1000, test_limit: "
    "10}\n"
    "optimizer: {name: adamw, lr: 1e-3, betas: [0.8, 0.9], decay_exempt: [norm, bias]}\n",
    "dataset: {name: idx, dir: some/where else, classes: 5, scale: standard, validation: 0}\n"
    "model: {name: mlp, hidden: [75, 45], batch_norm: true, dropout: [0.5, 0.3], init: {name: truncated_normal, std: "
    "0.1}}\n"
    "optimizer: {name: sgd, momentum: 0.9, nesterov: true, lr: 0}\n",
    "model: {name: layers, init: kaiming_normal, sparse_input: 'off',\n"
    "        layers: [flatten, {linear: 75}, batch_norm, relu, {dropout: 0.5}, {linear: {out: 10, bias: false}}]}\n"
    "optimizer: {name: momentum}\n",
    "model: softmax\noptimizer: {lr: .5, name: nesterov, momentum_form: lr_inside}\n"
    "train: {epochs: null, steps: 500, batch_size: 17, sampler: stratified, drop_last: false, label_smoothing: 0.1,\n"
    "        clip_norm: 1, clip_value: 0.5, accumulate: 4, early_stopping: {patience: 3}}\n",
    "optimizer: {name: sgd, lr: 0.1, momentum: 0.5}\nscheduler:\n- {name: warmup, over: 5, start: 0.1}\n"
    "- {name: step, every: 30, gamma: 0.2, apply_to: batch_size, max_batch_size: 8192}\n"
    "- {name: constant, factor: 0.5, apply_to: momentum, interval: step}\n",
    "optimizer: {name: sgd, lr: 0.1}\naverage: {name: ema, decay: 0.99}\n"
    "scheduler: {name: reduce_on_plateau, monitor: last_batch_loss, mode: min, factor: 0.1, patience: 2}\n",
    "optimizer: adam\naverage: swa\nevaluate: {train: 500, test: every, batch_size: 77}\n"
    "checkpoint: {every: 0, every_steps: 10, every_seconds: 0.5, keep: 0, best: train_loss}\nlog: {steps: 3}\n"
    "plots: false\nexpect: {test_accuracy: '>= 0.97'}\n",
    "optimizer: adam\ntrain: {early_stopping: {monitor: batch_loss, min_delta: 1e-3}}\nevaluate: {train: none, test: "
    "never}\n"
    "dataset: {validation: 0}\ncheckpoint: {best: null}\n",
};

static const char *resolved(struct bench *b, const struct spec *s)
{
    struct strbuf out;
    strbuf_init(&out);
    spec_write(s, &out);
    const char *text = arena_strdup(&b->arena, out.text);
    strbuf_fini(&out);
    return text;
}

/* The overrides end with NULL. */
static const char *resolve(struct bench *b, const char *text, const char *const *override)
{
    char *argument[8];
    size_t n = 0;
    struct spec s;
    for (; override && override[n]; n++)
        argument[n] = arena_strdup(&b->arena, override[n]);
    if (!spec_parse(&b->arena,
                    &(struct spec_text){.name = "spec.yaml",
                                        .text = arena_strdup(&b->arena, text),
                                        .override = argument,
                                        .overrides = n},
                    &b->diags, &s))
        ck_abort_msg("%s\n%s", text, complaints(b));
    return resolved(b, &s);
}

START_TEST(written_and_read)
{
    struct bench b;
    set_up(&b);
    const char *once = resolve(&b, specs[_i], NULL), *twice = resolve(&b, once, NULL);
    ck_assert_str_eq(once, twice);
    tear_down(&b);
}
END_TEST

static const char *value_at(const struct node *root, const char *path)
{
    const struct node *n = node_find(root, path);
    ck_assert_msg(n, "%s is not written out", path);
    return n->kind == NODE_SCALAR ? n->text : n->n > 0 ? "more" : n->kind == NODE_MAP ? "{}" : "[]";
}

/* The defaults that the interface promises, each at its place in the resolved spec. */
START_TEST(defaults)
{
    static const struct {
        const char *path, *value;
    } promised[] = {
        {"name", "spec"},
        {"description", ""},
        {"seed", "123"},
        {"threads", "1"},
        {"dataset.name", "mnist"},
        {"dataset.dir", "datasets/mnist"},
        {"dataset.seed", "0"},
        {"dataset.classes", "null"},
        {"dataset.validation", "6000"},
        {"dataset.validation_split", "tail"},
        {"dataset.train_limit", "null"},
        {"dataset.test_limit", "null"},
        {"dataset.scale", "unit"},
        {"model.name", "mlp"},
        {"model.hidden.0", "100"},
        {"model.activation", "relu"},
        {"model.batch_norm", "false"},
        {"model.dropout.0", "0"},
        {"model.init", "pytorch"},
        {"model.init_from", "null"},
        {"model.init_weights", "last"},
        {"model.sparse_input", "auto"},
        {"train.epochs", "20"},
        {"train.steps", "null"},
        {"train.batch_size", "256"},
        {"train.sampler", "shuffle"},
        {"train.drop_last", "true"},
        {"train.label_smoothing", "0"},
        {"train.clip_norm", "null"},
        {"train.clip_value", "null"},
        {"train.accumulate", "1"},
        {"train.early_stopping", "null"},
        {"optimizer.name", "adam"},
        {"scheduler", "null"},
        {"average", "null"},
        {"evaluate.train", "full"},
        {"evaluate.test", "end"},
        {"evaluate.batch_size", "1000"},
        {"checkpoint.every", "1"},
        {"checkpoint.every_steps", "null"},
        {"checkpoint.every_seconds", "null"},
        {"checkpoint.keep", "1"},
        {"checkpoint.best", "valid_accuracy"},
        {"log.steps", "0"},
        {"plots", "true"},
        {"expect", "{}"},
        {"sweep", "null"},
    };
    struct bench b;
    set_up(&b);
    const struct node *root = parse(&b, resolve(&b, "optimizer: adam", NULL));
    const char *wrong = "";
    for (size_t i = 0; i < COUNT(promised); i++)
        if (strcmp(value_at(root, promised[i].path), promised[i].value) != 0)
            wrong = arena_printf(&b.arena, "%s%s is %s, not %s; ", wrong, promised[i].path,
                                 value_at(root, promised[i].path), promised[i].value);
    ck_assert_msg(!node_find(root, "model.hidden.1") && !node_find(root, "model.dropout.1"),
                  "lists of one");
    ck_assert_msg(wrong[0] == '\0', "%s", wrong);
    tear_down(&b);
}
END_TEST

/* Defaults that depend on other values. */
START_TEST(derived_defaults)
{
    static const struct {
        const char *text, *path, *value;
    } derived[] = {
        {"{optimizer: adam, dataset: digits}", "dataset.dir", "datasets/digits"},
        {"{optimizer: adam, dataset: {name: fashion-mnist}}", "dataset.dir",
         "datasets/fashion-mnist"},
        {"{optimizer: adam, dataset: {name: digits, dir: x}}", "dataset.dir", "x"},
        {"{optimizer: adam, dataset: {validation: 0}}", "checkpoint.best", "null"},
        {"{optimizer: adam, dataset: {validation: 0}, checkpoint: {best: batch_loss}}",
         "checkpoint.best", "batch_loss"},
        {"{optimizer: adam, train: {steps: 5}}", "train.epochs", "null"},
        {"{optimizer: adam, train: {early_stopping: {}}}", "train.early_stopping.monitor",
         "valid_accuracy"},
        {"{optimizer: adam, train: {early_stopping: {}}}", "train.early_stopping.patience", "10"},
        {"{optimizer: adam, train: {early_stopping: {}}}", "train.early_stopping.min_delta", "0"},
        {"{optimizer: adam, average: ema}", "average.decay", "0.999"},
        {"{optimizer: adam, average: swa}", "average.start", "0.75"},
        {"{optimizer: adam, model: {name: mlp, init: normal}}", "model.init.std", "0.01"},
        {"{optimizer: adam, model: {name: mlp, init: truncated_normal}}", "model.init.std", "0.03"},
        {"{optimizer: adam, scheduler: {name: exponential, gamma: 0.9}}", "scheduler.0.interval",
         "epoch"},
        {"{optimizer: adam, scheduler: {name: exponential, gamma: 0.9}}", "scheduler.0.apply_to",
         "lr"},
        {"{optimizer: adam, name: other}", "name", "other"},
    };
    for (size_t i = 0; i < COUNT(derived); i++) {
        struct bench b;
        set_up(&b);
        const char *value =
            value_at(parse(&b, resolve(&b, derived[i].text, NULL)), derived[i].path);
        ck_assert_msg(strcmp(value, derived[i].value) == 0, "%s: %s is %s", derived[i].text,
                      derived[i].path, value);
        tear_down(&b);
    }
}
END_TEST

/* Every section and key may be left out but the optimizer's name: the model's name too. */
/* start is a share of the run: 0.55 of 100 epochs lets epoch 55 be the first, however it is
 * rounded. */
START_TEST(share_of_the_run)
{
    static const char *const text[] = {"0",    "0.07", "0.14", "0.17", "0.28", "0.34",
                                       "0.55", "0.56", "0.68", "0.75", "0.99"};
    static const int64_t epoch_updates[] = {1, 5, 210, 469};
    for (size_t i = 0; i < sizeof text / sizeof text[0]; i++)
        for (size_t k = 0; k < sizeof epoch_updates / sizeof epoch_updates[0]; k++) {
            struct spec s;
            struct arena a;
            struct diags d;
            char yaml[128];
            int64_t n = epoch_updates[k], first = 1;
            arena_init(&a);
            diags_init(&d, &a);
            snprintf(yaml, sizeof yaml, "optimizer: adam\naverage: {name: swa, start: %s}\n",
                     text[i]);
            ck_assert(spec_parse(&a, &(struct spec_text){.name = "test", .text = yaml}, &d, &s));
            const struct average_kind *swa = (const struct average_kind *)s.average.kind;
            while (!swa->takes(s.average.options, first * n, 100 * n))
                first++;
            int64_t want = (int64_t)floor(100 * strtod(text[i], NULL) + 0.5);
            ck_assert_int_eq(first, want > 0 ? want : 1);
            arena_fini(&a);
        }
}
END_TEST

START_TEST(model_without_name)
{
    static const char *const pairs[][2] = {
        {"{optimizer: adam, model: {hidden: [128, 64]}}",
         "{optimizer: adam, model: {name: mlp, hidden: [128, 64]}}"},
        {"{optimizer: adam, model: {activation: tanh}}",
         "{optimizer: adam, model: {name: mlp, activation: tanh}}"},
        {"{optimizer: adam, model: {}}", "{optimizer: adam, model: mlp}"},
    };
    struct bench b;
    set_up(&b);
    for (size_t i = 0; i < COUNT(pairs); i++)
        ck_assert_str_eq(resolve(&b, pairs[i][0], NULL), resolve(&b, pairs[i][1], NULL));
    static const char *const override[] = {"model.hidden=[128, 64]", NULL};
    ck_assert_str_eq(resolve(&b, "optimizer: adam", override), resolve(&b, pairs[0][1], NULL));
    tear_down(&b);
}
END_TEST

/* ---- the order of keys ---- */

static void shuffle_keys(struct node *n, struct rng *r)
{
    for (size_t i = n->n; i > 0; i--) {
        size_t j = (size_t)rng_below(r, i);
        shuffle_keys(n->item[i - 1], r);
        if (n->kind == NODE_MAP) {
            struct node *value = n->item[j];
            const char *key = n->key[j];
            struct place place = n->key_place[j];
            n->item[j] = n->item[i - 1], n->key[j] = n->key[i - 1],
            n->key_place[j] = n->key_place[i - 1];
            n->item[i - 1] = value, n->key[i - 1] = key, n->key_place[i - 1] = place;
        }
    }
}

START_TEST(any_order)
{
    struct bench b;
    struct rng r = rng_stream(1, RNG_TEST, (uint64_t)_i, 0);
    set_up(&b);
    const char *expected = resolve(&b, specs[_i], NULL), *texts[] = {specs[_i], expected};
    for (int i = 0; i < 20; i++) {
        struct node *root = parse(&b, texts[i % 2]);
        struct spec s;
        shuffle_keys(root, &r);
        ck_assert_msg(spec_bind(&b.arena, root, "spec", &b.diags, &s), "%s", complaints(&b));
        ck_assert_str_eq(resolved(&b, &s), expected);
    }
    tear_down(&b);
}
END_TEST

/* What stands in percent is the fraction, to the bit; losses have no percent. */
START_TEST(expected_in_percent)
{
    static const struct {
        const char *text;
        char op;
        double a, b;
    } v[] = {{"test_accuracy: '97.2 +- 0.3'", '~', 0.972, 0.003},
             {"test_accuracy: '>= 97.2'", 'g', 0.972, 0},
             {"valid_accuracy: '< 5.5e1'", '<', 0.55, 0},
             {"test_accuracy: '<= 100'", 'l', 1, 0},
             {"test_accuracy: '1 +- 0.5'", '~', 1, 0.5},
             {"test_loss: '> 97.2'", '>', 97.2, 0}};
    for (size_t i = 0; i < COUNT(v); i++) {
        struct bench b;
        struct spec s;
        set_up(&b);
        char *text = arena_printf(&b.arena, "{optimizer: adam, expect: {%s}}", v[i].text);
        ck_assert_msg(spec_bind(&b.arena, parse(&b, text), "spec", &b.diags, &s), "%s",
                      complaints(&b));
        const struct expectation *e = s.expect.v;
        ck_assert_msg(e->op == v[i].op && fabs(e->a - v[i].a) <= 0 && fabs(e->b - v[i].b) <= 0,
                      "%s: %.17g +- %.17g", v[i].text, e->a, e->b);
        tear_down(&b);
    }
}
END_TEST

/* ---- overrides ---- */

/* Each value of the resolved spec given once more changes nothing, neither there nor in the spec as
 * it was written. */
static void override_leaves(struct bench *b, const struct node *n, const char *path,
                            const char *text, const char *expected)
{
    for (size_t i = 0; i < n->n; i++) {
        const char *key = n->kind == NODE_MAP ? n->key[i] : arena_printf(&b->arena, "%zu", i);
        const struct node *value = n->item[i];
        const char *below = arena_printf(&b->arena, "%s%s%s", path, path[0] ? "." : "", key);
        override_leaves(b, value, below, text, expected);
        if (value->kind != NODE_SCALAR || strcmp(below, "train.epochs") == 0 ||
            strcmp(below, "train.steps") == 0)
            continue;
        struct strbuf s;
        strbuf_init(&s);
        strbuf_addf(&s, "%s=", below);
        if (value->quoted)
            write_text(&s, value->text);
        else
            strbuf_add(&s, value->text);
        const char *const override[] = {s.text, NULL};
        const char *got = resolve(b, text, override);
        ck_assert_msg(strcmp(got, expected) == 0, "%s changed\n%s", s.text, got);
        strbuf_fini(&s);
    }
}

START_TEST(the_same_once_more)
{
    struct bench b;
    set_up(&b);
    const char *expected = resolve(&b, specs[_i], NULL);
    override_leaves(&b, parse(&b, expected), "", expected, expected);
    tear_down(&b);
}
END_TEST

/* What overrides make of one spec is what another says outright. */
START_TEST(overrides_are_a_spec)
{
    static const struct {
        const char *text, *override[4], *same;
    } o[] = {
        {"optimizer: adam", {"optimizer.lr=0.01"}, "optimizer: {name: adam, lr: 0.01}"},
        {"optimizer: {name: adam, lr: 5}", {"optimizer=sgd"}, "optimizer: sgd"},
        {"optimizer: {name: adam, lr: 5}", {"optimizer.name=sgd"}, "optimizer: sgd"},
        {"optimizer: {name: adam, lr: 5}",
         {"optimizer.name=sgd", "optimizer.lr=2"},
         "optimizer: {name: sgd, lr: 2}"},
        {"optimizer: {name: adam, lr: 5}",
         {"optimizer={name: adam, eps: 1}"},
         "optimizer: {name: adam, lr: 5, eps: 1}"},
        {"optimizer: adam",
         {"model={name: mlp, hidden: [3]}"},
         "{optimizer: adam, model: {name: mlp, hidden: [3]}}"},
        {"{optimizer: adam, model: {name: mlp, hidden: [3]}}",
         {"model=softmax"},
         "{optimizer: adam, model: softmax}"},
        {"{optimizer: adam, model: {name: mlp, hidden: [3]}}",
         {"model.init={name: normal, std: 1}"},
         "{optimizer: adam, model: {name: mlp, hidden: [3], init: {name: normal, std: 1}}}"},
        {"{optimizer: adam, model: {name: mlp, init: {name: normal, std: 1}}}",
         {"model.init=zeros"},
         "{optimizer: adam, model: {name: mlp, init: zeros}}"},
        {"{optimizer: adam, model: {name: mlp, init: normal}}",
         {"model.init.std=2"},
         "{optimizer: adam, model: {name: mlp, init: {name: normal, std: 2}}}"},
        {"{optimizer: adam, scheduler: [{name: step, every: 3}, {name: warmup}]}",
         {"scheduler.0.gamma=0.5"},
         "{optimizer: adam, scheduler: [{name: step, every: 3, gamma: 0.5}, {name: warmup}]}"},
        {"{optimizer: adam, scheduler: {name: step, every: 3}}",
         {"scheduler.0.gamma=0.5"},
         "{optimizer: adam, scheduler: {name: step, every: 3, gamma: 0.5}}"},
        {"{optimizer: adam, scheduler: {name: step, every: 3}}",
         {"scheduler=null"},
         "optimizer: adam"},
        {"{optimizer: adam, scheduler: {name: step, every: 3}}",
         {"scheduler=[{name: warmup}, cosine]"},
         "{optimizer: adam, scheduler: [warmup, cosine]}"},
        {"optimizer: adam",
         {"train.early_stopping.patience=3"},
         "{optimizer: adam, train: {early_stopping: {patience: 3}}}"},
        {"{optimizer: adam, train: {epochs: 7}}",
         {"train.epochs=null", "train.steps=9"},
         "{optimizer: adam, train: {steps: 9}}"},
        {"{optimizer: adam, dataset: digits}",
         {"dataset.validation=0.5", "dataset.seed=3"},
         "{optimizer: adam, dataset: {name: digits, validation: 0.5, seed: 3}}"},
        {"{optimizer: adam, dataset: {name: digits, validation: 5}}",
         {"dataset=mnist"},
         "{optimizer: adam, dataset: mnist}"},
        {"{optimizer: adam, expect: {test_loss: '< 1'}}",
         {"expect.test_accuracy='>= 0.9'"},
         "{optimizer: adam, expect: {test_loss: '< 1', test_accuracy: '>= 0.9'}}"},
        {"{optimizer: adam, expect: {test_loss: '< 1'}}", {"expect=null"}, "optimizer: adam"},
        {"{optimizer: adam, expect: {test_loss: '< 1'}}", {"expect={}"}, "optimizer: adam"},
        {"{optimizer: {name: muon, lr: 0}}",
         {"optimizer.eps=1"},
         "{optimizer: {name: muon, lr: 0, eps: 1}}"},
        {"optimizer: adam", {"description='a: b'"}, "{optimizer: adam, description: 'a: b'}"},
        {"optimizer: adam", {"seed=5", "seed=7"}, "{optimizer: adam, seed: 7}"},
    };
    struct bench b;
    set_up(&b);
    for (size_t i = 0; i < COUNT(o); i++) {
        const char *got = resolve(&b, o[i].text, o[i].override),
                   *expected = resolve(&b, o[i].same, NULL);
        ck_assert_msg(strcmp(got, expected) == 0, "%s %s\n%s", o[i].text, o[i].override[0], got);
    }
    tear_down(&b);
}
END_TEST

/* A new name drops what is inherited, not what the same command line says. */
START_TEST(overrides_in_any_order)
{
    static const char *const name_first[] = {"optimizer.name=sgd", "optimizer.lr=0.5",
                                             "model.name=mlp", "model.hidden=[5]", NULL};
    static const char *const name_last[] = {"model.hidden=[5]", "optimizer.lr=0.5",
                                            "model.name=mlp", "optimizer.name=sgd", NULL};
    static const char *const bare_last[] = {"model.hidden=[5]", "optimizer.lr=0.5", "model=mlp",
                                            "optimizer=sgd", NULL};
    static const char text[] = "{optimizer: {name: adam, lr: 0.1, eps: 1e-3}, model: softmax}";
    struct bench b;
    set_up(&b);
    const char *expected =
        resolve(&b, "{optimizer: {name: sgd, lr: 0.5}, model: {name: mlp, hidden: [5]}}", NULL);
    ck_assert_str_eq(resolve(&b, text, name_first), expected);
    ck_assert_str_eq(resolve(&b, text, name_last), expected);
    ck_assert_str_eq(resolve(&b, text, bare_last), expected);
    tear_down(&b);
}
END_TEST

/* A number in a path is a list's entry; a section is no list. */
START_TEST(only_lists_have_entries)
{
    static const char *const wrong[] = {"train.0.epochs=5", "optimizer.0.lr=0.1",
                                        "dataset.0.seed=1"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct bench b;
        struct spec s;
        set_up(&b);
        char *argument = arena_strdup(&b.arena, wrong[i]);
        const char *text =
            "{optimizer: adam, train: {epochs: 3}, dataset: {name: digits}, model: {name: mlp, hidden: [3]}}";
        ck_assert_msg(!spec_parse(&b.arena,
                                  &(struct spec_text){.name = "spec.yaml",
                                                      .text = text,
                                                      .override = &argument,
                                                      .overrides = 1},
                                  &b.diags, &s),
                      "%s was taken", wrong[i]);
        tear_down(&b);
    }
}
END_TEST

/* ---- comparing ---- */

static void note(void *context, const char *key, const char *one, const char *other)
{
    strbuf_addf(context, "%s: %s -> %s\n", key, one ? one : "absent", other ? other : "absent");
}

START_TEST(differences)
{
    static const struct {
        const char *one, *other, *all;
    } d[] = {
        {"optimizer: adam", "optimizer: {name: adam, lr: 1e-3}", ""},
        {"optimizer: adam", "optimizer: {name: adam, lr: 1e-2}", "optimizer.lr: 0.001 -> 0.01\n"},
        {"{optimizer: adam, seed: 1}", "{optimizer: adam, seed: 2, plots: false}",
         "seed: 1 -> 2\nplots: true -> false\n"},
        {"{optimizer: adam, model: {name: mlp, hidden: [5, 6]}}",
         "{optimizer: adam, model: {name: mlp, hidden: [5]}}", "model.hidden.1: 6 -> absent\n"},
        {"{optimizer: adam, model: {name: mlp, hidden: []}}",
         "{optimizer: adam, model: {name: mlp, hidden: [7]}}",
         "model.hidden: [] -> absent\nmodel.hidden.0: absent -> 7\n"},
        {"{optimizer: adam, scheduler: {name: exponential, gamma: 0.5}}",
         "{optimizer: adam, scheduler: {name: exponential, gamma: 0.25}}",
         "scheduler.0.gamma: 0.5 -> 0.25\n"},
        {"{optimizer: adam, description: '1'}", "{optimizer: adam, description: one}",
         "description: 1 -> one\n"},
    };
    for (size_t i = 0; i < COUNT(d); i++) {
        struct bench b;
        struct strbuf s;
        set_up(&b);
        strbuf_init(&s);
        spec_differences(&b.arena, resolve(&b, d[i].one, NULL), resolve(&b, d[i].other, NULL), note,
                         &s);
        ck_assert_str_eq(s.text, d[i].all);
        strbuf_fini(&s);
        tear_down(&b);
    }
}
END_TEST

/* What a resume may change, and nothing that begins like it. */
START_TEST(what_may_change)
{
    static const char *const may[] = {"name",
                                      "description",
                                      "threads",
                                      "dataset.dir",
                                      "train.epochs",
                                      "train.steps",
                                      "log",
                                      "log.steps",
                                      "plots",
                                      "checkpoint.every",
                                      "checkpoint.best",
                                      "checkpoint.keep",
                                      "expect",
                                      "expect.test_accuracy",
                                      "evaluate.batch_size"};
    static const char *const not [] = {"seed",
                                       "dataset.name",
                                       "dataset.directory",
                                       "dataset",
                                       "train",
                                       "train.batch_size",
                                       "train.epochs2",
                                       "names",
                                       "optimizer.name",
                                       "optimizer",
                                       "logs",
                                       "model.name",
                                       "evaluate.test",
                                       "average",
                                       "scheduler.0.name",
                                       "",
                                       "thread",
                                       "trace"};
    for (size_t i = 0; i < COUNT(may); i++)
        ck_assert_msg(spec_may_change(may[i]), "%s", may[i]);
    for (size_t i = 0; i < COUNT(not ); i++)
        ck_assert_msg(!spec_may_change(not [i]), "%s", not [i]);
}
END_TEST

START_TEST(metrics)
{
    /* the columns of epochs.csv behind epoch and step, in their order */
    static const char *const columns[] = {
        "lr",        "momentum",     "batch_size",     "batch_loss", "last_batch_loss",
        "grad_norm", "train_loss",   "train_accuracy", "valid_loss", "valid_accuracy",
        "test_loss", "test_accuracy"};
    ck_assert_int_eq(METRICS, COUNT(columns));
    for (size_t i = 0; i < COUNT(columns); i++) {
        ck_assert_str_eq(metric_names[i], columns[i]);
        ck_assert_int_eq(metric_find(columns[i]), i);
        ck_assert(metric_rises((enum metric)i) == (strstr(columns[i], "accuracy") != NULL));
    }
    ck_assert_str_eq(metric_header, "epoch,step,lr,momentum,batch_size,batch_loss,last_batch_loss,"
                                    "grad_norm,train_loss,train_accuracy,valid_loss,"
                                    "valid_accuracy,test_loss,test_accuracy\n");
    for (int i = 0; i < SPLITS; i++) {
        const struct split_info *of = &split_info[i];
        ck_assert_int_eq(metric_info[of->loss].split, i);
        ck_assert_int_eq(metric_info[of->accuracy].split, i);
        ck_assert(metric_rises(of->accuracy) && !metric_rises(of->loss));
        ck_assert(metric_is_test(of->loss) == (i == SPLIT_TEST));
        ck_assert_int_eq(strncmp(metric_names[of->loss], of->name, strlen(of->name)), 0);
    }
    char loss[METRIC_LOSS_TEXT];
    ck_assert_str_eq(metric_show_loss(loss, 0.12345), "0.1235");
    ck_assert_str_eq(metric_show_loss(loss, 99999.9999), "99999.9999");
    ck_assert_str_eq(metric_show_loss(loss, 99999.99996), "1e+05");
    ck_assert_str_eq(metric_show_loss(loss, 6.46197261e30), "6.462e+30");
    ck_assert(metric_ranks(METRIC_BATCH_LOSS) && !metric_ranks(METRIC_GRAD_NORM));
    ck_assert(metric_is_scheduled(METRIC_MOMENTUM) && !metric_is_scheduled(METRIC_GRAD_NORM));
    ck_assert_int_eq(metric_to_choose_by(METRIC_TEST_LOSS), METRIC_VALID_LOSS);
    ck_assert_int_eq(metric_to_choose_by(METRIC_TRAIN_LOSS), METRIC_TRAIN_LOSS);
    ck_assert_ptr_null(metric_names[METRICS]);
    ck_assert_int_eq(metric_find("accuracy"), METRICS);
    ck_assert_int_eq(metric_find(""), METRICS);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("spec");
    TCase *t = tcase_create("resolved");
    tcase_add_loop_test(t, written_and_read, 0, COUNT(specs));
    tcase_add_test(t, defaults);
    tcase_add_test(t, derived_defaults);
    tcase_add_test(t, share_of_the_run);
    tcase_add_test(t, model_without_name);
    tcase_add_test(t, expected_in_percent);
    tcase_add_loop_test(t, any_order, 0, COUNT(specs));
    suite_add_tcase(s, t);

    t = tcase_create("overrides");
    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, the_same_once_more, 0, COUNT(specs));
    tcase_add_test(t, overrides_are_a_spec);
    tcase_add_test(t, overrides_in_any_order);
    tcase_add_test(t, only_lists_have_entries);
    suite_add_tcase(s, t);

    t = tcase_create("comparing");
    tcase_add_test(t, differences);
    tcase_add_test(t, what_may_change);
    tcase_add_test(t, metrics);
    suite_add_tcase(s, t);
    return check_main(s);
}
