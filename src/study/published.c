#include "study/published.h"
#include "config/diag.h"
#include "folder/folder.h"
#include "util/csv.h"
#include "util/strbuf.h"
#include "util/text.h"
#include <stdlib.h>
#include <string.h>

#include "study/published_data.inc"

enum { MOST_COLUMNS = 96 };

static char *join(struct arena *a, const char *const *piece)
{
    struct strbuf b;
    strbuf_init(&b);
    for (; *piece; piece++)
        strbuf_add(&b, *piece);
    char *text = arena_strdup(a, b.text);
    strbuf_fini(&b);
    return text;
}

/* ---- the lines before the table: "# key: value" ---- */

static void take(struct arena *a, struct published_set *s, const char *key, const char *value)
{
    if (strcmp(key, "title") == 0)
        s->title = arena_strdup(a, value);
    else if (strcmp(key, "source") == 0)
        s->source = arena_strdup(a, value);
    else if (strcmp(key, "command") == 0)
        s->command = arena_strdup(a, value);
    else if (strcmp(key, "results") == 0)
        s->results = strtoll(value, NULL, 10);
    for (size_t i = 0; i < DATA_FILES; i++)
        if (strcmp(key, folder_digest_names[i]) == 0 && strlen(value) == 64)
            strcpy(s->sha256[i], value);
}

/* Where the table begins. */
static const char *read_head(struct arena *a, const char *text, struct published_set *s)
{
    while (*text == '#') {
        size_t n = strcspn(text, "\n");
        char *line = arena_strndup(a, text, n), *is = strstr(line, ": ");
        if (is && line[1] == ' ') {
            *is = '\0';
            take(a, s, line + 2, is + 2);
        }
        text += n + (text[n] == '\n');
    }
    return text;
}

/* ---- rows ---- */

/* "1 2.5 4": numbers with spaces between them. */
static double *numbers(struct arena *a, const char *text, size_t *ret_n)
{
    size_t room = strlen(text) / 2 + 1;
    double *v = arena_alloc(a, room * sizeof *v);
    char *end;
    *ret_n = 0;
    for (; *text && *ret_n < room; text = *end == ' ' ? end + 1 : end) {
        v[*ret_n] = strtod(text, &end);
        if (end == text)
            break;
        ++*ret_n;
    }
    return v;
}

/* A row of epochs.csv with nothing in it but its number. */
static void grow_curve(struct arena *a, struct collected_run *r, size_t n)
{
    if (r->rows >= n)
        return;
    r->row = arena_alloc(a, (n + 1) * sizeof *r->row);
    r->rows = n;
    for (size_t i = 0; i < n; i++) {
        r->row[i].epoch = (int64_t)i;
        for (int m = 0; m < METRICS; m++)
            r->row[i].value[m] = (double)NAN;
    }
}

/* "curve.valid_accuracy": a number for each epoch, from 0 on. "curve.step", behind them, is one
 * number where all epochs have as many updates. */
static void read_curve(struct arena *a, struct collected_run *r, const char *of, const char *cell)
{
    size_t n;
    const double *v = numbers(a, cell, &n);
    enum metric m = metric_find(of);
    if (strcmp(of, "step") == 0) {
        for (size_t i = 0; n > 0 && i < r->rows; i++)
            r->row[i].step = (int64_t)(n == 1 ? v[0] * (double)i : i < n ? v[i] : 0);
        return;
    }
    grow_curve(a, r, n);
    for (size_t i = 0; m != METRICS && i < n && i < r->rows; i++)
        r->row[i].value[m] = v[i];
}

static void set_metric(double *value, const char *name, const char *cell)
{
    enum metric m = metric_find(name);
    if (m != METRICS && *cell)
        value[m] = strtod(cell, NULL);
}

static void read_cell(struct arena *a, struct published_run *p, const char *head, const char *cell)
{
    struct collected_run *r = &p->run;
    if (strcmp(head, "status") == 0)
        r->status = status_find(cell);
    else if (strcmp(head, "epoch") == 0)
        r->epoch = strtoll(cell, NULL, 10);
    else if (strcmp(head, "step") == 0)
        r->step = strtoll(cell, NULL, 10);
    else if (strcmp(head, "best.epoch") == 0)
        r->best_epoch = *cell ? strtoll(cell, NULL, 10) : -1;
    else if (strncmp(head, "final.", 6) == 0)
        set_metric(r->final, head + 6, cell);
    else if (strncmp(head, "best.", 5) == 0)
        set_metric(r->best, head + 5, cell);
    else if (strncmp(head, "curve.", 6) == 0)
        read_curve(a, r, head + 6, cell);
    else if (strcmp(head, "weights_sha256") == 0)
        r->weights = *cell ? arena_strdup(a, cell) : NULL;
    else if (strcmp(head, "epochs_sha256") == 0)
        p->epochs = arena_strdup(a, cell);
    else if (*cell)
        p->override[p->overrides++] = arena_printf(a, "%s=%s", head, cell);
    if (strcmp(head, "seed") == 0)
        r->seed = strtoll(cell, NULL, 10);
}

static void begin_run(struct arena *a, struct published_run *p, size_t columns)
{
    *p = (struct published_run){.run = {.best_epoch = -1, .seconds = (double)NAN}};
    p->override = arena_alloc(a, (columns + 1) * sizeof *p->override);
    for (int m = 0; m < METRICS; m++)
        p->run.final[m] = p->run.best[m] = (double)NAN;
}

static void read_rows(struct arena *a, const char *at, struct published_set *s)
{
    const char *head[MOST_COLUMNS];
    size_t columns = 0;
    struct strbuf cell;
    strbuf_init(&cell);
    s->run = arena_alloc(a, (text_lines(at) + 1) * sizeof *s->run);
    for (bool more = *at; more && columns < MOST_COLUMNS;) {
        more = csv_cell(&at, &cell);
        head[columns++] = arena_strdup(a, cell.text);
    }
    while (*at) {
        struct published_run *p = &s->run[s->runs++];
        begin_run(a, p, columns);
        bool more = true;
        for (size_t i = 0; more && i < columns; i++) {
            more = csv_cell(&at, &cell);
            read_cell(a, p, head[i], cell.text);
        }
        p->run.published = s->name;
        p->run.folder = arena_printf(a, PUBLISHED_PREFIX "%s/%zu", s->name, s->runs);
    }
    strbuf_fini(&cell);
}

bool published_read(struct arena *a, const char *word, struct published_set *ret, struct error *err)
{
    const char *names[sizeof published_all / sizeof published_all[0]],
        *name = word + strlen(PUBLISHED_PREFIX);
    size_t n = 0, found;
    if (strncmp(word, PUBLISHED_PREFIX, strlen(PUBLISHED_PREFIX)) != 0)
        return error_set(err, ERR_USAGE,
                         "published results are named published:NAME, not '%s' ('descent list "
                         "published' says which there are); a folder is named without an option",
                         word);
    for (; published_all[n].name; n++)
        names[n] = published_all[n].name;
    for (found = 0; found < n && strcmp(names[found], name) != 0; found++)
        ;
    if (found == n) {
        const char *near = suggest(name, names, n);
        return error_set(
            err, ERR_USAGE,
            near ? "there is no published:%s; did you mean published:%s?"
                 : "there is no published:%s; 'descent list published' says what there is",
            name, near);
    }
    const struct published *p = &published_all[found];
    *ret = (struct published_set){.name = p->name, .title = "", .source = "", .command = ""};
    ret->spec = join(a, p->spec);
    read_rows(a, read_head(a, join(a, p->runs), ret), ret);
    return true;
}
