/* Diagnostics to stderr. The level, the subject and what was warned of are the only globals that
 * are not const. */
#ifndef DESCENT_UTIL_LOG_H
#define DESCENT_UTIL_LOG_H

#include "util/error.h"

enum log_level { LOG_QUIET, LOG_NORMAL, LOG_VERBOSE };
/* What log_info and progress print from now on. */
void log_set_level(enum log_level level);
/* What it was set to last; LOG_NORMAL at first. */
enum log_level log_level(void);
/* Every line names it from now on: which of many runs a worker trains. Borrowed; NULL: none. */
void log_set_subject(const char *text);
void log_warn(const char *fmt, ...)
    PRINTF_LIKE(1, 2); /* "descent: warning: ...", also when quiet */
/* The same, unless the process has warned with this very fmt before (of 16 of them). */
void log_warn_once(const char *fmt, ...) PRINTF_LIKE(1, 2);
void log_info(const char *fmt, ...) PRINTF_LIKE(1, 2); /* unless quiet */

#endif
