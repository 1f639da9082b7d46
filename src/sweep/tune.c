/* Tuning: the best member of each group of a finished search by its validation metric, and its
 * reruns with fresh seeds. The protocol of DeepOBS (Schneider, Balles and Hennig 2019) and of
 * Schmidt, Schneider and Hennig 2021, "Descending through a crowded valley": what is reported of
 * the test set comes from the reruns, and no test figure is looked at before. */
#include "num/sample.h"
#include "sweep/internal.h"
#include "util/csv.h"
#include "util/file.h"
#include "util/text.h"
#include <string.h>

bool sweep_tunes_by(int metric)
{
    return metric < METRICS && metric_info[metric].split == SPLIT_VALID;
}

/* ---- what was asked for, on file ---- */

bool sweep_note_tuning(const char *folder, const struct sweep_tuning *t, struct error *err)
{
    struct arena a;
    struct strbuf b;
    arena_init(&a);
    strbuf_init(&b);
    strbuf_add(&b, "per: ");
    write_text(&b, t->per);
    strbuf_addf(&b, "\nmetric: %s\nreruns: %zu\n", metric_names[t->metric], t->reruns);
    bool ok = file_write(folder_path(&a, folder, FOLDER_TUNING), b.text, b.length, err);
    strbuf_fini(&b);
    arena_fini(&a);
    return ok;
}

bool sweep_read_tuning(struct arena *a, const char *folder, struct sweep_tuning *ret,
                       bool *ret_found, struct error *err)
{
    struct diags d;
    int64_t reruns;
    const char *path = folder_path(a, folder, FOLDER_TUNING);
    diags_init(&d, a);
    *ret_found = file_exists(path);
    if (!*ret_found)
        return true;
    const struct node *root = node_load(a, path, NODE_GIVEN_MOST, &d),
                      *per = root ? node_get(root, "per") : NULL;
    const struct node *metric = root ? node_get(root, "metric") : NULL,
                      *n = root ? node_get(root, "reruns") : NULL;
    bool ok = per && per->kind == NODE_SCALAR && metric && metric->kind == NODE_SCALAR && n &&
              node_as_int(n, &reruns) && reruns > 0;
    if (ok)
        *ret = (struct sweep_tuning){
            .per = per->text, .metric = (int)metric_find(metric->text), .reruns = (size_t)reruns};
    return (ok && sweep_tunes_by(ret->metric)) ||
           error_set(err, ERR_DATA, "%s is damaged: remove it, and give --tune again", path);
}

/* ---- groups ---- */

/* What a section is called; the parts of a list (schedulers) joined: "warmup+cosine". */
static const char *names_of(struct arena *a, const struct node *section)
{
    const struct node *name = section->kind == NODE_MAP ? node_get(section, "name") : NULL;
    const char *text = NULL;
    if (name)
        return sweep_canonical(a, name);
    for (size_t i = 0; section->kind == NODE_LIST && i < section->n; i++) {
        const char *part = names_of(a, section->item[i]);
        text = text && part ? arena_printf(a, "%s+%s", text, part) : part;
    }
    return text;
}

/* The path of the key that makes the groups: itself, or what one of the axes' keys is called for
 * short. */
static const char *path_of_key(const struct sweep *s, const char *key)
{
    for (size_t i = 0; i < s->keys; i++)
        if (strcmp(s->key[i].suffix, key) == 0)
            return s->key[i].path;
    return key;
}

/* A member's value of that key; NULL where it has none. A section is its name, as "optimizer.name"
 * is. */
static const char *value_of(struct arena *a, const struct node *root, const char *key)
{
    bool is_name = text_ends(key, ".name");
    size_t n = strlen(key) - (is_name ? strlen(".name") : 0);
    const struct node *section = node_find(root, arena_strndup(a, key, n)),
                      *value = node_find(root, key);
    const char *names = section ? names_of(a, section) : NULL;
    if (names)
        return names;
    if (section && (node_is_null(section) || (section->kind == NODE_LIST && section->n == 0)))
        return "none";
    return value ? sweep_canonical(a, value) : NULL;
}

/* Of several keys, "a,b", the values joined: "cosine, 512". NULL where it has none of them. */
static const char *values_of(const struct sweep *s, struct arena *a, const struct node *root,
                             const char *keys)
{
    const char *text = NULL;
    bool known = false;
    for (const char *p = keys; *p; p += *p == ',') {
        size_t n = strcspn(p, ",");
        const char *value =
            n > 0 ? value_of(a, root, path_of_key(s, arena_strndup(a, p, n))) : NULL;
        known |= value != NULL;
        if (n > 0)
            text = arena_printf(a, "%s%s%s", text ? text : "", text ? ", " : "",
                                value ? value : "none");
        p += n;
    }
    return known ? text : NULL;
}

static struct sweep_best *group_called(struct sweep_tuned *t, const char *name, struct arena *a)
{
    for (size_t i = 0; i < t->groups; i++)
        if (strcmp(t->group[i].name, name) == 0)
            return &t->group[i];
    struct sweep_best *g = &t->group[t->groups++];
    *g = (struct sweep_best){.name = arena_strdup(a, name), .member = SIZE_MAX, .from = SIZE_MAX};
    return g;
}

/* Members into groups, in the order of the groups' first members; what they are all to have; their
 * largest seed. */
static bool find_groups(const struct sweep *s, const struct sweep_tuning *o, struct sweep_tuned *t,
                        size_t *group_of, struct error *err)
{
    bool known = false;
    *t = (struct sweep_tuned){.group = arena_alloc(s->arena, (s->members + 1) * sizeof *t->group),
                              .metric = o->metric};
    for (size_t i = 0; i < s->members; i++) {
        struct arena a;
        arena_init(&a);
        struct spec spec;
        sweep_member_spec(s, i, &a, &spec);
        const char *value = values_of(s, &a, sweep_resolved_tree(s, i, &a), o->per);
        known |= value != NULL;
        struct sweep_best *g = group_called(t, value ? value : "none", s->arena);
        g->members++;
        group_of[i] = (size_t)(g - t->group);
        t->last_seed = spec.seed > t->last_seed ? spec.seed : t->last_seed;
        bool ok = spec.dataset.validation > 0;
        if (!ok)
            error_set(
                err, ERR_USAGE,
                "there is no validation set to choose by, and to choose by the test set would make its figures "
                "worthless: set dataset.validation (%s)",
                s->member[i].folder);
        arena_fini(&a);
        if (!ok)
            return false;
    }
    return known ||
           error_set(
               err, ERR_USAGE,
               "no member has a key '%s' to make groups by; give its path, such as train.batch_size",
               o->per);
}

bool sweep_can_tune(const struct sweep *s, const struct sweep_tuning *o, struct error *err)
{
    struct sweep_tuned t;
    size_t *group_of = mem_array(s->members + 1, sizeof *group_of);
    bool ok = find_groups(s, o, &t, group_of, err);
    if (ok && t.last_seed > INT64_MAX - (int64_t)o->reruns)
        ok = error_set(err, ERR_USAGE, "no %zu seeds are left above the search's largest, %lld",
                       o->reruns, (long long)t.last_seed);
    mem_free(group_of);
    return ok;
}

/* ---- choosing ---- */

/* Settings: members that differ in nothing but the seed and the split of the data. */
struct candidate {
    size_t member, members; /* the first one; how many there are */
    bool lost;              /* some diverged */
    double *value;          /* of a metric, `members` of them, the first n; owned */
    size_t n;               /* how many completed */
};

/* Where the search stands; every run is counted once. */
struct search {
    struct sweep_state *state; /* owned */
    bool *copy;                /* owned */
    struct candidate *v;       /* owned */
};

static bool is_better(const struct stats_sample *x, bool lost, const struct sweep_best *g,
                      int metric)
{
    struct stats_sample best = {.n = g->seeds, .mean = g->found[metric]};
    return stats_leads(x, lost, &best, g->lost, metric_rises((enum metric)metric));
}

static bool read_states(const struct sweep *s, const char *folder, struct sweep_state *state,
                        struct error *err)
{
    const char *word = text_word(folder);
    size_t failed = 0;
    for (size_t i = 0; i < s->members; i++) {
        if (!sweep_read_state(s, folder, i, &state[i], err))
            return false;
        if (!state[i].done)
            return error_set(err, ERR_DIFFERS,
                             "the search is not finished: nothing is chosen yet; 'descent resume "
                             "%s' trains the rest and chooses",
                             word);
        failed += state[i].run.status == STATUS_FAILED;
    }
    return failed == 0 ||
           error_set(err, ERR_DIFFERS,
                     "%zu member%s of the search failed: nothing is chosen yet; 'descent sweep %s "
                     "--retry-failed' trains %s again, then 'descent resume %s' chooses",
                     failed, failed == 1 ? "" : "s", word, failed == 1 ? "it" : "them", word);
}

/* What the settings are but for splits, and the group that they are in. */
static const char *settings_text(const struct sweep *s, size_t member, size_t group,
                                 struct arena *a)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_addf(&b, "%zu", group);
    for (size_t k = 0; k < s->keys; k++)
        if (s->key[k].varies && !s->key[k].is_seed && !spec_splits_data(s->key[k].path))
            strbuf_addf(&b, "\n%s", sweep_member_value(s, member, k, a));
    const char *text = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return text;
}

/* A split of the data is no setting: those that differ in it alone are chosen from together. */
static void find_settings(const struct sweep *s, struct sweep_tuned *t, const size_t *group_of)
{
    size_t *setting = arena_alloc(s->arena, (s->groups + 1) * sizeof *setting);
    struct arena a;
    bool splits = false;
    arena_init(&a);
    const char **text = arena_alloc(&a, (s->groups + 1) * sizeof *text);
    for (size_t k = 0; k < s->keys; k++)
        splits |= s->key[k].varies && spec_splits_data(s->key[k].path);
    for (size_t g = 0; g < s->groups; g++)
        setting[g] = g;
    for (size_t i = 0; splits && i < s->members; i++) {
        size_t g = s->member[i].group, like = 0;
        if (text[g])
            continue;
        text[g] = settings_text(s, i, group_of[i], &a);
        while (!text[like] || strcmp(text[like], text[g]) != 0)
            like++;
        setting[g] = like;
        t->over_splits |= like != g;
    }
    t->setting = setting;
    arena_fini(&a);
}

/* The last rows of completed runs; what was pruned or diverged has none. */
static void find_candidates(const struct sweep *s, struct sweep_tuned *t, const size_t *group_of,
                            struct search *x)
{
    for (size_t i = s->members; i-- > 0;) {
        struct candidate *c = &x->v[t->setting[s->member[i].group]];
        c->member = i;
        c->members++;
    }
    for (size_t i = 0; i < s->groups; i++)
        x->v[i].value = mem_array(METRICS * x->v[i].members + 1, sizeof *x->v[i].value);
    for (size_t i = 0; i < s->members; i++) {
        struct candidate *c = &x->v[t->setting[s->member[i].group]];
        const struct run_summary *r = &x->state[i].run;
        if (x->copy[i]) {
            t->group[group_of[i]].members--;
            continue;
        }
        c->lost |= status_is_lost(r->status);
        if (r->status != STATUS_COMPLETED || !r->has_final || isnan(r->final.value[t->metric]))
            continue;
        t->group[group_of[i]].completed++;
        for (size_t m = 0; m < METRICS; m++)
            c->value[m * c->members + c->n] = r->final.value[m];
        c->n++;
    }
}

static void take_best(const struct sweep *s, struct sweep_tuned *t, const size_t *group_of,
                      const struct candidate *v)
{
    for (size_t i = 0; i < s->groups; i++) {
        const struct candidate *c = &v[i];
        if (c->members == 0)
            continue;
        struct sweep_best *g = &t->group[group_of[c->member]];
        struct stats_sample by[METRICS];
        for (size_t m = 0; m < METRICS; m++)
            by[m] = stats_spread(c->value + m * c->members, c->n);
        if (!is_better(&by[t->metric], c->lost, g, t->metric))
            continue;
        g->member = c->member;
        g->seeds = c->n;
        g->lost = c->lost;
        for (size_t m = 0; m < METRICS; m++)
            g->found[m] = by[m].mean;
    }
}

static bool choose(const struct sweep *s, const char *folder, struct sweep_tuned *t,
                   const size_t *group_of, struct error *err)
{
    struct search x = {.state = mem_array(s->members + 1, sizeof *x.state),
                       .v = mem_array(s->groups + 1, sizeof *x.v)};
    bool ok = read_states(s, folder, x.state, err);
    if (ok) {
        x.copy = sweep_find_copies(s, x.state);
        find_settings(s, t, group_of);
        find_candidates(s, t, group_of, &x);
        take_best(s, t, group_of, x.v);
    }
    for (size_t i = 0; i < s->groups; i++)
        mem_free(x.v[i].value);
    mem_free(x.v);
    mem_free(x.copy);
    mem_free(x.state);
    return ok;
}

/* ---- the reruns as a sweep ---- */

/* The settings that make the member, but its seed: {optimizer: {...}, train.batch_size: 64}. */
static void add_settings(const struct sweep *s, size_t member, struct strbuf *out)
{
    struct arena a;
    const char *comma = "";
    arena_init(&a);
    strbuf_add(out, "    - {");
    for (size_t f = 0; f < s->factors; f++) {
        const struct sweep_choice *c = sweep_choice_for(s, s->member[member].place, f);
        for (size_t i = 0; i < c->n; i++) {
            if (s->key[c->v[i].key].is_seed)
                continue;
            strbuf_add(out, comma);
            write_text(out, s->key[c->v[i].key].path);
            strbuf_addf(out, ": %s", sweep_canonical(&a, c->v[i].value));
            comma = ", ";
        }
    }
    strbuf_add(out, "}\n");
    arena_fini(&a);
}

/* One entry for each split of the data. */
static void add_chosen(const struct sweep *s, const struct sweep_tuned *t, struct sweep_best *g,
                       struct strbuf *out)
{
    size_t setting = t->setting[s->member[g->member].group], from = g->member;
    struct arena a;
    arena_init(&a);
    bool *seen = arena_alloc(&a, s->groups + 1);
    for (size_t i = from; i < s->members; i++) {
        size_t group = s->member[i].group;
        if (t->setting[group] != setting || seen[group])
            continue;
        seen[group] = true;
        g->splits++;
        add_settings(s, i, out);
    }
    arena_fini(&a);
}

/* The same base under other axes: the chosen settings, each with the same fresh seeds. */
static bool plan_reruns(const struct sweep *s, const struct sweep_tuning *o, struct sweep_tuned *t,
                        struct diags *d)
{
    struct strbuf text;
    size_t chosen = 0;
    strbuf_init(&text);
    strbuf_add(&text, "sweep:\n  list:\n");
    for (size_t i = 0; i < t->groups; i++)
        if (t->group[i].member != SIZE_MAX) {
            t->group[i].from = chosen * o->reruns;
            add_chosen(s, t, &t->group[i], &text);
            chosen += t->group[i].splits;
        }
    strbuf_add(&text, "  seeds: [");
    for (size_t i = 0; i < o->reruns; i++) {
        int64_t seed = t->last_seed + 1 + (int64_t)i;
        strbuf_addf(&text, "%s%lld", i ? ", " : "", (long long)seed);
    }
    strbuf_add(&text, "]\n");
    struct source *source = arena_alloc(s->arena, sizeof *source);
    *source = (struct source){
        .path = "reruns", .text = arena_strdup(s->arena, text.text), .length = text.length};
    strbuf_fini(&text);
    if (chosen == 0)
        return true;
    const struct node *root = node_parse(s->arena, source, d), *skip;
    t->reruns = (struct sweep){.arena = s->arena,
                               .name = s->name,
                               .base = s->base,
                               .section = root ? node_get(root, "sweep") : NULL};
    return t->reruns.section && sweep_read_axes(&t->reruns, d, &skip) &&
           sweep_expand(&t->reruns, skip, d);
}

bool sweep_choose(const struct sweep *s, const char *folder, const struct sweep_tuning *o,
                  struct sweep_tuned *ret, struct diags *d, struct error *err)
{
    size_t *group_of = mem_array(s->members + 1, sizeof *group_of);
    bool ok = find_groups(s, o, ret, group_of, err) && choose(s, folder, ret, group_of, err);
    mem_free(group_of);
    ret->folder = folder_path(s->arena, folder, FOLDER_TUNED);
    ret->per_group = o->reruns;
    return ok && (plan_reruns(s, o, ret, d) ||
                  error_set(err, ERR_USAGE, "the chosen settings do not make a sweep"));
}

static bool are_all_among(const struct sweep *s, const struct sweep *other)
{
    struct sweep_identity *v = mem_array(other->members + 1, sizeof *v);
    char digest[65];
    bool found = true;
    for (size_t i = 0; i < other->members; i++) {
        sweep_identify(other, s, i, v[i].digest);
        v[i].member = i;
    }
    sweep_sort_identities(v, other->members);
    for (size_t i = 0; i < s->members && found; i++) {
        sweep_identify(s, other, i, digest);
        found = sweep_find_identity(v, other->members, digest) != NULL;
    }
    mem_free(v);
    return found;
}

size_t sweep_more_reruns(const struct sweep_tuned *t, struct arena *a)
{
    const struct sweep *now = &t->reruns;
    struct sweep then;
    struct error err; /* which claiming the folder says */
    if (!folder_has(t->folder, FOLDER_SWEEP) || !sweep_load_folder(a, t->folder, &then, &err) ||
        then.groups != now->groups || then.members <= now->members || !are_all_among(now, &then))
        return 0;
    return now->groups > 0 ? then.members / now->groups : 0;
}

/* ---- what came of them ---- */

/* In the seeds' order: the same bits whatever the order in which they finished. */
static bool summarize(const struct sweep_tuned *t, struct sweep_best *g, struct error *err)
{
    size_t reruns = g->from == SIZE_MAX ? 0 : t->per_group * g->splits;
    double *value = mem_array(METRICS * reruns + 1, sizeof *value);
    bool ok = true;
    g->completed_reruns = 0;
    for (size_t i = 0; i < reruns && ok; i++) {
        struct sweep_state x;
        ok = sweep_read_state(&t->reruns, t->folder, g->from + i, &x, err);
        if (!ok || x.run.status != STATUS_COMPLETED || !x.run.has_final)
            continue;
        for (size_t m = 0; m < METRICS; m++)
            value[m * reruns + g->completed_reruns] = x.run.final.value[m];
        g->completed_reruns++;
    }
    for (size_t m = 0; m < METRICS; m++) {
        struct stats_sample s = stats_spread(value + m * reruns, g->completed_reruns);
        g->n[m] = s.n;
        g->mean[m] = s.mean;
        g->deviation[m] = s.sd;
    }
    mem_free(value);
    return ok;
}

static void add_number(struct strbuf *b, double v)
{
    strbuf_add(b, ",");
    csv_add_number(b, v);
}

bool sweep_tuned_shows(const struct sweep *s, const struct sweep_tuned *t, size_t key)
{
    const struct sweep_key *k = &s->key[key];
    return k->varies && !k->is_seed && !(t->over_splits && spec_splits_data(k->path));
}

static const int reported[] = {METRIC_VALID_LOSS, METRIC_VALID_ACCURACY, METRIC_TEST_LOSS,
                               METRIC_TEST_ACCURACY};
enum { REPORTED = sizeof reported / sizeof reported[0], VALIDATION = 2 };

static void add_row(const struct sweep *s, const struct sweep_tuned *t, const struct sweep_best *g,
                    struct strbuf *b)
{
    struct arena a;
    bool any = g->member != SIZE_MAX;
    arena_init(&a);
    csv_add_text(b, g->name);
    for (size_t k = 0; k < s->keys; k++)
        if (sweep_tuned_shows(s, t, k)) {
            strbuf_add(b, ",");
            csv_add_text(b, any ? sweep_member_value(s, g->member, k, &a) : "");
        }
    strbuf_addf(b, ",%zu,%zu,%zu", g->members, g->completed, g->seeds);
    for (int i = 0; i < VALIDATION; i++)
        add_number(b, any ? g->found[reported[i]] : (double)NAN);
    strbuf_addf(b, ",%zu,%zu", any ? t->per_group * g->splits : 0, g->completed_reruns);
    for (int i = 0; i < REPORTED; i++) {
        add_number(b, g->mean[reported[i]]);
        add_number(b, g->deviation[reported[i]]);
    }
    strbuf_add(b, "\n");
    arena_fini(&a);
}

bool sweep_write_tuned(const struct sweep *s, const char *folder, struct sweep_tuned *t,
                       struct error *err)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, "group");
    for (size_t k = 0; k < s->keys; k++)
        if (sweep_tuned_shows(s, t, k)) {
            strbuf_add(&b, ",");
            csv_add_text(&b, s->key[k].path);
        }
    strbuf_add(&b, ",members,completed,search_n");
    for (int i = 0; i < VALIDATION; i++)
        strbuf_addf(&b, ",search_%s", metric_names[reported[i]]);
    strbuf_add(&b, ",reruns,n");
    for (int i = 0; i < REPORTED; i++)
        strbuf_addf(&b, ",%s_mean,%s_std", metric_names[reported[i]], metric_names[reported[i]]);
    strbuf_add(&b, "\n");
    bool ok = true;
    for (size_t i = 0; ok && i < t->groups; i++) {
        ok = summarize(t, &t->group[i], err);
        if (ok)
            add_row(s, t, &t->group[i], &b);
    }
    ok = ok && file_write(arena_printf(s->arena, "%s/tuned.csv", folder), b.text, b.length, err);
    strbuf_fini(&b);
    return ok;
}
