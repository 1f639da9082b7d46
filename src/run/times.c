/* timing.csv read back. */
#include "folder/paths.h"
#include "run/internal.h"
#include "util/file.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void read_line(const char *line, const struct epoch_row *row, size_t n, size_t *at,
                      struct run_time *ret)
{
    char *end;
    int64_t epoch = strtoll(line, &end, 10);
    while (*at < n && row[*at].epoch < epoch)
        ++*at;
    if (*end != ',' || *at == n || row[*at].epoch != epoch)
        return;
    ret[*at].train = strtod(end + 1, &end);
    ret[*at].evaluate = *end == ',' ? strtod(end + 1, NULL) : 0;
}

bool run_read_times(struct arena *a, const char *folder, const struct epoch_row *row, size_t n,
                    struct run_time **ret, struct error *err)
{
    char *text;
    size_t length, at = 0;
    struct run_time *v = arena_alloc(a, (n + 1) * sizeof *v);
    for (size_t i = 0; i < n; i++)
        v[i] = (struct run_time){(double)NAN, (double)NAN};
    *ret = v;
    if (!folder_has(folder, FOLDER_TIMING))
        return true;
    if (!file_read(folder_path(a, folder, FOLDER_TIMING), FOLDER_TABLE_MOST, &text, &length, err))
        return false;
    for (const char *line = strchr(text, '\n'); line && line[1]; line = strchr(line + 1, '\n'))
        read_line(line + 1, row, n, &at, v);
    mem_free(text);
    return true;
}
