/* The section `sweep`: grid, list, random, seeds to factors, whose product the members are. */
#include "num/math.h"
#include "num/random.h"
#include "sweep/internal.h"
#include "util/log.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table of the section ---- */

struct section {
    const struct node *grid, *list, *random, *seeds, *skip, *halving;
    struct slurm_settings slurm;
};
struct random_section {
    int64_t trials, seed;
    const struct node *space;
};

static bool read_node(struct binder *b, const struct param *p, const struct node *value,
                      void *field)
{
    (void)b, (void)p;
    *(const struct node **)field = node_is_null(value) ? NULL : value;
    return true;
}

static void write_node(const void *field, struct strbuf *out)
{
    const struct node *n = *(const struct node *const *)field;
    struct arena a;
    arena_init(&a);
    strbuf_add(out, n ? sweep_canonical(&a, n) : "null");
    arena_fini(&a);
}

#define TREE(T, f, fallback_, shape_, ...)                                                         \
    {                                                                                              \
        .name = #f, .type = PARAM_CUSTOM, .offset = offsetof(T, f), .fallback = fallback_,         \
        .shape = shape_, .read = read_node, .write = write_node, .nullable = true,                 \
        .help = __VA_ARGS__                                                                        \
    }

/* What the functions below read. */
#define GRID_JSON                                                                                     \
    "\"type\": [\"object\", \"null\"], \"minProperties\": 1, \"additionalProperties\": {\"anyOf\": [" \
    "{\"type\": \"array\", \"minItems\": 1}, {\"type\": \"object\", \"minProperties\": 1}]}"
#define LIST_JSON                                                                                  \
    "\"type\": [\"array\", \"null\"], \"minItems\": 1, \"items\": {\"type\": \"object\"}"
#define SEEDS_JSON                                                                                         \
    "\"type\": [\"integer\", \"array\", \"null\"], \"minimum\": 1, \"maximum\": 100000, \"minItems\": 1, " \
    "\"items\": {\"type\": \"integer\", \"minimum\": 0, \"maximum\": 9223372036854775807}"
#define ENDS_JSON(type)                                                                            \
    "{\"type\": \"array\", \"items\": {\"type\": \"" type "\"}, \"minItems\": 2, \"maxItems\": 2}"
#define SPACE_JSON                                                                                                        \
    "\"type\": \"object\", \"minProperties\": 1, \"additionalProperties\": {\"type\": \"object\", \"minProperties\": 1, " \
    "\"maxProperties\": 1, \"properties\": {\"uniform\": " ENDS_JSON("number") ", \"log_uniform\": " ENDS_JSON(           \
        "number") ", \"reverse_log_uniform\": " ENDS_JSON("number") ", \"int\": " ENDS_JSON("number") ", \"log_int\": " ENDS_JSON("number") ", \"choice\": {\"type\": \"array\", \"minItems\": 1}}, \"additionalProperties\": false}"

static const struct param random_params[] = {
    P_INT(struct random_section, trials, NULL, FROM_TO(1, SWEEP_MAX_MEMBERS), "how many"),
    P_INT(struct random_section, seed, "0", AT_LEAST(0), "of the draws"),
    TREE(struct random_section, space, NULL, "a mapping of keys to distributions",
         "what is drawn from", .json = SPACE_JSON),
    P_END};

static const struct param bracket_params[] = {
    P_CHOICE(struct sweep_bracket, metric, "valid_accuracy", metric_names,
             "column of epochs.csv that decides"),
    P_INT(struct sweep_bracket, eta, "3", FROM_TO(2, 1000000), "a rung keeps the best 1 / eta"),
    P_INT(struct sweep_bracket, first, "1", FROM_TO(1, 1e9), "length of the first rung",
          .unit = "epochs"),
    P_INT(struct sweep_bracket, members, "null", AT_LEAST(1),
          "how many take part; default: an equal share", .nullable = true),
    P_END};

const struct param sweep_section_params[] = {
    TREE(struct section, grid, "null", "a mapping of keys to lists of values",
         "all combinations of these values", .json = GRID_JSON),
    TREE(struct section, list, "null", "a list of mappings of keys to values", "these settings",
         .json = LIST_JSON),
    TREE(struct section, random, "null", "a mapping {trials, seed, space}",
         "settings drawn at random", .table = random_params),
    TREE(struct section, seeds, "null", "a list, or how many",
         "the runs' seeds; N: seed, seed + 1, ...", .json = SEEDS_JSON),
    TREE(struct section, skip, "null", "a condition", "members that are left out",
         .json = "\"type\": [\"string\", \"number\", \"boolean\", \"null\"]"),
    TREE(struct section, halving, "null", "a mapping {metric, eta, first}, or a list of them",
         "successive halving; a list: brackets", .table = bracket_params, .listable = true),
    P_SECTION(struct section, slurm, slurm_params, "what '--launcher slurm' asks the cluster for"),
    P_END};

/* ---- building ---- */

struct reader {
    struct sweep *s;
    struct arena *a;
    struct diags *d;
    size_t factor_room, key_room;
    bool ok;
};

#define FAIL(r, place, ...) ((r)->ok = diags_add((r)->d, place, NULL, __VA_ARGS__))

static struct sweep_factor *add_factor(struct reader *r, size_t n)
{
    struct sweep *s = r->s;
    s->factor = arena_room(r->a, s->factor, s->factors, &r->factor_room, sizeof *s->factor);
    struct sweep_factor *f = &s->factor[s->factors++];
    *f = (struct sweep_factor){.n = n, .v = arena_alloc(r->a, (n + 1) * sizeof *f->v)};
    return f;
}

/* `first_key`: where this factor's own keys begin; a key of an earlier factor is an error. */
static size_t add_key(struct reader *r, const char *path, struct place at, size_t first_key)
{
    struct sweep *s = r->s;
    for (size_t i = 0; i < s->keys; i++)
        if (strcmp(s->key[i].path, path) == 0) {
            if (i < first_key)
                FAIL(r, at, "'%s' has values from another axis already", path);
            return i;
        }
    if (strcmp(path, "sweep") == 0 || strncmp(path, "sweep.", 6) == 0 ||
        strcmp(path, "extends") == 0)
        FAIL(r, at, "'%s' is not a setting of a run", path);
    s->key = arena_room(r->a, s->key, s->keys, &r->key_room, sizeof *s->key);
    s->key[s->keys] = (struct sweep_key){.path = path, .is_seed = strcmp(path, "seed") == 0};
    return s->keys++;
}

static void fill_axis(struct reader *r, struct sweep_factor *f, size_t key, struct place at,
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
static void add_axis(struct reader *r, const char *path, struct place at,
                     const struct node *const *value, size_t n)
{
    size_t key = add_key(r, path, at, r->s->keys);
    fill_axis(r, add_factor(r, n), key, at, value);
}

/* ---- grid ---- */

/* The command line gives an axis other values: sweep.grid.optimizer.lr=[...] stands beside the
 * file's 'optimizer.lr', for in a path dots part sections. */
static bool replace_axis(struct reader *r, const char *path, struct place at,
                         const struct node *const *value, size_t n)
{
    for (size_t i = 0; i < r->s->factors; i++) {
        struct sweep_factor *f = &r->s->factor[i];
        size_t key = f->v[0].n == 1 ? f->v[0].v[0].key : SIZE_MAX;
        if (key == SIZE_MAX || strcmp(r->s->key[key].path, path) != 0 ||
            f->v[0].v[0].at.source == at.source)
            continue;
        r->s->key[key].varies = false;
        *f = (struct sweep_factor){.n = n, .v = arena_alloc(r->a, (n + 1) * sizeof *f->v)};
        fill_axis(r, f, key, at, value);
        return true;
    }
    return false;
}

static void read_grid(struct reader *r, const struct node *grid, const char *prefix)
{
    if (grid->kind != NODE_MAP || grid->n == 0) {
        FAIL(r, grid->place, "'grid' must be a mapping of keys to lists of values");
        return;
    }
    for (size_t i = 0; i < grid->n; i++) {
        const struct node *values = grid->item[i];
        const char *path = arena_printf(r->a, "%s%s%s", prefix, prefix[0] ? "." : "", grid->key[i]);
        if (values->kind == NODE_MAP)
            read_grid(r, values, path);
        else if (values->kind != NODE_LIST || values->n == 0)
            FAIL(r, values->place, "the values of '%s' are a list, such as [a, b]", path);
        else if (prefix[0] == '\0' ||
                 !replace_axis(r, path, grid->key_place[i],
                               (const struct node *const *)values->item, values->n))
            add_axis(r, path, grid->key_place[i], (const struct node *const *)values->item,
                     values->n);
    }
}

/* ---- list ---- */

static bool list_is_sound(struct reader *r, const struct node *list)
{
    if (list->kind != NODE_LIST || list->n == 0) {
        FAIL(r, list->place, "'list' must be a list of mappings of keys to values");
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < list->n; i++)
        if (list->item[i]->kind != NODE_MAP) {
            FAIL(r, list->item[i]->place,
                 "an entry of 'list' is a mapping of keys to values, such as {optimizer.lr: 0.1}");
            ok = false;
        }
    return ok;
}

/* Labels of one key, which only some of the entries have. */
static void label_list_key(struct reader *r, const struct sweep_factor *f, size_t key)
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
    r->s->key[key].varies = n < f->n;
    for (size_t i = 0; i < n; i++) {
        setting[i]->label = label[i];
        r->s->key[key].varies |= strcmp(label[i], label[0]) != 0;
    }
}

static void read_list(struct reader *r, const struct node *list)
{
    if (!list_is_sound(r, list))
        return;
    size_t first = r->s->keys;
    struct sweep_factor *f = add_factor(r, list->n);
    for (size_t i = 0; i < list->n; i++) {
        const struct node *entry = list->item[i];
        struct sweep_setting *v = arena_alloc(r->a, (entry->n + 1) * sizeof *v);
        for (size_t j = 0; j < entry->n; j++)
            v[j] =
                (struct sweep_setting){.key = add_key(r, entry->key[j], entry->key_place[j], first),
                                       .at = entry->key_place[j],
                                       .value = entry->item[j]};
        f->v[i] = (struct sweep_choice){.n = entry->n, .v = v, .place = entry->place};
    }
    for (size_t key = first; key < r->s->keys; key++)
        label_list_key(r, f, key);
}

/* ---- random ---- */

struct distribution {
    const char *name;
    bool (*is_sound)(double low, double high);
    const char *rule;
    bool whole; /* its values are whole numbers */
    /* u in [0, 1): a value, and how it is written with so many digits */
    void (*draw)(double low, double high, double u, int digits, char ret[40]);
};

static bool rises(double low, double high)
{
    return low < high;
}
static bool is_positive(double low, double high)
{
    return low > 0 && low < high;
}
static bool is_share(double low, double high)
{
    return low >= 0 && low < high && high < 1;
}
static bool is_whole(double low, double high)
{
    return low < high && floor(low) == low && floor(high) == high && fabs(low) <= 1e15 &&
           fabs(high) <= 1e15;
}
static bool is_whole_positive(double low, double high)
{
    return low > 0 && is_whole(low, high);
}

/* Of a drawn number: names stay short, and no search needs more, but where two draws would meet. */
enum { DIGITS = 6, MOST_DIGITS = 17 };

static void draw_uniform(double low, double high, double u, int digits, char ret[40])
{
    snprintf(ret, 40, "%.*g", digits, low + u * (high - low));
}
static void draw_log_uniform(double low, double high, double u, int digits, char ret[40])
{
    snprintf(ret, 40, "%.*g", digits, low * math_exp(u * math_log(high / low)));
}
/* 1 - x is log-uniform: momentum 0.9, 0.99 and 0.999 are as far apart as lr 0.1, 0.01 and 0.001. */
static void draw_reverse_log_uniform(double low, double high, double u, int digits, char ret[40])
{
    char rest[40];
    snprintf(rest, sizeof rest, "%.*g", digits,
             (1 - low) * math_exp(u * math_log((1 - high) / (1 - low))));
    snprintf(ret, 40, "%.*g", digits > 12 ? MOST_DIGITS : 12, 1 - strtod(rest, NULL));
}
static void draw_int(double low, double high, double u, int digits, char ret[40])
{
    (void)digits;
    snprintf(ret, 40, "%.0f", fmin(high, low + floor(u * (high - low + 1))));
}
static void draw_log_int(double low, double high, double u, int digits, char ret[40])
{
    (void)digits;
    snprintf(ret, 40, "%.0f", fmin(high, floor(low * math_exp(u * math_log((high + 1) / low)))));
}

static const struct distribution distributions[] = {
    {"uniform", rises, "low < high", false, draw_uniform},
    {"log_uniform", is_positive, "0 < low < high", false, draw_log_uniform},
    {"reverse_log_uniform", is_share, "0 <= low < high < 1", false, draw_reverse_log_uniform},
    {"int", is_whole, "whole numbers, low < high", true, draw_int},
    {"log_int", is_whole_positive, "whole numbers, 0 < low < high", true, draw_log_int},
};
static const char *const distribution_names[] = {"uniform", "log_uniform", "reverse_log_uniform",
                                                 "int",     "log_int",     "choice"};

/* One key of the space: its distribution and its two ends; or its values, labelled. */
struct drawn {
    size_t key;
    struct place at;
    const struct distribution *kind; /* NULL: choice */
    double low, high;
    const struct node *args;
    const char **label;
};

static bool read_drawn(struct reader *r, const char *path, const struct node *n, struct drawn *ret)
{
    size_t known = sizeof distributions / sizeof distributions[0];
    if (n->kind != NODE_MAP || n->n != 1) {
        FAIL(r, n->place, "'%s' must be one distribution, such as {log_uniform: [1e-4, 1]}", path);
        return false;
    }
    ret->args = n->item[0];
    for (size_t i = 0; i < known; i++)
        if (strcmp(distributions[i].name, n->key[0]) == 0)
            ret->kind = &distributions[i];
    if (!ret->kind && strcmp(n->key[0], "choice") != 0) {
        const char *near = suggest(n->key[0], distribution_names, known + 1);
        diags_add(r->d, n->key_place[0],
                  near ? arena_printf(r->a, "did you mean '%s'?", near) : NULL,
                  "there is no distribution '%s'", n->key[0]);
        r->ok = false;
        return false;
    }
    const struct node *args = ret->args;
    if (!ret->kind) {
        if (args->kind == NODE_LIST && args->n > 0)
            return true;
        FAIL(r, args->place, "'choice' takes a list of values");
        return false;
    }
    bool two = args->kind == NODE_LIST && args->n == 2 && args->item[0]->kind == NODE_SCALAR &&
               args->item[1]->kind == NODE_SCALAR && node_as_real(args->item[0], &ret->low) &&
               node_as_real(args->item[1], &ret->high) && isfinite(ret->low) && isfinite(ret->high);
    if (two && ret->kind->is_sound(ret->low, ret->high))
        return true;
    FAIL(r, args->place, "'%s' takes [low, high]: %s", ret->kind->name, ret->kind->rule);
    return false;
}

/* ---- draws without replacement ---- */

/* How many values the key may take; infinite where they are no whole numbers. */
static double values_of(const struct drawn *w)
{
    double n = 0;
    if (w->kind)
        return w->kind->whole ? w->high - w->low + 1 : (double)INFINITY;
    for (size_t i = 0; i < w->args->n; i++) {
        size_t j = 0;
        while (j < i && strcmp(w->label[j], w->label[i]) != 0)
            j++;
        n += j == i;
    }
    return n;
}

static void set_number(struct reader *r, const struct drawn *w, const char *text,
                       struct sweep_setting *ret)
{
    struct node *value = arena_alloc(r->a, sizeof *value);
    *value = (struct node){
        .kind = NODE_SCALAR, .place = w->args->place, .text = arena_strdup(r->a, text)};
    ret->value = value;
    ret->label = sweep_canonical(r->a, value);
}

/* One trial's values, each from a stream that is a function of (seed, trial, which key): more trials
 * leave the earlier ones as they were. */
struct trial {
    struct rng *rng; /* of each key */
    double *u;       /* what its number was made from */
    struct sweep_setting *v;
};

static void begin_trial(uint64_t seed, size_t trial, size_t n, struct trial *t)
{
    for (size_t i = 0; i < n; i++)
        t->rng[i] = rng_stream(seed, RNG_SEARCH, trial, (uint32_t)i);
}

static void draw_trial(struct reader *r, const struct drawn *w, size_t n, struct trial *t)
{
    char text[40];
    for (size_t i = 0; i < n; i++) {
        t->v[i] = (struct sweep_setting){.key = w[i].key, .at = w[i].at};
        if (w[i].kind) {
            t->u[i] = rng_uniform(&t->rng[i]);
            w[i].kind->draw(w[i].low, w[i].high, t->u[i], DIGITS, text);
            set_number(r, &w[i], text, &t->v[i]);
        } else {
            size_t k = (size_t)rng_below(&t->rng[i], w[i].args->n);
            t->v[i].value = w[i].args->item[k];
            t->v[i].label = w[i].label[k];
        }
    }
}

/* The same numbers with more digits, until they are no earlier trial's. */
static bool tell_apart(struct reader *r, const struct drawn *w, size_t n, struct trial *t,
                       struct sweep_seen *seen)
{
    char text[40];
    for (int digits = DIGITS + 1; digits <= MOST_DIGITS; digits++) {
        for (size_t i = 0; i < n; i++)
            if (w[i].kind && !w[i].kind->whole) {
                w[i].kind->draw(w[i].low, w[i].high, t->u[i], digits, text);
                set_number(r, &w[i], text, &t->v[i]);
            }
        if (sweep_seen_add(seen, t->v))
            return true;
    }
    return false;
}

/* The setting with this number in a finite space. */
static void set_trial(struct reader *r, const struct drawn *w, size_t n, uint64_t number,
                      struct trial *t)
{
    char text[40];
    for (size_t i = 0; i < n; i++) {
        uint64_t values = w[i].kind ? (uint64_t)(w[i].high - w[i].low) + 1 : (uint64_t)w[i].args->n;
        uint64_t k = number % values;
        number /= values;
        t->v[i] = (struct sweep_setting){.key = w[i].key, .at = w[i].at};
        if (w[i].kind) {
            snprintf(text, sizeof text, "%.0f", w[i].low + (double)k);
            set_number(r, &w[i], text, &t->v[i]);
        } else {
            t->v[i].value = w[i].args->item[k];
            t->v[i].label = w[i].label[k];
        }
    }
}

/* Where drawing keeps meeting earlier trials: the next setting that is left, from a random one on.
 * all: how many numbers settings have. */
static void take_next(struct reader *r, const struct drawn *w, size_t n, double all,
                      struct trial *t, struct sweep_seen *seen)
{
    uint64_t numbers = (uint64_t)all, number = rng_below(&t->rng[0], numbers);
    do {
        set_trial(r, w, n, number, t);
        number = (number + 1) % numbers;
    } while (!sweep_seen_add(seen, t->v));
}

/* Draws again until it is no earlier trial's setting; false where none is found. */
static bool draw_new(struct reader *r, const struct drawn *w, size_t n, double all, struct trial *t,
                     struct sweep_seen *seen)
{
    enum { TRIES = 30, MANY_TRIES = 1000 };
    bool is_small = all <= 2 * (double)SWEEP_MAX_MEMBERS;
    for (int i = 0; i < (is_small ? TRIES : MANY_TRIES); i++) {
        draw_trial(r, w, n, t);
        if (sweep_seen_add(seen, t->v) || (isinf(all) && tell_apart(r, w, n, t, seen)))
            return true;
    }
    if (is_small)
        take_next(r, w, n, all, t, seen);
    return is_small;
}

static void draw_all(struct reader *r, const struct random_section *c, const struct drawn *w,
                     size_t n)
{
    double settings = 1, all = 1; /* all: values that are there twice have two numbers */
    size_t trials = (size_t)c->trials;
    for (size_t i = 0; i < n; i++) {
        settings *= values_of(&w[i]);
        all *= w[i].kind ? values_of(&w[i]) : (double)w[i].args->n;
    }
    if (settings < (double)trials) {
        trials = (size_t)settings;
        log_info("sweep.random: the space has %zu settings: %zu trials, not %lld", trials, trials,
                 (long long)c->trials);
    }
    struct sweep_factor *f = add_factor(r, trials);
    struct sweep_seen *seen = sweep_seen_new(r->a, trials, n);
    struct trial t = {.rng = arena_alloc(r->a, n * sizeof *t.rng),
                      .u = arena_alloc(r->a, n * sizeof *t.u)};
    for (size_t k = 0; k < trials; k++) {
        t.v = arena_alloc(r->a, n * sizeof *t.v);
        begin_trial((uint64_t)c->seed, k, n, &t);
        if (!draw_new(r, w, n, all, &t, seen)) {
            FAIL(r, c->space->place, "this space is too narrow for %zu different trials", trials);
            return;
        }
        f->v[k] = (struct sweep_choice){.n = n, .v = t.v, .place = c->space->place};
        for (size_t i = 0; i < n; i++)
            r->s->key[w[i].key].varies |= k > 0 && strcmp(t.v[i].label, f->v[0].v[i].label) != 0;
    }
}

static void read_random(struct reader *r, const struct node *section)
{
    struct random_section c = {0};
    struct binder b = {.arena = r->a, .diags = r->d};
    if (section->kind != NODE_MAP)
        FAIL(r, section->place, "'random' must be a mapping {trials, seed, space}");
    else if (!bind_table(&b, random_params, section, section->place, "'random'", &c))
        r->ok = false;
    else if (!c.space || c.space->kind != NODE_MAP || c.space->n == 0)
        FAIL(r, c.space ? c.space->place : section->place,
             "'space' must be a mapping of keys to distributions");
    if (!r->ok || !c.space)
        return;
    struct drawn *w = arena_alloc(r->a, c.space->n * sizeof *w);
    size_t first = r->s->keys;
    for (size_t i = 0; i < c.space->n; i++) {
        w[i].at = c.space->key_place[i];
        w[i].key = add_key(r, c.space->key[i], w[i].at, first);
        if (!read_drawn(r, c.space->key[i], c.space->item[i], &w[i]) || w[i].kind)
            continue;
        w[i].label = arena_alloc(r->a, w[i].args->n * sizeof *w[i].label);
        sweep_labels(r->a, (const struct node *const *)w[i].args->item, w[i].args->n, w[i].label);
    }
    if (r->ok)
        draw_all(r, &c, w, c.space->n);
}

/* ---- seeds ---- */

static void read_seeds(struct reader *r, const struct node *seeds, struct place at)
{
    static const char wrong[] =
        "'seeds' must be a list of seeds, or how many: N stands for seed, seed + 1, ...";
    int64_t n, base = 123;
    if (seeds->kind == NODE_LIST && seeds->n > 0) {
        add_axis(r, "seed", at, (const struct node *const *)seeds->item, seeds->n);
        return;
    }
    if (seeds->kind != NODE_SCALAR || !node_as_int(seeds, &n) || n < 1 || n > SWEEP_MAX_MEMBERS) {
        FAIL(r, seeds->place, "%s", wrong);
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

static void read_bracket(struct reader *r, const struct node *n)
{
    struct binder b = {.arena = r->a, .diags = r->d};
    struct sweep_bracket *k = &r->s->bracket[r->s->brackets++];
    if (n->kind != NODE_MAP)
        FAIL(r, n->place, "'halving' must be a mapping {metric, eta, first}, or a list of them");
    else if (!bind_table(&b, bracket_params, n, n->place, "'halving'", k))
        r->ok = false;
    else if (metric_is_test((enum metric)k->metric))
        FAIL(r, node_get(n, "metric")->place,
             "test figures choose nothing: take a validation or training figure");
    else if (!metric_ranks((enum metric)k->metric))
        FAIL(r, node_get(n, "metric")->place, "'%s' does not say which run is better",
             metric_names[k->metric]);
}

static void read_halving(struct reader *r, const struct node *n)
{
    size_t count = n->kind == NODE_LIST ? n->n : 1;
    r->s->bracket = arena_alloc(r->a, (count + 1) * sizeof *r->s->bracket);
    if (n->kind != NODE_LIST)
        read_bracket(r, n);
    for (size_t i = 0; n->kind == NODE_LIST && i < n->n; i++)
        read_bracket(r, n->item[i]);
}

/* ---- the whole section ---- */

bool sweep_read_axes(struct sweep *s, struct diags *d, const struct node **ret_skip)
{
    struct reader r = {.s = s, .a = s->arena, .d = d, .ok = true};
    struct binder b = {.arena = s->arena, .diags = d};
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
            read_random(&r, n);
        else if (n == c.seeds)
            read_seeds(&r, n, s->section->key_place[i]);
        else if (n == c.halving)
            read_halving(&r, n);
    }
    if (r.ok && s->factors == 0)
        FAIL(&r, s->section->place, "a sweep needs 'grid', 'list', 'random' or 'seeds'");
    *ret_skip = c.skip;
    s->slurm = c.slurm;
    return r.ok;
}
