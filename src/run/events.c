/* What happened in a run, for its figures: where the learning rate fell, the batch grew, the
 * optimizer changed. */
#include "folder/folder.h"
#include "run/internal.h"

enum { CHANGES = 12 }; /* more of them are a curve, not events */

static bool falls(const struct epoch_row *before, const struct epoch_row *now)
{
    double old = before->value[METRIC_LR], lr = now->value[METRIC_LR];
    return lr < old && lr <= 0.75 * old;
}

static bool grows(const struct epoch_row *before, const struct epoch_row *now)
{
    return now->value[METRIC_BATCH_SIZE] >= 1.3 * before->value[METRIC_BATCH_SIZE];
}

typedef bool change(const struct epoch_row *before, const struct epoch_row *now);

static bool is_rare(change *f, const struct epoch_row *row, size_t n)
{
    size_t count = 0;
    for (size_t i = 2; i < n; i++)
        count += f(&row[i - 1], &row[i]);
    return count <= CHANGES;
}

static size_t add_changes(struct arena *a, const struct epoch_row *row, size_t n,
                          struct run_event *to)
{
    bool rates = is_rare(falls, row, n), batches = is_rare(grows, row, n);
    size_t marks = 0;
    for (size_t i = 2; i < n; i++) {
        bool rate = rates && falls(&row[i - 1], &row[i]),
             batch = batches && grows(&row[i - 1], &row[i]);
        double lr = row[i].value[METRIC_LR], size = row[i].value[METRIC_BATCH_SIZE];
        if (!rate && !batch)
            continue;
        const char *what = rate && batch ? arena_printf(a, "lr %.3g, batch %.0f", lr, size)
                           : rate        ? arena_printf(a, "lr %.3g", lr)
                                         : arena_printf(a, "batch %.0f", size);
        to[marks++] = (struct run_event){(double)row[i - 1].epoch, what};
    }
    return marks;
}

/* What happened to the optimizer, within an epoch. */
static size_t add_event(struct arena *a, const char *folder, const struct epoch_row *row, size_t n,
                        struct run_event *to)
{
    int64_t step;
    const char *what = folder_manifest_event(a, folder, &step);
    for (size_t i = 1; what && i < n; i++)
        if (step > row[i - 1].step && step <= row[i].step) {
            double share =
                (double)(step - row[i - 1].step) / (double)(row[i].step - row[i - 1].step);
            *to = (struct run_event){(double)row[i - 1].epoch + share, what};
            return 1;
        }
    return 0;
}

size_t run_events(struct arena *a, const char *folder, const struct epoch_row *row, size_t n,
                  int64_t best, const struct run_event **ret)
{
    struct run_event *mark = arena_alloc(a, (2 * CHANGES + 2) * sizeof *mark);
    size_t marks = add_changes(a, row, n, mark);
    marks += add_event(a, folder, row, n, mark + marks);
    if (best > 0 && n > 2 && best <= row[n - 1].epoch)
        mark[marks++] = (struct run_event){(double)best, "best epoch"};
    *ret = mark;
    return marks;
}
