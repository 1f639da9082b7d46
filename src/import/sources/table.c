/* A CSV: a row an image, one column its label, the others its pixels. */
#include "config/diag.h"
#include "data/data.h"
#include "data/packed.h"
#include "import/internal.h"
#include "util/csv.h"
#include "util/log.h"
#include "util/text.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct table {
    struct import_set *set;
    const char *path, *at; /* what is not read yet */
    size_t row, inner;     /* the line where the row begins, from 1; line ends within its cells */
    size_t columns, label; /* the label's, from 0 */
    char **column;         /* names, or NULL: there is no header */
    struct strbuf cell, place;
    uint8_t *pixels; /* of a row */
};

static bool is_number(const char *s)
{
    char *end;
    strtod(s, &end);
    return end != s && *end == '\0';
}

/* Spaces around a cell, and the carriage return of a row, are not meant. */
static const char *trimmed(struct strbuf *cell)
{
    while (cell->length > 0 && strchr(" \t\r", cell->text[cell->length - 1]))
        cell->text[--cell->length] = '\0';
    return cell->text + strspn(cell->text, " \t");
}

/* Lines without anything are none. */
static void skip_blank(struct table *t)
{
    const char *s = t->at;
    for (; *s == ' ' || *s == '\t' || *s == '\r' || *s == '\n'; s++)
        if (*s == '\n') {
            t->at = s + 1;
            t->row++;
        }
    if (*s == '\0')
        t->at = s;
}

enum { SHOWN = 40, SHOWN_BYTES = 256 };

/* The beginning of a cell, for a message. */
static const char *short_of(const char *text, char ret[SHOWN_BYTES])
{
    size_t n = text_bytes_within(text, SHOWN), line = strcspn(text, "\r\n");
    n = line < n ? line : n;
    n = n < SHOWN_BYTES - 4 ? n : SHOWN_BYTES - 4;
    snprintf(ret, SHOWN_BYTES, "%.*s%s", (int)n, text, text[n] ? "..." : "");
    return ret;
}

/* "column 3 (p1)" */
static const char *column_name(const struct table *t, size_t column, char ret[SHOWN_BYTES])
{
    char name[SHOWN_BYTES];
    if (t->column && column < t->columns)
        snprintf(ret, SHOWN_BYTES, "column %zu (%.200s)", column + 1,
                 short_of(t->column[column], name));
    else
        snprintf(ret, SHOWN_BYTES, "column %zu", column + 1);
    return ret;
}

static bool fail(struct table *t, size_t column, struct error *err, const char *what)
{
    char name[SHOWN_BYTES], cell[SHOWN_BYTES];
    return error_set(err, ERR_DATA, "%s:%zu: %s: '%s' %s", t->path, t->row,
                     column_name(t, column, name), short_of(t->cell.text, cell), what);
}

/* The next cell of the row; *ret_more: the row continues behind it. */
static bool next_cell(struct table *t, size_t column, bool *ret_more, struct error *err)
{
    char name[SHOWN_BYTES];
    const char *fault = csv_fault(t->at);
    if (fault)
        return error_set(err, ERR_DATA, "%s:%zu: %s: %s", t->path, t->row + t->inner,
                         column_name(t, column, name), fault);
    *ret_more = csv_cell(&t->at, &t->cell);
    t->inner += text_lines(t->cell.text);
    return true;
}

static void end_row(struct table *t)
{
    t->row += 1 + t->inner;
    t->inner = 0;
}

/* ---- the header ---- */

/* What a row has at most: an image's pixels and its label. What is made smaller may be larger. */
static size_t most_cells(const struct import_set *s)
{
    enum { SMALLER = 16 };
    return (s->options.width ? SMALLER * (size_t)DATA_LARGEST_IMAGE : DATA_LARGEST_IMAGE) + 1;
}

static bool too_many_cells(const struct table *t, struct error *err)
{
    return error_set(err, ERR_DATA,
                     "%s:%zu: more than %zu cells, and a row is an image and its label: images of "
                     "at most %d pixels are trained on%s",
                     t->path, t->row, most_cells(t->set), DATA_LARGEST_IMAGE,
                     t->set->options.width ? ""
                                           : "; --size WIDTHxHEIGHT makes larger ones smaller");
}

/* The first row's cells, in the arena. */
static bool read_first(struct table *t, char ***ret, struct error *err)
{
    struct arena *a = &t->set->arena;
    size_t room = 0;
    char **cell = NULL;
    for (bool more = true; more; t->columns++) {
        if (t->columns == most_cells(t->set))
            return too_many_cells(t, err);
        cell = arena_room(a, cell, t->columns, &room, sizeof *cell);
        if (!next_cell(t, t->columns, &more, err))
            return false;
        cell[t->columns] = arena_strdup(a, trimmed(&t->cell));
    }
    *ret = cell;
    return true;
}

static bool find_name(char *const *cell, size_t n, const char *name, size_t *ret)
{
    for (*ret = 0; *ret < n; ++*ret)
        if (strcmp(cell[*ret], name) == 0)
            return true;
    return false;
}

/* A number from 1 as an index from 0. */
static bool find_number(const char *text, size_t n, size_t *ret)
{
    char *end;
    errno = 0;
    unsigned long long k = strtoull(text, &end, 10);
    bool ok = text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && k >= 1 && k <= n;
    *ret = ok ? (size_t)k - 1 : 0;
    return ok;
}

/* What the first row is: its cells alone do not always tell. */
enum first_row { IMAGE, NAMES, EITHER };
enum { LEAST_COUNTED = 3, SURELY_COUNTED = 10, LARGEST_PIXEL = 255 };

/* Whether the cells, but for cell `label` where that is no number, count up from 0 or from 1. */
static bool counts_up(char *const *cell, size_t n, size_t label)
{
    bool skips = !is_number(cell[label]);
    double next = strtod(cell[skips && label == 0 ? 1 : 0], NULL);
    bool counts = next == 0 || next == 1;
    for (size_t i = 0; counts && i < n; i++)
        if (!skips || i != label)
            counts = strtod(cell[i], NULL) == next++;
    return counts;
}

/* Names where a cell that cannot be the label is no number. Numbers that count up are how programs
 * name columns, and could be pixels all the same as far as 255. */
static enum first_row judge(char *const *cell, size_t n, size_t label)
{
    for (size_t i = 0; i < n; i++)
        if (i != label && !is_number(cell[i]))
            return NAMES;
    if (n < LEAST_COUNTED || !counts_up(cell, n, label))
        return IMAGE;
    bool sure = strtod(cell[label == n - 1 ? n - 2 : n - 1], NULL) > LARGEST_PIXEL ||
                (n >= SURELY_COUNTED && !is_number(cell[label]));
    return sure ? NAMES : EITHER;
}

static bool ask_for_names(const struct table *t, char *const *cell, struct error *err)
{
    char first[SHOWN_BYTES], last[SHOWN_BYTES];
    return error_set(
        err, ERR_DATA,
        "%s:%zu: '%.99s' ... '%.99s': an image, or numbers in place of names, as pandas "
        "writes them? If these are names, take the row away ('sed %zud FILE > NEW'); if "
        "it is an image, put a row of names before it (label,p1,p2,...)",
        t->path, t->row, short_of(cell[0], first), short_of(cell[t->columns - 1], last), t->row);
}

/* Whether semicolons stand between the cells and a comma within a number of a row to come. */
static bool has_decimal_commas(const struct table *t, const char *row)
{
    if (!strchr(row, ';'))
        return false;
    const char *s = strchr(t->at, ',');
    while (s && !(s > t->at && isdigit((unsigned char)s[-1]) && isdigit((unsigned char)s[1])))
        s = strchr(s + 1, ',');
    return s != NULL;
}

/* A comment, or one column: this is no table. */
static bool check_cells(const struct table *t, char *const *cell, struct error *err)
{
    if (t->columns >= 2)
        return true;
    if (cell[0][0] == '#')
        return error_set(err, ERR_DATA,
                         "%s:%zu: a comment, where the names or the first image should be: take "
                         "the line away ('sed %zud FILE > NEW')",
                         t->path, t->row, t->row);
    return error_set(err, ERR_DATA,
                     "%s:%zu: one column only: the cells of a CSV have commas between them; pandas "
                     "makes some: read_csv(FILE, sep=None, engine='python'%s).to_csv(NEW, "
                     "index=False)",
                     t->path, t->row, has_decimal_commas(t, cell[0]) ? ", decimal=','" : "");
}

static bool no_such_label(const struct table *t, const char *asked, struct error *err)
{
    const char *near =
        t->column ? suggest(asked, (const char *const *)t->column, t->columns) : NULL;
    if (near)
        return error_set(err, ERR_USAGE,
                         "--label %s: %s has no column of that name; did you mean '--label %s'?",
                         asked, t->path, text_word(near));
    return error_set(err, ERR_USAGE, "--label %s: %s has %s; its columns have the numbers 1 to %zu",
                     asked, t->path,
                     !t->column         ? "no row of names"
                     : is_number(asked) ? "no column of that number or name"
                                        : "no column of that name",
                     t->columns);
}

/* The label's name is that of one column. */
static bool check_alone(const struct table *t, char *const *cell, struct error *err)
{
    char name[SHOWN_BYTES];
    size_t next, first = t->label + 1;
    if (!find_name(cell + first, t->columns - first, cell[t->label], &next))
        return true;
    return error_set(err, ERR_DATA,
                     "%s:%zu: columns %zu and %zu are both named '%s'; '--label %zu' takes the "
                     "labels from the second, and the other as a pixel: better take it away",
                     t->path, t->row, first, first + next + 1, short_of(cell[t->label], name),
                     first + next + 1);
}

static bool check_header(const struct table *t, struct error *err)
{
    return t->column[0][0] != '\0' ||
           error_set(err, ERR_DATA,
                     "%s:%zu: the first column has no name: an index of the rows? Write the table "
                     "without it (pandas: to_csv(..., index=False))",
                     t->path, t->row);
}

static bool find_label(struct table *t, struct error *err)
{
    const char *asked = t->set->options.label, *start = t->at;
    char **cell = NULL;
    if (!read_first(t, &cell, err) || !check_cells(t, cell, err))
        return false;
    size_t name;
    bool numbered = asked && find_number(asked, t->columns, &t->label);
    bool named = find_name(cell, t->columns, asked ? asked : "label", &name);
    if (named && asked && is_number(asked)) /* of a row without names, it is just a number */
        named = judge(cell, t->columns, numbered ? t->label : name) == NAMES;
    if (named)
        t->label = name;
    else if (!numbered)
        t->label = 0;
    enum first_row row = named ? NAMES : judge(cell, t->columns, t->label);
    if (row == EITHER)
        return ask_for_names(t, cell, err);
    if (row == NAMES)
        t->column = cell;
    if (asked && !named && !numbered)
        return no_such_label(t, asked, err);
    if (t->column && !check_header(t, err))
        return false;
    if (named && !check_alone(t, cell, err))
        return false;
    if (t->column) {
        end_row(t);
    } else {
        t->at = start;
        t->inner = 0;
    }
    return true;
}

/* Numbers of the rows and labels are often left in a table, and read as pixels. */
static void warn_of_names(const struct table *t)
{
    static const char *const odd[] = {"id",    "idx",   "index",  "unnamed: 0",
                                      "label", "class", "target", NULL};
    char name[SHOWN_BYTES];
    for (size_t i = 0; t->column && i < t->columns; i++)
        for (size_t k = 0; i != t->label && odd[k]; k++)
            if (strcasecmp(t->column[i], odd[k]) == 0)
                log_warn("%s: %s is taken as a pixel, as all columns but the label's; where it is "
                         "none, write the table without it (pandas: drop(columns='%s'))",
                         t->path, column_name(t, i, name), t->column[i]);
}

/* ---- labels ---- */

/* What programs write where there is no value. */
static bool is_missing(const char *text)
{
    static const char *const word[] = {"", "nan", "-nan", "na", "n/a", "null", "none"};
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++)
        if (strcasecmp(text, word[i]) == 0)
            return true;
    return false;
}

static bool find_class(struct table *t, const char *label, unsigned *ret, struct error *err)
{
    struct import_set *s = t->set;
    for (*ret = 0; *ret < s->classes; ++*ret)
        if (strcmp(s->name[*ret], label) == 0)
            return true;
    if (is_missing(label))
        return fail(
            t, t->label, err,
            "is no label: a value is missing; leave the row out (pandas: dropna()), or give "
            "the class another name");
    if (strlen(label) > 200 || strpbrk(label, "\r\n"))
        return fail(t, t->label, err, "is no label: one line, of 1 to 200 characters");
    if (s->classes == IMPORT_CLASSES_MAX)
        return fail(t, t->label, err,
                    "is the 257th class, and labels are bytes; --label says which column they are");
    s->name[s->classes++] = arena_strdup(&s->arena, label);
    return true;
}

/* 0 ... 255, else -1. */
static int byte_of(const char *s)
{
    char *end;
    double v = strtod(s, &end);
    return end != s && *end == '\0' && v >= 0 && v <= 255 && floor(v) == v ? (int)v : -1;
}

/* Of equal values the shortest text first. */
static int by_value(const void *a, const void *b)
{
    const char *const *p = a, *const *q = b;
    double x = strtod(*p, NULL), y = strtod(*q, NULL);
    size_t n = strlen(*p), m = strlen(*q);
    if (x < y || x > y)
        return x < y ? -1 : 1;
    return n != m ? (n < m ? -1 : 1) : strcmp(*p, *q);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Doubles tell all whole numbers apart below 2^53. */
static bool is_same_number(const char *a, const char *b)
{
    static const double exact = 9007199254740992.0;
    double x = strtod(a, NULL);
    return x == strtod(b, NULL) && fabs(x) < exact;
}

/* Sorts the names by their values, and leaves each value once. */
static void sort_numbers(struct import_set *s)
{
    size_t kept = 0;
    qsort(s->name, s->classes, sizeof *s->name, by_value);
    for (size_t i = 0; i < s->classes; i++)
        if (kept == 0 || !is_same_number(s->name[kept - 1], s->name[i]))
            s->name[kept++] = s->name[i];
    s->classes = kept;
}

/* The class that a label has become. */
static uint8_t class_of(const struct import_set *s, const char *label, bool numbers)
{
    size_t k = 0;
    while (k + 1 < s->classes && strcmp(s->name[k], label) != 0 &&
           !(numbers && is_same_number(s->name[k], label)))
        k++;
    return (uint8_t)k;
}

/* Bytes stay what they are; others are counted in the order of their values, texts in that of their
 * letters. Until here a label is the number of its text's first appearance. */
static void settle_classes(struct import_set *s)
{
    const char *met[IMPORT_CLASSES_MAX];
    uint8_t now[IMPORT_CLASSES_MAX] = {0};
    size_t n = s->classes, most = 0;
    bool bytes = true, numbers = true;
    memcpy(met, s->name, sizeof met);
    for (size_t k = 0; k < n; k++) {
        int v = byte_of(met[k]);
        bytes &= v >= 0;
        numbers &= is_number(met[k]);
        most = v > (int)most ? (size_t)v : most;
        now[k] = (uint8_t)v;
    }
    if (bytes)
        import_number_classes(s, most + 1);
    else if (numbers)
        sort_numbers(s);
    else
        qsort(s->name, n, sizeof *s->name, by_text);
    for (size_t k = 0; !bytes && k < n; k++)
        now[k] = class_of(s, met[k], numbers);
    struct import_part *p = &s->part[IMPORT_TRAIN];
    for (size_t i = 0; i < p->n; i++)
        p->labels[i] = now[p->labels[i]];
}

/* ---- rows ---- */

static const char *why_no_pixel(const char *text)
{
    if (is_missing(text) || strcmp(text, "?") == 0 || strcmp(text, "-") == 0)
        return "is no pixel: a value is missing; fill it, or leave the row out (pandas: dropna())";
    char *end;
    double v = strtod(text, &end);
    if (end > text && *end == '\0' && v > 0 && v < 1)
        return "is no pixel, a whole number from 0 to 255; values from 0 to 1 are to be "
               "multiplied by 255 and rounded first; --label says which column is the label";
    return "is no pixel, a whole number from 0 to 255; --label says which column is the label";
}

static bool read_row(struct table *t, unsigned *ret_class, struct error *err)
{
    size_t column = 0, pixel = 0;
    for (bool more = true; more; column++) {
        if (!next_cell(t, column, &more, err))
            return false;
        const char *text = trimmed(&t->cell);
        if (column >= t->columns)
            continue;
        int v = column == t->label ? 0 : byte_of(text);
        if (v < 0)
            return fail(t, column, err, why_no_pixel(text));
        if (column == t->label && !find_class(t, text, ret_class, err))
            return false;
        if (column != t->label)
            t->pixels[pixel++] = (uint8_t)v;
    }
    return column == t->columns ||
           error_set(err, ERR_DATA, "%s:%zu: %zu cells; the first row has %zu", t->path, t->row,
                     column, t->columns);
}

static bool read_rows(struct table *t, struct error *err)
{
    struct image_shape shape;
    if (!import_shape_of_row(t->set, t->path, t->columns - 1, &shape, err))
        return false;
    warn_of_names(t);
    t->pixels = mem_new(t->columns);
    t->set->label = t->column ? arena_printf(&t->set->arena, "column %zu of %zu, '%s'",
                                             t->label + 1, t->columns, t->column[t->label])
                              : arena_printf(&t->set->arena, "column %zu of %zu; no row of names",
                                             t->label + 1, t->columns);
    for (skip_blank(t); *t->at; end_row(t), skip_blank(t)) {
        unsigned class = 0;
        if (!read_row(t, &class, err))
            return false;
        strbuf_clear(&t->place);
        strbuf_addf(&t->place, "%s:%zu", t->path, t->row);
        const struct import_image x = {t->place.text, shape, t->pixels};
        if (!import_add(t->set, IMPORT_TRAIN, &x, class, err))
            return false;
    }
    settle_classes(t->set);
    return true;
}

static bool read_text(struct import_set *s, const char *path, const char *text, struct error *err)
{
    static const char bom[] = "\357\273\277";
    struct table t = {.set = s, .path = path, .at = text, .row = 1};
    if (strncmp(t.at, bom, 3) == 0)
        t.at += 3;
    strbuf_init(&t.cell);
    strbuf_init(&t.place);
    skip_blank(&t);
    bool ok = find_label(&t, err) && read_rows(&t, err);
    strbuf_fini(&t.cell);
    strbuf_fini(&t.place);
    mem_free(t.pixels);
    return ok;
}

static bool read_table(struct import_set *s, const char *path, struct error *err)
{
    uint8_t *bytes;
    size_t n;
    if (!packed_read_all(path, s->most, &bytes, &n, err))
        return false;
    const uint8_t *nul = memchr(bytes, '\0', n);
    bool ok = !nul || error_set(err, ERR_DATA, "%s: byte %zu is zero: this is no text", path,
                                (size_t)(nul - bytes));
    if (ok && memchr(bytes, '\r', n) && !memchr(bytes, '\n', n))
        ok = error_set(err, ERR_DATA,
                       "%s: its lines end with a carriage return alone: \"tr '\\r' '\\n' < FILE > "
                       "NEW\" makes lines of them",
                       path);
    ok = ok && read_text(s, path, (const char *)bytes, err);
    mem_free(bytes);
    return ok;
}

/* Text. */
static bool is_table(const uint8_t *head, size_t n)
{
    bool comma = false;
    for (size_t i = 0; i < n; i++) {
        if (head[i] < ' ' && head[i] != '\t' && head[i] != '\r' && head[i] != '\n')
            return false;
        comma |= head[i] == ',' || head[i] == '\n';
    }
    return comma;
}

const struct import_source import_table = {
    .name = "a CSV",
    .is = is_table,
    .read = read_table,
    .has_label = true,
};
