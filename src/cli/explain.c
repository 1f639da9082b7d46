/* What a word is that should have been a spec, and what to type. */
#include "cli/cli.h"
#include "cli/keys.h"
#include "folder/folder.h"
#include "sweep/sweep.h"
#include "util/file.h"
#include "util/log.h"
#include "util/path.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>

/* ---- specs by their names ---- */

enum { DEPTH = 4, SPECS_MAX = 512 };

/* The specs below a folder, and their names without folder and ending. */
struct specs {
    size_t n;
    const char *path[SPECS_MAX], *stem[SPECS_MAX];
};

static bool is_yaml(const char *name)
{
    return text_ends(name, ".yaml") || text_ends(name, ".yml");
}

static void find_specs(struct arena *a, const char *folder, unsigned depth, struct specs *s)
{
    struct file_names file = {0};
    if (depth > 0)
        file_list(a, folder, &file);
    for (size_t i = 0; i < file.n && s->n < SPECS_MAX; i++) {
        const char *name = file.name[i], *path = arena_printf(a, "%s/%s", folder, name),
                   *dot = strrchr(name, '.');
        if (is_yaml(name)) {
            s->path[s->n] = path;
            s->stem[s->n++] = arena_strndup(a, name, (size_t)(dot - name));
        } else if (!dot && file_is_folder(path)) {
            find_specs(a, path, depth - 1, s);
        }
    }
}

static const char *stem_of(struct arena *a, const char *path)
{
    const char *name = path_base(path), *dot = strrchr(name, '.');
    return arena_strndup(a, name, is_yaml(name) ? (size_t)(dot - name) : strlen(name));
}

/* The spec of that name, with exact, else of the nearest one, in a folder; NULL: there is none. Of
 * two, the one that lies less deep. */
static const char *find_in(struct arena *a, const char *folder, unsigned depth, const char *stem,
                           bool exact)
{
    struct specs *s = arena_alloc(a, sizeof *s);
    s->n = 0;
    find_specs(a, folder, depth, s);
    const char *found = NULL, *wanted = exact ? stem : suggest(stem, s->stem, s->n);
    for (size_t i = 0; wanted && i < s->n; i++)
        if (strcmp(s->stem[i], wanted) == 0 && (!found || strlen(s->path[i]) < strlen(found)))
            found = s->path[i];
    return found && strncmp(found, "./", 2) == 0 ? found + 2 : found;
}

/* A spec of that name as it stands but for the ending; else of it, or of the nearest one, in the
 * folder that is named, here or in configs/. */
static const char *find_spec(struct arena *a, const char *path)
{
    static const char *const ending[] = {".yaml", ".yml"};
    for (int i = 0; i < 2; i++) {
        int stem =
            (int)strlen(path) - (text_ends(path, ending[1 - i]) ? (int)strlen(ending[1 - i]) : 0);
        const char *there = arena_printf(a, "%.*s%s", stem, path, ending[i]);
        if (file_exists(there))
            return there;
    }
    const char *name = path_base(path), *stem = stem_of(a, path), *found = NULL;
    const char *named = name - path > 1 ? arena_strndup(a, path, (size_t)(name - path) - 1) : ".";
    for (int exact = 1; exact >= 0; exact--) {
        found = found ? found : find_in(a, named, 1, stem, exact);
        found = found ? found : find_in(a, ".", 2, stem, exact); /* results/X/ lies deeper */
        found = found ? found : find_in(a, "configs", DEPTH, stem, exact);
    }
    return found;
}

/* ---- words ---- */

static bool explain_folder(struct arena *a, const char *path, const char *command)
{
    struct specs *s = arena_alloc(a, sizeof *s);
    s->n = 0;
    find_specs(a, path, 1, s);
    bool run = folder_has(path, FOLDER_SPEC) && folder_holds_run(path),
         sweep = sweep_is_folder(path);
    bool trains = strcmp(command, "run") == 0 || strcmp(command, "sweep") == 0;
    const char *own = arena_printf(a, "%s/%s", path, run ? FOLDER_SPEC : FOLDER_SWEEP);
    if ((run || sweep) && trains)
        text_print(stderr,
                   "descent: %s is the folder of a %s, not a spec: 'descent resume %s' resumes "
                   "it; its spec is %s\n",
                   path, run ? "run" : "sweep", text_word(path), text_word(own));
    else if (run || sweep)
        text_print(stderr,
                   "descent: %s is the folder of a %s, not a spec: 'descent %s %s' takes its own\n",
                   path, run ? "run" : "sweep", command, text_word(own));
    else if (s->n == 1)
        text_print(stderr,
                   "descent: %s is a folder, not a spec (a .yaml file); did you mean '%s'?\n", path,
                   text_word(s->path[0]));
    else
        text_print(stderr, "descent: %s is a folder, not a spec (a .yaml file)\n", path);
    return true;
}

/* KEY=VALUE where the spec should stand. */
static bool explain_setting(const char *word)
{
    struct cli_key key = cli_find_key(word);
    const char *value = strchr(word, '=');
    if (key.path[0])
        text_print(stderr,
                   "descent: '%s' is a setting; the spec stands before it: 'SPEC.yaml %s%s'\n",
                   word, key.path, value);
    else
        text_print(stderr, "descent: '%s' is no file; a spec stands first, settings behind it\n",
                   word);
    return true;
}

/* The command that takes such a spec. */
static const char *command_for(struct arena *a, const char *path)
{
    struct diags d;
    struct spec s;
    diags_init(&d, a);
    if (!spec_load_any(a, path, NULL, 0, &d, &s))
        return "run";
    return !s.optimizer.kind ? "trace" : s.sweep ? "sweep" : "run";
}

bool cli_explain_spec_alone(const char *word)
{
    struct arena a;
    if (!is_yaml(word))
        return false;
    arena_init(&a);
    const char *there = file_exists(word) ? word : find_spec(&a, word);
    there = there ? there : word;
    text_print(stderr, "descent: '%s' is no command; did you mean 'descent %s %s'?\n", word,
               command_for(&a, there), text_word(there));
    arena_fini(&a);
    return true;
}

/* The first of the lists that has the ending of this name; n: none. */
static size_t find_ending(const char *out, const char *const *const *list, size_t n)
{
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; list[k][i]; i++)
            if (text_ends(out, list[k][i]))
                return k;
    return n;
}

bool cli_explain_out(const struct cli_command *c, const char *out, const char *next)
{
    static const char *const weights[] = {".pt", ".pth", ".safetensors", ".npz", ".h5", NULL},
                             *const figures[] = {".png", ".svg", ".pdf", NULL},
                             *const tables[] = {".csv", ".json", ".yaml", ".yml", ".sqlite", NULL};
    static const char *const *const list[] = {weights, figures, tables};
    static const char *const of_runs[] = {
        "'descent export FOLDER -o FILE.safetensors' writes weights",
        "'descent plot FOLDER -o FILE.png' draws",
        "its tables lie in there, 'descent compare FOLDER --format csv' writes one"};
    enum { KINDS = sizeof list / sizeof list[0] };
    size_t kind = out && !file_is_folder(out) ? find_ending(out, list, KINDS) : KINDS;
    if (kind == KINDS)
        return false;
    cli_usage(c, "-o names a folder, not a file like %s; %s", out, next ? next : of_runs[kind]);
    return true;
}

/* Another file of a run's folder. */
static bool explain_record(struct arena *a, const char *path, const char *command)
{
    static const char *const record[] = {FOLDER_MANIFEST, FOLDER_EPOCHS};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *own = arena_printf(a, "%.*s" FOLDER_SPEC, (int)(name - path), path);
    bool is_record = strcmp(name, record[0]) == 0 || strcmp(name, record[1]) == 0;
    if (!is_record || !file_exists(own))
        return false;
    text_print(stderr, "descent: %s is a run's record, not its spec: 'descent %s %s'\n", path,
               command, text_word(own));
    return true;
}

/* A path with spaces that the shell made words of: says so. */
static bool explain_spaces(struct arena *a, const struct cli_arguments *args)
{
    const char *path = args->word[0];
    for (size_t i = 1; i < args->words; i++) {
        path = arena_printf(a, "%s %s", path, args->word[i]);
        if (!file_exists(path))
            continue;
        text_print(stderr,
                   "descent: there is no file %s; a name with spaces is quoted: 'descent %s %s'\n",
                   args->word[0], args->command, text_word(path));
        return true;
    }
    return false;
}

bool cli_explain_spec(struct arena *a, const struct cli_arguments *args)
{
    const char *path = args->word[0], *command = args->command;
    if (file_is_folder(path))
        return explain_folder(a, path, command);
    if (file_exists(path) || file_is_denied(path))
        return explain_record(a, path, command);
    if (explain_spaces(a, args))
        return true;
    const char *there = find_spec(a, path);
    if (!there && strchr(path, '='))
        return explain_setting(path);
    if (there)
        text_print(stderr, "descent: there is no file %s; did you mean '%s'?\n", path,
                   text_word(there));
    else
        text_print(stderr, "descent: there is no file %s; a spec is a .yaml file%s\n", path,
                   file_is_folder("configs") ? ", such as those in configs/" : "");
    return true;
}

/* ---- folders ---- */

static bool is_run_or_sweep(const char *folder)
{
    return folder_holds_run(folder) || sweep_is_folder(folder);
}

/* A file of a run's folder: the folder's own name, in the arena, else NULL. */
static const char *run_around(struct arena *a, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *folder = slash ? arena_strndup(a, file, (size_t)(slash - file)) : ".";
    return is_run_or_sweep(folder) ? folder : NULL;
}

/* The first run or sweep directly below the folder; NULL: none. */
static const char *run_below(struct arena *a, const char *folder)
{
    struct file_names file;
    file_list(a, folder, &file);
    for (size_t i = 0; i < file.n; i++) {
        const char *path = arena_printf(a, "%s/%s", folder, file.name[i]);
        if (is_run_or_sweep(path))
            return path;
    }
    return NULL;
}

void cli_warn_around_runs(const char *out, const char *name)
{
    struct arena a;
    arena_init(&a);
    if (out && file_is_folder(out) && !is_run_or_sweep(out) && run_below(&a, out))
        log_warn("%s holds runs, and becomes one itself; '-o %s' puts this one among them", out,
                 text_word(arena_printf(&a, "%s/%s", out, name)));
    arena_fini(&a);
}

static bool explain_holder(struct arena *a, const struct cli_command *c, const char *folder)
{
    const char *below = c->of_one && !is_run_or_sweep(folder) ? run_below(a, folder) : NULL;
    if (below)
        text_print(stderr,
                   "descent %s: %s is neither a run nor a sweep, but holds some; of one: "
                   "'descent %s %s'\n",
                   c->name, folder, c->name, text_word(below));
    return below != NULL;
}

static void explain_spec_for_folder(struct arena *a, const struct cli_command *c, const char *spec)
{
    const char *command = command_for(a, spec);
    text_print(stderr, "descent %s: %s is a spec, not a folder; 'descent %s %s' %s\n", c->name,
               spec, command, text_word(spec),
               strcmp(command, "trace") == 0 ? "draws what it describes" : "makes one of it");
}

bool cli_explain_folder(struct arena *a, const struct cli_command *c, const char *word)
{
    if (file_is_folder(word))
        return explain_holder(a, c, word);
    const char *there = arena_printf(a, "results/%s", word), *around = run_around(a, word);
    bool is_spec = is_yaml(word), is_table = text_ends(word, ".csv") || text_ends(word, ".json");
    if (!file_exists(word) && file_is_folder(there))
        text_print(stderr, "descent %s: there is no folder %s; did you mean '%s'?\n", c->name, word,
                   text_word(there));
    else if (file_exists(word) && (is_spec || is_table) && around)
        text_print(stderr, "descent %s: %s is a file; its folder is wanted: 'descent %s %s'\n",
                   c->name, word, c->name, text_word(around));
    else if (file_exists(word) && is_spec)
        explain_spec_for_folder(a, c, word);
    else
        return false;
    return true;
}

bool cli_check_no_sweep(const char *folder, struct error *err)
{
    struct arena a;
    if (folder_holds_run(folder) || !sweep_is_folder(folder))
        return true;
    arena_init(&a);
    const char *member = run_below(&a, folder);
    error_set(err, ERR_USAGE, "%s is the folder of a sweep; one of its members is wanted%s%s",
              folder, member ? ", such as " : ": it has none yet", member ? text_word(member) : "");
    arena_fini(&a);
    return false;
}
