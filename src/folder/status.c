#include "folder/status.h"
#include "util/error.h"
#include <string.h>

const char *const status_names[STATUSES] = {
    [STATUS_COMPLETED] = "completed", [STATUS_DIVERGED] = "diverged",
    [STATUS_FAILED] = "failed",       [STATUS_PRUNED] = "pruned",
    [STATUS_OPEN] = "open",           [STATUS_INTERRUPTED] = "interrupted",
    [STATUS_RUNNING] = "running",     [STATUS_LOST] = "lost",
    [STATUS_NONE] = "pending"};

const enum status status_counted[STATUSES_COUNTED] = {
    STATUS_COMPLETED,   STATUS_PRUNED, STATUS_DIVERGED, STATUS_FAILED,
    STATUS_INTERRUPTED, STATUS_LOST,   STATUS_RUNNING,  STATUS_NONE};

/* The exit codes that run.json may hold with each; -1: null. None: it holds no such status. */
static const struct {
    int code[6];
    size_t codes;
} recorded[STATUSES] = {
    [STATUS_COMPLETED] = {{0, ERR_EXPECT}, 2},
    [STATUS_DIVERGED] = {{ERR_DIVERGED}, 1},
    [STATUS_FAILED] = {{ERR_USAGE, ERR_DATA, ERR_SYSTEM}, 3},
    [STATUS_PRUNED] = {{-1, 75, 129, 130, 143, 152}, 6},
    [STATUS_INTERRUPTED] = {{-1, 75, 129, 130, 143, 152}, 6},
    [STATUS_RUNNING] = {{-1}, 1},
};

enum status status_find(const char *name)
{
    for (int s = 0; name && s < STATUSES; s++)
        if (recorded[s].codes > 0 && strcmp(name, status_names[s]) == 0)
            return (enum status)s;
    return STATUS_NONE;
}

bool status_has_code(enum status s, long long exit_code)
{
    for (size_t i = 0; i < recorded[s].codes; i++)
        if (recorded[s].code[i] == exit_code)
            return true;
    return false;
}

bool status_is_open(enum status s)
{
    return s == STATUS_NONE || s >= STATUS_OPEN;
}

bool status_is_settled(enum status s)
{
    return s == STATUS_COMPLETED || s == STATUS_DIVERGED || s == STATUS_PRUNED;
}

bool status_is_lost(enum status s)
{
    return s == STATUS_DIVERGED || s == STATUS_FAILED;
}
