#include "cli/subject.h"
#include "checkpoint/safetensors.h"
#include "util/file.h"
#include "util/log.h"
#include "util/path.h"
#include "util/text.h"
#include <inttypes.h>
#include <string.h>

enum { PATH_MOST = 200 }; /* numbered checkpoints of a path */

/* ---- one model ---- */

/* Where training ended; what is not ended is not yet the model that it will be. */
static bool check_finished(const char *folder, struct error *err)
{
    struct run_summary r;
    if (!cli_check_no_sweep(folder, err) || !run_read_progress(folder, &r, err))
        return false;
    if (r.status == STATUS_COMPLETED || r.status == STATUS_PRUNED)
        return true;
    if (r.status == STATUS_NONE)
        return error_set(err, ERR_DATA, "%s holds no run: there is no run.json that can be read",
                         folder);
    if (status_is_lost(r.status))
        return error_set(err, ERR_USAGE,
                         "%s: this run %s; one of its checkpoints may be named in its place",
                         folder, status_names[r.status]);
    return error_set(err, ERR_USAGE,
                     "%s: this run is not finished (%s at epoch %" PRId64
                     "); 'descent resume %s' resumes it, "
                     "or name one of its checkpoints",
                     folder, status_names[r.status], r.epoch, text_word(folder));
}

static const char *name_of(struct arena *a, const char *word)
{
    const char *bare = path_bare(a, word), *name = path_base(bare);
    return name[0] ? name : bare;
}

static bool read_spec(struct arena *a, struct subject *s, struct diags *d, struct error *err)
{
    struct st_file f;
    if (!st_read(s->weights, &f, err))
        return false;
    const char *text = st_meta(&f, "descent.spec");
    text = text ? arena_strdup(a, text) : NULL;
    st_fini(&f);
    if (!text)
        return error_set(err, ERR_USAGE,
                         "%s carries no spec: only checkpoints and exports of runs can be shown",
                         s->weights);
    return spec_parse(a, &(struct spec_text){.name = s->weights, .text = text}, d, &s->spec);
}

/* Two with the same data share it. */
static bool load_data(struct subject *s, struct subject *other, struct error *err)
{
    struct strbuf own, its;
    strbuf_init(&own);
    strbuf_init(&its);
    run_data_key(&s->spec, &own);
    if (other)
        run_data_key(&other->spec, &its);
    s->borrowed = other && strcmp(own.text, its.text) == 0;
    strbuf_fini(&own);
    strbuf_fini(&its);
    if (s->borrowed) {
        s->data = other->data;
        return true;
    }
    if (other)
        log_warn("%s was trained on other data than %s, whose images are shown", s->name,
                 other->name);
    return data_load(&s->spec.dataset, (uint64_t)s->spec.seed, &s->data, err);
}

int subject_open(struct arena *a, struct subject *s, const char *word, const char *which,
                 bool initial, struct subject *other)
{
    struct diags d;
    struct error err = {0};
    diags_init(&d, a);
    *s = (struct subject){.word = word, .name = name_of(a, word), .weights = word};
    if (file_is_folder(word)) {
        if (!check_finished(word, &err) || !(s->weights = cli_weights(a, word, which, &err)))
            return cli_fail(&err);
        s->folder = word;
    }
    if (!read_spec(a, s, &d, &err))
        return err.code ? cli_fail(&err) : cli_fail_diags(&d, s->weights);
    bool ok = (initial ? train_check_ahead : train_check_to_load)(&s->spec, &err) &&
              load_data(s, other, &err) &&
              (!s->folder || run_same_data(&s->spec, s->folder, s->data, &err)) &&
              (initial ? train_new(&s->spec, s->data, &s->train, &err)
                       : train_new_to_load(&s->spec, s->data, &s->train, &err));
    return ok ? 0 : cli_fail_spec(&s->spec, &err);
}

void subject_close(struct subject *s)
{
    train_free(s->train);
    if (!s->borrowed)
        data_free(s->data);
}

bool subject_same_models(const struct subject *a, const struct subject *b, struct error *err)
{
    const struct model_plan *p = train_plan(a->train), *q = train_plan(b->train);
    const struct model_plan *longer = p->params > q->params ? p : q;
    size_t common = p->params < q->params ? p->params : q->params;
    for (size_t i = 0; i < common; i++) {
        const struct model_tensor *x = &p->param[i], *y = &q->param[i];
        if (strcmp(x->name, y->name) != 0)
            return error_set(err, ERR_USAGE, "the models differ: %s has '%s' where %s has '%s'",
                             a->name, x->name, b->name, y->name);
        if (x->shape.rows != y->shape.rows || x->shape.cols != y->shape.cols)
            return error_set(err, ERR_USAGE,
                             "the models differ: '%s' is %zu x %zu in %s, %zu x %zu in %s", x->name,
                             x->shape.rows, x->shape.cols, a->name, y->shape.rows, y->shape.cols,
                             b->name);
    }
    if (longer->params > common)
        return error_set(err, ERR_USAGE, "the models differ: only %s has '%s'",
                         longer == p ? a->name : b->name, longer->param[common].name);
    return true;
}

/* ---- the checkpoints of a run ---- */

static void add_point(struct subject_path *w, struct train *t)
{
    w->step[w->n] = train_step_now(t);
    w->point[w->n++] = landscape_take_point(t);
}

bool subject_read_path(struct arena *a, struct subject *s, struct subject_path *w,
                       struct error *err)
{
    size_t n;
    const char *from = s->folder;
    int64_t *step = folder_numbered(a, from, &n);
    if (n < 3)
        return error_set(
            err, ERR_USAGE,
            "%s keeps %zu numbered checkpoint%s; a trajectory needs 3 or more: train with "
            "'checkpoint.keep=%" PRId64
            "' (and 'checkpoint.every' or 'checkpoint.every_steps' as often as wanted)",
            from, n, n == 1 ? "" : "s",
            s->spec.train.epochs > 2 && s->spec.train.epochs < 1000 ? s->spec.train.epochs : 100);
    w->point = arena_alloc(a, (n + 2) * sizeof *w->point);
    w->step = arena_alloc(a, (n + 2) * sizeof *w->step);
    add_point(w, s->train);
    size_t take = n < PATH_MOST ? n : PATH_MOST;
    for (size_t i = 0; i < take; i++) {
        size_t at = take > 1 ? i * (n - 1) / (take - 1) : 0;
        const char *path = folder_checkpoint(a, from, folder_step_name(a, step[at]));
        if (!run_check_weights(from, path, err) || !train_load(s->train, path, err))
            return false;
        add_point(w, s->train);
    }
    if (!train_load(s->train, s->weights, err))
        return false;
    if (train_step_now(s->train) > w->step[w->n - 1])
        add_point(w, s->train);
    return true;
}
