/* descent data show: samples of a data set, and how its classes are shared out. */
#include "cli/commands/data_show.h"
#include "cli/commands/data_kind.h"
#include "explore/pictures.h"
#include "folder/folder.h"
#include "study/table.h"
#include "util/file.h"
#include "util/text.h"
#include <stdio.h>

struct showing {
    struct arena *a;
    const struct spec *spec;
    enum split split;
    size_t each;
    bool augment;
    const struct figure_appearance *appearance; /* NULL: nothing is drawn */
    const char *samples, *classes, *augmented;  /* paths without the ending */
};

/* ---- data ---- */

static void free_all(struct data *const held[3])
{
    for (int k = 0; k < 3; k++)
        data_free(held[k]);
}

/* The same set with each kind of validation split. */
static bool load_held(const struct spec *s, struct data *held[3], struct error *err)
{
    for (int k = 0; k < 3; k++) {
        struct data_config c = s->dataset;
        c.validation_split = k;
        if (!data_load(&c, (uint64_t)s->seed, &held[k], err))
            return false;
    }
    return true;
}

/* ---- results ---- */

/* A count and its share of the split. */
static const char *share_text(struct arena *a, const struct class_shares *c, int k, size_t i)
{
    return arena_printf(a, "%8.0f  %5.2f %%", c->split[k][i] * (double)c->n[k],
                        100 * c->split[k][i]);
}

/* A row for each class, and one for all. */
static void print_shares(const struct showing *s, const struct data *d,
                         const struct class_shares *c)
{
    static const char no_share[] = "         "; /* "  10.00 %" */
    struct table t;
    struct table_builder b = {.a = s->a, .rows = c->classes + 1};
    const char **cell = table_add_column(&b, "class ", true, true);
    for (size_t i = 0; i < c->classes; i++)
        cell[i] = arena_printf(s->a, "%zu", i);
    cell[c->classes] = "all";
    for (int k = 0; k < 3; k++) {
        if (!c->split[k])
            continue;
        cell = table_add_column(&b, arena_printf(s->a, "%s%s", split_names[k], no_share), false,
                                false);
        for (size_t i = 0; i < c->classes; i++)
            cell[i] = share_text(s->a, c, k, i);
        cell[c->classes] = arena_printf(s->a, "%zu%s", c->n[k], no_share);
    }
    cell = d->class_name ? table_add_column(&b, "", true, false) : NULL;
    for (size_t i = 0; cell && i < c->classes; i++)
        cell[i] = d->class_name[i];
    struct strbuf out;
    strbuf_init(&out);
    table_finish(&b, &t);
    table_write_text_within(&t, cli_table_page(), &out);
    cli_say("%s\n", out.text);
    strbuf_fini(&out);
}

static bool write_shares(const struct showing *s, const struct class_shares *c, struct error *err)
{
    struct strbuf b;
    const char *path = arena_printf(s->a, "%s.csv", s->classes);
    strbuf_init(&b);
    class_shares_write(c, &b);
    bool ok = cli_write_points(path, &b, err);
    strbuf_fini(&b);
    return ok;
}

enum { EPOCHS = 16 }; /* of which augmentations are drawn */

static bool draw(const struct showing *s, const struct data *d, const struct class_shares *c,
                 struct error *err)
{
    const struct data_split *split = split_images(d, s->split);
    const char *ending = figure_ending(s->appearance);
    const char *samples = arena_printf(s->a, "%s%s", s->samples, ending),
               *classes = arena_printf(s->a, "%s%s", s->classes, ending),
               *augmented = arena_printf(s->a, "%s%s", s->augmented, ending);
    struct strbuf spec;
    strbuf_init(&spec);
    spec_write(s->spec, &spec);
    struct picture x = {.spec = spec.text,
                        .split = s->split,
                        .title = data_names[s->spec->dataset.name],
                        .appearance = *s->appearance};
    uint64_t seed = (uint64_t)s->spec->seed;
    x.path = samples;
    bool ok = pictures_samples(d, split, seed, s->each, &x, err);
    x.path = classes;
    ok = ok && class_shares_draw(c, &x, err);
    x.path = augmented;
    ok = ok && (!s->augment || pictures_augmented(d, seed, EPOCHS, &x, err));
    strbuf_fini(&spec);
    if (ok)
        cli_say("figure %s\nfigure %s\n", samples, classes);
    if (ok && s->augment)
        cli_say("figure %s\n", augmented);
    return ok;
}

static bool show(const struct showing *s, struct error *err)
{
    struct data *d = NULL, *held[3] = {0};
    struct class_shares c;
    bool ok = data_load(&s->spec->dataset, (uint64_t)s->spec->seed, &d, err) &&
              (d->valid.n == 0 || load_held(s->spec, held, err));
    size_t batch = (size_t)s->spec->train.batch_size;
    if (ok && s->split == SPLIT_VALID && d->valid.n == 0)
        ok = error_set(err, ERR_USAGE,
                       "the valid split is empty: nothing is held out (dataset.validation)");
    if (ok && s->augment && !data_augments(d))
        ok = error_set(
            err, ERR_USAGE,
            "the spec augments nothing; 'dataset.augment=[{crop: {padding: 4}}, flip]' does");
    if (ok && batch > d->train.n)
        ok = error_set(err, ERR_USAGE,
                       "a batch of %zu is larger than the training set of %zu images", batch,
                       d->train.n);
    if (ok) {
        class_shares_find(s->a, d, held, (uint64_t)s->spec->seed, batch, &c);
        print_shares(s, d, &c);
        ok = write_shares(s, &c, err) && (!s->appearance || draw(s, d, &c, err));
    }
    free_all(held);
    data_free(d);
    return ok;
}

/* ---- the command line ---- */

/* -o FOLDER; else in the run folder, or of a spec in the current one. */
static bool choose_paths(const struct cli_arguments *args, struct showing *s, struct error *err)
{
    const char *word = args->word[1], *folder = args->out              ? args->out
                                                : file_is_folder(word) ? word
                                                                       : NULL;
    s->samples =
        folder ? arena_printf(s->a, "%s/samples", folder) : cli_here(s->a, word, "-samples");
    s->classes =
        folder ? arena_printf(s->a, "%s/classes", folder) : cli_here(s->a, word, "-classes");
    s->augmented =
        folder ? arena_printf(s->a, "%s/augmented", folder) : cli_here(s->a, word, "-augmented");
    return !args->out || file_make_folder(folder, err);
}

/* A small set: a batch, which no spec asks for, is no larger than it. */
static bool fit_batch(struct spec *s, int *ret_code)
{
    struct data_sizes sizes;
    struct error err;
    if (!data_sizes(&s->dataset, &sizes, &err)) {
        *ret_code = cli_fail(&err);
        return false;
    }
    if (sizes.train > 0 && (size_t)s->train.batch_size > sizes.train)
        s->train.batch_size = (int64_t)sizes.train;
    return true;
}

/* The files of a data set, in a folder of their own. */
static bool load_files(struct arena *a, const struct cli_arguments *args,
                       const struct data_kind *kind, struct spec *ret, int *ret_code)
{
    struct diags d;
    struct strbuf b;
    diags_init(&d, a);
    strbuf_init(&b);
    strbuf_addf(&b, "dataset: {name: %s, dir: ", kind->base.name);
    write_text(&b, args->word[1]);
    strbuf_add(&b, "}\noptimizer: sgd\n");
    const char *text = arena_strdup(a, b.text);
    strbuf_fini(&b);
    struct spec_text x = {args->word[1], text, args->word + 2, args->words - 2};
    if (spec_parse(a, &x, &d, ret))
        return fit_batch(ret, ret_code);
    *ret_code = cli_fail_diags(&d, args->word[1]);
    return false;
}

static bool load_spec(struct arena *a, const struct cli_arguments *args, struct spec *ret,
                      int *ret_code)
{
    struct cli_arguments rest = *args;
    char *words[1];
    rest.word++;
    rest.words--;
    if (data_say_missing(a, args->word[1])) {
        *ret_code = ERR_USAGE;
        return false;
    }
    if (!file_is_folder(args->word[1]))
        return cli_load_spec(a, &rest, ret, ret_code);
    struct diags d;
    struct error err;
    diags_init(&d, a);
    if (folder_holds_run(args->word[1]) && !run_read_spec(a, args->word[1], ret, &err)) {
        *ret_code = cli_fail(&err);
        return false;
    }
    words[0] = arena_printf(a, "%s/" FOLDER_SPEC, args->word[1]);
    const struct data_kind *kind = data_kind_in(a, args->word[1]);
    if (!file_exists(words[0]) && kind)
        return load_files(a, args, kind, ret, ret_code);
    if (!file_exists(words[0])) {
        error_set(
            &err, ERR_DATA,
            "%s holds neither a run nor a data set; of pictures in a folder a class, 'descent data import %s -o FOLDER' makes one",
            args->word[1], text_word(args->word[1]));
        *ret_code = cli_fail(&err);
        return false;
    }
    if (spec_load(a, words[0], rest.word + 1, rest.words - 1, &d, ret))
        return true;
    *ret_code = cli_fail_diags(&d, words[0]);
    return false;
}

int data_show(const struct cli_command *c, const struct cli_arguments *args, enum split split,
              size_t each, bool augment, const struct figure_appearance *appearance)
{
    struct arena a;
    struct spec spec;
    struct error err = {0};
    struct showing s = {.a = &a,
                        .spec = &spec,
                        .split = split,
                        .each = each,
                        .augment = augment,
                        .appearance = args->no_plots ? NULL : appearance};
    int code = 0;
    static const char *const used[] = {"dataset", "seed", "train.batch_size", "train.sampler",
                                       NULL};
    if (args->words < 2)
        return cli_usage(c, "show: which spec, run folder or folder of data?");
    struct cli_arguments rest = *args; /* word 0 is "show" */
    rest.word++;
    rest.words--;
    if (!cli_check_overrides(c, &rest, used, true) ||
        cli_explain_out(c, args->out, "in it come samples.png and classes.png (or '--format svg')"))
        return ERR_USAGE;
    arena_init(&a);
    if (load_spec(&a, args, &spec, &code) && (!choose_paths(args, &s, &err) || !show(&s, &err)))
        code = cli_fail(&err);
    arena_fini(&a);
    return code;
}
