/* What is said of a key, or of a kind, that there is not. Within config only. */
#ifndef DESCENT_CONFIG_UNKNOWN_H
#define DESCENT_CONFIG_UNKNOWN_H

#include "config/rows.h"

/* Key number `at` of a mapping, which the rows do not have; what: "optimizer adam". False. */
bool unknown_key(struct binder *b, const struct rows *rows, const struct node *map, size_t at,
                 const char *what);
/* The name of a kind that the parameter's registry does not have. False. */
bool unknown_kind(struct binder *b, const struct param *p, const struct node *name);

#endif
