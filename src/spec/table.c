/* The table of the whole spec, composed of the modules' tables. */
#include "spec/spec.h"
#include <stdlib.h>
#include <string.h>

/* ---- early_stopping: null, or a mapping ---- */

static const struct param early_params[] = {
    P_CHOICE(struct early_stopping, monitor, "valid_accuracy", metric_names,
             "logged quantity to watch", .offered = metric_deciding_names),
    P_INT(struct early_stopping, patience, "10", AT_LEAST(1),
          "epochs without improvement before the run ends", .unit = "epochs"),
    P_REAL(struct early_stopping, min_delta, "0", AT_LEAST(0),
           "smallest change that counts as improvement"),
    P_END};

static bool read_early(struct binder *b, const struct param *p, const struct node *value,
                       void *field)
{
    struct early_stopping *e = field;
    e->on = false;
    if (node_is_null(value))
        return true;
    if (value->kind != NODE_MAP)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    e->on = true;
    return bind_table(b, early_params, value, value->place, "'early_stopping'", e);
}

static void write_early(const void *field, struct strbuf *out)
{
    const struct early_stopping *e = field;
    if (!e->on) {
        strbuf_add(out, "null");
        return;
    }
    strbuf_addf(out, "{monitor: %s, patience: %lld, min_delta: ", metric_names[e->monitor],
                (long long)e->patience);
    strbuf_add_real(out, e->min_delta);
    strbuf_add(out, "}");
}

/* ---- sam: null, or a mapping ---- */

static const struct param sam_params[] = {
    P_REAL(struct sam_config, rho, "0.05", ABOVE(0),
           "how far uphill the gradient is taken: the L2 norm over all weights"),
    P_END};

static bool read_sam(struct binder *b, const struct param *p, const struct node *value, void *field)
{
    struct sam_config *s = field;
    s->rho = 0;
    if (node_is_null(value))
        return true;
    if (value->kind != NODE_MAP)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    return bind_table(b, sam_params, value, value->place, "'sam'", s);
}

static void write_sam(const void *field, struct strbuf *out)
{
    const struct sam_config *s = field;
    strbuf_add(out, s->rho > 0 ? "{rho: " : "null");
    if (s->rho > 0) {
        strbuf_add_real(out, s->rho);
        strbuf_add(out, "}");
    }
}

/* ---- evaluate.train: full, none, or a count ---- */

static bool read_images(struct binder *b, const struct param *p, const struct node *value,
                        void *field)
{
    int64_t n;
    if (value->kind == NODE_SCALAR && strcmp(value->text, "full") == 0)
        n = EVALUATE_FULL;
    else if (value->kind == NODE_SCALAR && strcmp(value->text, "none") == 0)
        n = 0;
    else if (value->kind != NODE_SCALAR || !node_as_int(value, &n) || n < 1)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    *(int64_t *)field = n;
    return true;
}

static void write_images(const void *field, struct strbuf *out)
{
    int64_t n = *(const int64_t *)field;
    if (n == EVALUATE_FULL)
        strbuf_add(out, "full");
    else if (n == 0)
        strbuf_add(out, "none");
    else
        strbuf_addf(out, "%lld", (long long)n);
}

/* ---- expect: {test_accuracy: ">= 0.97"} ---- */

/* Exponent: "e-2" where the number is in percent, which moves its point and rounds but once. */
static bool parse_number(const char **text, const char *exponent, double *ret)
{
    while (**text == ' ')
        (*text)++;
    size_t n = strspn(*text, "+-.0123456789eE");
    char copy[64];
    if (n == 0 || n + strlen(exponent) >= sizeof copy)
        return false;
    memcpy(copy, *text, n);
    copy[n] = '\0';
    bool own = strpbrk(copy, "eE") != NULL;
    memcpy(copy + n, own ? "" : exponent, own ? 1 : strlen(exponent) + 1);
    char *end;
    *ret = strtod(copy, &end);
    if (own && *exponent)
        *ret /= 100;
    *text += n;
    return *end == '\0' && isfinite(*ret);
}

/* ">= 0.97", "< 0.1", "0.972 +- 0.003" */
static bool parse_condition(const char *text, struct expectation *e)
{
    const char *exponent = e->percent ? "e-2" : "", *s = text + strspn(text, " ");
    bool or_equal = (s[0] == '<' || s[0] == '>') && s[1] == '=';
    if (s[0] == '<' || s[0] == '>') {
        e->op = s[0] == '<' ? (or_equal ? 'l' : '<') : (or_equal ? 'g' : '>');
        s += or_equal ? 2 : 1;
        if (!parse_number(&s, exponent, &e->a))
            return false;
    } else {
        e->op = '~';
        if (!parse_number(&s, exponent, &e->a))
            return false;
        s += strspn(s, " ");
        if (strncmp(s, "+-", 2) == 0)
            s += 2;
        else if (strncmp(s, "\xc2\xb1", 2) == 0)
            s += 2;
        else
            return false;
        if (!parse_number(&s, exponent, &e->b) || e->b < 0)
            return false;
    }
    return s[strspn(s, " ")] == '\0';
}

/* "sha256:" and 64 hexadecimal digits */
static bool parse_digest(const char *text, struct expectation *e)
{
    e->op = '#';
    return strncmp(text, "sha256:", 7) == 0 && strspn(text + 7, "0123456789abcdef") == 64 &&
           text[71] == '\0';
}

static bool parse_expected(enum metric m, const char *text, struct expectation *e)
{
    *e = (struct expectation){0};
    if (!parse_condition(text, e))
        return false;
    e->percent = metric_rises(m) && e->a > 1;
    return !e->percent || parse_condition(text, e);
}

/* Whether an accuracy is expected that none can have. */
static bool is_beyond_share(enum metric m, const struct expectation *e)
{
    return metric_rises(m) && (e->a < 0 || e->a > 1 || (e->op == '~' && e->b > 1));
}

/* What is meant by a condition that is none; NULL: nothing. */
static const char *hint_on_condition(struct binder *b, enum metric m, const struct node *n)
{
    static const char *const signs[][2] = {
        {"=>", ">="}, {"=<", "<="}, {"\u2265", ">="}, {"\u2264", "<="}};
    double v;
    struct node bare = *n; /* on the command line it is a text */
    bare.quoted = false;
    const char *text = n->kind == NODE_SCALAR ? n->text : "";
    if (metric_rises(m) && strchr(text, '%'))
        return "97 % is 0.97, or 97";
    if (node_as_real(&bare, &v))
        return arena_printf(b->arena, "did you mean \"%s %s\"?",
                            metric_rises(m) ? ">=" : "<=", text);
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (strncmp(text, signs[i][0], strlen(signs[i][0])) == 0)
            return arena_printf(b->arena, "did you mean '%s'?", signs[i][1]);
    return NULL;
}

static bool read_expect(struct binder *b, const struct param *p, const struct node *value,
                        void *field)
{
    struct expectations *e = field;
    *e = (struct expectations){0};
    if (node_is_null(value))
        return true;
    if (value->kind != NODE_MAP)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    e->v = arena_alloc(b->arena, (value->n + 1) * sizeof *e->v);
    bool ok = true;
    for (size_t i = 0; i < value->n; i++) {
        struct expectation *x = &e->v[e->n];
        const struct node *condition = value->item[i];
        bool of_weights = strcmp(value->key[i], "weights") == 0;
        enum metric m = metric_find(value->key[i]);
        if (!of_weights && m == METRICS) {
            const char *near = suggest(value->key[i], metric_names, METRICS);
            ok = diags_add(b->diags, value->key_place[i],
                           near ? arena_printf(b->arena, "did you mean '%s'?", near) : NULL,
                           "'%s' is not a figure that can be expected", value->key[i]);
            continue;
        }
        if (condition->kind != NODE_SCALAR ||
            !(of_weights ? parse_digest(condition->text, x)
                         : parse_expected(m, condition->text, x))) {
            ok = diags_add(
                b->diags, condition->place, of_weights ? NULL : hint_on_condition(b, m, condition),
                of_weights
                    ? "weights are expected as \"sha256:\" and the 64 digits of a run's weights_sha256"
                    : "an expectation is \"OP NUMBER\" with OP one of >= > <= <, or \"NUMBER +- NUMBER\"");
            continue;
        }
        if (!of_weights && is_beyond_share(m, x)) {
            ok = diags_add(
                b->diags, condition->place, "97 % is 0.97, or 97",
                "an accuracy is a fraction from 0 to 1, or above 1 and up to 100 in percent, "
                "and so is what follows +-");
            continue;
        }
        x->metric = arena_strdup(b->arena, value->key[i]);
        x->text = arena_strdup(b->arena, condition->text);
        e->n++;
    }
    return ok;
}

static void write_expect(const void *field, struct strbuf *out)
{
    const struct expectations *e = field;
    strbuf_add(out, "{");
    for (size_t i = 0; i < e->n; i++)
        strbuf_addf(out, "%s%s: \"%s\"", i ? ", " : "", e->v[i].metric, e->v[i].text);
    strbuf_add(out, "}");
}

/* ---- sweep: kept as it stands, read by the module above; neither it nor a trace is part of a
 * resolved run ---- */

static void write_tree(const void *field, struct strbuf *out)
{
    (void)field;
    strbuf_add(out, "null");
}

/* ---- the sections ---- */

#define NUMBER "[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?"
#define EXPECT_JSON                                                                                \
    "\"type\": \"string\", \"pattern\": \"^ *([<>]=? *" NUMBER "|" NUMBER                          \
    "( +[+]-| *\xc2\xb1) *" NUMBER "|sha256:[0-9a-f]{64}) *$\""

#define CUSTOM(T, f, fallback_, shape_, read_, write_, ...)                                        \
    {                                                                                              \
        .name = #f, .type = PARAM_CUSTOM, .offset = offsetof(T, f), .fallback = fallback_,         \
        .shape = shape_, .read = read_, .write = write_, .nullable = true, .help = __VA_ARGS__     \
    }

static const struct param train_params[] = {
    P_INT(struct train_config, epochs, "20", FROM_TO(1, 1e9), "passes over the training set",
          .unit = "epochs", .nullable = true),
    P_INT(struct train_config, steps, "null", FROM_TO(1, 1e15),
          "stop after this many updates instead", .unit = "updates", .nullable = true),
    P_INT(struct train_config, batch_size, "256", FROM_TO(1, 4294967295.0), "images in a minibatch",
          .unit = "images"),
    P_CHOICE(struct train_config, sampler, "shuffle", data_samplers,
             "order of the images in an epoch"),
    P_BOOL(struct train_config, drop_last, "true", "leave out a short last minibatch"),
    P_REAL(struct train_config, label_smoothing, "0", FROM_BELOW(0, 1),
           "share of the target spread over all classes"),
    P_REAL(struct train_config, clip_norm, "null", ABOVE(0),
           "largest global L2 norm of the gradient", .nullable = true),
    P_REAL(struct train_config, clip_value, "null", ABOVE(0),
           "largest magnitude of a gradient's element; comes before clip_norm", .nullable = true),
    P_INT(struct train_config, accumulate, "1", FROM_TO(1, 1e9), "minibatches to an update",
          .unit = "minibatches"),
    CUSTOM(struct train_config, early_stopping, "null",
           "null, or a mapping {monitor: valid_accuracy, patience: 10, min_delta: 0}", read_early,
           write_early, "end the run when a quantity stops improving", .table = early_params),
    CUSTOM(struct train_config, sam, "null", "null, or a mapping {rho: 0.05}", read_sam, write_sam,
           "sharpness-aware minimisation: the gradient where the loss is highest nearby (Foret et "
           "al. 2020, arXiv:2010.01412); two gradients an update",
           .table = sam_params),
    P_END};

static const char *const test_choices[] = {"end", "every", "never", NULL};
static const struct param evaluate_params[] = {
    CUSTOM(
        struct evaluate_config, train, "full", "full, none, or a count of images", read_images,
        write_images, "training images evaluated after each epoch",
        .json =
            "\"anyOf\": [{\"enum\": [\"full\", \"none\"]}, {\"type\": \"integer\", \"minimum\": 1}]"),
    P_CHOICE(struct evaluate_config, test, "end", test_choices, "when the test set is evaluated"),
    P_INT(struct evaluate_config, batch_size, "1000", FROM_TO(1, 1000000),
          "images evaluated at once", .unit = "images"),
    P_END};

static const struct param checkpoint_params[] = {
    P_INT(struct checkpoint_config, every, "1", AT_LEAST(0),
          "epochs between checkpoints; 0: only at the end", .unit = "epochs"),
    P_INT(struct checkpoint_config, every_steps, "null", AT_LEAST(1), "updates between checkpoints",
          .unit = "updates", .nullable = true),
    P_REAL(struct checkpoint_config, every_seconds, "null", ABOVE(0), "seconds between checkpoints",
           .unit = "s", .nullable = true),
    P_INT(struct checkpoint_config, keep, "1", AT_LEAST(0),
          "numbered checkpoints kept besides last and best"),
    P_TEXT(struct checkpoint_config, best, "valid_accuracy",
           "column, not of the test, that decides which checkpoint is the best", .nullable = true,
           .choices = metric_deciding_names),
    P_BOOL(struct checkpoint_config, last, "true",
           "keep the last one of a finished run; false: it goes with the end"),
    P_END};

static const struct param log_params[] = {
    P_INT(struct log_config, steps, "0", AT_LEAST(0),
          "updates between rows of steps.csv; 0: no such file", .unit = "updates"),
    P_END};

const struct param spec_params[] = {
    P_TEXT(struct spec, name, "null", "the run's name; default: the file's stem", .nullable = true,
           .json = SPEC_NAME_JSON),
    P_TEXT(struct spec, description, "\"\"", "free text"),
    P_INT(struct spec, seed, SPEC_SEED, AT_LEAST(0),
          "of every random stream: init, shuffling, dropout, splits"),
    P_INT(struct spec, threads, "1", FROM_TO(1, 1024), "threads of one run"),
    P_SECTION(struct spec, dataset, data_params, "the images"),
    P_KIND(struct spec, model, "mlp", &model_registry, "the network"),
    P_SECTION(struct spec, train, train_params, "how training goes"),
    P_KIND(struct spec, optimizer, NULL, &optim_registry, "the optimizer"),
    P_KINDS(struct spec, scheduler, "null", &sched_registry,
            "schedules of lr, batch size, momentum, weight decay", .nullable = true),
    P_KIND(struct spec, average, "null", &average_registry, "weight averaging", .nullable = true),
    P_SECTION(struct spec, evaluate, evaluate_params, "what is evaluated after each epoch"),
    P_SECTION(struct spec, checkpoint, checkpoint_params, "what is kept"),
    P_SECTION(struct spec, log, log_params, "what is logged besides epochs"),
    P_BOOL(struct spec, plots, "true", "draw the curves at the end"),
    CUSTOM(
        struct spec, expect, "{}",
        "a mapping such as {test_accuracy: \">= 0.97\"} or {weights: \"sha256:...\"}", read_expect,
        write_expect,
        "conditions checked at the end against the final metrics; an accuracy above 1 is in percent",
        .choices = expect_names, .json = EXPECT_JSON),
    CUSTOM(struct spec, sweep, "null", "a mapping", bind_tree, write_tree, "axes of a sweep",
           .json = "\"$ref\": \"#/$defs/sweep\""),
    CUSTOM(struct spec, trace, "null", "a mapping", spec_read_trace, write_tree,
           "optimizers on a two-dimensional function", .table = trace_params),
    P_END};
