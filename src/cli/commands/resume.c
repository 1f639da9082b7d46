/* descent resume */
#include "cli/cli.h"
#include "cli/commands/train_sweep.h"
#include "cli/commands/tune.h"
#include "folder/folder.h"
#include "util/file.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- train.epochs=+20 ---- */

static const struct more {
    const char *key, *what;
    size_t length;
} mores[] = {{"train.epochs=", "epoch", 13}, {"train.steps=", "update", 12}};

/* The key that the word adds to; NULL: none. */
static const struct more *more_of(const char *word)
{
    for (size_t i = 0; i < 2; i++)
        if (strncmp(word, mores[i].key, mores[i].length) == 0 && word[mores[i].length] == '+')
            return &mores[i];
    return NULL;
}

/* Where a run, or every member of a sweep, stands. ERR_USAGE where they stand apart. */
static bool find_reached(const char *folder, const struct sweep *s, const struct more *m,
                         int64_t *ret, struct error *err)
{
    struct arena a;
    bool ok = true, steps = m == &mores[1];
    size_t n = s ? s->members : 1;
    arena_init(&a);
    for (size_t i = 0; ok && i < n; i++) {
        int64_t epoch, step;
        run_reached(s ? arena_printf(&a, "%s/%s", folder, s->member[i].folder) : folder, &epoch,
                    &step);
        int64_t now = steps ? step : epoch;
        ok = i == 0 || now == *ret ||
             error_set(err, ERR_USAGE,
                       "'%s+' needs members that have reached the same %s: %s stands at %lld, %s "
                       "at %lld; give the whole length, without '+'",
                       m->key, m->what, s->member[0].folder, (long long)*ret, s->member[i].folder,
                       (long long)now);
        *ret = i == 0 ? now : *ret;
    }
    arena_fini(&a);
    return ok;
}

/* Of halving, rungs were set by the length that it had. */
static bool may_add(const char *folder, const struct sweep *s, struct error *err)
{
    return !s || s->brackets == 0 ||
           error_set(err, ERR_USAGE,
                     "%s: halving ended members at rungs of the length that the sweep has, so it "
                     "cannot be made longer: 'descent sweep' with 'train.epochs=N' and another "
                     "folder (-o) trains a longer one",
                     folder);
}

static bool says(char *const *word, size_t n, const struct more *m)
{
    for (size_t i = 0; i < n; i++) {
        const char *key = word[i] + (word[i][0] == '~');
        if (strncmp(key, m->key, m->length - 1) == 0 &&
            (key[m->length - 1] == '=' || key[m->length - 1] == '\0'))
            return true;
    }
    return false;
}

/* A length is in epochs or in updates, and the words may change which. */
static bool has_unit(const struct spec *now, const struct more *m, char *const *word, size_t n,
                     const char *typed, struct error *err)
{
    const struct more *other = m == &mores[0] ? &mores[1] : &mores[0];
    bool by_steps = now->train.steps != PARAM_NULL_INT;
    return by_steps == (m == &mores[1]) || says(word, n, other) ||
           error_set(err, ERR_USAGE,
                     "'%s': the length is given in %ss: say '%s+N', or '%snull %s' to give it in "
                     "%ss from now on",
                     typed, other->what, other->key, other->key, typed, m->what);
}

/* What is to be made longer. */
struct begun {
    const char *folder;
    const struct sweep *s;  /* NULL: a run */
    const struct spec *now; /* its spec, or a member's */
};

/* Makes whole lengths of the words that add to what was reached. */
static bool resolve_more(struct arena *a, const struct begun *x, char **word, size_t n,
                         struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct more *m = more_of(word[i]);
        char *end;
        int64_t reached = 0;
        if (!m)
            continue;
        const char *text = word[i] + m->length + 1;
        long long more = strtoll(text, &end, 10);
        if (!isdigit((unsigned char)*text) || *end != '\0' || more < 1 || more > 1000000000)
            return error_set(err, ERR_USAGE,
                             "'%s': '+' is followed by a whole number of %ss, at least 1", word[i],
                             m->what);
        if (!may_add(x->folder, x->s, err) || !has_unit(x->now, m, word, n, word[i], err) ||
            !find_reached(x->folder, x->s, m, &reached, err))
            return false;
        word[i] = arena_printf(a, "%s%lld", m->key, (long long)(reached + more));
    }
    return true;
}

static bool adds(char *const *word, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (more_of(word[i]))
            return true;
    return false;
}

static int resume_sweep(const struct cli_arguments *args, struct arena *a)
{
    struct sweep s;
    struct diags d;
    struct sweep_tuning tuning;
    struct spec now;
    struct error err;
    bool tunes, more = adds(args->word + 1, args->words - 1);
    struct sweep_options o = {
        .folder = args->word[0], .jobs = cli_cores(), .shards = 1, .no_plots = args->no_plots};
    int code;
    const char *path = folder_path(a, o.folder, FOLDER_SWEEP);
    diags_init(&d, a);
    if (more && !cli_load_sweep(a, o.folder, &s, &code))
        return code;
    if (more)
        sweep_member_spec(&s, 0, a, &now);
    if (more && !resolve_more(a, &(struct begun){o.folder, &s, &now}, args->word + 1,
                              args->words - 1, &err))
        return cli_fail(&err);
    if (!sweep_load(a, path, args->word + 1, args->words - 1, &d, &s))
        return cli_fail_sweep(a, o.folder, path, &d);
    if (!sweep_read_tuning(a, o.folder, &tuning, &tunes, &err))
        return cli_fail(&err);
    return tunes ? cli_tune_sweep(&s, &o, &tuning, &d, a) : cli_train_sweep(&s, &o, &d);
}

/* A setting that is wrong, or a spec.yaml that was damaged. */
static int fail_spec(struct arena *a, const char *folder, const struct spec_text *t,
                     const struct diags *d)
{
    struct diags own;
    struct spec s;
    struct error err;
    diags_init(&own, a);
    bool damaged =
        !spec_parse(a, &(struct spec_text){.name = t->name, .text = t->text}, &own, &s) &&
        !run_read_spec(a, folder, &s, &err);
    return damaged ? cli_fail(&err) : cli_fail_diags(d, t->name);
}

static int resume_run(const struct cli_command *c, const struct cli_arguments *args,
                      struct arena *a)
{
    const char *folder = args->word[0], *path = folder_path(a, folder, FOLDER_SPEC);
    const char *text;
    char **word = args->word + 1;
    size_t n = args->words - 1;
    struct spec spec;
    struct diags d;
    struct error err;
    diags_init(&d, a);
    if (!run_edited_spec_text(a, folder, &text, &err))
        return cli_fail(&err);
    struct spec_text x = {.name = path, .text = text};
    if (adds(word, n)) {
        if (!spec_parse(a, &x, &d, &spec))
            return fail_spec(a, folder, &x, &d);
        if (!resolve_more(a, &(struct begun){folder, NULL, &spec}, word, n, &err))
            return cli_fail(&err);
    }
    x.override = word;
    x.overrides = n;
    if (!spec_parse(a, &x, &d, &spec))
        return fail_spec(a, folder, &x, &d);
    if (spec.sweep)
        return cli_usage(c, "%s is a run, and 'sweep' no setting of it", folder);
    struct run_options o = {.folder = folder, .no_plots = args->no_plots, .rename = true};
    return cli_train(&spec, &o);
}

static int main_resume(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    struct error err;
    int code;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    arena_init(&a);
    if (sweep_is_folder(args.word[0])) {
        code = resume_sweep(&args, &a);
    } else if (!folder_holds_run(args.word[0])) {
        if (file_check_folder(args.word[0], &err))
            error_set(&err, ERR_DATA, "%s holds no run: there is no %s", args.word[0],
                      folder_has(args.word[0], FOLDER_SPEC)
                          ? FOLDER_MANIFEST
                          : folder_path(&a, args.word[0], FOLDER_SPEC));
        code = cli_fail(&err);
    } else {
        code = resume_run(c, &args, &a);
    }
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_resume = {
    .name = "resume",
    .asks = "which folder?",
    .of_folders = true,
    .of_one = true,
    .usage = "resume FOLDER [KEY=VALUE ...]",
    .no_out = "it resumes in the folder itself",
    .summary = "resume a run, or all that is unfinished in a sweep",
    .main = main_resume,
};
