/* What every test program shares: a main that runs one suite and speaks TAP. */
#ifndef DESCENT_TESTS_CHECK_MAIN_H
#define DESCENT_TESTS_CHECK_MAIN_H

#include "assertions.h"
#include <stdlib.h>

/* A busy machine is no failure: check gives a case 4 seconds unless told. Before main, for cases
 * are made with it. */
__attribute__((constructor)) static void be_patient(void)
{
    setenv("CK_DEFAULT_TIMEOUT", "60", 0);
}

/* Runs the suite; TAP goes to stdout. Returns the exit code for main. */
static inline int check_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
