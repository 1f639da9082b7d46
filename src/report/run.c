/* The page of one run. */
#include "run/run.h"
#include "figure/figure.h"
#include "folder/folder.h"
#include "plot/plot.h"
#include "report/html.h"
#include "study/collect.h"
#include "util/path.h"
#include <math.h>
#include <string.h>

/* What a run folder holds. */
struct record {
    struct json *manifest; /* NULL: the run has only begun */
    const char *text;      /* spec.yaml */
    struct spec spec;
    bool has_spec; /* this version understands it */
    const char *name;
    enum status status;
    int64_t epoch, step; /* how far it is */
    double seconds;      /* NaN: not known of that */
    struct epoch_row *row;
    size_t rows;
    double *time; /* of training, up to each row */
};

/* ---- reading ---- */

static bool read_tables(struct page *p, const char *folder, struct record *r, struct error *err)
{
    struct collected_run run = {.folder = folder};
    if (!folder_has(folder, FOLDER_EPOCHS))
        return true;
    return run_read_epochs(p->a, folder, &r->row, &r->rows, err) &&
           collect_times(p->a, &run, r->row, r->rows, &r->time, err);
}

static const char *name_of(struct arena *a, const struct record *r, const char *folder)
{
    if (r->has_spec)
        return r->spec.name;
    const char *name = manifest_text(r->manifest, "name", NULL, NULL);
    return name ? arena_strdup(a, name) : path_base(folder);
}

/* A killed run may have come further than its run.json says. */
static bool read_progress(const char *folder, struct record *r, struct error *err)
{
    struct run_summary now;
    if (!run_read_progress(folder, &now, err))
        return false;
    r->status = now.status;
    r->epoch = now.epoch;
    r->step = now.step;
    r->seconds = now.seconds;
    return true;
}

static bool read_record(struct page *p, const char *folder, struct record *r, struct error *err)
{
    struct diags d;
    if (!run_spec_text(p->a, folder, &r->text, err))
        return false;
    if (folder_has(folder, FOLDER_MANIFEST) && !run_read_manifest(folder, &r->manifest, err))
        return false;
    diags_init(&d, p->a);
    r->has_spec = spec_parse(
        p->a, &(struct spec_text){.name = folder_path(p->a, folder, FOLDER_SPEC), .text = r->text},
        &d, &r->spec);
    r->name = name_of(p->a, r, folder);
    return read_progress(folder, r, err) && read_tables(p, folder, r, err);
}

/* ---- what became of it ---- */

static const char *position(struct arena *a, const struct record *r)
{
    return arena_printf(a, "%s epoch%s, %s update%s", show_count(a, r->epoch),
                        r->epoch == 1 ? "" : "s", show_count(a, r->step), r->step == 1 ? "" : "s");
}

/* In words, for each status a run can have. */
static const char *explain(struct arena *a, const struct record *r)
{
    const char *at = position(a, r),
               *written = manifest_text(r->manifest, "times", "written", NULL);
    if (r->status == STATUS_COMPLETED)
        return arena_printf(a, "after %s.", at);
    if (r->status == STATUS_DIVERGED)
        return arena_printf(a, "after %s. There are no final figures.", at);
    if (r->status == STATUS_FAILED)
        return arena_printf(a, "after %s.", at);
    if (r->status == STATUS_PRUNED)
        return arena_printf(a, "after %s: its sweep continued without it.", at);
    if (r->status == STATUS_INTERRUPTED)
        return arena_printf(
            a, "after %s; it can resume from there. The figures below are not final.", at);
    if (r->status == STATUS_RUNNING)
        return arena_printf(
            a,
            "and past %s when this was recorded (%s), or stopped since without a word. The figures "
            "below are not final.",
            at, written ? written : "?");
    return "but nothing was recorded yet.";
}

static void add_status(struct page *p, const struct record *r)
{
    const char *message = manifest_text(r->manifest, "message", NULL, NULL);
    bool unmet = manifest_integer(r->manifest, "exit_code", NULL) == ERR_EXPECT;
    const char *word = r->status == STATUS_NONE ? "begun" : status_names[r->status];
    bool good = r->status == STATUS_COMPLETED && !unmet;
    bool bad = unmet || status_is_lost(r->status);
    html_add(p, good  ? "<div class=\"status good\">"
                : bad ? "<div class=\"status bad\">"
                      : "<div class=\"status\">");
    html_add(p, "<p>");
    html_element(p, "b", unmet ? arena_printf(p->a, "%s, an expectation not met", word) : word);
    html_add(p, " ");
    html_text(p, explain(p->a, r));
    html_add(p, "</p>");
    if (message)
        html_element(p, "p", message);
    const char *extensions = run_extensions(p->a, p->folder);
    if (extensions)
        html_element(p, "p", arena_printf(p->a, "It had another length at first: %s.", extensions));
    html_add(p, "</div>\n");
}

/* ---- headline ---- */

/* What is being optimized, on what, for how long. */
static const char *in_a_line(struct arena *a, const struct spec *s)
{
    const struct node *hidden = node_find(s->root, "model.hidden");
    struct strbuf b;
    strbuf_init(&b);
    struct sched_peak peak = sched_peak(&s->scheduler);
    if (!peak.key)
        strbuf_addf(&b, "%s with learning rate %g", s->optimizer.kind->name,
                    optim_base_lr(&s->optimizer));
    else
        strbuf_addf(&b, "%s with learning rates up to %g, those of %s,", s->optimizer.kind->name,
                    peak.lr, s->scheduler.v[peak.entry].kind->name);
    strbuf_addf(&b, " trains %s", s->model.kind->name);
    for (size_t i = 0; hidden && hidden->kind == NODE_LIST && i < hidden->n; i++)
        if (hidden->item[i]->kind == NODE_SCALAR)
            strbuf_addf(&b, "%s%s", i ? ", " : " (", hidden->item[i]->text);
    strbuf_add(&b, hidden && hidden->kind == NODE_LIST && hidden->n > 0 ? ")" : "");
    strbuf_addf(&b, " on %s, in batches of %lld", data_names[s->dataset.name],
                (long long)s->train.batch_size);
    if (s->train.epochs != PARAM_NULL_INT)
        strbuf_addf(&b, " for %s epoch%s", show_count(a, s->train.epochs),
                    s->train.epochs == 1 ? "" : "s");
    else
        strbuf_addf(&b, " for %s update%s", show_count(a, s->train.steps),
                    s->train.steps == 1 ? "" : "s");
    strbuf_addf(&b, "; seed %lld.", (long long)s->seed);
    const char *text = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return text;
}

static void headline_share(struct page *p, const char *name, double v, const char *remark)
{
    if (isfinite(v))
        html_headline(p, name, show_share(p->a, v), remark);
}

/* The validation accuracy of the best epoch, which is the best one where it was chosen by that. */
static void headline_best(struct page *p, const struct record *r)
{
    const struct json *m = js_get(r->manifest, "metrics");
    const char *accuracy = metric_names[METRIC_VALID_ACCURACY],
               *by = r->has_spec && r->spec.checkpoint.best ? r->spec.checkpoint.best : accuracy,
               *at = show_count(p->a, manifest_integer(m, "best", "epoch")),
               *among = show_count(p->a, r->epoch);
    double v = manifest_real(m, "best", accuracy, NULL);
    if (strcmp(by, accuracy) == 0)
        headline_share(p, "best validation accuracy", v,
                       arena_printf(p->a, "epoch %s, chosen among %s", at, among));
    else
        headline_share(p, "validation accuracy at the best epoch", v,
                       arena_printf(p->a, "epoch %s, chosen among %s by %s", at, among, by));
}

static void add_headline(struct page *p, const struct record *r)
{
    const struct json *m = js_get(r->manifest, "metrics");
    html_add(p, "<dl class=\"headline\">\n");
    headline_share(p, "test accuracy",
                   manifest_real(m, "final", metric_names[METRIC_TEST_ACCURACY], NULL),
                   "of the last weights");
    headline_share(p, "validation accuracy",
                   manifest_real(m, "final", metric_names[METRIC_VALID_ACCURACY], NULL),
                   "after the last epoch");
    headline_best(p, r);
    html_headline(
        p, "updates", show_count(p->a, r->step),
        arena_printf(p->a, "%s epoch%s", show_count(p->a, r->epoch), r->epoch == 1 ? "" : "s"));
    if (isfinite(r->seconds))
        html_headline(
            p, "time", show_seconds(p->a, r->seconds),
            r->rows > 0 && isfinite(r->time[r->rows - 1])
                ? arena_printf(p->a, "training alone %s", show_seconds(p->a, r->time[r->rows - 1]))
                : NULL);
    html_add(p, "</dl>\n");
}

/* ---- results ---- */

/* Loss and accuracy of the three splits at the end, and at the best epoch where there is another
 * one. */
static void add_metrics(struct page *p, const struct record *r)
{
    const struct json *m = js_get(r->manifest, "metrics");
    bool final = js_is_object(js_get(m, "final")), best = js_is_object(js_get(m, "best"));
    if (!final && !best) {
        html_element(p, "p", "No figures are recorded of its end, and no best epoch.");
        return;
    }
    long long last = manifest_integer(m, "final", "epoch"),
              peak = manifest_integer(m, "best", "epoch");
    bool same = final && best && last == peak;
    best = best && !same;
    struct table_column column[5] = {{"split", true, true, false}};
    const char *cell[15];
    struct table t = {.columns = 1, .rows = SPLITS, .column = column, .cell = cell};
    if (final) {
        column[t.columns++].head = arena_printf(
            p->a, same ? "loss, epoch %lld (last, best)" : "loss, epoch %lld (last)", last);
        column[t.columns++].head = "accuracy";
    }
    if (best) {
        column[t.columns++].head = arena_printf(p->a, "loss, epoch %lld (best)", peak);
        column[t.columns++].head = "accuracy";
    }
    for (size_t i = 0; i < SPLITS; i++) {
        const struct split_info *s = &split_info[i];
        const char **c = &cell[i * t.columns];
        *c++ = s->word;
        for (int k = 0; k < 2; k++) {
            const char *which = k == 0 ? "final" : "best";
            if (!(k == 0 ? final : best))
                continue;
            *c++ = show_number(p->a, manifest_real(m, which, metric_names[s->loss], NULL));
            *c++ = show_share(p->a, manifest_real(m, which, metric_names[s->accuracy], NULL));
        }
    }
    html_table(p, "splits", &t, "Cross entropy and accuracy, in evaluation mode",
               (struct html_rows){0, 3, NULL});
}

/* ---- figures ---- */

struct drawing {
    struct page *p;
    const struct record *r;
};

/* Whether there is a curve that is not level. */
static bool says_something(const struct figure *f)
{
    for (size_t i = 0; i < f->panels; i++)
        for (size_t k = 0; k < f->panel[i].curves; k++) {
            const struct curve *c = &f->panel[i].curve[k];
            for (size_t j = 1; j < c->n; j++)
                if (c->y[j] < c->y[0] || c->y[j] > c->y[0])
                    return true;
        }
    return false;
}

static bool take_figure(void *context, const char *name, const struct figure *f, struct error *err)
{
    struct drawing *d = context;
    struct figure own = *f;
    const char *what, *caption;
    if (!says_something(f))
        return true;
    if (strcmp(name, "loss") == 0) {
        what = "Loss against epochs";
        caption =
            "Cross entropy of the training and validation sets after each epoch, and the mean over the epoch's "
            "minibatches in training mode.";
    } else if (strcmp(name, "accuracy") == 0) {
        what = "Accuracy against epochs";
        caption = "Accuracy after each epoch.";
    } else {
        what = "Schedule";
        caption =
            "What the schedules did: the learning rate, and the batch size and momentum where they change.";
    }
    own.title = NULL;
    own.texts = 0;
    own.width = 1040;
    own.height = f->panels > 1 ? (unsigned)(400 * f->panels) : 650;
    return html_figure(d->p, &own, caption,
                       arena_printf(d->p->a,
                                    "%s of the run %s; the table of epochs has its numbers.", what,
                                    d->r->name),
                       err);
}

static bool add_figures(struct page *p, const char *folder, const struct record *r,
                        struct error *err)
{
    struct drawing d = {p, r};
    if (p->no_figures || !r->has_spec || r->rows < 2)
        return true;
    html_add(p, "<div class=\"pair\">\n");
    bool ok = run_figures(&r->spec, folder, take_figure, &d, err);
    html_add(p, "</div>\n");
    return ok;
}

/* ---- the table of epochs ---- */

static void add_epochs(struct page *p, const struct record *r)
{
    const struct json *best = js_get(js_get(r->manifest, "metrics"), "best");
    html_epochs(p, &(struct html_epochs){
                       .row = r->row,
                       .time = r->time,
                       .rows = r->rows,
                       .best = js_is_object(best) ? manifest_integer(best, "epoch", NULL) : -1});
}

/* ---- environment ---- */

static void add_digest(struct page *p, const char *folder, const struct record *r, const char *name)
{
    const char *recorded = manifest_text(r->manifest, "certificate", name, NULL);
    char hex[65];
    struct error err;
    if (!recorded)
        return;
    bool is_file = strcmp(name, "weights") != 0, same = true;
    if (is_file)
        same = folder_digest(folder, name, hex, &err) && strcmp(hex, recorded) == 0;
    html_fact_code(p, name, recorded);
    if (!same)
        html_fact(p, "",
                  arena_printf(p->a,
                               "The folder's %s is another one than this: it was changed since.",
                               name));
}

static void add_environment(struct page *p, const char *folder, const struct record *r)
{
    double memory = manifest_real(r->manifest, "times", "peak_memory_bytes", NULL);
    html_environment(p, &r->manifest, r->manifest ? 1 : 0);
    if (!r->manifest)
        return;
    html_facts_begin(p, "Time and memory");
    html_fact(p, "started", manifest_text(r->manifest, "times", "started", NULL));
    html_fact(p, "recorded", manifest_text(r->manifest, "times", "written", NULL));
    html_fact(p, "time in all",
              show_seconds(p->a, manifest_real(r->manifest, "times", "seconds", NULL)));
    if (isfinite(memory))
        html_fact(p, "peak memory", arena_printf(p->a, "%.1f MB", memory / 1e6));
    html_facts_end(p);
    if (!js_is_object(js_get(r->manifest, "certificate")))
        return;
    html_facts_begin(p, "What it left (SHA-256)");
    add_digest(p, folder, r, FOLDER_SPEC);
    add_digest(p, folder, r, FOLDER_EPOCHS);
    add_digest(p, folder, r, FOLDER_STEPS);
    add_digest(p, folder, r, "weights");
    html_facts_end(p);
}

/* ---- commands ---- */

static void add_commands(struct page *p, const struct record *r)
{
    const char *spec = folder_path(p->a, p->folder, FOLDER_SPEC),
               *again = arena_printf(p->a, "%s-again", p->folder);
    bool completed = r->status == STATUS_COMPLETED, diverged = r->status == STATUS_DIVERGED,
         pruned = r->status == STATUS_PRUNED;
    if (completed || diverged)
        html_command(p, "Train it again and compare every byte:",
                     (const char *const[]){"descent", "verify", p->folder, NULL});
    else if (!pruned)
        html_command(p, r->status == STATUS_NONE ? "Train it:" : "Resume from its last checkpoint:",
                     (const char *const[]){"descent", "resume", p->folder, NULL});
    html_command(p, "Train the same spec in a folder of its own:",
                 (const char *const[]){"descent", "run", spec, "-o", again, NULL});
    if (completed)
        html_command(p, "Check its files against their digests:",
                     (const char *const[]){"descent", "inspect", p->folder, NULL});
    html_promise(p, html_is_by_blas(r->manifest), "");
}

/* ---- the page ---- */

static bool write_page(struct page *p, const char *folder, const struct record *r,
                       struct error *err)
{
    html_begin(p, r->name, "report of a run");
    html_add(p, "<header>\n<p class=\"kind\">Report of a run</p>\n");
    html_element(p, "h1", r->name);
    if (r->has_spec && r->spec.description[0])
        html_element(p, "p class=\"lead\"", r->spec.description);
    if (r->has_spec)
        html_element(p, "p", in_a_line(p->a, &r->spec));
    add_status(p, r);
    html_add(p, "</header>\n");
    if (r->manifest)
        add_headline(p, r);
    html_section(p, "results", "Results");
    add_metrics(p, r);
    if (!add_figures(p, folder, r, err))
        return false;
    if (r->rows > 0)
        add_epochs(p, r);
    html_section_end(p);
    html_section(p, "spec", "Spec");
    if (!r->has_spec)
        html_element(
            p, "p",
            "This version of descent cannot read this spec; it is shown as the run left it.");
    html_spec(p, r->has_spec ? &r->spec : NULL, r->text);
    html_section_end(p);
    html_section(p, "environment", "Environment");
    add_environment(p, folder, r);
    html_section_end(p);
    html_section(p, "reproduce", "To reproduce it");
    add_commands(p, r);
    html_section_end(p);
    html_end(p);
    return true;
}

const char *report_path(struct arena *a, const char *folder)
{
    return arena_printf(a, "%s%s", folder[0] == '-' ? "./" : "", path_bare(a, folder));
}

bool report_run(struct arena *a, const struct report_options *o, struct strbuf *out,
                struct error *err)
{
    struct page p = {
        .a = a, .out = out, .folder = report_path(a, o->folder), .no_figures = o->no_figures};
    struct record r = {0};
    bool ok = read_record(&p, p.folder, &r, err) && write_page(&p, p.folder, &r, err);
    js_free(r.manifest);
    return ok;
}
