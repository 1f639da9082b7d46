/* Members that differ in what cannot change the result are one run. */
#include "sweep/internal.h"
#include <string.h>

static bool same_seed(const struct sweep *s, const struct sweep_member *a,
                      const struct sweep_member *b)
{
    for (size_t k = 0; k < s->keys; k++)
        if (s->key[k].is_seed &&
            strcmp(a->value[k] ? a->value[k] : "", b->value[k] ? b->value[k] : "") != 0)
            return false;
    return true;
}

/* Each is held against those of its own group alone, of which `last` begins the list. */
bool *sweep_find_copies(const struct sweep *s, const struct sweep_state *states)
{
    bool *copy = mem_array(s->members + 1, sizeof *copy), any = false;
    for (size_t k = 0; k < s->keys; k++)
        any |= !s->key[k].is_seed && !sweep_key_groups(&s->key[k]);
    if (!any)
        return copy;
    size_t *last = mem_array(s->groups + 1, sizeof *last),
           *before = mem_array(s->members + 1, sizeof *before); /* members from 1; 0 ends */
    for (size_t i = 0; i < s->members; i++) {
        size_t *head = &last[s->member[i].group], j = *head;
        while (j > 0 && (copy[j - 1] || !same_seed(s, &s->member[i], &s->member[j - 1])))
            j = before[j - 1];
        bool better = j > 0 && states[i].run.status == STATUS_COMPLETED &&
                      states[j - 1].run.status != STATUS_COMPLETED;
        if (j > 0)
            copy[better ? j - 1 : i] = true;
        before[i] = *head;
        *head = i + 1;
    }
    mem_free(last);
    mem_free(before);
    return copy;
}
