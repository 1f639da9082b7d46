/* What counts as the same run: overlapping sweeps, copied folders, an axis that changes nothing. */
#include "study/collect.h"
#include "util/hash.h"
#include <stdlib.h>
#include <string.h>

struct identity {
    const struct collection *c;
    const bool *matters; /* of each key */
    uint64_t print;
    size_t run;
};

static bool has_same_settings(const struct collection *c, const bool *matters, size_t one,
                              size_t other)
{
    for (size_t k = 0; k < c->keys; k++)
        if (matters[k] && c->run[one].value[k] != c->run[other].value[k])
            return false;
    return true;
}

static bool is_same(const struct collection *c, const bool *matters, size_t one, size_t other)
{
    if (c->run[one].extended != c->run[other].extended)
        return false; /* made longer or shorter on the way: another run than one asked for at once */
    const char *init = c->run[one].init, *its = c->run[other].init;
    if ((init && its) ? strcmp(init, its) != 0 : init != its)
        return false; /* a file of the same name */
    return has_same_settings(c, matters, one, other);
}

/* Equal values are one object: what is told apart by addresses may stand in any order. */
static uint64_t print_of(const struct collection *c, const bool *matters, size_t run)
{
    uint64_t h = hash_of_nothing;
    for (size_t k = 0; k < c->keys; k++)
        if (matters[k])
            h = hash_add(h, (uint64_t)(uintptr_t)c->run[run].value[k]);
    return h;
}

static int by_print(const void *a, const void *b)
{
    const struct identity *x = a, *y = b;
    int order = (x->print > y->print) - (x->print < y->print);
    return order ? order : (x->run > y->run) - (x->run < y->run);
}

static bool *find_what_matters(struct arena *a, const struct collection *c,
                               const char *const *apart, size_t n, size_t *ret_data)
{
    bool *matters = arena_alloc(a, (c->keys + 1) * sizeof *matters);
    *ret_data = c->keys;
    for (size_t k = 0; k < c->keys; k++) {
        matters[k] = !spec_keeps_result(c->key[k]);
        *ret_data = strcmp(c->key[k], COLLECT_DATA) == 0 ? k : *ret_data;
    }
    for (size_t i = 0; i < n; i++) {
        size_t at;
        struct error err;
        if (collect_find_key(c, apart[i], &at, &err))
            matters[at] = true;
    }
    return matters;
}

/* leader[i]: the first run that is the same as run i. */
static void find_leaders(const struct collection *c, const bool *matters, size_t data,
                         size_t *leader)
{
    struct identity *v = mem_array(c->runs + 1, sizeof *v);
    for (size_t i = 0; i < c->runs; i++) {
        v[i] = (struct identity){c, matters, print_of(c, matters, i), i};
        leader[i] = i;
    }
    if (c->runs > 1)
        qsort(v, c->runs, sizeof *v, by_print);
    for (size_t from = 0, to; from < c->runs; from = to)
        for (to = from + 1; to < c->runs && v[to].print == v[from].print; to++)
            for (size_t i = from; i < to; i++)
                if (c->run[v[to].run].value[data] && leader[v[i].run] == v[i].run &&
                    is_same(c, matters, v[i].run, v[to].run)) {
                    leader[v[to].run] = v[i].run;
                    break;
                }
    mem_free(v);
}

static bool has_ended(const struct collected_run *r)
{
    return r->status == STATUS_COMPLETED || r->status == STATUS_DIVERGED;
}

/* Whether r is to stay in place of an equal one before it. */
static bool tells_more(const struct collected_run *r, const struct collected_run *than)
{
    if (has_ended(r) != has_ended(than))
        return has_ended(r);
    return has_ended(r) && than->best_epoch < 0 && r->best_epoch >= 0;
}

static struct collected_copy copy_of(const struct collected_run *r, const struct collected_run *of)
{
    return (struct collected_copy){
        .folder = r->folder,
        .of = of->folder,
        .differs = r->weights && of->weights && strcmp(r->weights, of->weights) != 0,
        .other_best = r->best_epoch >= 0 && of->best_epoch >= 0 && r->best_epoch != of->best_epoch};
}

void collect_once(struct arena *a, struct collection *c, const char *const *apart, size_t n)
{
    size_t data, kept = 0, *leader = arena_alloc(a, (c->runs + 1) * sizeof *leader),
                 *stays = arena_alloc(a, (c->runs + 1) * sizeof *stays);
    const bool *matters = find_what_matters(a, c, apart, n, &data);
    c->apart = apart;
    c->n_apart = n;
    if (data == c->keys)
        return; /* none has read its data yet */
    find_leaders(c, matters, data, leader);
    for (size_t i = 0; i < c->runs; i++) {
        size_t *best = &stays[leader[i]];
        if (leader[i] == i || tells_more(&c->run[i], &c->run[*best]))
            *best = i;
    }
    struct collected_run *run = arena_alloc(a, (c->runs + 1) * sizeof *run);
    struct collected_copy *copy = arena_alloc(a, (c->runs + 1) * sizeof *copy);
    c->copies = 0;
    for (size_t i = 0; i < c->runs; i++) {
        const struct collected_run *of = &c->run[stays[leader[i]]], *r = &c->run[i];
        if (of == r)
            run[kept++] = *r;
        else
            copy[c->copies++] = copy_of(r, of);
    }
    c->run = run;
    c->runs = kept;
    c->copy = copy;
}

const char *collect_copies_text(struct arena *a, const struct collection *c)
{
    size_t differ = 0, best = 0;
    const struct collected_copy *shown = c->copy;
    for (size_t i = 0; i < c->copies; i++) {
        shown = c->copy[i].differs && differ == 0 ? &c->copy[i] : shown;
        differ += c->copy[i].differs;
        best += c->copy[i].other_best;
    }
    if (c->copies == 0)
        return NULL;
    const char *text = arena_printf(
        a, "%zu run%s left out, the same as %s: %s is %s", c->copies, c->copies == 1 ? "" : "s",
        c->copies == 1 ? "another" : "others, for example", shown->folder, shown->of);
    if (differ == 0 && best > 0)
        return arena_printf(a, "%s; %zu had another best epoch, as checkpoint.best differs", text,
                            best);
    if (differ == 0)
        return text;
    return differ == c->copies
               ? arena_printf(a, "%s, but the final weights differ", text)
               : arena_printf(a, "%s, but the final weights of %zu differ", text, differ);
}

/* By what tells them, so that runs of the same settings are side by side. */
static size_t sort_by_print(const struct collection *c, const bool *matters, size_t data,
                            struct identity *ret)
{
    size_t n = 0;
    for (size_t i = 0; i < c->runs; i++)
        if (c->run[i].value[data] && has_ended(&c->run[i]))
            ret[n++] = (struct identity){c, matters, print_of(c, matters, i), i};
    if (n > 1)
        qsort(ret, n, sizeof *ret, by_print);
    return n;
}

/* What no key shows. */
static const char *difference_of(const struct collected_run *one, const struct collected_run *other)
{
    bool other_length = one->extended != other->extended;
    const char *init = one->init ? one->init : "", *its = other->init ? other->init : "";
    if (other_length && strcmp(init, its) != 0)
        return "the length that they began with and the content of init_from";
    return other_length ? "the length that they began with" : "the content of init_from";
}

const char *collect_twins_text(struct arena *a, const struct collection *c)
{
    size_t data, twins = 0, one = 0, other = c->runs;
    const bool *matters = find_what_matters(a, c, c->apart, c->n_apart, &data);
    struct identity *v = arena_alloc(a, (c->runs + 1) * sizeof *v);
    size_t n = data < c->keys ? sort_by_print(c, matters, data, v) : 0;
    for (size_t i = 1; i < n; i++) {
        if (v[i].print != v[i - 1].print || !has_same_settings(c, matters, v[i - 1].run, v[i].run))
            continue;
        twins++;
        if (v[i].run < other) { /* the first as collected */
            one = v[i - 1].run;
            other = v[i].run;
        }
    }
    if (twins == 0)
        return NULL;
    return arena_printf(
        a,
        "%zu run%s the settings and the seed of another: %s and %s differ in %s alone; a ± over both is over one seed",
        twins, twins == 1 ? " has" : "s have", c->run[one].folder, c->run[other].folder,
        difference_of(&c->run[one], &c->run[other]));
}
