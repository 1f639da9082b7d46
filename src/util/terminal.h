/* What a stream's terminal is like. Asked again at every call: windows change. */
#ifndef DESCENT_UTIL_TERMINAL_H
#define DESCENT_UTIL_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Columns: the variable COLUMNS, else those of the terminal behind the descriptor, else 80. */
unsigned terminal_columns(int fd);
/* Whether that is a width which somebody has: a terminal, or the variable, for a pipe too. */
bool terminal_has_columns(int fd);
/* Where lines are folded: at those columns of a terminal, else nowhere (SIZE_MAX). */
size_t terminal_page(int fd);
/* Whether colours are wanted there: a terminal that is not "dumb", and no variable NO_COLOR. */
bool terminal_colours(int fd);
/* Whether a line of stderr can be written over: a terminal that is not "dumb". */
bool terminal_redraws(void);
/* Whether the locale's characters are UTF-8. */
bool terminal_is_utf8(void);

#endif
