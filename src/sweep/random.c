/* `random` of the section `sweep`: settings drawn from distributions, without replacement. */
#include "num/random.h"
#include "num/math.h"
#include "sweep/axes.h"
#include "util/log.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table of the section ---- */

struct random_section {
    int64_t trials, seed;
    const struct node *space;
};

#define ENDS_JSON(type)                                                                            \
    "{\"type\": \"array\", \"items\": {\"type\": \"" type "\"}, \"minItems\": 2, \"maxItems\": 2}"
#define SPACE_JSON                                                                                                        \
    "\"type\": \"object\", \"minProperties\": 1, \"additionalProperties\": {\"type\": \"object\", \"minProperties\": 1, " \
    "\"maxProperties\": 1, \"properties\": {\"uniform\": " ENDS_JSON("number") ", \"log_uniform\": " ENDS_JSON(           \
        "number") ", \"reverse_log_uniform\": " ENDS_JSON("number") ", \"int\": " ENDS_JSON("number") ", \"log_int\": " ENDS_JSON("number") ", \"choice\": {\"type\": \"array\", \"minItems\": 1}}, \"additionalProperties\": false}"

const struct param axes_random_params[] = {
    P_INT(struct random_section, trials, NULL, FROM_TO(1, SWEEP_MAX_MEMBERS), "how many"),
    P_INT(struct random_section, seed, "0", AT_LEAST(0), "of the draws"),
    AXES_TREE(struct random_section, space, NULL, "a mapping of keys to distributions",
              "what is drawn from: [low, high] of uniform, log_uniform, reverse_log_uniform, int "
              "or log_int, or the values of choice",
              .json = SPACE_JSON),
    P_END};

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

static bool is_inside(double low, double high, const char *text)
{
    double v = strtod(text, NULL);
    return low <= v && v <= high;
}

/* With more digits where so few would leave the interval. */
static void write_inside(double low, double high, double v, int digits, char ret[40])
{
    for (; digits <= MOST_DIGITS; digits++) {
        snprintf(ret, 40, "%.*g", digits, v);
        if (is_inside(low, high, ret))
            return;
    }
    snprintf(ret, 40, "%.*g", MOST_DIGITS, fmin(fmax(v, low), high));
}

static void draw_uniform(double low, double high, double u, int digits, char ret[40])
{
    bool wide = isinf(high - low);
    write_inside(low, high, wide ? (1 - u) * low + u * high : low + u * (high - low), digits, ret);
}
static void draw_log_uniform(double low, double high, double u, int digits, char ret[40])
{
    bool wide = isinf(high / low);
    double from = math_log(low), v = wide ? math_exp(from + u * (math_log(high) - from))
                                          : low * math_exp(u * math_log(high / low));
    write_inside(low, high, v, digits, ret);
}
/* 1 - x is log-uniform: momentum 0.9, 0.99 and 0.999 are as far apart as lr 0.1, 0.01 and 0.001. */
static void draw_reverse_log_uniform(double low, double high, double u, int digits, char ret[40])
{
    double v = (1 - low) * math_exp(u * math_log((1 - high) / (1 - low)));
    for (; digits <= MOST_DIGITS; digits++) {
        char rest[40];
        snprintf(rest, sizeof rest, "%.*g", digits, v);
        snprintf(ret, 40, "%.*g", digits > 12 ? MOST_DIGITS : 12, 1 - strtod(rest, NULL));
        if (is_inside(low, high, ret))
            return;
    }
    write_inside(low, high, 1 - v, MOST_DIGITS, ret);
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

static bool is_distribution(const char *name)
{
    for (size_t i = 0; i < sizeof distribution_names / sizeof distribution_names[0]; i++)
        if (strcmp(distribution_names[i], name) == 0)
            return true;
    return false;
}

/* Other programs call it "uniform_int", "int_uniform", "randint". */
static const char *near_distribution(const char *name)
{
    if (strstr(name, "int"))
        return strstr(name, "log") ? "log_int" : "int";
    return suggest(name, distribution_names,
                   sizeof distribution_names / sizeof distribution_names[0]);
}

static bool no_distribution(struct axes_reader *r, const struct node *n)
{
    const char *near = near_distribution(n->key[0]);
    diags_add(r->d, n->key_place[0], near ? arena_printf(r->a, "did you mean '%s'?", near) : NULL,
              "there is no distribution '%s'; there are uniform, log_uniform, reverse_log_uniform, "
              "int, log_int and choice",
              n->key[0]);
    r->ok = false;
    return false;
}

static bool read_drawn(struct axes_reader *r, const char *path, const struct node *n,
                       struct drawn *ret)
{
    size_t known = sizeof distributions / sizeof distributions[0];
    if (n->kind != NODE_MAP || n->n != 1) {
        AXES_FAIL(r, n->place, "'%s' must be one distribution, such as {log_uniform: [1e-4, 1]}",
                  path);
        return false;
    }
    ret->args = n->item[0];
    for (size_t i = 0; i < known; i++)
        if (strcmp(distributions[i].name, n->key[0]) == 0)
            ret->kind = &distributions[i];
    if (!ret->kind && strcmp(n->key[0], "choice") != 0)
        return no_distribution(r, n);
    const struct node *args = ret->args;
    if (!ret->kind) {
        if (args->kind == NODE_LIST && args->n > 0)
            return true;
        AXES_FAIL(r, args->place, "'choice' takes a list of values");
        return false;
    }
    bool two = args->kind == NODE_LIST && args->n == 2 && args->item[0]->kind == NODE_SCALAR &&
               args->item[1]->kind == NODE_SCALAR && node_as_real(args->item[0], &ret->low) &&
               node_as_real(args->item[1], &ret->high) && isfinite(ret->low) && isfinite(ret->high);
    if (two && ret->kind->is_sound(ret->low, ret->high))
        return true;
    AXES_FAIL(r, args->place, "'%s' takes [low, high]: %s", ret->kind->name, ret->kind->rule);
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

static void set_number(struct axes_reader *r, const struct drawn *w, const char *text,
                       struct sweep_setting *ret)
{
    struct node *value = arena_alloc(r->a, sizeof *value);
    *value = (struct node){
        .kind = NODE_SCALAR, .place = w->args->place, .text = arena_strdup(r->a, text)};
    ret->value = value;
    ret->label = sweep_canonical(r->a, value);
}

/* One trial's values, each from a stream that is a function of (seed, trial, which key): more
 * trials leave the earlier ones as they were. */
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

static void draw_trial(struct axes_reader *r, const struct drawn *w, size_t n, struct trial *t)
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
static bool tell_apart(struct axes_reader *r, const struct drawn *w, size_t n, struct trial *t,
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
static void set_trial(struct axes_reader *r, const struct drawn *w, size_t n, uint64_t number,
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
static void take_next(struct axes_reader *r, const struct drawn *w, size_t n, double all,
                      struct trial *t, struct sweep_seen *seen)
{
    uint64_t numbers = (uint64_t)all, number = rng_below(&t->rng[0], numbers);
    do {
        set_trial(r, w, n, number, t);
        number = (number + 1) % numbers;
    } while (!sweep_seen_add(seen, t->v));
}

/* Draws again until it is no earlier trial's setting; false where none is found. */
static bool draw_new(struct axes_reader *r, const struct drawn *w, size_t n, double all,
                     struct trial *t, struct sweep_seen *seen)
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

static void draw_all(struct axes_reader *r, const struct random_section *c, const struct drawn *w,
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
        const char *s = trials == 1 ? "" : "s";
        log_info("sweep.random: the space has %zu setting%s: %zu trial%s, not %lld", trials, s,
                 trials, s, (long long)c->trials);
    }
    struct sweep_factor *f = axes_add_factor(r, trials);
    struct sweep_seen *seen = sweep_seen_new(r->a, trials, n);
    struct trial t = {.rng = arena_alloc(r->a, n * sizeof *t.rng),
                      .u = arena_alloc(r->a, n * sizeof *t.u)};
    for (size_t k = 0; k < trials; k++) {
        t.v = arena_alloc(r->a, n * sizeof *t.v);
        begin_trial((uint64_t)c->seed, k, n, &t);
        if (!draw_new(r, w, n, all, &t, seen)) {
            AXES_FAIL(r, c->space->place, "this space is too narrow for %zu different trials",
                      trials);
            return;
        }
        f->v[k] = (struct sweep_choice){.n = n, .v = t.v, .place = c->space->place};
        for (size_t i = 0; i < n; i++)
            r->s->key[w[i].key].varies |= k > 0 && strcmp(t.v[i].label, f->v[0].v[i].label) != 0;
    }
}

/* ---- the space ---- */

struct space {
    struct axes_reader *r;
    struct drawn *drawn;
    size_t n, room, first_key;
};

static void add_drawn(struct space *x, const char *path, struct place at, const struct node *n)
{
    struct axes_reader *r = x->r;
    for (size_t i = 0; i < x->n; i++)
        if (strcmp(r->s->key[x->drawn[i].key].path, path) == 0)
            AXES_FAIL(r, at, "'%s' is drawn twice", path);
    x->drawn = arena_room(r->a, x->drawn, x->n, &x->room, sizeof *x->drawn);
    struct drawn *w = &x->drawn[x->n++];
    *w = (struct drawn){.at = at, .key = axes_add_key(r, path, at, x->first_key)};
    if (!read_drawn(r, path, n, w) || w->kind)
        return;
    w->label = arena_alloc(r->a, w->args->n * sizeof *w->label);
    sweep_labels(r->a, (const struct node *const *)w->args->item, w->args->n, w->label);
}

/* A mapping of mappings is a section with keys of its own: so the command line names them. */
static bool is_section(const struct node *n)
{
    return n->kind == NODE_MAP && n->n > 0 && n->item[0]->kind == NODE_MAP &&
           !is_distribution(n->key[0]);
}

static void read_space(struct space *x, const struct node *n, const char *prefix)
{
    for (size_t i = 0; i < n->n; i++) {
        const char *path = arena_printf(x->r->a, "%s%s%s", prefix, prefix[0] ? "." : "", n->key[i]);
        if (is_section(n->item[i]))
            read_space(x, n->item[i], path);
        else
            add_drawn(x, path, n->key_place[i], n->item[i]);
    }
}

void axes_read_random(struct axes_reader *r, const struct node *section)
{
    struct random_section c = {0};
    struct binder b = {.arena = r->a, .diags = r->d};
    if (section->kind != NODE_MAP)
        AXES_FAIL(r, section->place, "'random' must be a mapping {trials, seed, space}");
    else if (!bind_table(&b, axes_random_params, section, section->place, "'random'", &c))
        r->ok = false;
    else if (!c.space || c.space->kind != NODE_MAP || c.space->n == 0)
        AXES_FAIL(r, c.space ? c.space->place : section->place,
                  "'space' must be a mapping of keys to distributions");
    if (!r->ok || !c.space)
        return;
    struct space x = {.r = r, .first_key = r->s->keys};
    read_space(&x, c.space, "");
    if (r->ok)
        draw_all(r, &c, x.drawn, x.n);
}
