/* members.csv and summary.csv: pure functions of the sweep and of what its run folders hold. */
#include "folder/folder.h"
#include "num/sample.h"
#include "sweep/internal.h"
#include "util/csv.h"
#include "util/file.h"
#include "util/log.h"
#include <string.h>

static bool is_shorter(const struct spec *now, int64_t epochs, int64_t steps)
{
    return now->train.epochs == PARAM_NULL_INT ? steps < now->train.steps
                                               : epochs < now->train.epochs;
}

/* Whether the sweep has become longer since this member came to its end; one that stopped early was
 * not to go further. */
static bool is_outgrown(const struct sweep *s, const char *run, size_t member,
                        const struct run_summary *r)
{
    struct arena a;
    struct diags d;
    struct spec now, then;
    if (r->status != STATUS_COMPLETED)
        return false;
    arena_init(&a);
    diags_init(&d, &a);
    sweep_member_spec(s, member, &a, &now);
    bool outgrown = is_shorter(&now, r->epoch, r->step) &&
                    spec_load(&a, folder_path(&a, run, FOLDER_SPEC), NULL, 0, &d, &then) &&
                    (now.train.epochs != then.train.epochs || now.train.steps != then.train.steps);
    arena_fini(&a);
    return outgrown;
}

bool sweep_read_state(const struct sweep *s, const char *folder, size_t member,
                      struct sweep_state *ret, struct error *err)
{
    struct arena a;
    arena_init(&a);
    const char *run = folder_path(&a, folder, s->member[member].folder);
    bool ok = run_read_summary(run, &ret->run, err);
    ret->damage = NULL;
    ret->outgrown = ok && is_outgrown(s, run, member, &ret->run);
    if (ret->outgrown)
        ret->run.status = STATUS_INTERRUPTED;
    ret->done = !status_is_open(ret->run.status);
    arena_fini(&a);
    return ok;
}

bool sweep_check_member(const struct sweep *s, const char *folder, size_t member, struct error *err)
{
    struct arena a;
    struct spec spec;
    arena_init(&a);
    const char *run = folder_path(&a, folder, s->member[member].folder);
    bool ok = !folder_has(run, FOLDER_MANIFEST);
    if (!ok) {
        sweep_member_spec(s, member, &a, &spec);
        ok = run_check_owner(&spec, run, err);
    }
    arena_fini(&a);
    return ok;
}

/* ---- other builds ---- */

void sweep_warn_of_builds(const struct sweep *s, const struct sweep_state *states,
                          const char *sources)
{
    const char *than = sources ? "this one" : "the others";
    size_t n = 0, first = 0;
    for (size_t i = 0; i < s->members; i++) {
        const char *has = states[i].run.sources;
        if (!has[0])
            continue;
        if (!sources)
            sources = has;
        bool other = strcmp(has, sources) != 0;
        if (other && n++ == 0)
            first = i;
    }
    if (n > 0)
        log_warn("%zu of the members were trained by another build of descent than %s (%s is the "
                 "first): they may differ in the last bits",
                 n, than, s->member[first].folder);
}

/* ---- cells ---- */

static void add_number(struct strbuf *b, double v)
{
    strbuf_add(b, ",");
    csv_add_number(b, v);
}

static void add_value(struct strbuf *b, const struct sweep *s, size_t member, size_t key)
{
    struct arena a;
    arena_init(&a);
    csv_add_text(b, sweep_member_value(s, member, key, &a));
    arena_fini(&a);
}

/* ---- members.csv ---- */

static enum status status_of(const struct sweep *s, const char *folder, size_t member,
                             const struct run_summary *r)
{
    if (r->status != STATUS_RUNNING)
        return r->status;
    struct arena a;
    arena_init(&a);
    bool died = run_has_died(arena_printf(&a, "%s/%s", folder, s->member[member].folder), r);
    arena_fini(&a);
    return died ? STATUS_INTERRUPTED : r->status;
}

static void write_members(const struct sweep *s, const char *folder,
                          const struct sweep_state *states, struct strbuf *b)
{
    strbuf_add(b, "folder,status");
    for (size_t k = 0; k < s->keys; k++)
        if (s->key[k].varies) {
            strbuf_add(b, ",");
            csv_add_text(b, s->key[k].path);
        }
    strbuf_add(b, ",epoch,step");
    for (int m = 0; m < METRICS; m++)
        strbuf_addf(b, ",%s", metric_names[m]);
    strbuf_add(b, "\n");
    for (size_t i = 0; i < s->members; i++) {
        const struct run_summary *r = &states[i].run;
        csv_add_text(b, s->member[i].folder);
        strbuf_addf(b, ",%s",
                    states[i].damage ? "damaged" : status_names[status_of(s, folder, i, r)]);
        for (size_t k = 0; k < s->keys; k++)
            if (s->key[k].varies) {
                strbuf_add(b, ",");
                add_value(b, s, i, k);
            }
        bool final = r->has_final && (r->status == STATUS_COMPLETED || r->status == STATUS_PRUNED);
        strbuf_addf(b, final ? ",%lld,%lld" : ",,", (long long)r->final.epoch,
                    (long long)r->final.step);
        for (int m = 0; m < METRICS; m++)
            add_number(b, final ? r->final.value[m] : (double)NAN);
        strbuf_add(b, "\n");
    }
}

/* ---- summary.csv ---- */

struct group {
    size_t first, members, completed;
    size_t from, n; /* where its figures begin, and how many are there */
};

struct summary {
    struct group *group; /* owned */
    double *value;       /* of a metric, s->members of them; those of a group in a row; owned */
};

static bool has_figures(const struct run_summary *r)
{
    return r->status == STATUS_COMPLETED && r->has_final;
}

/* In the members' order: the same bytes whatever the order in which they finished. */
static struct summary summarize(const struct sweep *s, const struct sweep_state *states)
{
    struct summary x = {.group = mem_array(s->groups + 1, sizeof *x.group),
                        .value = mem_array(METRICS * s->members + 1, sizeof *x.value)};
    bool *copy = sweep_find_copies(s, states);
    size_t from = 0;
    for (size_t i = 0; i < s->members; i++) {
        struct group *g = &x.group[s->member[i].group];
        if (copy[i])
            continue;
        if (g->members++ == 0)
            g->first = i;
        g->completed += has_figures(&states[i].run);
    }
    for (size_t k = 0; k < s->groups; from += x.group[k++].completed)
        x.group[k].from = from;
    for (size_t i = 0; i < s->members; i++) {
        struct group *g = &x.group[s->member[i].group];
        if (copy[i] || !has_figures(&states[i].run))
            continue;
        size_t at = g->from + g->n++;
        for (size_t m = 0; m < METRICS; m++)
            x.value[m * s->members + at] = states[i].run.final.value[m];
    }
    mem_free(copy);
    return x;
}

/* The deviation is that of a sample: n - 1 below; of a single run there is none. */
static void write_summary(const struct sweep *s, const struct sweep_state *states, struct strbuf *b)
{
    for (size_t k = 0; k < s->keys; k++)
        if (s->key[k].varies && sweep_key_groups(&s->key[k])) {
            csv_add_text(b, s->key[k].path);
            strbuf_add(b, ",");
        }
    strbuf_add(b, "members,n");
    for (int m = 0; m < METRICS; m++)
        strbuf_addf(b, ",%s_mean,%s_std", metric_names[m], metric_names[m]);
    strbuf_add(b, "\n");
    struct summary x = summarize(s, states);
    for (size_t k = 0; k < s->groups; k++) {
        const struct group *g = &x.group[k];
        for (size_t i = 0; i < s->keys; i++)
            if (s->key[i].varies && sweep_key_groups(&s->key[i])) {
                add_value(b, s, g->first, i);
                strbuf_add(b, ",");
            }
        strbuf_addf(b, "%zu,%zu", g->members, g->completed);
        for (size_t m = 0; m < METRICS; m++) {
            struct stats_sample v = stats_spread(x.value + m * s->members + g->from, g->completed);
            add_number(b, v.mean);
            add_number(b, v.sd);
        }
        strbuf_add(b, "\n");
    }
    mem_free(x.group);
    mem_free(x.value);
}

/* ---- both ---- */

static bool write_table_file(const char *folder, const char *name, const struct strbuf *b,
                             struct error *err)
{
    struct arena a;
    arena_init(&a);
    bool ok = file_write(arena_printf(&a, "%s/%s", folder, name), b->text, b->length, err);
    arena_fini(&a);
    return ok;
}

bool sweep_write_members(const struct sweep *s, const char *folder,
                         const struct sweep_state *states, struct error *err)
{
    struct strbuf b;
    strbuf_init(&b);
    write_members(s, folder, states, &b);
    bool ok = write_table_file(folder, FOLDER_MEMBERS, &b, err);
    strbuf_fini(&b);
    return ok;
}

bool sweep_write_tables(const struct sweep *s, const char *folder, const struct sweep_state *states,
                        struct error *err)
{
    struct strbuf b;
    strbuf_init(&b);
    write_summary(s, states, &b);
    bool ok = sweep_write_members(s, folder, states, err) &&
              write_table_file(folder, FOLDER_SUMMARY, &b, err);
    strbuf_fini(&b);
    return ok;
}
