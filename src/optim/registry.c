/* The registry, from the words in this folder's meson.build, and the keys that every optimizer
 * has. */
#include "optim/optim.h"
#include <string.h>

#define KIND(name) extern const struct optim_kind optim_##name;
#include "optim/list.inc"
#undef KIND

#define KIND(name) &optim_##name.base,
static const struct kind *const kinds[] = {
#include "optim/list.inc"
    NULL};
#undef KIND

const char *const optim_roles[] = {"bias", "norm", NULL};
const char *const optim_family_names[OPTIM_FAMILIES] = {
    [OPTIM_LECTURE] = "lecture",
    [OPTIM_ADAPTIVE] = "adaptive",
    [OPTIM_NO_LR] = "no learning rate",
    [OPTIM_SECOND_ORDER] = "second order",
    [OPTIM_SIGN] = "sign",
    [OPTIM_AVERAGING] = "averaging",
    [OPTIM_OWN] = "your own",
};

bool optim_always(const void *options)
{
    (void)options;
    return true;
}

/* ---- lookahead: null, or a mapping ---- */

static const struct param lookahead_params[] = {
    P_INT(struct optim_lookahead, steps, "5", FROM_TO(1, 1e9),
          "updates between two steps of the slow weights", .unit = "updates"),
    P_REAL(struct optim_lookahead, alpha, "0.5", ABOVE_TO(0, 1),
           "how far the slow weights step towards the fast ones"),
    P_END};

static bool read_lookahead(struct binder *b, const struct param *p, const struct node *value,
                           void *field)
{
    struct optim_lookahead *l = field;
    l->on = false;
    if (node_is_null(value))
        return true;
    if (value->kind != NODE_MAP)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    l->on = true;
    return bind_table(b, lookahead_params, value, value->place, "'lookahead'", l);
}

static void write_lookahead(const void *field, struct strbuf *out)
{
    const struct optim_lookahead *l = field;
    if (!l->on) {
        strbuf_add(out, "null");
        return;
    }
    strbuf_addf(out, "{steps: %lld, alpha: ", (long long)l->steps);
    strbuf_add_real(out, l->alpha);
    strbuf_add(out, "}");
}

/* ---- the keys of all ---- */

#define FIELD(f) offsetof(struct optim_common, f)

static const struct param common[] = {
    {.name = "groups",
     .type = PARAM_CUSTOM,
     .offset = FIELD(groups),
     .fallback = "[]",
     .table = optim_group_params,
     .listable = true,
     .read = optim_read_groups,
     .write = optim_write_groups,
     .shape = "a list of {tensors: [...], lr: FACTOR, weight_decay: FACTOR}",
     .help = "factors on lr and weight decay of some tensors; the first entry that matches counts, "
             "decay_exempt wins, schedules multiply on top"},
    {.name = "lookahead",
     .type = PARAM_CUSTOM,
     .offset = FIELD(lookahead),
     .fallback = "null",
     .nullable = true,
     .read = read_lookahead,
     .write = write_lookahead,
     .shape = "null, or a mapping {steps: 5, alpha: 0.5}",
     .table = lookahead_params,
     .help =
         "slow weights that follow the fast ones (Zhang et al. 2019, arXiv:1907.08610); not of those that average their "
         "weights (asgd, schedule_free_*); moments and sums count the fast steps, and stay"},
    {.name = "cautious",
     .type = PARAM_BOOL,
     .offset = FIELD(cautious),
     .fallback = "false",
     .help =
         "move only weights whose step and gradient agree (Liang et al. 2024, "
         "arXiv:2411.16085); the step is scaled by n / (k + 1), k of a tensor's n weights moving; needs a momentum of gradients; "
         "decoupled decay, trust ratios and estimates of a learning rate stay those of the whole step"},
    P_END};

static bool has_slot(const struct optim_kind *o, const void *options, const char *name)
{
    const struct optim_slot *s = o->slots_of ? o->slots_of(options) : o->slots;
    while (s->name && strcmp(s->name, name) != 0)
        s++;
    return s->name != NULL;
}

static const char *check_cautious(const struct optim_kind *o, const void *options)
{
    const struct param *p = kind_param_of_role(&optim_registry, &o->base, PARAM_ROLE_MOMENTUM);
    if (o->cautious == CAUTIOUS_NEVER)
        return p ? "cautious masks a momentum of gradients, and its own is one of weights: leave out "
                   "cautious"
                 : "cautious masks a momentum's step, and it has no momentum: leave out cautious";
    if (o->cautious == CAUTIOUS_CHANGE)
        return o->slots_of(options)->name
                   ? NULL
                   : "cautious needs a momentum: keep one under 'state', such as {m: 0}";
    bool some = *(const double *)(const void *)((const char *)options + p->offset) > 0;
    return some ? NULL : "cautious needs momentum > 0";
}

static const char *check(const struct kind *k, const void *options, const char **ret_key)
{
    const struct optim_kind *o = (const struct optim_kind *)k;
    const struct optim_common *c = optim_common(options);
    *ret_key = "lookahead";
    if (c->lookahead.on && o->evaluate_slot)
        return "its weights are an average already: leave out lookahead";
    if (c->lookahead.on && has_slot(o, options, "slow"))
        return "lookahead keeps a state of the name 'slow' too: rename yours";
    *ret_key = "cautious";
    return c->cautious ? check_cautious(o, options) : NULL;
}

const struct registry optim_registry = {
    .noun = "optimizer",
    .plural = "optimizers",
    .kinds = kinds,
    .common = common,
    .check = check,
};
