/* descent export: the model alone, the curves, or a study, for other programs. */
#include "export/export.h"
#include "checkpoint/safetensors.h"
#include "cli/cli.h"
#include "cli/damage.h"
#include "explore/weights.h"
#include "inspect/events.h"
#include "inspect/npz.h"
#include "sweep/sweep.h"
#include "util/file.h"
#include "util/log.h"
#include "util/path.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>

enum { OPTION_WEIGHTS };
static const struct cli_option export_options[] = {{0, "weights", "last|best",
                                                    "which checkpoint of a run folder",
                                                    CLI_CHOICE(cli_weights_names, "last")},
                                                   {0}};

static bool write_weights(const struct weights *w, const char *out, struct error *err)
{
    if (text_ends(out, ".npz"))
        return npz_write(out, w->tensor, w->n, err);
    return st_write(out, &(struct st_content){w->tensor, w->n, w->meta, w->metas, true}, err);
}

static int export_weights(const char *path, const char *out)
{
    struct arena a;
    struct st_file f;
    struct weights w;
    struct error err = {0};
    if (file_is_same(path, out)) { /* it would be lost */
        error_set(&err, ERR_USAGE, "%s is what is to be exported; -o names another file", out);
        return cli_fail(&err);
    }
    if (!st_read(path, &f, &err))
        return cli_fail(&err);
    arena_init(&a);
    bool ok = weights_choose(&a, &f, path, &w, &err) && write_weights(&w, out, &err);
    if (ok)
        cli_say("%s: %zu tensors (%s) of %s\n", out, w.n, w.from, path);
    arena_fini(&a);
    st_fini(&f);
    return ok ? 0 : cli_fail(&err);
}

static int export_events(const struct cli_command *c, const char *folder, const char *out)
{
    struct error err = {0};
    if (!file_is_folder(folder))
        return cli_usage(c, "an event file is made of a run folder, which %s is not", folder);
    if (!cli_check_no_sweep(folder, &err) || !events_write(out, folder, NULL, 0, &err))
        return cli_fail(&err);
    cli_note_unfinished(folder);
    cli_say("%s: scalars of %s/epochs.csv\n", out, folder);
    return 0;
}

/* TensorBoard looks for "tfevents" in a file's name. */
static bool is_event_file(const char *path)
{
    return strstr(path_base(path), "tfevents") != NULL;
}

/* One row or one folder a run. */
static int export_runs(const struct cli_arguments *args, bool database)
{
    struct arena a;
    struct collection c;
    struct error err = {0};
    int damage = 0;
    arena_init(&a);
    const char *out = path_bare(&a, args->out);
    bool ok = collect_runs(&a, args->word, args->words, &c, &err) &&
              collect_need_rows(&a, &c, false, &err);
    if (ok)
        damage = cli_tell_damage(&c);
    ok = ok &&
         (database ? export_database(&a, &c, out, &err) : export_tensorboard(&a, &c, out, &err));
    if (ok && collect_unfinished_text(&a, &c))
        log_info("%s", collect_unfinished_text(&a, &c));
    if (ok)
        cli_say("%s: %zu run%s\n", out, c.runs, c.runs == 1 ? "" : "s");
    arena_fini(&a);
    return ok ? damage : cli_fail(&err);
}

static bool is_database(const char *out)
{
    return text_ends(out, ".sqlite") || text_ends(out, ".sqlite3") || text_ends(out, ".db");
}

/* A sweep goes into a folder: no ending says otherwise. */
static bool has_ending(const char *path)
{
    const char *dot = strrchr(path_base(path), '.');
    return dot && dot[1] && !file_is_folder(path);
}

static int main_export(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    if (!args.out)
        return cli_usage(c, "-o names the file to write");
    if (is_database(args.out))
        return export_runs(&args, true);
    if (args.words > 1)
        return cli_usage(c, "one folder or weights; several go into -o FILE.sqlite");
    const char *which = cli_weights_names[args.typed[OPTION_WEIGHTS].choice], *from = args.word[0];
    if (is_event_file(args.out))
        return export_events(c, from, args.out);
    if (sweep_is_folder(from) && !has_ending(args.out))
        return export_runs(&args, false);
    bool is_torch = text_ends(args.out, ".pt") || text_ends(args.out, ".pth");
    if (!text_ends(args.out, ".safetensors") && !text_ends(args.out, ".npz"))
        return cli_usage(
            c, "%s: a file ends with .safetensors, .npz or .sqlite, or has tfevents in its name%s",
            args.out,
            is_torch ? "; PyTorch reads a .safetensors: "
                       "model.load_state_dict(safetensors.torch.load_file(FILE))"
                     : "");
    struct arena a;
    arena_init(&a);
    struct error err = {0};
    if (file_is_folder(from))
        from = cli_weights(&a, from, which, &err);
    int code = from ? export_weights(from, args.out) : cli_fail(&err);
    arena_fini(&a);
    return code;
}

const struct cli_command cmd_export = {
    .name = "export",
    .asks = "which folder or weights?",
    .of_folders = true,
    .usage = "export FOLDER...|FILE.safetensors -o FILE|FOLDER",
    .summary = "weights, .npz, TensorBoard's *tfevents*; studies as .sqlite or a folder of those",
    .options = export_options,
    .main = main_export,
};
