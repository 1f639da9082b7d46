/* The section `sweep`: grid, list, random, seeds to factors, whose product the members are. */
#include "sweep/axes.h"
#include <stdlib.h>
#include <string.h>

/* ---- the table of the section ---- */

struct section {
    const struct node *grid, *list, *random, *seeds, *skip, *halving;
    struct slurm_settings slurm;
};

/* What the functions below read. */
#define GRID_JSON                                                                                     \
    "\"type\": [\"object\", \"null\"], \"minProperties\": 1, \"additionalProperties\": {\"anyOf\": [" \
    "{\"type\": \"array\", \"minItems\": 1}, {\"type\": \"object\", \"minProperties\": 1}]}"
#define LIST_JSON                                                                                  \
    "\"type\": [\"array\", \"null\"], \"minItems\": 1, \"items\": {\"type\": \"object\"}"
#define SEEDS_JSON                                                                                         \
    "\"type\": [\"integer\", \"array\", \"null\"], \"minimum\": 1, \"maximum\": 100000, \"minItems\": 1, " \
    "\"items\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 9223372036854775807}"

static const struct param bracket_params[] = {
    P_CHOICE(struct sweep_bracket, metric, "valid_accuracy", metric_names,
             "column of epochs.csv that decides", .offered = metric_ranking_names),
    P_INT(struct sweep_bracket, eta, "3", FROM_TO(2, 1000000), "a rung keeps the best 1 / eta"),
    P_INT(struct sweep_bracket, first, "1", FROM_TO(1, 1e9), "length of the first rung",
          .unit = "epochs"),
    P_INT(struct sweep_bracket, members, "null", FROM_TO(1, SWEEP_MAX_MEMBERS),
          "how many take part, in whole groups of seeds; default: an equal share",
          .nullable = true),
    P_END};

const struct param sweep_section_params[] = {
    AXES_TREE(struct section, grid, "null", "a mapping of keys to lists of values",
              "all combinations of these values", .json = GRID_JSON),
    AXES_TREE(struct section, list, "null", "a list of mappings of keys to values",
              "these settings", .json = LIST_JSON),
    AXES_TREE(struct section, random, "null", "a mapping {trials, seed, space}",
              "settings drawn at random", .table = axes_random_params),
    AXES_TREE(struct section, seeds, "null", "a list, or how many",
              "the runs' seeds; N: seed, seed + 1, ...", .json = SEEDS_JSON),
    AXES_TREE(struct section, skip, "null", "a condition", "members that are left out",
              .json = "\"type\": [\"string\", \"number\", \"boolean\", \"null\"]"),
    AXES_TREE(struct section, halving, "null",
              "a mapping {metric, eta, first, members}, or a list of them",
              "successive halving; a list: brackets", .table = bracket_params, .listable = true),
    P_SECTION(struct section, slurm, slurm_params, "what '--launcher slurm' asks the cluster for"),
    P_END};

/* ---- building ---- */

static void fill_axis(struct axes_reader *r, struct sweep_factor *f, size_t key, struct place at,
                      const struct node *const *value)
{
    size_t n = f->n;
    const char **label = arena_alloc(r->a, (n + 1) * sizeof *label);
    sweep_labels(r->a, value, n, label);
    struct sweep_setting *v = arena_alloc(r->a, (n + 1) * sizeof *v);
    for (size_t i = 0; i < n; i++) {
        v[i] = (struct sweep_setting){.key = key, .at = at, .value = value[i], .label = label[i]};
        f->v[i] = (struct sweep_choice){.n = 1, .v = &v[i], .place = value[i]->place};
        r->s->key[key].varies |= strcmp(label[i], label[0]) != 0;
    }
}

/* One key with these values. */
static struct sweep_factor *add_axis(struct axes_reader *r, const char *path, struct place at,
                                     const struct node *const *value, size_t n)
{
    size_t key = axes_add_key(r, path, at, r->s->keys);
    struct sweep_factor *f = axes_add_factor(r, n);
    fill_axis(r, f, key, at, value);
    return f;
}

/* ---- grid ---- */

/* The command line gives an axis of the grid other values: sweep.grid.optimizer.lr=[...] stands beside the
 * file's 'optimizer.lr', for in a path dots part sections. */
static bool replace_axis(struct axes_reader *r, const char *path, struct place at,
                         const struct node *const *value, size_t n)
{
    for (size_t i = 0; i < r->s->factors; i++) {
        struct sweep_factor *f = &r->s->factor[i];
        size_t key = f->is_grid ? f->v[0].v[0].key : SIZE_MAX;
        if (key == SIZE_MAX || strcmp(r->s->key[key].path, path) != 0 ||
            f->v[0].v[0].at.source == at.source)
            continue;
        r->s->key[key].varies = false;
        *f = (struct sweep_factor){
            .n = n, .v = arena_alloc(r->a, (n + 1) * sizeof *f->v), .is_grid = true};
        fill_axis(r, f, key, at, value);
        return true;
    }
    return false;
}

static void read_grid(struct axes_reader *r, const struct node *grid, const char *prefix)
{
    if (grid->kind != NODE_MAP || grid->n == 0) {
        AXES_FAIL(r, grid->place, "'grid' must be a mapping of keys to lists of values");
        return;
    }
    for (size_t i = 0; i < grid->n; i++) {
        const struct node *values = grid->item[i];
        const char *path = arena_printf(r->a, "%s%s%s", prefix, prefix[0] ? "." : "", grid->key[i]);
        if (values->kind == NODE_MAP)
            read_grid(r, values, path);
        else if (values->kind != NODE_LIST || values->n == 0)
            AXES_FAIL(r, values->place, "the values of '%s' are a list, such as [a, b]", path);
        else if (prefix[0] == '\0' ||
                 !replace_axis(r, path, grid->key_place[i],
                               (const struct node *const *)values->item, values->n))
            add_axis(r, path, grid->key_place[i], (const struct node *const *)values->item,
                     values->n)
                ->is_grid = true;
    }
}

/* ---- list ---- */

static bool list_is_sound(struct axes_reader *r, const struct node *list)
{
    if (list->kind != NODE_LIST || list->n == 0) {
        AXES_FAIL(r, list->place, "'list' must be a list of mappings of keys to values");
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < list->n; i++)
        if (list->item[i]->kind != NODE_MAP) {
            AXES_FAIL(
                r, list->item[i]->place,
                "an entry of 'list' is a mapping of keys to values, such as {optimizer.lr: 0.1}");
            ok = false;
        }
    return ok;
}

/* Labels of one key, which only some of the entries have. */
static void label_list_key(struct axes_reader *r, const struct sweep_factor *f, size_t key)
{
    const struct node **value = arena_alloc(r->a, (f->n + 1) * sizeof *value);
    struct sweep_setting **setting = arena_alloc(r->a, (f->n + 1) * sizeof *setting);
    const char **label = arena_alloc(r->a, (f->n + 1) * sizeof *label);
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++)
        for (size_t j = 0; j < f->v[i].n; j++)
            if (f->v[i].v[j].key == key) {
                setting[n] = &f->v[i].v[j];
                value[n++] = f->v[i].v[j].value;
            }
    sweep_labels(r->a, value, n, label);
    r->s->key[key].varies = r->s->key[key].is_left = n < f->n;
    for (size_t i = 0; i < n; i++) {
        setting[i]->label = label[i];
        r->s->key[key].varies |= strcmp(label[i], label[0]) != 0;
    }
}

static void read_list(struct axes_reader *r, const struct node *list)
{
    if (!list_is_sound(r, list))
        return;
    size_t first = r->s->keys;
    struct sweep_factor *f = axes_add_factor(r, list->n);
    for (size_t i = 0; i < list->n; i++) {
        const struct node *entry = list->item[i];
        struct sweep_setting *v = arena_alloc(r->a, (entry->n + 1) * sizeof *v);
        for (size_t j = 0; j < entry->n; j++)
            v[j] = (struct sweep_setting){
                .key = axes_add_key(r, entry->key[j], entry->key_place[j], first),
                .at = entry->key_place[j],
                .value = entry->item[j]};
        f->v[i] = (struct sweep_choice){.n = entry->n, .v = v, .place = entry->place};
    }
    for (size_t key = first; key < r->s->keys; key++)
        label_list_key(r, f, key);
}

/* ---- seeds ---- */

static bool is_too_many(const struct node *seeds)
{
    double n;
    return seeds->kind == NODE_SCALAR && node_as_real(seeds, &n) && n > SWEEP_MAX_MEMBERS;
}

static void read_seeds(struct axes_reader *r, const struct node *seeds, struct place at)
{
    static const char wrong[] =
        "'seeds' must be a list of seeds, or how many: N stands for seed, seed + 1, ...";
    int64_t n, base = strtoll(SPEC_SEED, NULL, 10);
    if (seeds->kind == NODE_LIST && seeds->n > 0) {
        add_axis(r, "seed", at, (const struct node *const *)seeds->item, seeds->n);
        return;
    }
    if (is_too_many(seeds)) {
        AXES_FAIL(r, seeds->place, "'seeds' is at most %d: a sweep has no more members",
                  (int)SWEEP_MAX_MEMBERS);
        return;
    }
    if (seeds->kind != NODE_SCALAR || !node_as_int(seeds, &n) || n < 1 || n > SWEEP_MAX_MEMBERS) {
        AXES_FAIL(r, seeds->place, "%s", wrong);
        return;
    }
    const struct node *first = node_get(r->s->base, "seed");
    if (first && first->kind == NODE_SCALAR)
        node_as_int(first, &base);
    const struct node **value = arena_alloc(r->a, (size_t)n * sizeof *value);
    for (int64_t i = 0; i < n; i++) {
        struct node *x = arena_alloc(r->a, sizeof *x);
        *x = (struct node){
            .kind = NODE_SCALAR,
            .place = seeds->place,
            .text = arena_printf(r->a, "%llu", (unsigned long long)base + (unsigned long long)i)};
        value[i] = x;
    }
    add_axis(r, "seed", at, value, (size_t)n);
}

/* ---- halving ---- */

static void refuse_halving(struct axes_reader *r, const struct node *n)
{
    AXES_FAIL(r, n->place,
              "'halving' must be a mapping {metric, eta, first, members}, or a list of them");
}

static void read_bracket(struct axes_reader *r, const struct node *n)
{
    struct binder b = {.arena = r->a, .diags = r->d};
    struct sweep_bracket *k = &r->s->bracket[r->s->brackets++];
    if (n->kind != NODE_MAP)
        refuse_halving(r, n);
    else if (!bind_table(&b, bracket_params, n, n->place, "'halving'", k))
        r->ok = false;
    else if (metric_is_test((enum metric)k->metric))
        AXES_FAIL(r, node_get(n, "metric")->place,
                  "test figures choose nothing: take a validation or training figure");
    else if (!metric_ranks((enum metric)k->metric))
        AXES_FAIL(r, node_get(n, "metric")->place, "'%s' does not say which run is better",
                  metric_names[k->metric]);
}

static void read_halving(struct axes_reader *r, const struct node *n)
{
    size_t count = n->kind == NODE_LIST ? n->n : 1;
    if (count == 0)
        refuse_halving(r, n);
    r->s->bracket = arena_alloc(r->a, (count + 1) * sizeof *r->s->bracket);
    if (n->kind != NODE_LIST)
        read_bracket(r, n);
    for (size_t i = 0; n->kind == NODE_LIST && i < n->n; i++)
        read_bracket(r, n->item[i]);
}

/* ---- the whole section ---- */

bool sweep_read_axes(struct sweep *s, struct diags *d, const struct node **ret_skip)
{
    struct axes_reader r = {.s = s, .a = s->arena, .d = d, .ok = true};
    struct binder b = {.arena = s->arena, .diags = d, .root = spec_params};
    struct section c = {0};
    if (s->section->kind != NODE_MAP)
        return diags_add(
            d, s->section->place, NULL,
            "'sweep' must be a mapping of grid, list, random, seeds, skip, halving, slurm");
    r.ok =
        bind_table(&b, sweep_section_params, s->section, s->section->place, "section 'sweep'", &c);
    for (size_t i = 0; i < s->section->n; i++) { /* in the order in which they are written */
        const struct node *n = s->section->item[i];
        if (n == c.grid)
            read_grid(&r, n, "");
        else if (n == c.list)
            read_list(&r, n);
        else if (n == c.random)
            axes_read_random(&r, n);
        else if (n == c.seeds)
            read_seeds(&r, n, s->section->key_place[i]);
        else if (n == c.halving)
            read_halving(&r, n);
    }
    if (r.ok && s->factors == 0)
        AXES_FAIL(&r, s->section->place, "a sweep needs 'grid', 'list', 'random' or 'seeds'");
    *ret_skip = c.skip;
    s->slurm = c.slurm;
    return r.ok;
}
