/* The parts of the one test program of this folder. */
#ifndef DESCENT_TESTS_EXPR_SUITE_H
#define DESCENT_TESTS_EXPR_SUITE_H

#include "../assertions.h"

TCase *lambda_case(void);

#endif
