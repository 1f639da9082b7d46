/* The user's own optimizer: constants, what is kept per weight, and the update as equations in the
 * spec. The language is compiled in optim/equations; here stand its keys. */
#include "config/diag.h"
#include "optim/equations/program.h"
#include "optim/optim.h"
#include "util/decimal.h"
#include <string.h>

struct constants {
    size_t n;
    struct eq_constant *v;
    struct place *added;  /* where the command line added one; no source: it did not */
    const char **dropped; /* those without a value, ended by NULL */
    bool refused;         /* names, so that the update cannot be read */
};
struct states {
    size_t n;
    const char **name;
    double *first;       /* NAN: w's first value */
    struct place *place; /* where each is named */
    const char **dropped;
    bool refused; /* names, so that the update cannot be read */
};
struct update {
    const char *text;
    const struct eq_program *program;
    const struct optim_slot *slots; /* one a state, ended by a NULL name */
};
struct equations {
    struct optim_common common;
    double lr, momentum, weight_decay;
    uint32_t decay_exempt;
    struct constants with;
    struct states state;
    struct update update; /* reads the two before it */
};

/* ---- keys ---- */

/* A name that is null drops one of the spec that is extended. */
static bool is_dropped(const struct node *value)
{
    return value->kind == NODE_SCALAR && node_is_null(value);
}

/* The names that are dropped, ended by NULL. */
static const char **list_dropped(struct arena *a, const struct node *map)
{
    const char **ret = arena_alloc(a, (map->n + 1) * sizeof *ret);
    size_t n = 0;
    for (size_t i = 0; i < map->n; i++)
        if (is_dropped(map->item[i]))
            ret[n++] = arena_strdup(a, map->key[i]);
    ret[n] = NULL;
    return ret;
}

/* A mapping of names that mean nothing else yet. */
static bool read_names(struct binder *b, const struct param *p, const struct node *value,
                       const struct constants *others)
{
    bool ok = true;
    if (value->kind != NODE_MAP)
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", p->name, p->shape);
    for (size_t i = 0; i < value->n; i++) {
        const char *taken = eq_taken(value->key[i]);
        for (size_t k = 0; others && !taken && !is_dropped(value->item[i]) && k < others->n; k++)
            if (strcmp(others->v[k].name, value->key[i]) == 0)
                taken = "stands under 'with' too";
        if (taken)
            ok = diags_add(b->diags, value->key_place[i], NULL, "'%s' %s", value->key[i], taken);
    }
    return ok;
}

static bool read_number(struct binder *b, const struct node *value, const char *name,
                        const char *shape, double *ret)
{
    if (value->kind != NODE_SCALAR || !node_as_real(value, ret) || !isfinite(*ret))
        return diags_add(b->diags, value->place, NULL, "'%s' must be %s", name, shape);
    return !decimal_vanishes(value->text, *ret) ||
           diags_add(b->diags, value->place, NULL,
                     "'%s' is %s, which is too small: the least number above 0 is 4.9e-324", name,
                     value->text);
}

static bool read_with(struct binder *b, const struct param *p, const struct node *value,
                      void *field)
{
    static const struct place nowhere = {0};
    struct constants *c = field;
    *c = (struct constants){.refused = true};
    if (!read_names(b, p, value, NULL))
        return false;
    c->refused = false;
    bool ok = true;
    c->v = arena_alloc(b->arena, (value->n + 1) * sizeof *c->v);
    c->added = arena_alloc(b->arena, (value->n + 1) * sizeof *c->added);
    c->dropped = list_dropped(b->arena, value);
    for (size_t i = 0; i < value->n; i++) {
        const struct source *from = value->key_place[i].source;
        bool added = from && from != value->place.source && strcmp(from->path, "command line") == 0;
        if (is_dropped(value->item[i]))
            continue;
        c->added[c->n] = added ? value->key_place[i] : nowhere;
        c->v[c->n].name = arena_strdup(b->arena, value->key[i]);
        ok &= read_number(b, value->item[i], value->key[i], "a number", &c->v[c->n++].value);
    }
    return ok;
}

/* A state's first value: w, or what a float32 holds. */
static bool read_first(struct binder *b, const struct node *value, const char *name, double *ret)
{
    if (value->kind == NODE_SCALAR && strcmp(value->text, "w") == 0) {
        *ret = (double)NAN;
        return true;
    }
    if (!read_number(b, value, name, "a number or w, the weights' first values", ret))
        return false;
    float held = fabsf((float)*ret);
    if (isfinite(held) && (held > 0 || !(fabs(*ret) > 0)))
        return true;
    return diags_add(b->diags, value->place, NULL,
                     "'%s' is %s, which is too %s: a state is float32, %s", name, value->text,
                     held > 0 ? "large" : "small",
                     held > 0 ? "at most 3.4e38" : "whose least number above 0 is 1.4e-45");
}

static bool read_state(struct binder *b, const struct param *p, const struct node *value,
                       void *field)
{
    struct states *s = field;
    const struct equations *all =
        (const void *)((const char *)field - offsetof(struct equations, state));
    *s = (struct states){.refused = true};
    if (!read_names(b, p, value, &all->with))
        return false;
    s->refused = false;
    bool ok = true;
    s->name = arena_alloc(b->arena, (value->n + 1) * sizeof *s->name);
    s->first = arena_alloc(b->arena, (value->n + 1) * sizeof *s->first);
    s->place = arena_alloc(b->arena, (value->n + 1) * sizeof *s->place);
    s->dropped = list_dropped(b->arena, value);
    for (size_t i = 0; i < value->n; i++) {
        if (is_dropped(value->item[i]))
            continue;
        s->name[s->n] = arena_strdup(b->arena, value->key[i]);
        s->place[s->n] = value->key_place[i];
        ok &= read_first(b, value->item[i], value->key[i], &s->first[s->n++]);
    }
    if (s->n <= OPTIM_MAX_SLOTS)
        return ok;
    *s = (struct states){.refused = true};
    return diags_add(b->diags, value->place, NULL, "'state' has at most %d names", OPTIM_MAX_SLOTS);
}

static const struct optim_slot *slots_for(struct arena *a, const struct states *s)
{
    struct optim_slot *slot = arena_alloc(a, (s->n + 1) * sizeof *slot);
    for (size_t i = 0; i < s->n; i++)
        slot[i] = (struct optim_slot){.name = s->name[i], .initial = s->first[i]};
    return slot;
}

/* The line and column in the file of a byte of a text that a block scalar (|) holds; the whole
 * scalar's place where its lines do not stand in the file as they are. */
static struct place place_within(const struct node *scalar, size_t offset, size_t length)
{
    struct place at = scalar->place;
    const char *line = scalar->text, *in_file = at.source ? at.source->text : NULL;
    unsigned down = 0;
    for (const char *end; (end = strchr(line, '\n')) && end < scalar->text + offset; line = end + 1)
        down++;
    for (unsigned i = 1; in_file && i < at.line + 1 + down; i++) {
        in_file = strchr(in_file, '\n');
        in_file = in_file ? in_file + 1 : NULL;
    }
    size_t n = strcspn(line, "\n"), before = (size_t)(scalar->text + offset - line);
    size_t whole = in_file ? strcspn(in_file, "\r\n") : 0;
    if (!scalar->quoted || !scalar->text[0] || whole < n ||
        memcmp(in_file + whole - n, line, n) != 0)
        return at;
    at.line += 1 + down;
    at.column = 1;
    for (size_t i = 0; i < whole - n + before; i++)
        at.column += ((unsigned char)in_file[i] & 0xC0) != 0x80;
    at.width = 0;
    for (size_t i = 0; i < length && scalar->text[offset + i]; i++)
        at.width += ((unsigned char)scalar->text[offset + i] & 0xC0) != 0x80;
    at.width = at.width > 0 ? at.width : 1;
    return at;
}

/* A constant that somebody added and that no line reads: its name is mistyped. */
static bool check_added(struct binder *b, const struct constants *c, const struct eq_program *p)
{
    bool ok = true;
    const char **used = arena_alloc(b->arena, (c->n + 1) * sizeof *used);
    size_t n = 0;
    for (size_t i = 0; i < c->n; i++)
        if (p->reads[i])
            used[n++] = c->v[i].name;
    for (size_t i = 0; i < c->n; i++) {
        if (p->reads[i] || !c->added[i].source)
            continue;
        const char *near = suggest(c->v[i].name, used, n);
        ok = diags_add(b->diags, c->added[i],
                       near ? arena_printf(b->arena, "did you mean '%s'?", near) : NULL,
                       "no line of 'update' uses the constant '%.60s'", c->v[i].name);
    }
    return ok;
}

/* Nothing is kept that never changes. */
static bool check_assigned(struct binder *b, const struct states *s, const struct eq_program *p)
{
    bool ok = true;
    for (size_t i = 0; i < s->n; i++)
        if (!p->assigns[i] && isnan(s->first[i]))
            ok = diags_add(b->diags, s->place[i], NULL,
                           "no line of 'update' assigns the state '%.60s': the line '%.60s = "
                           "%.60s' keeps the first weights",
                           s->name[i], s->name[i], s->name[i]);
        else if (!p->assigns[i])
            ok = diags_add(b->diags, s->place[i],
                           arena_printf(b->arena, "'%s: null' drops it", s->name[i]),
                           "no line of 'update' assigns the state '%.60s': a constant belongs "
                           "under 'with'",
                           s->name[i]);
    return ok;
}

/* Where a statement stands; one whose bracket stays open is the line of that only. */
struct statement {
    size_t begin, end;
};

static struct statement statement_of(char *text, size_t offset)
{
    struct statement s = {0};
    bool open = false;
    for (;; s.begin = s.end + 1) {
        s.end = eq_statement_end(text, s.begin, &open);
        if (s.end >= offset || text[s.end] == '\0')
            break;
    }
    if (!open)
        return s;
    for (s.begin = offset; s.begin > 0 && text[s.begin - 1] != '\n';)
        s.begin--;
    s.end = s.begin + strcspn(text + s.begin, "\n");
    return s;
}

/* A wrong statement away, but the name that it gives, so that the lines below can be read. False:
 * nothing was left of it. */
static bool forgive(char *text, struct statement s, bool but_name)
{
    char *line = text + s.begin;
    size_t whole = s.end - s.begin, indent = strspn(line, " \t"),
           is = strcspn(line, "=\n"); /* the first '=' */
    bool more = indent < whole;
    if (!but_name || is + 1 >= whole || line[is] != '=' || line[is + 1] == '=') {
        memset(line, ' ', whole);
        return more;
    }
    memset(line, ' ', indent);
    memset(line + is + 1, ' ', whole - is - 1);
    line[is + 1] = 'w';
    return more;
}

static bool is_typed(const struct node *value)
{
    return value->place.source && strcmp(value->place.source->path, "command line") == 0;
}

/* "\n" ends a line only within double quotes, which a shell takes for its own; NULL: it is not
 * that. */
static const char *hint_on_line_end(struct binder *b, const struct node *value, const char *text,
                                    size_t offset)
{
    if (strncmp(text + offset, "\\n", 2) != 0)
        return NULL;
    if (!is_typed(value))
        return "each equation has a line of its own: 'update: |' keeps the lines";
    bool shown = strlen(text) <= 40 && !strpbrk(text, "'\"");
    return arena_printf(b->arena, "for a shell: 'optimizer.update=\"%s\"'",
                        shown ? text : "...\\n...");
}

static bool refuse_lines(struct binder *b, const struct param *p, const struct node *value)
{
    const char *hint = value->kind != NODE_LIST ? NULL
                       : is_typed(value)
                           ? "for a shell: 'optimizer.update=\"m = g\\nw = w - lr * m\"'"
                           : "no list: the lines stand below 'update: |', without '-'";
    return diags_add(b->diags, value->place, hint, "'%s' must be %s", p->name, p->shape);
}

/* Every wrong statement, each by its first error. Of the text as a whole there is more to say only where
 * all its lines are right. */
static struct eq_program *compile(struct binder *b, const struct node *value, const char *text,
                                  const struct eq_names *names)
{
    struct expr_error e;
    char *lines = arena_strdup(b->arena, text);
    struct eq_program *program = eq_compile(b->arena, lines, names, &e);
    size_t last = SIZE_MAX, told = 0;
    for (bool right = program; !right && told < DIAGS_MAX;) {
        struct statement here = statement_of(lines, e.offset);
        bool is_whole = e.offset == 0 && e.length == 0, again = here.begin == last;
        if (is_whole && told > 0)
            break;
        if (!again) {
            const char *hint = hint_on_line_end(b, value, text, e.offset);
            told++;
            diags_add(b->diags, place_within(value, e.offset, e.length),
                      hint              ? hint
                      : e.suggestion[0] ? arena_strdup(b->arena, e.suggestion)
                                        : NULL,
                      "%s", e.message);
        }
        if (is_whole)
            break;
        last = here.begin;
        if (!forgive(lines, here, !again))
            break;
        right = eq_compile(b->arena, lines, names, &e);
    }
    return program;
}

static bool read_update(struct binder *b, const struct param *p, const struct node *value,
                        void *field)
{
    struct update *u = field;
    const struct equations *all =
        (const void *)((const char *)field - offsetof(struct equations, update));
    if (value->kind != NODE_SCALAR || node_is_null(value))
        return refuse_lines(b, p, value);
    *u = (struct update){.text = arena_strdup(b->arena, value->text)};
    if (all->with.refused || all->state.refused)
        return false;
    struct eq_names names = {.constants = all->with.n,
                             .constant = all->with.v,
                             .states = all->state.n,
                             .state = all->state.name,
                             .no_constant = all->with.dropped,
                             .no_state = all->state.dropped,
                             .suggest = suggest};
    u->program = compile(b, value, u->text, &names);
    u->slots = slots_for(b->arena, &all->state);
    if (!u->program)
        return false;
    bool ok = check_assigned(b, &all->state, u->program);
    return check_added(b, &all->with, u->program) && ok;
}

static void write_with(const void *field, struct strbuf *out)
{
    const struct constants *c = field;
    strbuf_add(out, "{");
    for (size_t i = 0; i < c->n; i++) {
        strbuf_addf(out, "%s%s: ", i ? ", " : "", c->v[i].name);
        strbuf_add_real(out, c->v[i].value);
    }
    strbuf_add(out, "}");
}

static void write_state(const void *field, struct strbuf *out)
{
    const struct states *s = field;
    strbuf_add(out, "{");
    for (size_t i = 0; i < s->n; i++) {
        strbuf_addf(out, "%s%s: ", i ? ", " : "", s->name[i]);
        if (isnan(s->first[i]))
            strbuf_add(out, "w");
        else
            strbuf_add_real(out, s->first[i]);
    }
    strbuf_add(out, "}");
}

static void write_update(const void *field, struct strbuf *out)
{
    const struct update *u = field;
    write_text(out, u->text ? u->text : "");
}

/* ---- the optimizer ---- */

static const struct optim_slot *slots_of(const void *options)
{
    const struct equations *o = options;
    static const struct optim_slot none[1];
    return o->update.slots ? o->update.slots : none;
}

/* First values where there are weights: the padding stays zero. */
static void start(const void *options, double *scalar, struct optim_view *views, size_t count)
{
    const struct equations *o = options;
    (void)scalar;
    for (struct optim_view *v = views; v < views + count; v++)
        for (size_t s = 0; s < o->state.n; s++)
            for (size_t i = 0; i < v->n; i++)
                v->slot[s][i] = i % v->shape.ld >= v->shape.rows ? 0
                                : isnan(o->state.first[s])       ? v->w[i]
                                                                 : (float)o->state.first[s];
}

static void step(const void *options, const struct optim_now *now, const struct optim_view *v)
{
    const struct equations *o = options;
    struct eq_run run = {.w = v->w,
                         .g = v->g,
                         .state = v->slot,
                         .n = v->n,
                         .shape = v->shape,
                         .role = v->role,
                         .lr = now->lr,
                         .momentum = now->momentum,
                         .weight_decay = v->decay,
                         .t = now->t,
                         .scratch = now->scratch};
    eq_update(o->update.program, &run);
}

static bool is_elementwise(const void *options)
{
    const struct equations *o = options;
    return o->update.program && o->update.program->reductions == 0;
}

static bool reads(const void *options, enum param_role role)
{
    const struct equations *o = options;
    const struct eq_program *p = o->update.program;
    return !p || (role == PARAM_ROLE_LR         ? p->reads_lr
                  : role == PARAM_ROLE_MOMENTUM ? p->reads_momentum
                                                : p->reads_decay);
}

static size_t scratch(const void *options, const struct tensor_shape *s, enum tensor_role role)
{
    const struct equations *o = options;
    (void)role;
    return o->update.program ? eq_scratch(o->update.program, tensor_stored(s)) : 0;
}

#define CUSTOM(f, fallback_, help_, shape_, json_)                                                 \
    {                                                                                              \
        .name = #f, .type = PARAM_CUSTOM, .offset = offsetof(struct equations, f),                 \
        .fallback = fallback_, .read = read_##f, .write = write_##f, .shape = shape_,              \
        .json = json_, .help = help_                                                               \
    }

static const struct param params[] = {
    P_REAL(struct equations, lr, "0.01", AT_LEAST(0), "learning rate: lr in the equations",
           .role = PARAM_ROLE_LR),
    P_REAL(struct equations, momentum, "0", FROM_BELOW(0, 1),
           "momentum in the equations, which schedules move", .role = PARAM_ROLE_MOMENTUM),
    OPTIM_DECAY(struct equations, "0",
                "weight_decay in the equations: it acts only where they use it"),
    CUSTOM(with, "{}", "constants by name; null drops one of the spec that is extended",
           "a mapping of names to numbers, such as {beta: 0.9}",
           "\"type\": \"object\", \"additionalProperties\": {\"type\": [\"number\", \"null\"]}"),
    CUSTOM(
        state, "{}",
        "what is kept for each weight, with its first value; null drops one of the spec that is extended",
        "a mapping of names to numbers or w, such as {m: 0}",
        "\"type\": \"object\", \"additionalProperties\": {\"type\": [\"number\", \"string\", \"null\"]}"),
    CUSTOM(update, NULL, "the equations, a line each",
           "equations, a line each, such as \"w = w - lr * g\"", "\"type\": \"string\""),
    P_END};

const struct optim_kind optim_equations = {
    .base =
        {
            .name = "equations",
            .title = "your own: the update as equations in the spec",
            .equation = "the lines of update, one after another, for each tensor:\n"
                        "    m = beta * m + g\n"
                        "    w = w - lr * m",
            .source = "whatever you cite in the description",
            .example =
                "{name: equations, lr: 0.05, with: {beta: 0.9}, state: {m: 0}, "
                "update: \"m = beta * m + (1 - beta) * g\\nw = w - lr * (m + weight_decay * w)\"}",
            .note =
                "Names: w g lr momentum weight_decay t (updates from 1) rows cols pi, role (compared with 'hidden', 'output', "
                "'bias', 'norm'). Operators: + - * / // % ^ ** < <= > >= == != and or not. Functions: exp log sqrt cos sin tanh "
                "floor abs sign, pow min max of two, if(condition, a, b); over the tensor sum mean norm dot, max and min of one. "
                "A name that is assigned and not under state is a temporary from its line on; # begins a comment. Elementwise in "
                "float32, reductions in double; what contains no tensor is computed in double and rounded once where it meets one "
                "(a tensor is divided by a number as it is multiplied by 1 / number). "
                "rows and cols are those of the checkpoint: (out, in); a convolution's kernel has out and in * height * width, a vector its length "
                "and 1, a scale or shift of a layer_norm over images channels and height * width. cautious takes the whole change of w, "
                "its decay included, for the step, and g as it comes. configs/equations has the built-in optimizers in this form.",
            .params = params,
            .options_size = sizeof(struct equations),
        },
    .family = OPTIM_OWN,
    .cautious = CAUTIOUS_CHANGE,
    .time = "tiles: operations that stay in registers; mostly one to two times a built-in one",
    .slots_of = slots_of,
    .start = start,
    .step = step,
    .elementwise = is_elementwise,
    .scratch = scratch,
    .reads = reads,
};
