/* descent eval --image: what a model sees in one picture. */
#ifndef DESCENT_CLI_EVAL_IMAGE_H
#define DESCENT_CLI_EVAL_IMAGE_H

#include "cli/cli.h"

/* Reads a PNG, makes it what the data's images are (size, channels), says so, draws it on stdout,
 * and puts it in the place of the test set. */
MUST_CHECK bool eval_see(const char *path, bool invert, struct data *d, struct error *err);
/* Prints every class's probability for it. */
void eval_tell(struct train *t, const struct data *d);

#endif
