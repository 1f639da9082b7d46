/* What is written below the tables of `compare`. */
#ifndef DESCENT_CLI_COMMANDS_COMPARE_H
#define DESCENT_CLI_COMMANDS_COMPARE_H

#include "study/comparison_table.h"

/* How many runs there are, what intervals and ranks mean (not with `runs`: a row for each run), and
 * what sets runs apart beside their groups. */
void compare_add_notes(struct arena *a, const struct comparison *x, const struct collection *c,
                       bool runs, struct strbuf *out);
/* How to take the mean over folds and split seeds where the groups are of one each; x: by all that
 * differs. */
void compare_add_settings(struct arena *a, const struct comparison *x, const struct collection *c,
                          struct strbuf *out);
/* Adds lines, folded to the page of the tables. */
void compare_add_folded(struct strbuf *out, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* What intervals and ranks are. */
void compare_add_meaning(const struct comparison *x, struct strbuf *out);
/* Which differences have too few pairs to be told from chance. */
void compare_add_reach(const struct comparison *x, struct strbuf *out);
/* That pairs are not independent, and what corrects for it; nothing where they are. */
void compare_add_dependence(struct arena *a, const struct paired_family *f, const struct measure *m,
                            struct strbuf *out);
/* Why groups have no pairs with the reference. */
void compare_add_unpaired(struct arena *a, const struct comparison *x, const struct collection *c,
                          struct strbuf *out);
/* That so many pairs were left out for a lost run; nothing of none. */
void compare_add_lost(size_t pairs, struct strbuf *out);
/* The words in the table of races. */
void compare_add_meaning_of_races(const struct comparison *x, struct strbuf *out);
/* Fewest pairs with which Holm's least p of so many rows is 0.05 or less: those that cannot come
 * down to it. The others, of more pairs, come before them and take no part. */
int compare_pairs_needed(size_t rows);

#endif
