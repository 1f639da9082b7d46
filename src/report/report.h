/* A run or a sweep as one HTML page that needs nothing else: nothing is loaded, and without its one
 * script, which lets curves answer, all of it is readable, in print too. */
#ifndef DESCENT_REPORT_REPORT_H
#define DESCENT_REPORT_REPORT_H

#include "util/error.h"
#include "util/mem.h"
#include "util/strbuf.h"
#include <stddef.h>

struct report_options {
    const char *folder; /* as commands are to name it */
    bool no_figures;
};

/* Appends the page of a run folder: finished, stopped, diverged, failed, or only begun. The same
 * files give the same bytes. ERR_DATA where a file of the run is missing or cannot be read. */
MUST_CHECK bool report_run(struct arena *a, const struct report_options *o, struct strbuf *out,
                           struct error *err);

/* What a sweep is made of. */
struct report_members {
    const char *name; /* the sweep's */
    const char *const
        *folder;          /* within the sweep's, in its order, whether they have begun or not */
    const bool *outgrown; /* of each: it was completed before the sweep became longer */
    size_t n;
};
/* Appends the page of a sweep's folder. Members of which a file is damaged are named in it and in a
 * warning; *ret_damaged: how many. ERR_DATA where no member can be read, or not the sweep
 * itself. */
MUST_CHECK bool report_sweep(struct arena *a, const struct report_options *o,
                             const struct report_members *members, struct strbuf *out,
                             size_t *ret_damaged, struct error *err);

#endif
