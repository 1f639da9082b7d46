/* descent data import: data as people have them, as IDX files. */
#ifndef DESCENT_CLI_DATA_IMPORT_H
#define DESCENT_CLI_DATA_IMPORT_H

#include "cli/cli.h"
#include "import/import.h"

/* args: `import SOURCE`, with -o; size: "28x28" or NULL. */
int data_import(const struct cli_command *c, const struct cli_arguments *args, const char *size,
                struct import_options *o);

#endif
