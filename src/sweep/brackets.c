/* Which members are in which bracket of a halving: one after another, a group of seeds in one. */
#include "sweep/internal.h"
#include <stdio.h>

/* ---- first rungs ---- */

/* A rung at the end of the longest member, or beyond it, ends nobody. */
static bool check_first_rungs(const struct sweep *s, struct diags *d)
{
    const struct node *halving = node_get(s->section, "halving");
    bool ok = true;
    for (size_t i = 0; i < s->brackets; i++) {
        const struct sweep_bracket *b = &s->bracket[i];
        const struct node *own = halving->kind == NODE_LIST ? halving->item[i] : halving,
                          *first = node_get(own, "first");
        int64_t longest = 0;
        for (size_t m = b->from; m < b->from + b->n; m++) {
            int64_t epochs = sweep_member_epochs(s, m);
            longest = epochs > longest ? epochs : longest;
        }
        if (b->first >= longest)
            ok = diags_add(d, first ? first->place : own->place, NULL,
                           "no rung comes before the end: 'first' is %lld, and no member has more "
                           "than %lld epochs",
                           (long long)b->first, (long long)longest);
    }
    return ok;
}

/* ---- places between members ---- */

/* Of each place between members, the ends too: whether no group lies on both sides of it. */
static bool *find_whole(const struct sweep *s)
{
    bool *whole = arena_alloc(s->arena, (s->members + 1) * sizeof *whole);
    size_t *last = mem_array(s->groups + 1, sizeof *last), end = 0;
    for (size_t i = 0; i < s->members; i++)
        last[s->member[i].group] = i + 1;
    for (size_t i = 0; i <= s->members; i++) {
        whole[i] = end <= i;
        if (i < s->members && last[s->member[i].group] > end)
            end = last[s->member[i].group];
    }
    mem_free(last);
    return whole;
}

static size_t whole_before(const bool *whole, size_t place)
{
    while (!whole[place])
        place--;
    return place;
}

static size_t whole_after(const bool *whole, size_t place)
{
    while (!whole[place])
        place++;
    return place;
}

/* ---- shares ---- */

static bool is_open(const struct sweep_bracket *b)
{
    return b->members == PARAM_NULL_INT;
}

static bool refuse_shares(const struct sweep *s, struct diags *d)
{
    return diags_add(d, node_place(s->section, "halving"), NULL,
                     "members that differ in the seed alone are of one bracket, and cannot be "
                     "shared by %zu brackets so: name fewer brackets, or put the seed last",
                     s->brackets);
}

/* Two numbers at most do not cut a group; 0: there is none. */
static bool refuse_cut(const struct sweep *s, size_t bracket, size_t less, size_t more,
                       struct diags *d)
{
    char path[48];
    snprintf(path, sizeof path, "halving.%zu.members", bracket);
    long long has = (long long)s->bracket[bracket].members;
    struct place at = node_place(s->section, path);
    if (less == 0 && more == 0)
        return refuse_shares(s, d);
    if (less == 0 || more == 0)
        return diags_add(d, at, NULL,
                         "%lld members would cut a group of seeds in two: %zu would not", has,
                         less + more);
    return diags_add(d, at, NULL,
                     "%lld members would cut a group of seeds in two: %zu or %zu would not", has,
                     less, more);
}

/* What the brackets themselves ask for; the open ones share the rest, member by member. */
static bool share_by_members(struct sweep *s, struct diags *d)
{
    size_t fixed = 0, open = 0, from = 0;
    for (size_t i = 0; i < s->brackets; i++) {
        fixed += is_open(&s->bracket[i]) ? 0 : (size_t)s->bracket[i].members;
        open += is_open(&s->bracket[i]);
    }
    if (s->brackets > 0 && (fixed + open > s->members || (open == 0 && fixed != s->members)))
        return diags_add(d, node_place(s->section, "halving"), NULL,
                         "the brackets take %zu members, the sweep has %zu", fixed, s->members);
    size_t left = s->members - fixed;
    for (size_t i = 0; i < s->brackets; i++) {
        struct sweep_bracket *b = &s->bracket[i];
        b->n = is_open(b) ? left / open : (size_t)b->members;
        left -= is_open(b) ? b->n : 0;
        open -= is_open(b);
        b->from = from;
        from += b->n;
    }
    return true;
}

static bool cuts_a_group(const struct sweep *s, const bool *whole)
{
    for (size_t i = 0; i < s->brackets; i++)
        if (!whole[s->bracket[i].from])
            return true;
    return false;
}

/* Those behind the last open one, from the end: their members are the sweep's last. */
static bool check_last(const struct sweep *s, const bool *whole, struct diags *d)
{
    size_t end = s->members;
    for (size_t i = s->brackets; i-- > 0 && !is_open(&s->bracket[i]);) {
        size_t from = end - (size_t)s->bracket[i].members;
        if (!whole[from]) {
            size_t most = whole_before(whole, from);
            return refuse_cut(s, i, end - whole_after(whole, from),
                              most > 0 || i == 0 ? end - most : 0, d);
        }
        end = from;
    }
    return true;
}

/* As share_by_members has it, but an open one takes no part of a group, and one group at least. */
static bool share_by_groups(struct sweep *s, const bool *whole, struct diags *d)
{
    size_t left = s->members, open = 0, from = 0;
    for (size_t i = 0; i < s->brackets; i++) {
        left -= is_open(&s->bracket[i]) ? 0 : (size_t)s->bracket[i].members;
        open += is_open(&s->bracket[i]);
    }
    if (!check_last(s, whole, d))
        return false;
    for (size_t i = 0; i < s->brackets; i++) {
        struct sweep_bracket *b = &s->bracket[i];
        size_t end = from + (is_open(b) ? left / (open > 0 ? open : 1) : (size_t)b->members);
        if (is_open(b)) {
            end = whole_before(whole, end);
            end = end > from || left == 0 ? end : whole_after(whole, from + 1);
            if (end <= from || end - from > left)
                return refuse_shares(s, d);
            left -= end - from;
            open--;
        } else if (!whole[end]) {
            size_t less = whole_before(whole, end), more = whole_after(whole, end);
            return refuse_cut(s, i, less - from, more < s->members ? more - from : 0, d);
        }
        b->from = from;
        b->n = end - from;
        from = end;
    }
    return from == s->members || refuse_shares(s, d);
}

/* Into the section, and so into the folder's sweep.yaml: who reads that finds these shares. */
static bool note_shares(struct sweep *s, struct diags *d)
{
    struct node *section = node_copy(s->arena, s->section);
    bool ok = true;
    for (size_t i = 0; i < s->brackets; i++) {
        struct node *n = arena_alloc(s->arena, sizeof *n);
        *n = (struct node){.kind = NODE_SCALAR,
                           .place = section->place,
                           .text = arena_printf(s->arena, "%zu", s->bracket[i].n)};
        ok &= node_set(s->arena, section, arena_printf(s->arena, "halving.%zu.members", i),
                       section->place, n, d);
    }
    s->section = section;
    return ok;
}

/* A sweep that has begun with brackets that cut groups ends with them: its rungs have decided among
 * those members. */
bool sweep_share_brackets(struct sweep *s, struct diags *d)
{
    if (!share_by_members(s, d))
        return false;
    const bool *whole = find_whole(s);
    bool cuts = cuts_a_group(s, whole);
    if (cuts && !s->recorded && !(share_by_groups(s, whole, d) && note_shares(s, d)))
        return false;
    return check_first_rungs(s, d);
}
