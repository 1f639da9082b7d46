/* How far a run is, whatever run.json knows of it. */
#include "folder/lock.h"
#include "run/run.h"
#include <math.h>
#include <string.h>
#include <unistd.h>

/* Another machine's locks may not be seen from here. */
bool run_has_died(const char *folder, const struct run_summary *r)
{
    char host[sizeof r->host] = "";
    gethostname(host, sizeof host - 1);
    return strcmp(r->host, host) == 0 && !lock_is_held(folder);
}

/* run.json is written now and then; a run that was killed may have come further, and resumes
 * there. */
static void see_checkpoints(const char *folder, struct run_summary *r)
{
    int64_t epoch, step;
    if (r->status != STATUS_RUNNING && r->status != STATUS_INTERRUPTED && r->status != STATUS_NONE)
        return;
    run_reached(folder, &epoch, &step);
    if (step > r->step) {
        r->epoch = epoch;
        r->step = step;
        r->seconds = (double)NAN; /* those of run.json are of less */
    }
}

bool run_read_progress(const char *folder, struct run_summary *ret, struct error *err)
{
    if (!run_read_summary(folder, ret, err))
        return false;
    if (ret->status == STATUS_RUNNING && run_has_died(folder, ret)) {
        if (!run_read_summary(folder, ret, err)) /* it may have ended in between */
            return false;
        if (ret->status == STATUS_RUNNING)
            ret->status = STATUS_INTERRUPTED;
    }
    see_checkpoints(folder, ret);
    return true;
}
