/* The spec's section `dataset`. */
#include "config/hints.h"
#include "data/internal.h"
#include "util/file.h"
#include "util/mem.h"
#include "util/path.h"
#include <math.h>
#include <string.h>

static const char *const splits[] = {"tail", "random", "stratified", NULL};
static const char *const scales[] = {"unit", "standard", "none", "channel", "image", NULL};
static const struct param scale_params[] = {
    P_REALS(struct data_scaling, mean, NULL, ANY_REAL,
            "what is taken off each pixel, in 0 ... 255"),
    P_REALS(struct data_scaling, deviation, NULL, ABOVE(0),
            "what each pixel is then divided by: a number, or one a channel"),
    P_END};

static const double most_images = 4294967295.0; /* that an IDX file can count */

static bool read_validation(struct binder *b, const struct param *p, const struct node *value,
                            void *field)
{
    double v;
    int64_t whole;
    if (node_is_null(value)) {
        *(double *)field = DATA_A_TENTH;
        return true;
    }
    if (!node_as_real(value, &v) || !(v >= 0 && v <= most_images) ||
        (v >= 1 && (v > floor(v) || v < 2) && !node_as_int(value, &whole)))
        return diags_add(b->diags, value->place,
                         value->kind == NODE_SCALAR ? hint_on_number(b->arena, value->text, false)
                                                    : NULL,
                         "'%s' must be %s", p->name, p->shape);
    *(double *)field = v;
    return true;
}

static void write_validation(const void *field, struct strbuf *out)
{
    double v = *(const double *)field;
    if (v < DATA_A_TENTH)
        strbuf_add_real(out, v);
    else
        strbuf_add(out, "null");
}

/* One of the words, or {mean: ..., deviation: ...}. */
static bool read_scale(struct binder *b, const struct param *p, const struct node *value,
                       void *field)
{
    struct data_scaling *x = field;
    if (value->kind == NODE_MAP) {
        *x = (struct data_scaling){.kind = DATA_SCALE_NUMBERS};
        return bind_table(b, scale_params, value, value->place, "'scale'", x);
    }
    struct param word = {.name = p->name, .type = PARAM_CHOICE, .choices = scales, .help = p->help};
    for (int i = 0; value->kind == NODE_SCALAR && scales[i]; i++)
        if (strcmp(value->text, scales[i]) == 0)
            return bind_value(b, &word, value, &x->kind);
    const char *near = value->kind == NODE_SCALAR ? hint_kind(b->arena, value->text, scales,
                                                              sizeof scales / sizeof *scales - 1)
                                                  : NULL;
    return diags_add(b->diags, value->place,
                     near ? arena_printf(b->arena, "did you mean '%s'?", near) : NULL,
                     "'%s' must be %s", p->name, p->shape);
}

static void write_scale(const void *field, struct strbuf *out)
{
    const struct data_scaling *x = field;
    if (x->kind != DATA_SCALE_NUMBERS) {
        strbuf_add(out, scales[x->kind]);
        return;
    }
    strbuf_add(out, "{mean: ");
    write_value(out, &scale_params[0], &x->mean);
    strbuf_add(out, ", deviation: ");
    write_value(out, &scale_params[1], &x->deviation);
    strbuf_add(out, "}");
}

/* The path of data in place of a set's name. */
static const char *hint_on_path(struct arena *a, const char *word)
{
    if (file_is_folder(word)) {
        const struct data_kind *k = data_kind_named(path_base(path_bare(a, word)));
        return arena_printf(a, "did you mean '{name: %s, dir: %s}'?", k ? k->base.name : "idx",
                            word);
    }
    return path_is_table(word) || file_exists(word) ? data_hint_to_import(a, word) : NULL;
}

const struct param data_params[] = {
    P_CHOICE(struct data_config, name, "mnist", data_names,
             "the data set; idx: any four IDX files in dir", .hint = hint_on_path),
    P_TEXT(struct data_config, dir, "null",
           "folder of its files, plain or .gz; default datasets/NAME", .nullable = true,
           .path = true),
    P_INT(struct data_config, seed, "0", AT_LEAST(0),
          "digits only: image i is a function of (seed, i)"),
    P_INT(struct data_config, classes, "null", FROM_TO(2, 256),
          "null: the largest training label + 1", .nullable = true),
    {.name = "validation",
     .type = PARAM_CUSTOM,
     .offset = offsetof(struct data_config, validation),
     .fallback = "null",
     .nullable = true,
     .shape = "a count, a fraction in (0, 1), 0 for none, or null",
     .json =
         "\"anyOf\": [{\"type\": \"null\"}, {\"type\": \"integer\", \"minimum\": 0, "
         "\"maximum\": 4294967295}, {\"type\": \"number\", \"exclusiveMinimum\": 0, \"exclusiveMaximum\": 1}]",
     .read = read_validation,
     .write = write_validation,
     .help = "training images to hold out; null: a tenth of the training file"},
    P_CHOICE(struct data_config, validation_split, "tail", splits, "which images are held out"),
    P_INT(struct data_config, folds, "null", FROM_TO(2, 1e6),
          "cross validation in place of 'validation': as many parts, of which one is held out",
          .nullable = true),
    P_INT(struct data_config, fold, "0", AT_LEAST(0), "which part, from 0"),
    P_INT(struct data_config, split_seed, "null", AT_LEAST(0),
          "of a split that is not tail; null: the run's seed", .nullable = true),
    P_INT(struct data_config, train_limit, "null", AT_LEAST(1),
          "only the first N of what remains for training", .unit = "images", .nullable = true),
    P_INT(struct data_config, test_limit, "null", AT_LEAST(1), "only the first N test images",
          .unit = "images", .nullable = true),
    {.name = "scale",
     .type = PARAM_CUSTOM,
     .offset = offsetof(struct data_config, scale),
     .fallback = "unit",
     .shape = "unit, standard, none, channel, image, or {mean: [...], deviation: [...]}",
     .json = "\"anyOf\": [{\"enum\": [\"unit\", \"standard\", \"none\", \"channel\", "
             "\"image\"]}, {\"type\": \"object\", \"additionalProperties\": false, "
             "\"required\": [\"mean\", \"deviation\"], \"properties\": {\"mean\": {}, "
             "\"deviation\": {}}}]",
     .read = read_scale,
     .write = write_scale,
     .help = "unit: x / 255; standard, channel: by the mean and deviation of the training images' "
             "pixels, all or each channel's; image: each image by its own; none: 0 ... 255; or by "
             "numbers in 0 ... 255, one or one a channel"},
    P_KINDS(struct data_config, augment, "[]", &augment_registry,
            "random changes of training images, another in each epoch: crop, flip, cutout, in this "
            "order"),
    P_END};

bool data_has_folds(const struct data_config *c)
{
    return c->folds != PARAM_NULL_INT && c->folds > 1;
}

/* A tenth of the training file, where that is known. */
static double default_validation(const struct data_config *c)
{
    const struct data_kind *k = data_config_kind(c);
    size_t n = k->count(c);
    n = n > 0 ? n : k->known_train;
    return n > 0 ? floor((double)n / 10.0 + 0.5) : DATA_A_TENTH;
}

void data_config_finish(struct data_config *c, struct arena *a)
{
    if (!c->dir)
        c->dir = arena_printf(a, "datasets/%s", data_names[c->name]);
    if (!(c->validation < DATA_A_TENTH) && !data_has_folds(c))
        c->validation = default_validation(c);
}

/* The registry's order is of no matter: a kind's stream is its place. */
static const char *check_augment(const struct data_config *c, struct arena *a,
                                 struct place *ret_place)
{
    for (size_t i = 1; i < c->augment.n; i++) {
        const struct augment_kind *k = (const struct augment_kind *)c->augment.v[i].kind,
                                  *before = (const struct augment_kind *)c->augment.v[i - 1].kind;
        *ret_place = c->augment.v[i].place;
        if (k->stream == before->stream)
            return arena_printf(a, "'%s' occurs twice in 'augment'", k->base.name);
        if (k->stream < before->stream)
            return arena_printf(
                a, "'%s' comes before '%s' in 'augment', which is in the order in which it is done",
                k->base.name, before->base.name);
    }
    return NULL;
}

const char *data_config_check(const struct data_config *c, struct arena *a, const char **ret_key,
                              struct place *ret_place)
{
    const struct reals *mean = &c->scale.mean, *deviation = &c->scale.deviation;
    *ret_place = (struct place){0};
    *ret_key = "dir";
    if (c->dir && c->dir[0] == '\0')
        return arena_printf(a,
                            "'dir' is empty: it names the folder of the files ('.': this one); "
                            "without it, that is datasets/%s",
                            data_names[c->name]);
    *ret_key = "seed";
    if (c->seed != 0 && !data_config_kind(c)->made)
        return arena_printf(a, "'seed' is a key of the data set digits, not of %s",
                            data_names[c->name]);
    *ret_key = "split_seed";
    if (c->split_seed != PARAM_NULL_INT && c->validation_split == DATA_SPLIT_TAIL)
        return "'split_seed' has no effect with 'validation_split: tail', which draws nothing: "
               "leave it out, or take random or stratified";
    if (c->split_seed != PARAM_NULL_INT && !data_has_folds(c) && !(c->validation > 0))
        return "'split_seed' has no effect where no image is held out ('validation' is 0): leave "
               "it out";
    *ret_key = "scale";
    if (c->scale.kind == DATA_SCALE_NUMBERS && (mean->n == 0 || deviation->n == 0))
        return "'scale' needs a number, or one a channel, of 'mean' and of 'deviation'";
    *ret_key = "augment";
    return check_augment(c, a, ret_place);
}
