/* descent extract: the specs and the points that a figure carries, as files. */
#include "cli/cli.h"
#include "inspect/carried.h"

enum { OPTION_FORCE };
static const struct cli_option extract_options[] = {
    {0, "force", NULL, "replace files that are there and differ", CLI_FLAG}, {0}};

static void tell(void *context, const char *file)
{
    (void)context;
    cli_say("%s\n", file);
}

static int main_extract(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct error err = {0};
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    if (args.words != 1)
        return cli_usage(c, "which figure? One");
    if (!args.out)
        return cli_usage(c, "-o names the folder to write to");
    if (cli_explain_out(c, args.out, "in it come the specs and the data points, a file each"))
        return ERR_USAGE;
    return carried_extract(args.word[0], args.out, args.value[OPTION_FORCE] != NULL, tell, NULL,
                           &err)
               ? 0
               : cli_fail(&err);
}

const struct cli_command cmd_extract = {
    .name = "extract",
    .usage = "extract FIGURE.png -o FOLDER",
    .summary = "the specs and the data points that a figure carries",
    .options = extract_options,
    .main = main_extract,
};
