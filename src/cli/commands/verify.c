/* descent verify: trains recorded specs again and compares every byte. */
#include "inspect/verify.h"
#include "cli/cli.h"
#include "cli/commands/verify_place.h"
#include "cli/commands/verify_published.h"
#include "folder/folder.h"
#include "folder/lock.h"
#include "study/published.h"
#include "sweep/sweep.h"
#include "train/train.h"
#include "util/file.h"
#include "util/log.h"
#include "util/path.h"
#include "util/text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTION_MEMBERS, OPTION_AGAINST };
static const struct cli_option verify_options[] = {
    {0, "members", "N", "of a sweep or of published results, only the first N; default: all",
     CLI_INT(1, 1e9, NULL)},
    {0, "against", "DIGEST", "the SHA-256 that the weights of the new run must have", CLI_TEXT},
    {0}};

/* One run to be verified, and what was asked for. */
struct subject {
    const struct cli_arguments *args;
    const char *folder;
    const char *against; /* 64 hexadecimal digits, or NULL */
    int64_t pruned;      /* after this epoch of its sweep's halving; 0: it was not */
};

/* ---- where the second run goes ---- */

/* The folder by a name of its own: "." and ".." have none beside which another can be. */
static const char *named(struct arena *a, const char *folder)
{
    const char *path = path_bare(a, folder), *base = path_base(path);
    char *whole = NULL;
    if (strcmp(base, ".") != 0 && strcmp(base, "..") != 0)
        return path;
    whole = realpath(path, NULL);
    path = whole ? arena_strdup(a, whole) : path;
    free(whole);
    return path;
}

/* -o, or a new folder beside the recorded one; hidden, as it is no run of the folder's above. */
static bool folder_beside(struct arena *a, const struct subject *x, struct verify_place *ret,
                          struct error *err)
{
    const struct cli_arguments *args = x->args;
    *ret = (struct verify_place){.lock = -1};
    if (args->out) {
        ret->path = path_bare(a, args->out);
        return !folder_holds_run(args->out) ||
               error_set(err, ERR_USAGE, "%s already holds a run; -o names a new folder",
                         args->out);
    }
    struct error why;
    const char *own = named(a, x->folder), *base = path_base(own);
    return verify_place_make(a, arena_printf(a, "%.*s.%s.verify-", (int)(base - own), own, base),
                             ret, &why) ||
           error_set(err, ERR_SYSTEM, "cannot make a folder beside %s: %s; -o names another place",
                     x->folder, why.message);
}

/* ---- the recorded run ---- */

/* The next thing to do depends on whether somebody trains it. */
static void tell_unended(const char *folder, enum status status, struct error *err)
{
    if (lock_is_held(folder))
        error_set(
            err, ERR_USAGE,
            "%s is being trained: wait for it, or see 'descent status %s', and verify it then",
            folder, text_word(folder));
    else
        error_set(err, ERR_USAGE,
                  "%s is not completed (status %.40s); 'descent resume %s' resumes it", folder,
                  status_names[status], text_word(folder));
}

/* A run that reached its end, or the end that a divergence is, or a rung of halving. */
static bool check_ended(const char *folder, int64_t *ret_pruned, struct error *err)
{
    struct json *j;
    if (!file_check_folder(folder, err))
        return false;
    if (!file_is_folder(folder))
        return error_set(
            err, ERR_DATA,
            "%s is a file, not the folder of a run; a pattern that ends with '/', as in "
            "'students/*/', gives folders alone",
            folder);
    if (!folder_holds_run(folder))
        return error_set(err, ERR_DATA, "%s holds no run: there is no run.json", folder);
    if (!folder_manifest(folder, &j, err))
        return false;
    enum status status = manifest_status(j);
    bool pruned = status == STATUS_PRUNED && js_integer(js_get(j, "epoch"), ret_pruned);
    bool ended = status == STATUS_COMPLETED || status == STATUS_DIVERGED || pruned;
    struct run_summary now = {.status = status};
    if (!ended && run_read_progress(folder, &now, err))
        tell_unended(folder, now.status, err);
    int64_t results = 1;
    js_integer(js_get(j, "results"), &results);
    js_free(j);
    if (ended && results != TRAIN_RESULTS)
        return error_set(
            err, ERR_DATA,
            "%s has results of version %lld, this descent makes those of version %d: it cannot be verified; "
            "'descent run' with --force trains it again",
            folder, (long long)results, TRAIN_RESULTS);
    return ended;
}

static void tell_build_changes(const char *folder)
{
    struct strbuf b;
    strbuf_init(&b);
    run_build_changes(folder, &b);
    if (b.length > 0)
        cli_say("not the build that trained it:\n%s", b.text);
    fflush(stdout);
    strbuf_fini(&b);
}

/* ---- again ---- */

/* *ret_code: 0 where training went as far as it goes, another one where it was stopped. An
 * expectation that is not met and a divergence are ends too. */
static bool train_part(const struct spec *s, const struct run_options *o, int *ret_code,
                       struct error *err)
{
    struct run_result result;
    *ret_code = 0;
    if (!run_execute(s, o, &result, err))
        return err->code == ERR_EXPECT || err->code == ERR_DIVERGED;
    if (result.exit_code >= 128 || result.exit_code == 75)
        *ret_code = result.exit_code;
    return true;
}

/* A run that was lengthened on the way is lengthened again where it was, and one that was pruned
 * stops where that was. */
static bool train_again(struct arena *a, const struct spec *s, const struct subject *x,
                        struct run_options o, int *ret_code, struct error *err)
{
    const struct run_length *l;
    size_t n = run_read_lengths(a, x->folder, &l);
    struct spec part = *s;
    *ret_code = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        part.train.epochs = l[i].epochs;
        part.train.steps = l[i].steps;
        o.until = l[i + 1].within ? 0 : l[i + 1].epoch;
        o.until_step = l[i + 1].within ? l[i + 1].step : 0;
        if (!train_part(&part, &o, ret_code, err))
            return false;
        if (*ret_code != 0)
            return true;
    }
    o.until = x->pruned;
    o.until_step = 0;
    return train_part(s, &o, ret_code, err) &&
           (x->pruned == 0 || *ret_code != 0 || run_prune(o.folder, s->checkpoint.last, 0, err));
}

/* A line on whether the new run's weights are those that somebody names. */
static bool compare_digest(const char *again, const char *against, struct verification *v,
                           struct error *err)
{
    struct json *j;
    if (!folder_manifest(again, &j, err))
        return false;
    const char *digest = js_string(js_get(j, "weights_sha256"));
    bool same = digest && strcmp(digest, against) == 0;
    if (same)
        strbuf_addf(&v->text, "%-16s identical: SHA-256 %.12s...\n", "against", against);
    else
        strbuf_addf(&v->text, "%-16s SHA-256 %s asked for,\n%-16s SHA-256 %s now\n", "against",
                    against, "", digest ? digest : "none");
    v->differences += !same;
    js_free(j);
    return true;
}

static int compare(const struct subject *x, const char *again, bool log_changed)
{
    struct verification v;
    struct error err = {0};
    verification_init(&v);
    v.log_changed = log_changed;
    bool ok = verify_folders(x->folder, again, &v, &err);
    bool same = ok && v.differences == 0;
    if (ok && !folder_note_verified(x->folder, same, &err))
        log_warn("this is not noted in the folder: %s", err.message);
    ok = ok && (!x->against || compare_digest(again, x->against, &v, &err));
    cli_say("%s", v.text.text);
    if (ok && same)
        cli_say("%s is reproduced, byte for byte%s\n", x->folder,
                v.differences > 0 ? ", but its weights are not those that --against names" : "");
    else if (ok)
        cli_say("%s is not reproduced\n", x->folder);
    int code = !ok ? cli_fail(&err) : v.differences > 0 ? ERR_DIFFERS : 0;
    verification_fini(&v);
    return code;
}

/* Whether this code is that of a signal: nothing was found out. */
static bool is_stopped(int code)
{
    return code >= 128 || code == 75;
}

static int verify(struct arena *a, const struct subject *x, const struct spec *s, struct data *data)
{
    struct error err = {0};
    int code;
    struct verify_place place;
    if (!folder_beside(a, x, &place, &err))
        return cli_fail(&err);
    const char *again = place.path;
    tell_build_changes(x->folder);
    if (x->args->out)
        log_info("training %s again in %s", x->folder, again);
    else
        log_info("training %s again", x->folder);
    const char *extensions = run_extensions(a, x->folder);
    if (extensions)
        log_info("as it was trained: %s", extensions);
    const struct run_options o = {
        .folder = again, .no_plots = true, .data = data, .signal = cli_signals()};
    struct spec now = *s;
    bool log_changed;
    now.log.steps = verify_log_steps(x->folder, s->log.steps, &log_changed);
    if (!train_again(a, &now, x, o, &code, &err))
        code = cli_fail(&err);
    else if (code == 0)
        code = compare(x, again, log_changed);
    if (is_stopped(code))
        log_warn("%s was not verified, as a signal stopped that; 'descent verify %s' begins again",
                 x->folder, text_word(x->folder));
    if (!x->args->out)
        verify_place_remove(&place);
    return code;
}

/* The weights that it began with are needed again. */
static bool check_init(const struct spec *s, const char *folder, struct error *err)
{
    const char *file = ((const struct model_common *)s->model.options)->init_from;
    struct error why;
    if (file && !file_exists(file))
        return error_set(err, ERR_DATA,
                         "%s began with the weights of %s (model.init_from), which is not there: "
                         "put that file back, then 'descent verify %s'",
                         folder, file, text_word(folder));
    return run_same_init(s, folder, &why) ||
           error_set(err, why.code, "%s; put that file back, then 'descent verify %s'", why.message,
                     text_word(folder));
}

/* Only with the data that it was trained on can it be made again; dataset.dir says where they are
 * now. */
static int verify_ended(struct subject *x)
{
    struct arena a;
    struct diags d;
    struct spec s;
    struct error err = {0};
    struct data *data = NULL;
    int code;
    arena_init(&a);
    diags_init(&d, &a);
    const char *path = folder_path(&a, x->folder, FOLDER_SPEC), *text;
    if (!run_edited_spec_text(&a, x->folder, &text, &err))
        code = cli_fail(&err);
    else if (!spec_load(&a, path, x->args->word + 1, x->args->words - 1, &d, &s))
        code = run_read_spec(&a, x->folder, &s, &err) ? cli_fail_diags(&d, path) : cli_fail(&err);
    else if (run_share_data(&s, &data, &err) && run_same_data(&s, x->folder, data, &err) &&
             check_init(&s, x->folder, &err))
        code = verify(&a, x, &s, data);
    else
        code = cli_fail(&err);
    run_free_data(data);
    arena_fini(&a);
    return code;
}

/* A note of somebody else's, or of another day, is no answer where this call found none. */
static int verify_run(struct subject *x)
{
    struct error err = {0};
    x->pruned = 0;
    int code = check_ended(x->folder, &x->pruned, &err) ? verify_ended(x) : cli_fail(&err);
    bool answered = code == 0 || code == ERR_DIFFERS;
    if (!answered && !is_stopped(code) && code != ERR_USAGE && folder_holds_run(x->folder))
        folder_forget_verified(x->folder);
    return code;
}

/* ---- several ---- */

/* What came of each. */
struct tally {
    struct strbuf unlike, unanswered; /* a line for each folder */
    size_t reproduced;
    int code; /* the first that is not 0 */
};

static void tally_init(struct tally *t)
{
    *t = (struct tally){0};
    strbuf_init(&t->unlike);
    strbuf_init(&t->unanswered);
}

static void tally_add(struct tally *t, const char *folder, int code)
{
    t->reproduced += code == 0;
    t->code = t->code == 0 ? code : t->code;
    if (code != 0)
        strbuf_addf(code == ERR_DIFFERS ? &t->unlike : &t->unanswered, "  %s\n", folder);
}

/* Which were not, at the end of pages that tell of each. */
static int tally_tell(struct tally *t)
{
    if (t->unlike.length > 0)
        cli_say("not reproduced:\n%s", t->unlike.text);
    if (t->unanswered.length > 0)
        cli_say("not verified:\n%s", t->unanswered.text);
    strbuf_fini(&t->unlike);
    strbuf_fini(&t->unanswered);
    return t->code;
}

/* ---- a sweep ---- */

/* All that ended or the first N, in the sweep's order; the first code that is not 0 is the
 * whole's. */
static int verify_members(struct arena *a, const struct sweep *s, struct subject *x)
{
    const char *sweep = x->folder;
    size_t most = x->args->value[OPTION_MEMBERS] ? (size_t)x->args->typed[OPTION_MEMBERS].integer
                                                 : s->members,
           n = s->members < most ? s->members : most, missing = 0;
    struct tally t;
    tally_init(&t);
    for (size_t i = 0; i < n; i++) {
        x->folder = folder_path(a, sweep, s->member[i].folder);
        if (!file_exists(x->folder)) {
            missing++;
            continue;
        }
        struct error err;
        int code = sweep_check_member(s, sweep, i, &err) ? verify_run(x) : cli_fail(&err);
        fflush(stdout);
        if (is_stopped(code)) {
            tally_tell(&t);
            return code;
        }
        tally_add(&t, x->folder, code);
    }
    x->folder = sweep;
    cli_say("%s: %zu of %zu members reproduced, byte for byte\n", sweep, t.reproduced, n);
    int worst = tally_tell(&t);
    if (missing > 0)
        log_warn("%zu of the members %s not begun; 'descent resume %s' trains them", missing,
                 missing == 1 ? "has" : "have", text_word(sweep));
    return worst == 0 && missing > 0 ? ERR_DATA : worst;
}

static int verify_sweep(const struct cli_command *c, struct subject *x)
{
    struct arena a;
    struct sweep s;
    int code;
    if (x->args->out || x->against)
        return cli_usage(c, "%s is for one run: name a member's folder",
                         x->against ? "--against" : "-o");
    arena_init(&a);
    if (cli_load_sweep(&a, x->folder, &s, &code))
        code = cli_check_reruns(&a, x->folder, verify_members(&a, &s, x));
    arena_fini(&a);
    return code;
}

/* With or without "sha256:", as `expect` writes it. */
static bool read_digest(const struct cli_command *c, const char *text, const char **ret)
{
    *ret = text;
    if (!text)
        return true;
    if (strncmp(text, "sha256:", 7) == 0)
        *ret = text + 7;
    if (strlen(*ret) == 64 && strspn(*ret, "0123456789abcdef") == 64)
        return true;
    cli_usage(c, "--against takes the 64 digits of weights_sha256 in a run.json");
    return false;
}

static int verify_folder(const struct cli_command *c, struct subject *x)
{
    if (sweep_is_folder(x->folder))
        return verify_sweep(c, x);
    if (x->args->value[OPTION_MEMBERS])
        return cli_usage(c, "--members is for a sweep, which %s is not", x->folder);
    return verify_run(x);
}

/* A class's: one that holds no run was not verified either, and the first code that is not 0 is the
 * whole's. */
static int verify_all(const struct cli_command *c, struct subject *x, char *const *folder, size_t n)
{
    struct tally t;
    tally_init(&t);
    for (size_t i = 0; i < n; i++) {
        x->folder = folder[i];
        int code = verify_folder(c, x);
        fflush(stdout);
        if (is_stopped(code)) {
            tally_tell(&t);
            return code;
        }
        tally_add(&t, x->folder, code);
    }
    printf("%zu of %zu reproduced, byte for byte\n", t.reproduced, n);
    return tally_tell(&t);
}

/* The words before the first setting. */
static size_t count_folders(const struct cli_arguments *args)
{
    size_t n = 0;
    while (n < args->words && (!strchr(args->word[n], '=') || file_exists(args->word[n])))
        n++;
    return n;
}

static int main_verify(const struct cli_command *c, int argc, char **argv)
{
    static const char *const used[] = {"dataset.dir", NULL};
    struct cli_arguments args;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    size_t folders = count_folders(&args);
    if (folders == 0)
        return cli_usage(c, "which folder?");
    bool published = strncmp(args.word[0], PUBLISHED_PREFIX, strlen(PUBLISHED_PREFIX)) == 0;
    if (published && args.value[OPTION_AGAINST])
        return cli_usage(c,
                         "--against is for one run: published results have digests of their own");
    struct subject x = {.args = &args, .folder = args.word[0]};
    char *const *folder = args.word;
    if (folders > 1 && (args.out || args.value[OPTION_AGAINST]))
        return cli_usage(c, "%s is for one run: name one folder", args.out ? "-o" : "--against");
    args.word += folders - 1; /* the settings follow the first word */
    args.words -= folders - 1;
    if (!cli_check_overrides(c, &args, used, true) ||
        !read_digest(c, args.value[OPTION_AGAINST], &x.against))
        return ERR_USAGE;
    if (published && folders == 1)
        return cli_verify_published(&args, args.value[OPTION_MEMBERS]
                                               ? (size_t)args.typed[OPTION_MEMBERS].integer
                                               : SIZE_MAX);
    return folders > 1 ? verify_all(c, &x, folder, folders) : verify_folder(c, &x);
}

const struct cli_command cmd_verify = {
    .name = "verify",
    .of_folders = true,
    .of_one = true,
    .usage = "verify FOLDER|SWEEP|published:NAME... [dataset.dir=FOLDER]",
    .summary = "train it again elsewhere and compare every byte",
    .options = verify_options,
    .main = main_verify,
};
