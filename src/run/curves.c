#include "run/curves.h"
#include <math.h>

const char *const run_axis_labels[] = {"epoch", "updates", "seconds of training"};

bool run_history_read(struct arena *a, const char *folder, struct run_history *ret,
                      struct error *err)
{
    struct run_summary s;
    *ret = (struct run_history){.folder = folder, .diverged = -1};
    if (!run_read_epochs(a, folder, &ret->row, &ret->n, err) || !run_read_summary(folder, &s, err))
        return false;
    if (s.status == STATUS_DIVERGED)
        ret->diverged = s.step;
    return true;
}

/* ---- along an axis ---- */

static double row_place(const struct run_history *h, enum run_axis axis, size_t i)
{
    return axis == RUN_EPOCHS    ? (double)h->row[i].epoch
           : axis == RUN_UPDATES ? (double)h->row[i].step
           : h->time             ? h->time[i]
                                 : (double)NAN;
}

/* Where so many updates lie on the axis: between the rows by their share, beyond the last one by
 * its speed. */
static double axis_place(const struct run_history *h, enum run_axis axis, double updates)
{
    if (axis == RUN_UPDATES)
        return updates;
    if (h->n < 2)
        return (double)NAN;
    size_t e = 1, last = h->n - 1; /* the first row with so many updates, or the last one */
    while (e < last) {
        size_t middle = (e + last) / 2;
        if (updates > (double)h->row[middle].step)
            e = middle + 1;
        else
            last = middle;
    }
    double first = (double)h->row[e - 1].step, all = (double)h->row[e].step - first,
           from = row_place(h, axis, e - 1), to = row_place(h, axis, e);
    return all > 0 ? from + (to - from) * (updates - first) / all : (double)NAN;
}

enum run_axis run_axis_known(const struct run_history *h)
{
    return h->n > 1 ? RUN_EPOCHS : RUN_UPDATES;
}

struct run_series run_series(struct arena *a, const struct run_history *h, enum run_axis axis,
                             enum metric m)
{
    struct run_series s = {.n = h->n};
    s.x = arena_alloc(a, (h->n + 2) * sizeof *s.x);
    s.y = arena_alloc(a, (h->n + 2) * sizeof *s.y);
    for (size_t i = 0; i < s.n; i++) {
        s.x[i] = row_place(h, axis, i);
        s.y[i] = h->row[i].value[m];
    }
    return s;
}

struct run_series run_series_trained(struct run_series s)
{
    return s.n > 1 ? (struct run_series){s.n - 1, s.x + 1, s.y + 1} : s;
}

bool run_series_has_values(const struct run_series *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!isnan(s->y[i]))
            return true;
    return false;
}

/* ---- curves ---- */

size_t run_split_curves(struct arena *a, const struct run_history *h, enum run_axis axis,
                        bool accuracy, struct curve *ret)
{
    size_t n = 0;
    for (int i = 0; i < SPLITS; i++) {
        struct run_series s =
            run_series(a, h, axis, accuracy ? split_info[i].accuracy : split_info[i].loss);
        if (accuracy && h->n > 2)
            s = run_series_trained(s);
        if (!run_series_has_values(&s))
            continue;
        ret[n] =
            (struct curve){.label = split_info[i].images, .x = s.x, .y = s.y, .n = s.n, .style = i};
        n++;
    }
    return n;
}

bool run_minibatches(struct arena *a, struct run_history *h, enum run_axis axis,
                     struct run_steps *ret_of, struct curve *ret, struct error *err)
{
    size_t kept = 0;
    if (!run_read_steps(a, h->folder, METRIC_BATCH_LOSS, ret_of, err))
        return false;
    if (ret_of->n > 0 && h->diverged >= 0)
        h->diverged = (int64_t)fmax((double)h->diverged, ret_of->step[ret_of->n - 1]);
    for (size_t i = 0; i < ret_of->n; i++) {
        double x = axis_place(h, axis, ret_of->step[i]);
        if (!isfinite(x))
            continue;
        ret_of->step[kept] = x;
        ret_of->value[kept++] = ret_of->value[i];
    }
    ret_of->n = kept;
    if (kept == 0)
        return true;
    *ret = (struct curve){.x = ret_of->step,
                          .y = ret_of->value,
                          .n = kept,
                          .faint = true,
                          .style = RUN_MINIBATCHES,
                          .name = "each minibatch"};
    figure_thin(a, ret, false);
    return true;
}

/* ---- what happened ---- */

/* Updates at a place in epochs. */
static double updates_at(const struct run_history *h, double epoch)
{
    for (size_t k = 1; k < h->n; k++) {
        double from = (double)h->row[k - 1].epoch, to = (double)h->row[k].epoch;
        if (epoch > from && epoch <= to)
            return (double)h->row[k - 1].step +
                   (epoch - from) / (to - from) * (double)(h->row[k].step - h->row[k - 1].step);
    }
    return 0;
}

size_t run_event_marks(struct arena *a, const struct run_history *h, enum run_axis axis,
                       int64_t best, const struct mark **ret)
{
    const struct run_event *mark;
    size_t n = run_events(a, h->folder, h->row, h->n, best, &mark);
    struct mark *to = arena_alloc(a, (n + 2) * sizeof *to);
    for (size_t i = 0; i < n; i++)
        to[i] = (struct mark){
            axis == RUN_EPOCHS ? mark[i].epoch : axis_place(h, axis, updates_at(h, mark[i].epoch)),
            mark[i].label};
    if (h->diverged >= 0)
        to[n++] =
            (struct mark){axis_place(h, axis, (double)h->diverged),
                          arena_printf(a, "diverged after update %lld", (long long)h->diverged)};
    *ret = to;
    return n;
}

const double *run_axis_range(struct arena *a, const struct run_history *h, enum run_axis axis,
                             const struct run_steps *steps)
{
    double *range = arena_alloc(a, 2 * sizeof *range);
    range[0] = 0;
    range[1] = h->n > 0 ? row_place(h, axis, h->n - 1) : 0;
    if (steps && steps->n > 0)
        range[1] = fmax(range[1], steps->step[steps->n - 1]);
    if (h->diverged >= 0)
        range[1] = fmax(range[1], axis_place(h, axis, (double)h->diverged));
    return range[1] > 0 ? range : NULL;
}

bool run_wants_log(const double *v, size_t n)
{
    double low = n > 0 ? v[0] : 0, high = low;
    size_t small = 0;
    for (size_t i = 1; i < n; i++) {
        low = fmin(low, v[i]);
        high = fmax(high, v[i]);
    }
    for (size_t i = 0; i < n; i++)
        small += v[i] < 0.1 * high;
    return low > 0 && 2 * small > n;
}
