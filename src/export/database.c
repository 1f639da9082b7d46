/* Runs as a database of SQLite. */
#include "export/export.h"
#include "util/csv.h"
#include "util/file.h"
#include "util/log.h"
#include "util/strbuf.h"
#include "util/text.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if HAS_SQLITE
#include <sqlite3.h>

struct database {
    sqlite3 *db;
    struct arena *a;
    const char *path;
    struct error *err;
};

static bool fail(const struct database *d)
{
    bool full = (sqlite3_errcode(d->db) & 0xff) == SQLITE_FULL;
    return error_set(d->err, ERR_SYSTEM, "%s: %s%s", d->path, sqlite3_errmsg(d->db),
                     full ? file_remedy(ENOSPC) : "");
}

static bool run_sql(const struct database *d, const char *sql)
{
    return sqlite3_exec(d->db, sql, NULL, NULL, NULL) == SQLITE_OK || fail(d);
}

static bool prepare(const struct database *d, const char *sql, sqlite3_stmt **ret)
{
    return sqlite3_prepare_v2(d->db, sql, -1, ret, NULL) == SQLITE_OK || fail(d);
}

/* Runs a statement that gives no rows, and makes it ready for the next time. */
static bool step(const struct database *d, sqlite3_stmt *s)
{
    bool ok = sqlite3_step(s) == SQLITE_DONE || fail(d);
    sqlite3_reset(s);
    return ok;
}

/* The next row of a statement that gives some; *ret_ok false where there is none for an error. */
static bool next_row(const struct database *d, sqlite3_stmt *s, bool *ret_ok)
{
    int code = sqlite3_step(s);
    *ret_ok = code == SQLITE_ROW || code == SQLITE_DONE || fail(d);
    return code == SQLITE_ROW;
}

/* What is no UTF-8 stays the bytes that it is: readers refuse such a text. */
static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
    if (!text || text_is_utf8(text))
        sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
    else
        sqlite3_bind_blob(s, at, text, (int)strlen(text), SQLITE_TRANSIENT);
}

/* "optimizer.lr", a quote within doubled. */
static void add_name(struct strbuf *b, const char *name)
{
    strbuf_add_char(b, '"');
    for (; *name; name++) {
        if (*name == '"')
            strbuf_add_char(b, '"');
        strbuf_add_char(b, *name);
    }
    strbuf_add_char(b, '"');
}

/* ---- columns ---- */

/* Of a table, in the arena. */
struct columns {
    const char *table;
    const char **name;
    size_t n, room;
};

static void note_column(const struct database *d, struct columns *c, const char *name)
{
    c->name = arena_room(d->a, c->name, c->n, &c->room, sizeof *c->name);
    c->name[c->n++] = arena_strdup(d->a, name);
}

static bool read_columns(const struct database *d, const char *table, struct columns *ret)
{
    sqlite3_stmt *s;
    bool ok = prepare(d, "SELECT name FROM pragma_table_info(?)", &s);
    *ret = (struct columns){.table = table};
    if (!ok)
        return false;
    sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC);
    while (next_row(d, s, &ok))
        note_column(d, ret, (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    return ok;
}

static bool has_column(const struct columns *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->name[i], name) == 0)
            return true;
    return false;
}

/* SQLite tells no case apart in the names of columns. */
static bool is_taken(const struct columns *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (sqlite3_stricmp(c->name[i], name) == 0)
            return true;
    return false;
}

static bool add_column(const struct database *d, struct columns *c, const char *name)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_addf(&b, "ALTER TABLE %s ADD COLUMN ", c->table);
    add_name(&b, name);
    bool ok = run_sql(d, b.text);
    strbuf_fini(&b);
    if (ok)
        note_column(d, c, name);
    return ok;
}

static bool make_tables(const struct database *d)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, "CREATE TABLE IF NOT EXISTS runs(id INTEGER PRIMARY KEY, folder TEXT UNIQUE, "
                   "status TEXT, epoch INTEGER, step INTEGER, seconds REAL, best_epoch INTEGER, "
                   "weights TEXT, data TEXT, spec TEXT, settings TEXT");
    for (int m = 0; m < METRICS; m++)
        strbuf_addf(&b, ", %s REAL, \"best.%s\" REAL", metric_names[m], metric_names[m]);
    strbuf_add(&b, "); CREATE TABLE IF NOT EXISTS epochs(run INTEGER);"
                   "CREATE TABLE IF NOT EXISTS steps(run INTEGER);"
                   "CREATE INDEX IF NOT EXISTS epochs_run ON epochs(run);"
                   "CREATE INDEX IF NOT EXISTS steps_run ON steps(run);");
    bool ok = run_sql(d, b.text);
    strbuf_fini(&b);
    return ok;
}

/* ---- settings ---- */

static void add_json_text(struct strbuf *b, const char *s)
{
    strbuf_add_char(b, '"');
    for (; *s; s++)
        if (*s == '"' || *s == '\\')
            strbuf_addf(b, "\\%c", *s);
        else if ((unsigned char)*s < ' ')
            strbuf_addf(b, "\\u%04x", (unsigned)*s);
        else
            strbuf_add_char(b, *s);
    strbuf_add_char(b, '"');
}

static bool is_json_number(const struct collected_value *v)
{
    return v->type == EXPR_NUMBER && isfinite(v->number);
}

/* As it stands, where JSON has it so: most numbers, and fast. */
static void add_json_number(struct strbuf *b, const struct collected_value *v)
{
    const char *s = v->text;
    size_t n = strspn(s, "-0123456789.e"), digits = strspn(s + (*s == '-'), "0123456789");
    if (s[n] == '\0' && digits > 0 && (digits == 1 || s[*s == '-'] != '0') && s[n - 1] != '.')
        strbuf_add(b, s);
    else
        strbuf_add_real(b, v->number);
}

static void write_settings(const struct collection *c, const struct collected_run *r,
                           struct strbuf *b)
{
    bool first = true;
    strbuf_clear(b);
    strbuf_add_char(b, '{');
    for (size_t k = 0; k < c->keys; k++) {
        const struct collected_value *v = r->value[k];
        if (!v || strcmp(c->key[k], COLLECT_DATA) == 0 || collect_is_of_list(c, k, v))
            continue; /* none of the spec's */
        strbuf_add(b, first ? "" : ",");
        first = false;
        add_json_text(b, c->key[k]);
        strbuf_add_char(b, ':');
        if (is_json_number(v))
            add_json_number(b, v);
        else if (v->type == EXPR_NULL)
            strbuf_add(b, "null");
        else
            add_json_text(b, v->text);
    }
    strbuf_add_char(b, '}');
}

/* The settings as JSON -> key and value, as SQLite's own functions have them. */
#define SETTINGS "FROM runs, json_each(runs.settings)"

/* SQLite's limit is 2000, but it reads the whole table's definition again for each new column. */
enum { MOST_RUN_COLUMNS = 512 };

/* The column of a setting: of its name; where one that differs from it in case alone has that, of
 * "name (2)", "name (3)". NULL: it has none yet, and *ret_new would be its name. */
static const char *column_of(const struct database *d, const struct columns *c, const char *key,
                             const char **ret_new)
{
    const char *name = key;
    for (int i = 2; is_taken(c, name); i++) {
        if (has_column(c, name))
            return name;
        name = arena_printf(d->a, "%s (%d)", key, i);
    }
    *ret_new = name;
    return NULL;
}

/* Every setting is a column: of a name that is none, SQLite makes a text, and a query groups by it
 * without a word. Where there are too many, those in which two rows differ come first; the last
 * of the others do without. All rows are looked at again: those of an earlier export may differ
 * from the new ones. */
static bool make_setting_columns(const struct database *d, struct columns *c)
{
    sqlite3_stmt *s;
    if (!prepare(d,
                 "SELECT key, min(ifnull(atom, '')) IS NOT max(ifnull(atom, '')) OR "
                 "count(*) < (SELECT count(*) FROM runs) AS differs " SETTINGS
                 " GROUP BY key ORDER BY differs DESC, key",
                 &s))
        return false;
    struct setting {
        const char *key;
        bool differs;
    } *v = NULL;
    size_t n = 0, room = 0;
    bool ok = true;
    for (; next_row(d, s, &ok); n++) {
        v = arena_room(d->a, v, n, &room, sizeof *v);
        v[n].key = arena_strdup(d->a, (const char *)sqlite3_column_text(s, 0));
        v[n].differs = sqlite3_column_int(s, 1);
    }
    sqlite3_finalize(s);
    for (size_t i = 0; ok && i < n && (v[i].differs || c->n < MOST_RUN_COLUMNS); i++) {
        const char *new;
        if (column_of(d, c, v[i].key, &new))
            continue;
        if (strcmp(new, v[i].key) != 0)
            log_warn("%s: the setting %s is the column \"%s\", as SQLite tells no case apart",
                     d->path, v[i].key, new);
        ok = add_column(d, c, new);
    }
    return ok;
}

/* Every column that is a setting, from `settings`. */
static bool fill_setting_columns(const struct database *d, const struct columns *c)
{
    sqlite3_stmt *s;
    struct strbuf b;
    bool any = false, ok = prepare(d,
                                   "SELECT DISTINCT key " SETTINGS
                                   " WHERE key NOT IN ('epoch', 'step', 'seconds')",
                                   &s);
    if (!ok)
        return false;
    strbuf_init(&b);
    strbuf_add(&b, "UPDATE runs SET ");
    while (next_row(d, s, &ok)) {
        const char *key = (const char *)sqlite3_column_text(s, 0), *none,
                   *column = column_of(d, c, key, &none);
        if (!column)
            continue;
        strbuf_add(&b, any ? ", " : "");
        add_name(&b, column);
        strbuf_addf(&b, " = json_extract(settings, '$.\"%s\"')", key);
        any = true;
    }
    sqlite3_finalize(s);
    ok = ok && (!any || run_sql(d, b.text));
    strbuf_fini(&b);
    return ok;
}

static bool write_settings_as_columns(const struct database *d)
{
    struct columns c;
    return read_columns(d, "runs", &c) && make_setting_columns(d, &c) &&
           fill_setting_columns(d, &c);
}

/* ---- a run's tables ---- */

enum { MOST_TABLE = 1 << 30, MOST_COLUMNS = 64 };

struct table {
    const char *name, *file;
    const char *header; /* that `insert` was made for; NULL: none yet */
    sqlite3_stmt *insert;
    sqlite3_stmt *drop;
    int columns;
};

static bool make_insert(const struct database *d, struct table *t, const char *path,
                        const char *header)
{
    struct strbuf names, marks, cell;
    struct columns c;
    const char *at = header;
    bool more = true, ok = read_columns(d, t->name, &c);
    strbuf_init(&names);
    strbuf_init(&marks);
    strbuf_init(&cell);
    for (t->columns = 0; ok && more; t->columns++) {
        more = csv_cell(&at, &cell);
        if (t->columns == MOST_COLUMNS)
            ok = error_set(d->err, ERR_DATA,
                           "%s: the table has more than %d columns, which is no run's", path,
                           MOST_COLUMNS);
        ok = ok && (is_taken(&c, cell.text) || add_column(d, &c, cell.text));
        strbuf_add(&names, ", ");
        add_name(&names, cell.text);
        strbuf_add(&marks, ", ?");
    }
    sqlite3_finalize(t->insert);
    t->insert = NULL;
    ok = ok && prepare(d,
                       arena_printf(d->a, "INSERT INTO %s(run%s) VALUES (?%s)", t->name, names.text,
                                    marks.text),
                       &t->insert);
    strbuf_fini(&names);
    strbuf_fini(&marks);
    strbuf_fini(&cell);
    t->header = ok ? header : NULL;
    return ok;
}

static void bind_cell(sqlite3_stmt *s, int at, const char *text)
{
    char *end;
    if (text[0] == '\0') {
        sqlite3_bind_null(s, at);
        return;
    }
    double v = strtod(text, &end);
    if (*end != '\0')
        bind_text(s, at, text);
    else if (text[strspn(text, "-0123456789")] == '\0')
        sqlite3_bind_int64(s, at, strtoll(text, NULL, 10));
    else
        sqlite3_bind_double(s, at, v);
}

/* Up to `end`, behind the last line break: what follows was not yet whole. */
static bool add_rows(const struct database *d, struct table *t, sqlite3_int64 run, const char *path,
                     const char *at, const char *end)
{
    struct strbuf cell;
    bool ok = true;
    strbuf_init(&cell);
    for (size_t row = 1; ok && at < end; row++) {
        bool more = true;
        int cells = 0;
        sqlite3_bind_int64(t->insert, 1, run);
        for (; more; cells++) {
            more = csv_cell(&at, &cell);
            if (cells < t->columns)
                bind_cell(t->insert, cells + 2, cell.text);
        }
        ok = cells == t->columns
                 ? step(d, t->insert)
                 : error_set(d->err, ERR_DATA,
                             "%s: row %zu has %d cells, and the first line %d: the file is damaged",
                             path, row, cells, t->columns);
    }
    strbuf_fini(&cell);
    return ok;
}

/* What the folder has of it; nothing where it has no such file. */
static bool add_table(const struct database *d, struct table *t, const char *folder,
                      sqlite3_int64 run)
{
    char *text;
    size_t n;
    const char *path = arena_printf(d->a, "%s/%s", folder, t->file);
    sqlite3_bind_int64(t->drop, 1, run);
    if (!step(d, t->drop))
        return false;
    if (!file_exists(path))
        return true;
    if (!file_read(path, MOST_TABLE, &text, &n, d->err))
        return false;
    const char *first = strchr(text, '\n'), *last = strrchr(text, '\n');
    const char *header = first ? arena_strndup(d->a, text, strcspn(text, "\r\n")) : NULL;
    bool same = header && t->header && strcmp(t->header, header) == 0,
         ok = same || !header || make_insert(d, t, path, header);
    ok = ok && (!header || add_rows(d, t, run, path, first + 1, last + 1));
    mem_free(text);
    return ok;
}

/* ---- a run ---- */

struct writer {
    struct database d;
    const struct collection *c;
    size_t data; /* the key COLLECT_DATA, or c->keys */
    sqlite3_stmt *run, *id;
    struct table table[2];
    struct strbuf settings;
    bool begun; /* the file is this process's to write */
};

static bool prepare_all(struct writer *w)
{
    struct strbuf b;
    strbuf_init(&b);
    strbuf_add(&b, "INSERT INTO runs(folder, status, epoch, step, seconds, best_epoch, weights, "
                   "data, spec, settings");
    for (int m = 0; m < METRICS; m++)
        strbuf_addf(&b, ", %s, \"best.%s\"", metric_names[m], metric_names[m]);
    strbuf_add(&b, ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?");
    for (int m = 0; m < 2 * METRICS; m++)
        strbuf_add(&b, ", ?");
    strbuf_add(&b, ") ON CONFLICT(folder) DO UPDATE SET (status, epoch, step, seconds, "
                   "best_epoch, weights, data, spec, settings) = (excluded.status, "
                   "excluded.epoch, excluded.step, excluded.seconds, excluded.best_epoch, "
                   "excluded.weights, excluded.data, excluded.spec, excluded.settings)");
    for (int m = 0; m < METRICS; m++)
        strbuf_addf(&b, ", %s = excluded.%s, \"best.%s\" = excluded.\"best.%s\"", metric_names[m],
                    metric_names[m], metric_names[m], metric_names[m]);
    bool ok = prepare(&w->d, b.text, &w->run) &&
              prepare(&w->d, "SELECT id FROM runs WHERE folder = ?", &w->id);
    strbuf_fini(&b);
    for (size_t i = 0; ok && i < 2; i++)
        ok = prepare(&w->d, arena_printf(w->d.a, "DELETE FROM %s WHERE run = ?", w->table[i].name),
                     &w->table[i].drop);
    return ok;
}

static void bind_metrics(sqlite3_stmt *s, const struct collected_run *r, int at)
{
    for (int m = 0; m < METRICS; m++) {
        sqlite3_bind_double(s, at + 2 * m, r->final[m]); /* a NaN is NULL */
        sqlite3_bind_double(s, at + 2 * m + 1, r->best[m]);
    }
}

static const char *spec_digest(struct writer *w, const struct collected_run *r, char ret[65])
{
    struct error ignored;
    const char *path = folder_path(w->d.a, r->folder, FOLDER_SPEC);
    return file_digest(path, ret, &ignored) ? ret : NULL;
}

/* epochs.csv was looked at when the run was collected. */
static bool check_steps(const struct writer *w, const struct collected_run *r)
{
    struct json *j = folder_manifest_unchecked(r->folder);
    bool ok = run_check_certificate(r->folder, j, FOLDER_STEPS, w->d.err);
    js_free(j);
    return ok;
}

static bool add_run(struct writer *w, const struct collected_run *r)
{
    char spec[65], *real = realpath(r->folder, NULL);
    const char *folder = real ? real : r->folder;
    bool ok = check_steps(w, r);
    const struct collected_value *data = w->data < w->c->keys ? r->value[w->data] : NULL;
    sqlite3_stmt *s = w->run;
    write_settings(w->c, r, &w->settings);
    bind_text(s, 1, folder);
    sqlite3_bind_text(s, 2, status_names[r->status], -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 3, r->epoch);
    sqlite3_bind_int64(s, 4, r->step);
    sqlite3_bind_double(s, 5, r->seconds);
    if (r->best_epoch >= 0)
        sqlite3_bind_int64(s, 6, r->best_epoch);
    else
        sqlite3_bind_null(s, 6);
    sqlite3_bind_text(s, 7, r->weights, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 8, data ? data->text : NULL, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 9, spec_digest(w, r, spec), -1, SQLITE_TRANSIENT);
    bind_text(s, 10, w->settings.text);
    bind_metrics(s, r, 11);
    ok = ok && step(&w->d, s);
    bind_text(w->id, 1, folder);
    ok = ok && (sqlite3_step(w->id) == SQLITE_ROW || fail(&w->d));
    sqlite3_int64 id = ok ? sqlite3_column_int64(w->id, 0) : 0;
    sqlite3_reset(w->id);
    for (size_t i = 0; ok && i < 2; i++)
        ok = add_table(&w->d, &w->table[i], r->folder, id);
    free(real);
    return ok;
}

static bool write_all(struct writer *w)
{
    w->begun = run_sql(&w->d, "BEGIN IMMEDIATE");
    bool ok = w->begun && make_tables(&w->d) && prepare_all(w);
    for (size_t i = 0; ok && i < w->c->runs; i++)
        ok = add_run(w, &w->c->run[i]);
    ok = ok && write_settings_as_columns(&w->d) && run_sql(&w->d, "COMMIT");
    sqlite3_finalize(w->run);
    sqlite3_finalize(w->id);
    for (size_t i = 0; i < 2; i++) {
        sqlite3_finalize(w->table[i].insert);
        sqlite3_finalize(w->table[i].drop);
    }
    return ok;
}

bool export_database(struct arena *a, const struct collection *c, const char *path,
                     struct error *err)
{
    struct writer w = {.d = {.a = a, .path = path, .err = err},
                       .c = c,
                       .data = collect_key_index(c, COLLECT_DATA),
                       .table = {{.name = "epochs", .file = FOLDER_EPOCHS},
                                 {.name = "steps", .file = FOLDER_STEPS}}};
    strbuf_init(&w.settings);
    const int how = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                    SQLITE_OPEN_NOMUTEX; /* no other thread has it */
    bool is_new = !file_exists(path);
    bool ok = file_check_links(path, err) && file_check_place(path, err) &&
              (sqlite3_open_v2(path, &w.d.db, how, NULL) == SQLITE_OK || fail(&w.d));
    ok = ok && write_all(&w);
    if (!ok && is_new && w.begun) /* nothing is in it */
        unlink(path);
    sqlite3_close(w.d.db); /* what was not committed is undone */
    strbuf_fini(&w.settings);
    return ok;
}

#else

bool export_database(struct arena *a, const struct collection *c, const char *path,
                     struct error *err)
{
    (void)a, (void)c, (void)path;
    return error_set(err, ERR_SYSTEM,
                     "this descent was built without libsqlite3: install libsqlite3-dev "
                     "(Debian; dnf: sqlite-devel), then 'meson setup --reconfigure build' and "
                     "'ninja -C build'; 'descent compare FOLDER... --format csv' writes a table "
                     "without it");
}

#endif
