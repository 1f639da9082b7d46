/* descent data show (a file of its own; private to cli). */
#ifndef DESCENT_CLI_COMMANDS_DATA_SHOW_H
#define DESCENT_CLI_COMMANDS_DATA_SHOW_H

#include "cli/cli.h"

#define DATA_SHOW_MOST 100 /* images of a class */

/* words: show, a spec, a run folder or a folder of data, KEY=VALUE ... Returns the exit code. */
int data_show(const struct cli_command *c, const struct cli_arguments *args, enum split split,
              size_t each, bool augment, const struct figure_appearance *appearance);

#endif
