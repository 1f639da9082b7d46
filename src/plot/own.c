/* Figures of one run, as it draws them of itself. */
#include "plot/plot.h"
#include <string.h>

const struct collected_run *plot_only_run(const struct plot_kind *kind, const struct collection *c,
                                          struct error *err)
{
    if (c->runs == 1)
        return &c->run[0];
    error_set(err, ERR_USAGE, "a figure of kind '%s' is of one run, not of %zu; '--where' chooses",
              kind->name, c->runs);
    return NULL;
}

struct choice {
    const struct plot_options *o;
    plot_handler *take;
    void *context;
};

static bool take_one(void *context, const char *name, const struct figure *f, struct error *err)
{
    struct choice *choice = context;
    if (strcmp(name, choice->o->kind->name) != 0)
        return true;
    struct figure own = *f;
    own.appearance = choice->o->appearance;
    return choice->take(choice->context, &own, err);
}

bool plot_own(struct arena *a, const struct collection *c, const struct plot_options *o,
              plot_handler *take, void *context, struct error *err)
{
    const struct collected_run *r = plot_only_run(o->kind, c, err);
    struct choice choice = {o, take, context};
    struct spec spec;
    return r && run_read_spec(a, r->folder, &spec, err) &&
           run_figures(&spec, r->folder, take_one, &choice, err);
}
