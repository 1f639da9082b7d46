/* What is wrong between two brackets, and what to type. Within config only. */
#ifndef DESCENT_CONFIG_BRACKETS_H
#define DESCENT_CONFIG_BRACKETS_H

#include "config/diag.h"
#include "config/node.h"

typedef struct node *node_parser(struct arena *a, const struct source *source, struct diags *d);
/* libyaml stopped at a place within the bracket that opens at another: it is not closed, closed by the
 * other kind, or a comma is missing. Adds what is wrong, and what can be parsed, unless `parse` is NULL;
 * false, always. */
bool brackets_explain(struct arena *a, struct place open, struct place at, node_parser *parse,
                      struct diags *d);

#endif
