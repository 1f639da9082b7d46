/* epochs.csv, timing.csv, steps.csv: rows are appended, and on disk before a checkpoint counts on
 * them. */
#include "folder/folder.h"
#include "run/internal.h"
#include "run/rows.h"
#include "util/file.h"
#include "util/json.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *file;
    struct rows_want rows;
} tables[TABLES] = {
    [TABLE_EPOCHS] = {FOLDER_EPOCHS,
                      {.what = "epoch", .header = metric_header, .cells = METRICS + 2, .full = 2}},
    [TABLE_TIMING] = {FOLDER_TIMING,
                      {.what = "epoch",
                       .header = "epoch,train_seconds,evaluate_seconds,samples_per_second\n",
                       .cells = 4,
                       .full = 1}},
    [TABLE_STEPS] = {FOLDER_STEPS,
                     {.what = "step",
                      .header = "step,epoch,lr,batch_size,batch_loss,grad_norm\n",
                      .cells = 6,
                      .full = 2}},
};

enum { ROW = 1024 };

static size_t add_number(char row[ROW], size_t n, double v)
{
    return n + (size_t)snprintf(row + n, ROW - n, isnan(v) ? "," : ",%.9g", v);
}

double run_tables_number(double v)
{
    char cell[32];
    snprintf(cell, sizeof cell, "%.9g", v);
    return isnan(v) ? v : strtod(cell, NULL);
}

struct epoch_row run_tables_rounded(const struct epoch_row *row)
{
    struct epoch_row ret = *row;
    for (int m = 0; m < METRICS; m++)
        ret.value[m] = run_tables_number(row->value[m]);
    return ret;
}

const struct epoch_row *run_tables_best(const struct spec *s, const struct epoch_row *row, size_t n)
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

const char *run_table_header(enum run_table t)
{
    return tables[t].rows.header;
}

static bool failed(const struct run *r, enum run_table t, struct error *err)
{
    int why = errno;
    return error_set(err, ERR_SYSTEM, "cannot write %s/%s: %s%s", r->folder, tables[t].file,
                     strerror(why), file_remedy(why));
}

void run_tables_init(struct run *r)
{
    for (int t = 0; t < TABLES; t++) {
        r->table[t].fd = -1;
        strbuf_init(&r->table[t].kept);
    }
}

void run_tables_fini(struct run *r)
{
    for (int t = 0; t < TABLES; t++) {
        if (r->table[t].fd >= 0)
            close(r->table[t].fd);
        strbuf_fini(&r->table[t].kept);
    }
}

/* ---- what a resume keeps ---- */

/* Empties the last two cells of every row but the header. */
static void clear_test_cells(struct strbuf *b)
{
    struct strbuf out;
    strbuf_init(&out);
    const char *line = b->text, *end;
    for (bool header = true; (end = strchr(line, '\n')) != NULL; line = end + 1, header = false) {
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

/* Whether the rows of steps.csv tell that the interval between them was another one at first. */
static bool interval_changed(const char *text, size_t n, int64_t every)
{
    const struct rows_want *w = &tables[TABLE_STEPS].rows;
    const char *line = memchr(text, '\n', n), *end = text + n;
    int64_t number, first = 0;
    size_t row = 0;
    bool changed = false;
    line = line ? line + 1 : end;
    for (; !changed && !rows_read(w, line, end, &number, NULL, &line); row++) {
        first = row == 0 ? number : first;
        changed = number % every != 0 || (row == 1 && first > every && number == 2 * first);
    }
    return changed;
}

/* steps.csv tells by its digest where it ends: the interval between rows may have changed. Without
 * one the rows have to. */
static struct rows_want steps_wanted(const struct run *r, const struct run_counted *c,
                                     const char *text, size_t n)
{
    struct rows_want w = tables[TABLE_STEPS].rows;
    int64_t every = (r->has_old ? &r->old : r->spec)->log.steps;
    w.last = c->step;
    if (!c->epochs && every > 0 && !interval_changed(text, n, every)) {
        w.first = w.every = every;
        w.last -= w.last % every;
    }
    return w;
}

/* Where rows of steps.csv are not those that the digest is of: the one that is missing, if it can
 * be told. */
static bool blame_steps(const struct run *r, const struct run_counted *c, const char *path,
                        const char *text, size_t n, struct error *err)
{
    struct rows_want w = tables[TABLE_STEPS].rows;
    size_t kept;
    w.first = w.every = (r->has_old ? &r->old : r->spec)->log.steps;
    w.last = w.every > 0 ? c->step - c->step % w.every : 0;
    return w.every == 0 || rows_check(&w, path, text, n, &kept, err);
}

static bool is_counted_text(struct run *r, const struct run_counted *c, enum run_table t,
                            const char *path, struct error *err)
{
    const char *then = t == TABLE_EPOCHS ? c->epochs : t == TABLE_STEPS ? c->steps : NULL;
    char digest[65];
    struct strbuf text;
    if (!then)
        return true;
    strbuf_init(&text);
    strbuf_add_bytes(&text, r->table[t].kept.text, r->table[t].kept.length);
    if (t == TABLE_EPOCHS && r->spec->evaluate.test == EVALUATE_END)
        clear_test_cells(&text);
    sha256_of(text.text, text.length, digest);
    strbuf_fini(&text);
    return strcmp(digest, then) == 0 ||
           error_set(err, ERR_DATA,
                     "%s: its rows up to %s %lld are not those that %s was written with: their "
                     "SHA-256 is %.12s..., not %.12s...%s",
                     path, tables[t].rows.what, (long long)(t == TABLE_STEPS ? c->step : c->epoch),
                     c->path, digest, then, rows_remedy);
}

bool run_table_certified(struct run *r, enum run_table t, struct error *err)
{
    struct json *j;
    struct error unread;
    if (!folder_manifest(r->folder, &j, &unread))
        return true;
    bool is = run_check_certificate(r->folder, j, tables[t].file, err);
    js_free(j);
    return is;
}

static bool check_text(struct run *r, const struct run_counted *c, enum run_table t,
                       const char *text, size_t n, struct error *err)
{
    const char *path = run_path(r, tables[t].file);
    struct rows_want w = tables[t].rows;
    size_t kept;
    w.every = 1;
    w.last = c->epoch;
    if (t == TABLE_STEPS)
        w = steps_wanted(r, c, text, n);
    if (!rows_check(&w, path, text, n, &kept, err))
        return false;
    strbuf_clear(&r->table[t].kept);
    strbuf_add_bytes(&r->table[t].kept, text, kept);
    r->table[t].cut = kept < n;
    struct error why;
    if (!is_counted_text(r, c, t, path, &why)) {
        if (t == TABLE_STEPS && !blame_steps(r, c, path, text, n, err))
            return false;
        *err = why;
        return false;
    }
    return run_table_certified(r, t, err);
}

/* Whether the checkpoint counts on rows of a table that is not there. */
static bool may_lack(const struct run *r, const struct run_counted *c, enum run_table t)
{
    const struct spec *then = r->has_old ? &r->old : r->spec;
    if (t != TABLE_STEPS)
        return false;
    return c->epochs ? !c->steps : then->log.steps == 0 || c->step < then->log.steps;
}

bool run_table_check(struct run *r, enum run_table t, const struct run_counted *c,
                     struct error *err)
{
    const char *path = run_path(r, tables[t].file);
    char *text;
    size_t n;
    if (!file_exists(path))
        return may_lack(r, c, t) ||
               error_set(err, ERR_DATA, "%s is missing, and %s counts on its rows up to %s %lld%s",
                         path, c->path, tables[t].rows.what,
                         (long long)(t == TABLE_STEPS ? c->step : c->epoch), rows_remedy);
    if (!file_read(path, FOLDER_TABLE_MOST, &text, &n, err))
        return false;
    bool ok = check_text(r, c, t, text, n, err);
    mem_free(text);
    return ok;
}

bool run_tables_check(struct run *r, const struct run_counted *c, struct error *err)
{
    for (int t = 0; t < TABLES; t++)
        if (!run_table_check(r, (enum run_table)t, c, err))
            return false;
    return true;
}

/* ---- growing ---- */

/* What lies behind the place of the next row, which only another process can have written. */
static bool cut_tail(int fd)
{
    off_t at = lseek(fd, 0, SEEK_CUR);
    struct stat st;
    return at >= 0 && fstat(fd, &st) == 0 && (st.st_size <= at || ftruncate(fd, at) == 0);
}

/* To write from that place on, and nothing stays behind it. Not O_APPEND: where locks protect
 * nothing, another process may still write rows while this one takes the folder over. They are the
 * same rows at the same places, or are written over. */
static int open_at(const char *path, size_t at, int flags)
{
    int fd, stale = 0;
    do
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0666);
    while (fd < 0 && (errno == EINTR || (errno == ESTALE && stale++ < FILE_STALE_TRIES)));
    if (fd < 0 || at == 0)
        return fd;
    if (lseek(fd, (off_t)at, SEEK_SET) == (off_t)at && cut_tail(fd))
        return fd;
    close(fd);
    return -1;
}

static bool append(struct run *r, enum run_table t, const char *text, size_t n, struct error *err)
{
    struct run_table_state *x = &r->table[t];
    if (n > sizeof x->pending - x->used && !run_tables_flush(r, err))
        return false;
    memcpy(x->pending + x->used, text, n);
    x->used += n;
    return true;
}

/* A new file with its header; what had that name goes. */
static bool create_table(struct run *r, enum run_table t, struct error *err)
{
    const char *path = run_path(r, tables[t].file), *header = tables[t].rows.header;
    unlink(path);
    r->table[t].fd = open_at(path, 0, O_CREAT | O_EXCL);
    r->is_new_name = true;
    return r->table[t].fd < 0 ? failed(r, t, err) : append(r, t, header, strlen(header), err);
}

static bool begin_table(struct run *r, enum run_table t, bool clear, struct error *err)
{
    struct run_table_state *x = &r->table[t];
    const char *path = run_path(r, tables[t].file);
    bool wanted = t != TABLE_STEPS || r->spec->log.steps > 0;
    if (x->kept.length == 0)
        return !wanted || create_table(r, t, err);
    if (clear)
        clear_test_cells(&x->kept);
    if ((clear || x->cut) && !file_write(path, x->kept.text, x->kept.length, err))
        return false;
    x->fd = wanted ? open_at(path, x->kept.length, 0) : -1;
    x->unsynced = true; /* an earlier process may have written what is not on disk */
    return !wanted || x->fd >= 0 || failed(r, t, err);
}

/* The digests of what is kept, to continue from. */
static void begin_digests(struct run *r)
{
    struct strbuf *epochs = &r->table[TABLE_EPOCHS].kept, *steps = &r->table[TABLE_STEPS].kept;
    const char *headers[TABLES];
    for (int t = 0; t < TABLES; t++)
        headers[t] = r->table[t].kept.length > 0 ? r->table[t].kept.text : tables[t].rows.header;
    sha256_init(&r->epochs);
    sha256_init(&r->counted);
    sha256_init(&r->steps);
    sha256_add(&r->epochs, headers[TABLE_EPOCHS], strlen(headers[TABLE_EPOCHS]));
    sha256_add(&r->steps, headers[TABLE_STEPS], strlen(headers[TABLE_STEPS]));
    if (epochs->length > 0 && r->spec->evaluate.test == EVALUATE_END) {
        clear_test_cells(epochs);
        headers[TABLE_EPOCHS] = epochs->text;
    }
    sha256_add(&r->counted, headers[TABLE_EPOCHS], strlen(headers[TABLE_EPOCHS]));
    strbuf_clear(epochs);
    strbuf_clear(steps);
    strbuf_clear(&r->table[TABLE_TIMING].kept);
}

bool run_tables_begin(struct run *r, bool clear_tests, struct error *err)
{
    for (int t = 0; t < TABLES; t++)
        if (!begin_table(r, (enum run_table)t, clear_tests && t == TABLE_EPOCHS, err))
            return false;
    begin_digests(r);
    return run_tables_flush(r, err);
}

static size_t epoch_text(const struct epoch_row *row, bool tests, char text[ROW])
{
    size_t n =
        (size_t)snprintf(text, ROW, "%lld,%lld", (long long)row->epoch, (long long)row->step);
    for (int m = 0; m < METRICS; m++) {
        bool hidden = !tests && metric_is_test((enum metric)m);
        n = add_number(text, n, hidden ? (double)NAN : row->value[m]);
    }
    return n + (size_t)snprintf(text + n, ROW - n, "\n");
}

void run_table_test_end(struct run *r, const struct epoch_row *row)
{
    struct run_table_state *x = &r->table[TABLE_EPOCHS];
    struct strbuf text;
    char last[ROW];
    size_t n = x->kept.length - 1, length = epoch_text(row, true, last);
    while (n > 0 && x->kept.text[n - 1] != '\n')
        n--;
    strbuf_init(&text);
    strbuf_add_bytes(&text, x->kept.text, n);
    strbuf_add_bytes(&text, last, length);
    strbuf_clear(&x->kept);
    strbuf_add(&x->kept, text.text);
    strbuf_fini(&text);
    x->cut = true; /* the file is another */
}

static size_t timing_text(const struct epoch_row *row, char text[ROW])
{
    double rate = row->train_seconds > 0 && row->samples > 0
                      ? (double)row->samples / row->train_seconds
                      : (double)NAN;
    size_t n = (size_t)snprintf(text, ROW, "%lld,%.6f,%.6f,", (long long)row->epoch,
                                row->train_seconds, row->evaluate_seconds);
    return n + (size_t)snprintf(text + n, ROW - n, isnan(rate) ? "\n" : "%.0f\n", rate);
}

bool run_tables_epoch(struct run *r, const struct epoch_row *row, struct error *err)
{
    char text[ROW];
    size_t n = epoch_text(row, r->spec->evaluate.test != EVALUATE_END, text);
    sha256_add(&r->counted, text, n);
    n = epoch_text(row, true, text);
    sha256_add(&r->epochs, text, n);
    if (!append(r, TABLE_EPOCHS, text, n, err))
        return false;
    n = timing_text(row, text);
    return append(r, TABLE_TIMING, text, n, err) && run_tables_flush(r, err);
}

bool run_tables_step(struct run *r, const struct step_row *row, struct error *err)
{
    char text[ROW];
    if (r->table[TABLE_STEPS].fd < 0 || row->step % r->spec->log.steps != 0)
        return true;
    size_t n = (size_t)snprintf(text, sizeof text, "%lld,%lld,%.9g,%lld,%.9g,%.9g\n",
                                (long long)row->step, (long long)row->epoch, row->lr,
                                (long long)row->batch_size, row->batch_loss, row->grad_norm);
    sha256_add(&r->steps, text, n);
    return append(r, TABLE_STEPS, text, n, err);
}

static bool flush_table(struct run *r, enum run_table t, struct error *err)
{
    struct run_table_state *x = &r->table[t];
    for (size_t done = 0; done < x->used;) {
        ssize_t n = write(x->fd, x->pending + done, x->used - done);
        if (n < 0 && errno != EINTR)
            return failed(r, t, err);
        done += n > 0 ? (size_t)n : 0;
        x->unsynced = true;
    }
    x->used = 0;
    return true;
}

bool run_tables_flush(struct run *r, struct error *err)
{
    if (!run_owner_check(r, err))
        return false;
    for (int t = 0; t < TABLES; t++)
        if (!flush_table(r, (enum run_table)t, err))
            return false;
    return true;
}

bool run_tables_sync(struct run *r, struct error *err)
{
    if (!run_tables_flush(r, err))
        return false;
    for (int t = 0; t < TABLES; t++) {
        struct run_table_state *x = &r->table[t];
        if (x->fd < 0 || !x->unsynced)
            continue;
        if (!cut_tail(x->fd) || !file_sync(x->fd))
            return failed(r, (enum run_table)t, err);
        x->unsynced = false;
    }
    if (r->is_new_name)
        file_sync_folder(r->folder);
    r->is_new_name = false;
    return true;
}

void run_tables_digests(const struct run *r, char ret_epochs[65], char ret_counted[65],
                        char ret_steps[65])
{
    struct sha256 s = r->epochs;
    sha256_finish(&s, ret_epochs);
    s = r->counted;
    sha256_finish(&s, ret_counted);
    s = r->steps;
    sha256_finish(&s, ret_steps);
}

/* ---- reading back ---- */

/* An epochs.csv that was read. */
struct table_text {
    const char *path, *text;
    size_t length;
};

/* Rows after the header; what lies behind the last line's end is not yet one. */
static bool read_rows(struct arena *a, const struct table_text *t, struct epoch_row **ret,
                      size_t *ret_n, struct error *err)
{
    const struct rows_want *w = &tables[TABLE_EPOCHS].rows;
    size_t n = 0, rows = 0, header = strlen(w->header), length = t->length;
    const char *path = t->path, *text = t->text;
    const char *end = text + length, *line = text + (length < header ? length : header);
    if (memcmp(text, w->header, (size_t)(line - text)) != 0)
        return error_set(err, ERR_DATA, "%s does not begin with its header%s", path, rows_remedy);
    for (size_t i = 0; i < length; i++)
        rows += text[i] == '\n';
    struct epoch_row *v = arena_alloc(a, (rows + 1) * sizeof *v);
    for (; memchr(line, '\n', (size_t)(end - line)); n++) {
        const char *begin = line;
        v[n] = (struct epoch_row){0};
        const char *wrong = rows_read(w, begin, end, &v[n].epoch, v[n].value, &line);
        if (wrong)
            return error_set(err, ERR_DATA, "%s: row %zu %s%s", path, n + 1, wrong, rows_remedy);
        v[n].step = strtoll(strchr(begin, ',') + 1, NULL, 10);
    }
    *ret = v;
    *ret_n = n;
    return true;
}

bool run_read_epochs(struct arena *a, const char *folder, struct epoch_row **ret, size_t *ret_n,
                     struct error *err)
{
    const char *path = folder_path(a, folder, FOLDER_EPOCHS);
    char *text;
    size_t length;
    if (!file_read(path, FOLDER_TABLE_MOST, &text, &length, err))
        return false;
    bool ok = read_rows(a, &(struct table_text){path, text, length}, ret, ret_n, err);
    mem_free(text);
    return ok;
}

bool run_tables_rows(struct run *r, struct epoch_row **ret, size_t *ret_n, struct error *err)
{
    const struct strbuf *kept = &r->table[TABLE_EPOCHS].kept;
    const struct table_text t = {run_path(r, FOLDER_EPOCHS), kept->text, kept->length};
    return read_rows(&r->arena, &t, ret, ret_n, err);
}

bool run_check_times(const char *folder, int64_t epoch, struct error *err)
{
    struct rows_want w = tables[TABLE_TIMING].rows;
    struct arena a;
    char *text;
    size_t n, kept;
    arena_init(&a);
    const char *path = folder_path(&a, folder, FOLDER_TIMING);
    w.every = 1;
    w.last = epoch;
    bool ok = file_exists(path) || error_set(err, ERR_DATA, "there is no %s", path);
    if (ok && (ok = file_read(path, FOLDER_TABLE_MOST, &text, &n, err))) {
        ok = rows_check(&w, path, text, n, &kept, err) &&
             (kept == n ||
              error_set(err, ERR_DATA, "%s has more rows than %s/" FOLDER_EPOCHS, path, folder));
        mem_free(text);
    }
    arena_fini(&a);
    return ok;
}
