/* What people write who know other tools, and what it is called here. */
#ifndef DESCENT_CONFIG_HINTS_H
#define DESCENT_CONFIG_HINTS_H

#include "config/param.h"
#include "util/mem.h"

struct registry;

/* The nth name that a key may have here, or NULL: "wd" is weight_decay, "step_size" lr or every. */
const char *hint_other_name(const char *key, size_t nth);
/* Whether a name says that there is to be none, which null does here. */
bool hint_is_none(const char *name);
/* A sentence on a key that can have none, or on what it shows of the line around it ("1" of "lr:
 * 0,1"); NULL: none. */
const char *hint_on_key(struct arena *a, const char *key);
/* What is meant by a name that is none of these: what it is called here ("CosineAnnealingLR": cosine),
 * else the nearest; NULL: none. */
const char *hint_kind(struct arena *a, const char *word, const char *const *names, size_t n);
/* What to write for a name from elsewhere that is a kind with a key set ("{name: adam, amsgrad: true}" of
 * "AMSGrad"); NULL: none. */
const char *hint_typed(struct arena *a, const char *word);
/* The part of the word that names a kind: "SGD" of "SGD(lr=0.1)", "adam" of "adam lr=0.1" and of "adam
 * optimizer". noun: the registry's. */
const char *hint_call_name(struct arena *a, const char *word, const char *noun);
/* Whether a key of the kind takes the value as it is written. */
typedef bool hint_taker(struct arena *a, const struct kind *kind, const struct param *p,
                        const char *value);
/* How a spec has the kind of this name that was meant by the word: its name, with the arguments of a call
 * ("{name: step, every: 30}" of "StepLR(step_size=30)") that it has keys for, which take them. */
const char *hint_call(struct arena *a, const struct registry *r, const char *word, const char *name,
                      hint_taker *takes);
/* What is meant by a text that is no number as YAML has them ("90%", "1_000", "10^-3"), or no whole
 * one; NULL: nothing. */
const char *hint_on_number(struct arena *a, const char *text, bool whole);
/* The same of a whole number with commas, "60,000"; key: what stands before it in a mapping, "epochs: ",
 * or "". Never NULL. */
const char *hint_on_thousands(struct arena *a, const char *text, const char *key);
/* The same of one that is neither true nor false ("yes"). */
const char *hint_on_truth(const char *text);
/* The same of a word where this key takes a number ("threads: all"). */
const char *hint_on_own_word(const char *key);
/* A number as the value of a key that takes words, and takes one elsewhere (Keras's validation_split);
 * NULL: there is no such key. */
const char *hint_on_share(struct arena *a, const char *key, const char *text);
/* A sentence on a word of the command line that is no KEY=VALUE; NULL: none. */
const char *hint_on_word(struct arena *a, const char *word);

#endif
