/* Which images runs hold out, and how many. */
#include "study/comparison.h"
#include <string.h>

static const struct collected_value *value_of(const struct collection *c,
                                              const struct collected_run *r, const char *key)
{
    size_t k = collect_key_index(c, key);
    return k < c->keys ? r->value[k] : NULL;
}

static bool is_number(const struct collected_value *v)
{
    return v && v->type == EXPR_NUMBER;
}

static bool is_text(const struct collected_value *v, const char *text)
{
    return v && strcmp(v->text, text) == 0;
}

struct held_out held_out_of(const struct collection *c, const struct collected_run *r)
{
    const struct collected_value *seed = value_of(c, r, "dataset.split_seed");
    struct held_out h = {.fold = value_of(c, r, "dataset.fold"),
                         .drawn = !is_text(value_of(c, r, "dataset.validation_split"), "tail") &&
                                  !is_text(value_of(c, r, "dataset.validation"), "0"),
                         .own_seed = is_number(seed)};
    h.seed = h.own_seed ? seed->number : (double)r->seed;
    return h;
}

bool held_out_same_draw(const struct held_out *x, const struct held_out *y)
{
    return !x->drawn || !y->drawn || !(x->seed < y->seed || x->seed > y->seed);
}

double held_out_ratio(const struct collection *c, const struct collected_run *r)
{
    const struct collected_value *folds = value_of(c, r, "dataset.folds"),
                                 *held = value_of(c, r, "dataset.validation");
    if (is_number(folds))
        return 1 / (folds->number - 1);
    if (is_number(held) && held->number > 0 && held->number < 1)
        return held->number / (1 - held->number);
    if (is_number(value_of(c, r, "dataset.train_limit")) || r->trained == 0 || r->held_out == 0)
        return (double)NAN;
    return (double)r->held_out / (double)r->trained;
}
