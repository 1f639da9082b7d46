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

bool held_out_drawn(const struct collection *c, const struct collected_run *r)
{
    return !is_text(value_of(c, r, "dataset.validation_split"), "tail") &&
           !is_text(value_of(c, r, "dataset.validation"), "0");
}

bool held_out_has_seed(const struct collection *c, const struct collected_run *r)
{
    return is_number(value_of(c, r, "dataset.split_seed"));
}

bool held_out_same_draw(const struct collection *c, const struct collected_run *x,
                        const struct collected_run *y)
{
    const struct collected_run *run[] = {x, y};
    double seed[2];
    if (!held_out_drawn(c, x) || !held_out_drawn(c, y))
        return true;
    for (int i = 0; i < 2; i++)
        seed[i] = held_out_has_seed(c, run[i]) ? value_of(c, run[i], "dataset.split_seed")->number
                                               : (double)run[i]->seed;
    return !(seed[0] < seed[1] || seed[0] > seed[1]);
}

bool held_out_same_fold(const struct collection *c, const struct collected_run *x,
                        const struct collected_run *y)
{
    return value_of(c, x, "dataset.fold") == value_of(c, y, "dataset.fold");
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
