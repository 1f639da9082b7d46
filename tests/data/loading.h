/* A data set in a folder of the test's own, or why there is none. */
#ifndef TESTS_DATA_LOADING_H
#define TESTS_DATA_LOADING_H

#include "../assertions.h"
#include "data/data.h"
#include "util/file.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64];

static const char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_bytes(const char *name, const void *bytes, size_t n)
{
    struct error err;
    ck_assert(file_write(path_of(name), bytes, n, &err));
}

/* Removes it. */
static void tear_down(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

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
