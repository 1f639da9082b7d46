/* The parts of the suite of util, one a file. */
#ifndef DESCENT_TESTS_UTIL_SUITES_H
#define DESCENT_TESTS_UTIL_SUITES_H

#include "../assertions.h"

TCase *json_cases(void);
TCase *file_cases(void);
TCase *command_cases(void);
TCase *fold_cases(void);

#endif
