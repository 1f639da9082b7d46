/* list: what stands behind a name. */
#ifndef DESCENT_CLI_LIST_TITLE_H
#define DESCENT_CLI_LIST_TITLE_H

#include <stddef.h>

/* Prints a title behind what stands in the columns before it: a line each for what reads them,
 * within the terminal for people, and below where that is narrow. */
void cli_print_title(const char *title, size_t column);

#endif
