#include "run/line.h"
#include "config/param.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EPOCH, LOSS, ACCURACY, SECONDS = ACCURACY + SPLITS, PARTS };

void run_line_loss(char ret[RUN_LINE_LOSS], double loss)
{
    char number[METRIC_LOSS_TEXT];
    snprintf(ret, RUN_LINE_LOSS, "loss %s", metric_show_loss(number, loss));
}

static size_t length(char part[PARTS][48])
{
    size_t n = 0;
    for (int i = 0; i < PARTS; i++)
        n += strlen(part[i]) + (i > 0 && part[i][0] ? 2 : 0);
    return n;
}

void run_line_write(const struct epoch_row *row, int64_t epochs, size_t columns, struct strbuf *out)
{
    static const int goes[] = {SECONDS, ACCURACY + SPLIT_TRAIN, LOSS};
    char part[PARTS][48] = {""};
    const double *v = row->value;
    int n = snprintf(part[EPOCH], sizeof part[EPOCH], "epoch %lld", (long long)row->epoch);
    if (epochs != PARAM_NULL_INT)
        snprintf(part[EPOCH] + n, sizeof part[EPOCH] - (size_t)n, "/%lld", (long long)epochs);
    if (!isnan(v[METRIC_BATCH_LOSS]))
        run_line_loss(part[LOSS], v[METRIC_BATCH_LOSS]);
    for (int i = 0; i < SPLITS; i++)
        if (!isnan(v[split_info[i].accuracy]))
            snprintf(part[ACCURACY + i], sizeof part[0], "%s %.2f %%", split_info[i].name,
                     100 * v[split_info[i].accuracy]);
    if (row->epoch > 0)
        snprintf(part[SECONDS], sizeof part[0], "%.2f s",
                 row->train_seconds + row->evaluate_seconds);
    for (size_t i = 0; i < sizeof goes / sizeof goes[0] && length(part) > columns; i++)
        part[goes[i]][0] = '\0';
    for (int i = 0; i < PARTS; i++)
        if (part[i][0])
            strbuf_addf(out, "%s%s", i > 0 ? "  " : "", part[i]);
}
