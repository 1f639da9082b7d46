/* The page of a sweep. */
#include "figure/figure.h"
#include "folder/folder.h"
#include "plot/plot.h"
#include "report/html.h"
#include "run/run.h"
#include "study/comparison_table.h"
#include "util/log.h"
#include "util/path.h"
#include <math.h>
#include <string.h>

enum {
    TABLE_MOST = 40,  /* rows of a table that stands unfolded */
    CURVES_MOST = 14, /* groups that a figure of curves still tells apart */
    STRIP_MOST = 40,
    PANELS_MOST = 6,
};

/* A member as its folder tells. */
struct member {
    const char *name, *folder;
    struct json *manifest; /* NULL: not begun, or just so */
    enum status status;
    const struct collected_run *run; /* NULL: not begun */
    const char *damage;              /* why it cannot be read; NULL: it can */
};

struct sweep_page {
    struct page p;
    const char *name, *text; /* sweep.yaml */
    struct member *member;
    size_t members;
    struct collection runs; /* of those that have begun, the same ones once */
    struct comparison comparison;
    bool compared;
};

/* ---- reading ---- */

static void read_member(struct sweep_page *s, struct member *m, bool outgrown)
{
    struct error err;
    m->folder = arena_printf(s->p.a, "%s/%s", s->p.folder, m->name);
    if (folder_has(m->folder, FOLDER_MANIFEST) && !run_read_manifest(m->folder, &m->manifest, &err))
        m->damage = arena_strdup(s->p.a, err.message);
    m->status = outgrown ? STATUS_INTERRUPTED : manifest_status(m->manifest);
    struct run_summary now;
    if (m->status == STATUS_RUNNING && run_read_progress(m->folder, &now, &err))
        m->status = now.status;
}

/* What collecting the runs found to be damaged. */
static void note_damage(struct sweep_page *s)
{
    for (size_t i = 0, k = 0; i < s->members; i++)
        for (k = 0; k < s->runs.damaged; k++)
            if (strcmp(s->member[i].folder, s->runs.damage[k].folder) == 0)
                s->member[i].damage = s->runs.damage[k].why;
    for (size_t i = 0; i < s->members; i++)
        if (s->member[i].damage)
            log_warn("left out: %s", s->member[i].damage);
}

/* The runs of those members that have begun: each has the same place in both lists, pending ones
 * left out. */
static bool read_runs(struct sweep_page *s, struct error *err)
{
    char **folder = arena_alloc(s->p.a, (s->members + 1) * sizeof *folder);
    size_t n = 0;
    for (size_t i = 0; i < s->members; i++)
        if (folder_has(s->member[i].folder, FOLDER_SPEC))
            folder[n++] = arena_strdup(s->p.a, s->member[i].folder);
    if (n > 0 && !(collect_runs(s->p.a, folder, n, &s->runs, err) &&
                   collect_need_rows(s->p.a, &s->runs, false, err)))
        return false;
    note_damage(s);
    for (size_t i = 0, k = 0; i < s->members && k < s->runs.runs; i++)
        if (strcmp(s->member[i].folder, s->runs.run[k].folder) == 0)
            s->member[i].run = &s->runs.run[k++];
    collect_once(s->p.a, &s->runs, NULL, 0);
    return true;
}

static bool read_sweep(struct sweep_page *s, const struct report_members *members,
                       struct error *err)
{
    struct comparison_options o = {0};
    if (!folder_sweep_text(s->p.a, s->p.folder, &s->text, err)) {
        err->code = ERR_DATA;
        return false;
    }
    s->member = arena_alloc(s->p.a, (members->n + 1) * sizeof *s->member);
    for (size_t i = 0; i < members->n; i++) {
        s->member[i].name = members->folder[i];
        read_member(s, &s->member[i], members->outgrown[i]);
    }
    s->members = members->n;
    if (!read_runs(s, err))
        return false;
    s->compared = s->runs.runs > 0;
    return !s->compared || comparison_make(s->p.a, &s->runs, &o, &s->comparison, err);
}

/* ---- what became of it ---- */

static size_t count(const struct sweep_page *s, enum status status)
{
    size_t n = 0;
    for (size_t i = 0; i < s->members; i++)
        n += !s->member[i].damage && s->member[i].status == status;
    return n;
}

static size_t count_open(const struct sweep_page *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->members; i++)
        n += !s->member[i].damage && status_is_open(s->member[i].status);
    return n;
}

static size_t count_damaged(const struct sweep_page *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->members; i++)
        n += s->member[i].damage != NULL;
    return n;
}

static bool is_unmet(const struct member *m)
{
    return !m->damage && m->manifest &&
           manifest_integer(m->manifest, "exit_code", NULL) == ERR_EXPECT;
}

static void add_status(struct sweep_page *s)
{
    struct page *p = &s->p;
    size_t failed = count(s, STATUS_FAILED), open = count_open(s), damaged = count_damaged(s);
    size_t unmet = 0;
    for (size_t i = 0; i < s->members; i++)
        unmet += is_unmet(&s->member[i]);
    const char *word = damaged > 0  ? "damaged"
                       : open > 0   ? "unfinished"
                       : failed > 0 ? "finished, with failures"
                                    : "finished";
    html_add(p, damaged > 0               ? "<div class=\"status bad\"><p>"
                : open > 0                ? "<div class=\"status\"><p>"
                : failed > 0 || unmet > 0 ? "<div class=\"status bad\"><p>"
                                          : "<div class=\"status good\"><p>");
    html_element(p, "b", word);
    html_text(p, arena_printf(p->a, " %s member%s:", show_count(p->a, (int64_t)s->members),
                              s->members == 1 ? "" : "s"));
    const char *comma = " ";
    for (size_t i = 0; i < STATUSES_COUNTED; i++) {
        size_t n = count(s, status_counted[i]);
        if (n > 0)
            html_text(p, arena_printf(p->a, "%s%s %s", comma, show_count(p->a, (int64_t)n),
                                      status_names[status_counted[i]]));
        comma = n > 0 ? ", " : comma;
    }
    if (damaged > 0)
        html_text(p, arena_printf(p->a, "%s%s that cannot be read", comma,
                                  show_count(p->a, (int64_t)damaged)));
    if (unmet > 0)
        html_text(p, arena_printf(p->a, "; %s with an expectation not met",
                                  show_count(p->a, (int64_t)unmet)));
    html_add(p, ".</p></div>\n");
}

static const char *status_word(const struct member *m)
{
    return m->damage ? "damaged" : status_names[m->status];
}

static double total(const struct sweep_page *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->members; i++) {
        double v = manifest_real(s->member[i].manifest, "times", "seconds", NULL);
        sum += isfinite(v) ? v : 0;
    }
    return sum;
}

/* The group that leads: a single run only where none has several. */
static size_t leading_group(const struct comparison *x, size_t *ret_ranked)
{
    size_t n = x->grouping.groups, first = n;
    *ret_ranked = 0;
    for (size_t i = 0; i < n; i++) {
        *ret_ranked += x->rank[x->order[i]] > 0;
        first = first == n && x->rank[x->order[i]] > 0 ? x->order[i] : first;
    }
    return first < n ? first : n > 0 ? x->order[0] : 0;
}

/* "lr 0.01: the best of 6 groups", of those with a rank where any has one. */
static const char *leading_label(struct page *p, const struct comparison *x, size_t first,
                                 size_t ranked)
{
    const char *label = x->grouping.group[first].label;
    size_t n = x->grouping.groups, of = ranked > 0 ? ranked : n;
    if (n < 2)
        return label;
    return arena_printf(p->a, "%s: the best of %s group%s%s", label, show_count(p->a, (int64_t)of),
                        of == 1 ? "" : "s", of < n ? " of several runs" : "");
}

static void add_headline(struct sweep_page *s)
{
    struct page *p = &s->p;
    const struct comparison *x = &s->comparison;
    size_t ranked = 0, first = s->compared ? leading_group(x, &ranked) : 0;
    int64_t steps = 0;
    for (size_t i = 0; i < s->members; i++)
        steps += manifest_integer(s->member[i].manifest, "step", NULL);
    html_add(p, "<dl class=\"headline\">\n");
    if (s->compared && x->sample[first].n > 0) {
        const struct stats_sample *best = &x->sample[first];
        bool share = measure_is_share(&x->measure);
        const char *value = share ? show_share(p->a, best->mean) : show_number(p->a, best->mean);
        if (best->n > 1)
            value = share ? arena_printf(p->a, "%.2f ± %.2f %%", 100 * best->mean, 100 * best->sd)
                          : arena_printf(p->a, "%.4g ± %.2g", best->mean, best->sd);
        html_headline(p, arena_printf(p->a, "best %s", plot_metric_label(p->a, &x->measure)), value,
                      leading_label(p, x, first, ranked));
    }
    if (s->compared)
        html_headline(p, "groups", show_count(p->a, (int64_t)x->grouping.groups),
                      "not counting seeds");
    html_headline(p, "updates", show_count(p->a, steps), "of all members");
    html_headline(p, "time", show_seconds(p->a, total(s)), "of all members, summed");
    html_add(p, "</dl>\n");
}

/* ---- the comparison ---- */

/* class: members or groups, as what the rows are is called too. */
static void add_folded(struct page *p, const char *class, const struct table *t,
                       const char *caption, const bool *best)
{
    if (t->rows <= TABLE_MOST) {
        html_table(p, class, t, caption, (struct html_rows){0, t->rows, best});
        return;
    }
    html_table(p, class, t,
               arena_printf(p->a, "%s: the first %d of %s", caption, TABLE_MOST,
                            show_count(p->a, (int64_t)t->rows)),
               (struct html_rows){0, TABLE_MOST, best});
    html_add(p, "<details><summary>");
    html_text(p, arena_printf(p->a, "The other %s %s",
                              show_count(p->a, (int64_t)(t->rows - TABLE_MOST)), class));
    html_add(p, "</summary>\n");
    html_table(p, class, t, arena_printf(p->a, "%s: the rest", caption),
               (struct html_rows){TABLE_MOST, t->rows, best});
    html_add(p, "</details>\n");
}

static void add_lengths(struct sweep_page *s)
{
    struct page *p = &s->p;
    for (size_t i = 0; i < s->runs.runs; i++) {
        const char *folder = s->runs.run[i].folder,
                   *lengths = s->runs.run[i].extended ? run_extensions(p->a, folder) : NULL;
        if (lengths)
            html_element(p, "p class=\"soft\"",
                         arena_printf(p->a, "%s had another length at first: %s.",
                                      path_base(folder), lengths));
    }
}

static void add_comparison(struct sweep_page *s)
{
    struct page *p = &s->p;
    const struct comparison *x = &s->comparison;
    struct table t;
    if (!s->compared) {
        html_element(p, "p", "No member has begun.");
        return;
    }
    comparison_table(p->a, x, false, &t);
    bool *best = arena_alloc(p->a, t.rows + 1);
    for (size_t i = 0; i < t.rows; i++)
        best[i] = x->rank[x->order[i]] == 1;
    add_folded(p, "groups", &t,
               arena_printf(p->a, "Groups by %s", plot_metric_label(p->a, &x->measure)), best);
    html_element(
        p, "p class=\"soft\"",
        "Mean ± sample deviation over n completed runs; the interval is that of the mean at 95 % by Student's t, of up "
        "to three runs with the deviation pooled over the groups of several runs of which none diverged. Ranks (#) tie "
        "where intervals overlap, which is no test ('descent compare --pairs' is one, on shared seeds), and are not "
        "adjusted for the number of groups. A single run has no rank, nor has a group without an interval. In bold: the first rank.");
    if (comparison_wild(x))
        html_element(
            p, "p class=\"soft\"",
            arena_printf(
                p->a,
                "More than half of the square of the pooled deviation is that of one group: %s.",
                comparison_wild(x)->label));
    const char *copies = collect_copies_text(p->a, &s->runs);
    if (copies)
        html_element(p, "p class=\"soft\"", copies);
    const char *alike = collect_alike_text(p->a, &s->runs);
    if (alike)
        html_element(p, "p class=\"soft\"", alike);
    add_lengths(s);
    const char *twins = collect_twins_text(p->a, &s->runs);
    if (twins)
        html_element(p, "p class=\"soft\"", twins);
    struct deviation d = group_deviation(&x->grouping, &s->runs);
    if (group_deviation_text(&d))
        html_element(p, "p class=\"soft\"",
                     arena_printf(p->a, "%s%s%s.", group_deviation_text(&d),
                                  group_overlap_text(&d) ? "; " : "",
                                  group_overlap_text(&d) ? group_overlap_text(&d) : ""));
    const char *across = comparison_across_text(p->a, &s->runs, &x->measure);
    if (across)
        html_element(p, "p class=\"soft\"", arena_printf(p->a, "Warning: %s.", across));
    const char *mixed = group_mixes(p->a, &x->grouping, &s->runs);
    if (mixed)
        html_element(p, "p class=\"soft\"",
                     arena_printf(p->a, "Groups mix runs that differ in %s too.", mixed));
}

/* ---- figures ---- */

/* The runs of the first groups, in the order of the comparison. */
static struct collection best_groups(struct sweep_page *s, size_t most)
{
    const struct comparison *x = &s->comparison;
    struct collection c = s->runs;
    size_t groups = x->grouping.groups < most ? x->grouping.groups : most;
    c.run = arena_alloc(s->p.a, (s->runs.runs + 1) * sizeof *c.run);
    c.runs = 0;
    for (size_t i = 0; i < groups; i++) {
        const struct group *g = &x->grouping.group[x->order[i]];
        for (size_t k = 0; k < g->n; k++)
            c.run[c.runs++] = *g->run[k];
    }
    return c;
}

static const char *which_groups(struct sweep_page *s, size_t most)
{
    size_t n = s->comparison.grouping.groups;
    return n <= most ? ""
                     : arena_printf(s->p.a, " The first %zu of %s groups.", most,
                                    show_count(s->p.a, (int64_t)n));
}

static bool add_figure(struct sweep_page *s, struct figure *f, const char *what, const char *more,
                       struct error *err)
{
    f->title = NULL;
    if (f->width == 0 && f->panels == 1) {
        f->width = 1040;
        f->height = f->shared_legend ? 740 : 650;
    }
    return html_figure(&s->p, f, arena_printf(s->p.a, "%s%s", what, more),
                       arena_printf(s->p.a, "%s The table of groups has the numbers.", what), err);
}

static bool add_curves(struct sweep_page *s, struct error *err)
{
    struct plot_options o = {.kind = &plot_curves};
    struct figure f;
    struct collection c = best_groups(s, CURVES_MOST);
    const char *what =
        "Curves over epochs: the mean of each group's runs, in a band from the lowest to the highest.";
    return plot_make(s->p.a, &c, &o, &f, err) &&
           add_figure(s, &f, what, which_groups(s, CURVES_MOST), err);
}

static bool add_strip(struct sweep_page *s, struct error *err)
{
    struct figure f;
    struct collection c = best_groups(s, STRIP_MOST), drawn = best_groups(s, CURVES_MOST);
    struct plot_options o = {.kind = &plot_strip, .first = &drawn};
    size_t rows =
        s->comparison.grouping.groups < STRIP_MOST ? s->comparison.grouping.groups : STRIP_MOST;
    const char *what =
        "Each run a dot, each group a row: its mean on the line of its 95 % interval.";
    if (!plot_make(s->p.a, &c, &o, &f, err))
        return false;
    f.width = 1300;
    f.height =
        rows > 10 ? (unsigned)(140 + 44 * rows) : 600; /* lower, its letters would be small */
    return add_figure(s, &f, what, which_groups(s, STRIP_MOST), err);
}

/* Whether at least half of the cells were tried, and two or more have a value. */
static bool is_filled(const struct figure *f)
{
    size_t cells = 0, filled = 0, values = 0;
    for (size_t i = 0; i < f->panels; i++) {
        const struct heat_map *h = f->panel[i].heat;
        for (size_t k = 0; k < h->rows * h->columns; k++)
            filled += isfinite(h->value[k]) || (h->note && h->note[k]);
        for (size_t k = 0; k < h->rows * h->columns; k++)
            values += isfinite(h->value[k]) != 0;
        cells += h->rows * h->columns;
    }
    return values > 1 && 2 * filled >= cells;
}

/* Two keys that differ make one; more make panels. Where the sweep is no grid, there is none. */
static bool add_heat_map(struct sweep_page *s, struct error *err)
{
    struct plot_options o = {.kind = &plot_heatmap};
    struct figure f;
    struct error none = {0};
    if (s->comparison.grouping.keys < 2 || !plot_make(s->p.a, &s->runs, &o, &f, &none) ||
        f.panels > PANELS_MOST || !is_filled(&f))
        return true;
    return add_figure(
        s, &f, "Over two of the keys that differ: the mean over seeds; the best cell has a frame.",
        "", err);
}

static bool has_three_points(const struct figure *f)
{
    for (size_t i = 0; i < f->panels; i++)
        for (size_t k = 0; k < f->panel[i].curves && f->panel[i].curves <= CURVES_MOST; k++) {
            const struct curve *c = &f->panel[i].curve[k];
            size_t n = 0;
            for (size_t j = 0; j < c->n; j++)
                n += isfinite(c->y[j]) != 0;
            if (n >= 3)
                return true;
        }
    return false;
}

/* Along a number with at least three values: the learning rate, where that is one. */
static bool add_sensitivity(struct sweep_page *s, struct error *err)
{
    struct plot_options o = {.kind = &plot_sensitivity};
    struct figure f;
    struct error none = {0};
    if (!plot_make(s->p.a, &s->runs, &o, &f, &none) || f.panels > PANELS_MOST ||
        !has_three_points(&f))
        return true;
    return add_figure(
        s, &f,
        "Against one key's values: the mean over seeds, in a band from the lowest to the highest.",
        "", err);
}

static bool add_figures(struct sweep_page *s, struct error *err)
{
    size_t begun = 0, with_value = 0;
    for (size_t i = 0; i < s->runs.runs; i++)
        begun += s->runs.run[i].epoch > 0;
    for (size_t i = 0; s->compared && i < s->comparison.grouping.groups; i++)
        with_value += s->comparison.sample[i].n > 0;
    if (s->p.no_figures || begun == 0)
        return true;
    if (!add_curves(s, err))
        return false;
    if (with_value < 2)
        return true;
    if (!add_strip(s, err))
        return false;
    html_add(&s->p, "<div class=\"pair\">\n");
    bool ok = add_heat_map(s, err) && add_sensitivity(s, err);
    html_add(&s->p, "</div>\n");
    return ok;
}

/* ---- members ---- */

/* All that did not complete, and completed runs that did not do what was expected of
 * them. */
static void add_messages(struct sweep_page *s)
{
    static const struct table_column column[] = {{"member", true, true, false},
                                                 {"status", true, false, false},
                                                 {"epoch", false, false, false},
                                                 {"message", true, false, false}};
    struct page *p = &s->p;
    const char **cell = arena_alloc(p->a, (4 * s->members + 1) * sizeof *cell);
    struct table t = {.columns = 4, .column = column, .cell = cell};
    for (size_t i = 0; i < s->members; i++) {
        const struct member *m = &s->member[i];
        const char *message =
            m->damage ? m->damage : manifest_text(m->manifest, "message", NULL, NULL);
        if (!message && !status_is_lost(m->status))
            continue;
        const char **c = &cell[4 * t.rows++];
        c[0] = m->name;
        c[1] = is_unmet(m) ? "expectation not met" : status_word(m);
        c[2] = show_count(p->a, manifest_integer(m->manifest, "epoch", NULL));
        c[3] = message ? message : "";
    }
    if (t.rows == 0)
        return;
    html_section(p, "failures", "What went wrong");
    add_folded(p, "members", &t,
               "Members that failed, diverged, cannot be read, or did not meet an expectation",
               NULL);
    html_section_end(p);
}

static void add_members(struct sweep_page *s)
{
    static const struct table_column column[] = {
        {"member", true, true, false},         {"status", true, false, false},
        {"epochs", false, false, false},       {"updates", false, false, false},
        {"train loss", false, false, false},   {"valid %", false, false, false},
        {"best valid %", false, false, false}, {"at epoch", false, false, false},
        {"test %", false, false, false},       {"time", false, false, false}};
    enum { COLUMNS = sizeof column / sizeof column[0] };
    struct page *p = &s->p;
    const char **cell = arena_alloc(p->a, (COLUMNS * s->members + 1) * sizeof *cell);
    struct table t = {.columns = COLUMNS, .rows = s->members, .column = column, .cell = cell};
    for (size_t i = 0; i < s->members; i++) {
        const struct member *m = &s->member[i];
        const struct collected_run *r = m->run;
        const char **c = &cell[COLUMNS * i];
        c[0] = m->name;
        c[1] = status_word(m);
        if (!m->manifest || !r)
            continue;
        double valid = r->final[METRIC_VALID_ACCURACY], best = r->best[METRIC_VALID_ACCURACY],
               test = r->final[METRIC_TEST_ACCURACY], loss = r->final[METRIC_TRAIN_LOSS];
        c[2] = show_count(p->a, r->epoch);
        c[3] = show_count(p->a, r->step);
        c[4] = isfinite(loss) ? arena_printf(p->a, "%.4g", loss) : "–";
        c[5] = isfinite(valid) ? arena_printf(p->a, "%.2f", 100 * valid) : "–";
        c[6] = isfinite(best) ? arena_printf(p->a, "%.2f", 100 * best) : "–";
        c[7] = r->best_epoch >= 0 ? show_count(p->a, r->best_epoch) : "–";
        c[8] = isfinite(test) ? arena_printf(p->a, "%.2f", 100 * test) : "–";
        c[9] = show_seconds(p->a, r->seconds);
    }
    html_section(p, "members", "Members");
    add_folded(p, "members", &t, "In the sweep's order, as far as each one is", NULL);
    const char *best = collect_best_text(p->a, &s->runs);
    if (best)
        html_element(p, "p class=\"soft\"", arena_printf(p->a, "The %s.", best));
    html_section_end(p);
}

/* ---- spec, environment, commands ---- */

static void add_environment(struct sweep_page *s)
{
    struct json **manifest = arena_alloc(s->p.a, (s->members + 1) * sizeof *manifest);
    const char *from = NULL, *to = NULL;
    size_t n = 0;
    for (size_t i = 0; i < s->members; i++) {
        struct json *j = s->member[i].manifest;
        const char *started = manifest_text(j, "times", "started", NULL),
                   *written = manifest_text(j, "times", "written", NULL);
        if (j)
            manifest[n++] = j;
        from = started && (!from || strcmp(started, from) < 0) ? started
                                                               : from; /* ISO 8601 sorts as text */
        to = written && (!to || strcmp(written, to) > 0) ? written : to;
    }
    html_environment(&s->p, manifest, n);
    if (!from || !to)
        return;
    html_facts_begin(&s->p, "Time");
    html_fact(&s->p, "last begun from", from);
    html_fact(&s->p, "recorded until", to);
    html_fact(&s->p, "all members", show_seconds(s->p.a, total(s)));
    html_facts_end(&s->p);
}

static void add_commands(struct sweep_page *s)
{
    struct page *p = &s->p;
    const char *spec = folder_path(p->a, p->folder, FOLDER_SWEEP),
               *again = arena_printf(p->a, "%s-again", p->folder);
    size_t open = count_open(s);
    if (open > 0)
        html_command(p, "Resume what is unfinished:",
                     (const char *const[]){"descent", "resume", p->folder, NULL});
    if (count(s, STATUS_FAILED) > 0)
        html_command(p, "Train again what failed:",
                     (const char *const[]){"descent", "sweep", spec, "-o", p->folder,
                                           "--retry-failed", NULL});
    html_command(p, "Train all of it in a folder of its own:",
                 (const char *const[]){"descent", "sweep", spec, "-o", again, NULL});
    for (size_t i = 0; i < s->members; i++)
        if (s->member[i].status == STATUS_COMPLETED) {
            html_command(p, "Train one member again and compare every byte, this one for instance:",
                         (const char *const[]){"descent", "verify", s->member[i].folder, NULL});
            break;
        }
    if (s->compared)
        html_command(p, "The table of groups, in other formats and by other metrics:",
                     (const char *const[]){"descent", "compare", p->folder, NULL});
    bool by_blas = false;
    for (size_t i = 0; i < s->members; i++)
        by_blas = by_blas || html_is_by_blas(s->member[i].manifest);
    html_promise(p, by_blas, ", in whatever order members are trained");
}

/* ---- the page ---- */

/* What the spec says of itself, or NULL. */
static const char *description_of(struct sweep_page *s)
{
    struct diags d;
    struct source source = {.path = FOLDER_SWEEP, .text = s->text, .length = strlen(s->text)};
    diags_init(&d, s->p.a);
    const struct node *root = node_parse(s->p.a, &source, &d);
    const struct node *n = root ? node_get(root, "description") : NULL;
    return n && n->kind == NODE_SCALAR && !node_is_null(n) ? n->text : NULL;
}

static bool write_page(struct sweep_page *s, struct error *err)
{
    struct page *p = &s->p;
    html_begin(p, s->name, "report of a sweep");
    html_add(p, "<header>\n<p class=\"kind\">Report of a sweep</p>\n");
    html_element(p, "h1", s->name);
    if (description_of(s))
        html_element(p, "p class=\"lead\"", description_of(s));
    add_status(s);
    html_add(p, "</header>\n");
    add_headline(s);
    html_section(p, "results", "Results");
    add_comparison(s);
    if (!add_figures(s, err))
        return false;
    html_section_end(p);
    add_messages(s);
    add_members(s);
    html_section(p, "spec", "Spec");
    html_element(
        p, "p class=\"soft\"",
        "The base and the axes, as sweep.yaml has them; each member's folder has its resolved spec.");
    html_yaml(p, s->text, NULL);
    html_section_end(p);
    html_section(p, "environment", "Environment");
    add_environment(s);
    html_section_end(p);
    html_section(p, "reproduce", "To reproduce it");
    add_commands(s);
    html_section_end(p);
    html_end(p);
    return true;
}

bool report_sweep(struct arena *a, const struct report_options *o,
                  const struct report_members *members, struct strbuf *out, size_t *ret_damaged,
                  struct error *err)
{
    struct sweep_page s = {
        .p = {.a = a, .out = out, .folder = report_path(a, o->folder), .no_figures = o->no_figures},
        .name = members->name};
    bool ok = read_sweep(&s, members, err) && write_page(&s, err);
    for (size_t i = 0; i < s.members; i++)
        js_free(s.member[i].manifest);
    *ret_damaged = count_damaged(&s);
    return ok;
}
