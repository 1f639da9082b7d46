/* descent inspect: what a file or a run folder holds, and whether it is sound. */
#include "inspect/inspect.h"
#include "cli/cli.h"
#include "data/data.h"
#include "folder/folder.h"
#include "folder/paths.h"
#include "util/log.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>

/* Each problem on a line of its own, after what could be read. */
static void print_problems(const char *problems)
{
    fflush(stdout);
    for (const char *line = problems; *line; line = strchr(line, '\n') + 1)
        text_print(stderr, "descent: %.*s\n", (int)strcspn(line, "\n"), line);
}

/* A folder of data holds no run. */
static bool check_no_data(const char *path, struct error *err)
{
    static const char *const sets[] = {"idx", "cifar10"};
    const char *file = NULL;
    struct arena a;
    arena_init(&a);
    for (size_t i = 0; !file && i < sizeof sets / sizeof sets[0]; i++)
        file = data_find_file(&a, path, data_kind_named(sets[i]), 0);
    bool run = !file || folder_has(path, FOLDER_MANIFEST);
    if (!run)
        error_set(
            err, ERR_DATA,
            "%s holds data and no run: 'descent data list %s' shows what; 'descent inspect %s' "
            "one file",
            path, text_word(path), text_word(file));
    arena_fini(&a);
    return run;
}

static int inspect(const char *path)
{
    struct inspection x;
    struct error err = {0};
    inspection_init(&x, log_level() == LOG_VERBOSE);
    x.page = cli_table_page();
    bool ok =
        cli_check_no_sweep(path, &err) && check_no_data(path, &err) && inspect_path(path, &x, &err);
    cli_say("%s", x.text.text);
    print_problems(x.problems.text);
    int code = !ok ? cli_fail(&err) : x.n > 0 ? ERR_DATA : 0;
    inspection_fini(&x);
    return code;
}

static int main_inspect(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    int code = 0;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    for (size_t i = 0; i < args.words; i++) {
        if (i > 0)
            printf("\n");
        int one = inspect(args.word[i]);
        code = one ? one : code;
    }
    return code;
}

const struct cli_command cmd_inspect = {
    .name = "inspect",
    .asks = "which file or folder?",
    .usage = "inspect FILE|FOLDER",
    .no_out = CLI_PRINTS,
    .summary = "what an IDX file, tensors, a figure or a run holds",
    .main = main_inspect,
};
