/* A figure that runs have to reach, as it is written: METRIC=VALUE. */
#include "study/comparison.h"
#include <stdlib.h>
#include <string.h>

bool target_parse(const char *text, struct target *ret, struct error *err)
{
    struct measure m;
    char name[128], *end;
    const char *is = strchr(text, '=');
    if (!is || (size_t)(is - text) >= sizeof name)
        return error_set(err, ERR_USAGE,
                         "a target is METRIC=VALUE, such as valid_accuracy=0.97, not '%s'", text);
    memcpy(name, text, (size_t)(is - text));
    name[is - text] = '\0';
    if (!measure_parse(name, &m, err))
        return false;
    if (m.best || metric_is_scheduled(m.metric))
        return error_set(err, ERR_USAGE,
                         "a target is a loss or an accuracy after each epoch, not '%s'", name);
    double v = strtod(is + 1, &end);
    if (end == is + 1 || *end || !isfinite(v))
        return error_set(err, ERR_USAGE, "a target's value is a number, not '%s'", is + 1);
    if (metric_rises(m.metric) && (v < 0 || v > 1))
        return error_set(err, ERR_USAGE, "an accuracy is a fraction from 0 to 1, not %s", is + 1);
    *ret = (struct target){m.metric, v};
    return true;
}
