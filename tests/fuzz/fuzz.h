/* What the targets share. A target takes any bytes and aborts where a promise of the reader under
 * test is broken. */
#ifndef DESCENT_TESTS_FUZZ_H
#define DESCENT_TESTS_FUZZ_H

#include "util/error.h"
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* libFuzzer's entry; replay.c calls it with the files of a corpus. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Puts the bytes into a file in memory and returns its path, for readers that take one. */
const char *fuzz_file(const uint8_t *bytes, size_t n);
/* The same in a folder of the process's own, which goes when it ends, as the file `name`; returns
 * the folder's path. */
const char *fuzz_folder(const char *name, const uint8_t *bytes, size_t n);

/* Aborts but where the error is one of data, and its message begins with the name. */
static inline void fuzz_check_error(const struct error *err, const char *name)
{
    if (err->code != ERR_DATA || strncmp(err->message, name, strlen(name)) != 0)
        abort();
}

#endif
