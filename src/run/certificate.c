/* A completed run's files against its certificate in run.json. */
#include "folder/folder.h"
#include "run/internal.h"
#include "run/rows.h"
#include "util/json.h"
#include <string.h>

bool run_check_certificate(const char *folder, const struct json *j, const char *file,
                           struct error *err)
{
    const char *then = js_string(js_get(js_get(j, "certificate"), file));
    char digest[65];
    if (!then || manifest_status(j) != STATUS_COMPLETED)
        return true;
    if (!folder_has(folder, file))
        return error_set(err, ERR_DATA, "%s/%s is missing, and run.json's certificate names it%s",
                         folder, file, rows_remedy);
    if (!folder_digest(folder, file, digest, err)) {
        err->code = ERR_DATA;
        return false;
    }
    return strcmp(digest, then) == 0 ||
           error_set(err, ERR_DATA,
                     "%s/%s is not the one that run.json's certificate is of: its SHA-256 is "
                     "%.12s..., not %.12s...%s",
                     folder, file, digest, then, rows_remedy);
}
