/* What every step of a run needs: paths in its folder, and a training to put a state into. */
#include "run/internal.h"

const char *run_path(struct run *r, const char *name)
{
    return arena_printf(&r->arena, "%s/%s", r->folder, name);
}

bool run_train_again(struct run *r, bool to_load, struct error *err)
{
    train_free(r->train);
    r->train = NULL;
    r->blank = to_load;
    return to_load ? train_new_to_load(r->spec, r->data, &r->train, err)
                   : train_new(r->spec, r->data, &r->train, err);
}
