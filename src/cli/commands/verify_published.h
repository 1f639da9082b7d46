/* verify of results that come with the program. */
#ifndef DESCENT_CLI_VERIFY_PUBLISHED_H
#define DESCENT_CLI_VERIFY_PUBLISHED_H

#include "cli/cli.h"

/* Trains the first `most` runs of the first word, "published:NAME", again and compares the digests
 * of epochs.csv and of the weights. The exit code. */
int cli_verify_published(const struct cli_arguments *args, size_t most);
#endif
