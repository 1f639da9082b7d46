/* steps.csv read back. */
#include "folder/folder.h"
#include "run/internal.h"
#include "util/file.h"
#include "util/json.h"
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

/* steps.csv as a whole, owned by the caller; NULL where there is none. ERR_DATA where it is not the
 * one that an ended run has left. */
static bool whole_text(const char *folder, char **ret, size_t *ret_length, struct error *err)
{
    struct arena a;
    struct json *j = folder_manifest_unchecked(folder);
    arena_init(&a);
    const char *path = folder_path(&a, folder, FOLDER_STEPS);
    *ret = NULL;
    *ret_length = 0;
    bool ok = run_check_certificate(folder, j, FOLDER_STEPS, err) &&
              (!file_exists(path) || file_read(path, FOLDER_TABLE_MOST, ret, ret_length, err));
    js_free(j);
    arena_fini(&a);
    return ok;
}

bool run_read_steps(struct arena *a, const char *folder, enum metric m, struct run_steps *ret,
                    struct error *err)
{
    int column = column_of(m);
    size_t length, lines = 0;
    char *text;
    *ret = (struct run_steps){0};
    if (column == 0)
        return true;
    if (!whole_text(folder, &text, &length, err))
        return false;
    if (!text)
        return true;
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
