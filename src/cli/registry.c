/* The commands, from the words in this folder's meson.build. */
#include "cli/cli.h"

#define KIND(name) extern const struct cli_command cmd_##name;
#include "cli/list.inc"
#undef KIND

#define KIND(name) &cmd_##name,
const struct cli_command *const cli_commands[] = {
#include "cli/list.inc"
    NULL};
#undef KIND
