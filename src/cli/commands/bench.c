/* descent bench: how fast this machine trains, and where the time goes. */
#include "cli/cli.h"
#include "num/sample.h"
#include "study/table.h"
#include "util/clock.h"
#include "util/json.h"
#include "util/system.h"
#include <stdio.h>

enum { OPTION_SECONDS, OPTION_JSON };
static const struct cli_option bench_options[] = {
    {0, "seconds", "N", "seconds to train each", CLI_REAL(FROM_BELOW(0, 1e6), "2")},
    {0, "json", NULL, "write the figures as JSON", CLI_FLAG},
    {0}};

/* Few images are enough of these: an epoch of all would take minutes. */
#define SOME_IMAGES "dataset={name: digits, train_limit: 1280, validation: 256, test_limit: 256}"

/* What is measured without a spec: shapes from the lecture's to wide ones, on the synthetic
 * digits. */
static const struct {
    const char *name, *settings[4];
} shapes[] = {
    {"lecture, batch 64, sgd",
     {"model={name: mlp, hidden: [75, 45], batch_norm: true, dropout: [0.5, 0.3]}",
      "train.batch_size=64", "optimizer=sgd"}},
    {"lecture, batch 256, adam",
     {"model={name: mlp, hidden: [75, 45], batch_norm: true, dropout: [0.5, 0.3]}",
      "train.batch_size=256", "optimizer=adam"}},
    {"lecture, batch 1024, sgd",
     {"model={name: mlp, hidden: [75, 45], batch_norm: true, dropout: [0.5, 0.3]}",
      "train.batch_size=1024", "optimizer=sgd"}},
    {"softmax, batch 64, sgd", {"model=softmax", "train.batch_size=64", "optimizer=sgd"}},
    {"784-100-10, batch 64, sgd",
     {"model={name: mlp, hidden: [100]}", "train.batch_size=64", "optimizer=sgd"}},
    {"784-1024-1024-10, batch 256, adam",
     {"model={name: mlp, hidden: [1024, 1024]}", "train.batch_size=256", "optimizer=adam"}},
    {"LeNet-5, batch 64, sgd",
     {"model={name: layers, layers: [{conv: {out: 6, kernel: 5, padding: 2}}, relu, "
      "{max_pool: {size: 2}}, {conv: {out: 16, kernel: 5}}, relu, {max_pool: {size: 2}}, flatten, "
      "{linear: 120}, relu, {linear: 84}, relu, {linear: 10}]}",
      "train.batch_size=64", "optimizer=sgd", SOME_IMAGES}},
    {"Caffe's LeNet, batch 64, momentum",
     {"model={name: layers, layers: [{conv: {out: 20, kernel: 5}}, {max_pool: {size: 2}}, "
      "{conv: {out: 50, kernel: 5}}, {max_pool: {size: 2}}, flatten, {linear: 500}, relu, "
      "{linear: 10}]}",
      "train.batch_size=64", "optimizer={name: momentum, lr: 0.01}", SOME_IMAGES}},
    {"PyTorch's example, 64, adadelta",
     {"model={name: layers, layers: [{conv: {out: 32, kernel: 3}}, relu, "
      "{conv: {out: 64, kernel: 3}}, relu, {max_pool: {size: 2}}, {dropout: 0.25}, flatten, "
      "{linear: 128}, relu, {dropout: 0.5}, {linear: 10}]}",
      "train.batch_size=64", "optimizer=adadelta", SOME_IMAGES}},
    {"2c2d, batch 128, adam",
     {"model={name: layers, layers: [{conv: {out: 32, kernel: 5, padding: same}}, relu, "
      "{max_pool: {size: 2}}, {conv: {out: 64, kernel: 5, padding: same}}, relu, "
      "{max_pool: {size: 2}}, flatten, {linear: 1024}, relu, {linear: 10}]}",
      "train.batch_size=128", "optimizer=adam", SOME_IMAGES}},
    {"3c3d (28 x 28), batch 128, adam",
     {"model={name: layers, layers: [{conv: {out: 64, kernel: 5}}, relu, "
      "{max_pool: {size: 3, stride: 2, ceil: true}}, {conv: {out: 96, kernel: 3}}, relu, "
      "{max_pool: {size: 3, stride: 2, ceil: true}}, {conv: {out: 128, kernel: 3, padding: same}}, "
      "relu, {max_pool: {size: 3, stride: 2, ceil: true}}, flatten, {linear: 512}, relu, "
      "{linear: 256}, relu, {linear: 10}]}",
      "train.batch_size=128", "optimizer=adam", SOME_IMAGES}},
    {"ResNet-20 (28 x 28), batch 128",
     {"model=resnet", "train.batch_size=128", "optimizer={name: momentum, lr: 0.01}",
      SOME_IMAGES}}};

enum { MOST_EPOCHS = 256 };

struct bench {
    double limit, began;
    double seconds[MOST_EPOCHS]; /* of each epoch's training */
    double evaluating[MOST_EPOCHS];
    size_t epochs;
    double part[TRAIN_PARTS]; /* of the epochs that are timed in parts */
    double parted;
};

static bool on_epoch(void *context, const struct epoch_row *row, struct error *err)
{
    (void)err;
    struct bench *b = context;
    if (row->epoch > 0) {
        b->seconds[b->epochs] = row->train_seconds;
        b->evaluating[b->epochs++] = row->evaluate_seconds;
    }
    return true;
}

static enum train_wish on_wish(void *context, int64_t step, double loss)
{
    (void)step, (void)loss;
    const struct bench *b = context;
    bool enough =
        b->epochs >= 3 && (clock_monotonic() - b->began > b->limit || b->epochs + 1 >= MOST_EPOCHS);
    return cli_stopped() != 0 || enough ? TRAIN_STOP : TRAIN_GO_ON;
}

/* The images that an epoch trains on, and those that it evaluates. */
struct images {
    double trained, evaluated;
};

/* Seconds are of the whole epoch. */
static struct json *result_of(const char *name, struct bench *b, struct train *t,
                              const struct images *whole, const struct images *measured)
{
    static const char *const parts[TRAIN_PARTS] = {
        "input", "matrix_products", "elementwise", "loss", "clip", "optimizer"};
    struct json *j = js_new_object(), *share = js_new_object();
    double known = 0, per_second = measured->trained / stats_median(b->seconds, b->epochs),
           evaluate = stats_median(b->evaluating, b->epochs);
    if (measured->evaluated > 0)
        evaluate *= whole->evaluated / measured->evaluated;
    js_set(j, "name", js_new_string(name));
    js_set(j, "epochs", js_new_integer((int64_t)b->epochs));
    js_set(j, "images", js_new_integer((int64_t)whole->trained));
    js_set(j, "images_measured", js_new_integer((int64_t)measured->trained));
    js_set(j, "train_seconds", js_new_real(whole->trained / per_second));
    js_set(j, "evaluate_seconds", js_new_real(evaluate));
    js_set(j, "samples_per_second", js_new_real(per_second));
    js_set(j, "gflops", js_new_real(model_flops(train_plan(t)) * per_second * 1e-9));
    js_set(j, "sparse_input", js_new_bool(train_is_sparse(t)));
    js_set(j, "matmul", js_new_string(train_matmul(t)));
    for (int i = 0; i < TRAIN_PARTS; i++) {
        js_set(share, parts[i], js_new_real(b->part[i] / b->parted));
        known += b->part[i];
    }
    js_set(share, "other", js_new_real(1 - known / b->parted));
    js_set(j, "share", share);
    js_set(j, "memory_bytes", js_new_integer(system_peak_memory()));
    return j;
}

/* Three epochs more, with a clock at every part: that costs a little, so their sum is not what is
 * reported. They end as a training of three epochs does: an update beyond them would be in the
 * parts, but in no epoch. */
static bool time_parts(const struct spec *s, struct data *d, struct bench *b, struct error *err)
{
    struct train *t = NULL;
    struct spec three = *s;
    three.train.epochs = 3;
    struct bench timed = {.limit = 0, .began = clock_monotonic()};
    struct train_events events = {.context = &timed, .epoch = on_epoch, .wish = on_wish};
    bool finished, ok = train_new(&three, d, &t, err);
    if (ok) {
        train_time(t, b->part);
        ok = train_run(t, &events, &finished, err);
        for (size_t i = 0; i < timed.epochs; i++)
            b->parted += timed.seconds[i];
    }
    train_free(t);
    return ok;
}

static struct images images_of(const struct spec *s, const struct data *d)
{
    size_t n = d->train.n, limit = (size_t)s->evaluate.train,
           evaluated = d->valid.n + (limit < n ? limit : n);
    if (s->evaluate.test == EVALUATE_EVERY)
        evaluated += d->test.n;
    return (struct images){(double)n, (double)evaluated};
}

static void keep(struct data_split *split, double share, size_t least)
{
    size_t n = (size_t)(share * (double)split->n);
    n = n < least ? least : n;
    split->n = n < split->n ? n : split->n;
}

/* Keeps this share of all images, but two updates and a batch of evaluation. */
static void shorten(struct spec *s, struct data *d, double share)
{
    size_t evaluation = (size_t)s->evaluate.batch_size;
    keep(&d->train, share, (size_t)(2 * s->train.batch_size * s->train.accumulate));
    keep(&d->valid, share, evaluation);
    keep(&d->test, share, evaluation);
    if (s->evaluate.train > 0 && (size_t)s->evaluate.train > d->train.n)
        s->evaluate.train = (int64_t)d->train.n;
}

static bool train_epochs(const struct spec *s, struct data *d, struct bench *b, struct train **ret,
                         struct error *err)
{
    struct train_events events = {.context = b, .epoch = on_epoch, .wish = on_wish};
    bool finished;
    if (!train_new(s, d, ret, err))
        return false;
    b->began = clock_monotonic();
    return train_run(*ret, &events, &finished, err);
}

/* So few images that three epochs, and what is timed in parts, take about the time that was asked
 * for. The shortest epochs tell what an image costs. */
static bool fit(struct spec *s, struct data *d, double limit, struct error *err)
{
    struct spec pilot_spec = *s;
    struct data pilot_data = *d;
    struct train *t = NULL;
    struct bench b = {.limit = 0};
    struct images whole = images_of(s, d);
    shorten(&pilot_spec, &pilot_data, 0);
    struct images few = images_of(&pilot_spec, &pilot_data);
    bool ok = train_epochs(&pilot_spec, &pilot_data, &b, &t, err);
    train_free(t);
    if (!ok || b.epochs == 0)
        return ok;
    double train = stats_median(b.seconds, b.epochs) * whole.trained / few.trained,
           evaluate = few.evaluated > 0
                          ? stats_median(b.evaluating, b.epochs) * whole.evaluated / few.evaluated
                          : 0,
           wanted = 4 * train + 3 * evaluate;
    if (wanted > limit)
        shorten(s, d, limit / wanted);
    return true;
}

/* NULL: *ret_code. */
static struct json *measure(const char *name, struct spec *s, double limit, int *ret_code)
{
    struct bench b = {.limit = limit};
    struct data *d = NULL;
    struct train *t = NULL;
    struct error err = {0};
    struct json *j = NULL;
    struct images whole = {0}, measured = {0};
    s->train.epochs = MOST_EPOCHS;
    s->train.steps = PARAM_NULL_INT;
    s->train.early_stopping.on = false;
    bool ok = train_check_ahead(s, &err) && data_load(&s->dataset, (uint64_t)s->seed, &d, &err);
    if (ok) {
        whole = images_of(s, d);
        ok = fit(s, d, limit, &err);
        measured = images_of(s, d);
    }
    ok = ok && train_epochs(s, d, &b, &t, &err);
    /* the parts are of training: evaluation would only take time */
    s->evaluate.train = 0;
    s->evaluate.test = EVALUATE_NEVER;
    if (ok && cli_stopped() == 0) {
        d->valid.n = 0;
        ok = time_parts(s, d, &b, &err);
    }
    if (!ok)
        *ret_code = cli_fail_spec(s, &err);
    else if (cli_stopped() != 0)
        *ret_code = 128 + cli_stopped();
    else
        j = result_of(name, &b, t, &whole, &measured);
    train_free(t);
    data_free(d);
    return j;
}

static double number(const struct json *j, const char *key)
{
    double v = 0;
    js_real(js_get(j, key), &v);
    return v;
}

static void print_shortened(const struct json *j)
{
    double all = number(j, "images"), measured = number(j, "images_measured");
    if (measured < all)
        cli_say("\n%s: an epoch of %.0f of %.0f images was timed; --seconds takes more.\n",
                js_string(js_get(j, "name")), measured, all);
}

/* A column of a table: a figure of each result, or of its member `share` in percent. */
struct figure_column {
    const char *head, *key;
    double factor;
    int digits;
};

static void print_columns(struct arena *a, const struct json *all, bool share,
                          const struct figure_column *column, size_t columns)
{
    struct table t;
    struct table_builder b = {.a = a, .rows = js_size(all)};
    const char **cell = table_add_column(&b, share ? "share of training, %" : "", true, true);
    for (size_t i = 0; i < b.rows; i++)
        cell[i] = js_string(js_get(js_element(all, i), "name"));
    for (size_t k = 0; k < columns; k++) {
        const struct figure_column *f = &column[k];
        cell = table_add_column(&b, f->head, false, false);
        for (size_t i = 0; i < b.rows; i++) {
            const struct json *j = js_element(all, i);
            double v = number(share ? js_get(j, "share") : j, f->key);
            cell[i] = arena_printf(a, "%.*f", f->digits, f->factor * v);
        }
    }
    struct strbuf out;
    strbuf_init(&out);
    table_finish(&b, &t);
    table_write_text_within(&t, cli_table_page(), &out);
    cli_say("%s", out.text);
    strbuf_fini(&out);
}

static void print_table(const struct json *all)
{
    static const struct figure_column speed[] = {{"s/epoch", "train_seconds", 1, 4},
                                                 {"eval s", "evaluate_seconds", 1, 4},
                                                 {"k img/s", "samples_per_second", 1e-3, 1},
                                                 {"GFLOP/s", "gflops", 1, 1},
                                                 {"MB", "memory_bytes", 1e-6, 0}},
                                      part[] = {{"input", "input", 100, 1},
                                                {"products", "matrix_products", 100, 1},
                                                {"elem.", "elementwise", 100, 1},
                                                {"loss", "loss", 100, 1},
                                                {"clip", "clip", 100, 1},
                                                {"optim.", "optimizer", 100, 1},
                                                {"other", "other", 100, 1}};
    struct arena a;
    arena_init(&a);
    print_columns(&a, all, false, speed, sizeof speed / sizeof speed[0]);
    printf("\n");
    print_columns(&a, all, true, part, sizeof part / sizeof part[0]);
    for (size_t i = 0; i < js_size(all); i++)
        print_shortened(js_element(all, i));
    cli_say("\nGFLOP/s as if every product were dense; a sparse first layer does less.\n"
            "Dense products by %s.\n",
            js_string(js_get(js_element(all, 0), "matmul")));
    arena_fini(&a);
}

static int print_all(struct json *all, bool as_json)
{
    struct strbuf b;
    strbuf_init(&b);
    if (as_json) {
        js_write(all, &b, 2);
        puts(b.text);
    } else {
        print_table(all);
    }
    strbuf_fini(&b);
    return 0;
}

static int bench_spec(struct arena *a, const struct cli_arguments *args, double limit,
                      struct json *all)
{
    struct spec s;
    int code = 0;
    if (!cli_load_spec(a, args, &s, &code))
        return code;
    struct json *j = measure(s.name, &s, limit, &code);
    if (j)
        js_append(all, j);
    return code;
}

static int bench_shapes(struct arena *a, double limit, struct json *all)
{
    int code = 0;
    for (size_t i = 0; code == 0 && i < sizeof shapes / sizeof shapes[0]; i++) {
        struct spec s;
        struct diags d;
        char *overrides[4];
        size_t n = 0;
        diags_init(&d, a);
        for (; n < 4 && shapes[i].settings[n]; n++)
            overrides[n] = arena_strdup(a, shapes[i].settings[n]);
        if (!spec_parse(a,
                        &(struct spec_text){.name = "bench",
                                            .text = "dataset: digits\n",
                                            .override = overrides,
                                            .overrides = n},
                        &d, &s))
            return cli_fail_diags(&d, shapes[i].name);
        struct json *j = measure(shapes[i].name, &s, limit, &code);
        if (j)
            js_append(all, j);
    }
    return code;
}

static int main_bench(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    static const char *const unused[] = {"train.epochs",
                                         "train.steps",
                                         "train.early_stopping",
                                         "checkpoint",
                                         "log",
                                         "plots",
                                         "expect",
                                         "sweep",
                                         "trace",
                                         NULL};
    if (!cli_check_overrides(c, &args, unused, false))
        return ERR_USAGE;
    double limit = args.typed[OPTION_SECONDS].real;
    struct json *all = js_new_array();
    arena_init(&a);
    int code = args.words > 0 ? bench_spec(&a, &args, limit, all) : bench_shapes(&a, limit, all);
    if (code == 0)
        code = print_all(all, args.value[OPTION_JSON] != NULL);
    js_free(all);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_bench = {
    .name = "bench",
    .usage = "bench [SPEC [KEY=VALUE ...]]",
    .no_out = CLI_PRINTS,
    .summary = "this machine's speed, and where the time goes",
    .options = bench_options,
    .main = main_bench,
};
