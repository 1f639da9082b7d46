#include "cli/commands/verify_published.h"
#include "cli/commands/verify_place.h"
#include "folder/folder.h"
#include "study/published.h"
#include "train/train.h"
#include "util/file.h"
#include <stdio.h>
#include <string.h>

/* ---- one run ---- */

struct again {
    const struct published_set *set;
    const struct published_run *of;
    const char *folder; /* where it is trained again */
};

static bool check_data(const struct published_set *s, struct data *d, struct error *err)
{
    data_digests(d);
    for (size_t i = 0; i < DATA_FILES; i++)
        if (s->sha256[i][0] && strcmp(s->sha256[i], d->sha256[i]) != 0)
            return error_set(err, ERR_DATA,
                             "published:%s was trained on other data: %s has SHA-256 %.12s... here "
                             "and %.12s... there; dataset.dir=FOLDER names another folder",
                             s->name, folder_digest_names[i], d->sha256[i], s->sha256[i]);
    return true;
}

/* A line on one digest; whether they are the same. */
static bool compare(const char *what, const char *then, const char *now)
{
    bool same = then && now && strcmp(then, now) == 0;
    if (same)
        cli_say("  %-10s identical: SHA-256 %.12s...\n", what, now);
    else
        cli_say("  %-10s SHA-256 %.12s... published, %.12s... now\n", what, then ? then : "none",
                now ? now : "none");
    return same;
}

static bool compare_all(const struct again *x, bool *ret_same, struct error *err)
{
    struct json *j;
    char epochs[65];
    struct arena a;
    arena_init(&a);
    bool ok = file_digest(folder_path(&a, x->folder, FOLDER_EPOCHS), epochs, err) &&
              folder_manifest(x->folder, &j, err);
    arena_fini(&a);
    if (!ok)
        return false;
    *ret_same = compare(FOLDER_EPOCHS, x->of->epochs, epochs);
    if (x->of->run.weights)
        *ret_same &= compare("weights", x->of->run.weights, js_string(js_get(j, "weights_sha256")));
    js_free(j);
    return true;
}

/* A divergence is an end too. */
static int train(const struct again *x, const struct spec *s, struct data *data, bool *ret_same)
{
    struct run_options o = {
        .folder = x->folder, .no_plots = true, .data = data, .signal = cli_signals()};
    struct run_result result;
    struct error err = {0};
    if (!run_execute(s, &o, &result, &err)) {
        if (err.code != ERR_DIVERGED)
            return cli_fail(&err);
    } else if (result.exit_code >= 128 || result.exit_code == 75) {
        return result.exit_code;
    }
    return compare_all(x, ret_same, &err) ? 0 : cli_fail(&err);
}

static int verify_one(const struct again *x, const struct cli_arguments *args, bool *ret_same)
{
    struct arena a;
    struct diags d;
    struct spec s;
    struct data *data = NULL;
    struct error err = {0};
    int code;
    arena_init(&a);
    diags_init(&d, &a);
    size_t n = x->of->overrides, own = args->words - 1;
    char **words = arena_alloc(&a, (n + own + 1) * sizeof *words);
    memcpy(words, x->of->override, n * sizeof *words);
    memcpy(words + n, args->word + 1, own * sizeof *words);
    struct spec_text text = {x->of->run.folder, x->set->spec, words, n + own};
    if (!spec_parse(&a, &text, &d, &s))
        code = cli_fail_diags(&d, x->of->run.folder);
    else if (run_share_data(&s, &data, &err) && check_data(x->set, data, &err))
        code = train(x, &s, data, ret_same);
    else
        code = cli_fail(&err);
    run_free_data(data);
    arena_fini(&a);
    return code;
}

/* ---- all of them ---- */

/* "train.batch_size=64, optimizer={name: sgd, ...}, seed=1", cut to a line. */
static void say_which(const struct published_set *s, size_t i)
{
    const struct published_run *p = &s->run[i];
    cli_say("published:%s/%zu", s->name, i + 1);
    for (size_t k = 0; k < p->overrides; k++) {
        bool is_long = strlen(p->override[k]) > 40;
        cli_say(" %.*s%s", is_long ? 37 : 40, p->override[k], is_long ? "..." : "");
    }
    cli_say("\n");
}

static int verify_all(struct arena *a, const struct published_set *s,
                      const struct cli_arguments *args, size_t n, const char *place)
{
    size_t reproduced = 0;
    int worst = 0;
    for (size_t i = 0; i < n; i++) {
        bool same = false;
        struct again x = {s, &s->run[i], arena_printf(a, "%s/%zu", place, i + 1)};
        say_which(s, i);
        int code = verify_one(&x, args, &same);
        fflush(stdout);
        if (!args->out && file_exists(x.folder))
            verify_remove_folder(x.folder);
        if (code >= 128 || code == 75 || code == ERR_DATA || code == ERR_USAGE)
            return code; /* the others would not do better */
        code = code == 0 && !same ? ERR_DIFFERS : code;
        reproduced += code == 0;
        worst = worst == 0 ? code : worst;
    }
    cli_say("published:%s: %zu of %zu runs reproduced, by the digests of %s\n", s->name, reproduced,
            n, "epochs.csv and weights");
    return worst;
}

/* -o, or a new folder here. */
static bool make_place(struct arena *a, const struct cli_arguments *args, struct verify_place *ret,
                       struct error *err)
{
    struct error why;
    *ret = (struct verify_place){.path = args->out, .lock = -1};
    if (args->out)
        return file_make_folder(args->out, err);
    return verify_place_make(a, "published.verify-", ret, &why) ||
           error_set(err, ERR_SYSTEM, "cannot make a folder here: %s; -o names another place",
                     why.message);
}

int cli_verify_published(const struct cli_arguments *args, size_t most)
{
    struct arena a;
    struct published_set s;
    struct error err = {0};
    struct verify_place place = {.lock = -1};
    arena_init(&a);
    bool ok = published_read(&a, args->word[0], &s, &err);
    if (ok && s.results != TRAIN_RESULTS)
        ok = error_set(&err, ERR_DATA,
                       "published:%s has results of version %lld, this descent makes those of "
                       "version %d: it cannot be verified",
                       s.name, (long long)s.results, TRAIN_RESULTS);
    ok = ok && make_place(&a, args, &place, &err);
    int code =
        !ok ? cli_fail(&err) : verify_all(&a, &s, args, most < s.runs ? most : s.runs, place.path);
    if (!args->out)
        verify_place_remove(&place);
    arena_fini(&a);
    return code;
}
