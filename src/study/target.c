/* How long runs took until a figure reached its target. */
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

static bool reach(const struct collected_run *r, const struct target *t, double *epochs,
                  double *steps, double *seconds, struct error *err)
{
    struct arena a;
    struct epoch_row *row;
    double *time;
    size_t n, i = 0;
    arena_init(&a);
    bool ok =
        run_read_epochs(&a, r->folder, &row, &n, err) && collect_times(&a, r, row, n, &time, err);
    *epochs = *steps = *seconds = (double)NAN;
    while (ok && i < n &&
           !(metric_rises(t->metric) ? row[i].value[t->metric] >= t->value
                                     : row[i].value[t->metric] <= t->value))
        i++;
    if (ok && i < n) {
        *epochs = (double)row[i].epoch;
        *steps = (double)row[i].step;
        *seconds = time[i];
    }
    arena_fini(&a);
    return ok;
}

bool group_reached(const struct group *g, const struct target *t, struct reached *ret,
                   struct error *err)
{
    double *v = mem_array(3 * g->n, sizeof *v);
    size_t n = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < g->n; i++) {
        if (g->run[i]->status != STATUS_COMPLETED && g->run[i]->status != STATUS_DIVERGED)
            continue;
        ok = reach(g->run[i], t, &v[n], &v[g->n + n], &v[2 * g->n + n], err);
        n++;
    }
    *ret = (struct reached){n, stats_of(v, n), stats_of(v + g->n, n), stats_of(v + 2 * g->n, n)};
    mem_free(v);
    if (!ok && err->code == ERR_SYSTEM)
        err->code = ERR_DATA;
    return ok;
}
