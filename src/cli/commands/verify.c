/* descent verify: trains a recorded spec again and compares every byte. */
#include "inspect/verify.h"
#include "cli/cli.h"
#include "folder/folder.h"
#include "train/train.h"
#include "util/file.h"
#include "util/log.h"
#include "util/text.h"
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- where the second run goes ---- */

static int drop(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void remove_folder(const char *path)
{
    if (nftw(path, drop, 16, FTW_DEPTH | FTW_PHYS) != 0)
        log_warn("%s could not be removed", path);
}

/* -o, or a new folder beside the recorded one. */
static const char *folder_beside(struct arena *a, const struct cli_arguments *args,
                                 struct error *err)
{
    if (args->out) {
        if (folder_holds_run(args->out)) {
            error_set(err, ERR_USAGE, "%s already holds a run; -o names a new folder",
                      args->out);
            return NULL;
        }
        return args->out;
    }
    size_t n = strlen(args->word[0]);
    while (n > 1 && args->word[0][n - 1] == '/')
        n--;
    char *path = arena_printf(a, "%.*s.verify-XXXXXX", (int)n, args->word[0]);
    if (mkdtemp(path))
        return path;
    error_set(err, ERR_SYSTEM, "cannot make a folder beside %s: %s; -o names another place",
              args->word[0], strerror(errno));
    return NULL;
}

/* ---- the recorded run ---- */

/* A run that reached its end, or the end that a divergence is. */
static bool check_ended(const char *folder, struct error *err)
{
    struct json *j;
    if (!folder_holds_run(folder))
        return error_set(err, ERR_DATA,
                         "%s holds no run: there is neither spec.yaml nor run.json", folder);
    if (!folder_manifest(folder, &j, err))
        return false;
    enum status status = manifest_status(j);
    bool ended = status == STATUS_COMPLETED || status == STATUS_DIVERGED;
    if (!ended)
        error_set(err, ERR_USAGE,
                  "%s is not completed (status %.40s); 'descent resume %s' goes on with it",
                  folder, status_names[status], folder);
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

/* A run that was lengthened on the way is lengthened again where it was. */
static bool train_again(struct arena *a, const struct spec *s, struct data *data,
                        const char *recorded, const char *folder, int *ret_code,
                        struct error *err)
{
    struct run_options o = {
        .folder = folder, .no_plots = true, .data = data, .signal = cli_signals()};
    const struct run_length *l;
    size_t n = run_read_lengths(a, recorded, &l);
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
    o.until = o.until_step = 0;
    return train_part(s, &o, ret_code, err);
}

static int compare(const char *recorded, const char *again)
{
    struct verification v;
    struct error err = {0};
    verification_init(&v);
    bool ok = verify_folders(recorded, again, &v, &err);
    cli_say("%s", v.text.text);
    if (ok && v.differences == 0)
        cli_say("%s is reproduced, byte for byte\n", recorded);
    else if (ok)
        cli_say("%s is not reproduced\n", recorded);
    int code = !ok ? cli_fail(&err) : v.differences > 0 ? ERR_DIFFERS : 0;
    verification_fini(&v);
    return code;
}

static int verify(struct arena *a, const struct cli_arguments *args, const struct spec *s,
                  struct data *data)
{
    struct error err = {0};
    int code;
    const char *recorded = args->word[0], *again = folder_beside(a, args, &err);
    if (!again)
        return cli_fail(&err);
    tell_build_changes(recorded);
    log_info("training %s again in %s", recorded, again);
    const char *extensions = run_extensions(a, recorded);
    if (extensions)
        log_info("as it was trained: %s", extensions);
    if (!train_again(a, s, data, recorded, again, &code, &err))
        code = cli_fail(&err);
    else if (code == 0)
        code = compare(recorded, again);
    if (!args->out)
        remove_folder(again);
    return code;
}

/* Only with the data that it was trained on can it be made again. */
static int verify_with_data(struct arena *a, const struct cli_arguments *args,
                            const struct spec *s)
{
    struct error err = {0};
    struct data *data = NULL;
    bool ok = run_share_data(s, &data, &err) && run_same_data(s, args->word[0], data, &err);
    int code = ok ? verify(a, args, s, data) : cli_fail(&err);
    run_free_data(data);
    return code;
}

static int main_verify(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct arena a;
    struct diags d;
    struct spec spec;
    struct error err = {0};
    int code;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    if (args.words != 1)
        return cli_usage(c, "which folder? One");
    if (!check_ended(args.word[0], &err))
        return cli_fail(&err);
    arena_init(&a);
    diags_init(&d, &a);
    const char *path = folder_path(&a, args.word[0], FOLDER_SPEC);
    if (spec_load(&a, path, NULL, 0, &d, &spec))
        code = verify_with_data(&a, &args, &spec);
    else
        code = cli_fail_diags(&d, path);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_verify = {
    .name = "verify",
    .usage = "verify FOLDER",
    .summary = "train it again elsewhere and compare every byte",
    .main = main_verify,
};
