/* In which keys two resolved specs differ, and which of these change a result. */
#include "spec/spec.h"
#include "util/text.h"
#include <string.h>

struct flat {
    size_t n, capacity;
    struct {
        const char *key, *value;
    } * row;
};

static void add_row(void *context, const char *key, const struct node *n)
{
    struct flat *f = context;
    f->row = mem_room(f->row, f->n, &f->capacity, sizeof *f->row);
    f->row[f->n].key = key;
    f->row[f->n++].value = n->kind == NODE_SCALAR ? n->text : n->kind == NODE_MAP ? "{}" : "[]";
}

static struct flat flat_of(struct arena *a, const char *text)
{
    struct flat f = {0};
    struct diags d;
    diags_init(&d, a);
    struct source *source = arena_alloc(a, sizeof *source);
    *source = (struct source){.path = "spec", .text = text, .length = strlen(text)};
    const struct node *root = node_parse(a, source, &d);
    if (root)
        node_each_leaf(a, root, false, add_row, &f);
    return f;
}

/* `optimizer: adam` and `optimizer: {name: adam}` are one. */
static size_t length_without_name(const char *key)
{
    size_t n = strlen(key);
    return n > 5 && strcmp(key + n - 5, ".name") == 0 ? n - 5 : n;
}

static const char *flat_get(const struct flat *f, const char *key)
{
    size_t n = length_without_name(key);
    for (size_t i = 0; i < f->n; i++)
        if (length_without_name(f->row[i].key) == n && strncmp(f->row[i].key, key, n) == 0)
            return f->row[i].value;
    return NULL;
}

void spec_differences(struct arena *a, const char *one, const char *other,
                      void (*f)(void *context, const char *key, const char *one, const char *other),
                      void *context)
{
    struct flat x = flat_of(a, one), y = flat_of(a, other);
    for (size_t i = 0; i < x.n; i++) {
        const char *theirs = flat_get(&y, x.row[i].key);
        if (!theirs || strcmp(theirs, x.row[i].value) != 0)
            f(context, x.row[i].key, x.row[i].value, theirs);
    }
    for (size_t i = 0; i < y.n; i++)
        if (!flat_get(&x, y.row[i].key))
            f(context, y.row[i].key, NULL, y.row[i].value);
    mem_free(x.row);
    mem_free(y.row);
}

void spec_add_difference(struct arena *a, const char *key, const char *one, const char *other,
                         struct strbuf *out)
{
    strbuf_addf(out, "\n  %s: %s there, %s now", key, one ? text_one_line(a, one) : "absent",
                other ? text_one_line(a, other) : "absent");
}

/* Whether the key is one of these or lies in one of them. */
static bool is_in(const char *key, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t length = strlen(list[i]);
        if (strncmp(key, list[i], length) == 0 && (key[length] == '\0' || key[length] == '.'))
            return true;
    }
    return false;
}

bool spec_keeps_result(const char *key)
{
    static const char *const keeps[] = {"name",        "description", "threads",
                                        "dataset.dir", "log",         "plots",
                                        "checkpoint",  "expect",      "evaluate.batch_size"};
    return is_in(key, keeps, sizeof keeps / sizeof keeps[0]);
}

bool spec_splits_data(const char *key)
{
    return strcmp(key, "dataset.split_seed") == 0 || strcmp(key, "dataset.fold") == 0;
}

bool spec_may_change(const char *key)
{
    return spec_keeps_result(key) || strcmp(key, "train.epochs") == 0 ||
           strcmp(key, "train.steps") == 0;
}
