/* The product of the factors: each member's tree, its spec, its name, its group. */
#include "sweep/internal.h"
#include "util/hash.h"
#include "util/text.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- one member ---- */

/* The last factor turns fastest. */
const struct sweep_choice *sweep_choice_for(const struct sweep *s, size_t place, size_t factor)
{
    for (size_t i = s->factors - 1; i > factor; i--)
        place /= s->factor[i].n;
    return &s->factor[factor].v[place % s->factor[factor].n];
}

static size_t depth_of(const char *path)
{
    size_t n = 1;
    for (; *path; path++)
        n += *path == '.';
    return n;
}

/* Whole sections first and names before what belongs to them, as a new name drops a section's other
 * keys. */
static bool goes_before(const char *a, const char *b)
{
    size_t x = depth_of(a), y = depth_of(b);
    return x != y ? x < y : text_ends(a, ".name") && !text_ends(b, ".name");
}

bool sweep_member_tree(const struct sweep *s, size_t place, struct arena *a, struct diags *d,
                       struct node **ret)
{
    const struct sweep_setting **v = arena_alloc(a, (s->keys + 1) * sizeof *v);
    size_t n = 0;
    for (size_t f = 0; f < s->factors; f++) {
        const struct sweep_choice *c = sweep_choice_for(s, place, f);
        for (size_t i = 0; i < c->n; i++) {
            size_t j = n++;
            for (; j > 0 && goes_before(s->key[c->v[i].key].path, s->key[v[j - 1]->key].path); j--)
                v[j] = v[j - 1];
            v[j] = &c->v[i];
        }
    }
    struct node *root = node_copy(a, s->base);
    bool ok = true;
    for (size_t i = 0; i < n; i++)
        ok &= node_set(a, root, s->key[v[i]->key].path, v[i]->at, node_copy(a, v[i]->value), d);
    *ret = root;
    return ok;
}

static bool bind_member(const struct sweep *s, const struct node *root, struct arena *a,
                        struct diags *d, struct spec *ret)
{
    return (s->recorded ? spec_bind_begun : spec_bind)(a, root, s->name, d, ret);
}

void sweep_member_spec(const struct sweep *s, size_t member, struct arena *a, struct spec *ret)
{
    struct diags d;
    struct node *root;
    diags_init(&d, a);
    if (!sweep_member_tree(s, s->member[member].place, a, &d, &root) ||
        !bind_member(s, root, a, &d, ret))
        abort(); /* it was bound before */
}

/* The resolved spec as a tree: every key is there, the ones that nobody wrote too. */
const struct node *sweep_resolved_tree(const struct sweep *s, size_t member, struct arena *a)
{
    struct spec spec;
    struct strbuf text;
    struct diags d;
    diags_init(&d, a);
    strbuf_init(&text);
    sweep_member_spec(s, member, a, &spec);
    spec_write(&spec, &text);
    struct source *source = arena_alloc(a, sizeof *source);
    *source =
        (struct source){.path = "spec", .text = arena_strdup(a, text.text), .length = text.length};
    strbuf_fini(&text);
    return node_parse(a, source, &d);
}

int64_t sweep_member_epochs(const struct sweep *s, size_t member)
{
    struct arena a;
    struct spec spec;
    arena_init(&a);
    sweep_member_spec(s, member, &a, &spec);
    int64_t epochs = spec.train.epochs;
    arena_fini(&a);
    return epochs;
}

static const struct sweep_setting *setting_of(const struct sweep *s, size_t member, size_t key)
{
    for (size_t f = 0; f < s->factors; f++) {
        const struct sweep_choice *c = sweep_choice_for(s, s->member[member].place, f);
        for (size_t i = 0; i < c->n; i++)
            if (c->v[i].key == key)
                return &c->v[i];
    }
    return NULL;
}

const char *sweep_member_value(const struct sweep *s, size_t member, size_t key, struct arena *a)
{
    const struct sweep_setting *set = setting_of(s, member, key);
    const struct node *value =
        set ? set->value : node_find(sweep_resolved_tree(s, member, a), s->key[key].path);
    return value ? sweep_shown(a, value,
                               set && !s->key[key].is_left && sweep_is_name(value, set->label))
                 : "";
}

/* ---- errors of members: each once, with who has it ---- */

struct complaint {
    struct diag diag;
    size_t members;
    const char *first, *last; /* who has it: counted once, however often it was added */
};
struct complaints {
    struct arena *a;
    struct complaint v[DIAGS_MAX];
    size_t n, dropped;
};

static bool same_place(const struct place *a, const struct place *b)
{
    return a->source == b->source && a->line == b->line && a->column == b->column;
}

struct complaints *complaints_new(struct arena *a)
{
    struct complaints *c = arena_alloc(a, sizeof *c);
    c->a = a;
    return c;
}

void complaints_add(struct complaints *c, const struct diags *d, const char *member)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct diag *x = &d->item[i];
        size_t j = 0;
        while (j < c->n && !(same_place(&c->v[j].diag.place, &x->place) &&
                             strcmp(c->v[j].diag.message, x->message) == 0))
            j++;
        if (j < c->n) {
            c->v[j].members += c->v[j].last != member;
            c->v[j].last = member;
        } else if (c->n == DIAGS_MAX) {
            c->dropped++;
        } else {
            struct diag copy = {.place = x->place,
                                .message = arena_strdup(c->a, x->message),
                                .suggestion =
                                    x->suggestion ? arena_strdup(c->a, x->suggestion) : NULL};
            c->v[c->n++] =
                (struct complaint){.diag = copy, .members = 1, .first = member, .last = member};
        }
    }
}

/* Who has it matters where others do not. */
bool complaints_finish(const struct complaints *c, size_t tried, struct diags *d)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct complaint *x = &c->v[i];
        if (x->members == tried)
            diags_add(d, x->diag.place, x->diag.suggestion, "%s", x->diag.message);
        else if (x->members == 1)
            diags_add(d, x->diag.place, x->diag.suggestion, "%s (in %s)", x->diag.message,
                      x->first);
        else
            diags_add(d, x->diag.place, x->diag.suggestion, "%s (in %zu members, the first %s)",
                      x->diag.message, x->members, x->first);
    }
    d->dropped += c->dropped;
    return c->n == 0;
}

/* ---- all members ---- */

struct expansion {
    struct sweep *s;
    struct complaints *wrong;
    struct sweep_skip *skip;
};

static const char *const *values_of(const struct sweep *s, size_t place)
{
    const char **v = arena_alloc(s->arena, (s->keys + 1) * sizeof *v);
    for (size_t f = 0; f < s->factors; f++) {
        const struct sweep_choice *c = sweep_choice_for(s, place, f);
        for (size_t i = 0; i < c->n; i++)
            v[c->v[i].key] = c->v[i].label;
    }
    return v;
}

static void check_brackets(const struct sweep *s, const struct spec *spec, struct diags *d)
{
    for (size_t i = 0; i < s->brackets; i++) {
        enum metric m = (enum metric)s->bracket[i].metric;
        struct place place = node_place(s->section, "halving");
        const char *need = metric_needs(m, spec);
        if (need)
            diags_add(d, place, NULL, "'%s' is not evaluated: it needs %s", metric_names[m], need);
        if (spec->train.steps != PARAM_NULL_INT)
            diags_add(d, place, NULL,
                      "rungs are counted in epochs: give 'train.epochs', not 'train.steps'");
    }
}

/* One place of the product; ret_in: it becomes a member. */
static void try_member(struct expansion *x, size_t place, struct sweep_member *m, bool *ret_in)
{
    struct arena a;
    struct diags d;
    struct node *root;
    struct spec spec;
    struct strbuf text;
    arena_init(&a);
    strbuf_init(&text);
    diags_init(&d, &a);
    bool ok =
        sweep_member_tree(x->s, place, &a, &d, &root) && bind_member(x->s, root, &a, &d, &spec);
    if (ok)
        spec_write(&spec, &text);
    m->print = hash_add_text(hash_of_nothing, text.text);
    *ret_in = !(x->skip && sweep_skips(x->skip, ok ? NULL : root, text.text));
    if (*ret_in) {
        if (ok)
            check_brackets(x->s, &spec, &d);
        m->place = place;
        m->value = values_of(x->s, place);
        m->folder = sweep_folder_name(x->s, m->value);
        complaints_add(x->wrong, &d, m->folder);
    }
    strbuf_fini(&text);
    arena_fini(&a);
}

/* ---- the same member twice ---- */

static int by_print(const void *a, const void *b)
{
    const struct sweep_member *x = *(const struct sweep_member *const *)a,
                              *y = *(const struct sweep_member *const *)b;
    int c = (x->print > y->print) - (x->print < y->print);
    return c ? c : (x > y) - (x < y);
}

static int by_folder(const void *a, const void *b)
{
    const struct sweep_member *x = *(const struct sweep_member *const *)a,
                              *y = *(const struct sweep_member *const *)b;
    int c = strcmp(x->folder, y->folder);
    return c ? c : (x > y) - (x < y);
}

static struct sweep_member **sorted(const struct sweep *s, int (*order)(const void *, const void *))
{
    struct sweep_member **v = mem_array(s->members + 1, sizeof *v);
    for (size_t i = 0; i < s->members; i++)
        v[i] = &s->member[i];
    qsort(v, s->members, sizeof *v, order);
    return v;
}

static bool same_spec(const struct sweep *s, const struct sweep_member *a,
                      const struct sweep_member *b)
{
    const struct sweep_member *const v[] = {a, b};
    struct strbuf text[2];
    for (int i = 0; i < 2; i++) {
        struct arena arena;
        struct spec spec;
        arena_init(&arena);
        strbuf_init(&text[i]);
        sweep_member_spec(s, (size_t)(v[i] - s->member), &arena, &spec);
        spec_write(&spec, &text[i]);
        arena_fini(&arena);
    }
    bool same = strcmp(text[0].text, text[1].text) == 0;
    strbuf_fini(&text[0]);
    strbuf_fini(&text[1]);
    return same;
}

/* What the later of two members has where it parts from the earlier one; NULL: nothing. */
static const struct sweep_choice *parting(const struct sweep *s, const struct sweep_member *a,
                                          const struct sweep_member *b)
{
    for (size_t f = 0; f < s->factors; f++)
        if (sweep_choice_for(s, a->place, f) != sweep_choice_for(s, b->place, f))
            return sweep_choice_for(s, b->place, f);
    return NULL;
}

/* Of one name: the value that was given twice is named, once for all members that have it. */
static void add_double(const struct sweep *s, const struct sweep_choice *c,
                       const struct sweep_member *m, struct diags *d)
{
    struct place at = c ? c->place : s->section->place;
    if (!c || c->n != 1) {
        diags_add(d, at, NULL, "'%s' is there twice", m->folder);
        return;
    }
    for (size_t i = 0; i < d->n; i++)
        if (d->item[i].place.line == at.line && d->item[i].place.column == at.column)
            return;
    diags_add(d, at, NULL, "'%s=%s' is there twice", s->key[c->v[0].key].suffix, c->v[0].label);
}

static bool check_distinct(const struct sweep *s, struct diags *d)
{
    struct sweep_member **v = sorted(s, by_print);
    size_t before = d->n + d->dropped;
    for (size_t i = 1; i < s->members; i++) {
        if (v[i - 1]->print != v[i]->print || !same_spec(s, v[i - 1], v[i]))
            continue;
        const struct sweep_choice *c = parting(s, v[i - 1], v[i]);
        if (strcmp(v[i - 1]->folder, v[i]->folder) == 0)
            add_double(s, c, v[i], d);
        else
            diags_add(d, c ? c->place : s->section->place, NULL,
                      "'%s' and '%s' are the same experiment", v[i - 1]->folder, v[i]->folder);
    }
    mem_free(v);
    return d->n + d->dropped == before;
}

/* Different members whose names are the same get a part that tells them apart. */
static void part_names(struct sweep *s)
{
    struct sweep_member **v = sorted(s, by_folder);
    for (size_t i = 0, n; i < s->members; i += n) {
        for (n = 1; i + n < s->members && strcmp(v[i]->folder, v[i + n]->folder) == 0; n++)
            continue;
        int kept = (int)sweep_name_cut(v[i]->folder, 180);
        for (size_t j = i; n > 1 && j < i + n; j++)
            v[j]->folder =
                arena_printf(s->arena, "%.*s-%016" PRIx64, kept, v[j]->folder, v[j]->print);
    }
    mem_free(v);
}

/* ---- groups ---- */

struct group_key {
    const struct sweep *s;
    const char *text;
    size_t member;
};

/* Of the keys that cannot change the result only the place of the data counts: others may lie
 * there. */
bool sweep_key_groups(const struct sweep_key *k)
{
    return !k->is_seed && (strcmp(k->path, "dataset.dir") == 0 || !spec_keeps_result(k->path));
}

static const char *grouping_values(const struct sweep *s, const struct sweep_member *m,
                                   struct strbuf *b)
{
    strbuf_clear(b);
    for (size_t k = 0; k < s->keys; k++)
        if (sweep_key_groups(&s->key[k]))
            strbuf_addf(b, "%s\n", m->value[k] ? m->value[k] : "\t");
    return b->text;
}

static int by_text(const void *a, const void *b)
{
    const struct group_key *x = a, *y = b;
    int c = strcmp(x->text, y->text);
    return c ? c : (x->member > y->member) - (x->member < y->member);
}

/* Numbered in the order of their first members. */
static void find_groups(struct sweep *s)
{
    struct arena a;
    struct strbuf b;
    arena_init(&a);
    strbuf_init(&b);
    struct group_key *v = mem_array(s->members + 1, sizeof *v);
    size_t *leader = mem_array(s->members + 1, sizeof *leader);
    for (size_t i = 0; i < s->members; i++)
        v[i] = (struct group_key){.text = arena_strdup(&a, grouping_values(s, &s->member[i], &b)),
                                  .member = i};
    qsort(v, s->members, sizeof *v, by_text);
    for (size_t i = 0, first = 0; i < s->members; i++) {
        if (strcmp(v[i].text, v[first].text) != 0)
            first = i;
        leader[v[i].member] = v[first].member;
    }
    for (size_t i = 0; i < s->members; i++)
        s->member[i].group = leader[i] == i ? s->groups++ : s->member[leader[i]].group;
    mem_free(leader);
    mem_free(v);
    strbuf_fini(&b);
    arena_fini(&a);
}

/* ---- the whole ---- */

static bool count_product(struct sweep *s, struct diags *d, size_t *ret)
{
    *ret = 1;
    for (size_t f = 0; f < s->factors; f++) {
        if (*ret > SWEEP_MAX_MEMBERS / s->factor[f].n)
            return diags_add(d, s->section->place, NULL, "more than %d members", SWEEP_MAX_MEMBERS);
        *ret *= s->factor[f].n;
    }
    return true;
}

static void name_keys(struct sweep *s)
{
    bool any = false;
    for (size_t i = 0; i < s->keys; i++)
        any |= s->key[i].varies;
    for (size_t i = 0; i < s->keys && !any; i++) /* a single member has to have some name */
        s->key[i].varies = true;
    sweep_name_keys(s);
}

bool sweep_expand(struct sweep *s, const struct node *skip, struct diags *d)
{
    size_t places;
    if (!count_product(s, d, &places))
        return false;
    name_keys(s);
    struct expansion x = {
        .s = s, .wrong = complaints_new(s->arena), .skip = skip ? sweep_skip_new(s, skip) : NULL};
    s->member = arena_alloc(s->arena, (places + 1) * sizeof *s->member);
    for (size_t i = 0; i < places; i++) {
        bool in;
        try_member(&x, i, &s->member[s->members], &in);
        s->members += in;
    }
    s->skipped = places - s->members;
    bool ok = !x.skip || sweep_skip_finish(x.skip, d);
    ok = complaints_finish(x.wrong, s->members, d) && ok;
    if (ok && s->members == 0)
        ok = diags_add(d, skip ? skip->place : s->section->place, NULL, "no member is left");
    if (!ok || !check_distinct(s, d))
        return false;
    part_names(s);
    find_groups(s);
    return true;
}

static int by_wanted(const void *a, const void *b)
{
    return strcmp(((const struct sweep_wanted *)a)->name, ((const struct sweep_wanted *)b)->name);
}

/* The place's name is made of its labels: no spec is needed for that. */
static struct sweep_wanted *find_wanted(const struct sweep *s, size_t place,
                                        struct sweep_wanted *wanted, size_t n)
{
    const struct sweep_wanted key = {.name = sweep_folder_name(s, values_of(s, place))};
    return bsearch(&key, wanted, n, sizeof *wanted, by_wanted);
}

bool sweep_expand_only(struct sweep *s, const struct node *skip, struct sweep_wanted *wanted,
                       size_t n, struct diags *d, bool *ret_found)
{
    size_t places;
    *ret_found = false;
    if (!count_product(s, d, &places))
        return false;
    if (s->brackets > 0)
        return true;
    name_keys(s);
    struct expansion x = {
        .s = s, .wrong = complaints_new(s->arena), .skip = skip ? sweep_skip_new(s, skip) : NULL};
    s->member = arena_alloc(s->arena, (n + 1) * sizeof *s->member);
    qsort(wanted, n, sizeof *wanted, by_wanted);
    for (size_t i = 0; i < places; i++) {
        struct sweep_wanted *w = find_wanted(s, i, wanted, n);
        bool in = false;
        if (w && w->found)
            return true; /* two members of one name */
        if (w)
            try_member(&x, i, &s->member[s->members], &in);
        if (w)
            w->found = in;
        s->members += in;
    }
    if (s->members < n)
        return true;
    s->partial = *ret_found = true;
    return (!x.skip || sweep_skip_finish(x.skip, d)) && complaints_finish(x.wrong, s->members, d);
}
