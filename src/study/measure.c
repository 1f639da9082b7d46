/* What runs are compared by, and the keys they are told apart by. */
#include "config/diag.h"
#include "study/collect.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool measure_parse(const char *text, struct measure *ret, struct error *err)
{
    const char *name = text;
    *ret = (struct measure){0};
    if (strncmp(text, "best.", 5) == 0) {
        ret->best = true;
        name += 5;
    } else if (strncmp(text, "final.", 6) == 0) {
        name += 6;
    }
    ret->metric = metric_find(name);
    if (ret->metric != METRICS)
        return true;
    const char *near = suggest(name, metric_names, METRICS);
    return error_set(err, ERR_USAGE,
                     near ? "'%s' is not a column of epochs.csv; did you mean '%s'?"
                          : "'%s' is not a column of epochs.csv",
                     name, near);
}

double measure_of(const struct measure *m, const struct collected_run *r)
{
    return m->best ? r->best[m->metric] : r->final[m->metric];
}

bool measure_is_share(const struct measure *m)
{
    return metric_rises(m->metric);
}

const char *measure_name(struct arena *a, const struct measure *m)
{
    return arena_printf(a, "%s%s", m->best ? "best." : "", metric_names[m->metric]);
}

/* ---- keys by name ---- */

/* "optimizer.lr" ends with "lr"; "optimizer.name" and "scheduler.0.name" with "optimizer" and
 * "scheduler". */
static bool ends_with(const char *key, const char *name)
{
    char path[512];
    size_t n = strlen(key), m = strlen(name);
    if (n >= sizeof path)
        return false;
    memcpy(path, key, n + 1);
    for (int cut = 0; cut < 3; cut++) {
        if (n >= m && strcmp(path + n - m, name) == 0 && (n == m || path[n - m - 1] == '.'))
            return true;
        char *dot = strrchr(path, '.');
        bool is_name = dot && cut == 0 && strcmp(dot, ".name") == 0,
             is_index = dot && cut == 1 && isdigit((unsigned char)dot[1]);
        if (!is_name && !is_index)
            return false;
        *dot = '\0';
        n = strlen(path);
    }
    return false;
}

bool collect_differs(const struct collection *c, size_t key)
{
    for (size_t i = 1; i < c->runs; i++)
        if (c->run[i].value[key] != c->run[0].value[key])
            return true;
    return false;
}

/* "model.init" and "scheduler", where some run has a "model.init.name" or "scheduler.0.name", which
 * say all that they do: where there is none, it is null. */
static bool is_told_by_name(const struct collection *c, size_t key)
{
    size_t n = strlen(c->key[key]);
    for (size_t i = 0; i < c->keys; i++)
        if (strncmp(c->key[i], c->key[key], n) == 0 &&
            (strcmp(c->key[i] + n, ".name") == 0 || strcmp(c->key[i] + n, ".0.name") == 0))
            return true;
    return false;
}

static bool is_candidate(const struct collection *c, size_t key, const char *name)
{
    return ends_with(c->key[key], name) && !is_told_by_name(c, key);
}

static bool name_candidates(const struct collection *c, const char *name, size_t left,
                            struct error *err)
{
    error_set(err, ERR_USAGE, "'%s' may be", name);
    for (size_t i = 0; i < c->keys; i++)
        if (is_candidate(c, i, name)) {
            size_t at = strlen(err->message);
            left--;
            snprintf(err->message + at, sizeof err->message - at, " %s%s", c->key[i],
                     left > 1    ? ","
                     : left == 1 ? " or"
                                 : "");
        }
    return false;
}

bool collect_find_key(const struct collection *c, const char *name, size_t *ret,
                      struct error *err)
{
    size_t found = 0, differing = 0, at = 0, other = 0;
    for (size_t i = 0; i < c->keys; i++) {
        if (strcmp(c->key[i], name) == 0 && !is_told_by_name(c, i)) {
            *ret = i;
            return true;
        }
        if (!is_candidate(c, i, name))
            continue;
        found++;
        at = i;
        if (!collect_differs(c, i))
            continue;
        differing++;
        other = i;
    }
    if (found == 1 || differing == 1) {
        *ret = differing == 1 ? other : at;
        return true;
    }
    if (found > 0)
        return name_candidates(c, name, found, err);
    const char *near = suggest(name, c->key, c->keys);
    return error_set(err, ERR_USAGE,
                     near ? "no spec here has a key '%s'; did you mean '%s'?"
                          : "no spec here has a key '%s'",
                     name, near);
}
