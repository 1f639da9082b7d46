/* What a file or a run folder holds, told in 80 columns where no other page is asked for, and what is wrong with it. */
#ifndef DESCENT_INSPECT_INSPECT_H
#define DESCENT_INSPECT_INSPECT_H

#include "util/error.h"
#include "util/strbuf.h"
#include <stddef.h>

struct inspection {
    struct strbuf text;
    struct strbuf problems; /* a line each */
    size_t n;               /* of them */
    bool verbose;           /* long texts whole */
    size_t page;            /* columns of its tables */
};
/* Nothing found yet. */
void inspection_init(struct inspection *x, bool verbose);
/* Frees its texts. */
void inspection_fini(struct inspection *x);

/* An IDX file (plain or .gz), a safetensors file, a PNG or a run folder: by the name where that
 * tells, else by the first bytes. ERR_DATA where it is none of them or not valid; what is wrong
 * with parts of a run folder is a problem.
 */
MUST_CHECK bool inspect_path(const char *path, struct inspection *x, struct error *err);

#endif
