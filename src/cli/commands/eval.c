/* descent eval: weights on a split; confusion matrix and per-class figures; two on the same images;
 * one picture. */
#include "checkpoint/safetensors.h"
#include "cli/cli.h"
#include "cli/commands/eval_image.h"
#include "explore/pictures.h"
#include "num/paired.h"
#include "num/sample.h"
#include "util/file.h"
#include "util/hash.h"
#include "util/log.h"
#include "util/text.h"
#include <stdint.h>
#include <stdio.h>

enum {
    OPTION_SPLIT,
    OPTION_WEIGHTS,
    OPTION_SPEC,
    OPTION_PREDICTIONS,
    OPTION_IMAGE,
    OPTION_INVERT,
    OPTION_FIGURES,
    OPTION_APPEARANCE
};
static const struct cli_option eval_options[] = {
    {0, "split", "train|valid|test", "which images", CLI_CHOICE(split_names, "test")},
    {0, "weights", "last|best", "which checkpoint of a run folder",
     CLI_CHOICE(cli_weights_names, "last")},
    {0, "spec", "FILE", "the spec of a bare weights file", CLI_PATH},
    {0, "predictions", "FILE.csv", "write image, label and prediction of every image", CLI_PATH},
    {0, "image", "FILE.png", "instead: what the model sees in this picture", CLI_PATH},
    {0, "invert", NULL, "with --image: light becomes dark", CLI_FLAG},
    {0, "figures", NULL,
     "draw the confusion matrix, the errors and the weights of the first layer: in the folder of -o, "
     "of the run, or beside the file",
     CLI_FLAG},
    CLI_FIGURE_OPTIONS,
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

/* Columns from ... to - 1 of the matrix, each so wide. */
static void print_confused_with(const size_t *count, size_t k, size_t from, size_t to, int width)
{
    printf("%5s", "");
    for (size_t j = from; j < to; j++)
        printf(" %*zu", width, j);
    for (size_t i = 0; i < k; i++) {
        printf("\n%5zu", i);
        for (size_t j = from; j < to; j++)
            printf(" %*zu", width, count[i * k + j]);
    }
    printf("\n");
}

/* On a terminal too narrow for all columns they are narrower, and what still finds no room stands
 * below. */
static void print_confusion(const size_t *count, size_t k)
{
    enum { LABEL = 5, WIDE = 5 };
    size_t page = cli_open_page(), most = k;
    int width = WIDE;
    for (size_t i = 0; i < k * k; i++)
        most = count[i] > most ? count[i] : most;
    if ((page - LABEL) / (WIDE + 1) < k)
        width = snprintf(NULL, 0, "%zu", most);
    size_t fits = (page - LABEL) / (size_t)(width + 1);
    fits = fits > 0 ? fits : 1;
    cli_say("\nconfusion matrix (rows: label, columns: prediction)\n");
    for (size_t from = 0; from < k; from += fits) {
        if (from > 0)
            printf("\n");
        print_confused_with(count, k, from, from + fits < k ? from + fits : k, width);
    }
}

static void print_classes(const struct data *d, const size_t *count)
{
    size_t k = d->classes;
    printf("\n%5s %9s %9s %9s %9s\n", "class", "images", "precision", "recall", "F1");
    for (size_t i = 0; i < k; i++) {
        size_t label = 0, predicted = 0, both = count[i * k + i];
        for (size_t j = 0; j < k; j++) {
            label += count[i * k + j];
            predicted += count[j * k + i];
        }
        double p = predicted ? (double)both / (double)predicted : 0,
               r = label ? (double)both / (double)label : 0;
        printf("%5zu %9zu %9.4f %9.4f %9.4f", i, label, p, r, p + r > 0 ? 2 * p * r / (p + r) : 0);
        cli_say(d->class_name ? "  %s\n" : "\n", d->class_name ? d->class_name[i] : "");
    }
}

/* image: its number in the file, from 0. */
static bool write_predictions(const char *path, const struct data_split *s,
                              const uint8_t *predicted, struct error *err)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, "image,label,prediction\n");
    for (size_t i = 0; i < s->n; i++) {
        size_t at = s->index ? s->index[i] : i;
        strbuf_addf(&b, "%zu,%u,%u\n", at, s->labels[at], predicted[i]);
    }
    bool ok = file_write(path, b.text, b.length, err);
    strbuf_fini(&b);
    return ok;
}

/* What a model said of each image of a split. */
struct judged {
    size_t n;
    bool *right;     /* in the arena */
    uint64_t images; /* the same for the same pixels and labels in the same order */
};

/* What is asked for, beyond the numbers. */
struct wishes {
    struct arena *a;
    enum split split;
    struct judged *judged;   /* only the numbers are printed, and this is filled in; or NULL */
    const char *predictions; /* a file, or NULL */
    const char *figures;     /* "FOLDER/" or "FILE-", or NULL */
    const char *image;       /* a picture, instead of a split; or NULL */
    bool invert;             /* it */
    struct figure_appearance appearance; /* of those */
    const char *title, *spec;
};

static bool draw(struct train *t, const struct data *d, const struct predictions *p,
                 const size_t *count, const struct wishes *w, struct error *err)
{
    enum { ERRORS = 60, UNITS = 150 };
    struct picture x = {
        .title = w->title, .spec = w->spec, .split = w->split, .appearance = w->appearance};
    const char *ending = figure_ending(&w->appearance), *split = split_names[w->split];
    const char *confusion = arena_printf(w->a, "%sconfusion-%s%s", w->figures, split, ending);
    const char *errors = arena_printf(w->a, "%serrors-%s%s", w->figures, split, ending);
    const char *weights = arena_printf(w->a, "%sweights%s", w->figures, ending);
    struct error why;
    size_t wrong;
    x.path = confusion;
    if (!pictures_confusion(d, count, &x, err))
        return false;
    x.path = errors;
    if (!pictures_errors(d, p, ERRORS, &x, &wrong, err))
        return false;
    cli_say("\nfigure %s\nfigure %s\n", confusion, errors);
    x.path = weights;
    if (pictures_weights(t, d, UNITS, &x, &why))
        cli_say("figure %s\n", weights);
    else if (why.code == ERR_USAGE)
        log_warn("%s", why.message);
    else
        return error_set(err, why.code, "%s", why.message);
    return true;
}

/* Weights are fitted to these: their figures tell nothing of other images. */
static bool is_fitted(enum split split)
{
    return split == SPLIT_TRAIN;
}

/* On which condition figures tell of other images. */
static const char *condition(enum split split)
{
    return split == SPLIT_VALID ? "if no epoch and no setting was chosen by these\n" : "";
}

static void print_accuracy(enum split split, size_t n, size_t hits, double loss, double accuracy)
{
    double low, high;
    stats_wilson(hits, n, &low, &high);
    struct strbuf b;
    strbuf_init(&b);
    strbuf_addf(&b, "%-10s %zu image%s\nloss       %.9g\naccuracy   %.9g (%.2f %%)\n",
                split_names[split], n, n == 1 ? "" : "s", loss, accuracy, 100 * accuracy);
    if (is_fitted(split))
        strbuf_add(&b, "weights are fitted to such images: this tells nothing of others\n");
    else
        strbuf_addf(&b,
                    "95 %%       %.2f to %.2f %% (Wilson: of other images of the kind)\n"
                    "%s",
                    100 * low, 100 * high, condition(split));
    cli_say("%s", b.text);
    strbuf_fini(&b);
}

static void keep_judged(const struct data *d, const struct data_split *s, const uint8_t *predicted,
                        const struct wishes *w)
{
    struct judged *j = w->judged;
    *j = (struct judged){
        .n = s->n, .right = arena_alloc(w->a, s->n * sizeof *j->right), .images = hash_of_nothing};
    for (size_t i = 0; i < s->n; i++) {
        size_t at = s->index ? s->index[i] : i;
        j->right[i] = predicted[i] == s->labels[at];
        j->images = hash_add(j->images, s->labels[at]);
        for (size_t k = 0; k < d->features; k++)
            j->images = hash_add(j->images, s->pixels[at * d->features + k]);
    }
}

static bool evaluate(const struct spec *spec, struct train *t, const struct data *d,
                     const struct data_split *s, const struct wishes *w, struct error *err)
{
    double loss, accuracy;
    struct strbuf text;
    if (s->n == 0)
        return error_set(err, ERR_USAGE, "the %s split is empty", split_names[w->split]);
    uint8_t *predicted = mem_new(s->n);
    float *probability = mem_array(s->n, sizeof *probability);
    size_t *count = mem_array(d->classes * d->classes, sizeof *count);
    train_evaluate(t, s, s->n, &loss, &accuracy, predicted);
    for (size_t i = 0; i < s->n; i++)
        count[s->labels[s->index ? s->index[i] : i] * d->classes + predicted[i]]++;
    size_t hits = 0;
    for (size_t k = 0; k < d->classes; k++)
        hits += count[k * d->classes + k];
    print_accuracy(w->split, s->n, hits, loss, accuracy);
    if (w->judged) {
        keep_judged(d, s, predicted, w);
    } else {
        print_confusion(count, d->classes);
        print_classes(d, count);
    }
    bool ok = !w->predictions || write_predictions(w->predictions, s, predicted, err);
    if (ok && w->figures) {
        const struct predictions p = {s, predicted, probability};
        struct wishes drawn = *w;
        strbuf_init(&text);
        spec_write(spec, &text);
        drawn.title = spec->name;
        drawn.spec = text.text;
        train_predict(t, s, predicted, probability);
        ok = draw(t, d, &p, count, &drawn, err);
        strbuf_fini(&text);
    }
    mem_free(predicted);
    mem_free(probability);
    mem_free(count);
    return ok;
}

/* The figures of a run are those on its own data; a file has none of its own. */
static bool is_its_data(const struct spec *s, const char *folder, const char *weights,
                        struct data *d, struct error *err)
{
    struct error why;
    return !folder || run_same_data(s, folder, d, &why) ||
           error_set(err, why.code,
                     "%s; 'descent eval %s' evaluates its weights on what is there now",
                     why.message, text_word(weights));
}

/* `weights` lie in the run's folder, which may be NULL. */
static int load_and_evaluate(struct spec *s, const char *weights, const char *folder,
                             const struct wishes *w)
{
    struct data *d = NULL;
    struct train *t = NULL;
    struct error err = {0};
    bool ok = train_check_to_load(s, &err) && data_load(&s->dataset, (uint64_t)s->seed, &d, &err) &&
              is_its_data(s, folder, weights, d, &err) &&
              (!w->image || eval_see(w->image, w->invert, d, &err)) &&
              train_new_to_load(s, d, &t, &err) && train_load_evaluated(t, weights, &err);
    if (ok && w->image)
        eval_tell(t, d);
    else
        ok = ok && evaluate(s, t, d, split_images(d, w->split), w, &err);
    int code = ok ? 0 : cli_fail_spec(s, &err);
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

/* The weights that a folder or a file is, evaluated on the split with these overrides. */
static int eval_one(const struct cli_arguments *args, const char *what, const char *weights,
                    char *const *overrides, size_t n, const struct wishes *w)
{
    struct diags d;
    struct spec spec;
    struct error err = {0};
    diags_init(&d, w->a);
    const char *spec_path = args->value[OPTION_SPEC];
    bool ok;
    if (spec_path) {
        ok = spec_load(w->a, spec_path, overrides, n, &d, &spec);
    } else {
        const char *text = recorded_spec(w->a, weights, &err);
        if (!text)
            return cli_fail(&err);
        ok = spec_parse(w->a,
                        &(struct spec_text){
                            .name = weights, .text = text, .override = overrides, .overrides = n},
                        &d, &spec);
    }
    if (!ok)
        return cli_fail_diags(&d, spec_path ? spec_path : weights);
    return load_and_evaluate(&spec, weights, file_is_folder(what) ? what : NULL, w);
}

static int eval_with(struct arena *a, const struct cli_arguments *args, const char *weights,
                     enum split split, const struct figure_appearance *appearance)
{
    struct error err = {0};
    struct wishes w = {.a = a,
                       .split = split,
                       .appearance = *appearance,
                       .predictions = args->value[OPTION_PREDICTIONS],
                       .image = args->value[OPTION_IMAGE],
                       .invert = args->value[OPTION_INVERT] != NULL};
    if (args->value[OPTION_FIGURES] && !args->no_plots && !choose_folder(a, args, &w.figures, &err))
        return cli_fail(&err);
    return eval_one(args, args->word[0], weights, args->word + 1, args->words - 1, &w);
}

static void print_mcnemar(const char *const *name, const struct judged *x, enum split split)
{
    size_t both = 0, neither = 0, one = 0, other = 0;
    for (size_t i = 0; i < x[0].n; i++) {
        both += x[0].right[i] && x[1].right[i];
        one += x[0].right[i] && !x[1].right[i];
        other += !x[0].right[i] && x[1].right[i];
        neither += !x[0].right[i] && !x[1].right[i];
    }
    struct strbuf b;
    strbuf_init(&b);
    strbuf_addf(&b,
                "\n%6zu both right\n%6zu only %s\n%6zu only %s\n%6zu neither\n"
                "difference %.2f points\n",
                both, one, name[0], other, name[1], neither,
                100 * ((double)one - (double)other) / (double)x[0].n);
    if (is_fitted(split))
        strbuf_add(&b, "weights are fitted to such images: no test of these tells of others\n");
    else
        strbuf_addf(
            &b,
            "McNemar's test, exact: p = %.3g\n"
            "of these two sets of weights on other images of the kind, not of other seeds\n%s",
            stats_mcnemar(one, other), condition(split));
    cli_say("%s", b.text);
    strbuf_fini(&b);
}

/* Two models on the same images. */
static int eval_two(struct arena *a, const struct cli_arguments *args, const char *which,
                    enum split split)
{
    struct judged x[2] = {0};
    struct error err = {0};
    const char *const name[] = {args->word[0], args->word[1]};
    for (int i = 0; i < 2; i++) {
        struct wishes w = {.a = a, .split = split, .judged = &x[i]};
        const char *weights =
            file_is_folder(name[i]) ? cli_weights(a, name[i], which, &err) : name[i];
        if (!weights)
            return cli_fail(&err);
        printf("%s%s\n", i ? "\n" : "", name[i]);
        int code = eval_one(args, name[i], weights, args->word + 2, args->words - 2, &w);
        if (code != 0)
            return code;
    }
    if (x[0].n != x[1].n || x[0].images != x[1].images) {
        bool held_out = split != SPLIT_TEST;
        error_set(&err, ERR_DATA, "%s and %s are not evaluated on the same images: %s", name[0],
                  name[1],
                  held_out ? "each run holds out its own; '--split test' takes the same ones"
                           : "give both one data set, with dataset.dir=... or "
                             "dataset.test_limit=..., say");
        return cli_fail(&err);
    }
    print_mcnemar(name, x, split);
    return 0;
}

/* What says how or where figures are drawn, of what is given; NULL: nothing. */
static const char *of_figures(const struct cli_arguments *args)
{
    static const char *const name[CLI_APPEARANCES] = {"--format", "--theme", "--size", "--dpi"};
    for (int i = 0; i < CLI_APPEARANCES; i++)
        if (args->value[OPTION_APPEARANCE + i])
            return name[i];
    return args->out ? "-o" : NULL;
}

/* What trained the weights, and what a training leaves. */
static const char *const unused[] = {"optimizer", "scheduler",   "average", "train", "checkpoint",
                                     "log",       "plots",       "expect",  "sweep", "trace",
                                     "name",      "description", NULL};

/* What options are given that do not go together, or not with what is evaluated. */
static int check_options(const struct cli_command *c, const struct cli_arguments *args, bool two,
                         bool is_folder)
{
    if (args->value[OPTION_IMAGE] && (two || args->value[OPTION_PREDICTIONS] ||
                                      args->value[OPTION_FIGURES] || args->value[OPTION_SPLIT]))
        return cli_usage(c, "'--image' is one picture for one model: without a second model, "
                            "'--split', '--predictions' and '--figures'");
    if (args->value[OPTION_INVERT] && !args->value[OPTION_IMAGE])
        return cli_usage(c, "'--invert' is of a picture that '--image' names");
    if (two && file_is_same(args->word[0], args->word[1]))
        return cli_usage(c, "%s is given twice, and a model agrees with itself: name another one",
                         args->word[1]);
    if (two && (args->value[OPTION_PREDICTIONS] || args->value[OPTION_FIGURES]))
        return cli_usage(c, "'--predictions' and '--figures' are of one model at a time");
    if (!args->value[OPTION_FIGURES] && of_figures(args))
        return cli_usage(c, "'%s' is of the figures that '--figures' draws: give both",
                         of_figures(args));
    if (args->value[OPTION_FIGURES] &&
        cli_explain_out(c, args->out, "in it come the figures (or '--format svg')"))
        return ERR_USAGE;
    if (is_folder && args->value[OPTION_SPEC])
        return cli_usage(
            c, "'--spec' is for a weights file; %s is a folder, and its checkpoints carry theirs",
            args->word[0]);
    if (!is_folder && args->value[OPTION_WEIGHTS] && file_exists(args->word[0]))
        return cli_usage(c, "'--weights' chooses in a run's folder; %s is none", args->word[0]);
    return 0;
}

static int main_eval(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct figure_appearance appearance;
    if (!cli_parse(c, argc, argv, &args) ||
        !cli_appearance(c, &args, OPTION_APPEARANCE, &appearance))
        return ERR_USAGE;
    enum split split = (enum split)args.typed[OPTION_SPLIT].choice;
    const char *which = cli_weights_names[args.typed[OPTION_WEIGHTS].choice];
    bool is_folder = file_is_folder(args.word[0]),
         two = args.words > 1 && file_exists(args.word[1]);
    struct cli_arguments rest = args; /* from the last subject on */
    rest.word += two;
    rest.words -= two;
    if (!cli_check_overrides(c, &rest, unused, false))
        return ERR_USAGE;
    if (check_options(c, &args, two, is_folder) != 0)
        return ERR_USAGE;
    struct arena a;
    arena_init(&a);
    if (two) {
        int code = eval_two(&a, &args, which, split);
        arena_fini(&a);
        return code;
    }
    struct error err = {0};
    const char *weights = is_folder ? cli_weights(&a, args.word[0], which, &err) : args.word[0];
    int code = weights ? eval_with(&a, &args, weights, split, &appearance) : cli_fail(&err);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_eval = {
    .name = "eval",
    .asks = "which folder or weights?",
    .of_folders = true,
    .of_one = true,
    .usage = "eval FOLDER|FILE.safetensors [ANOTHER]",
    .summary = "weights on a split: confusion matrix, per-class figures; two; or one --image",
    .options = eval_options,
    .main = main_eval,
};
