/* descent playground: the page on which optimizers are tried out. */
#include "playground/playground.h"
#include "cli/cli.h"

static int main_playground(const struct cli_command *c, int argc, char **argv)
{
    struct cli_arguments args;
    struct error err;
    if (!cli_parse(c, argc, argv, &args))
        return ERR_USAGE;
    if (args.words > 0)
        return cli_usage(c, "it takes no spec: 'descent trace SPEC -o FILE.html' begins with one");
    const char *path = args.out ? args.out : "playground.html";
    if (!playground_write(NULL, NULL, path, &err))
        return cli_fail(&err);
    cli_say("page %s\n", path);
    return 0;
}

const struct cli_command cmd_playground = {
    .name = "playground",
    .usage = "playground [-o FILE.html]",
    .summary = "a page for a browser: optimizers on functions of two variables, with sliders",
    .main = main_playground,
};
