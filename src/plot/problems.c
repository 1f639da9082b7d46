/* Several problems: what each costs, and what tells them apart. */
#include "plot/problems.h"

bool plot_costs(struct plot *p, const struct collection *c, struct comparison_costs *ret,
                struct error *err)
{
    char seed[] = "seed", *by[] = {seed};
    struct comparison_options o = {.by = p->o->by,
                                   .n_by = p->o->n_by,
                                   .problem = by,
                                   .problems = 1,
                                   .asks = "--over",
                                   .cost = PROFILE_STEPS};
    if (p->o->metrics > 0)
        o.metric = measure_name(p->a, &p->o->metric[0]);
    if (p->o->has_target)
        o.target =
            arena_printf(p->a, "%s=%.17g", metric_names[p->o->target.metric], p->o->target.value);
    if (p->o->n_over > 0) {
        o.problem = p->o->over;
        o.problems = p->o->n_over;
    }
    return comparison_costs(p->a, c, &o, ret, err);
}

const char *plot_problems_label(const struct plot *p)
{
    struct strbuf b;
    strbuf_init(&b);
    for (size_t i = 0; i < p->o->n_over; i++)
        strbuf_addf(&b, "%s%s", i ? ", " : "", plot_key_label(p->a, p->o->over[i]));
    const char *label = p->o->n_over > 0 ? arena_strdup(p->a, b.text) : "seed";
    strbuf_fini(&b);
    return label;
}
