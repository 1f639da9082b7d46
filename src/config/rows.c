#include "config/rows.h"
#include <assert.h>
#include <string.h>

const struct param *rows_find(const struct rows *rows, const char *name)
{
    for (size_t i = 0; i < rows->n; i++)
        if (strcmp(rows->v[i]->name, name) == 0)
            return rows->v[i];
    return NULL;
}

void rows_add(struct rows *rows, const struct param *table)
{
    for (; table && table->name; table++)
        if (!rows_find(rows, table->name)) {
            assert(rows->n < MAX_ROWS); /* our own tables, not a spec's */
            rows->v[rows->n++] = table;
        }
}

struct rows rows_of(const struct registry *r, const struct kind *k)
{
    struct rows rows = {.registry = r, .kind = k};
    assert(k);
    rows_add(&rows, k->params);
    rows_add(&rows, r->common);
    return rows;
}

const struct param *kind_param(const struct registry *r, const struct kind *k, const char *name)
{
    struct rows rows = rows_of(r, k);
    return rows_find(&rows, name);
}

const struct param *kind_param_of_role(const struct registry *r, const struct kind *k,
                                       enum param_role role)
{
    struct rows rows = rows_of(r, k);
    for (size_t i = 0; i < rows.n; i++)
        if (rows.v[i]->role == role)
            return rows.v[i];
    return NULL;
}

bool param_in(const struct param *table, const char *key)
{
    for (; table && table->name; table++)
        if (strcmp(table->name, key) == 0)
            return true;
    return false;
}
