/* A run that has ended and is asked for again: what is said of it, and what may change in its
 * folder. */
#include "folder/folder.h"
#include "run/internal.h"
#include "util/json.h"
#include "util/log.h"
#include "util/text.h"
#include <stdio.h>
#include <string.h>

void run_tell_early_stop(const struct run *r, int64_t epoch, int64_t step)
{
    const struct train_config *t = &r->spec->train;
    bool early = t->epochs != PARAM_NULL_INT ? epoch < t->epochs : step < t->steps;
    if (early && t->early_stopping.on)
        log_info("%s stopped early, after epoch %lld (train.early_stopping): more epochs change "
                 "nothing",
                 r->folder, (long long)epoch);
}

static void add_unused(void *context, const char *key, const char *one, const char *other)
{
    struct strbuf *keys = context;
    (void)one;
    bool draws = strcmp(key, "plots") == 0 && other && strcmp(other, "true") == 0;
    if (draws || strncmp(key, "log.", 4) == 0 || strncmp(key, "checkpoint.", 11) == 0 ||
        strcmp(key, "evaluate.batch_size") == 0)
        strbuf_addf(keys, "%s%s", keys->length > 0 ? ", " : "", key);
}

/* What else may change acts while a run trains. */
static void tell_unused(struct run *r)
{
    struct strbuf old, keys;
    if (!r->has_old)
        return;
    strbuf_init(&old);
    strbuf_init(&keys);
    spec_write(&r->old, &old);
    spec_differences(&r->arena, old.text, r->spec_text, add_unused, &keys);
    if (keys.length > 0)
        log_info("%s: of a finished run they change nothing; 'descent plot %s' draws its figures",
                 keys.text, text_word(r->folder));
    strbuf_fini(&keys);
    strbuf_fini(&old);
}

static bool report(struct run *r, struct run_result *ret, bool completed, int exit_code,
                   struct error *err)
{
    struct epoch_row *rows;
    size_t n;
    if (!run_read_epochs(&r->arena, r->folder, &rows, &n, err))
        return false;
    if (n > 0)
        ret->last = rows[n - 1];
    ret->at_chance = n > 0 && run_is_chance(r->data, r->spec, &ret->last);
    const struct epoch_row *best =
        run_tables_best(r->has_old ? &r->old : r->spec, rows, n); /* as run.json has it */
    if (best)
        ret->best = *best;
    ret->exit_code = exit_code;
    ret->was_finished = true;
    tell_unused(r);
    const char *message = folder_manifest_text(&r->arena, r->folder, "message", NULL, NULL);
    snprintf(ret->message, sizeof ret->message, "%s", message ? message : "");
    if (completed)
        run_tell_early_stop(r, ret->last.epoch, ret->last.step);
    if (completed && r->has_old) /* a kill may have come before */
        run_checkpoint_tidy(r, &r->old.checkpoint);
    return true;
}

/* Whether spec.yaml is the one that run.json's certificate is of. */
static bool is_certified(struct run *r)
{
    const char *then = folder_manifest_text(&r->arena, r->folder, "certificate", FOLDER_SPEC, NULL);
    char digest[65];
    struct error err;
    return !then || (folder_digest(r->folder, FOLDER_SPEC, digest, &err) && !strcmp(digest, then));
}

/* A finished run under another name, with another description; or the rest of that, where a kill
 * came between its files. */
static bool rename_finished(struct run *r, struct error *err)
{
    struct spec s = r->old;
    if (!r->has_old || (strcmp(s.name, r->spec->name) == 0 &&
                        strcmp(s.description, r->spec->description) == 0 && is_certified(r)))
        return true;
    struct strbuf text;
    strbuf_init(&text);
    s.name = r->spec->name;
    s.description = r->spec->description;
    spec_write(&s, &text);
    bool ok = run_manifest_rename(r->folder, s.name, text.text, err) &&
              folder_write_spec(r->folder, text.text, err);
    strbuf_fini(&text);
    return ok;
}

/* Where somebody took it away. */
static bool restore_spec(const struct run *r, struct error *err)
{
    return folder_has(r->folder, FOLDER_SPEC) || folder_write_spec(r->folder, r->spec_text, err);
}

static bool same_expectations(const struct expectations *a, const struct expectations *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same =
            strcmp(a->v[i].metric, b->v[i].metric) == 0 && strcmp(a->v[i].text, b->v[i].text) == 0;
    return same;
}

/* Of what may change, another length and other expectations leave something to do in a finished
 * run. */
static bool asks_for_more(const struct spec *old, const struct spec *now)
{
    return old->train.epochs != now->train.epochs || old->train.steps != now->train.steps ||
           !same_expectations(&old->expect, &now->expect);
}

/* An edited spec.yaml, of which its checkpoints tell what may be taken over. */
static bool is_edited(struct run *r)
{
    struct json *j = folder_manifest_unchecked(r->folder);
    struct error err;
    bool is = folder_has(r->folder, FOLDER_SPEC) && folder_has(r->folder, FOLDER_LAST) &&
              !run_check_spec(r->folder, j, &err);
    js_free(j);
    return is;
}

/* Where no checkpoint tells, nothing of an edited one is taken over. */
static bool check_spec(struct run *r, struct error *err)
{
    struct json *j = folder_manifest_unchecked(r->folder);
    bool ok = !folder_has(r->folder, FOLDER_SPEC) || run_check_spec(r->folder, j, err);
    js_free(j);
    return ok;
}

bool run_asks_nothing(struct run *r)
{
    return r->ended && !(r->has_old && asks_for_more(&r->old, r->spec)) && !is_edited(r);
}

bool run_report_finished(struct run *r, const struct run_summary *was, struct run_result *ret,
                         struct error *err)
{
    return check_spec(r, err) && run_admit_finished(r, err) &&
           (!r->options->rename || rename_finished(r, err)) && restore_spec(r, err) &&
           report(r, ret, was->status == STATUS_COMPLETED, was->exit_code, err);
}
