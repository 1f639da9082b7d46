/* What a figure shows, and the keys along its axes. */
#include "figure/figure.h"
#include "plot/plot.h"
#include "util/file.h"
#include <string.h>

struct measure plot_measure(const struct plot *p, const struct collection *c)
{
    return p->o->metrics > 0 ? p->o->metric[0] : comparison_default_measure(c);
}

/* ---- keys along axes ---- */

static bool is_numeric(const struct collection *c, size_t key)
{
    for (size_t i = 0; i < c->runs; i++)
        if (!c->run[i].value[key] || c->run[i].value[key]->type != EXPR_NUMBER)
            return false;
    return true;
}

/* The wanted number of differing keys: those of --over, then these, then numbers, then what there is. */
bool plot_choose_over(struct plot *p, const struct collection *c, const char *const *first,
                      size_t wanted, struct error *err)
{
    struct grouping all;
    size_t at;
    p->over = arena_alloc(p->a, (wanted + 1) * sizeof *p->over);
    if (p->o->n_over > 0 && p->o->n_over != wanted)
        return error_set(err, ERR_USAGE,
                         "'--over' takes %zu key%s for a figure of kind '%s', not %zu", wanted,
                         wanted == 1 ? "" : "s", p->o->kind->name, p->o->n_over);
    if (!group_runs(p->a, c, NULL, 0, &all, err))
        return false;
    for (size_t i = 0; i < p->o->n_over; i++) {
        if (!collect_find_key(c, p->o->over[i], &at, err))
            return false;
        p->over[p->overs++] = arena_strdup(p->a, c->key[at]);
    }
    for (int pass = 0; pass < 3; pass++)
        for (size_t k = 0; k < all.keys && p->overs < wanted; k++) {
            if (!collect_find_key(c, all.key[k], &at, err))
                return false;
            bool taken = false, is_first = false;
            for (size_t i = 0; i < p->overs; i++)
                taken |= strcmp(p->over[i], all.key[k]) == 0;
            for (size_t i = 0; first[i]; i++)
                is_first |= strcmp(first[i], all.key[k]) == 0;
            if (!taken && (pass == 2 || (pass == 1 ? is_numeric(c, at) : is_first)))
                p->over[p->overs++] = arena_strdup(p->a, all.key[k]);
        }
    if (p->overs < wanted)
        return error_set(err, ERR_USAGE,
                         "this figure needs %zu key%s that differ%s between the runs; there %s %zu",
                         wanted, wanted == 1 ? "" : "s", wanted == 1 ? "s" : "",
                         p->overs == 1 ? "is" : "are", p->overs);
    return true;
}

/* A key's last part that is a name, blanks for underscores: "batch size", "scheduler" of
 * scheduler.0; the learning rate by its name. */
const char *plot_key_label(struct arena *a, const char *key)
{
    char *s = arena_strdup(a, key), *dot = strrchr(s, '.');
    if (dot && strcmp(dot, ".name") == 0)
        *dot = '\0';
    for (dot = strrchr(s, '.'); dot && dot[1 + strspn(dot + 1, "0123456789")] == '\0';
         dot = strrchr(s, '.'))
        *dot = '\0';
    s = dot ? dot + 1 : s;
    if (strcmp(s, "lr") == 0)
        return "learning rate";
    for (char *c = s; *c; c++)
        *c = *c == '_' ? ' ' : *c;
    return s;
}

bool plot_counts(const double *v, size_t n)
{
    enum { TICKS = 16 }; /* more values than that are not each labelled */
    bool whole = n <= TICKS;
    for (size_t i = 0; i < n; i++)
        whole &= v[i] >= 1 && fabs(v[i] - round(v[i])) < 1e-9;
    return whole;
}

/* Positive numbers that span at least this factor need a logarithmic axis. */
static bool spans(const double *v, size_t n, double factor)
{
    double low = HUGE_VAL, high = 0;
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, v[i]);
        high = fmax(high, v[i]);
    }
    return n > 1 && low > 0 && high >= factor * low;
}

/* How the sweep around the run draws the key's values ("uniform"); NULL: it does not, or there is
 * none. */
static const char *distribution(struct plot *p, const struct collected_run *r, const char *key)
{
    const char *slash = strrchr(r->folder, '/');
    const char *path =
        slash ? arena_printf(p->a, "%.*s/" FOLDER_SWEEP, (int)(slash - r->folder), r->folder)
              : FOLDER_SWEEP;
    struct diags d;
    diags_init(&d, p->a);
    const struct node *root =
        r->published || !file_exists(path) ? NULL : node_load(p->a, path, NODE_RECORDED_MOST, &d);
    const struct node *space = root ? node_find(root, "sweep.random.space") : NULL,
                      *drawn = space && space->kind == NODE_MAP ? node_get(space, key) : NULL;
    return drawn && drawn->kind == NODE_MAP && drawn->n == 1 ? drawn->key[0] : NULL;
}

bool plot_key_spans(struct plot *p, const struct collection *c, const char *key, const double *v,
                    size_t n, double factor)
{
    static const char *const even[] = {"uniform", "int", "reverse_log_uniform"};
    const char *drawn = c->runs > 0 ? distribution(p, &c->run[0], key) : NULL;
    for (size_t i = 0; drawn && i < sizeof even / sizeof even[0]; i++)
        if (strcmp(drawn, even[i]) == 0)
            return false;
    return spans(v, n, factor);
}

/* With some room beside the first and the last; NULL where there is nothing to be shown. */
const double *plot_range(struct arena *a, const double *v, size_t n, bool log)
{
    double *range = arena_alloc(a, 2 * sizeof *range);
    range[0] = HUGE_VAL;
    range[1] = -HUGE_VAL;
    for (size_t i = 0; i < n; i++)
        if (isfinite(v[i]) && (!log || v[i] > 0)) {
            range[0] = fmin(range[0], v[i]);
            range[1] = fmax(range[1], v[i]);
        }
    if (range[0] > range[1])
        return NULL;
    plot_widen(range, log, 0.03);
    return range;
}
