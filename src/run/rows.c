/* Tables read back row by row: what a checkpoint counts on has to be there. */
#include "run/rows.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char rows_remedy[] =
    "; put the file back as it was, or 'descent run' with --force starts the run over";

/* A number as these tables have it, which fills the cell: none of strtod's spaces and
 * hexadecimals. */
static bool read_cell(const char *cell, const char *end, bool whole, double *ret)
{
    char *stop;
    size_t sign = *cell == '-', n = strspn(cell, whole ? "-0123456789" : "+-.0123456789e");
    if (cell + n != end && (whole || strncmp(cell + sign, "inf", 3) != 0))
        return false;
    *ret = whole ? (double)strtoll(cell, &stop, 10) : strtod(cell, &stop);
    return stop == end && stop > cell;
}

const char *rows_read(const struct rows_want *w, const char *line, const char *end,
                      int64_t *ret_number, double *value, const char **ret_next)
{
    const char *stop = memchr(line, '\n', (size_t)(end - line)), *cell = line;
    if (!stop)
        return "is cut short";
    for (size_t c = 0; c < w->cells; c++) {
        size_t left = (size_t)(stop - cell);
        const char *comma = c + 1 < w->cells ? memchr(cell, ',', left) : stop;
        double v = (double)NAN;
        if (!comma || ((c < w->full || comma > cell) && !read_cell(cell, comma, c < w->full, &v)))
            return "cannot be read";
        if (c >= w->full && value)
            value[c - w->full] = v;
        cell = comma + 1;
    }
    *ret_number = strtoll(line, NULL, 10);
    *ret_next = stop + 1;
    return NULL;
}

struct rows_place {
    const char *path, *at, *end;
    size_t row; /* the next one's number, from 1 */
};

static bool wrong_row(const struct rows_want *w, const struct rows_place *p, const char *wrong,
                      int64_t expected, struct error *err)
{
    if (p->at == p->end)
        return error_set(err, ERR_DATA, "%s: row %zu (%s %lld) is missing%s", p->path, p->row,
                         w->what, (long long)expected, rows_remedy);
    return error_set(err, ERR_DATA, "%s: row %zu (%s %lld) %s%s", p->path, p->row, w->what,
                     (long long)expected, wrong, rows_remedy);
}

static bool check_exactly(const struct rows_want *w, struct rows_place *p, struct error *err)
{
    for (int64_t k = w->first; k <= w->last; k += w->every, p->row++) {
        int64_t number;
        const char *next, *wrong = rows_read(w, p->at, p->end, &number, NULL, &next);
        if (wrong)
            return wrong_row(w, p, wrong, k, err);
        if (number != k)
            return error_set(
                err, ERR_DATA,
                "%s: row %zu is of %s %lld in place of %lld: rows are missing, doubled or out of order%s",
                p->path, p->row, w->what, (long long)number, (long long)k, rows_remedy);
        p->at = next;
    }
    return true;
}

static void skip_rising(const struct rows_want *w, struct rows_place *p)
{
    int64_t number, before = -1;
    const char *next;
    while (!rows_read(w, p->at, p->end, &number, NULL, &next) && number > before &&
           number <= w->last) {
        before = number;
        p->at = next;
        p->row++;
    }
}

bool rows_check(const struct rows_want *w, const char *path, const char *text, size_t n,
                size_t *ret_kept, struct error *err)
{
    struct rows_place p = {.path = path, .end = text + n, .row = 1};
    size_t header = strlen(w->header);
    int64_t number;
    const char *next;
    if (n < header || memcmp(text, w->header, header) != 0)
        return error_set(err, ERR_DATA, "%s %s%s", path,
                         n == 0 ? "is empty" : "does not begin with its header", rows_remedy);
    p.at = text + header;
    if (w->every == 0)
        skip_rising(w, &p);
    else if (!check_exactly(w, &p, err))
        return false;
    if (!rows_read(w, p.at, p.end, &number, NULL, &next) && number <= w->last)
        return error_set(err, ERR_DATA, "%s: row %zu is of %s %lld, which was there before%s", path,
                         p.row, w->what, (long long)number, rows_remedy);
    *ret_kept = (size_t)(p.at - text);
    return true;
}
