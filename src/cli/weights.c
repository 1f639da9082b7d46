/* Where the weights of a run lie. */
#include "cli/cli.h"
#include "util/file.h"
#include "util/log.h"
#include "util/text.h"
#include <string.h>

/* Why a run has no such checkpoint, and how to get one; "" where nothing is known. */
static const char *reason(struct arena *a, const char *folder, const char *which,
                          enum status status)
{
    struct diags d;
    struct spec s;
    const char *spec = folder_path(a, folder, FOLDER_SPEC),
               *other = strcmp(which, "last") == 0 ? "best" : "last";
    diags_init(&d, a);
    if (status != STATUS_COMPLETED)
        return arena_printf(a, " (status: %s)", status_names[status]);
    if (!spec_load(a, spec, NULL, 0, &d, &s))
        return "";
    const char *why = "", *remedy = "";
    if (strcmp(which, "last") == 0 && !s.checkpoint.last) {
        why = " (checkpoint.last: false)";
        remedy = arena_printf(
            a, "'descent run %s checkpoint.last=true -o FOLDER' trains it again and keeps it",
            text_word(spec));
    } else if (strcmp(which, "best") == 0 && !s.checkpoint.best) {
        why = " (checkpoint.best: null)";
    }
    if (file_exists(folder_checkpoint(a, folder, other)))
        remedy = arena_printf(a, "'--weights %s' takes the other%s%s", other, remedy[0] ? ", " : "",
                              remedy);
    return arena_printf(a, "%s%s%s", why, remedy[0] ? ": " : "", remedy);
}

void cli_note_unfinished(const char *folder)
{
    struct run_summary r;
    struct error ignored;
    if (!run_read_progress(folder, &r, &ignored) || r.status == STATUS_NONE ||
        r.status == STATUS_COMPLETED)
        return;
    log_info(status_is_open(r.status) ? "%s is not finished: %s at epoch %lld"
                                      : "%s ended as %s, at epoch %lld",
             folder, status_names[r.status], (long long)r.epoch);
}

const char *cli_weights(struct arena *a, const char *folder, const char *which, struct error *err)
{
    struct run_summary r;
    const char *path = folder_checkpoint(a, folder, which);
    if (file_exists(path)) {
        if (!run_check_weights(folder, path, err))
            return NULL;
        cli_note_unfinished(folder);
        return path;
    }
    if (!cli_check_no_sweep(folder, err) || !run_read_progress(folder, &r, err))
        return NULL;
    if (r.status != STATUS_NONE)
        error_set(err, ERR_DATA, "%s keeps no checkpoint '%s'%s", folder, which,
                  reason(a, folder, which, r.status));
    else
        error_set(err, ERR_DATA, "%s holds no run: there is no run.json that can be read", folder);
    return NULL;
}
