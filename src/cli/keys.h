/* What may stand on the command line, from the tables: for completion and the manual page. */
#ifndef DESCENT_CLI_KEYS_H
#define DESCENT_CLI_KEYS_H

#include "cli/cli.h"

/* Calls f for every dotted key of a spec, sections and kinds before what is in them. path lives as
 * long as the call. */
void cli_each_key(void (*f)(void *context, const char *path, const struct param *p), void *context);
/* Whether the key of this path is of a kind: "optimizer.lr", "model.hidden". */
bool cli_is_of_kind(const char *path);
struct cli_key {
    char path[128]; /* "": there is none */
};
/* The first key of a spec whose path is `name` or ends in it, up to a '=', '-' counting as '_':
 * "epochs=10" and "epochs" find train.epochs. */
struct cli_key cli_find_key(const char *name);
/* The words that a key takes, at most `room` of them; 0 where it takes numbers or any text. */
size_t cli_values(const struct param *p, const char **ret, size_t room);

/* One cell of a Markdown table, behind its left border. */
void cli_print_cell(const char *text);
/* The spec's keys and all kinds, as a page of Markdown. */
void cli_print_reference(void);

#endif
