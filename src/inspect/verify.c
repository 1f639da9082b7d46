#include "inspect/verify.h"
#include "folder/folder.h"
#include "inspect/element.h"
#include "run/run.h"
#include "util/csv.h"
#include "util/file.h"
#include "util/path.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void verification_init(struct verification *v)
{
    *v = (struct verification){0};
    strbuf_init(&v->text);
}

void verification_fini(struct verification *v)
{
    strbuf_fini(&v->text);
}

static void add_line(struct verification *v, bool same, const char *name, const char *fmt,
                     va_list list)
{
    char text[4096];
    vsnprintf(text, sizeof text, fmt, list);
    strbuf_addf(&v->text, "%-16s %s%s\n", name, same ? "identical: " : "", text);
    v->differences += !same;
}

PRINTF_LIKE(3, 4)
static void same(struct verification *v, const char *name, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    add_line(v, true, name, fmt, list);
    va_end(list);
}

PRINTF_LIKE(3, 4)
static void differs(struct verification *v, const char *name, const char *fmt, ...)
{
    va_list list;
    va_start(list, fmt);
    add_line(v, false, name, fmt, list);
    va_end(list);
}

/* ---- tables ---- */

static size_t rows_of(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += *text == '\n';
    return n > 0 ? n - 1 : 0; /* without the header */
}

/* The cells of one row of each table, side by side. */
struct pair {
    const char *a, *b;
    struct strbuf x, y, key, column;
    size_t row; /* 0 = the header */
};

/* The name of a column: its cell in the header. */
static void find_column(struct pair *p, const char *header, size_t column)
{
    for (size_t i = 0; csv_cell(&header, &p->column) && i < column; i++)
        continue;
}

/* "row 2 (epoch 1), column train_loss": the row by its first cell. */
static void tell_cell(struct pair *p, const char *name, const char *header, size_t column,
                      struct verification *v)
{
    struct strbuf where;
    strbuf_init(&where);
    find_column(p, header, 0);
    if (p->row == 0)
        strbuf_add(&where, "the header");
    else
        strbuf_addf(&where, "row %zu", p->row);
    if (p->row > 0 && column > 0)
        strbuf_addf(&where, " (%.20s %.20s)", p->column.text, p->key.text);
    find_column(p, header, column);
    differs(v, name, "differs first in %s, column %.40s:\n%-16s '%.40s' recorded, '%.40s' now",
            where.text, p->column.text, "", p->x.text, p->y.text);
    strbuf_fini(&where);
}

/* Moves to the end of the row; true where the cells differ, which is then told. */
static bool row_differs(struct pair *p, const char *name, const char *header,
                        struct verification *v)
{
    bool more_a = true, more_b = true;
    for (size_t column = 0; more_a && more_b; column++) {
        more_a = csv_cell(&p->a, &p->x);
        more_b = csv_cell(&p->b, &p->y);
        if (column == 0) {
            strbuf_clear(&p->key);
            strbuf_add(&p->key, p->x.text);
        }
        if (strcmp(p->x.text, p->y.text) == 0)
            continue;
        tell_cell(p, name, header, column, v);
        return true;
    }
    if (more_a == more_b)
        return false;
    differs(v, name, "row %zu has %s cells than recorded", p->row, more_a ? "fewer" : "more");
    return true;
}

static void compare_tables(const char *name, const char *one, const char *other,
                           struct verification *v)
{
    struct pair p = {.a = one, .b = other};
    bool found = false;
    strbuf_init(&p.x);
    strbuf_init(&p.y);
    strbuf_init(&p.key);
    strbuf_init(&p.column);
    for (; !found && *p.a && *p.b; p.row++)
        found = row_differs(&p, name, one, v);
    if (!found && (*p.a || *p.b))
        differs(v, name, "%zu row%s recorded, %zu now; so far they are the same", rows_of(one),
                rows_of(one) == 1 ? "" : "s", rows_of(other));
    else if (!found)
        differs(v, name, "the same cells, written differently");
    strbuf_fini(&p.x);
    strbuf_fini(&p.y);
    strbuf_fini(&p.key);
    strbuf_fini(&p.column);
}

static const char *next_line(const char *s)
{
    s += strcspn(s, "\n");
    return s + (*s == '\n');
}

/* Leaves the rows of `other` whose first cell, a number, a row of `one` has too; both ascend. */
static size_t keep_rows_of(const char *one, char *other)
{
    char *to = other;
    for (const char *line = other, *next; *line; line = next) {
        long long number = strtoll(line, NULL, 10); /* of the header 0 */
        next = next_line(line);
        while (*one && strtoll(one, NULL, 10) < number)
            one = next_line(one);
        if (!*one || strtoll(one, NULL, 10) != number)
            continue;
        memmove(to, line, (size_t)(next - line));
        to += next - line;
    }
    *to = '\0';
    return (size_t)(to - other);
}

/* Whether its rows are every `every` updates. Without a row there is no telling. */
static bool is_regular(const char *folder, int64_t every)
{
    struct arena a;
    struct run_steps x;
    struct error err;
    bool ret = false;
    arena_init(&a);
    if (run_read_steps(&a, folder, METRIC_LR, &x, &err)) {
        ret = x.n > 0;
        for (size_t i = 0; ret && i < x.n; i++)
            ret = fabs(x.step[i] - (double)every * (double)(i + 1)) < 0.5;
    }
    arena_fini(&a);
    return ret;
}

int64_t verify_log_steps(const char *recorded, int64_t every, bool *ret_changed)
{
    struct json *j;
    struct error err;
    *ret_changed = false;
    if (!folder_manifest(recorded, &j, &err))
        return every;
    bool own = js_string(js_get(js_get(j, "certificate"), FOLDER_EPOCHS)) &&
               run_check_certificate(recorded, j, FOLDER_STEPS, &err);
    js_free(j);
    if (!own)
        return every;
    if (!folder_has(recorded, FOLDER_STEPS))
        return 0;
    *ret_changed = !is_regular(recorded, every);
    return *ret_changed ? 1 : every;
}

bool verify_table(const char *recorded, const char *again, const char *name, struct verification *v,
                  struct error *err)
{
    struct arena a;
    char *one, *other;
    size_t n, m;
    arena_init(&a);
    const char *path = arena_printf(&a, "%s/%s", recorded, name),
               *new_path = arena_printf(&a, "%s/%s", again, name);
    bool ok = true, there = file_exists(path), here = file_exists(new_path);
    bool some = v->log_changed && strcmp(name, FOLDER_STEPS) == 0;
    if (there != here) {
        differs(v, name, here ? "is not in %s" : "is in %s alone", recorded);
    } else if (there && (ok = file_read(path, FOLDER_TABLE_MOST, &one, &n, err))) {
        ok = file_read(new_path, FOLDER_TABLE_MOST, &other, &m, err);
        if (ok && some)
            m = keep_rows_of(one, other);
        if (ok && n == m && memcmp(one, other, n) == 0)
            same(v, name, "%zu row%s, %zu bytes%s", rows_of(one), rows_of(one) == 1 ? "" : "s", n,
                 some ? "; log.steps changed on the way" : "");
        else if (ok)
            compare_tables(name, one, other, v);
        mem_free(one);
        if (ok)
            mem_free(other);
    }
    arena_fini(&a);
    if (!ok)
        err->code = ERR_DATA;
    return ok;
}

/* ---- tensors ---- */

static bool same_shape(const struct st_tensor *a, const struct st_tensor *b)
{
    return strcmp(a->dtype, b->dtype) == 0 && a->dims == b->dims &&
           memcmp(a->dim, b->dim, a->dims * sizeof a->dim[0]) == 0;
}

/* Floats in the order of their values, as whole numbers next to one another. */
static int64_t rank_of(const struct st_tensor *t, uint64_t i)
{
    int32_t bits;
    memcpy(&bits, (const char *)t->data + 4 * i, sizeof bits);
    return bits < 0 ? -(int64_t)(bits & INT32_MAX) : bits;
}

static uint64_t first_difference(const struct st_tensor *a, const struct st_tensor *b)
{
    uint64_t n = element_count(a), width = n > 0 ? a->bytes / n : 1, i = 0;
    while (memcmp((const char *)a->data + i * width, (const char *)b->data + i * width,
                  (size_t)width) == 0)
        i++;
    return i;
}

/* "model.1.weight[3, 17]" */
static void add_place(struct strbuf *out, const struct st_tensor *t, uint64_t i)
{
    uint64_t index[ST_MAX_DIMS];
    for (size_t d = t->dims; d-- > 0; i /= t->dim[d])
        index[d] = i % t->dim[d];
    strbuf_addf(out, "%.60s[", t->name);
    for (size_t d = 0; d < t->dims; d++)
        strbuf_addf(out, "%s%llu", d ? ", " : "", (unsigned long long)index[d]);
    strbuf_add(out, "]");
}

static void tell_first(struct verification *v, const char *name, size_t count, size_t all,
                       const struct st_tensor *a, const struct st_tensor *b)
{
    struct strbuf where;
    strbuf_init(&where);
    uint64_t i = first_difference(a, b);
    add_place(&where, a, i);
    if (element_known(a->dtype))
        strbuf_addf(&where, ":\n%-16s %.9g recorded, %.9g now", "", element_value(a, i),
                    element_value(b, i));
    if (strcmp(a->dtype, "F32") == 0) {
        int64_t apart = rank_of(a, i) - rank_of(b, i);
        strbuf_addf(&where, ", %lld ulp apart", (long long)(apart < 0 ? -apart : apart));
    }
    differs(v, name, "%zu of %zu tensors differ, first %s", count, all, where.text);
    strbuf_fini(&where);
}

/* Tensors of the one that are not in the other, or of another shape there; told. */
static bool same_tensors(const struct st_file *a, const struct st_file *b, const char *name,
                         struct verification *v)
{
    bool ok = true;
    for (size_t i = 0; i < a->n; i++) {
        const struct st_tensor *t = st_find(b, a->tensor[i].name);
        if (t && same_shape(&a->tensor[i], t))
            continue;
        ok = false;
        differs(v, name, "%.60s is %s", a->tensor[i].name,
                t ? "of another shape or type now" : "missing now");
    }
    for (size_t i = 0; i < b->n; i++)
        if (!st_find(a, b->tensor[i].name)) {
            ok = false;
            differs(v, name, "%.60s was not recorded", b->tensor[i].name);
        }
    return ok;
}

static void compare_tensors(const struct st_file *a, const struct st_file *b, const char *name,
                            struct verification *v)
{
    const struct st_tensor *first = NULL;
    size_t count = 0;
    uint64_t numbers = 0;
    if (!same_tensors(a, b, name, v))
        return;
    for (size_t i = 0; i < a->n; i++) {
        const struct st_tensor *t = &a->tensor[i], *u = st_find(b, t->name);
        bool equal = t->bytes == 0 || memcmp(t->data, u->data, t->bytes) == 0;
        first = !equal && !first ? t : first;
        count += !equal;
        numbers += element_count(t);
    }
    if (first)
        tell_first(v, name, count, a->n, first, st_find(b, first->name));
    else
        same(v, name, "%zu tensors, %llu numbers", a->n, (unsigned long long)numbers);
}

bool verify_tensors(const char *recorded, const char *again, const char *name,
                    struct verification *v, struct error *err)
{
    struct st_file a, b;
    if (!st_read(recorded, &a, err))
        return false;
    if (!st_read(again, &b, err)) {
        st_fini(&a);
        return false;
    }
    compare_tensors(&a, &b, name, v);
    st_fini(&a);
    st_fini(&b);
    return true;
}

/* ---- folders ---- */

/* What a manifest says of its weights; NULL: nothing. */
static const char *weights_of(const struct json *manifest, bool certified)
{
    return js_string(certified ? js_get(js_get(manifest, "certificate"), "weights")
                               : js_get(manifest, "weights_sha256"));
}

/* A digest that is recorded is that of the new weights. Where the weights themselves cannot be
 * compared (unkept says why, else NULL), it tells. */
static void compare_weights(const struct json *a, const struct json *b, const char *unkept,
                            struct verification *v)
{
    const char *x = weights_of(a, false), *y = weights_of(b, false);
    const char *certified = weights_of(a, true), *now = weights_of(b, true);
    bool alike = x && y && strcmp(x, y) == 0;
    if (alike && unkept)
        same(v, "weights", "by their SHA-256, as %s", unkept);
    else if (!alike && (x || (y && unkept)))
        differs(v, "weights", "SHA-256 %.12s... recorded, %.12s... now", x ? x : "none",
                y ? y : "none");
    else if (certified && (!now || strcmp(certified, now) != 0))
        differs(v, "weights", "SHA-256 %.12s... certified in run.json, %.12s... now", certified,
                now ? now : "none");
}

/* One digest after another; the first that differs is told. */
static void compare_data(const struct json *a, const struct json *b, struct verification *v)
{
    const char *const *names = folder_digest_names;
    for (size_t i = 0; i < DATA_FILES; i++) {
        const char *x = js_string(js_get(js_get(js_get(a, "dataset"), "sha256"), names[i]));
        const char *y = js_string(js_get(js_get(js_get(b, "dataset"), "sha256"), names[i]));
        if (!x || !y || strcmp(x, y) != 0) {
            differs(v, "data", "%s are other data:\n%-16s SHA-256 %.12s... recorded, %.12s... now",
                    names[i], "", x ? x : "none", y ? y : "none");
            return;
        }
    }
    same(v, "data", "training and test images and labels");
}

static bool compare_manifests(const char *recorded, const char *again, const char *unkept,
                              struct verification *v, struct error *err)
{
    struct json *a, *b;
    struct error why;
    if (!folder_manifest(recorded, &a, err))
        return false;
    bool ok = folder_manifest(again, &b, err);
    if (ok) {
        enum status x = manifest_status(a), y = manifest_status(b);
        if (x != y)
            differs(v, "status", "%s recorded, %s now", status_names[x], status_names[y]);
        if (!run_check_metrics(recorded, a, &why))
            differs(v, "metrics", "%s", why.message);
        compare_data(a, b, v);
        compare_weights(a, b, unkept, v);
        js_free(b);
    }
    js_free(a);
    return ok;
}

bool verify_folders(const char *recorded, const char *again, struct verification *v,
                    struct error *err)
{
    struct arena a;
    arena_init(&a);
    const char *path = folder_path(&a, recorded, FOLDER_LAST);
    const char *new_path = folder_path(&a, again, FOLDER_LAST);
    bool here =
        file_exists(new_path); /* not where it diverged in its first epoch, or was told to */
    const char *unkept = !here ? "the run keeps none"
                         : !file_exists(path)
                             ? arena_printf(&a, "%s is not in %s/%s", path_base(FOLDER_LAST),
                                            recorded, FOLDER_CHECKPOINTS)
                             : NULL;
    bool ok = compare_manifests(recorded, again, unkept, v, err) &&
              verify_table(recorded, again, FOLDER_EPOCHS, v, err) &&
              verify_table(recorded, again, FOLDER_STEPS, v, err) &&
              (unkept || verify_tensors(path, new_path, path_base(FOLDER_LAST), v, err));
    arena_fini(&a);
    return ok;
}
