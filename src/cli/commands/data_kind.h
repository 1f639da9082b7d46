/* Whose files a folder holds (private to cli). */
#ifndef DESCENT_CLI_COMMANDS_DATA_KIND_H
#define DESCENT_CLI_COMMANDS_DATA_KIND_H

#include "data/data.h"

/* How many of the set's files are there, plain or .gz. */
size_t data_count_files(struct arena *a, const char *folder, const struct data_kind *set);
/* The set whose files are all there, IDX files before others; NULL: none. */
const struct data_kind *data_kind_in(struct arena *a, const char *folder);
/* The name of a set that has a name, or a folder of that name, which is not there: says on stderr how
 * to come by it. False: it is none. */
bool data_say_missing(struct arena *a, const char *word);

#endif
