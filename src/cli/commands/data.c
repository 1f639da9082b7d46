/* descent data list | show | make | import: which data sets are there, pictures of one, the
 * synthetic one as files, and other people's as such files. */
#include "data/data.h"
#include "cli/cli.h"
#include "cli/commands/data_import.h"
#include "cli/commands/data_kind.h"
#include "cli/commands/data_show.h"
#include "util/file.h"
#include "util/log.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    OPTION_PLAIN,
    OPTION_SPLIT,
    OPTION_EACH,
    OPTION_AUGMENT,
    OPTION_LABEL,
    OPTION_TEST,
    OPTION_GREY,
    OPTION_INVERT,
    OPTION_APPEARANCE,
    OPTION_THEME,
    OPTION_SIZE,
    OPTION_DPI
};
static const struct cli_option data_options[] = {
    {0, "plain", NULL, "make: write plain files instead of .gz", CLI_FLAG},
    {0, "split", "train|valid|test", "show: whose images", CLI_CHOICE(split_names, "train")},
    {0, "each", "N", "show: images of each class", CLI_INT(1, DATA_SHOW_MOST, "12")},
    {0, "augment", NULL, "show: also an image of each class beside sixteen augmentations of it",
     CLI_FLAG},
    {0, "label", "NAME|NUMBER",
     "import: the column of a CSV with the labels, its number from 1; default: label, else 1",
     CLI_TEXT},
    {0, "test", "SHARE",
     "import: of each class, for the test set; default: 0.2 where the source has none",
     CLI_REAL(BETWEEN(0, 1), NULL)},
    {0, "grey", NULL, "import: make colour images grey", CLI_FLAG},
    {0, "invert", NULL, "import: light becomes dark", CLI_FLAG},
    CLI_FIGURE_OPTIONS_AND("; import: of the images, 28x28"),
    {0}};
/* What they belong to, by the first word. */
enum { LIST, SHOW, MAKE, IMPORT };
static const char *const form_names[] = {"list", "show", "make", "import", NULL};
static const struct cli_belonging belonging[] = {{OPTION_PLAIN, 1 << MAKE},
                                                 {OPTION_SPLIT, 1 << SHOW},
                                                 {OPTION_EACH, 1 << SHOW},
                                                 {OPTION_AUGMENT, 1 << SHOW},
                                                 {OPTION_LABEL, 1 << IMPORT},
                                                 {OPTION_TEST, 1 << IMPORT},
                                                 {OPTION_GREY, 1 << IMPORT},
                                                 {OPTION_INVERT, 1 << IMPORT},
                                                 {OPTION_APPEARANCE, 1 << SHOW},
                                                 {OPTION_THEME, 1 << SHOW},
                                                 {OPTION_SIZE, 1 << SHOW | 1 << IMPORT},
                                                 {OPTION_DPI, 1 << SHOW},
                                                 {0}};
static const char root[] = "datasets";

/* ---- list ---- */

/* What the digest says of a file. expected: of which set it should be, or NULL. */
static const char *standing(struct arena *a, const struct data_kind *expected, const char *file,
                            const char *sha256)
{
    const struct data_published *p = data_find_published(sha256);
    const char *set = expected ? expected->base.name : NULL;
    if (!p)
        return set && data_is_published(set) ? "not as published" : "unpublished";
    if (strcmp(p->file, file) != 0 || (set && strcmp(p->set, set) != 0))
        return arena_printf(a, "%s of %s", p->file, p->set);
    return set ? "as published" : arena_printf(a, "%s's", p->set);
}

static void list_line(const char *path, const char *dims, const char *sha256, const char *remark)
{
    struct stat st = {0};
    stat(path, &st);
    cli_say("  %-26s %11s %11lld  %.12s  %s\n", strrchr(path, '/') + 1, dims, (long long)st.st_size,
            sha256, remark);
    if (log_level() == LOG_VERBOSE)
        printf("    sha256 %s\n", sha256);
}

/* expected: as of standing(). False where it is missing or damaged. */
static bool list_file(struct arena *a, const char *folder, const struct data_kind *set,
                      const struct data_kind *expected, size_t i)
{
    const char *name = set->file[i], *path = data_find_file(a, folder, set, i);
    struct data_file_facts x;
    struct error err;
    if (!path) {
        cli_say("  %-26s missing\n", name);
        return false;
    }
    if (!set->inspect(path, &x, &err)) {
        cli_say("  %-26s damaged\n", strrchr(path, '/') + 1);
        cli_fail(&err);
        return false;
    }
    list_line(path, x.dims, x.sha256, standing(a, expected, name, x.sha256));
    return true;
}

/* expected: NULL: IDX files of any set. */
static bool list_folder(struct arena *a, const char *folder, const struct data_kind *set,
                        const struct data_kind *expected)
{
    bool ok = true;
    cli_say("%-14s %s\n", set->base.name, folder);
    for (size_t i = 0; set->file[i]; i++)
        ok = list_file(a, folder, set, expected, i) && ok;
    data_warn_of_copies(a, folder, expected ? expected : set);
    return ok;
}

/* Folders of other names below datasets/ that hold the four files. */
static bool list_others(struct arena *a)
{
    struct file_names names;
    bool ok = true;
    file_list(a, root, &names);
    for (size_t i = 0; i < names.n; i++) {
        const char *folder = arena_printf(a, "%s/%s", root, names.name[i]);
        if (!data_kind_named(names.name[i]) && data_kind_in(a, folder))
            ok = list_folder(a, folder, data_kind_in(a, folder), NULL) && ok;
    }
    return ok;
}

static bool list_known(struct arena *a)
{
    bool ok = true;
    for (size_t i = 0; data_names[i]; i++) {
        const struct data_kind *k = data_kind_named(data_names[i]);
        const char *name = k->base.name, *folder = arena_printf(a, "%s/%s", root, name);
        bool published = k->known_train > 0;
        if (k->made)
            cli_say("%-14s made as it is needed, from dataset.seed\n", name);
        else if (data_count_files(a, folder, k) > 0)
            ok = list_folder(a, folder, k, published ? k : NULL) && ok;
        else if (published)
            cli_say("%-14s not found; 'scripts/fetch-data %s' fetches it\n", name, name);
    }
    return ok;
}

/* Of a folder that holds no whole set what is missing is said of the likeliest. */
static const struct data_kind *kind_or_idx(struct arena *a, const char *folder)
{
    const struct data_kind *whole = data_kind_in(a, folder), *most = data_kind_named("idx");
    for (size_t i = 0; !whole && data_names[i]; i++) {
        const struct data_kind *k = data_kind_named(data_names[i]);
        if (k->file && data_count_files(a, folder, k) > data_count_files(a, folder, most))
            most = k;
    }
    return whole ? whole : most;
}

static bool no_folder(struct arena *a, const char *path)
{
    struct error err;
    if (data_say_missing(a, path))
        return false;
    if (file_check_folder(path, &err))
        error_set(&err, ERR_DATA, "%s is not a folder", path);
    cli_fail(&err);
    return false;
}

static int list(const struct cli_arguments *args)
{
    struct arena a;
    bool ok = true;
    arena_init(&a);
    if (args->words == 1)
        ok = list_known(&a) && list_others(&a);
    for (size_t i = 1; i < args->words; i++)
        ok = (file_is_folder(args->word[i])
                  ? list_folder(&a, args->word[i], kind_or_idx(&a, args->word[i]), NULL)
                  : no_folder(&a, args->word[i])) &&
             ok;
    arena_fini(&a);
    return ok ? 0 : ERR_DATA;
}

/* ---- make ---- */

/* A file of either form there: reading prefers the plain one, so that both together would
 * mislead. */
static bool is_free(struct arena *a, const char *folder, struct error *err)
{
    const struct data_kind *set = data_kind_named("idx");
    for (size_t i = 0; i < DATA_FILES; i++) {
        const char *path = data_find_file(a, folder, set, i);
        if (path)
            return error_set(err, ERR_USAGE, "%s is there already; name another folder with -o",
                             path);
    }
    return true;
}

static bool make_files(struct arena *a, const struct spec *s, const char *folder, bool plain,
                       struct error *err)
{
    struct data *d;
    if (!is_free(a, folder, err) || !data_load(&s->dataset, (uint64_t)s->seed, &d, err))
        return false;
    bool ok = file_make_folder(folder, err) && data_write(d, folder, !plain, err);
    if (ok) {
        for (size_t i = 0; i < DATA_FILES; i++)
            cli_say("%s/%s%s\n", folder, data_file_names[i], plain ? "" : ".gz");
        printf("%zu training, %zu validation and %zu test images; in a spec:\n", d->train.n,
               d->valid.n, d->test.n);
        struct strbuf dir;
        strbuf_init(&dir);
        write_text(&dir, folder);
        cli_say("dataset: {name: idx, dir: %s, validation: %zu}\n", dir.text, d->valid.n);
        strbuf_fini(&dir);
    }
    data_free(d);
    return ok;
}

static int make(const struct cli_command *c, const struct cli_arguments *args)
{
    static const char text[] = "dataset: digits\noptimizer: sgd\n";
    struct arena a;
    struct diags d;
    struct spec spec;
    struct error err = {0};
    int code = 0;
    if (!args->out)
        return cli_usage(c, "make: -o names the folder to write to");
    if (cli_explain_out(c, args->out, "in it come four IDX files"))
        return ERR_USAGE;
    for (size_t i = 1; i < args->words; i++)
        if (strncmp(args->word[i], "dataset.", 8) != 0 ||
            strncmp(args->word[i], "dataset.name=", 13) == 0)
            return cli_usage(
                c, "make: '%s' is no setting of the synthetic digits, such as dataset.seed=1",
                args->word[i]);
    arena_init(&a);
    diags_init(&d, &a);
    if (!spec_parse(&a,
                    &(struct spec_text){.name = "digits",
                                        .text = text,
                                        .override = args->word + 1,
                                        .overrides = args->words - 1},
                    &d, &spec))
        code = cli_fail_diags(&d, "the settings");
    else if (!make_files(&a, &spec, args->out, args->value[OPTION_PLAIN] != NULL, &err))
        code = cli_fail(&err);
    arena_fini(&a);
    return code;
}

static int import(const struct cli_command *c, const struct cli_arguments *args)
{
    struct import_options o = {.label = args->value[OPTION_LABEL],
                               .test = args->typed[OPTION_TEST].real,
                               .grey = args->value[OPTION_GREY] != NULL,
                               .invert = args->value[OPTION_INVERT] != NULL};
    return data_import(c, args, args->value[OPTION_SIZE], &o);
}

static int main_data(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct figure_appearance appearance;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    const char *what = args.words > 0 ? args.word[0] : "";
    int form = LIST;
    while (form_names[form] && strcmp(what, form_names[form]) != 0)
        form++;
    if (!form_names[form]) {
        const char *near = suggest(what, form_names, (size_t)form);
        return near ? cli_usage(c, "unknown word '%s'; did you mean '%s'?", what, near)
                    : cli_usage(c, "list, show, make or import?");
    }
    if (!cli_check_forms(c, &args, &(struct cli_forms){"data ", form_names, belonging}, form))
        return ERR_USAGE;
    if (form == LIST && args.out)
        return cli_usage(c, "list: no '-o': " CLI_PRINTS);
    if (form == LIST)
        return list(&args);
    if (form == MAKE)
        return make(c, &args);
    if (form == IMPORT)
        return import(c, &args);
    if (!cli_appearance(c, &args, OPTION_APPEARANCE, &appearance))
        return ERR_USAGE;
    return data_show(c, &args, (enum split)args.typed[OPTION_SPLIT].choice,
                     (size_t)args.typed[OPTION_EACH].integer, args.value[OPTION_AUGMENT] != NULL,
                     &appearance);
}

const struct cli_command cmd_data = {
    .name = "data",
    .usage = "data list | show SPEC|FOLDER | make | import SOURCE [-o FOLDER]",
    .summary = "data sets: what is found; samples, class shares; digits, and your own as files",
    .options = data_options,
    .main = main_data,
};
