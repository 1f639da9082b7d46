/* The test cases of the files beside this one. */
#ifndef DESCENT_TESTS_FIGURE_CASES_H
#define DESCENT_TESTS_FIGURE_CASES_H

#include "../assertions.h"

void add_layout_cases(Suite *suite);
void add_group_cases(Suite *suite);
void add_png_cases(Suite *suite);
void add_mosaic_cases(Suite *suite);
void add_place_cases(Suite *suite);
void add_format_cases(Suite *suite);

#endif
