/* steps.csv read back. */
#include "run/internal.h"
#include "util/file.h"
#include <stdlib.h>
#include <string.h>

/* The table's column of a metric; 0: it has none. */
static int column_of(enum metric m)
{
    static const enum metric column[] = {METRIC_LR, METRIC_BATCH_SIZE, METRIC_BATCH_LOSS,
                                         METRIC_GRAD_NORM};
    for (int i = 0; i < 4; i++)
        if (column[i] == m)
            return i + 2;
    return 0;
}

/* Behind so many commas of the line, or NULL. */
static const char *cell_at(const char *line, int column)
{
    for (; column > 0; column--) {
        line += strcspn(line, ",\n");
        if (*line++ != ',')
            return NULL;
    }
    return line;
}

bool run_read_steps(struct arena *a, const char *folder, enum metric m, struct run_steps *ret,
                    struct error *err)
{
    const char *path = folder_path(a, folder, FOLDER_STEPS);
    int column = column_of(m);
    size_t length, lines = 0;
    char *text;
    *ret = (struct run_steps){0};
    if (column == 0 || !file_exists(path))
        return true;
    if (!file_read(path, (size_t)1 << 32, &text, &length, err))
        return false;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    ret->step = arena_alloc(a, (lines + 1) * sizeof(double));
    ret->value = arena_alloc(a, (lines + 1) * sizeof(double));
    for (const char *line = strchr(text, '\n'); line && strchr(line + 1, '\n');
         line = strchr(line + 1, '\n')) {
        const char *cell = cell_at(line + 1, column);
        if (!cell)
            continue;
        ret->step[ret->n] = strtod(line + 1, NULL);
        ret->value[ret->n++] = *cell == '\n' || *cell == ',' ? (double)NAN : strtod(cell, NULL);
    }
    mem_free(text);
    return true;
}

void run_steps_to_epochs(const struct epoch_row *row, size_t n, struct run_steps *steps)
{
    size_t e = 1, kept = 0;
    for (size_t i = 0; i < steps->n && n > 1; i++) {
        while (e + 1 < n && steps->step[i] > (double)row[e].step)
            e++;
        double first = (double)row[e - 1].step, updates = (double)row[e].step - first;
        if (updates <= 0)
            continue;
        steps->value[kept] = steps->value[i];
        steps->step[kept++] = (double)row[e - 1].epoch + (steps->step[i] - first) / updates;
    }
    steps->n = kept;
}
