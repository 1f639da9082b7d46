/* Groups of tensors with a learning rate and a weight decay of their own, as factors. */
#include "config/diag.h"
#include "num/tensor.h"
#include "optim/optim.h"
#include "util/mem.h"
#include <string.h>

/* ---- which tensors ---- */

static bool is_weight(const struct optim_tensor *t)
{
    return tensor_is_matrix(t->role);
}
static bool is_bias(const struct optim_tensor *t)
{
    return t->role == TENSOR_BIAS;
}
static bool is_norm(const struct optim_tensor *t)
{
    return t->role == TENSOR_NORM;
}
static bool is_output(const struct optim_tensor *t)
{
    return t->role == TENSOR_OUTPUT;
}

static const struct {
    const char *word;
    bool (*matches)(const struct optim_tensor *t);
} roles[] = {{"weight", is_weight}, {"bias", is_bias}, {"norm", is_norm}, {"output", is_output}};
enum { ROLES = sizeof roles / sizeof roles[0] };
#define ROLE_WORDS "weight, bias, norm, output"

/* '*' is any text, dots too. */
static bool matches_name(const char *pattern, const char *name)
{
    const char *star = NULL, *resume = NULL;
    while (*name)
        if (*pattern == '*') {
            star = pattern++;
            resume = name;
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (star) { /* the star takes one more */
            pattern = star + 1;
            name = ++resume;
        } else {
            return false;
        }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

/* A role, a kind of layer, whose tensors are meant, or a name. */
static bool matches(const char *word, const struct optim_tensor *t)
{
    for (size_t i = 0; i < ROLES; i++)
        if (strcmp(word, roles[i].word) == 0)
            return roles[i].matches(t);
    return (t->layer && strcmp(t->layer, word) == 0) || matches_name(word, t->name);
}

static const struct optim_groups *groups_of(const struct chosen *config)
{
    return &optim_common(config->options)->groups;
}

const struct optim_group *optim_find_group(const struct chosen *config,
                                           const struct optim_tensor *t)
{
    const struct optim_groups *g = groups_of(config);
    for (size_t i = 0; i < g->n; i++)
        for (size_t k = 0; k < g->v[i].n; k++)
            if (matches(g->v[i].tensor[k], t))
                return &g->v[i];
    return NULL;
}

/* How many of the tensors the word matches, and how many of those are this entry's: each belongs to
 * the first entry that has it. */
static size_t count_matches(const struct chosen *config, const struct optim_group *entry,
                            const char *word, const struct optim_tensor *tensors, size_t count,
                            size_t *ret_own)
{
    size_t found = 0;
    *ret_own = 0;
    for (size_t t = 0; t < count; t++) {
        bool is = matches(word, &tensors[t]);
        found += is;
        *ret_own += is && optim_find_group(config, &tensors[t]) == entry;
    }
    return found;
}

/* The role, kind of layer or name of a tensor that is meant by a word that matches none; NULL:
 * nothing is near. */
static const char *nearest(struct arena *a, const char *word, const struct optim_tensor *tensors,
                           size_t count)
{
    const char **name = arena_alloc(a, (ROLES + 2 * count) * sizeof *name);
    size_t n = 0;
    for (size_t i = 0; i < ROLES; i++)
        for (size_t t = 0; t < count; t++)
            if (matches(roles[i].word, &tensors[t])) {
                name[n++] = roles[i].word;
                break;
            }
    for (size_t t = 0; t < count; t++) {
        name[n++] = tensors[t].name;
        if (tensors[t].layer)
            name[n++] = tensors[t].layer;
    }
    return suggest(word, name, n);
}

static void tell_of_none(const char *word, const struct optim_tensor *tensors, size_t count,
                         struct error *err)
{
    struct arena a;
    arena_init(&a);
    const char *near = nearest(&a, word, tensors, count);
    if (near)
        error_set(err, ERR_USAGE, "'%s' matches no tensor of this model; did you mean '%s'?", word,
                  near);
    else
        error_set(err, ERR_USAGE,
                  "'%s' matches no tensor of this model: give one of " ROLE_WORDS
                  ", a kind of layer such as linear, or a name such as '%s' ('*' is any text)",
                  word, count > 0 ? tensors[0].name : "0.weight");
    arena_fini(&a);
}

static bool check_words(const struct chosen *config, size_t i, const struct optim_tensor *tensors,
                        size_t count, struct error *err)
{
    const struct optim_group *entry = &groups_of(config)->v[i];
    for (size_t k = 0; k < entry->n; k++) {
        size_t own, found = count_matches(config, entry, entry->tensor[k], tensors, count, &own);
        if (own > 0)
            continue;
        if (found > 0)
            error_set(
                err, ERR_USAGE,
                "every tensor that '%s' matches belongs to an earlier entry of 'groups': this "
                "one has no effect",
                entry->tensor[k]);
        else
            tell_of_none(entry->tensor[k], tensors, count, err);
        return error_blame(err, "optimizer.groups.%zu.tensors", i);
    }
    return true;
}

/* Whether some tensor is left whose learning rate no entry makes 0. */
static bool moves_one(const struct chosen *config, const struct optim_tensor *tensors, size_t count)
{
    for (size_t t = 0; t < count; t++) {
        const struct optim_group *g = optim_find_group(config, &tensors[t]);
        if (!g || g->lr > 0)
            return true;
    }
    return count == 0;
}

bool optim_check_groups(const struct chosen *config, const struct optim_tensor *tensors,
                        size_t count, struct error *err)
{
    const struct optim_groups *g = groups_of(config);
    bool decays = false;
    for (const struct param *p = config->kind->params; p && p->name; p++)
        decays |= p->role == PARAM_ROLE_DECAY;
    for (size_t i = 0; i < g->n; i++) {
        if (!decays && (g->v[i].weight_decay < 1 || g->v[i].weight_decay > 1))
            return error_set(err, ERR_USAGE, "%s has no weight decay of which this is a factor",
                             config->kind->name) ||
                   error_blame(err, "optimizer.groups.%zu.weight_decay", i);
        if (!check_words(config, i, tensors, count, err))
            return false;
    }
    return moves_one(config, tensors, count) ||
           error_set_key(err, ERR_USAGE, "optimizer.groups",
                         "'groups' make the lr of every tensor 0: nothing would be trained");
}

/* ---- the key ---- */

static bool read_tensors(struct binder *b, const struct param *p, const struct node *value,
                         void *field)
{
    const struct node *const self[] = {value};
    bool list = value->kind == NODE_LIST;
    size_t n = list ? value->n : 1;
    struct optim_group *g = field;
    g->n = n;
    g->tensor = arena_alloc(b->arena, (n + 1) * sizeof *g->tensor);
    for (size_t i = 0; i < n; i++) {
        const struct node *item = list ? value->item[i] : self[i];
        if (item->kind != NODE_SCALAR || node_is_null(item) || !*item->text)
            return diags_add(b->diags, item->place, NULL, "'%s' must be %s", p->name, p->shape);
        g->tensor[i] = arena_strdup(b->arena, item->text);
    }
    return n > 0 || diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
}

static void write_tensors(const void *field, struct strbuf *out)
{
    const struct optim_group *g = field;
    strbuf_add(out, "[");
    for (size_t i = 0; i < g->n; i++) {
        strbuf_add(out, i > 0 ? ", " : "");
        write_text(out, g->tensor[i]);
    }
    strbuf_add(out, "]");
}

const struct param optim_group_params[] = {
    {.name = "tensors",
     .type = PARAM_CUSTOM,
     .offset = offsetof(struct optim_group, n), /* and `tensor` behind it */
     .read = read_tensors,
     .write = write_tensors,
     .shape = "a list of roles (" ROLE_WORDS
              "), kinds of layers (such as conv) or names, in which * is any text",
     .json =
         "\"anyOf\": [{\"type\": \"string\"}, {\"type\": \"array\", \"minItems\": 1, \"items\": "
         "{\"type\": \"string\"}}]",
     .help = "which tensors"},
    P_REAL(struct optim_group, lr, "1", AT_LEAST(0), "factor of their learning rate"),
    P_REAL(struct optim_group, weight_decay, "1", AT_LEAST(0), "factor of their weight decay"),
    P_END};

bool optim_read_groups(struct binder *b, const struct param *p, const struct node *value,
                       void *field)
{
    const struct node *const self[] = {value};
    struct optim_groups *g = field;
    bool list = value->kind == NODE_LIST, ok = true;
    g->n = list ? value->n : 1;
    g->v = arena_alloc(b->arena, (g->n + 1) * sizeof *g->v);
    for (size_t i = 0; i < g->n; i++) {
        const struct node *item = list ? value->item[i] : self[i];
        ok &= item->kind == NODE_MAP
                  ? bind_table(b, optim_group_params, item, item->place, "an entry of 'groups'",
                               &g->v[i])
                  : diags_add(b->diags, item->place, NULL, "'%s' must be %s", p->name, p->shape);
    }
    return ok;
}

void optim_write_groups(const void *field, struct strbuf *out)
{
    const struct optim_groups *g = field;
    strbuf_add(out, "[");
    for (size_t i = 0; i < g->n; i++) {
        strbuf_add(out, i > 0 ? ", {" : "{");
        for (const struct param *p = optim_group_params; p->name; p++) {
            strbuf_addf(out, "%s%s: ", p == optim_group_params ? "" : ", ", p->name);
            write_value(out, p, (const char *)&g->v[i] + p->offset);
        }
        strbuf_add(out, "}");
    }
    strbuf_add(out, "]");
}
