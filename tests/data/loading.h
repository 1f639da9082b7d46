/* A data set, or why there is none. */
#ifndef TESTS_DATA_LOADING_H
#define TESTS_DATA_LOADING_H

#include "../assertions.h"
#include "data/data.h"
#include <string.h>

static struct data *load(const struct data_config *c)
{
    struct data *d = NULL;
    struct error err = {0};
    if (!data_load(c, 1, &d, &err))
        ck_abort_msg("%s", err.message);
    return d;
}

static void fails(const struct data_config *c, enum error_code code, const char *part)
{
    struct data *d;
    struct error err = {0};
    ck_assert(!data_load(c, 1, &d, &err));
    ck_assert_msg(err.code == code, "code %d: %s", err.code, err.message);
    ck_assert_msg(strstr(err.message, part) != NULL, "'%s' is not in: %s", part, err.message);
}

#endif
