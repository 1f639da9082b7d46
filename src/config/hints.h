/* What people write who know other tools, and what it is called here. */
#ifndef DESCENT_CONFIG_HINTS_H
#define DESCENT_CONFIG_HINTS_H

#include "util/mem.h"

/* The nth name that a key may have here, or NULL: "wd" is weight_decay, "step_size" lr or every. */
const char *hint_other_name(const char *key, size_t nth);
/* Whether a name says that there is to be none, which null does here. */
bool hint_is_none(const char *name);
/* A sentence on a key that can have none, or on what it shows of the line around it ("1" of "lr:
 * 0,1"); NULL: none. */
const char *hint_on_key(struct arena *a, const char *key);
/* The same on a word of the command line that is no KEY=VALUE. */
const char *hint_on_word(struct arena *a, const char *word);

#endif
