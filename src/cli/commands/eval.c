/* descent eval: weights on a split; confusion matrix and per-class figures. */
#include "explore/pictures.h"
#include "checkpoint/safetensors.h"
#include "cli/cli.h"
#include "util/file.h"
#include "util/log.h"
#include <stdio.h>
#include <string.h>

enum {
    OPTION_SPLIT,
    OPTION_WEIGHTS,
    OPTION_SPEC,
    OPTION_PREDICTIONS,
    OPTION_FIGURES,
    OPTION_LOOK
};
static const struct cli_option eval_options[] = {
    {0, "split", "train|valid|test", "which images (default: test)"},
    {0, "weights", "last|best", "which checkpoint of a run folder (default: last)"},
    {0, "spec", "FILE", "the spec of a bare weights file"},
    {0, "predictions", "FILE.csv", "write image, label and prediction of every image"},
    {0, "figures", NULL,
     "draw the confusion matrix, the errors and the weights of\n"
     "                             the first layer: in the folder of -o, of the run, or\n"
     "                             beside the file"},
    CLI_LOOK_OPTIONS,
    {0}};

/* The recorded spec of a checkpoint, in the arena; NULL where there is none. */
static const char *recorded_spec(struct arena *a, const char *path, struct error *err)
{
    struct st_file f;
    if (!st_read(path, &f, err))
        return NULL;
    const char *text = st_meta(&f, "descent.spec");
    if (text)
        text = arena_strdup(a, text);
    else
        error_set(err, ERR_USAGE, "%s carries no spec; name one with --spec", path);
    st_fini(&f);
    return text;
}

static void print_confusion(const size_t *count, size_t k)
{
    printf("\nconfusion matrix (rows: label, columns: prediction)\n%5s", "");
    for (size_t j = 0; j < k; j++)
        printf(" %5zu", j);
    for (size_t i = 0; i < k; i++) {
        printf("\n%5zu", i);
        for (size_t j = 0; j < k; j++)
            printf(" %5zu", count[i * k + j]);
    }
    printf("\n");
}

static void print_classes(const size_t *count, size_t k)
{
    printf("\n%5s %9s %9s %9s %9s\n", "class", "images", "precision", "recall", "F1");
    for (size_t i = 0; i < k; i++) {
        size_t label = 0, predicted = 0, both = count[i * k + i];
        for (size_t j = 0; j < k; j++) {
            label += count[i * k + j];
            predicted += count[j * k + i];
        }
        double p = predicted ? (double)both / (double)predicted : 0,
               r = label ? (double)both / (double)label : 0;
        printf("%5zu %9zu %9.4f %9.4f %9.4f\n", i, label, p, r,
               p + r > 0 ? 2 * p * r / (p + r) : 0);
    }
}

static bool write_predictions(const char *path, const struct data_split *s,
                              const uint8_t *predicted, struct error *err)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, "image,label,prediction\n");
    for (size_t i = 0; i < s->n; i++) {
        size_t at = s->index ? s->index[i] : i;
        strbuf_addf(&b, "%zu,%u,%u\n", i, s->labels[at], predicted[i]);
    }
    bool ok = file_write(path, b.text, b.length, err);
    strbuf_fini(&b);
    return ok;
}

/* What is asked for, beyond the numbers. */
struct wishes {
    struct arena *a;
    const char *split;
    const char *predictions; /* a file, or NULL */
    const char *figures;     /* "FOLDER/" or "FILE-", or NULL */
    struct figure_look look; /* of those */
};

static bool draw(struct train *t, const struct data *d, const struct data_split *s,
                 const struct wishes *w, const char *spec_text, const char *name,
                 const uint8_t *predicted, const float *probability, const size_t *count,
                 struct error *err)
{
    enum { ERRORS = 60, UNITS = 150 };
    struct picture x = {.title = name, .spec = spec_text, .split = w->split, .look = w->look};
    const char *ending = figure_ending(&w->look);
    const char *confusion =
        arena_printf(w->a, "%sconfusion-%s%s", w->figures, w->split, ending);
    const char *errors = arena_printf(w->a, "%serrors-%s%s", w->figures, w->split, ending);
    const char *weights = arena_printf(w->a, "%sweights%s", w->figures, ending);
    struct error why;
    size_t wrong;
    if (!pictures_confusion(count, d->classes, &x, confusion, err) ||
        !pictures_errors(d, s, predicted, probability, ERRORS, &x, errors, &wrong, err))
        return false;
    printf("\nfigure %s\nfigure %s\n", confusion, errors);
    if (pictures_weights(t, d, UNITS, &x, weights, &why))
        printf("figure %s\n", weights);
    else if (why.code == ERR_USAGE)
        log_warn("%s", why.message);
    else
        return error_set(err, why.code, "%s", why.message);
    return true;
}

static bool evaluate(const struct spec *spec, struct train *t, const struct data *d,
                     const struct data_split *s, const struct wishes *w, struct error *err)
{
    double loss, accuracy;
    struct strbuf text;
    if (s->n == 0)
        return error_set(err, ERR_USAGE, "the %s split is empty", w->split);
    uint8_t *predicted = mem_new(s->n);
    float *probability = mem_array(s->n, sizeof *probability);
    size_t *count = mem_array(d->classes * d->classes, sizeof *count);
    train_evaluate(t, s, s->n, &loss, &accuracy, predicted);
    for (size_t i = 0; i < s->n; i++)
        count[s->labels[s->index ? s->index[i] : i] * d->classes + predicted[i]]++;
    printf("%-10s %zu images\nloss       %.9g\naccuracy   %.9g (%.2f %%)\n", w->split, s->n,
           loss, accuracy, 100 * accuracy);
    print_confusion(count, d->classes);
    print_classes(count, d->classes);
    bool ok = !w->predictions || write_predictions(w->predictions, s, predicted, err);
    if (ok && w->figures) {
        strbuf_init(&text);
        spec_write(spec, &text);
        train_predict(t, s, predicted, probability);
        ok = draw(t, d, s, w, text.text, spec->name, predicted, probability, count, err);
        strbuf_fini(&text);
    }
    mem_free(predicted);
    mem_free(probability);
    mem_free(count);
    return ok;
}

static const struct data_split *split_of(const struct data *d, const char *name)
{
    return strcmp(name, "train") == 0   ? &d->train
           : strcmp(name, "valid") == 0 ? &d->valid
                                        : &d->test;
}

/* init_from is not needed: the weights come from `weights`, in the run folder, which may be
 * NULL. */
static int load_and_evaluate(struct spec *s, const char *weights, const char *folder,
                             const struct wishes *w)
{
    struct error other;
    struct data *d = NULL;
    struct train *t = NULL;
    struct error err = {0};
    char key[64] = "";
    struct model_common *model = s->model.options;
    const char *init_from = model->init_from;
    model->init_from = NULL;
    bool ok = data_load(&s->dataset, (uint64_t)s->seed, &d, &err) &&
              train_new(s, d, &t, key, &err) && train_load_evaluated(t, weights, &err);
    model->init_from = init_from;
    if (ok && folder && !run_same_data(s, folder, d, &other))
        log_warn("%s", other.message);
    ok = ok && evaluate(s, t, d, split_of(d, w->split), w, &err);
    int code = ok ? 0 : cli_fail_at(s, key, &err);
    train_free(t);
    data_free(d);
    return code;
}

/* What the figures' paths begin with. */
static bool choose_folder(struct arena *a, const struct cli_arguments *args, const char **ret,
                          struct error *err)
{
    const char *folder = args->out ? args->out : args->word[0];
    *ret = cli_beside(a, folder, "-");
    if (args->out || file_is_folder(folder))
        *ret = arena_printf(a, "%s/", folder);
    return !args->out || file_make_folder(folder, err);
}

static int eval_with(struct arena *a, const struct cli_arguments *args, const char *weights,
                     const char *split, const struct figure_look *look)
{
    struct diags d;
    struct spec spec;
    struct error err = {0};
    diags_init(&d, a);
    const char *spec_path = args->value[OPTION_SPEC];
    bool ok;
    if (spec_path) {
        ok = spec_load(a, spec_path, args->word + 1, args->words - 1, &d, &spec);
    } else {
        const char *text = recorded_spec(a, weights, &err);
        if (!text)
            return cli_fail(&err);
        ok = spec_parse(a, weights, text, args->word + 1, args->words - 1, &d, &spec);
    }
    if (!ok)
        return cli_fail_diags(&d, spec_path ? spec_path : weights);
    struct wishes w = {
        .a = a, .split = split, .look = *look, .predictions = args->value[OPTION_PREDICTIONS]};
    if (args->value[OPTION_FIGURES] && !args->no_plots &&
        !choose_folder(a, args, &w.figures, &err))
        return cli_fail(&err);
    return load_and_evaluate(&spec, weights,
                             file_is_folder(args->word[0]) ? args->word[0] : NULL, &w);
}

static int main_eval(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct figure_look look;
    if (!cli_parse(c, argc, argv, &args) || !cli_look(c, &args, OPTION_LOOK, &look))
        return ERR_USAGE;
    if (args.words == 0)
        return cli_usage(c, "which folder or weights?");
    const char *split = args.value[OPTION_SPLIT] ? args.value[OPTION_SPLIT] : "test";
    const char *which = args.value[OPTION_WEIGHTS] ? args.value[OPTION_WEIGHTS] : "last";
    if (strcmp(split, "train") != 0 && strcmp(split, "valid") != 0 &&
        strcmp(split, "test") != 0)
        return cli_usage(c, "'--split' is train, valid or test, not '%s'", split);
    if (strcmp(which, "last") != 0 && strcmp(which, "best") != 0)
        return cli_usage(c, "'--weights' is last or best, not '%s'", which);
    bool is_folder = file_is_folder(args.word[0]);
    if (is_folder && args.value[OPTION_SPEC])
        return cli_usage(
            c,
            "'--spec' is for a weights file; %s is a folder, and its checkpoints carry theirs",
            args.word[0]);
    if (!is_folder && args.value[OPTION_WEIGHTS] && file_exists(args.word[0]))
        return cli_usage(c, "'--weights' chooses in a run's folder; %s is none", args.word[0]);
    struct arena a;
    arena_init(&a);
    struct error err = {0};
    const char *weights = is_folder ? cli_weights(&a, args.word[0], which, &err) : args.word[0];
    int code = weights ? eval_with(&a, &args, weights, split, &look) : cli_fail(&err);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_eval = {
    .name = "eval",
    .usage = "eval FOLDER|FILE.safetensors",
    .summary = "weights on a split: confusion matrix, per-class figures",
    .options = eval_options,
    .main = main_eval,
};
