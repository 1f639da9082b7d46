#include "explore/weights.h"
#include "train/train.h"
#include "util/text.h"
#include <stdlib.h>
#include <string.h>

static bool begins_with(const char *s, const char *beginning)
{
    return strncmp(s, beginning, strlen(beginning)) == 0;
}

static int64_t number_of(const struct st_file *f, const char *key)
{
    const char *text = st_meta(f, key);
    return text ? strtoll(text, NULL, 10) : 0;
}

/* Where the values of a checkpoint come from. */
struct choice {
    struct arena *a;
    const struct st_file *file;
    const char *path;
    struct train_evaluated from;
};

static bool is_statistic(const char *name)
{
    return text_ends(name, ".running_mean") || text_ends(name, ".running_var");
}

/* The tensor that takes the place of model.NAME. */
static const struct st_tensor *replacement(const struct choice *s, const struct st_tensor *t,
                                           const char *name)
{
    if (is_statistic(name)) { /* an average over updates leaves them alone */
        const struct st_tensor *found =
            s->from.statistics ? st_find(s->file, arena_printf(s->a, "average.%s", name)) : NULL;
        return found ? found : t;
    }
    if (s->from.average)
        return st_find(s->file, arena_printf(s->a, "average.%s", name));
    return s->from.slot
               ? st_find(s->file, arena_printf(s->a, "optimizer.%s.%s", name, s->from.slot))
               : t;
}

static struct st_tensor counter(struct arena *a, const char *running_var, int64_t count)
{
    static const char end[] = "running_var";
    int64_t *data = arena_alloc(a, sizeof *data);
    *data = count;
    size_t n = strlen(running_var) - (sizeof end - 1);
    const char *name = arena_printf(a, "%.*snum_batches_tracked", (int)n, running_var);
    return (struct st_tensor){.name = name, .dtype = "I64", .data = data, .bytes = sizeof *data};
}

static bool choose_of_checkpoint(struct choice *s, struct weights *w, struct error *err)
{
    const struct st_file *f = s->file;
    for (size_t i = 0; i < f->n; i++) {
        if (!begins_with(f->tensor[i].name, "model."))
            continue;
        const char *name = f->tensor[i].name + strlen("model.");
        const struct st_tensor *t = replacement(s, &f->tensor[i], name);
        if (!t)
            return error_set(err, ERR_DATA, "%s: lacks the %s of %s", s->path,
                             s->from.average ? "average" : s->from.slot, name);
        w->tensor[w->n] = *t;
        w->tensor[w->n++].name = name;
        if (text_ends(name, ".running_var"))
            w->tensor[w->n++] = counter(s->a, name, number_of(f, "descent.minibatch"));
    }
    train_warn_stale(f, s->path, &s->from);
    return w->n > 0 || error_set(err, ERR_DATA, "%s holds no model", s->path);
}

static void choose_all(const struct st_file *f, struct weights *w)
{
    for (size_t i = 0; i < f->n; i++) {
        w->tensor[w->n] = f->tensor[i];
        if (begins_with(f->tensor[i].name, "model."))
            w->tensor[w->n].name += strlen("model.");
        w->n++;
    }
}

/* The position goes along under its own name; `descent.format` does not: this is no checkpoint. */
static void add_provenance(const struct st_file *f, struct weights *w)
{
    static const char *const keys[] = {"descent.spec", "descent.epoch", "descent.step"};
    w->meta[w->metas++] = (struct st_meta){"format", "pt"};
    w->meta[w->metas++] = (struct st_meta){"descent.weights", w->from};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (st_meta(f, keys[i]))
            w->meta[w->metas++] = (struct st_meta){keys[i], st_meta(f, keys[i])};
}

bool weights_choose(struct arena *a, const struct st_file *f, const char *path, struct weights *ret,
                    struct error *err)
{
    struct weights w = {.from = "weights"};
    struct choice s = {.a = a, .file = f, .path = path};
    w.tensor = arena_alloc(a, (2 * f->n + 1) * sizeof *w.tensor);
    w.meta = arena_alloc(a, 8 * sizeof *w.meta);
    if (!st_meta(f, "descent.format")) {
        choose_all(f, &w);
        w.from = st_meta(f, "descent.weights") ? st_meta(f, "descent.weights") : w.from;
    } else if (!train_find_evaluated(f, path, &s.from, err) || !choose_of_checkpoint(&s, &w, err)) {
        return false;
    }
    if (s.from.average || s.from.slot)
        w.from = s.from.average ? "average" : s.from.slot;
    add_provenance(f, &w);
    *ret = w;
    return true;
}
