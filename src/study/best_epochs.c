/* By what the epochs were chosen that "best" figures are of. */
#include "study/collect.h"
#include <string.h>

/* NULL: the run has no best epoch. */
static const char *chooser_of(const struct collection *c, size_t key, const struct collected_run *r)
{
    const struct collected_value *v = key < c->keys ? r->value[key] : NULL;
    return r->best_epoch >= 0 && v ? v->text : NULL;
}

const char *collect_best_text(struct arena *a, const struct collection *c)
{
    size_t key = collect_key_index(c, "checkpoint.best");
    const struct collected_run *first = NULL;
    const char *one = NULL;
    for (size_t i = 0; i < c->runs; i++) {
        const char *by = chooser_of(c, key, &c->run[i]);
        if (!by)
            continue;
        if (one && strcmp(one, by) != 0)
            return arena_printf(a,
                                "best figures are of epochs chosen in several ways, which do not "
                                "compare: checkpoint.best is %s in %s and %s in %s",
                                one, first->folder, by, c->run[i].folder);
        first = one ? first : &c->run[i];
        one = by;
    }
    return one && strcmp(one, metric_names[METRIC_VALID_ACCURACY]) != 0
               ? arena_printf(a, "best figures are of the epoch with the best %s (checkpoint.best)",
                              one)
               : NULL;
}
