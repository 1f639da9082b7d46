/* A comparison as JSON. */
#include "study/comparison_table.h"
#include <string.h>

static struct json *json_of(const struct stats_sample *s)
{
    struct json *j = js_new_object(), *ci = js_new_array();
    js_append(ci, js_new_real(s->low));
    js_append(ci, js_new_real(s->high));
    js_set(j, "n", js_new_integer((int64_t)s->n));
    js_set(j, "mean", js_new_real(s->mean));
    js_set(j, "sd", js_new_real(s->sd));
    js_set(j, "ci95", ci);
    js_set(j, "min", js_new_real(s->least));
    js_set(j, "max", js_new_real(s->most));
    return j;
}

static struct json *json_value(const struct collected_value *v)
{
    if (!v || v->type == EXPR_NULL)
        return js_new_null();
    if (v->type == EXPR_TEXT)
        return js_new_string(v->text);
    if (strcmp(v->text, "true") == 0 || strcmp(v->text, "false") == 0)
        return js_new_bool(v->text[0] == 't');
    bool whole =
        fabs(v->number) < 9e15 && !(v->number < floor(v->number) || v->number > floor(v->number));
    return whole ? js_new_integer((int64_t)v->number) : js_new_real(v->number);
}

/* other[m]: of all groups, by the measure comparison_others[m]. */
static struct json *json_metrics(struct arena *a, const struct comparison *x,
                                 struct stats_sample *const *other, size_t group)
{
    struct json *j = js_new_object();
    js_set(j, measure_name(a, &x->measure), json_of(&x->sample[group]));
    for (size_t i = 0; i < COMPARISON_OTHERS; i++)
        if (!measure_is_same(&comparison_others[i], &x->measure) && other[i][group].n > 0)
            js_set(j, measure_name(a, &comparison_others[i]), json_of(&other[i][group]));
    return j;
}

static struct json *json_race(const struct comparison *x, const struct race *r)
{
    struct json *j = js_new_object();
    js_set(j, "unit", js_new_string(profile_cost_names[x->cost]));
    js_set(j, "pairs", js_new_integer((int64_t)r->pairs));
    js_set(j, "sooner", js_new_integer((int64_t)r->sooner));
    js_set(j, "later", js_new_integer((int64_t)r->later));
    js_set(j, "level", js_new_integer((int64_t)r->level));
    js_set(j, "neither", js_new_integer((int64_t)r->neither));
    js_set(j, "untold", js_new_integer((int64_t)r->untold));
    js_set(j, "median_difference",
           isinf(r->median) ? js_new_string(r->median > 0 ? "never" : "only it")
                            : js_new_real(r->median));
    js_set(j, "test", js_new_string("Wilcoxon"));
    js_set(j, "p", js_new_real(r->p));
    js_set(j, "p_least", js_new_real(r->least));
    js_set(j, "p_holm", js_new_real(r->adjusted));
    return j;
}

static struct json *json_target(const struct comparison *x, size_t i)
{
    struct json *j = js_new_object();
    js_set(j, "runs", js_new_integer((int64_t)x->reached[i].runs));
    js_set(j, "epochs", json_of(&x->reached[i].epochs));
    js_set(j, "steps", json_of(&x->reached[i].steps));
    js_set(j, "seconds", json_of(&x->reached[i].seconds));
    if (x->race && i != x->reference)
        js_set(j, "paired", json_race(x, &x->race[i]));
    return j;
}

static struct json *json_paired(const struct comparison *x, size_t i)
{
    struct json *j = js_new_object();
    js_set(j, "difference", json_of(&x->paired[i].difference));
    js_set(j, "pairs_lost", js_new_integer((int64_t)x->paired[i].lost));
    js_set(j, "test", js_new_string(paired_test_name(x->paired[i].test)));
    js_set(j, "p", js_new_real(x->paired[i].p));
    js_set(j, "p_least", js_new_real(x->paired[i].least));
    js_set(j, "p_holm", js_new_real(x->adjusted[i]));
    return j;
}

static struct json *json_group(struct arena *a, const struct comparison *x,
                               struct stats_sample *const *other, size_t i)
{
    const struct group *g = &x->grouping.group[i];
    struct json *j = js_new_object(), *keys = js_new_object(), *status = js_new_object(),
                *folders = js_new_array();
    for (size_t k = 0; k < x->grouping.keys; k++)
        js_set(keys, x->grouping.key[k], json_value(g->value[k]));
    for (int s = STATUS_COMPLETED; s < STATUSES_OF_STUDIES; s++)
        if (g->status[s] > 0)
            js_set(status, status_names[s], js_new_integer((int64_t)g->status[s]));
    for (size_t r = 0; r < g->n; r++)
        js_append(folders, js_new_string(g->run[r]->folder));
    js_set(j, "label", js_new_string(g->label));
    js_set(j, "rank", x->rank[i] > 0 ? js_new_integer((int64_t)x->rank[i]) : js_new_null());
    js_set(j, "keys", keys);
    js_set(j, "status", status);
    js_set(j, "metrics", json_metrics(a, x, other, i));
    if (x->has_target)
        js_set(j, "target", json_target(x, i));
    if (x->has_pairs && i != x->reference)
        js_set(j, "paired", json_paired(x, i));
    js_set(j, "folders", folders);
    return j;
}

static struct json *json_pooled(const struct stats_pooled *p)
{
    struct json *j = js_new_object();
    js_set(j, "sd", js_new_real(p->sd));
    js_set(j, "degrees_of_freedom", js_new_integer((int64_t)p->freedom));
    js_set(j, "groups", js_new_integer((int64_t)p->samples));
    return j;
}

struct json *comparison_json(struct arena *a, const struct comparison *x)
{
    struct json *j = js_new_object(), *groups = js_new_array();
    js_set(j, "metric", js_new_string(measure_name(a, &x->measure)));
    if (x->pooled.freedom > 0)
        js_set(j, "pooled", json_pooled(&x->pooled));
    if (x->has_target) {
        js_set(j, "target_metric", js_new_string(metric_names[x->target.metric]));
        js_set(j, "target_value", js_new_real(x->target.value));
    }
    if (x->has_pairs && x->grouping.groups > 0)
        js_set(j, "paired_with", js_new_string(x->grouping.group[x->reference].label));
    if (x->has_pairs && paired_over(&x->family))
        js_set(j, "pairs_not_independent_over", js_new_string(paired_over(&x->family)));
    struct stats_sample *other[COMPARISON_OTHERS];
    for (size_t i = 0; i < COMPARISON_OTHERS; i++) {
        other[i] = arena_alloc(a, (x->grouping.groups + 1) * sizeof *other[i]);
        group_samples(&x->grouping, &comparison_others[i], other[i]);
    }
    for (size_t i = 0; i < x->grouping.groups; i++)
        js_append(groups, json_group(a, x, other, x->order[i]));
    js_set(j, "groups", groups);
    return j;
}
