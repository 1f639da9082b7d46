/* A run that was made longer or shorter on the way: how long it was to be, and from where on. */
#include "folder/folder.h"
#include "run/internal.h"
#include "util/json.h"
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- what differs ---- */

static bool same_values(const struct sched_now *p, const struct sched_now *q)
{
    return p->lr == q->lr && p->batch_size == q->batch_size &&
           (p->momentum == q->momentum || isnan(p->momentum)) &&
           (p->decay == q->decay || isnan(p->decay));
}

/* Whether an epoch that ends after `step` updates has its weights averaged under the one length and
 * not under the other. */
static bool average_differs(const struct spec *s, const struct sched *x, const struct sched *y,
                            int64_t step)
{
    const struct average_kind *k = (const struct average_kind *)s->average.kind;
    return k && k->takes &&
           k->takes(s->average.options, step, sched_total_steps(x)) !=
               k->takes(s->average.options, step, sched_total_steps(y));
}

/* Whether what was trained so far would have been otherwise with this length. Where its epochs
 * ended is read: schedules that watch the training are not played. */
static bool length_matters(struct run *r, const struct spec *old)
{
    struct sched_base a = spec_sched_base(old, r->data->train.n),
                      b = spec_sched_base(r->spec, r->data->train.n);
    struct error err;
    struct epoch_row *row;
    size_t rows;
    int64_t epochs = train_epoch_now(r->train), steps = train_step_now(r->train), step = 0;
    bool differs = false;
    if (!run_tables_rows(r, &row, &rows, &err))
        return true;
    struct sched *x = sched_new(&old->scheduler, &a, &err),
                 *y = sched_new(&r->spec->scheduler, &b, &err);
    for (int64_t e = 0; x && y && !differs && e <= epochs && step < steps; e++) {
        bool whole = (size_t)e + 1 < rows;
        int64_t end = whole ? row[e + 1].step : steps;
        for (; !differs && step < end; step++) {
            struct sched_now p = sched_settings(x, e, step), q = sched_settings(y, e, step);
            differs = !same_values(&p, &q);
        }
        differs = differs || (whole && average_differs(r->spec, x, y, end));
    }
    differs = differs || !x || !y || sched_lacks_length(y, &err);
    sched_free(x);
    sched_free(y);
    return differs;
}

/* ---- the record ---- */

static void add(struct run *r, const struct run_length *l)
{
    struct run_length *v = arena_alloc(&r->arena, (r->lengths + 1) * sizeof *v);
    if (r->lengths > 0)
        memcpy(v, r->length, r->lengths * sizeof *v);
    v[r->lengths++] = *l;
    r->length = v;
}

bool run_length_changed(struct run *r, const struct spec *old)
{
    const struct train_config *then = &old->train, *now = &r->spec->train;
    if (then->epochs == now->epochs && then->steps == now->steps)
        return false;
    if (r->lengths == 0 && !length_matters(r, old))
        return false;
    if (r->lengths == 0)
        add(r, &(struct run_length){.epochs = then->epochs, .steps = then->steps});
    add(r, &(struct run_length){.epoch = train_epoch_now(r->train),
                                .step = train_step_now(r->train),
                                .within = train_is_within_epoch(r->train),
                                .cursor = train_cursor_now(r->train),
                                .epochs = now->epochs,
                                .steps = now->steps});
    return true;
}

bool run_length_check(struct run *r, struct error *err)
{
    const struct run_length *l = r->lengths > 0 ? &r->length[r->lengths - 1] : NULL;
    bool known = l && (!l->within || l->cursor > 0);
    return train_lengthen(
        r->train, known ? &(struct sched_position){l->epoch, l->step, l->cursor} : NULL, err);
}

struct json *run_lengths_json(const struct run_length *v, size_t n)
{
    struct json *list = js_new_array();
    for (size_t i = 0; i < n; i++) {
        struct json *j = js_new_object();
        js_set(j, "epoch", js_new_integer(v[i].epoch));
        js_set(j, "step", js_new_integer(v[i].step));
        if (v[i].within)
            js_set(j, "within_epoch", js_new_bool(true));
        if (v[i].cursor > 0)
            js_set(j, "images", js_new_integer(v[i].cursor));
        if (v[i].epochs != PARAM_NULL_INT)
            js_set(j, "epochs", js_new_integer(v[i].epochs));
        if (v[i].steps != PARAM_NULL_INT)
            js_set(j, "steps", js_new_integer(v[i].steps));
        js_append(list, j);
    }
    return list;
}

struct json *run_extended_json(const struct run_length *v, size_t n)
{
    struct json *list = js_new_array();
    for (size_t i = 1; i < n; i++) {
        struct json *pair = js_new_array();
        js_append(pair, js_new_integer(v[i].epoch));
        js_append(pair, js_new_integer(v[i].epochs != PARAM_NULL_INT ? v[i].epochs : v[i].steps));
        js_append(list, pair);
    }
    return list;
}

/* ---- reading back ---- */

static bool read_length(const struct json *j, struct run_length *ret)
{
    *ret = (struct run_length){.epochs = PARAM_NULL_INT, .steps = PARAM_NULL_INT};
    bool epochs = js_integer(js_get(j, "epochs"), &ret->epochs),
         steps = js_integer(js_get(j, "steps"), &ret->steps);
    ret->within = js_get(j, "within_epoch") != NULL;
    js_integer(js_get(j, "images"), &ret->cursor);
    return js_integer(js_get(j, "epoch"), &ret->epoch) &&
           js_integer(js_get(j, "step"), &ret->step) && epochs != steps && ret->epoch >= 0 &&
           ret->cursor >= 0 && ret->step >= 0 && (epochs ? ret->epochs : ret->steps) >= 1;
}

static size_t read_list(struct arena *a, const struct json *list, const struct run_length **ret)
{
    size_t n = js_is_array(list) ? js_size(list) : 0;
    struct run_length *v = arena_alloc(a, (n + 1) * sizeof *v);
    *ret = v;
    for (size_t i = 0; i < n; i++)
        if (!read_length(js_element(list, i), &v[i]) || (i > 0 && v[i].step < v[i - 1].step))
            return 0;
    return n > 1 ? n : 0;
}

void run_lengths_take(struct run *r, const char *text)
{
    struct error err;
    struct json *j = text ? js_parse(text, strlen(text), &err) : NULL;
    r->lengths = read_list(&r->arena, j, &r->length);
    js_free(j);
}

size_t run_read_lengths(struct arena *a, const char *folder, const struct run_length **ret)
{
    struct json *j = folder_manifest_unchecked(folder);
    size_t n = read_list(a, js_get(j, "lengths"), ret);
    js_free(j);
    return n;
}

static const char *length_text(struct arena *a, const struct run_length *l)
{
    bool epochs = l->epochs != PARAM_NULL_INT;
    int64_t n = epochs ? l->epochs : l->steps;
    return arena_printf(a, "%" PRId64 " %s%s", n, epochs ? "epoch" : "update", n == 1 ? "" : "s");
}

const char *run_extensions(struct arena *a, const char *folder)
{
    const struct run_length *v;
    size_t n = run_read_lengths(a, folder, &v);
    if (n == 0)
        return NULL;
    const char *text = arena_printf(a, "begun with %s", length_text(a, &v[0]));
    for (size_t i = 1; i < n; i++)
        text = arena_printf(a, "%s, %s from %s %" PRId64 " on", text, length_text(a, &v[i]),
                            v[i].within ? "update" : "epoch", v[i].within ? v[i].step : v[i].epoch);
    return text;
}
