/* epochs.csv, timing.csv, steps.csv. */
#include "run/internal.h"
#include "util/file.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char steps_header[] = "step,epoch,lr,batch_size,batch_loss,grad_norm\n";
static const char timing_header[] = "epoch,train_seconds,evaluate_seconds,samples_per_second\n";

static void add_number(struct strbuf *b, double v)
{
    if (isnan(v))
        strbuf_add(b, ",");
    else
        strbuf_addf(b, ",%.9g", v);
}

struct epoch_row run_tables_rounded(const struct epoch_row *row)
{
    struct epoch_row ret = *row;
    char cell[32];
    for (int m = 0; m < METRICS; m++) {
        snprintf(cell, sizeof cell, "%.9g", row->value[m]);
        ret.value[m] = isnan(row->value[m]) ? row->value[m] : strtod(cell, NULL);
    }
    return ret;
}

const struct epoch_row *run_tables_best(const struct spec *s, const struct epoch_row *row,
                                        size_t n)
{
    const struct epoch_row *best = NULL;
    enum metric m = s->checkpoint.best ? metric_find(s->checkpoint.best) : METRICS;
    for (size_t i = 0; i < n && m < METRICS; i++) {
        double v = row[i].value[m];
        if (row[i].epoch > 0 && !isnan(v) &&
            (!best || (metric_rises(m) ? v > best->value[m] : v < best->value[m])))
            best = &row[i];
    }
    return best;
}

void run_tables_start(struct run *r)
{
    strbuf_clear(&r->epochs);
    strbuf_clear(&r->timing);
    strbuf_add(&r->epochs, "epoch,step");
    for (int m = 0; m < METRICS; m++)
        strbuf_addf(&r->epochs, ",%s", metric_names[m]);
    strbuf_add(&r->epochs, "\n");
    strbuf_add(&r->timing, timing_header);
}

static bool failed(const struct run *r, const char *name, struct error *err)
{
    return error_set(err, ERR_SYSTEM, "cannot write %s/%s: %s", r->folder, name,
                     strerror(errno));
}

static bool open_steps(struct run *r, const char *text, struct error *err)
{
    if (r->steps)
        fclose(r->steps);
    r->steps = NULL;
    if (r->spec->log.steps == 0)
        return true;
    if (!file_write(run_path(r, "steps.csv"), text, strlen(text), err))
        return false;
    r->steps = fopen(run_path(r, "steps.csv"), "a");
    return r->steps || failed(r, "steps.csv", err);
}

/* Copies the header and the whole rows whose number in `column` is at most `limit`. */
static void trim(struct strbuf *out, const char *text, unsigned column, int64_t limit)
{
    const char *line = text, *end;
    for (bool header = true; (end = strchr(line, '\n')) != NULL;
         line = end + 1, header = false) {
        const char *cell = line;
        for (unsigned c = 0; c < column && cell < end; c++)
            cell = strchr(cell, ',') + 1;
        if (header || strtoll(cell, NULL, 10) <= limit)
            strbuf_add_bytes(out, line, (size_t)(end + 1 - line));
    }
}

/* Empties the last two cells of every row but the header. */
static void clear_test_cells(struct strbuf *b)
{
    struct strbuf out;
    strbuf_init(&out);
    const char *line = b->text, *end;
    for (bool header = true; (end = strchr(line, '\n')) != NULL;
         line = end + 1, header = false) {
        const char *cut = end;
        for (int commas = 0; !header && cut > line && commas < 2; cut--)
            commas += cut[-1] == ',';
        strbuf_add_bytes(&out, line, (size_t)(cut - line));
        strbuf_add(&out, header ? "\n" : ",,\n");
    }
    strbuf_clear(b);
    strbuf_add(b, out.text);
    strbuf_fini(&out);
}

static bool read_trimmed(struct run *r, const char *name, int64_t limit, struct strbuf *out,
                         struct error *err)
{
    char *text;
    size_t n;
    if (!file_exists(run_path(r, name)))
        return true;
    if (!file_read(run_path(r, name), (size_t)1 << 32, &text, &n, err))
        return false;
    if (strchr(text, '\n')) {
        strbuf_clear(out);
        trim(out, text, 0, limit);
    }
    mem_free(text);
    return true;
}

bool run_tables_resume(struct run *r, int64_t epoch, int64_t step, bool clear_tests,
                       struct error *err)
{
    struct strbuf steps;
    strbuf_init(&steps);
    strbuf_add(&steps, steps_header);
    run_tables_start(r);
    bool ok = true;
    if (step >= 0) {
        ok = read_trimmed(r, "epochs.csv", epoch, &r->epochs, err) &&
             read_trimmed(r, "timing.csv", epoch, &r->timing, err) &&
             read_trimmed(r, "steps.csv", step, &steps, err);
        if (clear_tests)
            clear_test_cells(&r->epochs);
    }
    ok = ok && open_steps(r, steps.text, err) &&
         file_write(run_path(r, "epochs.csv"), r->epochs.text, r->epochs.length, err) &&
         file_write(run_path(r, "timing.csv"), r->timing.text, r->timing.length, err);
    strbuf_fini(&steps);
    return ok;
}

bool run_tables_epoch(struct run *r, const struct epoch_row *row, struct error *err)
{
    strbuf_addf(&r->epochs, "%lld,%lld", (long long)row->epoch, (long long)row->step);
    for (int m = 0; m < METRICS; m++)
        add_number(&r->epochs, row->value[m]);
    strbuf_add(&r->epochs, "\n");
    double rate = row->train_seconds > 0 && row->samples > 0
                      ? (double)row->samples / row->train_seconds
                      : (double)NAN;
    strbuf_addf(&r->timing, "%lld,%.6f,%.6f,", (long long)row->epoch, row->train_seconds,
                row->evaluate_seconds);
    strbuf_addf(&r->timing, isnan(rate) ? "\n" : "%.0f\n", rate);
    return run_tables_flush(r, err) &&
           file_write(run_path(r, "epochs.csv"), r->epochs.text, r->epochs.length, err) &&
           file_write(run_path(r, "timing.csv"), r->timing.text, r->timing.length, err);
}

bool run_tables_step(struct run *r, const struct step_row *row, struct error *err)
{
    int64_t every = r->spec->log.steps;
    if (!r->steps || row->step % every != 0)
        return true;
    int n = fprintf(r->steps, "%lld,%lld,%.9g,%lld,%.9g,%.9g\n", (long long)row->step,
                    (long long)row->epoch, row->lr, (long long)row->batch_size, row->batch_loss,
                    row->grad_norm);
    return n > 0 || failed(r, "steps.csv", err);
}

bool run_tables_flush(struct run *r, struct error *err)
{
    return !r->steps || fflush(r->steps) == 0 || failed(r, "steps.csv", err);
}

/* ---- reading back ---- */

static bool parse_row(const char *line, struct epoch_row *row)
{
    char *end;
    row->epoch = strtoll(line, &end, 10);
    if (end == line || *end != ',')
        return false;
    row->step = strtoll(end + 1, &end, 10);
    for (int m = 0; m < METRICS; m++) {
        if (*end != ',')
            return false;
        const char *cell = end + 1;
        bool empty = *cell == ',' || *cell == '\n';
        row->value[m] = empty ? (double)NAN : strtod(cell, &end);
        if (empty)
            end++;
        else if (end == cell)
            return false;
    }
    return *end == '\n';
}

bool run_read_epochs(struct arena *a, const char *folder, struct epoch_row **ret, size_t *ret_n,
                     struct error *err)
{
    const char *path = arena_printf(a, "%s/epochs.csv", folder);
    char *text;
    size_t length, rows = 0;
    if (!file_read(path, (size_t)1 << 32, &text, &length, err))
        return false;
    for (size_t i = 0; i < length; i++)
        rows += text[i] == '\n';
    struct epoch_row *v = arena_alloc(a, (rows + 1) * sizeof *v);
    size_t n = 0;
    bool ok = true;
    const char *line = strchr(text, '\n');
    for (line = line ? line + 1 : ""; ok && strchr(line, '\n'); line = strchr(line, '\n') + 1)
        ok = parse_row(line, &v[n++]) ||
             error_set(err, ERR_DATA, "%s: row %zu is not a row of epochs.csv", path, n);
    mem_free(text);
    *ret = v;
    *ret_n = n;
    return ok;
}
