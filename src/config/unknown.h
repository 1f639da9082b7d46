/* What is said of a key, or of a kind, that there is not. Within config only. */
#ifndef DESCENT_CONFIG_UNKNOWN_H
#define DESCENT_CONFIG_UNKNOWN_H

#include "config/hints.h"
#include "config/rows.h"

/* Key number `at` of a mapping, which the rows do not have; what: "optimizer adam". False. */
bool unknown_key(struct binder *b, const struct rows *rows, const struct node *map, size_t at,
                 const char *what);
/* A key that stands in the place of 'name' ({type: sgd}), or is a kind's name ({sgd: {lr: 0.1}}): what
 * to type; NULL: it is neither. */
const char *hint_on_kind_key(struct binder *b, const struct registry *r, const char *key,
                             const struct node *value);
/* The name of a kind that the parameter's registry does not have. False. */
bool unknown_kind(struct binder *b, const struct param *p, const struct node *name,
                  hint_taker *takes);

#endif
