/* Any run.json: refused with a reason, or every value that is read of it has its type and range. */
#include "folder/folder.h"
#include "fuzz.h"
#include "spec/spec.h"
#include "util/json.h"
#include <stdlib.h>
#include <string.h>

static void check_metrics(const struct json *row)
{
    for (int m = 0; m < METRICS; m++) {
        double v;
        bool share = strstr(metric_names[m], "_accuracy") != NULL;
        if (js_real(js_get(row, metric_names[m]), &v) && share && !(v >= 0 && v <= 1))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct error err = {0};
    struct json *j = js_parse((const char *)bytes, n, &err);
    int64_t code = 0, epoch;
    if (j && manifest_check(j, &err)) {
        js_integer(js_get(j, "exit_code"), &code);
        if (!js_string(js_get(j, "status")) || code < 0 || code > 255 ||
            !js_integer(js_get(j, "epoch"), &epoch) || epoch < 0)
            abort();
        check_metrics(js_get(js_get(j, "metrics"), "final"));
        check_metrics(js_get(js_get(j, "metrics"), "best"));
    } else if (err.code != ERR_DATA || err.message[0] == '\0') {
        abort();
    }
    js_free(j);
    return 0;
}
